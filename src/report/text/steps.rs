//! What to do next, and what could not be seen: by remedy, the most useful first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::engine::finding::{Outcome, Remedy};
use crate::report::model::{AttestationState, Finding, Report, WaiverState};
use crate::report::{escape, words};
use crate::snapshot::record::State;

use super::{Paint, Style, Volume};

/// How many entries of a kind are shown.
const SHOWN: usize = 5;

/// The next steps.
pub(super) fn steps(report: &Report, paint: Paint, style: Style) -> String {
    let mut out = String::new();
    if style.volume == Volume::Normal {
        list(&mut out, paint, "What holds", &holds(report), style);
    }
    let findings: BTreeMap<String, &Finding> = report
        .findings
        .iter()
        .map(|finding| (format!("{}/{}", finding.policy, finding.check), finding))
        .collect();
    let mut blockers: Vec<_> =
        report.competencies.iter().flat_map(|competency| &competency.blockers).collect();
    blockers.sort_by_key(|blocker| (!blocker.urgent, blocker.level));
    for (remedy, title) in [
        (Remedy::Fix, "To fix"),
        (Remedy::Collect, "To collect"),
        (Remedy::Declare, "To declare in levelmark.yaml"),
        (Remedy::Attest, "To answer in attestations.yaml"),
        (Remedy::Report, "To report to us"),
    ] {
        let mut entries = Vec::new();
        for blocker in blockers.iter().filter(|blocker| blocker.remedy == remedy) {
            if let Some(finding) = findings.get(&blocker.check) {
                let entry = entry(finding, remedy);
                if !entries.contains(&entry) {
                    entries.push(entry);
                }
            }
        }
        list(&mut out, paint, title, &entries, style);
    }
    if style.volume == Volume::Verbose {
        list(&mut out, paint, "Sections that could not be read", &unseen(report), style);
    }
    list(&mut out, paint, "Answers to look at", &answers(report), style);
    list(&mut out, paint, "Waivers to look at", &waivers(report), style);
    out
}

fn list(out: &mut String, paint: Paint, title: &str, entries: &[String], style: Style) {
    if entries.is_empty() {
        return;
    }
    out.push_str(&format!("{} ({})\n", paint.bold(title), entries.len()));
    let shown = if style.volume == Volume::Verbose { entries.len() } else { SHOWN };
    for entry in entries.iter().take(shown) {
        out.push_str(&format!("  {}\n", escape::terminal(entry)));
    }
    if entries.len() > shown {
        out.push_str(&format!(
            "  {}\n",
            paint.dim(&format!("and {} more (--verbose shows all)", entries.len() - shown))
        ));
    }
    out.push('\n');
}

/// What passes, the highest level first.
fn holds(report: &Report) -> Vec<String> {
    let mut passes: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.outcome == Outcome::Pass).collect();
    passes.sort_by_key(|finding| (Reverse(finding.gates), !finding.urgent));
    let line = |finding: &Finding| {
        let level = finding.gates.map(|level| format!(" [{level}]")).unwrap_or_default();
        let basis = finding.basis.map(words::basis).unwrap_or_default();
        format!("{}/{}{level} {} ({basis})", finding.policy, finding.check, finding.claim)
    };
    passes.into_iter().map(line).collect()
}

fn entry(finding: &Finding, remedy: Remedy) -> String {
    let id = format!("{}/{}", finding.policy, finding.check);
    let level = finding.gates.map(|level| format!(" [{level}]")).unwrap_or_default();
    match remedy {
        Remedy::Fix | Remedy::Report => format!("{id}{level} {}", finding.claim),
        Remedy::Collect | Remedy::Declare => format!("{id}{level} {}", finding.reason),
        Remedy::Attest => {
            format!("{id}{level} {}", finding.question.as_deref().unwrap_or(&finding.claim))
        }
    }
}

fn unseen(report: &Report) -> Vec<String> {
    let lines = report.sections.iter().filter_map(|(id, section)| {
        let word = match section.state {
            State::Read => return None,
            State::NotAsked => "not in the snapshot",
            other => words::state(other),
        };
        let needs = section.needs.as_deref().map(|needs| format!(" ({needs})")).unwrap_or_default();
        Some(format!("{id}: {word}{needs}; read by {}", words::policies(section.policies.len())))
    });
    lines.collect()
}

fn answers(report: &Report) -> Vec<String> {
    let lines = report.attestations.iter().filter_map(|answer| {
        let what = match answer.state {
            AttestationState::Counts | AttestationState::NotNeeded | AttestationState::Superseded => {
                return answer.note.as_ref().map(|note| format!("{}: {note}", answer.check));
            }
            AttestationState::Contradicted => "contradicted by what was measured",
            AttestationState::Expired => "expired",
            AttestationState::Refused => "refused",
            AttestationState::NoSuchCheck => "no such check",
        };
        let note = answer.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
        Some(format!("{}: {what}{note}, by {}", answer.check, answer.by))
    });
    lines.collect::<BTreeSet<_>>().into_iter().collect()
}

fn waivers(report: &Report) -> Vec<String> {
    let lines = report.waivers.iter().filter_map(|waiver| {
        let what = match waiver.state {
            WaiverState::Used => return None,
            other => words::waiver(other),
        };
        Some(format!("{}: {what}, owner {}", waiver.check, waiver.owner))
    });
    lines.collect()
}
