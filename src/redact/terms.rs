//! What policies look for: the constants they compare with, the patterns they search for, the names of
//! properties in their paths. Comes in: compiled policies. Goes out: whether a text is such a constant or
//! name, and the patterns. Not here: how a pseudonym is written so that patterns find what they found
//! before (`settle`).

use std::collections::BTreeSet;

use regex::{RegexSet, RegexSetBuilder};

use super::settle::Sought;
use crate::policy::compiled::{Assertion, Check, PolicySet};
use crate::query::ir::{Argument, Condition, Literal, Operand, Pattern, Query, Segment, Selector};

/// Memory that all patterns together may take when compiled.
const SIZE: usize = 64 << 20;

/// What policies look for.
#[derive(Debug, Default)]
pub struct Terms {
    constants: BTreeSet<String>,
    /// Names of properties.
    names: BTreeSet<String>,
    /// Names of parameters.
    params: BTreeSet<String>,
    each: Vec<Sought>,
    /// All of `each` at once.
    set: RegexSet,
}

impl Terms {
    /// Gathers it from a policy set.
    #[must_use]
    pub fn of(policies: &PolicySet) -> Self {
        let mut seen = Seen::default();
        for check in policies.policies.iter().flat_map(|policy| &policy.checks) {
            seen.check(check);
        }
        for default in policies.params.values().filter_map(|param| param.default.as_ref()) {
            let values = default.as_array().map_or(std::slice::from_ref(default), Vec::as_slice);
            seen.constants
                .extend(values.iter().filter_map(|value| Some(value.as_str()?.to_ascii_lowercase())));
        }
        seen.constants.remove("");
        let params = policies.params.keys().map(ToString::to_string).collect();
        let patterns = seen.patterns.iter().map(String::as_str);
        Self { constants: seen.constants, names: seen.names, params, ..Self::searching(patterns) }
    }

    /// With patterns alone.
    pub(super) fn searching<'p>(patterns: impl Iterator<Item = &'p str>) -> Self {
        let each: Vec<Sought> = patterns.filter_map(Sought::of).collect();
        let set = RegexSetBuilder::new(each.iter().map(Sought::pattern)).size_limit(SIZE).build();
        // A set that is too large finds nothing: then each pattern is asked.
        Self { each, set: set.unwrap_or_default(), ..Self::default() }
    }

    /// All of it as texts, in an order that is always the same.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.constants.iter().map(String::as_str).chain(self.each.iter().map(Sought::pattern))
    }

    /// Names of properties in paths of policies, in order.
    pub(super) fn property_names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Names of parameters, in order.
    pub(super) fn parameter_names(&self) -> impl Iterator<Item = &str> {
        self.params.iter().map(String::as_str)
    }

    /// Whether policies compare with this very text; ASCII case does not matter.
    pub(super) fn has(&self, text: &str) -> bool {
        self.constants.contains(&text.to_ascii_lowercase())
    }

    /// Whether a path of a policy, or a parameter, has this name.
    pub(super) fn names(&self, name: &str) -> bool {
        self.names.contains(name) || self.params.contains(name)
    }

    /// A pattern by its place.
    pub(super) fn pattern(&self, at: usize) -> Option<&Sought> {
        self.each.get(at)
    }

    /// The patterns that a text fits.
    pub(super) fn fitting(&self, text: &str) -> Vec<usize> {
        if self.set.len() == self.each.len() {
            return self.set.matches(text).into_iter().collect();
        }
        (0..self.each.len()).filter(|at| self.pattern(*at).is_some_and(|one| one.is_in(text))).collect()
    }
}

/// Constants and patterns on the way.
#[derive(Default)]
struct Seen {
    constants: BTreeSet<String>,
    names: BTreeSet<String>,
    patterns: BTreeSet<String>,
}

impl Seen {
    fn check(&mut self, check: &Check) {
        if let Some(when) = &check.when {
            self.query(&when.query);
        }
        self.assertion(&check.assertion);
    }

    fn assertion(&mut self, assertion: &Assertion) {
        match assertion {
            Assertion::Forbid(path) => self.query(&path.query),
            Assertion::Require { path, count } => {
                self.query(&path.query);
                count.distinct.iter().chain(&count.sum).for_each(|query| self.query(query));
            }
            Assertion::Share(share) => {
                self.query(&share.among.query);
                share.filter.iter().for_each(|filter| self.condition(filter));
            }
            Assertion::Cadence(cadence) => self.query(&cadence.of.query),
            Assertion::Attest(_) => {}
            Assertion::Either { of, .. } | Assertion::All(of) => {
                of.iter().for_each(|one| self.assertion(one))
            }
        }
    }

    fn query(&mut self, query: &Query) {
        for segment in &query.segments {
            let (Segment::Child(selectors) | Segment::Descendant(selectors)) = segment;
            for selector in selectors {
                match selector {
                    Selector::Filter(condition) => self.condition(condition),
                    Selector::Name(name) => drop(self.names.insert(name.to_string())),
                    Selector::Wildcard | Selector::Index(_) | Selector::Slice { .. } => {}
                }
            }
        }
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Or(parts) | Condition::And(parts) => {
                parts.iter().for_each(|part| self.condition(part))
            }
            Condition::Not(part) => self.condition(part),
            Condition::Exists(query) => self.query(query),
            Condition::Compare(left, _, right) => {
                self.operand(left);
                self.operand(right);
            }
            Condition::Regex { subject, pattern, whole } => {
                self.operand(subject);
                match pattern {
                    Pattern::Constant(regex) if !is_type(subject) => {
                        let text = regex.as_str();
                        let text = if *whole { format!("^(?:{text})$") } else { text.to_owned() };
                        self.patterns.insert(text);
                    }
                    // What a type is called always stays.
                    Pattern::Constant(_) => {}
                    Pattern::Dynamic(operand) => self.operand(operand),
                }
            }
            Condition::Set(_, first, second) => {
                [first, second].into_iter().for_each(|one| self.argument(one))
            }
        }
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Literal(literal) => self.literal(literal),
            Operand::Singular(query) | Operand::Count(query) | Operand::Value(query) => self.query(query),
            Operand::Length(inner) => self.operand(inner),
        }
    }

    fn argument(&mut self, argument: &Argument) {
        match argument {
            Argument::Literal(literal) => self.literal(literal),
            Argument::Query(query) => self.query(query),
        }
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::String(text) => drop(self.constants.insert(text.to_ascii_lowercase())),
            Literal::Null | Literal::Bool(_) | Literal::Number(_) | Literal::Time(_) => {}
        }
    }
}

/// `@['@odata.type']`
fn is_type(subject: &Operand) -> bool {
    match subject {
        Operand::Singular(query) => match query.segments.last() {
            Some(Segment::Child(selectors)) => {
                matches!(selectors.as_slice(), [Selector::Name(name)] if name == "@odata.type")
            }
            Some(Segment::Descendant(_)) | None => false,
        },
        Operand::Literal(_) | Operand::Length(_) | Operand::Count(_) | Operand::Value(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::load::LoadOptions;

    #[test]
    fn the_built_in_policies_look_for_some() {
        let set = PolicySet::load(&LoadOptions::default()).unwrap();
        let terms = Terms::of(&set);
        assert!(
            terms.has("enabled") && terms.has("GROUP.UNIFIED") && !terms.has("") && !terms.has("Contoso")
        );
        assert!(terms.has("62e90394-69f5-4237-9190-012177145e10"), "a default of a parameter");
        assert!(terms.each.len() > 20 && terms.set.len() == terms.each.len(), "{}", terms.each.len());
        assert!(!terms.each.iter().any(|one| one.pattern().contains("win32LobApp")), "types stay anyway");
    }
}
