//! Each trouble does what it says.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::fake_graph::faults::{After, Fault, Link, Trouble, hostile_ids};
use super::fake_graph::refusals::Refusal;
use super::fake_graph::settings::Settings;
use super::{Client, item};

const USERS: &str = "/v1.0/users?$select=id,displayName";

async fn with(trouble: Trouble) -> Client {
    let settings =
        Settings { faults: vec![Fault::on("/v1.0/users", trouble)], page: Some(20), ..Settings::default() };
    Client::contoso(settings).await
}

async fn text(trouble: Trouble) -> String {
    with(trouble).await.request(USERS).send().await.unwrap().text().await.unwrap()
}

async fn body(trouble: Trouble) -> Value {
    with(trouble).await.get(USERS).await.1
}

#[tokio::test]
async fn rules_choose_requests() {
    let faults = vec![
        Fault::on("/v1.0/users", Trouble::Status(503)).after(1).times(2),
        Fault::on("/v1.0/groups/*/owners*", Trouble::Status(502)).always(),
    ];
    let client = Client::contoso(Settings { faults, ..Settings::default() }).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(client.get(USERS).await.0);
    }
    assert_eq!(statuses, [200, 503, 503, 200, 200]);
    assert_eq!(client.get("/v1.0/groups").await.0, 200);
    let owners = "/v1.0/groups/0d030bc2-0ccc-5d98-ad87-ec7108527c3d/owners?$select=id";
    assert_eq!((client.get(owners).await.0, client.get(owners).await.0), (502, 502));
    client.fake.trouble(Fault::on("/domains", Trouble::Status(500)));
    assert_eq!((client.get("/v1.0/domains").await.0, client.get("/v1.0/domains").await.0), (500, 200));
}

#[tokio::test]
async fn refusals_and_waits() {
    assert_eq!(with(Trouble::Status(504)).await.code(USERS).await, (504, "GatewayTimeout".into()));
    assert_eq!(with(Trouble::Refuse(Refusal::EmptyCode)).await.code(USERS).await, (403, String::new()));
    let retry = async |after| {
        let answer = with(Trouble::Throttle(after)).await.request(USERS).send().await.unwrap();
        assert_eq!(answer.status(), 429);
        answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(retry(After::Unsaid).await, None);
    assert_eq!(retry(After::Seconds(7)).await.unwrap(), "7");
    let date = retry(After::Date(60)).await.unwrap();
    let date = chrono::DateTime::parse_from_rfc2822(&date).unwrap();
    assert!(date.timestamp() > 1_700_000_000);
    let claims = with(Trouble::Refuse(Refusal::ClaimsChallenge)).await.request(USERS).send().await.unwrap();
    assert!(claims.headers()["www-authenticate"].to_str().unwrap().contains("insufficient_claims"));
}

#[tokio::test]
async fn inside_of_batches() {
    let client = with(Trouble::Throttle(After::Seconds(3))).await;
    let (status, body) = client.batch(vec![item("1", "/users"), item("2", "/users")]).await;
    assert_eq!(status, 200);
    let hit =
        body["responses"].as_array().unwrap().iter().find(|response| response["status"] == 429).unwrap();
    assert_eq!(hit["headers"]["Retry-After"], "3");
    client.fake.trouble(Fault::on("$batch", Trouble::Status(503)));
    assert_eq!(client.batch(vec![item("1", "/users")]).await.0, 503);
}

#[tokio::test]
async fn connections() {
    let client = with(Trouble::Reset).await;
    let error = client.request(USERS).send().await.unwrap_err();
    assert!(error.is_request() && !error.is_timeout() && !error.is_connect(), "{error:?}");
    assert_eq!(client.get(USERS).await.0, 200, "only once");

    let answer = with(Trouble::Cut).await.request(USERS).send().await.unwrap();
    assert!(answer.content_length().unwrap() > 500);
    assert!(answer.bytes().await.is_err());

    let client = with(Trouble::Silent).await;
    let error = client.request(USERS).timeout(Duration::from_millis(150)).send().await.unwrap_err();
    assert!(error.is_timeout());

    let before = Instant::now();
    let client = with(Trouble::Slow(200, Duration::from_millis(10))).await;
    assert_eq!(client.get(USERS).await.1["value"].as_array().unwrap().len(), 20);
    assert!(before.elapsed() > Duration::from_millis(80));
}

#[tokio::test]
async fn links() {
    let next = async |link: Link| {
        let client = with(Trouble::Next(link)).await;
        let (_, body) = client.get(USERS).await;
        (body["@odata.nextLink"].as_str().unwrap().to_owned(), client)
    };
    let (link, client) = next(Link::OtherHost).await;
    assert!(link.starts_with(&format!("{}/", client.fake.elsewhere)));
    assert_eq!(client.get(&link).await.1["value"][0]["id"], "from-elsewhere");
    assert_eq!(client.fake.sums().leaks, 1);

    let (link, client) = next(Link::UserInfo).await;
    assert!(link.starts_with(&client.fake.address), "looks right");
    let url = url::Url::parse(&link).unwrap();
    assert_eq!(format!("http://127.0.0.1:{}", url.port().unwrap()), client.fake.elsewhere, "and is not");

    let (link, client) = next(Link::OtherScheme).await;
    assert_eq!(link.split_once(':').unwrap().0, "https");
    assert!(link.contains(client.fake.address.trim_start_matches("http")));
    let (link, client) = next(Link::OtherVersion).await;
    assert!(link.starts_with(&format!("{}/beta/users", client.fake.address)));
    let (link, client) = next(Link::Itself).await;
    assert_eq!(link, format!("{}{USERS}", client.fake.address));
    assert!(next(Link::OtherPath).await.0.ends_with("/v1.0/organization"));
    assert_eq!(next(Link::Verbatim("file:///etc/passwd".into())).await.0, "file:///etc/passwd");
}

#[tokio::test]
async fn pages_without_end() {
    let faults = vec![Fault::on("/v1.0/users", Trouble::Endless).always()];
    let client = Client::contoso(Settings { faults, ..Settings::default() }).await;
    let mut links = vec![USERS.to_owned()];
    for _ in 0..20 {
        let (_, body) = client.get(links.last().unwrap()).await;
        let link = body["@odata.nextLink"].as_str().unwrap().to_owned();
        assert!(!links.contains(&link));
        links.push(link);
    }
}

#[tokio::test]
async fn bodies() {
    assert!(text(Trouble::Huge(2_000_000)).await.len() > 2_000_000);
    assert!(
        serde_json::from_str::<Value>(&text(Trouble::Deep(1000)).await)
            .unwrap_err()
            .to_string()
            .contains("recursion")
    );
    assert!(serde_json::from_str::<Value>(&text(Trouble::Deep(50)).await).is_ok());
    assert_eq!(text(Trouble::DuplicateKeys).await.matches("\"value\"").count(), 2);
    let raw = with(Trouble::InvalidUtf8).await.request(USERS).send().await.unwrap().bytes().await.unwrap();
    assert!(std::str::from_utf8(&raw).is_err());
    assert!(text(Trouble::Html).await.starts_with("<!DOCTYPE"));
    assert_eq!(text(Trouble::Empty).await, "");
    assert!(body(Trouble::NullValue).await["value"].is_null());
    assert!(
        body(Trouble::NotObjects).await["value"].as_array().unwrap().iter().all(|item| !item.is_object())
    );
    assert!(body(Trouble::WithoutId).await["value"][0]["id"].is_null());
    let twice = body(Trouble::SameIdTwice).await;
    assert_eq!(twice["value"][0]["id"], twice["value"][20]["id"]);
    assert_ne!(twice["value"][0], twice["value"][20]);
    assert_eq!(text(Trouble::Body(b"[]".to_vec())).await, "[]");
    let wrong = with(Trouble::WrongType).await.request(USERS).send().await.unwrap();
    assert_eq!(wrong.headers()["content-type"], "text/plain");
    assert!(wrong.json::<Value>().await.unwrap()["value"].is_array());
}

#[tokio::test]
async fn ids_that_are_no_names() {
    let ids = hostile_ids();
    let found = body(Trouble::Ids(ids.clone())).await;
    for (at, id) in ids.iter().enumerate() {
        assert_eq!(found["value"][at]["id"].as_str().unwrap(), id);
    }
    assert!(ids.iter().any(|id| id.len() == 100_000) && ids.iter().any(|id| id.contains("../")));
}

#[tokio::test]
async fn a_bomb() {
    let client = with(Trouble::GzipBomb(20 << 20)).await;
    let answer = client.request(USERS).send().await.unwrap();
    let inflated = answer.bytes().await.unwrap();
    assert!(inflated.len() > 20 << 20);
    assert!(inflated.starts_with(b"{\"value\":[]") && inflated.ends_with(b" \"}"));
    let sent = client.fake.sums().bytes;
    assert!(sent < 100_000, "{sent}");
}

#[tokio::test]
async fn redirects() {
    let client = with(Trouble::Redirect(None)).await;
    let answer = client.request(USERS).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    assert!(answer.headers()["location"].to_str().unwrap().starts_with(&client.fake.elsewhere));
    let client = with(Trouble::Redirect(Some("http://evil.example/".into()))).await;
    assert_eq!(client.request(USERS).send().await.unwrap().headers()["location"], "http://evil.example/");
}

#[tokio::test]
async fn compressed_pages() {
    let client = Client::contoso(Settings { gzip: true, ..Settings::default() }).await;
    let long = client.get("/v1.0/users").await.1.to_string().len() as u64;
    let sent = client.fake.sums().bytes;
    assert!(sent * 2 < long, "{sent} {long}");
}
