//! Files that people write, as text. Comes in: a path, or a name and bytes. Goes out: a source, or a mistake that says what
//! the file is instead. Not here: what is written in it (`tree`).

use std::borrow::Cow;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use super::mistake::{Mistake, Source};

/// Bytes of a file that a person writes.
pub const MAX_BYTES: usize = 256 * 1024;
/// Bytes of one line: miette can't show a label far to the right, and nobody reads such a line.
pub const MAX_LINE: usize = 8 * 1024;
/// Scalars, lists and maps together.
pub const MAX_NODES: usize = 50_000;

/// How much one file may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes.
    pub bytes: usize,
    /// Scalars, lists and maps together.
    pub nodes: usize,
}

impl Limits {
    /// What people write by hand.
    pub const ORDINARY: Self = Self { bytes: MAX_BYTES, nodes: MAX_NODES };
}

/// The bytes of a file, at most one more than [`MAX_BYTES`] so that `source` can refuse it.
///
/// # Errors
/// Those of the system; what is no regular file.
pub fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    read_within(path, Limits::ORDINARY)
}

/// As [`read`], for files that may be larger or smaller than is ordinary.
///
/// # Errors
/// As [`read`].
pub fn read_within(path: &Path, limits: Limits) -> std::io::Result<Vec<u8>> {
    // Asked before it is opened: opening a pipe would wait for somebody to write into it.
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(limits.bytes as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The source of a file's bytes: UTF-8, a byte order mark taken off.
///
/// # Errors
/// A mistake that says what the bytes are instead.
pub fn source(name: &str, bytes: &[u8]) -> Result<Arc<Source>, Mistake> {
    source_within(name, bytes, Limits::ORDINARY)
}

/// As [`source`], for files that may be larger or smaller than is ordinary.
///
/// # Errors
/// As [`source`].
pub fn source_within(name: &str, bytes: &[u8], limits: Limits) -> Result<Arc<Source>, Mistake> {
    let text = Cow::Owned(text(name, bytes, limits)?.to_owned());
    Ok(Arc::new(Source { name: name.to_owned(), text }))
}

/// The same of a file inside the program, whose text need not be copied.
///
/// # Errors
/// As [`source`].
pub fn builtin(name: &str, bytes: &'static [u8]) -> Result<Arc<Source>, Mistake> {
    let text = Cow::Borrowed(text(name, bytes, Limits::ORDINARY)?);
    Ok(Arc::new(Source { name: name.to_owned(), text }))
}

fn text<'b>(name: &str, bytes: &'b [u8], limits: Limits) -> Result<&'b str, Mistake> {
    let mistake = |message: String| Mistake::new("yaml::file", format!("{name}: {message}"), None);
    if bytes.len() > limits.bytes {
        return Err(mistake(format!("the file has more than {} KiB", limits.bytes / 1024)));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(mistake("the file is UTF-16".to_owned()).help("save it as UTF-8"));
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = 1 + good.iter().filter(|b| **b == b'\n').count();
            let column = 1 + good.rsplit(|b| *b == b'\n').next().map_or(0, <[u8]>::len);
            Err(mistake(format!("not UTF-8 at line {line}, byte {column}")).help("save it as UTF-8"))
        }
    }
}

/// Refuses what could not be shown: over-long lines, control and direction-changing characters.
pub(super) fn check(source: &Arc<Source>) -> Result<(), Mistake> {
    for (number, line) in source.text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let number = number + 1;
        if line.len() > MAX_LINE {
            let message = format!("{}: line {number} has more than {MAX_LINE} bytes", source.name);
            return Err(Mistake::new("yaml::file", message, None).help("break it into several lines"));
        }
        // The bytes first: nearly every line is plain ASCII. All of them, for that is done many at a time.
        let suspect = line.bytes().fold(false, |found, b| found | (b < 0x20 && b != b'\t') | (b >= 0x7f));
        if suspect && let Some((column, c)) = line.chars().enumerate().find(|(_, c)| hidden(*c)) {
            let message = format!(
                "{}: line {number}, column {} has the hidden character U+{:04X}",
                source.name,
                column + 1,
                u32::from(c)
            );
            return Err(Mistake::new("yaml::file", message, None).help("remove it"));
        }
    }
    Ok(())
}

/// Control characters, and those that change the direction of text and so hide what is written.
fn hidden(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_text() {
        let message = |bytes: &[u8]| source("t.yaml", bytes).map(|s| s.text.clone()).map_err(|m| m.message);
        assert_eq!(message(b"\xef\xbb\xbfa: 1").unwrap(), "a: 1");
        assert_eq!(message(b"\xff\xfea\0").unwrap_err(), "t.yaml: the file is UTF-16");
        assert_eq!(message(b"a: 1\nb: \xc3(").unwrap_err(), "t.yaml: not UTF-8 at line 2, byte 4");
        assert!(message(&vec![b'a'; MAX_BYTES + 1]).unwrap_err().contains("more than 256 KiB"));
    }
}
