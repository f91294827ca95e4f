//! The parser: JSON text to a tape of nodes, without recursion. Comes in: checked UTF-8 and a tape of
//! the size that the skimmer counted. Goes out: the filled tape, or the first fault. Accepts exactly
//! what serde_json accepts, except that two members of one name are a fault. Not here: what is
//! looked up on the tape (`document`).

use std::borrow::Cow;

use super::lex::{self, DEPTH, Fault, What, fault};
use super::tape::{Cell, Node, Tag, name_hash};
use super::text::{Span, offset};

/// Objects with more members than this are checked for equal names when they close, by sorting.
const FEW: u32 = 48;

/// Fills a tape.
pub(super) struct Parser<'t, 'n> {
    bytes: &'t [u8],
    at: usize,
    cells: &'n mut [Cell],
    used: usize,
    outer: Vec<Frame>,
    frame: Frame,
}

/// A container that is open.
#[derive(Clone, Copy)]
struct Frame {
    shape: Shape,
    /// Its node.
    node: usize,
    count: u32,
    /// Which hashes its names have had so far, as a filter of 256 bits.
    seen: [u64; 4],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Not inside anything: one value.
    Single,
    /// Not inside anything: elements of an array whose brackets stand elsewhere.
    Run,
    Array,
    Object,
}

impl<'t, 'n> Parser<'t, 'n> {
    /// Parses from `at`; `bytes` ends where the text to parse ends.
    pub fn new(bytes: &'t [u8], at: usize, cells: &'n mut [Cell]) -> Self {
        Self { bytes, at, cells, used: 0, outer: Vec::new(), frame: Frame::new(Shape::Single, 0) }
    }

    /// One value that fills the text but for blanks.
    pub fn whole(mut self) -> Result<(), Fault> {
        self.at = lex::blanks(self.bytes, self.at);
        if self.at == self.bytes.len() {
            return fault(What::Empty, self.at, self.at);
        }
        self.values()?;
        self.at = lex::blanks(self.bytes, self.at);
        match self.bytes.get(self.at) {
            None => Ok(()),
            Some(_) => fault(What::Trailing, self.at, self.at + 1),
        }
    }

    /// Elements of an array, parted by commas, that fill the text; the array itself counts as one
    /// container around them.
    pub fn run(mut self) -> Result<(), Fault> {
        self.frame.shape = Shape::Run;
        self.outer.push(self.frame);
        self.values()
    }

    /// The loop: one value a round, then whatever closes behind it.
    fn values(&mut self) -> Result<(), Fault> {
        loop {
            self.at = lex::blanks(self.bytes, self.at);
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    let (end, escaped) = lex::string(self.bytes, self.at)?;
                    self.scalar(Tag::String, end, escaped)?;
                }
                Some(b'{') => {
                    self.open(Shape::Object, Tag::Object)?;
                    if self.bytes.get(self.at) != Some(&b'}') {
                        self.name()?;
                        continue;
                    }
                    self.close()?;
                }
                Some(b'[') => {
                    self.open(Shape::Array, Tag::Array)?;
                    if self.bytes.get(self.at) != Some(&b']') {
                        continue;
                    }
                    self.close()?;
                }
                Some(b'-' | b'0'..=b'9') => {
                    let end = lex::number(self.bytes, self.at)?;
                    self.scalar(Tag::Number, end, false)?;
                }
                Some(b't') => self.literal(Tag::True, b"true")?,
                Some(b'f') => self.literal(Tag::False, b"false")?,
                Some(b'n') => self.literal(Tag::Null, b"null")?,
                _ => return self.no_value(),
            }
            if self.after()? {
                return Ok(());
            }
        }
    }

    /// Behind a value: closes what closes; true at the end, false where another value is due.
    #[inline(always)]
    fn after(&mut self) -> Result<bool, Fault> {
        loop {
            if self.frame.shape == Shape::Single {
                return Ok(true);
            }
            self.frame.count += 1;
            self.at = lex::blanks(self.bytes, self.at);
            match (self.bytes.get(self.at), self.frame.shape) {
                (Some(b','), Shape::Object) => {
                    self.at = lex::blanks(self.bytes, self.at + 1);
                    self.name()?;
                    return Ok(false);
                }
                (Some(b','), _) => {
                    self.at += 1;
                    return Ok(false);
                }
                (Some(b'}'), Shape::Object) | (Some(b']'), Shape::Array) => self.close()?,
                (None, Shape::Run) => return Ok(true),
                (None, _) => return self.cut_off(),
                (Some(b'}' | b']'), Shape::Array | Shape::Object) => {
                    return fault(What::WrongBracket, self.at, self.at + 1);
                }
                (Some(_), _) => return fault(What::NoComma, self.at, self.at + 1),
            }
        }
    }

    #[inline(always)]
    fn push(&mut self, node: Node) -> Result<(), Fault> {
        match self.cells.get_mut(self.used) {
            Some(cell) => *cell = node.cell(),
            // The skimmer counts exactly wherever the text is legal, so it is not.
            None => return fault(What::NoValue, self.at, self.at + 1),
        }
        self.used += 1;
        Ok(())
    }

    #[inline(always)]
    fn scalar(&mut self, tag: Tag, end: usize, escaped: bool) -> Result<(), Fault> {
        self.push(Node { start: offset(self.at), end: offset(end), size: 1, tag, escaped, count: 0 })?;
        self.at = end;
        Ok(())
    }

    fn literal(&mut self, tag: Tag, word: &[u8]) -> Result<(), Fault> {
        let end = lex::literal(self.bytes, self.at, word)?;
        self.scalar(tag, end, false)
    }

    fn open(&mut self, shape: Shape, tag: Tag) -> Result<(), Fault> {
        if self.outer.len() == DEPTH {
            return fault(What::Depth, self.at, self.at + 1);
        }
        self.outer.push(self.frame);
        self.frame = Frame::new(shape, self.used);
        // End and size are set when it closes.
        self.push(Node { start: offset(self.at), end: 0, size: 0, tag, escaped: false, count: 0 })?;
        self.at = lex::blanks(self.bytes, self.at + 1);
        Ok(())
    }

    /// The bracket has been seen; steps over it and finishes the node.
    fn close(&mut self) -> Result<(), Fault> {
        let Frame { node, count, shape, .. } = self.frame;
        if shape == Shape::Object && count > FEW {
            self.equal_names()?;
        }
        self.at += 1;
        let size = offset(self.used - node);
        if let Some(cell) = self.cells.get_mut(node) {
            *cell = Node { end: offset(self.at), size, count, ..Node::of(*cell) }.cell();
        }
        self.frame = self.outer.pop().unwrap_or(Frame::new(Shape::Single, 0));
        Ok(())
    }

    /// A name and its colon.
    #[inline(always)]
    fn name(&mut self) -> Result<(), Fault> {
        let start = self.at;
        match self.bytes.get(start) {
            Some(b'"') => {}
            Some(b'}') => return fault(What::TrailingComma, start, start + 1),
            Some(_) => return fault(What::NoName, start, start + 1),
            None => return self.cut_off(),
        }
        let (end, escaped) = lex::string(self.bytes, start)?;
        let hash = match self.bytes.get(start + 1..end - 1) {
            Some(raw) if !escaped => name_hash(raw),
            _ => name_hash(decoded(self.bytes, start, end, true).as_bytes()),
        };
        self.first_of_its_name(hash, start, end, escaped)?;
        self.push(Node {
            start: offset(start),
            end: offset(end),
            size: hash,
            tag: Tag::Name,
            escaped,
            count: 0,
        })?;
        let colon = lex::blanks(self.bytes, end);
        match self.bytes.get(colon) {
            Some(b':') => self.at = colon + 1,
            Some(_) => return fault(What::NoColon, colon, colon + 1),
            None => return self.cut_off(),
        }
        Ok(())
    }

    /// The filter lets nearly every new name through; what it holds back is compared.
    #[inline(always)]
    fn first_of_its_name(&mut self, hash: u32, start: usize, end: usize, escaped: bool) -> Result<(), Fault> {
        let bit = 1u64 << (hash & 63);
        let Some(word) = self.frame.seen.get_mut((hash >> 6 & 3) as usize) else { return Ok(()) };
        if *word & bit == 0 {
            *word |= bit;
            return Ok(());
        }
        if self.frame.count < FEW { self.compare_names(hash, start, end, escaped) } else { Ok(()) }
    }

    #[cold]
    #[inline(never)]
    fn compare_names(&self, hash: u32, start: usize, end: usize, escaped: bool) -> Result<(), Fault> {
        let mut at = self.frame.node + 1;
        while at < self.used {
            let name = self.node(at);
            if name.size == hash && self.decoded(name) == decoded(self.bytes, start, end, escaped) {
                return duplicate(name, Span::of(start, end));
            }
            at += 1 + self.node(at + 1).size as usize;
        }
        Ok(())
    }

    /// All names of the object that closes, sorted: hostile ones with equal hashes cost no more than
    /// sorting them does.
    #[cold]
    #[inline(never)]
    fn equal_names(&self) -> Result<(), Fault> {
        let mut names = Vec::with_capacity(self.frame.count as usize);
        let mut at = self.frame.node + 1;
        while at < self.used {
            names.push(self.node(at));
            at += 1 + self.node(at + 1).size as usize;
        }
        names.sort_by(|a, b| a.size.cmp(&b.size).then_with(|| self.decoded(*a).cmp(&self.decoded(*b))));
        let pairs = names.windows(2).filter_map(|pair| match pair {
            [a, b] if a.size == b.size && self.decoded(*a) == self.decoded(*b) => Some((*a, *b)),
            _ => None,
        });
        match pairs.min_by_key(|(_, second)| second.start) {
            Some((first, second)) => duplicate(first, Span { start: second.start, end: second.end }),
            None => Ok(()),
        }
    }

    fn node(&self, at: usize) -> Node {
        Node::of(self.cells.get(at).copied().unwrap_or_default())
    }

    fn decoded(&self, name: Node) -> Cow<'t, str> {
        decoded(self.bytes, name.start as usize, name.end as usize, name.escaped)
    }

    #[cold]
    fn cut_off<T>(&self) -> Result<T, Fault> {
        lex::cut_off(self.bytes, self.node(self.frame.node).start as usize)
    }

    #[cold]
    fn no_value(&self) -> Result<(), Fault> {
        let before = self.bytes.get(..self.at).unwrap_or(&[]).trim_ascii_end();
        match self.bytes.get(self.at) {
            None if self.frame.shape != Shape::Run => self.cut_off(),
            None | Some(b']') if before.ends_with(b",") => fault(What::TrailingComma, self.at, self.at + 1),
            _ => fault(What::NoValue, self.at, self.at + 1),
        }
    }
}

impl Frame {
    fn new(shape: Shape, node: usize) -> Self {
        Self { shape, node, count: 0, seen: [0; 4] }
    }
}

fn decoded(bytes: &[u8], start: usize, end: usize, escaped: bool) -> Cow<'_, str> {
    // The text is checked UTF-8 and quotes are ASCII, so this never falls back.
    let raw = bytes.get(start..end).and_then(|raw| std::str::from_utf8(raw).ok()).unwrap_or("\"\"");
    lex::content(raw, escaped)
}

fn duplicate(first: Node, second: Span) -> Result<(), Fault> {
    let other = Some(Span { start: first.start, end: first.end });
    Err(Fault { what: What::Duplicate, at: second, other })
}
