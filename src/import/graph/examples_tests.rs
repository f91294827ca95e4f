//! Microsoft's own example bodies, where they are at hand: every one of a section of ours comes in.

use std::fs;

use serde_json::Value;

use super::*;
use crate::import::kind::{Kind, kind_of};
use crate::snapshot::record::State;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/graph/examples");

fn index() -> Vec<(String, String)> {
    let Ok(bytes) = fs::read(format!("{FOLDER}/INDEX.json")) else {
        eprintln!("skipped: nothing at {FOLDER}");
        return Vec::new();
    };
    let index: Value = serde_json::from_slice(&bytes).unwrap();
    let items = index["items"].as_array().unwrap();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_string();
    items.iter().map(|item| (text(item, "file"), text(item, "graph_path"))).collect()
}

/// The section at a path; ours name a path's parameters otherwise.
fn section(path: &str) -> Option<&'static Section> {
    let plain = |path: &str| {
        path.split('/')
            .map(|step| if step.starts_with('{') { "{}" } else { step }.to_string())
            .collect::<Vec<_>>()
    };
    sections::all().find(|section| section.graph.is_some_and(|graph| plain(graph.path) == plain(path)))
}

#[test]
fn every_example_comes_in() {
    let options = Options {
        tenant: Some("aaaaaaaa-0000-0000-0000-000000000001".into()),
        at: time("2026-01-31T08:00:00Z"),
    };
    for (file, path) in index() {
        let Some(section) = section(&path) else { continue };
        let full = PathBuf::from(format!("{FOLDER}/{file}"));
        let organization = section.id == "tenant.organization";
        let options =
            if organization { Options { tenant: None, ..options.clone() } } else { options.clone() };
        let imported = match graph(&full, Some(section.id), &options) {
            Ok(imported) => imported,
            // The documentation leaves out the id of some objects; real answers don't.
            Err(error) if error.to_string().contains("no item has `id`") => continue,
            Err(error) => panic!("{file}: {error}"),
        };
        let record = &imported.draft.manifest.sections[section.id];
        assert!(matches!(record.state, State::Read | State::Partial), "{file}: {record:?}");
        assert_ne!(record.items, Some(0), "{file}");
        println!("{file}: {:?} {:?} {:?} {:?}", record.state, record.reason, record.without, imported.notes);
    }
}

#[test]
fn every_example_of_a_refusal_is_told() {
    let expected = [
        ("error_400_AadPremiumLicenseRequired.json", State::Unlicensed),
        ("error_400_Intune_not_applicable.json", State::Unavailable),
        ("error_403_Authorization_RequestDenied.json", State::Denied),
        ("error_403_Forbidden_unlicensed_feature.json", State::Unlicensed),
        ("error_403_MSGraphPermissionMissing.json", State::Denied),
        ("error_403_NonPremiumTenant.json", State::Unlicensed),
        ("error_403_planner_emptycode.json", State::Denied),
        ("error_429_TooManyRequests.json", State::Failed),
    ];
    for (file, state) in expected {
        let Ok(bytes) = fs::read(format!("{FOLDER}/{file}")) else { return };
        let value = parse(&bytes, file).unwrap();
        assert_eq!(kind_of(&value), Kind::GraphError);
        assert_eq!(refusal::Refusal::read(&value).unwrap().state(), state, "{file}");
    }
}
