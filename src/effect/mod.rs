//! What drift does to a verdict: which checks turned, which change may have turned each, and which levels moved.
//! Comes in: the drift between two snapshots, the report of each, the policies of both. Goes out: `Effects`, which
//! ranks every change. Not here: finding changes (`diff`), evaluating (`engine`), showing it (`report::drift`).
//!
//! A change belongs to a check that reads its section and property; where the check's evidence names items, to
//! the changes of these items alone.

mod flip;
mod readers;

use std::collections::{BTreeMap, BTreeSet};

use crate::diff::{Change, Comparison, Drift, Extent, SectionDrift};
use crate::policy::compiled::PolicySet;
use crate::report::model::{Report, Verdict};
use crate::snapshot::item;

pub use self::flip::{Flip, Turn};
use self::readers::Readers;

/// How much a change matters, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A check that passed fails.
    Regression,
    /// A check that was decided is not any more.
    Lost,
    /// A check turned otherwise, e.g. it does not apply any more.
    Other,
    /// A check that failed passes.
    Fixed,
    /// Checks read it, and none turned.
    Read,
    /// No check reads it.
    Unread,
}

/// What drift did.
#[derive(Debug)]
pub struct Effects {
    /// Checks with another outcome: regressions first, then lost, others, fixed; each in the order of the policies.
    pub flips: Vec<Flip>,
    /// Competencies whose verdict moved.
    pub levels: Vec<Moved>,
    /// Sections with checks that read them.
    readers: Readers,
}

/// A verdict that moved.
#[derive(Debug, Clone)]
pub struct Moved {
    /// Id of the competency.
    pub competency: String,
    /// Its name.
    pub name: String,
    /// What it was; None without a verdict.
    pub before: Option<Verdict>,
    /// What it is.
    pub after: Option<Verdict>,
}

impl Effects {
    /// Looks at both reports, of the same policies.
    #[must_use]
    pub fn of(drift: &Drift<'_>, (old, new): (&Report, &Report), policies: &PolicySet) -> Self {
        let readers = Readers::of(policies);
        let mut flips = flip::flips(old, new, &readers);
        for section in &drift.sections {
            name(section, &mut flips);
        }
        flips.sort_by_key(|flip| flip.turn);
        Self { flips, levels: levels(old, new), readers }
    }

    /// The checks that a change may have turned, places in [`Effects::flips`].
    #[must_use]
    pub fn of_change(&self, section: &SectionDrift<'_>, change: &Change<'_>) -> Vec<usize> {
        let key = key(section, change);
        let turned =
            |flip: &Flip| flip.reads(section.id, field(change)) && flip.means(section.id, key.as_deref());
        self.all(turned)
    }

    /// The checks that may have turned because a section, or a property of it, is no longer seen.
    #[must_use]
    pub fn of_loss(&self, section: &str, field: Option<&str>) -> Vec<usize> {
        self.all(|flip| flip.turn != Turn::Fixed && flip.reads(section, field))
    }

    fn all(&self, which: impl Fn(&Flip) -> bool) -> Vec<usize> {
        self.flips.iter().enumerate().filter(|(_, flip)| which(flip)).map(|(at, _)| at).collect()
    }

    /// How much a change matters.
    #[must_use]
    pub fn rank(&self, section: &SectionDrift<'_>, change: &Change<'_>) -> Rank {
        let flips = self.of_change(section, change);
        // They are in order: the first is the worst.
        match flips.first().and_then(|at| self.flips.get(*at)) {
            Some(flip) => flip.turn.rank(),
            None if self.readers.any(section.id, field(change)) => Rank::Read,
            None => Rank::Unread,
        }
    }

    /// Ids of the policies that read a property of a section, or anything of it.
    #[must_use]
    pub fn readers(&self, section: &str, field: Option<&str>) -> BTreeSet<&str> {
        self.readers.policies(section, field)
    }

    /// Checks that turned though no change touches what they read: time passed, or a rule left the change out.
    #[must_use]
    pub fn without_change(&self, drift: &Drift<'_>) -> Vec<usize> {
        let mut explained = BTreeSet::new();
        for section in &drift.sections {
            match section.comparison {
                Comparison::NoLongerCollected | Comparison::NewlyCollected => {
                    explained.extend(self.all(|flip| flip.reads(section.id, None)));
                }
                Comparison::Compared | Comparison::Identical | Comparison::NeverCollected => {}
            }
            match section.extent() {
                Extent::NowInPart => explained.extend(self.of_loss(section.id, None)),
                Extent::NowWhole => explained.extend(self.all(|flip| flip.reads(section.id, None))),
                Extent::Alike => {}
            }
            for name in section.fields.keys() {
                explained.extend(self.all(|flip| flip.reads(section.id, Some(name))));
            }
            for change in &section.changes {
                if explained.len() == self.flips.len() {
                    break;
                }
                explained.extend(self.of_change(section, change));
            }
        }
        (0..self.flips.len()).filter(|at| !explained.contains(at)).collect()
    }
}

/// The first-level property of a change; None where the whole item came or went.
#[must_use]
pub fn field<'c>(change: &'c Change<'_>) -> Option<&'c str> {
    change.pointer.strip_prefix('/')?.split('/').next()
}

fn key(section: &SectionDrift<'_>, change: &Change<'_>) -> Option<String> {
    item::key(section.id, change.new_item.or(change.old_item)?)
}

/// Whether the items that the evidence of a check names are among those that changed: only then they tell
/// which change turned it.
fn name(section: &SectionDrift<'_>, flips: &mut [Flip]) {
    if !flips.iter().any(|flip| flip.names(section.id)) {
        return;
    }
    let mut keys: BTreeMap<String, BTreeSet<Option<&str>>> = BTreeMap::new();
    for change in &section.changes {
        if let Some(key) = key(section, change) {
            keys.entry(key).or_default().insert(field(change));
        }
    }
    for flip in flips {
        flip.keep(section.id, &keys);
    }
}

fn levels(old: &Report, new: &Report) -> Vec<Moved> {
    let moved = |after: &crate::report::model::Competency| {
        let before = old.competencies.iter().find(|before| before.id == after.id)?;
        let place = |verdict: &Option<Verdict>| match verdict {
            Some(Verdict::Level { proven, possible, .. }) => Some((*proven, *possible, None)),
            Some(Verdict::Readiness(readiness)) => Some((0, 0, Some(*readiness))),
            None => None,
        };
        (place(&before.verdict) != place(&after.verdict)).then(|| Moved {
            competency: after.id.clone(),
            name: after.name.clone(),
            before: before.verdict.clone(),
            after: after.verdict.clone(),
        })
    };
    new.competencies.iter().filter_map(moved).collect()
}
