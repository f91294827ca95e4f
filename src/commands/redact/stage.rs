//! Where a redaction is written until all of it is there: a folder beside the output, which is renamed in the end. Whoever
//! is stopped leaves the old output or the new one, and nothing half; what is no part of a redaction, such as `.git`, stays
//! where it was. Not here: what a run left that was killed in between (`leftover`).

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use miette::miette;
use tempfile::TempDir;

use crate::commands::{configuration, folder, inputs, places};
use crate::config::{Attestations, Config};
use crate::run::Result;
use crate::sections;
use crate::snapshot::Form;
use crate::snapshot::record::Redaction;

use super::found::Found;
use super::leftover;

/// The output inside of the folder.
const NEW: &str = "new";
/// What was there before, for the moment of the exchange.
pub(super) const OLD: &str = "old";
/// What was there and is no part of it, for that moment.
pub(super) const ASIDE: &str = "aside";

/// What is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// A snapshot alone.
    Snapshot(Form),
    /// A tenant folder with these in it.
    Tenant(Vec<&'static str>),
    /// These files, beside what is there.
    Files(Vec<&'static str>),
}

/// A redaction on its way.
pub(super) struct Stage {
    folder: TempDir,
    out: PathBuf,
    written: Written,
    /// What became of a run that was killed.
    pub(super) recovered: Vec<String>,
}

impl Stage {
    /// Makes sure that nothing is in the way that is not replaceable.
    pub(super) fn beside(out: &Path, force: bool, (found, redaction): (&Found, &Redaction)) -> Result<Self> {
        let written = found.written(out);
        let out = real(out)?;
        for source in found.sources() {
            if fs::canonicalize(source).is_ok_and(|source| out.starts_with(source)) {
                return Err(in_the_way(
                    &out,
                    "lies in what is redacted",
                    "choose a place outside of the snapshot",
                ));
            }
        }
        let recovered = leftover::recover(&out)?;
        if out.exists() {
            match &written {
                Written::Files(names) => joins(&out, names, (force, redaction))?,
                Written::Snapshot(_) | Written::Tenant(_) => replaceable(&out, force)?,
            }
            if let (Written::Snapshot(Form::File), [first, ..]) =
                (&written, foreign(&out, &written)?.as_slice())
            {
                let what = format!("is a folder that also holds {first}, and is to become a file");
                return Err(in_the_way(&out, &what, "choose another place, or move it out first"));
            }
        }
        let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = fs::create_dir_all(parent).and_then(|()| {
            tempfile::Builder::new()
                .prefix(&leftover::prefix(&out))
                .suffix(leftover::SUFFIX)
                .tempdir_in(parent)
        });
        let folder = folder.map_err(|error| unwritable(&out, &error))?;
        Ok(Self { folder, out, written, recovered })
    }

    /// Where it will be.
    pub(super) fn out(&self) -> &Path {
        &self.out
    }

    /// Where a part of it is written: all of it, or something in a tenant folder.
    pub(super) fn path(&self, name: Option<&Path>) -> PathBuf {
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
        let path = self.path(Some(Path::new(name)));
        fs::write(&path, text).map_err(|error| unwritable(&path, &error))
    }

    /// Renames it into place.
    pub(super) fn publish(self) -> Result<()> {
        let told = |error: io::Error| unwritable(&self.out, &error);
        match &self.written {
            Written::Files(names) if self.out.is_dir() => {
                let new = self.folder.path().join(NEW);
                return names
                    .iter()
                    .try_for_each(|name| fs::rename(new.join(name), self.out.join(name)))
                    .map_err(told);
            }
            Written::Files(_) | Written::Snapshot(_) | Written::Tenant(_) => {}
        }
        if !self.out.exists() {
            return fs::rename(self.folder.path().join(NEW), &self.out).map_err(told);
        }
        let foreign = foreign(&self.out, &self.written)?;
        let aside = self.folder.path().join(ASIDE);
        // First what could fail without harm.
        if let Err(error) = fs::create_dir(&aside).and_then(|()| moved(&self.out, &aside, &foreign)) {
            return Err(self.back(&error, &foreign));
        }
        let (new, old) = (self.folder.path().join(NEW), self.folder.path().join(OLD));
        let exchanged = fs::rename(&self.out, &old)
            .and_then(|()| fs::rename(&new, &self.out).inspect_err(|_| drop(fs::rename(&old, &self.out))));
        if let Err(error) = exchanged {
            return Err(self.back(&error, &foreign));
        }
        moved(&aside, &self.out, &foreign).map_err(|error| self.kept(&error))
    }

    /// As it was; where that does not work, it is said where everything is, and nothing is deleted.
    fn back(self, error: &io::Error, foreign: &[String]) -> miette::Report {
        let aside = self.folder.path().join(ASIDE);
        let there: Vec<String> = foreign.iter().filter(|name| exists(&aside.join(name))).cloned().collect();
        match self.out.exists() && moved(&aside, &self.out, &there).is_ok() {
            true => unwritable(&self.out, error),
            false => self.kept(error),
        }
    }

    /// Nothing is deleted, and it is said where it is.
    fn kept(self, error: &io::Error) -> miette::Report {
        let out = self.out;
        let folder = self.folder.keep();
        miette!(
            code = "levelmark::redact::kept",
            help = format!(
                "nothing is lost: what was in {} and is not there now is in {}",
                out.display(),
                folder.display()
            ),
            "{} could not be replaced whole: {error}",
            out.display()
        )
    }
}

/// Whether something has this name, a link that leads nowhere included.
fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Moves entries of a folder.
pub(super) fn moved(from: &Path, to: &Path, names: &[String]) -> io::Result<()> {
    names.iter().try_for_each(|name| fs::rename(from.join(name), to.join(name)))
}

/// What is in a folder and no part of a redaction. A baseline that somebody put there stays, unless there is a new one.
fn foreign(out: &Path, written: &Written) -> Result<Vec<String>> {
    if !out.is_dir() {
        return Ok(Vec::new());
    }
    let told = |error: io::Error| unwritable(out, &error);
    let names: &[&str] = match written {
        Written::Tenant(names) | Written::Files(names) => names,
        Written::Snapshot(_) => &[],
    };
    let replaced = names.iter().any(|name| places::BASELINES.contains(name));
    let mut all = Vec::new();
    for entry in fs::read_dir(out).map_err(told)? {
        let name = entry.map_err(told)?.file_name().to_string_lossy().into_owned();
        if !(is_ours(&name) || replaced && places::BASELINES.contains(&name.as_str())) {
            all.push(name);
        }
    }
    all.sort();
    Ok(all)
}

/// A part of a snapshot or of a redacted tenant folder.
fn is_ours(name: &str) -> bool {
    let whole = ["manifest.json", configuration::NAME, places::ANSWERS];
    whole.into_iter().chain(places::SNAPSHOTS).any(|own| own == name)
        || name.strip_suffix(".json").is_some_and(|id| sections::find(id).is_some())
}

/// An absolute path without links: what a link leads to is replaced, not the link.
fn real(out: &Path) -> Result<PathBuf> {
    let told = |error: io::Error| unwritable(out, &error);
    if exists(out) {
        return fs::canonicalize(out).map_err(told);
    }
    let whole = std::path::absolute(out).map_err(told)?;
    let mut rest = Vec::new();
    let mut above = whole.as_path();
    while !exists(above) {
        match above.components().next_back() {
            Some(Component::Normal(name)) => rest.push(name.to_owned()),
            Some(_) | None => return Ok(whole),
        }
        above = above.parent().unwrap_or(Path::new(""));
    }
    let mut real = fs::canonicalize(above).map_err(told)?;
    real.extend(rest.iter().rev());
    Ok(real)
}

/// Only what is redacted may be replaced, and only if somebody says so: an original never.
fn replaceable(out: &Path, force: bool) -> Result<()> {
    if !force {
        let help = "choose another place, or replace an earlier redaction with --force";
        return Err(in_the_way(out, "exists already", help));
    }
    match folder::snapshot_in(out).and_then(|path| folder::manifest(&path)) {
        Ok(manifest) if manifest.redacted.is_some() => Ok(()),
        Ok(_) | Err(_) => Err(no_redaction(out)),
    }
}

/// Whether files may be put into a folder: beside a snapshot of the same key, and over files that are redacted.
fn joins(out: &Path, names: &[&str], (force, own): (bool, &Redaction)) -> Result<()> {
    if let Ok(path) = folder::snapshot_in(out) {
        let there = folder::manifest(&path)?.redacted;
        if !Redaction::same_key(there.as_ref(), Some(own)) {
            let what = format!("holds a snapshot that is {}", Redaction::how(there.as_ref()));
            return Err(in_the_way(out, &what, "redact the snapshot and its files with one key"));
        }
    }
    for path in names.iter().map(|name| out.join(name)).filter(|path| path.exists()) {
        replaceable_file(&path, force)?;
    }
    Ok(())
}

fn replaceable_file(path: &Path, force: bool) -> Result<()> {
    if !force {
        let help = "choose another place, or replace an earlier redaction with --force";
        return Err(in_the_way(path, "exists already", help));
    }
    let bytes = inputs::bytes(path)?;
    let marked = if path.ends_with(places::ANSWERS) {
        Attestations::read("", &bytes).is_ok_and(|file| file.redacted.is_some())
    } else {
        Config::read("", &bytes).is_ok_and(|file| file.marks.iter().any(Option::is_some))
    };
    if marked { Ok(()) } else { Err(no_redaction(path)) }
}

fn no_redaction(out: &Path) -> miette::Report {
    in_the_way(out, "is no redaction", "--force replaces only what `redact` wrote; choose another place")
}

fn in_the_way(out: &Path, what: &str, help: &str) -> miette::Report {
    miette!(code = "levelmark::redact::in-the-way", help = help, "{} {what}", out.display())
}

fn unwritable(path: &Path, error: &io::Error) -> miette::Report {
    miette!(
        code = "levelmark::redact::write",
        help = "look at the folder, its permissions and the space on the disk",
        "{} can't be written: {error}",
        path.display()
    )
}
