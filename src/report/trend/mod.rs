//! Results over time: what became of each competency and each check from one result to the next.
//! Comes in: reports of one tenant, in any order. Goes out: one `Trend`, oldest first, for text, JSON
//! and pages. Not here: reading files, refusing other tenants (`commands::trend`), any drawing.

mod text;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::engine::finding::Outcome;

use crate::snapshot::record::Redaction;

use super::model::{Competency, Finding, GateResult, Level, Range, Report, Verdict};

pub use self::text::render;

/// Version of the format of a trend.
pub const FORMAT: u32 = 1;

/// Results of one tenant over time.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Trend {
    /// Format and version.
    pub levelmark: Format,
    /// Directory id of the tenant; empty where the results do not say it (`--detail summary`).
    pub tenant: String,
    /// What people call the tenant, as its latest result says.
    pub name: Option<String>,
    /// Set where names are pseudonyms: with which key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<Redaction>,
    /// One per result, oldest first: the axis of time.
    pub runs: Vec<Run>,
    /// One per competency, in the order of the latest result; then those that only older ones have.
    pub competencies: Vec<Line>,
}

/// `{ "trend": 1 }`
#[derive(Debug, Clone, Copy, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Format {
    /// Version of the format of a trend.
    pub trend: u32,
}

/// One result as a whole.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// When the evidence was taken.
    pub at: DateTime<Utc>,
    /// The day that decided what had expired.
    pub today: DateTime<Utc>,
    /// Program and version.
    pub tool: String,
    /// The lowest of its competencies; None when filtered or nothing has levels.
    pub tenant: Option<Range>,
    /// What the gate said.
    pub gate: GateResult,
    /// A filter left checks out: there is no verdict, and what is missing was not removed.
    pub filtered: bool,
    /// The policies are not those of the result before: some changes may come from them.
    pub other_policies: bool,
}

/// One competency over time.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Line {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// One per result that speaks of the competency, oldest first.
    pub points: Vec<Point>,
}

/// One competency in one result.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Point {
    /// Index into [`Trend::runs`].
    pub run: usize,
    /// When the evidence was taken: the run's `at`.
    pub at: DateTime<Utc>,
    /// The verdict, target included; None where nothing applies or the run is filtered.
    pub verdict: Option<Verdict>,
    /// Each level with its state and its criteria by what became of them.
    pub levels: Vec<Level>,
    /// The indicative position in tens, from and to; None without a profile.
    pub indicative: Option<Range>,
    /// Checks by outcome, informing ones left out.
    pub counts: Outcomes,
    /// What changed since the point before; empty at the first one.
    pub changes: Changes,
}

/// Checks by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outcomes {
    /// Good.
    pub pass: usize,
    /// Wrong; waived ones included.
    pub fail: usize,
    /// Could not be seen.
    pub unknown: usize,
    /// Does not apply.
    pub not_applicable: usize,
    /// Broke: our defect.
    pub error: usize,
    /// Of `fail`, those that a waiver covers.
    pub waived: usize,
}

impl Outcomes {
    /// Counts findings, informing ones left out.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings.into_iter().filter(|finding| !finding.informs) {
            match finding.outcome {
                Outcome::Pass => counts.pass += 1,
                Outcome::Fail => counts.fail += 1,
                Outcome::Unknown => counts.unknown += 1,
                Outcome::NotApplicable => counts.not_applicable += 1,
                Outcome::Error => counts.error += 1,
            }
            counts.waived += usize::from(finding.outcome == Outcome::Fail && finding.waived.is_some());
        }
        counts
    }
}

/// What changed between neighbours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Changes {
    /// Checks with another outcome than before, in the order of the later result.
    pub outcomes: Vec<Change>,
    /// Checks that the result before did not have (0 where a filter may have left them out).
    pub added: usize,
    /// Checks that only the result before had (0 where a filter may have left them out).
    pub removed: usize,
}

/// A check with another outcome than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Change {
    /// `POLICY/CHECK`.
    pub check: String,
    /// What holds when it passes.
    pub claim: String,
    /// Level it gates.
    pub gates: Option<u16>,
    /// Before.
    pub from: Outcome,
    /// After.
    pub to: Outcome,
    /// Which way that is.
    pub way: Way,
}

/// Which way a change goes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// It fails now.
    Worse,
    /// It can't be seen any more.
    Lost,
    /// It failed or was unseen, and passes now.
    Better,
    /// It fails no more without passing, or began or ceased to apply.
    Other,
}

/// Puts results of one tenant in order of their evidence and compares neighbours.
#[must_use]
pub fn of(reports: &[Report]) -> Trend {
    let mut ordered: Vec<&Report> = reports.iter().collect();
    ordered.sort_by_key(|report| (report.evidence_time, report.today));
    let latest = ordered.last();
    let mut lines: Vec<Line> = Vec::new();
    for report in ordered.iter().rev() {
        for competency in &report.competencies {
            if !lines.iter().any(|line| line.id == competency.id) {
                let (id, name) = (competency.id.clone(), competency.name.clone());
                lines.push(Line { id, name, points: Vec::new() });
            }
        }
    }
    for line in &mut lines {
        line.points = points(&line.id, &ordered);
    }
    Trend {
        levelmark: Format { trend: FORMAT },
        tenant: latest.map(|report| report.snapshot.tenant.id.clone()).unwrap_or_default(),
        name: latest.and_then(|report| report.snapshot.tenant.display_name.clone()),
        redacted: latest.and_then(|report| report.snapshot.redacted.clone()),
        runs: runs(&ordered),
        competencies: lines,
    }
}

fn runs(ordered: &[&Report]) -> Vec<Run> {
    let digest = |at: usize| ordered.get(at).map(|report| report.policy_set.digest.as_str());
    let run = |(at, report): (usize, &&Report)| Run {
        at: report.evidence_time,
        today: report.today,
        tool: report.tool.clone(),
        tenant: report.tenant,
        gate: report.gate.result,
        filtered: report.filtered,
        other_policies: at > 0 && digest(at) != digest(at - 1),
    };
    ordered.iter().enumerate().map(run).collect()
}

fn points(id: &str, ordered: &[&Report]) -> Vec<Point> {
    let mut points = Vec::new();
    let mut before: Option<&Report> = None;
    for (run, report) in ordered.iter().enumerate() {
        let Some(competency) = report.competencies.iter().find(|competency| competency.id == id) else {
            continue;
        };
        points.push(point(run, report, competency, before));
        before = Some(report);
    }
    points
}

fn point(run: usize, report: &Report, competency: &Competency, before: Option<&Report>) -> Point {
    let counts = Outcomes::of(of_competency(report, &competency.id));
    Point {
        run,
        at: report.evidence_time,
        verdict: competency.verdict.clone(),
        levels: competency.levels.clone(),
        indicative: competency.profile.as_ref().map(|profile| profile.indicative),
        counts,
        changes: before.map(|before| changes(before, report, &competency.id)).unwrap_or_default(),
    }
}

fn of_competency<'r>(report: &'r Report, id: &str) -> impl Iterator<Item = &'r Finding> {
    report.findings.iter().filter(move |finding| finding.competency == id)
}

fn changes(before: &Report, after: &Report, id: &str) -> Changes {
    let check = |finding: &Finding| format!("{}/{}", finding.policy, finding.check);
    let mut old: BTreeMap<String, Outcome> =
        of_competency(before, id).map(|finding| (check(finding), finding.outcome)).collect();
    let mut changes = Changes::default();
    for finding in of_competency(after, id) {
        let check = check(finding);
        match old.remove(&check) {
            None => changes.added += 1,
            Some(from) if from == finding.outcome => {}
            Some(from) => changes.outcomes.push(Change {
                check,
                claim: finding.claim.clone(),
                gates: finding.gates,
                from,
                to: finding.outcome,
                way: way(from, finding.outcome),
            }),
        }
    }
    changes.removed = old.len();
    if before.filtered || after.filtered {
        (changes.added, changes.removed) = (0, 0);
    }
    changes
}

fn way(from: Outcome, to: Outcome) -> Way {
    match (from, to) {
        (_, Outcome::Fail) => Way::Worse,
        (Outcome::Fail | Outcome::Unknown | Outcome::Error, Outcome::Pass) => Way::Better,
        (Outcome::Pass | Outcome::Fail | Outcome::NotApplicable, Outcome::Unknown | Outcome::Error) => {
            Way::Lost
        }
        (Outcome::Pass | Outcome::NotApplicable, Outcome::Pass)
        | (_, Outcome::NotApplicable)
        | (Outcome::Unknown | Outcome::Error, Outcome::Unknown | Outcome::Error) => Way::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_goes_one_way() {
        use Outcome::{Error, Fail, NotApplicable, Pass, Unknown};
        for (from, to, expected) in [
            (Pass, Fail, Way::Worse),
            (Unknown, Fail, Way::Worse),
            (Fail, Pass, Way::Better),
            (Unknown, Pass, Way::Better),
            (NotApplicable, Pass, Way::Other),
            (Pass, Unknown, Way::Lost),
            (Fail, Error, Way::Lost),
            (Fail, NotApplicable, Way::Other),
            (Unknown, Error, Way::Other),
        ] {
            assert_eq!(way(from, to), expected, "{from:?} to {to:?}");
        }
    }

    #[test]
    fn nothing_has_no_trend() {
        let trend = of(&[]);
        assert!(trend.runs.is_empty() && trend.competencies.is_empty());
    }
}
