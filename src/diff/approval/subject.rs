//! What a difference is called from night to night. Comes in: a difference. Goes out: key and pointer that stay the
//! same while others come, go and move. Not here: the value that it has (`pin`).
//!
//! Positions in lists move, so an element is named by what identifies it, where that stands once in its list; else by
//! its value, and in a list whose order counts by its position. The same holds for items: where the key of the section
//! does not tell one from another, the digest of its value does.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::diff::identity::{Key, Level, Levels};
use crate::diff::model::Change;
use crate::diff::noise::{Rule, Rules};
use crate::diff::shape::{Orders, Shape};
use crate::sections::{Section, normal};
use crate::snapshot::document::{Kind, NodeRef};

use super::canonical::{Canon, Spot, plain, sha256};

/// Bytes of a key or of the name of an element; longer ones become digests, since people read the file.
const LONGEST_NAME: usize = 200;
/// Bytes of a pointer.
const LONGEST: usize = 1_000;
/// Digits of a digest that stands for the name of an element.
const SHORT: usize = 16;

/// Names the differences of one section.
#[derive(Debug)]
pub(super) struct Names<'c, 's> {
    pub section: &'static Section,
    pub rules: Rules<'c>,
    pub orders: Orders,
    /// Of elements of lists.
    levels: Levels,
    /// How often each key stands in a list of items.
    keys: RefCell<HashMap<NodeRef<'s>, Rc<HashMap<String, usize>>>>,
    /// What the elements of a list are called; None where nothing identifies one.
    lists: RefCell<HashMap<NodeRef<'s>, Rc<Vec<Option<String>>>>>,
}

/// Where a difference lies.
#[derive(Debug)]
pub(super) struct Place<'s> {
    /// Its pointer with names for elements.
    pub pointer: String,
    /// Types and names down to it; its node is the value, or the object that lacks it.
    pub spot: Spot<'s>,
}

impl<'c, 's> Names<'c, 's> {
    pub fn of(section: &'static Section, rules: &'c [Rule]) -> Self {
        Self {
            section,
            rules: Rules::of(section.id, rules),
            orders: Orders::of(section),
            levels: Levels::of_elements(false),
            keys: RefCell::default(),
            lists: RefCell::default(),
        }
    }

    pub fn canon<'a>(&'a self, item: NodeRef<'s>) -> Canon<'a, 's> {
        Canon { rules: &self.rules, orders: &self.orders, item }
    }

    /// An item as a value.
    pub fn whole(&self, item: NodeRef<'s>) -> Spot<'s> {
        Spot { node: item, shape: Shape::Item(self.section.contract()), names: Vec::new() }
    }

    /// What an item is called; None for the only one of a section without keys.
    pub fn key(&self, item: NodeRef<'s>) -> Option<String> {
        let list = item.document().root();
        if self.section.key.is_empty() && list.elements().count() == 1 {
            return None;
        }
        let unique = |key: &String| self.keys(list).get(key) == Some(&1);
        let Some(key) = self.own_key(item).filter(unique) else {
            return Some(format!("sha256:{}", self.canon(item).digest(&self.whole(item))));
        };
        Some(if is_kept(&key, LONGEST_NAME) { key } else { format!("sha256:{}", sha256(&key)) })
    }

    /// The parts of its key in normal form, joined with commas as everywhere.
    fn own_key(&self, item: NodeRef<'s>) -> Option<String> {
        let level = Level { parts: self.section.key, strong: true };
        let key = Key::of(item, Shape::Item(self.section.contract()), &level)?;
        let text = read(&key);
        (!text.is_empty()).then_some(text)
    }

    fn keys(&self, list: NodeRef<'s>) -> Rc<HashMap<String, usize>> {
        let count = || {
            let mut counts: HashMap<String, usize> = HashMap::new();
            for key in list.elements().filter_map(|item| self.own_key(item)) {
                *counts.entry(key).or_default() += 1;
            }
            Rc::new(counts)
        };
        self.keys.borrow_mut().entry(list).or_insert_with(count).clone()
    }

    /// Goes from an item of the new snapshot to where a difference lies.
    pub fn place(&self, change: &Change<'s>) -> Option<Place<'s>> {
        let item = change.new_item.or(change.old_item)?;
        let mut pointer = String::new();
        let mut spot = self.whole(item);
        for step in change.pointer.split('/').skip(1) {
            match spot.node.kind() {
                Kind::Array => {
                    let at: usize = step.parse().ok()?;
                    let node = spot.node.at(at)?;
                    pointer.push_str(&format!("/[{}]", self.element(item, &spot, (at, node))));
                    spot = spot.element(node);
                }
                Kind::Object | Kind::Null | Kind::Bool | Kind::Number | Kind::String => {
                    let name = step.replace("~1", "/").replace("~0", "~");
                    pointer.push_str(&format!("/{}", escaped(step)));
                    let shape = spot.shape.member(&name);
                    // What is gone lies in the object that lacks it.
                    let node = spot.node.get(&name).unwrap_or(spot.node);
                    spot.names.push(Cow::Owned(name));
                    spot = Spot { node, shape, names: spot.names };
                }
            }
        }
        if !pointer.is_empty() && !is_kept(&pointer, LONGEST) {
            pointer = format!("/sha256:{}", sha256(&pointer));
        }
        Some(Place { pointer, spot })
    }

    /// What an element is called within its list, without the brackets.
    fn element(&self, item: NodeRef<'s>, list: &Spot<'s>, (at, node): (usize, NodeRef<'s>)) -> String {
        if let Some(Some(name)) = self.identities(list).get(at) {
            return name.clone();
        }
        if self.orders.has(list.shape) {
            return at.to_string();
        }
        format!("sha256:{}", short(&self.canon(item).digest(&list.element(node))))
    }

    /// What identifies each element of a list, where that stands once in it.
    pub fn identities(&self, list: &Spot<'s>) -> Rc<Vec<Option<String>>> {
        if let Some(known) = self.lists.borrow().get(&list.node) {
            return known.clone();
        }
        let shape = list.shape.element();
        let mut names: Vec<Option<String>> = vec![None; list.node.elements().count()];
        for level in self.levels.iter() {
            let mut seen: HashMap<Key<'_>, (usize, usize)> = HashMap::new();
            for (at, node) in list.node.elements().enumerate() {
                if let Some(key) = Key::of(node, shape, level) {
                    seen.entry(key).or_insert((at, 0)).1 += 1;
                }
            }
            for (key, (at, count)) in seen {
                if let Some(slot) = names.get_mut(at).filter(|slot| slot.is_none() && count == 1) {
                    *slot = Some(format!("{}={}", level.parts.join(","), self.shown(&read(&key))));
                }
            }
        }
        let names = Rc::new(names);
        self.lists.borrow_mut().insert(list.node, names.clone());
        names
    }

    /// A name as a pointer holds it: nothing of a sensitive section but ids, nothing long.
    fn shown(&self, name: &str) -> String {
        let tells = !self.section.sensitive.is_empty() && !normal::is_guid(name);
        if tells || name.len() > LONGEST_NAME {
            return format!("sha256:{}", short(&sha256(name)));
        }
        name.replace('~', "~0").replace('/', "~1")
    }
}

/// Whether a file of YAML has a text as it is: not long, not blank, no line end behind it.
fn is_kept(text: &str, longest: usize) -> bool {
    text.len() <= longest && !text.trim().is_empty() && !text.ends_with('\n')
}

/// A property whose name begins like an element's is none.
fn escaped(step: &str) -> Cow<'_, str> {
    match step.strip_prefix('[') {
        Some(rest) => Cow::Owned(format!("~2{rest}")),
        None => Cow::Borrowed(step),
    }
}

fn short(digest: &str) -> &str {
    digest.get(..SHORT).unwrap_or(digest)
}

fn read(key: &Key<'_>) -> String {
    match key {
        Key::One(scalar) => plain(scalar),
        Key::Many(scalars) => scalars.iter().map(plain).collect::<Vec<_>>().join(","),
    }
}
