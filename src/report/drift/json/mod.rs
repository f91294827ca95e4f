//! Drift for machines, version 1. Comes in: drift. Goes out: a value that serialises bit by bit. Not here:
//! writing it; escaping what deceives on a terminal (`escape::json`).

mod approvals;
mod items;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use serde::{Serialize, Serializer};

use crate::diff::noise::{Rule, Source};
use crate::diff::{Comparison, Counts, Extent, Outcome, SectionDrift};
use crate::effect::{self, Flip, Moved, Turn};
use crate::engine::finding::Outcome as FindingOutcome;
use crate::report::model::Verdict;
use crate::snapshot::record::{Redaction, SectionRecord, Tenant};

use self::approvals::{OfApproval, of_approval};
use self::items::of_item;
use super::{FORMAT, Head, Seen, shown, unseen, words};

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
    old: OfHead<'s>,
    new: OfHead<'s>,
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
    /// Sections that were read whole, and in part now.
    no_longer_whole: usize,
    /// Properties of sections that both have.
    fields_no_longer_collected: usize,
    sections: Sections,
    /// Rules that left something out, or would have.
    rules: Rules,
    /// Rules of the configuration that left nothing out.
    unused_rules: Unused,
    /// The file of approvals, and those in it that match nothing any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    approvals: Option<OfApprovals<'s>>,
    notes: Vec<Cow<'s, str>>,
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
        old: of_head(seen, seen.old),
        new: of_head(seen, seen.new),
        outcome: drift.outcome(),
        exit: seen.exit,
        ignored: seen.ignored,
        counts: drift.counts(),
        levels: seen.effects.map(|effects| effects.levels.iter().map(of_level).collect()),
        flips: seen.effects.map(|effects| {
            let without = effects.without_change(drift);
            let flips = effects.flips.iter().enumerate();
            flips.map(|(at, flip)| of_flip(seen, flip, !without.contains(&at))).collect()
        }),
        compared: count(Comparison::Compared) + count(Comparison::Identical),
        identical: count(Comparison::Identical),
        no_longer_collected: count(Comparison::NoLongerCollected),
        no_longer_whole: drift.sections.iter().filter(|one| one.extent() == Extent::NowInPart).count(),
        fields_no_longer_collected: drift
            .sections
            .iter()
            .flat_map(|one| one.fields.values())
            .filter(|field| field.lost)
            .count(),
        sections: Each(move || told().map(move |section| of_section(seen, section))),
        rules: Each(move || {
            used()
                .filter(|(_, left_out, would)| left_out + would > 0)
                .map(|(rule, left_out, _)| of_rule(seen, rule, left_out))
        }),
        unused_rules: Each(move || {
            let own = used()
                .filter(|(rule, left_out, would)| rule.source != Source::BuiltIn && left_out + would == 0);
            own.map(|(rule, ..)| of_rule(seen, rule, 0))
        }),
        approvals: seen.approvals.map(|known| OfApprovals {
            file: seen.file(known.file),
            unused: known.unused().map(|approval| of_approval(seen, approval)).collect(),
        }),
        notes: seen.notes.iter().map(Cow::from).chain(unseen::blanket(seen).map(Cow::from)).collect(),
    }
}

/// A snapshot in short.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfHead<'s> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'s str>,
    tenant: Tenant,
    taken: DateTime<Utc>,
    digest: &'s str,
    #[serde(skip_serializing_if = "Option::is_none")]
    redacted: Option<&'s Redaction>,
}

fn of_head<'s>(seen: &Seen<'_>, head: Head<'s>) -> OfHead<'s> {
    let Head { taken, digest, redacted, .. } = head;
    OfHead { path: head.path(seen), tenant: head.tenant(seen), taken, digest, redacted }
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
    reason: Option<&'s str>,
    /// Whether a difference that is shown touches what the check reads.
    explained: bool,
}

fn of_flip<'f>(seen: &Seen<'_>, flip: &'f Flip, explained: bool) -> OfFlip<'f> {
    OfFlip {
        policy: &flip.policy,
        check: &flip.check,
        claim: seen.claim(flip),
        gates: flip.gates,
        urgent: flip.urgent,
        informs: flip.informs,
        waived: flip.waived,
        before: flip.before,
        after: flip.after,
        turn: flip.turn,
        reason: seen.reason(flip),
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
        Comparison::Compared | Comparison::Identical => {
            !section.changes.is_empty() || !section.suppressed.is_empty() || section.has_notes()
        }
        Comparison::NeverCollected => false,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfSection<'s, Items, Suppressed> {
    section: &'static str,
    comparison: &'static str,
    /// Where one side was read whole and the other in part: which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    extent: Option<&'static str>,
    old: Option<Cow<'s, SectionRecord>>,
    new: Option<Cow<'s, SectionRecord>>,
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
    read_by: Option<BTreeMap<String, BTreeSet<&'s str>>>,
    matching: Matching<'s>,
    items: Items,
    suppressed: Suppressed,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfField<'s> {
    field: String,
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
    let record = |record: Option<&'s SectionRecord>| record.map(|record| seen.record(section.id, record));
    let text = |text: Option<&'s str>| text.filter(|_| seen.shows_text());
    // A property as far as the contract knows its name.
    let property = |name: &str| match seen.shows_text() {
        true => name.to_owned(),
        false => seen.pointer(section.id, &format!("/{name}")).trim_start_matches('/').to_owned(),
    };
    OfSection {
        section: section.id,
        comparison: words::comparison(section.comparison),
        extent: match section.extent() {
            Extent::Alike => None,
            Extent::NowInPart => Some("now-in-part"),
            Extent::NowWhole => Some("now-whole"),
        },
        old: record(section.old),
        new: record(section.new),
        remedy: seen.remedy(section).filter(|_| section.comparison == Comparison::NoLongerCollected),
        withheld,
        counts: section.counts(),
        fields: section
            .fields
            .iter()
            .map(|(field, drift)| OfField {
                field: property(field),
                state: if drift.lost { "no-longer-collected" } else { "newly-collected" },
                items: drift.items,
                reason: text(drift.reason.as_deref()),
            })
            .collect(),
        read_by: seen.effects.map(|effects| {
            let fields: BTreeSet<Option<&str>> = section.changes.iter().map(effect::field).collect();
            let mut read: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
            for field in fields {
                let name = property(field.unwrap_or_default());
                read.entry(name).or_default().extend(effects.readers(section.id, field));
            }
            read
        }),
        matching: Matching {
            duplicate_key: text(notes.duplicates.as_ref().map(|double| double.example.as_str())),
            duplicates: notes.duplicates.as_ref().map_or((0, 0), |double| (double.old, double.new)),
            without_key: notes.keyless,
            by_likeness: notes.by_likeness,
            too_many_for_likeness: notes.crowded,
        },
        items: Each(move || {
            let items = shown::items(section).filter(move |_| seen.shows_items());
            items.map(move |item| of_item(seen, section, item, withheld))
        }),
        suppressed: Each(move || {
            let rules = section.suppressed.iter();
            rules.filter_map(|(id, count)| Some(of_rule(seen, seen.drift.rules.get(*id)?, *count)))
        }),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfApprovals<'s> {
    file: &'s str,
    unused: Vec<OfApproval<'s>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfRule<'s> {
    rule: String,
    reason: Option<&'s str>,
    source: String,
    suppressed: u64,
}

fn of_rule<'r>(seen: &Seen<'_>, rule: &'r Rule, suppressed: u64) -> OfRule<'r> {
    let (words, reason) = seen.rule(rule);
    OfRule { rule: words, reason, source: seen.source(rule), suppressed }
}
