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
        let mut see = |_: &str, kind: &Type| {
            if let Type::Enum(own) = kind.element() {
                members.extend(own.iter().map(|member| member.to_ascii_lowercase()));
            }
        };
        sections::all().for_each(|section| section.contract().each(&mut see));
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
