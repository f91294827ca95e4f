//! Constants of a query: numbers read exactly, time templates, regular expressions. Comes in: one
//! token. Goes out: a `Literal` or a `Pattern`, or what is wrong with it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use super::duration;
use super::error::QueryError;
use super::ir::Literal;
use super::suggest;
use super::tokens;
use crate::snapshot::number::Number;

/// Bytes that one compiled regular expression may take.
const REGEX_SIZE: usize = 1 << 20;

/// A number as written. The syntax tree holds it rounded, or not at all beyond 2^53.
pub(super) fn number(text: &str, at: Range<usize>) -> Result<Literal, QueryError> {
    if !text.contains(['.', 'e', 'E'])
        && let Ok(int) = text.parse::<i128>()
        && (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&int)
    {
        return Ok(Literal::Number(Number::Int(int)));
    }
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() => Ok(Literal::Number(Number::Float(float))),
        _ => Err(QueryError::new(at, format!("`{text}` is larger than any number"))),
    }
}

/// A string of a snapshot query: `'${now}'` and its kind are times, other strings themselves.
pub(super) fn string(token: &str, at: Range<usize>) -> Result<Literal, QueryError> {
    let text = tokens::decode(token);
    // Looked for in the token and not in what it says, so that \u0024{ can be written.
    if !token.contains("${") {
        return Ok(Literal::String(text.into_owned()));
    }
    let forms = "times are '${now}', '${ago:P90D}' and '${ahead:P30D}', each a whole string; \
                 a literal ${ is written \\u0024{";
    let Some(inner) =
        text.strip_prefix("${").and_then(|t| t.strip_suffix('}')).filter(|t| !t.contains(['{', '}']))
    else {
        return Err(QueryError::new(at, "`${` can't stand within a string").help(forms));
    };
    match inner.split_once(':') {
        None if inner == "now" => Ok(Literal::Time(chrono::TimeDelta::zero())),
        Some((way @ ("ago" | "ahead"), duration)) => match duration::parse(duration) {
            Ok(delta) => Ok(Literal::Time(if way == "ago" { -delta } else { delta })),
            Err(message) => Err(QueryError::new(at, message)),
        },
        _ => {
            let word = inner.split([':', '.']).next().unwrap_or_default();
            let error = QueryError::new(at, format!("`${{{inner}}}` is not known in a path"));
            Err(if let Some(param) = inner.strip_prefix("params.") {
                error.help(format!("a parameter is a path of its own: $.params.{param}"))
            } else if let Some(near) = suggest::nearest(word, ["now", "ago", "ahead"]) {
                error.help(format!("did you mean `{near}`? {forms}"))
            } else {
                error.help(forms)
            })
        }
    }
}

/// Builds a regular expression. As I-Regexp says (RFC 9485, 5.3) a dot is any character but a line
/// feed or carriage return; `whole` is `match`, which takes the string from end to end.
pub(super) fn build(pattern: &str, whole: bool) -> Result<Regex, regex::Error> {
    let builder = |text: &str| {
        RegexBuilder::new(text)
            .crlf(true)
            .size_limit(REGEX_SIZE)
            .dfa_size_limit(REGEX_SIZE)
            .nest_limit(64)
            .build()
    };
    if !whole {
        return builder(pattern);
    }
    // Also built alone where it needs to be: `a)|(b` must not become valid by the brackets put around it,
    // and a mistake is told of what was written.
    if pattern.contains(')') {
        builder(pattern)?;
    }
    builder(&format!(r"\A(?:{pattern})\z")).or_else(|error| builder(pattern).and(Err(error)))
}

/// Builds a pattern, or hands out the one that was built before: policies have many in common.
fn shared(pattern: &str, whole: bool) -> Result<Regex, regex::Error> {
    static BUILT: Mutex<BTreeMap<(String, bool), Regex>> = Mutex::new(BTreeMap::new());
    const KEPT: usize = 256;
    let key = (pattern.to_owned(), whole);
    if let Some(known) = BUILT.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(known.clone());
    }
    let built = build(pattern, whole)?;
    let mut kept = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() < KEPT {
        kept.insert(key, built.clone());
    }
    Ok(built)
}

/// A constant pattern; `token` is how it is written.
pub(super) fn pattern(token: &str, whole: bool, at: Range<usize>) -> Result<Regex, QueryError> {
    let text = tokens::decode(token);
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        let escape = match control {
            '\u{8}' => Some(("a backspace", "\\\\b", "a word boundary")),
            '\u{c}' => Some(("a form feed", "\\\\f", "the same")),
            '\n' => Some(("a line feed", "\\\\n", "the same")),
            '\r' => Some(("a carriage return", "\\\\r", "the same")),
            '\t' => Some(("a tab", "\\\\t", "the same")),
            _ => None,
        };
        let error = QueryError::new(
            at,
            format!("this pattern contains the control character U+{:04X}", u32::from(control)),
        );
        return Err(match escape {
            Some((is, write, says)) => {
                let short = write.get(1..).unwrap_or_default();
                error.help(format!(
                    "in a path's string `{short}` is {is}; the pattern gets a backslash from two: `{write}` is {says}"
                ))
            }
            None => error.help("the pattern gets a backslash from two: `\\\\u0001` reaches it as an escape"),
        });
    }
    shared(&text, whole).map_err(|error| {
        let why = match &error {
            regex::Error::CompiledTooBig(limit) => format!("it takes more than {limit} bytes when built"),
            // The last line says what is wrong, those before draw an arrow.
            other => {
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default();
                last.strip_prefix("error: ").unwrap_or(last).to_owned()
            }
        };
        QueryError::new(at, format!("this pattern is not a regular expression: {why}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact() {
        for (text, int) in [
            ("0", 0),
            ("-0", 0),
            ("9007199254740993", 9_007_199_254_740_993),
            ("18446744073709551615", i128::from(u64::MAX)),
            ("-9223372036854775808", i128::from(i64::MIN)),
        ] {
            assert!(matches!(number(text, 0..1), Ok(Literal::Number(Number::Int(n))) if n == int), "{text}");
        }
        for (text, float) in [("1.5", 1.5), ("1e2", 100.0), ("18446744073709551616", 18446744073709551616.0)]
        {
            assert!(
                matches!(number(text, 0..1), Ok(Literal::Number(Number::Float(f))) if f == float),
                "{text}"
            );
        }
        assert!(number("1e400", 0..5).is_err());
    }

    #[test]
    fn times_and_what_only_looks_like_one() {
        let days = |token| match string(token, 0..1) {
            Ok(Literal::Time(delta)) => delta.num_days(),
            other => panic!("{token}: {other:?}"),
        };
        assert_eq!(days("'${now}'"), 0);
        assert_eq!(days("\"${ago:P90D}\""), -90);
        assert_eq!(days("'${ahead:P1Y}'"), 365);
        for (token, help) in [
            ("'${ago:90D}'", ""),
            ("'${ago}'", "did you mean `ago`"),
            ("'${agp:P1D}'", "did you mean `ago`"),
            ("'${params.x}'", "$.params.x"),
            ("'before ${now}'", "whole string"),
            ("'${now}${now}'", "whole string"),
            ("'${'", "\\u0024{"),
            ("'${something}'", "'${now}'"),
        ] {
            let error = string(token, 3..4).unwrap_err();
            assert!(error.help.unwrap_or_default().contains(help), "{token}");
            assert_eq!(error.at, 3..4);
        }
        assert!(matches!(string("'\\u0024{now}'", 0..1), Ok(Literal::String(s)) if s == "${now}"));
        assert!(matches!(string("'costs $5 {a}'", 0..1), Ok(Literal::String(_))));
    }

    #[test]
    fn patterns() {
        let matches = |token: &str, text: &str| pattern(token, true, 0..1).unwrap().is_match(text);
        assert!(matches("'a|ab'", "ab"));
        assert!(!matches("'a|b'", "ab"));
        assert!(!matches("'.'", "\r"));
        assert!(!matches("'.'", "\n"));
        assert!(matches("'.'", "\u{2028}"));
        assert!(!matches("'a'", "a\n"));
        assert!(pattern("'\\\\bmfa\\\\b'", false, 0..1).unwrap().is_match("no mfa here"));
        for (token, help) in
            [("'\\bmfa'", "`\\b` is a backspace"), ("'a\\tb'", "`\\t` is a tab"), ("'\\u0001'", "two")]
        {
            let error = pattern(token, false, 0..1).unwrap_err();
            assert!(error.help.unwrap_or_default().contains(help), "{token}");
        }
        for token in ["'a)|(b'", "'('", "'[a'", "'a{1000}{1000}'", "'(?x)a#'"] {
            assert!(pattern(token, true, 0..1).is_err(), "{token}");
        }
        let why = pattern("'('", false, 0..1).unwrap_err().message;
        assert_eq!(why, "this pattern is not a regular expression: unclosed group");
    }
}
