//! Drift as Markdown, for a pull request or a comment: which levels moved, which checks turned, what differs, what is
//! left out. Comes in: drift. Goes out: a text of at most so many bytes; what does not fit is counted.

use super::super::escape::{markdown, markdown_code};
use super::super::markdown::Page;
use super::entries::{self, Entry, Line};
use super::ranked::{self, GROUPS, Group};
use super::unseen::{self, Loss};
use super::{Seen, approved, outcome, words};

/// Items of a group that are looked at; those behind are counted.
const MOST: usize = 500;

/// Renders it.
#[must_use]
pub fn render(seen: &Seen<'_>) -> String {
    let mut page = Page::new(heading(seen), seen.most);
    if let Some(effects) = seen.effects {
        let moved: Vec<String> = effects
            .levels
            .iter()
            .map(|moved| {
                let (before, after) =
                    (words::verdict(moved.before.as_ref()), words::verdict(moved.after.as_ref()));
                format!("- {}: {before}, now **{after}**\n", markdown(&moved.name))
            })
            .collect();
        page.list("Levels that moved", "", &moved);
        let flips: Vec<String> = effects
            .flips
            .iter()
            .map(|flip| {
                let gates = flip.gates.map(|level| level.to_string()).unwrap_or_default();
                let (id, turned) = (markdown_code(&flip.id()), words::turned(flip));
                format!("| {id} | {gates} | {turned} | {} |\n", markdown(seen.claim(flip)))
            })
            .collect();
        page.list(
            "Checks that turned",
            "| check | level | | what should hold |\n|---|---|---|---|\n",
            &flips,
        );
    }
    for group in GROUPS {
        let title = if group == Group::All { "What differs" } else { ranked::title(group) };
        let items: Vec<String> = entries::entries(seen, group).take(MOST).map(|entry| item(&entry)).collect();
        page.list_of(&words::sentence(title), "", (&items, entries::count(seen, group)));
    }
    let lost: Vec<String> = unseen::losses(seen).iter().map(loss).collect();
    page.list("No longer collected", "", &lost);
    let notes: Vec<String> =
        unseen::all_notes(seen).iter().map(|note| format!("- {}\n", markdown(note))).collect();
    page.list("Notes", "", &notes);
    page.text
}

fn loss(loss: &Loss) -> String {
    let property = loss.property.as_deref().map(|property| format!(" {}", markdown_code(property)));
    let effect = loss.effect().map(|effect| format!(" → {effect}")).unwrap_or_default();
    let (section, property) = (markdown_code(loss.section), property.unwrap_or_default());
    format!("- {section}{property} {}{effect}\n", markdown(&loss.what))
}

fn heading(seen: &Seen<'_>) -> String {
    let counts = seen.drift.counts();
    let of = seen.new.called(seen).map(|name| format!(": {}", markdown_code(&name))).unwrap_or_default();
    let suppressed = match (seen.ignored, counts.suppressed) {
        (false, _) => "nothing was ignored".to_owned(),
        (true, count) => format!("{count} suppressed by rules"),
    };
    format!(
        "## Drift{of}\n\n{} to {}: **{}**. {} added, {} removed, {} changed, {} renamed, {} reordered; {suppressed}{}.\n",
        seen.old.taken.format("%Y-%m-%d %H:%M UTC"),
        seen.new.taken.format("%Y-%m-%d %H:%M UTC"),
        outcome(seen.drift.outcome()),
        counts.added,
        counts.removed,
        counts.changed,
        counts.renamed,
        counts.reordered,
        approved::counted(seen),
    )
}

fn item(entry: &Entry<'_>) -> String {
    let called = [&entry.name, &entry.key].into_iter().flatten().map(|text| markdown_code(text));
    let called = called.collect::<Vec<_>>().join(" ");
    let place = entry.place.as_ref().map(|place| format!(" ({}:{})", markdown_code(place.file), place.line));
    let mut out = format!(
        "- {} {called} {}{}\n",
        markdown_code(entry.section),
        words::kind(entry.kind),
        place.unwrap_or_default()
    );
    for Line { pointer, kind, old, new } in &entry.lines {
        let kind = if *kind == crate::diff::Kind::Changed { "" } else { words::kind(*kind) };
        let values = match (old.is_empty(), new.is_empty()) {
            (false, true) => format!("lost {}", markdown_code(old)),
            (true, false) => format!("gained {}", markdown_code(new)),
            (true, true) => String::new(),
            (false, false) => format!("{} → {}", markdown_code(old), markdown_code(new)),
        };
        out.push_str(&format!("  - {} {kind} {values}\n", markdown_code(pointer)));
    }
    for turned in entry.turned.iter().chain(&entry.hints) {
        out.push_str(&format!("  - → {}\n", markdown(turned)));
    }
    out
}
