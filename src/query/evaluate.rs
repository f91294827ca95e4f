//! Queries on one snapshot. Comes in: compiled queries, the documents, the evidence time. Goes out:
//! nodes, in the order of RFC 9535. Queries from `$` are walked once and shared by all threads.
//! Not here: how a walk goes (`walk`), when a condition holds (`condition`).

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, OnceLock, PoisonError};

use chrono::{DateTime, Utc};
use regex::Regex;

use super::budget::{Budget, OutOfBudget, Stop, ended};
use super::instant::Instant;
use super::ir::{Condition, Query, Root};
use super::literals;
use super::sets::MemberSet;
use super::visit;
use crate::snapshot::document::NodeRef;

/// Where the nodes of `$` come from.
pub trait Source<'d>: Sync {
    /// The array of a section, stored or derived; none where it has no data.
    fn section(&self, id: &str) -> Option<NodeRef<'d>>;
    /// The value of a parameter; none where it is not declared.
    fn param(&self, name: &str) -> Option<NodeRef<'d>>;
    /// The one document of [`super::Mode::Raw`].
    fn document(&self) -> Option<NodeRef<'d>>;
}

impl<'d, S: Source<'d>> Source<'d> for &S {
    fn section(&self, id: &str) -> Option<NodeRef<'d>> {
        (**self).section(id)
    }
    fn param(&self, name: &str) -> Option<NodeRef<'d>> {
        (**self).param(name)
    }
    fn document(&self) -> Option<NodeRef<'d>> {
        (**self).document()
    }
}

/// Evaluates queries on one source. Shared by threads; what it finds does not depend on them.
#[derive(Debug)]
pub struct Evaluator<'d, S> {
    source: S,
    now: Instant,
    walks: Vec<Shared<'d>>,
    /// Key of a query to its place in `walks`.
    index: HashMap<u64, usize, BuildHasherDefault<AsIs>>,
    /// Patterns that came from the data, for `search` and for `match`; invalid ones are none.
    patterns: [Mutex<HashMap<String, Option<Regex>>>; 2],
}

/// A query from `$` that is walked once.
#[derive(Debug)]
struct Shared<'d> {
    root: Root,
    text: String,
    walked: OnceLock<Result<Walked<'d>, OutOfBudget>>,
    members: OnceLock<MemberSet<'d>>,
}

/// What a shared walk found, and at which cost.
#[derive(Debug)]
struct Walked<'d> {
    nodes: Vec<NodeRef<'d>>,
    visits: u64,
}

/// A query's key is a hash already.
#[derive(Debug, Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

impl<'d, S: Source<'d>> Evaluator<'d, S> {
    /// `now` is the evidence time. `queries` and the queries inside their filters are shared as far
    /// as they start at `$`; others can be asked too, and are walked each time.
    pub fn new<'q>(source: S, now: DateTime<Utc>, queries: impl IntoIterator<Item = &'q Query>) -> Self {
        let mut evaluator = Self {
            source,
            now: Instant::of(now),
            walks: Vec::new(),
            index: HashMap::default(),
            patterns: [Mutex::default(), Mutex::default()],
        };
        for query in queries {
            visit::queries(query, &mut |query| evaluator.share(query));
        }
        evaluator
    }

    /// Shares the queries inside conditions that stand alone, too.
    #[must_use]
    pub fn with_conditions<'q>(mut self, conditions: impl IntoIterator<Item = &'q Condition>) -> Self {
        for condition in conditions {
            visit::condition(condition, &mut |query| self.share(query));
        }
        self
    }

    fn share(&mut self, query: &Query) {
        if query.root == Root::Current {
            return;
        }
        let mut key = query.key;
        while let Some(i) = self.index.get(&key) {
            if self.walks.get(*i).is_some_and(|walk| walk.is(query)) {
                return;
            }
            key = key.wrapping_add(1);
        }
        self.index.insert(key, self.walks.len());
        self.walks.push(Shared {
            root: query.root.clone(),
            text: query.text.clone(),
            walked: OnceLock::new(),
            members: OnceLock::new(),
        });
    }

    /// What a query from `$` selects. A query from `@` selects nothing here: see [`Self::select_from`].
    ///
    /// # Errors
    /// The budget is spent.
    pub fn select(&self, query: &Query, budget: &mut Budget) -> Result<Cow<'_, [NodeRef<'d>]>, OutOfBudget> {
        match self.shared(query) {
            Some((i, walk)) => Ok(Cow::Borrowed(&self.walked(i, walk, query, budget)?.nodes)),
            None => self.collect(query, budget).map(Cow::Owned),
        }
    }

    /// What a query selects; where it starts at `@`, from this node.
    ///
    /// # Errors
    /// The budget is spent.
    pub fn select_from(
        &self,
        query: &Query,
        node: NodeRef<'d>,
        budget: &mut Budget,
    ) -> Result<Vec<NodeRef<'d>>, OutOfBudget> {
        if query.root != Root::Current {
            return self.select(query, budget).map(Cow::into_owned);
        }
        let mut nodes = Vec::new();
        ended(self.walk(&query.segments, node, budget, &mut |found, _| {
            nodes.push(found);
            Ok(())
        }))?;
        Ok(nodes)
    }

    /// The one node that a singular query selects, such as a field of an item; of other queries the first.
    ///
    /// # Errors
    /// The budget is spent.
    pub fn first(
        &self,
        query: &Query,
        node: NodeRef<'d>,
        budget: &mut Budget,
    ) -> Result<Option<NodeRef<'d>>, OutOfBudget> {
        if query.root != Root::Current {
            return Ok(self.select(query, budget)?.first().copied());
        }
        let mut first = None;
        ended(self.walk(&query.segments, node, budget, &mut |found, _| {
            first = Some(found);
            Err(Stop::Enough)
        }))?;
        Ok(first)
    }

    /// Whether a query from `$` selects anything.
    ///
    /// # Errors
    /// The budget is spent.
    pub fn any(&self, query: &Query, budget: &mut Budget) -> Result<bool, OutOfBudget> {
        if let Some((i, walk)) = self.shared(query) {
            return Ok(!self.walked(i, walk, query, budget)?.nodes.is_empty());
        }
        let mut found = false;
        ended(self.walk_absolute(query, budget, &mut |_, _| {
            found = true;
            Err(Stop::Enough)
        }))?;
        Ok(found)
    }

    /// Whether a query selects anything; where it starts at `@`, from this node.
    ///
    /// # Errors
    /// The budget is spent.
    pub fn any_from(
        &self,
        query: &Query,
        node: NodeRef<'d>,
        budget: &mut Budget,
    ) -> Result<bool, OutOfBudget> {
        self.first(query, node, budget).map(|first| first.is_some())
    }

    /// Whether a condition holds for a node.
    ///
    /// # Errors
    /// The budget is spent.
    pub fn holds(
        &self,
        condition: &Condition,
        node: NodeRef<'d>,
        budget: &mut Budget,
    ) -> Result<bool, OutOfBudget> {
        match self.condition(condition, node, budget) {
            Ok(holds) => Ok(holds),
            Err(Stop::Spent(error)) => Err(error),
            // Walks inside a condition take their own `Enough`.
            Err(Stop::Enough) => Ok(false),
        }
    }

    /// Evidence time.
    pub(super) fn now(&self) -> Instant {
        self.now
    }

    /// The shared walk of a query, if it has one.
    fn shared(&self, query: &Query) -> Option<(usize, &Shared<'d>)> {
        let mut key = query.key;
        loop {
            let i = *self.index.get(&key)?;
            let walk = self.walks.get(i)?;
            if walk.is(query) {
                return Some((i, walk));
            }
            key = key.wrapping_add(1);
        }
    }

    /// Walks now, or waits for the thread that does. A query inside another is shorter, so no two
    /// threads can wait for each other. The walk has a budget of its own: whoever comes first must
    /// not decide what the others find.
    fn walked<'e>(
        &'e self,
        i: usize,
        walk: &'e Shared<'d>,
        query: &Query,
        budget: &mut Budget,
    ) -> Result<&'e Walked<'d>, OutOfBudget> {
        let walked = walk.walked.get_or_init(|| {
            let mut own = Budget::default();
            let nodes = self.collect(query, &mut own)?;
            Ok(Walked { nodes, visits: own.spent() })
        });
        let walked = walked.as_ref().map_err(|error| *error)?;
        budget.share(2 * i, walked.visits)?;
        Ok(walked)
    }

    /// The members of what a query from `$` selects, as a set, if the query is shared.
    pub(super) fn shared_members(
        &self,
        query: &Query,
        budget: &mut Budget,
    ) -> Result<Option<&MemberSet<'d>>, OutOfBudget> {
        let Some((i, walk)) = self.shared(query) else { return Ok(None) };
        let walked = self.walked(i, walk, query, budget)?;
        let members = walk.members.get_or_init(|| MemberSet::of(&walked.nodes));
        budget.share(2 * i + 1, members.visits())?;
        Ok(Some(members))
    }

    fn collect(&self, query: &Query, budget: &mut Budget) -> Result<Vec<NodeRef<'d>>, OutOfBudget> {
        let mut nodes = Vec::new();
        ended(self.walk_absolute(query, budget, &mut |found, _| {
            nodes.push(found);
            Ok(())
        }))?;
        Ok(nodes)
    }

    fn walk_absolute(
        &self,
        query: &Query,
        budget: &mut Budget,
        found: &mut super::walk::Found<'_, 'd>,
    ) -> Result<(), Stop> {
        let starts: &mut dyn Iterator<Item = NodeRef<'d>> = match &query.root {
            Root::Current => &mut std::iter::empty(),
            Root::Document => &mut self.source.document().into_iter(),
            Root::Sections(ids) => &mut ids.iter().filter_map(|id| self.source.section(id)),
            Root::Param(name) => &mut self.source.param(name).into_iter(),
        };
        for start in starts {
            budget.spend(1)?;
            self.walk(&query.segments, start, budget, found)?;
        }
        Ok(())
    }

    /// A pattern that came from the data. They are few as a rule; beyond some hundreds they are
    /// built each time, so that hostile data can't fill the memory.
    pub(super) fn pattern(&self, text: &str, whole: bool) -> Option<Regex> {
        const KEPT: usize = 256;
        let [search, matched] = &self.patterns;
        let cache = if whole { matched } else { search };
        if let Some(known) = cache.lock().unwrap_or_else(PoisonError::into_inner).get(text) {
            return known.clone();
        }
        let built = literals::build(text, whole).ok();
        let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.len() < KEPT {
            cache.insert(text.to_owned(), built.clone());
        }
        built
    }
}

impl Shared<'_> {
    fn is(&self, query: &Query) -> bool {
        self.text == query.text && self.root == query.root
    }
}

#[cfg(test)]
#[path = "evaluate_tests.rs"]
mod tests;
