//! What drift did to the verdict, and what was approved instead of it, for people at a terminal. Comes in: effects. Goes out: lines. Not here: the
//! differences themselves (`text`).

use std::fmt::Write;

use crate::diff::{Change, SectionDrift};
use crate::effect::Turn;

use super::super::escape;
use super::ranked::{self, Group};
use super::text::Page;
use super::{approved, words};

/// Checks that a change may have turned, as far as they are shown without `--verbose`.
const FLIPS: usize = 5;

impl Page<'_, '_> {
    /// Which checks turned, and which levels moved.
    pub(super) fn verdict(&self) -> String {
        let Some(effects) = self.seen.effects else { return String::new() };
        let mut out = String::new();
        for moved in &effects.levels {
            let (before, after) =
                (words::verdict(moved.before.as_ref()), words::verdict(moved.after.as_ref()));
            let line = format!("{}: {before}, now {after}", moved.name);
            let _ = writeln!(out, "{}", self.paint.bold(&escape::terminal(&line)));
        }
        for flip in &effects.flips {
            let informs = if flip.informs { ", informs" } else { "" };
            let waived = if flip.waived { ", waived" } else { "" };
            let gates = flip.gates.map(|level| format!(", gates {level}")).unwrap_or_default();
            let _ = writeln!(
                out,
                "  {} {} {}{gates}{informs}{waived}  {}",
                self.turned(flip.turn),
                self.paint.bold(&flip.id()),
                words::turned(flip),
                self.paint.dim(&escape::terminal(self.seen.claim(flip)))
            );
        }
        let unexplained = effects.without_change(self.seen.drift);
        if !unexplained.is_empty() {
            let ids: Vec<String> =
                unexplained.iter().filter_map(|at| Some(effects.flips.get(*at)?.id())).collect();
            let _ = writeln!(
                out,
                "  {} nothing that is shown touches {}: time passed, or a rule left the difference out",
                self.paint.dim("note:"),
                ids.join(", ")
            );
        }
        if out.is_empty() {
            return "No check turned, no level moved.\n\n".to_owned();
        }
        out + "\n"
    }

    fn turned(&self, turn: Turn) -> String {
        match turn {
            Turn::Regression => self.red("×"),
            Turn::EvidenceLost => self.yellow("?"),
            Turn::Other => self.paint.dim("·"),
            Turn::Fixed => self.green("✓"),
        }
    }

    pub(super) fn group(&self, group: Group) -> String {
        match group {
            Group::All => String::new(),
            _ => format!("{}\n", self.paint.bold(&format!("— {} —", ranked::title(group)))),
        }
    }

    /// The checks that a change may have turned, one line.
    fn effect(&self, section: &SectionDrift<'_>, change: &Change<'_>) -> String {
        let Some(effects) = self.seen.effects else { return String::new() };
        let flips = effects.of_change(section, change);
        let shown = if self.verbose { flips.len() } else { FLIPS };
        let mut ids: Vec<String> = flips
            .iter()
            .take(shown)
            .filter_map(|at| effects.flips.get(*at))
            .map(|flip| format!("{} {}", flip.id(), words::turned(flip)))
            .collect();
        if flips.len() > shown {
            ids.push(format!("and {} more", flips.len() - shown));
        }
        if ids.is_empty() { String::new() } else { format!("        → {}\n", ids.join("; ")) }
    }

    /// What follows a difference: what it did, and that another value of it was accepted.
    pub(super) fn after(&self, section: &SectionDrift<'_>, change: &Change<'_>) -> String {
        let hint = approved::hint(self.seen, section.id, change);
        let hint = hint.map(|hint| format!("        {}\n", self.yellow(&escape::terminal(&hint))));
        self.effect(section, change) + &hint.unwrap_or_default()
    }
}
