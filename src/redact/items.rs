//! Items of a section, value by value. Comes in: an item and its section. Goes out: the same item with
//! pseudonyms in the places that `sections::personal` declares. Not here: what a text becomes (`text`).
//!
//! Booleans, numbers and null stay everywhere. A time, a date, a duration and a member of an enum stay
//! where the contract expects one and it is one. A property that no contract knows is personal. Its name
//! may be data (`names`). Places on the map go: a number has no pseudonym.

use serde_json::{Map, Value};

use super::Redactor;
use super::find::{self, Kind};
use super::forms::is_of_a_service;
use crate::sections::contract::{Object, Type};
use crate::sections::personal::{Care, Fields};
use crate::sections::{Section, normal};

/// The longest text that stays as it is, in bytes.
const WORDS: usize = 120;

/// What is known of a value.
#[derive(Clone, Copy)]
struct About<'s> {
    expected: Option<&'s Type>,
    fields: Option<&'s Fields>,
    care: Care,
}

/// Numbers that say where somebody was.
const PLACES: [&str; 3] = ["latitude", "longitude", "altitude"];

/// Whether a GUID stands in a text, also right behind letters.
fn holds_an_id(text: &str) -> bool {
    let within = |at: usize| text.get(at..at + 36).is_some_and(normal::is_guid);
    find::all(text).iter().any(|found| matches!(found.kind, Kind::Guid | Kind::Hex))
        || (0..text.len().saturating_sub(35)).any(within)
}

/// A property of which nothing is known.
const UNKNOWN: About<'_> = About { expected: None, fields: None, care: Care::Personal };

impl Redactor {
    /// Replaces what is personal in an item.
    pub fn item(&self, section: &'static Section, item: &mut Value) {
        match item {
            Value::Object(members) => {
                let fields = section.personal();
                *members = self.members(
                    std::mem::take(members),
                    Some(section.contract()),
                    Some(fields),
                    Care::Personal,
                );
            }
            other => self.value(other, UNKNOWN),
        }
    }

    fn members(
        &self,
        members: Map<String, Value>,
        contract: Option<&Object>,
        fields: Option<&Fields>,
        care: Care,
    ) -> Map<String, Value> {
        let one = |(name, mut value): (String, Value)| {
            let known = contract.and_then(|contract| contract.field(&name));
            let own = fields.and_then(|fields| fields.member(&name));
            let about = match known {
                Some(expected) => {
                    let care = own.and_then(Fields::care).unwrap_or(care);
                    About { expected: Some(expected), fields: own, care }
                }
                None => UNKNOWN,
            };
            if PLACES.contains(&name.as_str()) && value.is_number() {
                value = Value::Null;
            }
            self.value(&mut value, about);
            let name = if known.is_some() { name } else { self.name(&name) };
            (name, value)
        };
        members.into_iter().map(one).collect()
    }

    fn value(&self, value: &mut Value, about: About<'_>) {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) if about.care == Care::Scopes => *text = self.scopes(text),
            Value::String(text) => {
                if !about.shows(text) {
                    *text = self.text(text);
                }
            }
            Value::Array(elements) => {
                let inner = match about.expected {
                    Some(Type::Array(element)) => About { expected: Some(element), ..about },
                    _ => about,
                };
                elements.iter_mut().for_each(|element| self.value(element, inner));
            }
            Value::Object(members) => {
                let contract = match about.expected {
                    Some(Type::Object(contract)) => Some(contract),
                    _ => None,
                };
                // Of what is inside of an undescribed value nothing is declared.
                let care = if contract.is_some() { about.care } else { Care::Personal };
                *members = self.members(std::mem::take(members), contract, about.fields, care);
            }
        }
    }
}

impl About<'_> {
    /// Whether a text stays as it is. An id in it may be the tenant's, unless all of them are Microsoft's.
    fn shows(&self, text: &str) -> bool {
        match self.expected {
            Some(Type::Timestamp) => normal::timestamp(text, true).is_some(),
            Some(Type::Date) => normal::date(text).is_some(),
            Some(Type::Duration) => normal::is_duration(text),
            Some(Type::Enum(members)) => members.iter().any(|member| member.eq_ignore_ascii_case(text)),
            Some(
                Type::String
                | Type::Guid
                | Type::Any
                | Type::Boolean
                | Type::Integer
                | Type::Number
                | Type::Array(_)
                | Type::Object(_),
            )
            | None => match self.care {
                Care::Personal | Care::Scopes => false,
                Care::Open => is_of_a_service(text, WORDS) && !holds_an_id(text),
                Care::Published => normal::is_guid(text),
            },
        }
    }
}

#[cfg(test)]
#[path = "tests/items.rs"]
mod tests;
