//! What a snapshot can have seen. Comes in: what it says of a section. Goes out: whether a property was
//! asked for, which properties one side alone collected, and from when on entries of a log are in it. Not here: states
//! of sections (`section`).
//!
//! No rule is asked: what makes a difference no drift says nothing of whether the property can be seen.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::query;
use crate::sections::Section;
use crate::snapshot::document::NodeRef;
use crate::snapshot::item;
use crate::snapshot::record::SectionRecord;

use super::known;
use super::model::FieldDrift;

/// Whether a property of the first level was collected.
pub(super) fn covers(record: &SectionRecord, name: &str) -> bool {
    let asked = record.fields.as_ref().is_none_or(|fields| fields.iter().any(|field| field == name));
    asked && !record.without.contains_key(name)
}

/// Whether one record covers a property and the other does not. How an answer was delivered is no property.
pub(super) fn covers_alone(covering: &SectionRecord, lacking: &SectionRecord, name: &str) -> bool {
    covers(covering, name) && !covers(lacking, name) && !known::DELIVERY.contains(&name)
}

/// Whether both collected the same properties.
pub(super) fn is_alike(old: &SectionRecord, new: &SectionRecord) -> bool {
    old.fields == new.fields && old.without.keys().eq(new.without.keys())
}

/// Properties that one side alone collected: those that the records name, and those that have a value. What one side did
/// not ask for may have a value there all the same, or on neither side: nothing is known of it, and checks don't decide.
pub(super) fn fields(
    section: &Section,
    (old, new): (&SectionRecord, &SectionRecord),
    (before, after): (Option<NodeRef<'_>>, Option<NodeRef<'_>>),
) -> BTreeMap<String, FieldDrift> {
    let mut all = BTreeMap::new();
    if is_alike(old, new) {
        return all;
    }
    for (lost, covering, lacking, items) in [(true, old, new, before), (false, new, old, after)] {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        // A record without a list asked for all there is: of what is named anywhere, what the catalogue asks for.
        let asked: Vec<&str> = match (&covering.fields, section.fields) {
            (Some(fields), _) => fields.iter().map(String::as_str).collect(),
            (None, fields) => fields.unwrap_or_default().to_vec(),
        };
        for name in asked.into_iter().chain(lacking.without.keys().map(String::as_str)) {
            counts.entry(name.to_owned()).or_default();
        }
        for (name, ..) in items.iter().flat_map(|items| items.elements()).flat_map(NodeRef::members) {
            *counts.entry(name.into_owned()).or_default() += 1;
        }
        counts.retain(|name, _| covers_alone(covering, lacking, name));
        all.extend(counts.into_iter().map(|(name, items)| {
            let reason = lacking.without.get(&name).cloned();
            (name, FieldDrift { lost, items, reason })
        }));
    }
    all
}

/// The window of a log.
#[derive(Debug)]
pub(super) struct Window {
    path: &'static str,
    from: DateTime<Utc>,
}

impl Window {
    /// Of a section that is a log: from when on it was asked for, else its oldest entry. None where that
    /// is not known.
    pub fn of(section: &str, record: &SectionRecord, root: NodeRef<'_>) -> Option<Self> {
        let path = known::age_of(section)?;
        let from = record.from.or_else(|| root.elements().filter_map(|entry| time(entry, path)).min())?;
        Some(Self { path, from })
    }

    /// Whether an entry is older.
    pub fn is_behind(&self, entry: NodeRef<'_>) -> bool {
        time(entry, self.path).is_some_and(|time| time < self.from)
    }
}

/// Times without an offset are UTC, as Graph's calendars have them.
fn time(entry: NodeRef<'_>, path: &str) -> Option<DateTime<Utc>> {
    let text = item::at(entry, path)?.as_str()?;
    query::timestamp(&text).or_else(|| query::timestamp(&format!("{text}Z")))
}
