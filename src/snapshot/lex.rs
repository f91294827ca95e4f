//! The smallest pieces of JSON: strings, numbers, literals, blanks. Comes in: bytes of checked UTF-8
//! and a place in them. Goes out: where the piece ends, or a fault. Agrees with serde_json on what is
//! legal. Not here: how pieces nest (`skim`, `parse`).

use std::borrow::Cow;

use super::number::Number;
use super::text::Span;

/// Containers inside each other at most, as in serde_json (which refuses the 128th).
pub(super) const DEPTH: usize = 127;

/// What is wrong with a JSON text; its words are made in `fault.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub what: What,
    pub at: Span,
    pub other: Option<Span>,
}

/// Kinds of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Nothing but blanks.
    Empty,
    /// The text ends inside a value.
    CutOff,
    /// Something else stands where a value is due.
    NoValue,
    /// A comma with nothing behind it.
    TrailingComma,
    /// Neither a comma nor the closing bracket behind an element or member.
    NoComma,
    /// A member without a name in double quotes.
    NoName,
    /// No colon behind a name.
    NoColon,
    /// A closing bracket that does not fit the opening one.
    WrongBracket,
    /// A control character inside a string.
    Control,
    /// An escape that JSON does not have.
    Escape,
    /// Half a surrogate pair.
    Surrogate,
    /// Not a number as JSON writes them.
    Number,
    /// A number beyond what a double can hold.
    Range,
    /// Neither `true`, `false` nor `null`.
    Literal,
    /// Containers nested too deeply.
    Depth,
    /// Text behind the value.
    Trailing,
    /// Two members of one object with the same name.
    Duplicate,
}

#[cold]
pub(super) fn fault<T>(what: What, start: usize, end: usize) -> Result<T, Fault> {
    Err(Fault { what, at: Span::of(start, end), other: None })
}

/// The text ends inside of what opened at `opened`.
#[cold]
pub(super) fn cut_off<T>(bytes: &[u8], opened: usize) -> Result<T, Fault> {
    let at = Span::of(bytes.len(), bytes.len());
    Err(Fault { what: What::CutOff, at, other: Some(Span::of(opened, opened + 1)) })
}

/// The place behind blanks.
#[inline(always)]
pub(super) fn blanks(bytes: &[u8], mut at: usize) -> usize {
    // Most tokens touch, or stand one blank apart; indentation is skipped eight at a time.
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\n' | b'\r' | b'\t') => at += 1,
            _ => return at,
        }
        while word(bytes, at) == Some(u64::from_le_bytes([b' '; 8])) {
            at += 8;
        }
    }
}

#[inline(always)]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The first quote, backslash or control character from `at`, eight bytes at a time.
/// The borrow of the subtraction can only mark bytes above a true hit, so the lowest mark is right
/// (see "Determine if a word has a zero byte" in Bit Twiddling Hacks).
#[inline(always)]
fn stop(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = word(bytes, at) {
        let quote = word ^ (ONES * b'"' as u64);
        let slash = word ^ (ONES * b'\\' as u64);
        let hit = ((quote.wrapping_sub(ONES) & !quote)
            | (slash.wrapping_sub(ONES) & !slash)
            | (word.wrapping_sub(ONES * 0x20) & !word))
            & HIGHS;
        if hit != 0 {
            return at + (hit.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b'"' | b'\\' | 0..0x20) {
            break;
        }
        at += 1;
    }
    at
}

/// The end of the string whose opening quote stands at `start` (behind the closing quote), and
/// whether it has escapes.
#[inline(always)]
pub(super) fn string(bytes: &[u8], start: usize) -> Result<(usize, bool), Fault> {
    let at = stop(bytes, start + 1);
    match bytes.get(at) {
        Some(b'"') => Ok((at + 1, false)),
        _ => Ok((escaped_string(bytes, start, at)?, true)),
    }
}

#[inline(never)]
fn escaped_string(bytes: &[u8], start: usize, mut at: usize) -> Result<usize, Fault> {
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at = stop(bytes, escape(bytes, at)?),
            Some(_) => return fault(What::Control, at, at + 1),
            None => return cut_off(bytes, start),
        }
    }
}

/// The place behind the escape that opens at `at`.
fn escape(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => match unit(bytes, at)? {
            0xD800..0xDC00 => {
                if !bytes.get(at + 6..).is_some_and(|rest| rest.starts_with(b"\\u")) {
                    return fault(What::Surrogate, at, at + 6);
                }
                match unit(bytes, at + 6)? {
                    0xDC00..0xE000 => Ok(at + 12),
                    _ => fault(What::Surrogate, at, at + 6),
                }
            }
            0xDC00..0xE000 => fault(What::Surrogate, at, at + 6),
            _ => Ok(at + 6),
        },
        Some(_) => fault(What::Escape, at, at + 2),
        None => cut_off(bytes, at),
    }
}

/// The four hexadecimal digits of the `\u` at `at`.
fn unit(bytes: &[u8], at: usize) -> Result<u32, Fault> {
    let digits = bytes.get(at + 2..at + 6).unwrap_or(&[]);
    let value = digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + (*digit as char).to_digit(16)?));
    match value {
        Some(value) if digits.len() == 4 => Ok(value),
        _ => fault(What::Escape, at, at + 2),
    }
}

/// What a string says: `raw` with its quotes, which [`string`] has accepted.
#[inline]
pub(super) fn content(raw: &str, escaped: bool) -> Cow<'_, str> {
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
    if escaped { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) }
}

fn unescape(mut rest: &str) -> String {
    let mut out = String::with_capacity(rest.len());
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        let (char, used) = match chars.next() {
            Some('b') => ('\u{8}', 1),
            Some('f') => ('\u{c}', 1),
            Some('n') => ('\n', 1),
            Some('r') => ('\r', 1),
            Some('t') => ('\t', 1),
            Some('u') => code_point(after),
            Some(other) => (other, other.len_utf8()),
            None => return out,
        };
        out.push(char);
        rest = after.get(used..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// The character of `uXXXX` or `uXXXX\uXXXX`, and how many bytes that takes.
fn code_point(after: &str) -> (char, usize) {
    let hex =
        |range| after.get(range).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0xFFFD);
    let first = hex(1..5);
    let (code, used) = match first {
        0xD800..0xDC00 => (0x10000 + ((first - 0xD800) << 10) + (hex(7..11).saturating_sub(0xDC00)), 11),
        _ => (first, 5),
    };
    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), used)
}

/// The place behind the number that starts at `start`.
#[inline(always)]
pub(super) fn number(bytes: &[u8], start: usize) -> Result<usize, Fault> {
    let mut at = start + usize::from(bytes.get(start) == Some(&b'-'));
    let whole = at;
    at = digits(bytes, at);
    if at == whole || (at > whole + 1 && bytes.get(whole) == Some(&b'0')) {
        return fault(What::Number, start, at.max(start + 1));
    }
    // Without an exponent, 308 digits always fit in a double.
    let mut far = at - whole > 308;
    if bytes.get(at) == Some(&b'.') {
        let fraction = at + 1;
        at = digits(bytes, fraction);
        if at == fraction {
            return fault(What::Number, start, at);
        }
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let exponent = at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at = digits(bytes, exponent);
        if at == exponent {
            return fault(What::Number, start, at);
        }
        far = true;
    }
    if far && !fits(bytes.get(start..at)) {
        return fault(What::Range, start, at);
    }
    Ok(at)
}

#[inline(always)]
fn digits(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9') = bytes.get(at) {
        at += 1;
    }
    at
}

fn fits(number: Option<&[u8]>) -> bool {
    number.and_then(|digits| std::str::from_utf8(digits).ok()).and_then(Number::from_checked).is_some()
}

/// The place behind `true`, `false` or `null`.
#[inline(always)]
pub(super) fn literal(bytes: &[u8], start: usize, word: &[u8]) -> Result<usize, Fault> {
    let end = start + word.len();
    match bytes.get(start..end) {
        Some(found) if found == word => Ok(end),
        _ => fault(What::Literal, start, start + 1),
    }
}
