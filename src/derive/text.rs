//! Texts that people and services wrote: ids of posts and issues cited in them, titles, dates.
//! Comes in: strings. Goes out: ids in upper case, comparable titles, instants. Not here: where
//! the strings stand.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};

/// Adds the ids of Message Center posts (`MC123456`) and service issues (`EX226792`) that a text
/// names: two letters and five to nine digits that stand alone. New services bring new letters,
/// so all pairs count, except `KB` (knowledge base articles). In lower case only `mc` counts:
/// hexadecimal ids are full of other pairs.
pub(super) fn cited(text: &str, into: &mut BTreeSet<String>) {
    into.extend(text.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(identifier));
}

/// Like [`cited`], for a text that may be percent-encoded, as the keys of Planner references are.
pub(super) fn cited_encoded(text: &str, into: &mut BTreeSet<String>) {
    cited(&decoded(text), into);
}

fn identifier(word: &str) -> Option<String> {
    let (letters, digits) = word.split_at_checked(2)?;
    let counts = letters.eq_ignore_ascii_case("MC")
        || (letters.bytes().all(|b| b.is_ascii_uppercase()) && letters != "KB");
    let number = (5..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    (counts && number).then(|| word.to_ascii_uppercase())
}

/// RFC 3986 percent-decoding; what is no valid escape stays.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escape = match (first, tail) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match escape {
            Some((high, low)) => {
                bytes.push(high * 16 + low);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A title as it can be compared, and the service that stands before it: Planner sync writes
/// `[Service] Title`, Message Center writes `(Updated) Title` when a post changes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Title {
    pub(super) service: Option<String>,
    pub(super) words: String,
}

impl Title {
    pub(super) fn of(text: &str) -> Self {
        let text = text.trim();
        let bracketed = text.strip_prefix('[').and_then(|t| t.split_once(']'));
        let (service, mut title) = match bracketed {
            Some((service, title)) => (Some(folded(service)), title.trim_start()),
            None => (None, text),
        };
        while let Some(rest) = without_prefix(title, "(updated)") {
            title = rest.trim_start();
        }
        Self { service, words: folded(title) }
    }
}

fn without_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Lower case, single spaces.
fn folded(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// An instant: RFC 3339, or a date (its first moment in UTC).
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let exact = DateTime::parse_from_rfc3339(text).ok().map(|t| t.to_utc());
    exact.or_else(|| Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN).and_utc()))
}

/// An instant as the snapshot writes it.
pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stand_alone() {
        for (text, expected) in [
            ("see MC123456 and EX226792.", vec!["EX226792", "MC123456"]),
            ("mc123456_update (MC123456)", vec!["MC123456"]),
            ("XMC123456 MC1234 MC1234567890 MC12345x", vec![]),
            ("KB5001330, ab123456, INC0012345", vec![]),
            ("https://admin.microsoft.com/#/MessageCenter/:/messages/MC654321", vec!["MC654321"]),
            ("é MC12345é", vec!["MC12345"]),
            ("", vec![]),
        ] {
            let mut ids = BTreeSet::new();
            cited(text, &mut ids);
            assert_eq!(ids.into_iter().collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn references_are_percent_encoded() {
        let mut ids = BTreeSet::new();
        cited_encoded("https%3A//admin%2Emicrosoft%2Ecom%2FMC123456%", &mut ids);
        assert_eq!(ids.into_iter().collect::<Vec<_>>(), ["MC123456"]);
        assert_eq!(decoded("%4d%zz%e2%82%ac%2"), "M%zz€%2");
    }

    #[test]
    fn titles_meet() {
        let post = Title::of("(Updated) New  feature: Loop");
        let task = Title::of("[Microsoft Teams] New feature: loop ");
        assert_eq!(post.words, task.words);
        assert_eq!(task.service.as_deref(), Some("microsoft teams"));
        assert_eq!(Title::of("[unclosed").words, "[unclosed");
        assert_eq!(Title::of("").words, "");
    }

    #[test]
    fn instants_are_compared_by_time() {
        assert!(instant("2026-01-01T00:00:00.5Z") > instant("2026-01-01T00:00:00Z"));
        assert_eq!(instant("2026-01-01"), instant("2026-01-01T01:00:00+01:00"));
        assert_eq!(instant("9999-12-31T23:59:59.9999999Z").map(|t| t.to_string().len() > 9), Some(true));
        assert_eq!(instant("soon"), None);
    }
}
