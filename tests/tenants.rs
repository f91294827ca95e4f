//! `check` of several tenants, through the real binary: the table, lines of JSON, reports of each, exit codes,
//! and that nothing of one tenant changes what is said of another.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod folders;
mod program;

use std::path::Path;

use folders::copy;
use program::{Run, run};
use serde_json::Value;

const FIXTURES: [&str; 4] = ["contoso", "hostile", "no-permissions", "out-of-the-box"];
const TODAY: &str = "2026-11-21";

/// A folder with copies of these fixtures.
fn folder(tenants: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for tenant in tenants {
        copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tenants").join(tenant),
            &folder.path().join(tenant),
        );
    }
    folder
}

fn check(folder: &Path, arguments: &[&str]) -> Run {
    run(folder, &[&["check"], arguments, &["--today", TODAY]].concat(), b"")
}

fn lines(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_line_of_several_is_the_result_of_that_tenant_alone() {
    let tenants = folder(&FIXTURES);
    let several = check(tenants.path(), &[".", "--format", "json"]);
    let lines = lines(&several);
    assert_eq!(lines.len(), FIXTURES.len());
    for (tenant, line) in FIXTURES.iter().zip(&lines) {
        let alone = check(tenants.path(), &[&format!("./{tenant}"), "--format", "json"]);
        assert_eq!(&serde_json::from_str::<Value>(&alone.stdout).unwrap(), line, "{tenant}");
    }
    assert_eq!(several.code, 1, "hostile is not met, and nothing is worse");
}

#[test]
fn threads_change_nothing() {
    let tenants = folder(&FIXTURES);
    let one = check(tenants.path(), &[".", "--threads", "1"]);
    for threads in ["2", "7"] {
        assert_eq!(check(tenants.path(), &[".", "--threads", threads]), one);
    }
}

#[test]
fn paths_and_a_folder_of_them_are_the_same() {
    let tenants = folder(&["contoso", "no-permissions"]);
    let named = check(tenants.path(), &["contoso", "no-permissions"]);
    assert_eq!(check(tenants.path(), &["."]), named);
    // A snapshot is called after the folder that it is in.
    let snapshots =
        check(tenants.path(), &["contoso/snapshot", "no-permissions/snapshot", "--format", "json"]);
    assert_eq!(lines(&snapshots).len(), 2);
    assert_eq!(snapshots.stderr, "");
}

#[test]
fn one_bad_tenant_stops_nobody_and_sets_the_code() {
    let tenants = folder(&["contoso"]);
    let path = tenants.path();
    std::fs::create_dir(path.join("cut-off")).unwrap();
    std::fs::write(path.join("cut-off/snapshot.json"), "{").unwrap();
    std::fs::create_dir(path.join("lost")).unwrap();
    std::fs::write(path.join("lost/levelmark.yaml"), "").unwrap();
    let mistaken = folder(&["no-permissions"]);
    copy(&mistaken.path().join("no-permissions"), &path.join("mistaken"));
    std::fs::write(path.join("mistaken/levelmark.yaml"), "targets: {infra: 200}\nwaivers: 5\n").unwrap();

    let run = check(path, &["."]);
    assert_eq!(run.code, 2);
    for said in
        ["cut-off: not evaluated", "lost: not evaluated", "mistaken: not evaluated", "levelmark.yaml:2"]
    {
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    }
    assert!(run.stdout.contains("4 tenants: 1 met, 3 not evaluated"), "{}", run.stdout);

    let lines = lines(&check(path, &[".", "--format", "json"]));
    assert_eq!(lines[0]["gate"]["result"], "met");
    for (line, tenant) in lines[1..].iter().zip(["cut-off", "lost", "mistaken"]) {
        assert_eq!(line["levelmark"]["failure"], 1);
        assert_eq!(line["tenant"], tenant);
        assert_eq!(line["exit"], 2);
        assert!(!line["why"].as_str().unwrap().is_empty());
    }
}

#[test]
fn each_has_its_own_configuration_or_the_shared_one() {
    let tenants = folder(&["contoso", "out-of-the-box"]);
    let path = tenants.path();
    std::fs::remove_file(path.join("out-of-the-box/levelmark.yaml")).unwrap();
    std::fs::write(path.join("levelmark.yaml"), "targets: {infrastructure: 500}\n").unwrap();
    let target = |line: &Value| {
        let competencies = line["competencies"].as_array().unwrap();
        let found = competencies.iter().find(|of| of["id"] == "infrastructure").unwrap();
        found["verdict"]["level"]["target"].clone()
    };
    let found = lines(&check(path, &[".", "--format", "json"]));
    assert_eq!((target(&found[0]), target(&found[1])), (200.into(), 500.into()));
    let found = lines(&check(path, &[".", "--format", "json", "--config", "levelmark.yaml"]));
    assert_eq!((target(&found[0]), target(&found[1])), (500.into(), 500.into()));
}

#[test]
fn reports_and_baselines_carry_the_name_of_the_tenant() {
    let tenants = folder(&["contoso", "no-permissions"]);
    let path = tenants.path();
    let wrote = check(
        path,
        &[".", "-q", "--report", "json=results/{tenant}.json", "--report", "sarif={tenant}/it.sarif"],
    );
    assert_eq!(wrote.stderr, "");
    for file in
        ["results/contoso.json", "results/no-permissions.json", "contoso/it.sarif", "no-permissions/it.sarif"]
    {
        assert!(serde_json::from_slice::<Value>(&std::fs::read(path.join(file)).unwrap()).is_ok(), "{file}");
    }
    let again = check(path, &[".", "--fail-on", "regression", "--baseline", "results/{tenant}.json"]);
    assert_eq!((again.code, again.stderr.as_str()), (0, ""));
    assert!(again.stdout.contains("2 tenants: 2 met"), "{}", again.stdout);
    std::fs::remove_file(path.join("results/contoso.json")).unwrap();
    let lacking = check(path, &[".", "--fail-on", "regression", "--baseline", "results/{tenant}.json"]);
    assert_eq!(lacking.code, 2);
    assert!(lacking.stdout.contains("1 met, 1 not evaluated"), "{}", lacking.stdout);
}

#[test]
fn a_report_that_cannot_be_written_is_no_success() {
    let tenants = folder(&["contoso", "no-permissions"]);
    std::fs::create_dir_all(tenants.path().join("out/contoso.json")).unwrap();
    let run = check(tenants.path(), &[".", "--report", "json=out/{tenant}.json"]);
    assert_eq!(run.code, 2);
    assert!(tenants.path().join("out/no-permissions.json").is_file());
}

#[test]
fn what_is_of_one_tenant_is_refused_for_several() {
    let tenants = folder(&["contoso", "no-permissions"]);
    for (arguments, said) in [
        (["--report", "json=all.json"], "--report json=results/{tenant}.json"),
        (["--baseline", "one.json"], "{tenant}"),
        (["--answers", "one.yaml"], "{tenant}"),
        (["--tenant", "8e2f1c44-0000-4000-8000-000000000000"], "no-snapshot"),
        (["--format", "html"], "--report html=PATH"),
    ] {
        let run = check(tenants.path(), &[&["."], arguments.as_slice()].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    }
    assert!(!tenants.path().join("all.json").exists());
}

#[test]
fn a_hostile_name_does_nothing_to_a_terminal() {
    let tenants = folder(&["contoso"]);
    let hostile = tenants.path().join("a\u{1b}[31m::error::x");
    std::fs::rename(tenants.path().join("contoso"), &hostile).unwrap();
    let run = check(tenants.path(), &["."]);
    assert_eq!(run.code, 0);
    assert!(!run.stdout.contains('\u{1b}'), "{}", run.stdout.escape_debug());
}
