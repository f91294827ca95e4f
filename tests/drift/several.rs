//! `diff` of several tenants: one table, a line of JSON for each, one bad tenant stops no other.

use std::path::Path;

use levelmark::snapshot::{Draft, Form};
use serde_json::{Value, json};

use super::fixture;
use super::folders::copy;
use super::program::{Run, run};

/// Folders `old` and `new` with Contoso twice; in the new one policies of both are off.
fn tenants() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut draft = fixture("contoso").to_draft().unwrap();
    write(&draft, folder.path(), "old");
    off(&mut draft);
    write(&draft, folder.path(), "new");
    folder
}

fn write(draft: &Draft, folder: &Path, side: &str) {
    for name in ["a", "b"] {
        let tenant = folder.join(side).join(name);
        draft.write(&tenant.join("snapshot"), Form::Directory).unwrap();
        let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tenants/contoso");
        for file in ["levelmark.yaml", "attestations.yaml"] {
            std::fs::copy(settings.join(file), tenant.join(file)).unwrap();
        }
    }
}

fn off(draft: &mut Draft) {
    let policies = draft.data.get_mut("conditionalAccess.policies").unwrap();
    policies.iter_mut().for_each(|policy| policy["state"] = json!("disabled"));
}

fn diff(folder: &Path, arguments: &[&str]) -> Run {
    run(folder, &[&["diff"], arguments, &["--today", "2026-11-21"]].concat(), b"")
}

fn lines(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_line_of_several_is_the_drift_of_that_tenant_alone() {
    let folder = tenants();
    let several = diff(folder.path(), &["old", "new", "--format", "json"]);
    assert_eq!((several.code, several.stderr.as_str()), (5, ""));
    let lines = lines(&several);
    assert_eq!(lines.len(), 2);
    for (name, line) in ["a", "b"].iter().zip(&lines) {
        let pair = [format!("old/{name}"), format!("new/{name}")];
        let alone = diff(folder.path(), &[&pair[0], &pair[1], "--format", "json"]);
        let mut line = line.clone();
        assert_eq!(line.as_object_mut().unwrap().remove("tenant").unwrap(), *name);
        assert_eq!(serde_json::from_str::<Value>(&alone.stdout).unwrap(), line);
    }
}

#[test]
fn one_table_the_worst_first_and_what_turned_in_both() {
    let folder = tenants();
    // One is as it was, one can't be read, one is gone.
    std::fs::remove_dir_all(folder.path().join("new/b")).unwrap();
    copy(&folder.path().join("old/b"), &folder.path().join("new/b"));
    copy(&folder.path().join("old/a"), &folder.path().join("old/c"));
    copy(&folder.path().join("new/a"), &folder.path().join("new/c"));
    for (side, name, text) in [("old", "broken", "{"), ("new", "broken", "{"), ("old", "gone", "{}")] {
        let tenant = folder.path().join(side).join(name);
        std::fs::create_dir_all(&tenant).unwrap();
        std::fs::write(tenant.join("snapshot.json"), text).unwrap();
    }
    let run = diff(folder.path(), &["old", "new"]);
    assert_eq!(run.code, 2, "{}", run.stdout);
    let at = |name: &str| run.stdout.find(&format!("│ {name} ")).unwrap_or_else(|| panic!("{}", run.stdout));
    assert!(at("broken") < at("a") && at("a") < at("gone") && at("gone") < at("b"), "{}", run.stdout);
    assert!(run.stdout.contains("5 tenants: 2 drifted, 1 did not, 2 not compared"), "{}", run.stdout);
    assert!(run.stdout.contains("2 of 5  INF-400-G2/mfa-everywhere fails now"), "{}", run.stdout);
    assert!(run.stderr.contains("gone: not compared: there is no snapshot of it any more"), "{}", run.stderr);
    assert!(run.stderr.contains("broken: not compared"), "{}", run.stderr);
}

#[test]
fn a_folder_of_tenants_with_baselines_is_enough() {
    let folder = tenants();
    for name in ["a", "b"] {
        let tenant = folder.path().join("new").join(name);
        copy(&folder.path().join("old").join(name).join("snapshot"), &tenant.join("baseline"));
    }
    let run = diff(folder.path(), &["new", "--format", "json"]);
    assert_eq!((run.code, lines(&run).len()), (5, 2), "{}", run.stderr);
}

#[test]
fn what_is_of_one_tenant_is_refused() {
    let folder = tenants();
    for (arguments, said) in [
        (["old", "new", "--format=html"].as_slice(), "several tenants are compared as text or json"),
        (&["old", "new", "--approved=one.yaml"], "{tenant}"),
        (&["old", "new/a"], "does not"),
    ] {
        let run = diff(folder.path(), arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    }
}
