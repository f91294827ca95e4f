//! What drift does to the verdict: which checks turned, by which difference, and what is shown first.

use std::path::Path;

use levelmark::snapshot::record::{SectionRecord, State};
use levelmark::snapshot::{Draft, Form};
use serde_json::{Value, json};

use super::fixture;
use super::program::{Run, run};

/// Contoso, and what became of it, each in a tenant folder.
fn tenants(change: impl FnOnce(&mut Draft)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tenants/contoso");
    let mut draft = fixture("contoso").to_draft().unwrap();
    draft.write(&folder.path().join("old/snapshot"), Form::Directory).unwrap();
    change(&mut draft);
    draft.write(&folder.path().join("new/snapshot"), Form::Directory).unwrap();
    for file in ["levelmark.yaml", "attestations.yaml"] {
        std::fs::copy(fixtures.join(file), folder.path().join("new").join(file)).unwrap();
    }
    folder
}

fn diff(folder: &tempfile::TempDir, arguments: &[&str]) -> Run {
    run(folder.path(), &[&["diff", "old", "new", "--today", "2026-11-21"], arguments].concat(), b"")
}

fn json_of(folder: &tempfile::TempDir) -> Value {
    let run = diff(folder, &["--format", "json"]);
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr))
}

fn policy<'d>(draft: &'d mut Draft, name: &str) -> &'d mut Value {
    let policies = draft.data.get_mut("conditionalAccess.policies").unwrap();
    policies.iter_mut().find(|policy| policy["displayName"].as_str().unwrap().starts_with(name)).unwrap()
}

/// A policy off (checks fail), one enforced (a check passes), one renamed (nothing turns), a section denied.
fn all_kinds() -> tempfile::TempDir {
    tenants(|draft| {
        policy(draft, "CA001")["state"] = json!("disabled");
        policy(draft, "CA010")["state"] = json!("enabled");
        policy(draft, "CA005")["displayName"] = json!("CA005 <b>renamed</b> ::error::");
        draft.data.remove("planner.tasks");
        let denied =
            SectionRecord { needs: Some("Tasks.Read.All".into()), ..SectionRecord::of(State::Denied) };
        draft.manifest.sections.insert("planner.tasks".to_owned(), denied);
    })
}

fn flips(json: &Value, turn: &str) -> Vec<String> {
    let flips = json["flips"].as_array().unwrap().iter().filter(|flip| flip["turn"] == turn);
    flips
        .map(|flip| format!("{}/{}", flip["policy"].as_str().unwrap(), flip["check"].as_str().unwrap()))
        .collect()
}

/// The checks that the difference of a policy turned.
fn turned(json: &Value, name: &str) -> Vec<String> {
    let sections = json["sections"].as_array().unwrap();
    let section = sections.iter().find(|section| section["section"] == "conditionalAccess.policies").unwrap();
    let items = section["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["name"].as_str().unwrap().starts_with(name)).unwrap();
    let turned = item["changes"][0]["turned"].as_array().cloned().unwrap_or_default();
    turned.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_difference_has_the_checks_that_it_turned() {
    let folder = all_kinds();
    let json = json_of(&folder);
    let failing = ["INF-300-G4/mfa-everywhere", "INF-400-G2/mfa-everywhere"];
    assert_eq!(flips(&json, "regression"), failing);
    assert_eq!(flips(&json, "fixed"), ["INF-400-G2/no-stale-report-only"]);
    assert!(flips(&json, "evidence-lost").contains(&"SCM-400-1/posts-become-tasks".to_owned()));
    // The evidence names the item: only its difference counts, though the others have the same property.
    assert_eq!(turned(&json, "CA001"), failing);
    assert_eq!(turned(&json, "CA010"), ["INF-400-G2/no-stale-report-only"]);
    assert!(turned(&json, "CA005").is_empty());
    assert!(json["flips"].as_array().unwrap().iter().all(|flip| flip["explained"] == true));
    // Levels that moved, and only these.
    let levels = json["levels"].as_array().unwrap();
    let moved: Vec<&str> = levels.iter().map(|level| level["competency"].as_str().unwrap()).collect();
    assert_eq!(moved, ["service-change-management"]);
    assert_eq!(levels[0]["before"]["level"]["proven"], 300);
    assert_eq!(levels[0]["after"]["level"]["proven"], 100);
}

#[test]
fn flips_are_those_of_two_checks() {
    let folder = all_kinds();
    let json = json_of(&folder);
    let outcomes = |tenant: &str| {
        let settings = ["--config", "new/levelmark.yaml", "--answers", "new/attestations.yaml"];
        let check = ["check", tenant, "--today", "2026-11-21", "--format", "json"];
        let report = run(folder.path(), &[check.as_slice(), &settings].concat(), b"");
        let report: Value = serde_json::from_str(&report.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap().clone();
        findings
            .into_iter()
            .map(|found| (found["policy"].clone(), found["check"].clone(), found["outcome"].clone()))
    };
    let expected: Vec<(Value, Value)> = outcomes("old")
        .zip(outcomes("new"))
        .filter(|(before, after)| before.2 != after.2)
        .map(|(before, _)| (before.0, before.1))
        .collect();
    let mut found: Vec<(Value, Value)> = json["flips"]
        .as_array()
        .unwrap()
        .iter()
        .map(|flip| (flip["policy"].clone(), flip["check"].clone()))
        .collect();
    assert_eq!(found.len(), expected.len());
    found.retain(|flip| !expected.contains(flip));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn what_has_no_effect_comes_last() {
    let text = diff(&all_kinds(), &[]).stdout;
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
    assert!(at("× INF-300-G4/mfa-everywhere") < at("? SCM-400-1/posts-become-tasks"));
    assert!(at("? SCM-400-1/posts-become-tasks") < at("✓ INF-400-G2/no-stale-report-only"));
    assert!(at("~ CA001") < at("~ CA010") && at("~ CA010") < at("~ CA005"));
    assert!(at("Service change management: 300, now 100") < at("~ CA001"));
}

#[test]
fn what_time_alone_turned_is_said() {
    // Only the time of the snapshot is another: what was recent is so no longer.
    let folder = tenants(|draft| draft.manifest.taken.at += chrono::TimeDelta::days(400));
    let json = json_of(&folder);
    let flips = json["flips"].as_array().unwrap();
    assert!(!flips.is_empty());
    assert!(flips.iter().all(|flip| flip["explained"] == false));
    assert!(diff(&folder, &[]).stdout.contains("nothing that is shown touches"));
}

#[test]
fn without_effect_nothing_is_evaluated() {
    let folder = all_kinds();
    let run = diff(&folder, &["--no-effect", "--format", "json"]);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &json["flips"], &json["levels"]), (5, &Value::Null, &Value::Null));
    assert_eq!(diff(&folder, &[]).code, 5, "the code does not depend on it");
}

#[test]
fn every_format_says_the_same_and_none_gives_anything_away() {
    let folder = all_kinds();
    for (format, said) in [
        ("markdown", "| `INF-300-G4/mfa-everywhere` | 300 | passed, now fails |"),
        ("github", "::error title=INF-300-G4/mfa-everywhere passed%2C now fails::"),
        ("html", "INF-300-G4/mfa-everywhere"),
    ] {
        let run = diff(&folder, &["--format", format]);
        assert_eq!((run.code, run.stderr.as_str()), (5, ""), "{format}");
        assert!(run.stdout.contains(said), "{format}: {}", run.stdout);
        assert!(!run.stdout.contains("<b>renamed</b>"), "{format}");
        assert!(!run.stdout.contains("\n::error::"), "{format}");
        let place = diff(&folder, &["--format", format, "--detail", "place"]).stdout;
        assert!(!place.contains("CA001 Require") && !place.contains("\"disabled\""), "{format}: {place}");
        assert!(place.contains("/state"), "{format}: places stay");
        let summary = diff(&folder, &["--format", format, "--detail", "summary"]).stdout;
        assert!(!summary.contains("710e0946"), "{format}: no id");
        assert!(summary.contains("3 changed") || summary.contains("<dd>3</dd>"), "{format}: {summary}");
    }
}

#[test]
fn markdown_fits_its_limit_and_counts_the_rest() {
    let folder = tenants(|draft| {
        for user in draft.data.get_mut("users.accounts").unwrap() {
            user["department"] = json!("x".repeat(200));
        }
    });
    let run = diff(&folder, &["--format", "markdown", "--markdown-limit", "4000", "--detail", "full"]);
    assert!(run.stdout.len() <= 4_000, "{}", run.stdout.len());
    assert!(run.stdout.contains("more"), "{}", run.stdout);
}
