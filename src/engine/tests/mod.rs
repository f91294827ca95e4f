//! The meaning of checks, in tables. A check is written as in a policy file and loaded as one; its
//! evidence is a snapshot in memory. Here is the bench on which that is done; the tables are by
//! subject.

mod absence;
mod answers;
mod counts;
mod logic;
mod measures;
mod standing;
mod waivers;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::finding::{AttestationState, Basis, Finding, Outcome, Remedy, WaiverState};
use super::{Evaluation, Input, evaluate};
use crate::config::{Attestations, Config, Given, resolve_params};
use crate::policy::compiled::{CheckRef, PolicySet};
use crate::snapshot::Snapshot;
use crate::snapshot::record::{Cloud, SectionRecord, State, Tenant};

const TENANT: &str = "00000000-0000-4000-8000-000000000001";
/// When the evidence is from.
const TAKEN: &str = "2026-06-30T00:00:00Z";
/// The day on which it is judged.
const TODAY: &str = "2026-07-01T00:00:00Z";

const MODEL: &str = "\
levels:
  300: { name: Defined }
documents:
  - { id: d, title: The document, edition: draft, url: 'https://example.com/d' }
competencies:
  - id: infrastructure
    name: Infrastructure
    prefix: INF
    document: d
    levels: [300]
    criteria:
      - { id: INF-300-1, claims: [INF-300-PRO-01] }
";

const PARAMS: &str = "\
params:
  people: { about: People, type: ids, required: true }
  service: { about: Service, type: string, required: true }
  least: { about: Least number, type: integer, required: true }
  rate: { about: Least share, type: share, default: 0.95 }
  days: { about: A length, type: duration, default: P7D }
  names: { about: Names, type: strings }
";

/// A check with its evidence.
pub(super) struct Bench {
    checks: Vec<(String, String)>,
    sections: BTreeMap<String, (SectionRecord, Value)>,
    params: BTreeMap<String, Given>,
    answers: String,
    waivers: String,
    today: DateTime<Utc>,
    max_age: Option<TimeDelta>,
    max_evidence: usize,
    domain: Option<String>,
}

impl Bench {
    /// A check by its keys, in YAML; its id is `c`.
    pub(super) fn new(check: &str) -> Self {
        Self {
            checks: vec![("c".to_owned(), check.to_owned())],
            sections: BTreeMap::new(),
            params: BTreeMap::new(),
            answers: String::new(),
            waivers: String::new(),
            today: TODAY.parse().unwrap(),
            max_age: None,
            max_evidence: 50,
            domain: None,
        }
    }

    /// A second check of the same policy.
    pub(super) fn and(mut self, id: &str, check: &str) -> Self {
        self.checks.push((id.to_owned(), check.to_owned()));
        self
    }

    /// A section that was read.
    pub(super) fn with(self, id: &str, items: Value) -> Self {
        self.recorded(id, json!({ "state": "read" }), items)
    }

    /// A section with what the manifest says of it; `null` for no data.
    pub(super) fn recorded(mut self, id: &str, record: Value, items: Value) -> Self {
        self.sections.insert(id.to_owned(), (serde_json::from_value(record).unwrap(), items));
        self
    }

    /// A section that could not be seen.
    pub(super) fn lost(mut self, id: &str, state: State) -> Self {
        self.sections.insert(id.to_owned(), (SectionRecord::of(state), Value::Null));
        self
    }

    pub(super) fn param(mut self, name: &str, value: Value) -> Self {
        self.params.insert(name.to_owned(), Given { value, place: None });
        self
    }

    /// An answer by its keys in the flow style of YAML; check, author and proof are filled in.
    pub(super) fn answer(mut self, keys: &str) -> Self {
        let check = if keys.contains("check:") { "" } else { "check: INF-300-1/c, " };
        let by = if keys.contains("by:") { "" } else { "by: \"Ada <ada@contoso.com>\", " };
        let proof = if keys.contains("answer: yes") { "evidence: 'https://example.com', " } else { "" };
        self.answers += &format!("  - {{ {check}{by}{proof}{keys} }}\n");
        self
    }

    /// A waiver of the check by what it accepts, with its other keys where they matter.
    pub(super) fn waiver(mut self, accepts: &str, keys: &str) -> Self {
        let term = if keys.contains("on:") { "" } else { ", on: 2026-06-01, expires: 2026-12-01" };
        let rest = if keys.is_empty() { String::new() } else { format!(", {keys}") };
        self.waivers += &format!(
            "  - {{ check: INF-300-1/c, kind: accepted-risk, accepts: {accepts}, reason: r, owner: o, \
             approved_by: \"Ada <ada@contoso.com>\"{term}{rest} }}\n"
        );
        self
    }

    pub(super) fn today(mut self, today: &str) -> Self {
        self.today = format!("{today}T00:00:00Z").parse().unwrap();
        self
    }

    pub(super) fn max_age(mut self, days: i64) -> Self {
        self.max_age = Some(TimeDelta::days(days));
        self
    }

    pub(super) fn domain(mut self, domain: &str) -> Self {
        self.domain = Some(domain.to_owned());
        self
    }

    pub(super) fn max_evidence(mut self, most: usize) -> Self {
        self.max_evidence = most;
        self
    }

    fn policies(&self) -> PolicySet {
        let check = |(id, check): &(String, String)| {
            let keys: Vec<String> = check.lines().map(|line| format!("    {line}\n")).collect();
            format!("  - id: {id}\n    title: It is so\n{}", keys.concat())
        };
        let checks: String = self.checks.iter().map(check).collect();
        let policy = format!(
            "id: INF-300-1\ntitle: A policy\ncompetency: infrastructure\nlevel: 300\ndimension: process\n\
             claims: [INF-300-PRO-01]\nabout: It is.\nwhy: Because.\nfix: Do.\nchecks:\n{checks}"
        );
        let texts = [("model.yaml", MODEL), ("params.yaml", PARAMS), ("p/INF-300-1.yaml", policy.as_str())];
        PolicySet::from_texts(&texts).unwrap_or_else(|mistakes| panic!("{mistakes}\n{policy}"))
    }

    /// What becomes of everything.
    pub(super) fn evaluate(&self) -> Evaluation {
        let policies = self.policies();
        let tenant = Tenant {
            id: TENANT.to_owned(),
            display_name: None,
            default_domain: self.domain.clone(),
            cloud: Cloud::Global,
        };
        let taken = TAKEN.parse().unwrap();
        let snapshot = Snapshot::from_sections(tenant, taken, self.sections.clone()).unwrap();
        let params = resolve_params(&policies, &self.params).unwrap();
        let answers = format!("tenant: {TENANT}\nanswers:\n{}", self.answers);
        let answers = match self.answers.as_str() {
            "" => Vec::new(),
            _ => Attestations::read("a.yaml", answers.as_bytes()).unwrap_or_else(|e| panic!("{e}")).answers,
        };
        let waivers = match self.waivers.as_str() {
            "" => Vec::new(),
            text => {
                let text = format!("waivers:\n{text}");
                Config::read("c.yaml", text.as_bytes()).unwrap_or_else(|e| panic!("{e}")).waivers
            }
        };
        evaluate(&Input {
            policies: &policies,
            snapshot: &snapshot,
            params: &params,
            answers: &answers,
            waivers: &waivers,
            today: self.today,
            max_age: self.max_age,
            max_evidence: self.max_evidence,
            only: None,
        })
    }

    /// The finding of the check `c`.
    pub(super) fn judge(&self) -> Finding {
        let check = CheckRef { policy: "INF-300-1".into(), check: "c".into() };
        let found = self.evaluate().findings.into_iter().find(|finding| finding.check == check);
        found.unwrap()
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.judge().outcome
    }

    /// What became of the answers.
    pub(super) fn answered(&self) -> Vec<AttestationState> {
        self.evaluate().answers.into_iter().map(|(state, _)| state).collect()
    }

    /// What became of the waivers.
    pub(super) fn waived(&self) -> Vec<WaiverState> {
        self.evaluate().waivers
    }
}

/// Tickets with an id and what else is said of them.
pub(super) fn tickets(of: &[Value]) -> Value {
    let ticket = |(n, value): (usize, &Value)| {
        let mut value = value.clone();
        value["id"] = json!(format!("k{n}"));
        value
    };
    of.iter().enumerate().map(ticket).collect()
}

/// So many of these.
pub(super) fn times(n: usize, value: &Value) -> Vec<Value> {
    vec![value.clone(); n]
}
