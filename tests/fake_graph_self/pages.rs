//! Pages, options and batches.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fake_graph;
use super::fake_graph::log::Door;
use super::fake_graph::settings::Settings;
use super::fake_graph::tenant::Tenant;
use super::{Client, item};

fn ids(items: &[Value]) -> BTreeSet<String> {
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_page_size_visits_everything_once() {
    for page in [1, 2, 7, 58, 59, 60] {
        for empty_pages in [false, true] {
            let settings = Settings { page: Some(page), empty_pages, odd_case: true, ..Settings::default() };
            let client = Client::contoso(settings).await;
            let (users, pages) = client.all("/v1.0/users?$select=id").await;
            assert_eq!((users.len(), ids(&users).len()), (59, 59), "{page}");
            let full = 59_usize.div_ceil(page);
            assert_eq!(pages, if empty_pages { full * 2 - 1 } else { full }, "{page}");
        }
    }
}

#[tokio::test]
async fn counted_pages() {
    let client = Client::contoso(Settings { page: Some(10), ..Settings::default() }).await;
    let (_, body) = client.get("/v1.0/admin/serviceAnnouncement/messages").await;
    assert!(body["@odata.nextLink"].as_str().unwrap().ends_with("$skip=10"));
    assert_eq!(client.all("/v1.0/admin/serviceAnnouncement/messages").await.0.len(), 41);
}

#[tokio::test]
async fn links_are_taken_as_they_are_or_not_at_all() {
    let client = Client::contoso(Settings { page: Some(20), ..Settings::default() }).await;
    let (_, body) = client.get("/v1.0/users?$select=id").await;
    let link = body["@odata.nextLink"].as_str().unwrap();
    assert!(link.starts_with(&client.fake.address));
    assert_eq!(client.code(&link.replace("$select=id", "$select=mail")).await.0, 400);
    assert_eq!(client.code(&link.replace("/users", "/groups")).await.0, 400);
    assert_eq!(client.code(&format!("{link}x")).await.0, 400);
}

#[tokio::test]
async fn headers_are_not_carried() {
    let client = Client::contoso(Settings { page: Some(20), ..Settings::default() }).await;
    for (name, value) in [("ConsistencyLevel", "eventual"), ("Prefer", "include-unknown-enum-members")] {
        let first = client.request("/v1.0/users?$count=true").header(name, value).send().await.unwrap();
        let first: Value = first.json().await.unwrap();
        assert_eq!(first["@odata.count"], 59);
        let link = first["@odata.nextLink"].as_str().unwrap();
        assert_eq!(client.get(link).await.0, 400, "{name}");
        let second = client.request(link).header(name, value).send().await.unwrap();
        assert_eq!(second.status(), 200);
        assert_eq!(second.json::<Value>().await.unwrap()["@odata.count"], Value::Null);
    }
}

#[tokio::test]
async fn page_sizes_are_the_services() {
    let client = Client::of(Tenant::synthetic(1200, 0, 0, 0).unwrap(), Settings::default()).await;
    for (query, expected) in
        [("", 100), ("$top=999", 999), ("$select=id&$top=7", 7), ("$select=signInActivity&$top=999", 500)]
    {
        let (_, body) = client.get(&format!("/v1.0/users?{query}")).await;
        assert_eq!(body["value"].as_array().unwrap().len(), expected, "{query}");
    }
    assert_eq!(client.get("/v1.0/users?$top=1000").await.0, 400);
    assert_eq!(client.get("/v1.0/users?$top=0").await.0, 400);
    assert_eq!(client.get("/v1.0/users?$top=x").await.0, 400);
}

#[tokio::test]
async fn options() {
    let client = Client::contoso(Settings::default()).await;
    for (target, status) in [
        ("/v1.0/users?$selct=id", 400),
        ("/v1.0/users?$select=id&$select=mail", 400),
        ("/v1.0/users?$select=nothingLikeIt", 400),
        ("/v1.0/users?$expand=nothingLikeIt", 400),
        ("/v1.0/groups?$expand=owners($select=id),members", 400), // one per request
        ("/v1.0/users?$filter=mail%20like%20'x'", 400),
        ("/v1.0/users?$filter=nothing%20eq%20'x'", 400),
        ("/v1.0/users?$filter=mail%20eq%20'x", 400),
        ("/v1.0/policies/roleManagementPolicyAssignments", 400),
        ("/v1.0/policies/roleManagementPolicyAssignments?$filter=scopeId eq '/'", 400),
        ("/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances", 400),
        ("/v1.0/nothing/here", 400),
        ("/v1.0/directory/recommendations", 400), // beta alone
        ("/v2.0/users", 404),
        ("/v1.0/groups/00000000-0000-4000-8000-000000000000/owners", 404),
        ("/v1.0/users/01d9d1ae-9453-545a-afb5-54277ec068f9", 200),
        ("/v1.0/planner/plans/xqQg5FS2LkCp935s-FIFm2QAFkHM", 200),
        ("/v1.0/planner/plans/nobodys", 404),
        ("/beta/users", 200),
    ] {
        assert_eq!(client.get(target).await.0, status, "{target}");
    }
}

#[tokio::test]
async fn filters() {
    let today = fake_graph::filter::time("2026-11-02");
    let client = Client::contoso(Settings { today, ..Settings::default() }).await;
    let count = async |target: &str| client.all(target).await.0.len();
    assert_eq!(count("/v1.0/users?$filter=accountEnabled eq true and userType eq 'guest'").await, 4);
    assert_eq!(count("/v1.0/users?$filter=startswith(displayName,'Guest')").await, 4);
    assert_eq!(count("/v1.0/users?$filter=userPrincipalName eq 'o''neill and sons'").await, 0);
    assert_eq!(count("/v1.0/users?$filter=externalUserState eq null and userType eq 'Guest'").await, 0);
    let scores = "/v1.0/security/secureScores?$filter=currentScore";
    let (high, low) = (count(&format!("{scores} gt 100")).await, count(&format!("{scores} lt 100.5")).await);
    assert_eq!(high + low, 2);
    let traces = "/v1.0/admin/exchange/tracing/messageTraces?$filter=contains(subject,'Service') and receivedDateTime ge";
    assert_eq!(count(&format!("{traces} 2026-10-24 and receivedDateTime le 2026-10-25T00:00:00Z")).await, 1);
    let (status, _) = client.get(&format!("{traces} 2026-10-01 and receivedDateTime le 2026-10-25")).await;
    assert_eq!(status, 400, "more than ten days");
    assert_eq!(client.get(&format!("{traces} 2026-10-01")).await.0, 400, "no end");
    let old = format!("{traces} 2026-08-01 and receivedDateTime le 2026-08-09");
    assert_eq!(client.get(&old).await.0, 400, "no longer kept");
}

#[tokio::test]
async fn expansions() {
    let owners: Vec<Value> = (0..30).map(|at| json!({ "@odata.type": "#microsoft.graph.user", "id": format!("{at:08}-0000-4000-8000-000000000000") })).collect();
    let id = "0d030bc2-0ccc-5d98-ad87-ec7108527c3d";
    let tenant =
        Tenant::contoso().unwrap().with("groups.groups", vec![json!({ "id": id, "owners": owners })]);
    let client = Client::of(tenant, Settings::default()).await;
    assert_eq!(client.all("/v1.0/groups").await.0[0]["owners"], Value::Null);
    let (groups, _) = client.all("/v1.0/groups?$expand=owners($select=id)").await;
    assert_eq!(groups[0]["owners"].as_array().unwrap().len(), 20, "an expansion is cut");
    assert_eq!(client.all(&format!("/v1.0/groups/{id}/owners?$select=id")).await.0.len(), 30);
    let policies = "/v1.0/policies/roleManagementPolicyAssignments?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'";
    let (bare, _) = client.all(policies).await;
    let (expanded, _) = client.all(&format!("{policies}&$expand=policy")).await;
    let (whole, _) = client.all(&format!("{policies}&$expand=policy($expand=rules)")).await;
    assert!(bare[0]["policy"].is_null() && expanded[0]["policy"].is_object());
    assert!(expanded[0]["policy"]["rules"].is_null() && whole[0]["policy"]["rules"].is_array());
}

#[tokio::test]
async fn batches() {
    let client = Client::contoso(Settings { page: Some(2), ..Settings::default() }).await;
    let group = "/groups/0d030bc2-0ccc-5d98-ad87-ec7108527c3d";
    let requests = vec![
        item("1", &format!("{group}/owners?$select=id")),
        item("2", "/users?$select=id"),
        item("3", "groups/nobodys/owners"),
        item("4", "/oauth2PermissionGrants"),
        json!({ "id": "5", "method": "GET", "url": "/users", "dependsOn": ["4"] }),
        item("6", "https://graph.microsoft.com/v1.0/users"),
        json!({ "id": "7", "method": "GET", "url": "/users?$count=true", "headers": { "ConsistencyLevel": "eventual" } }),
    ];
    let (status, body) = client.batch(requests).await;
    assert_eq!(status, 200);
    let responses = body["responses"].as_array().unwrap();
    let order: Vec<&str> = responses.iter().map(|response| response["id"].as_str().unwrap()).collect();
    assert_ne!(order, ["1", "2", "3", "4", "5", "6", "7"], "another order");
    let of = |id: &str| responses.iter().find(|response| response["id"] == id).unwrap();
    let statuses: Vec<u64> = (1..=7).map(|id| of(&id.to_string())["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 200, 404, 403, 424, 400, 200]);
    assert_eq!(of("1")["body"]["value"].as_array().unwrap().len(), 1);
    assert_eq!(of("7")["body"]["@odata.count"], 59);
    let link = of("2")["body"]["@odata.nextLink"].as_str().unwrap();
    assert_eq!(client.all(link).await.0.len(), 57);
    assert_eq!(client.fake.sums().items, 5, "two were never asked");
    assert!(
        client
            .fake
            .seen()
            .iter()
            .any(|seen| seen.door == Door::Batch && seen.authorized && seen.status == 404)
    );
}

#[tokio::test]
async fn wrong_batches() {
    let client = Client::contoso(Settings { shuffle: false, ..Settings::default() }).await;
    let many = |count: usize| (0..count).map(|id| item(&id.to_string(), "/organization")).collect::<Vec<_>>();
    let (status, body) = client.batch(many(20)).await;
    assert_eq!((status, body["responses"][3]["id"].as_str()), (200, Some("3")));
    assert_eq!(client.batch(many(21)).await.0, 400);
    assert_eq!(client.batch(Vec::new()).await.0, 400);
    assert_eq!(client.batch(vec![item("1", "/users"), item("1", "/groups")]).await.0, 400);
    assert_eq!(client.batch(vec![json!({ "url": "/users", "method": "GET" })]).await.0, 400);
}
