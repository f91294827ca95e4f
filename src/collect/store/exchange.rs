//! The new output in the place of the old one: two renames, and what to do if only one happened. Comes
//! in: a working folder and an output. Not here: what is in them.

use std::fs;
use std::path::Path;

use super::error::{StoreError, disk};
use super::{REPLACED, SNAPSHOT};
use crate::sections;
use crate::snapshot::write;

/// Undoes an exchange that was interrupted between its two steps: the old output is whole.
pub(super) fn put_back(folder: &Path, out: &Path) -> Result<(), StoreError> {
    let replaced = folder.join(REPLACED);
    if replaced.exists() && !out.exists() {
        fs::rename(&replaced, out).map_err(disk(out))?;
    }
    Ok(())
}

/// The new output takes the place of the old one.
pub(super) fn exchange(folder: &Path, out: &Path) -> Result<(), StoreError> {
    if out.exists() {
        fs::rename(out, folder.join(REPLACED)).map_err(disk(out))?;
    }
    fs::rename(folder.join(SNAPSHOT), out).map_err(disk(out))?;
    bring_along(folder, out)
}

/// Files of the old output that are no part of a snapshot, whatever they are, move into the new one. May
/// be done again after an interruption: what was moved is not there any more.
pub(super) fn bring_along(folder: &Path, out: &Path) -> Result<(), StoreError> {
    let replaced = folder.join(REPLACED);
    if !replaced.is_dir() || !out.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(&replaced).map_err(disk(&replaced))? {
        let entry = entry.map_err(disk(&replaced))?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        let ours =
            text.strip_suffix(".json").is_some_and(|id| id == "manifest" || sections::find(id).is_some());
        if !ours && !write::is_unfinished(&text) {
            fs::rename(entry.path(), out.join(&name)).map_err(disk(out))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Journal, Manners, Store};
    use crate::snapshot::record::{Cloud, Format, Manifest, Taken, Tenant};
    use crate::snapshot::{Form, Snapshot, Wanted};

    const ID: &str = "11111111-2222-3333-4444-555555555555";

    fn manifest(name: &str) -> Manifest {
        let tenant = Tenant {
            id: ID.into(),
            display_name: Some(name.into()),
            default_domain: None,
            cloud: Cloud::Global,
        };
        let taken = Taken { at: chrono::DateTime::UNIX_EPOCH, by: "test".into(), identity: None };
        Manifest {
            levelmark: Format { snapshot: 1 },
            tenant,
            taken,
            redacted: None,
            sections: Default::default(),
        }
    }

    fn open(out: &std::path::Path, manners: Manners) -> Result<Store, super::StoreError> {
        let journal = Journal {
            tenant: ID.into(),
            started: chrono::DateTime::UNIX_EPOCH,
            by: "test".into(),
            who: String::new(),
            replaces: manners.into || manners.force,
            wish: String::new(),
        };
        Store::open(out, Form::Directory, journal, manners)
    }

    const PLAIN: Manners = Manners { resume: false, force: false, into: false };
    const RESUME: Manners = Manners { resume: true, ..PLAIN };
    const INTO: Manners = Manners { into: true, ..PLAIN };

    fn name(out: &std::path::Path) -> String {
        Snapshot::open(out, Wanted::All).unwrap().manifest.tenant.display_name.unwrap()
    }

    #[test]
    fn stopped_between_the_two_renames_the_old_output_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let (out, working) = (folder.path().join("s"), folder.path().join("s.collecting"));
        open(&out, PLAIN).unwrap().publish(&manifest("old")).unwrap();
        drop(open(&out, INTO).unwrap());
        std::fs::rename(&out, working.join("replaced")).unwrap();
        assert!(open(&out, INTO).unwrap_err().to_string().contains("interrupted"));
        assert_eq!(name(&out), "old", "it is back as soon as somebody looks");
        let store = open(&out, Manners { into: true, ..RESUME }).unwrap();
        store.publish(&manifest("new")).unwrap();
        assert_eq!(name(&out), "new");
        assert!(!working.exists());
    }

    #[test]
    fn stopped_while_clearing_up_the_new_output_counts() {
        let folder = tempfile::tempdir().unwrap();
        let (out, working) = (folder.path().join("s"), folder.path().join("s.collecting"));
        open(&out, PLAIN).unwrap().publish(&manifest("new")).unwrap();
        for left in ["replaced/.git", "records"] {
            std::fs::create_dir_all(working.join(left)).unwrap();
        }
        for (name, text) in [("notes.md", "ours"), (".git/HEAD", "ours"), ("manifest.json", "old")] {
            std::fs::write(working.join("replaced").join(name), text).unwrap();
        }
        std::fs::write(working.join("journal.json"), "{}").unwrap();
        let error = open(&out, PLAIN).unwrap_err().to_string();
        assert!(error.ends_with("exists already"), "{error}");
        assert!(!working.exists());
        assert_eq!(name(&out), "new");
        for name in ["notes.md", ".git/HEAD"] {
            assert_eq!(std::fs::read_to_string(out.join(name)).unwrap(), "ours", "{name}");
        }
    }

    #[test]
    fn a_name_is_needed_and_a_journal_of_others_is_not_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open(std::path::Path::new(".."), PLAIN).unwrap_err().to_string().contains("no name"));
        let out = folder.path().join("s");
        drop(open(&out, PLAIN).unwrap());
        std::fs::write(folder.path().join("s.collecting/journal.json"), "{\"x\":1}").unwrap();
        assert!(open(&out, RESUME).unwrap_err().to_string().contains("another version"));
        let forced = Manners { force: true, ..PLAIN };
        open(&out, forced).unwrap().publish(&manifest("new")).unwrap();
        assert_eq!(name(&out), "new");
    }
}
