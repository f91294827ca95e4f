//! Where a collection keeps what it has until all is there. Comes in: sections, one by one. Goes out: a
//! working folder beside the output, and in the end the output itself, by rename. Not here: what a
//! section is made of (`intake`).
//!
//! ```text
//! contoso/snapshot.collecting/
//!   journal.json        whose tenant, since when, asked how
//!   records/SECTION.json
//!   snapshot/SECTION.json, in the end manifest.json
//!   replaced/           the output that was there before, for the moment of the exchange
//! ```
//!
//! A section's record is written after its items, the manifest after all records, and the folder is
//! renamed after the manifest: whoever stops at any moment leaves no output or a whole one, and
//! something to go on with.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::sections::{self, Section};
use crate::snapshot::record::{Manifest, SectionRecord, State};
use crate::snapshot::stream::Staged;
use crate::snapshot::write::{self, Form};
use crate::snapshot::{Snapshot, SnapshotError, Wanted};

/// What a working folder says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Journal {
    /// Directory id of the tenant.
    pub tenant: String,
    /// When the collection began: logs are read up to then.
    pub started: DateTime<Utc>,
    /// Program and version.
    pub by: String,
    /// What was asked for, as one text: another wish is another collection.
    pub wish: String,
}

/// Trouble with the working folder or the output.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum StoreError {
    /// Something is there.
    #[error("{} exists already", .0.display())]
    #[diagnostic(
        code(levelmark::collect::in_the_way),
        help("bring the collection into it with --into, or write over it with --force")
    )]
    InTheWay(PathBuf),
    /// An interrupted collection is there.
    #[error("{} holds an interrupted collection", .0.display())]
    #[diagnostic(
        code(levelmark::collect::interrupted),
        help("go on with it with --resume, or begin anew with --force")
    )]
    Interrupted(PathBuf),
    /// It was begun otherwise.
    #[error("{}: the interrupted collection was begun {how}", .folder.display())]
    #[diagnostic(code(levelmark::collect::another), help("begin anew with --force"))]
    Another {
        /// The working folder.
        folder: PathBuf,
        /// What differs.
        how: String,
    },
    /// Somebody else is at it.
    #[error("{} is in use by another collection", .0.display())]
    #[diagnostic(code(levelmark::collect::in_use), help("wait for its end, or choose another output"))]
    InUse(PathBuf),
    /// No name to put a working folder beside.
    #[error("`{}` has no name of its own", .0.display())]
    #[diagnostic(
        code(levelmark::collect::nameless),
        help("name a folder that does not exist yet, e.g. contoso/snapshot")
    )]
    Nameless(PathBuf),
    /// The disk.
    #[error("{}: {what}", .path.display())]
    #[diagnostic(
        code(levelmark::collect::disk),
        help("what was read until then is kept, if anything was: --resume goes on with it")
    )]
    Disk {
        /// Where.
        path: PathBuf,
        /// What the system said.
        what: String,
    },
    /// The snapshot.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Snapshot(#[from] SnapshotError),
}

fn disk(path: &Path) -> impl FnOnce(io::Error) -> StoreError + '_ {
    |error| StoreError::Disk { path: path.to_owned(), what: error.to_string() }
}

/// What to do with what is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manners {
    /// Go on with an interrupted collection.
    pub resume: bool,
    /// Write over an output, throw an interrupted collection away.
    pub force: bool,
    /// The output is there, to be added to.
    pub into: bool,
}

/// A working folder in use.
#[derive(Debug)]
pub struct Store {
    out: PathBuf,
    form: Form,
    folder: PathBuf,
    journal: Journal,
    resumed: bool,
    lock: File,
}

impl Store {
    /// Opens a working folder beside the output, or goes on with the one that is there.
    ///
    /// # Errors
    /// Something in the way, another collection, the disk.
    pub fn open(out: &Path, form: Form, journal: Journal, manners: Manners) -> Result<Self, StoreError> {
        let (Some(name), Some(parent)) = (out.file_name(), out.parent()) else {
            return Err(StoreError::Nameless(out.to_owned()));
        };
        let mut name = name.to_owned();
        name.push(".collecting");
        let folder = parent.join(name);
        if out.exists() && folder.is_dir() && !folder.join(SNAPSHOT).exists() {
            // All was published, and only the clearing up was interrupted.
            drop(lock(&folder)?);
            fs::remove_dir_all(&folder).map_err(disk(&folder))?;
        }
        let begun = folder.join(JOURNAL).exists() || folder.join(REPLACED).exists();
        let expected = manners.force || manners.into || (begun && manners.resume);
        if out.exists() && !expected {
            return Err(StoreError::InTheWay(out.to_owned()));
        }
        if begun && !manners.resume && !manners.force {
            return Err(StoreError::Interrupted(folder));
        }
        fs::create_dir_all(&folder).map_err(disk(&folder))?;
        let lock = lock(&folder)?;
        put_back(&folder, out)?;
        let go_on = begun && manners.resume;
        if !go_on {
            empty(&folder)?;
        }
        let found = if go_on { read_journal(&folder)? } else { None };
        let resumed = found.is_some();
        let journal = match found {
            Some(found) => same(&folder, found, &journal)?,
            None => journal,
        };
        for inner in [RECORDS, SNAPSHOT] {
            let inner = folder.join(inner);
            fs::create_dir_all(&inner).map_err(disk(&inner))?;
            sweep(&inner)?;
        }
        write::put(&folder.join(JOURNAL), &journal)?;
        Ok(Self { out: out.to_owned(), form, folder, journal, resumed, lock })
    }

    /// When the collection began.
    #[must_use]
    pub const fn started(&self) -> DateTime<Utc> {
        self.journal.started
    }

    /// Whether it goes on from an earlier run.
    #[must_use]
    pub const fn resumed(&self) -> bool {
        self.resumed
    }

    /// Sections that an earlier run has read wholly.
    ///
    /// # Errors
    /// The disk.
    pub fn kept(&self) -> Result<BTreeMap<&'static str, SectionRecord>, StoreError> {
        let mut kept = BTreeMap::new();
        for section in sections::all() {
            let path = self.record_at(section);
            let bytes = match fs::read(&path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(disk(&path)(error)),
            };
            // Records are renamed into place: one that can't be read is nobody's loss but its section's.
            let Ok(record) = serde_json::from_slice::<SectionRecord>(&bytes) else { continue };
            if record.state == State::Read && self.items_at(section).is_file() {
                kept.insert(section.id, record);
            }
        }
        Ok(kept)
    }

    /// A place for items on their way.
    ///
    /// # Errors
    /// The disk.
    pub fn stage(&self, section: &'static Section) -> io::Result<Staged> {
        Staged::new(section, &self.folder)
    }

    /// Where the items of a section are, or will be.
    #[must_use]
    pub fn items_at(&self, section: &Section) -> PathBuf {
        self.folder.join(SNAPSHOT).join(format!("{}.json", section.id))
    }

    fn record_at(&self, section: &Section) -> PathBuf {
        self.folder.join(RECORDS).join(format!("{}.json", section.id))
    }

    /// Keeps a section: its items first, if it has any, then its record.
    ///
    /// # Errors
    /// The disk.
    pub fn keep(
        &self,
        section: &Section,
        staged: Option<Staged>,
        mut record: SectionRecord,
    ) -> Result<SectionRecord, StoreError> {
        let path = self.items_at(section);
        match staged {
            Some(staged) => {
                let written = staged.finish(&path, record.without.keys()).map_err(disk(&path))?;
                record.items = Some(written.items);
                record.sha256 = Some(written.sha256);
            }
            // What an earlier run may have left.
            None => match fs::remove_file(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(disk(&path)(error)),
            },
        }
        write::put(&self.record_at(section), &record)?;
        Ok(record)
    }

    /// Takes sections of the snapshot that this is to be added to; their records as they are now.
    ///
    /// # Errors
    /// What its reader says, and the disk.
    pub fn take_over(
        &self,
        from: &Path,
        ids: &[&'static Section],
    ) -> Result<BTreeMap<&'static str, SectionRecord>, StoreError> {
        let wanted = ids.iter().map(|section| section.id.to_owned()).collect();
        let snapshot = Snapshot::open(from, Wanted::These(&wanted))?;
        let mut taken = BTreeMap::new();
        for section in ids {
            let (Some(items), Some(record)) = (snapshot.section(section.id), snapshot.record(section.id))
            else {
                continue;
            };
            let mut staged = self.stage(section).map_err(disk(&self.folder))?;
            for item in items.elements() {
                staged.push(&item.to_value()).map_err(disk(&self.folder))?;
            }
            taken.insert(section.id, self.keep(section, Some(staged), record.clone())?);
        }
        Ok(taken)
    }

    /// Makes the output of all that was kept, and the working folder disappear.
    ///
    /// # Errors
    /// The disk; then the working folder can be gone on with.
    pub fn publish(self, manifest: &Manifest) -> Result<(), StoreError> {
        let snapshot = self.folder.join(SNAPSHOT);
        self.only_listed(&snapshot, manifest)?;
        write::manifest(&snapshot, manifest)?;
        match self.form {
            Form::File => {
                let draft = Snapshot::open(&snapshot, Wanted::All)?.to_draft()?;
                draft.write(&self.out, Form::File)?;
            }
            Form::Directory => exchange(&self.folder, &self.out)?,
        }
        // Some systems remove no file that is open.
        drop(self.lock);
        fs::remove_dir_all(&self.folder).map_err(disk(&self.folder))
    }

    /// What the manifest has no data for is not published.
    fn only_listed(&self, snapshot: &Path, manifest: &Manifest) -> Result<(), StoreError> {
        for section in sections::all() {
            let path = self.items_at(section);
            let listed = manifest.sections.get(section.id).is_some_and(|record| record.items.is_some());
            if !listed && path.exists() {
                fs::remove_file(&path).map_err(disk(snapshot))?;
            }
        }
        Ok(())
    }
}

const JOURNAL: &str = "journal.json";
const RECORDS: &str = "records";
const SNAPSHOT: &str = "snapshot";
const REPLACED: &str = "replaced";

fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(disk(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(folder.to_owned())),
        // A file system without locks: then nobody else is noticed.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(error)) => Err(disk(&path)(error)),
    }
}

fn read_journal(folder: &Path) -> Result<Option<Journal>, StoreError> {
    let path = folder.join(JOURNAL);
    match fs::read(&path) {
        // One that can't be read was written by another version: nothing of it is usable.
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(journal) => Ok(Some(journal)),
            Err(_) => {
                Err(StoreError::Another { folder: folder.to_owned(), how: "by another version".to_owned() })
            }
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(disk(&path)(error)),
    }
}

fn same(folder: &Path, found: Journal, asked: &Journal) -> Result<Journal, StoreError> {
    let another = |how: String| Err(StoreError::Another { folder: folder.to_owned(), how });
    if found.tenant != asked.tenant {
        return another(format!("for the tenant {}", crate::yaml::suggest::shown(&found.tenant)));
    }
    if found.by != asked.by {
        return another("by another version".to_owned());
    }
    if found.wish != asked.wish {
        return another("with other options".to_owned());
    }
    Ok(found)
}

/// Empties a working folder, its lock apart.
fn empty(folder: &Path) -> Result<(), StoreError> {
    for inner in [RECORDS, SNAPSHOT, REPLACED] {
        let inner = folder.join(inner);
        match fs::remove_dir_all(&inner) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(disk(&inner)(error)),
        }
    }
    Ok(())
}

/// Removes files that were being written when an earlier run was killed.
fn sweep(folder: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(folder).map_err(disk(folder))? {
        let path = entry.map_err(disk(folder))?.path();
        if path.file_name().is_some_and(|name| write::is_unfinished(&name.to_string_lossy())) {
            fs::remove_file(&path).map_err(disk(&path))?;
        }
    }
    Ok(())
}

/// Undoes an exchange that was interrupted between its two steps: the old output is whole.
fn put_back(folder: &Path, out: &Path) -> Result<(), StoreError> {
    let replaced = folder.join(REPLACED);
    if replaced.exists() && !out.exists() {
        fs::rename(&replaced, out).map_err(disk(out))?;
    }
    Ok(())
}

/// The new output takes the place of the old one. Files that are no part of a snapshot come along.
fn exchange(folder: &Path, out: &Path) -> Result<(), StoreError> {
    let (new, replaced) = (folder.join(SNAPSHOT), folder.join(REPLACED));
    if out.is_dir() {
        for entry in fs::read_dir(out).map_err(disk(out))? {
            let entry = entry.map_err(disk(out))?;
            let name = entry.file_name();
            let text = name.to_string_lossy();
            let ours =
                text.strip_suffix(".json").is_some_and(|id| id == "manifest" || sections::find(id).is_some());
            if !ours {
                fs::rename(entry.path(), new.join(&name)).map_err(disk(out))?;
            }
        }
    }
    if out.exists() {
        fs::rename(out, &replaced).map_err(disk(out))?;
    }
    fs::rename(&new, out).map_err(disk(out))
}
