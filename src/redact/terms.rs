//! What policies look for in texts: the constants they compare with and the patterns they search for.
//! Comes in: compiled policies. Goes out: whether a text is such a constant, and how a pseudonym has to
//! be written so that every pattern finds in it what it found in the text. Not here: making the
//! pseudonym (`text`).
//!
//! A policy that asks for `'[Rr]oadmap'` in a name has to get the same answer of the pseudonym. So the
//! words that a pattern found are said again beside it: first in other letters, if the pattern asks only
//! how something is written (`^[A-Z]{3}-`), else as they are: they are the policy's words then, not the
//! tenant's.

use std::collections::BTreeSet;

use regex::{Regex, RegexSet, RegexSetBuilder};

use super::key::Key;
use super::pseudonym;
use crate::policy::compiled::{Assertion, Check, PolicySet};
use crate::query::ir::{Argument, Condition, Literal, Operand, Pattern, Query, Segment, Selector};

/// Memory that all patterns together may take when compiled.
const SIZE: usize = 64 << 20;

/// What policies look for.
#[derive(Debug, Default)]
pub struct Terms {
    constants: BTreeSet<String>,
    each: Vec<Regex>,
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
        let each: Vec<Regex> = seen.patterns.iter().filter_map(|text| Regex::new(text).ok()).collect();
        let set = RegexSetBuilder::new(each.iter().map(Regex::as_str)).size_limit(SIZE).build();
        // A set that is too large finds nothing: then each pattern is asked.
        Self { constants: seen.constants, each, set: set.unwrap_or_default() }
    }

    /// All of it as texts, in an order that is always the same.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.constants.iter().map(String::as_str).chain(self.each.iter().map(Regex::as_str))
    }

    /// Whether policies compare with this very text; ASCII case does not matter.
    pub(super) fn has(&self, text: &str) -> bool {
        self.constants.contains(&text.to_ascii_lowercase())
    }

    /// The patterns that a text fits.
    fn fitting(&self, text: &str) -> Vec<usize> {
        if self.set.len() == self.each.len() {
            return self.set.matches(text).into_iter().collect();
        }
        (0..self.each.len()).filter(|at| self.each.get(*at).is_some_and(|one| one.is_match(text))).collect()
    }

    /// The pseudonym, with what patterns found in the original beside it. `gap` stands between.
    pub(super) fn settled(&self, key: &Key, original: &str, pseudonym: String, gap: &str) -> String {
        let wanted = self.fitting(original);
        let fits = |candidate: &String| self.fitting(candidate) == wanted;
        if fits(&pseudonym) {
            return pseudonym;
        }
        let had = self.fitting(&pseudonym);
        let missing = wanted.iter().filter(|at| !had.contains(at)).filter_map(|at| self.each.get(*at));
        let mut pieces: Vec<&str> = missing.filter_map(|one| Some(one.find(original)?.as_str())).collect();
        pieces.dedup();
        let other: Vec<String> = pieces.iter().map(|piece| pseudonym::letters(key, piece)).collect();
        let same: Vec<String> = pieces.iter().map(|piece| (*piece).to_owned()).collect();
        let mut ways = Vec::new();
        for said in [other.join(" "), same.join(" ")] {
            ways.push(format!("{pseudonym}{gap}{said}"));
            ways.push(format!("{said}{gap}{pseudonym}"));
            ways.push(format!("{said}{pseudonym}"));
        }
        // Where no way fits, the last one is the nearest; whoever compares the results will see it.
        let nearest = ways.last().cloned().unwrap_or_default();
        ways.into_iter().find(fits).unwrap_or(nearest)
    }
}

/// Constants and patterns on the way.
#[derive(Default)]
struct Seen {
    constants: BTreeSet<String>,
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
                    Selector::Name(_) | Selector::Wildcard | Selector::Index(_) | Selector::Slice { .. } => {}
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

    fn terms(patterns: &[&str]) -> Terms {
        let each: Vec<Regex> = patterns.iter().map(|text| Regex::new(text).unwrap()).collect();
        let set = RegexSet::new(patterns).unwrap();
        Terms { constants: BTreeSet::new(), each, set }
    }

    fn settled(patterns: &[&str], original: &str) -> String {
        let key = Key::parse(b"0123456789abcdef0123456789abcdef").unwrap();
        let terms = terms(patterns);
        let made = terms.settled(&key, original, "name k3f9d2m8q1z7x4".to_owned(), " ");
        assert_eq!(terms.fitting(&made), terms.fitting(original), "{made}");
        made
    }

    #[test]
    fn patterns_find_in_the_pseudonym_what_they_found_in_the_text() {
        assert_eq!(settled(&["[Rr]oadmap"], "Finance"), "name k3f9d2m8q1z7x4");
        assert_eq!(settled(&["[Rr]oadmap"], "Our Roadmap 2027"), "name k3f9d2m8q1z7x4 Roadmap");
        let made = settled(&["^[A-Za-z0-9]{2,10}[_.-]"], "Contoso-Finance");
        assert!(!made.to_lowercase().contains("contoso") && made.ends_with("name k3f9d2m8q1z7x4"), "{made}");
    }

    #[test]
    fn the_built_in_policies_look_for_some() {
        let set = PolicySet::load(&LoadOptions::default()).unwrap();
        let terms = Terms::of(&set);
        assert!(
            terms.has("enabled") && terms.has("GROUP.UNIFIED") && !terms.has("") && !terms.has("Contoso")
        );
        assert!(terms.has("62e90394-69f5-4237-9190-012177145e10"), "a default of a parameter");
        assert!(terms.each.len() > 20 && terms.set.len() == terms.each.len(), "{}", terms.each.len());
        assert!(!terms.each.iter().any(|one| one.as_str().contains("win32LobApp")), "types stay anyway");
    }
}
