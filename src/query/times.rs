//! The time literals of a query, the inner ones included: how far back it asks.

use chrono::TimeDelta;

use super::ir::{Argument, Condition, Literal, Operand, Query, Segment, Selector};

/// Shows the offset of every time literal from evidence time; negative ones look back.
pub(crate) fn of_query(query: &Query, see: &mut dyn FnMut(TimeDelta)) {
    for segment in &query.segments {
        let (Segment::Child(selectors) | Segment::Descendant(selectors)) = segment;
        for selector in selectors {
            match selector {
                Selector::Filter(condition) => of_condition(condition, see),
                Selector::Name(_) | Selector::Wildcard | Selector::Index(_) | Selector::Slice { .. } => {}
            }
        }
    }
}

/// The same for a condition that stands alone.
pub(crate) fn of_condition(condition: &Condition, see: &mut dyn FnMut(TimeDelta)) {
    match condition {
        Condition::Or(parts) | Condition::And(parts) => parts.iter().for_each(|part| of_condition(part, see)),
        Condition::Not(part) => of_condition(part, see),
        Condition::Exists(query) => of_query(query, see),
        Condition::Compare(left, _, right) => {
            of_operand(left, see);
            of_operand(right, see);
        }
        Condition::Regex { subject, .. } => of_operand(subject, see),
        Condition::Set(_, first, second) => {
            for argument in [first, second] {
                match argument {
                    Argument::Literal(literal) => of_literal(literal, see),
                    Argument::Query(query) => of_query(query, see),
                }
            }
        }
    }
}

fn of_operand(operand: &Operand, see: &mut dyn FnMut(TimeDelta)) {
    match operand {
        Operand::Literal(literal) => of_literal(literal, see),
        Operand::Singular(query) | Operand::Count(query) | Operand::Value(query) => of_query(query, see),
        Operand::Length(inner) => of_operand(inner, see),
    }
}

fn of_literal(literal: &Literal, see: &mut dyn FnMut(TimeDelta)) {
    match literal {
        Literal::Time(offset) => see(*offset),
        Literal::Null | Literal::Bool(_) | Literal::Number(_) | Literal::String(_) => {}
    }
}
