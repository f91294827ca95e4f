//! The file of answers: read anew, appended to, replaced whole. Comes in: a path, a tenant, entries.
//! Goes out: a file that has what it had, byte for byte, and the entries. Not here: their text
//! (`entry`).
//!
//! Every change is written to a file beside and renamed over the old one: who is stopped in the
//! middle leaves the old file or the new one. Before that the new text is read as the file would be,
//! and has to say what the old one said and the entries behind it.

use std::fs;
use std::path::{Path, PathBuf};

use super::{AttestError, Entry, entry};
use crate::config::{Answer, Attestations};
use crate::yaml::append::{self, Addition, Pairs};
use crate::yaml::file::{self, Limits};

/// The answers of one tenant on disk.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    tenant: String,
}

impl Store {
    /// The store at a path; the file need not exist.
    ///
    /// # Errors
    /// A file that can't be read, is invalid, or is about another tenant.
    pub fn at(path: &Path, tenant: &str) -> Result<Self, AttestError> {
        // A link stays one: what it leads to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let store = Self { path, tenant: tenant.to_ascii_lowercase() };
        store.read()?;
        Ok(store)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The answers in it.
    ///
    /// # Errors
    /// As [`Store::at`].
    pub fn answers(&self) -> Result<Vec<Answer>, AttestError> {
        Ok(self.read()?.map(|(_, file)| file.answers).unwrap_or_default())
    }

    /// Appends entries, all or none.
    ///
    /// # Errors
    /// The file can't be read or written, is of another tenant by now, or has no place to append.
    pub fn append(&self, entries: &[Entry]) -> Result<(), AttestError> {
        if entries.is_empty() {
            return Ok(());
        }
        let _alone = append::alone(&self.path);
        append::replace(&self.path, &self.next(entries)?)
            .map_err(|error| AttestError::io("write", &self.path, error))
    }

    /// The file with the entries in it.
    fn next(&self, entries: &[Entry]) -> Result<String, AttestError> {
        match self.read()? {
            None => self.fresh(entries),
            Some((bytes, file)) => self.extended(&bytes, &file, entries),
        }
    }

    /// Bytes and contents of the file, if there is one.
    fn read(&self) -> Result<Option<(Vec<u8>, Attestations)>, AttestError> {
        let bytes = match file::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(AttestError::io("read", &self.path, error)),
        };
        let file = Attestations::read(&self.path.display().to_string(), &bytes)?;
        if file.tenant != self.tenant {
            return Err(AttestError::Tenant {
                path: self.path.clone(),
                theirs: file.tenant,
                ours: self.tenant.clone(),
            });
        }
        Ok(Some((bytes, file)))
    }

    fn fresh(&self, entries: &[Entry]) -> Result<String, AttestError> {
        let head = "# Answers of people to questions that no interface answers. New ones are appended; the latest counts.\n";
        let text = format!("{head}tenant: {}\nanswers:\n{}", self.tenant, blocks(entries));
        self.holds(&text, &[], entries).then_some(text).ok_or_else(|| self.shape(entries))
    }

    /// The first way of appending after which the file says what it said, and the entries.
    fn extended(&self, bytes: &[u8], file: &Attestations, entries: &[Entry]) -> Result<String, AttestError> {
        let pairs: Vec<Pairs> = entries.iter().map(entry::pairs).collect();
        let text =
            addition(&pairs).to((bytes, &file.source), |text| self.holds(text, &file.answers, entries));
        text.ok_or_else(|| self.shape(entries))
    }

    /// Whether a text reads as the old answers and the new ones behind them.
    fn holds(&self, text: &str, old: &[Answer], new: &[Entry]) -> bool {
        let Ok(file) = Attestations::read("answers", text.as_bytes()) else { return false };
        let (kept, added) = file.answers.split_at(old.len().min(file.answers.len()));
        file.tenant == self.tenant
            && kept.len() == old.len()
            && kept.iter().zip(old).all(|(a, b)| same(a, b))
            && added.len() == new.len()
            && new.iter().zip(added).all(|(entry, answer)| entry.is(answer))
    }

    fn shape(&self, entries: &[Entry]) -> AttestError {
        AttestError::Shape { path: self.path.clone(), entry: blocks(entries) }
    }

    /// As [`Store::append`], but stopped right before the rename.
    #[cfg(test)]
    pub(super) fn append_and_stop(&self, entries: &[Entry]) -> Result<tempfile::NamedTempFile, AttestError> {
        append::staged(&self.path, &self.next(entries)?)
            .map_err(|error| AttestError::io("write", &self.path, error))
    }
}

fn same(a: &Answer, b: &Answer) -> bool {
    (&a.check, a.answer, a.on, &a.by, &a.evidence, &a.reason, a.expires)
        == (&b.check, b.answer, b.on, &b.by, &b.evidence, &b.reason, b.expires)
}

fn addition(entries: &[Pairs]) -> Addition<'_> {
    Addition { list: "answers", entries, limits: Limits::ORDINARY }
}

fn blocks(entries: &[Entry]) -> String {
    let pairs: Vec<Pairs> = entries.iter().map(entry::pairs).collect();
    addition(&pairs).blocks("  ", "\n")
}
