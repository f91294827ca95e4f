//! Why a text is not JSON, in words. Comes in: a fault and the text. Goes out: a [`JsonError`] with
//! its places. Not here: finding faults (`lex`, `skim`, `parse`).

use super::lex::Fault;
pub use super::lex::What;
use super::text::{Span, Text};

/// Why a text is not JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JsonError {
    /// What kind of fault it is.
    pub what: What,
    /// What is wrong, lower case.
    pub message: String,
    /// Where.
    pub span: Span,
    /// A second place: the first of two equal names, or what is still open where the text ends.
    pub other: Option<Span>,
}

impl JsonError {
    pub(super) fn new(fault: Fault, text: &Text) -> Self {
        let Fault { what, at, other } = fault;
        let opened = other.and_then(|span| text.as_str().as_bytes().get(span.start as usize));
        Self { what, message: words(what, text, at, opened), span: at, other }
    }

    /// What to write under the second place.
    pub fn other_label(&self) -> &'static str {
        match self.what {
            What::Duplicate => "first here",
            _ => "opened here",
        }
    }

    /// What to do about it, where there is something to say.
    pub fn help(&self) -> Option<&'static str> {
        match self.what {
            What::Empty => Some("the file may not have been written to its end: take or copy it again"),
            What::CutOff => Some("the file was probably cut off: take or copy it again"),
            What::Duplicate => Some("readers disagree on which of the two counts: remove one"),
            What::Control => Some("inside a string, write it as an escape such as `\\n` or `\\u0000`"),
            What::TrailingComma => Some("remove the comma before the closing bracket"),
            What::NoName => Some("names of members stand in double quotes"),
            What::Depth => Some("no more than 127 arrays and objects may stand inside each other"),
            What::Range => Some("the largest number is about 1.8e308"),
            What::Trailing => Some("a file holds one JSON value; several, one per line, are not read"),
            What::NoValue
            | What::NoComma
            | What::NoColon
            | What::WrongBracket
            | What::Escape
            | What::Surrogate
            | What::Number
            | What::Literal => None,
        }
    }
}

fn words(what: What, text: &Text, at: Span, opened: Option<&u8>) -> String {
    let found = text.as_str().get(at.start as usize..).and_then(|rest| rest.chars().next());
    let found =
        found.map_or_else(|| "the end of the text".to_owned(), |char| format!("`{}`", char.escape_default()));
    match what {
        What::Empty => "the text is empty".to_owned(),
        What::CutOff => match opened {
            Some(b'[') => "the text ends inside an array".to_owned(),
            Some(b'{') => "the text ends inside an object".to_owned(),
            _ => "the text ends inside a string".to_owned(),
        },
        What::NoValue => format!("expected a value, found {found}"),
        What::TrailingComma => "a comma with nothing behind it".to_owned(),
        What::NoComma => format!("expected a comma or a closing bracket, found {found}"),
        What::NoName => format!("expected a name in double quotes, found {found}"),
        What::NoColon => format!("expected a colon, found {found}"),
        What::WrongBracket => format!("{found} does not close what is open here"),
        What::Control => format!("a control character inside a string, {found}"),
        What::Escape => "an escape that JSON does not have".to_owned(),
        What::Surrogate => "half of a surrogate pair".to_owned(),
        What::Number => "not a number as JSON writes them".to_owned(),
        What::Range => "a number that is too large".to_owned(),
        What::Literal => "expected `true`, `false` or `null`".to_owned(),
        What::Depth => "arrays and objects are nested too deeply".to_owned(),
        What::Trailing => format!("expected the end of the text, found {found}"),
        What::Duplicate => format!("{} stands twice in one object", name(text.slice(at))),
    }
}

/// A name with its quotes, cropped to what fits a message.
fn name(raw: &str) -> String {
    match raw.char_indices().nth(60) {
        Some((end, _)) => format!("{}…\"", raw.get(..end).unwrap_or("")),
        None => raw.to_owned(),
    }
}
