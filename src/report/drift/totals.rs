//! The end of the text: sections that only one side has, what was approved, what it all comes to, what was left out. Comes in:
//! drift. Goes out: text. Not here: the differences themselves (`text`).

use std::fmt::Write;

use crate::diff::noise::{Rule, Source};
use crate::diff::{Comparison, Extent, SectionDrift};
use crate::snapshot::record::State;

use super::super::escape;
use super::text::Page;
use super::{approved, outcome, unseen, words};

impl Page<'_, '_> {
    /// Sections that only one side has.
    pub(super) fn collected(&self) -> String {
        let of =
            |wanted: Comparison| self.seen.drift.sections.iter().filter(move |one| one.comparison == wanted);
        let mut out = String::new();
        for (n, section) in of(Comparison::NoLongerCollected).enumerate() {
            if n == 0 {
                let _ = writeln!(out, "{}", self.paint.bold("no longer collected"));
            }
            if let Some(loss) = unseen::whole(self.seen, section) {
                let what = escape::terminal(&loss.what).into_owned();
                let _ = writeln!(out, "  {} {}  {what}", self.yellow("?"), loss.section);
                if let Some(effect) = loss.effect() {
                    let _ = writeln!(out, "        → {effect}");
                }
            }
        }
        for (n, section) in of(Comparison::NewlyCollected).enumerate() {
            if n == 0 {
                let _ = writeln!(out, "{}", self.paint.bold("newly collected"));
            }
            let items = section.new.and_then(|record| record.items).unwrap_or_default();
            let state = section.old.map_or(State::NotAsked, |record| record.state);
            let was = words::state(state);
            let _ = writeln!(
                out,
                "  {} {}  {}, was {was}",
                self.yellow("*"),
                section.id,
                words::number(items, "item")
            );
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out
    }

    /// What was accepted, one line each, with `--verbose`.
    pub(super) fn approved(&self) -> String {
        let list = if self.verbose { approved::list(self.seen) } else { Vec::new() };
        if list.is_empty() {
            return String::new();
        }
        let mut out = format!("{}\n", self.paint.bold("— approved —"));
        for approved::Line { what, why } in list {
            let _ = writeln!(out, "  {} {}", self.green("✓"), escape::terminal(&what));
            let _ = writeln!(out, "      {}", self.paint.dim(&escape::terminal(&why)));
        }
        out + "\n"
    }

    pub(super) fn totals(&self) -> String {
        let (drift, counts) = (self.seen.drift, self.seen.drift.counts());
        let of =
            |wanted: Comparison| drift.sections.iter().filter(|one| one.comparison == wanted).count() as u64;
        let kinds = [
            (counts.added, "added"),
            (counts.removed, "removed"),
            (counts.changed, "changed"),
            (counts.renamed, "renamed"),
            (counts.reordered, "reordered"),
        ];
        let kinds = kinds.iter().filter(|(count, _)| *count > 0);
        let kinds: Vec<String> = kinds.map(|(count, word)| format!("{count} {word}")).collect();
        let with = drift.sections.iter().filter(|one| one.counts().drift() > 0).count() as u64;
        let mut out = match kinds.is_empty() {
            true => "nothing differs".to_owned(),
            false => format!("{} in {}", kinds.join(", "), words::number(with, "section")),
        };
        let (compared, identical) = (of(Comparison::Compared), of(Comparison::Identical));
        let compared = words::number(compared + identical, "section");
        let _ = writeln!(out, "; {compared} compared, {identical} of them identical");
        out.push_str(&self.left_out());
        out.push_str(&self.unseen(of(Comparison::NoLongerCollected), counts.not_seen));
        if counts.approved > 0 {
            let more = if self.verbose { "" } else { "--verbose lists them; " };
            let _ = writeln!(
                out,
                "{} approved ({more}approval is about drift: checks are judged all the same)",
                counts.approved
            );
        }
        for note in unseen::notes(self.seen) {
            let _ = writeln!(out, "{} {}", self.paint.dim("note:"), escape::terminal(&note));
        }
        let _ = writeln!(out, "{}", self.paint.bold(outcome(drift.outcome())));
        out
    }

    /// How much was seen before and is not seen any more.
    fn unseen(&self, sections: u64, items: u64) -> String {
        let lost =
            |section: &SectionDrift<'_>| section.fields.values().filter(|field| field.lost).count() as u64;
        let in_part = self.seen.drift.sections.iter().filter(|one| one.extent() == Extent::NowInPart).count();
        let unseen = [
            (in_part as u64, "section read in part, whole before", "sections read in part, whole before"),
            (sections, "section no longer collected", "sections no longer collected"),
            (
                self.seen.drift.sections.iter().map(lost).sum(),
                "property no longer collected",
                "properties no longer collected",
            ),
            (items, "item not seen", "items not seen"),
        ];
        let told = unseen.into_iter().filter(|(count, ..)| *count > 0);
        told.map(|(count, one, many)| format!("{count} {}\n", if count == 1 { one } else { many })).collect()
    }

    /// What rules left out, and rules of the configuration that left nothing out.
    fn left_out(&self) -> String {
        let drift = self.seen.drift;
        if !self.seen.ignored {
            return "nothing was ignored\n".to_owned();
        }
        let counted = drift.rules.iter().enumerate().map(|(id, rule)| (rule, drift.left_out(id)));
        let used: Vec<(&Rule, u64)> = counted.clone().filter(|(_, count)| *count > 0).collect();
        let total: u64 = used.iter().map(|(_, count)| count).sum();
        let mut out = match total {
            0 => "0 suppressed\n".to_owned(),
            _ => format!(
                "{total} suppressed by {} (--no-ignore shows them)\n",
                words::number(used.len() as u64, "rule")
            ),
        };
        if self.verbose {
            for (rule, count) in used {
                let (words, reason) = self.seen.rule(rule);
                let _ = writeln!(
                    out,
                    "  {count:>7}  {}{} {}",
                    escape::terminal(&words),
                    escape::terminal(&reason.map(|reason| format!(": {reason}")).unwrap_or_default()),
                    self.paint.dim(&format!("({})", escape::terminal(&self.seen.source(rule))))
                );
            }
        }
        let idle = counted.filter(|(rule, count)| rule.source != Source::BuiltIn && *count == 0);
        let idle: Vec<String> = idle.map(|(rule, _)| self.seen.source(rule)).collect();
        if !idle.is_empty() {
            let _ = writeln!(out, "matched nothing this time: {}", escape::terminal(&idle.join(", ")));
        }
        out
    }
}
