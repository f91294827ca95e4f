//! Where a redaction is written until all of it is there: a folder beside the output, which is renamed in
//! the end. Whoever is stopped leaves the old output or the new one, and nothing half.

use std::fs;
use std::path::{Path, PathBuf};

use miette::miette;
use tempfile::TempDir;

use crate::commands::folder;
use crate::run::Result;
use crate::sections;
use crate::snapshot::{Snapshot, Wanted};

use super::super::{configuration, places};

/// The name of the output inside of the folder.
const NEW: &str = "new";
/// What was there before, for the moment of the exchange.
const OLD: &str = "old";

/// A redaction on its way.
pub(super) struct Stage {
    folder: TempDir,
    out: PathBuf,
}

impl Stage {
    /// Makes sure that nothing is in the way that is not replaceable.
    pub(super) fn beside(out: &Path, force: bool) -> Result<Self> {
        if out.exists() {
            replaceable(out, force)?;
        }
        let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = fs::create_dir_all(parent)
            .and_then(|()| tempfile::Builder::new().prefix(".levelmark-").suffix(".tmp").tempdir_in(parent));
        let folder = folder.map_err(|error| unwritable(out, &error))?;
        Ok(Self { folder, out: out.to_owned() })
    }

    /// Where it will be.
    pub(super) fn out(&self) -> &Path {
        &self.out
    }

    /// Where a part of it is written: all of it, or something in a tenant folder.
    pub(super) fn path(&self, name: Option<&str>) -> PathBuf {
        let new = self.folder.path().join(NEW);
        match name {
            None => new,
            Some(name) => {
                // Fails again when it is written to.
                let _ = fs::create_dir_all(&new);
                new.join(name)
            }
        }
    }

    /// Writes a file of a tenant folder.
    pub(super) fn text(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path(Some(name));
        fs::write(&path, text).map_err(|error| unwritable(&path, &error))
    }

    /// Renames it into place. What is no part of a redaction, such as `.git`, stays where it was.
    pub(super) fn publish(self) -> Result<()> {
        let (new, old) = (self.folder.path().join(NEW), self.folder.path().join(OLD));
        let told = |error: std::io::Error| unwritable(&self.out, &error);
        if self.out.exists() {
            fs::rename(&self.out, &old).map_err(told)?;
        }
        if let Err(error) = fs::rename(&new, &self.out) {
            // As it was, if that is still possible.
            let _ = fs::rename(&old, &self.out);
            return Err(told(error));
        }
        if old.is_dir() && self.out.is_dir() {
            for entry in fs::read_dir(&old).map_err(told)? {
                let entry = entry.map_err(told)?;
                if !is_ours(&entry.file_name().to_string_lossy()) {
                    fs::rename(entry.path(), self.out.join(entry.file_name())).map_err(told)?;
                }
            }
        }
        Ok(())
    }
}

/// A part of a snapshot or of a redacted tenant folder.
fn is_ours(name: &str) -> bool {
    let whole = ["snapshot", "snapshot.json", "manifest.json", configuration::NAME, places::ANSWERS];
    whole.contains(&name) || name.strip_suffix(".json").is_some_and(|id| sections::find(id).is_some())
}

/// Only what is redacted may be replaced, and only if somebody says so: an original never.
fn replaceable(out: &Path, force: bool) -> Result<()> {
    let refused = |what: &str, help: &str| {
        miette!(code = "levelmark::redact::in-the-way", help = help, "{} {what}", out.display())
    };
    if !force {
        return Err(refused(
            "exists already",
            "choose another place, or replace an earlier redaction with --force",
        ));
    }
    let found = folder::snapshot_in(out)
        .and_then(|path| Ok(Snapshot::open(&path, Wanted::These(&std::collections::BTreeSet::new()))?));
    match found {
        Ok(snapshot) if snapshot.manifest.redacted.is_some() => Ok(()),
        Ok(_) | Err(_) => {
            Err(refused("is no redaction", "--force replaces only what `redact` wrote; choose another place"))
        }
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> miette::Report {
    miette!(
        code = "levelmark::redact::write",
        help = "look at the folder, its permissions and the space on the disk",
        "{} can't be written: {error}",
        path.display()
    )
}
