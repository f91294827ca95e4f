//! The cover: whose report, about what, by which editions and when, and the one sentence that a board
//! reads. Comes in: the report and what the client is called. Goes out: texts for the template.

use crate::engine::finding::Outcome;
use crate::report::model::{GateResult, Report};

use super::Options;
use super::words::{self, Mark};

/// The cover.
#[derive(Debug)]
pub(super) struct Cover {
    pub title: String,
    pub client: String,
    pub scope: String,
    pub tenant: String,
    pub domain: String,
    pub cloud: &'static str,
    pub evidence: String,
    /// That it is redacted, or empty.
    pub redacted: String,
    pub today: String,
    pub tool: String,
    /// The tenant's level, "200" or empty.
    pub level: String,
    pub level_name: &'static str,
    pub up_to: Option<u16>,
    pub gate: Mark,
    pub gate_text: &'static str,
    pub reasons: Vec<String>,
    /// (mark, how many) of all checks.
    pub tally: Vec<(Mark, String)>,
    pub checks: String,
    pub policies: String,
}

/// The cover of a report.
pub(super) fn cover(report: &Report, options: &Options) -> Cover {
    let tenant = &report.snapshot.tenant;
    let name = tenant.called();
    let client = options.client.as_deref().map(words::clean).unwrap_or_default();
    let (gate, gate_text) = gate(report.gate.result);
    let mut policies: Vec<&str> = report.findings.iter().map(|found| found.policy.as_str()).collect();
    policies.dedup();
    let count = |outcome| report.findings.iter().filter(|found| found.outcome == outcome).count();
    let tally = [Outcome::Pass, Outcome::Fail, Outcome::Unknown, Outcome::NotApplicable, Outcome::Error];
    Cover {
        title: match (client.is_empty(), name.is_empty()) {
            (false, _) => client.clone(),
            // At `summary` a report does not say whose it is.
            (true, true) => "Tenant".to_owned(),
            (true, false) => words::clean(name),
        },
        client,
        scope: options.scope.as_deref().map(words::clean).unwrap_or_default(),
        tenant: words::clean(name),
        domain: tenant.default_domain.as_deref().map(words::clean).unwrap_or_default(),
        cloud: words::cloud(tenant.cloud),
        evidence: words::moment(report.evidence_time),
        redacted: super::super::words::redacted(report).map(|text| words::clean(&text)).unwrap_or_default(),
        today: words::moment(report.today),
        tool: words::clean(&report.tool),
        level: report.tenant.map(|range| range.proven.to_string()).unwrap_or_default(),
        level_name: report.tenant.map_or("", |range| words::level_name(range.proven)),
        up_to: report.tenant.filter(|range| range.possible > range.proven).map(|range| range.possible),
        gate,
        gate_text,
        reasons: report.gate.reasons.iter().map(|reason| words::clean(reason)).collect(),
        tally: tally
            .into_iter()
            .map(|outcome| (words::outcome(outcome), count(outcome)))
            .filter(|(_, n)| *n > 0)
            .map(|(mark, n)| (mark, words::number(n)))
            .collect(),
        checks: words::number(report.findings.len()),
        policies: words::number(policies.len()),
    }
}

/// What the gate says, in words.
pub(super) fn gate(result: GateResult) -> (Mark, &'static str) {
    let mark = |sign, class| Mark { sign, word: "", class };
    match result {
        GateResult::Met => (mark("✓", "pass"), "What was asked for is met"),
        GateResult::NotMet => (mark("✗", "fail"), "What was asked for is not met"),
        GateResult::Undetermined => (mark("?", "open"), "It could not be seen whether the target is met"),
        GateResult::NothingToGate => (mark("–", "none"), "No target was set"),
        GateResult::NothingEvaluated => (mark("!", "error"), "No check was evaluated"),
    }
}
