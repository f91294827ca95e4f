//! Spellings: the same values as other tenants and services write them, and additions that mean
//! nothing. Comes in: an item and its contract. Goes out: the item, changed. Not here: which
//! properties it has.

use serde_json::{Map, Value, json};

use levelmark::sections::contract::{Object, Type};
use levelmark::sections::normal::is_guid;

use super::settings::Looks;

/// Digits that a time gets, and that its normal form loses.
const FRACTION: &str = ".7982733Z";

/// What Graph says in place of members that the caller did not ask to see.
const FUTURE: &str = "unknownFutureValue";

/// How items are spelled for one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spelling {
    pub(crate) looks: Looks,
    /// The caller asked for members that are newer than the contract.
    pub(crate) future: bool,
}

impl Spelling {
    /// Spells an item.
    pub(crate) fn item(self, item: &mut Value, contract: &Object) {
        let Value::Object(members) = item else { return };
        self.object(members, contract);
        if self.looks.unknown {
            members.insert(
                "somethingNobodyDescribed".into(),
                json!({ "since": "2026-11-01", "values": [1, null] }),
            );
        }
    }

    fn object(self, members: &mut Map<String, Value>, contract: &Object) {
        for (name, value) in &mut *members {
            if let Some(expected) = contract.field(name) {
                self.value(value, expected);
            }
        }
        if self.looks.annotations {
            let lists: Vec<String> =
                members.iter().filter(|(_, value)| value.is_array()).map(|(name, _)| name.clone()).collect();
            for name in lists {
                members.insert(
                    format!("{name}@odata.context"),
                    json!(format!("https://graph.microsoft.com/v1.0/$metadata#{name}")),
                );
            }
            members.insert("@odata.etag".into(), json!("W/\"JzEtVGFzayAgQEBAQEBAQEBAQEBAQEBAWCc=\""));
        }
    }

    fn value(self, value: &mut Value, expected: &Type) {
        match (expected, value) {
            (Type::Array(element), Value::Array(values)) => {
                for inner in values {
                    self.value(inner, element);
                }
            }
            (Type::Object(contract), Value::Object(members)) => self.object(members, contract),
            (Type::Timestamp, Value::String(text)) => {
                if let (true, Some(whole)) =
                    (self.looks.fractions && text.len() == 20, text.strip_suffix('Z'))
                {
                    *text = format!("{whole}{FRACTION}");
                }
            }
            (Type::Guid, Value::String(text)) if self.looks.upper_guids && is_guid(text) => {
                text.make_ascii_uppercase();
            }
            (Type::Enum(members), Value::String(text)) => self.member(text, members),
            _ => {}
        }
    }

    fn member(self, text: &mut String, members: &[String]) {
        let known = members.iter().any(|member| member.eq_ignore_ascii_case(text));
        if !known && !self.future {
            text.replace_range(.., FUTURE);
        } else if known && self.looks.capital_enums {
            let first = text.chars().next().map(char::len_utf8).unwrap_or_default();
            if let Some(first) = text.get_mut(..first) {
                first.make_ascii_uppercase();
            }
        }
    }
}
