//! Appending to a list of a YAML file that people write in, too: what is there stays, byte for byte. Comes in: a
//! source, entries as keys with values that are YAML already. Goes out: the text that the file becomes, and that text in
//! its place. Not here: whether a text says what it should; that is seen by reading it, which whoever appends does.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use tempfile::NamedTempFile;

use super::file::Limits;
use super::mistake::Source;
use super::tree::{self, Kind, Node};

/// The keys of an entry, in order, with their values as YAML on one line.
pub type Pairs = Vec<(&'static str, String)>;

/// What is appended.
#[derive(Debug, Clone, Copy)]
pub struct Addition<'a> {
    /// Key of the list at the top of the file.
    pub list: &'static str,
    /// What goes into it.
    pub entries: &'a [Pairs],
    /// What the file may hold.
    pub limits: Limits,
}

impl Addition<'_> {
    /// The entries as items of a block list, their dashes behind `indent`, each line ended.
    #[must_use]
    pub fn blocks(&self, indent: &str, end: &str) -> String {
        let mut text = String::new();
        for entry in self.entries {
            for (number, (key, value)) in entry.iter().enumerate() {
                let dash = if number == 0 { "- " } else { "  " };
                text.push_str(&format!("{indent}{dash}{key}: {value}{end}"));
            }
        }
        text
    }

    /// The file with the entries in it: the first of the ways that `holds`, which is to say that it reads as what was
    /// there and the entries behind it. A byte order mark stays. None where the file is written in no way that we know.
    pub fn to(&self, (bytes, source): (&[u8], &Arc<Source>), holds: impl Fn(&str) -> bool) -> Option<String> {
        let mark = if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) { "\u{FEFF}" } else { "" };
        self.ways(source).into_iter().map(|text| format!("{mark}{text}")).find(|text| holds(text))
    }

    /// The texts that the file could become, the likeliest first; a byte order mark is not in them.
    fn ways(&self, source: &Arc<Source>) -> Vec<String> {
        let text = source.text.as_ref();
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut mistakes = Vec::new();
        let root = tree::parse_within(source, 0..text.len(), self.limits, &mut mistakes);
        let Some(Kind::Map(keys)) = root.map(|root| root.kind) else { return Vec::new() };
        let Some(entry) = keys.iter().find(|key| key.key == self.list) else {
            let blocks = format!("{}:{end}{}", self.list, self.blocks("  ", end));
            return vec![inserted(text, text.len()..text.len(), &blocks, end)];
        };
        let list = &entry.value;
        if list.is_nothing() {
            // What says so in words is cut out; where nothing stands, the list goes behind the colon.
            let colon = text.get(entry.key_at.end..).and_then(|rest| rest.find(':'));
            let colon = colon.map_or(entry.key_at.end, |at| entry.key_at.end + at + 1);
            let cut = if list.at.is_empty() { colon..colon } else { list.at.clone() };
            return vec![self.instead(text, cut, end)];
        }
        let Kind::List(items) = &list.kind else { return Vec::new() };
        let mut ways = Vec::new();
        if text.get(list.at.clone()).is_some_and(|text| text.starts_with('[')) {
            if items.is_empty() {
                ways.push(self.instead(text, list.at.clone(), end));
            }
            ways.extend(self.in_brackets(text, list));
        } else if let Some(last) = items.last() {
            let indent = indent(text, last).unwrap_or_else(|| "  ".to_owned());
            let at = behind(text, last.at.end);
            ways.push(inserted(text, at..at, &self.blocks(&indent, end), end));
            ways.push(inserted(text, text.len()..text.len(), &self.blocks(&indent, end), end));
        }
        ways
    }

    /// Whole lines below the one in which a value is cut out; a comment behind it stays.
    fn instead(&self, text: &str, cut: Range<usize>, end: &str) -> String {
        let after = text.get(..cut.start).unwrap_or_default().trim_end();
        let rest = text.get(cut.end..).unwrap_or_default();
        let line = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let at = after.len() + line;
        inserted(&format!("{after}{rest}"), at..at, &self.blocks("  ", end), end)
    }

    /// Before the closing bracket, with a comma where one is missing.
    fn in_brackets(&self, text: &str, list: &Node<'_>) -> Vec<String> {
        let close = text.get(list.at.clone()).and_then(|list| list.rfind(']'));
        let Some(close) = close else { return Vec::new() };
        let (before, after) = text.split_at_checked(list.at.start + close).unwrap_or((text, ""));
        let new: Vec<String> = self.entries.iter().map(flow).collect();
        let new = new.join(", ");
        vec![format!("{before}, {new}{after}"), format!("{before} {new}{after}")]
    }
}

/// As an item of a list in brackets.
#[must_use]
pub fn flow(entry: &Pairs) -> String {
    let pairs: Vec<String> = entry.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// The text with whole lines put in at the beginning of a line.
fn inserted(text: &str, at: Range<usize>, lines: &str, end: &str) -> String {
    let (before, after) = text.split_at_checked(at.start).unwrap_or((text, ""));
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { end };
    format!("{before}{gap}{lines}{after}")
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

/// A folder, held by this process as long as the value lives: of two that append to a file in it, the second
/// waits. None where folders can't be locked (Windows, some network drives); then two at the very same moment may
/// overwrite one another, as anywhere.
#[must_use]
pub fn alone(path: &Path) -> Option<File> {
    let folder = File::open(folder_of(path)).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

/// A text in a new file beside `path`, on disk, to be renamed over it: who is stopped in the middle leaves the old
/// file or the new one.
///
/// # Errors
/// What the disk says.
pub fn staged(path: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".levelmark-").suffix(".tmp");
    // An ordinary file: who may read it is the user's to say, by umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder_of(path))?;
    file.write_all(text.as_bytes())?;
    if let Ok(found) = fs::metadata(path) {
        file.as_file().set_permissions(found.permissions())?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

/// Puts a text in the place of a file, whole or not at all.
///
/// # Errors
/// What the disk says.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    staged(path, text)?.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
