//! Snapshots to be written: what import and declare fill. Comes in: a manifest and values. Goes out:
//! a file, or a directory, in one stable form. Files are written whole and renamed, the manifest
//! last: whoever is interrupted leaves the old snapshot, or one that its reader refuses.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;
use tempfile::NamedTempFile;

use super::assemble::{unknown, word};
use super::order::key_of;
use super::problem::{Code, SnapshotError};
use super::record::{Format, Manifest, Redaction, SectionRecord, Taken, Tenant};
use super::{SECTIONS, Snapshot, digest, files};
use crate::sections;

/// The two forms of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One JSON file.
    File,
    /// A directory: `manifest.json`, and one file for each section.
    Directory,
}

/// A snapshot that is not written yet.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it says of itself; `items` and `sha256` are filled in when it is written.
    pub manifest: Manifest,
    /// Items of the sections that have data, by section id.
    pub data: BTreeMap<String, Vec<Value>>,
}

/// A section as it will be written.
struct Ready<'a> {
    items: Vec<&'a Value>,
    sha256: String,
}

impl Draft {
    /// A snapshot as values.
    ///
    /// # Errors
    /// A section has data that was not asked for when opening: writing would lose it.
    pub fn from_snapshot(snapshot: &Snapshot) -> Result<Self, SnapshotError> {
        let mut data = BTreeMap::new();
        for (id, record) in snapshot.manifest.sections.iter().filter(|(_, record)| record.state.has_data()) {
            let Some(section) = snapshot.section(id) else {
                let message =
                    format!("section {id} ({}) was not parsed, so it cannot be written", word(record.state));
                return Err(SnapshotError::new(Code::NotParsed, message));
            };
            data.insert(id.clone(), section.elements().map(|item| item.to_value()).collect());
        }
        Ok(Self { manifest: snapshot.manifest.clone(), data })
    }

    /// Writes it: items in order of their section's key, names of members sorted.
    ///
    /// # Errors
    /// States and data that disagree, unknown sections, something in the way, and what the disk says.
    pub fn write(&self, path: &Path, form: Form) -> Result<(), SnapshotError> {
        self.agrees()?;
        let ready: BTreeMap<&str, Ready<'_>> = self
            .data
            .par_iter()
            .map(|(id, items)| Ok((id.as_str(), ready(id, items)?)))
            .collect::<Result<_, _>>()?;
        let mut manifest = self.manifest.clone();
        manifest.levelmark.snapshot = super::FORMAT;
        for (id, record) in &mut manifest.sections {
            let ready = ready.get(id.as_str());
            record.items = ready.map(|ready| ready.items.len() as u64);
            record.sha256 = ready.map(|ready| ready.sha256.clone());
        }
        match form {
            Form::File => file(path, &manifest, &ready),
            Form::Directory => directory(path, &manifest, &ready),
        }
    }

    /// What the reader would refuse is not written.
    fn agrees(&self) -> Result<(), SnapshotError> {
        let mut problems = Vec::new();
        let ids: BTreeSet<&String> = self.manifest.sections.keys().chain(self.data.keys()).collect();
        if ids.len() > SECTIONS {
            problems
                .push(SnapshotError::new(Code::TooMany, format!("there are more than {SECTIONS} sections")));
        }
        for id in ids {
            problems.extend(unknown(id));
            let state = self.manifest.sections.get(id).map(|record: &SectionRecord| record.state);
            match (state, self.data.contains_key(id)) {
                (None, _) => {
                    problems.push(SnapshotError::new(
                        Code::DataUnexpected,
                        format!("section {id} has data, but no state"),
                    ));
                }
                (Some(state), true) if !state.has_data() => {
                    let message = format!("section {id} has data, but is `{}`", word(state));
                    problems.push(SnapshotError::new(Code::DataUnexpected, message));
                }
                (Some(state), false) if state.has_data() => {
                    let message = format!("section {id} is `{}`, but has no data", word(state));
                    problems.push(SnapshotError::new(Code::DataMissing, message));
                }
                (Some(_), true | false) => {}
            }
        }
        SnapshotError::all(problems)
    }
}

fn ready<'a>(id: &str, items: &'a [Value]) -> Result<Ready<'a>, SnapshotError> {
    let items = sorted(id, items);
    let sha256 = digest::of_value(&items).map_err(|error| {
        SnapshotError::new(Code::Json, format!("section {id} cannot be written: {error}"))
    })?;
    Ok(Ready { items, sha256 })
}

/// Items in order of their keys; those with the same key, or of a section without one, stay as given.
fn sorted<'a>(id: &str, items: &'a [Value]) -> Vec<&'a Value> {
    let key = sections::find(id).map_or(&[][..], |section| section.key);
    let mut keyed: Vec<_> = items.iter().map(|item| (key_of(item, key), item)).collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    keyed.into_iter().map(|(_, item)| item).collect()
}

/// The form of a single file, borrowed.
#[derive(Serialize)]
struct Whole<'a> {
    levelmark: Format,
    tenant: &'a Tenant,
    taken: &'a Taken,
    #[serde(skip_serializing_if = "Option::is_none")]
    redacted: Option<&'a Redaction>,
    sections: &'a BTreeMap<String, SectionRecord>,
    data: BTreeMap<&'a str, BTreeMap<&'a str, &'a [&'a Value]>>,
}

fn file(path: &Path, manifest: &Manifest, ready: &BTreeMap<&str, Ready<'_>>) -> Result<(), SnapshotError> {
    if path.is_dir() {
        return Err(SnapshotError::new(
            Code::InTheWay,
            format!("{} is a directory, not a file", path.display()),
        ));
    }
    let mut data: BTreeMap<&str, BTreeMap<&str, &[&Value]>> = BTreeMap::new();
    for (id, ready) in ready {
        let (area, name) = id.split_once('.').unwrap_or((id, ""));
        data.entry(area).or_default().insert(name, &ready.items);
    }
    let Manifest { levelmark, tenant, taken, redacted, sections } = manifest;
    let redacted = redacted.as_ref();
    put(path, &Whole { levelmark: *levelmark, tenant, taken, redacted, sections, data })
}

fn directory(
    path: &Path,
    manifest: &Manifest,
    ready: &BTreeMap<&str, Ready<'_>>,
) -> Result<(), SnapshotError> {
    if path.exists() && !path.is_dir() {
        return Err(SnapshotError::new(
            Code::InTheWay,
            format!("{} is a file, not a directory", path.display()),
        ));
    }
    fs::create_dir_all(path).map_err(|error| SnapshotError::io("create", path, &error))?;
    let stale = stale(path, ready)?;
    let write = |(id, ready): (&&str, &Ready<'_>)| put(&path.join(format!("{id}.json")), &ready.items);
    ready.par_iter().try_for_each(write)?;
    put(&path.join(files::MANIFEST), manifest)?;
    for path in stale {
        fs::remove_file(&path).map_err(|error| SnapshotError::io("remove", &path, &error))?;
    }
    Ok(())
}

/// Section files of the snapshot that is replaced. Files of anybody else are not ours to remove.
fn stale(path: &Path, ready: &BTreeMap<&str, Ready<'_>>) -> Result<Vec<std::path::PathBuf>, SnapshotError> {
    let former = former(&path.join(files::MANIFEST));
    let mut stale = Vec::new();
    for (id, file) in
        files::section_files(path)?.into_iter().filter(|(id, _)| !ready.contains_key(id.as_str()))
    {
        if !former.contains(&id) {
            return Err(SnapshotError::new(
                Code::InTheWay,
                format!("{} is in the way: it belongs to no snapshot", file.display()),
            )
            .help("move it away, or choose another directory"));
        }
        stale.push(file);
    }
    Ok(stale)
}

/// The sections that the manifest on disk lists; none where it cannot be read.
fn former(manifest: &Path) -> BTreeSet<String> {
    let parsed = files::text(manifest).ok().and_then(|text| super::Document::parse(text).ok());
    let sections = parsed.as_ref().and_then(|document| document.root().get("sections"));
    sections
        .into_iter()
        .flat_map(|sections| sections.members())
        .map(|(name, _, _)| name.into_owned())
        .collect()
}

/// Writes the manifest of a directory whose sections are there already; without it the directory is
/// no snapshot.
///
/// # Errors
/// What the disk says.
pub fn manifest(directory: &Path, manifest: &Manifest) -> Result<(), SnapshotError> {
    put(&directory.join(files::MANIFEST), manifest)
}

/// Writes a value to a new file beside `path` and renames it.
pub(crate) fn put(path: &Path, value: &impl Serialize) -> Result<(), SnapshotError> {
    let failed = |error: io::Error| SnapshotError::io("write", path, &error);
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut out = BufWriter::new(beside(parent).map_err(failed)?);
    serde_json::to_writer_pretty(&mut out, value).map_err(|error| failed(error.into()))?;
    out.write_all(b"\n").map_err(failed)?;
    persist(out, path).map_err(failed)
}

/// A nameless file becomes this one.
pub(crate) fn persist(out: BufWriter<NamedTempFile>, path: &Path) -> io::Result<()> {
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    // Else a power cut could leave the new name with nothing behind it.
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// How the names of files that are being written begin and end.
const UNFINISHED: (&str, &str) = (".levelmark-", ".tmp");

/// Whether a file of this name was being written, perhaps by somebody who was killed.
#[cfg(feature = "collect")]
pub(crate) fn is_unfinished(name: &str) -> bool {
    name.starts_with(UNFINISHED.0) && name.ends_with(UNFINISHED.1)
}

/// A new file in a folder, to be renamed when it is whole.
pub(crate) fn beside(parent: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED.0).suffix(UNFINISHED.1);
    // A snapshot is an ordinary file: who may read it is the user's to say, by umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(parent)
}
