//! Drift as a page: which levels moved, which checks turned, and every difference by what it did. Comes in: drift. Goes
//! out: a page under the same content security policy as the report.

use askama::Template;

use crate::report::drift::entries::{self, Entry};
use crate::report::drift::ranked::{self, GROUPS, Group};
use crate::report::drift::{self, Seen, unseen};

use super::Error;
use super::shell::Shell;
use super::words::{self, Mark};

/// Items of a group that are on the page; those behind are counted.
const MOST: usize = 2_000;

/// Makes the page.
///
/// # Errors
/// A template failed, which none of them should.
pub fn render(seen: &Seen<'_>) -> Result<String, Error> {
    let counts = seen.drift.counts();
    let page = Page {
        shell: Shell::new(),
        name: seen.new.called(seen).map_or_else(|| "Tenant".to_owned(), |name| words::clean(&name)),
        outcome: drift::outcome(seen.drift.outcome()),
        from: words::moment(seen.old.taken),
        to: words::moment(seen.new.taken),
        counts: [
            (counts.added, "added"),
            (counts.removed, "removed"),
            (counts.changed, "changed"),
            (counts.renamed, "renamed"),
            (counts.reordered, "reordered"),
            (counts.suppressed, "left out by rules"),
        ]
        .into_iter()
        .chain(seen.approvals.map(|_| (counts.approved, "approved")))
        .collect(),
        evaluated: seen.effects.is_some(),
        levels: levels(seen),
        flips: flips(seen),
        groups: GROUPS.into_iter().filter_map(|group| group_of(seen, group)).collect(),
        lost: lost(seen),
        notes: unseen::all_notes(seen).iter().map(|note| words::clean(note)).collect(),
        tool: format!("levelmark {}", env!("CARGO_PKG_VERSION")),
    };
    page.render().map(|text| text.trim_end().to_owned() + "\n").map_err(Error)
}

#[derive(Template)]
#[template(path = "drift.html")]
struct Page {
    shell: Shell,
    name: String,
    outcome: &'static str,
    from: String,
    to: String,
    counts: Vec<(u64, &'static str)>,
    evaluated: bool,
    levels: Vec<(String, String, String)>,
    flips: Vec<FlipRow>,
    groups: Vec<Items>,
    lost: Vec<Lost>,
    notes: Vec<String>,
    tool: String,
}

struct FlipRow {
    id: String,
    gates: Option<u16>,
    claim: String,
    reason: String,
    before: Mark,
    after: Mark,
}

struct Lost {
    section: &'static str,
    property: String,
    what: String,
    effect: String,
}

struct Items {
    id: usize,
    title: String,
    open: bool,
    items: Vec<Row>,
    more: usize,
}

struct Row {
    section: &'static str,
    kind: &'static str,
    name: String,
    key: String,
    place: String,
    lines: Vec<(String, String, String)>,
    turned: Vec<String>,
}

fn levels(seen: &Seen<'_>) -> Vec<(String, String, String)> {
    let moved = seen.effects.map(|effects| effects.levels.as_slice()).unwrap_or_default();
    let verdict = |verdict: &Option<_>| drift::verdict(verdict.as_ref());
    moved
        .iter()
        .map(|moved| (words::clean(&moved.name), verdict(&moved.before), verdict(&moved.after)))
        .collect()
}

fn flips(seen: &Seen<'_>) -> Vec<FlipRow> {
    let flips = seen.effects.map(|effects| effects.flips.as_slice()).unwrap_or_default();
    flips
        .iter()
        .map(|flip| FlipRow {
            id: flip.id(),
            gates: flip.gates,
            claim: words::clean(seen.claim(flip)),
            reason: seen.reason(flip).map(words::clean).unwrap_or_default(),
            before: words::outcome(flip.before),
            after: words::outcome(flip.after),
        })
        .collect()
}

fn group_of(seen: &Seen<'_>, group: Group) -> Option<Items> {
    let items: Vec<Row> = entries::entries(seen, group).take(MOST).map(|entry| row(&entry)).collect();
    let more = entries::count(seen, group).saturating_sub(MOST);
    let title = drift::sentence(if group == Group::All { "what differs" } else { ranked::title(group) });
    let id = GROUPS.into_iter().position(|other| other == group)?;
    (!items.is_empty()).then_some(Items { id, title, open: items.len() <= 40, items, more })
}

fn row(entry: &Entry<'_>) -> Row {
    let text = |text: &Option<String>| text.as_deref().map(words::clean).unwrap_or_default();
    let line = |line: &entries::Line| {
        (words::clean(&line.pointer), words::clean(&line.old), words::clean(&line.new))
    };
    Row {
        section: entry.section,
        kind: drift::kind(entry.kind),
        name: text(&entry.name),
        key: text(&entry.key),
        place: entry
            .place
            .as_ref()
            .map(|place| format!("{}:{}:{}", words::clean(place.file), place.line, place.column))
            .unwrap_or_default(),
        lines: entry.lines.iter().map(line).collect(),
        turned: entry.turned.iter().chain(&entry.hints).map(|text| words::clean(text)).collect(),
    }
}

fn lost(seen: &Seen<'_>) -> Vec<Lost> {
    let of = |loss: unseen::Loss| Lost {
        section: loss.section,
        property: loss.property.as_deref().map(words::clean).unwrap_or_default(),
        what: words::clean(&loss.what),
        effect: loss.effect().unwrap_or_default(),
    };
    unseen::losses(seen).into_iter().map(of).collect()
}
