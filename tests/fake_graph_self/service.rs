//! Tokens, quotas, reports, and what is remembered.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::fake_graph::FakeGraph;
use super::fake_graph::log::Door;
use super::fake_graph::login::{CODE, SECRET};
use super::fake_graph::query::Options;
use super::fake_graph::quota::{Class, Quota};
use super::fake_graph::refusals::Refusal;
use super::fake_graph::settings::Settings;
use super::fake_graph::tenant::Tenant;
use super::{Client, item};

const CONTOSO: &str = "e6229db7-cac6-5963-9c9b-e3bcf9e83679";

async fn sign_in(client: &Client, endpoint: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let url = format!("{}/{endpoint}", client.fake.address);
    let answer = client.http.post(url).form(form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn claims(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn an_application_signs_in() {
    let client = Client::contoso(Settings { expires_in: 600, ..Settings::default() }).await;
    let secret = format!("{SECRET}1");
    let scope = "https://graph.microsoft.com/.default";
    let good = [
        ("grant_type", "client_credentials"),
        ("client_id", "x"),
        ("client_secret", secret.as_str()),
        ("scope", scope),
    ];
    let with = |at: usize, pair: (&'static str, &'static str)| {
        let mut form = good.to_vec();
        form[at] = pair;
        form
    };
    let endpoint = format!("{CONTOSO}/oauth2/v2.0/token");
    let (status, body) = sign_in(&client, &endpoint, &good).await;
    assert_eq!((status, &body["expires_in"], &body["token_type"]), (200, &json!(600), &json!("Bearer")));
    let claims = claims(&body["access_token"]);
    assert_eq!(claims["tid"], CONTOSO);
    assert_eq!(claims["appid"], "d4f85070-9431-5bfe-bcf9-777f0c40c22a");
    assert!(claims["roles"].as_array().unwrap().contains(&json!("User.Read.All")) && claims["scp"].is_null());
    let users = client.http.get(format!("{}/v1.0/users", client.fake.address));
    assert_eq!(users.bearer_auth(body["access_token"].as_str().unwrap()).send().await.unwrap().status(), 200);

    let (status, body) = sign_in(&client, &endpoint, &with(2, ("client_secret", "wrong"))).await;
    assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));
    assert_eq!(body["error_codes"], json!([7_000_215]));
    assert_eq!(sign_in(&client, &endpoint, &with(2, ("client_assertion", "a.b.c"))).await.0, 200);
    assert_eq!(sign_in(&client, &endpoint, &with(2, ("client_assertion", "abc"))).await.0, 401);
    assert_eq!(sign_in(&client, &endpoint, &with(3, ("scope", "User.Read"))).await.0, 400);
    assert_eq!(sign_in(&client, &endpoint, &with(1, ("client_id", ""))).await.0, 400);
    assert_eq!(sign_in(&client, "nobody.com/oauth2/v2.0/token", &good).await.0, 400);
    assert_eq!(sign_in(&client, "common/oauth2/v2.0/token", &good).await.0, 400);
    assert_eq!(sign_in(&client, "contoso.com/oauth2/v2.0/token", &good).await.0, 200);
}

#[tokio::test]
async fn a_person_signs_in() {
    let client = Client::contoso(Settings { pending: 2, ..Settings::default() }).await;
    let token = format!("{CONTOSO}/oauth2/v2.0/token");
    let device = [("client_id", "x"), ("scope", "User.Read.All")];
    let (_, code) = sign_in(&client, &format!("{CONTOSO}/oauth2/v2.0/devicecode"), &device).await;
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let poll =
        [("grant_type", grant), ("client_id", "x"), ("device_code", code["device_code"].as_str().unwrap())];
    for _ in 0..2 {
        assert_eq!(sign_in(&client, &token, &poll).await.1["error"], "authorization_pending");
    }
    let (_, body) = sign_in(&client, &token, &poll).await;
    let claims = claims(&body["access_token"]);
    assert!(claims["scp"].as_str().unwrap().contains("User.Read.All") && claims["roles"].is_null());

    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", "x"),
        ("refresh_token", body["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(sign_in(&client, &token, &refresh).await.0, 200);
    let browser = format!(
        "{}/{CONTOSO}/oauth2/v2.0/authorize?redirect_uri=http://localhost:7777/back&state=s1",
        client.fake.address
    );
    let answer = client.http.get(browser).send().await.unwrap();
    let back = answer.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(back, format!("http://localhost:7777/back?code={CODE}&state=s1"));
    let redeem =
        [("grant_type", "authorization_code"), ("client_id", "x"), ("code", CODE), ("code_verifier", "v")];
    assert_eq!(sign_in(&client, &token, &redeem).await.0, 200);
    let delegated = client.fake.delegated_token();
    let users = client.http.get(format!("{}/v1.0/users", client.fake.address)).bearer_auth(delegated);
    assert_eq!(users.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn no_token_no_answer() {
    let settings = Settings { lifetime: Some(Duration::from_secs(1)), ..Settings::default() };
    let mut client = Client::contoso(settings).await;
    assert_eq!(client.get("/v1.0/users").await.0, 200);
    tokio::time::sleep(Duration::from_millis(1050)).await;
    assert_eq!(client.code("/v1.0/users").await, (401, "InvalidAuthenticationToken".into()), "it has ended");
    client.token = "nobodys".into();
    assert_eq!(client.get("/v1.0/users").await.0, 401);
    assert_eq!(client.batch(vec![item("1", "/users")]).await.0, 401);
    let bare = client.http.get(format!("{}/v1.0/users", client.fake.address)).send().await.unwrap();
    assert!(bare.headers().contains_key("www-authenticate"));

    client.token = client.fake.token();
    client.fake.revoke();
    let answer = client.request("/v1.0/users").send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert!(answer.headers()["www-authenticate"].to_str().unwrap().contains("claims=\""));
    client.token = client.fake.token();
    assert_eq!(client.get("/v1.0/users").await.0, 200);
    assert_eq!(client.fake.tokens(), 3);
}

#[tokio::test]
async fn roles_can_be_enforced() {
    let roles = Some(vec!["User.Read.All".to_owned(), "AuditLog.Read.All".to_owned()]);
    let client = Client::contoso(Settings { roles, enforce_roles: true, ..Settings::default() }).await;
    assert_eq!(client.get("/v1.0/users").await.0, 200);
    assert_eq!(client.code("/v1.0/groups").await, (403, "Authorization_RequestDenied".into()));
}

#[tokio::test]
async fn some_permissions_are_for_people_alone() {
    let roles = Some(vec!["RecordsManagement.Read.All".to_owned(), "Sites.Read.All".to_owned()]);
    let tenant = Tenant::contoso().unwrap().with("content.sites", Vec::new());
    let mut client = Client::of(tenant, Settings { roles, enforce_roles: true, ..Settings::default() }).await;
    let (labels, sites) = ("/v1.0/security/labels/retentionLabels", "/v1.0/sites/getAllSites()");
    assert_eq!((client.get(labels).await.0, client.get(sites).await.0), (403, 200));
    client.token = client.fake.delegated_token();
    assert_eq!((client.get(labels).await.0, client.get(sites).await.0), (200, 403));
}

#[tokio::test]
async fn quotas_refuse() {
    let client = Client::contoso(Settings { quotas: true, speed: 5.0, ..Settings::default() }).await;
    let path = "/v1.0/auditLogs/directoryAudits";
    for at in 0..5 {
        let answer = client.request(path).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers().contains_key("x-ms-throttle-limit-percentage"), at == 4, "{at}");
    }
    let refused = client.request(path).send().await.unwrap();
    assert_eq!(refused.status(), 429);
    assert!(["1", "2"].contains(&refused.headers()["retry-after"].to_str().unwrap()));
    assert!(refused.headers().contains_key("x-ms-throttle-scope"));
    assert_eq!(refused.json::<Value>().await.unwrap()["error"]["code"], "TooManyRequests");
    tokio::time::sleep(Duration::from_millis(2050)).await;
    assert_eq!(client.get(path).await.0, 200, "ten seconds at five times the speed");
    let counts = client.fake.quotas()[&Class::IdentityReports].clone();
    assert_eq!((counts.requests, counts.refused, counts.units), (7, 1, 6));
}

#[tokio::test]
async fn conditional_access_does_not_say_when_to_come_back() {
    let client = Client::contoso(Settings { quotas: true, speed: 0.1, ..Settings::default() }).await;
    let path = "/v1.0/identity/conditionalAccess/policies";
    assert_eq!(client.get(path).await.0, 200);
    let refused = client.request("/v1.0/identity/conditionalAccess/namedLocations").send().await.unwrap();
    assert_eq!(refused.status(), 429);
    assert!(!refused.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn items_of_a_batch_count_one_by_one() {
    let client = Client::contoso(Settings { quotas: true, ..Settings::default() }).await;
    let requests = (0..8).map(|id| item(&id.to_string(), "/auditLogs/directoryAudits")).collect();
    let (status, body) = client.batch(requests).await;
    let responses = body["responses"].as_array().unwrap();
    let refused: Vec<&Value> = responses.iter().filter(|response| response["status"] == 429).collect();
    assert_eq!((status, refused.len()), (200, 3));
    assert_eq!(refused[0]["headers"]["Retry-After"], "10");
}

#[test]
fn every_class_of_quota() {
    let now = Instant::now();
    let passes = |users: usize, path: &str, query: &str, at: Duration| {
        let options = super::fake_graph::query::parse(query).unwrap();
        let mut quota = Quota::new(users, 1.0, true);
        let mut passed = 0_u32;
        while quota.take(path, &options, now + at * passed).wait.is_none() {
            passed += 1;
        }
        passed
    };
    let at_once = |users: usize, path: &str, query: &str| passes(users, path, query, Duration::ZERO);
    for (users, path, query, expected) in [
        (10, "/users", "", 1750),
        (100, "/users", "", 2500),
        (501, "/users", "", 4000),
        (501, "/users", "$select=id", 8000),
        (501, "/users", "$select=id&$expand=manager", 4000),
        (501, "/users", "$top=5", 8000),
        (501, "/groups/x/transitiveMembers", "", 1600),
        (501, "/groups/x/transitiveMembers", "$select=id", 2000),
        (501, "/groups/x/members", "", 2666),
        (501, "/subscribedSkus", "", 2666),
        (501, "/servicePrincipals(appId='x')/appRoleAssignedTo", "", 4000),
        (501, "/policies/authorizationPolicy", "", 8000),
        (501, "/auditLogs/signIns", "", 5),
        (501, "/reports/authenticationMethods/userRegistrationDetails", "", 5),
        (501, "/directory/recommendations", "", 5),
        (501, "/identity/conditionalAccess/policies", "", 1),
        (501, "/admin/serviceAnnouncement/messages", "", 240),
        (501, "/reports/getOffice365ActiveUserCounts(period='D30')", "", 14),
        (501, "/reports/getOffice365ActiveUserCounts(period='D30')", "$format=application/json", 100),
        (501, "/security/secureScores", "", 150),
        (501, "/admin/exchange/tracing/messageTraces", "", 100),
        (501, "/teams", "", 30),
        (501, "/groups/x/planner/plans", "", 2000),
        (501, "/deviceManagement/managedDevices", "", 2000),
    ] {
        assert_eq!(at_once(users, path, query), expected, "{path}?{query}");
    }
    let slowly = passes(501, "/admin/serviceAnnouncement/issues", "", Duration::from_secs(1));
    assert_eq!(slowly, 800, "the second window");
}

#[test]
fn waits_are_exact() {
    let now = Instant::now();
    let mut quota = Quota::new(1, 1.0, true);
    for second in 0..5 {
        quota.take("/auditLogs/x", &Options::default(), now + Duration::from_secs(second));
    }
    let wait = |quota: &mut Quota, second| {
        quota.take("/auditLogs/x", &Options::default(), now + Duration::from_secs(second)).wait
    };
    assert_eq!(wait(&mut quota, 6), Some(Duration::from_secs(4)));
    assert_eq!(wait(&mut quota, 10), None);
    assert_eq!(wait(&mut quota, 10), Some(Duration::from_secs(1)));
    assert_eq!(quota.counts().len(), 1);
}

#[tokio::test]
async fn reports_lead_elsewhere() {
    let client = Client::contoso(Settings::default()).await;
    let answer =
        client.request("/v1.0/reports/getOffice365ActiveUserCounts(period='D30')").send().await.unwrap();
    assert_eq!(answer.status(), 302);
    let file = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(file.starts_with(&client.fake.elsewhere) && !file.starts_with(&client.fake.address));
    let text = client.http.get(&file).send().await.unwrap().text().await.unwrap();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let head = "Report Refresh Date,Office 365,Exchange,OneDrive,SharePoint,Skype For Business,Yammer,Teams,Report Date,Report Period";
    assert_eq!(lines.next(), Some(head));
    assert_eq!(lines.next(), Some("2026-11-01,6,5,1,1,,0,4,2026-10-03,30"));
    assert_eq!(lines.count(), 29);
    assert_eq!(client.fake.sums().leaks, 0);
    client.request(&file).send().await.unwrap();
    assert_eq!(client.fake.sums().leaks, 1, "a token came along");

    let bytes = client.http.get(&file).send().await.unwrap().bytes().await.unwrap();
    assert!(bytes.starts_with(b"\xef\xbb\xbf"));
    let storage = "/beta/reports/getSharePointSiteUsageStorage(period='D90')";
    let (_, rows) = client.get(&format!("{storage}?$format=application/json")).await;
    assert_eq!(rows["value"][0]["reportPeriod"], "90");
    assert_eq!(client.request(storage).send().await.unwrap().status(), 302);
    assert_eq!(client.get(&format!("{storage}?$format=text/html")).await.0, 400);
}

#[tokio::test]
async fn counts_of_apps_stand_a_level_further_down() {
    let row =
        json!({ "reportRefreshDate": "2026-11-01", "reportDate": "2026-10-31", "outlook": 5, "teams": 7 });
    let client =
        Client::of(Tenant::contoso().unwrap().with("usage.appUsers", vec![row]), Settings::default()).await;
    let path = "reports/getM365AppUserCounts(period='D30')";
    let (_, body) = client.get(&format!("/beta/{path}?$format=application/json")).await;
    assert_eq!(body["value"][0]["userCounts"][0]["outlook"], 5);
    let answer = client.request(&format!("/v1.0/{path}")).send().await.unwrap();
    let file = answer.headers()["location"].to_str().unwrap().to_owned();
    let text = client.http.get(file).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("Report Refresh Date,Report Period,Report Date,Outlook,Word,Excel,PowerPoint,OneNote,Teams\n2026-11-01,30,2026-10-31,5,,,,,7\n"), "{text}");
}

#[tokio::test]
async fn everything_is_remembered() {
    let settings = Settings { latency: Duration::from_secs(1), speed: 2.0, ..Settings::default() };
    let client = Client::contoso(settings).await;
    let before = Instant::now();
    let one = client.request("/v1.0/organization?$select=id").header("client-request-id", "c-1").send();
    let (one, two) = futures::join!(one, client.get("/v1.0/domains"));
    assert!(before.elapsed() >= Duration::from_millis(500) && two.0 == 200);
    let one = one.unwrap();
    assert_eq!(one.headers()["client-request-id"], "c-1");
    assert_eq!(one.headers()["x-ms-resource-unit"], "1");
    assert_eq!(one.headers()["request-id"].len(), 36);
    let seen = client.fake.seen();
    let seen = seen.iter().find(|seen| seen.path == "/v1.0/organization").unwrap();
    assert_eq!((seen.door, seen.method.as_str(), seen.query.as_str()), (Door::Graph, "GET", "$select=id"));
    assert!(seen.authorized && !seen.headers.contains_key("authorization"));
    assert_eq!(seen.headers["client-request-id"], "c-1");
    assert!(seen.status == 200 && seen.bytes > 50 && seen.at > Duration::ZERO);
    assert_eq!(client.fake.peak(), 2);
    let sums = client.fake.sums();
    assert!(sums.requests == 2 && sums.bytes > seen.bytes);
}

#[tokio::test]
async fn sections_can_be_refused() {
    let mut refusals = BTreeMap::new();
    for (section, path, refusal) in [
        ("users.accounts", "users", Refusal::Nested),
        ("devices.managed", "deviceManagement/managedDevices", Refusal::IntuneForbidden),
        ("groups.groups", "groups", Refusal::NotImplemented),
    ] {
        refusals.insert(path, (section, refusal));
    }
    let tenant = refusals.values().fold(Tenant::contoso().unwrap(), |tenant, (section, refusal)| {
        tenant.refusing(section, refusal.clone())
    });
    let client = Client::of(tenant, Settings { record: false, ..Settings::default() }).await;
    for (path, (_, refusal)) in refusals {
        assert_eq!(client.get(&format!("/v1.0/{path}")).await.0, refusal.status());
    }
    assert!(client.fake.seen().is_empty() && client.fake.sums().requests == 3);
}

#[test]
fn on_a_thread_of_its_own() {
    let fake = FakeGraph::spawn(Tenant::contoso().unwrap(), Settings::default()).unwrap();
    let (address, token) = (fake.address.clone(), fake.token());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ask = |address: String| {
        let asked = async {
            let client = levelmark::collect::http::client().unwrap();
            client.get(format!("{address}/v1.0/users")).bearer_auth(&token).send().await
        };
        runtime.block_on(asked)
    };
    assert_eq!(ask(address.clone()).unwrap().status(), 200);
    drop(fake);
    assert!(ask(address).unwrap_err().is_connect(), "it stopped");
}
