//! What was redacted otherwise is not read together: configuration and answers beside a snapshot, two snapshots, a
//! baseline; and nothing real is written beside pseudonyms.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::program::{Run, program, run};
use super::{KEY, OTHER, files, fixture, redact};

/// A policy that makes the words that stay others.
const POLICY: &str = "id: INF-300-P99\ntitle: t\ncompetency: infrastructure\nlevel: 300\ndimension: process\nabout: a\nwhy: b\nfix: c\nchecks:\n  \
    - id: x\n    title: t\n    forbid: $.groups.groups[?@.displayName == 'A word of ours']\n    empty: pass\n";

/// `contoso` and `red`, its redaction.
fn both() -> TempDir {
    let folder = TempDir::new().unwrap();
    redact(folder.path(), &fixture("contoso"), "red", KEY);
    folder
}

fn json(done: &Run) -> Value {
    serde_json::from_str(&done.stdout).unwrap()
}

#[track_caller]
fn refused(folder: &Path, arguments: &[&str], says: &[&str]) {
    let done = run(folder, arguments, b"");
    assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{arguments:?}: {}", done.stderr);
    // Lines are broken anywhere.
    let said = done.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    says.iter().for_each(|part| assert!(said.contains(part), "{arguments:?}: {part}\n{said}"));
}

#[test]
fn files_that_are_not_redacted_as_the_snapshot_is_are_refused() {
    let folder = both();
    let here = folder.path();
    redact(here, &fixture("contoso"), "other", OTHER);
    let real = fixture("contoso");
    let [config, answers] = ["levelmark.yaml", "attestations.yaml"].map(|name| real.join(name));
    let (config, answers, real) =
        (config.to_str().unwrap(), answers.to_str().unwrap(), real.to_str().unwrap());
    for arguments in [
        &["check", "red/snapshot", "--config", config, "--answers", "red/attestations.yaml"][..],
        &["check", "red/snapshot", "--config", "red/levelmark.yaml", "--answers", answers],
        &["diff", "red/snapshot", "red/snapshot", "--config", config],
        &["diff", "red/snapshot", "red/snapshot", "--no-effect", "--config", config],
    ] {
        refused(
            here,
            arguments,
            &["is not redacted, the snapshot is redacted with the key", "levelmark redact FOLDER --out COPY"],
        );
    }
    refused(
        here,
        &["check", real, "--config", "red/levelmark.yaml"],
        &["the snapshot is not redacted", "name the original"],
    );
    refused(here, &["check", "red", "--config", "other/levelmark.yaml"], &["with one key"]);
    let result = run(here, &["check", "red", "--format", "json"], b"").stdout;
    fs::write(here.join("r.json"), result).unwrap();
    refused(
        here,
        &["bundle", "r.json", "red", "--config", config, "--out", "b.zip"],
        &["the snapshot is redacted"],
    );
}

#[test]
fn what_names_nothing_goes_with_every_snapshot() {
    let folder = both();
    fs::write(
        folder.path().join("bare.yaml"),
        "targets: { infrastructure: 300 }\nparams: { idle_days: 90 }\n",
    )
    .unwrap();
    for what in ["red/snapshot", fixture("contoso").join("snapshot").to_str().unwrap()] {
        let done = run(folder.path(), &["check", what, "--config", "bare.yaml"], b"");
        assert!(!done.stderr.contains("redacted with the key"), "{}", done.stderr);
    }
    let done = run(folder.path(), &["check", "red", "--format", "json"], b"");
    assert!(done.code < 2 || done.code == 3, "{}", done.stderr);
    // Without a snapshot, the files say that they are redacted.
    let done = run(folder.path(), &["check", "red", "--no-snapshot", "--format", "json"], b"");
    assert_eq!(json(&done)["snapshot"]["redacted"]["key"].as_str().unwrap().len(), 8);
}

#[test]
fn a_folder_without_a_snapshot_is_redacted_by_its_files() {
    let folder = both();
    let here = folder.path();
    fs::create_dir(here.join("files")).unwrap();
    for name in ["levelmark.yaml", "attestations.yaml"] {
        fs::copy(fixture("contoso").join(name), here.join("files").join(name)).unwrap();
    }
    let key = format!("key-{}", &KEY[..4]);
    // As after `collect --redact --out late/snapshot`: the files come beside the snapshot.
    fs::create_dir(here.join("late")).unwrap();
    fs::rename(here.join("red/snapshot"), here.join("late/snapshot")).unwrap();
    let redact = |out: &str, more: &[&str]| {
        run(here, &[&["redact", "files", "--key-file", &key, "--out", out][..], more].concat(), b"")
    };
    let done = redact("late", &[]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    for name in ["levelmark.yaml", "attestations.yaml"] {
        let [one, two] = ["late", "red"].map(|at| fs::read_to_string(here.join(at).join(name)).unwrap());
        assert_eq!(one, two, "{name}");
    }
    assert!(here.join("late/snapshot/manifest.json").exists());
    assert_eq!(redact("late", &[]).code, 2, "they exist already");
    assert_eq!(redact("late", &["--force"]).code, 0);
    let check =
        |what: &str| json(&run(here, &["check", what, "--format", "json", "--today", "2026-11-26"], b""));
    let original = check(fixture("contoso").to_str().unwrap());
    assert_eq!(check("late")["competencies"], original["competencies"]);
    // Beside what was redacted with another key, or not at all, they are not put.
    super::redact(here, &fixture("contoso").join("snapshot"), "else/snapshot", OTHER);
    assert!(redact("else", &[]).stderr.contains("redacted with the key"));
}

#[test]
fn real_names_are_not_written_into_a_redaction() {
    let folder = both();
    let here = folder.path();
    fs::write(here.join("q.csv"), "check,answer\n").unwrap();
    let before = files(here);
    let by = "Kim Okafor <kim@contoso.com>";
    for arguments in [
        &["attest", "red", "--by", by][..],
        &["attest", "red", "--by", by, "--import", "q.csv"],
        &["approve", "red", "--against", "red/snapshot", "--by", by, "--all", "--reason", "r"],
    ] {
        refused(here, arguments, &["is redacted (key", "work on the original"]);
    }
    assert!(before == files(here), "something was written");
}

#[test]
fn other_policies_are_told_where_two_redactions_meet() {
    let folder = both();
    let here = folder.path();
    fs::create_dir(here.join("own")).unwrap();
    fs::write(here.join("own/INF-300-P99.yaml"), POLICY).unwrap();
    let (from, key) = (fixture("contoso"), format!("key-{}", &KEY[..4]));
    let arguments = [
        "redact",
        from.to_str().unwrap(),
        "--key-file",
        &key,
        "--policies",
        "own",
        "--keep-words",
        "--out",
        "more",
    ];
    let done = run(here, &arguments, b"");
    assert_eq!(done.code, 0, "{}", done.stderr);
    let told = |one: &str, other: &str, more: &[&str]| {
        run(here, &[&["diff", one, other, "--no-effect"][..], more].concat(), b"").stdout
    };
    assert!(told("red", "more", &[]).contains("redacted with other policies"));
    assert!(!told("red", "red", &[]).contains("redacted with other policies"));
    // A copy of a version that did not say so yet.
    let manifest = here.join("more/snapshot/manifest.json");
    let mut text: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    assert_eq!(text["redacted"].as_object_mut().unwrap().remove("words").unwrap().as_str().unwrap().len(), 8);
    fs::write(&manifest, text.to_string()).unwrap();
    assert!(told("more", "more", &[]).contains("redacted with other policies"));
    // Configuration and snapshot of different ones are read, and it is said.
    let done = run(here, &["check", "red/snapshot", "--config", "more/levelmark.yaml"], b"");
    assert!(
        done.stdout.contains("levelmark.yaml was redacted with other policies"),
        "{}{}",
        done.stdout,
        done.stderr
    );
}

#[test]
fn keys_are_compared_before_tenants_are() {
    let folder = both();
    let here = folder.path();
    let real = fixture("contoso");
    let real = real.to_str().unwrap();
    let done = run(here, &["diff", real, "red", "--allow-other-tenant", "--no-effect"], b"");
    assert!(
        done.stdout.contains("the first snapshot is not redacted, the second is redacted with the key"),
        "{}",
        done.stdout
    );
    assert!(!done.stdout.contains("redacted: names"), "as if both were");
    // An id that stays is no proof that nothing else differs.
    let nil = |name: &str| {
        let manifest = here.join(name).join("manifest.json");
        let mut text: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
        text["tenant"]["id"] = "00000000-0000-0000-0000-000000000000".into();
        fs::write(&manifest, text.to_string()).unwrap();
    };
    redact(here, &fixture("contoso").join("snapshot"), "one", KEY);
    redact(here, &fixture("contoso").join("snapshot"), "two", OTHER);
    ["one", "two"].into_iter().for_each(nil);
    refused(here, &["diff", "one", "two", "--no-effect"], &["redactions with one key"]);
    let done = run(here, &["diff", "one", "two", "--no-effect", "--allow-other-tenant"], b"");
    assert!(done.stdout.contains("no name, address or id of one can match"), "{}", done.stdout);
}

#[test]
fn a_baseline_of_the_original_is_told() {
    let folder = both();
    let here = folder.path();
    let result = run(here, &["check", fixture("contoso").to_str().unwrap(), "--format", "json"], b"").stdout;
    fs::write(here.join("o.json"), &result).unwrap();
    let done = json(&run(here, &["check", "red", "--baseline", "o.json", "--format", "json"], b""));
    assert!(
        done["notes"].to_string().contains("the baseline is of a snapshot that is not redacted"),
        "{}",
        done["notes"]
    );
    let own = json(&run(here, &["check", "red", "--format", "json"], b""));
    fs::write(here.join("r.json"), own.to_string()).unwrap();
    let done = json(&run(here, &["check", "red", "--baseline", "r.json", "--format", "json"], b""));
    assert!(!done["notes"].to_string().contains("the baseline is of"), "{}", done["notes"]);
}

#[test]
fn a_redacted_configuration_asks_graph_for_nothing() {
    let folder = both();
    let mut command =
        program(folder.path(), &["collect", "--dry-run", "--out", "x", "--config", "red/levelmark.yaml"]);
    let done = command.output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.code() == Some(2) && said.contains("is redacted"), "{said}");
}
