//! What the pages refer to each other by, backwards: which checks read a section, which are decided
//! by another. Comes in: a policy set. Goes out: lookups in order. Not here: how a link looks.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::compiled::{Check, CheckRef, PolicySet};
use crate::sections::{self, Section};

/// The relations of a set, backwards.
#[derive(Debug, Default)]
pub(super) struct Cross<'s> {
    /// Checks by the section that they read, derived ones as themselves.
    readers: BTreeMap<&'s str, Vec<CheckRef>>,
    /// Checks that are evaluated as this one.
    twins: BTreeMap<&'s CheckRef, Vec<CheckRef>>,
    /// Checks that this one settles too.
    settles: BTreeMap<&'s CheckRef, BTreeSet<CheckRef>>,
}

impl<'s> Cross<'s> {
    pub(super) fn of(set: &'s PolicySet) -> Self {
        let mut cross = Self::default();
        for policy in &set.policies {
            for check in &policy.checks {
                cross.add(&policy.id, check);
            }
        }
        cross
    }

    fn add(&mut self, policy: &str, check: &'s Check) {
        let me = CheckRef { policy: policy.to_owned(), check: check.id.clone() };
        for section in check.reads.sections.keys() {
            self.readers.entry(section).or_default().push(me.clone());
        }
        for other in check.satisfied_by.iter().flatten() {
            self.settles.entry(other).or_default().insert(me.clone());
        }
        if let Some(other) = &check.same_as {
            self.twins.entry(other).or_default().push(me);
        }
    }

    /// Checks that read the section itself.
    pub(super) fn readers(&self, section: &str) -> &[CheckRef] {
        self.readers.get(section).map_or(&[], Vec::as_slice)
    }

    /// How many policies read it, itself or through a derived one.
    pub(super) fn policies(&self, section: &Section) -> usize {
        let through = derived_from(section).map(|section| section.id);
        let checks = through.chain([section.id]).flat_map(|id| self.readers(id));
        checks.map(|check| &check.policy).collect::<BTreeSet<_>>().len()
    }

    /// Checks that are evaluated as this one, and those that it settles too.
    pub(super) fn twins_and_settled(&self, check: &CheckRef) -> [Vec<&CheckRef>; 2] {
        [
            self.twins.get(check).into_iter().flatten().collect(),
            self.settles.get(check).into_iter().flatten().collect(),
        ]
    }
}

/// Derived sections that are computed from this one.
pub(super) fn derived_from(section: &Section) -> impl Iterator<Item = &'static Section> + use<> {
    let id = section.id;
    sections::all().filter(move |other| other.inputs.contains(&id))
}
