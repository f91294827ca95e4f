//! The page of a run: the job summary, and the body of the comment. Comes in: what came out. Goes out:
//! Markdown. Not here: the report's own part (`report::markdown`).

use std::fmt::Write;

use super::changes::Changes;
use super::log::{Note, Weight};
use super::outcome::{Outcome, Word};
use crate::report::escape::{markdown, markdown_code};
use crate::report::model::Report;

/// Most bytes of a job summary, of the 1 MiB that GitHub takes from a step.
pub(super) const SUMMARY: usize = 900_000;
/// Most bytes of a comment, of 65,536.
pub(super) const COMMENT: usize = 60_000;

/// What stands above the report.
pub(super) fn head(name: &str, outcome: &Outcome, notes: &[Note]) -> String {
    let mut text = String::new();
    if name != "levelmark" {
        let _ = writeln!(text, "# {}\n", markdown_code(name));
    }
    let mark = if outcome.exit == 0 { "✅" } else { "❌" };
    let said = match outcome.word {
        // It was made, and something that belongs to it failed.
        Word::Error if outcome.figures.is_some() => "The run fails, whatever the gate says below",
        word => sentence(word),
    };
    let _ = writeln!(text, "{mark} **{said}** (exit code {})", outcome.exit);
    if !notes.is_empty() {
        text.push('\n');
    }
    for note in notes {
        let word = match note.weight {
            Weight::Notice => "",
            Weight::Warning => "Warning: ",
            Weight::Error => "Error: ",
        };
        let lines: Vec<String> = note.text.lines().map(markdown).collect();
        let _ = writeln!(text, "- {word}{}", lines.join("<br>"));
    }
    text
}

/// Head and what a proposal would change.
pub(super) fn upper(head: &str, changes: Option<(&Changes, &Report)>) -> String {
    let changes = changes.map(|(changes, report)| changes.markdown(report)).unwrap_or_default();
    format!("{head}{changes}\n")
}

const fn sentence(word: Word) -> &'static str {
    match word {
        Word::Met => "The gate is met",
        Word::NotMet => "The gate is not met",
        Word::Undetermined => "It could not be seen whether the gate is met",
        Word::FirstRun => "The first run: there is nothing to compare with yet",
        Word::NothingToGate => "There is nothing to gate",
        Word::NothingEvaluated => "No check was evaluated",
        Word::Error => "The check could not be made",
    }
}
