//! Tests of the room beside: tables of inputs and what may be said of them.

use serde_json::{Value, json};

use super::*;
use crate::derive::test_fixture::Fixture;
use crate::snapshot::record::State;

fn issue() -> Value {
    json!({ "id": "EX222222", "title": "Mail is late", "service": "Exchange Online", "classification": "incident",
            "origin": "microsoft", "status": "postIncidentReviewPublished", "isResolved": true,
            "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2026-01-02T00:00:00Z",
            "lastModifiedDateTime": null, "posts": [{ "createdDateTime": "2026-01-01T02:00:00.97Z" },
                                                    { "createdDateTime": "2026-01-01T01:00:00Z" }] })
}
fn all() -> Fixture {
    let empty =
        [TRIAGE, COMMUNICATIONS, TICKETS].iter().fold(Fixture::default(), |f, id| f.read(id, json!([])));
    empty.read(ISSUES, json!([issue()]))
}
fn notice(id: &str, sent: &str, kind: Value, audience: &str) -> Value {
    json!({ "id": id, "issueId": "EX222222", "sentAt": sent, "kind": kind, "audience": audience, "channel": "mail" })
}

#[test]
fn an_issue_that_nobody_touched() {
    let derived = all().derive(NAME);
    assert_eq!(derived.trust(), (State::Read, vec![]));
    let expected = json!([{
        "id": "EX222222", "title": "Mail is late", "service": "Exchange Online", "classification": "incident",
        "origin": "microsoft", "status": "postIncidentReviewPublished", "isResolved": true,
        "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2026-01-02T00:00:00Z", "lastModifiedDateTime": null,
        "posts": 2, "firstPostAt": "2026-01-01T01:00:00Z", "lastPostAt": "2026-01-01T02:00:00.970Z",
        "postIncidentReview": true, "triagedAt": null, "decidedAt": null, "decision": null, "impact": null,
        "announcedAt": null, "channels": [], "closureNoticeAt": null, "deskPostAt": null, "firstTicketAt": null,
        "tickets": 0
    }]);
    assert_eq!(Value::from(derived.items()), expected);
}

#[test]
fn notices_have_their_purpose() {
    let notices = json!([
        notice("3", "2026-01-03T00:00:00Z", json!("closure"), "users"),
        notice("1", "2026-01-01T03:00:00Z", json!("notice"), "users"),
        notice("2", "2026-01-01T02:00:00Z", json!("notice"), "helpDesk"),
    ]);
    let fixture = all().read(COMMUNICATIONS, notices);
    let derived = fixture.derive(NAME);
    assert_eq!(derived.column("announcedAt"), ["2026-01-01T02:00:00Z"]);
    assert_eq!(derived.column("deskPostAt"), ["2026-01-01T02:00:00Z"]);
    assert_eq!(derived.column("closureNoticeAt"), ["2026-01-03T00:00:00Z"]);
    let places: Vec<_> = fixture.at(&derived, 0).into_iter().map(|(section, _)| section).collect();
    assert_eq!(places, [ISSUES, COMMUNICATIONS, COMMUNICATIONS, COMMUNICATIONS]);
}

#[test]
fn an_unmarked_notice_after_the_end_closes() {
    for (sent, kind, closes) in [
        ("2026-01-02T00:00:00Z", json!(null), true),
        ("2026-01-01T23:59:59Z", json!(null), false),
        ("2026-01-02T01:00:00Z", json!("notice"), false),
        ("2026-01-01T01:00:00Z", json!("closure"), true),
    ] {
        let derived =
            all().read(COMMUNICATIONS, json!([notice("1", sent, kind.clone(), "users")])).derive(NAME);
        assert_eq!(derived.column("closureNoticeAt")[0].is_string(), closes, "{sent} {kind}");
    }
}

#[test]
fn tickets_are_linked() {
    let tickets = json!([{ "id": "1", "linkedIssueId": "EX222222", "openedAt": "2026-01-01T05:00:00Z" },
                         { "id": "2", "linkedIssueId": "EX222222", "openedAt": "2026-01-01T04:00:00Z" },
                         { "id": "3", "linkedIssueId": null, "subject": "EX222222", "openedAt": "2026-01-01T01:00:00Z" }]);
    let derived = all().read(TICKETS, tickets).derive(NAME);
    assert_eq!(
        (derived.column("tickets"), derived.column("firstTicketAt")),
        (vec![json!(2)], vec![json!("2026-01-01T04:00:00Z")])
    );
}

#[test]
fn a_missing_input_leaves_its_fields_open() {
    for (section, fields) in [
        (TRIAGE, vec!["decidedAt", "decision", "impact", "triagedAt"]),
        (COMMUNICATIONS, vec!["announcedAt", "channels", "closureNoticeAt", "deskPostAt"]),
        (TICKETS, vec!["firstTicketAt", "tickets"]),
    ] {
        for state in ["denied", "failed", "not-asked", "unavailable", "unlicensed"] {
            let derived = all().state(section, state).derive(NAME);
            assert_eq!(derived.trust(), (State::Read, fields.clone()), "{section} {state}");
            fields.iter().for_each(|f| assert_eq!(derived.column(f), [json!(null)], "{f}"));
        }
    }
    let denied = all().state(ISSUES, "denied").derive(NAME);
    assert_eq!((denied.state, denied.causes[0].section), (State::Denied, ISSUES));
}
