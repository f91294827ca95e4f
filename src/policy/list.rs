//! Policies in a table and as JSON: the data of `policy list`. Comes in: a policy set. Goes out:
//! rows. Not here: how a table is drawn.

use serde::Serialize;

use super::compiled::{Assertion, Check, Policy, PolicySet};

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Competency id.
    pub competency: String,
    /// Level; none in competencies without levels.
    pub level: Option<u16>,
    /// Dimension, as in the file.
    pub dimension: super::compiled::Dimension,
    /// The model marks it as urgent.
    pub urgent: bool,
    /// Topics.
    pub topics: Vec<String>,
    /// Claims of the model.
    pub claims: Vec<String>,
    /// Its checks.
    pub checks: Vec<CheckRow>,
    /// Built in, or from a directory.
    pub builtin: bool,
    /// Its file.
    pub file: String,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckRow {
    /// Id within the policy.
    pub id: String,
    /// Title.
    pub title: String,
    /// Level that it gates; none if it only informs.
    pub gates: Option<u16>,
    /// A symptom.
    pub symptom: bool,
    /// How it is decided: `measured`, `asked`, or `mixed` where a part asks a person.
    pub decided: Decided,
    /// Sections that it reads.
    pub sections: Vec<String>,
    /// Parameters that it uses.
    pub params: Vec<String>,
}

/// How a check is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decided {
    /// From a snapshot.
    Measured,
    /// By a person.
    Asked,
    /// By either or both.
    Mixed,
}

/// All policies, in order of their ids.
pub fn rows(set: &PolicySet) -> Vec<Row> {
    set.policies.iter().map(|policy| row(policy, set)).collect()
}

fn row(policy: &Policy, set: &PolicySet) -> Row {
    let check = |check: &Check| CheckRow {
        id: check.id.clone(),
        title: check.title.clone(),
        gates: set.model.gates(policy, check),
        symptom: check.symptom,
        decided: decided(&check.assertion),
        sections: check.reads.sections.keys().cloned().collect(),
        params: check.reads.params.iter().cloned().collect(),
    };
    Row {
        id: policy.id.clone(),
        title: policy.title.clone(),
        competency: policy.competency.clone(),
        level: policy.level,
        dimension: policy.dimension,
        urgent: policy.urgent,
        topics: policy.topics.clone(),
        claims: policy.claims.clone(),
        checks: policy.checks.iter().map(check).collect(),
        builtin: policy.builtin,
        file: policy.source.name.clone(),
    }
}

/// How an assertion is decided.
pub fn decided(assertion: &Assertion) -> Decided {
    match assertion {
        Assertion::Attest(_) => Decided::Asked,
        Assertion::Forbid(_) | Assertion::Require { .. } | Assertion::Share(_) | Assertion::Cadence(_) => {
            Decided::Measured
        }
        Assertion::Either { of, .. } | Assertion::All(of) => {
            let mut parts = of.iter().map(decided);
            let first = parts.next().unwrap_or(Decided::Measured);
            if parts.all(|part| part == first) { first } else { Decided::Mixed }
        }
    }
}
