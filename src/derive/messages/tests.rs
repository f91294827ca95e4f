//! Tests of the room beside: tables of inputs and what may be said of them.

use serde_json::{Value, json};

use super::*;
use crate::derive::test_fixture::Fixture;
use crate::snapshot::record::State;

fn post(id: &str, title: &str) -> Value {
    json!({ "id": id, "title": title, "services": ["Microsoft Teams"], "tags": [], "viewPoint": { "isRead": true },
            "startDateTime": "2026-01-01T00:00:00Z", "isMajorChange": null })
}
fn task(id: &str, title: &str, percent: u8, created: &str) -> Value {
    json!({ "id": id, "title": title, "percentComplete": percent, "createdDateTime": created, "planId": "p",
            "bucketId": id, "completedDateTime": if percent == 100 { json!("2026-02-01T00:00:00Z") } else { json!(null) },
            "assignments": {}, "details": { "description": "" } })
}
fn all() -> Fixture {
    let empty =
        [TRIAGE, COMMUNICATIONS, TASKS].iter().fold(Fixture::default(), |f, id| f.read(id, json!([])));
    empty.read(MESSAGES, json!([post("MC111111", "(Updated) Loop arrives")]))
}
const TASK_FIELDS: [&str; 8] = [
    "hasTask",
    "taskAssigned",
    "taskBucketIds",
    "taskCompletedAt",
    "taskCreatedAt",
    "taskId",
    "taskPlanIds",
    "taskState",
];

#[test]
fn a_post_that_nobody_touched() {
    let derived = all().derive(NAME);
    assert_eq!(derived.trust(), (State::Read, vec![]));
    let expected = json!([{
        "id": "MC111111", "title": "(Updated) Loop arrives", "services": ["Microsoft Teams"], "category": null,
        "severity": null, "isMajorChange": null, "tags": [], "startDateTime": "2026-01-01T00:00:00Z",
        "endDateTime": null, "lastModifiedDateTime": null, "actionRequiredByDateTime": null, "isRead": true,
        "triagedAt": null, "decidedAt": null, "decision": null, "impact": null, "announcedAt": null, "channels": [],
        "hasTask": false, "taskId": null, "taskPlanIds": [], "taskBucketIds": [], "taskState": null,
        "taskAssigned": null, "taskCreatedAt": null, "taskCompletedAt": null
    }]);
    assert_eq!(Value::from(derived.items()), expected);
}

#[test]
fn registers_tell_what_became_of_it() {
    let fixture = all()
        .read(TRIAGE, json!([
            { "id": "2", "messageId": "MC111111", "assessedAt": "2026-01-05T00:00:00Z", "decision": "act", "impact": "high" },
            { "id": "1", "messageId": "mc111111", "assessedAt": "2026-01-02", "impact": "low" },
            { "id": "3", "messageId": "MC222222", "assessedAt": "2026-01-01T00:00:00Z", "notes": "like MC111111" }]))
        .read(COMMUNICATIONS, json!([
            { "id": "1", "messageId": "MC111111", "sentAt": "2026-01-08T00:00:00Z", "channel": "mail", "kind": "notice" },
            { "id": "2", "messageId": "MC111111", "sentAt": "2026-01-07T00:00:00Z", "channel": "teams", "kind": "reminder" }]));
    let derived = fixture.derive(NAME);
    assert_eq!(derived.trust(), (State::Read, vec![]));
    for (field, expected) in [
        ("triagedAt", json!("2026-01-02T00:00:00Z")),
        ("decidedAt", json!("2026-01-05T00:00:00Z")),
        ("decision", json!("act")),
        ("impact", json!("high")),
        ("announcedAt", json!("2026-01-08T00:00:00Z")),
        ("channels", json!(["mail", "teams"])),
    ] {
        assert_eq!(derived.column(field), [expected], "{field}");
    }
    let places: Vec<_> = fixture.at(&derived, 0).into_iter().map(|(s, v)| (s, v["id"].clone())).collect();
    assert_eq!(
        places[1..],
        [
            (TRIAGE, json!("2")),
            (TRIAGE, json!("1")),
            (COMMUNICATIONS, json!("1")),
            (COMMUNICATIONS, json!("2"))
        ]
    );
}

#[test]
fn a_row_without_a_date_may_be_the_first() {
    let rows = json!([{ "id": "7", "messageId": "MC111111", "assessedAt": "soon", "decision": "act" }]);
    let derived = all().read(TRIAGE, rows).derive(NAME);
    assert_eq!(derived.trust().1, ["decidedAt", "decision", "impact", "triagedAt"]);
    assert_eq!(
        derived.without["triagedAt"].reason,
        "registers.triage has no readable `assessedAt` in row `7`"
    );
}

#[test]
fn a_task_is_found_by_id_or_by_title() {
    for (title, has) in [
        ("MC111111: prepare", true),
        ("[Microsoft Teams] Loop arrives", true),
        ("loop  ARRIVES", true),
        ("[Microsoft Teams] MC999999 Loop arrives", false),
        ("[Microsoft Teams] Loop arrives, perhaps", false),
        ("MC1111110", false),
    ] {
        let tasks = json!([task("t", title, 0, "2026-01-03T00:00:00Z")]);
        assert_eq!(all().read(TASKS, tasks).derive(NAME).column("hasTask"), [has], "{title}");
    }
}

#[test]
fn a_title_that_two_posts_share_proves_nothing() {
    let mut other = post("MC222222", "Loop arrives");
    let tasks = json!([task("t", "[Microsoft Teams] Loop arrives", 0, "2026-01-03T00:00:00Z")]);
    let posts = json!([post("MC111111", "Loop arrives"), other.clone()]);
    assert_eq!(
        all().read(MESSAGES, posts).read(TASKS, tasks.clone()).derive(NAME).column("hasTask"),
        [false, false]
    );
    // unless the service tells them apart
    other["services"] = json!(["Exchange Online"]);
    let posts = json!([post("MC111111", "Loop arrives"), other]);
    assert_eq!(all().read(MESSAGES, posts).read(TASKS, tasks).derive(NAME).column("hasTask"), [true, false]);
}

#[test]
fn several_tasks_are_done_when_all_are() {
    let both = |second: u8| {
        json!([
            task("t2", "MC111111", 100, "2026-01-04T00:00:00Z"),
            task("t1", "MC111111", second, "2026-01-03T00:00:00.5Z")
        ])
    };
    let open = all().read(TASKS, both(0)).derive(NAME);
    assert_eq!(
        (open.column("taskState"), open.column("taskCompletedAt")),
        (vec![json!("inProgress")], vec![json!(null)])
    );
    assert_eq!(
        (open.column("taskId"), open.column("taskCreatedAt")),
        (vec![json!("t1")], vec![json!("2026-01-03T00:00:00.500Z")])
    );
    assert_eq!(open.column("taskBucketIds"), [json!(["t1", "t2"])]);
    let done = all().read(TASKS, both(100)).derive(NAME);
    assert_eq!(
        (done.column("taskState"), done.column("taskCompletedAt")),
        (vec![json!("completed")], vec![json!("2026-02-01T00:00:00Z")])
    );
}

#[test]
fn a_missing_input_leaves_its_fields_open() {
    for (section, fields) in [
        (TASKS, TASK_FIELDS.to_vec()),
        (TRIAGE, vec!["decidedAt", "decision", "impact", "triagedAt"]),
        (COMMUNICATIONS, vec!["announcedAt", "channels"]),
    ] {
        for fixture in [
            all().state(section, "denied"),
            all().state(section, "unlicensed"),
            all().without(section),
            all().with(section, json!({ "state": "partial" }), json!([])),
        ] {
            assert_eq!(fixture.derive(NAME).trust(), (State::Read, fields.clone()), "{section}");
        }
        let derived = all().without(section).derive(NAME);
        fields.iter().for_each(|f| assert_eq!(derived.column(f), [json!(null)], "{f}"));
        assert_eq!(all().read(section, json!([])).derive(NAME).trust().1, Vec::<&str>::new());
    }
}

#[test]
fn tasks_without_details_prove_no_absence() {
    let mut bare = task("t", "x", 0, "2026-01-03T00:00:00Z");
    bare.as_object_mut().unwrap().remove("details");
    assert_eq!(all().read(TASKS, json!([bare])).derive(NAME).trust(), (State::Read, TASK_FIELDS.to_vec()));
}

#[test]
fn an_application_does_not_know_what_was_read() {
    let mut unseen = post("MC222222", "x");
    unseen["viewPoint"] = json!(null);
    let derived = all().read(MESSAGES, json!([unseen])).derive(NAME);
    assert_eq!(derived.trust(), (State::Read, vec!["isRead"]));
}

#[test]
fn a_log_reaches_back_only_so_far() {
    let from = |at: &str| json!({ "state": "read", "from": at });
    let derived = all()
        .with(MESSAGES, from("2025-06-01T00:00:00Z"), json!([]))
        .with(TRIAGE, from("2026-01-01T00:00:00Z"), json!([]))
        .derive(NAME);
    assert_eq!(derived.from.map(stamp).as_deref(), Some("2025-06-01T00:00:00Z"));
    assert_eq!(derived.reach.get("triagedAt").copied().map(stamp).as_deref(), Some("2026-01-01T00:00:00Z"));
    assert_eq!(derived.reach.get("hasTask"), None);
}

#[test]
fn posts_are_required() {
    let denied = all().state(MESSAGES, "denied").derive(NAME);
    assert_eq!((denied.state, denied.items().len()), (State::Denied, 0));
    assert_eq!(all().read(MESSAGES, json!([])).derive(NAME).state, State::Read);
}
