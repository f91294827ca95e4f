//! The heat maps: competency by dimension by level from the profile, and levels by what became of
//! their criteria. Tables, so that they read without seeing colours; the bars in them are inline SVG.
//! Comes in: the report. Goes out: rows for the template.

use std::fmt::Write as _;

use crate::report::model::{Competency, Counts, Range, Report, Verdict};

use super::words::{self, Mark};

const LEVELS: [u16; 4] = [200, 300, 400, 500];

/// Both maps.
#[derive(Debug)]
pub(super) struct HeatMaps {
    pub parts: Vec<Part>,
    pub levels: Vec<LevelRow>,
}

/// The dimensions of one competency.
#[derive(Debug)]
pub(super) struct Part {
    pub name: String,
    pub rows: Vec<Row>,
}

/// One dimension.
#[derive(Debug)]
pub(super) struct Row {
    pub dimension: String,
    pub range: String,
    pub cells: Vec<Cell>,
}

/// One level of one dimension.
#[derive(Debug)]
pub(super) struct Cell {
    pub mark: Mark,
}

/// The levels of one competency.
#[derive(Debug)]
pub(super) struct LevelRow {
    pub name: String,
    pub cells: Vec<Option<LevelCell>>,
}

/// One level of one competency.
#[derive(Debug)]
pub(super) struct LevelCell {
    pub mark: Mark,
    pub counts: String,
    pub bar: String,
}

/// Both maps of a report.
pub(super) fn heat_maps(report: &Report) -> HeatMaps {
    HeatMaps {
        parts: report.competencies.iter().filter_map(part).collect(),
        levels: report.competencies.iter().filter(|one| !one.levels.is_empty()).map(level_row).collect(),
    }
}

fn part(competency: &Competency) -> Option<Part> {
    let profile = competency.profile.as_ref()?;
    let row = |name: String, range: Range| Row {
        dimension: name,
        range: words::range(range),
        cells: LEVELS.iter().map(|level| Cell { mark: cell(competency, range, *level) }).collect(),
    };
    let mut rows: Vec<Row> =
        profile.dimensions.iter().map(|(name, range)| row(words::plain(name), *range)).collect();
    if let (true, Some(Verdict::Level { proven, possible, .. })) = (rows.len() > 1, &competency.verdict) {
        rows.push(row("all together".to_owned(), Range { proven: *proven, possible: *possible }));
    }
    Some(Part { name: words::clean(&competency.name), rows })
}

fn cell(competency: &Competency, range: Range, level: u16) -> Mark {
    let (sign, word, class) = match () {
        () if !competency.levels.iter().any(|entry| entry.level == level) => {
            ("·", "not in this edition", "absent")
        }
        () if level <= range.proven => ("✓", "proven", "pass"),
        () if level <= range.possible => ("?", "still possible", "open"),
        () => ("✗", "not reached", "fail"),
    };
    Mark { sign, word, class }
}

fn level_row(competency: &Competency) -> LevelRow {
    let cell = |level: &u16| {
        let entry = competency.levels.iter().find(|entry| entry.level == *level)?;
        Some(LevelCell {
            mark: words::level_state(entry.state),
            counts: counts(entry.counts),
            bar: bar(entry.counts),
        })
    };
    LevelRow { name: words::clean(&competency.name), cells: LEVELS.iter().map(cell).collect() }
}

/// "45 hold, 7 fail (6 partly), 1 not applicable"
fn counts(counts: Counts) -> String {
    let partly = if counts.partly > 0 { format!(" ({} partly)", counts.partly) } else { String::new() };
    let parts = [
        (counts.holds, format!("{} hold", counts.holds)),
        (counts.fails, format!("{} fail{partly}", counts.fails)),
        (counts.open, format!("{} open", counts.open)),
        (counts.not_applicable, format!("{} not applicable", counts.not_applicable)),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|(n, _)| *n > 0).map(|(_, text)| text).collect();
    if parts.is_empty() { "no criteria".to_owned() } else { parts.join(", ") }
}

/// The same as a bar; its text stands beside it, so it is decoration.
fn bar(counts: Counts) -> String {
    let all = counts.holds + counts.fails + counts.open + counts.not_applicable;
    let mut svg =
        "<svg class=\"bar\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
            .to_owned();
    let mut x = 0.0;
    for (n, class) in [
        (counts.holds, "pass"),
        (counts.fails, "fail"),
        (counts.open, "open"),
        (counts.not_applicable, "none"),
    ] {
        if n > 0 {
            let width = 100.0 * n as f64 / all as f64;
            let _ = write!(svg, "<rect class=\"f-{class}\" x=\"{x:.1}\" width=\"{width:.1}\" height=\"6\"/>");
            x += width;
        }
    }
    svg.push_str("</svg>");
    svg
}
