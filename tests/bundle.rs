//! Bundles through the real binary: what was packed is verified anywhere, and whatever is changed is found.
//! Archives that mean harm are in `bundle/hostile.rs`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod folders;
#[path = "bundle/hostile.rs"]
mod hostile;
mod program;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::sync::LazyLock;

use folders::copy;
use program::{Run, run};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const TODAY: &str = "2026-11-21";

/// Contoso with its result and bundle, made once.
struct Packed {
    folder: TempDir,
    bytes: Vec<u8>,
    told: Run,
}

static PACKED: LazyLock<Packed> = LazyLock::new(|| {
    let folder = contoso();
    result(folder.path(), "contoso", &[]);
    let told = levelmark(folder.path(), &["bundle", "result.json", "contoso", "--out", "contoso.zip"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let bytes = fs::read(folder.path().join("contoso.zip")).unwrap();
    Packed { folder, bytes, told }
});

fn levelmark(folder: &Path, arguments: &[&str]) -> Run {
    run(folder, &[arguments, &["--color", "never"]].concat(), b"")
}

/// A folder with Contoso's tenant folder in it; some of its answers name local files.
fn contoso() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new("fixtures/tenants/contoso"), &folder.path().join("contoso"));
    let answers = folder.path().join("contoso/attestations.yaml");
    let mut text = fs::read_to_string(&answers).unwrap();
    for local in ["evidence/drill.pdf", "evidence/lost.pdf", "../outside.pdf"] {
        let at = text.find("evidence: https://").unwrap();
        let end = at + text[at..].find('\n').unwrap();
        text.replace_range(at..end, &format!("evidence: {local}"));
    }
    fs::write(answers, text).unwrap();
    fs::create_dir(folder.path().join("contoso/evidence")).unwrap();
    fs::write(folder.path().join("contoso/evidence/drill.pdf"), "the minutes").unwrap();
    fs::write(folder.path().join("outside.pdf"), "a secret").unwrap();
    folder
}

/// Writes `result.json`.
fn result(folder: &Path, tenant: &str, more: &[&str]) {
    let check = [&["check", tenant, "--today", TODAY, "--format", "json"], more].concat();
    let run = levelmark(folder, &check);
    assert_eq!(run.stderr, "");
    fs::write(folder.join("result.json"), run.stdout).unwrap();
}

type Entries = BTreeMap<String, Vec<u8>>;

fn entries(bytes: &[u8]) -> Entries {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut entries = Entries::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let (mut content, name) = (Vec::new(), entry.name().unwrap().into_owned());
        entry.read_to_end(&mut content).unwrap();
        entries.insert(name, content);
    }
    entries
}

fn archive(entries: &Entries) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        archive.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Verifies an archive alone in an empty folder.
fn verify(bytes: &[u8], more: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("b.zip"), bytes).unwrap();
    let run = levelmark(folder.path(), &[&["verify", "b.zip"], more].concat());
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing is written beside the bundle");
    run
}

fn changed(change: impl FnOnce(&mut Entries)) -> Run {
    let mut entries = entries(&PACKED.bytes);
    change(&mut entries);
    verify(&archive(&entries), &[])
}

/// Makes the manifest say of every file what it is.
fn forge(entries: &mut Entries) {
    let mut manifest: Value = serde_json::from_slice(&entries["manifest.json"]).unwrap();
    let files = entries.iter().filter(|(name, _)| *name != "manifest.json").map(|(name, content)| {
        let digest: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        json!({ "path": name, "bytes": content.len(), "sha256": digest })
    });
    manifest["files"] = files.collect();
    entries.insert("manifest.json".to_owned(), serde_json::to_vec(&manifest).unwrap());
}

fn replace(entries: &mut Entries, name: &str, from: &str, to: &str) {
    let text = String::from_utf8(entries[name].clone()).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    entries.insert(name.to_owned(), text.replacen(from, to, 1).into_bytes());
}

/// Digests, sizes and numbers that change with every policy are no text.
fn stable(text: &str) -> String {
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).map(|word| {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let is_digest = bare.len() == 64 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_digest { word.replace(bare, "[digest]") } else { word.to_owned() }
    });
    words.collect()
}

#[test]
fn a_bundle_verifies_alone_in_an_empty_folder() {
    let run = verify(&PACKED.bytes, &[]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    insta::assert_snapshot!("verified", stable(&run.stdout));
    let run = verify(&PACKED.bytes, &["--json"]);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(run.code, 0);
    assert_eq!(found["levelmark"]["verification"], 1);
    assert_eq!(found["verified"], true);
    assert_eq!(found["result"]["same"], true);
    assert_eq!(found["policies"]["other"], json!([]));
}

#[test]
fn what_is_packed() {
    insta::assert_snapshot!("packed", stable(&PACKED.told.stdout));
    insta::assert_snapshot!("left-out", PACKED.told.stderr);
    let entries = entries(&PACKED.bytes);
    let folder = PACKED.folder.path();
    for (name, path) in [
        ("result.json", "result.json"),
        ("levelmark.yaml", "contoso/levelmark.yaml"),
        ("attestations.yaml", "contoso/attestations.yaml"),
        ("evidence/evidence/drill.pdf", "contoso/evidence/drill.pdf"),
        ("snapshot/manifest.json", "contoso/snapshot/manifest.json"),
        ("snapshot/conditionalAccess.policies.json", "contoso/snapshot/conditionalAccess.policies.json"),
    ] {
        assert_eq!(entries[name], fs::read(folder.join(path)).unwrap(), "{name}");
    }
    for name in ["model.yaml", "params.yaml", "infrastructure/400/INF-400-G2.yaml"] {
        let ours = fs::read(Path::new("policies").join(name)).unwrap();
        assert_eq!(entries[&format!("policies/builtin/{name}")], ours, "{name}");
    }
    assert!(!entries.keys().any(|name| name.contains("outside") || name.contains("lost")));
    insta::assert_snapshot!("readme", String::from_utf8(entries["README.txt"].clone()).unwrap());
    let mut manifest: Value = serde_json::from_slice(&entries["manifest.json"]).unwrap();
    manifest["files"] = Value::Null;
    insta::assert_snapshot!("manifest", format!("{manifest:#}"));
}

#[test]
fn the_same_inputs_make_the_same_bytes() {
    let folder = PACKED.folder.path();
    // From another working directory, under another name.
    let bundle = ["bundle", "../result.json", ".", "--out", "../again.zip"];
    let run = levelmark(&folder.join("contoso"), &bundle);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(fs::read(folder.join("again.zip")).unwrap() == PACKED.bytes);
    let without = ["bundle", "result.json", "contoso", "--out", "without.zip", "--no-evidence"];
    assert_eq!(levelmark(folder, &without).code, 0);
    let without = entries(&fs::read(folder.join("without.zip")).unwrap());
    assert!(!without.keys().any(|name| name.starts_with("evidence/")));
}

#[test]
fn whatever_is_changed_is_found() {
    let snapshot = "snapshot/conditionalAccess.policies.json";
    let policy = "policies/builtin/infrastructure/400/INF-400-G2.yaml";
    for (name, from, to) in [
        (snapshot, "\"enabled\"", "\"disabled\""),
        ("snapshot/manifest.json", "Contoso", "Fabrikam"),
        (policy, "urgent: true", "urgent: false"),
        ("attestations.yaml", "answer: yes", "answer: no"),
        ("levelmark.yaml", "infrastructure: 200", "infrastructure: 300"),
        ("result.json", "\"met\"", "\"not-met\""),
        ("evidence/evidence/drill.pdf", "minutes", "tickets"),
        ("README.txt", "a verdict", "the verdict"),
    ] {
        let run = changed(|entries| replace(entries, name, from, to));
        assert_eq!(run.code, 1, "{name}: {}", run.stderr);
        assert!(run.stdout.starts_with("not verified"), "{name}");
        assert!(run.stdout.contains(&format!("{name} is not the file")), "{name}: {}", run.stdout);
    }
    let run = changed(|entries| drop(entries.insert("evidence/more.pdf".to_owned(), b"x".to_vec())));
    assert!(
        run.code == 1 && run.stdout.contains("evidence/more.pdf is not in the manifest"),
        "{}",
        run.stdout
    );
    let run = changed(|entries| drop(entries.remove(snapshot)));
    assert!(run.code == 1 && run.stdout.contains(&format!("{snapshot} is missing")), "{}", run.stdout);
    let run = changed(|entries| {
        let file = entries.remove(snapshot).unwrap();
        entries.insert("snapshot/conditionalAccess.locations.json".to_owned(), file);
    });
    assert_eq!(run.code, 1);
    insta::assert_snapshot!("renamed", stable(&run.stdout));
}

#[test]
fn a_manifest_that_goes_along_with_a_change_does_not_help() {
    let forged = |name: &'static str, from: &'static str, to: &'static str| {
        changed(|entries| {
            replace(entries, name, from, to);
            forge(entries);
        })
    };
    let run = forged("result.json", "\"proven\": 200", "\"proven\": 300");
    assert_eq!(run.code, 1);
    insta::assert_snapshot!("forged-result", stable(&run.stdout));
    let run = forged("attestations.yaml", "answer: yes", "answer: no");
    assert!(run.code == 1 && run.stdout.contains("values that differ"), "{}{}", run.stdout, run.stderr);
    let run = forged("snapshot/conditionalAccess.policies.json", "\"enabled\"", "\"disabled\"");
    assert!(run.code == 1 && run.stdout.contains("/snapshot/digest"), "{}{}", run.stdout, run.stderr);
    // The examples of a policy decide nothing, yet it is not the policy that the program comes with.
    let policy = "policies/builtin/infrastructure/400/INF-400-G2.yaml";
    let run = forged(policy, "\nexamples:\n", "\nexamples: # changed\n");
    assert!(run.code == 1 && run.stdout.contains("is not what levelmark"), "{}", run.stdout);
    let run =
        changed(|entries| replace(entries, "manifest.json", "\"urgentOnly\": false", "\"urgentOnly\": true"));
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    let run = changed(|entries| replace(entries, "manifest.json", "\"bundle\": 1", "\"bundle\": 2"));
    assert_eq!(run.code, 2);
    insta::assert_snapshot!("another-version", run.stderr);
}

#[test]
fn a_configuration_reaches_nothing_outside() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.yaml"), "targets: { infrastructure: 300 }\n").unwrap();
    for path in ["../secret.yaml", "../../../../../../../../etc/secret.yaml", "evidence/../../secret.yaml"] {
        let run = changed(|entries| {
            replace(entries, "levelmark.yaml", "params:", &format!("extends: [{path}]\nparams:"));
            forge(entries);
        });
        assert_eq!(run.code, 2, "{path}: {}", run.stdout);
        assert!(run.stderr.contains("outside of the bundle"), "{path}: {}", run.stderr);
    }
    // Answers that the configuration names and the manifest does not are not read.
    let run = changed(|entries| {
        let answers = entries.remove("attestations.yaml").unwrap();
        entries.insert("evidence/attestations.yaml".to_owned(), answers);
        replace(
            entries,
            "levelmark.yaml",
            "answers: attestations.yaml",
            "answers: evidence/attestations.yaml",
        );
        replace(entries, "manifest.json", "\"answers\": \"attestations.yaml\"", "\"answers\": null");
        forge(entries);
    });
    assert!(run.code == 1 && run.stdout.contains("/attestations/0"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_result_of_another_version_is_verified_by_what_it_says() {
    let run = changed(|entries| {
        let ours = format!("\"levelmark {}\"", env!("CARGO_PKG_VERSION"));
        replace(entries, "result.json", &ours, "\"levelmark 0.0.9\"");
        replace(entries, "manifest.json", &ours, "\"levelmark 0.0.9\"");
        forge(entries);
    });
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("levelmark 0.0.9, verified by levelmark"), "{}", run.stdout);
}

#[test]
fn all_that_decides_a_result_is_kept() {
    let folder = contoso();
    let at = folder.path();
    fs::create_dir_all(at.join("own/deep")).unwrap();
    fs::create_dir_all(at.join("shared")).unwrap();
    let builtin = fs::read_to_string("policies/infrastructure/400/INF-400-G2.yaml").unwrap();
    fs::write(at.join("own/deep/INF-400-G2.yaml"), format!("# ours\n{builtin}")).unwrap();
    let config = fs::read_to_string(at.join("contoso/levelmark.yaml")).unwrap();
    fs::write(at.join("shared/base.yaml"), config.replace("answers: attestations.yaml", "")).unwrap();
    fs::write(
        at.join("contoso/levelmark.yaml"),
        "extends: [../shared/base.yaml]\nanswers: attestations.yaml\n",
    )
    .unwrap();
    result(at, "contoso", &[]);
    fs::rename(at.join("result.json"), at.join("before.json")).unwrap();
    let options = [
        "--policies",
        "own",
        "--allow-override",
        "INF-400-G2",
        "--baseline",
        "before.json",
        "--target",
        "infrastructure=300",
        "--fail-on",
        "level,regression",
        "--max-age",
        "P30D",
        "--max-evidence",
        "3",
        "--no-waivers",
        "--on-unknown",
        "fail",
        "--urgent-only",
        "--param",
        "multi_tenant=true",
    ];
    result(at, "./contoso/", &options);
    let bundle = [&["bundle", "result.json", "contoso", "--out", "b.zip"], &options[..]].concat();
    let run = levelmark(at, &bundle);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let bytes = fs::read(at.join("b.zip")).unwrap();
    let names = entries(&bytes);
    for name in [
        "configuration/contoso/levelmark.yaml",
        "configuration/shared/base.yaml",
        "policies/1/deep/INF-400-G2.yaml",
        "baseline.json",
    ] {
        assert!(names.contains_key(name), "{name}");
    }
    let run = verify(&bytes, &[]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    // Without the options it is another result, and nothing is written.
    let run = levelmark(at, &["bundle", "result.json", "contoso", "--out", "no.zip"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(!at.join("no.zip").exists());
    for why in ["other policies", "other waivers", "the gate was asked something else"] {
        assert!(run.stderr.contains(why), "{why}: {}", run.stderr);
    }
}

#[test]
fn other_forms_of_the_evidence() {
    let folder = contoso();
    let at = folder.path();
    let snapshot =
        levelmark::snapshot::Snapshot::open(&at.join("contoso/snapshot"), levelmark::snapshot::Wanted::All);
    let draft = snapshot.unwrap().to_draft().unwrap();
    draft.write(&at.join("one.json"), levelmark::snapshot::Form::File).unwrap();
    result(at, "one.json", &["--policy", "INF-400-G2"]);
    let bundle = ["bundle", "result.json", "one.json", "--out", "b.zip", "--policy", "INF-400-G2"];
    assert_eq!(levelmark(at, &bundle).code, 0);
    assert_eq!(verify(&fs::read(at.join("b.zip")).unwrap(), &[]).code, 0);
    // A configuration that lies around there is not taken into the evaluation of a bundle.
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("levelmark.yaml"), "targets: { infrastructure: 500 }\n").unwrap();
    fs::copy(at.join("b.zip"), elsewhere.path().join("b.zip")).unwrap();
    assert_eq!(levelmark(elsewhere.path(), &["verify", "b.zip"]).code, 0);
    // Answers alone.
    fs::remove_dir_all(at.join("contoso/snapshot")).unwrap();
    result(at, "contoso", &["--no-snapshot"]);
    let bundle = ["bundle", "result.json", "contoso", "--no-snapshot", "--out", "c.zip"];
    let run = levelmark(at, &bundle);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(verify(&fs::read(at.join("c.zip")).unwrap(), &[]).code, 0);
}

#[test]
fn what_can_not_be_packed() {
    let folder = PACKED.folder.path();
    let demo = levelmark(folder, &["bundle", "result.json", "--demo", "--out", "no.zip"]);
    assert_eq!(demo.code, 2, "{}", demo.stderr);
    let other = ["bundle", "result.json", "contoso", "--today", "2020-01-01", "--out", "no.zip"];
    let other = levelmark(folder, &other);
    assert!(other.code == 1 && other.stderr.contains("leave --today out"), "{}", other.stderr);
    let text = fs::read_to_string(folder.join("result.json")).unwrap();
    fs::write(folder.join("crlf.json"), text.replace('\n', "\r\n")).unwrap();
    let crlf = levelmark(folder, &["bundle", "crlf.json", "contoso", "--out", "no.zip"]);
    assert_eq!(crlf.code, 1);
    insta::assert_snapshot!("other-bytes", crlf.stderr);
    assert!(!folder.join("no.zip").exists());
}
