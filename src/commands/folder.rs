//! Where a tenant's files are: a snapshot alone, a folder with all that belongs to a tenant, standard input, the tenant
//! that comes with the program. Comes in: paths. Goes out: its snapshot, configuration, answers, or where they are.
//! Not here: putting them together (`inputs`), parsing (each room does its own).

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use miette::miette;

use crate::config::Config;
use crate::run::Result;
use crate::snapshot::document::Text;
use crate::snapshot::record::Manifest;
use crate::snapshot::{Snapshot, Wanted};

use super::configuration;
use super::inputs::bytes;
use super::places::{ANSWERS, Places, SNAPSHOTS};

/// The tenant of `--demo`.
static DEMO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/tenants/contoso");

/// Where a tenant's files are.
pub(super) enum Folder {
    Demo,
    Stdin,
    /// A snapshot alone.
    Snapshot(PathBuf),
    /// A folder with a snapshot in it, and that snapshot.
    Tenant(PathBuf, PathBuf),
    /// No snapshot; perhaps a folder with the tenant's other files.
    Bare(Option<PathBuf>),
}

impl Folder {
    pub fn of(places: &Places<'_>) -> Result<Self> {
        match places.snapshot {
            folder if places.no_snapshot => Ok(Self::Bare(folder.map(Path::to_owned))),
            Some(path) if path == Path::new("-") => Ok(Self::Stdin),
            Some(path) if !places.demo => Self::at(path),
            Some(_) | None => Ok(Self::Demo),
        }
    }

    fn at(path: &Path) -> Result<Self> {
        if !path.is_dir() || path.join("manifest.json").exists() {
            return Ok(Self::Snapshot(path.to_owned()));
        }
        for name in SNAPSHOTS {
            let inside = path.join(name);
            if inside.exists() {
                return Ok(Self::Tenant(path.to_owned(), inside));
            }
        }
        Err(miette!(
            code = "levelmark::snapshot::absent",
            help = "name a snapshot file, a directory with manifest.json, or a folder with snapshot/ or snapshot.json in it; \
                    `levelmark import` makes one",
            "{} holds no snapshot",
            path.display()
        ))
    }

    pub fn is_demo(&self) -> bool {
        match self {
            Self::Demo => true,
            Self::Stdin | Self::Snapshot(_) | Self::Tenant(..) | Self::Bare(_) => false,
        }
    }

    pub fn snapshot(&self, wanted: Wanted<'_>) -> Result<Snapshot> {
        match self {
            Self::Demo => demo(),
            Self::Stdin => {
                let mut bytes = Vec::new();
                std::io::stdin().lock().read_to_end(&mut bytes).map_err(miette::Report::from_err)?;
                Ok(Snapshot::from_text(Text::from_bytes("<stdin>", bytes)?, wanted)?)
            }
            Self::Snapshot(path) | Self::Tenant(_, path) => Ok(Snapshot::open(path, wanted)?),
            Self::Bare(_) => Err(miette!("there is no snapshot")),
        }
    }

    /// The tenant folder, if it is one on disk.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Tenant(folder, _) | Self::Bare(Some(folder)) => Some(folder),
            Self::Demo | Self::Stdin | Self::Snapshot(_) | Self::Bare(None) => None,
        }
    }

    /// Where the configuration is: named, or in the tenant folder, or the nearest one upward from here.
    pub fn config_at(&self, places: &Places<'_>) -> Result<Option<PathBuf>> {
        self.config_file(places.config, places.sealed)
    }

    fn config_file(&self, named: Option<&Path>, sealed: bool) -> Result<Option<PathBuf>> {
        if let Some(path) = named {
            return Ok(Some(path.to_owned()));
        }
        if sealed || self.is_demo() {
            return Ok(None);
        }
        match self.folder().map(|folder| folder.join(configuration::NAME)).filter(|path| path.exists()) {
            Some(path) => Ok(Some(path)),
            None => configuration::nearest(),
        }
    }

    /// The configuration; that of the built-in tenant is not on disk.
    pub fn config(&self, places: &Places<'_>) -> Result<Config> {
        if let Some(path) = self.config_at(places)? {
            return configuration::read(&path);
        }
        let built_in = if self.is_demo() { self.file(configuration::NAME)? } else { None };
        match built_in {
            Some((name, bytes)) => Ok(Config::read(&name, &bytes)?),
            None => Ok(Config::default()),
        }
    }

    /// Where the answers are or would be: named, or by the configuration, or in the tenant folder.
    pub fn answers_at(&self, places: &Places<'_>, config: &Config) -> Option<PathBuf> {
        let beside = config.source.as_ref().and_then(|source| Path::new(&source.name).parent());
        let configured = config.answers.as_ref().filter(|_| !self.is_demo());
        let configured =
            configured.map(|path| beside.map_or_else(|| path.clone(), |folder| folder.join(path)));
        let own = || self.folder().map(|folder| folder.join(ANSWERS));
        if places.sealed {
            return places.answers.map(Path::to_owned);
        }
        places.answers.map(Path::to_owned).or(configured).or_else(own)
    }

    /// Name and bytes of the answers. What somebody named has to be there.
    pub fn answers(&self, places: &Places<'_>, at: Option<&Path>) -> Result<Option<(String, Vec<u8>)>> {
        let Some(path) = at else { return self.file(ANSWERS) };
        if !self.expected(places, path) {
            return Ok(None);
        }
        Ok(Some((path.display().to_string(), bytes(path)?)))
    }

    /// Whether the answers are there, or have to be.
    pub fn expected(&self, places: &Places<'_>, path: &Path) -> bool {
        let own = self.folder().is_some_and(|folder| folder.join(ANSWERS) == path);
        !(places.fresh || own) || path.exists()
    }

    /// A file beside the snapshot of a tenant folder: name to show and bytes.
    fn file(&self, name: &str) -> Result<Option<(String, Vec<u8>)>> {
        match self {
            Self::Demo => {
                Ok(DEMO.get_file(name).map(|file| (format!("<demo>/{name}"), file.contents().to_vec())))
            }
            Self::Tenant(folder, _) | Self::Bare(Some(folder)) => {
                let path = folder.join(name);
                if path.exists() { Ok(Some((path.display().to_string(), bytes(&path)?))) } else { Ok(None) }
            }
            Self::Stdin | Self::Snapshot(_) | Self::Bare(None) => Ok(None),
        }
    }
}

/// Whether it is a tenant folder with a configuration of its own.
#[must_use]
pub fn has_configuration(path: &Path) -> bool {
    let folder = Folder::at(path).ok();
    folder
        .and_then(|folder| folder.folder().map(|path| path.join(configuration::NAME).exists()))
        .unwrap_or(false)
}

/// Where the files of a tenant are.
#[derive(Debug)]
pub struct Located {
    /// The snapshot, `-` for standard input; None without one.
    pub snapshot: Option<PathBuf>,
    /// The tenant folder.
    pub folder: Option<PathBuf>,
    /// The configuration.
    pub config: Option<PathBuf>,
    /// The answers.
    pub answers: Option<PathBuf>,
}

/// Where `check` would read a tenant's files from; None of the one that comes with the program.
///
/// # Errors
/// No snapshot there, a configuration that can't be read.
pub fn located(places: &Places<'_>) -> Result<Option<Located>> {
    let folder = Folder::of(places)?;
    let snapshot = match &folder {
        Folder::Demo => return Ok(None),
        Folder::Stdin => Some(PathBuf::from("-")),
        Folder::Snapshot(path) | Folder::Tenant(_, path) => Some(path.clone()),
        Folder::Bare(_) => None,
    };
    let answers = folder.answers_at(places, &folder.config(places)?);
    Ok(Some(Located {
        snapshot,
        folder: folder.folder().map(Path::to_owned),
        config: folder.config_at(places)?,
        answers: answers.filter(|path| folder.expected(places, path)),
    }))
}

/// The built-in tenant, read like a directory.
fn demo() -> Result<Snapshot> {
    let file = |name: &str| {
        DEMO.get_file(format!("snapshot/{name}")).ok_or_else(|| miette!("the built-in tenant lacks {name}"))
    };
    let manifest =
        serde_json::from_slice(file("manifest.json")?.contents()).map_err(miette::Report::from_err)?;
    let manifest: crate::snapshot::record::Manifest = manifest;
    let mut found = BTreeMap::new();
    for (id, record) in manifest.sections {
        let data = match DEMO.get_file(format!("snapshot/{id}.json")) {
            Some(file) => serde_json::from_slice(file.contents()).map_err(miette::Report::from_err)?,
            None => serde_json::Value::Null,
        };
        found.insert(id, (crate::snapshot::record::SectionRecord { sha256: None, ..record }, data));
    }
    Ok(Snapshot::from_sections(manifest.tenant, manifest.taken.at, found)?)
}
/// The snapshot at a path: itself, or the one inside a tenant folder.
///
/// # Errors
/// A directory without one.
pub fn snapshot_in(path: &Path) -> Result<PathBuf> {
    match Folder::at(path)? {
        Folder::Snapshot(path) | Folder::Tenant(_, path) => Ok(path),
        Folder::Demo | Folder::Stdin | Folder::Bare(_) => Ok(path.to_owned()),
    }
}

/// What the snapshot at this very path says of itself; no section of it is read.
///
/// # Errors
/// It is none, or an invalid one.
pub fn manifest(path: &Path) -> Result<Manifest> {
    Ok(Snapshot::open(path, Wanted::These(&BTreeSet::new()))?.manifest)
}

/// The tenant folder at a path, if it is one.
///
/// # Errors
/// A directory without a snapshot.
pub fn folder_at(path: &Path) -> Result<Option<PathBuf>> {
    if path == Path::new("-") { Ok(None) } else { Ok(Folder::at(path)?.folder().map(Path::to_owned)) }
}

/// A snapshot: a file, a directory, the one inside a tenant folder, or standard input.
///
/// # Errors
/// None there, or an invalid one.
pub fn snapshot(path: &Path, wanted: Wanted<'_>) -> Result<Snapshot> {
    if path == Path::new("-") { Folder::Stdin.snapshot(wanted) } else { Folder::at(path)?.snapshot(wanted) }
}

/// The configuration that goes with a snapshot: the named one, that of its tenant folder, or the nearest upward.
///
/// # Errors
/// It can't be read, or has mistakes.
pub fn config_of(snapshot: &Path, named: Option<&Path>) -> Result<Config> {
    let folder = if snapshot == Path::new("-") { Folder::Stdin } else { Folder::at(snapshot)? };
    match folder.config_file(named, false)? {
        Some(path) => configuration::read(&path),
        None => Ok(Config::default()),
    }
}
