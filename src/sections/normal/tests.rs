//! Normal forms, value by value and through whole items.

use serde_json::json;

use super::*;
use crate::sections::conform::conforms;
use crate::sections::find;

#[test]
fn times() {
    let cases = [
        ("2026-01-31T08:00:00Z", Some("2026-01-31T08:00:00Z")),
        ("2026-01-31T08:00:00+00:00", Some("2026-01-31T08:00:00Z")),
        ("2026-01-31T08:00:00+0000", Some("2026-01-31T08:00:00Z")),
        ("2026-01-31 08:00:00+00:00", Some("2026-01-31T08:00:00Z")),
        ("2017-01-01T00:00:35.1329464-08:00", Some("2017-01-01T08:00:35Z")),
        ("2024-12-12T09:52:18.7982733Z", Some("2024-12-12T09:52:18Z")),
        ("9999-12-31T23:59:59.9999999Z", Some("9999-12-31T23:59:59Z")),
        ("9999-12-31T23:59:59-08:00", Some("9999-12-31T23:59:59Z")),
        ("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00Z")),
        ("/Date(1777406310050)/", Some("2026-04-28T19:58:30Z")),
        ("/Date(1777406310050+0000)/", Some("2026-04-28T19:58:30Z")),
        ("/Date(1777406310050-0700)/", Some("2026-04-28T19:58:30Z")),
        ("/Date(-62135596800000)/", Some("0001-01-01T00:00:00Z")),
        ("/Date(99999999999999999999)/", None),
        ("/Date()/", None),
        ("/Date(1", None),
        ("2025-06-30T07:00:00", None),
        ("2025-06-30", None),
        ("", None),
        ("soon", None),
    ];
    for (text, expected) in cases {
        assert_eq!(timestamp(text, false).map(|time| time.text).as_deref(), expected, "{text}");
    }
}

#[test]
fn times_without_zone_are_utc_only_where_the_source_says_so() {
    for (text, expected) in [
        ("2025-06-30T07:00:00", "2025-06-30T07:00:00Z"),
        ("2025-06-30 07:00:00.5", "2025-06-30T07:00:00Z"),
        ("2025-06-30T07:00", "2025-06-30T07:00:00Z"),
        ("2025-06-30", "2025-06-30T00:00:00Z"),
    ] {
        let time = timestamp(text, true).unwrap();
        assert_eq!((time.text.as_str(), time.assumed_utc), (expected, true));
        assert_eq!(timestamp(text, false), None);
    }
    assert!(!timestamp("2025-06-30T07:00:00Z", true).unwrap().assumed_utc);
}

#[test]
fn dates_durations_and_guids() {
    assert_eq!(date("2026-01-31").as_deref(), Some("2026-01-31"));
    assert_eq!(date("2026-01-31T00:00:00").as_deref(), Some("2026-01-31"));
    for text in ["2026-01-31T10:00:00Z", "2026-02-30", "31.01.2026", ""] {
        assert_eq!(date(text), None, "{text}");
    }
    for text in ["P30D", "PT8H", "P1Y2M3W4DT5H6M7.5S", "P2W", "P365D"] {
        assert!(is_duration(text), "{text}");
    }
    for text in ["", "P", "PT", "P1DT", "30D", "P1H", "P1D1Y", "PD", "P1", "-P1D", "P.5D"] {
        assert!(!is_duration(text), "{text}");
    }
    assert!(is_guid("906E0ee5-6372-4cc8-8248-fdf2846b48ed"));
    for text in ["", "All", "906e0ee5-6372-4cc8-8248-fdf2846b48e", "906e0ee5_6372-4cc8-8248-fdf2846b48ed"] {
        assert!(!is_guid(text), "{text}");
    }
}

#[test]
fn a_powershell_export_becomes_graphs_form() {
    let section = find("conditionalAccess.policies").unwrap();
    let mut item = json!({
        "Id": "98DCEBED-C7F6-46F4-BCF3-4A3FCCDB3E2A",
        "DisplayName": "906E0EE5-6372-4CC8-8248-FDF2846B48ED: All",
        "State": "EnabledForReportingButNotEnforced",
        "CreatedDateTime": "/Date(1777406310050)/",
        "ModifiedDateTime": "2025-02-28T22:18:47",
        "Conditions": {
            "ClientAppTypes": "All",
            "Users": {"IncludeUsers": "All", "ExcludeUsers": ["906E0EE5-6372-4CC8-8248-FDF2846B48ED"]},
        },
        "GrantControls": {"BuiltInControls": ["Mfa"], "Operator": "OR"},
        "AdditionalProperties": {},
        "@odata.id": "https://graph.microsoft.com/…",
    });
    let source = Source { zoneless_is_utc: true, names_in_any_case: true, drop_unknown: true };
    let problems = normalise(&mut item, section.contract(), source);
    assert_eq!(
        item,
        json!({
            "id": "98dcebed-c7f6-46f4-bcf3-4a3fccdb3e2a",
            "displayName": "906E0EE5-6372-4CC8-8248-FDF2846B48ED: All",
            "state": "enabledForReportingButNotEnforced",
            "createdDateTime": "2026-04-28T19:58:30Z",
            "modifiedDateTime": "2025-02-28T22:18:47Z",
            "conditions": {
                "clientAppTypes": ["all"],
                "users": {"includeUsers": ["All"], "excludeUsers": ["906e0ee5-6372-4cc8-8248-fdf2846b48ed"]},
            },
            "grantControls": {"builtInControls": ["mfa"], "operator": "OR"},
        })
    );
    let told: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(
        told,
        [
            "/AdditionalProperties",
            "/conditions/clientAppTypes",
            "/conditions/users/includeUsers",
            "/modifiedDateTime"
        ]
    );
    assert!(problems.iter().all(|problem| problem.severity == Severity::Note));
    assert_eq!(conforms(section, &item), []);
}

#[test]
fn what_has_no_normal_form_is_refused_and_left() {
    let section = find("messageCenter.messages").unwrap();
    let mut item = json!({
        "startDateTime": "2025-02-28T22:18:47", "endDateTime": "", "lastModifiedDateTime": 5,
        "body": "x", "severity": "odd", "isMajorChange": null, "tags": [],
    });
    let before = item.clone();
    let problems = normalise(&mut item, section.contract(), Source::default());
    assert_eq!(item, before);
    let told: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(told, ["/body", "/endDateTime", "/lastModifiedDateTime", "/startDateTime"]);
    assert!(problems.iter().all(|problem| problem.severity == Severity::Error));
}

#[test]
fn absent_null_and_empty_stay_apart() {
    let section = find("groups.groups").unwrap();
    for item in [json!({}), json!({"owners": null}), json!({"owners": []}), json!({"visibility": ""})] {
        let mut changed = item.clone();
        assert_eq!(normalise(&mut changed, section.contract(), Source::default()), []);
        assert_eq!(changed, item);
    }
}

#[test]
fn annotations_go_and_types_stay_where_they_tell_something() {
    let section = find("planner.tasks").unwrap();
    let mut item = json!({
        "@odata.etag": "W/1", "@odata.type": "#microsoft.graph.plannerTask", "id": "t",
        "details@odata.context": "https://…",
        "assignments": {"a": {"@odata.type": "microsoft.graph.plannerAssignment", "orderHint@odata.x": 1}},
    });
    assert_eq!(normalise(&mut item, section.contract(), Source::default()), []);
    assert_eq!(
        item,
        json!({"id": "t", "assignments": {"a": {"@odata.type": "#microsoft.graph.plannerAssignment"}}})
    );
}

#[test]
fn names_that_differ_in_case_alone_do_not_overwrite_each_other() {
    let section = find("tenant.domains").unwrap();
    let mut item = json!({"id": "kept", "Id": "lost"});
    let source = Source { names_in_any_case: true, ..Source::default() };
    let problems = normalise(&mut item, section.contract(), source);
    assert_eq!(item, json!({"id": "kept"}));
    assert_eq!(problems.len(), 1);
}

#[test]
fn deep_items_end_in_a_message_not_in_a_crash() {
    let mut deep = json!({});
    for _ in 0..200 {
        deep = json!({ "x": deep });
    }
    let mut item = json!({ "assignments": deep });
    normalise(&mut item, find("planner.tasks").unwrap().contract(), Source::default());
}

#[test]
fn cells_of_a_spreadsheet() {
    let contract = find("registers.triage").unwrap().contract();
    let read = |field: &str, text: &str| from_text(text, contract.field(field).unwrap());
    assert_eq!(read("id", " x "), Ok(json!("x")));
    assert_eq!(read("assessedAt", "2026-01-31"), Ok(json!("2026-01-31T00:00:00Z")));
    assert_eq!(read("decision", "NoAction"), Ok(json!("noAction")));
    assert_eq!(read("services", "Exchange Online; Teams;"), Ok(json!(["Exchange Online", "Teams"])));
    assert_eq!(read("services", ""), Ok(json!([])));
    assert_eq!(read("impact", ""), Ok(Value::Null));
    assert_eq!(
        read("decision", "maybe"),
        Err("must be one of act, monitor, noAction, is \"maybe\"".to_owned())
    );
    let tickets = find("registers.tickets").unwrap().contract();
    assert_eq!(from_text("2", tickets.field("tier").unwrap()), Ok(json!(2)));
    assert_eq!(from_text("1.5", tickets.field("hours").unwrap()), Ok(json!(1.5)));
    assert!(from_text("two", tickets.field("tier").unwrap()).is_err());
    let deployments = find("registers.deployments").unwrap().contract();
    assert_eq!(from_text("Yes", deployments.field("tested").unwrap()), Ok(json!(true)));
    assert!(from_text("perhaps", deployments.field("tested").unwrap()).is_err());
}
