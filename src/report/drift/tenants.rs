//! Drift of several tenants side by side: a row for each, the worst first, and which checks turned in many. Comes in:
//! drift, one tenant after the other. Goes out: a table. Not here: comparing, the differences themselves.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use comfy_table::{ColumnConstraint, Width};

use super::{Seen, outcome, words};
use crate::diff::{Counts, Outcome};
use crate::effect::Turn;
use crate::exit;
use crate::report::escape;
use crate::report::tenants::Failure;
use crate::report::text::{Style, Volume};

/// Checks that turned in several tenants, as far as they are shown without `--verbose`.
const SHOWN: usize = 10;

/// What came of one tenant.
#[derive(Debug, Clone)]
pub struct Row {
    /// The name of its folder.
    pub name: String,
    /// What differs, or why that is not known.
    pub result: Result<Moved, Failure>,
}

/// What differs in a tenant, in short.
#[derive(Debug, Clone)]
pub struct Moved {
    /// What it all comes to.
    pub outcome: Outcome,
    /// Its exit code.
    pub exit: u8,
    /// Differences by kind.
    pub counts: Counts,
    /// Competencies whose verdict moved: name, before, now.
    pub levels: Vec<(String, String, String)>,
    /// Checks that turned, and which way.
    pub flips: Vec<(String, Turn)>,
}

impl Row {
    /// Of a tenant that was compared.
    #[must_use]
    pub fn of(name: &str, seen: &Seen<'_>) -> Self {
        let levels = seen.effects.map(|effects| effects.levels.as_slice()).unwrap_or_default();
        let flips = seen.effects.map(|effects| effects.flips.as_slice()).unwrap_or_default();
        let moved = Moved {
            outcome: seen.drift.outcome(),
            exit: seen.exit,
            counts: seen.drift.counts(),
            levels: levels
                .iter()
                .map(|moved| {
                    let (before, after) = (moved.before.as_ref(), moved.after.as_ref());
                    (moved.name.clone(), words::verdict(before), words::verdict(after))
                })
                .collect(),
            flips: flips.iter().map(|flip| (flip.id(), flip.turn)).collect(),
        };
        Self { name: name.to_owned(), result: Ok(moved) }
    }

    /// Its exit code.
    #[must_use]
    pub fn exit(&self) -> u8 {
        self.result.as_ref().map_or_else(|failure| failure.exit, |moved| moved.exit)
    }

    fn turned(&self, turn: Turn) -> usize {
        let flips = self.result.as_ref().map(|moved| moved.flips.as_slice()).unwrap_or_default();
        flips.iter().filter(|(_, of)| *of == turn).count()
    }
}

/// Renders the table; rows in any order.
#[must_use]
pub fn render(mut rows: Vec<Row>, style: Style) -> String {
    rows.sort_by_cached_key(|row| {
        let worse = (row.turned(Turn::Regression), row.turned(Turn::EvidenceLost));
        (Reverse(exit::rank(row.exit())), Reverse(worse), row.name.clone())
    });
    let mut table = style.table();
    table.set_header(["tenant", "levels that moved", "fail now", "lost", "pass now", "differences", ""]);
    for row in &rows {
        table.add_row(cells(row));
    }
    if let Some(name) = table.column_mut(0) {
        name.set_constraint(ColumnConstraint::UpperBoundary(Width::Percentage(35)));
    }
    let mut out = format!("{table}\n");
    if style.volume != Volume::Quiet {
        out.push_str(&common(&rows, style));
    }
    let of = |exit: u8| rows.iter().filter(|row| row.exit() == exit).count();
    let failed = rows.iter().filter(|row| row.result.is_err()).count();
    let noun = if rows.len() == 1 { "tenant" } else { "tenants" };
    let drifted = of(exit::DRIFT);
    out.push_str(&format!("\n{} {noun}: {drifted} drifted, {} did not", rows.len(), of(exit::MET)));
    let unclear = rows.len() - drifted - of(exit::MET) - failed;
    for (count, word) in [(unclear, "undetermined"), (failed, "not compared")] {
        if count > 0 {
            out.push_str(&format!(", {count} {word}"));
        }
    }
    out + "\n"
}

fn cells(row: &Row) -> Vec<String> {
    let name = escape::terminal(&row.name).into_owned();
    let Ok(moved) = &row.result else {
        // Why was told where it happened, in more than one line.
        return vec![
            name,
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            "not compared".into(),
        ];
    };
    let levels: Vec<String> = moved
        .levels
        .iter()
        .map(|(name, before, after)| format!("{}: {before}, now {after}", escape::terminal(name)))
        .collect();
    let turned = |turn| match row.turned(turn) {
        0 => String::new(),
        count => count.to_string(),
    };
    vec![
        name,
        levels.join("\n"),
        turned(Turn::Regression),
        turned(Turn::EvidenceLost),
        turned(Turn::Fixed),
        moved.counts.drift().to_string(),
        outcome(moved.outcome).split(':').next().unwrap_or_default().to_owned(),
    ]
}

/// Checks that turned the same way in several tenants, the worst and most common first.
fn common(rows: &[Row], style: Style) -> String {
    let mut times: BTreeMap<(Turn, &str), usize> = BTreeMap::new();
    let flips = rows.iter().filter_map(|row| row.result.as_ref().ok()).flat_map(|moved| &moved.flips);
    for (check, turn) in flips {
        *times.entry((*turn, check)).or_default() += 1;
    }
    let mut common: Vec<((Turn, &str), usize)> = times.into_iter().filter(|(_, times)| *times > 1).collect();
    common.sort_by_key(|((turn, check), times)| (*turn, Reverse(*times), *check));
    if common.is_empty() {
        return String::new();
    }
    let shown = if style.volume == Volume::Verbose { common.len() } else { SHOWN };
    let mut out = "\nTurned in several\n".to_owned();
    for ((turn, check), times) in common.iter().take(shown) {
        let word = match turn {
            Turn::Regression => "fails now",
            Turn::EvidenceLost => "can't be decided any more",
            Turn::Other => "turned",
            Turn::Fixed => "passes now",
        };
        out.push_str(&format!("  {times:>4} of {}  {check} {word}\n", rows.len()));
    }
    if common.len() > shown {
        out.push_str(&format!("  and {} more (--verbose shows them)\n", common.len() - shown));
    }
    out
}
