//! Tests of the room beside: tables of inputs and what may be said of them.

use serde_json::{Value, json};

use super::*;
use crate::derive::test_fixture::Fixture;
use crate::snapshot::record::State;

const NO_DETAILS: &str = r#"{ "description": "", "references": {}, "checklist": {} }"#;

fn task(id: &str, title: &str) -> Value {
    let details: Value = serde_json::from_str(NO_DETAILS).unwrap();
    json!({ "id": id, "title": title, "planId": "p", "bucketId": "b", "percentComplete": 50,
            "createdDateTime": "2026-01-01T00:00:00Z", "assignments": { "u": { "orderHint": "x" } }, "details": details })
}
fn all() -> Fixture {
    INPUTS.iter().fold(Fixture::default(), |f, i| f.read(i.section, json!([])))
}

#[test]
fn a_task_cites_wherever_people_write() {
    let mut rich = task("t1", "[Teams] MC111111");
    rich["details"] = json!({
        "description": "like mc222222, not MC12", "checklist": { "1": { "title": "tell EX333333" } },
        "references": { "https%3A//admin%2Emicrosoft%2Ecom/#/MessageCenter/MC444444": { "alias": "MC555555" } },
    });
    let fixture = all().read(TASKS, json!([task("t2", "nothing"), rich]));
    let derived = fixture.derive(NAME);
    assert_eq!(derived.trust(), (State::Read, vec![]));
    let cites = json!(["EX333333", "MC111111", "MC222222", "MC444444", "MC555555"]);
    let expected = json!([{ "id": "t1", "kind": "task", "cites": cites, "at": "2026-01-01T00:00:00Z",
        "planId": "p", "bucketId": "b", "percentComplete": 50, "createdDateTime": "2026-01-01T00:00:00Z",
        "completedDateTime": null, "dueDateTime": null, "assigned": true }]);
    assert_eq!(Value::from(derived.items()), expected);
    assert_eq!(fixture.at(&derived, 0), [(TASKS, rich)]);
}

#[test]
fn an_assignment_that_was_taken_back_is_none() {
    for (assignments, expected) in [
        (json!({}), false),
        (json!(null), false),
        (json!({ "u": null }), false),
        (json!({ "@odata.type": "x" }), false),
    ] {
        let mut task = task("t", "MC111111");
        task["assignments"] = assignments;
        assert_eq!(all().read(TASKS, json!([task])).derive(NAME).column("assigned"), [expected]);
    }
}

#[test]
fn registers_cite_in_their_columns() {
    let derived = all()
        .read(
            "registers.triage",
            json!([{ "id": "1", "messageId": "mc111111", "assessedAt": "2026-01-02T00:00:00Z" }]),
        )
        .read(
            "registers.communications",
            json!([{ "id": "2", "text": "About EX222222" }, { "id": "3", "text": null }]),
        )
        .read(
            "registers.tickets",
            json!([{ "id": "4", "linkedIssueId": "EX222222", "openedAt": "2026-01-03T00:00:00Z" }]),
        )
        .read(
            "registers.meetings",
            json!([{ "id": "5", "agenda": ["MC111111", "MC333333"], "heldAt": null }]),
        )
        .derive(NAME);
    assert_eq!(derived.column("kind"), ["meeting", "notice", "ticket", "triage"]);
    assert_eq!(derived.column("cites")[0], json!(["MC111111", "MC333333"]));
    assert_eq!(derived.column("at")[3], "2026-01-02T00:00:00Z");
    assert_eq!(derived.column("assigned")[1], json!(null));
}

#[test]
fn a_missing_input_lacks_its_kind_only() {
    for state in ["denied", "failed", "not-asked", "unavailable", "unlicensed"] {
        let derived = all().state("registers.tickets", state).derive(NAME);
        assert_eq!(derived.trust(), (State::Partial, vec![]));
        let [lacking] = derived.lacking.as_slice() else { panic!("{:?}", derived.lacking) };
        assert_eq!(
            (lacking.field, lacking.value, lacking.cause.section),
            ("kind", "ticket", "registers.tickets")
        );
    }
    let partial = all().with(TASKS, json!({ "state": "partial" }), json!([])).derive(NAME);
    assert_eq!((partial.state, partial.lacking[0].value), (State::Partial, "task"));
}

#[test]
fn tasks_without_details_may_cite_more() {
    let mut bare = task("t", "MC111111");
    bare.as_object_mut().unwrap().remove("details");
    let unread = all().read(TASKS, json!([bare])).derive(NAME);
    assert_eq!((unread.state, unread.lacking[0].value), (State::Partial, "task"));
    // it says itself that there is nothing more to read
    bare["hasDescription"] = json!(false);
    bare["referenceCount"] = json!(0);
    assert_eq!(all().read(TASKS, json!([bare])).derive(NAME).state, State::Read);
    let record = json!({ "state": "read", "without": { "details": "not expanded" } });
    assert_eq!(all().with(TASKS, record, json!([])).derive(NAME).state, State::Partial);
}

#[test]
fn a_register_that_goes_back_only_so_far_says_so() {
    let record = json!({ "state": "read", "from": "2026-01-01T00:00:00Z" });
    let derived = all().with("registers.triage", record, json!([])).derive(NAME);
    assert_eq!(derived.state, State::Read);
    assert_eq!(derived.lacking[0].before.map(|t| t.to_string()).as_deref(), Some("2026-01-01 00:00:00 UTC"));
}

#[test]
fn no_record_of_any_kind_is_no_section() {
    assert_eq!(Fixture::default().derive(NAME).state, State::NotAsked);
    let denied = Fixture::default().state(TASKS, "denied").derive(NAME);
    assert_eq!((denied.state, denied.causes[0].section), (State::Denied, TASKS));
}
