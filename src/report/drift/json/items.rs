//! The differences of an item, as JSON. Comes in: an item of a section. Goes out: values that serialise. Not here: what
//! is said of the section.

use std::borrow::Cow;

use serde::Serialize;

use super::super::shown::{Item, Place, Shown};
use super::super::{Seen, words};
use super::Each;
use super::approvals::{OfStanding, of_standing};
use crate::diff::{Change, Kind, SectionDrift};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfItem<'s, Changes> {
    kind: &'static str,
    key: Option<String>,
    name: Option<String>,
    matched: Option<&'static str>,
    old: Option<Place<'s>>,
    new: Option<Place<'s>>,
    /// Its properties; empty where the whole item came or went.
    changes: Changes,
    #[serde(flatten)]
    more: OfMore<'s>,
}

/// What a difference did, and what is said of it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct OfMore<'s> {
    /// `POLICY/CHECK` of the checks that it may have turned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    turned: Vec<String>,
    /// The rule that left it out, or would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    #[serde(flatten)]
    standing: OfStanding<'s>,
}

fn of_more<'s>(seen: &'s Seen<'_>, section: &SectionDrift<'_>, change: &Change<'_>) -> OfMore<'s> {
    let flips = seen.effects.map(|effects| (effects, effects.of_change(section, change)));
    let turned = flips
        .into_iter()
        .flat_map(|(effects, flips)| flips.into_iter().filter_map(|at| Some(effects.flips.get(at)?.id())));
    let rule = change.rule.and_then(|rule| seen.drift.rules.get(rule));
    OfMore {
        turned: turned.collect(),
        rule: rule.map(|rule| seen.rule(rule).0),
        standing: of_standing(seen, change),
    }
}

pub(super) fn of_item<'d, 's: 'd>(
    seen: &'d Seen<'s>,
    section: &'d SectionDrift<'s>,
    item: Item<'d, 's>,
    withheld: Option<&'static str>,
) -> impl Serialize + 'd {
    let (old, new) = (item.first.old_item, item.first.new_item);
    let whole = item.first.pointer.is_empty() && (old.is_none() || new.is_none());
    let renamed = item.changes.iter().any(|change| change.kind == Kind::Renamed);
    let kind = match (whole, renamed) {
        (true, _) => item.first.kind,
        (false, true) => Kind::Renamed,
        (false, false) => Kind::Changed,
    };
    OfItem {
        kind: words::kind(kind),
        key: item.key(seen, section.id),
        name: item.name(withheld),
        matched: old.and(new).map(|_| words::how(item.first.matched)),
        old: old.map(Place::of),
        new: new.map(Place::of),
        changes: Each(move || {
            let changes = item.changes.iter().filter(move |_| !whole);
            changes.map(move |change| of_change(seen, section, change, withheld))
        }),
        more: if whole { of_more(seen, section, item.first) } else { OfMore::default() },
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfChange<'s> {
    kind: &'static str,
    pointer: Cow<'s, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_pointer: Option<Cow<'s, str>>,
    /// How the element of a list that it lies in was found again.
    #[serde(skip_serializing_if = "Option::is_none")]
    matched: Option<&'static str>,
    old: Option<Shown<'s>>,
    new: Option<Shown<'s>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost: Vec<Shown<'s>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gained: Vec<Shown<'s>>,
    #[serde(flatten)]
    more: OfMore<'s>,
}

fn of_change<'d>(
    seen: &'d Seen<'_>,
    section: &SectionDrift<'_>,
    change: &'d Change<'_>,
    withheld: Option<&'static str>,
) -> OfChange<'d> {
    let elements = |nodes: &'d [_]| nodes.iter().filter_map(|node| Shown::value(*node, withheld)).collect();
    OfChange {
        kind: words::kind(change.kind),
        pointer: seen.pointer(section.id, &change.pointer),
        old_pointer: change.old_pointer.as_deref().map(|pointer| seen.pointer(section.id, pointer)),
        matched: change.within.map(|(_, how)| words::how(how)),
        old: Shown::side(change.old, withheld),
        new: Shown::side(change.new, withheld),
        lost: elements(&change.lost),
        gained: elements(&change.gained),
        more: of_more(seen, section, change),
    }
}
