//! A check whose outcome is another than before. Comes in: two reports. Goes out: flips, with what each check reads
//! and which items its evidence names.

use std::collections::{BTreeMap, BTreeSet};

use super::Rank;
use super::readers::{Readers, Reads, touches};
use crate::engine::finding::Outcome;
use crate::report::model::{Finding, Report};

/// A check that turned.
#[derive(Debug, Clone)]
pub struct Flip {
    /// Policy id.
    pub policy: String,
    /// Check id.
    pub check: String,
    /// What holds when it passes.
    pub claim: String,
    /// The level it gates.
    pub gates: Option<u16>,
    /// The model marks it as urgent.
    pub urgent: bool,
    /// Reported only.
    pub informs: bool,
    /// A waiver covers it now.
    pub waived: bool,
    /// What came out before.
    pub before: Outcome,
    /// What comes out now.
    pub after: Outcome,
    /// Which way.
    pub turn: Turn,
    /// Why, by the new report.
    pub reason: String,
    reads: Reads,
    /// Keys of the items that its evidence names, by section.
    items: BTreeMap<String, BTreeSet<String>>,
}

/// Which way a check turned, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// Pass to fail.
    Regression,
    /// Decided before, unknown now.
    EvidenceLost,
    /// Any other way, e.g. it does not apply any more, or what was unknown fails.
    Other,
    /// To pass: it failed, or was not known to hold.
    Fixed,
}

impl Turn {
    fn of(before: Outcome, after: Outcome) -> Option<Self> {
        use Outcome::{Error, Fail, NotApplicable, Pass, Unknown};
        match (before, after) {
            (Pass, Pass)
            | (Fail, Fail)
            | (Unknown, Unknown)
            | (NotApplicable, NotApplicable)
            | (Error, Error) => None,
            (Pass, Fail) => Some(Self::Regression),
            (Pass | Fail | NotApplicable, Unknown | Error) => Some(Self::EvidenceLost),
            (Fail | Unknown | Error, Pass) => Some(Self::Fixed),
            (Unknown | NotApplicable | Error, Fail)
            | (Pass | Fail | Unknown | Error, NotApplicable)
            | (NotApplicable, Pass)
            | (Unknown, Error)
            | (Error, Unknown) => Some(Self::Other),
        }
    }

    pub(super) const fn rank(self) -> Rank {
        match self {
            Self::Regression => Rank::Regression,
            Self::EvidenceLost => Rank::Lost,
            Self::Other => Rank::Other,
            Self::Fixed => Rank::Fixed,
        }
    }
}

/// All of them, in the order of the policies.
pub(super) fn flips(old: &Report, new: &Report, readers: &Readers) -> Vec<Flip> {
    let before: BTreeMap<(&str, &str), &Finding> =
        old.findings.iter().map(|found| ((found.policy.as_str(), found.check.as_str()), found)).collect();
    let flip = |after: &Finding| {
        let before = before.get(&(after.policy.as_str(), after.check.as_str()))?;
        let turn = Turn::of(before.outcome, after.outcome)?;
        Some(Flip {
            policy: after.policy.clone(),
            check: after.check.clone(),
            claim: after.claim.clone(),
            gates: after.gates,
            urgent: after.urgent,
            informs: after.informs,
            waived: after.waived.is_some(),
            before: before.outcome,
            after: after.outcome,
            turn,
            reason: after.reason.clone(),
            reads: readers.check(&after.policy, &after.check),
            items: items([before, after]),
        })
    };
    new.findings.iter().filter_map(flip).collect()
}

/// The items that evidence names; nothing where it does not name all.
fn items(findings: [&Finding; 2]) -> BTreeMap<String, BTreeSet<String>> {
    let mut items: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for finding in findings {
        if finding.evidence.total > finding.evidence.shown.len() {
            return BTreeMap::new();
        }
        for place in &finding.evidence.shown {
            if let Some(key) = &place.key {
                items.entry(place.section.clone()).or_default().insert(key.clone());
            }
        }
    }
    items
}

impl Flip {
    /// `POLICY/CHECK`
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.policy, self.check)
    }

    pub(super) fn reads(&self, section: &str, field: Option<&str>) -> bool {
        touches(&self.reads, section, field)
    }

    pub(super) fn names(&self, section: &str) -> bool {
        self.items.contains_key(section)
    }

    /// Whether an item of a section can have turned it.
    pub(super) fn means(&self, section: &str, key: Option<&str>) -> bool {
        match (self.items.get(section), key) {
            (Some(items), Some(key)) => items.contains(key),
            // Evidence elsewhere tells: what is here may be a circumstance, but the item there changed.
            (None, _) => self.items.is_empty(),
            (Some(_), None) => true,
        }
    }

    /// Forgets the items of a section where none of them changed in what the check reads.
    pub(super) fn keep(&mut self, section: &str, changed: &BTreeMap<String, BTreeSet<Option<&str>>>) {
        let Some(items) = self.items.get(section) else { return };
        let touched = |key: &String| {
            changed
                .get(key)
                .is_some_and(|fields| fields.iter().any(|field| touches(&self.reads, section, *field)))
        };
        if !items.iter().any(touched) {
            self.items.remove(section);
        }
    }
}
