//! What is left out, and what is not.

use serde_json::{Value, json};

use super::super::{Kind, Options, compare};
use super::{NAKED, USUAL, config, snapshot, with};
use crate::snapshot::record::{SectionRecord, State};

fn read() -> SectionRecord {
    SectionRecord::of(State::Read)
}

/// No rules of one's own.
const NONE: &str = "drift: {}";

/// What is told of a section with these rules, and how much is left out.
fn told(id: &str, old: &Value, new: &Value, rules: &str) -> (Vec<String>, u64) {
    let config = config(rules);
    let options = Options { rules: &config.drift, ..USUAL };
    let (old, new) = (snapshot(&[(id, read(), old.clone())]), snapshot(&[(id, read(), new.clone())]));
    let drift = compare(&old, &new, &options);
    (super::lines(&drift), drift.counts().suppressed)
}

#[test]
fn times_of_last_use_are_left_out_wherever_they_stand() {
    for (id, old, new) in [
        (
            "users.accounts",
            json!({ "signInActivity": null }),
            json!({ "signInActivity": { "lastSignInDateTime": "2026-01-01T00:00:00Z" } }),
        ),
        (
            "users.accounts",
            json!({ "onPremisesLastSyncDateTime": "1" }),
            json!({ "onPremisesLastSyncDateTime": "2" }),
        ),
        (
            "roles.assignments",
            json!({ "principal": { "onPremisesLastSyncDateTime": "1" } }),
            json!({ "principal": { "onPremisesLastSyncDateTime": "2" } }),
        ),
        ("tenant.organization", json!({ "onPremisesLastSyncDateTime": "1" }), json!({})),
        (
            "devices.directory",
            json!({ "approximateLastSignInDateTime": "1" }),
            json!({ "approximateLastSignInDateTime": "2" }),
        ),
        ("serviceHealth.issues", json!({ "title": "1" }), json!({ "title": "2", "posts": [] })),
    ] {
        let with_id = |item: &Value| {
            let mut item = item.clone();
            item["id"] = json!("a");
            json!([item])
        };
        let (lines, left_out) = told(id, &with_id(&old), &with_id(&new), NONE);
        assert!(lines.is_empty() && left_out > 0, "{id} {lines:?}");
    }
}

#[test]
fn what_a_person_sets_is_never_left_out_beside_it() {
    let old = json!([{ "id": "a", "accountEnabled": true, "signInActivity": { "lastSignInDateTime": "1" } }]);
    let new =
        json!([{ "id": "a", "accountEnabled": false, "signInActivity": { "lastSignInDateTime": "2" } }]);
    let (lines, left_out) = told("users.accounts", &old, &new, NONE);
    assert_eq!((lines, left_out), (vec!["Changed a /accountEnabled true -> false".to_owned()], 1));
}

#[test]
fn activations_come_and_go_and_assignments_do_not() {
    let id = "roles.activeAssignments";
    let holder = |id: &str, kind: &str| json!({ "id": id, "assignmentType": kind, "principalId": id });
    let (lines, left_out) = told(
        id,
        &json!([holder("1", "Activated"), holder("2", "Assigned")]),
        &json!([holder("3", "activated"), holder("4", "Assigned")]),
        NONE,
    );
    assert_eq!((lines, left_out), (vec!["Added 4 ".to_owned(), "Removed 2 ".to_owned()], 2));
}

#[test]
fn rules_of_ones_own() {
    let id = "users.accounts";
    let old = json!([
        { "id": "a", "jobTitle": "x", "department": "x", "assignedLicenses": [{ "skuId": "s", "disabledPlans": ["p"] }] },
        { "id": "b", "jobTitle": "x" }
    ]);
    let new = json!([
        { "id": "a", "jobTitle": "y", "department": "", "assignedLicenses": [{ "skuId": "s", "disabledPlans": [] }] },
        { "id": "c", "jobTitle": "x", "mail": "c" }
    ]);
    let all = 5;
    for (rule, left_out) in [
        ("ignore: [{ section: users.accounts, path: /jobTitle, reason: x }]", 1),
        ("ignore: [{ section: users.accounts, path: /assignedLicenses/disabledPlans, reason: x }]", 1),
        ("ignore: [{ section: users.accounts, path: '/**/disabledPlans', reason: x }]", 1),
        ("ignore: [{ section: users.accounts, path: '/*/disabledPlans', reason: x }]", 1),
        ("ignore: [{ section: users.accounts, key: A, reason: x }]", 3),
        ("ignore: [{ section: users.accounts, key: c, reason: x }]", 1),
        ("ignore: [{ section: users.accounts, key: a, path: /jobTitle, reason: x }]", 1),
        ("ignore: [{ section: 'users.*', reason: x }]", 5),
        ("ignore: [{ section: '*', reason: x }]", 5),
        ("ignore: [{ section: 'groups.*', reason: x }]", 0),
        ("alike: [{ section: '*', path: /department, values: [absent, null, empty], reason: x }]", 0),
    ] {
        let (lines, count) = told(id, &old, &new, &format!("drift:\n  {rule}\n"));
        assert_eq!((lines.len() as u64, count), (all - left_out, left_out), "{rule}: {lines:?}");
    }
}

#[test]
fn kinds_of_nothing_are_alike_where_a_rule_says_so() {
    let rule = "drift:\n  alike: [{ section: conditionalAccess.policies, path: /conditions, values: [absent, empty], reason: x }]\n";
    let item = |conditions: Value| json!([{ "id": "a", "conditions": conditions }]);
    let id = "conditionalAccess.policies";
    for (old, new, left_out) in [
        (json!({}), json!({ "clientAppTypes": [] }), 1),
        (json!({ "clientAppTypes": [] }), json!({ "clientAppTypes": "" }), 1),
        (json!({ "clientAppTypes": [] }), json!({ "clientAppTypes": null }), 0),
        (json!({}), json!({ "clientAppTypes": ["all"] }), 0),
        (json!({ "clientAppTypes": [] }), json!({ "clientAppTypes": ["all"] }), 0),
    ] {
        let (lines, count) = told(id, &item(old.clone()), &item(new.clone()), rule);
        assert_eq!((lines.len() as u64, count), (1 - left_out, left_out), "{old} {new}");
    }
}

#[test]
fn what_is_left_out_is_shown_when_nothing_is_to_be() {
    let (old, new) =
        (json!([{ "id": "a", "signInActivity": 1 }]), json!([{ "id": "a", "signInActivity": 2 }]));
    let (old, new) =
        (snapshot(&[("users.accounts", read(), old)]), snapshot(&[("users.accounts", read(), new)]));
    let drift = compare(&old, &new, &NAKED);
    let change = &drift.sections[0].changes[0];
    assert_eq!((change.kind, drift.counts().suppressed), (Kind::Changed, 0));
    assert_eq!(drift.rules[change.rule.unwrap()].reason, "time of last use");
}

#[test]
fn an_order_is_noise_in_sets_alone() {
    let item = |list: Value| json!([{ "id": "a", "unknown": list }]);
    let told = with("users.accounts", read(), &item(json!([1, 2])), read(), &item(json!([2, 1])), &USUAL);
    assert_eq!(told, Vec::<String>::new());
}
