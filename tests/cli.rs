//! The wiring of the program, through the real binary: exit codes, formats, threads, pipes, help.
//! What bad input leads to is in `bad_input.rs`, what people read in `texts.rs`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod program;

use std::path::Path;
use std::process::Stdio;

use levelmark::report::model::Report;
use levelmark::snapshot::{Form, Snapshot, Wanted};
use program::{Run, program, run};
use serde_json::Value;

const CONTOSO: &str = "fixtures/tenants/contoso";
const TODAY: [&str; 2] = ["--today", "2026-11-21"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn levelmark(arguments: &[&str]) -> Run {
    run(root(), arguments, b"")
}

fn check(arguments: &[&str]) -> Run {
    levelmark(&[&["check"], arguments, &TODAY].concat())
}

fn json(arguments: &[&str]) -> Value {
    let run = check(&[arguments, &["--format", "json"]].concat());
    assert_eq!(run.stderr, "");
    serde_json::from_str(&run.stdout).unwrap()
}

/// What a report says, whatever the files are called and wherever they came from.
fn said(report: &Value) -> Value {
    let mut report = report.clone();
    for finding in report["findings"].as_array_mut().unwrap() {
        for place in finding["evidence"]["shown"].as_array_mut().unwrap() {
            let place = place.as_object_mut().unwrap();
            for of_the_file in [
                "file",
                "start",
                "end",
                "line",
                "column",
                "endLine",
                "endColumn",
                "excerpt",
                "excerpt_start",
                "excerptStart",
                "actual",
            ] {
                place.remove(of_the_file);
            }
        }
    }
    report["notes"] = Value::Null;
    report["snapshot"]["digest"] = Value::Null;
    report
}

#[test]
fn exit_codes() {
    let snapshot = format!("{CONTOSO}/snapshot");
    for (arguments, code) in [
        (vec![CONTOSO], 0),
        (vec![snapshot.as_str()], 0),
        (vec![CONTOSO, "--target", "infrastructure=300"], 1),
        (vec![CONTOSO, "--target", "infrastructure=300", "--fail-on", "never"], 0),
        (vec![CONTOSO, "--fail-on", "violation"], 1),
        (vec!["fixtures/tenants/hostile"], 1),
        (vec!["fixtures/tenants/out-of-the-box"], 0),
        (vec!["fixtures/tenants/no-permissions"], 3),
        (vec!["fixtures/tenants/no-permissions", "--on-unknown", "fail"], 1),
        (vec!["fixtures/tenants/no-permissions", "--on-unknown", "ignore"], 0),
        (vec!["fixtures/tenants/no-such-tenant"], 2),
        (vec![CONTOSO, "--no-such-option"], 2),
        (vec![snapshot.as_str(), "--no-builtin"], 4),
    ] {
        for format in ["text", "json"] {
            let run =
                run(root(), &[&["check"], arguments.as_slice(), &TODAY, &["--format", format]].concat(), b"");
            assert_eq!(run.code, code, "{arguments:?} as {format}:\n{}{}", run.stdout, run.stderr);
        }
    }
}

#[test]
fn the_exit_code_stands_in_the_report() {
    for (tenant, code) in
        [(CONTOSO, 0), ("fixtures/tenants/hostile", 1), ("fixtures/tenants/no-permissions", 3)]
    {
        assert_eq!(json(&[tenant])["gate"]["exit"], code, "{tenant}");
    }
}

#[test]
fn permissions_for_machines() {
    let values = |format: &str| -> Value {
        let run =
            levelmark(&["permissions", "--no-builtin", "--include", "planner.tasks", "--format", format]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{format}");
        serde_json::from_str(&run.stdout).unwrap()
    };
    let (listed, manifest) = (values("json"), values("manifest"));
    let permissions = listed["permissions"].as_array().unwrap();
    let ids = |values: &Value| -> Vec<Value> {
        values.as_array().unwrap().iter().map(|entry| entry["id"].clone()).collect()
    };
    assert_eq!(ids(&listed["permissions"]), ids(&manifest[0]["resourceAccess"]));
    let tasks = permissions.iter().find(|permission| permission["name"] == "Tasks.Read.All").unwrap();
    assert_eq!((&tasks["onRequest"], &tasks["adminConsent"]), (&Value::Bool(true), &Value::Bool(true)));
    assert!(listed["leftOut"].as_array().unwrap().iter().any(|left| left["section"] == "logs.signIns"));
    for wrong in ["planner.task", "registers.triage", "derived.issues"] {
        assert_eq!(levelmark(&["permissions", "--include", wrong]).code, 2, "{wrong}");
    }
    assert_eq!(levelmark(&["permissions", "--policy", "INF-999-X1"]).code, 2);
}

#[test]
fn help_for_every_command() {
    let commands = [
        "",
        "check",
        "import",
        "declare",
        "explain",
        "report",
        "trend",
        "query",
        "permissions",
        "sections",
        "policy",
        "schema",
        "completions",
        "man",
    ];
    for command in commands {
        let arguments: Vec<&str> = [command, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
        let run = levelmark(&arguments);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{command}");
        assert!(run.stdout.contains("Usage: levelmark"), "{command}: {}", run.stdout);
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{command} fits 100 columns");
    }
    let version = levelmark(&["--version"]);
    assert_eq!((version.code, version.stdout), (0, format!("levelmark {}\n", env!("CARGO_PKG_VERSION"))));
    let bare = levelmark(&[]);
    assert_eq!((bare.code, bare.stdout.as_str()), (2, ""), "help that nobody asked for is no data");
    assert!(bare.stderr.contains("Exit codes: 0 met"), "{}", bare.stderr);
}

#[test]
fn json_is_the_report() {
    let run = check(&[CONTOSO, "--format", "json"]);
    assert_eq!(run.stderr, "");
    let report: Report = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        serde_json::to_string_pretty(&report).unwrap() + "\n",
        run.stdout,
        "nothing is lost in reading it"
    );
    assert_eq!(report.levelmark.report, 1);
    assert_eq!(report.gate.exit, u8::try_from(run.code).unwrap());
    assert!(report.findings.len() > 200, "all checks of the built-in policies");
}

/// A result is its own baseline: nothing is worse than itself.
#[test]
fn a_report_is_read_as_baseline() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.json");
    std::fs::write(&path, check(&[CONTOSO, "--format", "json"]).stdout).unwrap();
    let baseline = path.to_str().unwrap();
    let same = check(&[CONTOSO, "--baseline", baseline, "--fail-on", "regression"]);
    assert_eq!(same.code, 0, "{}", same.stdout);
    let worse = check(&["fixtures/tenants/hostile", "--baseline", baseline, "--fail-on", "regression"]);
    assert_eq!(worse.code, 1, "{}", worse.stdout);
    let lost = check(&["fixtures/tenants/no-permissions", "--baseline", baseline, "--fail-on", "regression"]);
    assert_eq!(lost.code, 3, "evidence lost is no regression: {}", lost.stdout);
}

#[test]
fn threads_change_nothing() {
    for tenant in [CONTOSO, "fixtures/tenants/hostile"] {
        for format in [&["--format", "text", "--verbose"][..], &["--format", "json"]] {
            let of = |threads: &str| {
                let run = check(&[&[tenant, "--threads", threads], format].concat());
                (run.code, run.stdout, run.stderr)
            };
            let one = of("1");
            assert_eq!(one, of("4"), "{tenant} {format:?}");
            assert_eq!(one, of("4"), "{tenant} {format:?}: once more");
        }
    }
}

#[test]
fn the_demo_is_contoso() {
    assert_eq!(said(&json(&["--demo"])), said(&json(&[CONTOSO])));
}

#[test]
fn a_snapshot_is_the_same_as_file_directory_and_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let directory = root().join(CONTOSO).join("snapshot");
    let snapshot = Snapshot::open(&directory, Wanted::All).unwrap();
    let file = folder.path().join("contoso.json");
    snapshot.to_draft().unwrap().write(&file, Form::File).unwrap();
    let text = std::fs::read(&file).unwrap();

    let as_directory = json(&[directory.to_str().unwrap()]);
    let as_file = json(&[file.to_str().unwrap()]);
    let arguments = [&["check", "-", "--format", "json"], &TODAY[..]].concat();
    let piped = run(root(), &arguments, &text);
    let piped: Value = serde_json::from_str(&piped.stdout).unwrap();
    assert_eq!(said(&as_file), said(&as_directory));
    assert_eq!(said(&piped), said(&as_directory));
    assert_eq!(as_file["snapshot"]["digest"], as_directory["snapshot"]["digest"]);
    assert_eq!(piped["snapshot"]["digest"], as_directory["snapshot"]["digest"]);

    let with_bom = [b"\xEF\xBB\xBF", text.as_slice()].concat();
    let with_bom = run(root(), &arguments, &with_bom);
    let with_bom: Value = serde_json::from_str(&with_bom.stdout).unwrap();
    assert_eq!(
        with_bom["snapshot"]["digest"], as_directory["snapshot"]["digest"],
        "a byte order mark is no content"
    );
}

/// `levelmark … | head`: the reader has gone, and that is nobody's fault.
#[test]
fn a_closed_pipe_is_no_error() {
    for arguments in [
        vec!["check", CONTOSO, "--format", "json"],
        vec!["check", CONTOSO, "--verbose"],
        vec!["sections", "--format", "json"],
        vec!["policy", "list", "--format", "json"],
        vec!["schema", "policy"],
        vec!["explain", "INF-400-G2"],
        vec!["query", "fixtures/tenants/contoso/snapshot", "$.users.accounts[*]", "--format", "json"],
    ] {
        let mut command = program(root(), &arguments);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), stderr.as_ref()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn data_goes_to_standard_output_and_all_else_to_standard_error() {
    for arguments in [
        vec!["sections", "--format", "json"],
        vec!["policy", "list", "--format", "json"],
        vec!["schema", "policy"],
        vec!["schema", "config"],
        vec!["schema", "attestations"],
        vec!["schema", "report"],
        vec!["schema", "trend"],
        vec!["query", "fixtures/tenants/contoso/snapshot", "$.tenant.organization[*].id", "--format", "json"],
    ] {
        let run = levelmark(&arguments);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(serde_json::from_str::<Value>(&run.stdout).is_ok(), "{arguments:?}: {}", run.stdout);
    }
    let bad = levelmark(&["explain", "INF-400-G3x"]);
    assert_eq!((bad.code, bad.stdout.as_str()), (2, ""));
    assert!(bad.stderr.contains("did you mean `INF-400-G3`?"), "{}", bad.stderr);
}

#[test]
fn colour_only_where_it_is_wanted() {
    assert!(!check(&[CONTOSO]).stdout.contains('\u{1b}'), "a pipe wants none");
    assert!(check(&[CONTOSO, "--color", "always"]).stdout.contains("\u{1b}["));
    assert!(!check(&[CONTOSO, "--color", "never"]).stdout.contains('\u{1b}'));
    let error = levelmark(&["check", "nowhere", "--color", "always"]);
    assert!(error.stderr.contains("\u{1b}["), "{}", error.stderr);
}

#[test]
fn one_policy_shows_findings_and_no_verdict() {
    let report = json(&[CONTOSO, "--policy", "INF-400-G2"]);
    assert_eq!(report["filtered"], true);
    assert_eq!(report["tenant"], Value::Null);
    let of = |finding: &Value| finding["policy"] == "INF-400-G2";
    assert!(report["findings"].as_array().unwrap().iter().all(of));
    let with_target = check(&[CONTOSO, "--policy", "INF-400-G2", "--target", "infrastructure=300"]);
    assert_eq!(with_target.code, 3, "{}", with_target.stdout);
}

#[test]
fn the_template_of_a_policy_is_a_policy() {
    let folder = tempfile::tempdir().unwrap();
    let template = std::fs::read_to_string(root().join("docs/policy-template.yaml")).unwrap();
    let policy = template.replace("INF-000-X1", "INF-300-P99");
    std::fs::write(folder.path().join("INF-300-P99.yaml"), policy).unwrap();
    let folder = folder.path().display().to_string();
    let test = levelmark(&["policy", "test", "--policies", &folder, "--policy", "INF-300-P99"]);
    assert_eq!(
        (test.code, test.stdout.as_str()),
        (0, "1 policy, 3 examples, 0 came out otherwise\n"),
        "{}",
        test.stderr
    );
}
