//! The workflow for GitHub.

use std::path::Path;

use serde_json::Value;

use super::expression::Values;
use super::runner::{Machine, Ran, yaml};
use super::{REPOSITORY, branch, diff, lately, machine, taken, written};

/// gh knows what the workflow asks it.
const GH: &str = r#"
echo "$@" >> "$FAKES/gh.log"
case "$*" in
  "auth setup-git") ;;
  "api repos/contoso/audit --jq .private") cat "$FAKES/private" ;;
  "api repos/contoso/audit/pulls?state=open&head=contoso:levelmark/snapshot "*) cat "$FAKES/open" 2>/dev/null || true ;;
  "api --silent --method "*) for argument in "$@"; do case "$argument" in body=@*) cp "${argument#body=@}" "$FAKES/body.md" ;; esac; done ;;
  *) echo "gh does not know: $*" >&2; exit 1 ;;
esac
"#;

const PROPOSE: &str = "Propose what was collected";

fn workflow() -> Value {
    yaml(&written("--github", ".github/workflows/levelmark.yml"))
}

fn step(workflow: &Value, job: &str, name: &str) -> Value {
    let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
    steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no step {name}")).clone()
}

/// A machine on which contoso has just been collected anew.
fn collected(prepare: impl Fn(&Path)) -> Machine {
    let mut machine = machine(prepare);
    machine.fake("gh", GH);
    machine.set("GITHUB_REPOSITORY_OWNER", "contoso");
    machine.set("GITHUB_REF_NAME", "main");
    machine.set("GITHUB_RUN_ID", "42");
    std::fs::write(machine.home.path().join("temp/result.json"), "{}").unwrap();
    std::fs::create_dir_all(machine.workspace.join("contoso/snapshot")).unwrap();
    std::fs::write(machine.workspace.join("contoso/snapshot/users.accounts.json"), "[]").unwrap();
    // Whatever else lies around is no part of the proposal.
    std::fs::write(machine.workspace.join("stray.txt"), "x").unwrap();
    machine
}

/// Runs steps after one of Levelmark's that came out like this.
fn steps(machine: &mut Machine, steps: &[Value], levels: &str) -> Ran {
    let mut values = Values::from([
        ("github.token".to_owned(), "token".to_owned()),
        ("runner.temp".to_owned(), "/temp".to_owned()),
        ("env.TENANT".to_owned(), "contoso".to_owned()),
        ("steps.levelmark.outputs.levels".to_owned(), levels.to_owned()),
        ("steps.levelmark.outputs.result".to_owned(), "not-met".to_owned()),
    ]);
    let mut ran = Ran::default();
    machine.steps(steps, &mut values, &mut ran);
    ran
}

fn propose(machine: &mut Machine) -> Ran {
    steps(machine, &[step(&workflow(), "collect", PROPOSE)], "{}")
}

#[test]
fn it_is_pinned_and_asks_for_little() {
    let text = written("--github", ".github/workflows/levelmark.yml");
    let workflow = yaml(&text);
    assert_eq!(workflow["permissions"], serde_json::json!({}));
    assert_eq!(workflow["env"]["TENANT"], "tenants/contoso");
    let ours = format!("{REPOSITORY}@v{}", env!("CARGO_PKG_VERSION"));
    for job in workflow["jobs"].as_object().unwrap().values() {
        assert!(job["permissions"].is_object() && job["timeout-minutes"].is_number(), "{job}");
        for step in job["steps"].as_array().unwrap() {
            if let Some(script) = step["run"].as_str() {
                assert!(!script.contains("${{"), "{script}");
            }
            let Some(action) = step["uses"].as_str() else { continue };
            let commit = action.split_once('@').unwrap().1;
            assert!(
                action == ours || (commit.len() == 40 && text.contains(&format!("{action} # v"))),
                "{action}"
            );
            if action.starts_with("actions/checkout@") {
                assert_eq!(step["with"]["persist-credentials"], false);
            }
        }
    }
    // The snapshot goes nowhere but into the repository.
    assert!(!text.contains("upload-artifact") && !text.contains("pull_request_target"));
    // Inputs that action.yml does not know would be ignored with a warning.
    let action =
        yaml(&std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml")).unwrap());
    for job in workflow["jobs"].as_object().unwrap().values() {
        for step in job["steps"].as_array().unwrap().iter().filter(|step| step["uses"] == ours) {
            for input in step["with"].as_object().unwrap().keys() {
                assert!(action["inputs"].get(input).is_some(), "{input}");
            }
        }
    }
}

#[test]
fn zizmor_finds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let workflows = folder.path().join(".github/workflows");
    std::fs::create_dir_all(&workflows).unwrap();
    std::fs::write(workflows.join("levelmark.yml"), written("--github", ".github/workflows/levelmark.yml"))
        .unwrap();
    let mut command = std::process::Command::new("zizmor");
    command.args(["--offline", "--no-progress", "--persona=auditor"]).arg(folder.path());
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml"));
    let Ok(done) = command.output() else {
        eprintln!("skipped: no zizmor on PATH");
        return;
    };
    assert!(
        done.status.success(),
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}

#[test]
fn the_first_run_is_green_and_has_nothing_to_check() {
    let workflow = workflow();
    let mut machine = machine(|_| ());
    std::fs::remove_dir_all(machine.workspace.join("contoso/snapshot")).unwrap();
    let check = workflow["jobs"]["check"]["steps"].as_array().unwrap();
    let ran = steps(&mut machine, check, "");
    assert_eq!((ran.code, ran.uses.len()), (0, 1), "the checkout alone: {:?}", ran.uses);
    assert!(
        ran.commands.iter().any(|line| line.contains("There is no snapshot in contoso yet")),
        "{:?}",
        ran.commands
    );
    // With one it is checked against the last accepted result, of which there may be none.
    std::fs::create_dir_all(machine.workspace.join("contoso/snapshot")).unwrap();
    let ran = steps(&mut machine, check, "");
    let with = &ran.uses[1].with;
    assert_eq!((with["baseline"].as_str(), with["fail-on"].as_str()), ("contoso/results", "regression"));
}

#[test]
fn the_first_snapshot_is_proposed() {
    let mut machine = collected(|folder| std::fs::remove_dir_all(folder.join("contoso/snapshot")).unwrap());
    let ran = propose(&mut machine);
    assert_eq!(ran.code, 0, "{}", ran.log);
    let asked = machine.noted("gh.log");
    assert!(
        asked.contains("--method POST repos/contoso/audit/pulls ") && asked.contains("base=main"),
        "{asked}"
    );
    assert!(machine.noted("body.md").contains("This is the first snapshot."), "{}", machine.noted("body.md"));
    let files = branch(&machine, "levelmark/snapshot");
    assert!(files.contains(&"contoso/snapshot/users.accounts.json".to_owned()), "{files:?}");
    assert!(
        files.iter().any(|file| file.starts_with("contoso/results/20") && file.ends_with(".json")),
        "{files:?}"
    );
    assert!(!files.contains(&"stray.txt".to_owned()));
    assert_eq!(machine.noted("levelmark.log"), "", "there is nothing to compare with");
}

#[test]
fn drift_opens_one_pull_request_and_keeps_it_up_to_date() {
    let mut machine = collected(|folder| taken(folder, &lately()));
    diff(&machine, "## Drift\n- a policy was added\n", 5);
    let ran = propose(&mut machine);
    assert_eq!(ran.code, 0, "{}", ran.log);
    let body = machine.noted("body.md");
    assert!(body.contains("- a policy was added") && body.contains("The gate says: **not-met** ([the whole run](https://github.com/contoso/audit/actions/runs/42))"), "{body}");
    assert!(machine.noted("gh.log").contains("--method POST"));
    // The next night: it is there, and its branch is written anew.
    std::fs::write(machine.home.path().join("fakes/open"), "7\n").unwrap();
    super::git(&machine.workspace, &["switch", "--quiet", "--detach", "HEAD~1"]);
    std::fs::remove_dir_all(machine.home.path().join("temp/old")).unwrap();
    std::fs::write(machine.workspace.join("contoso/snapshot/users.accounts.json"), "[{}]").unwrap();
    diff(&machine, "## Drift\n- and removed\n", 5);
    let ran = propose(&mut machine);
    assert_eq!(ran.code, 0, "{}", ran.log);
    assert!(machine.noted("gh.log").ends_with(&format!(
        "--method PATCH repos/contoso/audit/pulls/7 --field body=@{}/temp/body.md\n",
        machine.home.path().display()
    )));
    assert!(machine.noted("body.md").contains("- and removed"));
}

#[test]
fn what_differs_is_what_diff_says() {
    let mut machine = collected(|folder| taken(folder, &lately()));
    let policies = machine.workspace.join("contoso/snapshot/conditionalAccess.policies.json");
    super::git(&machine.workspace, &["checkout", "--quiet", "--", "contoso/snapshot"]);
    let text = std::fs::read_to_string(&policies).unwrap();
    std::fs::write(&policies, text.replacen("\"state\": \"enabled\"", "\"state\": \"disabled\"", 1)).unwrap();
    let ran = propose(&mut machine);
    assert_eq!(ran.code, 0, "{}", ran.log);
    let body = machine.noted("body.md");
    assert!(body.contains("**drift**") && body.contains("conditionalAccess.policies"), "{body}");
    assert!(machine.noted("gh.log").contains("--method POST"));
}

#[test]
fn where_nothing_changed_nothing_is_proposed() {
    let mut machine = collected(|folder| taken(folder, &lately()));
    diff(&machine, "No drift.\n", 0);
    let ran = propose(&mut machine);
    assert_eq!(ran.code, 0, "{}", ran.log);
    assert!(ran.commands.iter().any(|line| line.contains("Nothing changed")), "{:?}", ran.commands);
    assert_eq!(branch(&machine, "levelmark/snapshot"), Vec::<String>::new());
    assert!(!machine.noted("gh.log").contains("--method"));
    // One that is open says what is no longer so.
    std::fs::write(machine.home.path().join("fakes/open"), "7").unwrap();
    std::fs::remove_dir_all(machine.home.path().join("temp/old")).unwrap();
    assert_eq!(propose(&mut machine).code, 0);
    assert!(
        machine
            .noted("gh.log")
            .ends_with("--method PATCH repos/contoso/audit/pulls/7 --raw-field state=closed\n")
    );
}

#[test]
fn evidence_that_grows_old_is_renewed() {
    let mut machine = collected(|folder| taken(folder, "2026-01-01T00:00:00Z"));
    diff(&machine, "No drift.\n", 0);
    assert_eq!(propose(&mut machine).code, 0);
    assert!(machine.noted("gh.log").contains("--method POST"));
    assert!(!branch(&machine, "levelmark/snapshot").is_empty());
}

#[test]
fn a_comparison_that_breaks_is_no_drift() {
    let mut machine = collected(|folder| taken(folder, &lately()));
    diff(&machine, "", 2);
    let ran = propose(&mut machine);
    assert_eq!(ran.code, 2, "{}", ran.log);
    assert!(
        branch(&machine, "levelmark/snapshot").is_empty() && !machine.noted("gh.log").contains("--method")
    );
    // And where nothing was judged nothing is proposed.
    let ran = steps(&mut machine, &[step(&workflow(), "collect", PROPOSE)], "");
    assert!(ran.steps.is_empty(), "{:?}", ran.steps);
}

#[test]
fn a_long_difference_fits_a_pull_request() {
    let mut machine = collected(|folder| taken(folder, &lately()));
    diff(&machine, &"- ein Gerät wurde geändert\n".repeat(10_000), 5);
    assert_eq!(propose(&mut machine).code, 0);
    let body = machine.noted("body.md");
    assert!(body.len() < 65_536 && body.ends_with("levelmark diff shows all of it.\n"), "{}", body.len());
}

#[test]
fn a_public_repository_gets_no_snapshot() {
    let guard = step(&workflow(), "collect", "A snapshot belongs into a private repository");
    for (private, code) in [("true", 0), ("false", 1), ("", 1)] {
        let mut machine = collected(|_| ());
        std::fs::write(machine.home.path().join("fakes/private"), private).unwrap();
        assert_eq!(steps(&mut machine, std::slice::from_ref(&guard), "").code, code, "{private}");
    }
}

#[test]
fn the_dashboard_shows_levels_alone() {
    let mut machine = machine(|_| ());
    let results = machine.workspace.join("contoso/results");
    let target = format!("json={}", results.join("2026-11-02.json").display());
    let check = ["check", "contoso", "--today", "2026-11-21", "--report", &target];
    assert_eq!(super::run(&machine.workspace, &check, b"").code, 0);
    std::fs::create_dir(machine.home.path().join("temp/site")).unwrap();
    let ran = steps(&mut machine, &[step(&workflow(), "dashboard", "All results")], "");
    assert_eq!(ran.code, 0, "{}", ran.log);
    let page = std::fs::read_to_string(machine.home.path().join("temp/site/index.html")).unwrap();
    assert!(page.contains("Infrastructure") && !page.to_lowercase().contains("contoso"));
}

#[test]
fn a_permission_that_was_lost_is_proposed_and_said() {
    for code in [3, 4] {
        let mut machine = collected(|folder| taken(folder, &lately()));
        diff(&machine, "- users.accounts can no longer be read\n", code);
        let ran = propose(&mut machine);
        assert_eq!(ran.code, 0, "{}", ran.log);
        let body = machine.noted("body.md");
        assert!(
            body.contains("Not all of it could be compared") && body.contains("no longer be read"),
            "{body}"
        );
        assert!(machine.noted("levelmark.log").contains("--detail full"));
    }
}

#[test]
fn no_name_of_a_branch_is_taken_for_granted() {
    let text = written("--github", ".github/workflows/levelmark.yml");
    assert!(!text.contains("refs/heads/main") && !text.contains("[main]"), "{text}");
    for job in ["collect", "check", "dashboard"] {
        let condition = workflow()["jobs"][job]["if"].as_str().unwrap().to_owned();
        assert!(condition.contains("github.event.repository.default_branch"), "{job}: {condition}");
    }
}

#[test]
fn a_dashboard_without_results_has_the_latest_report() {
    let mut machine = machine(|_| ());
    let site = machine.home.path().join("temp/site");
    std::fs::create_dir(&site).unwrap();
    std::fs::write(site.join("report.html"), "latest").unwrap();
    let ran = steps(&mut machine, &[step(&workflow(), "dashboard", "All results")], "");
    assert_eq!(ran.code, 0, "{}", ran.log);
    assert_eq!(std::fs::read_to_string(site.join("index.html")).unwrap(), "latest");
}
