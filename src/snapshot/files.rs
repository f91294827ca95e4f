//! Files on disk: what may be read, and the directory form of a snapshot. Comes in: paths. Goes out:
//! texts and parts. Regular files only, none larger than 4 GiB, no links out of the directory. Not
//! here: what the parts say (`assemble`).

use std::ffi::OsStr;
use std::fs::{self, File, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::assemble::{Found, Parts, Section};
use super::document::{Document, JsonError};
use super::lex::{self, What};
use super::problem::{Code, SnapshotError};
use super::record::Manifest;
use super::skim;
use super::text::{LONGEST, Text};
use super::{SECTIONS, Wanted};

/// The name of the manifest in the directory form.
pub(super) const MANIFEST: &str = "manifest.json";

/// Reads one regular file, whatever stands in it. A link to one is fine: whoever named it chose it.
///
/// # Errors
/// No file, no regular file, too large, not UTF-8.
pub(super) fn text(path: &Path) -> Result<Arc<Text>, SnapshotError> {
    let name = path.display().to_string();
    let failed = |error: std::io::Error| SnapshotError::io("read", path, &error);
    // Asked before opening, since opening a pipe waits for its writer.
    let found = fs::metadata(path).map_err(failed)?;
    regular(&name, found.file_type())?;
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    if length > LONGEST {
        return Err(SnapshotError::too_large(&name, length));
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    fill(&file, &mut bytes).map_err(failed)?;
    Text::from_bytes(name, bytes).map(Arc::new)
}

/// Reads a file in parts side by side: for a large one, most of the time goes into first touching its
/// memory. A file that shrinks meanwhile is an error.
fn fill(file: &File, bytes: &mut [u8]) -> io::Result<()> {
    const PART: usize = 4 << 20;
    bytes
        .par_chunks_mut(PART)
        .enumerate()
        .try_for_each(|(part, bytes)| read_at(file, bytes, (part * PART) as u64))
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = bytes.get_mut(read..).unwrap_or_default();
        offset += read as u64;
    }
    Ok(())
}

fn regular(name: &str, kind: FileType) -> Result<(), SnapshotError> {
    if kind.is_file() {
        return Ok(());
    }
    let what = if kind.is_dir() { "a directory" } else { "a pipe, device or socket" };
    Err(SnapshotError::new(Code::NotAFile, format!("{name} is {what}, not a regular file"))
        .help("to read from a pipe, give `-` and pipe into standard input"))
}

/// Finds the parts of a snapshot in a directory.
pub(super) fn parts(directory: &Path, wanted: Wanted<'_>) -> Result<Parts, SnapshotError> {
    let path = directory.join(MANIFEST);
    if fs::symlink_metadata(&path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return Err(no_manifest(directory));
    }
    inside(directory, &path)?;
    let text = text(&path)?;
    let manifest = Document::parse(text.clone()).map_err(|error| SnapshotError::json(&error, &text))?;
    let files = section_files(directory)?;
    if files.len() > SECTIONS {
        let message = format!("{} has more than {SECTIONS} sections", directory.display());
        return Err(SnapshotError::new(Code::TooMany, message));
    }
    let read = |(id, path): (String, PathBuf)| Ok(Section::read(section(directory, id, &path)?, wanted));
    let read: Vec<Result<Section, SnapshotError>> = files.into_par_iter().map(read).collect();
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for result in read {
        match result {
            Ok(section) => found.push(section),
            Err(problem) => problems.push(problem),
        }
    }
    // Sections that cannot be read would be reported as missing, too.
    SnapshotError::all(problems)?;
    Ok(Parts { manifest, found, problems: Vec::new() })
}

/// The files of a snapshot's directory form, the manifest first, for a copy: what is in one place stays
/// there, so links out of it are refused.
///
/// # Errors
/// No manifest, a link out of the directory, too many files.
pub fn listed(directory: &Path) -> Result<Vec<PathBuf>, SnapshotError> {
    let manifest = directory.join(MANIFEST);
    if !manifest.exists() {
        return Err(no_manifest(directory));
    }
    let sections = section_files(directory)?;
    if sections.len() > SECTIONS {
        let message = format!("{} has more than {SECTIONS} sections", directory.display());
        return Err(SnapshotError::new(Code::TooMany, message));
    }
    let files: Vec<PathBuf> =
        std::iter::once(manifest).chain(sections.into_iter().map(|(_, path)| path)).collect();
    files.iter().try_for_each(|path| inside(directory, path))?;
    Ok(files)
}

fn no_manifest(directory: &Path) -> SnapshotError {
    let help = match ["snapshot", "snapshot.json"]
        .map(|name| directory.join(name))
        .into_iter()
        .find(|path| path.exists())
    {
        Some(inner) => format!("did you mean {}?", inner.display()),
        None => {
            format!("a snapshot is a JSON file, or a directory with {MANIFEST} and one file for each section")
        }
    };
    let message = format!("{} is not a snapshot: it has no {MANIFEST}", directory.display());
    SnapshotError::new(Code::NoManifest, message).help(help)
}

/// The files that hold sections, by id: every `<id>.json`, known or not, so that a slip in a name is
/// noticed. Hidden files are not ours.
///
/// # Errors
/// The directory cannot be listed.
pub(super) fn section_files(directory: &Path) -> Result<Vec<(String, PathBuf)>, SnapshotError> {
    let failed = |error: std::io::Error| SnapshotError::io("list", directory, &error);
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
        let Some(id) = name.strip_suffix(".json") else { continue };
        if name != MANIFEST && !name.starts_with('.') {
            files.push((id.to_owned(), path));
        }
    }
    files.sort();
    Ok(files)
}

/// Refuses a link that leads out of the directory.
fn inside(directory: &Path, path: &Path) -> Result<(), SnapshotError> {
    let failed = |error: std::io::Error| SnapshotError::io("read", path, &error);
    if !fs::symlink_metadata(path).map_err(failed)?.is_symlink() {
        return Ok(());
    }
    let (target, home) = (path.canonicalize().map_err(failed)?, directory.canonicalize().map_err(failed)?);
    if target.starts_with(home) {
        return Ok(());
    }
    Err(SnapshotError::new(Code::Outside, format!("{} is a link out of the directory", path.display()))
        .help("a snapshot keeps its evidence together: put the file itself there"))
}

/// One section's file, skimmed.
fn section(directory: &Path, id: String, path: &Path) -> Result<Found, SnapshotError> {
    inside(directory, path)?;
    let text = text(path)?;
    let bytes = text.as_str().as_bytes();
    let start = lex::blanks(bytes, text.body().start as usize);
    let outline = match bytes.get(start) {
        None => lex::fault(What::Empty, start, start),
        Some(_) => skim::skim(bytes, start),
    };
    let outline = outline.and_then(|outline| match lex::blanks(bytes, outline.end) {
        end if end == bytes.len() => Ok(outline),
        end => lex::fault(What::Trailing, end, end + 1),
    });
    match outline {
        Ok(outline) => Ok(Found { id, name: None, text, start, outline }),
        Err(fault) => Err(SnapshotError::json(&JsonError::new(fault, &text), &text)),
    }
}

/// Values in memory, as if they had been read from the section's file.
pub(super) fn in_memory(id: &str, value: &serde_json::Value) -> Result<Found, SnapshotError> {
    let text = Arc::new(Text::new(format!("{id}.json"), format!("{value:#}")));
    match skim::skim(text.as_str().as_bytes(), 0) {
        Ok(outline) => Ok(Found { id: id.to_owned(), name: None, text, start: 0, outline }),
        Err(fault) => Err(SnapshotError::json(&JsonError::new(fault, &text), &text)),
    }
}

/// A manifest in memory, as if it had been read from its file.
pub(super) fn page(manifest: &Manifest) -> Result<Document, SnapshotError> {
    let written = serde_json::to_string_pretty(manifest);
    let written = written.map_err(|error| {
        SnapshotError::new(Code::Manifest, format!("the manifest cannot be written: {error}"))
    })?;
    let text = Arc::new(Text::new(MANIFEST, written));
    Document::parse(text.clone()).map_err(|error| SnapshotError::json(&error, &text))
}
