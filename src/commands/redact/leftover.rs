//! What a run left that was killed while it exchanged the old output for the new one. Comes in: the output. Goes out: the
//! output as it was, or where the rest is. Not here: the exchange (`stage`).

use std::fs;
use std::path::{Path, PathBuf};

use miette::miette;

use super::stage::{ASIDE, OLD, moved};
use crate::run::Result;

/// How the names of all working folders end.
pub(super) const SUFFIX: &str = ".tmp";

/// How the names of an output's working folders begin.
pub(super) fn prefix(out: &Path) -> String {
    format!(".levelmark-{}-", out.file_name().unwrap_or_default().to_string_lossy())
}

/// Puts back what a killed run had set aside; what was done. A folder in which nothing of the output is may be another
/// run's, and stays.
pub(super) fn recover(out: &Path) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    let folders = fs::read_dir(out.parent().unwrap_or(Path::new("."))).into_iter().flatten().flatten();
    let begins = prefix(out);
    let ours = |name: &str| name.starts_with(&begins) && name.ends_with(SUFFIX);
    let mut folders: Vec<PathBuf> = folders
        .filter(|entry| ours(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    for folder in folders {
        let (old, aside) = (folder.join(OLD), folder.join(ASIDE));
        if !old.exists() && !aside.exists() {
            continue;
        }
        let told = |error: std::io::Error| {
            miette!(
                code = "levelmark::redact::kept",
                help = format!("move what is in {} back by hand, then remove it", folder.display()),
                "an earlier run was stopped while it replaced {}, and it can't be put back: {error}",
                out.display()
            )
        };
        if old.exists() && !out.exists() {
            fs::rename(&old, out).map_err(told)?;
        }
        let entries = fs::read_dir(&aside).into_iter().flatten().flatten();
        let names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        let there = |name: &String| fs::symlink_metadata(out.join(name)).is_ok();
        if names.iter().any(there) || !names.is_empty() && !out.is_dir() {
            return Err(told(std::io::Error::from(std::io::ErrorKind::AlreadyExists)));
        }
        moved(&aside, out, &names).map_err(told)?;
        // What is left is a redaction, old or new.
        let _ = fs::remove_dir_all(&folder);
        notes.push(format!(
            "an earlier run was stopped while it replaced {}: put back what it had set aside",
            out.display()
        ));
    }
    Ok(notes)
}
