//! The verdict against a brute-force oracle: every unknown is completed both ways, each completion is
//! judged by a second, naive reading of the rules, and the lowest and highest of these verdicts must
//! be exactly what the program calls proven and possible.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;
use levelmark::engine::finding::{Evidence, Finding, Outcome};
use levelmark::policy::compiled::{
    Assertion, Check, CheckRef, Dimension, Policy, PolicySet, Reads, Source, Strength, Unlicensed,
};
use levelmark::policy::model::{Competency, Model};
use levelmark::report::model::Range;
use levelmark::verdict::levels;
use levelmark::verdict::units::{self, Reading};
use proptest::prelude::*;

const LEVELS: [u16; 5] = [100, 200, 300, 400, 500];

#[derive(Debug, Clone)]
struct RawCheck {
    symptom: bool,
    informs: bool,
    outcome: Outcome,
    waiver: Option<bool>,
    by: Option<usize>,
}

#[derive(Debug, Clone)]
struct RawPolicy {
    level: usize,
    alternative: bool,
    checks: Vec<RawCheck>,
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        4 => Just(Outcome::Pass),
        3 => Just(Outcome::Fail),
        3 => Just(Outcome::Unknown),
        1 => Just(Outcome::NotApplicable),
        1 => Just(Outcome::Error),
    ]
}

fn check() -> impl Strategy<Value = RawCheck> {
    (
        any::<bool>(),
        prop::bool::weighted(0.1),
        outcome(),
        prop::option::weighted(0.4, any::<bool>()),
        prop::option::weighted(0.4, 0..9usize),
    )
        .prop_map(|(symptom, informs, outcome, waiver, by)| RawCheck {
            symptom,
            informs,
            outcome,
            waiver,
            by,
        })
}

fn policies() -> impl Strategy<Value = Vec<RawPolicy>> {
    let policy = (0..5usize, prop::bool::weighted(0.4), prop::collection::vec(check(), 1..3))
        .prop_map(|(level, alternative, checks)| RawPolicy { level, alternative, checks });
    prop::collection::vec(policy, 1..7)
}

fn model() -> Model {
    let competency = Competency {
        id: "c".into(),
        name: "C".into(),
        prefix: "C".into(),
        document: "d".into(),
        levels: LEVELS.to_vec(),
        criteria: Vec::new(),
    };
    Model { levels: BTreeMap::new(), competencies: vec![competency], documents: Vec::new() }
}

fn gated(policy: &RawPolicy, check: &RawCheck) -> u16 {
    LEVELS[(policy.level + usize::from(check.symptom && policy.level < 4)).min(4)]
}

fn policy(index: usize, raw: &RawPolicy, all: &[RawPolicy]) -> Policy {
    let checks = raw.checks.iter().enumerate().map(|(n, check)| Check {
        id: format!("k{n}"),
        title: String::new(),
        assertion: Assertion::Attest(String::new()),
        when: None,
        symptom: check.symptom && raw.level < 4,
        informs: check.informs,
        empty: None,
        unlicensed: Unlicensed::Unknown,
        measured_only: false,
        may_not_apply: false,
        strength: Strength::Direct,
        ask: None,
        valid_for: TimeDelta::days(365),
        satisfied_by: settling(raw, check, all),
        same_as: None,
        reads: Reads::default(),
        at: 0..0,
    });
    Policy {
        id: format!("P{index}"),
        title: String::new(),
        competency: "c".into(),
        level: Some(LEVELS[raw.level]),
        dimension: Dimension::General,
        urgent: false,
        topics: Vec::new(),
        claims: Vec::new(),
        about: String::new(),
        why: String::new(),
        fix: String::new(),
        references: Vec::new(),
        one_of: raw.alternative.then(|| format!("group{}", raw.level)),
        params: Vec::new(),
        checks: checks.collect(),
        source: Arc::new(Source { name: String::new(), text: "".into() }),
        builtin: true,
    }
}

/// All gating checks of another policy, if it is of a strictly higher level.
fn settling(raw: &RawPolicy, check: &RawCheck, all: &[RawPolicy]) -> Vec<Vec<CheckRef>> {
    let Some(target) = check.by.filter(|target| *target < all.len()) else { return Vec::new() };
    let group: Vec<(usize, &RawCheck)> =
        all[target].checks.iter().enumerate().filter(|(_, other)| !other.informs).collect();
    if all[target].level <= raw.level || group.is_empty() {
        return Vec::new();
    }
    vec![
        group
            .iter()
            .map(|(n, _)| CheckRef { policy: format!("P{target}"), check: format!("k{n}") })
            .collect(),
    ]
}

fn set(raw: &[RawPolicy]) -> PolicySet {
    PolicySet {
        policies: raw.iter().enumerate().map(|(n, policy_)| policy(n, policy_, raw)).collect(),
        params: BTreeMap::new(),
        model: model(),
        digest: String::new(),
        overridden: Vec::new(),
    }
}

/// Findings, and of each waiver whether it compensates.
fn findings(raw: &[RawPolicy]) -> (Vec<Finding>, Vec<bool>) {
    let (mut findings, mut waivers) = (Vec::new(), Vec::new());
    for (p, policy) in raw.iter().enumerate() {
        for (c, check) in policy.checks.iter().enumerate() {
            let waived = check.waiver.filter(|_| check.outcome == Outcome::Fail).map(|compensating| {
                waivers.push(compensating);
                waivers.len() - 1
            });
            findings.push(Finding {
                check: CheckRef { policy: format!("P{p}"), check: format!("k{c}") },
                outcome: check.outcome,
                reason: String::new(),
                remedy: None,
                basis: None,
                partly: false,
                incomplete: false,
                waived,
                evidence: Evidence::default(),
            });
        }
    }
    (findings, waivers)
}

/// The naive reading, on definite facts only: None = does not apply.
struct Naive<'a> {
    raw: &'a [RawPolicy],
    facts: BTreeMap<(usize, usize), Option<bool>>,
}

impl Naive<'_> {
    fn fact(&self, p: usize, c: usize) -> Option<bool> {
        let check = &self.raw[p].checks[c];
        if check.informs {
            return None;
        }
        let own = self.facts[&(p, c)]?;
        let helped = settling(&self.raw[p], check, self.raw).iter().any(|group| {
            let facts: Vec<Option<bool>> = group
                .iter()
                .map(|target| {
                    self.fact(target.policy[1..].parse().unwrap(), target.check[1..].parse().unwrap())
                })
                .collect();
            facts.iter().any(Option::is_some) && facts.iter().all(|fact| fact.unwrap_or(true))
        });
        Some(own || helped)
    }

    /// None: nothing applies. Some(true): met.
    fn level(&self, level: u16) -> Option<bool> {
        let mut demands: Vec<bool> = Vec::new();
        let mut alternatives: BTreeSet<usize> = BTreeSet::new();
        for (p, policy) in self.raw.iter().enumerate() {
            let facts = self.facts_at(p, level);
            if policy.alternative {
                alternatives.insert(policy.level);
            } else {
                demands.extend(facts);
            }
        }
        for group in alternatives {
            let members =
                self.raw.iter().enumerate().filter(|(_, policy)| policy.alternative && policy.level == group);
            let each: Vec<bool> = members
                .map(|(p, _)| self.facts_at(p, level))
                .filter(|facts| !facts.is_empty())
                .map(|facts| facts.into_iter().all(|fact| fact))
                .collect();
            if !each.is_empty() {
                demands.push(each.contains(&true));
            }
        }
        (!demands.is_empty()).then(|| demands.into_iter().all(|demand| demand))
    }

    fn facts_at(&self, p: usize, level: u16) -> Vec<bool> {
        let policy = &self.raw[p];
        let here = (0..policy.checks.len()).filter(|c| gated(policy, &policy.checks[*c]) == level);
        here.filter_map(|c| self.fact(p, c)).collect()
    }

    fn verdict(&self) -> Option<u16> {
        let states: Vec<Option<bool>> = LEVELS.iter().map(|level| self.level(*level)).collect();
        if states.iter().all(Option::is_none) {
            return None;
        }
        let below = states.iter().take_while(|state| **state != Some(false));
        let reached =
            below.zip(LEVELS).filter(|(state, _)| **state == Some(true)).map(|(_, level)| level).last();
        Some(reached.unwrap_or(100).max(100))
    }
}

/// The lowest and highest verdict over all completions.
fn oracle(raw: &[RawPolicy], accepted_risks: bool) -> Option<Range> {
    let all: Vec<(usize, usize)> = raw
        .iter()
        .enumerate()
        .flat_map(|(p, policy)| (0..policy.checks.len()).map(move |c| (p, c)))
        .collect();
    let open: Vec<(usize, usize)> = all
        .iter()
        .copied()
        .filter(|(p, c)| matches!(raw[*p].checks[*c].outcome, Outcome::Unknown | Outcome::Error))
        .collect();
    let mut range: Option<Range> = None;
    for bits in 0..(1u32 << open.len()) {
        let fact = |(p, c): (usize, usize)| {
            let check = &raw[p].checks[c];
            match check.outcome {
                Outcome::Pass => Some(true),
                Outcome::Fail => Some(match check.waiver {
                    Some(compensating) => compensating || accepted_risks,
                    None => false,
                }),
                Outcome::NotApplicable => None,
                Outcome::Unknown | Outcome::Error => {
                    let index = open.iter().position(|at| *at == (p, c)).unwrap();
                    Some(bits & (1 << index) != 0)
                }
            }
        };
        let naive = Naive { raw, facts: all.iter().map(|at| (*at, fact(*at))).collect() };
        let verdict = naive.verdict()?;
        range = Some(match range {
            None => Range { proven: verdict, possible: verdict },
            Some(Range { proven, possible }) => {
                Range { proven: proven.min(verdict), possible: possible.max(verdict) }
            }
        });
    }
    range
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn proven_and_possible_are_exactly_the_extremes_of_all_completions(raw in policies()) {
        let set = set(&raw);
        let (findings, waivers) = findings(&raw);
        for (reading, accepted) in [(Reading::Strict, false), (Reading::Gate, true)] {
            let units = units::units(&set, &findings, reading, &waivers);
            let ours = levels::range(&levels::states(&LEVELS, units.iter()));
            prop_assert_eq!(ours, oracle(&raw, accepted));
        }
    }

    /// Deciding one more check never lowers what is proven nor raises what is possible.
    #[test]
    fn more_evidence_only_narrows(raw in policies(), pick in any::<prop::sample::Index>(), good in any::<bool>()) {
        let open: Vec<(usize, usize)> = raw.iter().enumerate()
            .flat_map(|(p, policy)| policy.checks.iter().enumerate().map(move |(c, check)| (p, c, check.outcome)))
            .filter(|(_, _, outcome)| *outcome == Outcome::Unknown)
            .map(|(p, c, _)| (p, c)).collect();
        prop_assume!(!open.is_empty());
        let (p, c) = open[pick.index(open.len())];
        let mut decided = raw.clone();
        decided[p].checks[c].outcome = if good { Outcome::Pass } else { Outcome::Fail };
        decided[p].checks[c].waiver = None;
        let verdict = |raw: &[RawPolicy]| {
            let set = set(raw);
            let (findings, waivers) = findings(raw);
            let units = units::units(&set, &findings, Reading::Strict, &waivers);
            levels::range(&levels::states(&LEVELS, units.iter()))
        };
        if let (Some(before), Some(after)) = (verdict(&raw), verdict(&decided)) {
            prop_assert!(before.proven <= after.proven && after.possible <= before.possible);
        }
    }
}
