//! One assertion on the evidence: pass, fail, unknown or not applicable, with the places that show
//! it. Unknown is neither pass nor fail: what could not be seen never decides. Not here: shares and
//! cadences (`measure`), what the check around it makes of the result (`check`).

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::derive;
use crate::policy::compiled::{Assertion, Count, Empty, Path, Threshold};
use crate::query::{Budget, OutOfBudget, Source};
use crate::snapshot::document::{Document, Kind, NodeRef};
use crate::snapshot::number::Number;

use super::answers::Live;
use super::culprit;
use super::finding::{Basis, Outcome, Remedy};
use super::measure;
use super::standing::{self, Cause, Standing};
use super::world::World;

const MILLION: i128 = 1_000_000;

/// What came out of an assertion.
#[derive(Debug, Clone)]
pub(super) struct Judgement<'a> {
    pub outcome: Outcome,
    /// One sentence.
    pub reason: String,
    /// Why it is unknown.
    pub causes: Vec<Cause>,
    /// What a pass would rest on.
    pub basis: Option<Basis>,
    /// The places.
    pub hits: Vec<Hit<'a>>,
    /// The share measured, in millionths, for waivers.
    pub share: Option<u64>,
    /// An answer said "partly".
    pub partly: bool,
    /// A person said so; nothing was measured.
    pub answered: bool,
    /// Seen on a part of the evidence: there may be more of it.
    pub incomplete: bool,
    /// Of a whole that failed, the parts that did: a waiver has to cover each.
    pub failed: Vec<Judgement<'a>>,
}

/// A place that shows an outcome.
#[derive(Debug, Clone)]
pub(super) struct Hit<'a> {
    /// Section that the node lies in; shared, for there may be a million hits.
    pub section: Arc<str>,
    /// The item, or whatever the path selected.
    pub node: NodeRef<'a>,
    /// The value inside that decided, where it can be told.
    pub focus: Option<NodeRef<'a>>,
    /// What was expected, in words.
    pub expected: Option<Arc<str>>,
}

impl<'a> Judgement<'a> {
    pub(super) fn new(outcome: Outcome, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self {
            outcome,
            reason,
            causes: Vec::new(),
            basis: None,
            hits: Vec::new(),
            share: None,
            partly: false,
            answered: false,
            incomplete: false,
            failed: Vec::new(),
        }
    }

    pub(super) fn unknown(causes: Vec<Cause>) -> Self {
        let reason = causes.iter().map(|cause| cause.text.as_str()).collect::<Vec<_>>().join("; ");
        Self { causes, ..Self::new(Outcome::Unknown, reason) }
    }

    pub(super) fn seen_in_part(mut self, incomplete: bool) -> Self {
        self.incomplete = incomplete;
        self
    }

    pub(super) fn at(mut self, hits: Vec<Hit<'a>>) -> Self {
        self.hits = hits;
        self
    }

    pub(super) fn resting_on(mut self, basis: Option<Basis>) -> Self {
        self.basis = basis;
        self
    }
}

/// What an assertion is judged with.
pub(super) struct Context<'a, 'w> {
    pub world: &'w World<'a>,
    /// What an empty population means.
    pub empty: Option<Empty>,
    /// The answer that counts for this check, if there is one.
    pub answer: Option<Live<'w>>,
    pub budget: Budget,
}

/// Judges an assertion; running out of budget is a defect of the policy.
pub(super) fn judge<'a>(context: &mut Context<'a, '_>, assertion: &Assertion) -> Judgement<'a> {
    let judged = match assertion {
        Assertion::Forbid(path) => forbid(context, path),
        Assertion::Require { path, count } => require(context, path, count),
        Assertion::Share(share) => measure::share(context, share),
        Assertion::Cadence(cadence) => measure::cadence(context, cadence),
        Assertion::Attest(question) => Ok(attest(context, question)),
        Assertion::Either { at_least, of } => Ok(either(context, *at_least, of)),
        Assertion::All(of) => Ok(all(context, of)),
    };
    judged.unwrap_or_else(|OutOfBudget { .. }| {
        Judgement::new(Outcome::Error, "the query visits more values than a check may; narrow its path")
    })
}

fn forbid<'a>(context: &mut Context<'a, '_>, path: &Path) -> Result<Judgement<'a>, OutOfBudget> {
    let standing = standing_of(context.world, path);
    if !standing.blind.is_empty() {
        return Ok(Judgement::unknown(standing.blind));
    }
    let matches = context.world.evaluator.select(&path.query, &mut context.budget)?;
    if !matches.is_empty() {
        let hits = hits(context, path, &matches, "none that match")?;
        let reason = format!("{} where there should be none", counted(matches.len(), "match", "matches"));
        let incomplete = !standing.gaps.is_empty();
        return Ok(Judgement::new(Outcome::Fail, reason).at(hits).seen_in_part(incomplete));
    }
    if !standing.gaps.is_empty() {
        return Ok(Judgement::unknown(standing.gaps));
    }
    match population(context, path)? {
        0 => Ok(of_empty(context.empty, &standing)),
        n => Ok(Judgement::new(Outcome::Pass, format!("none of {} matches", counted(n, "item", "items")))
            .resting_on(standing.basis)),
    }
}

fn require<'a>(
    context: &mut Context<'a, '_>,
    path: &Path,
    count: &Count,
) -> Result<Judgement<'a>, OutOfBudget> {
    let standing = standing_of(context.world, path);
    let thresholds = [&count.min, &count.max].into_iter().flatten();
    let undeclared = undeclared(context.world, thresholds);
    if !standing.blind.is_empty() || !undeclared.is_empty() {
        return Ok(Judgement::unknown([standing.blind, undeclared].concat()));
    }
    let matches = context.world.evaluator.select(&path.query, &mut context.budget)?;
    let found = match tally(context, count, &matches)? {
        Ok(found) => found,
        Err(cause) => return Ok(Judgement::unknown(vec![cause])),
    };
    let min = count.min.as_ref().and_then(|min| number(context.world, min)).unwrap_or(0);
    let max = count.max.as_ref().and_then(|max| number(context.world, max));
    let (enough, too_many) = (found >= whole_number(min), max.is_some_and(|max| found > whole_number(max)));
    let gaps = !standing.gaps.is_empty();
    if too_many {
        let hits = hits(context, path, &matches, &format!("at most {}", max.unwrap_or(0)))?;
        let reason = format!("{} found, at most {} allowed", amount(found), max.unwrap_or(0));
        return Ok(Judgement::new(Outcome::Fail, reason).at(hits).seen_in_part(gaps));
    }
    if gaps && !(enough && max.is_none()) {
        return Ok(Judgement::unknown(standing.gaps));
    }
    if min == 0 && matches.is_empty() && population(context, path)? == 0 {
        return Ok(of_empty(context.empty, &standing));
    }
    if enough {
        let hits = hits(context, path, &matches, "")?;
        return Ok(Judgement::new(Outcome::Pass, format!("{} found", amount(found)))
            .at(hits)
            .resting_on(standing.basis));
    }
    let of = population(context, path)?;
    let reason =
        format!("{} of {} found, at least {min} needed", amount(found), counted(of, "item", "items"));
    let expected = format!("at least {min} that match");
    let hits = if matches.is_empty() {
        whole(context, path, &expected)
    } else {
        hits(context, path, &matches, &expected)?
    };
    Ok(Judgement::new(Outcome::Fail, reason).at(hits))
}

/// What is counted, in millionths: matches, different values of a field, or the sum of a field.
fn tally<'a>(
    context: &mut Context<'a, '_>,
    count: &Count,
    matches: &[NodeRef<'a>],
) -> Result<Result<i128, Cause>, OutOfBudget> {
    let Some(field) = count.distinct.as_ref().or(count.sum.as_ref()) else {
        return Ok(Ok(whole_number(matches.len() as u64)));
    };
    let (mut values, mut sum, mut without) = (BTreeSet::new(), 0i128, 0usize);
    for node in matches {
        let found = context.world.evaluator.select_from(field, *node, &mut context.budget)?;
        match found.first() {
            // As in sets, nothing is not a value of its own.
            Some(value) if count.distinct.is_some() && is_nothing(*value) => {}
            Some(value) if count.distinct.is_some() => {
                values.insert(
                    value.as_str().map_or_else(|| value.raw().to_owned(), |text| text.to_ascii_lowercase()),
                );
            }
            Some(value) => match value.as_number() {
                Some(Number::Int(n)) if n >= 0 => sum = sum.saturating_add(n.saturating_mul(MILLION)),
                // Six digits of a double are exact, so that ten tenths are one.
                Some(Number::Float(f)) if f >= 0.0 => {
                    sum = sum.saturating_add((f * MILLION as f64).round() as i128);
                }
                Some(Number::Int(_) | Number::Float(_)) | None => without += 1,
            },
            None if count.sum.is_some() => without += 1,
            None => {}
        }
    }
    if without > 0 {
        let text =
            format!("{without} of {} matches have no amount in `{}` to add up", matches.len(), field.text);
        return Ok(Err(Cause { text, remedy: Remedy::Collect, state: None }));
    }
    Ok(Ok(if count.distinct.is_some() { whole_number(values.len() as u64) } else { sum }))
}

/// `null` or `""`.
fn is_nothing(value: NodeRef<'_>) -> bool {
    value.kind() == Kind::Null || value.as_str().is_some_and(|text| text.is_empty())
}

/// In millionths.
fn whole_number(n: u64) -> i128 {
    i128::from(n) * MILLION
}

/// Millionths as people write them: 3, 2.5.
fn amount(millionths: i128) -> String {
    let (whole, rest) = (millionths / MILLION, millionths % MILLION);
    let decimals = format!("{rest:06}");
    match decimals.trim_end_matches('0') {
        "" => whole.to_string(),
        decimals => format!("{whole}.{decimals}"),
    }
}

fn attest<'a>(context: &Context<'a, '_>, question: &str) -> Judgement<'a> {
    match &context.answer {
        Some(answer) => answer.judgement(),
        None => Judgement::unknown(vec![Cause {
            text: format!("not answered: {question}"),
            remedy: Remedy::Attest,
            state: None,
        }]),
    }
}

fn either<'a>(context: &mut Context<'a, '_>, at_least: u32, of: &[Assertion]) -> Judgement<'a> {
    let parts: Vec<Judgement<'a>> = of.iter().map(|part| judge(context, part)).collect();
    let holding = |outcome: Outcome| parts.iter().filter(|part| part.outcome == outcome).count();
    if holding(Outcome::Error) > 0 {
        return first(parts, Outcome::Error);
    }
    let applicable = parts.len() - holding(Outcome::NotApplicable);
    if applicable == 0 {
        return first(parts, Outcome::NotApplicable);
    }
    let needed = applicable.min(usize::try_from(at_least).unwrap_or(usize::MAX));
    let (passed, open) = (holding(Outcome::Pass), holding(Outcome::Unknown));
    if passed >= needed {
        joined(parts, Outcome::Pass)
    } else if passed + open >= needed {
        joined(parts, Outcome::Unknown)
    } else {
        joined(parts, Outcome::Fail)
    }
}

fn all<'a>(context: &mut Context<'a, '_>, of: &[Assertion]) -> Judgement<'a> {
    let parts: Vec<Judgement<'a>> = of.iter().map(|part| judge(context, part)).collect();
    let worst = [Outcome::Error, Outcome::Fail, Outcome::Unknown, Outcome::Pass, Outcome::NotApplicable];
    let found = worst.into_iter().find(|outcome| parts.iter().any(|part| part.outcome == *outcome));
    joined(parts, found.unwrap_or(Outcome::NotApplicable))
}

fn first<'a>(parts: Vec<Judgement<'a>>, outcome: Outcome) -> Judgement<'a> {
    let found = parts.into_iter().find(|part| part.outcome == outcome);
    found.unwrap_or_else(|| Judgement::new(outcome, ""))
}

/// The parts that came out like the whole speak for it.
fn joined<'a>(parts: Vec<Judgement<'a>>, outcome: Outcome) -> Judgement<'a> {
    let mut whole = Judgement::new(outcome, "");
    let mut reasons = Vec::new();
    for mut part in parts.into_iter().filter(|part| part.outcome == outcome) {
        if outcome == Outcome::Fail {
            let deeper = std::mem::take(&mut part.failed);
            whole.failed.extend(if deeper.is_empty() { vec![part.clone()] } else { deeper });
        }
        if !reasons.contains(&part.reason) {
            reasons.push(part.reason);
        }
        whole.incomplete |= part.incomplete;
        whole.causes.extend(part.causes);
        whole.hits.extend(part.hits);
        whole.basis = whole.basis.max(part.basis);
        whole.partly |= part.partly;
        whole.share = whole.share.or(part.share);
    }
    whole.reason = reasons.join("; ");
    whole
}

/// What zero items in the population mean, as the policy says.
pub(super) fn of_empty<'a>(empty: Option<Empty>, standing: &Standing) -> Judgement<'a> {
    let reason = "there is nothing to look at";
    match empty {
        Some(Empty::Pass) => Judgement::new(Outcome::Pass, reason).resting_on(standing.basis),
        Some(Empty::Fail) => Judgement::new(Outcome::Fail, reason),
        Some(Empty::NotApplicable) => Judgement::new(Outcome::NotApplicable, reason),
        Some(Empty::Unknown) | None => Judgement::unknown(vec![Cause {
            text: "there is nothing to look at, which proves nothing".to_owned(),
            remedy: Remedy::Attest,
            state: None,
        }]),
    }
}

/// The standing of a path, its time literals considered.
pub(super) fn standing_of(world: &World<'_>, path: &Path) -> Standing {
    standing::of_query(world, &path.query, &path.reads, standing::looks_back(&path.query))
}

/// How many items the population has.
pub(super) fn population(context: &mut Context<'_, '_>, path: &Path) -> Result<usize, OutOfBudget> {
    let query = path.population.as_ref().unwrap_or(&path.query);
    Ok(context.world.evaluator.select(query, &mut context.budget)?.len())
}

/// Places for matched nodes. With an empty `expected` they are witnesses, not culprits.
pub(super) fn hits<'a>(
    context: &mut Context<'a, '_>,
    path: &Path,
    nodes: &[NodeRef<'a>],
    expected: &str,
) -> Result<Vec<Hit<'a>>, OutOfBudget> {
    let sections = Sections::of(context.world, path);
    let expected: Option<Arc<str>> = (!expected.is_empty()).then(|| expected.into());
    let mut hits = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        // Only what is shown needs the exact value; waivers need the item of every hit.
        let exact = index < context.world.input.max_evidence;
        let focus = if exact { culprit::of_match(context, &path.query, *node)? } else { None };
        hits.push(Hit { section: sections.holding(*node), node: *node, focus, expected: expected.clone() });
    }
    Ok(hits)
}

/// The section as a whole, for "none of them matches".
fn whole<'a>(context: &Context<'a, '_>, path: &Path, expected: &str) -> Vec<Hit<'a>> {
    // Of a derived section, the section that its items are mainly made from.
    let stored =
        |id: &str| derive::inputs(id).first().map_or(id.to_owned(), |input| input.section.to_owned());
    let roots = path.reads.population.keys().filter_map(|id| {
        let section = stored(id);
        let node = context.world.roots.snapshot.section(&section)?;
        Some(Hit { section: section.into(), node, focus: None, expected: Some(expected.into()) })
    });
    roots.collect()
}

/// The sections that a path picks from.
pub(super) struct Sections<'a>(Vec<(Option<&'a Document>, Arc<str>)>);

impl<'a> Sections<'a> {
    pub(super) fn of(world: &World<'a>, path: &Path) -> Self {
        let document = |id: &String| Some(Source::section(&world.roots, id)?.document());
        Self(path.reads.population.keys().map(|id| (document(id), id.as_str().into())).collect())
    }

    /// The one that a node lies in.
    pub(super) fn holding(&self, node: NodeRef<'_>) -> Arc<str> {
        let holds =
            |document: &Option<&Document>| document.is_some_and(|it| std::ptr::eq(it, node.document()));
        let found = self.0.iter().find(|(document, _)| holds(document)).or(self.0.first());
        found.map_or_else(|| Arc::from(""), |(_, id)| Arc::clone(id))
    }
}

/// A threshold's value; None when its parameter is not declared.
pub(super) fn number(world: &World<'_>, threshold: &Threshold<u64>) -> Option<u64> {
    match threshold {
        Threshold::Value(value) => Some(*value),
        Threshold::Param(name) => world.input.params.values.get(name)?.as_u64(),
    }
}

/// Causes for thresholds whose parameters are not declared.
pub(super) fn undeclared<'t, T: 't>(
    world: &World<'_>,
    thresholds: impl Iterator<Item = &'t Threshold<T>>,
) -> Vec<Cause> {
    let names = thresholds.filter_map(|threshold| match threshold {
        Threshold::Value(_) => None,
        Threshold::Param(name) => Some(name.clone()),
    });
    let absent = names.filter(|name| !world.input.params.values.contains_key(name));
    absent
        .map(|name| Cause {
            text: format!("parameter `{name}` is not declared"),
            remedy: Remedy::Declare,
            state: None,
        })
        .collect()
}

/// "1 item", "3 items".
pub(super) fn counted(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}
