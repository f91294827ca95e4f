//! Short values that are equal where values mean the same, whatever the order of members and of sets.
//! Comes in: nodes with their types. Goes out: numbers. Not here: what follows from equal numbers
//! (`pairing`, `lists`).
//!
//! The hash is keyed anew in each run (SipHash, 64 bits), so that nobody can prepare two values of a tenant
//! that collide and hide a change; by chance it happens once in about 10^19 pairs. Nothing that is
//! printed depends on the numbers.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use crate::snapshot::document::{Kind, NodeRef};

use super::normal::Scalar;
use super::shape::{Orders, Shape};

/// Makes fingerprints.
#[derive(Debug)]
pub(super) struct Fingerprints {
    keyed: RandomState,
}

/// The members of an object.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// The sum over all of them, which does not depend on their order.
    pub sum: u64,
    /// Each one: name and value, and whether it holds others; in order of the names' numbers.
    pub each: Vec<Member>,
}

/// A member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    pub name: u64,
    pub value: u64,
    pub container: bool,
}

#[derive(Hash)]
enum Tag {
    Object,
    Set,
    List,
}

impl Fingerprints {
    pub fn new() -> Self {
        Self { keyed: RandomState::new() }
    }

    /// Recurses as deep as the text nests, which the parser limits.
    pub fn of(&self, node: NodeRef<'_>, shape: Shape, orders: &Orders) -> u64 {
        match node.kind() {
            Kind::Object => {
                let members = node.members().map(|(name, _, value)| {
                    self.keyed.hash_one((&*name, self.of(value, shape.member(&name), orders)))
                });
                let (count, sum) = add(members);
                self.keyed.hash_one((Tag::Object, count, sum))
            }
            Kind::Array if orders.has(shape) => {
                let elements = node.elements().map(|element| self.of(element, shape.element(), orders));
                let whole = elements.fold(0, |before, next| self.keyed.hash_one((before, next)));
                self.keyed.hash_one((Tag::List, whole))
            }
            Kind::Array => {
                let elements = node
                    .elements()
                    .map(|element| self.keyed.hash_one(self.of(element, shape.element(), orders)));
                let (count, sum) = add(elements);
                self.keyed.hash_one((Tag::Set, count, sum))
            }
            Kind::Null | Kind::Bool | Kind::Number | Kind::String => {
                self.keyed.hash_one(Scalar::of(node, shape.form()))
            }
        }
    }

    /// Of an object, member by member; empty for anything else.
    pub fn members(&self, node: NodeRef<'_>, shape: Shape, orders: &Orders) -> Members {
        let mut members = Members::default();
        for (name, _, value) in node.members() {
            let print = self.of(value, shape.member(&name), orders);
            let container = matches!(value.kind(), Kind::Array | Kind::Object);
            members.sum = members.sum.wrapping_add(self.keyed.hash_one((&*name, print)));
            members.each.push(Member { name: self.name(&name), value: print, container });
        }
        members.each.sort_unstable();
        members
    }

    /// What a member adds to the sum of its object.
    pub fn share(&self, node: NodeRef<'_>, name: &str, shape: Shape, orders: &Orders) -> u64 {
        let share = |value| self.keyed.hash_one((name, self.of(value, shape.member(name), orders)));
        node.get(name).map_or(0, share)
    }

    fn name(&self, name: &str) -> u64 {
        self.keyed.hash_one(name)
    }
}

fn add(parts: impl Iterator<Item = u64>) -> (u64, u64) {
    parts.fold((0, 0), |(count, sum): (u64, u64), part| (count + 1, sum.wrapping_add(part)))
}
