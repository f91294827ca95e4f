//! What queries see: the sections of the snapshot, the derived sections computed from them, and
//! the parameters as a document. Not here: whether a section may be trusted (`standing`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::derive::{self, Derived};
use crate::policy::compiled::{Assertion, Check, Path};
use crate::query::ir::{Condition, Query};
use crate::query::{Evaluator, Source, duration};
use crate::snapshot::Snapshot;
use crate::snapshot::document::{Document, NodeRef, Text};
use crate::snapshot::record::{SectionRecord, State};

use super::Input;

/// What the snapshot says of its sections as judged today, the sections derived from them, and the
/// parameters: computed before evaluation, borrowed by it.
#[derive(Debug)]
pub(super) struct Computed {
    /// Sections that are too old, or whose declaration has expired, are no longer `read`.
    pub records: BTreeMap<String, SectionRecord>,
    pub derived: BTreeMap<String, Derived>,
    /// An object of the parameters.
    pub params: Option<Document>,
}

/// The snapshot as derivations see it.
struct Judged<'a> {
    snapshot: &'a Snapshot,
    records: &'a BTreeMap<String, SectionRecord>,
}

impl derive::Inputs for Judged<'_> {
    fn section(&self, id: &str) -> Option<NodeRef<'_>> {
        self.snapshot.section(id)
    }

    fn record(&self, id: &str) -> Option<&SectionRecord> {
        self.records.get(id)
    }
}

impl Computed {
    /// Computes the derived sections that the checks read.
    pub(super) fn new(input: &Input<'_>, checks: &[&Check]) -> Self {
        let wanted: BTreeSet<&str> = checks
            .iter()
            .flat_map(|check| check.reads.sections.keys())
            .map(String::as_str)
            .filter(|id| derive::IDS.contains(id))
            .collect();
        let wanted: Vec<&str> = wanted.into_iter().collect();
        let listed = input.snapshot.manifest.sections.iter();
        let records = listed.map(|(id, record)| (id.clone(), judged(input, record))).collect();
        let inputs = Judged { snapshot: input.snapshot, records: &records };
        let compute = |id: &&str| Some(((*id).to_owned(), derive::compute(id, &inputs).ok()?));
        let derived = wanted.par_iter().filter_map(compute).collect();
        let params = serde_json::Value::Object(input.params.values.clone()).to_string();
        // The parameters of a file of limited depth: parsing them again cannot fail.
        let params = Document::parse(Arc::new(Text::new("parameters", params))).ok();
        Self { records, derived, params }
    }
}

/// What a section's record is worth today.
fn judged(input: &Input<'_>, record: &SectionRecord) -> SectionRecord {
    let taken = input.snapshot.manifest.taken.at;
    let age = input.today - record.at.unwrap_or(taken);
    let reason = match (&record.declared, input.max_age) {
        (Some(declared), _) if declared.expires <= input.today => {
            format!("what {} declared expired on {}", declared.by, declared.expires.date_naive())
        }
        (_, Some(limit)) if age > limit => format!("collected {} ago", duration::in_words(age)),
        (_, Some(_) | None) => return record.clone(),
    };
    SectionRecord { state: State::NotAsked, reason: Some(reason), ..record.clone() }
}

/// The roots of queries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Roots<'a> {
    pub snapshot: &'a Snapshot,
    pub computed: &'a Computed,
}

impl<'a> Source<'a> for Roots<'a> {
    fn section(&self, id: &str) -> Option<NodeRef<'a>> {
        match self.computed.derived.get(id) {
            Some(derived) => Some(derived.document.root()),
            None => self.snapshot.section(id),
        }
    }

    fn param(&self, name: &str) -> Option<NodeRef<'a>> {
        self.computed.params.as_ref()?.root().get(name)
    }

    fn document(&self) -> Option<NodeRef<'a>> {
        None
    }
}

/// Everything a check can look at.
#[derive(Debug)]
pub(super) struct World<'a> {
    pub input: &'a Input<'a>,
    pub roots: Roots<'a>,
    pub evaluator: Evaluator<'a, Roots<'a>>,
}

impl<'a> World<'a> {
    pub(super) fn new(input: &'a Input<'a>, computed: &'a Computed, checks: &[&'a Check]) -> Self {
        let roots = Roots { snapshot: input.snapshot, computed };
        let (mut queries, mut conditions) = (Vec::new(), Vec::new());
        for check in checks {
            queries.extend(check.when.iter().flat_map(of_path));
            collect(&check.assertion, &mut queries, &mut conditions);
        }
        let evaluator =
            Evaluator::new(roots, input.snapshot.manifest.taken.at, queries).with_conditions(conditions);
        Self { input, roots, evaluator }
    }

    /// What the snapshot says of a section, as judged today.
    pub(super) fn record(&self, id: &str) -> Option<&'a SectionRecord> {
        self.roots.computed.records.get(id)
    }

    /// The derived section of this id, if it is one.
    pub(super) fn derived(&self, id: &str) -> Option<&'a Derived> {
        self.roots.computed.derived.get(id)
    }
}

fn of_path(path: &Path) -> impl Iterator<Item = &Query> {
    std::iter::once(&path.query).chain(&path.population)
}

/// Every query that an assertion walks from a root, and every condition that stands alone.
fn collect<'q>(assertion: &'q Assertion, queries: &mut Vec<&'q Query>, conditions: &mut Vec<&'q Condition>) {
    match assertion {
        Assertion::Forbid(path) | Assertion::Require { path, .. } => queries.extend(of_path(path)),
        Assertion::Share(share) => {
            queries.extend(of_path(&share.among));
            conditions.extend(&share.filter);
        }
        Assertion::Cadence(cadence) => queries.extend(of_path(&cadence.of)),
        Assertion::Attest(_) => {}
        Assertion::Either { of, .. } | Assertion::All(of) => {
            of.iter().for_each(|part| collect(part, queries, conditions));
        }
    }
}
