//! The tenants that come with the program: every item is as its section's contract says, and, where
//! Graph's own description is at hand, as Graph would answer. Contoso is a credible organisation.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod program;

use std::collections::BTreeSet;
use std::path::Path;

use levelmark::config::{Attestations, Config};
use levelmark::sections::conform::{Severity, conforms};
use levelmark::sections::{self, Section};
use levelmark::snapshot::record::State;
use levelmark::snapshot::{Snapshot, Wanted};
use serde_json::{Value, json};

const TENANTS: [&str; 4] = ["contoso", "hostile", "no-permissions", "out-of-the-box"];
/// Beside the working tree, where it is at hand.
const GRAPH: &str = "../shared/graph/graph-slice.openapi.json";

fn snapshot(tenant: &str) -> Snapshot {
    Snapshot::open(&Path::new("fixtures/tenants").join(tenant).join("snapshot"), Wanted::All).unwrap()
}

/// Section, number and value of every item of a tenant.
fn items(tenant: &str) -> Vec<(&'static Section, usize, Value)> {
    let draft = snapshot(tenant).to_draft().unwrap();
    let of = |(id, items): (String, Vec<Value>)| {
        let section = sections::find(&id).unwrap();
        items.into_iter().enumerate().map(move |(n, item)| (section, n, item))
    };
    draft.data.into_iter().flat_map(of).collect()
}

#[test]
fn every_item_is_as_its_contract_says() {
    for tenant in TENANTS {
        let mut wrong = Vec::new();
        for (section, n, item) in items(tenant) {
            // What is new to us may stand in hostile data; anywhere else it is a slip of the pen.
            let least = if tenant == "hostile" { Severity::Error } else { Severity::Warning };
            for problem in conforms(section, &item).into_iter().filter(|problem| problem.severity >= least) {
                wrong.push(format!("{tenant} {}[{n}]{}: {}", section.id, problem.pointer, problem.message));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn every_item_is_as_graph_would_answer() {
    let Ok(text) = std::fs::read_to_string(GRAPH) else {
        eprintln!("skipped: {GRAPH} is not here");
        return;
    };
    let graph: Value = serde_json::from_str(&text).unwrap();
    let mut checked = BTreeSet::new();
    for tenant in ["contoso", "out-of-the-box"] {
        let items = items(tenant);
        let ids: BTreeSet<&str> = items.iter().map(|(section, _, _)| section.id).collect();
        for id in ids {
            let section = sections::find(id).unwrap();
            let Some(schema) = section.graph.as_ref().and_then(|of| schema_of(&graph, of.path)) else {
                continue;
            };
            let validator = jsonschema::validator_for(&schema).unwrap();
            checked.insert(id);
            for (_, n, item) in items.iter().filter(|(of, _, _)| of.id == id) {
                let errors: Vec<String> = validator
                    .iter_errors(item)
                    .map(|error| format!("{}: {error}", error.instance_path()))
                    .collect();
                assert!(errors.is_empty(), "{tenant} {id}[{n}]: {}", errors.join("\n"));
            }
        }
    }
    assert!(checked.len() > 25, "{} sections were held against Graph: {checked:?}", checked.len());
}

/// The schema of the items that a path answers with.
fn schema_of(graph: &Value, path: &str) -> Option<Value> {
    let answer =
        &graph["paths"].get(path)?["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    let item = answer.pointer("/properties/value/items").unwrap_or(answer);
    Some(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": graph["components"],
        "allOf": [item],
    }))
}

/// Every state a section can be in occurs, and every way in: who reads the fixtures learns the format.
#[test]
fn the_fixtures_show_what_can_happen() {
    let mut states = BTreeSet::new();
    let mut vias = BTreeSet::new();
    for tenant in TENANTS {
        for record in snapshot(tenant).manifest.sections.values() {
            states.insert(record.state);
            vias.extend(record.via.map(|via| format!("{via:?}")));
        }
    }
    for state in [State::Read, State::Denied, State::Unlicensed, State::Failed] {
        assert!(states.contains(&state), "no section is {state:?}");
    }
    assert!(vias.len() >= 3, "{vias:?}");
}

#[test]
fn their_configuration_and_answers_are_valid() {
    for tenant in TENANTS {
        let read = |name: &str| std::fs::read(Path::new("fixtures/tenants").join(tenant).join(name)).unwrap();
        Config::read("levelmark.yaml", &read("levelmark.yaml")).unwrap();
        let answers = Attestations::read("attestations.yaml", &read("attestations.yaml")).unwrap();
        assert_eq!(answers.tenant, snapshot(tenant).manifest.tenant.id, "{tenant}");
    }
}

/// Who names items by key must find each once.
#[test]
fn keys_are_unique() {
    for tenant in ["contoso", "out-of-the-box"] {
        let mut seen = BTreeSet::new();
        for (section, n, item) in items(tenant) {
            let parts: Vec<Option<Value>> = section
                .key
                .iter()
                .map(|path| path.split('.').try_fold(&item, |value, name| value.get(name)).cloned())
                .collect();
            if !parts.is_empty() {
                assert!(parts.iter().all(Option::is_some), "{tenant} {}[{n}] has no key", section.id);
                let key = format!("{} {parts:?}", section.id);
                assert!(seen.insert(key.clone()), "{tenant}: {key} occurs twice");
            }
        }
    }
}

#[test]
fn contoso_is_a_credible_organisation() {
    let arguments = ["check", "fixtures/tenants/contoso", "--today", "2026-11-21", "--format", "json"];
    let run = program::run(Path::new(env!("CARGO_MANIFEST_DIR")), &arguments, b"");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let proven = |competency: &Value| competency["verdict"]["level"]["proven"].as_u64();
    let levels: Vec<u64> = report["competencies"].as_array().unwrap().iter().filter_map(proven).collect();
    assert!(levels.iter().filter(|level| **level > 100).count() >= 2, "{levels:?}");
    let outcomes: BTreeSet<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["outcome"].as_str())
        .collect();
    assert_eq!(
        outcomes,
        BTreeSet::from(["pass", "fail", "unknown", "not-applicable"]),
        "of everything something"
    );
}
