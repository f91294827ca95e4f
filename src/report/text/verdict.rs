//! The verdict table: one row per competency, one line that says what it rests on.

use crate::engine::finding::{Basis, Remedy};
use crate::report::model::{Competency, LevelState, Report, Verdict};
use crate::report::words;

use super::{Style, Volume};

/// The table and a line per competency.
pub(super) fn table(report: &Report, style: Style) -> String {
    if report.filtered {
        return "A filtered run has findings but no verdict.\n\n".to_owned();
    }
    let mut table = style.table();
    table.set_header(["competency", "proven", "possible", "target", "levels", "indicative"]);
    for competency in &report.competencies {
        if let Some(row) = row(competency, style) {
            table.add_row(row);
        }
    }
    let mut out = format!("{table}\n");
    for competency in report.competencies.iter().filter(|competency| competency.verdict.is_some()) {
        out.push_str(&format!("{}: {}\n", competency.name, sentence(competency)));
    }
    if let (Some(tenant), true) = (report.tenant, style.volume != Volume::Quiet) {
        out.push_str(&format!(
            "The tenant as a whole: {}, up to {} (the lowest competency).\n",
            tenant.proven, tenant.possible
        ));
    }
    if report.competencies.iter().any(|competency| competency.profile.is_some()) {
        out.push_str("Indicative positions are our formula, beside the strict levels.\n");
    }
    out.push_str(&editions(report));
    out.push('\n');
    out
}

/// Which edition of the model each competency was judged by, and whether a newer one is known.
fn editions(report: &Report) -> String {
    let shown: Vec<String> = report
        .competencies
        .iter()
        .filter_map(|competency| {
            let document =
                report.model.documents.iter().find(|document| document.id == competency.document)?;
            let newer = document.newer.as_ref().map(|newer| format!(", newer: {newer}")).unwrap_or_default();
            Some(format!("{} ({}{newer})", competency.name, document.edition))
        })
        .collect();
    if shown.is_empty() { String::new() } else { format!("Editions of the model: {}.\n", shown.join(", ")) }
}

fn row(competency: &Competency, style: Style) -> Option<Vec<String>> {
    let [proven, possible, target] = words::verdict(competency)?;
    let levels: Vec<String> = competency
        .levels
        .iter()
        .filter(|level| level.level > crate::verdict::levels::FLOOR)
        .map(|level| format!("{}{}", level.level, sign(level.state, style)))
        .collect();
    let indicative = competency.profile.as_ref().map(|profile| profile.indicative);
    let indicative = indicative.map_or_else(String::new, |range| {
        if range.proven == range.possible {
            range.proven.to_string()
        } else {
            format!("{} to {}", range.proven, range.possible)
        }
    });
    Some(vec![competency.name.clone(), proven, possible, target, levels.join(" "), indicative])
}

fn sign(state: LevelState, style: Style) -> &'static str {
    match (state, style.unicode) {
        (LevelState::Met, true) => "✓",
        (LevelState::Met, false) => "+",
        (LevelState::Broken, true) => "✗",
        (LevelState::Broken, false) => "x",
        (LevelState::Open, _) => "?",
        (LevelState::Transparent, _) => "-",
    }
}

/// "200, up to 400 (target 300): 2 to fix, 4 questions; rests on 41 measured, 12 attested"
pub(crate) fn sentence(competency: &Competency) -> String {
    let mut text = match &competency.verdict {
        None => return "no verdict".to_owned(),
        Some(Verdict::Level { possible, undecided: Some(undecided), .. }) => {
            format!("not yet decided: 100 to {possible}, {} of {} open", undecided.open, undecided.of)
        }
        Some(Verdict::Level { proven, possible, target, undecided: None }) => {
            let target = target.map(|target| format!(" (target {target})")).unwrap_or_default();
            if proven == possible {
                format!("{proven}{target}")
            } else {
                format!("{proven}, up to {possible}{target}")
            }
        }
        Some(Verdict::Readiness(readiness)) => words::readiness(*readiness).to_owned(),
    };
    let count = |remedy| competency.blockers.iter().filter(|blocker| blocker.remedy == remedy).count();
    let parts = [
        (count(Remedy::Fix), "to fix", "to fix"),
        (count(Remedy::Collect), "to collect", "to collect"),
        (count(Remedy::Declare), "parameter to declare", "parameters to declare"),
        (count(Remedy::Attest), "question", "questions"),
        (count(Remedy::Report), "defect of ours", "defects of ours"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(n, _, _)| *n > 0)
        .map(|(n, one, many)| format!("{n} {}", if n == 1 { one } else { many }))
        .collect();
    if !parts.is_empty() {
        text.push_str(&format!(": {}", parts.join(", ")));
    }
    let basis: Vec<String> = competency
        .basis
        .iter()
        .map(|(basis, n): (&Basis, &usize)| format!("{n} {}", words::basis(*basis)))
        .collect();
    if !basis.is_empty() {
        text.push_str(&format!("; rests on {}", basis.join(", ")));
    }
    text
}
