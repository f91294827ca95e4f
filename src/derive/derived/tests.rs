//! Tests of the room beside: tables of inputs and what may be said of them.

use serde_json::json;

use super::*;
use crate::derive::test_fixture::Fixture;
use crate::derive::{IDS, compute, inputs};

fn field(name: &str) -> Query {
    let segments = vec![Segment::Child(vec![Selector::Name(name.into())])];
    Query::new(Root::Current, segments, format!("@.{name}"))
}
fn kind(comparison: Comparison, value: &str) -> Condition {
    let literal = Operand::Literal(Literal::String(value.into()));
    Condition::Compare(Operand::Singular(field("kind")), comparison, literal)
}
fn citations(filter: Option<Condition>) -> Query {
    let selector = filter.map_or(Selector::Wildcard, Selector::Filter);
    let segments = vec![Segment::Child(vec![selector]), Segment::Child(vec![Selector::Name("cites".into())])];
    Query::new(Root::Sections(vec!["derived.citations".into()]), segments, String::new())
}

#[test]
fn a_query_suffers_only_from_what_it_looks_for() {
    use Comparison::{Equal, NotEqual};
    let read = ["planner.tasks", "registers.triage", "registers.communications", "registers.meetings"];
    let fixture = read.iter().fold(Fixture::default(), |f, id| f.read(id, json!([])));
    let derived = fixture.state("registers.tickets", "denied").derive("derived.citations");
    let set = |word: &str| {
        let literal = Argument::Literal(Literal::String(word.into()));
        Condition::Set(SetTest::In, Argument::Query(field("kind")), literal)
    };
    let exists = || Condition::Exists(field("planId"));
    for (filter, expected) in [
        (None, State::Partial),
        (Some(exists()), State::Partial),
        (Some(kind(Equal, "task")), State::Read),
        (Some(kind(Equal, "ticket")), State::Partial),
        (Some(kind(NotEqual, "ticket")), State::Read),
        (Some(kind(NotEqual, "task")), State::Partial),
        (Some(set("Task")), State::Read),
        (Some(set("Ticket")), State::Partial),
        (Some(Condition::And(vec![exists(), kind(Equal, "task")])), State::Read),
        (Some(Condition::Or(vec![exists(), kind(Equal, "task")])), State::Partial),
        (Some(Condition::Or(vec![kind(Equal, "task"), kind(Equal, "notice")])), State::Read),
        (Some(Condition::Or(vec![])), State::Partial),
        (Some(Condition::Not(Box::new(kind(Equal, "ticket")))), State::Partial),
    ] {
        let query = citations(filter);
        let seen = derived.seen_by(&query, &BTreeSet::new());
        assert_eq!(seen.state, expected, "{:?}", query.segments);
        assert_eq!(seen.causes.is_empty(), expected == State::Read);
    }
}

#[test]
fn how_far_back_depends_on_what_is_asked() {
    let from = |at: &str| json!({ "state": "read", "from": at });
    let fixture = Fixture::default()
        .with("messageCenter.messages", from("2025-01-01T00:00:00Z"), json!([]))
        .with("registers.triage", from("2026-01-01T00:00:00Z"), json!([]));
    let messages = fixture.derive("derived.messages");
    let year = |fields: &[&str]| {
        let fields = fields.iter().map(|f| (*f).to_owned()).collect();
        let query = citations(None);
        let seen = messages.seen_by(&query, &fields);
        seen.from.max(seen.reach).map(|t| t.format("%Y").to_string())
    };
    assert_eq!(year(&["title"]).as_deref(), Some("2025"));
    assert_eq!(year(&["title", "triagedAt"]).as_deref(), Some("2026"));
    let derived = fixture.derive("derived.citations");
    let query = |word: &str| citations(Some(kind(Comparison::Equal, word)));
    assert!(derived.seen_by(&query("triage"), &BTreeSet::new()).from.is_some());
    assert_eq!(derived.seen_by(&query("task"), &BTreeSet::new()).from, None);
}

#[test]
fn said_to_be_read_without_data_is_not_empty() {
    let mut fixture = Fixture::default().state("serviceHealth.issues", "read");
    assert_eq!(fixture.derive("derived.issues").state, State::Failed);
    fixture = fixture.read("serviceHealth.issues", json!([]));
    assert_eq!(fixture.derive("derived.issues").state, State::Read);
}

#[test]
fn every_derived_section_has_inputs_and_survives_none() {
    for id in IDS {
        assert!(!inputs(id).is_empty(), "{id}");
        let derived = Fixture::default().derive(id);
        assert_eq!((derived.state, derived.causes.is_empty()), (State::NotAsked, false), "{id}");
    }
    assert!(inputs("derived.nothing").is_empty());
    assert!(matches!(compute("derived.nothing", &Fixture::default()), Err(DeriveError::Unknown(_))));
}

#[test]
fn strange_items_make_no_panic() {
    let strange = json!([null, 1, "x", [], {}, { "id": 1 }, { "id": null, "conditions": [], "grantControls": "x",
        "details": 3, "assignments": [], "posts": {}, "viewPoint": 1, "principal": [], "principalId": "p",
        "roleDefinitionId": "r", "messageId": ["MC111111"], "title": { "a": [] } }]);
    let all = IDS.iter().flat_map(|id| inputs(id)).map(|input| input.section);
    let fixture = all.fold(Fixture::default(), |f, section| f.read(section, strange.clone()));
    for id in IDS {
        let derived = compute(id, &fixture).unwrap();
        assert_eq!(derived.document.root().len(), derived.origins.len());
    }
}

/// A tenant in which every input matters.
fn rich() -> Fixture {
    let principal =
        |kind: &str| json!({ "@odata.type": format!("#microsoft.graph.{kind}"), "displayName": "x" });
    let grant = |id: &str, kind: &str| json!({ "id": id, "principalId": id, "roleDefinitionId": "r", "directoryScopeId": "/", "principal": principal(kind) });
    let schedule = |id: &str, kind: &str| {
        json!({ "id": id, "principalId": id, "roleDefinitionId": "r", "directoryScopeId": "/", "principal": principal(if id == "h" { "group" } else { "user" }), "assignmentType": kind,
                "endDateTime": if id == "m" { json!(null) } else { json!("2026-02-01T00:00:00Z") }, "memberType": if id == "m" { "Group" } else { "Direct" } })
    };
    let user =
        |id: &str| json!({ "id": id, "displayName": "x", "userPrincipalName": id, "accountEnabled": true });
    let policy = |id: &str, users: serde_json::Value, strength: serde_json::Value| json!({ "id": id, "conditions": { "users": users }, "grantControls": { "authenticationStrength": strength } });
    Fixture::default()
        .read("roles.definitions", json!([{ "id": "r", "templateId": "t", "displayName": "R" }]))
        .read(
            "roles.assignments",
            json!([grant("a", "user"), grant("g", "group"), grant("u", "user"),
              { "principalId": "x", "roleDefinitionId": "r" }]),
        )
        .read("roles.activeAssignments", json!([schedule("u", "Activated"), schedule("m", "Assigned")]))
        .read("roles.eligibilities", json!([schedule("u", ""), schedule("h", "")]))
        .read("roles.groupEligibilities", json!([{ "groupId": "g", "principalId": "e" }]))
        .read("groups.members", json!([{ "groupId": "g", "id": "m" }, { "groupId": "h", "id": "n" }]))
        .read("users.accounts", json!([user("a"), user("u"), user("m"), user("n"), user("e"), user("x")]))
        .read(
            "conditionalAccess.policies",
            json!([
                policy("1", json!({ "includeUsers": ["All"], "excludeGroups": ["g"] }), json!({ "id": "s" })),
                policy("2", json!({ "includeUsers": ["All"], "excludeRoles": ["r"] }), json!(null))
            ]),
        )
        .read(
            "conditionalAccess.authenticationStrengths",
            json!([{ "id": "s", "requirementsSatisfied": "mfa" }]),
        )
        .read(
            "messageCenter.messages",
            json!([{ "id": "MC111111", "title": "T", "viewPoint": { "isRead": true } }]),
        )
        .read("serviceHealth.issues", json!([{ "id": "EX111111", "endDateTime": "2026-01-01T00:00:00Z" }]))
        .read(
            "planner.tasks",
            json!([{ "id": "1", "title": "MC111111", "percentComplete": 0, "details": {} }]),
        )
        .read(
            "registers.triage",
            json!([{ "id": "1", "messageId": "MC111111", "issueId": "EX111111",
              "assessedAt": "2026-01-01", "decision": "act" }]),
        )
        .read(
            "registers.communications",
            json!([{ "id": "1", "messageId": "MC111111", "issueId": "EX111111",
              "sentAt": "2026-01-01T00:00:00Z", "channel": "mail", "audience": "helpDesk" }]),
        )
        .read(
            "registers.tickets",
            json!([{ "id": "1", "linkedIssueId": "EX111111", "openedAt": "2026-01-01T00:00:00Z" }]),
        )
        .read("registers.meetings", json!([{ "id": "1", "agenda": ["MC111111"] }]))
}

/// The items with nothing but the fields that can be relied on.
fn reliable(derived: &Derived, also_unreliable: &Derived) -> BTreeSet<String> {
    let keep = |name: &String| !also_unreliable.without.contains_key(name);
    let cut = |item: serde_json::Value| -> serde_json::Map<_, _> {
        item.as_object().unwrap().clone().into_iter().filter(|(name, _)| keep(name)).collect()
    };
    derived.items().into_iter().map(|item| serde_json::to_string(&cut(item)).unwrap()).collect()
}

/// One section in another state: `partial` with all its data, `lost` with none.
fn mutated(fixture: Fixture, section: &str, state: &str) -> Fixture {
    match state {
        "read" => fixture,
        "partial" => fixture.restate(section, "partial"),
        "lost" => fixture.with(section, json!({ "state": "partial" }), json!([])),
        other => fixture.state(section, other),
    }
}

/// Nothing is certain after that was not before, and what is certain is the same.
fn less_certain(before: &Derived, after: &Derived, at: &str) {
    assert!(before.state.min(State::Denied) <= after.state.min(State::Denied), "{at}");
    if after.state > State::Partial {
        return;
    }
    assert_eq!(before.without.keys().find(|name| !after.without.contains_key(*name)), None, "{at}");
    let (old, new) = (reliable(before, after), reliable(after, after));
    assert!(new.is_subset(&old), "{at}");
    if after.state == State::Read {
        assert_eq!(old, new, "{at}");
    }
}

#[test]
fn less_evidence_is_never_more_certain() {
    const STATES: [&str; 4] = ["lost", "partial", "denied", "unlicensed"];
    for id in IDS {
        for (first, was) in
            inputs(id).iter().flat_map(|i| STATES.iter().chain(&["read"]).map(move |s| (i, *s)))
        {
            let before = mutated(rich(), first.section, was).derive(id);
            for (second, is) in inputs(id).iter().flat_map(|i| STATES.iter().map(move |s| (i, *s))) {
                // of a required section no item may get lost: fewer items, fewer doubts
                let lost =
                    [(first, was), (second, is)].iter().any(|(i, state)| i.required && *state == "lost");
                // both unlicensed says more than one: there is no PIM
                let unlicensed = was == "unlicensed" && is == "unlicensed";
                if !lost && !unlicensed && (first != second || was == "read") {
                    let after = mutated(mutated(rich(), first.section, was), second.section, is).derive(id);
                    less_certain(&before, &after, &format!("{id}: {first:?} {was}, {second:?} {is}"));
                }
            }
        }
    }
}
