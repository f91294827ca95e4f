//! One text of evidence: its name, its bytes, lines and columns in it. Comes in: bytes of a file or
//! of standard input. Goes out: checked UTF-8 that remembers where each byte stood in the file.
//! Not here: what the text says (`document`).

use std::sync::OnceLock;

use memchr::{memchr_iter, memrchr};

use super::problem::{Code, SnapshotError};

/// Half-open byte range in a [`Text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// From offsets that lie in a text of at most 4 GiB; larger ones are clamped.
    pub(super) fn of(start: usize, end: usize) -> Self {
        Self { start: offset(start), end: offset(end) }
    }
    /// As a range, for slicing.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// An offset as the tape stores it. Texts are at most 4 GiB, so nothing is clamped in practice.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The longest text, in bytes: a span has 32 bits.
pub const LONGEST: u64 = u32::MAX as u64;

const MARK: &str = "\u{feff}";

/// One UTF-8 text and the name to show for it. At most 4 GiB. A byte order mark stays in the text,
/// so that spans are those of the file; it is not part of the [`Text::body`].
#[derive(Debug)]
pub struct Text {
    name: String,
    text: String,
    /// Where each block starts; made when somebody first asks for a place behind the first.
    blocks: OnceLock<Vec<Position>>,
}

impl Text {
    /// `name` is what messages show: a path as the user gave it.
    pub fn new(name: impl Into<String>, text: String) -> Self {
        Self { name: name.into(), text, blocks: OnceLock::new() }
    }

    /// From the bytes of a file.
    ///
    /// # Errors
    /// Bytes that are not UTF-8 (UTF-16 is named as such) and more than 4 GiB.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Self, SnapshotError> {
        let name = name.into();
        if bytes.len() as u64 > LONGEST {
            return Err(SnapshotError::too_large(&name, bytes.len() as u64));
        }
        if is_utf16(&bytes) {
            return Err(SnapshotError::new(Code::Utf16, format!("{name} is UTF-16, not UTF-8"))
                .help("Windows PowerShell writes UTF-16 with `>`: save it again as UTF-8, e.g. with `Out-File -Encoding utf8`"));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(name, text)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let line =
                    1 + error.as_bytes().get(..at).map_or(0, |before| memchr_iter(b'\n', before).count());
                let message =
                    format!("{name} is not UTF-8: byte {at} (line {line}) is not part of a character");
                Err(SnapshotError::new(Code::Utf8, message)
                    .help("save the file as UTF-8; a cut or binary file must be fetched again"))
            }
        }
    }

    /// The name to show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text behind a byte order mark; all of it where there is none.
    pub fn body(&self) -> Span {
        let start = if self.text.starts_with(MARK) { MARK.len() } else { 0 };
        Span::of(start, self.text.len())
    }

    /// The text of a span; empty where the span does not lie in it.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Line and column of a byte offset. One within a character counts as the character's. Cheap anywhere
    /// in a text of any size, in one line or in many.
    pub fn position(&self, offset: u32) -> Position {
        let to = self.text.floor_char_boundary(offset as usize).max(self.body().start as usize);
        let block = to / BLOCK;
        let (from, start) = match block {
            0 => (self.body().start as usize, FIRST),
            _ => (block * BLOCK, self.blocks().get(block).copied().unwrap_or(FIRST)),
        };
        start.behind(self.text.as_bytes().get(from..to).unwrap_or(&[]))
    }

    /// Where each block starts. A character that a border cuts counts to the block in which it begins.
    fn blocks(&self) -> &[Position] {
        self.blocks.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut blocks = Vec::with_capacity(bytes.len() / BLOCK + 1);
            let mut here = FIRST;
            for start in (0..bytes.len()).step_by(BLOCK) {
                blocks.push(here);
                // A byte order mark is no column.
                let from = start.max(self.body().start as usize);
                here = here.behind(bytes.get(from..(start + BLOCK).min(bytes.len())).unwrap_or(&[]));
            }
            blocks
        })
    }
}

/// Lines and columns are counted anew from every so many bytes.
const BLOCK: usize = 2 * 1024;

const FIRST: Position = Position { line: 1, column: 1 };

impl Position {
    /// Where one stands behind some bytes.
    fn behind(mut self, bytes: &[u8]) -> Self {
        let mut line = bytes;
        if let Some(last) = memrchr(b'\n', bytes) {
            self = Self { line: self.line + memchr_iter(b'\n', bytes).count(), column: 1 };
            line = bytes.get(last + 1..).unwrap_or(&[]);
        }
        // Of a character's bytes, all but the first look like 10xxxxxx.
        self.column += line.iter().filter(|byte| (**byte & 0xC0) != 0x80).count();
        self
    }
}

/// UTF-16 by its mark, or by the zero that stands beside an opening bracket.
fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'{' | b'[', 0, ..] | [0, b'{' | b'[', ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(text: &str, offset: usize) -> Position {
        let before = &text[..offset];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        Position { line, column }
    }

    #[test]
    fn positions_count_lines_and_characters() {
        let source = "{\r\n  \"ä😀\": 1,\n\n\"b\": 2 }";
        let text = Text::new("t.json", source.to_owned());
        let offsets: Vec<u32> =
            (0..=source.len()).filter(|at| source.is_char_boundary(*at)).map(|at| at as u32).collect();
        for &at in &offsets {
            assert_eq!(text.position(at), naive(source, at as usize), "offset {at}");
        }
    }

    #[test]
    fn positions_are_right_far_behind_and_across_borders() {
        for piece in ["ab\n", "ä😀", "\u{feff}x\r\n"] {
            let source = format!("\u{feff}{}", piece.repeat(3 * BLOCK / piece.len()));
            let text = Text::new("t.json", source.clone());
            let body = &source[3..];
            for border in [0, BLOCK, 2 * BLOCK, source.len()] {
                for at in border.saturating_sub(9).max(3)..(border + 9).min(source.len()) {
                    let whole = source.floor_char_boundary(at);
                    assert_eq!(text.position(at as u32), naive(body, whole - 3), "{piece:?} {at}");
                }
            }
        }
    }

    #[test]
    fn an_offset_behind_the_end_is_the_end() {
        let text = Text::new("t.json", "ab".to_owned());
        assert_eq!(text.position(99), Position { line: 1, column: 3 });
        assert_eq!(text.slice(Span { start: 1, end: 99 }), "");
    }

    #[test]
    fn a_mark_is_accepted_and_does_not_count_as_a_column() {
        let text = Text::from_bytes("t.json", b"\xEF\xBB\xBF[1]".to_vec()).unwrap();
        assert_eq!(text.body(), Span { start: 3, end: 6 });
        assert_eq!(text.position(3), Position { line: 1, column: 1 });
        assert_eq!(text.position(4), Position { line: 1, column: 2 });
    }

    #[test]
    fn other_encodings_are_named() {
        let code = |bytes: &[u8]| Text::from_bytes("t.json", bytes.to_vec()).unwrap_err().code;
        assert_eq!(code(b"\xFF\xFE{\0}\0"), Code::Utf16);
        assert_eq!(code(b"\xFE\xFF\0{\0}"), Code::Utf16);
        assert_eq!(code(b"{\0}\0"), Code::Utf16);
        assert_eq!(code(b"\0[\0]"), Code::Utf16);
        assert_eq!(code(b"{\"a\": \"\xFF\"}"), Code::Utf8);
        let error = Text::from_bytes("t.json", b"{\n\"a\": \"\xC3\"}".to_vec()).unwrap_err();
        assert!(error.to_string().contains("byte 8 (line 2)"), "{error}");
    }
}
