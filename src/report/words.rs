//! Words that several formats share: one word per thing, everywhere.

use crate::engine::finding::{Basis, Outcome, Remedy};
use crate::snapshot::record::State;

use super::model::{Competency, Finding, GateResult, LevelState, Readiness, Report, Verdict, WaiverState};

/// How much a fail weighs: the same in SARIF and in annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// The model calls it urgent.
    Error,
    /// Any other.
    Warning,
    /// Reported only.
    Notice,
}

pub(super) fn weight(finding: &Finding) -> Weight {
    match (finding.informs, finding.urgent) {
        (true, _) => Weight::Notice,
        (false, true) => Weight::Error,
        (false, false) => Weight::Warning,
    }
}

/// That names in the report are none, where the snapshot was redacted.
pub(super) fn redacted(report: &Report) -> Option<String> {
    Some(pseudonyms(&report.snapshot.redacted.as_ref()?.key))
}

/// What is said wherever names of a redacted snapshot are shown.
#[must_use]
pub fn pseudonyms(key: &str) -> String {
    format!("redacted: names, addresses, ids and texts of the tenant are pseudonyms (key {key})")
}

/// `POLICY/CHECK`
pub(super) fn id(finding: &Finding) -> String {
    format!("{}/{}", finding.policy, finding.check)
}

/// "gates 300, urgent"
pub(super) fn gates(finding: &Finding) -> String {
    match finding.gates {
        _ if finding.informs => "informs".to_owned(),
        Some(level) if finding.urgent => format!("gates {level}, urgent"),
        Some(level) => format!("gates {level}"),
        None => "gates readiness".to_owned(),
    }
}

/// Fails that no waiver covers, urgent first, then by level.
pub(super) fn fails(report: &Report) -> Vec<&Finding> {
    let open = |finding: &&Finding| finding.outcome == Outcome::Fail && finding.waived.is_none();
    let mut fails: Vec<&Finding> = report.findings.iter().filter(open).collect();
    fails.sort_by_key(|finding| (finding.informs, !finding.urgent, finding.gates));
    fails
}

/// Fails that a waiver covers, each with what the waiver says: kind and last day, the reason where it is shown.
pub(super) fn waived(report: &Report) -> Vec<(&Finding, String)> {
    let of = |finding: &'_ Finding| {
        let waiver = report.waivers.get(finding.waived?)?;
        let reason = if waiver.reason.is_empty() { String::new() } else { format!(": {}", waiver.reason) };
        Some(format!("{} until {}{reason}", waiver.kind, waiver.expires.date_naive()))
    };
    let fails = report.findings.iter().filter(|finding| finding.outcome == Outcome::Fail);
    fails.filter_map(|finding| Some((finding, of(finding)?))).collect()
}

pub(crate) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::Unknown => "unknown",
        Outcome::NotApplicable => "not applicable",
        Outcome::Error => "error",
    }
}

pub(super) const fn remedy(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Fix => "fix",
        Remedy::Collect => "collect",
        Remedy::Declare => "declare",
        Remedy::Attest => "answer",
        Remedy::Report => "report",
    }
}

pub(crate) const fn gate(result: GateResult) -> &'static str {
    match result {
        GateResult::Met => "met",
        GateResult::NotMet => "not met",
        GateResult::Undetermined => "undetermined",
        GateResult::NothingToGate => "nothing to gate",
        GateResult::NothingEvaluated => "nothing was evaluated",
    }
}

/// What a pass rests on.
pub(crate) const fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Measured => "measured",
        Basis::Imported => "imported",
        Basis::Declared => "declared",
        Basis::Attested => "attested",
        Basis::Compensated => "compensated",
    }
}

pub(super) const fn waiver(state: WaiverState) -> &'static str {
    match state {
        WaiverState::Used => "used",
        WaiverState::Unused => "unused: its check does not fail",
        WaiverState::Expired => "expired",
        WaiverState::Exceeded => "exceeded: the check fails beyond what was accepted",
    }
}

/// What became of a section.
pub(super) const fn state(state: State) -> &'static str {
    match state {
        State::Read => "read",
        State::Partial => "read in part",
        State::Denied => "denied",
        State::Unlicensed => "not licensed",
        State::Unavailable => "not available",
        State::Failed => "failed",
        State::NotAsked => "not asked",
    }
}

/// None for a section that was read, or that nobody asked for.
pub(super) fn unread(of: State) -> Option<&'static str> {
    (!matches!(of, State::Read | State::NotAsked)).then(|| state(of))
}

/// Sections that could not be read though a policy reads them: id, what happened, what is needed.
pub(super) fn unread_sections(report: &Report) -> Vec<(&str, String)> {
    let of = |(id, section): (&'_ String, &'_ super::model::Section)| {
        let word = unread(section.state).filter(|_| !section.policies.is_empty())?;
        let needs = section.needs.as_deref().map(|needs| format!(" ({needs})")).unwrap_or_default();
        Some(format!("{id}: {word}{needs}; read by {}", policies(section.policies.len())))
    };
    report.sections.iter().filter_map(|entry| Some((entry.0.as_str(), of(entry)?))).collect()
}

pub(super) fn policies(count: usize) -> String {
    if count == 1 { "one policy".to_owned() } else { format!("{count} policies") }
}

/// Sections that a policy reads and nobody asked for.
pub(super) fn not_asked(report: &Report) -> usize {
    let lacks =
        |section: &&super::model::Section| section.state == State::NotAsked && !section.policies.is_empty();
    report.sections.values().filter(lacks).count()
}

/// Proven, possible, target as words; None without a verdict.
pub(super) fn verdict(competency: &Competency) -> Option<[String; 3]> {
    Some(match competency.verdict.as_ref()? {
        Verdict::Level { proven, possible, target, .. } => [
            proven.to_string(),
            possible.to_string(),
            target.map_or_else(|| "-".to_owned(), |level| level.to_string()),
        ],
        Verdict::Readiness(word) => [readiness(*word).to_owned(), String::new(), String::new()],
    })
}

pub(crate) const fn readiness(readiness: Readiness) -> &'static str {
    match readiness {
        Readiness::Ready => "ready",
        Readiness::Gaps => "gaps",
        Readiness::Unknown => "unknown",
    }
}

/// "200 met, 300 broken"
pub(super) fn levels(competency: &Competency) -> String {
    let word = |state| match state {
        LevelState::Met => "met",
        LevelState::Broken => "broken",
        LevelState::Open => "open",
        LevelState::Transparent => "empty",
    };
    let above = competency.levels.iter().filter(|level| level.level > crate::verdict::levels::FLOOR);
    above.map(|level| format!("{} {}", level.level, word(level.state))).collect::<Vec<_>>().join(", ")
}

/// The first characters of a text.
pub(crate) fn cropped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}
