//! The form of a snapshot that is a single JSON text. Comes in: the text. Goes out: the manifest as a
//! document, and where each section lies. Not here: what the sections hold (`assemble` parses them).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};

use super::Wanted;
use super::assemble::{Found, Parts, Section};
use super::document::{Document, JsonError};
use super::lex::{self, Fault, What, fault};
use super::problem::{Code, SnapshotError};
use super::skim;
use super::tape::{Cell, Node, Tag, name_hash};
use super::text::{Span, Text, offset};

/// Finds the parts of a snapshot in one text, in one look over it. Sections are parsed behind that
/// look, while it goes on.
pub(super) fn parts(text: &Arc<Text>, wanted: Wanted<'_>) -> Result<Parts, SnapshotError> {
    let bytes = text.as_str().as_bytes();
    let start = lex::blanks(bytes, text.body().start as usize);
    if bytes.get(start) != Some(&b'{') {
        return Err(not_an_object(text));
    }
    let (sender, receiver) = mpsc::channel();
    let mut finder = Finder { text, bytes, cells: vec![Cell::default()], members: 0, problems: Vec::new() };
    let looked = rayon::scope(|scope| {
        finder.top(start, &mut |found| {
            let sender = sender.clone();
            // Nobody is gone while the receiver lives, so sending does not fail.
            scope.spawn(move |_| drop(sender.send(Section::read(found, wanted))));
        })
    });
    drop(sender);
    looked.map_err(|fault| SnapshotError::json(&JsonError::new(fault, text), text))?;
    let mut found: Vec<Section> = receiver.into_iter().collect();
    found.sort_by_key(Section::start);
    Ok(Parts { manifest: Document::of_cells(text.clone(), finder.cells), found, problems: finder.problems })
}

/// A text that is not an object is either no JSON at all or something else than a snapshot.
fn not_an_object(text: &Arc<Text>) -> SnapshotError {
    match Document::parse(text.clone()) {
        Err(error) => SnapshotError::json(&error, text),
        Ok(document) => SnapshotError::new(Code::NotASnapshot, format!("{} is not a snapshot", text.name()))
            .help("a snapshot is an object with `levelmark`, `tenant`, `taken`, `sections` and `data`")
            .at(text, &[(document.root().span(), "expected an object")]),
    }
}

struct Finder<'t> {
    text: &'t Arc<Text>,
    bytes: &'t [u8],
    /// The tape of the manifest: the outermost object without `data`.
    cells: Vec<Cell>,
    members: u32,
    problems: Vec<SnapshotError>,
}

/// What is done with a section once it is found.
type Deliver<'v> = dyn FnMut(Found) + 'v;

impl Finder<'_> {
    fn top(&mut self, start: usize, deliver: &mut Deliver<'_>) -> Result<(), Fault> {
        let end = members(self.bytes, start, &mut |name, span, at| match name {
            "data" => self.data(span, at, deliver),
            _ => self.member(name, span, at),
        })?;
        let rest = lex::blanks(self.bytes, end);
        if rest != self.bytes.len() {
            return fault(What::Trailing, rest, rest + 1);
        }
        let (size, count) = (offset(self.cells.len()), self.members);
        let Span { start, end } = Span::of(start, end);
        if let Some(cell) = self.cells.first_mut() {
            *cell = Node { start, end, size, tag: Tag::Object, escaped: false, count }.cell();
        }
        Ok(())
    }

    /// A member of the manifest: parsed at once, onto the tape of the whole manifest.
    fn member(&mut self, name: &str, span: Span, at: usize) -> Result<usize, Fault> {
        let outline = skim::skim(self.bytes, at)?;
        let value = super::document::fill(self.bytes.get(..outline.end).unwrap_or(&[]), at, &outline)?;
        let Span { start, end } = span;
        let escaped = self.bytes.get(span.range()).is_some_and(|raw| raw.contains(&b'\\'));
        let size = name_hash(name.as_bytes());
        self.cells.push(Node { start, end, size, tag: Tag::Name, escaped, count: 0 }.cell());
        self.cells.extend_from_slice(&value);
        self.members += 1;
        Ok(outline.end)
    }

    fn data(&mut self, name: Span, at: usize, deliver: &mut Deliver<'_>) -> Result<usize, Fault> {
        if self.bytes.get(at) != Some(&b'{') {
            return self.misshapen("`data` must be an object of areas".to_owned(), name, at);
        }
        members(self.bytes, at, &mut |area, span, at| {
            let place = (span, at);
            self.area(area, place, deliver)
        })
    }

    fn area(
        &mut self,
        area: &str,
        (name, at): (Span, usize),
        deliver: &mut Deliver<'_>,
    ) -> Result<usize, Fault> {
        if self.bytes.get(at) != Some(&b'{') {
            return self.misshapen(format!("`data.{area}` must be an object of sections"), name, at);
        }
        members(self.bytes, at, &mut |name, span, at| {
            let outline = skim::skim(self.bytes, at)?;
            let end = outline.end;
            let id = format!("{area}.{name}");
            deliver(Found { id, name: Some(span), text: self.text.clone(), start: at, outline });
            Ok(end)
        })
    }

    fn misshapen(&mut self, message: String, name: Span, at: usize) -> Result<usize, Fault> {
        let help = "sections lie as `\"data\": { \"area\": { \"name\": [ … ] } }`";
        self.problems.push(
            SnapshotError::new(Code::NotASnapshot, message).help(help).at(self.text, &[(name, "here")]),
        );
        Ok(skim::skim(self.bytes, at)?.end)
    }
}

/// What to do with a member: its name, the span of the name, where its value starts; says where the
/// value ends.
type Visit<'v> = dyn FnMut(&str, Span, usize) -> Result<usize, Fault> + 'v;

/// Visits the members of the object that opens at `at`; says where the object ends.
fn members(bytes: &[u8], opened: usize, visit: &mut Visit<'_>) -> Result<usize, Fault> {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut at = lex::blanks(bytes, opened + 1);
    if bytes.get(at) == Some(&b'}') {
        return Ok(at + 1);
    }
    loop {
        let (name, span) = name(bytes, opened, at)?;
        if let Some(first) = seen.insert(name.clone().into_owned(), span) {
            return Err(Fault { what: What::Duplicate, at: span, other: Some(first) });
        }
        at = lex::blanks(bytes, span.end as usize);
        match bytes.get(at) {
            Some(b':') => at = lex::blanks(bytes, at + 1),
            Some(_) => return fault(What::NoColon, at, at + 1),
            None => return lex::cut_off(bytes, opened),
        }
        at = match bytes.get(at) {
            Some(b'}' | b']' | b',' | b':') => return fault(What::NoValue, at, at + 1),
            Some(_) => lex::blanks(bytes, visit(&name, span, at)?),
            None => return lex::cut_off(bytes, opened),
        };
        match bytes.get(at) {
            Some(b',') => at = lex::blanks(bytes, at + 1),
            Some(b'}') => return Ok(at + 1),
            Some(_) => return fault(What::NoComma, at, at + 1),
            None => return lex::cut_off(bytes, opened),
        }
    }
}

fn name(bytes: &[u8], opened: usize, at: usize) -> Result<(Cow<'_, str>, Span), Fault> {
    match bytes.get(at) {
        Some(b'"') => {}
        Some(b'}') => return fault(What::TrailingComma, at, at + 1),
        Some(_) => return fault(What::NoName, at, at + 1),
        None => return lex::cut_off(bytes, opened),
    }
    let (end, escaped) = lex::string(bytes, at)?;
    let raw = bytes.get(at..end).and_then(|raw| std::str::from_utf8(raw).ok()).unwrap_or("\"\"");
    Ok((lex::content(raw, escaped), Span::of(at, end)))
}
