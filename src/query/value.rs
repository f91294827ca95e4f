//! Values and their comparison, exactly as RFC 9535, 2.3.5.2.2 says, and times beyond it. Comes in:
//! two values. Goes out: true or false. Nothing is converted: "1" is not 1, null is not absent.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use super::budget::{Budget, Stop};
use super::instant::Instant;
use super::ir::Comparison;
use super::walk::spend_all;
use crate::snapshot::document::{Kind, NodeRef};
use crate::snapshot::number::Number;

/// A value, or none.
#[derive(Debug, Clone)]
pub(super) enum Value<'v> {
    /// No value: the path selects nothing.
    Nothing,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(Cow<'v, str>),
    /// A time of the query; strings that are timestamps are compared with it.
    Time(Instant),
    /// An array or object.
    Tree(NodeRef<'v>),
}

impl<'v> Value<'v> {
    /// The value of a node.
    pub(super) fn of(node: NodeRef<'v>) -> Self {
        match node.kind() {
            Kind::Null => Value::Null,
            Kind::Bool => node.as_bool().map_or(Value::Nothing, Value::Bool),
            Kind::Number => node.as_number().map_or(Value::Nothing, Value::Number),
            Kind::String => node.as_str().map_or(Value::Nothing, Value::Text),
            Kind::Array | Kind::Object => Value::Tree(node),
        }
    }
}

/// Compares two values.
pub(super) fn compare(
    left: &Value<'_>,
    comparison: Comparison,
    right: &Value<'_>,
    budget: &mut Budget,
) -> Result<bool, Stop> {
    Ok(match comparison {
        Comparison::Equal => equal(left, right, budget)?,
        Comparison::NotEqual => !equal(left, right, budget)?,
        Comparison::Less => order(left, right) == Some(Ordering::Less),
        Comparison::Greater => order(left, right) == Some(Ordering::Greater),
        // Also true of equal values that have no order, such as two nulls.
        Comparison::LessOrEqual => order(left, right) == Some(Ordering::Less) || equal(left, right, budget)?,
        Comparison::GreaterOrEqual => {
            order(left, right) == Some(Ordering::Greater) || equal(left, right, budget)?
        }
    })
}

/// The order of two values, if they have one: numbers, strings (by Unicode scalar values, which is
/// the order of their bytes), times.
fn order(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => Some(a.compare(*b)),
        (Value::Text(a), Value::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Text(b)) => Some(a.cmp(&Instant::parse(b)?)),
        (Value::Text(a), Value::Time(b)) => Some(Instant::parse(a)?.cmp(b)),
        _ => None,
    }
}

fn equal(left: &Value<'_>, right: &Value<'_>, budget: &mut Budget) -> Result<bool, Stop> {
    Ok(match (left, right) {
        (Value::Nothing, Value::Nothing) | (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Tree(a), Value::Tree(b)) => same_tree(*a, *b, budget)?,
        _ => order(left, right) == Some(Ordering::Equal),
    })
}

/// Deep equality: elements in order, members by name in any order.
fn same_tree<'n>(left: NodeRef<'n>, right: NodeRef<'n>, budget: &mut Budget) -> Result<bool, Stop> {
    let mut pairs = vec![(left, right)];
    while let Some((a, b)) = pairs.pop() {
        budget.spend(1)?;
        if std::ptr::eq(a.document(), b.document()) && a.index() == b.index() {
            continue;
        }
        if a.kind() != b.kind() || a.len() != b.len() {
            return Ok(false);
        }
        match a.kind() {
            Kind::Array => pairs.extend(a.elements().zip(b.elements())),
            Kind::Object => {
                if !pair_members(a, b, &mut pairs, budget)? {
                    return Ok(false);
                }
            }
            Kind::Null | Kind::Bool | Kind::Number | Kind::String => {
                if !equal(&Value::of(a), &Value::of(b), budget)? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// Puts the members of two objects side by side; false where a name is missing.
fn pair_members<'n>(
    a: NodeRef<'n>,
    b: NodeRef<'n>,
    pairs: &mut Vec<(NodeRef<'n>, NodeRef<'n>)>,
    budget: &mut Budget,
) -> Result<bool, Stop> {
    /// Beyond this, looking each name up one by one costs more than a table of them.
    const FEW: usize = 16;
    spend_all(budget, a.len())?;
    if a.len() <= FEW {
        for (name, _, value) in a.members() {
            let Some(other) = b.get(&name) else { return Ok(false) };
            pairs.push((value, other));
        }
        return Ok(true);
    }
    let table: HashMap<Cow<'_, str>, NodeRef<'n>> =
        b.members().map(|(name, _, value)| (name, value)).collect();
    for (name, _, value) in a.members() {
        let Some(other) = table.get(&name) else { return Ok(false) };
        pairs.push((value, *other));
    }
    Ok(true)
}
