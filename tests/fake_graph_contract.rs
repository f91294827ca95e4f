//! The fake Graph against Graph's own contract, path by path.
#![cfg(feature = "collect")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "fake_graph/contract.rs"]
mod contract;
#[expect(dead_code, reason = "the test of the fake itself uses all of it")]
mod fake_graph;

use contract::Contract;
use fake_graph::FakeGraph;
use fake_graph::refusals::Refusal;
use fake_graph::settings::Settings;
use fake_graph::tenant::Tenant;
use levelmark::sections::all;
use serde_json::Value;

/// Paths of the slice that no section asks for, so that the fake has nothing there.
const UNUSED: [&str; 4] = [
    "/admin/people",
    "/admin/configurationManagement/configurationSnapshotJobs",
    "/sites", // the section asks for `/sites/getAllSites()`
    "/reports/getOffice365ActiveUserDetail(period='{period}')",
];

async fn get(fake: &FakeGraph, path: &str) -> (u16, Value) {
    let client = levelmark::collect::http::client().unwrap();
    let url = format!("{}/v1.0{path}", fake.address);
    let answer = client.get(url).bearer_auth(fake.token()).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// A path of the slice with objects of the fixtures, and the query that its section asks with.
fn concrete(path: &str) -> String {
    let query = all().find(|section| section.graph.is_some_and(|graph| graph.path == path)).map(|section| {
        let expands: Vec<String> =
            section.graph.unwrap().children.iter().map(|child| format!("$expand={}", child.expand)).collect();
        let parts = [vec![section.query()], expands].concat();
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&")
    });
    let query = query
        .unwrap_or_default()
        .replace("{from}", "2026-10-24T00:00:00Z")
        .replace("{to}", "2026-11-02T00:00:00Z");
    let query = query.replace("{id}", "1d49e307-9147-52cb-92e8-ace383bdd07d");
    let group = if path.contains("planner") {
        "6cc15c6b-1de0-56bb-ab73-47a539eddf9a"
    } else {
        "0d030bc2-0ccc-5d98-ad87-ec7108527c3d"
    };
    let path = path.replace("{group-id}", group).replace("{plannerPlan-id}", "xqQg5FS2LkCp935s-FIFm2QAFkHM");
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

#[tokio::test]
async fn answers_are_what_the_contract_says() {
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), Settings::default()).await.unwrap();
    let Some(contract) = Contract::here() else {
        eprintln!("skipped: Graph's contract is not here; the fake answers all the same");
        assert_eq!(get(&fake, "/organization").await.0, 200);
        return;
    };
    let (mut problems, mut answered, mut refused) = (Vec::new(), 0, 0);
    for path in contract.paths() {
        if UNUSED.contains(&path.as_str()) {
            continue;
        }
        let (status, body) = get(&fake, &concrete(&path)).await;
        if status == 200 {
            answered += 1;
        } else {
            assert!(matches!(status, 400 | 403 | 404 | 429), "{path} {status} {body}");
            assert!(!body["error"]["message"].as_str().unwrap().contains("segment"), "{path}: {body}");
            refused += 1;
        }
        problems.extend(contract.problems(&path, status, &body));
    }
    eprintln!("{answered} paths answered, {refused} refused");
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(answered >= 45, "{answered}");
}

/// What the fixtures' tenant refuses is shown with Microsoft's examples.
#[tokio::test]
async fn so_are_those_of_a_tenant_of_examples() {
    let Some(contract) = Contract::here() else {
        eprintln!("skipped: Graph's contract is not here");
        return;
    };
    let mut tenant = Tenant::contoso().unwrap();
    let mut paths = Vec::new();
    for section in all() {
        let Some(graph) = section.graph else { continue };
        let examples = contract.examples(graph.path);
        if tenant.shelf(section.id).is_err() && !examples.is_empty() {
            tenant = tenant.with(section.id, examples);
            paths.push(graph.path);
        }
    }
    let fake = FakeGraph::start(tenant, Settings::default()).await.unwrap();
    let mut problems = Vec::new();
    for path in &paths {
        let (status, body) = get(&fake, &concrete(path)).await;
        assert_eq!(status, 200, "{path} {body}");
        problems.extend(contract.problems(path, status, &body));
    }
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(paths.len() >= 12, "{paths:?}");
}

#[tokio::test]
async fn the_contract_notices() {
    let Some(contract) = Contract::here() else {
        eprintln!("skipped: Graph's contract is not here");
        return;
    };
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), Settings::default()).await.unwrap();
    let (_, good) = get(&fake, &concrete("/users")).await;
    let changes: [(&str, Value); 4] = [
        ("/value/0/accountEnabled", "yes".into()),
        ("/value/1/id", 7.into()),
        ("/value/2/createdDateTime", "yesterday".into()),
        ("/value", Value::Null),
    ];
    for (pointer, wrong) in changes {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = wrong;
        assert!(!contract.problems("/users", 200, &body).is_empty(), "{pointer}");
    }
    assert!(!contract.problems("/users", 403, &good).is_empty());
}

/// Refusals have the published shape, whatever they say.
#[tokio::test]
async fn every_refusal_is_an_error_of_the_contract() {
    let Some(contract) = Contract::here() else {
        eprintln!("skipped: Graph's contract is not here");
        return;
    };
    let name = || "AuditLog.Read.All".to_owned();
    for refusal in [
        Refusal::InvalidToken,
        Refusal::ClaimsChallenge,
        Refusal::RequestDenied,
        Refusal::PermissionMissing(name()),
        Refusal::AccessDenied,
        Refusal::SharePointDenied,
        Refusal::EmptyCode,
        Refusal::NonPremium,
        Refusal::PremiumRequired,
        Refusal::Unlicensed,
        Refusal::IntuneAbsent,
        Refusal::IntuneForbidden,
        Refusal::NoSegment(name()),
        Refusal::NoSegment404(name()),
        Refusal::NotFound,
        Refusal::NoObject(name()),
        Refusal::TooMany,
        Refusal::TooManyFor(3),
        Refusal::BadRequest(name()),
        Refusal::BadToken(name()),
        Refusal::NotImplemented,
        Refusal::Broken(503),
    ] {
        let problems = contract.problems("/users", refusal.status(), &refusal.body("r", "c"));
        assert!(problems.is_empty(), "{refusal:?} {problems:?}");
    }
}
