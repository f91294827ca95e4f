//! Approvals as people read them in a report of drift. Comes in: drift with its approvals. Goes out: texts that are not
//! escaped yet. Not here: which approval covers what (`diff::approval`), layout (each format does its own).

use crate::config::approvals::Approval;
use crate::diff::{Change, Kind, SectionDrift, Standing};
use crate::snapshot::item;

use super::shown::cropped;
use super::{Seen, entries, words};

/// Approvals that match nothing any more, as far as their lines are named.
const LINES: usize = 10;

/// The approvals that a comparison went by.
#[derive(Debug, Clone, Copy)]
pub struct Known<'s> {
    /// The file, as it was named.
    pub file: &'s str,
    /// What is in it; [`Standing`] has places in it.
    pub list: &'s [Approval],
    /// Places of those that match nothing any more.
    pub unused: &'s [usize],
}

impl<'s> Known<'s> {
    /// Those that match nothing any more.
    pub(super) fn unused(self) -> impl Iterator<Item = &'s Approval> {
        self.unused.iter().filter_map(move |at| self.list.get(*at))
    }
}

/// A difference that was accepted.
#[derive(Debug)]
pub(super) struct Line {
    /// Section, item, property, value.
    pub what: String,
    /// Why, who, when.
    pub why: String,
}

/// All that was accepted, in the order of the sections.
pub(super) fn list(seen: &Seen<'_>) -> Vec<Line> {
    let Some(known) = seen.approvals else { return Vec::new() };
    let mut lines = Vec::new();
    for section in &seen.drift.sections {
        for change in &section.changes {
            let Standing::Approved(at) = change.standing else { continue };
            let Some(approval) = known.list.get(at) else { continue };
            lines.push(line(seen, section, change, approval));
        }
    }
    lines
}

fn line(seen: &Seen<'_>, section: &SectionDrift<'_>, change: &Change<'_>, approval: &Approval) -> Line {
    let withheld = seen.withheld(section.id);
    let node = change.new_item.or(change.old_item);
    let key = node.and_then(|node| item::key(section.id, node)).filter(|_| seen.shows_text());
    let name = node.and_then(item::name).filter(|_| withheld.is_none()).map(std::borrow::Cow::into_owned);
    let mut what = vec![section.id.to_owned()];
    what.extend(name.clone().map(|name| cropped(&name)));
    what.extend(key.filter(|key| Some(key) != name.as_ref()).map(|key| cropped(&key)));
    what.push(match change.pointer.is_empty() {
        true => words::kind(change.kind).to_owned(),
        false => seen.pointer(section.id, &change.pointer).into_owned(),
    });
    let value = brief(change).filter(|_| withheld.is_none() && !change.pointer.is_empty());
    what.extend(value);
    let turned =
        seen.effects.map(|effects| effects.of_change(section, change).len() as u64).unwrap_or_default();
    let turned = match turned {
        0 => String::new(),
        count => format!("; touches {} that turned", words::number(count, "check")),
    };
    let on = approval.on.date_naive();
    let why = match seen.shows_text() {
        true => format!("{} ({}, {on}{turned})", cropped(&approval.reason), approval.by),
        false => format!("approved on {on}{turned}"),
    };
    Line { what: what.join(" "), why }
}

/// That another value was accepted than is there now.
pub(super) fn hint(seen: &Seen<'_>, section: &str, change: &Change<'_>) -> Option<String> {
    let Standing::Otherwise(at) = change.standing else { return None };
    let approval = seen.approvals?.list.get(at)?;
    let on = approval.on.date_naive();
    if !seen.shows_text() {
        return Some(format!("approved was another value, on {on}"));
    }
    let was = approval.shown.as_deref().filter(|_| seen.withheld(section).is_none());
    let was = was.map_or_else(|| "another value".to_owned(), cropped);
    Some(format!("approved was {was} (by {}, {on})", approval.by))
}

/// `, 3 approved`; nothing where nobody asked.
pub(in crate::report) fn counted(seen: &Seen<'_>) -> String {
    seen.approvals.map_or_else(String::new, |_| format!(", {} approved", seen.drift.counts().approved))
}

/// What is to be said of approvals that cover nothing.
pub(super) fn notes(seen: &Seen<'_>) -> Vec<String> {
    let Some(known) = seen.approvals else { return Vec::new() };
    let lines: Vec<String> = known.unused().take(LINES).map(|approval| approval.line.to_string()).collect();
    match known.unused.len() {
        0 => Vec::new(),
        count => {
            let more = if count > lines.len() { ", …" } else { "" };
            let (what, verb) = if count == 1 { ("approval", "matches") } else { ("approvals", "match") };
            let places = format!("{} line {}{more}", seen.file(known.file), lines.join(", "));
            vec![format!("{count} {what} of {places} {verb} nothing any more and may be deleted")]
        }
    }
}

/// A difference on one line, for people; None where there is nothing to show of it.
#[must_use]
pub fn brief(change: &Change<'_>) -> Option<String> {
    let text = match change.kind {
        Kind::Added | Kind::Removed | Kind::AgedOut | Kind::NotSeen | Kind::NewlySeen => {
            item::name(change.new_item.or(change.old_item)?)?.into_owned()
        }
        Kind::Reordered => return None,
        Kind::Changed | Kind::Renamed => {
            let entries::Line { old, new, .. } = entries::line(change, None);
            match (old.is_empty(), new.is_empty(), change.lost.is_empty() && change.gained.is_empty()) {
                (_, _, true) | (false, false, false) => format!("{old} → {new}"),
                (false, true, false) => format!("lost {old}"),
                (_, false, false) => format!("gained {new}"),
                (true, true, false) => return None,
            }
        }
    };
    Some(cropped(&text))
}
