//! A level of detail holds in every format: whatever the tenant, a service or a person wrote carries one word here, and
//! that word is looked for.

use std::path::Path;

use levelmark::snapshot::record::{SectionRecord, State};
use levelmark::snapshot::{Draft, Form};
use serde_json::{Value, json};

use super::fixture;
use super::program::run;

/// Stands in every text of the tenant that differs.
const WORD: &str = "zeppelin";
/// Stands in the names of folders, which are places.
const FOLDER: &str = "hangar";
const FORMATS: [&str; 5] = ["text", "json", "markdown", "html", "github"];

fn marked(draft: &mut Draft, old: bool) {
    let tenant = &mut draft.manifest.tenant;
    (tenant.display_name, tenant.default_domain) =
        (Some("Zeppelin Ltd".to_owned()), Some("zeppelin.example".to_owned()));
    let policies = draft.data.get_mut("conditionalAccess.policies").unwrap();
    for policy in policies.iter_mut() {
        let name = policy["displayName"].as_str().unwrap().to_owned();
        policy["displayName"] = json!(format!("Zeppelin {name}"));
    }
    if !old {
        let main = policies.iter_mut().find(|one| one["displayName"].as_str().unwrap().contains("CA001"));
        main.unwrap()["state"] = json!("disabled");
        policies[1]["displayName"] = json!("Renamed zeppelin");
        policies[2]["zeppelinFlag"] = json!({ "zeppelinInside": ["zeppelin"] });
        policies[3]["createdDateTime"] = json!("2026-01-01T00:00:00Z");
    }
    // Keys that are addresses, one of them twice.
    let many = |names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| json!({ "name": name, "owner": "Zeppelin" })).collect()
    };
    let names: &[&str] = if old {
        &["a@zeppelin.example", "a@zeppelin.example", "b@zeppelin.example"]
    } else {
        &["a@zeppelin.example", "c@zeppelin.example"]
    };
    draft.data.insert("registers.tools".to_owned(), many(names));
    let read = SectionRecord {
        source: Some("/reports/zeppelin".into()),
        reason: Some("zeppelin".into()),
        without: [("zeppelinField".to_owned(), "no zeppelin".to_owned())].into(),
        ..SectionRecord::of(State::Partial)
    };
    draft.manifest.sections.insert("registers.tools".to_owned(), read);
    if !old {
        // What is no longer collected, and no longer whole, with what a service said of it.
        let users = draft.manifest.sections.get_mut("users.accounts").unwrap();
        users.without.insert("zeppelinField".to_owned(), "no zeppelin".to_owned());
        users.without.insert("manager".to_owned(), "no zeppelin".to_owned());
        (users.state, users.reason) = (State::Partial, Some("zeppelin page".to_owned()));
        users.fields = None;
        for (id, state) in [("planner.tasks", State::Denied), ("groups.groups", State::Failed)] {
            draft.data.remove(id);
            let lost = SectionRecord {
                needs: Some("the zeppelin role".into()),
                reason: Some("zeppelin said no".into()),
                code: Some("ZeppelinError".into()),
                ..SectionRecord::of(state)
            };
            draft.manifest.sections.insert(id.to_owned(), lost);
        }
    }
}

fn folders() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, old) in [("hangar-1", true), ("hangar-2", false)] {
        let mut draft = fixture("contoso").to_draft().unwrap();
        marked(&mut draft, old);
        draft.write(&folder.path().join(name).join("snapshot"), Form::Directory).unwrap();
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tenants/contoso");
    let new = folder.path().join("hangar-2");
    let mut settings = std::fs::read_to_string(fixtures.join("levelmark.yaml")).unwrap();
    settings.push_str(
        "\ndrift:\n  ignore:\n    - section: conditionalAccess.policies\n      path: /createdDateTime\n      reason: zeppelin dates\n    \
         - section: conditionalAccess.policies\n      key: zeppelin-key\n      path: /state\n      reason: zeppelin state\n",
    );
    std::fs::write(new.join("levelmark.yaml"), settings).unwrap();
    std::fs::copy(fixtures.join("attestations.yaml"), new.join("attestations.yaml")).unwrap();
    folder
}

#[test]
fn no_text_of_the_tenant_below_full() {
    let folder = folders();
    let approve =
        ["approve", "hangar-2", "--against", "hangar-1", "--only", "conditionalAccess.policies/zeppelinFlag"];
    let by = ["--reason", "the zeppelin is meant", "--by", "Zeppelin Captain <c@zeppelin.example>"];
    let done = run(folder.path(), &[&approve[..], &by[..]].concat(), b"");
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    for format in FORMATS {
        for more in [&["--verbose", "--approved"][..], &["--no-ignore"], &["--no-effect"]] {
            let told = |detail: &str| {
                let arguments = ["diff", "hangar-1", "hangar-2", "--format", format, "--detail", detail];
                let done = run(folder.path(), &[&arguments[..], more].concat(), b"");
                assert_eq!((done.code, done.stderr.as_str()), (5, ""), "{format} {detail}");
                done.stdout.to_lowercase()
            };
            assert!(told("full").contains(WORD), "{format}: the whole has it");
            for detail in ["place", "summary"] {
                let told = told(detail);
                let at = told.find(WORD).map(|at| &told[at.saturating_sub(200)..(at + 60).min(told.len())]);
                assert_eq!(at, None, "{format} {detail} {more:?}");
            }
            assert!(!told("summary").contains(FOLDER), "{format}: no place");
        }
    }
}

#[test]
fn a_summary_counts_and_names_checks() {
    let folder = folders();
    let done = run(
        folder.path(),
        &["diff", "hangar-1", "hangar-2", "--format", "json", "--detail", "summary", "--today", "2026-11-21"],
        b"",
    );
    let json: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(json["old"]["tenant"]["id"], "");
    assert!(json["counts"]["changed"].as_u64().unwrap() > 0, "{}", json["counts"]);
    assert!(json["flips"].as_array().unwrap().iter().any(|flip| flip["turn"] == "regression"));
    let sections = json["sections"].as_array().unwrap();
    assert!(sections.iter().all(|section| section["items"].as_array().unwrap().is_empty()));
    let policies = sections.iter().find(|one| one["section"] == "conditionalAccess.policies").unwrap();
    assert!(policies["counts"]["changed"].as_u64().unwrap() > 0, "{policies}");
}
