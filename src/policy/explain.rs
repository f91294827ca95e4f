//! One policy in plain text for people: what it means, what is tested, what it reads and needs.
//! Comes in: a policy and its set. Goes out: a text without colour. Not here: findings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::TimeDelta;

use super::assertion::word;
use super::check::empty_word;
use super::compiled::{
    Assertion, Cadence, CadenceRule, Check, Count, Empty, Policy, PolicySet, Share, Strength, Threshold,
    Unlicensed,
};
use super::queries;
use super::raw::Parts;

/// The policy as a text. Lines are as long as their paragraphs: whoever prints them wraps them.
pub fn explain(policy: &Policy, set: &PolicySet) -> String {
    let mut out = String::new();
    head(policy, set, &mut out);
    for (name, text) in
        [("What it means", &policy.about), ("Why it matters", &policy.why), ("What to do", &policy.fix)]
    {
        if !text.is_empty() {
            let _ = write!(out, "\n{name}\n  {}\n", text.trim().replace('\n', "\n  "));
        }
    }
    let _ = write!(out, "\nChecks\n");
    let conditions = conditions(policy);
    for check in &policy.checks {
        let mut texts = conditions.get(&check.id).cloned().unwrap_or_default().into_iter();
        explain_check(policy, check, set, &mut Writer { out: &mut out, conditions: &mut texts });
    }
    sections(policy, &mut out);
    parameters(policy, set, &mut out);
    if !policy.references.is_empty() {
        let _ = write!(out, "\nRead on\n");
        for reference in &policy.references {
            let _ = writeln!(out, "  {}: {}", reference.title, reference.url);
        }
    }
    out
}

fn head(policy: &Policy, set: &PolicySet, out: &mut String) {
    let _ = writeln!(out, "{}  {}", policy.id, policy.title);
    let competency =
        set.model.competency(&policy.competency).map_or(policy.competency.as_str(), |c| c.name.as_str());
    let level = policy.level.map(|level| {
        let name = set.model.levels.get(&level).map_or("", |level| level.name.as_str());
        format!(", level {level} {name}").trim_end().to_owned()
    });
    let urgent = if policy.urgent { ", urgent" } else { "" };
    let _ = writeln!(out, "  {competency}{}{urgent}", level.unwrap_or_default());
    for (name, list) in [("claims", &policy.claims), ("topics", &policy.topics)] {
        if !list.is_empty() {
            let _ = writeln!(out, "  {name}: {}", list.join(", "));
        }
    }
    if let Some(name) = &policy.one_of {
        let others: Vec<&str> = set
            .policies
            .iter()
            .filter(|other| other.one_of.as_ref() == Some(name) && other.id != policy.id)
            .map(|other| other.id.as_str())
            .collect();
        let _ = writeln!(out, "  an alternative to {}", others.join(", "));
    }
    let _ =
        writeln!(out, "  file: {}{}", policy.source.name, if policy.builtin { " (built in)" } else { "" });
}

/// Where the text goes, and the conditions of the check's shares in file order: compiled ones have no text.
struct Writer<'w> {
    out: &'w mut String,
    conditions: &'w mut dyn Iterator<Item = Option<String>>,
}

/// The text of every share's condition by check, in file order.
fn conditions(policy: &Policy) -> BTreeMap<String, Vec<Option<String>>> {
    let file = super::compile::read(policy.source.clone(), policy.id.clone(), policy.builtin);
    let checks = file.raw.as_ref().and_then(|raw| raw.checks.get()).map(Vec::as_slice).unwrap_or_default();
    let mut found = BTreeMap::new();
    for check in checks {
        let mut texts = Vec::new();
        shares(&check.assertion(), &mut texts);
        if let Some(id) = check.id.get() {
            found.insert(id.value.clone(), texts);
        }
    }
    found
}

fn shares(parts: &Parts<'_>, into: &mut Vec<Option<String>>) {
    if let Some(share) = parts.share {
        into.push(share.r#where.as_ref().map(|text| text.value.clone()));
    }
    for part in parts.either.into_iter().chain(parts.all).flatten() {
        shares(&part.assertion(), into);
    }
}

fn explain_check(policy: &Policy, check: &Check, set: &PolicySet, writer: &mut Writer<'_>) {
    let role = match (set.model.gates(policy, check), check.symptom, check.informs) {
        (_, true, true) => "a symptom, informs only".to_owned(),
        (_, false, true) => "informs only".to_owned(),
        (Some(level), true, false) => format!("a symptom: has to be gone for level {level}"),
        (Some(level), false, false) => format!("gates level {level}"),
        (None, _, false) => "a duty".to_owned(),
    };
    let _ = write!(writer.out, "  {}  {}\n    {role}\n", check.id, check.title);
    if let Some(twin) = &check.same_as {
        let _ = writeln!(writer.out, "    decided by {twin}");
    }
    if let Some(when) = &check.when {
        let _ = writeln!(writer.out, "    applies when this selects something: {}", when.query.text);
    }
    assertion(&check.assertion, 4, writer);
    let out = &mut *writer.out;
    if let Some(empty) = check.empty {
        let _ = writeln!(out, "    with nothing to look at: {}", empty_word(empty));
    }
    let unlicensed = match check.unlicensed {
        Unlicensed::Unknown => None,
        Unlicensed::Fail => Some(Empty::Fail),
        Unlicensed::NotApplicable => Some(Empty::NotApplicable),
    };
    if let Some(outcome) = unlicensed {
        let _ = writeln!(out, "    without the licence: {}", empty_word(outcome));
    }
    people(check, out);
    for group in &check.satisfied_by {
        let names: Vec<String> = group.iter().map(ToString::to_string).collect();
        let _ = writeln!(out, "    also settled by {}", names.join(" and "));
    }
}

fn people(check: &Check, out: &mut String) {
    let days = duration(check.valid_for);
    match (&check.ask, check.strength, check.measured_only) {
        (_, _, true) => {
            let _ = writeln!(out, "    only counts when measured");
        }
        (Some(question), Strength::Proxy, false) => {
            let _ = writeln!(out, "    its pass needs an answer (counts {days}): {question}");
        }
        (Some(question), Strength::Direct, false) if !matches!(check.assertion, Assertion::Attest(_)) => {
            let _ = writeln!(out, "    asked when it stays unknown (counts {days}): {question}");
        }
        (Some(_), Strength::Direct, false) => {
            let _ = writeln!(out, "    an answer counts {days}");
        }
        (None, _, false) => {}
    }
    if check.may_not_apply {
        let _ = writeln!(out, "    a person may answer that it does not apply");
    }
}

/// Depth is bounded by that of the file.
fn assertion(of: &Assertion, indent: usize, writer: &mut Writer<'_>) {
    let pad = " ".repeat(indent);
    let line = match of {
        Assertion::Forbid(path) => format!("nothing may match: {}", path.query.text),
        Assertion::Require { path, count } => format!("{}: {}", count_text(count), path.query.text),
        Assertion::Share(share) => share_text(share, writer.conditions.next().flatten()),
        Assertion::Cadence(cadence) => cadence_text(cadence),
        Assertion::Attest(question) => format!("a person answers: {question}"),
        Assertion::Either { at_least, of } => format!("at least {at_least} of {}:", of.len()),
        Assertion::All(_) => "all of:".to_owned(),
    };
    let _ = writeln!(writer.out, "{pad}{line}");
    if let Assertion::Either { of, .. } | Assertion::All(of) = of {
        for part in of {
            assertion(part, indent + 2, writer);
        }
    }
}

fn count_text(count: &Count) -> String {
    let what = match (&count.distinct, &count.sum) {
        (Some(field), _) => format!(" different values of {} must match", field.text),
        (None, Some(field)) => format!(" in the sum of {}", field.text),
        (None, None) => " must match".to_owned(),
    };
    match (&count.min, &count.max) {
        (Some(min), Some(max)) => format!("{} to {}{what}", number(min), number(max)),
        (Some(min), None) => format!("at least {}{what}", number(min)),
        (None, Some(max)) => format!("at most {}{what}", number(max)),
        (None, None) => format!("some{what}"),
    }
}

fn number(threshold: &Threshold<u64>) -> String {
    match threshold {
        Threshold::Value(value) => value.to_string(),
        Threshold::Param(name) => name.clone(),
    }
}

fn share_text(share: &Share, condition: Option<String>) -> String {
    let percent = |threshold: &Threshold<u64>| match threshold {
        Threshold::Value(value) => {
            let (whole, rest) = (value / 10_000, value % 10_000);
            let text = format!("{whole}.{rest:04}");
            format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
        }
        Threshold::Param(name) => name.clone(),
    };
    let bound = match (&share.min, &share.max) {
        (Some(min), Some(max)) => format!("{} to {}", percent(min), percent(max)),
        (Some(min), None) => format!("at least {}", percent(min)),
        (None, Some(max)) => format!("at most {}", percent(max)),
        (None, None) => "a share".to_owned(),
    };
    let mut text = format!("{bound} of {}", share.among.query.text);
    if let Some(condition) = condition {
        let _ = write!(text, " fulfil {condition}");
    }
    if let Some(elapsed) = &share.elapsed {
        let _ = write!(
            text,
            " within {} from {} to {}",
            length(&elapsed.max),
            elapsed.from.text,
            elapsed.to.text
        );
    }
    if share.population > 1 {
        let _ = write!(text, "; fewer than {} decide nothing", share.population);
    }
    text
}

fn cadence_text(cadence: &Cadence) -> String {
    let (of, at, window) = (&cadence.of.query.text, &cadence.at.text, length(&cadence.window));
    match &cadence.rule {
        CadenceRule::Every { every, min: None } => {
            format!("in every {} of the last {window}, by {at}: {of}", length(every))
        }
        CadenceRule::Every { every, min: Some(min) } => {
            format!(
                "in at least {} periods of {} in the last {window}, by {at}: {of}",
                number(min),
                length(every)
            )
        }
        CadenceRule::MaxGap(gap) => {
            format!("no gap above {} in the last {window}, by {at}: {of}", length(gap))
        }
    }
}

fn length(threshold: &Threshold<TimeDelta>) -> String {
    match threshold {
        Threshold::Value(value) => duration(*value),
        Threshold::Param(name) => name.clone(),
    }
}

fn duration(value: TimeDelta) -> String {
    queries::duration_words(value)
}

fn sections(policy: &Policy, out: &mut String) {
    let mut read: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for check in &policy.checks {
        for section in check.reads.sections.keys() {
            read.entry(section).or_default().insert(&check.id);
        }
    }
    if read.is_empty() {
        return;
    }
    let _ = write!(out, "\nSections read\n");
    for section in read.keys() {
        match queries::section(section) {
            Some(facts) => {
                let needs =
                    if facts.needs.is_empty() { String::new() } else { format!("; needs {}", facts.needs) };
                let licence = if facts.licence.is_empty() {
                    String::new()
                } else {
                    format!("; licence {}", facts.licence)
                };
                let _ = writeln!(out, "  {section}  {}{needs}{licence}", facts.about);
            }
            None => {
                let _ = writeln!(out, "  {section}");
            }
        }
    }
}

fn parameters(policy: &Policy, set: &PolicySet, out: &mut String) {
    let used: BTreeSet<&String> = policy.checks.iter().flat_map(|check| &check.reads.params).collect();
    if used.is_empty() {
        return;
    }
    let _ = write!(out, "\nParameters\n");
    for name in used {
        let Some(param) = set.params.get(name) else { continue };
        let given = match (&param.default, param.required) {
            (_, true) => "required".to_owned(),
            (Some(default), false) => {
                format!("default {}", crate::yaml::suggest::shown(&default.to_string()))
            }
            (None, false) => "optional".to_owned(),
        };
        let _ = writeln!(out, "  {name}  {} ({}, {given})", param.about, word(param.kind));
    }
}
