//! The built-in policies as a whole: their examples come out as they say, every check is shown
//! passing and failing, nothing is doubtful, and together they use the whole language.
#![expect(clippy::panic, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};

use levelmark::engine::examples;
use levelmark::engine::finding::Outcome;
use levelmark::policy::compiled::{Assertion, CadenceRule, Check, PolicySet, Strength};
use levelmark::policy::load::LoadOptions;
use levelmark::policy::{self, lint};
use rayon::prelude::*;

fn set() -> PolicySet {
    PolicySet::load(&LoadOptions::default()).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// Outcomes that the examples of each check show.
fn shown(set: &PolicySet) -> BTreeMap<String, BTreeSet<Outcome>> {
    let run = |policy: &policy::compiled::Policy| {
        let mut outcomes: BTreeMap<String, BTreeSet<Outcome>> = BTreeMap::new();
        for example in policy::examples::of(policy).unwrap_or_else(|mistakes| panic!("{mistakes}")) {
            let findings =
                examples::run(set, policy, &example).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            let differences = examples::differences(&example, &findings);
            assert!(differences.is_empty(), "{}: {}: {differences:?}", policy.id, example.name);
            for finding in findings.iter().filter(|finding| example.expect.contains_key(&finding.check.check))
            {
                outcomes.entry(finding.check.to_string()).or_default().insert(finding.outcome);
            }
        }
        outcomes
    };
    set.policies.par_iter().map(run).reduce(BTreeMap::new, |mut all, one| {
        all.extend(one);
        all
    })
}

#[test]
fn every_example_comes_out_and_every_check_is_shown_both_ways() {
    let set = set();
    let shown = shown(&set);
    let mut lacking = Vec::new();
    for policy in &set.policies {
        // A check that is another one is shown there.
        for check in policy.checks.iter().filter(|check| check.same_as.is_none()) {
            let id = format!("{}/{}", policy.id, check.id);
            for outcome in [Outcome::Pass, Outcome::Fail] {
                if !shown.get(&id).is_some_and(|outcomes| outcomes.contains(&outcome)) {
                    lacking.push(format!("{id}: no example of {}", examples::word(outcome)));
                }
            }
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

#[test]
fn nothing_is_doubtful() {
    let set = set();
    let found: Vec<String> = lint::lint(&set).into_iter().map(|mistake| mistake.message).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every assertion and modifier of the language that a check uses.
fn features(check: &Check, found: &mut BTreeSet<&'static str>) {
    let of_check = [
        ("when", check.when.is_some()),
        ("symptom", check.symptom),
        ("informs", check.informs),
        ("empty", check.empty.is_some()),
        ("measured_only", check.measured_only),
        ("may_not_apply", check.may_not_apply),
        ("strength: proxy", check.strength == Strength::Proxy),
        ("ask", check.ask.is_some()),
        ("satisfied_by", !check.satisfied_by.is_empty()),
        ("same_as", check.same_as.is_some()),
        ("params", !check.reads.params.is_empty()),
    ];
    found.extend(of_check.into_iter().filter(|(_, used)| *used).map(|(name, _)| name));
    assertions(&check.assertion, found);
}

fn assertions(assertion: &Assertion, found: &mut BTreeSet<&'static str>) {
    match assertion {
        Assertion::Forbid(_) => {
            found.insert("forbid");
        }
        Assertion::Require { count, .. } => {
            found.insert("require");
            let of = [
                ("count: min", count.min.is_some()),
                ("count: max", count.max.is_some()),
                ("count: distinct", count.distinct.is_some()),
                ("count: sum", count.sum.is_some()),
            ];
            found.extend(of.into_iter().filter(|(_, used)| *used).map(|(name, _)| name));
        }
        Assertion::Share(share) => {
            found.insert("share");
            let of = [
                ("share: min", share.min.is_some()),
                ("share: max", share.max.is_some()),
                ("share: elapsed", share.elapsed.is_some()),
                ("share: population", share.population > 1),
            ];
            found.extend(of.into_iter().filter(|(_, used)| *used).map(|(name, _)| name));
        }
        Assertion::Cadence(cadence) => {
            found.insert(match cadence.rule {
                CadenceRule::Every { .. } => "cadence: every",
                CadenceRule::MaxGap(_) => "cadence: max_gap",
            });
        }
        Assertion::Attest(_) => {
            found.insert("attest");
        }
        Assertion::Either { at_least, of } => {
            found.insert("either");
            if *at_least > 1 {
                found.insert("at_least");
            }
            of.iter().for_each(|part| assertions(part, found));
        }
        Assertion::All(of) => {
            found.insert("all");
            of.iter().for_each(|part| assertions(part, found));
        }
    }
}

/// What nobody uses is not proven to be of use. `unlicensed` is left to those who know their
/// licences: a built-in policy would take the lack of evidence for an answer.
#[test]
fn the_whole_language_is_spoken() {
    let set = set();
    let mut found = BTreeSet::new();
    for policy in &set.policies {
        policy.checks.iter().for_each(|check| features(check, &mut found));
        found.extend(policy.one_of.is_some().then_some("one_of"));
        found.extend(policy.urgent.then_some("urgent"));
        let text = &policy.source.text;
        for function in
            ["in(", "none_of(", "any_of(", "subset_of(", "${ago:", "${now}", "${ahead:", "${params."]
        {
            found.extend(text.contains(function).then_some(function));
        }
        let derived = policy.checks.iter().flat_map(|check| check.reads.sections.keys());
        found.extend(levelmark::derive::IDS.iter().filter(|id| derived.clone().any(|read| read == *id)));
    }
    let language = [
        "forbid",
        "require",
        "count: min",
        "count: max",
        "count: distinct",
        "count: sum",
        "share",
        "share: min",
        "share: max",
        "share: elapsed",
        "share: population",
        "cadence: every",
        "cadence: max_gap",
        "attest",
        "either",
        "at_least",
        "all",
        "when",
        "symptom",
        "informs",
        "empty",
        "measured_only",
        "may_not_apply",
        "strength: proxy",
        "ask",
        "satisfied_by",
        "same_as",
        "one_of",
        "urgent",
        "params",
        "in(",
        "none_of(",
        "any_of(",
        "subset_of(",
        "${ago:",
        "${now}",
        "${ahead:",
        "${params.",
    ];
    let all = language.iter().chain(levelmark::derive::IDS);
    let silent: Vec<&&str> = all.filter(|word| !found.contains(**word)).collect();
    assert!(silent.is_empty(), "no policy uses {silent:?}");
}

#[test]
fn the_schema_in_the_documentation_is_the_one_of_the_program() {
    let documented = std::fs::read_to_string("docs/policy.schema.json").unwrap();
    let documented: serde_json::Value = serde_json::from_str(&documented).unwrap();
    assert_eq!(documented, policy::raw::schema(), "run `just generate`");
    let validator = jsonschema::validator_for(&documented).unwrap();
    assert!(!validator.is_valid(&serde_json::json!({ "id": "X" })));
    assert!(documented["properties"]["checks"].is_object());
}
