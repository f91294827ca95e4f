//! Thresholds as written: a whole number, a share, a duration, or `${params.name}`.
//! Comes in: scalars. Goes out: exact values. Not here: what they bound, and the parameter's kind.

use std::borrow::Cow;
use std::ops::Range;

use chrono::TimeDelta;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::json;

use super::compiled::{Millionths, ParamKind, Threshold};
use super::queries;
use crate::yaml::suggest::shown;
use crate::yaml::tree::Node;
use crate::yaml::{Cx, Decode};

/// A threshold as written, with its bytes.
#[derive(Debug, Clone)]
pub struct Bound<U: Unit> {
    /// The value or the parameter.
    pub value: Threshold<U::Value>,
    /// Where it stands.
    pub at: Range<usize>,
}

/// A value as written, for which no parameter may stand.
#[derive(Debug, Clone)]
pub struct Fixed<U: Unit> {
    /// The value.
    pub value: U::Value,
    /// Where it stands.
    pub at: Range<usize>,
}

/// What a threshold measures.
pub trait Unit {
    /// Its exact value.
    type Value: Clone + std::fmt::Debug;
    /// The kind a parameter must have to stand for it.
    const KIND: ParamKind;
    /// For "expected …".
    const EXPECTED: &'static str;
    /// From the text as written.
    ///
    /// # Errors
    /// What is wrong with it, where more than "expected" can be said.
    fn parse(text: &str) -> Result<Self::Value, String>;
    /// JSON Schema of a literal.
    fn literal() -> serde_json::Value;
}

/// A number of things.
#[derive(Debug, Clone)]
pub struct Whole;
/// A part of a whole.
#[derive(Debug, Clone)]
pub struct Fraction;
/// A length of time.
#[derive(Debug, Clone)]
pub struct Length;

impl Unit for Whole {
    type Value = u64;
    const KIND: ParamKind = ParamKind::Integer;
    const EXPECTED: &'static str = "a whole number";

    fn parse(text: &str) -> Result<u64, String> {
        if text.bytes().all(|b| b.is_ascii_digit())
            && let Ok(number) = text.parse()
        {
            return Ok(number);
        }
        Err(String::new())
    }

    fn literal() -> serde_json::Value {
        json!({ "type": "integer", "minimum": 0 })
    }
}

impl Unit for Fraction {
    type Value = Millionths;
    const KIND: ParamKind = ParamKind::Share;
    const EXPECTED: &'static str = "a share between 0 and 1, like 0.95";

    fn parse(text: &str) -> Result<Millionths, String> {
        millionths(text)
    }

    fn literal() -> serde_json::Value {
        json!({ "type": "number", "minimum": 0, "maximum": 1 })
    }
}

impl Unit for Length {
    type Value = TimeDelta;
    const KIND: ParamKind = ParamKind::Duration;
    const EXPECTED: &'static str = "an ISO 8601 duration, like P30D or PT4H";

    fn parse(text: &str) -> Result<TimeDelta, String> {
        queries::duration(text).map_err(|message| why(&message).to_owned())
    }

    fn literal() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^P" })
    }
}

/// The reason alone: "expected …, found …" stands before it and gives an example already.
fn why(message: &str) -> &str {
    let reason = message.split_once("is not a duration: ").map_or(message, |(_, reason)| reason);
    reason.split_once(", as in").map_or(reason, |(reason, _)| reason)
}

/// A share as millionths, exactly: `0.95` is 950,000.
///
/// # Errors
/// Why it is not one; empty where nothing but "expected a share" can be said.
pub fn millionths(text: &str) -> Result<Millionths, String> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if text.is_empty() || text.ends_with('.') || !digits(whole) || !digits(decimals) || whole.is_empty() {
        return Err(match text.strip_suffix('%') {
            Some(_) => "a percentage is written as a decimal here: 95 % is 0.95".to_owned(),
            None => String::new(),
        });
    }
    if decimals.len() > 6 {
        return Err("more than six decimals; shares are exact to a millionth".to_owned());
    }
    let value = format!("{whole}{decimals:0<6}").parse::<u64>().unwrap_or(u64::MAX);
    if value > 1_000_000 {
        return Err("more than 1; 95 % is written 0.95".to_owned());
    }
    Ok(value)
}

/// The name in `${params.name}`.
pub fn reference(text: &str) -> Option<&str> {
    text.strip_prefix("${params.")?.strip_suffix('}')
}

impl<U: Unit> Decode for Bound<U> {
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let (text, _) = cx.scalar(node, U::EXPECTED)?;
        if let Some(name) = reference(text) {
            return Some(Bound { value: Threshold::Param(name.to_owned()), at: node.at.clone() });
        }
        let fixed = literal::<U>(text, &node.at, Some("a parameter may stand here too: ${params.name}"), cx)?;
        Some(Bound { value: Threshold::Value(fixed.value), at: fixed.at })
    }
}

impl<U: Unit> Decode for Fixed<U> {
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let (text, _) = cx.scalar(node, U::EXPECTED)?;
        literal::<U>(text, &node.at, None, cx)
    }
}

fn literal<U: Unit>(text: &str, at: &Range<usize>, help: Option<&str>, cx: &mut Cx<'_>) -> Option<Fixed<U>> {
    match U::parse(text) {
        Ok(value) => Some(Fixed { value, at: at.clone() }),
        Err(why) => {
            let mut message = format!("expected {}, found `{}`", U::EXPECTED, shown(text));
            if !why.is_empty() {
                message = format!("{message}: {why}");
            }
            cx.mistake("policy::threshold", message, at).help = help.map(str::to_owned);
            None
        }
    }
}

impl<U: Unit> JsonSchema for Fixed<U> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Fixed{:?}", U::KIND).into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Schema::try_from(U::literal()).unwrap_or_default()
    }
}

impl<U: Unit> JsonSchema for Bound<U> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Bound{:?}", U::KIND).into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            U::literal(),
            { "type": "string", "pattern": "^\\$\\{params\\.[a-z][a-z0-9_]*\\}$" }
        ] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1", Some(1_000_000)),
            ("1.000000", Some(1_000_000)),
            ("0.95", Some(950_000)),
            ("0.000001", Some(1)),
            ("0.0000001", None),
            ("1.000001", None),
            ("95%", None),
            ("0.", None),
            (".5", None),
            ("-0.5", None),
            ("1e-1", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(millionths(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn a_reference_is_the_whole_text() {
        assert_eq!(reference("${params.max_age}"), Some("max_age"));
        assert_eq!(reference("x${params.max_age}"), None);
        assert_eq!(reference("$params.max_age"), None);
    }
}
