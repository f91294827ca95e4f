//! The GitHub Action as a runner would run it, from action.yml on: environment, files for outputs and summary,
//! real git repositories, fake curl, gh and cargo. Nothing here needs a network.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may panic"
)]

#[cfg(feature = "collect")]
#[path = "action/collecting.rs"]
mod collecting;
#[path = "action/escapes.rs"]
mod escapes;
#[path = "action/expression.rs"]
mod expression;
#[cfg(feature = "collect")]
#[expect(dead_code, reason = "the fake can do more than this needs")]
mod fake_graph;
#[path = "action/fakes.rs"]
mod fakes;
mod folders;
#[path = "action/installing.rs"]
mod installing;
#[path = "action/proposals.rs"]
mod proposals;
#[path = "action/repository.rs"]
mod repository;
#[path = "action/runner.rs"]
mod runner;
mod tenant_texts;

use std::path::Path;

use fakes::machine;
use repository::tenant;
use runner::{Machine, Ran, yaml};
use serde_json::{Value, json};

/// The day that the made-up tenants are judged on.
const TODAY: &str = "2026-11-21";
/// A target that contoso does not reach.
const TOO_HIGH: (&str, &str) = ("targets", "infrastructure=500");

fn action(machine: &mut Machine, inputs: &[(&str, &str)]) -> Ran {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml");
    let inputs = [&[("snapshot", "contoso"), ("today", TODAY)], inputs].concat();
    machine.action(&file, &inputs)
}

/// A machine with contoso's folder in its workspace, and no repository.
fn with_contoso() -> Machine {
    let machine = machine();
    tenant("contoso", &machine.workspace.join("contoso"));
    machine
}

#[track_caller]
fn came_out(ran: &Ran, result: &str, code: i32) {
    let found = (ran.outputs["result"].as_str(), ran.outputs["exit-code"].as_str(), ran.code);
    assert_eq!(found, (result, code.to_string().as_str(), code), "{}\n{}", ran.log, ran.summary);
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_gate_that_is_met() {
    let mut machine = with_contoso();
    let ran = action(&mut machine, &[("reports", "json=out/result.json\njunit=out/junit.xml")]);
    came_out(&ran, "met", 0);
    assert_eq!(json_of(&ran.outputs["reports"]), json!(["out/result.json", "out/junit.xml"]));
    let levels = json_of(&ran.outputs["levels"]);
    assert_eq!(levels["infrastructure"], json!({ "proven": 200, "possible": 200, "target": 200 }));
    assert_eq!(levels["business-continuity"], json!({ "readiness": "gaps" }));
    assert!(json_of(&ran.outputs["counts"])["pass"].as_u64().unwrap() > 100);
    assert_eq!(ran.outputs["lowest-level"], "200");
    assert!(ran.summary.starts_with("✅ **The gate is met** (exit code 0)"), "{}", ran.summary);
    assert!(ran.summary.contains("| Infrastructure | 200 | 200 | 200 |"), "{}", ran.summary);
    let report = std::fs::read_to_string(machine.workspace.join("out/result.json")).unwrap();
    assert_eq!(json_of(&report)["gate"]["result"], "met");
    assert_eq!(ran.steps, ["Install levelmark", "Check", "Verdict"]);
    assert!(ran.uses.is_empty() && ran.outputs["sarif"].is_empty());
}

#[test]
fn a_gate_that_is_not_met_fails_when_all_is_written_and_uploaded() {
    let mut machine = with_contoso();
    machine.failing = vec!["upload-sarif"];
    let inputs = [
        TOO_HIGH,
        ("reports", "json=result.json"),
        ("upload-sarif", "true"),
        ("upload-reports", "true"),
        ("name", "contoso"),
    ];
    let ran = action(&mut machine, &inputs);
    came_out(&ran, "not-met", 1);
    let [sarif, kept] = ran.uses.as_slice() else { panic!("{:?}", ran.uses) };
    assert!(sarif.action.starts_with("github/codeql-action/upload-sarif@"), "{}", sarif.action);
    assert_eq!(
        (sarif.with["sarif_file"].as_str(), sarif.with["category"].as_str()),
        (ran.outputs["sarif"].as_str(), "contoso")
    );
    assert_eq!(json_of(&std::fs::read_to_string(&ran.outputs["sarif"]).unwrap())["version"], "2.1.0");
    assert!(kept.action.starts_with("actions/upload-artifact@"), "{}", kept.action);
    let mut names: Vec<_> =
        std::fs::read_dir(&kept.with["path"]).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["levelmark.sarif", "result.json"], "and no snapshot");
    let notices: Vec<&String> =
        ran.commands.iter().filter(|line| line.contains("Code scanning did not take")).collect();
    assert_eq!(notices.len(), 1, "{:?}", ran.commands);
    assert_eq!(ran.steps.last().unwrap(), "Verdict");
    assert!(
        ran.summary.contains("# `contoso`") && ran.summary.contains("at most 200, the target is 500"),
        "{}",
        ran.summary
    );
}

#[test]
fn a_run_that_errs_says_so_in_its_outputs() {
    let mut machine = with_contoso();
    std::fs::write(machine.workspace.join("contoso/levelmark.yaml"), "targets: { infrastructure: many }\n")
        .unwrap();
    let ran = action(&mut machine, &[("upload-sarif", "true"), ("reports", "json=result.json")]);
    came_out(&ran, "error", 2);
    assert_eq!((ran.outputs["reports"].as_str(), ran.outputs["levels"].as_str()), ("[]", ""));
    assert!(ran.uses.is_empty() && !machine.workspace.join("result.json").exists());
    assert!(ran.summary.contains("❌ **The check could not be made** (exit code 2)"), "{}", ran.summary);
    assert!(ran.log.contains("contoso/levelmark.yaml:1:"), "{}", ran.log);
    let ran = action(&mut machine, &[("snapshot", "nowhere")]);
    came_out(&ran, "error", 2);
    let ran = action(&mut machine, &[("detail", "everything"), ("comment", "perhaps")]);
    came_out(&ran, "error", 2);
    assert!(ran.log.contains("input `detail`") && ran.log.contains("input `comment`"), "{}", ran.log);
    assert!(ran.summary.contains("input \\`detail\\`"), "{}", ran.summary);
}

#[test]
fn a_gate_that_cannot_fail_is_a_mistake_and_a_first_run_is_none() {
    let mut machine = with_contoso();
    std::fs::write(machine.workspace.join("contoso/levelmark.yaml"), "targets: {}\n").unwrap();
    came_out(&action(&mut machine, &[]), "nothing-to-gate", 2);
    came_out(&action(&mut machine, &[("fail-on", "level")]), "nothing-to-gate", 2);
    came_out(&action(&mut machine, &[("fail-on", "never")]), "nothing-to-gate", 0);
    came_out(&action(&mut machine, &[("fail-on", "violation")]), "not-met", 1);
    let first = action(&mut machine, &[("baseline", "results"), ("reports", "json=results/2026-11-20.json")]);
    came_out(&first, "first-run", 0);
    assert!(
        first.commands.iter().any(|line| line.contains("there is no baseline at results yet")),
        "{:?}",
        first.commands
    );
    came_out(&action(&mut machine, &[("baseline", "results")]), "met", 0);
    // What passed before fails now: the answers are gone.
    std::fs::remove_file(machine.workspace.join("contoso/attestations.yaml")).unwrap();
    let worse = action(&mut machine, &[("baseline", "results"), ("fail-on", "regression")]);
    came_out(&worse, "undetermined", 3);
    came_out(&action(&mut machine, &[("baseline", "results"), ("on-unknown", "ignore")]), "undetermined", 0);
    came_out(&action(&mut machine, &[("fail-on", "regression")]), "error", 2);
}

#[test]
fn evidence_that_is_old_is_none() {
    let mut machine = with_contoso();
    let ran = action(&mut machine, &[("max-age", "P7D")]);
    came_out(&ran, "undetermined", 3);
    came_out(&action(&mut machine, &[("max-age", "none")]), "met", 0);
    came_out(&action(&mut machine, &[("today", "2026-12-25")]), "undetermined", 3);
}

#[test]
fn events_with_the_rights_of_the_repository_are_refused() {
    let mut machine = with_contoso();
    for (name, payload) in [
        ("pull_request_target", json!({})),
        ("issue_comment", json!({})),
        ("workflow_run", json!({ "workflow_run": { "event": "issue_comment" } })),
        ("pull_request_review", json!({})),
    ] {
        machine.event(name, &payload);
        let ran = action(&mut machine, &[("collect", "true"), ("reports", "json=result.json")]);
        came_out(&ran, "error", 2);
        assert!(ran.log.contains("the action does not run on"), "{}", ran.log);
        assert!(!machine.workspace.join("result.json").exists());
    }
}

#[test]
fn hostile_inputs_do_nothing_but_fail() {
    let mut machine = with_contoso();
    let canary = machine.home.path().join("canary");
    let touch = format!("touch {}", canary.display());
    let texts = |nth: usize| {
        let texts = [
            format!("$({touch})"),
            format!("`{touch}`"),
            format!("\"; {touch}; \""),
            "::set-output name=result::met".to_owned(),
            "##[error]pwned".to_owned(),
            "--config=/etc/passwd".to_owned(),
            "../../../../etc/passwd".to_owned(),
            "\u{1b}]0;pwned\u{7}".to_owned(),
        ];
        [texts[nth % 8].clone(), format!("x\n{touch}\n::error::pwned\nresult=met\n")]
    };
    for (nth, input) in [
        "snapshot", "config", "answers", "policies", "targets", "baseline", "reports", "name", "today",
        "max-age", "detail", "fail-on",
    ]
    .into_iter()
    .enumerate()
    {
        for text in texts(nth) {
            let ran = action(&mut machine, &[(input, &text)]);
            let what = format!("{input}={text}");
            assert!(
                ran.code != 0 || ["baseline", "reports", "answers"].contains(&input),
                "{what}: {}",
                ran.log
            );
            assert!(
                ran.commands.iter().all(|line| line.starts_with("::") && line.contains(" title=Levelmark::")),
                "{what}: {:?}",
                ran.commands
            );
            assert!(
                !ran.outputs["result"].contains("pwned") && ran.outputs["exit-code"].parse::<u8>().is_ok(),
                "{what}"
            );
            assert!(!canary.exists(), "{what}");
        }
    }
}

#[test]
fn a_hostile_tenant_steers_no_runner() {
    let mut machine = machine();
    tenant("hostile", &machine.workspace.join("contoso"));
    let ran = action(
        &mut machine,
        &[("detail", "full"), ("reports", "json=result.json"), ("fail-on", "violation"), ("max-age", "none")],
    );
    assert!(["not-met", "undetermined"].contains(&ran.outputs["result"].as_str()), "{}", ran.log);
    assert!(ran.commands.iter().all(|line| line.contains(" title=Levelmark::")), "{:?}", ran.commands);
    assert!(!ran.log.contains('\u{1b}') && !ran.summary.contains('\u{202e}'));
}

#[test]
fn in_public_no_error_quotes_the_tenant_unless_that_is_wished() {
    let public = json!({ "repository": { "private": false, "full_name": "contoso/audit" } });
    for (payload, detail, told) in [
        (&public, "auto", false),
        (&public, "summary", false),
        (&public, "place", false),
        (&public, "full", true),
        (&public, "format", true),
        (&json!({}), "place", false),
        (&json!({ "repository": { "private": true } }), "place", true),
    ] {
        let mut machine = with_contoso();
        machine.event("push", payload);
        std::fs::write(machine.workspace.join("contoso/attestations.yaml"), "tenant: Secret-Tenant\n")
            .unwrap();
        let ran = action(&mut machine, &[("detail", detail)]);
        came_out(&ran, "error", 2);
        let all = ran.log + &ran.summary;
        assert_eq!(all.contains("Secret-Tenant"), told, "{payload} {detail}: {all}");
        assert!(!all.contains("say detail: full"), "{all}");
    }
}

#[test]
fn a_report_that_can_t_be_written_is_an_error_and_not_met() {
    let mut machine = with_contoso();
    std::fs::write(machine.workspace.join("file"), "").unwrap();
    let ran = action(&mut machine, &[("reports", "json=file/result.json")]);
    came_out(&ran, "error", 2);
    assert!(ran.summary.contains("a report could not be written"), "{}", ran.summary);
    assert!(!ran.outputs["levels"].is_empty());
}

#[test]
fn in_public_nothing_of_the_tenant_is_shown() {
    for (payload, private) in [
        (json!({ "repository": { "private": false, "full_name": "contoso/audit" } }), false),
        (json!({ "schedule": "0 3 * * *" }), false),
        (json!({ "repository": { "private": true, "full_name": "contoso/audit" } }), true),
    ] {
        let mut machine = with_contoso();
        machine.event("push", &payload);
        let inputs = [
            TOO_HIGH,
            ("upload-sarif", "true"),
            ("reports", "json=result.json\nhtml=report.html\ncsv=report.csv"),
        ];
        let ran = action(&mut machine, &inputs);
        came_out(&ran, "not-met", 1);
        let mut all = format!("{}\n{}\n{:?}\n", ran.log, ran.summary, ran.outputs);
        for path in json_of(&ran.outputs["reports"]).as_array().unwrap() {
            all += &std::fs::read_to_string(machine.workspace.join(path.as_str().unwrap())).unwrap();
        }
        // The folder's name is in its paths.
        let leaks = tenant_texts::leaks("contoso", &all.replace("contoso/", ""));
        assert_eq!(!leaks.is_empty(), private, "{payload}: {leaks:#?}");
        assert_eq!(all.contains("@contoso"), private, "{payload}");
        // An error shows none either.
        std::fs::write(machine.workspace.join("contoso/attestations.yaml"), "tenant: Secret-Tenant\n")
            .unwrap();
        let ran = action(&mut machine, &[]);
        came_out(&ran, "error", 2);
        assert_eq!((ran.log + &ran.summary).contains("Secret-Tenant"), private, "{payload}");
    }
}

#[test]
fn a_job_summary_can_be_left_out_and_two_gates_share_one_program() {
    let mut machine = with_contoso();
    let ran = action(&mut machine, &[("summary", "false")]);
    came_out(&ran, "met", 0);
    assert_eq!(ran.summary, "");
    came_out(&action(&mut machine, &[]), "met", 0);
    assert_eq!(machine.noted("curl.log").lines().count(), 2, "SHA256SUMS and one archive, once");
}

#[test]
fn inputs_reach_scripts_through_the_environment_alone() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml")).unwrap();
    let action = yaml(&text);
    let steps = action["runs"]["steps"].as_array().unwrap();
    let mut used = String::new();
    for step in steps {
        if let Some(script) = step["run"].as_str() {
            assert!(!script.contains("${{"), "{script}");
            assert_eq!(step["shell"], "bash");
        }
        if let Some(action) = step["uses"].as_str() {
            let (_, commit) = action.split_once('@').unwrap();
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{action}");
            assert!(step["if"].as_str().unwrap().starts_with("always() && "), "{action}");
            let line = text.lines().find(|line| line.contains(action)).unwrap();
            assert!(line.contains(" # v"), "which version is {action}?");
        }
        used += &step.to_string();
    }
    for name in action["inputs"].as_object().unwrap().keys() {
        assert!(used.contains(&format!("inputs.{name} ")), "nothing takes the input {name}");
    }
}

#[test]
fn the_manual_names_every_input_and_output() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let action = yaml(&std::fs::read_to_string(root.join("action.yml")).unwrap());
    let manual = std::fs::read_to_string(root.join("docs/github.md")).unwrap();
    let mut rows = std::collections::BTreeSet::new();
    for kind in ["inputs", "outputs"] {
        for (name, entry) in action[kind].as_object().unwrap() {
            let default = entry["default"].as_str().filter(|default| !default.contains("${{"));
            let default = default.map(|default| format!(" `{default}` |")).unwrap_or_default();
            let row = format!("| `{name}` |{default}");
            assert!(manual.contains(&row), "docs/github.md lacks a row that begins with {row}");
            rows.insert(format!("| `{name}` |"));
        }
    }
    let known = |line: &&str| line.starts_with("| `") && !rows.iter().any(|row| line.starts_with(row));
    let others: Vec<&str> = manual
        .lines()
        .skip_while(|line| *line != "## Inputs")
        .take_while(|line| *line != "## Permissions")
        .filter(known)
        .collect();
    assert!(others.is_empty(), "no such input or output: {others:?}");
}
