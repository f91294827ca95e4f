//! Tenants of any size, and what is not in the fixtures.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::{Value, json};

use super::fake_graph::settings::{Looks, Settings, Singletons};
use super::fake_graph::tenant::Tenant;
use super::{Client, item};

#[tokio::test]
async fn nothing_in_an_empty_tenant() {
    let client = Client::of(Tenant::empty().unwrap(), Settings::default()).await;
    for path in ["users", "groups", "teams", "identity/conditionalAccess/policies", "oauth2PermissionGrants"]
    {
        assert_eq!(client.get(&format!("/v1.0/{path}")).await.1["value"], json!([]), "{path}");
    }
    assert_eq!(client.get("/v1.0/policies/authorizationPolicy").await.0, 200);
}

#[tokio::test]
async fn big_tenants_hang_together() {
    let client = Client::of(Tenant::synthetic(300, 120, 40, 12).unwrap(), Settings::default()).await;
    let users =
        client.all("/v1.0/users?$select=id,mail,signInActivity&$expand=manager($select=id)&$top=500").await.0;
    let known: BTreeSet<&str> = users.iter().map(|user| user["id"].as_str().unwrap()).collect();
    assert_eq!(known.len(), 300);
    assert!(users.iter().all(|user| known.contains(user["manager"]["id"].as_str().unwrap())));
    assert!(!users.windows(2).all(|pair| pair[0]["id"].as_str() < pair[1]["id"].as_str()), "in no order");
    let details = client.all("/v1.0/reports/authenticationMethods/userRegistrationDetails").await.0;
    assert!(details.iter().all(|detail| known.contains(detail["id"].as_str().unwrap())));
    assert_eq!(details.len(), 300);

    let groups = client.all("/v1.0/groups?$top=999&$expand=owners($select=id)").await.0;
    assert_eq!(groups.len(), 40);
    let paths = groups.iter().take(20).enumerate();
    let owners = paths.map(|(at, group)| {
        item(&at.to_string(), &format!("/groups/{}/owners", group["id"].as_str().unwrap()))
    });
    let (_, body) = client.batch(owners.collect()).await;
    for response in body["responses"].as_array().unwrap() {
        let at: usize = response["id"].as_str().unwrap().parse().unwrap();
        assert_eq!(response["body"]["value"], groups[at]["owners"], "the same either way");
    }
    let group = groups[20]["id"].as_str().unwrap();
    let members =
        client.all(&format!("/v1.0/groups/{group}/transitiveMembers?$select=id,accountEnabled")).await.0;
    assert!(members.iter().all(|member| known.contains(member["id"].as_str().unwrap())));
    assert_eq!(client.all(&format!("/v1.0/groups/{group}/members")).await.0.len(), 40);
    assert_eq!(client.all(&format!("/v1.0/groups/{group}/planner/plans")).await.0.len(), 1);

    let applications = client.all("/v1.0/applications").await.0;
    let application = applications[3]["id"].as_str().unwrap();
    let credentials =
        client.all(&format!("/v1.0/applications/{application}/federatedIdentityCredentials")).await.0;
    assert_eq!(credentials.len(), 1);
    let principals = client.all("/v1.0/servicePrincipals?$top=999").await.0;
    let jobs = async |at: usize| {
        let id = principals[at]["id"].as_str().unwrap();
        client.all(&format!("/v1.0/servicePrincipals/{id}/synchronization/jobs")).await.0.len()
    };
    assert_eq!((principals.len(), jobs(50).await, jobs(51).await), (120, 1, 0));
}

#[tokio::test]
async fn a_huge_tenant_costs_nothing_to_start() {
    let before = Instant::now();
    let client =
        Client::of(Tenant::synthetic(100_000, 110_000, 20_000, 3000).unwrap(), Settings::default()).await;
    assert!(before.elapsed().as_secs() < 5);
    let (_, body) =
        client.get("/v1.0/users?$count=true&$top=500&$select=id,displayName,signInActivity,mail").await;
    assert_eq!(body["@odata.count"], 100_000);
    assert!(body["@odata.nextLink"].is_string());
}

#[tokio::test]
async fn directory_roles_and_their_members() {
    let member = |role: &str, id: &str| json!({ "@odata.type": "#microsoft.graph.user", "roleTemplateId": role, "id": id });
    let (admin, reader) = ("62e90394-69f5-4237-9190-012177145e10", "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b");
    let members = vec![member(admin, "a"), member(admin, "b"), member(reader, "b")];
    let client =
        Client::of(Tenant::contoso().unwrap().with("roles.members", members), Settings::default()).await;
    let roles = client.all("/v1.0/directoryRoles").await.0;
    assert_eq!(roles.len(), 2);
    assert_eq!(roles[0]["roleTemplateId"], admin);
    assert_ne!(roles[0]["id"], admin);
    let path = format!("/v1.0/directoryRoles/{}/members", roles[0]["id"].as_str().unwrap());
    let held = client.all(&path).await.0;
    assert_eq!(held.len(), 2);
    assert!(held[0]["roleTemplateId"].is_null(), "joined by whoever collects");
}

#[tokio::test]
async fn meetings_in_a_window() {
    let group = "0d030bc2-0ccc-5d98-ad87-ec7108527c3d";
    let at = |day: &str| json!({ "dateTime": format!("2026-11-{day}T09:00:00.0000000"), "timeZone": "UTC" });
    let end = |day: &str| json!({ "dateTime": format!("2026-11-{day}T10:00:00.0000000"), "timeZone": "UTC" });
    let meetings = ["03", "10", "17"]
        .map(|day| json!({ "id": day, "groupId": group, "start": at(day), "end": end(day) }));
    let client = Client::of(
        Tenant::contoso().unwrap().with("meetings.occurrences", meetings.to_vec()),
        Settings::default(),
    )
    .await;
    let path = format!("/v1.0/groups/{group}/calendarView");
    assert_eq!(client.get(&path).await.0, 400, "a window is required");
    let window = format!("{path}?startDateTime=2026-11-04T00:00:00Z&endDateTime=2026-11-17T09:30:00Z");
    let (found, _) = client.all(&window).await;
    assert_eq!(found.iter().map(|meeting| meeting["id"].as_str().unwrap()).collect::<Vec<_>>(), ["10", "17"]);
}

#[tokio::test]
async fn spellings() {
    let looks = Looks { unknown: true, ..Looks::ODD };
    let client = Client::contoso(Settings { looks, ..Settings::default() }).await;
    let user =
        client.get("/v1.0/users?$select=id,createdDateTime,assignedLicenses").await.1["value"][0].clone();
    assert_eq!(user["id"], "01D9D1AE-9453-545A-AFB5-54277EC068F9");
    assert_eq!(user["createdDateTime"], "2022-03-01T09:00:00.7982733Z");
    assert!(user["somethingNobodyDescribed"].is_object() && user["@odata.etag"].is_string());
    assert!(user["assignedLicenses@odata.context"].is_string());
    let policy = client.get("/v1.0/identity/conditionalAccess/policies").await.1["value"][0].clone();
    assert!(policy["state"].as_str().unwrap().starts_with(char::is_uppercase), "{policy}");
    let (status, _) = client.get("/v1.0/users/01D9D1AE-9453-545A-AFB5-54277EC068F9").await;
    assert_eq!(status, 200, "ids in any case");
    let owners = "/v1.0/groups/0D030BC2-0CCC-5D98-AD87-EC7108527C3D/owners";
    let owner = client.get(owners).await.1["value"][0].clone();
    assert_eq!(owner["id"], "83FB7FC3-2528-5262-8B29-67CE1BC365E0");
    let bare = client.get(&format!("{owners}?$select=displayName")).await.1["value"][0].clone();
    assert!(bare["id"].is_null() && bare["@odata.type"].is_string());
}

#[tokio::test]
async fn members_beyond_the_contract_are_for_those_who_ask() {
    let policy = json!({ "id": "0d030bc2-0ccc-5d98-ad87-ec7108527c3d", "state": "enabledOnTuesdays" });
    let client = Client::of(
        Tenant::contoso().unwrap().with("conditionalAccess.policies", vec![policy]),
        Settings::default(),
    )
    .await;
    let path = "/v1.0/identity/conditionalAccess/policies";
    assert_eq!(client.get(path).await.1["value"][0]["state"], "unknownFutureValue");
    let asked = client.request(path).header("Prefer", "include-unknown-enum-members").send().await.unwrap();
    assert_eq!(asked.json::<Value>().await.unwrap()["value"][0]["state"], "enabledOnTuesdays");
}

#[tokio::test]
async fn singletons_in_every_wrapping() {
    for (singletons, pointer) in
        [(Singletons::Bare, "/id"), (Singletons::Wrapped, "/value/id"), (Singletons::Listed, "/value/0/id")]
    {
        let client = Client::contoso(Settings { singletons, ..Settings::default() }).await;
        let (_, body) = client.get("/v1.0/policies/identitySecurityDefaultsEnforcementPolicy").await;
        assert_eq!(body.pointer(pointer).unwrap(), "00000000-0000-0000-0000-000000000005");
    }
}

#[tokio::test]
async fn who_may_join_a_group() {
    let eligible = |group: &str, id: &str| json!({ "id": id, "groupId": group, "principalId": "p", "accessId": "member" });
    let items = vec![eligible("g1", "a"), eligible("g2", "b"), eligible("g1", "c")];
    let client =
        Client::of(Tenant::contoso().unwrap().with("roles.groupEligibilities", items), Settings::default())
            .await;
    let path = "/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances";
    assert_eq!(client.all(&format!("{path}?$filter=groupId eq 'g1'")).await.0.len(), 2);
    assert_eq!(client.all(&format!("{path}?$filter=principalId eq 'p'")).await.0.len(), 3);
}

/// Not a test of speed: an hour's difference would show.
#[tokio::test]
async fn many_pages_and_batches() {
    let client = Client::of(
        Tenant::synthetic(3000, 500, 0, 0).unwrap(),
        Settings { record: false, ..Settings::default() },
    )
    .await;
    let (users, pages) = client.all("/v1.0/users?$select=id&$top=500").await;
    assert_eq!((users.len(), pages), (3000, 6));
    let principals = client.all("/v1.0/servicePrincipals?$select=id&$top=999").await.0;
    for principals in principals.chunks(20) {
        let path = |at: usize| {
            format!("/servicePrincipals/{}/synchronization/jobs", principals[at]["id"].as_str().unwrap())
        };
        let (_, body) = client.batch((0..20).map(|at| item(&at.to_string(), &path(at))).collect()).await;
        assert!(body["responses"].as_array().unwrap().iter().all(|response| response["status"] == 200));
    }
}
