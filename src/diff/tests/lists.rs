//! Lists within items, and scalars in normal form.

use serde_json::{Value, json};

use super::section;

const POLICIES: &str = "conditionalAccess.policies";

fn users(list: &Value) -> Value {
    json!([{ "id": "a", "conditions": { "users": { "excludeUsers": list } } }])
}

fn excluded(old: &Value, new: &Value) -> Vec<String> {
    let told = section(POLICIES, &users(old), &users(new));
    told.iter().map(|line| line.replace(" a /conditions/users/excludeUsers", "")).collect()
}

#[test]
fn a_set_tells_what_it_lost_and_gained() {
    for (old, new, told) in [
        (json!(["x", "y"]), json!(["y", "x"]), vec!["Reordered [\"x\",\"y\"] -> [\"y\",\"x\"]"]),
        (json!(["x", "y"]), json!(["x", "z"]), vec!["Changed -\"y\" +\"z\""]),
        (json!(["x"]), json!(["x", "z", "w"]), vec!["Changed +\"z\" +\"w\""]),
        (json!(["x", "x", "y"]), json!(["x", "y"]), vec!["Changed -\"x\""]),
        (json!(["x"]), json!([]), vec!["Changed -\"x\""]),
        (json!([]), json!(["x"]), vec!["Changed +\"x\""]),
        (json!([]), Value::Null, vec!["Changed [] -> null"]),
        (json!([]), json!(""), vec!["Changed [] -> \"\""]),
        (json!(["1"]), json!([1]), vec!["Changed -\"1\" +1"]),
        (json!([null, null]), json!([null]), vec!["Changed -null"]),
    ] {
        assert_eq!(excluded(&old, &new), told, "{old} {new}");
    }
}

#[test]
fn absent_null_and_empty_are_four_things() {
    let (absent, list) = (json!([{ "id": "a" }]), |value: Value| json!([{ "id": "a", "templateId": value }]));
    let kinds = [absent, list(Value::Null), list(json!([])), list(json!("")), list(json!({}))];
    for (n, old) in kinds.iter().enumerate() {
        for (m, new) in kinds.iter().enumerate() {
            assert_eq!(section(POLICIES, old, new).len(), usize::from(n != m), "{old} {new}");
        }
    }
}

#[test]
fn elements_are_found_again_by_identity_then_by_likeness() {
    let app = |credentials: Value| json!([{ "id": "a", "passwordCredentials": credentials }]);
    let id = "applications.registrations";
    let credential =
        |key: &str, name: &str, end: &str| json!({ "keyId": key, "displayName": name, "endDateTime": end });
    let (one, two) =
        (credential("1", "x", "2026-01-01T00:00:00Z"), credential("2", "y", "2027-01-01T00:00:00Z"));
    let later = credential("2", "y", "2028-01-01T00:00:00Z");
    assert_eq!(
        section(id, &app(json!([one, two])), &app(json!([later, one]))),
        [
            "Changed a /passwordCredentials/0/endDateTime (was /passwordCredentials/1/endDateTime) \"2027-01-01T00:00:00Z\" -> \"2028-01-01T00:00:00Z\"",
            "Reordered a /passwordCredentials [{\"displayName\":\"x\",\"endDateTime\":\"2026-01-01T00:00:00Z\",\"keyId\":\"1\"},{\"displayName\":\"y\",\"endDateTime\":\"2027-01-01T00:00:00Z\",\"keyId\":\"2\"}] -> [{\"displayName\":\"y\",\"endDateTime\":\"2028-01-01T00:00:00Z\",\"keyId\":\"2\"},{\"displayName\":\"x\",\"endDateTime\":\"2026-01-01T00:00:00Z\",\"keyId\":\"1\"}]"
        ]
    );
    let rolled = section(id, &app(json!([two])), &app(json!([credential("3", "y", "2028-01-01T00:00:00Z")])));
    assert_eq!(rolled.len(), 1, "a credential that was rolled is another one: {rolled:?}");
    assert!(
        rolled[0].starts_with("Changed a /passwordCredentials -{") && rolled[0].contains(" +{"),
        "{rolled:?}"
    );
    let reviewers = |list: Value| json!([{ "id": "a", "reviewers": list }]);
    let reviewer = |query: &str| json!({ "query": query, "queryType": "MicrosoftGraph", "queryRoot": null });
    assert_eq!(
        section(
            "identity.adminConsent",
            &reviewers(json!([reviewer("/users/1"), reviewer("/users/2")])),
            &reviewers(json!([reviewer("/users/3"), reviewer("/users/1")])),
        ),
        [
            "Changed  /reviewers/0/query (was /reviewers/1/query) \"/users/2\" -> \"/users/3\"",
            "Reordered  /reviewers [{\"query\":\"/users/1\",\"queryRoot\":null,\"queryType\":\"MicrosoftGraph\"},{\"query\":\"/users/2\",\"queryRoot\":null,\"queryType\":\"MicrosoftGraph\"}] -> [{\"query\":\"/users/3\",\"queryRoot\":null,\"queryType\":\"MicrosoftGraph\"},{\"query\":\"/users/1\",\"queryRoot\":null,\"queryType\":\"MicrosoftGraph\"}]"
        ]
    );
}

#[test]
fn an_order_that_means_something_counts() {
    let id = "identity.crossTenantDefault";
    let order = |list: Value| json!([{ "invitationRedemptionIdentityProviderConfiguration": { "primaryIdentityProviderPrecedenceOrder": list } }]);
    let told = |old: Value, new: Value| -> Vec<String> {
        let told = super::with(
            id,
            super::SectionRecord::of(super::State::Read),
            &order(old),
            super::SectionRecord::of(super::State::Read),
            &order(new),
            &super::USUAL,
        );
        told.iter().map(|line| line.replace("/invitationRedemptionIdentityProviderConfiguration/primaryIdentityProviderPrecedenceOrder", "…")).collect()
    };
    assert_eq!(
        told(json!(["a", "b", "c"]), json!(["b", "a", "c"])),
        ["Reordered  … [\"a\",\"b\",\"c\"] -> [\"b\",\"a\",\"c\"]"]
    );
    assert_eq!(told(json!(["a", "b", "c"]), json!(["a", "x", "c"])), ["Changed  …/1 \"b\" -> \"x\""]);
    assert_eq!(told(json!(["a", "b", "c"]), json!(["a", "c"])), ["Changed  … -\"b\""]);
    assert_eq!(told(json!(["a", "b"]), json!(["x", "a", "b"])), ["Changed  … +\"x\""]);
}

#[test]
fn an_order_within_an_element_counts_too() {
    let rule = |id: &str, stages: Value| json!({ "id": id, "setting": { "approvalStages": stages } });
    let item = |rules: Value| json!([{ "id": "a", "policy": { "rules": rules } }]);
    let stage = |days: u32| json!({ "approvalStageTimeOutInDays": days });
    let old = item(json!([rule("r", json!([stage(1), stage(2)])), rule("s", json!([]))]));
    let new = item(json!([rule("s", json!([])), rule("r", json!([stage(2), stage(1)]))]));
    let read = || super::SectionRecord::of(super::State::Read);
    let told = super::with("roles.policies", read(), &old, read(), &new, &super::USUAL);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("Reordered a /policy/rules/1/setting/approvalStages (was /policy/rules/0/"),
        "{told:?}"
    );
}

#[test]
fn normal_forms() {
    let old = json!([{
        "id": "a", "createdDateTime": "2026-01-01T12:00:00Z", "templateId": "2026-01-01T12:00:00Z",
        "sessionControls": { "signInFrequency": { "value": 1 } }, "unknown": { "when": "2026-01-01T12:00:00Z" },
        "conditions": { "users": { "includeUsers": ["0A1B2C3D-0000-4000-8000-000000000001", "All"] } }
    }]);
    let new = json!([{
        "id": "a", "createdDateTime": "2026-01-01T13:00:00.0+01:00", "templateId": "2026-01-01T13:00:00.0+01:00",
        "sessionControls": { "signInFrequency": { "value": 1.0 } }, "unknown": { "when": "2026-01-01T13:00:00.0+01:00" },
        "conditions": { "users": { "includeUsers": ["All", "0a1b2c3d-0000-4000-8000-000000000001"] } }
    }]);
    // A text that the contract calls a text is compared as it is.
    let told = section(POLICIES, &old, &new);
    assert_eq!(told.iter().filter(|line| !line.starts_with("Reordered")).count(), 1, "{told:?}");
    assert!(told.iter().any(|line| line.starts_with("Changed a /templateId")), "{told:?}");
}

#[test]
fn names_are_escaped_in_pointers() {
    let (old, new) = (json!([{ "id": "a", "x/y~z": { "": 1 } }]), json!([{ "id": "a", "x/y~z": { "": 2 } }]));
    assert_eq!(section(POLICIES, &old, &new), ["Changed a /x~1y~0z/ 1 -> 2"]);
}

/// As deep as a snapshot may nest, on both sides, with the change at the bottom.
#[test]
fn depth_is_no_danger() {
    // The items' list and the item are two levels already.
    let deep = |leaf: u32, list: bool| {
        let wrap = |inner: Value| if list { json!([inner]) } else { json!({ "a": inner }) };
        let value = (0..120).fold(json!(leaf), |inner, _| wrap(inner));
        json!([{ "id": "a", "x": value }])
    };
    for list in [false, true] {
        let told = section(POLICIES, &deep(1, list), &deep(2, list));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].matches('/').count() >= 120, "{told:?}");
    }
}

/// Two long lists that have nothing in common: counted, not compared each with each.
#[test]
fn long_lists_are_no_danger() {
    let list = |from: u32| (from..from + 3_000).map(|n| json!({ "x": n, "y": n })).collect::<Value>();
    let item = |list: Value| json!([{ "id": "a", "unknown": list }]);
    let old = super::snapshot(&[(POLICIES, super::SectionRecord::of(super::State::Read), item(list(0)))]);
    let new =
        super::snapshot(&[(POLICIES, super::SectionRecord::of(super::State::Read), item(list(10_000)))]);
    let drift = super::compare(&old, &new, &super::NAKED);
    let change = &drift.sections[0].changes[0];
    assert_eq!((drift.counts().changed, change.lost.len(), change.gained.len()), (1, 3_000, 3_000));
    assert_eq!(drift.sections[0].notes.crowded, (3_000, 3_000));
}

/// Of equal elements one that changed is not taken for one that moved.
#[test]
fn twins_keep_their_places() {
    let (a, b, c) = (json!({ "t": 1, "u": 1, "v": 1 }), json!({ "t": 2 }), json!({ "t": 3 }));
    let x = json!({ "t": 1, "u": 1, "v": 9 });
    let item = |list: &[&Value]| json!([{ "id": "1", "things": list }]);
    for (old, new, changed) in [
        (&[&a, &b, &a, &c, &a, &b][..], &[&x, &b, &a, &c, &a, &c][..], "/things/0/v"),
        (&[&b, &a, &c, &a, &b], &[&c, &a, &c, &x, &c], "/things/3/v"),
        // Something came before them all, so that their places are the same from the end alone.
        (&[&a, &b, &a], &[&c, &x, &b, &a], "/things/1/v"),
    ] {
        let lines = section("conditionalAccess.policies", &item(old), &item(new));
        assert!(lines.iter().any(|line| line.contains(changed)), "{lines:?}");
        assert!(!lines.iter().any(|line| line.starts_with("Reordered")), "{lines:?}");
    }
    // One that is gone leaves the others in their order.
    let lines = section("conditionalAccess.policies", &item(&[&a, &b, &a, &a]), &item(&[&b, &a, &a]));
    assert_eq!(lines.len(), 1, "{lines:?}");
}
