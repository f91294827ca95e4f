//! An item or its differences with nothing left out, for somebody who is to consent to them. Comes in: differences of one
//! item. Goes out: text with whole values as JSON, escaped for a terminal. Not here: the short form (`text`).

use std::fmt::Write;

use crate::diff::{Change, Kind, SectionDrift, Side};
use crate::snapshot::document::NodeRef;

use super::super::escape;
use super::super::text::Style;
use super::shown::Item;
use super::text::Page;
use super::{Seen, words};

/// Renders it; `changes` are of one item.
#[must_use]
pub fn whole<'s>(
    seen: &Seen<'s>,
    style: Style,
    section: &SectionDrift<'s>,
    changes: &[Change<'s>],
) -> String {
    let page = Page::new(seen, style, "");
    let Some(first) = changes.first() else { return String::new() };
    let item = Item { changes, first };
    let mut out = match item.node() {
        Some(_) => format!("  {} {}\n", words::kind(first.kind), page.called(section, &item)),
        None => String::new(),
    };
    for change in changes {
        page.wholly(section, change, &mut out);
    }
    out
}

impl<'s> Page<'_, 's> {
    fn wholly(&self, section: &SectionDrift<'s>, change: &Change<'s>, out: &mut String) {
        if !change.pointer.is_empty() {
            let pointer = self.paint.bold(&escape::terminal(&change.pointer));
            let kind = match change.kind {
                Kind::Changed => String::new(),
                other => format!("  {}", words::kind(other)),
            };
            let _ = writeln!(out, "      {pointer}{kind}");
        }
        if let Some(why) = self.seen.withheld(section.id) {
            let _ = writeln!(out, "        values are not shown without --include {}: {why}", section.id);
            return;
        }
        if change.lost.is_empty() && change.gained.is_empty() {
            self.both(change, out);
            return;
        }
        for node in &change.lost {
            out.push_str(&lines(&self.red("-"), *node));
        }
        for node in &change.gained {
            out.push_str(&lines(&self.green("+"), *node));
        }
    }

    fn both(&self, change: &Change<'s>, out: &mut String) {
        for (mark, side) in [(self.red("-"), change.old), (self.green("+"), change.new)] {
            match side {
                Side::Value(node) => out.push_str(&lines(&mark, node)),
                Side::Absent(_) => {
                    let _ = writeln!(out, "        {mark} {}", self.paint.dim("absent"));
                }
                Side::Nothing => {}
            }
        }
    }
}

/// A value as JSON, each line behind its mark: nothing in it can pass for a line of ours.
fn lines(mark: &str, node: NodeRef<'_>) -> String {
    // Values from a parsed text can always be written again.
    let text = serde_json::to_string_pretty(&node.to_value()).unwrap_or_else(|_| node.raw().to_owned());
    let mut out = String::with_capacity(text.len() + 64);
    for line in text.lines() {
        let _ = writeln!(out, "        {mark} {}", escape::terminal(line));
    }
    out
}
