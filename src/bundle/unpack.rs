//! Opening a bundle of somebody else. Comes in: a hostile file. Goes out: a temporary folder with the files
//! that the manifest names, and which of them are missing, changed or too many. Nothing is written outside
//! of that folder, no link is made, and no more is unpacked than the manifest says. Not here: evaluating.

use std::fs;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use serde::Serialize;
use tempfile::TempDir;
use zip::{CompressionMethod, ZipArchive};

use super::manifest::{File, Manifest};
use super::pack::{Written, copy};
use super::{MANIFEST, Problem, limits, paths};
use crate::report::escape;

/// The end of a central directory without a comment (APPNOTE 4.3.16), and the locator of Zip64's before it.
const END: usize = 22;
const END_MARK: &[u8] = b"PK\x05\x06";
const LOCATOR: usize = 20;
const LOCATOR_MARK: &[u8] = b"PK\x06\x07";
/// Kind of file in a Unix mode: the mask, and a regular one.
const KIND: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;

/// A bundle in a temporary folder.
#[derive(Debug)]
pub struct Unpacked {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Files that are not as the manifest says, in order of their paths.
    pub faults: Vec<Fault>,
    /// The archive itself.
    pub archive: Written,
    folder: TempDir,
}

/// A file that is not as the manifest says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Its path.
    pub path: String,
    /// What is wrong.
    pub what: What,
}

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// It has another digest or length.
    Changed,
    /// It is not there.
    Missing,
    /// The manifest does not name it.
    Extra,
}

type Archive = ZipArchive<BufReader<fs::File>>;

impl Unpacked {
    /// Where the files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens, checks and unpacks.
    ///
    /// # Errors
    /// What is no bundle, or none that this program opens.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        let failed = |error: io::Error| Problem::io("read", path, &error);
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(Problem::new(format!("{} is not a regular file", path.display())));
        }
        let mut file = fs::File::open(path).map_err(failed)?;
        let not = |problem: Problem| Problem {
            message: format!("{} can't be verified: {}", path.display(), problem.message),
            ..problem
        };
        let length = file.metadata().map_err(failed)?.len();
        let entries = end(&mut file, length).map_err(not)?;
        file.rewind().map_err(failed)?;
        let (bytes, sha256) = copy(&file, io::sink()).map_err(failed)?;
        file.rewind().map_err(failed)?;
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| not(damaged(&error)))?;
        let names = names(&mut archive, entries, length).map_err(not)?;
        let manifest = manifest(&mut archive, &names).map_err(not)?;
        let folder = tempfile::Builder::new().prefix("levelmark-verify-").tempdir();
        let folder =
            folder.map_err(|error| Problem::new(format!("there is no temporary folder: {error}")))?;
        let faults = unpack(&mut archive, &names, &manifest, folder.path()).map_err(not)?;
        Ok(Self { manifest, faults, archive: Written { bytes, sha256 }, folder })
    }
}

/// How many entries the archive has, by its last bytes. Looked at before anything else, since a reader of
/// archives makes room for as many as they claim. What `bundle` writes has neither comment nor Zip64.
fn end(file: &mut fs::File, length: u64) -> Result<usize, Problem> {
    let no =
        || Problem::new("it is no ZIP archive, or cut off").help("a bundle is what `levelmark bundle` wrote");
    if length > limits::BYTES {
        return Err(Problem::new(format!("it has more than {} bytes", limits::BYTES)));
    }
    let back = length.min((END + LOCATOR) as u64);
    let mut tail = Vec::new();
    let read = file.seek(SeekFrom::Start(length - back)).and_then(|_| file.take(back).read_to_end(&mut tail));
    read.map_err(|_| no())?;
    let at = tail.len().checked_sub(END).ok_or_else(no)?;
    let (before, end) = tail.split_at_checked(at).ok_or_else(no)?;
    if !end.starts_with(END_MARK) || before.starts_with(LOCATOR_MARK) {
        return Err(no());
    }
    let short = |at: usize| {
        end.get(at..at + 2).and_then(|two| two.try_into().ok()).map(u16::from_le_bytes).ok_or_else(no)
    };
    let (disk, start_disk, here, entries, comment) =
        (short(4)?, short(6)?, short(8)?, short(10)?, short(20)?);
    if (disk, start_disk, comment) != (0, 0, 0) || here != entries {
        return Err(no());
    }
    match usize::from(entries) {
        entries if entries > limits::FILES + 1 => {
            Err(Problem::new(format!("it has more than {} files", limits::FILES)))
        }
        entries => Ok(entries),
    }
}

/// The names of all entries in order, each of them a plain file; no more inflated than is allowed.
fn names(archive: &mut Archive, entries: usize, length: u64) -> Result<Vec<String>, Problem> {
    if archive.has_duplicate_names() || archive.len() != entries {
        return Err(Problem::new("two of its entries have the same name"));
    }
    if archive.offset() != 0 {
        return Err(Problem::new("something stands before its first entry"));
    }
    // Local and central headers say the same, and no entry lies within another.
    archive.validate_header_consistency().map_err(|error| damaged(&error))?;
    let mut names: Vec<String> = Vec::new();
    let mut folded = std::collections::BTreeSet::new();
    let mut total: u64 = 0;
    for index in 0..entries {
        let entry = archive.by_index_data(index).map_err(|error| damaged(&error))?;
        let name = std::str::from_utf8(entry.name_raw()).unwrap_or("\\").to_owned();
        let refuse = |why: &str| {
            let shown: String = name.chars().take(120).collect();
            Err(Problem::new(format!("its entry `{}` is refused: {why}", escape::terminal(&shown))))
        };
        if let Some(why) = paths::fault(&name) {
            return refuse(why);
        }
        let kind = entry.unix_mode().map_or(0, |mode| mode & KIND);
        if entry.is_symlink() || entry.is_dir() || !(kind == 0 || kind == REGULAR) {
            return refuse("it is a link, a folder or a device");
        }
        if entry.encrypted() {
            return refuse("it is encrypted");
        }
        if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return refuse("it is packed in another way than deflate");
        }
        if !folded.insert(paths::folded(&name)) {
            return refuse("another entry has the same name where case does not count");
        }
        total = total.saturating_add(entry.size());
        names.push(name);
    }
    if total > limits::BYTES || (total > limits::FREE && total / limits::RATIO > length) {
        return Err(Problem::new(format!("{length} bytes would become {total}: that is a bomb")));
    }
    Ok(names)
}

fn manifest(archive: &mut Archive, names: &[String]) -> Result<Manifest, Problem> {
    let index = names.iter().position(|name| name == MANIFEST);
    let index = index.ok_or_else(|| {
        Problem::new("it has no manifest.json").help("a bundle is what `levelmark bundle` wrote")
    })?;
    let entry = archive.by_index(index).map_err(|error| damaged(&error))?;
    if entry.size() > limits::MANIFEST {
        return Err(Problem::new("its manifest is too large"));
    }
    let mut bytes = Vec::new();
    entry.take(limits::MANIFEST).read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
    Manifest::read(&bytes)
}

/// Writes the files that the manifest names, as far as they are what it says.
fn unpack(
    archive: &mut Archive,
    names: &[String],
    manifest: &Manifest,
    folder: &Path,
) -> Result<Vec<Fault>, Problem> {
    let mut listed = manifest.by_path();
    let mut faults = Vec::new();
    for (index, name) in names.iter().enumerate().filter(|(_, name)| *name != MANIFEST) {
        let what = match listed.remove(name.as_str()) {
            None => Some(What::Extra),
            Some(file) => (!one(archive, index, file, folder)?).then_some(What::Changed),
        };
        faults.extend(what.map(|what| Fault { path: name.clone(), what }));
    }
    faults.extend(listed.into_keys().map(|path| Fault { path: path.to_owned(), what: What::Missing }));
    faults.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(faults)
}

/// Writes one file; whether it is what the manifest says.
fn one(archive: &mut Archive, index: usize, file: &File, folder: &Path) -> Result<bool, Problem> {
    let entry = archive.by_index(index).map_err(|error| damaged(&error))?;
    if entry.size() != file.bytes {
        return Ok(false);
    }
    let to = folder.join(&file.path);
    let failed = |error: io::Error| Problem::io("write", &to, &error);
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    let out = fs::File::create_new(&to).map_err(failed)?;
    // Its header may lie about the length.
    let (bytes, sha256) =
        copy(entry.take(file.bytes.saturating_add(1)), out).map_err(|error| damaged(&error))?;
    Ok(bytes == file.bytes && sha256 == file.sha256)
}

fn damaged(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(format!("the archive is damaged: {error}"))
}
