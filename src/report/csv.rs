//! CSV for spreadsheets: one row per place, and one for a finding without any; filter `place` by 1 or
//! nothing for one row per finding. Every cell that could be a formula begins with an apostrophe.

use super::escape::{spreadsheet, terminal};
use super::model::{Finding, Place, Report};
use super::words;

const HEADER: [&str; 27] = [
    "competency",
    "policy",
    "check",
    "level",
    "gates",
    "urgent",
    "informs",
    "outcome",
    "basis",
    "remedy",
    "waived",
    "title",
    "claim",
    "reason",
    "question",
    "fix",
    "places",
    "place",
    "section",
    "key",
    "name",
    "file",
    "line",
    "column",
    "expected",
    "actual",
    "redacted",
];

/// Renders the report.
pub(super) fn render(report: &Report) -> String {
    let mut table = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail, and every row has as many cells as the header.
    let _ = table.write_record(HEADER);
    for finding in &report.findings {
        let shown = &finding.evidence.shown;
        if shown.is_empty() {
            let _ = table.write_record(row(report, finding, None));
        }
        for (at, place) in shown.iter().enumerate() {
            let _ = table.write_record(row(report, finding, Some((at + 1, place))));
        }
    }
    String::from_utf8(table.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn row(report: &Report, finding: &Finding, place: Option<(usize, &Place)>) -> [String; 27] {
    let flag = |set: bool| if set { "yes".to_owned() } else { String::new() };
    let number = |level: Option<u16>| level.map(|level| level.to_string()).unwrap_or_default();
    let waiver = finding.waived.and_then(|index| report.waivers.get(index));
    let of =
        |text: fn(&Place) -> Option<String>| place.and_then(|(_, place)| text(place)).unwrap_or_default();
    let cells = [
        finding.competency.clone(),
        finding.policy.clone(),
        finding.check.clone(),
        number(finding.level),
        number(finding.gates),
        flag(finding.urgent),
        flag(finding.informs),
        words::outcome(finding.outcome).to_owned(),
        finding.basis.map(|basis| words::basis(basis).to_owned()).unwrap_or_default(),
        finding.remedy.map(|remedy| words::remedy(remedy).to_owned()).unwrap_or_default(),
        waiver
            .map(|waiver| format!("{} until {}", waiver.kind, waiver.expires.date_naive()))
            .unwrap_or_default(),
        finding.title.clone(),
        finding.claim.clone(),
        finding.reason.clone(),
        finding.question.clone().unwrap_or_default(),
        finding.fix.clone(),
        finding.evidence.total.to_string(),
        place.map(|(at, _)| at.to_string()).unwrap_or_default(),
        of(|place| Some(place.section.clone())),
        of(|place| place.key.clone()),
        of(|place| place.name.clone()),
        of(|place| Some(place.file.clone())),
        of(|place| Some(place.line.to_string())),
        of(|place| Some(place.column.to_string())),
        of(|place| place.expected.clone()),
        of(|place| place.actual.clone()),
        report.snapshot.redacted.as_ref().map(|redacted| format!("key {}", redacted.key)).unwrap_or_default(),
    ];
    cells.map(|cell| spreadsheet(&terminal(&cell)).into_owned())
}
