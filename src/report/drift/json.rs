//! Drift for machines, version 1. Comes in: drift. Goes out: a value that serialises bit by bit. Not here:
//! writing it; escaping what deceives on a terminal (`escape::json`).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::config::approvals::Approval;
use crate::diff::noise::{Rule, Source};
use crate::diff::{Change, Comparison, Counts, Kind, Outcome, SectionDrift, Standing};
use crate::effect::{self, Flip, Moved, Turn};
use crate::engine::finding::Outcome as FindingOutcome;
use crate::report::model::Verdict;
use crate::snapshot::record::SectionRecord;

use super::shown::{self, Item, Place, Shown};
use super::{FORMAT, Head, Seen, words};

/// What is made when it is asked for, so that no list has to be held.
struct Each<F>(F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: Iterator,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'s, Sections, Rules, Unused> {
    levelmark: BTreeMap<&'static str, u32>,
    tool: String,
    old: Head<'s>,
    new: Head<'s>,
    outcome: Outcome,
    exit: u8,
    /// Whether rules left anything out.
    ignored: bool,
    counts: Counts,
    /// Which verdicts moved; null where nothing was evaluated.
    levels: Option<Vec<OfLevel<'s>>>,
    /// Checks with another outcome, the worst first.
    flips: Option<Vec<OfFlip<'s>>>,
    compared: usize,
    identical: usize,
    no_longer_collected: usize,
    sections: Sections,
    /// Rules that left something out, or would have.
    rules: Rules,
    /// Rules of the configuration that left nothing out.
    unused_rules: Unused,
    /// The file of approvals, and those in it that match nothing any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    approvals: Option<OfApprovals<'s>>,
    notes: &'s [String],
}

/// The value to serialise.
pub fn json<'s>(seen: &'s Seen<'s>) -> impl Serialize + 's {
    let drift = seen.drift;
    let count = |wanted: Comparison| drift.sections.iter().filter(|one| one.comparison == wanted).count();
    let told = move || drift.sections.iter().filter(|section| tells(section));
    let used = move || {
        let rules = drift.rules.iter().enumerate();
        rules.map(|(id, rule)| (rule, drift.left_out(id), would(seen, id)))
    };
    Whole {
        levelmark: BTreeMap::from([("diff", FORMAT)]),
        tool: format!("levelmark {}", env!("CARGO_PKG_VERSION")),
        old: seen.old,
        new: seen.new,
        outcome: drift.outcome(),
        exit: seen.exit,
        ignored: seen.ignored,
        counts: drift.counts(),
        levels: seen.effects.map(|effects| effects.levels.iter().map(of_level).collect()),
        flips: seen.effects.map(|effects| {
            let without = effects.without_change(drift);
            let flips = effects.flips.iter().enumerate();
            flips.map(|(at, flip)| of_flip(flip, !without.contains(&at))).collect()
        }),
        compared: count(Comparison::Compared) + count(Comparison::Identical),
        identical: count(Comparison::Identical),
        no_longer_collected: count(Comparison::NoLongerCollected),
        sections: Each(move || told().map(move |section| of_section(seen, section))),
        rules: Each(move || {
            used()
                .filter(|(_, left_out, would)| left_out + would > 0)
                .map(|(rule, left_out, _)| of_rule(rule, left_out))
        }),
        unused_rules: Each(move || {
            let own = used()
                .filter(|(rule, left_out, would)| rule.source != Source::BuiltIn && left_out + would == 0);
            own.map(|(rule, ..)| of_rule(rule, 0))
        }),
        approvals: seen.approvals.map(|known| OfApprovals {
            file: known.file,
            unused: known.unused().map(|approval| of_approval(seen, approval)).collect(),
        }),
        notes: seen.notes,
    }
}

#[derive(Serialize)]
struct OfLevel<'s> {
    competency: &'s str,
    before: Option<&'s Verdict>,
    after: Option<&'s Verdict>,
}

fn of_level(moved: &Moved) -> OfLevel<'_> {
    OfLevel { competency: &moved.competency, before: moved.before.as_ref(), after: moved.after.as_ref() }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfFlip<'s> {
    policy: &'s str,
    check: &'s str,
    claim: &'s str,
    gates: Option<u16>,
    urgent: bool,
    informs: bool,
    waived: bool,
    before: FindingOutcome,
    after: FindingOutcome,
    turn: Turn,
    reason: &'s str,
    /// Whether a difference that is shown touches what the check reads.
    explained: bool,
}

fn of_flip(flip: &Flip, explained: bool) -> OfFlip<'_> {
    OfFlip {
        policy: &flip.policy,
        check: &flip.check,
        claim: &flip.claim,
        gates: flip.gates,
        urgent: flip.urgent,
        informs: flip.informs,
        waived: flip.waived,
        before: flip.before,
        after: flip.after,
        turn: flip.turn,
        reason: &flip.reason,
        explained,
    }
}

/// How many differences a rule would have left out.
fn would(seen: &Seen<'_>, id: usize) -> u64 {
    if seen.ignored {
        return 0;
    }
    let changes = seen.drift.sections.iter().flat_map(|section| &section.changes);
    changes.filter(|change| change.rule == Some(id)).count() as u64
}

/// Whether there is anything to say of a section.
fn tells(section: &SectionDrift<'_>) -> bool {
    match section.comparison {
        Comparison::NoLongerCollected | Comparison::NewlyCollected => true,
        Comparison::Compared => {
            !section.changes.is_empty() || !section.suppressed.is_empty() || !section.fields.is_empty()
        }
        Comparison::Identical | Comparison::NeverCollected => false,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfSection<'s, Items, Suppressed> {
    section: &'static str,
    comparison: &'static str,
    old: Option<&'s SectionRecord>,
    new: Option<&'s SectionRecord>,
    /// What would make it comparable again.
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    /// Why values are not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<&'static str>,
    counts: Counts,
    fields: Vec<OfField<'s>>,
    /// Policies that read a property which differs, by property; `""` stands for items that came or went.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_by: Option<BTreeMap<&'s str, BTreeSet<&'s str>>>,
    matching: Matching<'s>,
    items: Items,
    suppressed: Suppressed,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfField<'s> {
    field: &'s str,
    state: &'static str,
    items: u64,
    reason: Option<&'s str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Matching<'s> {
    /// A key that stands more than once.
    duplicate_key: Option<&'s str>,
    duplicates: (u64, u64),
    without_key: (u64, u64),
    by_likeness: u64,
    too_many_for_likeness: (u64, u64),
}

fn of_section<'s>(seen: &'s Seen<'s>, section: &'s SectionDrift<'s>) -> impl Serialize + 's {
    let withheld = seen.withheld(section.id);
    let notes = &section.notes;
    OfSection {
        section: section.id,
        comparison: words::comparison(section.comparison),
        old: section.old,
        new: section.new,
        remedy: words::remedy(section.new).filter(|_| section.comparison == Comparison::NoLongerCollected),
        withheld,
        counts: section.counts(),
        fields: section
            .fields
            .iter()
            .map(|(field, drift)| OfField {
                field,
                state: if drift.lost { "no-longer-collected" } else { "newly-collected" },
                items: drift.items,
                reason: drift.reason.as_deref(),
            })
            .collect(),
        read_by: seen.effects.map(|effects| {
            let fields: BTreeSet<Option<&str>> = section.changes.iter().map(effect::field).collect();
            let read = |field: Option<&'s str>| (field.unwrap_or(""), effects.readers(section.id, field));
            fields.into_iter().map(read).collect()
        }),
        matching: Matching {
            duplicate_key: notes.duplicates.as_ref().map(|double| double.example.as_str()),
            duplicates: notes.duplicates.as_ref().map_or((0, 0), |double| (double.old, double.new)),
            without_key: notes.keyless,
            by_likeness: notes.by_likeness,
            too_many_for_likeness: notes.crowded,
        },
        items: Each(move || shown::items(section).map(move |item| of_item(seen, section, item, withheld))),
        suppressed: Each(move || {
            let rules = section.suppressed.iter();
            rules.filter_map(|(id, count)| Some(of_rule(seen.drift.rules.get(*id)?, *count)))
        }),
    }
}

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
    /// Checks that its coming or going may have turned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    turned: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    #[serde(flatten)]
    standing: OfStanding<'s>,
}

/// `POLICY/CHECK` of the checks that a difference may have turned.
fn turned(seen: &Seen<'_>, section: &SectionDrift<'_>, change: &Change<'_>) -> Vec<String> {
    let Some(effects) = seen.effects else { return Vec::new() };
    let flips = effects.of_change(section, change);
    flips.into_iter().filter_map(|at| Some(effects.flips.get(at)?.id())).collect()
}

fn of_item<'d, 's: 'd>(
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
        turned: if whole { turned(seen, section, item.first) } else { Vec::new() },
        rule: item.first.rule.filter(|_| whole).and_then(|id| seen.drift.rules.get(id)).map(words::rule),
        standing: if whole { of_standing(seen, item.first) } else { OfStanding::default() },
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfChange<'s> {
    kind: &'static str,
    pointer: &'s str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_pointer: Option<&'s str>,
    /// How the element of a list that it lies in was found again.
    #[serde(skip_serializing_if = "Option::is_none")]
    matched: Option<&'static str>,
    old: Option<Shown<'s>>,
    new: Option<Shown<'s>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost: Vec<Shown<'s>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gained: Vec<Shown<'s>>,
    /// Checks that it may have turned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    turned: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    #[serde(flatten)]
    standing: OfStanding<'s>,
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
        pointer: &change.pointer,
        old_pointer: change.old_pointer.as_deref(),
        matched: change.within.map(|(_, how)| words::how(how)),
        old: Shown::side(change.old, withheld),
        new: Shown::side(change.new, withheld),
        lost: elements(&change.lost),
        gained: elements(&change.gained),
        turned: turned(seen, section, change),
        rule: change.rule.and_then(|id| seen.drift.rules.get(id)).map(words::rule),
        standing: of_standing(seen, change),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfApprovals<'s> {
    file: &'s str,
    unused: Vec<OfApproval<'s>>,
}

/// Whether a difference was accepted, or another value of it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct OfStanding<'s> {
    #[serde(skip_serializing_if = "Option::is_none")]
    approved: Option<OfApproval<'s>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_otherwise: Option<OfApproval<'s>>,
}

fn of_standing<'s>(seen: &'s Seen<'_>, change: &Change<'_>) -> OfStanding<'s> {
    let of = |at: usize| Some(of_approval(seen, seen.approvals?.list.get(at)?));
    match change.standing {
        Standing::Open => OfStanding::default(),
        Standing::Approved(at) => OfStanding { approved: of(at), approved_otherwise: None },
        Standing::Otherwise(at) => OfStanding { approved: None, approved_otherwise: of(at) },
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfApproval<'s> {
    line: usize,
    section: &'s str,
    change: &'static str,
    on: String,
    value: String,
    #[serde(flatten)]
    text: Option<OfText<'s>>,
}

/// What names the tenant's things and people.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfText<'s> {
    key: Option<&'s str>,
    pointer: &'s str,
    shown: Option<&'s str>,
    reason: &'s str,
    by: &'s str,
}

fn of_approval<'s>(seen: &Seen<'_>, approval: &'s Approval) -> OfApproval<'s> {
    let Approval { subject, value, shown, reason, by, on, line } = approval;
    OfApproval {
        line: *line,
        section: &subject.section,
        change: subject.change.word(),
        on: on.date_naive().to_string(),
        value: value.to_string(),
        text: seen.shows_text().then(|| OfText {
            key: subject.key.as_deref(),
            pointer: &subject.pointer,
            shown: shown.as_deref(),
            reason,
            by,
        }),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfRule<'s> {
    rule: String,
    reason: &'s str,
    source: String,
    suppressed: u64,
}

fn of_rule(rule: &Rule, suppressed: u64) -> OfRule<'_> {
    OfRule { rule: words::rule(rule), reason: &rule.reason, source: words::source(&rule.source), suppressed }
}
