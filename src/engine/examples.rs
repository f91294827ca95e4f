//! Runs the examples that stand in policies: each is a small snapshot with expected outcomes. Comes
//! in: a policy set. Goes out: what came out otherwise. Not here: parsing them (`policy`).

use std::collections::BTreeMap;

use crate::config::ResolvedParams;
use crate::policy::compiled::{Policy, PolicySet};
use crate::policy::examples::{Example, Expected};
use crate::policy::params;
use crate::snapshot::Snapshot;
use crate::snapshot::record::{Cloud, SectionRecord, State, Tenant};
use crate::yaml::{Mistake, Mistakes};

use super::finding::{Finding, Outcome};
use super::{Input, MAX_EVIDENCE, evaluate};

/// Runs one example of a policy. Gives the findings, in the order of the checks.
///
/// # Errors
/// Parameters that do not fit, data that no snapshot may hold.
pub fn run(set: &PolicySet, policy: &Policy, example: &Example) -> Result<Vec<Finding>, Mistakes> {
    let params = params::resolve_with(set, &example.params, false)?;
    let snapshot = snapshot(example)?;
    Ok(findings(set, policy, example, (&params, &snapshot)))
}

fn findings(
    set: &PolicySet,
    policy: &Policy,
    example: &Example,
    (params, snapshot): (&ResolvedParams, &Snapshot),
) -> Vec<Finding> {
    let only = [policy.id.clone()];
    evaluate(&Input {
        policies: set,
        snapshot,
        params,
        answers: &example.answers,
        waivers: &[],
        today: example.today,
        max_age: None,
        max_evidence: MAX_EVIDENCE,
        only: Some(&only),
    })
    .findings
}

/// The snapshot of an example. Logs reach back as far as anybody asks.
fn snapshot(example: &Example) -> Result<Snapshot, Mistakes> {
    let tenant = Tenant {
        id: "00000000-0000-0000-0000-000000000000".to_owned(),
        display_name: None,
        default_domain: None,
        cloud: Cloud::Global,
    };
    let mut sections = BTreeMap::new();
    for (id, state) in &example.states {
        let data = example.data.get(id).map_or(serde_json::Value::Null, |items| items.clone().into());
        let data = match state {
            State::Read | State::Partial if data.is_null() => serde_json::Value::Array(Vec::new()),
            State::Read | State::Partial => data,
            State::Denied | State::Unlicensed | State::Unavailable | State::Failed | State::NotAsked => {
                serde_json::Value::Null
            }
        };
        sections.insert(id.clone(), (SectionRecord::of(*state), data));
    }
    Snapshot::from_sections(tenant, example.taken, sections).map_err(|error| {
        let message = format!("the data of this example is no snapshot: {error}");
        Mistakes(vec![Mistake::new("examples::data", message, Some(example.place.clone()))])
    })
}

/// What came out otherwise than an example expects, one sentence each.
pub fn differences(example: &Example, findings: &[Finding]) -> Vec<String> {
    let mut differences = Vec::new();
    for (check, expected) in &example.expect {
        let found = findings.iter().find(|finding| finding.check.check == *check);
        let Some(found) = found else {
            differences.push(format!("`{check}` was not evaluated"));
            continue;
        };
        if !agrees(*expected, found.outcome) {
            let (wanted, came) = (word_of(*expected), word(found.outcome));
            differences.push(format!("`{check}` should be {wanted} and is {came}: {}", found.reason));
        }
    }
    differences
}

fn agrees(expected: Expected, outcome: Outcome) -> bool {
    match (expected, outcome) {
        (Expected::Pass, Outcome::Pass)
        | (Expected::Fail, Outcome::Fail)
        | (Expected::Unknown, Outcome::Unknown)
        | (Expected::NotApplicable, Outcome::NotApplicable) => true,
        (
            Expected::Pass | Expected::Fail | Expected::Unknown | Expected::NotApplicable,
            Outcome::Pass | Outcome::Fail | Outcome::Unknown | Outcome::NotApplicable | Outcome::Error,
        ) => false,
    }
}

fn word_of(expected: Expected) -> &'static str {
    match expected {
        Expected::Pass => "pass",
        Expected::Fail => "fail",
        Expected::Unknown => "unknown",
        Expected::NotApplicable => "not applicable",
    }
}

/// The outcome as a word.
pub fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::Unknown => "unknown",
        Outcome::NotApplicable => "not applicable",
        Outcome::Error => "an error",
    }
}
