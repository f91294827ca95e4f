//! Items with pseudonyms before they first touch the disk, for `collect --redact`. Comes in: items as
//! Graph serves them. Goes out: items as they are kept; and of those that further requests are made for
//! the ids that Graph knows, from memory alone. Not here: what becomes of a text (`redact`).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::redact::Redactor;
use crate::sections::{self, Section};

/// Pseudonyms on their way to the disk.
#[derive(Debug)]
pub(super) struct Veil {
    redactor: std::sync::Arc<Redactor>,
    /// What stands behind pseudonyms of ids; of sections alone that others are asked for.
    originals: Mutex<HashMap<String, String>>,
}

/// The longest id.
const ID: usize = 200;

impl Veil {
    /// Nothing is remembered yet.
    pub(super) fn new(redactor: std::sync::Arc<Redactor>) -> Self {
        Self { redactor, originals: Mutex::default() }
    }

    /// Makes pseudonyms.
    pub(super) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Replaces what is personal in an item.
    pub(super) fn draw(&self, section: &'static Section, item: &mut Value) {
        if !is_parent(section) {
            return self.redactor.item(section, item);
        }
        let original = item.clone();
        self.redactor.item(section, item);
        self.remember(&original, item);
    }

    fn remember(&self, original: &Value, made: &Value) {
        match (original, made) {
            (Value::String(original), Value::String(made)) => {
                let id = original.len() <= ID && !original.contains([' ', '@']);
                if id && original != made {
                    let mut originals = self.originals.lock().unwrap_or_else(PoisonError::into_inner);
                    originals.insert(made.clone(), original.clone());
                }
            }
            (Value::Array(originals), Value::Array(made)) => {
                originals.iter().zip(made).for_each(|(original, made)| self.remember(original, made));
            }
            (Value::Object(originals), Value::Object(made)) => {
                for (name, original) in originals {
                    made.get(name).into_iter().for_each(|made| self.remember(original, made));
                }
            }
            _ => {}
        }
    }

    /// Puts the ids that Graph knows back into an item that was read from the disk.
    pub(super) fn lift(&self, item: &mut Value) {
        match item {
            Value::String(text) => {
                let originals = self.originals.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(original) = originals.get(text) {
                    text.clone_from(original);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.lift(item)),
            Value::Object(members) => members.values_mut().for_each(|value| self.lift(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Whether requests of other sections are made for its items.
pub(super) fn is_parent(section: &Section) -> bool {
    sections::all().any(|other| other.parents().contains(&section.id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::redact::{Key, Terms};
    use crate::sections::find;

    fn veil() -> Veil {
        let key = Key::parse(b"0123456789abcdef0123456789abcdef").unwrap();
        Veil::new(std::sync::Arc::new(Redactor::new(key, Terms::default())))
    }

    #[test]
    fn ids_of_parents_come_back_and_nothing_else() {
        let veil = veil();
        let policy = json!({
            "id": "2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff", "displayName": "Block all of Kim",
            "conditions": {"users": {"includeGroups": ["2f8e465a-71de-5e00-9fcd-c9fdfaf0e8fe", "All"]}},
        });
        let mut item = policy.clone();
        veil.draw(find("conditionalAccess.policies").unwrap(), &mut item);
        assert!(!item.to_string().contains("2f8e465a") && !item.to_string().contains("Kim"));
        let kept = item["displayName"].clone();
        veil.lift(&mut item);
        assert_eq!(item["id"], policy["id"]);
        assert_eq!(item["conditions"], policy["conditions"]);
        assert_eq!(item["displayName"], kept, "no name is remembered");
    }

    #[test]
    fn sections_that_nothing_is_asked_for_are_not_remembered() {
        let veil = veil();
        assert!(!is_parent(find("tenant.domains").unwrap()) && is_parent(find("roles.assignments").unwrap()));
        let mut item = json!({"id": "contoso.net"});
        veil.draw(find("tenant.domains").unwrap(), &mut item);
        assert!(veil.originals.lock().unwrap().is_empty());
    }
}
