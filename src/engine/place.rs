//! Places: nodes become files, lines, columns, keys and excerpts, once, at the end. What lies in a
//! derived section is traced to the items it was made from. Not here: choosing the nodes.

use crate::query;
use crate::snapshot::document::{Kind, NodeRef, Position, Span, Step};
use crate::snapshot::item;

use super::assertion::Hit;
use super::finding::{Evidence, Place};
use super::world::World;

/// Longest value or excerpt shown, in bytes.
const CROP: usize = 160;

/// All places of a finding, the first of them made concrete.
pub(super) fn evidence<'a>(world: &World<'a>, hits: &[Hit<'a>]) -> Evidence {
    let shown = hits.iter().take(world.input.max_evidence).map(|hit| locate(world, hit)).collect();
    Evidence { total: hits.len(), shown }
}

/// The section and node in the evidence itself that a hit stands for.
fn origin<'a>(world: &World<'a>, hit: &Hit<'a>) -> (String, NodeRef<'a>, Option<NodeRef<'a>>) {
    let Some(derived) = world.derived(&hit.section) else {
        return (hit.section.to_string(), hit.node, hit.focus);
    };
    let item = derived.document.item_of(hit.node);
    let origin = item.and_then(|item| derived.origins.get(item)).and_then(|origins| origins.first());
    let found = origin.and_then(|origin| {
        let document = world.roots.snapshot.documents.get(origin.section)?;
        Some((origin.section.to_owned(), document.node(origin.node)))
    });
    match found {
        None => (hit.section.to_string(), hit.node, hit.focus),
        Some((section, node)) => {
            let focus = hit.focus.and_then(|focus| same_name(focus, node));
            (section, node, focus)
        }
    }
}

/// The property of the original item that a derived one was copied from, if it kept its name.
fn same_name<'a>(focus: NodeRef<'a>, original: NodeRef<'a>) -> Option<NodeRef<'a>> {
    match focus.document().path_of(focus).pop()? {
        Step::Name(name) => original.get(&name),
        Step::Index(_) => None,
    }
}

fn locate<'a>(world: &World<'a>, hit: &Hit<'a>) -> Place {
    let (section, node, focus) = origin(world, hit);
    let at = focus.unwrap_or(node);
    let document = node.document();
    let within = document.item_of(node).and_then(|index| document.root().at(index));
    let text = document.text();
    let Span { start, end } = at.span();
    let Position { line, column } = text.position(start);
    let Position { line: end_line, column: end_column } = text.position(end);
    let (excerpt_start, excerpt) = window(text.as_str(), start);
    Place {
        key: within.and_then(|within| item::key(&section, within)),
        name: within.and_then(item::name).map(|name| crop(&name)),
        pointer: query::json_pointer(at, 0),
        file: text.name().to_owned(),
        start,
        end,
        line,
        column,
        end_line,
        end_column,
        expected: hit.expected.as_deref().map(str::to_owned),
        actual: Some(actual(at)),
        excerpt: excerpt.to_owned(),
        excerpt_start,
        section,
    }
}

/// The key of the item that a hit lies in, as waivers pin it.
pub(super) fn key_of<'a>(world: &World<'a>, hit: &Hit<'a>) -> Option<String> {
    let (section, node, _) = origin(world, hit);
    let document = node.document();
    item::key(&section, document.root().at(document.item_of(node)?)?)
}

/// The value itself; of containers only how much is in them.
fn actual(node: NodeRef<'_>) -> String {
    match node.kind() {
        Kind::Array if node.raw().len() > CROP => format!("[… {} elements]", node.len()),
        Kind::Object if node.raw().len() > CROP => format!("{{… {} properties}}", node.len()),
        Kind::Null | Kind::Bool | Kind::Number | Kind::String | Kind::Array | Kind::Object => {
            crop(&folded(node.raw()))
        }
    }
}

/// The text around an offset: two lines before and after it, and never more than a few hundred bytes.
fn window(text: &str, at: u32) -> (u32, &str) {
    let at = at as usize;
    let boundary =
        |offset: usize| (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (low, high) = (boundary(at.saturating_sub(CROP)), boundary(at + 2 * CROP));
    let before = text.get(low..at).unwrap_or_default();
    let after = text.get(at..high).unwrap_or_default();
    let start = before.rmatch_indices('\n').nth(2).map_or(low, |(newline, _)| low + newline + 1);
    let end = after.match_indices('\n').nth(2).map_or(high, |(newline, _)| at + newline);
    (u32::try_from(start).unwrap_or(0), text.get(start..end).unwrap_or_default())
}

/// White space runs as one space.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn crop(text: &str) -> String {
    if text.len() <= CROP {
        return text.to_owned();
    }
    let end = (0..=CROP).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default())
}
