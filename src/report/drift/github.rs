//! Drift as annotations of a GitHub workflow: an error where a check that passed fails, a warning where one can't be
//! decided any more, at the place of the difference; ten of a kind, then counts.

use std::fmt::Write;
use std::path::Path;

use super::super::escape::{terminal, workflow_data, workflow_property};
use super::super::location::Ground;
use super::entries::{self, Entry};
use super::ranked::Group;
use super::{Seen, approved, outcome, words};
use crate::effect::Rank;

/// Annotations of a kind that GitHub shows per step.
const SHOWN: usize = 10;
/// Longest message.
const MOST_TEXT: usize = 1000;

/// Renders it.
#[must_use]
pub fn render(seen: &Seen<'_>, ground: &Ground) -> String {
    let mut out = String::new();
    let groups = [
        ("error", Group::Of(Rank::Regression)),
        ("warning", Group::Of(Rank::Lost)),
        ("notice", Group::Of(Rank::Other)),
        ("notice", Group::Of(Rank::Fixed)),
    ];
    let mut left =
        std::collections::BTreeMap::from([("error", SHOWN), ("warning", SHOWN), ("notice", SHOWN)]);
    let mut more = 0;
    for (word, group) in groups {
        for entry in entries::entries(seen, group) {
            match left.get_mut(word).filter(|left| **left > 0) {
                Some(left) => {
                    *left -= 1;
                    annotation(&entry, word, ground, &mut out);
                }
                None => more += 1,
            }
        }
    }
    if more > 0 {
        let _ = writeln!(out, "levelmark: {more} more are not annotated, as GitHub shows {SHOWN} of a kind");
    }
    for moved in seen.effects.map(|effects| effects.levels.as_slice()).unwrap_or_default() {
        let (before, after) = (words::verdict(moved.before.as_ref()), words::verdict(moved.after.as_ref()));
        let _ = writeln!(out, "levelmark: {}: {before}, now {after}", terminal(&moved.name));
    }
    let counts = seen.drift.counts();
    let _ = writeln!(
        out,
        "levelmark: {}: {} added, {} removed, {} changed, {} renamed, {} reordered, {} suppressed{}",
        outcome(seen.drift.outcome()),
        counts.added,
        counts.removed,
        counts.changed,
        counts.renamed,
        counts.reordered,
        counts.suppressed,
        approved::counted(seen)
    );
    for note in seen.notes.iter().chain(&approved::notes(seen)) {
        let _ = writeln!(out, "levelmark: {}", terminal(note));
    }
    for section in seen.drift.sections.iter().filter(|section| section.is_lost()) {
        let _ = writeln!(out, "levelmark: {}: what was seen is not seen any more", section.id);
    }
    // The runner's older syntax (`##[…]`) is looked for anywhere in a line.
    out.replace("##[", "# #[")
}

fn annotation(entry: &Entry<'_>, word: &str, ground: &Ground, out: &mut String) {
    let mut properties = Vec::new();
    if let Some(place) = &entry.place
        && let Some(path) = ground.relative(Path::new(place.file))
    {
        properties.push(format!("file={}", workflow_property(&path)));
        properties.push(format!("line={}", place.line));
        properties.push(format!("col={}", place.column));
    }
    let crop = super::super::words::cropped;
    let title = entry.turned.first().map(String::as_str).unwrap_or(entry.section);
    properties.push(format!("title={}", workflow_property(&crop(title, 200))));
    let called: Vec<&str> = [&entry.name, &entry.key].into_iter().flatten().map(String::as_str).collect();
    let mut message = format!("{} {} {}", entry.section, called.join(" "), words::kind(entry.kind));
    for line in &entry.lines {
        let _ = match (line.old.is_empty(), line.new.is_empty()) {
            (true, true) => write!(message, "\n{}", line.pointer),
            _ => write!(message, "\n{}: {} → {}", line.pointer, line.old, line.new),
        };
    }
    for turned in entry.turned.iter().skip(1).chain(&entry.hints) {
        let _ = write!(message, "\n{turned}");
    }
    let _ = writeln!(out, "::{word} {}::{}", properties.join(","), workflow_data(&crop(&message, MOST_TEXT)));
}
