//! The same drift: what differs between two snapshots differs between their redactions, at the same places.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use levelmark::redact::{Key, Redactor, Terms};
use levelmark::sections;
use levelmark::snapshot::{Form, Snapshot, Wanted};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::program::run;
use super::{KEY, OTHER, files, fixture, redact};

/// A section's items by their keys, as a diff pairs them.
fn items(folder: &Path, id: &str, keep: &dyn Fn(&str) -> String) -> BTreeMap<String, Value> {
    let section = sections::find(id).unwrap();
    let Ok(text) = fs::read_to_string(folder.join(format!("{id}.json"))) else { return BTreeMap::new() };
    let items: Vec<Value> = serde_json::from_str(&text).unwrap();
    let key = |item: &Value| {
        let part = |path: &&str| path.split('.').fold(item, |value, name| &value[name]).clone();
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        section.key.iter().map(part).map(text).map(|text| keep(&text)).collect::<Vec<_>>().join(",")
    };
    items.into_iter().map(|item| (key(&item), item)).collect()
}

fn walk(at: &str, before: &Value, after: &Value, found: &mut BTreeSet<String>) {
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            for name in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                walk(&format!("{at}/{name}"), &before[name], &after[name], found);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter()
                .zip(other)
                .enumerate()
                .for_each(|(n, (one, other))| walk(&format!("{at}/{n}"), one, other, found));
        }
        _ if before == after => {}
        _ => drop(found.insert(at.to_owned())),
    }
}

/// Everything that differs: section, key of the item, pointer into it. `name` translates keys.
fn drift(before: &Path, after: &Path, name: &dyn Fn(&str) -> String) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for section in sections::all() {
        let (one, other) = (items(before, section.id, name), items(after, section.id, name));
        for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
            let nothing = Value::Null;
            let (one, other) = (one.get(key).unwrap_or(&nothing), other.get(key).unwrap_or(&nothing));
            walk(&format!("{} {key}", section.id), one, other, &mut found);
        }
    }
    found
}

/// Changes a section of a copy of a tenant.
fn change(snapshot: &Path, id: &str, change: impl FnOnce(&mut Vec<Value>)) {
    let mut draft = Snapshot::open(snapshot, Wanted::All).unwrap().to_draft().unwrap();
    change(draft.data.get_mut(id).unwrap());
    draft.write(snapshot, Form::Directory).unwrap();
}

fn find<'v>(items: &'v mut [Value], name: &str, value: &str) -> &'v mut Value {
    items.iter_mut().find(|item| item[name] == value).unwrap()
}

#[test]
fn what_changed_before_has_changed_after() {
    let folder = TempDir::new().unwrap();
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    let draft =
        Snapshot::open(&fixture("contoso").join("snapshot"), Wanted::All).unwrap().to_draft().unwrap();
    for path in [&old, &new] {
        draft.write(path, Form::Directory).unwrap();
    }
    change(&new, "conditionalAccess.policies", |items| {
        items[0]["state"] = json!("disabled");
        items[1]["displayName"] = json!("Renamed by Kim");
        items[2]["conditions"]["users"]["excludeUsers"] = json!(["2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff"]);
    });
    change(&new, "users.accounts", |items| {
        let mut one = items[0].clone();
        one["id"] = json!("aaaaaaaa-0000-4000-8000-000000000001");
        one["displayName"] = json!("Kim Okafor");
        items.push(one);
        items.remove(1);
        let name = find(items, "userPrincipalName", "it01@contoso.com")["displayName"]
            .as_str()
            .unwrap()
            .to_uppercase();
        // Only its case changes.
        find(items, "userPrincipalName", "it01@contoso.com")["displayName"] = json!(name);
    });
    change(&new, "tenant.domains", |items| items.push(json!({"id": "contoso.net", "isVerified": false})));
    change(&new, "planner.tasks", |items| items[0]["percentComplete"] = json!(50));
    change(&new, "groups.settings", |items| items[0]["newProperty"] = json!({"deep": ["text"]}));
    redact(folder.path(), &old, "old.red", KEY);
    redact(folder.path(), &new, "new.red", KEY);
    let set = levelmark::policy::compiled::PolicySet::load(&Default::default()).unwrap();
    let redactor = Redactor::new(Key::parse(KEY.as_bytes()).unwrap(), Terms::of(&set));
    // A property that no contract knows has another name, too.
    let named = |text: &str| text.replace("newProperty", &redactor.text("newProperty"));
    let before: BTreeSet<String> =
        drift(&old, &new, &|key| redactor.text(key)).iter().map(|place| named(place)).collect();
    let after = drift(&folder.path().join("old.red"), &folder.path().join("new.red"), &|key| key.to_owned());
    assert!(before.len() >= 8, "{before:#?}");
    assert_eq!(before, after);
    // And as `diff` tells it, with its rules, its ways of finding things again, and its counts.
    let told = |one: &Path, other: &Path, name: &dyn Fn(&str) -> String| {
        let arguments =
            ["diff", one.to_str().unwrap(), other.to_str().unwrap(), "--format", "json", "--no-effect"];
        let done = run(folder.path(), &arguments, b"");
        let drift: Value =
            serde_json::from_str(&named(&done.stdout)).unwrap_or_else(|_| panic!("{}", done.stderr));
        (done.code, drift["counts"].clone(), outline(&drift["sections"], name))
    };
    let before = told(&old, &new, &|key| redactor.text(key));
    let [one, other] = ["old.red", "new.red"].map(|name| folder.path().join(name));
    assert_eq!(before, told(&one, &other, &|key| key.to_owned()));
    let said = run(folder.path(), &["diff", "old.red", "new.red", "--no-effect"], b"").stdout;
    assert!(said.contains("redacted: names"), "{said}");
    redact(folder.path(), &new, "new.other", OTHER);
    for (one, other) in [("old.red", "new.other"), ("old", "new.red")] {
        let done = run(folder.path(), &["diff", one, other, "--no-effect"], b"");
        assert!(done.code == 2 && done.stderr.contains("redacted with the key"), "{}", done.stderr);
    }
    assert!(before.0 == 5 && before.2.to_string().contains("excludeUsers"), "{}", before.2);
}

/// What differs where, without values, names and places in files; in an order that no key decides.
fn outline(drift: &Value, name: &dyn Fn(&str) -> String) -> Value {
    const TOLD: [&str; 10] = [
        "section",
        "comparison",
        "counts",
        "items",
        "kind",
        "matched",
        "changes",
        "pointer",
        "byLikeness",
        "matching",
    ];
    match drift {
        Value::Object(members) => {
            let key =
                members.get("key").and_then(Value::as_str).map(|key| ("key".to_owned(), name(key).into()));
            let told = members.iter().filter(|(name, value)| TOLD.contains(&name.as_str()) || value.is_u64());
            told.map(|(member, value)| (member.clone(), outline(value, name))).chain(key).collect()
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| outline(item, name)).collect();
            items.sort_by_key(Value::to_string);
            items.into()
        }
        other => other.clone(),
    }
}

#[test]
fn the_same_key_gives_the_same_bytes_and_another_key_other_pseudonyms() {
    let folder = TempDir::new().unwrap();
    for (out, key) in [("one", KEY), ("two", KEY), ("three", OTHER)] {
        redact(folder.path(), &fixture("contoso"), out, key);
    }
    let [one, two, three] = ["one", "two", "three"].map(|out| files(&folder.path().join(out)));
    assert_eq!(one, two);
    let ids = |files: &BTreeMap<String, Vec<u8>>| -> BTreeSet<String> {
        let items: Vec<Value> = serde_json::from_slice(&files["snapshot/users.accounts.json"]).unwrap();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&one).len(), ids(&three).len());
    assert!(ids(&one).is_disjoint(&ids(&three)));
}

#[test]
fn the_same_person_is_the_same_in_every_section_and_file() {
    let folder = TempDir::new().unwrap();
    redact(folder.path(), &fixture("contoso"), "out", KEY);
    let all = files(&folder.path().join("out"));
    let users: Vec<Value> = serde_json::from_slice(&all["snapshot/users.accounts.json"]).unwrap();
    let is_somewhere = |text: &str, file: &str| String::from_utf8_lossy(&all[file]).contains(text);
    let answers = String::from_utf8_lossy(&all["attestations.yaml"]).into_owned();
    // Somebody who answers, is named in the configuration and sits in meetings.
    let text = |user: &Value, name: &str| user[name].as_str().unwrap_or("nothing").to_owned();
    let everywhere = |user: &&Value| {
        answers.contains(&text(user, "mail"))
            && answers.contains(&text(user, "displayName"))
            && is_somewhere(&text(user, "id"), "levelmark.yaml")
            && is_somewhere(&text(user, "mail"), "snapshot/registers.meetings.json")
    };
    assert!(users.iter().any(|user| everywhere(&user)));
    // Items stand in the order of their new keys.
    let ids: Vec<&str> = users.iter().map(|user| user["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted());
}
