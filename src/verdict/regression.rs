//! What became worse since a baseline: a pass that turned fail, a level that fell. Evidence lost and
//! a changed policy set are named as such.

use std::collections::BTreeMap;

use crate::engine::finding::Outcome;
use crate::report::model::{Competency, Finding, Report, Verdict};

/// The comparison with a baseline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Regression {
    /// Regressions, one sentence each.
    pub worse: Vec<String>,
    /// Passes that became unknown, one sentence each.
    pub lost: Vec<String>,
    /// Things to know, e.g. that the policies changed.
    pub notes: Vec<String>,
}

/// Compares a result with its baseline.
pub fn compare(
    baseline: &Report,
    competencies: &[Competency],
    findings: &[Finding],
    digest: &str,
) -> Regression {
    let mut regression = Regression::default();
    if baseline.policy_set.digest != digest {
        regression
            .notes
            .push("the policies are not those of the baseline; some changes may come from them".to_owned());
    }
    let before: BTreeMap<(&str, &str), Outcome> = baseline
        .findings
        .iter()
        .map(|old| ((old.policy.as_str(), old.check.as_str()), old.outcome))
        .collect();
    for finding in findings.iter().filter(|finding| finding.waived.is_none()) {
        let id = (finding.policy.as_str(), finding.check.as_str());
        match (before.get(&id), finding.outcome) {
            (Some(Outcome::Pass), Outcome::Fail) => {
                regression.worse.push(format!("{}/{} passed in the baseline and fails now", id.0, id.1));
            }
            (Some(Outcome::Pass), Outcome::Unknown | Outcome::Error) => {
                regression
                    .lost
                    .push(format!("{}/{} passed in the baseline; its evidence is lost", id.0, id.1));
            }
            (Some(Outcome::Pass), Outcome::Pass | Outcome::NotApplicable)
            | (Some(Outcome::Fail | Outcome::Unknown | Outcome::NotApplicable | Outcome::Error) | None, _) => {
            }
        }
    }
    for old in &baseline.competencies {
        let new = competencies.iter().find(|competency| competency.id == old.id);
        if let (Some(before), Some(now)) = (level(old), new.and_then(level))
            && now.1 < before.0
        {
            regression.worse.push(format!("{} fell from {} to at most {}", old.name, before.0, now.1));
        }
    }
    regression
}

/// Proven and possible of a verdict with levels.
fn level(competency: &Competency) -> Option<(u16, u16)> {
    match competency.verdict.as_ref()? {
        Verdict::Level { proven, possible, .. } => Some((*proven, *possible)),
        Verdict::Readiness(_) => None,
    }
}
