//! What commands read: policies, snapshots, tenant folders, configuration, answers, baselines.
//! Comes in: arguments. Goes out: values of the rooms. Not here: parsing (each room does its own).

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use miette::miette;

use crate::cli::Policies;
use crate::config::{self, Answer, Attestations, Config, Given};
use crate::policy::compiled::PolicySet;
use crate::policy::load::LoadOptions;
use crate::report::build::FORMAT;
use crate::report::model::Report;
use crate::run::Result;
use crate::sections;
use crate::snapshot::document::Text;
use crate::snapshot::record::{Cloud, Tenant as Identity};
use crate::snapshot::{Form, Snapshot, Wanted};
use crate::yaml::suggest;

use super::configuration;
use super::places::{ANSWERS, Places, SNAPSHOTS};

/// The tenant of `--demo`.
static DEMO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/tenants/contoso");
/// Largest configuration or baseline.
const MOST: u64 = 256 << 20;

/// Everything that belongs to a tenant.
#[derive(Debug)]
pub struct Tenant {
    /// Its evidence.
    pub snapshot: Snapshot,
    /// Targets and waivers.
    pub config: Config,
    /// Parameters of the file and of the command line.
    pub given: BTreeMap<String, Given>,
    /// Human answers.
    pub answers: Vec<Answer>,
    /// Where they are, or would be.
    pub answers_at: Option<PathBuf>,
    /// Things to know.
    pub notes: Vec<String>,
}

/// Which policies to load.
pub fn load_options(args: &Policies) -> LoadOptions<'_> {
    LoadOptions {
        no_builtin: args.no_builtin,
        directories: &args.dirs,
        allow_override: &args.allow_override,
        builtin: None,
    }
}

/// The ids of `--policy`, checked; None where there are none.
///
/// # Errors
/// A policy that does not exist.
pub fn only(set: &PolicySet, ids: &[String]) -> Result<Option<Vec<String>>> {
    for id in ids {
        known(set, id)?;
    }
    Ok((!ids.is_empty()).then(|| ids.to_vec()))
}

/// Refuses a policy id that does not exist.
///
/// # Errors
/// With the nearest id that does.
pub fn known(set: &PolicySet, id: &str) -> Result<()> {
    let ids = || set.policies.iter().map(|policy| policy.id.as_str());
    if ids().any(|known| known == id) {
        return Ok(());
    }
    let help =
        suggest::help(id, ids()).unwrap_or_else(|| "`levelmark policy list` names them all".to_owned());
    Err(miette!(
        code = "levelmark::policy::unknown",
        help = help,
        "there is no policy `{}`",
        suggest::shown(id)
    ))
}

/// The form of a new snapshot, by its name.
pub fn form_of(path: &Path) -> Form {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
        Form::File
    } else {
        Form::Directory
    }
}

/// The sections that the policies read, or these of them; those behind derived ones included.
pub fn wanted(set: &PolicySet, only: Option<&[String]>) -> BTreeSet<String> {
    let policies = set.policies.iter().filter(|policy| only.is_none_or(|ids| ids.contains(&policy.id)));
    let read = policies.flat_map(|policy| &policy.checks).flat_map(|check| check.reads.sections.keys());
    let mut wanted: BTreeSet<String> = read.cloned().collect();
    let derived: Vec<&str> = wanted
        .iter()
        .filter_map(|id| sections::find(id))
        .flat_map(|section| section.inputs.iter().copied())
        .collect();
    let derived: Vec<String> = derived.into_iter().map(str::to_owned).collect();
    wanted.extend(derived);
    // Whether the authors of answers are still there.
    wanted.insert("users.accounts".to_owned());
    wanted
}

/// Snapshot, configuration and answers, from where the arguments point.
///
/// # Errors
/// Whatever can't be read or is invalid.
pub fn tenant(places: &Places<'_>, set: &PolicySet) -> Result<Tenant> {
    tenant_with(places, set, None)
}

/// The same; of a snapshot that was read already, with all that the policies read.
///
/// # Errors
/// Whatever can't be read or is invalid.
pub fn tenant_with(places: &Places<'_>, set: &PolicySet, snapshot: Option<Snapshot>) -> Result<Tenant> {
    let folder = Folder::of(places)?;
    let config = folder.config(places)?;
    let config = with_targets(config, places.targets)?;
    config.targets_known(&set.model)?;
    let answers_at = folder.answers_at(places, &config);
    let file = folder.answers(places, answers_at.as_deref())?;
    let file = file.map(|(name, bytes)| Attestations::read(&name, &bytes)).transpose()?;
    let snapshot = match (snapshot, &folder) {
        (Some(snapshot), _) => snapshot,
        (None, Folder::Bare(_)) => nothing_seen(places, file.as_ref())?,
        (None, Folder::Demo | Folder::Stdin | Folder::Snapshot(_) | Folder::Tenant(..)) => {
            folder.snapshot(Wanted::These(&wanted(set, None)))?
        }
    };
    asked_about(places, &snapshot)?;
    let answers = file.map(|file| of_this_tenant(file, &snapshot)).transpose()?.unwrap_or_default();
    let mut given = config.params.clone();
    for flag in places.params {
        let (name, value) = config::from_flag(set, flag)?;
        given.insert(name, value);
    }
    let mut notes = Vec::new();
    if folder.is_demo() {
        notes.push("this is the made-up tenant that comes with the program".to_owned());
    }
    if places.no_snapshot {
        notes.push("no snapshot was looked at: this rests on answers alone".to_owned());
    }
    Ok(Tenant { snapshot, config, given, answers, answers_at, notes })
}

/// A snapshot of which no section was asked.
fn nothing_seen(places: &Places<'_>, answers: Option<&Attestations>) -> Result<Snapshot> {
    let id = places.tenant.or_else(|| answers.map(|file| file.tenant.as_str()));
    let Some(id) = id.filter(|id| sections::normal::is_guid(id)) else {
        return Err(miette!(
            code = "levelmark::snapshot::tenant",
            help = "give its directory id with --tenant ID, or its answers with --answers FILE",
            "without a snapshot it is not known which tenant this is about"
        ));
    };
    let tenant = Identity {
        id: id.to_ascii_lowercase(),
        display_name: None,
        default_domain: None,
        cloud: Cloud::default(),
    };
    Ok(Snapshot::from_sections(tenant, places.today, BTreeMap::new())?)
}

/// Whether the snapshot is of the tenant that the command line names.
fn asked_about(places: &Places<'_>, snapshot: &Snapshot) -> Result<()> {
    let ours = &snapshot.manifest.tenant.id;
    match places.tenant {
        Some(asked) if !asked.eq_ignore_ascii_case(ours) => Err(miette!(
            code = "levelmark::snapshot::tenant",
            help = "leave --tenant out, or name the snapshot of that tenant",
            "the snapshot is of tenant {ours}, asked is about {}",
            suggest::shown(asked)
        )),
        Some(_) | None => Ok(()),
    }
}

/// Answers about another tenant prove nothing here.
fn of_this_tenant(file: Attestations, snapshot: &Snapshot) -> Result<Vec<Answer>> {
    let ours = &snapshot.manifest.tenant.id;
    if file.tenant.eq_ignore_ascii_case(ours) {
        return Ok(file.answers);
    }
    Err(miette!(
        code = "levelmark::config::tenant",
        help = "give the answers of this tenant with --answers, or correct `tenant` in the file",
        "the answers in {} are about tenant {}, the snapshot is of {ours}",
        file.source.name,
        file.tenant
    ))
}

fn with_targets(mut config: Config, flags: &[String]) -> Result<Config> {
    for flag in flags {
        let parsed = flag.split_once('=').and_then(|(id, level)| Some((id, level.parse().ok()?)));
        let Some((id, level)) = parsed else {
            return Err(miette!(
                code = "levelmark::config::target",
                help = "write --target COMPETENCY=LEVEL, e.g. --target infrastructure=300",
                "`{}` is not a target",
                suggest::shown(flag)
            ));
        };
        config.targets.insert(id.to_owned(), config::Target { level, by: None });
    }
    Ok(config)
}

/// Where a tenant's files are.
enum Folder {
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
    fn of(places: &Places<'_>) -> Result<Self> {
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

    fn is_demo(&self) -> bool {
        match self {
            Self::Demo => true,
            Self::Stdin | Self::Snapshot(_) | Self::Tenant(..) | Self::Bare(_) => false,
        }
    }

    fn snapshot(&self, wanted: Wanted<'_>) -> Result<Snapshot> {
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
    fn folder(&self) -> Option<&Path> {
        match self {
            Self::Tenant(folder, _) | Self::Bare(Some(folder)) => Some(folder),
            Self::Demo | Self::Stdin | Self::Snapshot(_) | Self::Bare(None) => None,
        }
    }

    /// Where the configuration is: named, or in the tenant folder, or the nearest one upward from here.
    fn config_at(&self, places: &Places<'_>) -> Result<Option<PathBuf>> {
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
    fn config(&self, places: &Places<'_>) -> Result<Config> {
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
    fn answers_at(&self, places: &Places<'_>, config: &Config) -> Option<PathBuf> {
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
    fn answers(&self, places: &Places<'_>, at: Option<&Path>) -> Result<Option<(String, Vec<u8>)>> {
        let Some(path) = at else { return self.file(ANSWERS) };
        if !self.expected(places, path) {
            return Ok(None);
        }
        Ok(Some((path.display().to_string(), bytes(path)?)))
    }

    /// Whether the answers are there, or have to be.
    fn expected(&self, places: &Places<'_>, path: &Path) -> bool {
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

/// A stored result: what somebody else may have written.
///
/// # Errors
/// Not a result, or of another version.
pub fn result(path: &Path) -> Result<Report> {
    let bytes = if path == Path::new("-") { piped()? } else { bytes(path)? };
    let told = |what: String, help: &str| {
        miette!(
            code = "levelmark::result::invalid",
            help = help,
            "{} is not a result: {what}",
            path.display()
        )
    };
    let of_ours = "a result is what `levelmark check --format json` prints";
    let head: Head = serde_json::from_slice(&bytes).map_err(|error| told(error.to_string(), of_ours))?;
    match head.levelmark {
        Version { report: Some(FORMAT), .. } => {}
        Version { report: Some(other), .. } => {
            let help =
                "check the snapshot again with this levelmark, or read the result with the one that wrote it";
            return Err(told(
                format!("it has version {other} of the format, this levelmark reads {FORMAT}"),
                help,
            ));
        }
        Version { snapshot: Some(_), .. } => {
            return Err(told("it is a snapshot".to_owned(), "`levelmark check` makes a result of it"));
        }
        Version { trend: Some(_), .. } => {
            return Err(told("it is a trend".to_owned(), "name the results that it was made from"));
        }
        Version { report: None, snapshot: None, trend: None } => {
            return Err(told("it says no version".to_owned(), of_ours));
        }
    }
    let report: Report = serde_json::from_slice(&bytes).map_err(|error| told(error.to_string(), of_ours))?;
    // Ids are printed as they are.
    let ids = report.findings.iter().flat_map(|found| [&found.policy, &found.check, &found.competency]);
    let ids =
        ids.chain(report.competencies.iter().map(|competency| &competency.id)).chain(report.sections.keys());
    let wrong = ids.into_iter().find(|id| !id.bytes().all(|byte| byte.is_ascii_graphic()));
    match wrong.map(|id| told(format!("`{}` is no id", suggest::shown(id)), of_ours)) {
        Some(error) => Err(error),
        None => Ok(report),
    }
}

/// What kind of file it is and which version.
#[derive(serde::Deserialize)]
struct Head {
    levelmark: Version,
}

#[derive(serde::Deserialize)]
struct Version {
    report: Option<u32>,
    snapshot: Option<u32>,
    trend: Option<u32>,
}

/// Standard input, up to the limit of files.
fn piped() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes).map_err(miette::Report::from_err)?;
    if bytes.len() as u64 > MOST {
        return Err(miette!(code = "levelmark::io::read", "standard input has more than 256 MiB"));
    }
    Ok(bytes)
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

/// Why a file can't be read.
pub fn unreadable(path: &Path, error: &std::io::Error) -> miette::Report {
    miette!(
        code = "levelmark::io::read",
        help = "check the path and its permissions",
        "failed to read {}: {error}",
        path.display()
    )
}

/// A file's bytes, up to a limit.
///
/// # Errors
/// It can't be read, is not a regular file, or is too large.
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    let told = |error: std::io::Error| unreadable(path, &error);
    let found = std::fs::metadata(path).map_err(told)?;
    if !found.is_file() || found.len() > MOST {
        return Err(miette!(
            code = "levelmark::io::read",
            help = "a regular file of at most 256 MiB is expected",
            "{} can't be read",
            path.display()
        ));
    }
    std::fs::read(path).map_err(told)
}
