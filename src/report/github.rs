//! Annotations of a GitHub workflow: a command per failing check at its first place, then counts, verdict
//! and gate. GitHub shows ten annotations of each kind per step, so no more are written. Waived fails are
//! counted only. The job summary is the Markdown report (`--report markdown=…`).

use std::fmt::Write;

use super::escape::{terminal, workflow_data, workflow_property};
use super::location::Ground;
use super::model::{Finding, Report};
use super::text::sentence;
use super::words::{self, Weight, cropped};

/// Annotations of a kind that GitHub shows per step.
const SHOWN: usize = 10;
/// Longest message; GitHub cuts at 64 KiB, people stop earlier.
const MOST_TEXT: usize = 1000;

/// Renders the report.
pub(super) fn render(report: &Report, ground: &Ground) -> String {
    let mut out = String::new();
    let fails = words::fails(report);
    let mut more = Vec::new();
    for (kind, word) in [(Weight::Error, "error"), (Weight::Warning, "warning"), (Weight::Notice, "notice")] {
        let of_kind: Vec<&Finding> =
            fails.iter().copied().filter(|finding| words::weight(finding) == kind).collect();
        for finding in of_kind.iter().take(SHOWN) {
            annotation(finding, word, ground, &mut out);
        }
        if of_kind.len() > SHOWN {
            more.push(format!("{} more of kind {word}", of_kind.len() - SHOWN));
        }
    }
    // Writing to a String does not fail.
    if !more.is_empty() {
        let _ =
            writeln!(out, "levelmark: not annotated, as GitHub shows {SHOWN} of a kind: {}", more.join(", "));
    }
    let counts = [
        (fails.len(), "failing checks"),
        (words::waived(report).len(), "waived"),
        (words::unread_sections(report).len(), "sections that could not be read"),
        (words::not_asked(report), "sections not in the snapshot"),
    ];
    let counts: Vec<String> = counts.iter().map(|(count, what)| format!("{count} {what}")).collect();
    let _ = writeln!(out, "levelmark: {}", counts.join(", "));
    if let Some(text) = words::redacted(report) {
        let _ = writeln!(out, "levelmark: {}", terminal(&text));
    }
    for competency in report.competencies.iter().filter(|competency| competency.verdict.is_some()) {
        let _ =
            writeln!(out, "levelmark: {}: {}", terminal(&competency.name), terminal(&sentence(competency)));
    }
    let _ = writeln!(out, "levelmark: gate: {}", words::gate(report.gate.result));
    for reason in report.gate.reasons.iter().take(SHOWN) {
        let _ = writeln!(out, "levelmark:   {}", terminal(reason));
    }
    if report.gate.reasons.len() > SHOWN {
        let _ = writeln!(out, "levelmark:   and {} more", report.gate.reasons.len() - SHOWN);
    }
    // The runner's older syntax (`##[…]`) is looked for anywhere in a line.
    out.replace("##[", "# #[")
}

fn annotation(finding: &Finding, word: &str, ground: &Ground, out: &mut String) {
    let place = finding.evidence.shown.first();
    let at = ground.of(finding, place);
    let mut properties = vec![format!("file={}", workflow_property(&at.path))];
    if let Some(region) = at.region {
        properties.push(format!("line={}", region.line));
        properties.push(format!("col={}", region.column));
        // GitHub takes an end column on the same line only.
        if let Some((line, column)) = region.end {
            properties.push(format!("endLine={line}"));
            if line == region.line {
                properties.push(format!("endColumn={column}"));
            }
        }
    }
    let title = format!("{} ({})", words::id(finding), words::gates(finding));
    properties.push(format!("title={}", workflow_property(&cropped(&title, 200))));
    let name =
        place.and_then(|place| place.name.as_deref()).map(|name| format!(" ({name})")).unwrap_or_default();
    let fix = if finding.fix.is_empty() { String::new() } else { format!("\nfix: {}", finding.fix) };
    let message = format!("{}: {}{name}{fix}", finding.claim, finding.reason);
    let _ =
        writeln!(out, "::{word} {}::{}", properties.join(","), workflow_data(&cropped(&message, MOST_TEXT)));
}
