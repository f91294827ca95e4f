//! "Did you mean": the known word nearest to one that was not known.
//! Comes in: a word and the known ones. Goes out: a help text. Not here: deciding what is known.

use std::fmt::Write as _;

/// The known word nearest to `word`, if any is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Distance costs the product of both lengths: hostile words are not compared at all.
    if word.len() > 100 {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    let limit = (word.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// "did you mean `x`?", or else the list of what is known while it is short.
pub fn help<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(near) = nearest(word, known.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let mut text = String::new();
    for candidate in known {
        let comma = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{comma}{candidate}");
        if text.len() > 300 {
            return None;
        }
    }
    (!text.is_empty()).then(|| format!("known here: {text}"))
}

/// A value as it may be shown in a message: on one line, at most 60 characters, no control characters.
pub fn shown(value: &str) -> String {
    let mut out: String = value.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if value.chars().nth(60).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = ["forbid", "require", "share"];
        for (word, expected) in [
            ("forbit", Some("forbid")),
            ("Require", Some("require")),
            ("shrae", Some("share")),
            ("attest", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
        assert_eq!(help("zzzzzz", known).as_deref(), Some("known here: forbid, require, share"));
        assert_eq!(help(&"x".repeat(200_000), known).as_deref(), Some("known here: forbid, require, share"));
    }

    #[test]
    fn shows_values_on_one_short_line() {
        assert_eq!(shown("a\nb\u{1b}c"), "a b c");
        assert_eq!(shown(&"é".repeat(61)), format!("{}…", "é".repeat(60)));
    }
}
