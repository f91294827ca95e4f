//! A snapshot for tests: sections as JSON, states apart.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Derived, Inputs, compute};
use crate::snapshot::document::{Document, NodeRef, Text};
use crate::snapshot::record::{SectionRecord, State};

/// Sections that were read, were not, or were in part.
#[derive(Default)]
pub(super) struct Fixture {
    documents: BTreeMap<String, Document>,
    records: BTreeMap<String, SectionRecord>,
}

impl Fixture {
    /// Adds a section that was read.
    pub(super) fn read(self, id: &str, items: Value) -> Self {
        self.with(id, json!({ "state": "read" }), items)
    }
    /// Adds a section that was not read.
    pub(super) fn state(mut self, id: &str, state: &str) -> Self {
        self.documents.remove(id);
        self.records.insert(id.into(), serde_json::from_value(json!({ "state": state })).unwrap());
        self
    }
    /// Adds a section with a record of its own.
    pub(super) fn with(mut self, id: &str, record: Value, items: Value) -> Self {
        let text = Arc::new(Text::new(id, items.to_string()));
        self.documents.insert(id.into(), Document::parse(text).unwrap());
        self.records.insert(id.into(), serde_json::from_value(record).unwrap());
        self
    }
    /// Changes what is said of a section, and leaves its data.
    pub(super) fn restate(mut self, id: &str, state: &str) -> Self {
        self.records.insert(id.into(), serde_json::from_value(json!({ "state": state })).unwrap());
        self
    }
    /// Takes a section away altogether.
    pub(super) fn without(mut self, id: &str) -> Self {
        self.documents.remove(id);
        self.records.remove(id);
        self
    }
    /// Computes a derived section and holds its items against the contract.
    pub(super) fn derive(&self, id: &str) -> Derived {
        let derived = compute(id, self).unwrap();
        let contract: Value =
            serde_json::from_str(include_str!("../sections/contracts/derived.json")).unwrap();
        assert_eq!(derived.document.root().len(), derived.origins.len(), "one list of origins per item");
        for item in derived.items() {
            conforms(&contract[id], &item, id);
        }
        for field in derived.without.keys().chain(derived.reach.keys()) {
            assert!(contract[id].get(field).is_some(), "{id} has no `{field}`");
        }
        derived
    }
    /// What an origin points at.
    pub(super) fn at(&self, derived: &Derived, item: usize) -> Vec<(&'static str, Value)> {
        let origins = derived.origins[item].iter();
        origins.map(|o| (o.section, self.documents[o.section].node(o.node).to_value())).collect()
    }
}

impl Inputs for Fixture {
    fn section(&self, id: &str) -> Option<NodeRef<'_>> {
        self.documents.get(id).map(Document::root)
    }
    fn record(&self, id: &str) -> Option<&SectionRecord> {
        self.records.get(id)
    }
}

impl Derived {
    /// The items as values.
    pub(super) fn items(&self) -> Vec<Value> {
        self.document.root().elements().map(NodeRef::to_value).collect()
    }
    /// One field of every item.
    pub(super) fn column(&self, field: &str) -> Vec<Value> {
        let column = |item: Value| item.get(field).unwrap_or_else(|| panic!("no `{field}`")).clone();
        self.items().into_iter().map(column).collect()
    }
    /// Whether the section could be seen, and which fields it cannot vouch for.
    pub(super) fn trust(&self) -> (State, Vec<&str>) {
        (self.state, self.without.keys().map(String::as_str).collect())
    }
}

/// A value against a contract as it is written: every name known, every type right.
fn conforms(contract: &Value, value: &Value, at: &str) {
    if value.is_null() {
        return;
    }
    match contract {
        Value::Object(fields) => {
            let value = value.as_object().unwrap_or_else(|| panic!("{at} is no object"));
            for (name, value) in value {
                let field = fields.get(name).unwrap_or_else(|| panic!("{at}.{name} is not in the contract"));
                conforms(field, value, &format!("{at}.{name}"));
            }
            for name in fields.keys() {
                assert!(value.contains_key(name), "{at}.{name} is in the contract only");
            }
        }
        Value::Array(of) => {
            for value in value.as_array().unwrap_or_else(|| panic!("{at} is no array")) {
                conforms(&of[0], value, at);
            }
        }
        Value::String(kind) => {
            let mut words = kind.split(' ');
            let good = match words.next().unwrap() {
                "boolean" => value.is_boolean(),
                "integer" => value.is_i64(),
                "enum" => words.any(|w| value == w),
                "timestamp" => super::text::instant(value.as_str().unwrap()).is_some(),
                "string" | "guid" => value.is_string(),
                other => panic!("{at}: type `{other}` is not used here"),
            };
            assert!(good, "{at}: {value} is no {kind}");
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => panic!("{at}: bad contract"),
    }
}
