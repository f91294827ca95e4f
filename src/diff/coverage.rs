//! What a snapshot can have seen. Comes in: what it says of a section. Goes out: whether a property was
//! asked for, and from when on entries of a log are in it. Not here: states of sections (`section`).

use chrono::{DateTime, Utc};

use crate::query;
use crate::snapshot::document::NodeRef;
use crate::snapshot::item;
use crate::snapshot::record::SectionRecord;

use super::known;

/// Whether a property of the first level was collected.
pub(super) fn covers(record: &SectionRecord, name: &str) -> bool {
    let asked = record.fields.as_ref().is_none_or(|fields| fields.iter().any(|field| field == name));
    asked && !record.without.contains_key(name)
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
