//! Keys that are none, outputs that are in the way, redactions that are redacted again; nothing half is left.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::program::{program, run};
use super::{KEY, files, fixture, redact};

/// What is in a folder, by names.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[track_caller]
fn refused(folder: &Path, arguments: &[&str], says: &str) {
    let before = names(folder);
    let done = run(folder, arguments, b"");
    assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{arguments:?}");
    assert!(done.stderr.contains(says), "{arguments:?}: {}", done.stderr);
    assert_eq!(names(folder), before, "{arguments:?} left something");
}

#[test]
fn keys_are_asked_for_and_looked_at() {
    let folder = TempDir::new().unwrap();
    let from = fixture("out-of-the-box");
    let from = from.to_str().unwrap();
    refused(folder.path(), &["redact", from, "--out", "out"], "pseudonyms need a key");
    for (name, key, says) in [
        ("short", "0123456789", "at least 32"),
        ("simple", "abababababababababababababababababababab", "repeats 2 characters"),
        ("empty", "", "the key has 0 characters"),
    ] {
        fs::write(folder.path().join(name), key).unwrap();
        refused(folder.path(), &["redact", from, "--out", "out", "--key-file", name], says);
    }
    refused(folder.path(), &["redact", from, "--out", "out", "--key-file", "none"], "failed to read none");
}

#[test]
fn a_key_of_the_environment_is_as_good_as_one_of_a_file() {
    let folder = TempDir::new().unwrap();
    let from = fixture("out-of-the-box");
    redact(folder.path(), &from, "one", KEY);
    let mut command = program(folder.path(), &["redact", from.to_str().unwrap(), "--out", "two"]);
    assert!(command.env("LEVELMARK_REDACT_KEY", KEY).output().unwrap().status.success());
    assert_eq!(files(&folder.path().join("one")), files(&folder.path().join("two")));
}

#[test]
fn a_new_key_is_of_its_owner_alone_and_never_written_over() {
    let folder = TempDir::new().unwrap();
    let done = run(folder.path(), &["redact", "--new-key", "key"], b"");
    let key = fs::read_to_string(folder.path().join("key")).unwrap();
    assert_eq!((done.code, key.len()), (0, 65));
    assert!(!(done.stdout + &done.stderr).contains(key.trim()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(folder.path().join("key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    refused(folder.path(), &["redact", "--new-key", "key"], "can't be written");
    assert_eq!(fs::read_to_string(folder.path().join("key")).unwrap(), key);
    let said =
        run(folder.path(), &["redact", "--look-up", "Alex", "--look-up", "Alex", "--key-file", "key"], b"");
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert!(lines.len() == 2 && lines[0] == lines[1] && lines[0] != "Alex", "{lines:?}");
}

#[test]
fn originals_are_never_replaced() {
    let folder = TempDir::new().unwrap();
    let from = fixture("out-of-the-box");
    let from = from.to_str().unwrap();
    fs::write(folder.path().join("key"), KEY).unwrap();
    let redact = |more: &[&'static str]| -> Vec<&str> {
        ["redact", from, "--key-file", "key"].iter().chain(more).copied().collect()
    };
    fs::create_dir(folder.path().join("mine")).unwrap();
    fs::write(folder.path().join("mine/letter.txt"), "mine").unwrap();
    for out in ["mine", "key"] {
        refused(folder.path(), &redact(&["--out", out]), "exists already");
        refused(folder.path(), &redact(&["--out", out, "--force"]), "is no redaction");
    }
    assert_eq!(run(folder.path(), &redact(&["--out", "out"]), b"").code, 0);
    refused(folder.path(), &redact(&["--out", "out"]), "exists already");
    fs::create_dir(folder.path().join("out/.git")).unwrap();
    assert_eq!(run(folder.path(), &redact(&["--out", "out", "--force"]), b"").code, 0);
    assert!(folder.path().join("out/.git").is_dir());
    refused(folder.path(), &["redact", "out", "--key-file", "key", "--out", "again"], "is redacted (key");
}

#[test]
fn both_forms_of_a_snapshot_are_redacted_alike() {
    let folder = TempDir::new().unwrap();
    let snapshot = fixture("out-of-the-box").join("snapshot");
    redact(folder.path(), &snapshot, "one", KEY);
    redact(folder.path(), &snapshot, "one.json", KEY);
    let check = |what: &str| {
        let done = run(folder.path(), &["check", what, "--format", "json", "--today", "2026-11-26"], b"");
        serde_json::from_str::<serde_json::Value>(&done.stdout).unwrap()["snapshot"].clone()
    };
    assert_eq!(check("one"), check("one.json"));
}

#[test]
fn nothing_real_is_brought_into_a_redaction() {
    let folder = TempDir::new().unwrap();
    redact(folder.path(), &fixture("contoso"), "out", KEY);
    fs::write(folder.path().join("t.csv"), "id,service\n1,Exchange Online\n").unwrap();
    let before = files(&folder.path().join("out"));
    for arguments in [
        &["import", "csv", "t.csv", "--section", "registers.tickets", "--into", "out/snapshot"][..],
        &["declare", "out", "messageCenter.plannerSync", "--by", "Kim <kim@contoso.com>", "--from", "t.csv"],
    ] {
        refused(folder.path(), arguments, "is redacted (key");
    }
    assert_eq!(files(&folder.path().join("out")), before);
}

#[test]
fn policies_that_look_at_what_is_replaced_are_noticed() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("key"), KEY).unwrap();
    // The pattern comes from the data: nobody knows beforehand what it will be.
    let policy = "id: INF-300-P1\ntitle: Names\ncompetency: infrastructure\nlevel: 300\ndimension: process\nabout: a\nwhy: b\nfix: c\n\
        checks:\n  - id: named\n    title: Names begin like addresses\n    forbid: $.users.accounts[?length(@.displayName) > 14]\n    empty: pass\n";
    fs::create_dir(folder.path().join("policies")).unwrap();
    fs::write(folder.path().join("policies/INF-300-P1.yaml"), policy).unwrap();
    let from = fixture("contoso").join("snapshot");
    let own = ["--policies", "policies", "--no-builtin"];
    let arguments =
        [&["redact", from.to_str().unwrap(), "--key-file", "key", "--out", "out"][..], &own].concat();
    refused(folder.path(), &arguments, "INF-300-P1/named");
    let done = run(folder.path(), &[&arguments[..], &["--no-verify"]].concat(), b"");
    assert_eq!(done.code, 0, "{}", done.stderr);
}
