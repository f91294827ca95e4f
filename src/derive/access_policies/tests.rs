//! Tests of the room beside: tables of inputs and what may be said of them.

use serde_json::{Value, json};

use super::*;
use crate::derive::test_fixture::Fixture;
use crate::snapshot::record::State;

fn policy(users: Value, grant: Value) -> Value {
    json!({ "id": "p1", "displayName": "MFA", "state": "enabled", "createdDateTime": null,
            "conditions": { "users": users, "clientAppTypes": ["all"], "signInRiskLevels": [], "platforms": null,
                            "applications": { "includeApplications": ["All"], "excludeApplications": [] } },
            "grantControls": grant })
}
fn mfa_of(grant: Value) -> Value {
    one(policy(json!({ "includeUsers": ["All"] }), grant)).column("mfa").remove(0)
}
fn one(policy: Value) -> Derived {
    all(json!([policy])).derive(NAME)
}
fn all(policies: Value) -> Fixture {
    [STRENGTHS, MEMBERS, ASSIGNMENTS]
        .iter()
        .fold(Fixture::default(), |f, id| f.read(id, json!([])))
        .read(POLICIES, policies)
}
fn plain(users: Value) -> Value {
    policy(users, json!({ "operator": "OR", "builtInControls": ["mfa"] }))
}

#[test]
fn mfa_for_everyone() {
    let source = plain(json!({ "includeUsers": ["All"], "excludeUsers": ["BG"], "excludeGroups": [] }));
    let fixture = all(json!([source]));
    let derived = fixture.derive(NAME);
    assert_eq!(derived.trust(), (State::Read, vec![]));
    let expected = json!([{
        "id": "p1", "displayName": "MFA", "state": "enabled", "createdDateTime": null, "modifiedDateTime": null,
        "everyUser": true, "everyMember": true, "everyApp": true, "includedUsers": ["All"], "includedGroups": [],
        "roles": [], "includedApps": ["All"], "userActions": [], "excludedApps": [], "mfa": "required",
        "authenticationStrength": null, "compliantDevice": "no", "blocks": false, "clientAppTypes": ["all"],
        "conditional": false, "conditionedBy": [], "excludedUsers": ["bg"], "excludesKnown": true,
        "excludedGroups": [], "excludedRoles": [], "excludedGuests": false
    }]);
    assert_eq!(Value::from(derived.items()), expected);
    assert_eq!(fixture.at(&derived, 0), [(POLICIES, source)]);
}

#[test]
fn mfa_is_required_only_where_nothing_else_would_do() {
    for (grant, expected) in [
        (json!({ "operator": "OR", "builtInControls": ["mfa"] }), "required"),
        (json!({ "operator": null, "builtInControls": ["mfa"] }), "required"),
        (json!({ "operator": "AND", "builtInControls": ["mfa", "compliantDevice"] }), "required"),
        (json!({ "operator": "OR", "builtInControls": ["mfa", "compliantDevice"] }), "alternative"),
        (json!({ "builtInControls": ["mfa", "compliantDevice"] }), "alternative"),
        (json!({ "operator": "OR", "builtInControls": ["mfa"], "termsOfUse": ["t"] }), "alternative"),
        (
            json!({ "operator": "OR", "builtInControls": ["mfa"], "customAuthenticationFactors": ["duo"] }),
            "alternative",
        ),
        (json!({ "operator": "OR", "builtInControls": ["compliantDevice"] }), "no"),
        (json!({ "operator": "OR", "builtInControls": ["block"] }), "no"),
        (json!({ "operator": "OR", "builtInControls": [] }), "no"),
        (json!(null), "no"),
        (json!({ "authenticationStrength": { "id": "s", "requirementsSatisfied": "mfa" } }), "required"),
        (json!({ "authenticationStrength": { "id": "s", "requirementsSatisfied": "none" } }), "no"),
        (json!({ "operator": "OR", "builtInControls": ["mfa"], "authenticationStrength": null }), "required"),
        (
            json!({ "operator": "OR", "builtInControls": ["mfa"],
                    "authenticationStrength": { "id": "s", "requirementsSatisfied": "none" } }),
            "alternative",
        ),
    ] {
        assert_eq!(mfa_of(grant.clone()), expected, "{grant}");
    }
}

#[test]
fn a_strength_that_says_nothing_is_looked_up() {
    let grant = json!({ "operator": "OR", "authenticationStrength": { "id": "S" } });
    let source = json!([policy(json!({ "includeUsers": ["All"] }), grant)]);
    let listed = json!([{ "id": "s", "requirementsSatisfied": "mfa" }]);
    assert_eq!(all(source.clone()).read(STRENGTHS, listed).derive(NAME).column("mfa"), ["required"]);
    for fixture in
        [all(source.clone()), all(source.clone()).state(STRENGTHS, "denied"), all(source).without(STRENGTHS)]
    {
        let derived = fixture.derive(NAME);
        assert_eq!(derived.column("mfa"), [json!(null)]);
        assert_eq!(derived.without["mfa"].section, STRENGTHS);
    }
    // where mfa is demanded beside it, it does not matter what the strength means
    let both =
        json!({ "operator": "AND", "builtInControls": ["mfa"], "authenticationStrength": { "id": "S" } });
    assert_eq!(mfa_of(both), "required");
}

#[test]
fn guests_excluded_as_a_kind_are_not_everyone() {
    for (users, member, everyone) in [
        (json!({ "includeUsers": ["All"] }), true, true),
        (json!({ "includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"] }), true, false),
        (
            json!({ "includeUsers": ["All"],
                    "excludeGuestsOrExternalUsers": { "guestOrExternalUserTypes": "serviceProvider" } }),
            true,
            false,
        ),
        (json!({ "includeUsers": ["All"], "excludeGuestsOrExternalUsers": null }), true, true),
        (json!({ "includeUsers": ["None"] }), false, false),
        (json!({ "includeUsers": [], "includeRoles": ["r"] }), false, false),
        (json!(null), false, false),
    ] {
        let derived = one(plain(users.clone()));
        assert_eq!(derived.column("everyMember"), [member], "{users}");
        assert_eq!(derived.column("everyUser"), [everyone], "{users}");
        assert_eq!(derived.column("excludedUsers"), [json!([])], "{users}");
    }
}

#[test]
fn every_app_has_no_exception() {
    for (apps, expected) in [
        (json!({ "includeApplications": ["All"] }), true),
        (json!({ "includeApplications": ["All"], "excludeApplications": ["x"] }), false),
        (
            json!({ "includeApplications": ["All"], "applicationFilter": { "mode": "exclude", "rule": "r" } }),
            false,
        ),
        (json!({ "includeApplications": ["Office365"] }), false),
        (json!({ "includeApplications": [], "includeUserActions": ["urn:user:registerdevice"] }), false),
    ] {
        let mut source = plain(json!({ "includeUsers": ["All"] }));
        source["conditions"]["applications"] = apps.clone();
        assert_eq!(one(source).column("everyApp"), [expected], "{apps}");
    }
}

#[test]
fn conditions_that_narrow_are_named() {
    for (name, value, narrows) in [
        ("locations", json!({ "includeLocations": ["All"], "excludeLocations": ["AllTrusted"] }), true),
        ("locations", json!({ "includeLocations": ["All"], "excludeLocations": [] }), false),
        ("locations", json!({ "includeLocations": ["x"] }), true),
        ("platforms", json!({ "includePlatforms": ["all"], "excludePlatforms": [] }), false),
        ("platforms", json!({ "includePlatforms": ["iOS"] }), true),
        ("clientAppTypes", json!(["browser"]), true),
        (
            "clientAppTypes",
            json!(["browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other"]),
            false,
        ),
        ("clientAppTypes", json!([]), false),
        ("userRiskLevels", json!(["high"]), true),
        ("insiderRiskLevels", json!("elevated"), true),
        ("authenticationFlows", json!({ "transferMethods": "deviceCodeFlow" }), true),
        ("devices", json!({ "deviceFilter": { "mode": "exclude", "rule": "x" } }), true),
        ("devices", json!({ "deviceFilter": null }), false),
        ("somethingNew", json!({ "is": ["on"] }), true),
        ("somethingNew", json!([]), false),
    ] {
        let mut source = plain(json!({ "includeUsers": ["All"] }));
        source["conditions"][name] = value.clone();
        let derived = one(source);
        assert_eq!(derived.column("conditional"), [narrows], "{name} {value}");
        assert_eq!(derived.column("conditionedBy"), [if narrows { json!([name]) } else { json!([]) }]);
    }
}

#[test]
fn excluded_groups_are_taken_apart() {
    let source =
        json!([plain(json!({ "includeUsers": ["All"], "excludeUsers": ["a"], "excludeGroups": ["G"] }))]);
    let members = json!([{ "groupId": "g", "id": "b" }, { "groupId": "h", "id": "c" },
                         { "groupId": "g", "id": "n", "@odata.type": "#microsoft.graph.group" }]);
    let fixture = all(source.clone()).read(MEMBERS, members.clone());
    let derived = fixture.derive(NAME);
    assert_eq!(derived.column("excludedUsers"), [json!(["a", "b"])]);
    assert_eq!(fixture.at(&derived, 0)[1], (MEMBERS, members[0].clone()));
    for fixture in [
        all(source.clone()).state(MEMBERS, "denied"),
        all(source.clone()).without(MEMBERS),
        all(source.clone()).with(MEMBERS, json!({ "state": "partial" }), members),
    ] {
        let derived = fixture.derive(NAME);
        assert_eq!(
            (derived.column("excludedUsers"), derived.column("excludesKnown")),
            (vec![json!(null)], vec![json!(false)])
        );
        assert_eq!(derived.trust(), (State::Read, vec!["excludedUsers", "excludesKnown"]));
    }
    // no policy excludes a group: then members do not matter
    let plain = json!([plain(json!({ "includeUsers": ["All"] }))]);
    assert_eq!(all(plain).without(MEMBERS).without(ASSIGNMENTS).derive(NAME).trust(), (State::Read, vec![]));
}

#[test]
fn excluded_roles_are_their_holders() {
    let source = json!([plain(json!({ "includeUsers": ["All"], "excludeRoles": ["r"] }))]);
    let holder = |id: &str, kind: &str, scope: &str| {
        json!({ "principalId": id, "roleDefinitionId": "r", "directoryScopeId": scope,
                "principal": { "@odata.type": format!("#microsoft.graph.{kind}") } })
    };
    let held = json!([
        holder("a", "user", "/"),
        holder("g", "group", "/"),
        holder("b", "user", "/administrativeUnits/1")
    ]);
    let members = json!([{ "groupId": "g", "id": "c" }]);
    let fixture = all(source.clone()).read(ASSIGNMENTS, held.clone()).read(MEMBERS, members);
    assert_eq!(fixture.derive(NAME).column("excludedUsers"), [json!(["a", "c"])]);
    for (section, fixture) in [
        (ASSIGNMENTS, all(source.clone()).state(ASSIGNMENTS, "denied")),
        (MEMBERS, all(source.clone()).read(ASSIGNMENTS, held).state(MEMBERS, "denied")),
    ] {
        let derived = fixture.derive(NAME);
        assert_eq!(derived.without["excludedUsers"].section, section);
        assert_eq!(derived.column("excludedUsers"), [json!(null)]);
    }
}

#[test]
fn policies_are_required_and_empty_is_not_missing() {
    assert_eq!(all(json!([])).derive(NAME).trust(), (State::Read, vec![]));
    let denied = all(json!([])).state(POLICIES, "denied").derive(NAME);
    assert_eq!(
        (denied.state, denied.causes[0].reason.as_str()),
        (State::Denied, "conditionalAccess.policies was denied")
    );
    assert_eq!(all(json!([])).without(POLICIES).derive(NAME).state, State::NotAsked);
    let record = json!({ "state": "read", "fields": ["id", "state", "conditions", "displayName", "createdDateTime", "modifiedDateTime"] });
    let few = all(json!([])).with(POLICIES, record, json!([])).derive(NAME);
    assert_eq!(few.trust().1, ["authenticationStrength", "blocks", "compliantDevice", "mfa"]);
}
