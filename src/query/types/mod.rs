//! Queries against contracts, before any data is seen: names that do not exist, comparisons that
//! never hold, and what a query reads. Comes in: a compiled query, a catalogue. Goes out: an
//! [`Analysis`]. Not here: syntax (`compile`), evaluation (`evaluate`).

mod compare;
mod condition;
mod path;
mod place;

use std::collections::BTreeSet;

pub use self::place::Class;
use self::place::Place;
use super::compile::DEEPEST;
use super::error::{QueryError, in_order};
use super::ir::{Condition, Query};
use super::layout::{Layout, Leaves};
use super::reads::QueryReads;
use crate::sections::contract::Object;

/// What sections and parameters exist.
pub trait Catalogue {
    /// What the items of a section look like; none if there is no such section.
    fn contract(&self, section: &str) -> Option<&Object>;
    /// Ids of all sections, to say what was meant.
    fn sections(&self) -> Vec<&str>;
    /// What a parameter holds; none if it is not declared.
    fn param(&self, name: &str) -> Option<ParamShape>;
    /// Names of all parameters, to say what was meant.
    fn params(&self) -> Vec<&str>;
}

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamShape {
    /// A list of strings.
    List,
    /// One value.
    Scalar,
}

/// What is known of a query before any data is seen.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// What it reads.
    pub reads: QueryReads,
    /// What it selects, as far as the contracts say.
    pub selects: BTreeSet<Class>,
    /// What is wrong, in the order of the text.
    pub errors: Vec<QueryError>,
    /// What is right and perhaps not meant: comparisons that hold where both sides are absent.
    pub warnings: Vec<QueryError>,
}

/// Analyses a query from `$`. Places are in its text.
pub fn analyse(query: &Query, catalogue: &dyn Catalogue) -> Analysis {
    let layout = outline(&query.text);
    let mut analyser = Analyser::new(catalogue, &layout);
    let places = analyser.path(query, &[], Role::Population);
    analyser.finish(&places)
}

/// Analyses a condition on the nodes that `population` selects. Places are in `text`, which the
/// condition was compiled from. Of the population's own reads only its fields in the condition count.
pub fn analyse_condition(
    condition: &Condition,
    text: &str,
    population: &Query,
    catalogue: &dyn Catalogue,
) -> Analysis {
    let layout = outline(text);
    let mut analyser = Analyser::new(catalogue, &layout);
    let current = selected(population, catalogue);
    analyser.condition(condition, &current);
    analyser.finish(&[])
}

/// Analyses a field of the nodes that `population` selects. Places are in `text`, which the field
/// was compiled from.
pub fn analyse_relative(
    field: &Query,
    text: &str,
    population: &Query,
    catalogue: &dyn Catalogue,
) -> Analysis {
    let layout = outline(&field.text);
    let mut analyser = Analyser::new(catalogue, &layout);
    let current = selected(population, catalogue);
    let places = analyser.path(field, &current, Role::Population);
    let mut analysis = analyser.finish(&places);
    // `start.dateTime` was compiled as `@.start.dateTime`.
    let added = field.text.len().saturating_sub(text.len());
    for error in analysis.errors.iter_mut().chain(&mut analysis.warnings) {
        let back = |at: usize| at.saturating_sub(added).min(text.len());
        error.at = back(error.at.start)..back(error.at.end);
    }
    analysis
}

/// What a query selects; its own mistakes are another analysis's.
fn selected<'c>(query: &Query, catalogue: &'c dyn Catalogue) -> Vec<Place<'c>> {
    let layout = outline(&query.text);
    Analyser::new(catalogue, &layout).path(query, &[], Role::Population)
}

/// A text that has been compiled, so there is nothing wrong with it.
fn outline(text: &str) -> Layout<'_> {
    Layout::new(text, DEEPEST + 1, &mut Vec::new())
}

/// Whether a query is the one that matches are sought with, or stands in a filter of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Population,
    Argument,
}

/// Walks a query and its text together.
struct Analyser<'c, 'l, 't> {
    catalogue: &'c dyn Catalogue,
    layout: &'l Layout<'t>,
    leaves: Leaves<'l, 't>,
    /// The token that was taken last: where a mistake without a token of its own is shown.
    last: usize,
    reads: QueryReads,
    errors: Vec<QueryError>,
    warnings: Vec<QueryError>,
    /// Paths from the current `@` that are present where the condition at hand matters.
    present: Vec<String>,
}

impl<'c, 'l, 't> Analyser<'c, 'l, 't> {
    fn new(catalogue: &'c dyn Catalogue, layout: &'l Layout<'t>) -> Self {
        Self {
            catalogue,
            layout,
            leaves: Leaves::new(layout),
            last: 0,
            reads: QueryReads::default(),
            errors: Vec::new(),
            warnings: Vec::new(),
            present: Vec::new(),
        }
    }

    fn finish(self, places: &[Place<'c>]) -> Analysis {
        Analysis {
            reads: self.reads,
            selects: places.iter().map(|place| place.shape.class()).collect(),
            errors: in_order(self.errors),
            warnings: in_order(self.warnings),
        }
    }

    /// The next token that stands for something in the query.
    fn leaf(&mut self) -> usize {
        self.last = self.leaves.take().unwrap_or(self.last);
        self.last
    }
}

#[cfg(test)]
mod tests;
