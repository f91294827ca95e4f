//! Assertions: raw parts -> compiled, with everything they read. Comes in: the keys of a check or
//! of a part of `either` and `all`. Goes out: an `Assertion`. Not here: the modifiers of a check.

use std::collections::BTreeSet;
use std::ops::Range;

use super::bound::{Bound, Unit};
use super::compiled::{
    Assertion, Cadence, CadenceRule, Count, Elapsed, ParamKind, Path, QueryReads, Reads, Share, Threshold,
};
use super::queries;
use super::raw::{Parts, RawAssertion, RawCadence, RawCount, RawElapsed, RawShare};
use crate::query::ir::{Query, Root};
use crate::yaml::{Cx, Text};

/// The assertion's keys, of which exactly one stands.
pub(super) const KINDS: &str = "forbid, require, share, cadence, attest, either or all";

/// Compiles the checks of one file.
pub(super) struct Compiler<'c, 'm> {
    /// Source and mistakes.
    pub(super) cx: Cx<'m>,
    /// Kind of a parameter that this file may use.
    pub(super) kind_of: &'c dyn Fn(&str) -> Option<ParamKind>,
    /// Parameters used by any check of the file.
    pub(super) used: BTreeSet<String>,
    /// Parameters used that this file may not use, with their places.
    pub(super) undeclared: Vec<(String, Range<usize>)>,
    /// What the check at hand reads.
    pub(super) reads: Reads,
}

impl Compiler<'_, '_> {
    /// The one assertion among the parts.
    pub(super) fn assertion(&mut self, parts: &Parts<'_>) -> Option<Assertion> {
        let found = kinds(parts);
        match found.as_slice() {
            [_] => {}
            [] => {
                if !parts.broken {
                    let help = format!("give it exactly one of {KINDS}");
                    self.cx.mistake("policy::assertion", "nothing is asserted here", parts.span).help =
                        Some(help);
                }
                return None;
            }
            [first, second, ..] => {
                let message = format!("`{}` and `{}` in one assertion", first.0, second.0);
                let at = second.1.clone();
                self.cx.mistake("policy::assertion", message, &at).help =
                    Some("make two checks of it, or put both into `all: [ … ]`".to_owned());
                return None;
            }
        }
        self.alone(parts.count.map(|count| &count.span), parts.require.is_some(), "count", "require");
        self.alone(parts.at_least.map(|least| &least.at), parts.either.is_some(), "at_least", "either");
        if let Some(text) = parts.forbid {
            return Some(Assertion::Forbid(self.path(text)?));
        }
        if let Some(text) = parts.require {
            let mut path = self.path(text);
            let count = match parts.count {
                Some(count) => self.count(count, path.as_mut()),
                None => Some(Count { min: Some(Threshold::Value(1)), max: None, distinct: None, sum: None }),
            };
            return Some(Assertion::Require { path: path?, count: count? });
        }
        if let Some(share) = parts.share {
            return self.share(share).map(Assertion::Share);
        }
        if let Some(cadence) = parts.cadence {
            return self.cadence(cadence).map(Assertion::Cadence);
        }
        if let Some(question) = parts.attest {
            return Some(Assertion::Attest(question.value.clone()));
        }
        if let Some(of) = parts.either {
            let at_least = parts.at_least.map_or(1, |least| least.value);
            if at_least == 0 || at_least > of.len() as u64 {
                let at = parts.at_least.map_or(parts.span, |least| &least.at);
                let message = match of.len() {
                    0 => "`either` has no alternatives".to_owned(),
                    many => format!("at least {at_least} of {many} alternatives can't be meant"),
                };
                self.cx.mistake("policy::either", message, at);
                return None;
            }
            let of = self.parts(of)?;
            return Some(Assertion::Either { at_least: u32::try_from(at_least).ok()?, of });
        }
        let all = parts.all?;
        if all.is_empty() {
            self.cx.mistake("policy::all", "`all` has no parts", parts.span);
            return None;
        }
        self.parts(all).map(Assertion::All)
    }

    /// All parts, so that every mistake in any of them is found.
    fn parts(&mut self, of: &[RawAssertion]) -> Option<Vec<Assertion>> {
        let compiled: Vec<_> = of.iter().map(|part| self.assertion(&part.assertion())).collect();
        compiled.into_iter().collect()
    }

    fn alone(&mut self, modifier: Option<&Range<usize>>, has_owner: bool, name: &str, owner: &str) {
        if let Some(at) = modifier
            && !has_owner
        {
            let message = format!("`{name}` belongs to `{owner}`, which is not here");
            self.cx.mistake("policy::assertion", message, at);
        }
    }

    /// A path into a section.
    pub fn path(&mut self, text: &Text) -> Option<Path> {
        let compiled = match queries::path(&text.value, self.kind_of) {
            Ok(compiled) => compiled,
            Err(errors) => return self.query_mistakes(text, errors),
        };
        match compiled.query.root {
            Root::Sections(_) => {}
            Root::Param(_) | Root::Current | Root::Document => {
                self.cx.mistake("policy::query", "this path does not begin at a section", &text.at).help =
                    Some("begin with `$.area.name`; `levelmark sections` lists them".to_owned());
                return None;
            }
        }
        self.note(text, &compiled.reads);
        Some(Path {
            query: compiled.query,
            population: compiled.population,
            reads: compiled.reads,
            at: text.at.clone(),
        })
    }

    /// A field of the items of `of`; without that query nothing can be said of it.
    fn field(&mut self, text: Option<&Text>, of: Option<&Query>, path: &mut QueryReads) -> Option<Query> {
        let text = text?;
        match queries::field(&text.value, of?, self.kind_of) {
            Ok((query, reads)) => {
                self.note(text, &reads);
                merge(path, reads);
                Some(query)
            }
            Err(errors) => self.query_mistakes(text, errors),
        }
    }

    fn count(&mut self, raw: &RawCount, path: Option<&mut Path>) -> Option<Count> {
        let before = self.cx.mistakes.len();
        let of = path.as_ref().map(|path| path.query.clone());
        let mut reads = QueryReads::default();
        let distinct = self.field(raw.distinct.as_ref(), of.as_ref(), &mut reads);
        let sum = self.field(raw.sum.as_ref(), of.as_ref(), &mut reads);
        if let Some(path) = path {
            merge(&mut path.reads, reads);
        }
        if let (Some(_), Some(second)) = (&raw.distinct, &raw.sum) {
            self.cx.mistake("policy::count", "`distinct` and `sum` exclude each other", &second.at);
        }
        self.bounds(raw.min.as_ref(), raw.max.as_ref(), (raw.broken, &raw.span), "count");
        if let Some(Bound { value: Threshold::Value(0), at }) = &raw.min {
            self.cx.mistake("policy::count", "`min: 0` always holds", at).help =
                Some("leave it out".to_owned());
        }
        let count = Count {
            min: self.threshold(raw.min.as_ref()),
            max: self.threshold(raw.max.as_ref()),
            distinct,
            sum,
        };
        (self.cx.mistakes.len() == before && !raw.broken).then_some(count)
    }

    fn share(&mut self, raw: &RawShare) -> Option<Share> {
        let before = self.cx.mistakes.len();
        let mut among = raw.among.get().and_then(|text| self.path(text));
        let mut filter_reads = QueryReads::default();
        let filter =
            raw.r#where.as_ref().zip(among.as_ref().map(|path| path.query.clone())).and_then(|(text, of)| {
                match queries::condition(&text.value, &of, self.kind_of) {
                    Ok((condition, reads)) => {
                        self.note(text, &reads);
                        filter_reads = reads;
                        Some(condition)
                    }
                    Err(errors) => self.query_mistakes(text, errors),
                }
            });
        let elapsed = raw.elapsed.as_ref().and_then(|elapsed| self.elapsed(elapsed, among.as_mut()));
        if raw.r#where.is_none() && raw.elapsed.is_none() && !raw.broken {
            self.cx.mistake("policy::share", "the share of what? it needs `where` or `elapsed`", &raw.span);
        }
        self.bounds(raw.min.as_ref(), raw.max.as_ref(), (raw.broken, &raw.span), "share");
        for (bound, idle) in [(&raw.min, 0), (&raw.max, 1_000_000)] {
            if let Some(Bound { value: Threshold::Value(value), at }) = bound
                && *value == idle
            {
                self.cx.mistake("policy::share", "this bound always holds", at);
            }
        }
        if let Some(population) = raw.population.as_ref().filter(|population| population.value == 0) {
            self.cx.mistake("policy::share", "a population is at least 1", &population.at).help =
                Some("what an empty population means is said by `empty`".to_owned());
        }
        let (min, max) = (self.threshold(raw.min.as_ref()), self.threshold(raw.max.as_ref()));
        let population = raw.population.as_ref().map_or(1, |population| population.value);
        let filter_text = raw.r#where.as_ref().map(|text| text.value.trim().to_owned());
        let share = Share { among: among?, filter, filter_text, filter_reads, elapsed, min, max, population };
        (self.cx.mistakes.len() == before && !raw.broken).then_some(share)
    }

    fn elapsed(&mut self, raw: &RawElapsed, among: Option<&mut Path>) -> Option<Elapsed> {
        let path = among?;
        let of = path.query.clone();
        let from = self.field(raw.from.get(), Some(&of), &mut path.reads);
        let to = self.field(raw.to.get(), Some(&of), &mut path.reads);
        let max = raw.max.get().and_then(|max| self.threshold(Some(max)));
        Some(Elapsed { from: from?, to: to?, max: max? })
    }

    fn cadence(&mut self, raw: &RawCadence) -> Option<Cadence> {
        let before = self.cx.mistakes.len();
        let mut of = raw.of.get().and_then(|text| self.path(text));
        let query = of.as_ref().map(|path| path.query.clone());
        let mut reads = QueryReads::default();
        let at = self.field(raw.at.get(), query.as_ref(), &mut reads);
        if let Some(path) = &mut of {
            merge(&mut path.reads, reads);
        }
        let rule = self.cadence_rule(raw);
        let window = raw.r#for.get().and_then(|window| self.threshold(Some(window)));
        let cadence = Cadence { of: of?, at: at?, window: window?, rule: rule? };
        (self.cx.mistakes.len() == before && !raw.broken).then_some(cadence)
    }

    fn cadence_rule(&mut self, raw: &RawCadence) -> Option<CadenceRule> {
        match (&raw.every, &raw.max_gap) {
            (Some(every), None) => {
                self.periods(raw, every);
                Some(CadenceRule::Every {
                    every: self.threshold(Some(every))?,
                    min: self.threshold(raw.min.as_ref()),
                })
            }
            (None, Some(gap)) => {
                if let Some(min) = &raw.min {
                    self.cx.mistake(
                        "policy::cadence",
                        "`min` counts periods and belongs to `every`",
                        &min.at,
                    );
                }
                Some(CadenceRule::MaxGap(self.threshold(Some(gap))?))
            }
            (Some(_), Some(gap)) => {
                self.cx.mistake("policy::cadence", "`every` and `max_gap` exclude each other", &gap.at);
                None
            }
            (None, None) => {
                if !raw.broken {
                    self.cx.mistake("policy::cadence", "how often? it needs `every` or `max_gap`", &raw.span);
                }
                None
            }
        }
    }

    /// Whether the window has as many periods as are asked for.
    fn periods(&mut self, raw: &RawCadence, every: &Bound<super::bound::Length>) {
        let Threshold::Value(period) = every.value else { return };
        if period.num_seconds() <= 0 {
            self.cx.mistake("policy::cadence", "a period is longer than nothing", &every.at);
            return;
        }
        let Some(Bound { value: Threshold::Value(window), at }) = raw.r#for.get() else { return };
        let periods = window.num_seconds() / period.num_seconds();
        if periods == 0 {
            self.cx.mistake("policy::cadence", "the window is shorter than one period", at);
        } else if let Some(Bound { value: Threshold::Value(min), at }) = &raw.min
            && (*min == 0 || i64::try_from(*min).is_ok_and(|min| min > periods))
        {
            let message = format!("the window has {periods} periods, {min} of them can't be meant");
            self.cx.mistake("policy::cadence", message, at);
        }
    }

    /// At least one bound, and the lower not above the upper.
    fn bounds<U: Unit>(
        &mut self,
        min: Option<&Bound<U>>,
        max: Option<&Bound<U>>,
        of: (bool, &Range<usize>),
        name: &str,
    ) where
        U::Value: PartialOrd,
    {
        match (min, max) {
            (None, None) => {
                if !of.0 {
                    self.cx.mistake("policy::bounds", format!("`{name}` needs `min` or `max`"), of.1);
                }
            }
            (
                Some(Bound { value: Threshold::Value(low), .. }),
                Some(Bound { value: Threshold::Value(high), at }),
            ) => {
                if low > high {
                    self.cx.mistake("policy::bounds", "`max` is less than `min`", at);
                }
            }
            (Some(_), _) | (_, Some(_)) => {}
        }
    }

    /// A threshold, its parameter's kind checked.
    pub(super) fn threshold<U: Unit>(&mut self, bound: Option<&Bound<U>>) -> Option<Threshold<U::Value>> {
        let bound = bound?;
        if let Threshold::Param(name) = &bound.value {
            self.reads.params.insert(name.clone());
            self.used.insert(name.clone());
            match (self.kind_of)(name) {
                None => self.undeclared.push((name.clone(), bound.at.clone())),
                Some(kind) if kind != U::KIND => {
                    let message = format!("the parameter `{name}` is not {}", U::EXPECTED);
                    let help = format!("its type is {}, here it must be {}", word(kind), word(U::KIND));
                    self.cx.mistake("policy::param", message, &bound.at).help = Some(help);
                }
                Some(_) => {}
            }
        }
        Some(bound.value.clone())
    }

    /// Takes note of what a text reads, and of parameters that it may not use.
    fn note(&mut self, text: &Text, reads: &QueryReads) {
        for (section, fields) in reads.population.iter().chain(&reads.arguments) {
            self.reads.sections.entry(section.clone()).or_default().extend(fields.iter().cloned());
        }
        for name in &reads.params {
            self.reads.params.insert(name.clone());
            self.used.insert(name.clone());
            if (self.kind_of)(name).is_none() {
                let at = text.value.find(&format!("$.params.{name}")).map_or_else(
                    || text.at.clone(),
                    |start| text.inside(&(start + "$.params.".len()..start + "$.params.".len() + name.len())),
                );
                self.undeclared.push((name.clone(), at));
            }
        }
    }

    fn query_mistakes<T>(&mut self, text: &Text, errors: Vec<queries::QueryError>) -> Option<T> {
        for error in errors {
            let at = text.inside(&error.at);
            self.cx.mistake("policy::query", error.message, &at).help = error.help;
        }
        None
    }
}

/// The assertion keys that stand, with their places.
fn kinds<'p>(parts: &Parts<'p>) -> Vec<(&'static str, &'p Range<usize>)> {
    let list = |of: Option<&'p [RawAssertion]>| {
        of.map(|parts_of| parts_of.first().map_or(parts.span, |first| &first.span))
    };
    [
        ("forbid", parts.forbid.map(|text| &text.at)),
        ("require", parts.require.map(|text| &text.at)),
        ("share", parts.share.map(|share| &share.span)),
        ("cadence", parts.cadence.map(|cadence| &cadence.span)),
        ("attest", parts.attest.map(|text| &text.at)),
        ("either", list(parts.either)),
        ("all", list(parts.all)),
    ]
    .into_iter()
    .filter_map(|(name, at)| at.map(|at| (name, at)))
    .collect()
}

fn merge(into: &mut QueryReads, from: QueryReads) {
    for (section, fields) in from.population {
        into.population.entry(section).or_default().extend(fields);
    }
    for (section, fields) in from.arguments {
        into.arguments.entry(section).or_default().extend(fields);
    }
    into.params.extend(from.params);
    into.open.extend(from.open);
}

/// A kind as it is written in `type:`.
pub(super) fn word(kind: ParamKind) -> &'static str {
    match kind {
        ParamKind::Ids => "ids",
        ParamKind::Strings => "strings",
        ParamKind::String => "string",
        ParamKind::Integer => "integer",
        ParamKind::Share => "share",
        ParamKind::Duration => "duration",
        ParamKind::Boolean => "boolean",
    }
}

/// Whether zero items would satisfy it.
pub(super) fn holds_when_empty(assertion: &Assertion) -> bool {
    match assertion {
        Assertion::Forbid(_) | Assertion::Share(_) => true,
        Assertion::Require { count, .. } => count.min.is_none(),
        Assertion::Cadence(_) | Assertion::Attest(_) => false,
        Assertion::Either { of, .. } | Assertion::All(of) => of.iter().any(holds_when_empty),
    }
}

/// The questions in it.
pub(super) fn questions(assertion: &Assertion) -> Vec<&str> {
    match assertion {
        Assertion::Attest(question) => vec![question],
        Assertion::Either { of, .. } | Assertion::All(of) => of.iter().flat_map(questions).collect(),
        Assertion::Forbid(_) | Assertion::Require { .. } | Assertion::Share(_) | Assertion::Cadence(_) => {
            Vec::new()
        }
    }
}
