//! How many answers a tenant with Graph access owes. Its Graph sections are read and so is what its
//! administrators declared; it has no registers and has answered nothing. What then is left to a
//! person for level 200, and for 300, of all competencies with levels together has a limit.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use levelmark::config::{Config, Given, resolve_params};
use levelmark::engine::finding::{Finding, Outcome};
use levelmark::engine::{Input, evaluate};
use levelmark::policy::compiled::{Check, CheckRef, ParamKind, Policy, PolicySet};
use levelmark::policy::coverage::{self, Evidence};
use levelmark::policy::load::LoadOptions;
use levelmark::sections::{self, Via};
use levelmark::snapshot::document::{Document, Text};
use levelmark::snapshot::record::{SectionRecord, State};
use levelmark::snapshot::{Snapshot, Wanted};
use serde_json::json;

/// Contoso with every Graph section read and without its registers.
fn snapshot() -> Snapshot {
    let mut snapshot = Snapshot::open(Path::new("fixtures/tenants/contoso/snapshot"), Wanted::All).unwrap();
    for section in sections::all() {
        let id = section.id;
        if section.via.contains(&Via::Import) {
            snapshot.manifest.sections.remove(id);
            snapshot.documents.remove(id);
        } else if section.via.contains(&Via::Graph) && !snapshot.documents.contains_key(id) {
            let text = Text::new(format!("{id}.json"), "[]".to_owned());
            snapshot.manifest.sections.insert(id.to_owned(), SectionRecord::of(State::Read));
            snapshot.documents.insert(id.to_owned(), Document::parse(Arc::new(text)).unwrap());
        }
        if let Some(record) = snapshot.manifest.sections.get_mut(id) {
            record.fields = None;
        }
    }
    snapshot
}

fn findings(set: &PolicySet) -> Vec<Finding> {
    let config = std::fs::read("fixtures/tenants/contoso/levelmark.yaml").unwrap();
    let mut given = Config::read("levelmark.yaml", &config).unwrap().params;
    for name in resolve_params(set, &given).unwrap().missing {
        let value = match set.params[&name].kind {
            ParamKind::Ids => json!(["2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff"]),
            ParamKind::Strings => json!(["it01@contoso.com"]),
            ParamKind::Integer => json!(100),
            kind => panic!("{name} is a required {kind:?} that contoso should declare"),
        };
        given.insert(name, Given { value, place: None });
    }
    let params = resolve_params(set, &given).unwrap();
    let snapshot = snapshot();
    let today = snapshot.manifest.taken.at + TimeDelta::days(1);
    let input = Input {
        policies: set,
        snapshot: &snapshot,
        params: &params,
        answers: &[],
        waivers: &[],
        today,
        max_age: None,
        max_evidence: 0,
        only: None,
    };
    evaluate(&input).findings
}

/// Whether a check needs a person even where everything that Graph shows is good. What fails or does
/// not apply at Contoso counts too if a person has a say in it: elsewhere it may pass and be asked.
fn is_open(check: &Check, finding: &Finding) -> bool {
    match (coverage::evidence(check), finding.outcome) {
        (Evidence::Asked | Evidence::Proxy, _) => true,
        (_, Outcome::Unknown | Outcome::Error) => true,
        (Evidence::Mixed, Outcome::Fail | Outcome::NotApplicable) => true,
        (Evidence::Mixed, Outcome::Pass) => false,
        (Evidence::Direct, Outcome::Pass | Outcome::Fail | Outcome::NotApplicable) => false,
    }
}

/// The checks that are left to people, up to a level.
struct Open<'s> {
    set: &'s PolicySet,
    level: u16,
    /// Check that gates up to the level -> the check that is asked in its place.
    asked: BTreeMap<CheckRef, CheckRef>,
}

fn name(policy: &Policy, check: &Check) -> CheckRef {
    CheckRef { policy: policy.id.clone(), check: check.id.clone() }
}

impl<'s> Open<'s> {
    fn new(set: &'s PolicySet, level: u16, findings: &[Finding]) -> Self {
        let mut asked = BTreeMap::new();
        for finding in findings {
            let (policy, check) = set.check(&finding.check).unwrap();
            let gates = set.model.gates(policy, check).is_some_and(|gates| gates <= level);
            if gates && is_open(check, finding) {
                let source = check.same_as.clone().unwrap_or_else(|| finding.check.clone());
                asked.insert(name(policy, check), source);
            }
        }
        Self { set, level, asked }
    }

    /// What has to be asked: of checks that one of a higher rung settles, and that rung is asked for
    /// this level anyway or measured, nothing.
    fn questions(&self) -> BTreeSet<&CheckRef> {
        let settled = |check: &CheckRef| {
            let (_, check) = self.set.check(check).unwrap();
            check.satisfied_by.iter().any(|group| group.iter().all(|target| self.is_decided(target)))
        };
        self.asked.iter().filter(|(check, _)| !settled(check)).map(|(_, source)| source).collect()
    }

    /// Asked or measured for this level in any case.
    fn is_decided(&self, target: &CheckRef) -> bool {
        let (policy, check) = self.set.check(target).unwrap();
        self.set.model.gates(policy, check).is_some_and(|gates| gates <= self.level)
    }
}

fn at_most(limit: usize, level: u16) {
    let set = PolicySet::load(&LoadOptions::default()).unwrap();
    let findings = findings(&set);
    let open = Open::new(&set, level, &findings);
    let questions = open.questions();
    let list: Vec<String> = questions
        .iter()
        .map(|id| {
            let finding = findings.iter().find(|finding| finding.check == **id).unwrap();
            let (_, check) = set.check(id).unwrap();
            format!("{id} [{:?} {:?}]: {}", coverage::evidence(check), finding.outcome, finding.reason)
        })
        .collect();
    assert!(
        questions.len() <= limit,
        "{} answers for level {level}, at most {limit}:\n{}",
        questions.len(),
        list.join("\n")
    );
}

#[test]
fn forty_answers_decide_level_200() {
    at_most(40, 200);
}

#[test]
fn eighty_answers_decide_level_300() {
    at_most(80, 300);
}
