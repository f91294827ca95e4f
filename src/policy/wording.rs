//! A policy in words: where it stands, what it reads, and what each check gates, tests and asks, the
//! same wherever it is explained. Comes in: a policy and its set. Goes out: words, and lines of words,
//! code and names of other checks. Not here: how they look (`explain`, the pages of the documentation).

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::assertion;

use super::check::empty_word;
use super::compiled::{
    Assertion, Cadence, CadenceRule, Check, CheckRef, Count, Empty, Param, ParamKind, Policy, PolicySet,
    Share, Strength, Threshold, Unlicensed,
};
use super::queries;

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Running text, of ours or of the policy.
    Words(String),
    /// A path, a condition, a field or the name of a parameter.
    Code(String),
    /// Another check.
    Check(CheckRef),
}

/// One thing that is said of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How deep it stands among the parts of an assertion.
    pub depth: usize,
    /// What it says.
    pub pieces: Vec<Piece>,
}

/// "Infrastructure, level 400 Predictable, urgent"
pub fn place(policy: &Policy, set: &PolicySet) -> String {
    let id = policy.competency.as_str();
    let mut place = set.model.competency(id).map_or(id, |competency| &competency.name).to_owned();
    if let Some(number) = policy.level {
        place.push_str(&format!(", level {}", level(number, set)));
    }
    if policy.urgent {
        place.push_str(", urgent");
    }
    place
}

/// "400 Predictable"
pub fn level(number: u16, set: &PolicySet) -> String {
    let name = set.model.levels.get(&number).map_or("", |level| level.name.as_str());
    format!("{number} {name}").trim_end().to_owned()
}

/// Policies of which this one or another is enough.
pub fn alternatives<'s>(policy: &Policy, set: &'s PolicySet) -> Vec<&'s str> {
    let same = |other: &&Policy| other.one_of == policy.one_of && other.id != policy.id;
    match policy.one_of {
        Some(_) => set.policies.iter().filter(same).map(|other| other.id.as_str()).collect(),
        None => Vec::new(),
    }
}

/// Sections that the checks read, derived ones as themselves.
pub fn sections(policy: &Policy) -> BTreeSet<&str> {
    policy.checks.iter().flat_map(|check| check.reads.sections.keys()).map(String::as_str).collect()
}

/// Parameters that the checks use.
pub fn params(policy: &Policy) -> BTreeSet<&str> {
    policy.checks.iter().flat_map(|check| &check.reads.params).map(String::as_str).collect()
}

/// Whether a parameter has to be declared, and what it is else, as JSON.
pub fn given(param: &Param) -> (&'static str, Option<String>) {
    match (&param.default, param.required) {
        (_, true) => ("required", None),
        (Some(default), false) => ("default", Some(default.to_string())),
        (None, false) => ("optional", None),
    }
}

/// The type of a parameter as policies name it.
pub fn kind(of: ParamKind) -> &'static str {
    assertion::word(of)
}

/// All that is said of a check below its title.
pub fn lines(policy: &Policy, check: &Check, set: &PolicySet) -> Vec<Line> {
    let mut lines = Vec::new();
    say(&mut lines, [words(role(policy, check, set))]);
    if let Some(twin) = &check.same_as {
        say(&mut lines, [words("decided by "), Piece::Check(twin.clone())]);
    }
    if let Some(when) = &check.when {
        say(&mut lines, [words("applies when this selects something: "), code(&when.query.text)]);
    }
    tested(&check.assertion, 0, &mut lines);
    if let Some(empty) = check.empty {
        say(&mut lines, [words("with nothing to look at: "), words(empty_word(empty))]);
    }
    let unlicensed = match check.unlicensed {
        Unlicensed::Unknown => None,
        Unlicensed::Fail => Some(Empty::Fail),
        Unlicensed::NotApplicable => Some(Empty::NotApplicable),
    };
    if let Some(outcome) = unlicensed {
        say(&mut lines, [words("without the licence: "), words(empty_word(outcome))]);
    }
    people(check, &mut lines);
    for group in &check.satisfied_by {
        let mut pieces = vec![words("also settled by ")];
        for (at, check) in group.iter().enumerate() {
            if at > 0 {
                pieces.push(words(" and "));
            }
            pieces.push(Piece::Check(check.clone()));
        }
        say(&mut lines, pieces);
    }
    lines
}

/// What a check gates.
fn role(policy: &Policy, check: &Check, set: &PolicySet) -> String {
    match (set.model.gates(policy, check), check.symptom, check.informs) {
        (_, true, true) => "a symptom, informs only".to_owned(),
        (_, false, true) => "informs only".to_owned(),
        (Some(level), true, false) => format!("a symptom: has to be gone for level {level}"),
        (Some(level), false, false) => format!("gates level {level}"),
        (None, _, false) => "a duty".to_owned(),
    }
}

fn people(check: &Check, lines: &mut Vec<Line>) {
    let days = duration(check.valid_for);
    match (&check.ask, check.strength, check.measured_only) {
        (_, _, true) => say(lines, [words("only counts when measured")]),
        (Some(question), Strength::Proxy, false) => {
            say(lines, [words(format!("its pass needs an answer (counts {days}): {question}"))]);
        }
        (Some(question), Strength::Direct, false) if !matches!(check.assertion, Assertion::Attest(_)) => {
            say(lines, [words(format!("asked when it stays unknown (counts {days}): {question}"))]);
        }
        (Some(_), Strength::Direct, false) => say(lines, [words(format!("an answer counts {days}"))]),
        (None, _, false) => {}
    }
    if check.may_not_apply {
        say(lines, [words("a person may answer that it does not apply")]);
    }
}

/// Depth is bounded by that of the file.
fn tested(of: &Assertion, depth: usize, lines: &mut Vec<Line>) {
    let pieces = match of {
        Assertion::Forbid(path) => vec![words("nothing may match: "), code(&path.query.text)],
        Assertion::Require { path, count } => {
            let mut pieces = counted(count);
            pieces.extend([words(": "), code(&path.query.text)]);
            pieces
        }
        Assertion::Share(share) => shared(share),
        Assertion::Cadence(cadence) => repeated(cadence),
        Assertion::Attest(question) => vec![words(format!("a person answers: {question}"))],
        Assertion::Either { at_least, of } => vec![words(format!("at least {at_least} of {}:", of.len()))],
        Assertion::All(_) => vec![words("all of:")],
    };
    lines.push(Line { depth, pieces });
    if let Assertion::Either { of, .. } | Assertion::All(of) = of {
        for part in of {
            tested(part, depth + 1, lines);
        }
    }
}

fn counted(count: &Count) -> Vec<Piece> {
    let mut pieces = bounds(count.min.as_ref(), count.max.as_ref(), |number| number.to_string());
    match (&count.distinct, &count.sum) {
        (Some(field), _) => {
            pieces.extend([words(" different values of "), code(&field.text), words(" must match")]);
        }
        (None, Some(field)) => pieces.extend([words(" in the sum of "), code(&field.text)]),
        (None, None) => pieces.push(words(" must match")),
    }
    pieces
}

fn shared(share: &Share) -> Vec<Piece> {
    let mut pieces = bounds(share.min.as_ref(), share.max.as_ref(), percent);
    pieces.extend([words(" of "), code(&share.among.query.text)]);
    if let Some(condition) = &share.filter_text {
        pieces.extend([words(" fulfil "), code(condition)]);
    }
    if let Some(elapsed) = &share.elapsed {
        pieces.extend([words(" within "), threshold(&elapsed.max, |length| duration(*length))]);
        pieces.extend([words(" from "), code(&elapsed.from.text), words(" to "), code(&elapsed.to.text)]);
    }
    if share.population > 1 {
        pieces.push(words(format!("; fewer than {} decide nothing", share.population)));
    }
    pieces
}

fn repeated(cadence: &Cadence) -> Vec<Piece> {
    let length = |of: &Threshold<TimeDelta>| threshold(of, |length| duration(*length));
    let mut pieces = match &cadence.rule {
        CadenceRule::Every { every, min: None } => vec![words("in every "), length(every), words(" of")],
        CadenceRule::Every { every, min: Some(min) } => vec![
            words("in at least "),
            threshold(min, u64::to_string),
            words(" periods of "),
            length(every),
            words(" in"),
        ],
        CadenceRule::MaxGap(gap) => vec![words("no gap above "), length(gap), words(" in")],
    };
    pieces.extend([words(" the last "), length(&cadence.window), words(", by "), code(&cadence.at.text)]);
    pieces.extend([words(": "), code(&cadence.of.query.text)]);
    pieces
}

fn bounds<T>(
    min: Option<&Threshold<T>>,
    max: Option<&Threshold<T>>,
    shown: impl Fn(&T) -> String,
) -> Vec<Piece> {
    match (min, max) {
        (Some(min), Some(max)) => vec![threshold(min, &shown), words(" to "), threshold(max, &shown)],
        (Some(min), None) => vec![words("at least "), threshold(min, &shown)],
        (None, Some(max)) => vec![words("at most "), threshold(max, &shown)],
        // The compiler gives every count and share a bound.
        (None, None) => vec![words("some")],
    }
}

fn threshold<T>(of: &Threshold<T>, shown: impl Fn(&T) -> String) -> Piece {
    match of {
        Threshold::Value(value) => words(shown(value)),
        Threshold::Param(name) => code(name),
    }
}

fn percent(value: &u64) -> String {
    let (whole, rest) = (value / 10_000, value % 10_000);
    let text = format!("{whole}.{rest:04}");
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

fn duration(value: TimeDelta) -> String {
    queries::duration_words(value)
}

fn words(text: impl Into<String>) -> Piece {
    Piece::Words(text.into())
}

fn code(text: &str) -> Piece {
    Piece::Code(text.to_owned())
}

fn say(lines: &mut Vec<Line>, pieces: impl IntoIterator<Item = Piece>) {
    lines.push(Line { depth: 0, pieces: pieces.into_iter().collect() });
}
