//! Pull requests: who judges, what is shown of a change, forks, hostile branches, the comment.

use std::path::Path;

use serde_json::{Value, json};

use super::fakes::machine;
use super::repository::Repository;
use super::runner::{Machine, Ran};
use super::{TOO_HIGH, action, came_out, json_of};

const WAIVER: &str = "  - check: INF-300-P5/rights-follow-roles
    kind: accepted-risk
    accepts: { count: 6 }
    reason: Because we say so
    owner: Mallory
    approved_by: Mallory <mallory@contoso.com>
    on: 2026-11-01
    expires: 2027-10-31
";

/// Changes a line of contoso's configuration.
fn edit(folder: &Path, from: &str, to: &str) {
    let path = folder.join("contoso/levelmark.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// Contoso aims at a level that it does not have; the base branch says so.
fn strict(folder: &Path) {
    edit(folder, "  infrastructure: 200\n", "  infrastructure: 300\n");
}

/// It is content with less, and excuses what fails.
fn lenient(folder: &Path) {
    edit(folder, "  infrastructure: 300\n", "  infrastructure: 200\n");
    edit(folder, "waivers:\n", &format!("waivers:\n{WAIVER}"));
}

/// A pull request to a strict base, of that depth, with this change.
fn proposed(depth: u32, change: impl Fn(&Path)) -> (Machine, Repository, Value) {
    let mut machine = machine();
    let repository = Repository::new(&machine, strict);
    let payload = repository.propose(&mut machine, depth, change);
    machine.event("pull_request", &payload);
    (machine, repository, payload)
}

#[track_caller]
fn says(ran: &Ran, part: &str) {
    assert!(ran.summary.contains(part), "{part} in:\n{}", ran.summary);
}

#[test]
fn a_branch_can_t_lower_its_own_bar() {
    // As deep as the manual says, and one that has to fetch the base.
    for depth in [2, 1] {
        let (mut machine, _repository, _) = proposed(depth, lenient);
        let ran = action(&mut machine, &[]);
        came_out(&ran, "not-met", 1);
        assert_eq!(json_of(&ran.outputs["levels"])["infrastructure"]["target"], 300);
        says(&ran, "### What this branch would change");
        says(&ran, "- `contoso/levelmark.yaml`: changed");
        says(&ran, "- target of `infrastructure`: 200 instead of 300");
        says(&ran, "- adds a waiver: `INF-300-P5/rights-follow-roles`, accepted risk, until 2027-10-31");
        says(&ran, "The gate would be **met** instead of not met.");
        assert!(
            !ran.summary.contains("Because we say so") && !ran.summary.contains("Mallory"),
            "{}",
            ran.summary
        );
    }
    let (mut machine, _repository, _) = proposed(2, lenient);
    let ran = action(&mut machine, &[("configuration-from", "head")]);
    came_out(&ran, "met", 0);
    assert!(
        ran.commands
            .iter()
            .any(|line| line.starts_with("::warning") && line.contains("configuration-from: head")),
        "{:?}",
        ran.commands
    );
}

#[test]
fn the_base_is_the_commit_that_github_merged_with() {
    // The event may be older than the merge: then the working tree has files of a newer base.
    let (mut machine, _repository, mut payload) =
        proposed(2, |folder| std::fs::write(folder.join("notes.md"), "x").unwrap());
    payload["pull_request"]["base"]["sha"] = json!("1111111111111111111111111111111111111111");
    machine.event("pull_request", &payload);
    let ran = action(&mut machine, &[]);
    came_out(&ran, "not-met", 1);
    says(&ran, "Configuration, waivers, answers and policies are those of the base branch.");
    // Where something else is checked out, what the event says is needed.
    machine.set("GITHUB_REF", "refs/heads/proposal");
    let ran = action(&mut machine, &[]);
    came_out(&ran, "error", 2);
    assert!(ran.log.contains("can't be fetched") && ran.log.contains("fetch-depth: 2"), "{}", ran.log);
}

#[test]
fn a_base_that_can_t_be_had_is_an_error_with_a_way_out() {
    let (mut machine, repository, mut payload) = proposed(1, lenient);
    repository.vanish();
    let ran = action(&mut machine, &[]);
    came_out(&ran, "error", 2);
    assert!(ran.log.contains("fetch-depth: 2"), "{}", ran.log);
    // In public, too: nothing of the tenant is in it.
    payload["repository"]["private"] = json!(false);
    machine.event("pull_request", &payload);
    assert!(action(&mut machine, &[]).summary.contains("fetch-depth: 2"));
}

#[test]
fn answers_policies_and_baseline_are_the_base_s_too() {
    let policy = |title: &str| {
        format!("id: OWN-1\ncompetency: infrastructure\nlevel: 200\ntitle: {title}\nwhy: x\nfix: y\n")
    };
    let (mut machine, _repository, _) = proposed(2, |folder| {
        let path = folder.join("contoso/attestations.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        let (head, _) = text.split_once("answers:").unwrap();
        std::fs::write(path, format!("{head}answers: []\n")).unwrap();
        std::fs::create_dir(folder.join("ours")).unwrap();
        std::fs::write(folder.join("ours/OWN-1.yaml"), policy("hers")).unwrap();
        std::fs::create_dir(folder.join("results")).unwrap();
        std::fs::write(folder.join("results/2030-01-01.json"), "{}").unwrap();
    });
    let ran = action(
        &mut machine,
        &[("policies", "ours"), ("baseline", "results"), ("targets", "infrastructure=200")],
    );
    // Her policy and her baseline would be mistakes; with her answers nothing would be proven.
    assert_eq!(json_of(&ran.outputs["levels"])["infrastructure"]["proven"], 200, "{}", ran.log);
    says(&ran, "the base branch has no policies at ours");
    says(&ran, "there is no baseline at results yet");
    says(&ran, "- `contoso/attestations.yaml`: changed");
    says(&ran, "takes an answer away: ");
    says(&ran, "- `ours/OWN-1.yaml`: new");
    // Once merged the check would break.
    came_out(&ran, "error", 2);
    says(&ran, "The run fails, whatever the gate says below");
    says(&ran, "It can't be read, so the check would fail from then on");
}

#[test]
fn a_first_configuration_is_judged_without_one() {
    let mut machine = machine();
    let repository = Repository::new(&machine, |folder| {
        std::fs::remove_file(folder.join("contoso/levelmark.yaml")).unwrap()
    });
    let payload = repository.propose(&mut machine, 2, |folder| {
        std::fs::write(folder.join("contoso/levelmark.yaml"), "targets: { infrastructure: 200 }\n").unwrap();
    });
    machine.event("pull_request", &payload);
    let ran = action(&mut machine, &[]);
    came_out(&ran, "nothing-to-gate", 2);
    says(&ran, "the base branch has no levelmark.yaml");
    says(&ran, "- `contoso/levelmark.yaml`: new");
    came_out(&action(&mut machine, &[("fail-on", "violation"), ("on-unknown", "ignore")]), "not-met", 1);
}

#[test]
fn a_fork_is_judged_by_the_committed_snapshot_and_gets_nothing() {
    let (mut machine, _repository, mut payload) = proposed(2, lenient);
    payload["pull_request"]["head"]["repo"]["full_name"] = json!("mallory/audit");
    machine.event("pull_request", &payload);
    let inputs = [("collect", "true"), ("comment", "true"), ("upload-sarif", "true"), ("tenant-id", "x")];
    let ran = action(&mut machine, &inputs);
    came_out(&ran, "not-met", 1);
    says(&ran, "nothing was collected: a pull request of a fork gets no identity");
    says(&ran, "no comment is written and nothing goes to code scanning");
    assert!(ran.uses.is_empty() && !ran.steps.iter().any(|step| step == "Comment"), "{:?}", ran.steps);
    assert!(!machine.noted("gh.log").contains("api"), "{}", machine.noted("gh.log"));
    // Whoever has the right to it collects: here nobody signs in, and that is an error.
    machine.event("push", &json!({ "repository": { "private": true } }));
    let ran = action(&mut machine, &[("collect", "true")]);
    came_out(&ran, "error", 2);
    assert!(ran.log.contains("AZURE_"), "{}", ran.log);
}

#[test]
fn links_and_paths_of_a_branch_lead_nowhere() {
    let secret = "secret-of-the-machine";
    let changes: [fn(&Path, &Path); 5] = [
        |folder, secret| {
            std::fs::remove_dir_all(folder.join("contoso/snapshot")).unwrap();
            std::os::unix::fs::symlink(secret.parent().unwrap(), folder.join("contoso/snapshot")).unwrap();
        },
        |folder, secret| {
            std::fs::remove_dir_all(folder.join("contoso/snapshot")).unwrap();
            std::os::unix::fs::symlink(secret, folder.join("contoso/snapshot.json")).unwrap();
        },
        |folder, secret| {
            std::fs::remove_file(folder.join("contoso/levelmark.yaml")).unwrap();
            std::os::unix::fs::symlink(secret, folder.join("contoso/levelmark.yaml")).unwrap();
        },
        |folder, secret| {
            let up = "../".repeat(20);
            let text = format!("extends: [\"{up}{}\"]\n", secret.with_extension("yaml").display());
            std::fs::write(folder.join("contoso/levelmark.yaml"), text).unwrap();
        },
        |folder, secret| {
            std::os::unix::fs::symlink(secret.parent().unwrap(), folder.join("out")).unwrap();
        },
    ];
    for (nth, change) in changes.into_iter().enumerate() {
        let elsewhere = tempfile::tempdir().unwrap();
        let file = elsewhere.path().join("secret");
        std::fs::write(&file, secret).unwrap();
        std::fs::write(file.with_extension("yaml"), format!("targets: {secret}\n")).unwrap();
        let (mut machine, _repository, _) = proposed(2, |folder| change(folder, &file));
        let ran = action(&mut machine, &[("reports", "json=out/result.json")]);
        assert!(
            !ran.log.contains(secret) && !ran.summary.contains(secret),
            "{nth}: {}\n{}",
            ran.log,
            ran.summary
        );
        assert_eq!(
            std::fs::read_dir(elsewhere.path()).unwrap().count(),
            2,
            "{nth}: nothing is written out there"
        );
        let expected = if nth == 2 { "not-met" } else { "error" };
        assert_eq!(ran.outputs["result"], expected, "{nth}: {}", ran.log);
        // A link that was cut is a file that is not there; one that was followed would be a mistake in it.
        match nth {
            2 => assert_eq!(ran.code, 1, "{}", ran.summary),
            3 => says(&ran, "levelmark::action::extends"),
            _ => assert!(ran.summary.contains("can't be taken"), "{nth}: {}", ran.summary),
        }
    }
}

#[test]
fn a_shared_file_of_the_base_counts_and_one_outside_does_not() {
    let shared = |folder: &Path| {
        std::fs::create_dir(folder.join("shared")).unwrap();
        std::fs::write(folder.join("shared/levelmark.yaml"), "targets: { infrastructure: 300 }\n").unwrap();
        std::fs::write(folder.join("contoso/levelmark.yaml"), "extends: [../shared/levelmark.yaml]\n")
            .unwrap();
    };
    let mut machine = machine();
    let repository = Repository::new(&machine, shared);
    let payload = repository.propose(&mut machine, 2, |folder| {
        std::fs::write(folder.join("shared/levelmark.yaml"), "targets: { infrastructure: 100 }\n").unwrap();
    });
    machine.event("pull_request", &payload);
    let ran = action(&mut machine, &[]);
    came_out(&ran, "not-met", 1);
    says(&ran, "- `shared/levelmark.yaml`: changed");
    says(&ran, "- target of `infrastructure`: 100 instead of 300");
}

#[test]
fn policies_of_another_checkout_are_taken_as_they_are() {
    let (mut machine, _repository, _) = proposed(2, |_| ());
    // As a second step of actions/checkout leaves it; the branch can't have brought it.
    let other = machine.workspace.join("central");
    std::fs::create_dir_all(other.join(".git")).unwrap();
    std::fs::write(other.join("BAD.yaml"), "id: [").unwrap();
    let ran = action(&mut machine, &[("policies", "central")]);
    came_out(&ran, "error", 2);
    assert!(ran.log.contains("central/BAD.yaml"), "it was read: {}", ran.log);
    // A submodule is the branch's to move.
    std::fs::remove_dir(other.join(".git")).unwrap();
    std::fs::write(other.join(".git"), "gitdir: ../.git/modules/central\n").unwrap();
    let ran = action(&mut machine, &[("policies", "central")]);
    came_out(&ran, "error", 2);
    assert!(ran.log.contains("lies in the submodule"), "{}", ran.log);
}

#[test]
fn the_comment_is_written_once_and_kept_up_to_date() {
    let (mut machine, _repository, _) = proposed(2, lenient);
    let ran = action(&mut machine, &[("comment", "true"), ("name", "contoso"), TOO_HIGH]);
    came_out(&ran, "not-met", 1);
    let body = json_of(&machine.noted("body.json"))["body"].as_str().unwrap().to_owned();
    assert!(
        body.starts_with("<!-- levelmark: contoso -->\n# `contoso`\n\n❌ **The gate is not met**"),
        "{body}"
    );
    assert!(body.contains("### What this branch would change") && body.len() < 65_536);
    assert!(machine.noted("gh.log").contains("--method POST repos/contoso/audit/issues/7/comments"));
    // Ours among others: of another gate, of somebody who knows our mark, and ours.
    let comment =
        |id: u64, body: &str, ours: bool| json!({ "databaseId": id, "body": body, "viewerDidAuthor": ours });
    let page = |nodes: Value| json!({ "data": { "repository": { "pullRequest": { "comments": { "nodes": nodes } } } } });
    let pages = [
        page(json!([
            comment(1, "<!-- levelmark: other -->\n", true),
            comment(2, "<!-- levelmark: contoso -->\n", false)
        ])),
        page(json!([comment(3, "<!-- levelmark: contoso -->\nold", true)])),
    ];
    let pages: String = pages.iter().map(Value::to_string).collect();
    std::fs::write(machine.home.path().join("fakes/comments.json"), pages).unwrap();
    let ran = action(&mut machine, &[("comment", "true"), ("name", "contoso")]);
    assert!(
        machine.noted("gh.log").contains("--method PATCH repos/contoso/audit/issues/comments/3 "),
        "{}",
        machine.noted("gh.log")
    );
    assert!(ran.commands.iter().any(|line| line.contains("brought up to date")), "{:?}", ran.commands);
}

#[test]
fn a_comment_that_is_refused_changes_nothing() {
    let (mut machine, _repository, _) = proposed(2, lenient);
    std::fs::write(machine.home.path().join("fakes/forbidden"), "").unwrap();
    let ran = action(&mut machine, &[("comment", "true"), ("targets", "infrastructure=200")]);
    came_out(&ran, "met", 0);
    let warned = |line: &String| {
        line.starts_with("::warning") && line.contains("HTTP 403") && line.contains("pull-requests: write")
    };
    assert!(ran.commands.iter().any(warned), "{:?}", ran.commands);
}

#[test]
fn in_public_the_comment_has_nothing_of_the_tenant() {
    let (mut machine, _repository, mut payload) = proposed(2, lenient);
    payload["repository"]["private"] = json!(false);
    machine.event("pull_request", &payload);
    let ran = action(&mut machine, &[("comment", "true")]);
    came_out(&ran, "not-met", 1);
    let all = machine.noted("body.json") + &ran.log + &ran.summary;
    let leaks = super::tenant_texts::leaks("contoso", &all.replace("contoso/", ""));
    assert!(leaks.is_empty(), "{leaks:#?}");
}

#[test]
fn a_merge_queue_is_judged_by_its_base() {
    let (mut machine, _repository, payload) = proposed(2, lenient);
    let group = json!({
        "repository": payload["repository"],
        "merge_group": { "base_sha": payload["pull_request"]["base"]["sha"], "head_sha": payload["pull_request"]["head"]["sha"] },
    });
    machine.event("merge_group", &group);
    let ran = action(&mut machine, &[("comment", "true")]);
    came_out(&ran, "not-met", 1);
    assert!(!ran.steps.iter().any(|step| step == "Comment"), "a queue has no pull request");
}
