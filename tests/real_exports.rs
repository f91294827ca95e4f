//! Files of other tools and of the admin centre, where they are at hand: they are imported through
//! the binary, evaluated, and what fails names its place.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic")]

mod program;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use program::run;
use serde_json::Value;

/// A file of the data beside the working tree; none where it is not at hand.
fn data(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not here", path.display());
        return None;
    }
    Some(path)
}

/// Imports a provider export into a folder; gives the path of the snapshot.
fn imported(folder: &Path, name: &str) -> Option<PathBuf> {
    let export = data(name)?;
    let run =
        run(folder, &["import", "scubagear", export.to_str().unwrap(), "--out", "tenant/snapshot"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    Some(folder.join("tenant/snapshot"))
}

fn check(folder: &Path, arguments: &[&str]) -> Value {
    let arguments =
        [&["check", "tenant/snapshot", "--today", "2026-11-21", "--format", "json"], arguments].concat();
    let run = run(folder, &arguments, b"");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    serde_json::from_str(&run.stdout).unwrap()
}

fn findings(report: &Value) -> Vec<&Value> {
    report["findings"].as_array().unwrap().iter().collect()
}

fn of<'r>(report: &'r Value, outcome: &str) -> Vec<&'r Value> {
    let gating = |finding: &&Value| finding["outcome"] == outcome && finding["informs"] == false;
    findings(report).into_iter().filter(gating).collect()
}

#[test]
fn both_exports_are_imported_and_evaluated() {
    for name in ["scubagear/ProviderSettingsExport-a.json", "scubagear/ProviderSettingsExport-b.json"] {
        let folder = tempfile::tempdir().unwrap();
        if imported(folder.path(), name).is_none() {
            return;
        }
        let report = check(folder.path(), &[]);
        assert!(findings(&report).iter().all(|finding| finding["outcome"] != "error"), "{name}");
        assert!(of(&report, "pass").len() + of(&report, "fail").len() >= 10, "{name} decides something");
        let based = of(&report, "pass").iter().all(|finding| finding["basis"] == "imported");
        assert!(based, "{name}: a pass rests on the export");
    }
}

/// What an administrator of that tenant would declare: ids stand in the export.
#[test]
fn export_b_decides_twenty_checks_and_shows_what_fails() {
    let folder = tempfile::tempdir().unwrap();
    let Some(snapshot) = imported(folder.path(), "scubagear/ProviderSettingsExport-b.json") else { return };
    let policies: Value =
        serde_json::from_slice(&std::fs::read(snapshot.join("conditionalAccess.policies.json")).unwrap())
            .unwrap();
    let excluded: BTreeSet<&str> = policies
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|policy| policy.pointer("/conditions/users/excludeUsers")?.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .filter(|id| id.len() == 36)
        .collect();
    let ids: Vec<&str> = excluded.into_iter().take(2).collect();
    let fallback = "00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000002".to_owned();
    let ids = if ids.is_empty() { fallback } else { ids.join(",") };
    let break_glass = format!("break_glass={ids}");
    let report = check(
        folder.path(),
        &["--param", &break_glass, "--param", "watchlist=Exchange Online,Microsoft Teams"],
    );
    let (passes, fails) = (of(&report, "pass"), of(&report, "fail"));
    let names = |of: &[&Value]| {
        of.iter().map(|f| format!("{}/{}", f["policy"], f["check"])).collect::<Vec<_>>().join("\n")
    };
    assert!(passes.len() >= 10, "{} pass:\n{}", passes.len(), names(&passes));
    assert!(fails.len() >= 10, "{} fail:\n{}", fails.len(), names(&fails));
    for fail in fails {
        let place = &fail["evidence"]["shown"][0];
        assert!(place["line"].as_u64().is_some_and(|line| line > 0), "{fail:#}");
        let (file, start, end) =
            (place["file"].as_str().unwrap(), place["start"].as_u64(), place["end"].as_u64());
        let text = std::fs::read(folder.path().join(file)).unwrap();
        let bytes = usize::try_from(start.unwrap()).unwrap()..usize::try_from(end.unwrap()).unwrap();
        assert!(
            serde_json::from_slice::<Value>(&text[bytes]).is_ok(),
            "the place is a value of the file: {place:#}"
        );
    }
}

#[test]
fn saved_responses_join_a_snapshot_of_their_tenant_alone() {
    let (Some(messages), Some(health)) =
        (data("portal/messagecenter.json"), data("portal/servicehealth.json"))
    else {
        return;
    };
    let (messages, health) = (messages.to_str().unwrap(), health.to_str().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let tenant = "00000000-0000-4000-8000-000000000001";
    let nameless = run(here, &["import", "portal", messages, "--out", "tenant/snapshot"], b"");
    assert_eq!(nameless.code, 2, "a saved response names no tenant: {}", nameless.stderr);
    assert!(nameless.stderr.contains("--tenant"), "{}", nameless.stderr);

    let first =
        run(here, &["import", "portal", messages, "--out", "tenant/snapshot", "--tenant", tenant], b"");
    assert_eq!(first.code, 0, "{}", first.stderr);
    let second =
        run(here, &["import", "portal", health, "--into", "tenant/snapshot", "--tenant", tenant], b"");
    assert_eq!(second.code, 0, "{}", second.stderr);
    let report = check(here, &["--param", "watchlist=Exchange Online"]);
    for section in ["messageCenter.messages", "serviceHealth.issues"] {
        let found = &report["sections"][section];
        assert!(found["state"] == "read" || found["state"] == "partial", "{section}: {found}");
        assert_eq!(found["via"], "portal");
        assert!(found["items"].as_u64().is_some_and(|items| items > 0), "{section}: {found}");
    }

    let before = std::fs::read(here.join("tenant/snapshot/manifest.json")).unwrap();
    let other = "00000000-0000-4000-8000-000000000002";
    let refused =
        run(here, &["import", "portal", health, "--into", "tenant/snapshot", "--tenant", other], b"");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    // A long line is broken, even within an id.
    let told: String = refused.stderr.split(['\n', ' ', '│']).collect();
    assert!(told.contains(&format!("theimport:itisoftenant{other},notof{tenant}")), "{}", refused.stderr);
    assert_eq!(
        std::fs::read(here.join("tenant/snapshot/manifest.json")).unwrap(),
        before,
        "nothing is written"
    );
}

#[test]
fn exports_of_two_tenants_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_) = imported(folder.path(), "scubagear/ProviderSettingsExport-a.json") else { return };
    let Some(b) = data("scubagear/ProviderSettingsExport-b.json") else { return };
    let run =
        run(folder.path(), &["import", "scubagear", b.to_str().unwrap(), "--into", "tenant/snapshot"], b"");
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("tenant"), "{}", run.stderr);
}
