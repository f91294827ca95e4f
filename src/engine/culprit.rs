//! The value inside an item that decided: what a diagnostic should point at. A condition is walked
//! as it was evaluated; where several values decide together the last one named is taken, and where
//! none is there (a missing property) the item itself stays the place.

use crate::query::OutOfBudget;
use crate::query::ir::{Argument, Condition, Operand, Query, Root, Segment, Selector};
use crate::snapshot::document::NodeRef;

use super::assertion::Context;

/// The value that made a matched node match: named by the last filter of the query.
pub(super) fn of_match<'a>(
    context: &mut Context<'a, '_>,
    query: &Query,
    node: NodeRef<'a>,
) -> Result<Option<NodeRef<'a>>, OutOfBudget> {
    let Some(Segment::Child(selectors)) = query.segments.last() else { return Ok(None) };
    match selectors.as_slice() {
        [Selector::Filter(condition)] => decided(context, condition, node, true),
        _ => Ok(None),
    }
}

/// The value that made a condition fail on a node.
pub(super) fn of_failure<'a>(
    context: &mut Context<'a, '_>,
    condition: &Condition,
    node: NodeRef<'a>,
) -> Result<Option<NodeRef<'a>>, OutOfBudget> {
    decided(context, condition, node, false)
}

/// The last value that explains why `condition` came out as `held`.
fn decided<'a>(
    context: &mut Context<'a, '_>,
    condition: &Condition,
    node: NodeRef<'a>,
    held: bool,
) -> Result<Option<NodeRef<'a>>, OutOfBudget> {
    match condition {
        Condition::Not(inner) => decided(context, inner, node, !held),
        Condition::And(parts) | Condition::Or(parts) => {
            for part in parts.iter().rev() {
                let world = context.world;
                if world.evaluator.holds(part, node, &mut context.budget)? == held
                    && let Some(place) = decided(context, part, node, held)?
                {
                    return Ok(Some(place));
                }
            }
            Ok(None)
        }
        Condition::Exists(query) => value(context, query, node),
        Condition::Compare(left, _, right) => first(context, &[left, right], node),
        Condition::Regex { subject, .. } => first(context, &[subject], node),
        Condition::Set(_, left, right) => {
            for argument in [left, right] {
                if let Argument::Query(query) = argument
                    && let Some(place) = value(context, query, node)?
                {
                    return Ok(Some(place));
                }
            }
            Ok(None)
        }
    }
}

fn first<'a>(
    context: &mut Context<'a, '_>,
    operands: &[&Operand],
    node: NodeRef<'a>,
) -> Result<Option<NodeRef<'a>>, OutOfBudget> {
    for operand in operands {
        let query = match operand {
            Operand::Literal(_) => None,
            Operand::Singular(query) | Operand::Count(query) | Operand::Value(query) => Some(query),
            Operand::Length(inner) => match inner.as_ref() {
                Operand::Singular(query) | Operand::Value(query) => Some(query),
                Operand::Literal(_) | Operand::Length(_) | Operand::Count(_) => None,
            },
        };
        if let Some(query) = query
            && let Some(place) = value(context, query, node)?
        {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

/// The single value below the node that a relative query selects.
fn value<'a>(
    context: &mut Context<'a, '_>,
    query: &Query,
    node: NodeRef<'a>,
) -> Result<Option<NodeRef<'a>>, OutOfBudget> {
    if query.root != Root::Current {
        return Ok(None);
    }
    let found = context.world.evaluator.select_from(query, node, &mut context.budget)?;
    Ok(match found.as_slice() {
        [only] if only.index() != node.index() => Some(*only),
        _ => None,
    })
}
