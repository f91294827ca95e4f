//! An answer as YAML text. Comes in: an entry. Goes out: keys and values that read back as exactly that
//! entry, whatever people typed. Not here: where they go (`store`).

use std::fmt::Write as _;

use chrono::{DateTime, NaiveTime, SecondsFormat, Utc};

use super::{Entry, word};
use crate::report::escape;
use crate::yaml::append::Pairs;

/// The keys of an entry with their values as YAML, in order.
pub(super) fn pairs(entry: &Entry) -> Pairs {
    let mut pairs = vec![
        ("check", name(&entry.check.to_string())),
        ("answer", word(entry.answer).to_owned()),
        ("on", moment(entry.on)),
        ("by", quoted(&entry.by)),
    ];
    pairs.extend(entry.evidence.as_deref().map(|text| ("evidence", quoted(text))));
    pairs.extend(entry.reason.as_deref().map(|text| ("reason", quoted(text))));
    pairs
}

/// Ids are plain words, unless somebody's policies say otherwise.
fn name(text: &str) -> String {
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/'));
    if plain { text.to_owned() } else { quoted(text) }
}

/// A day, or the moment where that says more.
pub(crate) fn moment(on: DateTime<Utc>) -> String {
    if on.time() == NaiveTime::MIN {
        on.date_naive().to_string()
    } else {
        on.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }
}

/// A double-quoted scalar (YAML 1.2, 7.3.1), the only style that can hold any text. What a reader of
/// the file could not see is escaped; the rest stays as it was typed.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        let code = u32::from(letter);
        // Writing to a text can't fail.
        let _ = match letter {
            '"' => write!(out, "\\\""),
            '\\' => write!(out, "\\\\"),
            '\n' => write!(out, "\\n"),
            '\t' => write!(out, "\\t"),
            _ if !escape::deceives(letter) && code & 0xFFFE != 0xFFFE => write!(out, "{letter}"),
            _ if code <= 0xFF => write!(out, "\\x{code:02X}"),
            _ if code <= 0xFFFF => write!(out, "\\u{code:04X}"),
            _ => write!(out, "\\U{code:08X}"),
        };
    }
    out.push('"');
    out
}
