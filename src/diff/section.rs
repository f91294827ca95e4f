//! One section of two snapshots. Comes in: what both say of it, and its documents. Goes out: what became of
//! it. Not here: items that are one (`walk`), who is whom (`pairing`).

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use crate::sections::Section;
use crate::snapshot::document::NodeRef;
use crate::snapshot::record::{SectionRecord, State};

use super::Options;
use super::coverage::{self, Window};
use super::fingerprint::Fingerprints;
use super::identity::{self, Key, Levels};
use super::likeness::Allowance;
use super::model::{Change, Comparison, Duplicates, How, Kind, Notes, SectionDrift, Side, Standing};
use super::noise::{Rule, Rules, What};
use super::pairing::{Means, Pair, Pairing, Table};
use super::shape::{Orders, Shape};
use super::walk::{Found, Ground, Walker};

/// Items that one thread compares at a time.
const CHUNK: usize = 512;

/// What both snapshots have of a section.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides<'s> {
    pub old: Option<&'s SectionRecord>,
    pub new: Option<&'s SectionRecord>,
    pub documents: (Option<NodeRef<'s>>, Option<NodeRef<'s>>),
}

/// What became of a section.
pub(super) fn compare<'s>(
    section: &'static Section,
    sides: Sides<'s>,
    rules: &[Rule],
    options: &Options<'_>,
) -> SectionDrift<'s> {
    let mut drift = SectionDrift {
        id: section.id,
        old: sides.old,
        new: sides.new,
        comparison: comparison(sides.old, sides.new),
        fields: BTreeMap::new(),
        notes: Notes::default(),
        changes: Vec::new(),
        suppressed: BTreeMap::new(),
    };
    let (Some(old), Some(new)) = (sides.old, sides.new) else { return drift };
    if drift.has_both() {
        drift.fields = coverage::fields(section, (old, new), sides.documents);
    }
    let (Comparison::Compared, (Some(before), Some(after))) = (drift.comparison, sides.documents) else {
        return drift;
    };
    let prints = Fingerprints::new();
    let ground = Ground {
        section,
        rules: Rules::of(section.id, rules),
        orders: Orders::of(section),
        prints: &prints,
        levels: Levels::of_elements(options.foreign),
        ignore: options.ignore,
        foreign: options.foreign,
        old,
        new,
    };
    let (found, mut notes) = items(&ground, before, after);
    notes.add(&found.notes);
    (drift.changes, drift.suppressed) = (found.changes, found.suppressed);
    drift.notes = notes;
    drift
}

fn comparison(old: Option<&SectionRecord>, new: Option<&SectionRecord>) -> Comparison {
    let has_data = |record: Option<&SectionRecord>| record.is_some_and(|record| record.state.has_data());
    let digest = |record: Option<&SectionRecord>| record.and_then(|record| record.sha256.clone());
    match (has_data(old), has_data(new)) {
        (true, true) if digest(old).is_some() && digest(old) == digest(new) => Comparison::Identical,
        (true, true) => Comparison::Compared,
        (true, false) => Comparison::NoLongerCollected,
        (false, true) => Comparison::NewlyCollected,
        (false, false) => Comparison::NeverCollected,
    }
}

/// Matches and compares all items: in the new order, then those that are gone.
fn items<'s>(ground: &Ground<'_>, before: NodeRef<'s>, after: NodeRef<'s>) -> (Found<'s>, Notes) {
    let (olds, news): (Vec<_>, Vec<_>) = (before.elements().collect(), after.elements().collect());
    let Pairing { mut pairs, clear, gone, come, crowded } = pairing(ground, &olds, &news);
    let all_clear = clear == olds.len() && clear == news.len();
    let mut notes = if all_clear { Notes::default() } else { of_keys(ground, &olds, &news) };
    if crowded {
        notes.crowded = (gone.len() as u64, come.len() as u64);
    }
    notes.by_likeness = pairs.iter().filter(|pair| pair.how == How::Likeness).count() as u64;
    pairs.sort_unstable_by_key(|pair| pair.new);
    let moved = !pairs.is_sorted_by_key(|pair| pair.old);
    let chunks: Vec<&[Pair]> = pairs.chunks(CHUNK).collect();
    let compare = |chunk: &[Pair]| {
        let both = |pair: &Pair| Some((*pair, *olds.get(pair.old)?, *news.get(pair.new)?));
        let changed = chunk.iter().filter_map(both).filter(|(_, old, new)| old.raw() != new.raw());
        changed.fold(Found::default(), |found, (pair, old, new)| {
            Walker::item(ground, found, (old, new), (pair.how, pair.renamed))
        })
    };
    let parts: Vec<Found<'s>> = chunks.into_par_iter().map(compare).collect();
    let mut found = Found::default();
    parts.into_iter().for_each(|part| found.append(part));
    let nodes = |nodes: &[NodeRef<'s>], chosen: &[usize]| -> Vec<NodeRef<'s>> {
        chosen.iter().filter_map(|at| nodes.get(*at).copied()).collect()
    };
    come_and_gone(ground, &mut found, after, (&nodes(&olds, &gone), &nodes(&news, &come)));
    if moved {
        order(ground, &mut found, before, after);
    }
    (found, notes)
}

fn pairing(ground: &Ground<'_>, olds: &[NodeRef<'_>], news: &[NodeRef<'_>]) -> Pairing {
    if ground.section.key.is_empty() && olds.len() == 1 && news.len() == 1 {
        let only = Pair { old: 0, new: 0, how: How::Only, renamed: None };
        return Pairing { pairs: vec![only], ..Pairing::default() };
    }
    let levels = Levels::of_items(ground.section, ground.foreign);
    let means = Means {
        levels: &levels,
        prints: ground.prints,
        orders: &ground.orders,
        shape: Shape::Item(ground.section.contract()),
        allowance: Allowance::ITEMS,
    };
    Table::new(olds.to_vec(), news.to_vec(), means).pair(!ground.section.key.is_empty())
}

/// Keys that stand more than once, and items that have none.
fn of_keys(ground: &Ground<'_>, olds: &[NodeRef<'_>], news: &[NodeRef<'_>]) -> Notes {
    let section = ground.section;
    let levels = Levels::of_items(section, ground.foreign);
    let mut notes = Notes::default();
    let Some(level) = levels.iter().next().filter(|_| !section.key.is_empty()) else { return notes };
    let count = |items: &[NodeRef<'_>]| {
        let mut seen: HashMap<Key<'_>, (usize, u64)> = HashMap::with_capacity(items.len());
        let mut keyless = 0;
        for (at, item) in items.iter().enumerate() {
            match Key::of(*item, Shape::Item(section.contract()), level) {
                Some(key) => seen.entry(key).or_insert((at, 0)).1 += 1,
                None => keyless += 1,
            }
        }
        let double = seen.values().filter(|(_, count)| *count > 1);
        let first = double.clone().min().and_then(|(at, _)| identity::shown(section, *items.get(*at)?));
        (first, double.map(|(_, count)| count).sum::<u64>(), keyless)
    };
    let ((old_key, old, old_keyless), (new_key, new, new_keyless)) = (count(olds), count(news));
    notes.keyless = (old_keyless, new_keyless);
    notes.duplicates = new_key.or(old_key).map(|example| Duplicates { example, old, new });
    notes
}

/// Items that are on one side alone.
fn come_and_gone<'s>(
    ground: &Ground<'_>,
    found: &mut Found<'s>,
    after: NodeRef<'s>,
    (gone, come): (&[NodeRef<'s>], &[NodeRef<'s>]),
) {
    for item in come {
        let partial = ground.old.state == State::Partial;
        let kind = if partial { Kind::NewlySeen } else { Kind::Added };
        alone(ground, found, (kind, What::Added), (Side::Nothing, Side::Value(*item)));
    }
    let window = Window::of(ground.section.id, ground.new, after);
    for item in gone {
        let aged = window.as_ref().is_some_and(|window| window.is_behind(*item));
        let kind = match (aged, ground.new.state == State::Partial) {
            (true, _) => (Kind::AgedOut, What::AgedOut),
            (false, true) => (Kind::NotSeen, What::Gone),
            (false, false) => (Kind::Removed, What::Gone),
        };
        alone(ground, found, kind, (Side::Value(*item), Side::Nothing));
    }
}

fn alone<'s>(
    ground: &Ground<'_>,
    found: &mut Found<'s>,
    (kind, what): (Kind, What<'_>),
    (old, new): (Side<'s>, Side<'s>),
) {
    let Some(item) = new.value().or(old.value()) else { return };
    let rule = ground.rules.covering(what, item);
    if let Some(rule) = rule.filter(|_| ground.ignore) {
        found.left_out(rule);
        return;
    }
    found.changes.push(Change {
        kind,
        old_item: old.value(),
        new_item: new.value(),
        matched: How::Key,
        pointer: Box::default(),
        old_pointer: None,
        within: None,
        old,
        new,
        lost: Box::default(),
        gained: Box::default(),
        rule,
        standing: Standing::Open,
    });
}

/// The items stand in another order.
fn order<'s>(ground: &Ground<'_>, found: &mut Found<'s>, before: NodeRef<'s>, after: NodeRef<'s>) {
    let rule = ground.rules.covering(What::Order(&[]), after);
    if let Some(rule) = rule.filter(|_| ground.ignore) {
        found.left_out(rule);
        return;
    }
    found.changes.push(Change {
        kind: Kind::Reordered,
        old_item: None,
        new_item: None,
        matched: How::Key,
        pointer: Box::default(),
        old_pointer: None,
        within: None,
        old: Side::Value(before),
        new: Side::Value(after),
        lost: Box::default(),
        gained: Box::default(),
        rule,
        standing: Standing::Open,
    });
}
