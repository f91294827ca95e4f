//! What comes out of a derivation: items, where each came from, and what cannot be said. Comes
//! in: rows that the derivations push. Goes out: `Derived`. The rule: nothing that is unknown
//! because an input is missing may look like "no". Not here: any single derivation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::DeriveError;
use super::source::{Input, Source, Sources};
use crate::query::ir::{
    Argument, Comparison, Condition, Literal, Operand, Query, Root, Segment, Selector, SetTest,
};
use crate::snapshot::document::{Document, Text};
use crate::snapshot::record::State;

/// A derived section.
#[derive(Debug)]
pub struct Derived {
    /// Its items; the root is an array, in a stable order.
    pub document: Document,
    /// For every item the places of the snapshot that it was made from, the telling one first.
    pub origins: Vec<Vec<Origin>>,
    /// Whether it could be seen as a whole. For one query see [`Derived::seen_by`].
    pub state: State,
    /// Which inputs make it less than `read`, whatever a query looks for.
    pub causes: Vec<Cause>,
    /// Kinds of items that are missing, and why.
    pub lacking: Vec<Lacking>,
    /// First-level fields that cannot be trusted in any item, and why.
    pub without: BTreeMap<String, Cause>,
    /// How far back its items go: the latest `from` of the required inputs.
    pub from: Option<DateTime<Utc>>,
    /// Fields that come from a log which itself goes back only so far: for an older item they say
    /// nothing.
    pub reach: BTreeMap<String, DateTime<Utc>>,
}

/// A value in a section of the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Section id.
    pub section: &'static str,
    /// Index of the node in that section's document.
    pub node: u32,
}

/// Why something cannot be said, and which section would settle it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The section to collect.
    pub section: &'static str,
    /// Its state.
    pub state: State,
    /// A fragment for people: `planner.tasks was not collected`.
    pub reason: String,
}

/// Items with this value of this field are missing, at least some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// A first-level field, e.g. `kind`.
    pub field: &'static str,
    /// Its value in the missing items.
    pub value: &'static str,
    /// Only items of before this time are missing: a log that goes back only so far. None = any.
    pub before: Option<DateTime<Utc>>,
    /// Why they are missing.
    pub cause: Cause,
}

/// What one query can rely on.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen<'s> {
    /// State of what it looks at.
    pub state: State,
    /// Why that is less than `read`.
    pub causes: Vec<&'s Cause>,
    /// How far back its items go; None = without end.
    pub from: Option<DateTime<Utc>>,
    /// How far back the fields that it names can be told; None = without end. For an older item they
    /// say nothing.
    pub reach: Option<DateTime<Utc>>,
}

impl Derived {
    /// What one query that names these fields of the items can rely on. One that starts with a
    /// filter such as `@.kind == 'task'` does not suffer from missing items of another kind.
    /// Whether a field is in [`Derived::without`] is another question.
    pub fn seen_by(&self, query: &Query, fields: &BTreeSet<String>) -> Seen<'_> {
        let (from, reach) = (self.from, fields.iter().filter_map(|f| self.reach.get(f).copied()).max());
        match self.state {
            State::Denied | State::Unlicensed | State::Unavailable | State::Failed | State::NotAsked => {
                return Seen { state: self.state, causes: self.causes.iter().collect(), from, reach };
            }
            State::Read | State::Partial => {}
        }
        let filter = match query.segments.first() {
            Some(Segment::Child(selectors)) => match selectors.as_slice() {
                [Selector::Filter(condition)] => Some(condition),
                _ => None,
            },
            Some(Segment::Descendant(_)) | None => None,
        };
        let suffers = |l: &&Lacking| !filter.is_some_and(|c| excludes(c, l.field, l.value));
        let (old, any): (Vec<_>, Vec<_>) =
            self.lacking.iter().filter(suffers).partition(|l| l.before.is_some());
        let from = old.iter().filter_map(|l| l.before).chain(from).max();
        let causes: Vec<&Cause> = self.causes.iter().chain(any.into_iter().map(|l| &l.cause)).collect();
        let state = if causes.is_empty() { State::Read } else { State::Partial };
        Seen { state, causes, from, reach }
    }
}

/// Whether no item for which the condition holds can have this value in this field.
fn excludes(condition: &Condition, field: &str, value: &str) -> bool {
    match condition {
        Condition::And(all) => all.iter().any(|c| excludes(c, field, value)),
        Condition::Or(any) => !any.is_empty() && any.iter().all(|c| excludes(c, field, value)),
        Condition::Compare(left, Comparison::Equal, right) => {
            compared(left, right, field).is_some_and(|literal| literal != value)
        }
        Condition::Compare(left, Comparison::NotEqual, right) => {
            compared(left, right, field).is_some_and(|literal| literal == value)
        }
        Condition::Set(SetTest::In, Argument::Query(query), Argument::Literal(Literal::String(literal))) => {
            names(query, field) && !literal.eq_ignore_ascii_case(value)
        }
        // anything else may hold for such an item as well
        Condition::Compare(..)
        | Condition::Set(..)
        | Condition::Not(_)
        | Condition::Exists(_)
        | Condition::Regex { .. } => false,
    }
}

/// The string that `@.field` is compared with, on either side.
fn compared<'q>(left: &'q Operand, right: &'q Operand, field: &str) -> Option<&'q str> {
    match (left, right) {
        (Operand::Singular(query), Operand::Literal(Literal::String(literal)))
        | (Operand::Literal(Literal::String(literal)), Operand::Singular(query))
            if names(query, field) =>
        {
            Some(literal)
        }
        _ => None,
    }
}

/// `@.field`
fn names(query: &Query, field: &str) -> bool {
    query.root == Root::Current
        && matches!(query.segments.as_slice(), [Segment::Child(selectors)]
            if matches!(selectors.as_slice(), [Selector::Name(name)] if name == field))
}

/// What a field of a derived item rests on: a section, and those of its items' properties that
/// must have been collected.
pub(super) struct Rest {
    pub(super) field: &'static str,
    pub(super) section: &'static str,
    pub(super) fields: &'static [&'static str],
}

/// A derived section under construction. `T` is the shape of its items.
pub(super) struct Builder<T> {
    name: &'static str,
    rows: Vec<Row<T>>,
    state: State,
    causes: Vec<Cause>,
    lacking: Vec<Lacking>,
    without: BTreeMap<String, Cause>,
    from: Option<DateTime<Utc>>,
    reach: BTreeMap<String, DateTime<Utc>>,
}

struct Row<T> {
    key: String,
    item: T,
    origins: Vec<Origin>,
}

impl<T: Serialize> Builder<T> {
    /// Takes over what the inputs' states mean: a required one decides the state, an optional one
    /// that is not complete makes the fields that rest on it untrustworthy.
    pub(super) fn new(name: &'static str, inputs: &[Input], rests: &[Rest], sources: &Sources<'_>) -> Self {
        let mut new = Self {
            name,
            rows: Vec::new(),
            state: State::Read,
            causes: Vec::new(),
            lacking: Vec::new(),
            without: BTreeMap::new(),
            from: None,
            reach: BTreeMap::new(),
        };
        for input in inputs.iter().filter(|i| i.required) {
            let source = sources.of(input.section);
            new.from = new.from.max(source.from());
            if !source.complete() {
                new.incomplete(source.cause());
            }
        }
        for rest in rests {
            let required = inputs.iter().any(|i| i.required && i.section == rest.section);
            new.rest(rest, sources.of(rest.section), required);
        }
        new
    }

    fn rest(&mut self, rest: &Rest, source: Source<'_>, required: bool) {
        if !required && !source.complete() {
            self.distrust(rest.field, source.cause());
        }
        for field in rest.fields {
            if let Some(cause) = source.lacks(field) {
                self.distrust(rest.field, cause);
            }
        }
        if let (false, Some(from)) = (required, source.from()) {
            let reach = self.reach.entry(rest.field.to_owned()).or_insert(from);
            *reach = from.max(*reach);
        }
    }

    /// No items can be made.
    pub(super) fn blocked(&self) -> bool {
        match self.state {
            State::Read | State::Partial => false,
            State::Denied | State::Unlicensed | State::Unavailable | State::Failed | State::NotAsked => true,
        }
    }

    /// The whole section is no better than this input.
    pub(super) fn incomplete(&mut self, cause: Cause) {
        self.state = self.state.max(cause.state.max(State::Partial));
        if !self.causes.contains(&cause) {
            self.causes.push(cause);
        }
    }

    /// Something is missing, whatever the state of the input that would tell.
    pub(super) fn partial(&mut self, cause: Cause) {
        self.state = self.state.max(State::Partial);
        if !self.causes.contains(&cause) {
            self.causes.push(cause);
        }
    }

    /// Items of one kind are missing.
    pub(super) fn lacking(&mut self, field: &'static str, value: &'static str, cause: Cause) {
        self.state = self.state.max(State::Partial);
        let lacking = Lacking { field, value, before: None, cause };
        if !self.lacking.contains(&lacking) {
            self.lacking.push(lacking);
        }
    }

    /// Items of one kind are missing from before some time; within it, all are there.
    pub(super) fn lacking_before(
        &mut self,
        field: &'static str,
        value: &'static str,
        cause: Cause,
        before: DateTime<Utc>,
    ) {
        self.lacking.push(Lacking { field, value, before: Some(before), cause });
    }

    /// A field cannot be trusted; the first reason stands.
    pub(super) fn distrust(&mut self, field: &str, cause: Cause) {
        if !self.without.contains_key(field) {
            self.without.insert(field.to_owned(), cause);
        }
    }

    /// Adds an item. Items are ordered by key, equal keys as they came.
    pub(super) fn push(&mut self, key: String, item: T, origins: Vec<Origin>) {
        self.rows.push(Row { key, item, origins });
    }

    pub(super) fn finish(mut self) -> Result<Derived, DeriveError> {
        self.rows.sort_by(|a, b| a.key.cmp(&b.key));
        let items: Vec<&T> = self.rows.iter().map(|row| &row.item).collect();
        let text = serde_json::to_string(&items)?;
        let document = Document::parse(Arc::new(Text::new(self.name, text)))?;
        Ok(Derived {
            document,
            origins: self.rows.into_iter().map(|row| row.origins).collect(),
            state: self.state,
            causes: self.causes,
            lacking: self.lacking,
            without: self.without,
            from: self.from,
            reach: self.reach,
        })
    }
}

#[cfg(test)]
mod tests;
