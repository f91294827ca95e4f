//! What is not wrong but could be better: texts, examples, paths that say more than was meant.
//! Comes in: a policy set. Goes out: warnings with places. Not here: mistakes (`compile`), and
//! whether the examples come out as expected (`policy test`).

use std::collections::BTreeSet;
use std::ops::Range;

use super::compiled::{Assertion, Check, Path, Policy, PolicySet};
use super::examples::{self, Expected};
use super::queries;
use crate::sections;
use crate::yaml::{Mistake, Place};

/// Characters of a title.
const TITLE: usize = 90;
/// Characters of a line.
const LINE: usize = 240;

/// Warnings about every policy, in order; mistakes in examples are among them, as errors.
pub fn lint(set: &PolicySet) -> Vec<Mistake> {
    let mut found: Vec<Mistake> = Vec::new();
    for policy in &set.policies {
        texts(policy, &mut found);
        claims(policy, set, &mut found);
        for check in &policy.checks {
            check_texts(policy, check, &mut found);
            for path in paths(check) {
                for advice in queries::advice(path) {
                    let place = place(policy, path.at.clone());
                    let mistake = Mistake::new("lint::query", advice.message, Some(place)).warning();
                    found.push(mistake.maybe_help(advice.help));
                }
            }
        }
        tested(policy, &mut found);
    }
    unused(set, &mut found);
    found
}

fn place(policy: &Policy, at: Range<usize>) -> Place {
    Place { source: policy.source.clone(), at }
}

/// Where the value of a key at column 0 stands; the whole first line where it does not.
fn key(policy: &Policy, name: &str) -> Place {
    let text = &policy.source.text;
    let start = text
        .match_indices(name)
        .map(|(start, _)| start)
        .find(|start| {
            (*start == 0 || text.as_bytes().get(start - 1) == Some(&b'\n'))
                && text.get(start + name.len()..).is_some_and(|rest| rest.starts_with(':'))
        })
        .unwrap_or(0);
    let end = text.get(start..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| start + length);
    place(policy, start..end)
}

fn warn(code: &'static str, message: impl Into<String>, place: Place, found: &mut Vec<Mistake>) {
    found.push(Mistake::new(code, message, Some(place)).warning());
}

fn texts(policy: &Policy, found: &mut Vec<Mistake>) {
    for (name, text) in [("about", &policy.about), ("why", &policy.why), ("fix", &policy.fix)] {
        if text.is_empty() {
            warn("lint::text", format!("`{name}` is missing"), key(policy, "id"), found);
        }
    }
    if policy.references.is_empty() {
        warn("lint::references", "no references: where can one read on?", key(policy, "id"), found);
    }
    title(&policy.title, &key(policy, "title"), found);
    let mut at = 0;
    for line in policy.source.text.split_inclusive('\n') {
        if line.trim_end().chars().count() > LINE {
            warn(
                "lint::line",
                format!("a line of more than {LINE} characters"),
                place(policy, at..at + 1),
                found,
            );
        }
        at += line.len();
    }
}

fn title(text: &str, place: &Place, found: &mut Vec<Mistake>) {
    if text.chars().count() > TITLE {
        warn("lint::title", format!("a title of more than {TITLE} characters"), place.clone(), found);
    }
    if text.ends_with('.') {
        warn("lint::title", "a title ends without a full stop", place.clone(), found);
    }
}

fn check_texts(policy: &Policy, check: &Check, found: &mut Vec<Mistake>) {
    let at = check.at.clone();
    title(&check.title, &place(policy, at.clone()), found);
    if let Some(question) = &check.ask
        && !question.contains('?')
    {
        let message = format!("the question of `{}` asks nothing", check.id);
        warn("lint::question", message, place(policy, at), found);
    }
}

/// Claims of the criterion that no check of ours decides.
fn claims(policy: &Policy, set: &PolicySet, found: &mut Vec<Mistake>) {
    let Some((_, criterion)) = set.model.criterion(&policy.id) else { return };
    let missing: Vec<&str> =
        criterion.claims.iter().filter(|claim| !policy.claims.contains(claim)).map(String::as_str).collect();
    if !missing.is_empty() {
        warn(
            "lint::claims",
            format!("the criterion also claims {}", missing.join(", ")),
            key(policy, "claims"),
            found,
        );
    }
}

fn paths(check: &Check) -> Vec<&Path> {
    if check.same_as.is_some() {
        return Vec::new();
    }
    let mut paths: Vec<&Path> = check.when.iter().collect();
    collect(&check.assertion, &mut paths);
    paths
}

fn collect<'p>(assertion: &'p Assertion, into: &mut Vec<&'p Path>) {
    match assertion {
        Assertion::Forbid(path) | Assertion::Require { path, .. } => into.push(path),
        Assertion::Share(share) => into.push(&share.among),
        Assertion::Cadence(cadence) => into.push(&cadence.of),
        Assertion::Attest(_) => {}
        Assertion::Either { of, .. } | Assertion::All(of) => of.iter().for_each(|part| collect(part, into)),
    }
}

/// Every check has an example in which it passes, and one in which it fails.
fn tested(policy: &Policy, found: &mut Vec<Mistake>) {
    let examples = match examples::of(policy) {
        Ok(examples) => examples,
        Err(mut mistakes) => {
            found.append(&mut mistakes.0);
            return;
        }
    };
    if examples.is_empty() {
        warn("lint::examples", "no examples", key(policy, "id"), found);
        return;
    }
    let expected: BTreeSet<(&str, Expected)> = examples
        .iter()
        .flat_map(|example| example.expect.iter().map(|(check, outcome)| (check.as_str(), *outcome)))
        .collect();
    for check in policy.checks.iter().filter(|check| check.same_as.is_none()) {
        for (outcome, word) in [(Expected::Pass, "passes"), (Expected::Fail, "fails")] {
            if !expected.contains(&(check.id.as_str(), outcome)) {
                let at = check.at.clone();
                let message = format!("no example in which `{}` {word}", check.id);
                warn("lint::examples", message, place(policy, at), found);
            }
        }
    }
}

/// Shared parameters that nothing uses.
fn unused(set: &PolicySet, found: &mut Vec<Mistake>) {
    let checks = || set.policies.iter().flat_map(|policy| &policy.checks);
    let used: BTreeSet<&str> = checks().flat_map(|check| &check.reads.params).map(String::as_str).collect();
    // What a collection is asked about is of use, too.
    let asked: BTreeSet<&str> = sections::all().filter_map(sections::Section::param).collect();
    let unused = |name: &&String| !used.contains(name.as_str()) && !asked.contains(name.as_str());
    for name in set.params.keys().filter(unused) {
        let message = format!("params.yaml: no policy uses the parameter `{name}`");
        found.push(Mistake::new("lint::params", message, None).warning());
    }
}
