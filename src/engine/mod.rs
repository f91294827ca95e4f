//! The engine: policies against evidence. Comes in: a compiled policy set, a snapshot, parameters,
//! answers, waivers and two times. Goes out: one finding per check, and what became of each answer
//! and waiver. It does no I/O and reads no clock. Not here: levels (`verdict`), formats (`report`).

mod answers;
mod assertion;
mod check;
mod culprit;
pub mod examples;
pub mod finding;
mod measure;
mod place;
mod standing;
pub mod supposed;
#[cfg(test)]
mod tests;
mod waivers;
mod world;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rayon::prelude::*;

use crate::config::{Answer, ResolvedParams, Waiver};
use crate::policy::compiled::{Check, CheckRef, Policy, PolicySet};
use crate::snapshot::Snapshot;

pub use answers::expiry;

use check::{Judged, Subject};
use finding::{AttestationState, Finding, WaiverState};
use world::{Computed, World};

/// How many places a finding shows unless told otherwise.
pub const MAX_EVIDENCE: usize = 50;

/// Node visits one check may cost; beyond it a query is runaway, not slow.
pub const BUDGET: u64 = crate::query::Budget::DEFAULT;

/// Everything an evaluation depends on.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The policies.
    pub policies: &'a PolicySet,
    /// The evidence.
    pub snapshot: &'a Snapshot,
    /// Declared parameters with their defaults.
    pub params: &'a ResolvedParams,
    /// Human answers, as their file lists them.
    pub answers: &'a [Answer],
    /// Accepted deviations, as their file lists them.
    pub waivers: &'a [Waiver],
    /// Decides what has expired.
    pub today: DateTime<Utc>,
    /// Sections collected longer ago than this count as not seen.
    pub max_age: Option<TimeDelta>,
    /// How many places a finding shows at most.
    pub max_evidence: usize,
    /// Policies to evaluate; None = all.
    pub only: Option<&'a [String]>,
}

/// What an evaluation found.
#[derive(Debug)]
pub struct Evaluation {
    /// One per evaluated check, in the order of policies and checks.
    pub findings: Vec<Finding>,
    /// What became of each answer, in the order of the file.
    pub answers: Vec<(AttestationState, Option<String>)>,
    /// What became of each waiver, in the order of the file.
    pub waivers: Vec<WaiverState>,
}

/// Evaluates every check. The result depends on the input alone: threads and the layout of files
/// change nothing.
pub fn evaluate(input: &Input<'_>) -> Evaluation {
    let answers = answers::resolve(input);
    let checks = wanted(input);
    let sources: Vec<&Check> = checks.iter().map(|(_, check)| source_of(input.policies, check)).collect();
    let computed = Computed::new(input, &sources);
    let world = World::new(input, &computed, &sources);
    let judge = |(source, (policy, check)): (&&Check, &(&Policy, &Check))| {
        check::judge(&world, &answers, &Subject { policy, check, source })
    };
    let judged: Vec<Judged> = sources.par_iter().zip(checks.par_iter()).map(judge).collect();
    let mut findings = Vec::with_capacity(judged.len());
    let mut used_answers: BTreeMap<usize, (AttestationState, Option<String>)> = BTreeMap::new();
    let mut used_waivers: BTreeMap<usize, WaiverState> = BTreeMap::new();
    for judged in judged {
        if let Some((index, state)) = judged.answer {
            used_answers.insert(index, state);
        }
        for (index, state) in judged.waivers {
            used_waivers.insert(index, state);
        }
        findings.push(judged.finding);
    }
    Evaluation {
        findings,
        answers: answers.states(used_answers),
        waivers: waivers::states(input, used_waivers),
    }
}

fn wanted<'a>(input: &Input<'a>) -> Vec<(&'a Policy, &'a Check)> {
    let chosen = |policy: &&Policy| input.only.is_none_or(|ids| ids.contains(&policy.id));
    input.policies.policies.iter().filter(chosen).flat_map(|p| p.checks.iter().map(move |c| (p, c))).collect()
}

/// The check that is evaluated for this one: itself, or the one that `same_as` names.
fn source_of<'a>(set: &'a PolicySet, check: &'a Check) -> &'a Check {
    let target = check.same_as.as_ref().and_then(|target| set.check(target));
    target.map_or(check, |(_, target)| target)
}

impl PolicySet {
    /// Looks a check up.
    pub fn check(&self, target: &CheckRef) -> Option<(&Policy, &Check)> {
        let policy = self.policies.iter().find(|policy| policy.id == target.policy)?;
        Some((policy, policy.checks.iter().find(|check| check.id == target.check)?))
    }
}
