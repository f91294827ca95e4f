//! How a path is walked: segment by segment, depth first, so that nodes come out in the order of
//! RFC 9535 without a list between segments. Descendants have a stack of their own; recursion is as
//! deep as a path has segments and brackets, never as deep as a document.

use super::budget::{Budget, OutOfBudget, Stop};
use super::evaluate::{Evaluator, Source};
use super::ir::{Segment, Selector};
use crate::snapshot::document::{Kind, NodeRef};

/// Is told of each node that a walk finds.
pub(super) type Found<'f, 'd> = dyn FnMut(NodeRef<'d>, &mut Budget) -> Result<(), Stop> + 'f;

impl<'d, S: Source<'d>> Evaluator<'d, S> {
    /// Walks the segments from a node.
    pub(super) fn walk(
        &self,
        segments: &[Segment],
        node: NodeRef<'d>,
        budget: &mut Budget,
        found: &mut Found<'_, 'd>,
    ) -> Result<(), Stop> {
        let (mut node, mut rest) = (node, segments);
        loop {
            let Some((segment, after)) = rest.split_first() else { return found(node, budget) };
            match segment {
                // Names one after the other, the common case, need no recursion.
                Segment::Child(selectors) if let [Selector::Name(name)] = selectors.as_slice() => {
                    budget.spend(1)?;
                    let Some(member) = node.get(name) else { return Ok(()) };
                    (node, rest) = (member, after);
                }
                Segment::Child(selectors) => return self.select_all(selectors, after, node, budget, found),
                Segment::Descendant(selectors) => {
                    return descend(node, budget, children, &mut |place, budget| {
                        self.select_all(selectors, after, place, budget, found)
                    });
                }
            }
        }
    }

    /// Children that the selectors select, one selector after the other, and what comes after them.
    fn select_all(
        &self,
        selectors: &[Selector],
        after: &[Segment],
        node: NodeRef<'d>,
        budget: &mut Budget,
        found: &mut Found<'_, 'd>,
    ) -> Result<(), Stop> {
        let mut go_on = |child: NodeRef<'d>, budget: &mut Budget| self.walk(after, child, budget, found);
        for selector in selectors {
            match selector {
                Selector::Name(name) => {
                    budget.spend(1)?;
                    if let Some(member) = node.get(name) {
                        go_on(member, budget)?;
                    }
                }
                Selector::Wildcard => {
                    for child in children(node) {
                        budget.spend(1)?;
                        go_on(child, budget)?;
                    }
                }
                Selector::Index(index) => {
                    budget.spend(1)?;
                    if let Some(element) = element(node, *index) {
                        go_on(element, budget)?;
                    }
                }
                Selector::Slice { start, end, step } => {
                    slice(node, (*start, *end, *step), budget, &mut go_on)?;
                }
                Selector::Filter(condition) => {
                    for child in children(node) {
                        budget.spend(1)?;
                        if self.condition(condition, child, budget)? {
                            go_on(child, budget)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Elements of an array or values of an object, in the order of the file.
fn children<'d>(node: NodeRef<'d>) -> impl Iterator<Item = NodeRef<'d>> {
    node.elements().chain(node.members().map(|(_, _, value)| value))
}

/// An element; negative counts from the end (RFC 9535, 2.3.3.2).
pub(super) fn element(node: NodeRef<'_>, index: i64) -> Option<NodeRef<'_>> {
    if node.kind() != Kind::Array {
        return None;
    }
    let index = if index < 0 { i64::try_from(node.len()).ok()?.checked_add(index)? } else { index };
    node.at(usize::try_from(index).ok()?)
}

/// The node and everything below it that has children, parents first (RFC 9535, 2.5.2.2).
fn descend<'d, I: Iterator<Item = NodeRef<'d>>>(
    node: NodeRef<'d>,
    budget: &mut Budget,
    below: impl Fn(NodeRef<'d>) -> I,
    found: &mut Found<'_, 'd>,
) -> Result<(), Stop> {
    found(node, budget)?;
    let mut stack = vec![below(node)];
    while let Some(siblings) = stack.last_mut() {
        match siblings.next() {
            Some(child) => {
                budget.spend(1)?;
                // Nothing is selected from a scalar.
                if matches!(child.kind(), Kind::Array | Kind::Object) {
                    found(child, budget)?;
                    stack.push(below(child));
                }
            }
            None => {
                stack.pop();
            }
        }
    }
    Ok(())
}

/// Elements of a slice (RFC 9535, 2.3.4.2.2).
fn slice<'d>(
    node: NodeRef<'d>,
    (start, end, step): (Option<i64>, Option<i64>, i64),
    budget: &mut Budget,
    found: &mut Found<'_, 'd>,
) -> Result<(), Stop> {
    if step == 0 || node.kind() != Kind::Array {
        return Ok(());
    }
    let length = i64::try_from(node.len()).unwrap_or(i64::MAX);
    let normal = |i: i64| if i < 0 { length.saturating_add(i) } else { i };
    let (first, last) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let start = normal(start.unwrap_or(if step > 0 { 0 } else { length - 1 })).clamp(first, last);
    // An end that is not given lies before the first element, which no number can say.
    let end = end.map_or(if step > 0 { length } else { -1 }, |end| normal(end).clamp(first, last));
    let stride = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    let (from, to) = if step > 0 { (start, end) } else { (end.saturating_add(1), start.saturating_add(1)) };
    let from = usize::try_from(from).unwrap_or(0);
    let taken = usize::try_from(to).unwrap_or(0).saturating_sub(from);
    let within = node.elements().skip(from).take(taken);
    if step > 0 {
        for element in within.step_by(stride) {
            budget.spend(1)?;
            found(element, budget)?;
        }
        return Ok(());
    }
    let elements: Vec<NodeRef<'d>> = within.collect();
    spend_all(budget, elements.len())?;
    for element in elements.into_iter().rev().step_by(stride) {
        found(element, budget)?;
    }
    Ok(())
}

/// Spends a visit for each of so many.
pub(super) fn spend_all(budget: &mut Budget, count: usize) -> Result<(), OutOfBudget> {
    budget.spend(u64::try_from(count).unwrap_or(u64::MAX))
}
