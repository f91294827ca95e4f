//! The made-up tenant through the fake: the same sections, the same verdict.

use std::collections::BTreeMap;
use std::path::Path;

use levelmark::sections;
use levelmark::snapshot::record::State;
use levelmark::snapshot::{Form, Snapshot, Wanted};
use serde_json::Value;

pub(crate) use crate::asking::permitted;
use crate::asking::{Asking, Brought, contoso, items, open};
use crate::fake_graph::FakeGraph;
use crate::fake_graph::settings::{Looks, Settings, Singletons};
use crate::fake_graph::tenant::Tenant;
use crate::program;

/// Everything odd that a friendly service does.
fn odd() -> Settings {
    Settings {
        page: Some(3),
        empty_pages: true,
        odd_case: true,
        gzip: true,
        singletons: Singletons::Wrapped,
        looks: Looks::ODD,
        ..permitted()
    }
}

/// Sections that are not the fixture's: of sign-ins only those of the emergency accounts are read, of
/// members only those of groups that something refers to; labels are told to people alone; what the
/// tenant has no licence for is not asked.
const OTHERWISE: [&str; 4] =
    ["logs.signIns", "groups.members", "content.retentionLabels", "training.simulations"];

#[tokio::test(flavor = "multi_thread")]
async fn every_section_comes_as_it_is() {
    for settings in [permitted(), odd()] {
        let fake = FakeGraph::start(Tenant::contoso().unwrap(), settings).await.unwrap();
        let asking = Asking::of(&fake);
        let collected = asking.collect().await.unwrap();
        let (found, expected) = (open(&asking.out()), open(&contoso().join("snapshot")));
        let graph = |id: &str| sections::find(id).unwrap().graph.is_some() && !OTHERWISE.contains(&id);
        for (id, record) in expected.manifest.sections.iter().filter(|(id, _)| graph(id)) {
            let own = &collected.manifest.sections[id];
            assert_eq!(own.state, record.state, "{id}: {own:?}");
            assert_eq!(own.fields, record.fields, "{id}");
            assert_eq!(
                own.without.keys().collect::<Vec<_>>(),
                record.without.keys().collect::<Vec<_>>(),
                "{id}"
            );
            assert_eq!(seen(&found, id), seen(&expected, id), "{id}");
        }
        // What was refused names what is lacking.
        for (id, record) in
            collected.manifest.sections.iter().filter(|(_, record)| record.state == State::Denied)
        {
            assert!(record.needs.is_some(), "{id}: {record:?}");
        }
        assert_eq!(fake.sums().leaks, 0);
    }
}

/// Items without the properties that are known to be missing.
fn seen(snapshot: &Snapshot, id: &str) -> Vec<Value> {
    let without = &snapshot.record(id).unwrap().without;
    let mut items = items(snapshot, id);
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        item.retain(|name, _| !without.contains_key(name));
    }
    items
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verdict_is_the_fixtures() {
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), permitted()).await.unwrap();
    let mut asking = Asking::of(&fake);
    asking.order.manners.into = true;
    what_graph_does_not_serve(&asking.out());
    asking.collect().await.unwrap();
    // What no application is told, a person reads into the same snapshot.
    asking.order.setup.tokens = std::sync::Arc::new(Brought(fake.delegated_token()));
    let labels = asking.only(&["content.retentionLabels"]);
    let collected = labels.collect().await.unwrap();
    assert_eq!(collected.manifest.sections["content.retentionLabels"].state, State::Read);
    assert_eq!(collected.manifest.sections["users.accounts"].state, State::Read);
    let folder = labels.folder.path();
    for name in ["levelmark.yaml", "attestations.yaml"] {
        std::fs::copy(contoso().join(name), folder.join(name)).unwrap();
    }
    let (found, expected) = (report(folder), report(&contoso()));
    assert_eq!(levels(&found), levels(&expected));
    assert_eq!(found["tenant"], expected["tenant"]);
    assert_eq!(found["gate"]["result"], expected["gate"]["result"]);
    let (found, expected) = (outcomes(&found), outcomes(&expected));
    let other: Vec<_> =
        expected.iter().filter(|(check, outcome)| found.get(*check) != Some(*outcome)).collect();
    // Sign-ins of everybody are more than a collection may ask for: what rests on them is asked of people.
    assert_eq!(other, [(&"INF-200-G4/rarely-in-the-way".to_owned(), &Value::from("pass"))]);
    assert_eq!(found["INF-200-G4/rarely-in-the-way"], "unknown");
}

/// The fixture's snapshot without what comes from Graph.
fn what_graph_does_not_serve(out: &Path) {
    let mut draft = Snapshot::open(&contoso().join("snapshot"), Wanted::All).unwrap().to_draft().unwrap();
    let served = |id: &str| sections::find(id).unwrap().graph.is_some();
    draft.manifest.sections.retain(|id, _| !served(id));
    draft.data.retain(|id, _| !served(id));
    draft.write(out, Form::Directory).unwrap();
}

fn report(folder: &Path) -> Value {
    let arguments = ["check", folder.to_str().unwrap(), "--format", "json", "--today", "2026-11-02"];
    let run = program::run(folder, &arguments, b"");
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr))
}

/// Per competency what is proven and possible, strict and for the gate, and the state of every level.
fn levels(report: &Value) -> Vec<([Value; 3], Vec<Value>)> {
    let of = |one: &Value| {
        let states = one["levels"].as_array().unwrap().iter().map(|level| level["state"].clone()).collect();
        (["id", "verdict", "gate"].map(|name| one[name].clone()), states)
    };
    report["competencies"].as_array().unwrap().iter().map(of).collect()
}

fn outcomes(report: &Value) -> BTreeMap<String, Value> {
    let name = |finding: &Value| {
        format!("{}/{}", finding["policy"].as_str().unwrap(), finding["check"].as_str().unwrap())
    };
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| (name(finding), finding["outcome"].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_nobody_named_is_not_asked_about() {
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), permitted()).await.unwrap();
    let mut asking = Asking::of(&fake).only(&["planner.tasks", "planner.buckets", "logs.signIns"]);
    asking.order.params.clear();
    let collected = asking.collect().await.unwrap();
    for id in ["planner.plans", "planner.tasks", "planner.buckets", "logs.signIns"] {
        let record = &collected.manifest.sections[id];
        assert_eq!(record.state, State::NotAsked, "{id}: {record:?}");
        assert!(record.needs.as_deref().is_some_and(|needs| needs.contains("parameter")), "{record:?}");
    }
    // Whoever asks for all plans gets them without naming any.
    asking.order.declared_only = false;
    asking.order.manners.force = true;
    let collected = asking.only(&["planner.tasks"]).collect().await.unwrap();
    assert_eq!(collected.manifest.sections["planner.tasks"].items, Some(26));
    // A plan that does not exist is a mistake, not a change.
    let mut asking = Asking::of(&fake).only(&["planner.tasks"]);
    asking.order.params["plans"].as_array_mut().unwrap().push("no-such-plan".into());
    let collected = asking.collect().await.unwrap();
    let plans = &collected.manifest.sections["planner.plans"];
    assert_eq!((plans.state, plans.items), (State::Partial, Some(2)), "{plans:?}");
    assert_eq!(collected.manifest.sections["planner.tasks"].state, State::Partial);
}
