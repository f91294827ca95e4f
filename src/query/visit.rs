//! All queries inside a query, the inner ones included, in the order of the text. Recursion is as
//! deep as the brackets that the compiler allows.

use super::ir::{Argument, Condition, Operand, Pattern, Query, Segment, Selector};

/// Shows a query and the queries inside it.
pub(crate) fn queries<'q>(query: &'q Query, see: &mut dyn FnMut(&'q Query)) {
    see(query);
    for segment in &query.segments {
        let (Segment::Child(selectors) | Segment::Descendant(selectors)) = segment;
        for selector in selectors {
            match selector {
                Selector::Filter(inner) => condition(inner, see),
                Selector::Name(_) | Selector::Wildcard | Selector::Index(_) | Selector::Slice { .. } => {}
            }
        }
    }
}

/// Shows the queries inside a condition.
pub(crate) fn condition<'q>(condition: &'q Condition, see: &mut dyn FnMut(&'q Query)) {
    match condition {
        Condition::Or(parts) | Condition::And(parts) => {
            for part in parts {
                self::condition(part, see);
            }
        }
        Condition::Not(part) => self::condition(part, see),
        Condition::Exists(query) => queries(query, see),
        Condition::Compare(left, _, right) => {
            operand(left, see);
            operand(right, see);
        }
        Condition::Regex { subject, pattern, whole: _ } => {
            operand(subject, see);
            match pattern {
                Pattern::Constant(_) => {}
                Pattern::Dynamic(pattern) => operand(pattern, see),
            }
        }
        Condition::Set(_, first, second) => {
            for argument in [first, second] {
                match argument {
                    Argument::Literal(_) => {}
                    Argument::Query(query) => queries(query, see),
                }
            }
        }
    }
}

fn operand<'q>(operand: &'q Operand, see: &mut dyn FnMut(&'q Query)) {
    match operand {
        Operand::Literal(_) => {}
        Operand::Singular(query) | Operand::Count(query) | Operand::Value(query) => queries(query, see),
        Operand::Length(inner) => self::operand(inner, see),
    }
}
