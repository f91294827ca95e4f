//! Nodes as they are shown: where they are, and what stands there. Comes in: a node of either snapshot. Goes
//! out: file, line, column; a value, or the beginning of it and how long it is. Not here: escaping (each
//! format does its own).

use serde::Serialize;
use serde_json::Value;

use super::Seen;
use crate::diff::{Change, SectionDrift, Side};
use crate::sections::normal;
use crate::snapshot::document::{NodeRef, Position, Span};
use crate::snapshot::item;

/// Values up to so many bytes are whole in JSON.
const WHOLE: usize = 1_000;
/// Excerpts of longer ones have so many characters at most.
pub(super) const CROP: usize = 160;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::report) struct Place<'s> {
    /// As its snapshot was named.
    pub file: &'s str,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// First byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
}

impl<'s> Place<'s> {
    pub fn of(node: NodeRef<'s>) -> Self {
        let text = node.document().text();
        let Span { start, end } = node.span();
        let Position { line, column } = text.position(start);
        Self { file: text.name(), line, column, start, end }
    }
}

/// One side of a difference.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown<'s> {
    /// `value`, or `absent` where the property is not there.
    pub state: &'static str,
    /// Of the value, or of the object that lacks it.
    pub place: Place<'s>,
    /// The value, if it is short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The beginning of a long one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// How long it is, where only the beginning is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// Why it is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<&'static str>,
}

impl<'s> Shown<'s> {
    /// None where a whole item is not there. `withheld` says why values of the section are not shown.
    pub fn side(side: Side<'s>, withheld: Option<&'static str>) -> Option<Self> {
        let state = if side.value().is_some() { "value" } else { "absent" };
        let place = Place::of(side.place()?);
        let blank = Self { state, place, value: None, excerpt: None, bytes: None, withheld: None };
        Some(match (side.value(), withheld) {
            (None, _) => blank,
            (Some(_), Some(_)) => Self { withheld, ..blank },
            (Some(node), None) if node.raw().len() <= WHOLE => Self { value: Some(node.to_value()), ..blank },
            (Some(node), None) => {
                let (excerpt, bytes) = excerpt(node);
                Self { excerpt: Some(excerpt), bytes, ..blank }
            }
        })
    }

    pub fn value(node: NodeRef<'s>, withheld: Option<&'static str>) -> Option<Self> {
        Self::side(Side::Value(node), withheld)
    }
}

/// A value on one line, and how many bytes it has where that is not all of it.
pub(super) fn excerpt(node: NodeRef<'_>) -> (String, Option<usize>) {
    let raw = node.raw();
    // What lies far behind is not looked at: a value may have megabytes.
    let near = raw.get(..raw.floor_char_boundary(8 * CROP)).unwrap_or(raw);
    let folded = near.split_whitespace().collect::<Vec<_>>().join(" ");
    let cropped: String = folded.chars().take(CROP).collect();
    let whole = near.len() == raw.len() && cropped.len() == folded.len();
    (cropped, (!whole).then_some(raw.len()))
}

/// Why values of a sensitive section are not shown; None where they are.
pub(super) fn sensitive(section: &str, include: &std::collections::BTreeSet<String>) -> Option<&'static str> {
    let why = crate::sections::find(section).map_or("", |section| section.sensitive);
    (!why.is_empty() && !include.contains(section)).then_some(why)
}

/// The differences of one item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'d, 's> {
    pub changes: &'d [Change<'s>],
    pub first: &'d Change<'s>,
}

impl<'d, 's> Item<'d, 's> {
    /// Its differences that nobody accepted.
    pub fn open(&self) -> impl Iterator<Item = &'d Change<'s>> + use<'d, 's> {
        self.changes.iter().filter(|change| !change.is_approved())
    }

    /// The item as it is now, or as it was.
    pub fn node(&self) -> Option<NodeRef<'s>> {
        self.first.new_item.or(self.first.old_item)
    }

    /// Its key; where no text of the tenant is shown, only if it says nothing by itself.
    pub fn key(&self, seen: &Seen<'_>, section: &str) -> Option<String> {
        let key = item::key(section, self.node()?)?;
        (seen.shows_text() || key.split(',').all(normal::is_guid)).then_some(key)
    }

    pub fn name(&self, withheld: Option<&'static str>) -> Option<String> {
        let name = item::name(self.node()?)?;
        withheld.is_none().then(|| cropped(&name))
    }
}

/// The differences of a section, item by item.
pub(super) fn items<'d, 's>(section: &'d SectionDrift<'s>) -> impl Iterator<Item = Item<'d, 's>> {
    let same = |a: &Change<'s>, b: &Change<'s>| a.old_item == b.old_item && a.new_item == b.new_item;
    section.changes.chunk_by(same).filter_map(|changes| Some(Item { changes, first: changes.first()? }))
}

pub(super) fn cropped(text: &str) -> String {
    super::super::words::cropped(text, CROP)
}
