//! One quick look over a value, before it is parsed or instead of it. Comes in: checked UTF-8 and
//! where the value starts. Goes out: where it ends, how many nodes and elements it has, and where a
//! long array can be cut into runs that are parsed in parallel.
//! Guarantee: brackets pair, nest within the limit, strings are whole and legal, and outside of
//! strings stand only characters that JSON has. Not here: grammar, numbers, names (`parse`).

use super::lex::{self, DEPTH, Fault, What, fault};
use super::text::Span;

/// What a look over a value has found.
#[derive(Debug)]
pub(super) struct Outline {
    /// Behind the value.
    pub end: usize,
    /// How many nodes it takes, names included; exact if the value is legal.
    pub nodes: usize,
    /// Where blanks stand between its tokens.
    pub blanks: Blanks,
    /// Elements of the outermost array, or members; exact if the value is legal.
    pub items: usize,
    /// Of a non-empty outermost array: its elements in runs, without the commas between the runs.
    pub runs: Vec<Run>,
}

/// Blanks between tokens.
#[derive(Debug)]
pub(super) enum Blanks {
    /// All of them in order, as between the items of a large section.
    Few(Vec<Span>),
    /// More than are worth to be kept.
    Many,
}

/// So many blanks are kept in any text, and one more for so many bytes.
const KEPT: usize = 256;

/// Elements of the outermost array that stand side by side.
#[derive(Debug)]
pub(super) struct Run {
    pub start: usize,
    pub end: usize,
    pub nodes: usize,
}

/// What a byte can be outside of strings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Blank,
    Quote,
    Open,
    Close,
    Comma,
    Colon,
    Word,
    Alien,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Alien; 256];
    let mut at = 0;
    while at < 256 {
        #[expect(clippy::indexing_slicing, reason = "evaluated when compiled, and the index stays below 256")]
        {
            classes[at] = match at as u8 {
                b' ' | b'\n' | b'\r' | b'\t' => Class::Blank,
                b'"' => Class::Quote,
                b'{' | b'[' => Class::Open,
                b'}' | b']' => Class::Close,
                b',' => Class::Comma,
                b':' => Class::Colon,
                b'0'..=b'9' | b'a'..=b'z' | b'E' | b'-' | b'+' | b'.' => Class::Word,
                _ => Class::Alien,
            };
        }
        at += 1;
    }
    classes
};

fn class(byte: u8) -> Class {
    CLASSES.get(byte as usize).copied().unwrap_or(Class::Alien)
}

/// A run is cut at the first comma behind this many bytes: long enough that the cut costs nothing,
/// short enough that every core gets work on a tenant of some megabytes.
const RUN: usize = 256 * 1024;

/// Skims the value that starts at `start` (a byte that is not blank).
pub(super) fn skim(bytes: &[u8], start: usize) -> Result<Outline, Fault> {
    let mut skimmer = Skimmer::new(bytes, start);
    skimmer.value(start)?;
    Ok(skimmer.outline)
}

struct Skimmer<'t> {
    bytes: &'t [u8],
    /// One bit per open container, the innermost lowest: 1 for an object.
    open: u128,
    depth: usize,
    outline: Outline,
    array: bool,
    /// Where the current run starts.
    start: usize,
    /// Nodes that lie before it, the array itself included.
    counted: usize,
}

impl<'t> Skimmer<'t> {
    fn new(bytes: &'t [u8], start: usize) -> Self {
        let outline =
            Outline { end: start, nodes: 0, blanks: Blanks::Few(Vec::new()), items: 0, runs: Vec::new() };
        let array = bytes.get(start) == Some(&b'[');
        Self { bytes, open: 0, depth: 0, outline, array, start: start + 1, counted: 1 }
    }

    fn value(&mut self, start: usize) -> Result<(), Fault> {
        let bytes = self.bytes;
        let mut at = start;
        while let Some(&byte) = bytes.get(at) {
            match class(byte) {
                Class::Quote => {
                    at = lex::string(bytes, at)?.0;
                    self.outline.nodes += 1;
                }
                Class::Blank => {
                    let end = lex::blanks(bytes, at);
                    self.blank(at, end);
                    at = end;
                    continue;
                }
                Class::Colon => {
                    at += 1;
                    continue;
                }
                Class::Comma => {
                    if self.depth == 1 {
                        self.comma(at);
                    }
                    at += 1;
                    continue;
                }
                Class::Word => {
                    at = word(bytes, at);
                    self.outline.nodes += 1;
                }
                Class::Open => {
                    if self.depth == DEPTH {
                        return fault(What::Depth, at, at + 1);
                    }
                    self.depth += 1;
                    self.open = self.open << 1 | u128::from(byte == b'{');
                    self.outline.nodes += 1;
                    at += 1;
                    continue;
                }
                Class::Close => {
                    if self.depth == 0 || (self.open & 1 == 1) != (byte == b'}') {
                        return fault(What::WrongBracket, at, at + 1);
                    }
                    self.depth -= 1;
                    self.open >>= 1;
                    at += 1;
                }
                Class::Alien => return fault(What::NoValue, at, at + 1),
            }
            if self.depth == 0 {
                self.finish(at);
                return Ok(());
            }
        }
        lex::cut_off(bytes, start)
    }

    #[inline(always)]
    fn blank(&mut self, at: usize, end: usize) {
        if let Blanks::Few(blanks) = &mut self.outline.blanks {
            if blanks.len() < KEPT + at.saturating_sub(self.outline.end) / KEPT {
                blanks.push(Span::of(at, end));
            } else {
                self.outline.blanks = Blanks::Many;
            }
        }
    }

    #[inline(always)]
    fn comma(&mut self, at: usize) {
        self.outline.items += 1;
        if self.array && at - self.start >= RUN {
            self.cut(at);
        }
    }

    fn cut(&mut self, at: usize) {
        let nodes = self.outline.nodes - self.counted;
        self.outline.runs.push(Run { start: self.start, end: at, nodes });
        self.counted += nodes;
        self.start = at + 1;
    }

    fn finish(&mut self, end: usize) {
        self.outline.end = end;
        if self.outline.nodes > 1 {
            self.outline.items += 1;
            if self.array {
                self.cut(end - 1);
            }
        }
    }
}

#[inline(always)]
fn word(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        if class(byte) != Class::Word {
            break;
        }
        at += 1;
    }
    at
}
