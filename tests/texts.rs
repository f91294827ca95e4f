//! What people read on good input, as text under review: the report on contoso in its volumes, a
//! policy explained, lists, matches of a query. Width, day and colour are fixed.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use std::path::Path;

use program::run;

const CONTOSO: &str = "fixtures/tenants/contoso";

fn text(arguments: &[&str]) -> String {
    let run = run(Path::new(env!("CARGO_MANIFEST_DIR")), &[arguments, &["--color", "never"]].concat(), b"");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    run.stdout
}

/// The first lines.
fn head(text: &str, lines: usize) -> String {
    text.lines().take(lines).map(|line| format!("{line}\n")).collect()
}

#[test]
fn check() {
    let check = |more: &[&str]| text(&[&["check", CONTOSO, "--today", "2026-11-21"], more].concat());
    insta::assert_snapshot!("check", check(&[]));
    insta::assert_snapshot!("check-quiet", check(&["--quiet"]));
    insta::assert_snapshot!("check-one-policy", check(&["--policy", "INF-400-G2", "--fail-on", "never"]));
}

#[test]
fn explain() {
    insta::assert_snapshot!("explain", text(&["explain", "INF-400-G2"]));
}

#[test]
fn lists() {
    insta::assert_snapshot!("policy-list", head(&text(&["policy", "list"]), 20));
    insta::assert_snapshot!("sections", head(&text(&["sections"]), 20));
    insta::assert_snapshot!(
        "sections-script",
        head(&text(&["sections", "--script", "powershell", "tenant.domains"]), 40)
    );
}

#[test]
fn permissions() {
    let permissions = |more: &[&str]| text(&[&["permissions"], more].concat());
    insta::assert_snapshot!("permissions", permissions(&[]));
    insta::assert_snapshot!(
        "permissions-delegated",
        permissions(&["--delegated", "--policy", "SHM-300-1", "--include", "planner.tasks"])
    );
    // Settings are always read, so the shortest command still has all of them.
    insta::assert_snapshot!("permissions-az", permissions(&["--no-builtin", "--format", "az"]));
    insta::assert_snapshot!(
        "permissions-powershell",
        permissions(&["--no-builtin", "--format", "powershell"])
    );
}

#[test]
fn query() {
    let snapshot = "fixtures/tenants/contoso/snapshot";
    let path = "$.conditionalAccess.policies[?@.state != 'enabled'].displayName";
    insta::assert_snapshot!("query", text(&["query", snapshot, path]));
    insta::assert_snapshot!("query-json", text(&["query", snapshot, path, "--format", "json"]));
    insta::assert_snapshot!(
        "query-nothing",
        text(&["query", snapshot, "$.conditionalAccess.policies[?@.displayName == 'x']"])
    );
}
