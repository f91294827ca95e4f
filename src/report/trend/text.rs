//! A trend for people: a small table per competency, and what changed between neighbours. Readable
//! without colour: the arrows carry the meaning.

use comfy_table::{Cell, CellAlignment};

use crate::report::model::Verdict;
use crate::report::text::Style;
use crate::report::{escape, words};

use super::{Change, Line, Point, Run, Trend, Way};

/// Changes of one step that are shown.
const SHOWN: usize = 20;

/// Renders a trend.
#[must_use]
pub fn render(trend: &Trend, style: Style) -> String {
    let name = trend.name.as_deref().unwrap_or(&trend.tenant);
    let mut out = match trend.runs.len() {
        1 => format!("{}  1 result\n", escape::opening(name)),
        many => format!("{}  {many} results\n", escape::opening(name)),
    };
    if let Some(redacted) = &trend.redacted {
        out.push_str(&format!("{}\n", escape::terminal(&words::pseudonyms(&redacted.key))));
    }
    for line in trend.competencies.iter().filter(|line| !line.points.is_empty()) {
        out.push_str(&format!("\n{}\n{}\n", escape::terminal(&line.name), table(line, style)));
        out.push_str(&steps(line, &trend.runs, style));
    }
    out
}

fn table(line: &Line, style: Style) -> String {
    let mut table = style.table();
    table.set_header(["taken", "proven", "possible", "target", "pass", "fail", "unknown", "since before"]);
    let mut before: Option<&Point> = None;
    for point in &line.points {
        let (proven, possible, target) = levels(point, before, style);
        let mut row = vec![Cell::new(point.at.format("%Y-%m-%d"))];
        row.extend([proven, possible, target].map(Cell::new));
        for count in [point.counts.pass, point.counts.fail, point.counts.unknown] {
            row.push(Cell::new(count).set_alignment(CellAlignment::Right));
        }
        row.push(Cell::new(if before.is_some() { summary(point, style) } else { String::new() }));
        table.add_row(row);
        before = Some(point);
    }
    table.to_string()
}

/// Proven, possible and target; the first two with an arrow where they moved.
fn levels(point: &Point, before: Option<&Point>, style: Style) -> (String, String, String) {
    let range = |point: &Point| match point.verdict {
        Some(Verdict::Level { proven, possible, .. }) => Some((proven, possible)),
        Some(Verdict::Readiness(_)) | None => None,
    };
    match &point.verdict {
        None => ("-".to_owned(), "-".to_owned(), "-".to_owned()),
        Some(Verdict::Readiness(readiness)) => {
            (words::readiness(*readiness).to_owned(), String::new(), String::new())
        }
        Some(Verdict::Level { proven, possible, target, .. }) => {
            let old = before.and_then(range);
            (
                moved(*proven, old.map(|old| old.0), style),
                moved(*possible, old.map(|old| old.1), style),
                target.map_or_else(|| "-".to_owned(), |level| level.to_string()),
            )
        }
    }
}

fn moved(now: u16, before: Option<u16>, style: Style) -> String {
    match before.map(|before| now.cmp(&before)) {
        Some(std::cmp::Ordering::Greater) => format!("{now} {}", if style.unicode { "↑" } else { "^" }),
        Some(std::cmp::Ordering::Less) => format!("{now} {}", if style.unicode { "↓" } else { "v" }),
        Some(std::cmp::Ordering::Equal) | None => now.to_string(),
    }
}

/// "3 better, 1 worse"
fn summary(point: &Point, style: Style) -> String {
    let changes = &point.changes;
    let count = |way| changes.outcomes.iter().filter(|change| change.way == way).count();
    let mut parts: Vec<String> = [Way::Worse, Way::Lost, Way::Better, Way::Other]
        .into_iter()
        .filter(|way| count(*way) > 0)
        .map(|way| format!("{} {} {}", sign(way, style), count(way), word(way)))
        .collect();
    for (count, word) in [(changes.added, "new"), (changes.removed, "gone")] {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    if parts.is_empty() { "unchanged".to_owned() } else { parts.join(", ") }
}

/// The changes of each step, what is worse first.
fn steps(line: &Line, runs: &[Run], style: Style) -> String {
    let mut out = String::new();
    for pair in line.points.windows(2) {
        let [before, point] = pair else { continue };
        if point.changes.outcomes.is_empty() {
            continue;
        }
        let other = runs.get(point.run).is_some_and(|run| run.other_policies);
        out.push_str(&format!(
            "  {} to {}{}\n",
            before.at.format("%Y-%m-%d"),
            point.at.format("%Y-%m-%d"),
            if other { ", with other policies" } else { "" }
        ));
        let mut changes: Vec<&Change> = point.changes.outcomes.iter().collect();
        changes.sort_by_key(|change| change.way);
        for change in changes.iter().take(SHOWN) {
            out.push_str(&format!("    {}\n", change_line(change, style)));
        }
        if changes.len() > SHOWN {
            out.push_str(&format!("    and {} more\n", changes.len() - SHOWN));
        }
    }
    out
}

fn change_line(change: &Change, style: Style) -> String {
    let gates = change.gates.map(|level| format!(" [{level}]")).unwrap_or_default();
    format!(
        "{} {}{gates} {} {} {}: {}",
        sign(change.way, style),
        escape::terminal(&change.check),
        words::outcome(change.from),
        if style.unicode { "→" } else { "->" },
        words::outcome(change.to),
        escape::terminal(&change.claim)
    )
}

const fn sign(way: Way, style: Style) -> &'static str {
    match (way, style.unicode) {
        (Way::Worse, true) => "↓",
        (Way::Worse, false) => "v",
        (Way::Better, true) => "↑",
        (Way::Better, false) => "^",
        (Way::Lost, _) => "?",
        (Way::Other, true) => "·",
        (Way::Other, false) => ".",
    }
}

const fn word(way: Way) -> &'static str {
    match way {
        Way::Worse => "worse",
        Way::Better => "better",
        Way::Lost => "lost from sight",
        Way::Other => "otherwise",
    }
}
