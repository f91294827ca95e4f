//! Snapshots written and read back: nothing is lost, the order is stable, and whoever is interrupted
//! leaves nothing that passes for whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::problem::Code;
use super::record::{Format, Manifest, SectionRecord, State, Taken, Tenant};
use super::typed::typed;
use super::{Draft, Form, Snapshot, SnapshotError, Wanted};

fn record(state: &str) -> SectionRecord {
    serde_json::from_value(json!({ "state": state, "via": "graph" })).unwrap()
}

fn tenant() -> Tenant {
    serde_json::from_value(json!({ "id": "11111111-2222-3333-4444-555555555555" })).unwrap()
}

fn draft(sections: &[(&str, &str, Option<Value>)]) -> Draft {
    let taken: Taken = serde_json::from_value(json!({ "at": "2026-11-21T02:36:00Z", "by": "test" })).unwrap();
    let manifest = Manifest {
        levelmark: Format { snapshot: 1 },
        tenant: tenant(),
        taken,
        redacted: None,
        sections: sections.iter().map(|(id, state, _)| ((*id).to_owned(), record(state))).collect(),
    };
    let data = sections
        .iter()
        .filter_map(|(id, _, data)| Some(((*id).to_owned(), data.as_ref()?.as_array().unwrap().clone())));
    Draft { manifest, data: data.collect() }
}

fn sample() -> Draft {
    draft(&[
        (
            "users.accounts",
            "read",
            Some(json!([
                { "id": "b", "z": 1, "a": [0.1, -0.0, 18446744073709551615u64, 1e300], "n": null },
                { "id": "a", "text": "ä\u{1f600}\u{0}\n\"\\ / \u{2028}" },
                { "id": "B" },
            ])),
        ),
        ("conditionalAccess.policies", "partial", Some(json!([]))),
        ("roles.assignments", "denied", None),
    ])
}

fn open(path: &Path) -> Result<Snapshot, SnapshotError> {
    Snapshot::open(path, Wanted::All)
}

fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap_or_default())
        })
        .collect()
}

#[test]
fn both_forms_hold_the_same_and_are_stable() {
    let home = TempDir::new().unwrap();
    let (file, folder) = (home.path().join("s.json"), home.path().join("deep/s"));
    sample().write(&file, Form::File).unwrap();
    sample().write(&folder, Form::Directory).unwrap();
    let (one, many) = (open(&file).unwrap(), open(&folder).unwrap());
    assert_eq!(one.digest, many.digest);
    for snapshot in [&one, &many] {
        let accounts = snapshot.section("users.accounts").unwrap().to_value();
        let ids: Vec<&str> =
            accounts.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["B", "a", "b"]);
        assert_eq!(accounts[1], sample().data["users.accounts"][1]);
        assert_eq!(accounts[2], sample().data["users.accounts"][0]);
        assert_eq!(snapshot.state("roles.assignments"), State::Denied);
        assert_eq!(snapshot.record("conditionalAccess.policies").unwrap().items, Some(0));
        assert!(snapshot.record("users.accounts").unwrap().sha256.is_some());
    }
    assert_eq!(
        files(&folder).keys().collect::<Vec<_>>(),
        ["conditionalAccess.policies.json", "manifest.json", "users.accounts.json"]
    );
    // Written again from what was read, byte for byte the same, in either direction.
    let (file2, folder2) = (home.path().join("s2.json"), home.path().join("s2"));
    many.to_draft().unwrap().write(&file2, Form::File).unwrap();
    one.to_draft().unwrap().write(&folder2, Form::Directory).unwrap();
    assert_eq!(fs::read(&file).unwrap(), fs::read(&file2).unwrap());
    assert_eq!(files(&folder), files(&folder2));
    let text = fs::read_to_string(folder.join("users.accounts.json")).unwrap();
    assert!(text.starts_with("[\n  {\n    \"id\": \"B\"\n  },\n") && text.ends_with("]\n"), "{text}");
}

#[test]
fn items_stand_in_order_of_their_key() {
    let order = |id: &str, items: Value| {
        let home = TempDir::new().unwrap();
        let path = home.path().join("s.json");
        draft(&[(id, "read", Some(items))]).write(&path, Form::File).unwrap();
        let snapshot = open(&path).unwrap();
        let section = snapshot.section(id).unwrap();
        section.elements().map(|item| item.get("n").unwrap().raw().to_owned()).collect::<Vec<_>>().join(" ")
    };
    let items = json!([
        { "id": "10", "n": 4 }, { "id": "9", "n": 6 }, { "id": 10, "n": 2 }, { "id": 9.5, "n": 1 },
        { "n": 7 }, { "id": "10", "n": 5 }, { "id": null, "n": 8 }, { "id": 1e2, "n": 3 },
    ]);
    assert_eq!(order("users.accounts", items), "1 2 3 4 5 6 7 8");
    let nested = json!([{ "admin": { "id": "b" }, "n": 2 }, { "id": "a", "n": 3 }, { "admin": { "id": "a" }, "n": 1 }]);
    assert_eq!(order("messageCenter.preferences", nested), "1 2 3");
    assert_eq!(
        order("identity.securityDefaults", json!([{ "id": "b", "n": 1 }, { "id": "a", "n": 2 }])),
        "1 2"
    );
}

#[test]
fn what_the_reader_would_refuse_is_not_written() {
    let home = TempDir::new().unwrap();
    let code = |draft: Draft| {
        let path = home.path().join("s");
        let codes = [Form::File, Form::Directory].map(|form| draft.write(&path, form).unwrap_err().code);
        assert!(!path.exists(), "something was written");
        assert_eq!(codes[0], codes[1]);
        codes[0]
    };
    let items = || Some(json!([{ "id": 1 }]));
    assert_eq!(code(draft(&[("users.acounts", "read", items())])), Code::UnknownSection);
    assert_eq!(code(draft(&[("users.accounts", "read", None)])), Code::DataMissing);
    assert_eq!(code(draft(&[("users.accounts", "denied", items())])), Code::DataUnexpected);
    let mut unlisted = draft(&[("users.accounts", "read", items())]);
    unlisted.manifest.sections.clear();
    assert_eq!(code(unlisted), Code::DataUnexpected);
}

#[test]
fn sections_that_are_gone_leave_no_file() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("s");
    sample().write(&path, Form::Directory).unwrap();
    fs::write(path.join("notes.txt"), "mine").unwrap();
    let fewer =
        draft(&[("users.accounts", "failed", None), ("conditionalAccess.policies", "read", Some(json!([])))]);
    fewer.write(&path, Form::Directory).unwrap();
    assert_eq!(
        files(&path).keys().collect::<Vec<_>>(),
        ["conditionalAccess.policies.json", "manifest.json", "notes.txt"]
    );
    assert!(open(&path).is_ok());
}

#[test]
fn files_of_others_are_not_touched() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("s");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("package.json"), "{}").unwrap();
    assert_eq!(sample().write(&path, Form::Directory).unwrap_err().code, Code::InTheWay);
    assert_eq!(files(&path).keys().collect::<Vec<_>>(), ["package.json"]);
    assert_eq!(sample().write(&path, Form::File).unwrap_err().code, Code::InTheWay);
    assert_eq!(sample().write(&path.join("package.json"), Form::Directory).unwrap_err().code, Code::InTheWay);
}

#[test]
fn whoever_is_interrupted_leaves_no_mix() {
    let changed = || {
        let mut draft = sample();
        draft.data.get_mut("users.accounts").unwrap()[0]["z"] = json!(2);
        draft.data.insert("roles.assignments".to_owned(), vec![]);
        draft.manifest.sections.insert("roles.assignments".to_owned(), record("read"));
        draft
    };
    let home = TempDir::new().unwrap();
    let (old, new) = (home.path().join("old"), home.path().join("new"));
    sample().write(&old, Form::Directory).unwrap();
    changed().write(&new, Form::Directory).unwrap();
    // Before the manifest: each section's file may be the new one already.
    for name in ["users.accounts.json", "roles.assignments.json"] {
        let mix = home.path().join(format!("mix {name}"));
        sample().write(&mix, Form::Directory).unwrap();
        fs::copy(new.join(name), mix.join(name)).unwrap();
        assert!(matches!(open(&mix).unwrap_err().code, Code::Digest | Code::DataUnexpected), "{name}");
        changed().write(&mix, Form::Directory).unwrap();
        assert_eq!(files(&mix), files(&new), "the next run mends it");
    }
    // Behind the manifest: files that it does not list may still be there.
    fs::copy(new.join("roles.assignments.json"), old.join("roles.assignments.json")).unwrap();
    assert_eq!(open(&old).unwrap_err().code, Code::DataUnexpected);
    sample().write(&old, Form::Directory).unwrap();
    assert!(open(&old).is_ok());
}

#[test]
fn a_write_that_fails_leaves_the_manifest_as_it_was() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("s");
    sample().write(&path, Form::Directory).unwrap();
    let manifest = fs::read(path.join("manifest.json")).unwrap();
    fs::create_dir(path.join("roles.assignments.json")).unwrap();
    let mut more = sample();
    more.manifest.sections.insert("roles.assignments".to_owned(), record("read"));
    more.data.insert("roles.assignments".to_owned(), vec![json!({ "id": 1 })]);
    assert_eq!(more.write(&path, Form::Directory).unwrap_err().code, Code::Io);
    assert_eq!(fs::read(path.join("manifest.json")).unwrap(), manifest);
    assert!(!files(&path).keys().any(|name| name.starts_with('.')), "nothing temporary is left");
    let nowhere = home.path().join("no/such/place.json");
    assert_eq!(sample().write(&nowhere, Form::File).unwrap_err().code, Code::Io);
}

#[test]
fn a_snapshot_in_memory() {
    let sections = |value: Value, state: &str| {
        let sections = BTreeMap::from([("users.accounts".to_owned(), (record(state), value))]);
        Snapshot::from_sections(tenant(), "2026-01-01T00:00:00Z".parse().unwrap(), sections)
    };
    let snapshot = sections(json!([{ "id": "a" }]), "read").unwrap();
    let item = snapshot.section("users.accounts").unwrap().at(0).unwrap();
    assert_eq!(item.document().text().name(), "users.accounts.json");
    assert_eq!((item.span().start, item.raw()), (4, "{\n    \"id\": \"a\"\n  }"));
    assert_eq!(snapshot.manifest.taken.at.to_rfc3339(), "2026-01-01T00:00:00+00:00");
    assert!(sections(Value::Null, "denied").unwrap().section("users.accounts").is_none());
    let code = |value, state| sections(value, state).unwrap_err().code;
    assert_eq!(code(json!({ "id": "a" }), "read"), Code::NotAnArray);
    assert_eq!(code(json!([]), "denied"), Code::DataUnexpected);
    assert_eq!(code(Value::Null, "read"), Code::DataMissing);
}

#[cfg(unix)]
#[test]
fn files_are_as_readable_as_any_other() {
    use std::os::unix::fs::PermissionsExt;
    let home = TempDir::new().unwrap();
    fs::write(home.path().join("other"), "").unwrap();
    sample().write(&home.path().join("s.json"), Form::File).unwrap();
    let mode = |name| fs::metadata(home.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("s.json"), mode("other"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn doubles_and_texts_survive(numbers in prop::collection::vec(any::<f64>(), 0..20), text in any::<String>()) {
        let home = TempDir::new().unwrap();
        let path = home.path().join("s.json");
        let items = json!([{ "id": text, "numbers": numbers }]);
        draft(&[("users.accounts", "read", Some(items.clone()))]).write(&path, Form::File).unwrap();
        let snapshot = open(&path).unwrap();
        let section = snapshot.section("users.accounts").unwrap();
        prop_assert_eq!(section.to_value(), items);
        let back: Vec<BTreeMap<String, Value>> = typed(section).unwrap();
        prop_assert_eq!(back[0]["id"].as_str(), Some(text.as_str()));
    }
}
