//! What becomes of items: by their contracts, by what is declared, and by nothing at all.

use serde_json::{Value, json};

use super::super::{Key, Redactor, Terms};
use crate::sections::find;

fn made(section: &str, mut item: Value) -> Value {
    let redactor = Redactor::new(Key::parse(b"0123456789abcdef0123456789abcdef").unwrap(), Terms::default());
    redactor.item(find(section).unwrap(), &mut item);
    item
}

fn text(text: &str) -> String {
    Redactor::new(Key::parse(b"0123456789abcdef0123456789abcdef").unwrap(), Terms::default()).text(text)
}

#[test]
fn declared_properties_go_their_own_ways() {
    let item = made(
        "users.accounts",
        json!({
            "displayName": "Alex Miller", "userType": "Strange", "accountEnabled": true, "createdDateTime": "2020-01-01T00:00:00Z",
            "assignedLicenses": [{"skuId": "05e9a617-0261-4cee-bb44-138d3ef5d965", "disabledPlans": []}], "department": "IT",
            "manager": null, "employeeLeaveDateTime": "soon, says Kim",
        }),
    );
    assert_eq!(item["displayName"], text("Alex Miller"));
    assert_eq!(item["department"], text("IT"));
    assert_eq!(item["userType"], "Strange");
    assert_eq!(item["accountEnabled"], true);
    assert_eq!(item["createdDateTime"], "2020-01-01T00:00:00Z");
    assert_eq!(item["assignedLicenses"][0]["skuId"], "05e9a617-0261-4cee-bb44-138d3ef5d965");
    assert_eq!(item["manager"], Value::Null);
    assert_eq!(item["employeeLeaveDateTime"], text("soon, says Kim"), "what is no time is a text");
}

#[test]
fn what_nobody_declared_is_personal() {
    let id = "2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff";
    let item = made(
        "users.accounts",
        json!({"newProperty": "Alex", "nested": {"deep": ["Alex", 3, true, null, id], "when": "2026-01-01T00:00:00Z"}, id: 1}),
    );
    assert_eq!(item["newProperty"], text("Alex"));
    assert_eq!(
        item["nested"],
        json!({"deep": [text("Alex"), 3, true, null, text(id)], "when": "2026-01-01T00:00:00Z"})
    );
    assert_eq!(item[text(id)], 1);
}

#[test]
fn words_that_no_enum_has_are_personal() {
    let item =
        made("registers.triage", json!({"decision": "act", "impact": "Kim says high", "severity": "HIGH"}));
    assert_eq!(item["decision"], "act");
    assert_eq!(item["impact"], text("Kim says high"));
    assert_eq!(item["severity"], "HIGH");
}

#[test]
fn names_that_are_data_are_redacted_as_data() {
    let id = "2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff";
    let item = made(
        "planner.tasks",
        json!({
            "assignments": {id: {"assignedBy": {"user": {"id": id}}}},
            "details": {"references": {"https%3A//contoso%2Esharepoint%2Ecom/MC123456": {"alias": "Plan of Kim"}}},
        }),
    );
    assert_eq!(item["assignments"][text(id)]["assignedBy"]["user"]["id"], text(id));
    let references = item["details"]["references"].as_object().unwrap();
    let name = references.keys().next().unwrap();
    assert!(name.starts_with("https%3A//") && name.ends_with("%2Esharepoint%2Ecom/MC123456"), "{name}");
    assert!(!name.contains("contoso"));
    assert_eq!(references[name]["alias"], text("Plan of Kim"));
}
