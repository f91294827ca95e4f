//! Branches that try to choose what they are judged by: links, submodules and attributes in the place of what the
//! base branch has.

use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;

use super::fakes::machine;
use super::repository::{Repository, git};
use super::runner::{Machine, Ran};
use super::{TODAY, action, came_out, json_of};

/// A base that aims at 300, which contoso does not reach, with everything in a folder `rules` and a good result.
fn strict(folder: &Path) {
    let rules = folder.join("rules");
    std::fs::create_dir_all(rules.join("policies")).unwrap();
    std::fs::create_dir_all(folder.join("contoso/results")).unwrap();
    let text = std::fs::read_to_string(folder.join("contoso/levelmark.yaml")).unwrap();
    let text = text.replacen("  infrastructure: 200\n", "  infrastructure: 300\n", 1);
    std::fs::write(folder.join("contoso/levelmark.yaml"), &text).unwrap();
    std::fs::write(rules.join("levelmark.yaml"), text.replace("answers: attestations.yaml\n", "")).unwrap();
    std::fs::copy(folder.join("contoso/attestations.yaml"), rules.join("attestations.yaml")).unwrap();
    std::fs::write(rules.join("policies/BAD.yaml"), "id: [").unwrap();
    let report = folder.join("contoso/results/2026-11-01.json");
    let target = format!("json={}", report.display());
    let check = ["check", "contoso", "--today", TODAY, "--fail-on", "never", "--report", &target];
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_levelmark"))
        .args(check)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn proposed(change: impl Fn(&Path)) -> (Machine, Repository, Value) {
    let mut machine = machine();
    let repository = Repository::new(&machine, strict);
    let payload = repository.propose(&mut machine, 2, change);
    machine.event("pull_request", &payload);
    (machine, repository, payload)
}

/// Policies of conditional access are off.
fn worse(folder: &Path) {
    let policies = folder.join("conditionalAccess.policies.json");
    let text = std::fs::read_to_string(&policies).unwrap();
    assert!(text.contains("\"enabled\""));
    std::fs::write(policies, text.replace("\"enabled\"", "\"disabled\"")).unwrap();
}

/// A folder gives way to a link to its own repository.
fn link(folder: &Path, name: &str, to: &str) {
    std::fs::remove_dir_all(folder.join(name)).unwrap();
    symlink(to, folder.join(name)).unwrap();
}

fn regression(machine: &mut Machine) -> Ran {
    action(machine, &[("baseline", "contoso/results"), ("fail-on", "regression")])
}

#[test]
fn a_link_to_the_repository_is_no_other_checkout() {
    // Baseline: without the link a regression.
    let spoil = |folder: &Path| {
        worse(&folder.join("contoso/snapshot"));
        std::fs::copy(folder.join("contoso/results/2026-11-01.json"), folder.join("fake.json")).unwrap();
    };
    let (mut machine, _repository, _) = proposed(spoil);
    let plain = regression(&mut machine);
    assert!(plain.code != 0 && plain.outputs["result"] != "error", "{}", plain.log);
    let (mut machine, _repository, _) = proposed(|folder| {
        spoil(folder);
        let mut report = json_of(&std::fs::read_to_string(folder.join("fake.json")).unwrap());
        for finding in report["findings"].as_array_mut().unwrap() {
            finding["outcome"] = "fail".into();
        }
        std::fs::write(folder.join("fake.json"), report.to_string()).unwrap();
        link(folder, "contoso/results", "..");
    });
    let ran = regression(&mut machine);
    came_out(&ran, &plain.outputs["result"], plain.code);

    // Configuration.
    let lenient = |folder: &Path| {
        std::fs::write(folder.join("levelmark.yaml"), "targets: { infrastructure: 100 }\n").unwrap();
        link(folder, "rules", ".");
    };
    let (mut machine, _repository, _) = proposed(lenient);
    let inputs = [("config", "rules/levelmark.yaml"), ("answers", "contoso/attestations.yaml")];
    let ran = action(&mut machine, &inputs);
    assert_eq!(json_of(&ran.outputs["levels"])["infrastructure"]["target"], 300, "{}", ran.log);
    assert_ne!(ran.code, 0);

    // Answers: hers can't be read.
    let (mut machine, _repository, _) = proposed(|folder| {
        std::fs::write(folder.join("attestations.yaml"), "tenant: hers\n").unwrap();
        link(folder, "rules", ".");
    });
    let ran =
        action(&mut machine, &[("answers", "rules/attestations.yaml"), ("targets", "infrastructure=200")]);
    assert_eq!(json_of(&ran.outputs["levels"])["infrastructure"]["proven"], 200, "{}", ran.log);

    // Policies: those of the base can't be read, and that shows.
    let (mut machine, _repository, _) = proposed(|folder| link(folder, "rules/policies", "../contoso"));
    let ran = action(&mut machine, &[("policies", "rules/policies")]);
    came_out(&ran, "error", 2);
    assert!(ran.log.contains("rules/policies/BAD.yaml"), "{}", ran.log);
    let (mut machine, _repository, _) = proposed(|folder| link(folder, "rules/policies", "../"));
    came_out(&action(&mut machine, &[("policies", "rules/policies")]), "error", 2);
}

#[test]
fn a_branch_does_not_choose_the_repository() {
    // The tenant folder is the repository itself, one folder further down.
    let (mut machine, _repository, _) = proposed(|folder| {
        std::fs::rename(folder.join("contoso/snapshot"), folder.join("snapshot")).unwrap();
        worse(&folder.join("snapshot"));
        link(folder, "contoso", ".");
    });
    let ran = regression(&mut machine);
    assert!(ran.code != 0 && ran.outputs["result"] != "first-run", "{}", ran.log);
    let ran = action(&mut machine, &[]);
    assert_eq!(json_of(&ran.outputs["levels"])["infrastructure"]["target"], 300, "{}", ran.log);

    // Or a submodule of the same repository, as actions/checkout leaves it.
    let (mut machine, _repository, _) = proposed(|folder| {
        std::fs::remove_dir_all(folder.join("contoso")).unwrap();
        std::fs::write(folder.join(".gitmodules"), "").unwrap();
    });
    let workspace = machine.workspace.clone();
    let module = workspace.join("contoso");
    git(&workspace, &["worktree", "add", "--quiet", "--detach", module.to_str().unwrap(), "HEAD^1"]);
    assert!(module.join(".git").is_file());
    for inputs in [
        &[] as &[(&str, &str)],
        &[("config", "rules/levelmark.yaml"), ("answers", "rules/attestations.yaml")],
    ] {
        let ran = action(&mut machine, inputs);
        came_out(&ran, "error", 2);
        assert!(ran.log.contains("lies in the submodule"), "{}", ran.log);
    }
}

#[test]
fn the_workspace_may_have_another_name() {
    let (mut machine, _repository, _) = proposed(|folder| {
        std::fs::write(folder.join("rules/levelmark.yaml"), "targets: { infrastructure: 100 }\n").unwrap();
    });
    let alias = machine.home.path().join("alias");
    symlink(&machine.workspace, &alias).unwrap();
    let target = |machine: &mut Machine, path: &Path| {
        let path = path.join("levelmark.yaml").display().to_string();
        let ran = action(machine, &[("config", &path), ("answers", "contoso/attestations.yaml")]);
        json_of(&ran.outputs["levels"])["infrastructure"]["target"].clone()
    };
    assert_eq!(target(&mut machine, &alias.join("rules")), 300);
    let inner = machine.home.path().join("inner");
    symlink(machine.workspace.join("rules"), &inner).unwrap();
    let path = inner.join("levelmark.yaml").display().to_string();
    let ran = action(&mut machine, &[("config", &path)]);
    came_out(&ran, "error", 2);
    assert!(ran.log.contains("a link from outside leads into the repository"), "{}", ran.log);
}

#[test]
fn another_commit_than_the_event_s_is_refused() {
    let (mut machine, _repository, payload) = proposed(worse_snapshot);
    // The branch itself, by `ref:`, is one of the two.
    git(
        &machine.workspace,
        &["checkout", "--quiet", "--detach", payload["pull_request"]["head"]["sha"].as_str().unwrap()],
    );
    let ran = regression(&mut machine);
    assert_ne!(ran.outputs["result"], "error", "{}", ran.log);
    git(&machine.workspace, &["commit", "--quiet", "--allow-empty", "--message", "mine"]);
    let ran = regression(&mut machine);
    came_out(&ran, "error", 2);
    assert!(ran.log.contains("neither the pull request's merge nor its last commit"), "{}", ran.log);
}

fn worse_snapshot(folder: &Path) {
    worse(&folder.join("contoso/snapshot"));
}

#[test]
fn what_the_base_has_and_can_t_be_read_is_no_first_run() {
    let mut machine = machine();
    let elsewhere = tempfile::tempdir().unwrap();
    let repository = Repository::new(&machine, |folder| {
        strict(folder);
        std::fs::remove_dir_all(folder.join("contoso/results")).unwrap();
        symlink(elsewhere.path(), folder.join("contoso/results")).unwrap();
        std::fs::remove_file(folder.join("contoso/levelmark.yaml")).unwrap();
        symlink(elsewhere.path().join("x.yaml"), folder.join("contoso/levelmark.yaml")).unwrap();
    });
    let payload = repository.propose(&mut machine, 2, |_| ());
    machine.event("pull_request", &payload);
    for (inputs, at) in [
        (&[("fail-on", "violation")] as &[(&str, &str)], "contoso/levelmark.yaml"),
        (&[("config", "rules/levelmark.yaml"), ("baseline", "contoso/results")], "contoso/results"),
    ] {
        let ran = action(&mut machine, inputs);
        came_out(&ran, "error", 2);
        assert!(ran.log.contains(&format!("the base branch has something at {at}")), "{}", ran.log);
    }
}

#[test]
fn attributes_of_the_branch_change_no_file_of_the_base() {
    for attributes in [
        "*.yaml working-tree-encoding=UTF-16\n*.json working-tree-encoding=UTF-16\n",
        "* filter=spoil\n",
        "*.yaml ident\n* text eol=crlf\n",
    ] {
        let (mut machine, _repository, _) = proposed(worse_snapshot);
        std::fs::write(machine.workspace.join(".gitattributes"), attributes).unwrap();
        git(
            &machine.workspace,
            &["config", "filter.spoil.smudge", "echo 'targets: { infrastructure: 100 }'"],
        );
        let ran = action(&mut machine, &[("baseline", "contoso/results")]);
        came_out(&ran, "not-met", 1);
        assert_eq!(json_of(&ran.outputs["levels"])["infrastructure"]["target"], 300, "{attributes}");
    }
}
