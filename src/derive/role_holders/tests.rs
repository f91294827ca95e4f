//! Tests of the room beside: tables of inputs and what may be said of them.

use serde_json::{Value, json};

use super::*;
use crate::derive::test_fixture::Fixture;
use crate::snapshot::record::State;

const GA: &str = "62e90394-69f5-4237-9190-012177145e10";

fn user(id: &str) -> Value {
    json!({ "@odata.type": "#microsoft.graph.user", "id": id, "displayName": id.to_uppercase(),
            "userPrincipalName": format!("{id}@contoso.com"), "accountEnabled": true })
}
fn grant(id: &str, principal: Value) -> Value {
    json!({ "id": id, "principalId": principal["id"], "roleDefinitionId": GA, "directoryScopeId": "/",
            "principal": principal })
}
fn schedule(id: &str, principal: &str, kind: &str, end: Value) -> Value {
    json!({ "id": id, "principalId": principal, "roleDefinitionId": GA, "directoryScopeId": "/",
            "assignmentType": kind, "memberType": "Direct", "startDateTime": "2026-01-01T00:00:00Z",
            "endDateTime": end, "principal": user(principal) })
}
fn group() -> Value {
    json!({ "@odata.type": "#microsoft.graph.group", "id": "g", "displayName": "Admins" })
}
/// All inputs read and empty, except one direct assignment of user a.
fn base() -> Fixture {
    let empty = [ACTIVE, ELIGIBLE, GROUP_ELIGIBLE, MEMBERS];
    empty
        .iter()
        .fold(Fixture::default(), |f, id| f.read(id, json!([])))
        .read(DEFINITIONS, json!([{ "id": GA, "templateId": GA, "displayName": "Global Administrator" }]))
        .read(USERS, json!([user("a"), user("b"), user("c")]))
        .read(ASSIGNMENTS, json!([grant("1", user("a"))]))
}
fn with_group() -> Fixture {
    base().read(ASSIGNMENTS, json!([grant("1", group())])).read(
        MEMBERS,
        json!([{ "groupId": "g", "id": "a" }, { "groupId": "G", "id": "b" }, { "groupId": "other", "id": "c" },
               { "groupId": "g", "id": "n", "@odata.type": "#microsoft.graph.group" }]),
    )
}

#[test]
fn a_plain_assignment_stands() {
    let (fixture, derived) = (base(), base().derive(NAME));
    assert_eq!(derived.trust(), (State::Read, vec![]));
    let expected = json!([{
        "principalId": "a", "principalType": "user", "displayName": "A", "userPrincipalName": "a@contoso.com",
        "accountEnabled": true, "roleDefinitionId": GA, "roleTemplateId": GA, "roleName": "Global Administrator",
        "kind": "assigned", "memberType": "direct", "throughGroup": null, "membersKnown": null, "scope": "/",
        "startDateTime": null, "endDateTime": null, "permanent": true
    }]);
    assert_eq!(Value::from(derived.items()), expected);
    assert_eq!(fixture.at(&derived, 0), [(ASSIGNMENTS, grant("1", user("a")))]);
}

#[test]
fn activated_roles_are_told_from_assigned_ones() {
    let fixture = base()
        .read(ASSIGNMENTS, json!([grant("1", user("a")), grant("2", user("b"))]))
        .read(ACTIVE, json!([schedule("s", "b", "Activated", json!("2026-01-01T08:00:00Z"))]))
        .read(ELIGIBLE, json!([schedule("e", "b", "", json!(null))]));
    let derived = fixture.derive(NAME);
    assert_eq!(derived.trust(), (State::Read, vec![]));
    assert_eq!(derived.column("principalId"), ["a", "b", "b"]);
    assert_eq!(derived.column("kind"), ["assigned", "activated", "eligible"]);
    assert_eq!(derived.column("permanent"), [json!(true), json!(false), json!(true)]);
    let places: Vec<_> =
        fixture.at(&derived, 1).iter().map(|(section, v)| (*section, v["id"].clone())).collect();
    assert_eq!(places, [(ACTIVE, json!("s")), (ASSIGNMENTS, json!("2"))]);
}

#[test]
fn an_assignment_with_an_end_is_not_permanent() {
    let end = json!("2026-06-01T00:00:00Z");
    let derived = base().read(ACTIVE, json!([schedule("s", "a", "Assigned", end.clone())])).derive(NAME);
    assert_eq!((derived.column("kind"), derived.column("endDateTime")), (vec![json!("assigned")], vec![end]));
    assert_eq!(derived.column("permanent"), [false]);
}

#[test]
fn unseen_schedules_leave_the_kind_open() {
    for state in ["denied", "failed", "unavailable", "not-asked", "unlicensed"] {
        let derived = base().state(ACTIVE, state).derive(NAME);
        assert_eq!(derived.trust(), (State::Read, SCHEDULED_SORTED.to_vec()), "{state}");
        assert_eq!(
            (derived.column("kind"), derived.column("permanent")),
            (vec![json!(null)], vec![json!(null)])
        );
        assert_eq!(derived.without["kind"].section, ACTIVE);
    }
    let partial = base().with(ACTIVE, json!({ "state": "partial" }), json!([])).derive(NAME);
    assert_eq!(partial.trust(), (State::Read, SCHEDULED_SORTED.to_vec()));
    assert_eq!(base().without(ACTIVE).derive(NAME).trust().1, SCHEDULED_SORTED);
}
const SCHEDULED_SORTED: [&str; 4] = ["endDateTime", "kind", "permanent", "startDateTime"];

#[test]
fn unseen_eligibilities_are_lacking() {
    for state in ["denied", "failed", "unavailable", "not-asked", "unlicensed"] {
        let derived = base().state(ELIGIBLE, state).derive(NAME);
        assert_eq!(derived.trust(), (State::Partial, vec![]), "{state}");
        assert_eq!((derived.lacking[0].value, derived.lacking[0].cause.section), ("eligible", ELIGIBLE));
    }
}

#[test]
fn without_the_licence_every_assignment_stands() {
    let derived =
        base().state(ACTIVE, "unlicensed").state(ELIGIBLE, "unlicensed").without(GROUP_ELIGIBLE).derive(NAME);
    assert_eq!(derived.trust(), (State::Read, vec![]));
    assert_eq!(
        (derived.column("kind"), derived.column("permanent")),
        (vec![json!("assigned")], vec![json!(true)])
    );
}

#[test]
fn members_stand_beside_their_group() {
    let (fixture, derived) = (with_group(), with_group().derive(NAME));
    assert_eq!(derived.trust(), (State::Read, vec![]));
    assert_eq!(derived.column("principalId"), ["a", "b", "g"]);
    assert_eq!(derived.column("principalType"), ["user", "user", "group"]);
    assert_eq!(derived.column("memberType"), ["group", "group", "direct"]);
    assert_eq!(derived.column("throughGroup"), [json!("g"), json!("g"), json!(null)]);
    assert_eq!(derived.column("membersKnown"), [json!(null), json!(null), json!(true)]);
    assert_eq!(derived.column("userPrincipalName")[1], "b@contoso.com");
    let sections: Vec<_> = fixture.at(&derived, 1).into_iter().map(|(s, v)| (s, v["id"].clone())).collect();
    assert_eq!(sections, [(ASSIGNMENTS, json!("1")), (MEMBERS, json!("b"))]);
}

#[test]
fn a_group_whose_members_are_unknown_says_so() {
    let derived = with_group().state(MEMBERS, "denied").derive(NAME);
    assert_eq!(derived.trust(), (State::Partial, vec!["membersKnown", "throughGroup"]));
    assert_eq!(derived.causes[0].section, MEMBERS);
    assert_eq!(derived.column("principalType"), ["group"]);
    assert_eq!(derived.column("membersKnown"), [false]);
    // some members are seen: they are witnesses, and the group still says that there may be more
    let row = json!([{ "groupId": "g", "id": "a" }]);
    let partial = with_group().with(MEMBERS, json!({ "state": "partial" }), row).derive(NAME);
    assert_eq!(partial.column("principalId"), ["a", "g"]);
    assert_eq!(partial.state, State::Partial);
    // none is there
    let empty = with_group().read(MEMBERS, json!([])).derive(NAME);
    assert_eq!(empty.trust(), (State::Read, vec![]));
    assert_eq!(empty.column("principalId"), ["g"]);
    assert_eq!(empty.column("membersKnown"), [true]);
}

#[test]
fn members_of_a_group_may_be_eligible() {
    let row =
        json!({ "id": "x", "groupId": "g", "principalId": "c", "accessId": "member", "endDateTime": null });
    let owner = json!({ "id": "y", "groupId": "g", "principalId": "b", "accessId": "owner" });
    let fixture = with_group().read(MEMBERS, json!([{ "groupId": "g", "id": "a" }]));
    let derived = fixture.read(GROUP_ELIGIBLE, json!([row, owner])).derive(NAME);
    assert_eq!(derived.column("principalId"), ["a", "c", "g"]);
    assert_eq!(derived.column("kind"), ["assigned", "eligible", "assigned"]);
    let unseen = with_group().state(GROUP_ELIGIBLE, "denied").derive(NAME);
    assert_eq!((unseen.state, unseen.lacking[0].cause.section), (State::Partial, GROUP_ELIGIBLE));
    // nobody holds a role through a group: then it does not matter
    assert_eq!(base().state(GROUP_ELIGIBLE, "denied").derive(NAME).trust(), (State::Read, vec![]));
}

#[test]
fn a_member_listed_by_pim_is_not_counted_twice() {
    let mut listed = schedule("s", "a", "Assigned", json!(null));
    listed["startDateTime"] = json!(null);
    listed["memberType"] = json!("Group");
    let fixture = with_group().read(ACTIVE, json!([listed]));
    assert_eq!(fixture.derive(NAME).column("principalId"), ["a", "b", "g"]);
    let alone = fixture.state(MEMBERS, "denied").derive(NAME);
    assert_eq!(alone.column("principalId"), ["a", "g"]);
    assert!(alone.without.contains_key("throughGroup"));
}

#[test]
fn a_principal_that_nobody_describes_is_not_taken_for_a_user() {
    let bare = json!([{ "id": "1", "principalId": "x", "roleDefinitionId": GA, "directoryScopeId": "/" }]);
    let derived = base().read(ASSIGNMENTS, bare.clone()).derive(NAME);
    assert_eq!(derived.column("principalType"), [json!(null)]);
    assert!(derived.without.contains_key("principalType"));
    // an account makes it a user; members make it a group
    let known = base().read(ASSIGNMENTS, bare.clone()).read(USERS, json!([user("x")])).derive(NAME);
    assert_eq!((known.column("principalType"), known.trust()), (vec![json!("user")], (State::Read, vec![])));
    let members = json!([{ "groupId": "x", "id": "b" }]);
    let group = base().read(ASSIGNMENTS, bare.clone()).read(MEMBERS, members).derive(NAME);
    assert_eq!(group.column("principalId"), ["b", "x"]);
    // and if it is a group whose members cannot be seen, they are missing
    assert_eq!(base().read(ASSIGNMENTS, bare).state(MEMBERS, "denied").derive(NAME).state, State::Partial);
}

#[test]
fn accounts_tell_of_members_what_nothing_else_does() {
    let blind = with_group().state(USERS, "denied").derive(NAME);
    let untold = ["accountEnabled", "displayName", "principalType", "userPrincipalName"];
    assert_eq!(blind.trust(), (State::Read, untold.to_vec()));
    // an expanded principal tells it all by itself
    assert_eq!(base().state(USERS, "denied").derive(NAME).trust(), (State::Read, vec![]));
}

#[test]
fn definitions_name_the_role_and_its_template() {
    let custom = json!([{ "id": GA, "templateId": "t", "displayName": null }]);
    let derived = base().read(DEFINITIONS, custom).derive(NAME);
    assert_eq!(
        (derived.column("roleTemplateId"), derived.column("roleName")),
        (vec![json!("t")], vec![json!(null)])
    );
    let unseen = base().without(DEFINITIONS).derive(NAME);
    assert_eq!(unseen.trust(), (State::Read, vec!["roleName", "roleTemplateId"]));
}

#[test]
fn assignments_are_required() {
    for (state, expected) in
        [("denied", State::Denied), ("failed", State::Failed), ("not-asked", State::NotAsked)]
    {
        let derived = base().state(ASSIGNMENTS, state).derive(NAME);
        assert_eq!((derived.state, derived.items().len()), (expected, 0));
        assert_eq!(derived.causes[0].section, ASSIGNMENTS);
    }
    assert_eq!(base().without(ASSIGNMENTS).derive(NAME).state, State::NotAsked);
    assert_eq!(base().read(ASSIGNMENTS, json!([])).derive(NAME).trust(), (State::Read, vec![]));
    let some = base().with(ASSIGNMENTS, json!({ "state": "partial", "reason": "8 of 100 roles" }), json!([]));
    let some = some.derive(NAME);
    assert_eq!(some.state, State::Partial);
    assert_eq!(some.causes[0].reason, "roles.assignments was read only in part: 8 of 100 roles");
}

#[test]
fn the_same_grant_on_two_pages_is_one_item() {
    let twice = json!([grant("1", user("a")), grant("1", user("a"))]);
    let derived = base().read(ASSIGNMENTS, twice).derive(NAME);
    assert_eq!((derived.items().len(), derived.origins[0].len()), (1, 2));
}
