//! What queries see: the sections of the snapshot, the derived sections computed from them, and
//! the parameters as a document. Not here: whether a section may be trusted (`standing`).

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::derive::{self, Derived};
use crate::policy::compiled::{Assertion, Check, Path};
use crate::query::ir::Query;
use crate::query::{Evaluator, Source};
use crate::snapshot::Snapshot;
use crate::snapshot::document::{Document, NodeRef};
use crate::snapshot::record::SectionRecord;

use super::Input;

/// Derived sections and parameters: computed before evaluation, borrowed by it.
#[derive(Debug)]
pub(super) struct Computed {
    pub derived: BTreeMap<String, Derived>,
    pub params: Document,
}

impl Computed {
    /// Computes the derived sections that the checks read.
    pub(super) fn new(input: &Input<'_>, checks: &[&Check]) -> Self {
        let wanted: BTreeSet<&str> = checks
            .iter()
            .flat_map(|check| check.reads.sections.keys())
            .map(String::as_str)
            .filter(|id| id.starts_with("derived."))
            .collect();
        let wanted: Vec<&str> = wanted.into_iter().collect();
        let compute = |id: &&str| Some(((*id).to_owned(), derive::compute(id, input.snapshot)?));
        Self {
            derived: wanted.par_iter().filter_map(compute).collect(),
            params: Document::from_value("parameters", &serde_json::Value::Object(input.params.values.clone())),
        }
    }
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
        self.computed.params.root().get(name)
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
        let mut queries = Vec::new();
        for check in checks {
            queries.extend(&check.when);
            collect(&check.assertion, &mut queries);
        }
        let evaluator = Evaluator::new(roots, input.snapshot.manifest.taken.at, queries.into_iter());
        Self { input, roots, evaluator }
    }

    /// What the snapshot, or the computation of a derived section, says of a section.
    pub(super) fn record(&self, id: &str) -> Option<&'a SectionRecord> {
        match self.roots.computed.derived.get(id) {
            Some(derived) => Some(&derived.record),
            None => self.roots.snapshot.record(id),
        }
    }

    /// The derived section that a document belongs to, if it is one.
    pub(super) fn derived(&self, id: &str) -> Option<&'a Derived> {
        self.roots.computed.derived.get(id)
    }
}

/// Every query that an assertion walks from a root.
fn collect<'q>(assertion: &'q Assertion, into: &mut Vec<&'q Query>) {
    let mut path = |path: &'q Path| {
        into.push(&path.query);
        into.extend(&path.population);
    };
    match assertion {
        Assertion::Forbid { path: forbidden, .. } => path(forbidden),
        Assertion::Require { path: required, .. } => path(required),
        Assertion::Share(share) => path(&share.among),
        Assertion::Cadence(cadence) => path(&cadence.of),
        Assertion::Attest(_) => {}
        Assertion::Either { of, .. } | Assertion::All(of) => of.iter().for_each(|part| collect(part, into)),
    }
}
