//! Policies that compile: what they become, relations between them, examples, lint, list, explain.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::json;

use super::{MODEL, PARAMS, POLICY, load, seen};
use crate::policy::compiled::{Assertion, CheckRef, Policy, PolicySet, Threshold};
use crate::policy::examples::{self, Expected};
use crate::policy::params::{Given, from_flag, resolve, resolve_with};
use crate::policy::{explain, lint, list, raw};
use crate::snapshot::record::State;
use crate::yaml::mistake::render;

fn one(set: &PolicySet) -> &Policy {
    set.policies.first().unwrap()
}

#[test]
fn the_good_policy() {
    let set = load(POLICY).unwrap();
    let policy = one(&set);
    assert_eq!((policy.id.as_str(), policy.level, policy.urgent), ("INF-300-G2", Some(300), false));
    assert_eq!(policy.params, ["exempt", "rate"]);
    let ids: Vec<_> = policy.checks.iter().map(|check| check.id.as_str()).collect();
    assert_eq!(ids, ["first", "second", "third"]);
    let Assertion::Share(share) = &policy.checks[1].assertion else { panic!("a share") };
    assert!(matches!(&share.min, Some(Threshold::Param(name)) if name == "rate"));
    assert_eq!(policy.checks[1].reads.params.iter().collect::<Vec<_>>(), ["rate"]);
    assert_eq!(policy.checks[2].valid_for, TimeDelta::days(90));
    assert_eq!(policy.checks[2].ask.as_deref(), Some("Is it so?"));
    assert_eq!(policy.checks[0].valid_for, TimeDelta::days(365));
    let text = &policy.source.text;
    assert!(text[policy.checks[1].at.clone()].starts_with("id: second"));
    let Assertion::Forbid(path) = &policy.checks[0].assertion else { panic!("a forbid") };
    assert_eq!(&text[path.at.clone()], "$.conditionalAccess.policies[?in(@.id, $.params.exempt)]");
    assert_eq!(set.params.keys().collect::<Vec<_>>(), ["exempt", "rate", "tolerance", "watchlist"]);
    assert_eq!(set.digest.len(), 64);
    assert_eq!(set.model.gates(policy, &policy.checks[0]), Some(300));
}

#[test]
fn the_digest_is_of_what_decides() {
    let digest = |text: &str| load(text).unwrap().digest;
    let good = digest(POLICY);
    assert_eq!(digest(&format!("{POLICY}examples: []\n")), good, "examples decide nothing");
    assert_ne!(digest(&POLICY.replace("P90D", "P91D")), good);
    let elsewhere = [("model.yaml", MODEL), ("params.yaml", PARAMS), ("other/INF-300-G2.yaml", POLICY)];
    assert_eq!(
        PolicySet::from_texts(&elsewhere).unwrap().digest,
        good,
        "where the file lies decides nothing"
    );
}

/// A small policy with the given head lines and checks.
fn policy(id: &str, more: &str, checks: &str) -> String {
    let level = id.split('-').nth(1).unwrap();
    format!(
        "id: {id}\ntitle: T\ncompetency: infrastructure\nlevel: {level}\ndimension: general\n{more}checks:\n{checks}"
    )
}

fn check(id: &str, more: &str) -> String {
    format!("  - {{ id: {id}, title: T, {more} }}\n")
}

fn related(texts: &[(&str, String)]) -> Result<PolicySet, Vec<(String, String)>> {
    let names: Vec<String> = texts.iter().map(|(id, _)| format!("{id}.yaml")).collect();
    let mut all = vec![("model.yaml", MODEL)];
    all.extend(names.iter().zip(texts).map(|(name, (_, text))| (name.as_str(), text.as_str())));
    PolicySet::from_texts(&all).map_err(|mistakes| seen(&mistakes.0))
}

#[test]
fn checks_that_settle_others() {
    let asks = |more: &str| format!("attest: Is it?{more}");
    let set = related(&[
        (
            "INF-200-G1",
            policy(
                "INF-200-G1",
                "satisfied_by: [INF-400-G1]\n",
                &(check("a", &asks(", satisfied_by: [INF-300-G1/s]"))
                    + &check("i", &asks(", informs: true"))),
            ),
        ),
        (
            "INF-300-G1",
            policy(
                "INF-300-G1",
                "",
                &(check("s", &asks(", symptom: true")) + &check("t", "same_as: INF-400-G1/x")),
            ),
        ),
        (
            "INF-400-G1",
            policy(
                "INF-400-G1",
                "",
                &(check("x", "forbid: '$.users.accounts[*]', empty: fail")
                    + &check("y", &asks(""))
                    + &check("z", &asks(", informs: true"))),
            ),
        ),
    ])
    .unwrap();
    let named = |policy: &str, check: &str| CheckRef { policy: policy.into(), check: check.into() };
    let by_id: BTreeMap<_, _> = set.policies.iter().map(|policy| (policy.id.as_str(), policy)).collect();
    let a = &by_id["INF-200-G1"].checks[0];
    assert_eq!(
        a.satisfied_by,
        [vec![named("INF-300-G1", "s")], vec![named("INF-400-G1", "x"), named("INF-400-G1", "y")]],
        "its own, then the policy's; what informs settles nothing"
    );
    assert!(by_id["INF-200-G1"].checks[1].satisfied_by.is_empty(), "what gates nothing is not settled");
    let t = &by_id["INF-300-G1"].checks[1];
    assert_eq!(t.same_as, Some(named("INF-400-G1", "x")));
    assert!(matches!(t.assertion, Assertion::Forbid(_)), "the other's test stands in it");
    assert!(t.reads.sections.contains_key("users.accounts"));
}

#[test]
fn relations_that_can_not_be_meant() {
    let asks = |more: &str| format!("attest: Is it?{more}");
    let high = (
        "INF-400-G1",
        policy("INF-400-G1", "", &(check("x", &asks("")) + &check("z", &asks(", informs: true")))),
    );
    for (more, checks, message, place) in [
        (
            "satisfied_by: [INF-400-G9]\n",
            check("a", &asks("")),
            "there is no policy `INF-400-G9`",
            "INF-400-G9",
        ),
        (
            "",
            check("a", &asks(", satisfied_by: [INF-400-G1/q]")),
            "there is no check `INF-400-G1/q`",
            "INF-400-G1/q",
        ),
        (
            "",
            check("a", &asks(", satisfied_by: [INF-400-G1/z]")),
            "INF-400-G1/z only informs and can't settle anything",
            "INF-400-G1/z",
        ),
        (
            "",
            check("a", &asks(", satisfied_by: [INF-300-G1/a]")),
            "INF-300-G1/a is of level 300, which is not above 300",
            "INF-300-G1/a",
        ),
        (
            "",
            check("a", &asks(", informs: true, satisfied_by: [INF-400-G1/x]")),
            "what gates nothing can't be settled from above",
            "INF-400-G1/x",
        ),
        ("", check("a", "same_as: INF-300-G1/a"), "a check can't stand for itself", "INF-300-G1/a"),
        ("", check("a", "same_as: INF-400-G1"), "`INF-400-G1` does not name a check", "INF-400-G1"),
        (
            "",
            check("a", "same_as: INF-400-G1/x") + &check("b", "same_as: INF-300-G1/a"),
            "INF-300-G1/a itself is the same as INF-400-G1/x",
            "INF-300-G1/a",
        ),
        ("", check("a", "same_as: INF-400-G1/x, empty: pass"), "`empty` beside `same_as`", "pass"),
        ("one_of: way\n", check("a", &asks("")), "`way` has one policy: there is nothing to choose", "way"),
    ] {
        let found =
            related(&[("INF-300-G1", policy("INF-300-G1", more, &checks)), high.clone()]).unwrap_err();
        assert_eq!(found, [(message.to_owned(), place.to_owned())], "{more}{checks}");
    }
    let ladder = check("a", &asks(", symptom: true, satisfied_by: [INF-400-G1/x]"));
    let set = related(&[("INF-300-G1", policy("INF-300-G1", "", &ladder)), high.clone()]);
    assert!(set.is_ok(), "the practice that replaces a symptom gates the same level and settles it");
    let found = related(&[
        ("INF-300-G1", policy("INF-300-G1", "one_of: way\n", &check("a", &asks("")))),
        ("INF-400-G1", policy("INF-400-G1", "one_of: way\n", &check("a", &asks("")))),
    ]);
    assert_eq!(found.unwrap_err()[0].0, "alternatives share competency and level, and INF-400-G1 does not");
}

#[test]
fn without_levels_and_without_gates() {
    let duty = "id: BCR-4\ntitle: T\ncompetency: continuity\ndimension: general\nchecks:\n  - { id: a, title: T, attest: Is it? }\n";
    let inform = "id: INF-0-1\ntitle: T\ncompetency: infrastructure\ndimension: general\nchecks:\n  - { id: a, title: T, attest: Is it? }\n";
    let set = related(&[("BCR-4", duty.to_owned()), ("INF-0-1", inform.to_owned())]).unwrap();
    assert!(!set.policies[0].checks[0].informs);
    assert!(set.policies[1].checks[0].informs, "the model says that the criterion only informs");
    let leveled = duty.replace("dimension", "level: 300\ndimension");
    assert_eq!(related(&[("BCR-4", leveled)]).unwrap_err()[0].0, "the competency continuity has no levels");
}

#[test]
fn parameters_resolve_with_defaults_and_missing() {
    let set = load(POLICY).unwrap();
    let guid = "62E90394-69f5-4237-9190-012177145e10";
    let given = |pairs: &[(&str, serde_json::Value)]| -> BTreeMap<String, Given> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Given { value: value.clone(), place: None }))
            .collect()
    };
    let resolved = resolve(&set, &given(&[("exempt", json!([guid])), ("watchlist", json!([]))])).unwrap();
    assert_eq!(resolved.values["exempt"], json!([guid.to_lowercase()]));
    assert_eq!(resolved.values["rate"], json!(0.9));
    assert_eq!(resolved.share("rate"), Some(900_000));
    assert_eq!(resolved.missing.iter().collect::<Vec<_>>(), ["watchlist"], "an empty one is missing too");
    let wrong = resolve(&set, &given(&[("exemt", json!([])), ("rate", json!(2))])).unwrap_err();
    assert_eq!(wrong.0.len(), 2);
    assert_eq!(
        wrong.0.iter().find_map(|m| m.help.as_deref().filter(|h| h.contains("mean"))),
        Some("did you mean `exempt`?")
    );
    let flags: BTreeMap<_, _> = ["watchlist=Exchange Online, Teams", "rate=0.5", "exempt="]
        .iter()
        .map(|flag| from_flag(&set, flag).unwrap())
        .collect();
    let resolved = resolve(&set, &flags).unwrap();
    assert_eq!(resolved.values["watchlist"], json!(["Exchange Online", "Teams"]));
    assert_eq!(resolved.share("rate"), Some(500_000));
    assert!(resolved.missing.contains("exempt"));
    assert!(from_flag(&set, "rate").is_err());
    assert!(resolve_with(&set, &given(&[("exempt", json!(["a"]))]), false).is_ok(), "examples need no GUIDs");
}

const EXAMPLES: &str = "\
examples:
  - name: all is well
    given:
      conditionalAccess: { policies: [{ id: p1, state: enabled, n: 1.5, none: null }] }
      users: { accounts: [] }
    params: { exempt: [a, b] }
    states: { users.accounts: partial, roles.assignments: denied }
    attest: { third: { answer: yes, on: 2025-12-01 } }
    today: 2026-01-01T00:00:00Z
    taken: 2025-12-31
    expect: { first: pass, second: unknown, third: pass }
";

#[test]
fn examples_become_inputs() {
    let set = load(&format!("{POLICY}{EXAMPLES}")).unwrap();
    let examples = examples::of(one(&set)).unwrap();
    let example = &examples[0];
    assert_eq!(
        example.data["conditionalAccess.policies"],
        [json!({"id": "p1", "state": "enabled", "n": 1.5, "none": null})]
    );
    assert!(example.data["users.accounts"].is_empty());
    assert_eq!(example.states["conditionalAccess.policies"], State::Read);
    assert_eq!(example.states["users.accounts"], State::Partial);
    assert_eq!(example.states["roles.assignments"], State::Denied);
    assert_eq!(example.states.len(), 3);
    assert_eq!(example.answers[0].check.to_string(), "INF-300-G2/third");
    assert!(example.answers[0].evidence.is_some(), "a yes in an example need not invent its proof");
    assert_eq!(example.taken.to_rfc3339(), "2025-12-31T00:00:00+00:00");
    assert_eq!(example.expect["second"], Expected::Unknown);
    assert!(examples::of(one(&load(POLICY).unwrap())).unwrap().is_empty());
}

#[test]
fn wrong_examples_hurt_only_who_asks() {
    for (from, to, message, place) in [
        ("first: pass", "frist: pass", "INF-300-G2 has no check `frist`", "frist"),
        ("first: pass", "first: good", "`good` is not one of the words that may stand here", "good"),
        ("users: { accounts: [] }", "users: { accounts: {} }", "every section is a list", "{}"),
        (
            "users: { accounts: [] }",
            "derived: { roleHolders: [] }",
            "`derived.roleHolders` is computed, not given",
            "roleHolders",
        ),
        ("n: 1.5", "n: yes", "`yes` means a text to some and a truth value to others", "yes"),
        ("2026-01-01T00:00:00Z", "someday", "`someday` is neither a date nor a time", "someday"),
        ("    today: 2026-01-01T00:00:00Z\n", "", "`today` is missing", "name: all is well"),
        (
            "roles.assignments: denied",
            "roles.assignments: refused",
            "`refused` is not one of the words that may stand here",
            "refused",
        ),
    ] {
        let set = load(&format!("{POLICY}{}", EXAMPLES.replace(from, to))).expect(to);
        let found = seen(&examples::of(one(&set)).unwrap_err().0);
        let found: Vec<_> =
            found.iter().map(|(m, p)| (m.as_str(), if p.is_empty() { "{}" } else { p.as_str() })).collect();
        assert_eq!(found, [(message, place)], "{to}");
    }
    let late = format!("{POLICY}{EXAMPLES}urgent: true\n");
    let found = seen(&load(&late).unwrap_err().0);
    assert_eq!(found, [("`examples` is the last key of a policy".to_owned(), "urgent".to_owned())]);
}

#[test]
fn the_schema_takes_what_we_take() {
    let schema = raw::schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value = |text: &str| -> serde_json::Value { serde_saphyr::from_str(text).unwrap() };
    let good = value(&format!("{POLICY}{EXAMPLES}").replace("answer: yes", "answer: 'yes'"));
    let errors: Vec<String> =
        validator.iter_errors(&good).map(|error| format!("{} {error}", error.instance_path())).collect();
    assert_eq!(errors, [""; 0]);
    for wrong in [
        POLICY.replace("title: Everyone is covered\n", ""),
        POLICY.replace("titl", "tilt"),
        POLICY.replace("level: 300", "level: x"),
        POLICY.replace("empty: pass", "empty: null"),
        POLICY.replace("min: '${params.rate}'", "min: '${rate}'"),
    ] {
        assert!(!validator.is_valid(&value(&wrong)), "{wrong}");
    }
    assert!(undescribed(&schema, "").is_empty(), "{:?}", undescribed(&schema, ""));
}

/// Properties without a description.
fn undescribed(schema: &serde_json::Value, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let Some(object) = schema.as_object() else { return found };
    for (name, property) in object.get("properties").and_then(|p| p.as_object()).into_iter().flatten() {
        if property.get("description").is_none() {
            found.push(format!("{path}/{name}"));
        }
    }
    for (name, value) in object {
        found.extend(undescribed(value, &format!("{path}/{name}")));
    }
    found
}

#[test]
fn what_people_read() {
    let set = load(&format!("{POLICY}{EXAMPLES}")).unwrap();
    // What the catalogue says of a section is the catalogue's to test.
    insta::with_settings!({ filters => vec![(r"(?m)^  (conditionalAccess|users)\.(\w+) .*$", "  $1.$2 [catalogue]")] }, {
        insta::assert_snapshot!("explain", explain::explain(one(&set), &set));
    });
    insta::assert_snapshot!("lint", render(&lint::lint(&set), 100));
    insta::assert_json_snapshot!("list", list::rows(&set));
}
