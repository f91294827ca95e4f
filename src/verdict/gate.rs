//! The gate: what a run was asked to fail on, whether it does, and with which exit code. The exit
//! code never depends on the format.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::config::Target;
use crate::engine::finding::Outcome;
use crate::exit;
use crate::report::model::{Competency, FailOn, Finding, Gate, GateResult, Range};

use super::regression::Regression;

/// What an undetermined result means for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum OnUnknown {
    /// Exit code 3.
    Report,
    /// Exit code 1.
    Fail,
    /// Exit code 0.
    Ignore,
}

/// What to gate on.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Asked for; empty = by what is there: `level` with a target, `regression` with a baseline.
    pub fail_on: &'a [FailOn],
    /// What an undetermined result means.
    pub on_unknown: OnUnknown,
    /// Targets by competency.
    pub targets: &'a BTreeMap<String, Target>,
    /// What became worse since the baseline, if there is one.
    pub regression: Option<&'a Regression>,
    /// Urgent criteria alone; competencies without any are not gated.
    pub urgent_only: bool,
    /// Findings alone: no verdict, so targets cannot be decided.
    pub filtered: bool,
    /// Decides whether a dated target already counts.
    pub today: NaiveDate,
}

/// How bad one reason is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Undetermined,
    NotMet,
}

/// Decides.
pub fn gate(asked: &Asked<'_>, competencies: &[Competency], findings: &[Finding]) -> Gate {
    let mut fail_on: Vec<FailOn> = asked.fail_on.to_vec();
    if fail_on.is_empty() {
        fail_on.extend((!asked.targets.is_empty()).then_some(FailOn::Level));
        fail_on.extend(asked.regression.is_some().then_some(FailOn::Regression));
    }
    fail_on.sort_unstable();
    fail_on.dedup();
    if findings.is_empty() {
        let reasons = vec!["no check was evaluated".to_owned()];
        return Gate {
            result: GateResult::NothingEvaluated,
            fail_on,
            exit: exit::NOTHING_EVALUATED,
            reasons,
        };
    }
    let mut reasons = Vec::new();
    for kind in &fail_on {
        match kind {
            FailOn::Level => levels(asked, competencies, &mut reasons),
            FailOn::Violation => violations(asked, findings, &mut reasons),
            FailOn::Regression => regressions(asked, &mut reasons),
            FailOn::Never => {}
        }
    }
    let never = fail_on.iter().all(|kind| *kind == FailOn::Never);
    let worst = reasons.iter().map(|(weight, _)| *weight).max();
    let result = match worst {
        _ if never => GateResult::NothingToGate,
        None => GateResult::Met,
        Some(Weight::NotMet) => GateResult::NotMet,
        Some(Weight::Undetermined) => GateResult::Undetermined,
    };
    let exit = match (result, asked.on_unknown) {
        (GateResult::Met | GateResult::NothingToGate, _) => exit::MET,
        (GateResult::NotMet, _) | (GateResult::Undetermined, OnUnknown::Fail) => exit::NOT_MET,
        (GateResult::Undetermined, OnUnknown::Report) => exit::UNDETERMINED,
        (GateResult::Undetermined, OnUnknown::Ignore) => exit::MET,
        (GateResult::NothingEvaluated, _) => exit::NOTHING_EVALUATED,
    };
    Gate { result, fail_on, exit, reasons: reasons.into_iter().map(|(_, reason)| reason).collect() }
}

type Reasons = Vec<(Weight, String)>;

fn levels(asked: &Asked<'_>, competencies: &[Competency], reasons: &mut Reasons) {
    if asked.filtered {
        reasons.push((
            Weight::Undetermined,
            "a filtered run has no verdict to compare with a target".to_owned(),
        ));
        return;
    }
    for (id, target) in asked.targets {
        if target.by.is_some_and(|by| asked.today < by) {
            continue;
        }
        let Some(competency) = competencies.iter().find(|competency| competency.id == *id) else { continue };
        if asked.urgent_only && competency.gate.is_none() {
            continue;
        }
        let Some(Range { proven, possible }) = competency.gate else {
            let reason = format!("{}: nothing was decided, the target is {}", competency.name, target.level);
            reasons.push((Weight::Undetermined, reason));
            continue;
        };
        if possible < target.level {
            let reason = format!("{}: at most {possible}, the target is {}", competency.name, target.level);
            reasons.push((Weight::NotMet, reason));
        } else if proven < target.level {
            let reason = format!("{}: {proven} is proven, the target is {}", competency.name, target.level);
            reasons.push((Weight::Undetermined, reason));
        }
    }
}

fn violations(asked: &Asked<'_>, findings: &[Finding], reasons: &mut Reasons) {
    let counts = |finding: &&Finding| {
        !finding.informs && finding.waived.is_none() && (finding.urgent || !asked.urgent_only)
    };
    for finding in findings.iter().filter(counts) {
        match finding.outcome {
            Outcome::Fail => {
                reasons.push((Weight::NotMet, format!("{}/{} fails", finding.policy, finding.check)))
            }
            Outcome::Unknown | Outcome::Error => {
                reasons
                    .push((Weight::Undetermined, format!("{}/{} is unknown", finding.policy, finding.check)));
            }
            Outcome::Pass | Outcome::NotApplicable => {}
        }
    }
}

fn regressions(asked: &Asked<'_>, reasons: &mut Reasons) {
    let Some(regression) = asked.regression else { return };
    reasons.extend(regression.worse.iter().map(|text| (Weight::NotMet, text.clone())));
    reasons.extend(regression.lost.iter().map(|text| (Weight::Undetermined, text.clone())));
}
