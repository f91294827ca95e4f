//! Who is whom.

use serde_json::{Value, json};

use super::super::compare;
use super::{NAKED, section, snapshot};
use crate::snapshot::record::{SectionRecord, State};

const POLICIES: &str = "conditionalAccess.policies";

#[test]
fn items_are_found_again_by_their_key() {
    let old = json!([{ "id": "a", "state": "enabled" }, { "id": "b", "state": "enabled" }]);
    let new =
        json!([{ "id": "b", "state": "disabled" }, { "id": "c", "state": "enabled", "displayName": "C" }]);
    assert_eq!(
        section(POLICIES, &old, &new),
        ["Changed b /state \"enabled\" -> \"disabled\"", "Added c ", "Removed a "]
    );
}

#[test]
fn a_guid_in_another_case_is_the_same_key() {
    let guid = "0a1b2c3d-0000-4000-8000-000000000001";
    let (old, new) = (json!([{ "id": guid.to_uppercase() }]), json!([{ "id": guid }]));
    assert_eq!(section(POLICIES, &old, &new), Vec::<String>::new());
}

#[test]
fn another_name_is_a_change_where_an_id_identifies() {
    let (old, new) = (json!([{ "id": "a", "displayName": "A" }]), json!([{ "id": "a", "displayName": "B" }]));
    assert_eq!(section(POLICIES, &old, &new), ["Changed a /displayName \"A\" -> \"B\""]);
}

#[test]
fn a_new_name_is_a_renaming_where_it_identifies() {
    let tool =
        |name: &str, owner: &str| json!({ "name": name, "owner": owner, "kind": "backup", "purpose": "p" });
    let id = "registers.tools";
    let exactly =
        section(id, &json!([tool("A", "x"), tool("B", "y")]), &json!([tool("C", "x"), tool("B", "y")]));
    assert_eq!(exactly, ["Renamed C /name \"A\" -> \"C\""]);
    let mostly =
        section(id, &json!([tool("A", "x"), tool("B", "y")]), &json!([tool("C", "z"), tool("B", "y")]));
    assert_eq!(mostly, ["Renamed C /name \"A\" -> \"C\"", "Changed C /owner \"x\" -> \"z\""]);
    let hardly = section(
        id,
        &json!([tool("A", "x"), tool("B", "y")]),
        &json!([{ "name": "C", "url": "u", "notes": "n", "kind": "monitoring" }, tool("B", "y")]),
    );
    assert_eq!(hardly, ["Added C ", "Removed A "]);
}

#[test]
fn an_object_that_was_made_anew_is_told_as_such() {
    let app = |id: &str, name: &str| json!({ "id": id, "displayName": name, "signInAudience": "x" });
    let id = "applications.registrations";
    let anew = section(id, &json!([app("1", "A"), app("2", "B")]), &json!([app("3", "A"), app("2", "B")]));
    assert_eq!(anew, ["Renamed 3 /id \"1\" -> \"3\""]);
    // Two that nothing else tells apart may be any of the others.
    let unclear = section(id, &json!([app("1", "A"), app("2", "A")]), &json!([app("3", "A"), app("4", "A")]));
    assert_eq!(unclear, ["Added 3 ", "Added 4 ", "Removed 1 ", "Removed 2 "]);
    // Another id and something else: two objects, whatever they have in common.
    let two = section(
        id,
        &json!([app("1", "A")]),
        &json!([{ "id": "3", "displayName": "A", "signInAudience": "y" }]),
    );
    assert_eq!(two, ["Added 3 ", "Removed 1 "]);
}

#[test]
fn a_member_of_another_group_is_no_member_renamed() {
    let member = |group: &str, id: &str| json!({ "groupId": group, "id": id, "accountEnabled": true });
    let id = "groups.members";
    let moved = section(id, &json!([member("g", "a")]), &json!([member("h", "b")]));
    assert_eq!(moved, ["Added h,b ", "Removed g,a "]);
    let replaced = section(id, &json!([member("g", "a")]), &json!([member("g", "b")]));
    assert_eq!(replaced, ["Renamed g,b /id \"a\" -> \"b\""]);
}

#[test]
fn duplicates_are_a_multiset_and_that_is_said() {
    let item = |value: u32| json!({ "id": "a", "displayName": value.to_string(), "state": "enabled" });
    let (old, new) =
        (json!([item(1), item(2), item(2), item(3)]), json!([item(2), item(3), item(4), item(2)]));
    let old = snapshot(&[(POLICIES, SectionRecord::of(State::Read), old)]);
    let new = snapshot(&[(POLICIES, SectionRecord::of(State::Read), new)]);
    let drift = compare(&old, &new, &NAKED);
    let told: Vec<String> =
        super::lines(&drift).into_iter().filter(|line| !line.starts_with("Reordered")).collect();
    assert_eq!(told, ["Changed a /displayName \"1\" -> \"4\""]);
    let double = drift.sections[0].notes.duplicates.clone().unwrap();
    assert_eq!((double.example.as_str(), double.old, double.new), ("a", 4, 4));
}

#[test]
fn items_without_a_key_are_matched_by_what_they_have() {
    let old = json!([{ "displayName": "A", "state": "enabled" }, { "displayName": "B", "state": "enabled" }]);
    let new =
        json!([{ "displayName": "B", "state": "disabled" }, { "displayName": "A", "state": "enabled" }]);
    let told = section(POLICIES, &old, &new);
    assert_eq!(told, ["Changed  /state \"enabled\" -> \"disabled\"", "Reordered  "]);
    let (old, new) = (json!([{ "id": "a", "state": "enabled" }]), json!([{ "state": "enabled" }]));
    assert_eq!(section(POLICIES, &old, &new), ["Changed  /id \"a\" -> absent"]);
}

#[test]
fn a_singleton_is_itself() {
    let (old, new) = (
        json!([{ "id": "x", "allowInvitesFrom": "none" }]),
        json!([{ "id": "y", "allowInvitesFrom": "everyone" }]),
    );
    assert_eq!(
        section("identity.authorization", &old, &new),
        ["Changed  /allowInvitesFrom \"none\" -> \"everyone\"", "Changed  /id \"x\" -> \"y\""]
    );
}

#[test]
fn items_that_are_no_objects_are_compared_all_the_same() {
    let told = section(POLICIES, &json!([1, "a", [1], null]), &json!([null, 1, "b", [2]]));
    assert!(
        told.contains(&"Changed  /0 1 -> 2".to_owned()) || told.iter().any(|line| line.contains("-1 +2")),
        "{told:?}"
    );
    assert_eq!(
        told.iter().filter(|line| line.starts_with("Added") || line.starts_with("Removed")).count(),
        2
    );
}

/// Thousands of items with one key, all different: no pair is looked for, and that is said, quickly.
#[test]
fn a_crowd_is_not_compared_each_with_each() {
    let crowd = |from: u32| -> Value {
        (from..from + 5_000)
            .map(|n| json!({ "id": "same", "description": n.to_string(), "state": "enabled" }))
            .collect()
    };
    let old = snapshot(&[(POLICIES, SectionRecord::of(State::Read), crowd(0))]);
    let new = snapshot(&[(POLICIES, SectionRecord::of(State::Read), crowd(2_500))]);
    let drift = compare(&old, &new, &NAKED);
    assert_eq!(drift.sections[0].notes.crowded, (2_500, 2_500));
    assert_eq!((drift.counts().added, drift.counts().removed, drift.counts().changed), (2_500, 2_500, 0));
}

/// Thousands that are others, by their ids, are no crowd: each is itself.
#[test]
fn many_that_come_and_go_are_clear() {
    let many = |from: u32| -> Value {
        (from..from + 5_000)
            .map(|n| json!({ "id": n.to_string(), "displayName": "x", "state": "enabled" }))
            .collect()
    };
    let old = snapshot(&[(POLICIES, SectionRecord::of(State::Read), many(0))]);
    let new = snapshot(&[(POLICIES, SectionRecord::of(State::Read), many(5_000))]);
    let drift = compare(&old, &new, &NAKED);
    assert_eq!(drift.sections[0].notes.crowded, (0, 0));
    assert_eq!((drift.counts().added, drift.counts().removed, drift.counts().changed), (5_000, 5_000, 0));
}

/// Between two tenants ids prove nothing: names do.
#[test]
fn two_tenants_are_matched_by_name() {
    let policy = |id: &str, name: &str, state: &str| json!({ "id": id, "displayName": name, "state": state });
    let old = json!([policy("1", "A", "enabled"), policy("2", "B", "enabled")]);
    let new = json!([policy("8", "B", "disabled"), policy("9", "A", "enabled")]);
    let foreign = super::Options { foreign: true, ignore: true, ..NAKED };
    let read = SectionRecord::of(State::Read);
    let told = super::with(POLICIES, read.clone(), &old, read, &new, &foreign);
    assert_eq!(told, ["Changed 8 /state \"enabled\" -> \"disabled\""]);
}
