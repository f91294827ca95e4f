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
    assert_eq!(item[text("newProperty")], text("Alex"));
    assert_eq!(
        item[text("nested")],
        json!({text("deep"): [text("Alex"), 3, true, null, text(id)], text("when"): "2026-01-01T00:00:00Z"})
    );
    assert_eq!(item[text(id)], 1);
}

#[test]
fn names_that_may_be_data_are_replaced() {
    let names = [
        "alexmiller",
        "kim.okafor",
        "Kim_Okafor",
        "alex@contoso",
        "CONTOSOPC01",
        "00112233445566",
        "contoso_staff",
    ];
    let inner: serde_json::Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), json!(1))).collect();
    let mut outer = inner.clone();
    outer.insert("ownProjects".into(), inner.clone().into());
    outer.insert("members@odata.count".into(), json!(3));
    let item = made("users.accounts", outer.into());
    let all = item.to_string();
    assert!(names.iter().all(|name| !all.contains(name)), "{all}");
    assert_eq!(
        (&item["members@odata.count"], item[text("ownProjects")].is_object()),
        (&json!(3), true),
        "{all}"
    );
    let item = made(
        "applications.servicePrincipals",
        json!({"customSecurityAttributes": {"Falcon": {"ProjectFalcon": "x", "projectFalcon": ["y"], "@odata.type": "#microsoft.graph.user"}}}),
    );
    let all = item.to_string();
    assert!(!all.to_lowercase().contains("falcon") && all.contains("@odata.type"), "{all}");
}

#[test]
fn ids_in_open_properties_are_replaced_but_for_published_ones() {
    let id = "2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff";
    let alert = format!("DirectoryRole_{id}_TooManyGlobalAdminsAssignedToTenantAlert");
    let item = made("roles.alerts", json!({"alertDefinitionId": alert}));
    assert!(!item.to_string().contains(id) && item["alertDefinitionId"] == text(&alert));
    let item = made("roles.definitions", json!({"templateId": id, "id": id}));
    assert_eq!((&item["templateId"], &item["id"]), (&json!(text(id)), &json!(text(id))));
    assert_eq!(
        made("roles.definitions", json!({"templateId": "62e90394-69f5-4237-9190-012177145e10"}))["templateId"],
        "62e90394-69f5-4237-9190-012177145e10"
    );
    let methods =
        json!({"authenticationMethodConfigurations": [{"id": id, "keyRestrictions": {"aaGuids": [id]}}]});
    let item = made("identity.authenticationMethods", methods);
    assert_eq!(item["authenticationMethodConfigurations"][0]["id"], text(id));
    assert_eq!(item["authenticationMethodConfigurations"][0]["keyRestrictions"]["aaGuids"][0], id);
    let item = made("groups.settings", json!({"templateId": "Kim Okafor"}));
    assert_eq!(item["templateId"], text("Kim Okafor"), "a published id is an id");
}

#[test]
fn places_and_columns_that_people_fill_tell_nothing() {
    let item = made(
        "logs.signIns",
        json!({"location": {"city": "Oslo", "geoCoordinates": {"latitude": 59.91273, "longitude": 10.74609, "altitude": null}}}),
    );
    assert_eq!(
        item["location"]["geoCoordinates"],
        json!({"latitude": null, "longitude": null, "altitude": null})
    );
    let section = |text: &str| made("registers.exceptions", json!({"section": text}))["section"].clone();
    assert_eq!(section("users.accounts"), "users.accounts");
    assert_eq!(section("Laptop of Kim Okafor, Finance"), text("Laptop of Kim Okafor, Finance"));
}

#[test]
fn versions_stay_where_they_are_the_services() {
    let item =
        made("devices.managed", json!({"osVersion": "10.0.26100.4061", "phoneNumber": "206.555.1212"}));
    assert_eq!(
        (&item["osVersion"], &item["phoneNumber"]),
        (&json!("10.0.26100.4061"), &json!(text("206.555.1212")))
    );
    let redactor = Redactor::new(Key::parse(b"0123456789abcdef0123456789abcdef").unwrap(), Terms::default());
    assert_eq!(
        redactor.given("inf_500_t1_versions", &json!(["10.0.26100"])),
        json!(["10.0.26100"]),
        "parameters are compared with versions"
    );
    assert_eq!(redactor.given("service_desk", &json!("206.555.1212")), json!(text("206.555.1212")));
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

#[test]
fn permissions_of_microsoft_stay_and_those_of_a_tenants_own_services_go() {
    let item = made(
        "applications.delegatedGrants",
        json!({ "scope": " User.Read openid Contoso.Payroll.ReadWrite kim-okafor-api.access" }),
    );
    let scope = item["scope"].as_str().unwrap();
    assert!(scope.starts_with(" User.Read openid ") && scope.split(' ').count() == 5, "{scope}");
    assert!(!scope.contains("Payroll") && !scope.contains("okafor"), "{scope}");
}

#[test]
fn an_id_right_behind_letters_in_an_open_property_goes() {
    let id = "e6229db7-cac6-5963-9c9b-e3bcf9e83679";
    let item = made("applications.provisioningJobs", json!({ "templateId": format!("scim{id}") }));
    assert!(!item.to_string().contains(id), "{item}");
    let item = made("applications.provisioningJobs", json!({ "templateId": "scim" }));
    assert_eq!(item["templateId"], "scim");
}
