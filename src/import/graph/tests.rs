//! Folders of bodies, made up for every form and every gap.

use std::fs::{create_dir_all, write};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::snapshot::record::{SectionRecord, State};

const TENANT: &str = "aaaaaaaa-0000-0000-0000-000000000001";

/// A folder with these files.
fn folder(files: &[(&str, Value)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, value) in files {
        let path = dir.path().join(name);
        create_dir_all(path.parent().unwrap()).unwrap();
        write(path, value.to_string()).unwrap();
    }
    dir
}

fn run(files: &[(&str, Value)], section: Option<&str>) -> Result<Imported, ImportError> {
    let options = Options { tenant: Some(TENANT.into()), at: time("2026-01-31T08:00:00Z") };
    graph(folder(files).path(), section, &options)
}

fn one(files: &[(&str, Value)], section: &str) -> (SectionRecord, Vec<Value>) {
    let mut draft = run(files, Some(section)).unwrap().draft;
    (draft.manifest.sections.remove(section).unwrap(), draft.data.remove(section).unwrap_or_default())
}

fn context(fragment: &str) -> String {
    format!("https://graph.microsoft.com/v1.0/$metadata#{fragment}")
}

fn policy(id: u32) -> Value {
    json!({"id": format!("cccccccc-0000-0000-0000-{id:012}"), "displayName": "x", "state": "Enabled"})
}

#[test]
fn pages_are_joined_in_order_and_brought_to_normal_form() {
    let path = context("identity/conditionalAccess/policies");
    let (record, items) = one(
        &[
            ("page-10.json", json!({"@odata.context": path, "value": [policy(3)]})),
            (
                "page-2.json",
                json!({"@odata.context": path, "@odata.nextLink": "https://x", "value": [policy(2)]}),
            ),
            (
                "page-1.json",
                json!({"@odata.context": path, "@odata.nextLink": "https://x", "value": [policy(1)]}),
            ),
        ],
        "conditionalAccess.policies",
    );
    assert_eq!((record.state, items.len(), record.items), (State::Read, 3, Some(3)));
    assert_eq!(record.fields, None, "settings are whole");
    assert_eq!(items[0]["state"], "enabled");
    assert_eq!(record.via, Some(Via::Graph));
}

#[test]
fn a_page_that_is_missing_makes_it_a_part() {
    let next = json!({"@odata.nextLink": "https://x", "value": [policy(1)]});
    let (record, items) = one(&[("p.json", next)], "conditionalAccess.policies");
    assert_eq!((record.state, items.len()), (State::Partial, 1));
    assert!(record.reason.unwrap().contains("next one"));
    let (record, _) =
        one(&[("p.json", json!({"@odata.count": 5, "value": [policy(1)]}))], "conditionalAccess.policies");
    assert_eq!(record.reason.as_deref(), Some("1 of 5 items that the service counted"));
    let (record, _) = one(&[("p.json", policy(1))], "conditionalAccess.policies");
    assert_eq!(
        (record.state, record.reason.as_deref()),
        (State::Partial, Some("single objects, not the whole list"))
    );
    let empty = one(&[("p.json", json!({"value": []}))], "conditionalAccess.policies");
    assert_eq!((empty.0.state, empty.0.items), (State::Read, Some(0)));
}

#[test]
fn refusals_are_states_and_never_empty_lists() {
    let denied =
        json!({"error": {"code": "AccessDenied", "message": "required scopes are missing in the token"}});
    let (record, items) = one(&[("error.json", denied.clone())], "conditionalAccess.policies");
    assert_eq!((record.state, record.items, items.len()), (State::Denied, None, 0));
    assert_eq!(record.needs.as_deref(), Some("Policy.Read.All"));
    let (record, _) = one(
        &[("error.json", denied.clone()), ("page-0001.json", json!({"value": []}))],
        "conditionalAccess.policies",
    );
    assert_eq!(record.state, State::Denied, "no item came, so nothing was seen");
    let (record, items) = one(
        &[("error.json", denied), ("page-0001.json", json!({"value": [policy(1)]}))],
        "conditionalAccess.policies",
    );
    assert_eq!((record.state, items.len()), (State::Partial, 1));
    assert!(record.reason.unwrap().starts_with("1 of 2 requests were refused: Graph says: AccessDenied"));
}

#[test]
fn a_selection_is_recorded_and_what_was_not_selected_is_unknown() {
    let user = json!({"id": "bbbbbbbb-0000-0000-0000-000000000001", "displayName": "A", "accountEnabled": true, "city": "x"});
    let selected = json!({"@odata.context": context("users(id,displayName,accountEnabled,signInActivity)"), "value": [user]});
    let (record, items) = one(&[("p.json", selected)], "users.accounts");
    let fields = ["accountEnabled", "displayName", "id", "signInActivity"].map(String::from).to_vec();
    assert_eq!(record.fields, Some(fields));
    assert_eq!(items[0].get("city"), None, "not a field of the section");
    // Without a selection Graph answers with a few properties of its choice.
    let default = json!({"@odata.context": context("users"), "value": [user]});
    let (record, _) = one(&[("p.json", default)], "users.accounts");
    assert_eq!(record.fields, Some(["accountEnabled", "displayName", "id"].map(String::from).to_vec()));
    let bare = json!([policy(1)]);
    let (record, _) = one(&[("p.json", bare)], "conditionalAccess.policies");
    assert_eq!(record.fields, Some(["displayName", "id", "state"].map(String::from).to_vec()));
}

#[test]
fn what_was_not_expanded_is_missing() {
    let assignment = json!({"id": "1", "principalId": TENANT, "roleDefinitionId": TENANT});
    let body = |item: &Value| json!({"@odata.context": context("roleManagement/directory/roleAssignments"), "value": [item]});
    let (record, _) = one(&[("p.json", body(&assignment))], "roles.assignments");
    assert_eq!(record.without.get("principal").map(String::as_str), Some("the request did not expand it"));
    let mut expanded = assignment;
    expanded["principal"] = json!({"id": TENANT, "@odata.type": "#microsoft.graph.user"});
    let (record, items) = one(&[("p.json", body(&expanded))], "roles.assignments");
    assert!(record.without.is_empty());
    assert_eq!(items[0]["principal"]["@odata.type"], "#microsoft.graph.user");
}

#[test]
fn an_expanded_list_that_goes_on_elsewhere_is_a_part() {
    let group = json!({"id": TENANT, "displayName": "x", "owners": [], "owners@odata.nextLink": "https://x"});
    let (record, items) = one(&[("p.json", json!({"value": [group]}))], "groups.groups");
    assert_eq!(record.state, State::Partial);
    assert!(record.reason.unwrap().contains("the expanded owners"));
    assert_eq!(items[0].get("owners@odata.nextLink"), None);
}

#[test]
fn children_know_their_parent_in_both_layouts() {
    let (first, second) = ("dddddddd-0000-0000-0000-000000000001", "dddddddd-0000-0000-0000-000000000002");
    let member = json!({"id": "bbbbbbbb-0000-0000-0000-000000000001", "accountEnabled": true});
    let joined = [
        ("page-0001.json", json!({"@levelmark.join": {"groupId": first}, "value": [member]})),
        ("page-0002.json", json!({"@levelmark.join": {"groupId": second}, "value": [member]})),
    ];
    let folders = [
        ("dddddddd-0000-0000-0000-000000000001/page-0001.json", json!({"value": [member]})),
        ("dddddddd-0000-0000-0000-000000000002/page-0001.json", json!({"value": [member]})),
    ];
    for files in [joined, folders] {
        let (record, items) = one(&files, "groups.members");
        assert_eq!((record.state, items.len()), (State::Read, 2));
        assert_eq!(
            items.iter().map(|item| item["groupId"].as_str().unwrap()).collect::<Vec<_>>(),
            [first, second]
        );
    }
    let refused = json!({"error": {"code": "Request_ResourceNotFound", "message": "gone"}});
    let mixed = [
        ("dddddddd-0000-0000-0000-000000000001/page-0001.json", json!({"value": [member]})),
        ("dddddddd-0000-0000-0000-000000000002/error.json", refused),
    ];
    let (record, items) = one(&mixed, "groups.members");
    assert_eq!((record.state, items.len()), (State::Partial, 1));
    let broken = [
        (
            "dddddddd-0000-0000-0000-000000000001/page-0001.json",
            json!({"value": [member], "@odata.nextLink": "x"}),
        ),
        ("dddddddd-0000-0000-0000-000000000002/page-0001.json", json!({"value": [member]})),
    ];
    assert_eq!(one(&broken, "groups.members").0.state, State::Partial, "every object's chain must end");
}

#[test]
fn singletons_in_every_form() {
    let policy = json!({"id": "authorizationPolicy", "allowInvitesFrom": "Everyone"});
    for body in [policy.clone(), json!({ "value": policy }), json!({ "value": [policy] }), json!([policy])] {
        let (record, items) = one(&[("p.json", body)], "identity.authorization");
        assert_eq!((record.state, items.len()), (State::Read, 1));
        assert_eq!(items[0]["allowInvitesFrom"], "everyone");
    }
    assert_eq!(one(&[("p.json", json!({"value": []}))], "identity.authorization").0.state, State::Failed);
    let two = json!([{"id": "a"}, {"id": "b"}]);
    let error = run(&[("p.json", two)], Some("identity.securityDefaults")).unwrap_err();
    assert!(error.to_string().contains("identity.securityDefaults is one object, but 2 came"), "{error}");
}

#[test]
fn objects_of_the_powershell_sdk_are_read_too() {
    let user = json!({"Id": "BBBBBBBB-0000-0000-0000-000000000001", "DisplayName": "A", "AssignedLicenses": {"SkuId": TENANT},
        "SignInActivity": "Microsoft.Graph.PowerShell.Models.MicrosoftGraphSignInActivity", "AdditionalProperties": {}});
    let (record, items) = one(&[("p.json", json!([user]))], "users.accounts");
    assert_eq!(items[0]["id"], "bbbbbbbb-0000-0000-0000-000000000001");
    assert_eq!(items[0]["assignedLicenses"], json!([{"skuId": TENANT}]));
    assert!(record.without.contains_key("signInActivity"));
}

#[test]
fn a_folder_per_section_with_what_the_script_says_of_its_run() {
    let about = json!({"levelmark": {"raw": 1}, "tenant": TENANT, "account": "a@contoso.com", "scopes": ["User.Read.All"],
        "at": "2026-01-31T08:00:00Z", "days": 90, "app": "x"});
    let files = [
        ("about.json", about),
        ("conditionalAccess.policies/page-0001.json", json!({"value": [policy(1)]})),
        ("serviceHealth.issues/page-0001.json", json!({"value": []})),
        ("roles.eligibilities/error.json", json!({"error": {"code": "AadPremiumLicenseRequired"}})),
    ];
    let dir = folder(&files);
    let draft = graph(dir.path(), None, &Options::default()).unwrap().draft;
    let states: Vec<_> =
        draft.manifest.sections.iter().map(|(id, record)| (id.as_str(), record.state)).collect();
    assert_eq!(
        states,
        [
            ("conditionalAccess.policies", State::Read),
            ("roles.eligibilities", State::Unlicensed),
            ("serviceHealth.issues", State::Read),
        ]
    );
    assert_eq!(draft.manifest.tenant.id, TENANT);
    assert_eq!(draft.manifest.taken.identity.unwrap().permissions, ["User.Read.All"]);
    assert_eq!(draft.manifest.sections["serviceHealth.issues"].from, time("2025-11-02T08:00:00Z"));
    // The folder of one section still finds what its neighbours say.
    let own = dir.path().join("conditionalAccess.policies");
    let draft = graph(&own, Some("conditionalAccess.policies"), &Options::default()).unwrap().draft;
    assert_eq!(draft.manifest.sections.len(), 1);
    let other = Options { tenant: Some("ffffffff-0000-0000-0000-000000000001".into()), at: None };
    assert!(matches!(graph(dir.path(), None, &other), Err(ImportError::OtherTenant { .. })));
}

#[test]
fn a_log_reaches_back_as_far_as_it_is_known_to() {
    let message = |id: &str, at: &str| json!({"id": id, "lastModifiedDateTime": at, "startDateTime": "2020-01-01T00:00:00Z"});
    let body =
        json!({"value": [message("MC1", "2026-01-05T00:00:00Z"), message("MC2", "2026-01-04T00:00:00Z")]});
    let (record, _) = one(&[("p.json", body)], "messageCenter.messages");
    assert_eq!(record.from, time("2026-01-04T00:00:00Z"));
    let (record, _) = one(&[("p.json", json!({"value": []}))], "messageCenter.messages");
    assert_eq!(record.from, time("2026-01-31T08:00:00Z"), "an empty log proves nothing of the past");
}

#[test]
fn the_organisation_names_the_tenant() {
    let body = json!({"value": [{"id": TENANT, "displayName": "Contoso",
        "verifiedDomains": [{"name": "contoso.com", "isDefault": true}]}]});
    let options = Options { tenant: None, at: time("2026-01-31T08:00:00Z") };
    let dir = folder(&[("p.json", body)]);
    let tenant = graph(dir.path(), Some("tenant.organization"), &options).unwrap().draft.manifest.tenant;
    assert_eq!((tenant.id.as_str(), tenant.default_domain.as_deref()), (TENANT, Some("contoso.com")));
    let no_time = graph(dir.path(), Some("tenant.organization"), &Options::default());
    assert!(matches!(no_time, Err(ImportError::NoTime { .. })));
}

#[test]
fn a_file_may_say_itself_what_it_is() {
    let body =
        json!({"@odata.context": context("identity/conditionalAccess/policies"), "value": [policy(1)]});
    let dir = folder(&[("a.json", body), ("b.json", json!({"value": [policy(1)]}))]);
    let options = Options { tenant: Some(TENANT.into()), at: time("2026-01-31T08:00:00Z") };
    let draft = graph(&dir.path().join("a.json"), None, &options).unwrap().draft;
    assert!(draft.data.contains_key("conditionalAccess.policies"));
    let error = graph(&dir.path().join("b.json"), None, &options).unwrap_err().to_string();
    assert!(error.contains("does not say which section"), "{error}");
}

#[test]
fn what_is_not_of_this_section_is_refused_by_name() {
    let said = |files: &[(&str, Value)], section| run(files, section).unwrap_err().to_string();
    let users = json!({"@odata.context": context("users"), "value": [{"id": TENANT}]});
    let error = said(&[("p.json", users)], Some("conditionalAccess.policies"));
    assert!(
        error.contains("it is of the section users.accounts, not of conditionalAccess.policies"),
        "{error}"
    );
    let error = said(&[("p.json", json!([{"name": "x"}]))], Some("conditionalAccess.policies"));
    assert!(error.contains("no item has `id`"), "{error}");
    let error =
        said(&[("p.json", json!({"Tests": [], "TenantId": "", "TotalCount": 0}))], Some("users.accounts"));
    assert!(error.contains("a Maester test result"), "{error}");
    assert!(said(&[], Some("users.account")).contains("there is no section `users.account`"));
    assert!(said(&[], Some("messageCenter.preferences")).contains("Graph does not serve"));
    assert!(said(&[], Some("users.accounts")).contains("no *.json file"));
    assert!(said(&[("x.json", json!({}))], None).contains("no folder named after a section"));
    assert!(
        said(&[("users.acounts/p.json", json!([]))], None).contains("there is no section `users.acounts`")
    );
}

#[test]
fn secrets_stay_outside() {
    let app = json!({"id": TENANT, "displayName": "x", "passwordCredentials": [{"secretText": "hidden", "endDateTime": null}]});
    let imported = run(&[("p.json", json!({"value": [app]}))], Some("applications.registrations")).unwrap();
    assert!(!format!("{imported:?}").contains("hidden"));
}
