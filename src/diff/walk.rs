//! Two values that are one are walked side by side. Comes in: an item of each snapshot. Goes out: every
//! property in which they differ, once, at its place. Not here: lists (`lists`), who is whom (`pairing`).
//!
//! It recurses as deep as the texts nest, which the parser limits to 127.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::sections::Section;
use crate::snapshot::document::{Kind as NodeKind, NodeRef};
use crate::snapshot::record::SectionRecord;

use super::coverage;
use super::fingerprint::Fingerprints;
use super::identity::Levels;
use super::model::{Change, How, Kind, Notes, Side, Standing};
use super::noise::{RuleId, Rules, What};
use super::normal::same;
use super::shape::{Orders, Shape};

/// What holds for a whole section.
#[derive(Debug)]
pub(super) struct Ground<'c> {
    pub section: &'static Section,
    pub rules: Rules<'c>,
    pub orders: Orders,
    pub prints: &'c Fingerprints,
    /// Of elements of lists.
    pub levels: Levels,
    /// Whether rules leave anything out.
    pub ignore: bool,
    /// Whether the snapshots are of two tenants.
    pub foreign: bool,
    pub old: &'c SectionRecord,
    pub new: &'c SectionRecord,
}

/// What was found in a part of a section.
#[derive(Debug, Default)]
pub(super) struct Found<'s> {
    pub changes: Vec<Change<'s>>,
    pub suppressed: BTreeMap<RuleId, u64>,
    pub notes: Notes,
}

impl Found<'_> {
    /// Counts what a rule left out.
    pub fn left_out(&mut self, rule: RuleId) {
        *self.suppressed.entry(rule).or_default() += 1;
    }
}

impl<'s> Found<'s> {
    /// Takes over what was found in another part.
    pub fn append(&mut self, other: Found<'s>) {
        self.changes.extend(other.changes);
        for (rule, count) in other.suppressed {
            *self.suppressed.entry(rule).or_default() += count;
        }
        self.notes.add(&other.notes);
    }
}

/// A step from an item towards a value.
#[derive(Debug, Clone)]
pub(super) enum Step<'s> {
    Name(Cow<'s, str>),
    Element { old: usize, new: usize, how: How, node: NodeRef<'s> },
}

/// On its way through one item after the other.
#[derive(Debug)]
pub(super) struct Walker<'s, 'c> {
    pub ground: &'c Ground<'c>,
    pub found: Found<'s>,
    item: (NodeRef<'s>, NodeRef<'s>, How),
    path: Vec<Step<'s>>,
    /// How deep the object stands that has another identity, and which part of it.
    renamed: Option<(usize, &'static str)>,
}

impl<'s, 'c> Walker<'s, 'c> {
    /// Compares two items.
    pub fn item(
        ground: &'c Ground<'c>,
        found: Found<'s>,
        (old, new): (NodeRef<'s>, NodeRef<'s>),
        (how, renamed): (How, Option<&'static str>),
    ) -> Found<'s> {
        let renamed = renamed.map(|part| (0, part));
        let mut walker = Self { ground, found, item: (old, new, how), path: Vec::new(), renamed };
        walker.pair(old, new, Shape::Item(ground.section.contract()));
        walker.found
    }

    /// Compares two values that are one.
    pub fn pair(&mut self, old: NodeRef<'s>, new: NodeRef<'s>, shape: Shape) {
        // Most of two snapshots is the same, letter by letter.
        if old.raw() == new.raw() {
            return;
        }
        match (old.kind(), new.kind()) {
            (NodeKind::Object, NodeKind::Object) => self.object(old, new, shape),
            (NodeKind::Array, NodeKind::Array) => self.list(old, new, shape),
            (before, after) if before == after && same(old, new, shape.form()) => {}
            _ => self.changed(Side::Value(old), Side::Value(new)),
        }
    }

    /// Names stand once in an object, mostly in the same order on both sides; the rest is sorted.
    fn object(&mut self, old: NodeRef<'s>, new: NodeRef<'s>, shape: Shape) {
        let (mut olds, mut news) = (old.members(), new.members());
        let (mut before, mut after) = (Vec::new(), Vec::new());
        loop {
            match (olds.next(), news.next()) {
                (Some((name, _, a)), Some((same, _, b))) if name == same => {
                    self.member(name, (Side::Value(a), Side::Value(b)), shape);
                }
                (None, None) => return,
                (a, b) => {
                    let named = |(name, _, node)| (name, node);
                    before.extend(a.into_iter().chain(olds).map(named));
                    after.extend(b.into_iter().chain(news).map(named));
                    break;
                }
            }
        }
        before.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        after.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let (mut before, mut after) = (before.into_iter().peekable(), after.into_iter().peekable());
        loop {
            let order = match (before.peek(), after.peek()) {
                (Some((a, _)), Some((b, _))) => a.cmp(b),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => return,
            };
            let a = before.next_if(|_| order.is_le());
            let b = after.next_if(|_| order.is_ge());
            let side = |member: &Option<(Cow<'s, str>, NodeRef<'s>)>, object| match member {
                Some((_, node)) => Side::Value(*node),
                None => Side::Absent(object),
            };
            let sides = (side(&a, old), side(&b, new));
            if let Some((name, _)) = a.or(b) {
                self.member(name, sides, shape);
            }
        }
    }

    fn member(&mut self, name: Cow<'s, str>, (old, new): (Side<'s>, Side<'s>), shape: Shape) {
        if let (Side::Value(old), Side::Value(new)) = (old, new) {
            // Before anything else, since it is so nearly always.
            if old.raw() == new.raw() {
                return;
            }
            let shape = shape.member(&name);
            self.path.push(Step::Name(name));
            self.pair(old, new, shape);
        } else {
            if self.path.is_empty() && self.was_not_collected(&name, new.value().is_none()) {
                return;
            }
            self.path.push(Step::Name(name));
            self.changed(old, new);
        }
        self.path.pop();
    }

    /// A property of an item that one side lacks because it did not ask for it, as the other did, is no change.
    fn was_not_collected(&self, name: &str, lost: bool) -> bool {
        let (before, after) = (self.ground.old, self.ground.new);
        let (covering, lacking) = if lost { (before, after) } else { (after, before) };
        coverage::covers_alone(covering, lacking, name)
    }

    /// Goes into an element of a list, and comes back.
    pub fn element(
        &mut self,
        step: Step<'s>,
        renamed: Option<&'static str>,
        (old, new): (NodeRef<'s>, NodeRef<'s>),
        shape: Shape,
    ) {
        let outer = self.renamed;
        self.path.push(step);
        if let Some(part) = renamed {
            self.renamed = Some((self.path.len(), part));
        }
        self.pair(old, new, shape);
        self.path.pop();
        self.renamed = outer;
    }

    /// A value is another.
    pub fn changed(&mut self, old: Side<'s>, new: Side<'s>) {
        let kind = if self.is_identity() { Kind::Renamed } else { Kind::Changed };
        self.differs(kind, (old, new), (Box::default(), Box::default()));
    }

    /// Whether the path leads to what identifies the object that was renamed.
    fn is_identity(&self) -> bool {
        let Some((depth, part)) = self.renamed else { return false };
        let names = self.path.iter().skip(depth).map(|step| match step {
            Step::Name(name) => Some(&**name),
            Step::Element { .. } => None,
        });
        let Some(names) = names.collect::<Option<Vec<&str>>>() else { return false };
        names.join(".") == part
    }

    /// Notes a difference in a property at the present place, unless a rule leaves it out.
    pub fn differs(&mut self, kind: Kind, sides: (Side<'s>, Side<'s>), elements: Elements<'s>) {
        let rule = {
            let names = self.names();
            self.ground.rules.covering(What::Property(&names, sides.0, sides.1), self.item.1)
        };
        self.note(kind, rule, sides, elements);
    }

    /// Notes that the elements of a set stand in another order.
    pub fn moved(&mut self, old: NodeRef<'s>, new: NodeRef<'s>) {
        let rule = self.ground.rules.covering(What::Order(&self.names()), self.item.1);
        let sides = (Side::Value(old), Side::Value(new));
        self.note(Kind::Reordered, rule, sides, (Box::default(), Box::default()));
    }

    fn note(
        &mut self,
        kind: Kind,
        rule: Option<RuleId>,
        sides: (Side<'s>, Side<'s>),
        elements: Elements<'s>,
    ) {
        if let Some(rule) = rule.filter(|_| self.ground.ignore) {
            self.found.left_out(rule);
            return;
        }
        let (pointer, old_pointer) = self.pointers();
        let within = self.path.iter().rev().find_map(|step| match step {
            Step::Element { node, how, .. } => Some((*node, *how)),
            Step::Name(_) => None,
        });
        self.found.changes.push(Change {
            kind,
            old_item: Some(self.item.0),
            new_item: Some(self.item.1),
            matched: self.item.2,
            pointer,
            old_pointer,
            within,
            old: sides.0,
            new: sides.1,
            lost: elements.0,
            gained: elements.1,
            rule,
            standing: Standing::Open,
        });
    }

    fn names(&self) -> Vec<&str> {
        let names = self.path.iter().filter_map(|step| match step {
            Step::Name(name) => Some(&**name),
            Step::Element { .. } => None,
        });
        names.collect()
    }

    /// As in the new snapshot, and as in the old one where that differs.
    fn pointers(&self) -> (Box<str>, Option<Box<str>>) {
        let (mut new, mut old) = (String::new(), String::new());
        for step in &self.path {
            match step {
                Step::Name(name) => {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    new.extend(["/", &name]);
                    old.extend(["/", &name]);
                }
                Step::Element { old: before, new: after, .. } => {
                    new.push_str(&format!("/{after}"));
                    old.push_str(&format!("/{before}"));
                }
            }
        }
        let old = (old != new).then(|| old.into_boxed_str());
        (new.into_boxed_str(), old)
    }
}

/// Elements that a set lost and gained.
pub(super) type Elements<'s> = (Box<[NodeRef<'s>]>, Box<[NodeRef<'s>]>);
