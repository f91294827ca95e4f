//! The differences of an item in short, as pages and comments show them. Comes in: drift, a group. Goes out: texts,
//! not yet escaped. Not here: layout and escaping (each format does its own).

use crate::diff::{Change, Kind, SectionDrift, Side};
use crate::snapshot::document::NodeRef;

use super::ranked::{self, Group};
use super::shown::{self, Item, Place};
use super::{Seen, approved, words};

/// Elements of a set that are named.
const ELEMENTS: usize = 5;
/// Longest value, in characters.
const VALUE: usize = 120;

/// An item that differs.
#[derive(Debug)]
pub(in crate::report) struct Entry<'s> {
    pub section: &'static str,
    /// What became of the item.
    pub kind: Kind,
    /// What people call it; None where that is not shown.
    pub name: Option<String>,
    /// Its key; None where it has none or that is not shown.
    pub key: Option<String>,
    /// Where it stands now, or stood.
    pub place: Option<Place<'s>>,
    /// Its properties; empty where the whole item came or went.
    pub lines: Vec<Line>,
    /// `POLICY/CHECK passed, now fails`, each once.
    pub turned: Vec<String>,
    /// What was accepted of it and is another now.
    pub hints: Vec<String>,
}

/// A property that differs.
#[derive(Debug)]
pub(in crate::report) struct Line {
    pub pointer: String,
    pub kind: Kind,
    /// What was there, and what is: values on one line; empty where they are not shown.
    pub old: String,
    pub new: String,
}

/// The items of a group, section by section.
pub(in crate::report) fn entries<'d, 's: 'd>(
    seen: &'d Seen<'s>,
    group: Group,
) -> impl Iterator<Item = Entry<'s>> + 'd {
    let of = move |section: &'d SectionDrift<'s>| {
        ranked::items(seen, section, group).map(move |item| entry(seen, section, &item))
    };
    seen.drift.sections.iter().flat_map(of)
}

/// How many items a group has.
pub(in crate::report) fn count(seen: &Seen<'_>, group: Group) -> usize {
    seen.drift.sections.iter().map(|section| ranked::items(seen, section, group).count()).sum()
}

fn entry<'s>(seen: &Seen<'s>, section: &SectionDrift<'s>, item: &Item<'_, 's>) -> Entry<'s> {
    let withheld = seen.withheld(section.id);
    let first = item.first;
    let whole = first.pointer.is_empty() && (first.old_item.is_none() || first.new_item.is_none());
    let renamed = item.open().any(|change| change.kind == Kind::Renamed);
    let kind = match (whole, renamed) {
        (true, _) => first.kind,
        (false, true) => Kind::Renamed,
        (false, false) => Kind::Changed,
    };
    let key = item.key(seen, section.id);
    Entry {
        section: section.id,
        kind,
        name: item.name(withheld).filter(|name| Some(name) != key.as_ref()),
        key,
        place: item.node().map(Place::of),
        lines: item
            .open()
            .filter(|_| !whole)
            .map(|change| {
                let pointer = seen.pointer(section.id, &change.pointer).into_owned();
                Line { pointer, ..line(change, withheld) }
            })
            .collect(),
        turned: turned(seen, section, item),
        hints: item.open().filter_map(|change| approved::hint(seen, section.id, change)).collect(),
    }
}

pub(super) fn line(change: &Change<'_>, withheld: Option<&'static str>) -> Line {
    let (old, new) = if change.lost.is_empty() && change.gained.is_empty() {
        (side(change.old, withheld), side(change.new, withheld))
    } else {
        (elements(&change.lost, withheld), elements(&change.gained, withheld))
    };
    Line { pointer: change.pointer.to_string(), kind: change.kind, old, new }
}

fn side(side: Side<'_>, withheld: Option<&'static str>) -> String {
    match (side.value(), withheld) {
        (None, _) => "absent".to_owned(),
        (Some(_), Some(_)) => String::new(),
        (Some(node), None) => value(node),
    }
}

fn elements(nodes: &[NodeRef<'_>], withheld: Option<&'static str>) -> String {
    if withheld.is_some() {
        return words::number(nodes.len() as u64, "element");
    }
    let mut texts: Vec<String> = nodes.iter().take(ELEMENTS).map(|node| value(*node)).collect();
    if nodes.len() > ELEMENTS {
        texts.push(format!("and {} more", nodes.len() - ELEMENTS));
    }
    texts.join(", ")
}

fn value(node: NodeRef<'_>) -> String {
    let (excerpt, more) = shown::excerpt(node);
    let cropped = super::super::words::cropped(&excerpt, VALUE);
    match more.filter(|_| !cropped.ends_with('…')) {
        Some(_) => cropped + "…",
        None => cropped,
    }
}

fn turned(seen: &Seen<'_>, section: &SectionDrift<'_>, item: &Item<'_, '_>) -> Vec<String> {
    let Some(effects) = seen.effects else { return Vec::new() };
    let mut flips: Vec<usize> = item.open().flat_map(|change| effects.of_change(section, change)).collect();
    flips.sort_unstable();
    flips.dedup();
    let text = |flip: &crate::effect::Flip| format!("{} {}", flip.id(), words::turned(flip));
    flips.into_iter().filter_map(|at| effects.flips.get(at)).map(text).collect()
}
