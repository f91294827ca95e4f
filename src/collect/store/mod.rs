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

mod error;
mod exchange;

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use self::error::StoreError;
use self::error::disk;
use self::exchange::{exchange, put_back};
use crate::sections::{self, Section};
use crate::snapshot::record::{Manifest, SectionRecord, State};
use crate::snapshot::stream::Staged;
use crate::snapshot::write::{self, Form};
use crate::snapshot::{Snapshot, Wanted};

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
    /// Bytes of items that were staged so far.
    staged: AtomicU64,
    lock: File,
}

impl Store {
    /// Opens a working folder beside the output, or goes on with the one that is there.
    ///
    /// # Errors
    /// Something in the way, another collection, the disk.
    pub fn open(out: &Path, form: Form, journal: Journal, manners: Manners) -> Result<Self, StoreError> {
        let folder = working(out)?;
        let held = settle(&folder, out)?;
        let begun = folder.join(JOURNAL).exists();
        let may_be_there = manners.force || manners.into || (begun && manners.resume);
        if out.exists() && !may_be_there {
            return Err(StoreError::InTheWay(out.to_owned()));
        }
        if begun && !manners.resume && !manners.force {
            return Err(StoreError::Interrupted(folder));
        }
        fs::create_dir_all(&folder).map_err(disk(&folder))?;
        let lock = match held {
            Some(lock) => lock,
            None => lock(&folder)?,
        };
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
        Ok(Self { out: out.to_owned(), form, folder, journal, resumed, staged: AtomicU64::new(0), lock })
    }

    /// Settles what an exchange that was interrupted has left, so that the output is there, old or new.
    ///
    /// # Errors
    /// The disk, or another collection at work.
    pub fn recover(out: &Path) -> Result<(), StoreError> {
        settle(&working(out)?, out).map(drop)
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

    /// Counts bytes of items; false once a collection has taken more than it may.
    pub fn has_room(&self, bytes: u64) -> bool {
        self.staged.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) <= MOST
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

/// The most bytes of items of a whole collection; on the disk they are twice that for a moment.
pub const MOST: u64 = 16 << 30;
const JOURNAL: &str = "journal.json";
const RECORDS: &str = "records";
const SNAPSHOT: &str = "snapshot";
const REPLACED: &str = "replaced";

/// The working folder of an output.
fn working(out: &Path) -> Result<PathBuf, StoreError> {
    let (Some(name), Some(parent)) = (out.file_name(), out.parent()) else {
        return Err(StoreError::Nameless(out.to_owned()));
    };
    let mut name = name.to_owned();
    name.push(".collecting");
    Ok(parent.join(name))
}

/// Ends what was interrupted in its last steps; the lock of what is still there.
fn settle(folder: &Path, out: &Path) -> Result<Option<File>, StoreError> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let lock = lock(folder)?;
    put_back(folder, out)?;
    if out.exists() && !folder.join(SNAPSHOT).exists() {
        // All was published, and only the clearing up was interrupted.
        drop(lock);
        fs::remove_dir_all(folder).map_err(disk(folder))?;
        return Ok(None);
    }
    Ok(Some(lock))
}

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
