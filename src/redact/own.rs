//! What of a copy rests on policies that are not built in: words and patterns of theirs may name the tenant, and would stay
//! as they are. Comes in: what all policies look for, what the built-in ones look for. Goes out: what only the others do.
//! Not here: asking whether that may stay (`commands`).

use std::collections::BTreeSet;

use super::Terms;
use super::forms::is_plain;
use super::known::is_known;
use super::names::is_graphs;
use crate::sections::{self, contract::Type};

impl Terms {
    /// Words and patterns that would stay, or of which what they find would, and that neither a built-in policy nor a
    /// contract has.
    #[must_use]
    pub fn beyond(&self, built_in: &Self) -> Vec<String> {
        let before: BTreeSet<&str> = built_in.texts().collect();
        let mut members = BTreeSet::new();
        sections::all().for_each(|section| {
            section.contract().fields.values().for_each(|field| words_of(field, &mut members));
        });
        let public = |text: &str| {
            before.contains(text)
                || is_known(text)
                || is_plain(text)
                || members.contains(&text.to_ascii_lowercase())
        };
        let names = self.property_names().filter(|name| !is_graphs(name) && !built_in.names(name));
        self.texts().filter(|text| !public(text)).chain(names).map(str::to_owned).collect()
    }
}

/// Members of enums, in lower case.
fn words_of(of: &Type, words: &mut BTreeSet<String>) {
    match of.element() {
        Type::Enum(members) => words.extend(members.iter().map(|member| member.to_ascii_lowercase())),
        Type::Object(object) => object.fields.values().for_each(|field| words_of(field, words)),
        Type::String
        | Type::Boolean
        | Type::Integer
        | Type::Number
        | Type::Timestamp
        | Type::Date
        | Type::Duration
        | Type::Guid
        | Type::Array(_)
        | Type::Any => {}
    }
}
