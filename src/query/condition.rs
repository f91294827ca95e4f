//! When a condition holds for a node. Comes in: a compiled condition, a node. Goes out: true or
//! false. Recursion is as deep as the brackets that the compiler allows.

use super::budget::{Budget, Stop, ended};
use super::evaluate::{Evaluator, Source};
use super::ir::{Condition, Literal, Operand, Pattern, Query, Root, Segment, Selector};
use super::value::{Value, compare};
use super::walk::{element, spend_all};
use crate::snapshot::document::NodeRef;
use crate::snapshot::number::Number;

/// What building a pattern costs, in visits.
const BUILD: usize = 64;

/// Bytes that a pattern looks at for the price of one visit.
const BYTES: usize = 64;

impl<'d, S: Source<'d>> Evaluator<'d, S> {
    /// Whether a condition holds.
    pub(super) fn condition(
        &self,
        condition: &Condition,
        node: NodeRef<'d>,
        budget: &mut Budget,
    ) -> Result<bool, Stop> {
        match condition {
            Condition::Or(parts) => {
                for part in parts {
                    if self.condition(part, node, budget)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Condition::And(parts) => {
                for part in parts {
                    if !self.condition(part, node, budget)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Condition::Not(part) => Ok(!self.condition(part, node, budget)?),
            Condition::Exists(query) => Ok(self.any_from(query, node, budget)?),
            Condition::Compare(left, comparison, right) => {
                let left = self.operand(left, node, budget)?;
                let right = self.operand(right, node, budget)?;
                compare(&left, *comparison, &right, budget)
            }
            Condition::Regex { subject, pattern, whole } => {
                let Value::Text(text) = self.operand(subject, node, budget)? else { return Ok(false) };
                spend_all(budget, text.len() / BYTES)?;
                match pattern {
                    Pattern::Constant(regex) => Ok(regex.is_match(&text)),
                    Pattern::Dynamic(pattern) => {
                        let Value::Text(pattern) = self.operand(pattern, node, budget)? else {
                            return Ok(false);
                        };
                        spend_all(budget, BUILD + pattern.len())?;
                        Ok(self.pattern(&pattern, *whole).is_some_and(|regex| regex.is_match(&text)))
                    }
                }
            }
            Condition::Set(test, first, second) => self.set(*test, first, second, node, budget),
        }
    }

    /// The value to compare, or none.
    fn operand<'v>(
        &'v self,
        operand: &'v Operand,
        node: NodeRef<'d>,
        budget: &mut Budget,
    ) -> Result<Value<'v>, Stop> {
        Ok(match operand {
            Operand::Literal(literal) => self.literal(literal),
            Operand::Singular(query) => self.singular(query, node, budget)?.map_or(Value::Nothing, Value::of),
            Operand::Length(inner) => match self.operand(inner, node, budget)? {
                Value::Text(text) => {
                    spend_all(budget, text.len() / BYTES)?;
                    count(text.chars().count())
                }
                Value::Tree(node) => count(node.len()),
                Value::Nothing | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Time(_) => {
                    Value::Nothing
                }
            },
            Operand::Count(query) if query.root == Root::Current => {
                let mut number = 0;
                ended(self.walk(&query.segments, node, budget, &mut |_, _| {
                    number += 1;
                    Ok(())
                }))?;
                count(number)
            }
            Operand::Count(query) => count(self.select(query, budget)?.len()),
            Operand::Value(query) if query.root == Root::Current => {
                let (mut one, mut more) = (None, false);
                ended(self.walk(&query.segments, node, budget, &mut |found, _| {
                    more = one.is_some();
                    one = Some(found);
                    if more { Err(Stop::Enough) } else { Ok(()) }
                }))?;
                one.filter(|_| !more).map_or(Value::Nothing, Value::of)
            }
            Operand::Value(query) => match &*self.select(query, budget)? {
                [one] => Value::of(*one),
                _ => Value::Nothing,
            },
        })
    }

    fn literal<'v>(&self, literal: &'v Literal) -> Value<'v> {
        match literal {
            Literal::Null => Value::Null,
            Literal::Bool(truth) => Value::Bool(*truth),
            Literal::Number(number) => Value::Number(*number),
            Literal::String(text) => Value::Text(text.as_str().into()),
            Literal::Time(delta) => Value::Time(self.now().plus(*delta)),
        }
    }

    /// The one node of a singular query, without a closure on the way.
    fn singular(
        &self,
        query: &Query,
        node: NodeRef<'d>,
        budget: &mut Budget,
    ) -> Result<Option<NodeRef<'d>>, Stop> {
        if query.root != Root::Current {
            return Ok(self.select(query, budget)?.first().copied());
        }
        let mut node = node;
        for segment in &query.segments {
            budget.spend(1)?;
            let next = match segment {
                Segment::Child(selectors) => match selectors.as_slice() {
                    [Selector::Name(name)] => node.get(name),
                    [Selector::Index(index)] => element(node, *index),
                    // The compiler lets only singular queries in here.
                    _ => None,
                },
                Segment::Descendant(_) => None,
            };
            let Some(next) = next else { return Ok(None) };
            node = next;
        }
        Ok(Some(node))
    }
}

fn count<'v>(number: usize) -> Value<'v> {
    Value::Number(Number::Int(i128::try_from(number).unwrap_or(i128::MAX)))
}
