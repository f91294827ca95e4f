//! `messages` over several tenants, through the real binary: a post of the portal and the same post of Graph are
//! one, what is overdue comes first, what could not be seen is said.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod program;

use std::collections::BTreeSet;
use std::path::Path;

use levelmark::snapshot::record::State;
use levelmark::snapshot::{Draft, Form, Snapshot, Wanted};
use program::{Run, run};
use serde_json::{Value, json};

const CONTOSO: &str = "fixtures/tenants/contoso";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn messages(arguments: &[&str]) -> Run {
    run(root(), &[&["messages"], arguments, &["--today", "2026-11-21"]].concat(), b"")
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

/// The posts of Contoso as the admin centre of another tenant would export them.
fn portal(posts: &[Value]) -> Value {
    let post = |post: &Value| {
        let services = post["services"].as_array().unwrap();
        let services: Vec<Value> = services.iter().map(|name| json!({ "DisplayName": name })).collect();
        json!({
            "AnnouncementId": post["id"], "Title": post["title"], "Category": "Plan for change",
            "PublishedDate": post["startDateTime"].as_str().unwrap().trim_end_matches('Z'),
            "LastUpdatedTime": post["lastModifiedDateTime"].as_str().unwrap().trim_end_matches('Z'),
            "ActionRequiredByDate": post["actionRequiredByDateTime"].as_str().map(|at| at.trim_end_matches('Z')),
            "IsMajorChange": post["isMajorChange"], "Severity": "Normal", "AffectedWorkloads": services,
        })
    };
    Value::Array(posts.iter().map(post).collect())
}

/// A tenant with some of Contoso's posts, from the portal.
fn fabrikam(folder: &Path, most: usize) -> String {
    let posts = std::fs::read(root().join(CONTOSO).join("snapshot/messageCenter.messages.json")).unwrap();
    let posts: Vec<Value> = serde_json::from_slice(&posts).unwrap();
    let export = folder.join("messagecenter.json");
    std::fs::write(&export, portal(&posts[..most]).to_string()).unwrap();
    let out = folder.join("fabrikam").display().to_string();
    let tenant = "11111111-2222-4333-8444-555555555555";
    let import =
        run(root(), &["import", "portal", export.to_str().unwrap(), "--tenant", tenant, "--out", &out], b"");
    assert_eq!(import.code, 0, "{}", import.stderr);
    out
}

#[test]
fn a_post_of_portal_and_graph_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let fabrikam = fabrikam(folder.path(), 10);
    let found = messages(&[CONTOSO, &fabrikam, "--format", "json"]);
    assert_eq!((found.code, found.stderr.as_str()), (0, ""));
    let found = json(&found);
    let posts = found["posts"].as_array().unwrap();
    assert_eq!(posts.len(), 41, "Fabrikam has no post that Contoso lacks");
    let shared: Vec<&Value> =
        posts.iter().filter(|post| post["tenants"].as_array().unwrap().len() == 2).collect();
    assert_eq!(shared.len(), 10);
    for post in shared {
        let held = post["tenants"].as_array().unwrap().iter().find(|held| held["tenant"] == "fabrikam");
        assert_eq!(held.unwrap()["state"], "unknown", "neither its tasks nor its register are known");
    }
    assert_eq!(found["tenants"][1]["posts"], 10);
    assert!(!found["tenants"][1]["lacking"].as_array().unwrap().is_empty());
}

#[test]
fn overdue_first_each_with_its_task_and_age() {
    let found = json(&messages(&[CONTOSO, "--format", "json", "--open"]));
    let posts = found["posts"].as_array().unwrap();
    let overdue: Vec<bool> = posts.iter().map(|post| post["overdue"].as_bool().unwrap()).collect();
    assert!(overdue.is_sorted_by(|one, other| one >= other) && overdue[0], "{overdue:?}");
    assert!(posts.iter().all(|post| post["tenants"][0]["state"] != "done"));
    let task = posts.iter().find(|post| post["id"] == "MC1185306").unwrap()["tenants"][0]["task"].clone();
    assert_eq!(task["plans"], json!(["Microsoft 365 changes"]));
    assert_eq!(task["state"], "inProgress");
    assert_eq!(task["ageDays"], 10);
}

#[test]
fn services_choose() {
    let found = json(&messages(&[CONTOSO, "--format", "json", "--service", "microsoft intune"]));
    let posts = found["posts"].as_array().unwrap();
    assert!(!posts.is_empty());
    assert!(
        posts.iter().all(|post| post["services"].as_array().unwrap().contains(&"Microsoft Intune".into()))
    );
}

#[test]
fn what_could_not_be_seen_is_said_and_no_success() {
    let found = messages(&["fixtures/tenants"]);
    assert_eq!(found.code, 3);
    assert!(
        found.stdout.contains("no-permissions: its Message Center could not be seen"),
        "{}",
        found.stdout
    );
    assert!(found.stdout.contains("messageCenter.messages was denied: ServiceMessage.Read.All"));

    let broken = messages(&[CONTOSO, "missing", "--format", "csv"]);
    assert_eq!(broken.code, 2);
    assert!(broken.stderr.contains("missing: not read"), "{}", broken.stderr);
    assert!(broken.stdout.lines().count() > 40, "the others are listed");
}

#[test]
fn a_hostile_tenant_stays_text() {
    let text = messages(&["fixtures/tenants/hostile", "-v"]);
    assert!(!text.stdout.contains('\u{1b}') && !text.stdout.contains('\u{202e}'));
    let csv = messages(&["fixtures/tenants/hostile", "--format", "csv"]);
    let mut rows = csv::Reader::from_reader(csv.stdout.as_bytes());
    for row in rows.records() {
        for cell in &row.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
}

#[test]
fn for_people() {
    insta::assert_snapshot!(messages(&[CONTOSO, "--open"]).stdout);
}

/// Contoso with other records and data.
fn changed(folder: &Path, change: impl FnOnce(&mut Draft)) -> Value {
    let path = root().join(CONTOSO).join("snapshot");
    let mut draft = Snapshot::open(&path, Wanted::All).unwrap().to_draft().unwrap();
    change(&mut draft);
    draft.write(&folder.join("changed/snapshot"), Form::Directory).unwrap();
    let run = messages(&[&folder.join("changed").display().to_string(), "--format", "json"]);
    json(&run)
}

fn states(found: &Value) -> BTreeSet<String> {
    let posts = found["posts"].as_array().unwrap().iter();
    posts.map(|post| post["tenants"][0]["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn untriaged_is_only_what_was_looked_for_everywhere() {
    let empty = |draft: &mut Draft, id: &str| draft.data.get_mut(id).unwrap().clear();
    let state = |draft: &mut Draft, id: &str, state: State| {
        if !matches!(state, State::Read | State::Partial) {
            draft.data.remove(id);
        }
        let record = draft.manifest.sections.get_mut(id).unwrap();
        record.reason = Some("said the service".to_owned());
        record.state = state;
    };
    // Nothing is found in either; what is said of it hangs on what could be seen.
    for (tasks, triage, expected) in [
        (State::Read, State::Read, "untriaged"),
        (State::Read, State::NotAsked, "untriaged"),
        (State::NotAsked, State::Read, "untriaged"),
        (State::NotAsked, State::NotAsked, "unknown"),
        (State::Partial, State::Read, "unknown"),
        (State::Partial, State::NotAsked, "unknown"),
        (State::Denied, State::Read, "unknown"),
        (State::Read, State::Partial, "unknown"),
        (State::Read, State::Failed, "unknown"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let found = changed(folder.path(), |draft| {
            for (id, of) in [("planner.tasks", tasks), ("registers.triage", triage)] {
                empty(draft, id);
                state(draft, id, of);
            }
        });
        assert_eq!(states(&found), [expected.to_owned()].into(), "{tasks:?} {triage:?}");
    }
}

#[test]
fn progress_and_dates_that_say_nothing_are_said_to() {
    let folder = tempfile::tempdir().unwrap();
    let found = changed(folder.path(), |draft| {
        for task in draft.data.get_mut("planner.tasks").unwrap() {
            task["percentComplete"] = json!(-1);
        }
        draft.data.get_mut("registers.triage").unwrap().clear();
        let posts = draft.data.get_mut("messageCenter.messages").unwrap();
        for (post, day) in posts.iter_mut().zip(["2026-11-01T10:00:00", "soon", "2026-11-01"]) {
            post["actionRequiredByDateTime"] = json!(day);
        }
    });
    assert!(
        states(&found).contains("tracked") && !states(&found).contains("planned"),
        "{:?}",
        states(&found)
    );
    let posts = found["posts"].as_array().unwrap();
    assert_eq!(
        posts
            .iter()
            .filter(|post| post["actBy"].as_str().is_some_and(|by| by.starts_with("2026-11-01")))
            .count(),
        2
    );
    let unread = posts.iter().find(|post| post["actByUnread"] == "soon").unwrap();
    assert_eq!(unread["actBy"], Value::Null);
    let lacking = found["tenants"][0]["lacking"].to_string();
    assert!(lacking.contains("no date that can be read"), "{lacking}");
}
