//! Judges an item by its section's contract. Comes in: an item. Goes out: what is wrong with it,
//! with JSON pointers into the item. Not here: repairing anything (`normal`), whole snapshots.

use serde_json::Value;

use super::Section;
use super::contract::{Object, Type};
use super::normal;

/// Something about an item that somebody should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// RFC 6901 pointer into the item; empty = the item itself.
    pub pointer: String,
    /// How bad it is.
    pub severity: Severity,
    /// A lower-case fragment that fits after the place.
    pub message: String,
}

/// How bad a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Something was changed or assumed; the item is usable.
    Note,
    /// Unusual but allowed, such as an enum's member that is new to us.
    Warning,
    /// The item breaks its contract.
    Error,
}

/// Items nest no deeper than a snapshot may (the contract itself is far shallower).
pub(super) const MAX_DEPTH: usize = 128;

/// What is wrong with an item; empty = it conforms, in the normal forms of a snapshot.
#[must_use]
pub fn conforms(section: &Section, item: &Value) -> Vec<Problem> {
    let mut judge = Judge { place: Place::default(), problems: Vec::new() };
    match item {
        Value::Object(_) => judge.object(item, section.contract()),
        _ => judge.error(format!("must be an object, is {}", kind(item))),
    }
    judge.problems
}

/// A JSON pointer that grows and shrinks with a walk.
#[derive(Debug, Default)]
pub(super) struct Place {
    pointer: String,
    depth: usize,
}

impl Place {
    /// Goes into a member, calls, and comes back; does not call beyond the allowed depth.
    pub(super) fn enter(&mut self, step: &str) -> Option<usize> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        let length = self.pointer.len();
        self.depth += 1;
        self.pointer.push('/');
        if step.contains(['~', '/']) {
            self.pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        } else {
            self.pointer.push_str(step);
        }
        Some(length)
    }

    /// Comes back to what `enter` returned.
    pub(super) fn leave(&mut self, length: usize) {
        self.depth = self.depth.saturating_sub(1);
        self.pointer.truncate(length);
    }

    pub(super) fn problem(&self, severity: Severity, message: String) -> Problem {
        Problem { pointer: self.pointer.clone(), severity, message }
    }
}

struct Judge {
    place: Place,
    problems: Vec<Problem>,
}

impl Judge {
    fn error(&mut self, message: String) {
        self.problems.push(self.place.problem(Severity::Error, message));
    }

    fn warning(&mut self, message: String) {
        self.problems.push(self.place.problem(Severity::Warning, message));
    }

    fn object(&mut self, value: &Value, contract: &Object) {
        let Value::Object(members) = value else { return };
        for (name, member) in members {
            let Some(back) = self.place.enter(name) else {
                return self.error("is nested too deeply".to_owned());
            };
            match contract.field(name) {
                Some(expected) => self.value(member, expected),
                None if contract.is_open() && !name.contains("@odata.") => {}
                None => self.unknown(name, contract),
            }
            self.place.leave(back);
        }
    }

    fn unknown(&mut self, name: &str, contract: &Object) {
        let hint =
            contract.suggest(name).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        self.error(format!("is not a field of this section{hint}"));
    }

    fn value(&mut self, value: &Value, expected: &Type) {
        match (expected, value) {
            (_, Value::Null)
            | (Type::Any, _)
            | (Type::String, Value::String(_))
            | (Type::Boolean, Value::Bool(_))
            | (Type::Number, Value::Number(_)) => {}
            (Type::Integer, Value::Number(number))
                if number.as_f64().is_some_and(|float| float.fract() == 0.0) => {}
            (Type::Array(element), Value::Array(values)) => {
                for (index, inner) in values.iter().enumerate() {
                    let Some(back) = self.place.enter(&index.to_string()) else { return };
                    self.value(inner, element);
                    self.place.leave(back);
                }
            }
            (Type::Object(contract), Value::Object(_)) => self.object(value, contract),
            (
                Type::Timestamp | Type::Date | Type::Duration | Type::Guid | Type::Enum(_),
                Value::String(text),
            ) => {
                self.text(text, expected);
            }
            _ => self.error(format!("must be {expected}, is {}", kind(value))),
        }
    }

    fn text(&mut self, text: &str, expected: &Type) {
        match expected {
            Type::Timestamp => match normal::timestamp(text, true) {
                Some(time) if time.text == text => {}
                Some(time) => self.warning(format!("is not in the normal form {}", time.text)),
                None => self.error(format!("must be {expected}, is {}", quoted(text))),
            },
            Type::Date if normal::date(text).is_none_or(|date| date != text) => {
                self.error(format!("must be {expected}, is {}", quoted(text)));
            }
            Type::Duration if !normal::is_duration(text) => {
                self.error(format!("must be {expected}, is {}", quoted(text)));
            }
            Type::Guid if normal::is_guid(text) && text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                self.error(format!("must be {expected}, is {}", quoted(text)));
            }
            Type::Enum(members) if !members.iter().any(|member| member == text) => {
                match members.iter().find(|member| member.eq_ignore_ascii_case(text)) {
                    Some(member) => {
                        self.error(format!("must be written {}, is {}", quoted(member), quoted(text)));
                    }
                    None => self.warning(format!("is {}, which is none of the known words", quoted(text))),
                }
            }
            Type::Date
            | Type::Duration
            | Type::Guid
            | Type::Enum(_)
            | Type::String
            | Type::Boolean
            | Type::Integer
            | Type::Number
            | Type::Array(_)
            | Type::Object(_)
            | Type::Any => {}
        }
    }
}

/// A value's kind in words.
pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// At most forty characters of a tenant's text, escaped and in quotes.
pub(super) fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(40).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("{:?}{more}", shown)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sections::find;

    fn judge(id: &str, item: &Value) -> Vec<(String, Severity, String)> {
        conforms(find(id).unwrap(), item)
            .into_iter()
            .map(|problem| (problem.pointer, problem.severity, problem.message))
            .collect()
    }

    #[test]
    fn a_good_item_has_no_problems() {
        let item = json!({
            "id": "MC1", "title": "x", "severity": "normal", "startDateTime": "2026-01-01T00:00:00Z",
            "services": ["Exchange Online"], "tags": [], "viewPoint": null, "isMajorChange": true,
            "body": {"contentType": "html", "content": ""},
        });
        assert_eq!(judge("messageCenter.messages", &item), []);
    }

    #[test]
    fn each_mistake_has_its_place() {
        use Severity::{Error, Warning};
        let cases = [
            (json!([]), "", Error, "must be an object, is a list"),
            (json!({"titel": "x"}), "/titel", Error, "is not a field of this section; did you mean `title`?"),
            (json!({"a/b~c": 1}), "/a~1b~0c", Error, "is not a field of this section"),
            (json!({"isMajorChange": "true"}), "/isMajorChange", Error, "must be true or false, is text"),
            (json!({"services": "Exchange"}), "/services", Error, "must be a list, each text, is text"),
            (json!({"services": ["x", 1]}), "/services/1", Error, "must be text, is a number"),
            (json!({"severity": "Normal"}), "/severity", Error, "must be written \"normal\", is \"Normal\""),
            (
                json!({"severity": "odd"}),
                "/severity",
                Warning,
                "is \"odd\", which is none of the known words",
            ),
            (
                json!({"startDateTime": "2026-01-01T00:00:00.5Z"}),
                "/startDateTime",
                Warning,
                "is not in the normal form 2026-01-01T00:00:00Z",
            ),
            (
                json!({"startDateTime": "soon"}),
                "/startDateTime",
                Error,
                "must be a time such as 2026-01-31T08:00:00Z, is \"soon\"",
            ),
            (json!({"body": {"contentTyp": "html"}}), "/body/contentTyp", Error, {
                "is not a field of this section; did you mean `contentType`?"
            }),
        ];
        for (item, pointer, severity, message) in cases {
            assert_eq!(
                judge("messageCenter.messages", &item),
                [(pointer.to_owned(), severity, message.to_owned())],
                "{item}"
            );
        }
    }

    #[test]
    fn words_may_stand_where_ids_are_expected() {
        let users = |list: Value| json!({"conditions": {"users": {"includeUsers": list}}});
        assert_eq!(judge("conditionalAccess.policies", &users(json!(["All", "GuestsOrExternalUsers"]))), []);
        assert_eq!(
            judge("conditionalAccess.policies", &users(json!(["906E0EE5-6372-4cc8-8248-fdf2846b48ed"])))
                .len(),
            1
        );
    }

    #[test]
    fn open_types_accept_more_names() {
        let item = json!({"id": "x", "controlScores": [{"controlName": "AdminMFA", "count": "3"}]});
        assert_eq!(judge("security.secureScores", &item), []);
    }
}
