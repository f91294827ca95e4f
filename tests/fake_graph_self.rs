//! The fake Graph itself: pages, batches, quotas, faults, tokens, reports, as a plain client sees them.
#![cfg(feature = "collect")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod fake_graph;

use fake_graph::FakeGraph;
use fake_graph::settings::Settings;
use fake_graph::tenant::Tenant;

#[tokio::test]
async fn starts() {
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), Settings::default()).await.unwrap();
    let token = fake.token();
    let client = levelmark::collect::http::client().unwrap();
    let answer = client.get(format!("{}/v1.0/users", fake.address)).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    println!("{}", answer.text().await.unwrap());
}
