//! Asking, keeping and exchanging answers, on a model of three levels.

mod asking;
mod sheets;
mod storing;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Owners, Plan, Scope, plan};
use crate::config::{Answer, Attestations, ResolvedParams, Target, resolve_params};
use crate::engine::Input;
use crate::policy::compiled::{CheckRef, PolicySet};
use crate::snapshot::Snapshot;
use crate::snapshot::record::{Cloud, Tenant};

pub(super) const TENANT: &str = "e6229db7-cac6-5963-9c9b-e3bcf9e83679";
pub(super) const OTHER: &str = "00000000-0000-4000-8000-000000000001";
pub(super) const ADA: &str = "Ada Lovelace <ada@contoso.com>";

const MODEL: &str = "\
levels:
  100: { name: Initial }
  200: { name: Managed }
  300: { name: Defined }
  400: { name: Predictable }
documents:
  - { id: d, title: The document, edition: draft, url: 'https://example.com/d' }
competencies:
  - id: infrastructure
    name: Infrastructure
    prefix: INF
    document: d
    levels: [100, 200, 300, 400]
    criteria:
      - { id: INF-200-G1, claims: [INF-200-GRC-01] }
      - { id: INF-200-G2, claims: [INF-200-GRC-02] }
      - { id: INF-300-G1, claims: [INF-300-GRC-01] }
      - { id: INF-400-G1, claims: [INF-400-GRC-01] }
  - id: continuity
    name: Continuity
    prefix: BCR
    document: d
    levels: []
    criteria:
      - { id: BCR-4, claims: [BCR-25] }
";

fn policy(id: &str, level: &str, topics: &str, claim: &str, checks: &str) -> (String, String) {
    let competency = if id.starts_with("BCR") { "continuity" } else { "infrastructure" };
    let text = format!(
        "id: {id}\ntitle: Title of {id}\ncompetency: {competency}\n{level}dimension: governance\ntopics: [{topics}]\n\
         claims: [{claim}]\nabout: What it means.\nwhy: Why it matters.\nfix: What to do.\n\
         references: [{{ title: Docs, url: https://learn.microsoft.com/entra }}]\nchecks:\n{checks}\
         examples: [{{ name: one, today: 2026-01-01T00:00:00Z, expect: {{}} }}]\n"
    );
    (format!("p/{id}.yaml"), text)
}

/// A ladder of three rungs (the lower two settled by the next), a measured check, duties.
pub(super) fn policies() -> PolicySet {
    let question = |id: &str, more: &str| {
        format!(
            "  - {{ id: {id}, title: Claim of {id}, attest: Question of {id}?, valid_for: P365D{more} }}\n"
        )
    };
    let files = [
        policy(
            "INF-200-G1",
            "level: 200\n",
            "ladder",
            "INF-200-GRC-01",
            &question("low", ", satisfied_by: [INF-300-G1/middle]"),
        ),
        policy(
            "INF-200-G2",
            "level: 200\n",
            "sharing",
            "INF-200-GRC-02",
            "  - { id: counted, title: Somebody exists, require: '$.users.accounts[*]', ask: Who exists? }\n\
             \x20 - { id: only-measured, title: Measured alone, require: '$.groups.groups[*]', measured_only: true }\n",
        ),
        policy(
            "INF-300-G1",
            "level: 300\n",
            "ladder",
            "INF-300-GRC-01",
            &question("middle", ", may_not_apply: true, satisfied_by: [INF-400-G1/high]"),
        ),
        policy("INF-400-G1", "level: 400\n", "ladder", "INF-400-GRC-01", &question("high", "")),
        policy("BCR-4", "", "duties", "BCR-25", &question("duty", "")),
    ];
    let mut texts: Vec<(&str, &str)> = vec![("model.yaml", MODEL)];
    texts.extend(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    PolicySet::from_texts(&texts).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// Everything an input borrows.
pub(super) struct World {
    pub policies: PolicySet,
    pub snapshot: Snapshot,
    pub params: ResolvedParams,
    pub answers: Vec<Answer>,
    pub owners: BTreeMap<String, Vec<String>>,
    pub targets: BTreeMap<String, Target>,
}

impl World {
    /// No snapshot, and these answers.
    pub fn new(answers: &str) -> Self {
        let policies = policies();
        let tenant = Tenant {
            id: TENANT.to_owned(),
            display_name: None,
            default_domain: None,
            cloud: Cloud::default(),
        };
        let snapshot = Snapshot::from_sections(tenant, today(), BTreeMap::new()).unwrap();
        let params = resolve_params(&policies, &BTreeMap::new()).unwrap();
        let text = format!("tenant: {TENANT}\n{answers}");
        let answers = Attestations::read("t", text.as_bytes()).unwrap().answers;
        Self { policies, snapshot, params, answers, owners: BTreeMap::new(), targets: BTreeMap::new() }
    }

    pub fn input(&self) -> Input<'_> {
        Input {
            policies: &self.policies,
            snapshot: &self.snapshot,
            params: &self.params,
            answers: &self.answers,
            waivers: &[],
            today: today(),
            max_age: None,
            max_evidence: 1,
            only: None,
        }
    }

    pub fn plan(&self, scope: &Scope<'_>) -> Plan {
        plan(&self.input(), &self.targets, Owners(&self.owners), scope).unwrap()
    }
}

pub(super) fn today() -> DateTime<Utc> {
    "2026-11-02T10:30:00Z".parse().unwrap()
}

pub(super) fn check(name: &str) -> CheckRef {
    let (policy, check) = name.split_once('/').unwrap();
    CheckRef { policy: policy.to_owned(), check: check.to_owned() }
}

pub(super) fn names(plan: &Plan) -> Vec<String> {
    plan.questions.iter().map(|question| question.check.to_string()).collect()
}
