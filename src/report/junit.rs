//! JUnit XML, for test dashboards: a suite per competency, a case per check. A fail is a failure, our
//! defect an error; what is unknown, waived, informs or does not apply is skipped, each with its reason.
//!
//! The shape is windyroad's (github.com/windyroad/JUnit-Schema): no attribute on `testsuites`, on each suite
//! `package`, `id`, `hostname`, a time without a zone, `properties` first and `system-out` and `system-err`
//! last. The crate `quick-junit` writes nextest's other dialect, so these lines are our own.

use std::fmt::Write;

use crate::engine::finding::Outcome;

use super::escape::xml;
use super::model::{Competency, Finding, Place, Report};
use super::text::sentence;
use super::words;

/// Renders the report.
pub(super) fn render(report: &Report) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (id, competency) in report.competencies.iter().enumerate() {
        suite(report, competency, id, &mut out);
    }
    out.push_str("</testsuites>\n");
    out
}

/// What becomes of a check.
enum Case<'r> {
    Passed,
    Failure,
    Error,
    Skipped(&'r str),
}

fn case(finding: &Finding) -> Case<'static> {
    match finding.outcome {
        Outcome::Pass => Case::Passed,
        Outcome::Fail if finding.waived.is_some() => Case::Skipped("waived"),
        Outcome::Fail if finding.informs => Case::Skipped("informs"),
        Outcome::Fail => Case::Failure,
        Outcome::Unknown => Case::Skipped("unknown"),
        Outcome::NotApplicable => Case::Skipped("not applicable"),
        Outcome::Error => Case::Error,
    }
}

fn suite(report: &Report, competency: &Competency, id: usize, out: &mut String) {
    let findings: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.competency == competency.id).collect();
    let count = |wanted: fn(&Case<'_>) -> bool| findings.iter().filter(|found| wanted(&case(found))).count();
    let name = xml(&competency.id);
    // Writing to a String does not fail.
    let _ = writeln!(
        out,
        "  <testsuite name=\"{name}\" package=\"levelmark\" id=\"{id}\" hostname=\"localhost\" timestamp=\"{}\" tests=\"{}\" \
         failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"0\">",
        report.today.format("%Y-%m-%dT%H:%M:%S"),
        findings.len(),
        count(|case| matches!(case, Case::Failure)),
        count(|case| matches!(case, Case::Error)),
        count(|case| matches!(case, Case::Skipped(_))),
    );
    properties(report, competency, out);
    for finding in findings {
        write_case(report, finding, out);
    }
    let verdict = if competency.verdict.is_some() { sentence(competency) } else { String::new() };
    let _ = writeln!(
        out,
        "    <system-out>{}</system-out>\n    <system-err></system-err>\n  </testsuite>",
        xml(&verdict)
    );
}

fn properties(report: &Report, competency: &Competency, out: &mut String) {
    out.push_str("    <properties>\n");
    let [proven, possible, target] = words::verdict(competency).unwrap_or_default();
    for (name, value) in [
        ("tool", report.tool.as_str()),
        ("competency", &competency.name),
        ("snapshot", &report.snapshot.digest),
        ("redacted", report.snapshot.redacted.as_ref().map_or("", |redacted| &redacted.key)),
        ("policies", &report.policy_set.digest),
        ("gate", words::gate(report.gate.result)),
        ("proven", &proven),
        ("possible", &possible),
        ("target", &target),
    ] {
        if !value.is_empty() {
            let _ = writeln!(out, "      <property name=\"{name}\" value=\"{}\"/>", xml(value));
        }
    }
    out.push_str("    </properties>\n");
}

fn write_case(report: &Report, finding: &Finding, out: &mut String) {
    let (class, name) = (format!("{}.{}", finding.competency, finding.policy), &finding.check);
    let _ = write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}: {}\" time=\"0\"",
        xml(&class),
        xml(name),
        xml(&finding.claim)
    );
    let reason = xml(&finding.reason);
    let _ = match case(finding) {
        Case::Passed => writeln!(out, "/>"),
        Case::Skipped(word) => {
            let waiver = finding.waived.and_then(|index| report.waivers.get(index));
            let until =
                waiver.map(|waiver| format!(" until {}", waiver.expires.date_naive())).unwrap_or_default();
            writeln!(out, "><skipped message=\"{word}{until}: {reason}\"/></testcase>")
        }
        Case::Error => writeln!(out, "><error type=\"error\" message=\"{reason}\"></error></testcase>"),
        Case::Failure => {
            let body = xml(&body(finding));
            writeln!(out, "><failure type=\"fail\" message=\"{reason}\">{body}</failure></testcase>")
        }
    };
}

/// Places, why, fix.
fn body(finding: &Finding) -> String {
    let place = |place: &Place| {
        let name = place.name.as_deref().or(place.key.as_deref()).unwrap_or(&place.section);
        let actual = place.actual.as_deref().map(|actual| format!(": {actual}")).unwrap_or_default();
        format!("{}:{}:{} {name}{actual}", place.file, place.line, place.column)
    };
    let mut lines = vec![words::gates(finding)];
    lines.extend(finding.evidence.shown.iter().map(place));
    match finding.evidence.total.saturating_sub(finding.evidence.shown.len()) {
        0 => {}
        more => lines.push(format!("and {more} more places")),
    }
    for (word, text) in [("why", &finding.why), ("fix", &finding.fix)] {
        if !text.is_empty() {
            lines.push(format!("{word}: {text}"));
        }
    }
    lines.join("\n")
}
