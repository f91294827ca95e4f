//! Several tenants for people at a terminal: one table, then what stands in the way of most of them.

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, ColumnConstraint, Table, Width};

use crate::report::model::{GateResult, Verdict};
use crate::report::text::{Style, Volume};
use crate::report::{escape, words};

use super::{Common, Overview, Row, Standing};

/// Common blockers that are shown.
const SHOWN: usize = 10;

/// Renders the overview.
#[must_use]
pub fn render(overview: &Overview, style: Style) -> String {
    let mut out = format!("{}\n", table(overview, style));
    if style.volume != Volume::Quiet {
        out.push_str(&common(&overview.common, overview.rows.len(), style));
    }
    out.push_str(&counts(&overview.rows));
    out.push_str(&redacted(&overview.rows));
    out
}

/// Which of them are not called what they are called in life.
fn redacted(rows: &[Row]) -> String {
    let mut by_key: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows {
        if let Ok(Standing { redacted: Some(key), .. }) = &row.result {
            by_key.entry(key).or_default().push(&row.name);
        }
    }
    let line = |(key, names): (&str, Vec<&str>)| {
        format!("{}: {}\n", escape::terminal(&names.join(", ")), escape::terminal(&words::pseudonyms(key)))
    };
    by_key.into_iter().map(line).collect()
}

fn table(overview: &Overview, style: Style) -> Table {
    let mut table = style.table();
    let names = overview.competencies.iter().map(String::as_str);
    table.set_header(["tenant"].into_iter().chain(names).chain(["gate"]));
    for row in &overview.rows {
        table.add_row(cells(row, overview.competencies.as_slice()));
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        match index.checked_sub(1) {
            None => _ = column.set_constraint(ColumnConstraint::UpperBoundary(Width::Percentage(35))),
            Some(competency) if competency < overview.competencies.len() => {
                column.set_cell_alignment(CellAlignment::Right);
            }
            Some(_) => _ = column.set_constraint(ColumnConstraint::ContentWidth),
        }
    }
    table
}

fn cells(row: &Row, competencies: &[String]) -> Vec<String> {
    let mut cells = vec![escape::terminal(&row.name).into_owned()];
    match &row.result {
        Ok(standing) => {
            let verdict = |name: &String| standing.verdicts.iter().find(|(of, _)| of == name)?.1.as_ref();
            cells.extend(competencies.iter().map(|name| verdict(name).map_or_else(|| "-".to_owned(), level)));
            cells.push(words::gate(standing.gate).to_owned());
        }
        // Why was told where it happened, in more than one line.
        Err(_) => {
            cells.extend(competencies.iter().map(|_| String::new()));
            cells.push("not evaluated".to_owned());
        }
    }
    cells
}

/// "200", "200 to 400", "200 of 300" with a target.
fn level(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Readiness(readiness) => words::readiness(*readiness).to_owned(),
        Verdict::Level { proven, possible, target, .. } => {
            let target = target.map(|target| format!(" of {target}")).unwrap_or_default();
            if proven == possible {
                format!("{proven}{target}")
            } else {
                format!("{proven} to {possible}{target}")
            }
        }
    }
}

fn common(common: &[Common], tenants: usize, style: Style) -> String {
    if common.is_empty() {
        return String::new();
    }
    let shown = if style.volume == Volume::Verbose { common.len() } else { SHOWN };
    let mut out = "\nIn the way of several\n".to_owned();
    for common in common.iter().take(shown) {
        let blocker = &common.blocker;
        let urgent = if blocker.urgent { ", urgent" } else { "" };
        let gates = blocker.level.map(|level| format!(", gates {level}")).unwrap_or_default();
        out.push_str(&format!(
            "  {:>4} of {tenants}  {} [{}{gates}{urgent}] {}\n",
            common.tenants,
            blocker.check,
            words::remedy(blocker.remedy),
            escape::terminal(&common.claim)
        ));
    }
    if common.len() > shown {
        out.push_str(&format!("  and {} more (--verbose shows them)\n", common.len() - shown));
    }
    out
}

/// "12 tenants: 9 met, 2 not met, 1 not evaluated"
fn counts(rows: &[Row]) -> String {
    let gates = [
        GateResult::Met,
        GateResult::NotMet,
        GateResult::Undetermined,
        GateResult::NothingToGate,
        GateResult::NothingEvaluated,
    ];
    let count = |gate| rows.iter().filter(|row| row.result.as_ref().is_ok_and(|of| of.gate == gate)).count();
    let mut parts: Vec<(usize, &str)> =
        gates.into_iter().map(|gate| (count(gate), words::gate(gate))).collect();
    parts.push((rows.iter().filter(|row| row.result.is_err()).count(), "not evaluated"));
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let noun = if rows.len() == 1 { "tenant" } else { "tenants" };
    format!("\n{} {noun}: {}\n", rows.len(), parts.join(", "))
}
