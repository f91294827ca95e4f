//! The value that an approval accepts, as a digest. Comes in: a difference. Goes out: a pin. Not here: the normal form
//! of a value (`canonical`).

use std::collections::HashSet;

use crate::config::approvals::Pin;
use crate::diff::model::{Change, Kind, Side};
use crate::diff::noise::Worth;
use crate::snapshot::document::NodeRef;

use super::canonical::{BLANK, Spot, sha256};
use super::subject::Names;

/// The pin of a difference: of what is there now, whatever was there before.
pub(super) fn of<'s>(names: &Names<'_, 's>, change: &Change<'s>) -> Option<Pin> {
    let digest = |text: String| Some(Pin::Sha256(sha256(&text)));
    match (change.kind, change.new, change.new_item) {
        (_, Side::Nothing | Side::Absent(_), _) => Some(Pin::Absent),
        (Kind::Reordered, Side::Value(items), None) => digest(items_in_order(names, items)),
        (_, Side::Value(_), None) => None,
        (kind, Side::Value(node), Some(item)) => {
            let spot = names.place(change)?.spot;
            let canon = names.canon(item);
            if change.pointer.is_empty() {
                return digest(canon.text(&spot));
            }
            if kind == Kind::Reordered {
                return digest(elements(names, item, &spot, None).join(","));
            }
            // Kinds of nothing that a rule takes for one another.
            match canon.worth(node, &spot.names) {
                Worth::Itself => {}
                Worth::Blank => return digest(BLANK.to_owned()),
                Worth::Nothing => return Some(Pin::Absent),
            }
            if change.lost.is_empty() && change.gained.is_empty() {
                return digest(canon.text(&spot));
            }
            let gained: HashSet<u32> = change.gained.iter().map(|node| node.index()).collect();
            let mut elements = elements(names, item, &spot, Some(&gained));
            if !names.orders.has(spot.shape) {
                elements.sort_unstable();
            }
            digest(format!("[{}]", elements.join(",")))
        }
    }
}

/// The elements of a list. One that was there before and has a name stands for itself: what changed in it is a
/// difference, and an approval, of its own. What came has its whole value.
fn elements<'s>(
    names: &Names<'_, 's>,
    item: NodeRef<'s>,
    list: &Spot<'s>,
    gained: Option<&HashSet<u32>>,
) -> Vec<String> {
    let known = names.identities(list);
    let canon = names.canon(item);
    let text = |(at, node): (usize, NodeRef<'s>)| {
        let came = gained.is_some_and(|gained| gained.contains(&node.index()));
        match known.get(at).and_then(Option::as_ref).filter(|_| !came) {
            Some(name) => format!("[{name}]"),
            None => canon.text(&list.element(node)),
        }
    };
    list.node.elements().enumerate().map(text).collect()
}

fn items_in_order<'s>(names: &Names<'_, 's>, items: NodeRef<'s>) -> String {
    let keys = items.elements().map(|item| names.key(item).unwrap_or_default());
    keys.collect::<Vec<_>>().join("\n")
}
