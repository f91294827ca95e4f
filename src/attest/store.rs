//! The file of answers: read anew, appended to, replaced whole. Comes in: a path, a tenant, entries.
//! Goes out: a file that has what it had, byte for byte, and the entries. Not here: their text
//! (`entry`).
//!
//! Every change is written to a file beside and renamed over the old one: who is stopped in the
//! middle leaves the old file or the new one. Before that the new text is read as the file would be,
//! and has to say what the old one said and the entries behind it.

use std::fs;
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::{AttestError, Entry, entry};
use crate::config::{Answer, Attestations};
use crate::yaml::tree::{self, Kind, Node};

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
        let text = match self.read()? {
            None => self.fresh(entries)?,
            Some((bytes, file)) => self.extended(&bytes, &file, entries)?,
        };
        let staged = self.staged(&text)?;
        staged.persist(&self.path).map_err(|error| AttestError::io("write", &self.path, error.error))?;
        Ok(())
    }

    /// Bytes and contents of the file, if there is one.
    fn read(&self) -> Result<Option<(Vec<u8>, Attestations)>, AttestError> {
        let bytes = match tree::read(&self.path) {
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
        let text = format!("{head}tenant: {}\nanswers:\n{}", self.tenant, blocks(entries, "  ", "\n"));
        self.holds(&text, &[], entries).then_some(text).ok_or_else(|| self.shape(entries))
    }

    /// The first way of appending after which the file says what it said, and the entries.
    fn extended(&self, bytes: &[u8], file: &Attestations, entries: &[Entry]) -> Result<String, AttestError> {
        let good = |text: &String| self.holds(text, &file.answers, entries);
        let mark = if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) { "\u{FEFF}" } else { "" };
        let text = ways(file, entries).into_iter().map(|text| format!("{mark}{text}")).find(good);
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

    /// The new text in a file beside, on disk.
    fn staged(&self, text: &str) -> Result<tempfile::NamedTempFile, AttestError> {
        let failed = |error| AttestError::io("write", &self.path, error);
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        builder.prefix(".levelmark-").suffix(".tmp");
        // An ordinary file: who may read it is the user's to say, by umask.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(parent.unwrap_or(Path::new("."))).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        if let Ok(found) = fs::metadata(&self.path) {
            file.as_file().set_permissions(found.permissions()).map_err(failed)?;
        }
        file.as_file().sync_all().map_err(failed)?;
        Ok(file)
    }

    fn shape(&self, entries: &[Entry]) -> AttestError {
        AttestError::Shape { path: self.path.clone(), entry: blocks(entries, "  ", "\n") }
    }

    /// As [`Store::append`], but stopped right before the rename.
    #[cfg(test)]
    pub(super) fn append_and_stop(&self, entries: &[Entry]) -> Result<tempfile::NamedTempFile, AttestError> {
        let (bytes, file) = self.read()?.unwrap();
        self.staged(&self.extended(&bytes, &file, entries)?)
    }
}

fn same(a: &Answer, b: &Answer) -> bool {
    (&a.check, a.answer, a.on, &a.by, &a.evidence, &a.reason, a.expires)
        == (&b.check, b.answer, b.on, &b.by, &b.evidence, &b.reason, b.expires)
}

fn blocks(entries: &[Entry], indent: &str, end: &str) -> String {
    entries.iter().map(|one| entry::block(one, indent, end)).collect()
}

/// The texts that the file could become, the likeliest first. Whether one is right is seen by reading it.
fn ways(file: &Attestations, entries: &[Entry]) -> Vec<String> {
    let text = file.source.text.as_ref();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut mistakes = Vec::new();
    let root = tree::parse(&file.source, 0..text.len(), &mut mistakes);
    let Some(Kind::Map(keys)) = root.map(|root| root.kind) else { return Vec::new() };
    let Some(list) = keys.iter().find(|key| key.key == "answers").map(|key| &key.value) else {
        let blocks = format!("answers:{end}{}", blocks(entries, "  ", end));
        return vec![inserted(text, text.len()..text.len(), &blocks, end)];
    };
    let Kind::List(items) = &list.kind else { return Vec::new() };
    let mut ways = Vec::new();
    if text.get(list.at.clone()).is_some_and(|text| text.starts_with('[')) {
        if items.is_empty() {
            let after = format!("{}{}", text.get(..list.at.start).unwrap_or_default().trim_end(), "");
            let rest = text.get(list.at.end..).unwrap_or_default();
            let line = rest.find('\n').map_or(rest.len(), |at| at + 1);
            let whole = format!("{after}{rest}");
            let at = after.len() + line;
            ways.push(inserted(&whole, at..at, &blocks(entries, "  ", end), end));
        }
        ways.extend(in_brackets(text, list, entries));
    } else if let Some(last) = items.last() {
        let indent = indent(text, last).unwrap_or_else(|| "  ".to_owned());
        let at = behind(text, last.at.end);
        ways.push(inserted(text, at..at, &blocks(entries, &indent, end), end));
        ways.push(inserted(text, text.len()..text.len(), &blocks(entries, &indent, end), end));
    }
    ways
}

/// The text with whole lines put in at the beginning of a line.
fn inserted(text: &str, at: Range<usize>, lines: &str, end: &str) -> String {
    let (before, after) = text.split_at_checked(at.start).unwrap_or((text, ""));
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { end };
    format!("{before}{gap}{lines}{after}")
}

/// Before the closing bracket, with a comma where one is missing.
fn in_brackets(text: &str, list: &Node<'_>, entries: &[Entry]) -> Vec<String> {
    let Some(close) = text.get(list.at.clone()).and_then(|list| list.rfind(']')) else { return Vec::new() };
    let (before, after) = text.split_at_checked(list.at.start + close).unwrap_or((text, ""));
    let new: Vec<String> = entries.iter().map(entry::flow).collect();
    let new = new.join(", ");
    vec![format!("{before}, {new}{after}"), format!("{before} {new}{after}")]
}

/// The beginning of the line behind a value, the rest of its own line (a comment) left where it is.
fn behind(text: &str, end: usize) -> usize {
    let before = text.get(..end).unwrap_or_default();
    if before.ends_with('\n') {
        return end;
    }
    text.get(end..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| end + at + 1)
}

/// What stands before the dash of a list's item.
fn indent(text: &str, item: &Node<'_>) -> Option<String> {
    let dash = text.get(..item.at.start)?.rfind('-')?;
    let line = text.get(..dash)?.rfind('\n').map_or(0, |at| at + 1);
    let indent = text.get(line..dash)?;
    indent.bytes().all(|byte| byte == b' ').then(|| indent.to_owned())
}
