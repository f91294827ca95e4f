//! An answer as YAML text. Comes in: an entry. Goes out: lines that read back as exactly that
//! entry, whatever people typed. Not here: where they go (`store`).

use std::fmt::Write as _;

use chrono::{DateTime, NaiveTime, SecondsFormat, Utc};

use super::{Entry, word};
use crate::report::escape;

/// The keys of an entry with their values as YAML, in order.
fn pairs(entry: &Entry) -> Vec<(&'static str, String)> {
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

/// As an item of a block list, its dash behind `indent`, each line ended.
pub(super) fn block(entry: &Entry, indent: &str, end: &str) -> String {
    let mut text = String::new();
    for (number, (key, value)) in pairs(entry).into_iter().enumerate() {
        let dash = if number == 0 { "- " } else { "  " };
        text.push_str(&format!("{indent}{dash}{key}: {value}{end}"));
    }
    text
}

/// As an item of a list in brackets.
pub(super) fn flow(entry: &Entry) -> String {
    let pairs: Vec<String> = pairs(entry).into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// Ids are plain words, unless somebody's policies say otherwise.
fn name(text: &str) -> String {
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/'));
    if plain { text.to_owned() } else { quoted(text) }
}

fn moment(on: DateTime<Utc>) -> String {
    if on.time() == NaiveTime::MIN {
        on.date_naive().to_string()
    } else {
        on.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }
}

/// A double-quoted scalar (YAML 1.2, 7.3.1), the only style that can hold any text. What a reader of
/// the file could not see is escaped; the rest stays as it was typed.
pub(super) fn quoted(text: &str) -> String {
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
