//! The set functions `in`, `none_of`, `any_of`, `subset_of`. Comes in: two arguments. Goes out: true
//! or false. A set has strings (ASCII case ignored), numbers (by value) and booleans; a selected
//! array gives its elements; null, "", absent values and objects are never members.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{BuildHasher, Hasher, RandomState};

use super::budget::{Budget, Stop};
use super::evaluate::{Evaluator, Source};
use super::ir::{Argument, Literal, Query, Root, SetTest};
use crate::snapshot::document::{Kind, NodeRef};
use crate::snapshot::number::Number;

/// A member of a set.
#[derive(Debug, Clone)]
pub(super) enum Member<'m> {
    /// A string that is not empty.
    Text(Cow<'m, str>),
    /// A number.
    Number(Number),
    /// `true`, `false`
    Bool(bool),
}

impl<'m> Member<'m> {
    /// A node as a member, if it can be one.
    fn of(node: NodeRef<'m>) -> Option<Self> {
        match node.kind() {
            Kind::String => node.as_str().filter(|text| !text.is_empty()).map(Member::Text),
            Kind::Number => node.as_number().map(Member::Number),
            Kind::Bool => node.as_bool().map(Member::Bool),
            Kind::Null | Kind::Array | Kind::Object => None,
        }
    }

    fn constant(literal: &'m Literal) -> Option<Self> {
        match literal {
            Literal::String(text) if !text.is_empty() => Some(Member::Text(text.as_str().into())),
            Literal::Number(number) => Some(Member::Number(*number)),
            Literal::Bool(truth) => Some(Member::Bool(*truth)),
            Literal::String(_) | Literal::Null | Literal::Time(_) => None,
        }
    }

    /// Whether two members are the same.
    fn is(&self, other: &Member<'_>) -> bool {
        match (self, other) {
            (Member::Text(a), Member::Text(b)) => a.eq_ignore_ascii_case(b),
            (Member::Number(a), Member::Number(b)) => a.compare(*b) == Ordering::Equal,
            (Member::Bool(a), Member::Bool(b)) => a == b,
            _ => false,
        }
    }
}

/// A set that is asked many times: a hash table with chains. Its hash has a secret, so that hostile
/// data can't make all members collide; what it answers does not depend on it.
#[derive(Debug)]
pub(super) struct MemberSet<'d> {
    secret: RandomState,
    /// First entry of each chain, plus one; 0 is none. Their number is a power of two.
    heads: Vec<u32>,
    entries: Vec<Entry<'d>>,
    visits: u64,
}

#[derive(Debug)]
struct Entry<'d> {
    hash: u64,
    /// Next entry of the chain, plus one; 0 is none.
    next: u32,
    member: Member<'d>,
}

impl<'d> MemberSet<'d> {
    /// The members of what these nodes hold.
    pub(super) fn of(nodes: &[NodeRef<'d>]) -> Self {
        let (mut members, mut visits) = (Vec::new(), 0);
        for node in nodes {
            visits += 1;
            if node.kind() == Kind::Array {
                visits += u64::try_from(node.len()).unwrap_or(u64::MAX);
                members.extend(node.elements().filter_map(Member::of));
            } else {
                members.extend(Member::of(*node));
            }
        }
        let heads = vec![0; members.len().next_power_of_two()];
        let entries = Vec::with_capacity(members.len());
        let mut set = Self { secret: RandomState::new(), heads, entries, visits };
        for member in members {
            if !set.contains(&member) {
                set.insert(member);
            }
        }
        set
    }

    /// What it cost to build.
    pub(super) fn visits(&self) -> u64 {
        self.visits
    }

    fn insert(&mut self, member: Member<'d>) {
        let hash = self.hash(&member);
        let place = self.chain(hash);
        let number = u32::try_from(self.entries.len() + 1).unwrap_or(0);
        if let Some(head) = self.heads.get_mut(place) {
            self.entries.push(Entry { hash, next: *head, member });
            *head = number;
        }
    }

    fn chain(&self, hash: u64) -> usize {
        usize::try_from(hash & (self.heads.len() as u64).wrapping_sub(1)).unwrap_or(0)
    }

    /// Whether it has this member.
    pub(super) fn contains(&self, member: &Member<'_>) -> bool {
        let hash = self.hash(member);
        let mut at = self.heads.get(self.chain(hash)).copied().unwrap_or(0);
        while let Some(entry) = usize::try_from(at).ok().and_then(|at| self.entries.get(at.checked_sub(1)?)) {
            if entry.hash == hash && entry.member.is(member) {
                return true;
            }
            at = entry.next;
        }
        false
    }

    /// Equal members have equal hashes: bit 5 of every byte is set, which makes letters lower case
    /// (and a few signs alike, which only the comparison then tells apart); a whole double counts
    /// as the integer.
    fn hash(&self, member: &Member<'_>) -> u64 {
        let mut hasher = self.secret.build_hasher();
        match member {
            Member::Text(text) => {
                for chunk in text.as_bytes().chunks(8) {
                    let mut word = [b' '; 8];
                    for (to, from) in word.iter_mut().zip(chunk) {
                        *to = *from;
                    }
                    hasher.write_u64(u64::from_le_bytes(word) | 0x2020_2020_2020_2020);
                }
                hasher.write_usize(text.len());
            }
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^100")]
            Member::Number(Number::Float(float)) if float.fract() == 0.0 && float.abs() < 1e30 => {
                hasher.write_i128(*float as i128);
            }
            Member::Number(Number::Float(float)) => hasher.write_u64(float.to_bits()),
            Member::Number(Number::Int(int)) => hasher.write_i128(*int),
            Member::Bool(truth) => hasher.write_u8(u8::from(*truth)),
        }
        hasher.finish()
    }
}

/// What the members of the first argument are looked up in.
enum Against<'a, 'd> {
    Constant(Option<Member<'a>>),
    Shared(&'a MemberSet<'d>),
    Built(MemberSet<'d>),
    /// A path from `@`: its members are compared one by one while the first argument has few.
    Walked(&'a Query),
}

/// Is told of each member.
type Seen<'f> = dyn FnMut(&Member<'_>, &mut Budget) -> Result<(), Stop> + 'f;

impl<'d, S: Source<'d>> Evaluator<'d, S> {
    /// Whether a set function is true.
    pub(super) fn set(
        &self,
        test: SetTest,
        first: &Argument,
        second: &Argument,
        node: NodeRef<'d>,
        budget: &mut Budget,
    ) -> Result<bool, Stop> {
        /// Members that are compared one by one before a table pays.
        const FEW: usize = 8;
        let mut against = self.against(second, budget)?;
        let mut members = 0_usize;
        // The first member that decides.
        let mut decided = false;
        let walk = self.members(first, node, budget, &mut |member, budget| {
            members += 1;
            if members > FEW
                && let Against::Walked(query) = against
            {
                against = Against::Built(MemberSet::of(&self.select_from(query, node, budget)?));
            }
            let inside = match &against {
                Against::Constant(constant) => constant.as_ref().is_some_and(|constant| constant.is(member)),
                Against::Shared(set) => set.contains(member),
                Against::Built(set) => set.contains(member),
                Against::Walked(query) => self.finds(query, member, node, budget)?,
            };
            decided = match test {
                SetTest::In | SetTest::SubsetOf => !inside,
                SetTest::NoneOf | SetTest::AnyOf => inside,
            };
            if decided { Err(Stop::Enough) } else { Ok(()) }
        });
        match walk {
            Ok(()) | Err(Stop::Enough) => {}
            Err(stop @ Stop::Spent(_)) => return Err(stop),
        }
        Ok(match test {
            SetTest::In => members > 0 && !decided,
            SetTest::SubsetOf | SetTest::NoneOf => !decided,
            SetTest::AnyOf => decided,
        })
    }

    fn against<'a>(&'a self, second: &'a Argument, budget: &mut Budget) -> Result<Against<'a, 'd>, Stop> {
        Ok(match second {
            Argument::Literal(literal) => Against::Constant(Member::constant(literal)),
            Argument::Query(query) if query.root == Root::Current => Against::Walked(query),
            Argument::Query(query) => match self.shared_members(query, budget)? {
                Some(set) => Against::Shared(set),
                None => {
                    let set = MemberSet::of(&self.select(query, budget)?);
                    budget.spend(set.visits())?;
                    Against::Built(set)
                }
            },
        })
    }

    /// Shows each member of an argument.
    fn members(
        &self,
        argument: &Argument,
        node: NodeRef<'d>,
        budget: &mut Budget,
        seen: &mut Seen<'_>,
    ) -> Result<(), Stop> {
        match argument {
            Argument::Literal(literal) => match Member::constant(literal) {
                Some(member) => seen(&member, budget),
                None => Ok(()),
            },
            Argument::Query(query) if query.root == Root::Current => {
                self.walk(&query.segments, node, budget, &mut |found, budget| of_node(found, budget, seen))
            }
            Argument::Query(query) => {
                for found in self.select(query, budget)?.iter() {
                    budget.spend(1)?;
                    of_node(*found, budget, seen)?;
                }
                Ok(())
            }
        }
    }

    /// Whether a path from `@` selects this member.
    fn finds(
        &self,
        query: &Query,
        member: &Member<'_>,
        node: NodeRef<'d>,
        budget: &mut Budget,
    ) -> Result<bool, Stop> {
        let walk = self.walk(&query.segments, node, budget, &mut |found, budget| {
            of_node(found, budget, &mut |other, _| if other.is(member) { Err(Stop::Enough) } else { Ok(()) })
        });
        match walk {
            Ok(()) => Ok(false),
            Err(Stop::Enough) => Ok(true),
            Err(stop @ Stop::Spent(_)) => Err(stop),
        }
    }
}

/// The members that a selected node gives: itself, or an array's elements.
fn of_node(node: NodeRef<'_>, budget: &mut Budget, seen: &mut Seen<'_>) -> Result<(), Stop> {
    if node.kind() != Kind::Array {
        return Member::of(node).map_or(Ok(()), |member| seen(&member, budget));
    }
    for element in node.elements() {
        budget.spend(1)?;
        if let Some(member) = Member::of(element) {
            seen(&member, budget)?;
        }
    }
    Ok(())
}
