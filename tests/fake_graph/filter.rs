//! `$filter`, as far as the collector's requests go: comparisons joined by `and`, `contains` and
//! `startswith`. Comes in: text. Goes out: terms that hold for an item or do not. Not here: which
//! filters a path insists on (`rules`).

use chrono::{DateTime, Utc};
use serde_json::Value;

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Term {
    /// The property, `/` between names.
    pub(crate) field: String,
    pub(crate) operator: Operator,
    pub(crate) literal: Literal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    AtLeast,
    AtMost,
    More,
    Less,
    Contains,
    StartsWith,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Bool(bool),
    Number(f64),
    Time(DateTime<Utc>),
    Null,
}

/// Reads a filter; the error is what Graph would complain of.
pub(crate) fn parse(text: &str) -> Result<Vec<Term>, String> {
    conjuncts(text).into_iter().map(|part| term(part.trim())).collect()
}

/// Splits at `and` outside of quotes.
fn conjuncts(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, letter) in text.char_indices() {
        if letter == '\'' {
            quoted = !quoted;
        }
        if !quoted && at >= start && text.get(at..).is_some_and(|rest| rest.starts_with(" and ")) {
            parts.extend(text.get(start..at));
            start = at + " and ".len();
        }
    }
    parts.extend(text.get(start..));
    parts
}

fn term(text: &str) -> Result<Term, String> {
    for (name, operator) in [("contains(", Operator::Contains), ("startswith(", Operator::StartsWith)] {
        if let Some(inner) = text.strip_prefix(name).and_then(|rest| rest.strip_suffix(')')) {
            let (field, value) = inner.split_once(',').ok_or("Syntax error in function call.")?;
            return Ok(Term { field: field.trim().into(), operator, literal: literal(value.trim())? });
        }
    }
    let mut words = text.splitn(3, ' ');
    let (Some(field), Some(operator), Some(value)) = (words.next(), words.next(), words.next()) else {
        return Err(format!("Syntax error at position {} in '{text}'.", text.len()));
    };
    let operator = match operator {
        "eq" => Operator::Equal,
        "ge" => Operator::AtLeast,
        "le" => Operator::AtMost,
        "gt" => Operator::More,
        "lt" => Operator::Less,
        other => return Err(format!("Unsupported or invalid query filter clause: operator '{other}'.")),
    };
    Ok(Term { field: field.into(), operator, literal: literal(value.trim())? })
}

fn literal(text: &str) -> Result<Literal, String> {
    if let Some(inner) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        let plain = inner.replace("''", "");
        if plain.contains('\'') {
            return Err(format!("Unterminated string literal in '{text}'."));
        }
        return Ok(Literal::Text(inner.replace("''", "'")));
    }
    match text {
        "true" => return Ok(Literal::Bool(true)),
        "false" => return Ok(Literal::Bool(false)),
        "null" => return Ok(Literal::Null),
        _ => {}
    }
    if let Some(time) = time(text) {
        return Ok(Literal::Time(time));
    }
    if let Ok(number) = text.parse() {
        return Ok(Literal::Number(number));
    }
    if levelmark::sections::normal::is_guid(text) {
        return Ok(Literal::Text(text.to_owned()));
    }
    Err(format!("Unrecognized literal '{text}'."))
}

/// An instant, or the start of a day.
pub(crate) fn time(text: &str) -> Option<DateTime<Utc>> {
    let whole = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}T00:00:00Z")));
    whole.ok().map(|time| time.to_utc())
}

impl Term {
    /// Whether it is true of an item. A property that is not there is null.
    pub(crate) fn holds(&self, item: &Value) -> bool {
        let value = self.field.split('/').try_fold(item, |at, name| at.get(name)).unwrap_or(&Value::Null);
        match (&self.literal, self.operator) {
            (Literal::Null, Operator::Equal) => value.is_null(),
            (Literal::Bool(wanted), Operator::Equal) => value.as_bool() == Some(*wanted),
            (Literal::Text(wanted), Operator::Equal) => {
                value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(wanted))
            }
            (Literal::Text(wanted), Operator::Contains) => {
                value.as_str().is_some_and(|text| text.contains(wanted))
            }
            (Literal::Text(wanted), Operator::StartsWith) => {
                value.as_str().is_some_and(|text| text.starts_with(wanted))
            }
            (Literal::Time(wanted), operator) => {
                value.as_str().and_then(time).is_some_and(|time| ordered(&time, operator, wanted))
            }
            (Literal::Number(wanted), operator) => {
                value.as_f64().is_some_and(|number| ordered(&number, operator, wanted))
            }
            (Literal::Null | Literal::Bool(_) | Literal::Text(_), _) => false,
        }
    }
}

fn ordered<T: PartialOrd>(value: &T, operator: Operator, wanted: &T) -> bool {
    match operator {
        Operator::Equal => value == wanted,
        Operator::AtLeast => value >= wanted,
        Operator::AtMost => value <= wanted,
        Operator::More => value > wanted,
        Operator::Less => value < wanted,
        Operator::Contains | Operator::StartsWith => false,
    }
}
