//! The program: exit codes, places in files, what it prints and refuses.

use std::path::Path;

use levelmark::snapshot::record::{SectionRecord, State};
use levelmark::snapshot::{Draft, Form};
use serde_json::{Value, json};

use super::fixture;
use super::program::{Run, run};

/// `old` and `new` in a folder: the made-up tenant, and what became of it.
fn tenants(change: impl FnOnce(&mut Draft)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut draft = fixture("contoso").to_draft().unwrap();
    draft.write(&folder.path().join("old/snapshot"), Form::Directory).unwrap();
    change(&mut draft);
    draft.write(&folder.path().join("new/snapshot"), Form::Directory).unwrap();
    folder
}

fn diff(folder: &Path, arguments: &[&str]) -> Run {
    run(folder, &[&["diff", "old", "new"], arguments].concat(), b"")
}

fn json_of(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr))
}

fn policies(draft: &mut Draft) -> &mut Vec<Value> {
    draft.data.get_mut("conditionalAccess.policies").unwrap()
}

fn without(draft: &mut Draft, id: &str, record: SectionRecord) {
    draft.data.remove(id);
    draft.manifest.sections.insert(id.to_owned(), record);
}

#[test]
fn codes_say_what_was_found() {
    let same = tenants(|_| ());
    assert_eq!(diff(same.path(), &[]).code, 0);

    let noise = tenants(|draft| {
        for user in draft.data.get_mut("users.accounts").unwrap() {
            user["signInActivity"] = json!({ "lastSignInDateTime": "2026-11-02T05:00:00Z" });
        }
    });
    let quiet = diff(noise.path(), &[]);
    assert_eq!(quiet.code, 0, "{}", quiet.stdout);
    assert!(quiet.stdout.contains("177 suppressed by 1 rule (--no-ignore shows them)"), "{}", quiet.stdout);
    let loud = diff(noise.path(), &["--no-ignore"]);
    assert_eq!(loud.code, 5);
    assert!(loud.stdout.contains("177 changed in 1 section"), "{}", loud.stdout);

    let drift = tenants(|draft| policies(draft)[0]["state"] = json!("disabled"));
    assert_eq!(diff(drift.path(), &[]).code, 5);
    assert_eq!(diff(drift.path(), &["--section", "users.accounts"]).code, 0);

    let lost = tenants(|draft| {
        without(
            draft,
            "users.accounts",
            SectionRecord { needs: Some("User.Read.All".into()), ..SectionRecord::of(State::Denied) },
        );
    });
    let undetermined = diff(lost.path(), &[]);
    assert_eq!(undetermined.code, 3, "{}", undetermined.stdout);
    assert!(
        undetermined.stdout.contains("had 59 items, now denied: grant User.Read.All"),
        "{}",
        undetermined.stdout
    );
    assert_eq!(diff(lost.path(), &["--section", "users.accounts", "--section", "tenant.domains"]).code, 3);
    assert_eq!(diff(lost.path(), &["--section", "applications.delegatedGrants"]).code, 4, "denied in both");
}

#[test]
fn what_is_wrong_is_refused() {
    let folder = tenants(|draft| draft.manifest.tenant.id = "11111111-0000-4000-8000-000000000001".into());
    let refused = diff(folder.path(), &[]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("levelmark::diff::tenant"), "{}", refused.stderr);
    assert_eq!(diff(folder.path(), &["--allow-other-tenant"]).code, 0);
    for (arguments, code) in [
        (&["diff", "old"][..], "levelmark::diff::baseline"),
        (&["diff", "old", "nowhere"], "levelmark::snapshot"),
        (&["diff", "-", "-"], "levelmark::diff::input"),
        (&["diff", "old", "old", "--section", "users.acounts"], "did you mean `users.accounts`?"),
        (&["diff", "old", "old", "--section", "derived.messages"], "is computed, so no snapshot holds it"),
        (&["diff", "old", "old", "--section", "derived.messages"], "`messageCenter.messages`"),
    ] {
        let run = run(folder.path(), arguments, b"");
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.stderr.contains(code), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn one_of_them_may_come_from_standard_input() {
    let folder = tenants(|draft| policies(draft)[0]["state"] = json!("disabled"));
    let draft = fixture("contoso").to_draft().unwrap();
    draft.write(&folder.path().join("one.json"), Form::File).unwrap();
    let text = std::fs::read(folder.path().join("one.json")).unwrap();
    let piped = run(folder.path(), &["diff", "-", "new", "--format", "json"], &text);
    assert_eq!(piped.code, 5, "{}", piped.stderr);
    let change = &json_of(&piped)["sections"][0]["items"][0]["changes"][0];
    assert_eq!(change["old"]["place"]["file"], "<stdin>");
}

/// Every place is a value of its file, with the line and column that are told.
#[test]
fn places_are_right_in_both_files() {
    let folder = tenants(|draft| {
        policies(draft)[0]["state"] = json!("disabled");
        policies(draft)[1]["conditions"]["users"]["excludeUsers"] = json!(["All"]);
        policies(draft)[2].as_object_mut().unwrap().remove("sessionControls");
        policies(draft).remove(4);
        let mut new = policies(draft)[0].clone();
        new["id"] = json!("22222222-0000-4000-8000-000000000002");
        new["displayName"] = json!("CA099 Another");
        policies(draft).push(new);
    });
    let found = json_of(&diff(folder.path(), &["--format", "json"]));
    assert_eq!(found["counts"]["drift"], Value::Null);
    let mut places = Vec::new();
    collect(&found["sections"], &mut places);
    assert!(places.len() > 15, "{}", places.len());
    for place in places {
        let bytes = std::fs::read(folder.path().join(place["file"].as_str().unwrap())).unwrap();
        let at = |name: &str| usize::try_from(place[name].as_u64().unwrap()).unwrap();
        let (start, end) = (at("start"), at("end"));
        assert!(serde_json::from_slice::<Value>(&bytes[start..end]).is_ok(), "{place}");
        let before = std::str::from_utf8(&bytes[..start]).unwrap();
        assert_eq!(before.matches('\n').count() + 1, at("line"), "{place}");
        assert_eq!(before.rsplit('\n').next().unwrap().chars().count() + 1, at("column"), "{place}");
    }
    let kinds: Vec<&str> = found["sections"][0]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["changed", "changed", "changed", "added", "removed"]);
}

fn collect<'v>(value: &'v Value, places: &mut Vec<&'v Value>) {
    match value {
        Value::Object(members) if members.contains_key("line") => places.push(value),
        Value::Object(members) => members.values().for_each(|member| collect(member, places)),
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, places)),
        _ => {}
    }
}

#[test]
fn what_people_read() {
    let folder = tenants(|draft| {
        policies(draft)[0]["state"] = json!("disabled");
        policies(draft)[1]["conditions"]["users"]["excludeUsers"] =
            json!(["77777777-0000-4000-8000-000000000009"]);
        policies(draft).remove(2);
        let apps = draft.data.get_mut("applications.registrations").unwrap();
        apps[0]["passwordCredentials"][0]["endDateTime"] = json!("2031-01-01T00:00:00Z");
        apps[1]["id"] = json!("12345678-0000-4000-8000-000000000009");
        draft.data.get_mut("registers.tools").unwrap()[0]["name"] = json!("Other tool");
        draft.data.get_mut("meetings.occurrences").map(Vec::clear);
        draft.data.get_mut("planner.plans").unwrap()[0]["title"] = json!("Another plan");
        let signs = draft.data.get_mut("logs.signIns").unwrap();
        signs.truncate(30);
        let accounts = draft.data.get_mut("users.accounts").unwrap();
        accounts.iter_mut().for_each(|user| user["signInActivity"] = Value::Null);
        accounts[7].as_object_mut().unwrap().remove("department");
        let groups = draft.data.get_mut("groups.groups").unwrap();
        groups.iter_mut().for_each(|group| drop(group.as_object_mut().unwrap().remove("visibility")));
        let record = draft.manifest.sections.get_mut("groups.groups").unwrap();
        record.without.insert("visibility".into(), "not asked for".into());
        without(
            draft,
            "users.registration",
            SectionRecord { needs: Some("AuditLog.Read.All".into()), ..SectionRecord::of(State::Denied) },
        );
        draft.manifest.taken.at = "2026-11-09T05:30:00Z".parse().unwrap();
    });
    insta::assert_snapshot!("drift", diff(folder.path(), &["-v"]).stdout);
    insta::assert_snapshot!("drift_rules", run(folder.path(), &["diff", "--rules"], b"").stdout);
}

#[test]
fn nothing_of_a_tenant_steers_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let mut draft = fixture("hostile").to_draft().unwrap();
    draft.write(&folder.path().join("old"), Form::Directory).unwrap();
    let evil = "\u{1b}]0;x\u{7}\u{202e}::error::\u{9b}2J\n";
    for items in draft.data.values_mut() {
        for (at, item) in items.iter_mut().enumerate() {
            if let Some(item) = item.as_object_mut() {
                item.insert(format!("{evil}{at}"), json!([evil]));
                item.insert("displayName".into(), json!(evil));
            }
        }
    }
    draft.write(&folder.path().join("new"), Form::Directory).unwrap();
    for arguments in [&["--no-ignore", "-v"][..], &["--no-ignore", "--format", "json"]] {
        let run = diff(folder.path(), arguments);
        assert_eq!(run.code, 5);
        assert!(run.stdout.len() > 10_000);
        let steers = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}'));
        assert!(!run.stdout.contains(steers), "{arguments:?}");
    }
    let read = json_of(&diff(folder.path(), &["--no-ignore", "--format", "json"]));
    let told = read["sections"].to_string();
    assert!(told.contains("\\u{9b}") || told.contains('\u{9b}'), "JSON keeps its values");
}

#[test]
fn values_of_sensitive_sections_are_withheld() {
    let folder =
        tenants(|draft| draft.data.get_mut("planner.plans").unwrap()[0]["title"] = json!("Secret plan"));
    for arguments in [&[][..], &["--format", "json"]] {
        let run = diff(folder.path(), arguments);
        assert_eq!(run.code, 5);
        assert!(run.stdout.contains("/title") && !run.stdout.contains("Secret"), "{}", run.stdout);
        let shown = diff(folder.path(), &[arguments, &["--include", "planner.plans"]].concat());
        assert!(shown.stdout.contains("Secret plan"), "{}", shown.stdout);
    }
}

#[test]
fn rules_of_the_configuration_count_and_are_checked() {
    let folder = tenants(|draft| {
        let users = draft.data.get_mut("users.accounts").unwrap();
        users[3]["jobTitle"] = json!("Chief");
        users[4]["department"] = json!("");
        draft.data.get_mut("tenant.domains").unwrap().clear();
    });
    let write = |text: &str| std::fs::write(folder.path().join("new/levelmark.yaml"), text).unwrap();
    write(
        "drift:\n  ignore:\n    - { section: users.accounts, path: /jobTitle, reason: HR decides }\n    - section: \
         'tenant.*'\n      reason: moved to another tool\n    - { section: users.accounts, path: /mail, reason: never }\n",
    );
    let run = diff(folder.path(), &["-v"]);
    assert_eq!(run.code, 5);
    assert!(
        run.stdout.contains("1 changed in 1 section") && run.stdout.contains("/department"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("HR decides (new/levelmark.yaml:3)"), "{}", run.stdout);
    assert!(run.stdout.contains("matched nothing this time: new/levelmark.yaml:6"), "{}", run.stdout);
    let json = json_of(&diff(folder.path(), &["--format", "json"]));
    assert_eq!(json["unusedRules"][0]["rule"], "users.accounts changed /mail");
    for (text, help) in [
        ("drift:\n  ignore: [{ section: users.acounts, reason: x }]\n", "did you mean `users.accounts`?"),
        (
            "drift:\n  ignore: [{ section: users.accounts, path: /jobTitel, reason: x }]\n",
            "did you mean `jobTitle`?",
        ),
        (
            "drift:\n  ignore: [{ section: users.accounts, path: /assignedLicenses/0, reason: x }]\n",
            "positions",
        ),
        ("drift:\n  ignore: [{ section: users.accounts, path: jobTitle, reason: x }]\n", "starts with `/`"),
        ("drift:\n  ignore: [{ section: users.accounts }]\n", "`reason` is missing"),
        (
            "drift:\n  alike: [{ section: '*', path: /a, values: [null], reason: x }]\n",
            "two kinds of nothing",
        ),
    ] {
        write(text);
        let run = diff(folder.path(), &[]);
        assert_eq!(run.code, 2, "{text}");
        assert!(run.stderr.contains(help), "{text}: {}", run.stderr);
    }
}
