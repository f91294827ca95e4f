//! Drift: what two snapshots of a tenant differ in. Comes in: both snapshots, and what an organisation says of
//! drift. Goes out: every difference once, at its place in both, or the rule that leaves it out, counted. Not here: reading files
//! (`snapshot`), showing it (`report::drift`), and what a difference does to a verdict.
//!
//! What makes a diff of evidence worth reading, and where each part of it stands:
//! - a thing is found again by its identity, not by its position: `identity`, `pairing`, `likeness`;
//! - a list is a set unless its order means something: `lists`, `shape`, `fingerprint`;
//! - what is written differently and means the same is the same: `normal`. Absent, null, `[]` and `""` are four things;
//! - what was not seen is not gone: `section`, `coverage`;
//! - what differs every day is left out by a rule with a reason, and counted: `noise`, `known`;
//! - what people accepted is no drift as long as it stays as they saw it: `approval`.

pub mod approval;
mod counts;
mod coverage;
mod fingerprint;
mod identity;
mod known;
mod likeness;
mod lists;
pub mod model;
pub mod noise;
mod normal;
mod pairing;
mod section;
pub mod shape;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::config::drift::DriftRule;
use crate::sections;
use crate::snapshot::record::SectionRecord;
use crate::snapshot::{Snapshot, SnapshotError};

pub use counts::Counts;
pub use model::{Change, Comparison, Drift, Extent, How, Kind, Outcome, SectionDrift, Side, Standing};

/// What is compared, and how.
#[derive(Debug, Clone, Copy)]
pub struct Options<'o> {
    /// These sections alone; None = all.
    pub sections: Option<&'o BTreeSet<String>>,
    /// Rules of the configuration.
    pub rules: &'o [DriftRule],
    /// Whether rules leave anything out.
    pub ignore: bool,
    /// Whether the snapshots are of two tenants: ids say less then.
    pub foreign: bool,
}

/// Parses what has to be looked at: sections that both have and that are not the same letter by letter or of which
/// one collected other properties, and what is wanted besides. The snapshots were opened with [`crate::snapshot::Wanted::Later`].
///
/// # Errors
/// Sections that are no JSON.
pub fn parse(
    (old, new): (&mut Snapshot, &mut Snapshot),
    options: &Options<'_>,
    besides: &BTreeSet<String>,
) -> Result<(), SnapshotError> {
    let digest = |snapshot: &Snapshot, id: &str| snapshot.record(id).and_then(|record| record.sha256.clone());
    let differs = |before: Option<&SectionRecord>, after: Option<&SectionRecord>| {
        before.zip(after).is_some_and(|(before, after)| !coverage::is_alike(before, after))
    };
    let wanted: BTreeSet<String> = old
        .manifest
        .sections
        .keys()
        .filter(|id| options.wants(id))
        .filter(|id| match (digest(old, id), digest(new, id)) {
            (Some(before), Some(after)) => before != after || differs(old.record(id), new.record(id)),
            (Some(_) | None, _) => false,
        })
        .chain(besides)
        .cloned()
        .collect();
    let (before, after) = rayon::join(|| old.parse(&wanted), || new.parse(&wanted));
    before.and(after)
}

/// Compares two snapshots.
pub fn compare<'s>(old: &'s Snapshot, new: &'s Snapshot, options: &Options<'_>) -> Drift<'s> {
    let rules = noise::all(options.rules, options.foreign);
    let ids: BTreeSet<&str> =
        old.manifest.sections.keys().chain(new.manifest.sections.keys()).map(String::as_str).collect();
    let found: Vec<&'static sections::Section> =
        ids.into_iter().filter(|id| options.wants(id)).filter_map(sections::find).collect();
    let compare = |section: &'static sections::Section| {
        let sides = section::Sides {
            old: old.record(section.id),
            new: new.record(section.id),
            documents: (old.section(section.id), new.section(section.id)),
        };
        section::compare(section, sides, &rules, options)
    };
    let sections = found.into_par_iter().map(compare).collect();
    Drift { sections, rules }
}

/// All rules that are built in, for people.
#[must_use]
pub fn built_in() -> Vec<noise::Rule> {
    noise::all(&[], false)
}

impl Options<'_> {
    fn wants(&self, id: &str) -> bool {
        self.sections.is_none_or(|sections| sections.contains(id))
    }
}
