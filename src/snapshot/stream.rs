//! A section written item by item, so that memory holds its keys and never its items; and read that
//! way again. Comes in: items in any order. Goes out: the section's file, the same as if it had been
//! written whole (`write`). Not here: what the items are.

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::Path;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::Value;

use super::digest::Gathering;
use super::indent::indent;
use super::order::{Key, key_of};
use super::text::LONGEST;
use super::write::{beside, persist};
use crate::sections::Section;

/// Items on their way into a section's file: in a nameless file, which is gone with this value.
#[derive(Debug)]
pub struct Staged {
    section: &'static Section,
    file: BufWriter<File>,
    entries: Vec<Entry>,
    bytes: u64,
}

/// Where an item lies, and its place in the order.
#[derive(Debug)]
struct Entry {
    key: Key,
    /// Orders items without a key, whoever came first.
    hash: u64,
    start: u64,
    length: usize,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Number of items.
    pub items: u64,
    /// Items that came more than once under one key; the last of each was kept.
    pub doubles: u64,
    /// As in the section's record.
    pub sha256: String,
}

impl Staged {
    /// Nothing yet; the nameless file lies in `folder`.
    ///
    /// # Errors
    /// No file can be made there.
    pub fn new(section: &'static Section, folder: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(1 << 18, tempfile::tempfile_in(folder)?);
        Ok(Self { section, file, entries: Vec::new(), bytes: 0 })
    }

    /// Adds an item.
    ///
    /// # Errors
    /// The disk is full.
    pub fn push(&mut self, item: &Value) -> io::Result<()> {
        self.push_text(item, &serde_json::to_vec(item)?)
    }

    /// Adds an item whose compact text is at hand.
    ///
    /// # Errors
    /// The disk is full.
    pub fn push_text(&mut self, item: &Value, text: &[u8]) -> io::Result<()> {
        self.file.write_all(text)?;
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        self.entries.push(Entry {
            key: key_of(item, self.section.key),
            hash: hasher.finish(),
            start: self.bytes,
            length: text.len(),
        });
        self.bytes += text.len() as u64;
        Ok(())
    }

    /// Number of items so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing came yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of their texts so far, without blanks.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes the section's file: in order of keys, the last of those with the same key, without the
    /// named first-level properties. The file comes into being whole, by rename.
    ///
    /// # Errors
    /// What the disk says; `FileTooLarge` where a reader would not take the file.
    pub fn finish<'w>(
        mut self,
        path: &Path,
        without: impl Iterator<Item = &'w String> + Clone,
    ) -> io::Result<Written> {
        self.file.flush()?;
        let mut entries = std::mem::take(&mut self.entries);
        let came = entries.len();
        if !self.section.key.is_empty() {
            // Stable: of equal keys the last to come is the last here.
            entries.sort_by(|a, b| a.key.cmp(&b.key).then_with(|| keyless(a).cmp(&keyless(b))));
            entries = last_of_each(entries);
        }
        let mut staged = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut out = Limited { out: BufWriter::with_capacity(1 << 18, beside(parent)?), left: LONGEST };
        let mut hasher = Gathering::default();
        let mut text = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            text.resize(entry.length, 0);
            staged.seek(SeekFrom::Start(entry.start))?;
            staged.read_exact(&mut text)?;
            if without.clone().next().is_some() {
                leave_out(&mut text, without.clone())?;
            }
            hasher.add(if at == 0 { b"[" } else { b"," });
            hasher.add(&text);
            out.write_all(if at == 0 { b"[\n  " } else { b",\n  " })?;
            indent(&text, 1, &mut out)?;
        }
        hasher.add(if entries.is_empty() { b"[]" } else { b"]" });
        out.write_all(if entries.is_empty() { b"[]\n" } else { b"\n]\n" })?;
        persist(out.out, path)?;
        Ok(Written {
            items: entries.len() as u64,
            doubles: came.saturating_sub(entries.len()) as u64,
            sha256: hasher.finish(),
        })
    }
}

/// What passes until it is too much.
struct Limited<W> {
    out: W,
    left: u64,
}

impl<W: Write> Write for Limited<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.left = self.left.checked_sub(written as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether the parts of an item's key are no longer than any id is: they are kept in memory.
#[must_use]
pub fn has_plain_key(section: &Section, item: &Value) -> bool {
    key_of(item, section.key).longest() <= KEY
}

/// Bytes of a part of a key.
const KEY: usize = 1_024;

/// Takes first-level properties out of an item's text, if it has any of them.
fn leave_out<'w>(text: &mut Vec<u8>, names: impl Iterator<Item = &'w String>) -> io::Result<()> {
    let mut item: Value = serde_json::from_slice(text)?;
    let mut less = false;
    for name in names {
        less |= item.as_object_mut().is_some_and(|members| members.remove(name).is_some());
    }
    if less {
        *text = serde_json::to_vec(&item)?;
    }
    Ok(())
}

/// The tie-break of items that have no whole key.
fn keyless(entry: &Entry) -> Option<u64> {
    (!entry.key.is_whole()).then_some(entry.hash)
}

fn last_of_each(entries: Vec<Entry>) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        match kept.last_mut() {
            Some(last) if entry.key.is_whole() && last.key == entry.key => *last = entry,
            Some(_) | None => kept.push(entry),
        }
    }
    kept
}

/// Reads a section's file item by item, until the visitor has had enough.
///
/// # Errors
/// It can't be read, or is no array of items.
pub fn items(path: &Path, visit: &mut dyn FnMut(Value) -> ControlFlow<()>) -> io::Result<()> {
    let mut reader =
        serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 16, File::open(path)?));
    match reader.deserialize_seq(Each(visit)) {
        Ok(ControlFlow::Continue(())) => Ok(reader.end()?),
        // Enough was seen; what is left over is no mistake.
        Ok(ControlFlow::Break(())) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

struct Each<'v>(&'v mut dyn FnMut(Value) -> ControlFlow<()>);

impl<'de> Visitor<'de> for Each<'_> {
    type Value = ControlFlow<()>;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("an array of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ControlFlow<()>, A::Error> {
        let mut enough = false;
        // The rest is read, too: a sequence that is left early is an error of the parser's.
        while let Some(item) = list.next_element::<Value>()? {
            enough = enough || (self.0)(item).is_break();
        }
        Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sections::find;
    use crate::snapshot::record::{Format, Manifest, SectionRecord, State, Taken, Tenant};
    use crate::snapshot::{Draft, Form, Snapshot, Wanted};

    fn staged(id: &str, items: &[Value]) -> (tempfile::TempDir, Staged) {
        let folder = tempfile::tempdir().unwrap();
        let mut staged = Staged::new(find(id).unwrap(), folder.path()).unwrap();
        items.iter().for_each(|item| staged.push(item).unwrap());
        (folder, staged)
    }

    #[test]
    fn the_file_is_the_one_that_a_draft_would_write() {
        let items = vec![
            json!({"id": "b", "accountEnabled": true, "displayName": "Zoë \u{1F980} \"x\"", "n": [1.50, {}, []]}),
            json!({"id": "a", "mail": null}),
            json!({"id": "c"}),
        ];
        for items in [items, Vec::new()] {
            let (folder, staged) = staged("users.accounts", &items);
            let path = folder.path().join("users.accounts.json");
            let written = staged.finish(&path, std::iter::empty::<&String>()).unwrap();
            let manifest = Manifest {
                levelmark: Format { snapshot: 1 },
                tenant: Tenant {
                    id: "11111111-2222-3333-4444-555555555555".into(),
                    display_name: None,
                    default_domain: None,
                    cloud: crate::snapshot::record::Cloud::Global,
                },
                taken: Taken { at: chrono::DateTime::UNIX_EPOCH, by: "test".into(), identity: None },
                redacted: None,
                sections: [("users.accounts".to_owned(), SectionRecord::of(State::Read))].into(),
            };
            let whole = folder.path().join("whole");
            let count = items.len() as u64;
            let draft = Draft { manifest, data: [("users.accounts".to_owned(), items)].into() };
            draft.write(&whole, Form::Directory).unwrap();
            let read = |path: &Path| std::fs::read_to_string(path).unwrap();
            assert_eq!(read(&path), read(&whole.join("users.accounts.json")));
            let snapshot = Snapshot::open(&whole, Wanted::All).unwrap();
            assert_eq!(
                snapshot.record("users.accounts").unwrap().sha256.as_deref(),
                Some(written.sha256.as_str())
            );
            assert_eq!((written.items, written.doubles), (count, 0));
        }
    }

    #[test]
    fn equal_keys_keep_the_last_and_missing_keys_all() {
        let items = [
            json!({"id": "a", "n": 1}),
            json!({"n": 2}),
            json!({"id": "a", "n": 3}),
            json!({"id": null, "n": 4}),
        ];
        let mut texts = Vec::new();
        for order in [[0, 1, 2, 3], [3, 0, 2, 1], [1, 3, 0, 2]] {
            let (folder, staged) = staged("users.accounts", &order.map(|at: usize| items[at].clone()));
            let path = folder.path().join("x.json");
            let written = staged.finish(&path, std::iter::empty::<&String>()).unwrap();
            assert_eq!((written.items, written.doubles), (3, 1));
            texts.push(std::fs::read_to_string(&path).unwrap());
        }
        assert!(texts[0].contains("\"n\": 3") && !texts[0].contains("\"n\": 1"));
        assert!(texts.iter().all(|text| *text == texts[0]), "the order of arrival shows");
    }

    #[test]
    fn what_was_lost_leaves_every_item_and_the_digest() {
        let (folder, plain) = staged("users.accounts", &[json!({"id": "a"}), json!({"id": "b"})]);
        let path = folder.path().join("x.json");
        let none: [String; 0] = [];
        let expected = plain.finish(&path, none.iter()).unwrap();
        let (folder, lost) = staged("users.accounts", &[json!({"id": "a", "mail": "x"}), json!({"id": "b"})]);
        let path = folder.path().join("x.json");
        assert_eq!(lost.finish(&path, ["mail".to_owned()].iter()).unwrap(), expected);
    }

    #[test]
    fn items_are_read_one_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        std::fs::write(&path, "[ {\"id\":1}, {\"id\":2}, {\"id\":3} ]\n").unwrap();
        let mut seen = Vec::new();
        items(&path, &mut |item| {
            seen.push(item["id"].as_i64().unwrap());
            if seen.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
        assert_eq!(seen, [1, 2]);
        for wrong in ["{}", "[1", "[1] 2", ""] {
            std::fs::write(&path, wrong).unwrap();
            assert!(items(&path, &mut |_| ControlFlow::Continue(())).is_err(), "{wrong}");
        }
        assert!(items(&folder.path().join("none"), &mut |_| ControlFlow::Continue(())).is_err());
    }
}
