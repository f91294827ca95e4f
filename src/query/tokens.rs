//! A query's text cut into tokens, each with its bytes. Comes in: text. Goes out: tokens, and what
//! can't be one. The parser's tree has no positions; these give them back. Not here: grammar
//! (`grammar`), meaning (`lower`).

use std::borrow::Cow;
use std::ops::Range;

use super::error::QueryError;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `$`
    Root,
    /// `@`
    Current,
    /// `.`
    Dot,
    /// `..`
    DotDot,
    /// `[`
    Open,
    /// `]`
    Close,
    /// `(`
    ParenOpen,
    /// `)`
    ParenClose,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `?`
    Question,
    /// `*`
    Star,
    /// `==` and its kind.
    Compare,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `!`
    Not,
    /// A name without quotes: a member, a function, `true`.
    Name,
    /// A string with its quotes.
    String,
    /// A number.
    Number,
}

/// One token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Its bytes.
    pub(super) at: Range<usize>,
}

/// Cuts a text. What can't be read is reported and left out, so that one look finds all of it.
pub(super) fn cut(text: &str, errors: &mut Vec<QueryError>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let (kind, length) = match first {
            ' ' | '\t' | '\n' | '\r' => {
                at += 1;
                continue;
            }
            '\'' | '"' => (Some(Kind::String), string(rest, first, at, errors)),
            '0'..='9' | '-' | '+' => number(rest, at, errors),
            _ if starts_name(first) => (Some(Kind::Name), name_length(rest)),
            _ => punctuation(rest, first, at, errors),
        };
        if let Some(kind) = kind {
            tokens.push(Token { kind, at: at..at + length });
        }
        at += length.max(1);
    }
    tokens
}

/// First character of a name without quotes (RFC 9535, 2.5.1.1).
fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || c >= '\u{80}'
}

fn name_length(rest: &str) -> usize {
    rest.find(|c: char| !starts_name(c) && !c.is_ascii_digit()).unwrap_or(rest.len())
}

fn punctuation(rest: &str, first: char, at: usize, errors: &mut Vec<QueryError>) -> (Option<Kind>, usize) {
    const SIGNS: [(&str, Kind); 11] = [
        ("..", Kind::DotDot),
        ("==", Kind::Compare),
        ("!=", Kind::Compare),
        ("<=", Kind::Compare),
        (">=", Kind::Compare),
        ("&&", Kind::And),
        ("||", Kind::Or),
        ("<", Kind::Compare),
        (">", Kind::Compare),
        ("!", Kind::Not),
        (".", Kind::Dot),
    ];
    const MISTAKES: [(&str, &str); 8] = [
        ("===", "equality is `==`"),
        ("!==", "inequality is `!=`"),
        ("=~", "a regular expression is tested with match(@.name, '…') or search(@.name, '…')"),
        ("=>", "it is `>=`"),
        ("=<", "it is `<=`"),
        ("<>", "inequality is `!=`"),
        ("=", "equality is `==`"),
        ("&", "both conditions together are `&&`"),
    ];
    if let Some(kind) = alone(first) {
        return (Some(kind), 1);
    }
    let wrong =
        MISTAKES.iter().find(|(sign, _)| rest.starts_with(sign) && !(*sign == "&" && rest.starts_with("&&")));
    let wrong = wrong.filter(|(sign, _)| *sign != "=" || !rest.starts_with("=="));
    if let Some((sign, help)) = wrong {
        errors.push(QueryError::new(at..at + sign.len(), format!("`{sign}` is no operator")).help(*help));
        // Counts as an operator, so that nothing is said of the gap it leaves.
        let kind = if *sign == "&" { Kind::And } else { Kind::Compare };
        return (Some(kind), sign.len());
    }
    if let Some((sign, kind)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return (Some(*kind), sign.len());
    }
    let length = first.len_utf8();
    let place = at..at + length;
    errors.push(match first {
        '|' => QueryError::new(place, "`|` is no operator").help("one condition or the other is `||`"),
        c if c.is_control() => {
            QueryError::new(place, format!("the control character U+{:04X} can't stand here", u32::from(c)))
        }
        c => QueryError::new(place, format!("`{c}` means nothing here"))
            .help("a name with other characters than letters, digits and _ is quoted: ['a-b']"),
    });
    (None, length)
}

/// What a sign is with which no longer one begins: most of them, and found without a search.
fn alone(sign: char) -> Option<Kind> {
    Some(match sign {
        '$' => Kind::Root,
        '@' => Kind::Current,
        '[' => Kind::Open,
        ']' => Kind::Close,
        '(' => Kind::ParenOpen,
        ')' => Kind::ParenClose,
        ',' => Kind::Comma,
        ':' => Kind::Colon,
        '?' => Kind::Question,
        '*' => Kind::Star,
        _ => return None,
    })
}

/// A number: its bytes, and what is wrong with it. A sign that no digit follows is no number.
fn number(rest: &str, at: usize, errors: &mut Vec<QueryError>) -> (Option<Kind>, usize) {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let whole = digits(sign);
    if whole == 0 {
        errors.push(
            QueryError::new(
                at..at + 1,
                format!("`{}` stands before no digit", rest.get(..1).unwrap_or_default()),
            )
            .help("there is no arithmetic in a path; a name with a hyphen is quoted: ['a-b']"),
        );
        return (None, 1);
    }
    let mut end = sign + whole;
    let mut wrong = None;
    if rest.starts_with('+') {
        wrong = Some("a number has no plus sign");
    } else if whole > 1 && bytes.get(sign) == Some(&b'0') {
        wrong = Some("a number has no leading zeros");
    }
    // A slice or a path may follow: `1:2`, and `1..` is caught as a number without fraction.
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        wrong = wrong.or((fraction == 0).then_some("a digit must follow the decimal point"));
        end += 1 + fraction;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        let exponent = digits(end + 1 + sign);
        wrong = wrong.or((exponent == 0).then_some("a digit must follow the exponent's `e`"));
        end += 1 + sign + exponent;
    }
    let tail = name_length(rest.get(end..).unwrap_or_default());
    if tail > 0 {
        wrong = wrong.or(Some("a name can't begin with a digit unless it is quoted: ['1a']"));
        end += tail;
    }
    if let Some(message) = wrong {
        errors.push(QueryError::new(at..at + end, message));
    }
    (Some(Kind::Number), end)
}

/// A string: its bytes with the quotes, and what is wrong inside (RFC 9535, 2.3.1.1).
fn string(rest: &str, quote: char, at: usize, errors: &mut Vec<QueryError>) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        let here = |length: usize| at + i..at + i + length;
        match c {
            _ if c == quote => return i + 1,
            '\\' => match chars.next() {
                Some((_, 'u')) => {
                    let digits = rest.get(i + 2..).unwrap_or_default();
                    match unicode_escape(digits) {
                        Some((_, length)) => {
                            for _ in 0..length {
                                chars.next();
                            }
                        }
                        None => errors.push(
                            QueryError::new(
                                here(2),
                                "`\\u` needs four hexadecimal digits that make a character",
                            )
                            .help("beyond U+FFFF it takes two halves, as in \\uD83D\\uDE00"),
                        ),
                    }
                }
                Some((_, e)) if simple_escape(e, quote).is_some() => {}
                Some((_, e)) => errors.push(
                    QueryError::new(
                        here(1 + e.len_utf8()),
                        format!("`\\{}` is no escape of a path's string", e.escape_debug()),
                    )
                    .help(format!("a backslash itself is written twice: `\\\\{}`", e.escape_debug())),
                ),
                None => break,
            },
            c if c < ' ' => errors.push(
                QueryError::new(
                    here(1),
                    format!("the control character U+{:04X} can't stand in a string", u32::from(c)),
                )
                .help(format!("write it as \\u{:04X}", u32::from(c))),
            ),
            _ => {}
        }
    }
    errors.push(QueryError::new(at..at + rest.len(), format!("this string has no closing {quote}")));
    rest.len()
}

/// The character that a one-letter escape names.
fn simple_escape(c: char, quote: char) -> Option<char> {
    Some(match c {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '/' | '\\' => c,
        _ if c == quote => c,
        _ => return None,
    })
}

/// The character behind `\u`, and how many characters of text it takes: 4, or 10 with its other half.
fn unicode_escape(digits: &str) -> Option<(char, usize)> {
    let hex = |from: usize| {
        let four = digits.get(from..from + 4)?;
        four.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(four, 16).ok())?
    };
    let high = hex(0)?;
    if !(0xD800..0xDC00).contains(&high) {
        return char::from_u32(high).map(|c| (c, 4));
    }
    let low = (digits.get(4..6)? == "\\u").then(|| hex(6))??;
    if !(0xDC00..0xE000).contains(&low) {
        return None;
    }
    char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).map(|c| (c, 10))
}

/// What a string token says, without quotes and escapes. Only for strings without mistakes.
pub(super) fn decode(literal: &str) -> Cow<'_, str> {
    let quote = literal.chars().next().unwrap_or('\'');
    let body = literal.get(1..literal.len().saturating_sub(1)).unwrap_or_default();
    if !body.contains('\\') {
        return Cow::Borrowed(body);
    }
    let mut decoded = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        decoded.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        let mut chars = rest.chars();
        let escape = chars.next();
        rest = chars.as_str();
        if escape == Some('u') {
            if let Some((c, length)) = unicode_escape(rest) {
                decoded.push(c);
                rest = rest.get(length..).unwrap_or_default();
            }
        } else if let Some(c) = escape.and_then(|e| simple_escape(e, quote)) {
            decoded.push(c);
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<&str> {
        let mut errors = Vec::new();
        let tokens = cut(text, &mut errors);
        assert_eq!(errors, [], "{text}");
        tokens.iter().map(|t| &text[t.at.clone()]).collect()
    }

    fn mistakes(text: &str) -> Vec<(String, &str)> {
        let mut errors = Vec::new();
        cut(text, &mut errors);
        errors.into_iter().map(|e| (e.message, &text[e.at])).collect()
    }

    #[test]
    fn tokens_have_their_bytes() {
        assert_eq!(
            parts("$.a['b c', \"ü\\\"\"][?@.x>=-1.5e3&& !in(@..y,[1:2])]"),
            [
                "$",
                ".",
                "a",
                "[",
                "'b c'",
                ",",
                "\"ü\\\"\"",
                "]",
                "[",
                "?",
                "@",
                ".",
                "x",
                ">=",
                "-1.5e3",
                "&&",
                "!",
                "in",
                "(",
                "@",
                "..",
                "y",
                ",",
                "[",
                "1",
                ":",
                "2",
                "]",
                ")",
                "]"
            ]
        );
        assert_eq!(parts("$.straße_1[*]"), ["$", ".", "straße_1", "[", "*", "]"]);
    }

    #[test]
    fn all_mistakes_at_their_places() {
        let found = mistakes("$[?@.a = 01 & @.b-c === 'x\\d' | 1. #");
        let places: Vec<&str> = found.iter().map(|(_, at)| *at).collect();
        assert_eq!(places, ["=", "01", "&", "-", "===", "\\d", "|", "1.", "#"], "{found:?}");
        assert!(mistakes("'abc")[0].0.contains("no closing '"));
        assert!(mistakes("'abc\\")[0].0.contains("no closing '"));
        assert_eq!(mistakes("'a\nb'")[0].1, "\n");
        assert_eq!(mistakes("'\\uD800' '\\uDC00' '\\u12' '\\uD83D\\u0041'").len(), 4);
        assert_eq!(mistakes("\"\\'\" '\\\"'").len(), 2);
        assert_eq!(mistakes("+1 1a 1e 1e+ 00"), mistakes("+1 1a 1e 1e+ 00"));
        assert_eq!(mistakes("+1 1a 1e 1e+ 00").len(), 5);
    }

    #[test]
    fn strings_are_decoded() {
        for (literal, says) in [
            ("''", ""),
            ("'a'", "a"),
            (r"'it\'s'", "it's"),
            (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r"'\u00e9\u00E9'", "éé"),
            (r"'\uD83D\ude00!'", "😀!"),
            (r"'\\d'", r"\d"),
        ] {
            assert_eq!(decode(literal), says);
            assert_eq!(mistakes(literal), []);
        }
    }
}
