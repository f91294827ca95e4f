//! Lists within items. Comes in: two lists that are one. Goes out: elements that changed at their places, and
//! per list what it lost and gained. Not here: who is whom (`pairing`).
//!
//! A list is a set unless its order is said to mean something (`shape::ORDERED`): Graph returns nearly all of
//! its collections in no order. It is a multiset in fact, so that one of two equal elements can be missed.

use crate::snapshot::document::NodeRef;

use super::likeness::Allowance;
use super::model::{How, Kind, Side};
use super::pairing::{Means, Pair, Pairing, Table};
use super::shape::Shape;
use super::walk::{Step, Walker};

/// Two lists without what they have in common at their beginning and end.
struct Middle<'s> {
    olds: Vec<NodeRef<'s>>,
    news: Vec<NodeRef<'s>>,
    /// Elements before it.
    start: usize,
}

impl<'s> Middle<'s> {
    fn of(old: NodeRef<'s>, new: NodeRef<'s>) -> Self {
        let (mut olds, mut news): (Vec<_>, Vec<_>) = (old.elements().collect(), new.elements().collect());
        let same = |(a, b): &(&NodeRef<'s>, &NodeRef<'s>)| a.raw() == b.raw();
        let start = olds.iter().zip(&news).take_while(same).count();
        olds.drain(..start);
        news.drain(..start);
        let end = olds.iter().rev().zip(news.iter().rev()).take_while(same).count();
        olds.truncate(olds.len() - end);
        news.truncate(news.len() - end);
        Self { olds, news, start }
    }
}

impl<'s> Walker<'s, '_> {
    /// Compares two lists.
    pub fn list(&mut self, old: NodeRef<'s>, new: NodeRef<'s>, shape: Shape) {
        let middle = Middle::of(old, new);
        let element = shape.element();
        if self.ground.orders.has(shape) && middle.olds.len() == middle.news.len() {
            self.in_order(&middle, (old, new), element);
            return;
        }
        let means = Means {
            levels: &self.ground.levels,
            prints: self.ground.prints,
            orders: &self.ground.orders,
            shape: element,
            allowance: Allowance::ELEMENTS,
        };
        let Pairing { mut pairs, gone, come, crowded, .. } =
            Table::new(middle.olds.clone(), middle.news.clone(), means).pair(false);
        pairs.sort_unstable_by_key(|pair| pair.new);
        let moved = !pairs.is_sorted_by_key(|pair| pair.old);
        for pair in pairs.into_iter().filter(|pair| pair.how != How::Equal) {
            self.one(&middle, pair, element);
        }
        if crowded {
            self.found.notes.crowded.0 += gone.len() as u64;
            self.found.notes.crowded.1 += come.len() as u64;
        }
        let sides = (Side::Value(old), Side::Value(new));
        if !gone.is_empty() || !come.is_empty() {
            let nodes = |nodes: &[NodeRef<'s>], chosen: Vec<usize>| {
                chosen.into_iter().filter_map(|at| nodes.get(at).copied()).collect()
            };
            self.differs(Kind::Changed, sides, (nodes(&middle.olds, gone), nodes(&middle.news, come)));
        }
        match (moved, self.ground.orders.has(shape)) {
            (true, true) => self.differs(Kind::Reordered, sides, (Box::default(), Box::default())),
            (true, false) => self.moved(old, new),
            (false, _) => {}
        }
    }

    /// As many elements, one after the other: the same ones in another order, or others at their places.
    fn in_order(&mut self, middle: &Middle<'s>, (old, new): (NodeRef<'s>, NodeRef<'s>), element: Shape) {
        let prints = |nodes: &[NodeRef<'s>]| {
            let ground = self.ground;
            let print = |node: &NodeRef<'s>| ground.prints.of(*node, element, &ground.orders);
            nodes.iter().map(print).collect::<Vec<u64>>()
        };
        let (before, after) = (prints(&middle.olds), prints(&middle.news));
        let sorted = |prints: &[u64]| {
            let mut prints = prints.to_vec();
            prints.sort_unstable();
            prints
        };
        if before != after && sorted(&before) == sorted(&after) {
            let sides = (Side::Value(old), Side::Value(new));
            self.differs(Kind::Reordered, sides, (Box::default(), Box::default()));
            return;
        }
        for at in 0..middle.olds.len() {
            self.one(middle, Pair { old: at, new: at, how: How::Position, renamed: None }, element);
        }
    }

    fn one(&mut self, middle: &Middle<'s>, pair: Pair, shape: Shape) {
        let (Some(old), Some(new)) = (middle.olds.get(pair.old), middle.news.get(pair.new)) else { return };
        let step = Step::Element {
            old: middle.start + pair.old,
            new: middle.start + pair.new,
            how: pair.how,
            node: *new,
        };
        self.element(step, pair.renamed, (*old, *new), shape);
    }
}
