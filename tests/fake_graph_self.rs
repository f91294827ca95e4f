//! The fake Graph itself: data, pages, batches, quotas, faults, tokens, reports, as a plain client sees
//! them.
#![cfg(feature = "collect")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod fake_graph;

#[path = "fake_graph_self/data.rs"]
mod data;
#[path = "fake_graph_self/faults.rs"]
mod faults;
#[path = "fake_graph_self/pages.rs"]
mod pages;
#[path = "fake_graph_self/service.rs"]
mod service;
#[path = "fake_graph_self/whole.rs"]
mod whole;

use fake_graph::FakeGraph;
use fake_graph::settings::Settings;
use fake_graph::tenant::Tenant;
use serde_json::{Value, json};

/// A plain client with a token.
struct Client {
    fake: FakeGraph,
    http: reqwest::Client,
    token: String,
}

impl Client {
    async fn of(tenant: Tenant, settings: Settings) -> Self {
        let http = levelmark::collect::http::client().unwrap();
        let fake = FakeGraph::start(tenant, settings).await.unwrap();
        let token = fake.token();
        Self { fake, http, token }
    }

    async fn contoso(settings: Settings) -> Self {
        Self::of(Tenant::contoso().unwrap(), settings).await
    }

    /// A request to a path with version, or to a link.
    fn request(&self, target: &str) -> reqwest::RequestBuilder {
        let url = if target.starts_with("http") {
            target.to_owned()
        } else {
            format!("{}{target}", self.fake.address)
        };
        self.http.get(url).bearer_auth(&self.token)
    }

    async fn get(&self, target: &str) -> (u16, Value) {
        let answer = self.request(target).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Status and code of a refusal.
    async fn code(&self, target: &str) -> (u16, String) {
        let (status, body) = self.get(target).await;
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    }

    /// All items of all pages, and how many pages there were.
    async fn all(&self, target: &str) -> (Vec<Value>, usize) {
        let (mut items, mut next, mut pages) = (Vec::new(), Some(target.to_owned()), 0);
        while let Some(link) = next {
            let (status, body) = self.get(&link).await;
            assert_eq!(status, 200, "{link} {body}");
            items.extend(body["value"].as_array().unwrap().iter().cloned());
            next = body["@odata.nextLink"].as_str().map(str::to_owned);
            pages += 1;
        }
        (items, pages)
    }

    async fn batch(&self, requests: Vec<Value>) -> (u16, Value) {
        let url = format!("{}/v1.0/$batch", self.fake.address);
        let body = json!({ "requests": requests });
        let answer = self.http.post(url).bearer_auth(&self.token).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

/// A request of a batch.
fn item(id: &str, url: &str) -> Value {
    json!({ "id": id, "method": "GET", "url": url })
}
