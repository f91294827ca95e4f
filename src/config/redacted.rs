//! The mark of a file whose names are pseudonyms, as `levelmark redact` writes it. Comes in: what stands in the file. Goes
//! out: with which key it was redacted. Not here: whether that is the snapshot's (`commands`).

use serde_json::Value;

use super::Config;
use crate::record;
use crate::snapshot::record::Redaction;
use crate::yaml::suggest::shown;
use crate::yaml::{Cx, Need, Text};

/// Digits of a fingerprint.
const DIGITS: usize = 8;

record! {
    /// With what this file was redacted, as in the manifest of a redacted snapshot. `levelmark redact` writes it.
    pub struct RawMark {
        /// Fingerprint of the key, eight hexadecimal digits.
        key: Need<Text>,
        /// Digest of the words that stayed, eight hexadecimal digits.
        words: Option<Text>,
    }
}

/// The mark of a file.
pub(super) fn mark(raw: &RawMark, cx: &mut Cx<'_>) -> Option<Redaction> {
    let key = digits(raw.key.get()?, cx);
    let words = raw.words.as_ref().map(|text| digits(text, cx));
    Some(Redaction { key: key?, words: words.unwrap_or_default() })
}

fn digits(text: &Text, cx: &mut Cx<'_>) -> Option<String> {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.value.len() == DIGITS && text.value.bytes().all(hex) {
        return Some(text.value.clone());
    }
    let message = format!("`{}` is no fingerprint", shown(&text.value));
    cx.mistake("config::redacted", message, &text.at).help =
        Some("`levelmark redact` writes it: eight hexadecimal digits, in quotation marks".to_owned());
    None
}

/// Whether something in a configuration names people or things of a tenant: a text in a parameter, a waiver, an owner, the
/// key of an item.
pub(super) fn names_something(config: &Config) -> bool {
    config.params.values().any(|given| has_text(&given.value))
        || !config.waivers.is_empty()
        || !config.owners.is_empty()
        || config.drift.iter().any(|rule| rule.key.is_some())
}

fn has_text(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(items) => items.iter().any(has_text),
        Value::Object(members) => members.values().any(has_text),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Attestations;
    use super::*;

    const MARK: &str = "redacted: { key: \"0123abcd\", words: \"00000001\" }\n";

    #[test]
    fn a_mark_is_read_and_a_file_without_one_that_names_nobody_is_none() {
        let marks = |text: &str| Config::read("a", text.as_bytes()).unwrap().marks;
        let mark = Redaction { key: "0123abcd".to_owned(), words: Some("00000001".to_owned()) };
        assert!(marks("answers: a.yaml").is_empty());
        assert!(
            marks("params: { days: 3, on: true, share: 0.5 }\ntargets: { infrastructure: 300 }").is_empty()
        );
        let rule =
            "drift:\n  ignore:\n    - section: users.accounts\n      path: /jobTitle\n      reason: r\n";
        assert!(marks(rule).is_empty());
        assert_eq!(marks(MARK).into_iter().collect::<Vec<_>>(), [Some(mark.clone())]);
        let names = [
            "params: { a: [[Kim]] }",
            "params: { a: { b: Kim } }",
            "owners: { infrastructure: ['Kim <k@c.com>'] }",
        ];
        let pinned = rule.to_owned() + "      key: Kim\n";
        for text in names.into_iter().chain([pinned.as_str()]) {
            assert_eq!(marks(text).into_iter().collect::<Vec<_>>(), [None], "{text}");
        }
        // What a file builds on counts by itself.
        let read = |text: &str| Config::read("a", text.as_bytes()).unwrap();
        assert_eq!(read(MARK).over(read(names[0])).marks.len(), 2);
        let answers = format!("{MARK}tenant: 8E2F1C44-0000-4000-8000-000000000000\n");
        assert_eq!(Attestations::read("a", answers.as_bytes()).unwrap().redacted, Some(mark));
    }

    #[test]
    fn what_is_no_fingerprint_is_a_mistake() {
        for text in
            ["redacted: { key: 0123ABCD }", "redacted: { key: \"0123\" }", "redacted: yes", "redacted: {}"]
        {
            assert!(Config::read("a", text.as_bytes()).is_err(), "{text}");
        }
    }
}
