//! Parameters: declared by policies, given by a tenant. Comes in: declarations and given values.
//! Goes out: `Param`s, and the values that queries see, defaults included. Not here: where given
//! values are read from (`config`, the command line, examples).

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde_json::{Map, Value};

use super::assertion::word;
use super::bound::{Length, Unit as _, millionths};
use super::compiled::{Millionths, Param, ParamKind, PolicySet};
use super::queries;
use super::raw::RawParam;
use crate::yaml::suggest::{self, shown};
use crate::yaml::{Cx, Entries, Json, Mistake, Mistakes, Place, Text};

/// A value that somebody gave for a parameter.
#[derive(Debug, Clone)]
pub struct Given {
    /// The value.
    pub value: Value,
    /// Where it stands; None for the command line.
    pub place: Option<Place>,
}

/// What the parameters of a run are.
#[derive(Debug, Clone, Default)]
pub struct ResolvedParams {
    /// Name -> value, defaults included: what queries see as `$.params`. Shares are numbers, durations texts.
    pub values: Map<String, Value>,
    /// Required, but not declared or empty: the checks that use them are unknown.
    pub missing: BTreeSet<String>,
}

impl ResolvedParams {
    /// The number behind `${params.name}` where the kind is `integer`.
    pub fn integer(&self, name: &str) -> Option<u64> {
        self.values.get(name)?.as_u64()
    }

    /// The share behind `${params.name}`, exactly.
    pub fn share(&self, name: &str) -> Option<Millionths> {
        millionths(&self.values.get(name)?.to_string()).ok()
    }

    /// The duration behind `${params.name}`.
    pub fn duration(&self, name: &str) -> Option<TimeDelta> {
        queries::duration(self.values.get(name)?.as_str()?).ok()
    }
}

/// The declarations of one file, with their places.
pub fn declared(raw: &Entries<RawParam>, cx: &mut Cx<'_>) -> Vec<(Text, Param)> {
    raw.0.iter().filter_map(|(name, raw)| Some((name.clone(), declare(name, raw, cx)?))).collect()
}

fn declare(name: &Text, raw: &RawParam, cx: &mut Cx<'_>) -> Option<Param> {
    if !is_name(&name.value) {
        let message = format!("`{}` is not the name of a parameter", shown(&name.value));
        cx.mistake("policy::param", message, &name.at).help =
            Some("lower case letters, digits and `_`, a letter first, at most 60".to_owned());
    }
    let kind = raw.r#type.get()?.value;
    let required = raw.required.as_ref().is_some_and(|required| required.value);
    let default = match &raw.default {
        Some(default) if required => {
            cx.mistake("policy::param", "a required parameter has no default", &default.at).help =
                Some("leave one of the two out".to_owned());
            return None;
        }
        Some(default) => match check(kind, &default.value, true) {
            Ok(value) => Some(value),
            Err(why) => {
                cx.mistake("policy::param", why, &default.at);
                return None;
            }
        },
        None if required => None,
        None => match kind {
            // Nothing named is a set without members, and a good answer.
            ParamKind::Ids | ParamKind::Strings => Some(Value::Array(Vec::new())),
            ParamKind::String
            | ParamKind::Integer
            | ParamKind::Share
            | ParamKind::Duration
            | ParamKind::Boolean => {
                if !raw.broken {
                    let message =
                        format!("`{}` is neither required nor has it a default", shown(&name.value));
                    cx.mistake("policy::param", message, &name.at).help =
                        Some("add `required: true` or a `default`".to_owned());
                }
                return None;
            }
        },
    };
    Some(Param { about: raw.about.get()?.value.clone(), kind, required, default })
}

/// `lower_case_words`, at most 60 bytes.
pub fn is_name(name: &str) -> bool {
    name.len() <= 60
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// A value of this kind, GUIDs in lower case. `guids`: whether ids have to be GUIDs; in examples any text is one.
///
/// # Errors
/// What it is instead.
pub fn check(kind: ParamKind, value: &Value, guids: bool) -> Result<Value, String> {
    let wrong = |expected: &str| Err(format!("expected {expected}, found {}", shown(&value.to_string())));
    match (kind, value) {
        (ParamKind::Ids, Value::Array(items)) => {
            items.iter().map(|item| id(item, guids)).collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        (ParamKind::Ids, _) => wrong("a list of object ids"),
        (ParamKind::Strings, Value::Array(items)) if items.iter().all(Value::is_string) => Ok(value.clone()),
        (ParamKind::Strings, _) => wrong("a list of texts"),
        (ParamKind::String, Value::String(_)) => Ok(value.clone()),
        (ParamKind::String, _) => wrong("a text"),
        (ParamKind::Integer, Value::Number(number)) if number.is_u64() => Ok(value.clone()),
        (ParamKind::Integer, _) => wrong("a whole number"),
        (ParamKind::Share, Value::Number(number)) => match millionths(&number.to_string()) {
            Ok(_) => Ok(value.clone()),
            Err(why) => wrong("a share between 0 and 1, like 0.95").map_err(|text: String| join(text, &why)),
        },
        (ParamKind::Share, _) => wrong("a share between 0 and 1, like 0.95"),
        (ParamKind::Duration, Value::String(text)) => match Length::parse(text) {
            Ok(_) => Ok(value.clone()),
            Err(why) => wrong("an ISO 8601 duration, like P30D").map_err(|text: String| join(text, &why)),
        },
        (ParamKind::Duration, _) => wrong("an ISO 8601 duration, like P30D"),
        (ParamKind::Boolean, Value::Bool(_)) => Ok(value.clone()),
        (ParamKind::Boolean, _) => wrong("true or false"),
    }
}

fn join(text: String, why: &str) -> String {
    if why.is_empty() { text } else { format!("{text}: {why}") }
}

fn id(item: &Value, guids: bool) -> Result<Value, String> {
    match item {
        Value::String(text) if !guids => Ok(Value::String(text.clone())),
        Value::String(text) if is_guid(text) => Ok(Value::String(text.to_ascii_lowercase())),
        Value::String(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Array(_)
        | Value::Object(_) => {
            Err(format!("expected an object id (a GUID), found {}", shown(&item.to_string())))
        }
    }
}

/// `8-4-4-4-12` hexadecimal digits.
pub fn is_guid(text: &str) -> bool {
    let mut lengths = [8, 4, 4, 4, 12].into_iter();
    text.split('-')
        .all(|part| lengths.next() == Some(part.len()) && part.bytes().all(|b| b.is_ascii_hexdigit()))
        && lengths.next().is_none()
}

/// The values that queries see. Names that no policy declares are mistakes.
///
/// # Errors
/// All unknown names and wrong values.
pub fn resolve(set: &PolicySet, given: &BTreeMap<String, Given>) -> Result<ResolvedParams, Mistakes> {
    resolve_with(set, given, true)
}

/// The same, where `guids` says whether ids have to be GUIDs (not in examples).
///
/// # Errors
/// All unknown names and wrong values.
pub fn resolve_with(
    set: &PolicySet,
    given: &BTreeMap<String, Given>,
    guids: bool,
) -> Result<ResolvedParams, Mistakes> {
    let mut mistakes = Vec::new();
    let mut resolved = ResolvedParams::default();
    for (name, given) in given {
        let Some(param) = set.params.get(name) else {
            let message = format!("no policy has a parameter `{}`", shown(name));
            let help = suggest::nearest(name, set.params.keys().map(String::as_str)).map_or_else(
                || "`levelmark policy list` names them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            mistakes.push(Mistake::new("params::unknown", message, given.place.clone()).help(help));
            continue;
        };
        match check(param.kind, &given.value, guids) {
            Ok(value) => {
                resolved.values.insert(name.clone(), value);
            }
            Err(why) => {
                let message = format!("the parameter `{name}`: {why}");
                let help = format!("{} (type {})", param.about, word(param.kind));
                mistakes.push(Mistake::new("params::value", message, given.place.clone()).help(help));
            }
        }
    }
    for (name, param) in &set.params {
        if let Some(default) = &param.default
            && !resolved.values.contains_key(name)
        {
            resolved.values.insert(name.clone(), default.clone());
        }
        if param.required && resolved.values.get(name).is_none_or(is_empty) {
            resolved.missing.insert(name.clone());
        }
    }
    Mistakes::check(mistakes)?;
    Ok(resolved)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// `NAME=VALUE` of the command line; lists are separated by commas. What the text means is decided by the
/// parameter's kind; without such a parameter it stays a text, and `resolve` says so.
///
/// # Errors
/// Without a `=`.
pub fn from_flag(set: &PolicySet, flag: &str) -> Result<(String, Given), Mistake> {
    let Some((name, text)) = flag.split_once('=') else {
        let message = format!("`{}` is not a parameter", shown(flag));
        return Err(Mistake::new("params::flag", message, None).help("write --param NAME=VALUE"));
    };
    let as_text = || Value::String(text.to_owned());
    let value = match set.params.get(name).map(|param| param.kind) {
        Some(ParamKind::Ids | ParamKind::Strings) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        Some(ParamKind::Integer | ParamKind::Share | ParamKind::Boolean) => {
            serde_json::from_str(text).unwrap_or_else(|_| as_text())
        }
        Some(ParamKind::String | ParamKind::Duration) | None => as_text(),
    };
    Ok((name.to_owned(), Given { value, place: None }))
}

/// Given values of a YAML map.
pub fn given(entries: &Entries<Json>, cx: &Cx<'_>) -> BTreeMap<String, Given> {
    let one = |json: &Json| Given { value: json.value.clone(), place: Some(cx.place(&json.at)) };
    entries.0.iter().map(|(name, json)| (name.value.clone(), one(json))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_checked_against_their_kind() {
        let guid = "62E90394-69f5-4237-9190-012177145e10";
        for (kind, value, expected) in [
            (ParamKind::Ids, json!([guid]), Ok(json!([guid.to_lowercase()]))),
            (ParamKind::Ids, json!([]), Ok(json!([]))),
            (ParamKind::Ids, json!(["a"]), Err("expected an object id (a GUID), found \"a\"")),
            (
                ParamKind::Ids,
                json!(guid),
                Err("expected a list of object ids, found \"62E90394-69f5-4237-9190-012177145e10\""),
            ),
            (ParamKind::Strings, json!(["a", "b"]), Ok(json!(["a", "b"]))),
            (ParamKind::Strings, json!(["a", 1]), Err("expected a list of texts, found [\"a\",1]")),
            (ParamKind::String, json!(null), Err("expected a text, found null")),
            (ParamKind::Integer, json!(3), Ok(json!(3))),
            (ParamKind::Integer, json!(-3), Err("expected a whole number, found -3")),
            (ParamKind::Integer, json!(3.5), Err("expected a whole number, found 3.5")),
            (ParamKind::Share, json!(0.95), Ok(json!(0.95))),
            (ParamKind::Share, json!(1), Ok(json!(1))),
            (
                ParamKind::Share,
                json!(95),
                Err(
                    "expected a share between 0 and 1, like 0.95, found 95: more than 1; 95 % is written 0.95",
                ),
            ),
            (ParamKind::Duration, json!("P30D"), Ok(json!("P30D"))),
            (ParamKind::Boolean, json!("yes"), Err("expected true or false, found \"yes\"")),
        ] {
            assert_eq!(check(kind, &value, true), expected.map_err(str::to_owned), "{kind:?} {value}");
        }
        assert!(check(ParamKind::Duration, &json!("30 days"), true).is_err());
        assert_eq!(check(ParamKind::Ids, &json!(["a"]), false), Ok(json!(["a"])));
    }

    #[test]
    fn guids() {
        for (text, good) in [
            ("62e90394-69f5-4237-9190-012177145e10", true),
            ("62e90394-69f5-4237-9190-012177145e1", false),
            ("62e90394-69f5-4237-9190-012177145e10-", false),
            ("62e9039469f542379190012177145e10", false),
            ("62e90394-69f5-4237-9190-012177145eg0", false),
            ("", false),
        ] {
            assert_eq!(is_guid(text), good, "{text}");
        }
    }
}
