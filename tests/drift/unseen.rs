//! What is not seen any more, in every format: the code, what was lost, why, and the checks that turned by it.

use levelmark::snapshot::record::State;
use levelmark::snapshot::{Draft, Form};
use serde_json::{Value, json};

use super::fixture;
use super::program::{Run, run};

const FORMATS: [&str; 5] = ["text", "json", "markdown", "html", "github"];
const POLICIES: &str = "conditionalAccess.policies";

/// The made-up tenant, and what became of it, with rules of its own.
fn tenants(rules: &str, change: impl FnOnce(&mut Draft)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut draft = fixture("contoso").to_draft().unwrap();
    draft.write(&folder.path().join("old/snapshot"), Form::Directory).unwrap();
    change(&mut draft);
    draft.write(&folder.path().join("new/snapshot"), Form::Directory).unwrap();
    std::fs::write(folder.path().join("new/levelmark.yaml"), rules).unwrap();
    folder
}

fn diff(folder: &tempfile::TempDir, arguments: &[&str]) -> Run {
    run(folder.path(), &[&["diff", "old", "new"], arguments].concat(), b"")
}

fn json_of(folder: &tempfile::TempDir) -> Value {
    serde_json::from_str(&diff(folder, &["--format", "json", "--today", "2026-11-21"]).stdout).unwrap()
}

/// Every format says all of this, and ends with this code.
fn told(folder: &tempfile::TempDir, code: i32, all: &[&str]) {
    for format in FORMATS {
        let run = diff(folder, &["--format", format, "--today", "2026-11-21", "--detail", "full"]);
        assert_eq!(run.code, code, "{format}: {}{}", run.stdout, run.stderr);
        let plain = run.stdout.replace("\\_", "_").replace("\\(", "(").replace("\\)", ")").replace('\\', "");
        for part in all {
            // JSON has states and reasons in members of their own.
            assert!(format == "json" || plain.contains(part), "{format}: {part}\n{plain}");
        }
    }
}

fn lost(json: &Value) -> (usize, bool) {
    let flips = json["flips"].as_array().unwrap();
    let lost: Vec<&Value> = flips.iter().filter(|flip| flip["turn"] == "evidence-lost").collect();
    (lost.len(), lost.iter().all(|flip| flip["explained"] == true))
}

fn section<'j>(json: &'j Value, id: &str) -> &'j Value {
    let sections = json["sections"].as_array().unwrap();
    sections.iter().find(|one| one["section"] == id).unwrap_or_else(|| panic!("{id}: {json}"))
}

fn in_part(draft: &mut Draft) {
    let record = draft.manifest.sections.get_mut(POLICIES).unwrap();
    (record.state, record.reason) = (State::Partial, Some("page 2 failed".to_owned()));
}

#[test]
fn a_section_that_turns_to_read_in_part_is_lost_though_its_items_are_the_same() {
    let folder = tenants("{}\n", in_part);
    told(&folder, 3, &["was read whole, now in part: collect again (page 2 failed)", "turned that read it"]);
    assert_eq!(diff(&folder, &["--no-effect"]).code, 3);
    let text = diff(&folder, &[]).stdout;
    assert!(text.contains("1 section read in part, whole before"), "{text}");
    let json = json_of(&folder);
    assert_eq!(
        (section(&json, POLICIES)["extent"].as_str(), &json["noLongerWhole"]),
        (Some("now-in-part"), &json!(1))
    );
    let (count, explained) = lost(&json);
    assert!(count >= 6 && explained, "{json}");
    // Nothing that is approved makes up for it.
    let folder = tenants("{}\n", |draft| {
        in_part(draft);
        draft.data.get_mut("users.accounts").unwrap()[3]["jobTitle"] = json!("Chief");
    });
    let by = ["--all", "--reason", "agreed", "--by", "Ada L <ada@contoso.com>"];
    let approve = run(folder.path(), &[&["approve", "new", "--against", "old"], &by[..]].concat(), b"");
    assert!(approve.stdout.contains(POLICIES), "{}{}", approve.stdout, approve.stderr);
    assert_eq!(diff(&folder, &["--approved"]).code, 3);
}

#[test]
fn a_property_is_lost_whatever_its_items_say_and_whatever_rules_do() {
    let without = |draft: &mut Draft, id: &str, name: &str| {
        let record = draft.manifest.sections.get_mut(id).unwrap();
        record.without.insert(name.to_owned(), "needs Some.Permission".to_owned());
    };
    let rule = "drift:\n  ignore:\n    - { section: groups.groups, path: /owners, reason: HR }\n    - { section: '*', reason: x }\n";
    for (rules, values) in [("{}\n", false), (rule, false), ("{}\n", true), (rule, true)] {
        let folder = tenants(rules, |draft| {
            without(draft, "groups.groups", "owners");
            if !values {
                let groups = draft.data.get_mut("groups.groups").unwrap();
                groups.iter_mut().for_each(|group| drop(group.as_object_mut().unwrap().remove("owners")));
            }
        });
        told(&folder, 3, &["/owners", "is no longer collected (14 items): needs Some.Permission"]);
        let json = json_of(&folder);
        let (count, explained) = lost(&json);
        assert!(count > 0 && explained, "{json}");
        assert_eq!(json["fieldsNoLongerCollected"], 1);
        assert_eq!(section(&json, "groups.groups")["fields"][0]["field"], "owners");
        // Below the whole the reason, which a service wrote, is not told.
        for format in ["markdown", "html", "github"] {
            let place = diff(&folder, &["--format", format, "--detail", "place"]).stdout;
            assert!(place.contains("/owners") && !place.contains("Some.Permission"), "{format}: {place}");
        }
    }
    // A property that is asked no more and had no value on either side.
    let folder = tenants("{}\n", |draft| {
        let record = draft.manifest.sections.get_mut("users.accounts").unwrap();
        record.fields.as_mut().unwrap().retain(|name| name != "employeeType");
    });
    told(&folder, 3, &["/employeeType", "is no longer collected"]);
    // Times of last use are noise; that they can't be seen any more is not.
    let folder = tenants("{}\n", |draft| without(draft, "users.accounts", "signInActivity"));
    told(&folder, 3, &["/signInActivity"]);
    assert!(lost(&json_of(&folder)).1);
}

#[test]
fn what_was_compared_as_a_multiset_is_said_in_every_format() {
    let folder = tenants("{}\n", |draft| {
        let tools = draft.data.get_mut("registers.tools").unwrap();
        let first = tools[0].clone();
        tools.push(first);
    });
    told(&folder, 5, &["share a key with others", "were compared as a multiset"]);
    assert_eq!(section(&json_of(&folder), "registers.tools")["matching"]["duplicates"], json!([0, 2]));
}

#[test]
fn a_rule_that_leaves_out_all_that_differs_is_named_in_every_format() {
    let change = |draft: &mut Draft| {
        draft.data.get_mut(POLICIES).unwrap()[0]["state"] = json!("disabled");
        draft.data.get_mut("users.accounts").unwrap()[3]["jobTitle"] = json!("Chief");
    };
    let all = "drift:\n  ignore:\n    - { section: '*', reason: quiet }\n";
    let folder = tenants(all, change);
    let note =
        "one rule of the configuration left out all that differs (2 differences): new/levelmark.yaml:3";
    told(&folder, 0, &[note]);
    assert!(json_of(&folder)["notes"].as_array().unwrap().iter().any(|one| one == note));
    // Not where something is left to see.
    let some = "drift:\n  ignore:\n    - { section: 'users.*', reason: quiet }\n";
    let folder = tenants(some, change);
    assert!(!diff(&folder, &[]).stdout.contains("left out all that differs"));
}

#[test]
fn every_difference_has_an_annotation_up_to_ten() {
    let folder = tenants("{}\n", |draft| {
        let accounts = draft.data.get_mut("users.accounts").unwrap();
        accounts.iter_mut().take(25).for_each(|user| user["mobilePhone"] = json!("x"));
    });
    for more in [&[][..], &["--no-effect"]] {
        let out = diff(&folder, &[&["--format", "github"], more].concat()).stdout;
        assert_eq!(out.matches("::notice ").count(), 10, "{more:?}: {out}");
        assert!(out.contains("15 more are not annotated"), "{out}");
    }
}

#[test]
fn a_page_counts_all_that_differs() {
    let folder = tenants("{}\n", |draft| {
        let accounts = draft.data.get_mut("users.accounts").unwrap();
        let first = accounts[0].clone();
        accounts.extend((0..2_500).map(|at| {
            let mut user = first.clone();
            user["id"] = json!(format!("00000000-0000-4000-8000-{at:012}"));
            user
        }));
    });
    let page = diff(&folder, &["--format", "markdown", "--no-effect"]).stdout;
    let shown = page.lines().filter(|line| line.starts_with("- `users.accounts`")).count();
    assert!(page.contains("### What differs (2500)"), "{page}");
    assert!(page.contains(&format!("and {} more\n", 2_500 - shown)), "{shown} {page}");
    let html = diff(&folder, &["--format", "html", "--no-effect"]).stdout;
    assert!(html.contains("<summary>2500 items</summary>") && html.contains("and 500 more"));
}
