//! Where a redaction is written: what was there and is no part of it stays, whatever goes wrong; and what else of a tenant
//! folder comes along.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::program::{Run, run};
use super::{KEY, files, fixture, redact};

/// Names in a folder, hidden ones included.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// `out`, a redaction of a tenant with `.git` in it, beside the key.
fn prepared() -> TempDir {
    let folder = TempDir::new().unwrap();
    redact(folder.path(), &fixture("out-of-the-box"), "out", KEY);
    fs::create_dir(folder.path().join("out/.git")).unwrap();
    fs::write(folder.path().join("out/.git/HEAD"), "mine").unwrap();
    folder
}

fn again(folder: &Path, from: &Path, out: &str) -> Run {
    let key = format!("key-{}", &KEY[..4]);
    run(folder, &["redact", from.to_str().unwrap(), "--key-file", &key, "--out", out, "--force"], b"")
}

#[test]
fn a_folder_with_more_in_it_does_not_become_a_file() {
    let folder = prepared();
    let here = folder.path();
    fs::rename(here.join("out"), here.join("out.json")).unwrap();
    let done = again(here, &fixture("out-of-the-box").join("snapshot"), "out.json");
    assert!(done.code == 2 && done.stderr.contains("also holds .git"), "{}", done.stderr);
    assert_eq!(fs::read_to_string(here.join("out.json/.git/HEAD")).unwrap(), "mine");
    assert!(here.join("out.json/snapshot/manifest.json").exists());
    // Without anything else in it, it does.
    fs::remove_dir_all(here.join("out.json/.git")).unwrap();
    assert_eq!(again(here, &fixture("out-of-the-box").join("snapshot"), "out.json").code, 0);
    assert!(here.join("out.json").is_file());
}

#[cfg(unix)]
#[test]
fn what_can_not_be_moved_stays_with_all_else_where_it_was() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = prepared();
    let here = folder.path();
    let (tenant, locked) = (here.join("out"), here.join("out/locked"));
    fs::create_dir(&locked).unwrap();
    let mode = |mode| fs::set_permissions(&locked, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o555);
    // A folder that can't be written to can't be moved to another one; for root everything can.
    let probe = here.join("probe");
    fs::create_dir(&probe).unwrap();
    let moves = fs::rename(&locked, probe.join("locked")).is_ok();
    if moves {
        fs::rename(probe.join("locked"), &locked).unwrap();
    }
    fs::remove_dir(&probe).unwrap();
    let before = files(&tenant);
    let done = again(here, &fixture("out-of-the-box"), "out");
    if moves {
        assert_eq!(done.code, 0, "{}", done.stderr);
    } else {
        assert!(done.code == 2 && done.stderr.contains("can't be written"), "{}", done.stderr);
        assert!(before == files(&tenant));
    }
    mode(0o755);
    assert_eq!(fs::read_to_string(tenant.join(".git/HEAD")).unwrap(), "mine");
    assert!(tenant.join("locked").is_dir());
    assert!(!names(here).iter().any(|name| name.ends_with(".tmp")), "{:?}", names(here));
}

#[cfg(unix)]
#[test]
fn a_link_stays_one() {
    let folder = prepared();
    let here = folder.path();
    fs::create_dir(here.join("real")).unwrap();
    fs::rename(here.join("out"), here.join("real/copy")).unwrap();
    std::os::unix::fs::symlink("real/copy", here.join("out")).unwrap();
    let before = fs::metadata(here.join("real/copy/snapshot")).unwrap().modified().unwrap();
    assert_eq!(again(here, &fixture("out-of-the-box"), "out").code, 0);
    assert!(fs::symlink_metadata(here.join("out")).unwrap().is_symlink());
    assert!(fs::metadata(here.join("real/copy/snapshot")).unwrap().modified().unwrap() > before);
    assert!(here.join("real/copy/.git/HEAD").exists());
    std::os::unix::fs::symlink("nowhere", here.join("lost")).unwrap();
    assert_eq!(again(here, &fixture("out-of-the-box"), "lost").code, 2);
}

#[test]
fn what_a_killed_run_set_aside_is_put_back() {
    let folder = prepared();
    let here = folder.path();
    let left = here.join(".levelmark-out-abc123.tmp");
    // Between the two renames.
    fs::create_dir_all(left.join("aside")).unwrap();
    fs::rename(here.join("out/.git"), left.join("aside/.git")).unwrap();
    fs::rename(here.join("out"), left.join("old")).unwrap();
    // Another output's is not touched.
    fs::create_dir_all(here.join(".levelmark-other-abc123.tmp/old")).unwrap();
    let done = again(here, &fixture("out-of-the-box"), "out");
    assert!(done.code == 0 && done.stderr.contains("put back what it had set aside"), "{}", done.stderr);
    assert_eq!(fs::read_to_string(here.join("out/.git/HEAD")).unwrap(), "mine");
    assert!(!left.exists() && here.join(".levelmark-other-abc123.tmp").exists());
    // What is there already is not written over.
    fs::create_dir_all(left.join("aside/.git")).unwrap();
    let done = again(here, &fixture("out-of-the-box"), "out");
    assert!(done.code == 2 && done.stderr.contains(".levelmark-out-abc123.tmp"), "{}", done.stderr);
    assert_eq!(fs::read_to_string(here.join("out/.git/HEAD")).unwrap(), "mine");
}

#[test]
fn a_copy_is_not_put_into_its_original_and_tenants_are_taken_one_by_one() {
    let folder = prepared();
    let here = folder.path();
    for name in ["contoso", "out-of-the-box"] {
        copy(&fixture(name), &here.join("tenants").join(name));
    }
    let before = files(&here.join("tenants"));
    let done = again(here, &here.join("tenants/contoso"), "tenants/contoso/snapshot/shared");
    assert!(done.code == 2 && done.stderr.contains("lies in what is redacted"), "{}", done.stderr);
    let done = again(here, &here.join("tenants"), "all");
    assert!(done.code == 2 && done.stderr.contains("holds 2 tenants"), "{}", done.stderr);
    assert!(before == files(&here.join("tenants")));
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn a_baseline_comes_along_and_approvals_do_not() {
    let folder = prepared();
    let here = folder.path();
    let tenant = here.join("contoso");
    copy(&fixture("contoso"), &tenant);
    copy(&tenant.join("snapshot"), &tenant.join("baseline"));
    let path = tenant.join("baseline/users.accounts.json");
    let mut items: Vec<Value> = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    items[0]["displayName"] = json!("Kim Okafor");
    items[1]["department"] = json!("Secret Works");
    fs::write(&path, serde_json::to_vec_pretty(&items).unwrap()).unwrap();
    let manifest = tenant.join("baseline/manifest.json");
    let mut record: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    record["sections"]["users.accounts"].as_object_mut().unwrap().remove("sha256");
    fs::write(&manifest, record.to_string()).unwrap();
    let approve = ["approve", "contoso", "--by", "Kim <kim@contoso.com>", "--all", "--reason", "agreed"];
    let done = run(here, &approve, b"");
    assert!(done.code == 0 && tenant.join("approvals.yaml").exists(), "{}", done.stderr);
    let done = again(here, &tenant, "shared");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stderr.contains("2 approvals of drift are left out"), "{}", done.stderr);
    assert!(done.stderr.contains("the drift from the baseline is the same"), "{}", done.stderr);
    let all = files(&here.join("shared"));
    assert!(
        all.contains_key("baseline/manifest.json") && !all.contains_key("approvals.yaml"),
        "{:?}",
        all.keys()
    );
    for (name, bytes) in &all {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("Okafor") && !text.contains("Secret Works"), "{name}");
    }
    let counts = |what: &str| {
        let done = run(here, &["diff", what, "--format", "json", "--no-effect"], b"");
        assert_eq!(done.code, 5, "{}", done.stderr);
        serde_json::from_str::<Value>(&done.stdout).unwrap()["counts"].clone()
    };
    assert_eq!(counts("contoso"), counts("shared"));
    // A baseline that somebody put beside a redaction stays where the original has none.
    fs::remove_dir_all(tenant.join("baseline")).unwrap();
    assert_eq!(again(here, &tenant, "shared").code, 0);
    assert!(here.join("shared/baseline/manifest.json").exists());
    // One that is redacted already is not taken for an original.
    copy(&here.join("shared/baseline"), &tenant.join("baseline"));
    let done = again(here, &tenant, "third");
    assert!(done.code == 2 && done.stderr.contains("can't be redacted again"), "{}", done.stderr);
}
