//! YAML text as a tree whose every node knows its bytes. Comes in: a source. Goes out: the root
//! node, and mistakes for what we do not allow: anchors, aliases, tags, merge keys, duplicate
//! keys, several documents, anything too large or too deep. Not here: types (`decode`).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_saphyr::granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, Span, options};

use super::file::{self, Limits};
use super::mistake::{Mistake, Place, Source};

/// Nesting.
pub const MAX_DEPTH: usize = 32;

/// A value in the tree.
#[derive(Debug)]
pub struct Node<'s> {
    /// What it is.
    pub kind: Kind<'s>,
    /// Its bytes; of a block list or map up to the last entry.
    pub at: Range<usize>,
}

/// Kinds of nodes.
#[derive(Debug)]
pub enum Kind<'s> {
    /// Text, number, boolean or null: which one is decided by who asks.
    Scalar {
        /// After unescaping and folding.
        value: Cow<'s, str>,
        /// Written without quotes and not as a block.
        plain: bool,
    },
    /// `- a`
    List(Vec<Node<'s>>),
    /// `a: b`, keys unique.
    Map(Vec<Entry<'s>>),
    /// Something that was already reported.
    Broken,
}

/// One entry of a map.
#[derive(Debug)]
pub struct Entry<'s> {
    /// Its key.
    pub key: Cow<'s, str>,
    /// Where the key stands.
    pub key_at: Range<usize>,
    /// Its value.
    pub value: Node<'s>,
}

/// Parses `source.text[window]`. Places are in the whole text, so a window must begin at column 0.
/// None where nothing usable is there; then at least one mistake was added.
pub fn parse<'s>(
    source: &'s Arc<Source>,
    window: Range<usize>,
    mistakes: &mut Vec<Mistake>,
) -> Option<Node<'s>> {
    parse_within(source, window, Limits::ORDINARY, mistakes)
}

/// As [`parse`], for files that may hold more or less than is ordinary.
pub fn parse_within<'s>(
    source: &'s Arc<Source>,
    window: Range<usize>,
    limits: Limits,
    mistakes: &mut Vec<Mistake>,
) -> Option<Node<'s>> {
    let offset = window.start;
    let text = source.text.get(window.clone())?;
    if let Err(mistake) = file::check(source) {
        mistakes.push(mistake);
        return None;
    }
    let parser_options: Options =
        options! { emit_comments: false, flow_nesting_limit: 64, block_nesting_limit: 64 };
    let mut builder = Builder {
        source,
        offset,
        mistakes,
        stack: Vec::new(),
        root: None,
        nodes: 0,
        most: limits.nodes,
        documents: 0,
    };
    for event in Parser::new_from_str_with_options(text, parser_options) {
        let done = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let byte = error.marker().byte_offset().unwrap_or_default();
                // Of a tab the parser knows only which value it broke off.
                let tab = error.info().contains("tab").then(|| text.get(byte..)?.find('\t')).flatten();
                let byte = offset + byte + tab.unwrap_or(0);
                Err(builder
                    .syntax(error.kind(), &error.info(), byte)
                    .maybe_help(syntax_help(text, byte - offset)))
            }
        };
        if let Err(mistake) = done {
            builder.mistakes.push(mistake);
            return None;
        }
    }
    let root = builder.root.take();
    if root.is_none() && builder.mistakes.is_empty() {
        let end = window.end;
        mistakes.push(
            Mistake::new(
                "yaml::empty",
                "the file is empty",
                Some(Place { source: source.clone(), at: end..end }),
            )
            .label("nothing here"),
        );
    }
    root
}

fn syntax_help(text: &str, byte: usize) -> Option<String> {
    if text.as_bytes().get(byte) == Some(&b'\t') {
        return Some("indent with spaces, YAML forbids tabs there".to_owned());
    }
    let start = text.get(..byte)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..)?.lines().next()?;
    line.contains(": ")
        .then(|| "a text with `: ` or ` #` in it, or one that begins with a sign, needs quotes".to_owned())
}

enum Frame<'s> {
    List { start: usize, items: Vec<Node<'s>> },
    Map { start: usize, entries: Vec<Entry<'s>>, key: Option<(Cow<'s, str>, Range<usize>)> },
}

struct Builder<'s, 'm> {
    source: &'s Arc<Source>,
    offset: usize,
    mistakes: &'m mut Vec<Mistake>,
    stack: Vec<Frame<'s>>,
    root: Option<Node<'s>>,
    nodes: usize,
    most: usize,
    documents: usize,
}

impl<'s> Builder<'s, '_> {
    fn at(&self, code: &'static str, message: impl Into<String>, at: Range<usize>) -> Mistake {
        Mistake::new(code, message, Some(Place { source: self.source.clone(), at }))
    }

    fn syntax(&self, kind: &ErrorKind, info: &str, byte: usize) -> Mistake {
        match kind {
            // The parser reads ahead within brackets and meets its own limit first.
            ErrorKind::RecursionLimitExceeded => self.too_deep(byte..byte + 1),
            _ => {
                let message = format!("this is not YAML: {}", info.lines().next().unwrap_or_default());
                self.at("yaml::syntax", message, byte..byte + 1)
            }
        }
    }

    fn too_deep(&self, at: Range<usize>) -> Mistake {
        self.at("yaml::depth", format!("nested more than {MAX_DEPTH} levels deep"), at)
    }

    fn range(&self, span: Span) -> Range<usize> {
        let range = span.byte_range().unwrap_or_default();
        self.offset + range.start..self.offset + range.end
    }

    fn event(&mut self, event: Event<'s>, span: Span) -> Result<(), Mistake> {
        let at = self.range(span);
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                self.allowed(anchor, tag.is_some(), &at);
                let plain = style == ScalarStyle::Plain;
                self.value(Node { kind: Kind::Scalar { value, plain }, at })
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.allowed(anchor, tag.is_some(), &at);
                self.open(Frame::List { start: at.start, items: Vec::new() }, &at)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.allowed(anchor, tag.is_some(), &at);
                self.open(Frame::Map { start: at.start, entries: Vec::new(), key: None }, &at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&at),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.mistakes.push(
                    self.at("yaml::alias", "aliases (`*name`) are not allowed", at.clone())
                        .help("write the value out where it is needed"),
                );
                self.value(Node { kind: Kind::Broken, at })
            }
            Event::DocumentStart(..) => {
                self.documents += 1;
                match self.documents {
                    0 | 1 => Ok(()),
                    _ => Err(self
                        .at("yaml::documents", "a file holds one document", at)
                        .help("move what follows `---` into a file of its own")),
                }
            }
            // Start and end of stream and document, comments; the enum is open, what else comes holds no value.
            _ => Ok(()),
        }
    }

    fn allowed(&mut self, anchor: usize, tagged: bool, at: &Range<usize>) {
        if anchor != 0 {
            let mistake = self.at("yaml::anchor", "anchors (`&name`) are not allowed", at.clone());
            self.mistakes.push(mistake.help("write the value out where it is needed"));
        }
        if tagged {
            let mistake = self.at("yaml::tag", "tags (`!name`) are not allowed", at.clone());
            self.mistakes.push(mistake.help("remove the tag"));
        }
    }

    fn open(&mut self, frame: Frame<'s>, at: &Range<usize>) -> Result<(), Mistake> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(self.too_deep(at.clone()));
        }
        self.stack.push(frame);
        Ok(())
    }

    fn close(&mut self, at: &Range<usize>) -> Result<(), Mistake> {
        match self.stack.pop() {
            Some(Frame::List { start, items }) => {
                let end = items.last().map_or(at.end, |last| at.end.max(last.at.end));
                self.value(Node { kind: Kind::List(items), at: start..end.max(start) })
            }
            Some(Frame::Map { start, entries, key: _ }) => {
                let end = entries.last().map_or(at.end, |last| at.end.max(last.value.at.end));
                let entries = self.unique(entries);
                self.value(Node { kind: Kind::Map(entries), at: start..end.max(start) })
            }
            None => Ok(()),
        }
    }

    fn value(&mut self, node: Node<'s>) -> Result<(), Mistake> {
        self.nodes += 1;
        if self.nodes > self.most {
            let message = format!("more than {} values in one file", self.most);
            return Err(self.at("yaml::nodes", message, node.at));
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Frame::List { items, .. }) => items.push(node),
            Some(Frame::Map { entries, key, .. }) => match key.take() {
                Some((name, key_at)) => entries.push(Entry { key: name, key_at, value: node }),
                None => match node.kind {
                    Kind::Scalar { value, .. } => *key = Some((value, node.at)),
                    Kind::List(_) | Kind::Map(_) | Kind::Broken => {
                        return Err(self.at("yaml::key", "a key must be a word", node.at));
                    }
                },
            },
        }
        Ok(())
    }

    /// Takes off merge keys and repeated keys, each with a mistake.
    fn unique(&mut self, entries: Vec<Entry<'s>>) -> Vec<Entry<'s>> {
        if all_new(&entries) {
            return entries;
        }
        let mut first: BTreeMap<Cow<'s, str>, Range<usize>> = BTreeMap::new();
        let mut kept = Vec::with_capacity(entries.len());
        for entry in entries {
            if entry.key == MERGE {
                let mistake = self.at("yaml::merge", "merge keys (`<<`) are not allowed", entry.key_at);
                self.mistakes.push(mistake.help("write the entries out where they are needed"));
                continue;
            }
            if let Some(before) = first.get(&entry.key) {
                let message = format!("`{}` is given twice", super::suggest::shown(&entry.key));
                let place = Place { source: self.source.clone(), at: before.clone() };
                let mistake = self.at("yaml::duplicate", message, entry.key_at).label("given again");
                self.mistakes.push(mistake.other(place, "given first"));
                continue;
            }
            first.insert(entry.key.clone(), entry.key_at.clone());
            kept.push(entry);
        }
        kept
    }
}

/// The key that merges another map in.
const MERGE: &str = "<<";

/// Whether a small map has neither merge keys nor repeated ones: nearly all maps, and no set is needed to see it.
fn all_new(entries: &[Entry<'_>]) -> bool {
    entries.len() <= 20
        && entries.iter().enumerate().all(|(index, entry)| {
            entry.key != MERGE && entries.iter().take(index).all(|before| before.key != entry.key)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::file::{MAX_LINE, MAX_NODES, source};

    fn mistakes(text: &str) -> Vec<(String, usize)> {
        let source = source("t.yaml", text.as_bytes()).unwrap();
        let mut found = Vec::new();
        parse(&source, 0..source.text.len(), &mut found);
        found.into_iter().map(|m| (m.message, m.place.map_or(0, |p| p.line()))).collect()
    }

    #[test]
    fn refuses_what_is_not_allowed_each_at_its_line() {
        let deep = "[".repeat(40) + &"]".repeat(40);
        let laughs = "a: &a [x,x]\nb: [*a,*a,*a]\n";
        for (text, expected) in [
            ("", vec![("the file is empty", 1)]),
            ("# only a comment\n", vec![("the file is empty", 2)]),
            ("a: 1\na: 2\n", vec![("`a` is given twice", 2)]),
            ("a:\n  <<: {b: 1}\n", vec![("merge keys (`<<`) are not allowed", 2)]),
            ("a: !!str x\n", vec![("tags (`!name`) are not allowed", 1)]),
            ("a: 1\n---\nb: 2\n", vec![("a file holds one document", 2)]),
            ("? [a]\n: b\n", vec![("a key must be a word", 1)]),
            (deep.as_str(), vec![("nested more than 32 levels deep", 1)]),
            (
                laughs,
                vec![
                    ("anchors (`&name`) are not allowed", 1),
                    ("aliases (`*name`) are not allowed", 2),
                    ("aliases (`*name`) are not allowed", 2),
                    ("aliases (`*name`) are not allowed", 2),
                ],
            ),
        ] {
            let expected: Vec<_> = expected.into_iter().map(|(m, line)| (m.to_owned(), line)).collect();
            assert_eq!(mistakes(text), expected, "{text}");
        }
        assert_eq!(mistakes("a: 1\nb: \"x\n").len(), 1, "an open quote");
        assert_eq!(mistakes("a:\n\tb: 1\n").len(), 1, "a tab as indentation");
        assert_eq!(mistakes(&format!("a: [{}]", "x,\n ".repeat(MAX_NODES))).len(), 1, "too many values");
    }

    #[test]
    fn hidden_characters_and_endless_lines_are_named_and_not_shown() {
        let long = format!("a: {}", "x".repeat(MAX_LINE));
        for (text, expected) in [
            ("a: b\nc: \u{1b}[31m\n", "t.yaml: line 2, column 4 has the hidden character U+001B"),
            ("a: \u{202e}b\n", "t.yaml: line 1, column 4 has the hidden character U+202E"),
            (long.as_str(), "t.yaml: line 1 has more than 8192 bytes"),
        ] {
            assert_eq!(mistakes(text), [(expected.to_owned(), 0)]);
        }
    }

    #[test]
    fn places_are_exact_with_crlf_and_in_a_window() {
        let text = "# é\r\na: 'x'\r\nb:\r\n  - |\r\n    long\r\n    text\r\n  - y\r\n";
        let source = source("t.yaml", text.as_bytes()).unwrap();
        let window = text.find("a:").unwrap()..text.len();
        let mut found = Vec::new();
        let root = parse(&source, window, &mut found).unwrap();
        assert!(found.is_empty());
        let Kind::Map(entries) = root.kind else { panic!("a map") };
        assert_eq!(&text[entries[0].value.at.clone()], "'x'");
        assert_eq!(&text[entries[1].key_at.clone()], "b");
        let Kind::List(items) = &entries[1].value.kind else { panic!("a list") };
        assert_eq!(&text[items[1].at.clone()], "y");
        assert!(text[items[0].at.clone()].contains("long"));
    }
}
