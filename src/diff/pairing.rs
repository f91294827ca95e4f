//! Who is whom: items or elements of two lists are matched, one with one. Comes in: two lists. Goes out:
//! pairs, and what is left on either side. Not here: comparing those that were matched (`walk`).
//!
//! In stages, each on what the ones before left: a key that stands once on both sides; equal ones (so
//! duplicates are a multiset); weaker identities; all but the identity being equal, and unique: then it is the identity
//! that changed; likeness, as far as it is affordable (`likeness`).

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use crate::snapshot::document::{Kind, NodeRef};

use super::fingerprint::{Fingerprints, Members};
use super::identity::{Key, Level, Levels, member_of};
use super::likeness::{self, Allowance};
use super::model::How;
use super::shape::{Orders, Shape};

/// What matching needs to know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Means<'c> {
    pub levels: &'c Levels,
    pub prints: &'c Fingerprints,
    pub orders: &'c Orders,
    /// What the elements are meant to be.
    pub shape: Shape,
    /// What likeness may cost.
    pub allowance: Allowance,
}

/// An object's place, and its strongest identity with that one's level.
type Known<'s> = (usize, Option<(usize, Key<'s>)>);

/// Two that are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub old: usize,
    pub new: usize,
    pub how: How,
    /// The part of its identity that is another now.
    pub renamed: Option<&'static str>,
}

/// Who is whom.
#[derive(Debug, Default)]
pub(super) struct Pairing {
    /// In no order.
    pub pairs: Vec<Pair>,
    /// How many of them stood there at the first look, by a key that is unique on both sides.
    pub clear: usize,
    /// Of the old list, in its order.
    pub gone: Vec<usize>,
    /// Of the new list, in its order.
    pub come: Vec<usize>,
    /// There were too many left to look for likeness.
    pub crowded: bool,
}

/// Two lists while they are matched.
pub(super) struct Table<'s, 'c> {
    means: Means<'c>,
    olds: Side<'s>,
    news: Side<'s>,
    pairs: Vec<Pair>,
    clear: usize,
}

/// One of the lists.
struct Side<'s> {
    nodes: Vec<NodeRef<'s>>,
    /// Those that are not matched yet, in order.
    left: Vec<usize>,
}

impl<'s> Side<'s> {
    fn new(nodes: Vec<NodeRef<'s>>) -> Self {
        Self { left: (0..nodes.len()).collect(), nodes }
    }

    fn node(&self, at: usize) -> Option<NodeRef<'s>> {
        self.nodes.get(at).copied()
    }

    /// Those that are not matched yet.
    fn open(&self) -> impl Iterator<Item = (usize, NodeRef<'s>)> {
        self.left.iter().filter_map(|at| Some((*at, self.node(*at)?)))
    }

    fn take(&mut self, taken: impl Iterator<Item = usize>) {
        let mut is_taken = vec![false; self.nodes.len()];
        for at in taken {
            if let Some(flag) = is_taken.get_mut(at) {
                *flag = true;
            }
        }
        self.left.retain(|at| is_taken.get(*at) == Some(&false));
    }
}

/// An object that may be another's, but for its identity.
#[derive(Debug, Clone, Copy)]
struct Rest<'s> {
    at: usize,
    node: NodeRef<'s>,
    /// The strongest level that it has.
    level: usize,
    /// Of all its members.
    sum: u64,
}

/// How often a value stands on either side, and where first.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    old: (usize, usize),
    new: (usize, usize),
}

impl Seen {
    /// Both places, if there is one on each side.
    const fn unique(self) -> Option<(usize, usize)> {
        match (self.old, self.new) {
            ((1, old), (1, new)) => Some((old, new)),
            _ => None,
        }
    }
}

impl<'s, 'c> Table<'s, 'c> {
    pub fn new(olds: Vec<NodeRef<'s>>, news: Vec<NodeRef<'s>>, means: Means<'c>) -> Self {
        Self { means, olds: Side::new(olds), news: Side::new(news), pairs: Vec::new(), clear: 0 }
    }

    /// All stages. `keyed`: the first level is what the section says, and is asked first; else equal ones go
    /// first, which is cheaper and cannot be wrong.
    pub fn pair(mut self, keyed: bool) -> Pairing {
        let mut levels = self.means.levels.iter();
        if keyed && let Some(level) = levels.next() {
            self.by_identity(level, &[]);
            self.clear = self.pairs.len();
        }
        self.by_equality();
        if !self.is_done() {
            let all: Vec<Level> = self.means.levels.iter().copied().collect();
            for (at, level) in all.iter().enumerate().skip(usize::from(keyed)) {
                self.by_identity(level, all.get(..at).unwrap_or_default());
            }
            self.by_rest(&all);
            return self.by_likeness(&all);
        }
        self.finish(false)
    }

    fn is_done(&self) -> bool {
        self.olds.left.is_empty() || self.news.left.is_empty()
    }

    /// Pairs those whose value at a level stands once on both sides, unless they are two by a stronger level.
    fn by_identity(&mut self, level: &Level, stronger: &[Level]) {
        if self.is_done() {
            return;
        }
        let shape = self.means.shape;
        let key = |(at, node): (usize, NodeRef<'s>)| Some((Key::of(node, shape, level)?, at));
        let found = unique(self.olds.open().filter_map(key), self.news.open().filter_map(key));
        let how = if level.strong { How::Key } else { How::Name };
        let mut pairs: Vec<Pair> =
            found.into_iter().map(|(old, new)| Pair { old, new, how, renamed: None }).collect();
        pairs.retain(|pair| !self.are_two(pair.old, pair.new, stronger));
        self.matched(pairs);
    }

    /// Whether two differ in what identifies them for certain.
    fn are_two(&self, old: usize, new: usize, levels: &[Level]) -> bool {
        let (Some(old), Some(new)) = (self.olds.node(old), self.news.node(new)) else { return true };
        levels.iter().filter(|level| level.strong).any(|level| {
            let key = |node| Key::of(node, self.means.shape, level);
            key(old).is_some_and(|old| key(new).is_some_and(|new| old != new))
        })
    }

    /// Pairs those that mean the same, one with one, in order.
    fn by_equality(&mut self) {
        if self.is_done() {
            return;
        }
        let Means { prints, orders, shape, .. } = self.means;
        let mut equals: HashMap<u64, (Vec<usize>, Vec<usize>)> = HashMap::new();
        for (at, node) in self.olds.open() {
            equals.entry(prints.of(node, shape, orders)).or_default().0.push(at);
        }
        for (at, node) in self.news.open() {
            if let Some(group) = equals.get_mut(&prints.of(node, shape, orders)) {
                group.1.push(at);
            }
        }
        let lengths = (self.olds.nodes.len(), self.news.nodes.len());
        let pairs = equals.into_values().flat_map(|(olds, news)| {
            let (olds, news) = match olds.len().cmp(&news.len()) {
                Ordering::Equal => (olds, news),
                Ordering::Greater => (stayed(olds, &news, lengths), news),
                Ordering::Less => {
                    let news = stayed(news, &olds, (lengths.1, lengths.0));
                    (olds, news)
                }
            };
            let pair = |(old, new)| Pair { old, new, how: How::Equal, renamed: None };
            olds.into_iter().zip(news).map(pair)
        });
        self.matched(pairs.collect());
    }

    /// Pairs those that differ in their identity alone, where nothing else is like them. Of a key of several
    /// parts one alone may differ: the member of another group is no member renamed.
    fn by_rest(&mut self, levels: &[Level]) {
        if self.is_done() {
            return;
        }
        let rests =
            |side: &Side<'s>| side.open().filter_map(|(at, node)| self.rest(at, node, levels)).collect();
        let (olds, news): (Vec<Rest<'s>>, Vec<Rest<'s>>) = (rests(&self.olds), rests(&self.news));
        for (at, level) in levels.iter().enumerate() {
            for part in level.parts {
                let left = |side: &Side<'s>, rests: &[Rest<'s>]| -> Vec<(u64, usize)> {
                    // Both are in order, so one walk finds what is still open.
                    let mut open = side.left.iter().copied().peekable();
                    let own = rests.iter().filter(|rest| rest.level == at);
                    let own = own.filter(|rest| {
                        while open.next_if(|next| *next < rest.at).is_some() {}
                        open.peek() == Some(&rest.at)
                    });
                    own.map(|rest| (self.without(rest, part), rest.at)).collect()
                };
                let found = unique(left(&self.olds, &olds), left(&self.news, &news));
                let pair = |(old, new)| Pair { old, new, how: How::Rest, renamed: Some(*part) };
                self.matched(found.into_iter().map(pair).collect());
            }
        }
    }

    /// An object with the strongest level that it has.
    fn rest(&self, at: usize, node: NodeRef<'s>, levels: &[Level]) -> Option<Rest<'s>> {
        let Means { prints, orders, shape, .. } = self.means;
        let level = levels.iter().position(|level| Key::of(node, shape, level).is_some())?;
        Some(Rest { at, node, level, sum: prints.members(node, shape, orders).sum })
    }

    /// Its fingerprint without a part of its identity.
    fn without(&self, rest: &Rest<'s>, part: &'static str) -> u64 {
        let Means { prints, orders, shape, .. } = self.means;
        rest.sum.wrapping_sub(prints.share(rest.node, member_of(part), shape, orders))
    }

    /// Pairs objects that are mostly alike, and two lists that are alone.
    fn by_likeness(mut self, levels: &[Level]) -> Pairing {
        if self.is_done() {
            return self.finish(false);
        }
        let Means { prints, orders, shape, allowance, .. } = self.means;
        let (olds, news) = self.unclear(levels);
        let members = |side: &Side<'s>, chosen: Vec<usize>| -> Vec<(usize, Members)> {
            let node = |at| Some((at, prints.members(side.node(at)?, shape, orders)));
            chosen.into_iter().filter_map(node).collect()
        };
        let (olds, news) = (members(&self.olds, olds), members(&self.news, news));
        let may_be_one = |old, new| !self.are_two(old, new, levels);
        let Some(found) = likeness::best(&olds, &news, allowance, &may_be_one) else {
            return self.finish(true);
        };
        let pair = |(old, new)| {
            let renamed = self.renamed(old, new, levels);
            Pair { old, new, how: How::Likeness, renamed }
        };
        let mut pairs: Vec<Pair> = found.into_iter().map(pair).collect();
        if let ([(old, _)], [(new, _)]) = (&*lists(&self.olds), &*lists(&self.news)) {
            pairs.push(Pair { old: *old, new: *new, how: How::Likeness, renamed: None });
        }
        self.matched(pairs);
        self.finish(false)
    }

    /// Objects that no identity tells apart from all those of the other side: they lack one, or share it.
    fn unclear(&self, levels: &[Level]) -> (Vec<usize>, Vec<usize>) {
        let shape = self.means.shape;
        let keys = |side: &Side<'s>| -> Vec<Known<'s>> {
            let strong = || levels.iter().enumerate().filter(|(_, level)| level.strong);
            let first = |node| strong().find_map(|(at, level)| Some((at, Key::of(node, shape, level)?)));
            let objects = side.open().filter(|(_, node)| node.kind() == Kind::Object);
            objects.map(|(at, node)| (at, first(node))).collect()
        };
        let (olds, news) = (keys(&self.olds), keys(&self.news));
        let lacking = olds.iter().chain(&news).any(|(_, key)| key.is_none());
        let known = |side: &[Known<'s>]| -> HashSet<(usize, Key<'s>)> {
            side.iter().filter_map(|(_, key)| key.clone()).collect()
        };
        let (of_olds, of_news) = (known(&olds), known(&news));
        let chosen = |side: Vec<Known<'s>>, others: &HashSet<(usize, Key<'s>)>| {
            let unclear = side
                .into_iter()
                .filter(|(_, key)| lacking || key.as_ref().is_none_or(|key| others.contains(key)));
            unclear.map(|(at, _)| at).collect()
        };
        (chosen(olds, &of_news), chosen(news, &of_olds))
    }

    /// The name of two that are one without a stronger identity, if it is another.
    fn renamed(&self, old: usize, new: usize, levels: &[Level]) -> Option<&'static str> {
        let (old, new) = (self.olds.node(old)?, self.news.node(new)?);
        let key = |node, level| Key::of(node, self.means.shape, level);
        let level = levels.iter().find(|level| key(old, level).is_some() || key(new, level).is_some())?;
        let differs = key(old, level).zip(key(new, level)).is_some_and(|(old, new)| old != new);
        level.parts.first().copied().filter(|_| differs && !level.strong)
    }

    fn matched(&mut self, pairs: Vec<Pair>) {
        self.olds.take(pairs.iter().map(|pair| pair.old));
        self.news.take(pairs.iter().map(|pair| pair.new));
        self.pairs.extend(pairs);
    }

    fn finish(self, crowded: bool) -> Pairing {
        Pairing { pairs: self.pairs, clear: self.clear, gone: self.olds.left, come: self.news.left, crowded }
    }
}

/// Of more places of equal ones than there are on the other side as many as there are there: those that stand at the same
/// place from the beginning or the end first, then the foremost. Else one that changed between its twins would be
/// taken for one that moved.
fn stayed(mut more: Vec<usize>, fewer: &[usize], (of_more, of_fewer): (usize, usize)) -> Vec<usize> {
    let same = |at: &usize| {
        let from_end = (at + of_fewer).checked_sub(of_more);
        let is_there = |at: usize| fewer.binary_search(&at).is_ok();
        is_there(*at) || from_end.is_some_and(is_there)
    };
    // A stable order: the foremost of those that are left stay first.
    more.sort_by_key(|at| !same(at));
    more.truncate(fewer.len());
    more.sort_unstable();
    more
}

/// Lists that are not matched yet.
fn lists<'s>(side: &Side<'s>) -> Vec<(usize, NodeRef<'s>)> {
    side.open().filter(|(_, node)| node.kind() == Kind::Array).collect()
}

/// Places of values that stand once on both sides, in the order of the old one.
fn unique<K: Eq + Hash>(
    olds: impl IntoIterator<Item = (K, usize)>,
    news: impl IntoIterator<Item = (K, usize)>,
) -> Vec<(usize, usize)> {
    let mut seen: HashMap<K, Seen> = HashMap::new();
    for (key, at) in olds {
        let entry = &mut seen.entry(key).or_default().old;
        *entry = (entry.0 + 1, at);
    }
    for (key, at) in news {
        // What is not on the old side is of no use.
        if let Some(entry) = seen.get_mut(&key) {
            entry.new = (entry.new.0 + 1, at);
        }
    }
    let mut found: Vec<(usize, usize)> = seen.into_values().filter_map(Seen::unique).collect();
    found.sort_unstable();
    found
}
