//! Drift as annotations of a GitHub workflow: an error where a check that passed fails, a warning where one can't be
//! decided any more, a notice of any other difference, at its place; ten of a kind, then counts.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use super::super::escape::{terminal, workflow_data, workflow_property};
use super::super::location::Ground;
use super::entries::{self, Entry};
use super::ranked::{GROUPS, Group};
use super::{Seen, approved, outcome, unseen, words};
use crate::effect::Rank;

/// Annotations of a kind that GitHub shows per step.
const SHOWN: usize = 10;
/// Longest message.
const MOST_TEXT: usize = 1000;

/// Renders it.
#[must_use]
pub fn render(seen: &Seen<'_>, ground: &Ground) -> String {
    let mut out = String::new();
    let mut left = BTreeMap::from([("error", SHOWN), ("warning", SHOWN), ("notice", SHOWN)]);
    let mut more = 0;
    for group in GROUPS {
        let word = word(group);
        let room = left.get(word).copied().unwrap_or_default();
        let mut annotated = 0;
        for entry in entries::entries(seen, group).take(room) {
            annotation(&entry, word, ground, &mut out);
            annotated += 1;
        }
        left.insert(word, room - annotated);
        more += entries::count(seen, group) - annotated;
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
    for note in unseen::all_notes(seen) {
        let _ = writeln!(out, "levelmark: {}", terminal(&note));
    }
    for loss in unseen::losses(seen) {
        let property = loss.property.as_deref().map(|property| format!(" {property}")).unwrap_or_default();
        let effect = loss.effect().map(|effect| format!(" → {effect}")).unwrap_or_default();
        let text = format!("{}{property} {}{effect}", loss.section, loss.what);
        let _ = writeln!(out, "levelmark: {}", terminal(&text));
    }
    // The runner's older syntax (`##[…]`) is looked for anywhere in a line.
    out.replace("##[", "# #[")
}

/// How loud the differences of a group are.
const fn word(group: Group) -> &'static str {
    match group {
        Group::Of(Rank::Regression) => "error",
        Group::Of(Rank::Lost) => "warning",
        Group::Of(Rank::Other | Rank::Fixed | Rank::Read | Rank::Unread) | Group::All => "notice",
    }
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
