//! Conditions against the types of what they test: comparisons that never hold, functions on what
//! they can't work on, and comparisons that hold where nothing is there.

use std::ops::Range;

use super::compare::{self, Problem};
use super::place::{Class, Place, Shape};
use super::{Analyser, ParamShape, Role};
use crate::query::error::QueryError;
use crate::query::ir::{Argument, Comparison, Condition, Literal, Operand, Pattern, Query, Root, SetTest};

/// One side of a comparison.
pub(super) struct Side<'q, 'c> {
    pub(super) what: What<'q, 'c>,
    pub(super) at: Range<usize>,
}

/// What stands on a side.
pub(super) enum What<'q, 'c> {
    /// A constant.
    Literal(&'q Literal),
    /// A path.
    Path(&'q Query, Vec<Place<'c>>),
    /// A count or a length.
    Number,
}

impl<'c> Analyser<'c, '_, '_> {
    /// Analyses a condition on what stands at `current`.
    pub(super) fn condition(&mut self, condition: &Condition, current: &[Place<'c>]) {
        match condition {
            Condition::Or(parts) => {
                for part in parts {
                    self.condition(part, current);
                }
            }
            Condition::And(parts) => {
                let outer = self.present.len();
                self.present.extend(parts.iter().filter_map(proves_present));
                for part in parts {
                    self.condition(part, current);
                }
                self.present.truncate(outer);
            }
            Condition::Not(part) => self.condition(part, current),
            Condition::Exists(query) => {
                self.path(query, current, Role::Argument);
            }
            Condition::Compare(left, comparison, right) => {
                let left = self.side(left, current);
                let right = self.side(right, current);
                self.comparison(&left, *comparison, &right);
            }
            Condition::Regex { subject, pattern, whole } => {
                self.leaf();
                let name = if *whole { "match" } else { "search" };
                let subject = self.side(subject, current);
                self.searched(name, &subject);
                match pattern {
                    Pattern::Constant(_) => {
                        self.leaf();
                    }
                    Pattern::Dynamic(pattern) => {
                        let pattern = self.side(pattern, current);
                        self.searched(name, &pattern);
                    }
                }
            }
            Condition::Set(test, first, second) => self.set(*test, first, second, current),
        }
    }

    fn side<'q>(&mut self, operand: &'q Operand, current: &[Place<'c>]) -> Side<'q, 'c> {
        match operand {
            Operand::Literal(literal) => {
                let token = self.leaf();
                Side { what: What::Literal(literal), at: self.layout.at(token) }
            }
            Operand::Singular(query) => self.path_side(query, current),
            Operand::Value(query) => {
                self.leaf();
                self.path_side(query, current)
            }
            Operand::Length(inner) => {
                let call = self.leaf();
                let inner = self.side(inner, current);
                self.measured(&inner);
                Side { what: What::Number, at: self.call(call) }
            }
            Operand::Count(query) => {
                let call = self.leaf();
                let side = self.path_side(query, current);
                self.counted(query, &side);
                Side { what: What::Number, at: self.call(call) }
            }
        }
    }

    fn path_side<'q>(&mut self, query: &'q Query, current: &[Place<'c>]) -> Side<'q, 'c> {
        let mut ahead = self.leaves.clone();
        let first = ahead.take().unwrap_or(self.last);
        let places = self.path(query, current, Role::Argument);
        Side { what: What::Path(query, places), at: self.layout.span(first, self.layout.end(first)) }
    }

    /// The bytes of a call.
    fn call(&self, name: usize) -> Range<usize> {
        let end = self.layout.partner(name + 1).map_or(name + 1, |close| close + 1);
        self.layout.span(name, end)
    }

    fn comparison(&mut self, left: &Side<'_, 'c>, comparison: Comparison, right: &Side<'_, 'c>) {
        if let Some((at, problem)) = compare::sides(left, comparison, right) {
            self.report(at, problem);
        }
        self.both_absent(left, comparison, right);
    }

    /// `@.a <= @.b` holds where both are absent (RFC 9535, 2.3.5.2.2).
    fn both_absent(&mut self, left: &Side<'_, 'c>, comparison: Comparison, right: &Side<'_, 'c>) {
        let holds = match comparison {
            Comparison::Equal | Comparison::LessOrEqual | Comparison::GreaterOrEqual => true,
            Comparison::NotEqual | Comparison::Less | Comparison::Greater => false,
        };
        let (What::Path(a, _), What::Path(b, _)) = (&left.what, &right.what) else { return };
        // A parameter that is not declared makes a check unknown, so it is never absent here.
        let param = |query: &Query| matches!(query.root, Root::Param(_));
        let itself = |query: &Query| query.segments.is_empty();
        if !holds || param(a) || param(b) || itself(a) || itself(b) {
            return;
        }
        let proven = |query: &Query| {
            self.present.iter().any(|present| {
                present
                    .strip_prefix(query.text.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            })
        };
        if proven(a) || proven(b) {
            return;
        }
        let message = format!("this holds where both `{}` and `{}` are absent", a.text, b.text);
        let help = format!("ask for one of them first: {} && …", a.text);
        self.warnings.push(QueryError::new(left.at.start..right.at.end, message).help(help));
    }

    /// `match` and `search` work on text.
    fn searched(&mut self, name: &str, side: &Side<'_, 'c>) {
        let found = match &side.what {
            What::Number => Some("a number".to_owned()),
            What::Literal(Literal::String(_)) => None,
            What::Literal(_) => Some("not text".to_owned()),
            What::Path(_, places) => all_fail(places, |place| match place.shape.class() {
                Class::Number | Class::Boolean | Class::List | Class::Object => {
                    Some(place.shape.words().to_owned())
                }
                Class::Text | Class::Time | Class::Any => None,
            }),
        };
        let Some(found) = found else { return };
        let problem = Problem::new(format!("`{name}` works on text, and this is {found}"));
        let problem = match &side.what {
            What::Path(query, places) if places.iter().all(|p| p.shape.class() == Class::List) => {
                problem.help(format!("test its elements: {}[?{name}(@, …)]", query.text))
            }
            What::Path(..) | What::Literal(_) | What::Number => problem,
        };
        self.report(side.at.clone(), problem);
    }

    /// `length` measures text and lists.
    fn measured(&mut self, side: &Side<'_, 'c>) {
        let found = match &side.what {
            What::Number => Some("a number"),
            What::Literal(Literal::String(_)) => None,
            What::Literal(_) => Some("not text"),
            What::Path(_, places) => all_fail(places, |place| match place.shape.class() {
                Class::Number | Class::Boolean | Class::Object => Some(place.shape.words()),
                Class::Text | Class::Time | Class::List | Class::Any => None,
            }),
        };
        if let Some(found) = found {
            let message = format!("`length` measures text and lists, and this is {found}");
            self.report(side.at.clone(), Problem::new(message));
        }
    }

    /// `count(@.list)` is 1 however long the list: it counts nodes.
    fn counted(&mut self, query: &Query, side: &Side<'_, 'c>) {
        let What::Path(_, places) = &side.what else { return };
        if query.is_singular() && !places.is_empty() && places.iter().all(|p| p.shape.class() == Class::List)
        {
            let message = format!("`{}` is one list, so this count is never above 1", query.text);
            let help =
                format!("its elements are counted by count({}[*]) or length({})", query.text, query.text);
            self.report(side.at.clone(), Problem::new(message).help(help));
        }
    }

    fn set(&mut self, test: SetTest, first: &Argument, second: &Argument, current: &[Place<'c>]) {
        let call = self.leaf();
        let name = match test {
            SetTest::In => "in",
            SetTest::NoneOf => "none_of",
            SetTest::AnyOf => "any_of",
            SetTest::SubsetOf => "subset_of",
        };
        let first = self.argument(name, first, current);
        let second = self.argument(name, second, current);
        if let Some((at, problem)) = compare::members(name, &first, &second) {
            let at = if at.is_empty() { self.call(call) } else { at };
            self.report(at, problem);
        }
    }

    /// An argument of a set function; its places are those of the members.
    fn argument<'q>(&mut self, name: &str, argument: &'q Argument, current: &[Place<'c>]) -> Side<'q, 'c> {
        let query = match argument {
            Argument::Literal(literal) => {
                let token = self.leaf();
                return Side { what: What::Literal(literal), at: self.layout.at(token) };
            }
            Argument::Query(query) => query,
        };
        let side = self.path_side(query, current);
        let What::Path(_, places) = side.what else { return side };
        let members: Vec<Place<'c>> = places
            .iter()
            .map(|place| {
                place
                    .elements()
                    .filter(|_| place.shape.class() == Class::List)
                    .unwrap_or_else(|| place.clone())
            })
            .collect();
        let never = all_fail(&members, |place| match place.shape.class() {
            Class::Object => Some("objects"),
            Class::List => Some("lists of lists"),
            Class::Text | Class::Time | Class::Number | Class::Boolean | Class::Any => None,
        });
        if let Some(what) = never {
            let message = format!("`{}` gives {what}, which are never members of a set", query.text);
            let problem = Problem::new(message)
                .help(format!("`{name}` compares values: select a field, as in …[*].id"));
            self.report(side.at.clone(), problem);
            return Side { what: What::Path(query, vec![Place::unknown()]), at: side.at };
        }
        Side { what: What::Path(query, members), at: side.at }
    }

    fn report(&mut self, at: Range<usize>, problem: Problem) {
        self.errors.push(QueryError::new(at, problem.message).maybe_help(problem.help));
    }
}

/// A mistake that all places share; where one of several is right, nothing is wrong.
pub(super) fn all_fail<'c, T>(places: &[Place<'c>], fails: impl Fn(&Place<'c>) -> Option<T>) -> Option<T> {
    let mut first = None;
    for place in places {
        let failed = fails(place)?;
        first = first.or(Some(failed));
    }
    first
}

/// The path that is present wherever this condition holds.
fn proves_present(condition: &Condition) -> Option<String> {
    match condition {
        Condition::Exists(query) => Some(query.text.clone()),
        Condition::Compare(Operand::Singular(query), comparison, Operand::Literal(_))
        | Condition::Compare(Operand::Literal(_), comparison, Operand::Singular(query)) => match comparison {
            Comparison::NotEqual => None,
            Comparison::Equal
            | Comparison::Less
            | Comparison::LessOrEqual
            | Comparison::Greater
            | Comparison::GreaterOrEqual => Some(query.text.clone()),
        },
        Condition::Regex { subject: Operand::Singular(query), .. } => Some(query.text.clone()),
        Condition::Set(SetTest::In | SetTest::AnyOf, Argument::Query(query), _) => Some(query.text.clone()),
        Condition::Or(_)
        | Condition::And(_)
        | Condition::Not(_)
        | Condition::Compare(..)
        | Condition::Regex { .. }
        | Condition::Set(..) => None,
    }
}

/// Whether a shape is a list that `in` would look into.
pub(super) fn is_list(shape: Shape<'_>) -> bool {
    matches!(shape, Shape::List(_) | Shape::Items(_) | Shape::Param(ParamShape::List))
}
