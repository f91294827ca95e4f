//! Making a bundle: files are put into a folder first, where they can be evaluated as an auditor will, then
//! into one archive. The same files make the same bytes: fixed order, times and level. Comes in: bytes and
//! paths. Goes out: a file, whole or not at all. Not here: which files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::manifest::{File, Manifest};
use super::{MANIFEST, Problem, limits, paths};
use crate::snapshot::write::{beside, persist};

/// Bytes copied at once.
const PIECE: usize = 64 << 10;
/// Deflate's own middle way. zlib-rs gives the same bytes on every processor.
const LEVEL: i64 = 6;

/// A bundle that is not packed yet.
#[derive(Debug)]
pub struct Stage {
    folder: TempDir,
    files: BTreeMap<String, File>,
    names: BTreeSet<String>,
    total: u64,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// How long.
    pub bytes: u64,
    /// SHA-256 of the archive, hex.
    pub sha256: String,
}

impl Stage {
    /// An empty one, in a folder that only this user can enter.
    ///
    /// # Errors
    /// No temporary folder.
    pub fn new() -> Result<Self, Problem> {
        let folder = tempfile::Builder::new().prefix("levelmark-bundle-").tempdir();
        let folder =
            folder.map_err(|error| Problem::new(format!("there is no temporary folder: {error}")))?;
        Ok(Self { folder, files: BTreeMap::new(), names: BTreeSet::new(), total: 0 })
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its files in order.
    pub fn files(&self) -> Vec<File> {
        self.files.values().cloned().collect()
    }

    /// Puts bytes there.
    ///
    /// # Errors
    /// A name that no bundle can have, too much, what the disk says.
    pub fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), Problem> {
        self.take(path, bytes)
    }

    /// Copies a file there.
    ///
    /// # Errors
    /// As [`Stage::put`], and what is no regular file.
    pub fn copy(&mut self, path: &str, from: &Path) -> Result<(), Problem> {
        let failed = |error: io::Error| Problem::io("read", from, &error);
        // Asked before opening, since opening a pipe waits for its writer.
        if !fs::metadata(from).map_err(failed)?.is_file() {
            return Err(Problem::new(format!("{} is not a regular file", from.display())));
        }
        self.take(path, fs::File::open(from).map_err(failed)?)
    }

    fn take(&mut self, path: &str, from: impl Read) -> Result<(), Problem> {
        let refuse = |why: &str| Err(Problem::new(format!("{path} can't be packed: {why}")));
        if let Some(why) = paths::fault(path) {
            return refuse(why);
        }
        if !self.names.insert(paths::folded(path)) {
            return refuse("two files would have this name");
        }
        if self.files.len() >= limits::FILES {
            return refuse("a bundle has 20,000 files at most");
        }
        let to = self.folder.path().join(path);
        let failed = |error: io::Error| Problem::io("write", &to, &error);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let out = fs::File::create_new(&to).map_err(failed)?;
        let left = limits::BYTES.saturating_sub(self.total);
        let (bytes, sha256) = copy(from.take(left + 1), out).map_err(failed)?;
        if bytes > left {
            return refuse("a bundle has 4 GiB at most");
        }
        self.total += bytes;
        self.files.insert(path.to_owned(), File { path: path.to_owned(), bytes, sha256 });
        Ok(())
    }

    /// Writes the archive.
    ///
    /// # Errors
    /// What the disk says; a bundle that would be refused when it is unpacked.
    pub fn write(&self, manifest: &Manifest, path: &Path) -> Result<Written, Problem> {
        let failed = |error: io::Error| Problem::io("write", path, &error);
        manifest.check()?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let text = serde_json::to_vec_pretty(manifest).map_err(|error| failed(error.into()))?;
        let mut out = BufWriter::new(beside(parent).map_err(failed)?);
        self.archive(&text, &mut out).map_err(|error| failed(error.into()))?;
        out.flush().map_err(failed)?;
        let mut file = out.get_ref().reopen().map_err(failed)?;
        file.rewind().map_err(failed)?;
        let (bytes, sha256) = copy(file, io::sink()).map_err(failed)?;
        if self.total > limits::FREE && self.total / limits::RATIO > bytes {
            return Err(Problem::new(
                "these files say the same so often that an unpacker would take them for a bomb",
            ));
        }
        persist(out, path).map_err(failed)?;
        Ok(Written { bytes, sha256 })
    }

    fn archive(&self, manifest: &[u8], out: impl Write + Seek) -> zip::result::ZipResult<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        let mut archive = ZipWriter::new(out);
        archive.start_file(MANIFEST, options)?;
        archive.write_all(manifest)?;
        archive.write_all(b"\n")?;
        for path in self.files.keys() {
            archive.start_file(path.as_str(), options)?;
            io::copy(&mut fs::File::open(self.folder.path().join(path))?, &mut archive)?;
        }
        archive.finish()?;
        Ok(())
    }
}

/// Copies, and says how much and which.
pub(super) fn copy(mut from: impl Read, mut to: impl Write) -> io::Result<(u64, String)> {
    let (mut hash, mut total, mut piece) = (Sha256::new(), 0_u64, vec![0; PIECE]);
    loop {
        let read = match from.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let bytes = piece.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            to.flush()?;
            return Ok((total, hex(&hash.finalize())));
        }
        hash.update(bytes);
        to.write_all(bytes)?;
        total += bytes.len() as u64;
    }
}

/// SHA-256 of bytes, hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
