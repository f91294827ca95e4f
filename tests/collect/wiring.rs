//! `levelmark collect` as a program: exit codes, messages, what goes to which stream.

use std::path::Path;
use std::time::Duration;

use crate::contoso::permitted;
use crate::fake_graph::FakeGraph;
use crate::fake_graph::faults::{After, Fault, Trouble};
use crate::fake_graph::settings::Settings;
use crate::fake_graph::tenant::Tenant;
use crate::program;

/// Runs it against a fake.
fn collect(fake: &FakeGraph, folder: &Path, more: &[&str]) -> program::Run {
    let mut command = program::program(folder, &["collect", "--quota", "1000"]);
    command.args(["--graph-endpoint", &fake.address, "--login-endpoint", &fake.address]).args(more);
    command.env("LEVELMARK_TOKEN", fake.token());
    let output = command.output().unwrap();
    program::Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn contoso(settings: Settings) -> FakeGraph {
    FakeGraph::spawn(Tenant::contoso().unwrap(), settings).unwrap()
}

#[test]
fn what_a_run_says() {
    let fake = contoso(Settings::default());
    let folder = tempfile::tempdir().unwrap();
    let run = collect(&fake, folder.path(), &["--out", "contoso/snapshot"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "wrote contoso/snapshot\n"), "{}", run.stderr);
    let token = fake.token();
    assert!(!run.stderr.contains(&token) && !run.stderr.contains(token.split('.').nth(1).unwrap()));
    // Sections end in any order; what is told at the end does not depend on it.
    let end =
        run.stderr.lines().skip_while(|line| !line.starts_with("denied;")).collect::<Vec<_>>().join("\n");
    insta::with_settings!({filters => vec![(r"\d+ requests", "N requests")]}, {
        insta::assert_snapshot!("collect", end);
    });
    let run = collect(&fake, folder.path(), &["--out", "contoso/snapshot"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("exists already") && run.stderr.contains("--into"), "{}", run.stderr);
    let run = collect(&fake, folder.path(), &["--into", "contoso", "-q"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "wrote contoso/snapshot\n", ""));
}

#[test]
fn one_file_holds_the_same() {
    let fake = contoso(permitted());
    let folder = tempfile::tempdir().unwrap();
    for out in ["a.json", "b"] {
        let run = collect(&fake, folder.path(), &["--out", out, "-q", "--no-builtin"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    let open = |name: &str| crate::asking::open(&folder.path().join(name)).manifest.sections;
    let digests = |name: &str| {
        open(name).into_iter().map(|(id, record)| (id, record.state, record.sha256)).collect::<Vec<_>>()
    };
    assert_eq!(digests("a.json"), digests("b"));
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn a_dry_run_asks_nothing() {
    let fake = contoso(permitted());
    let folder = tempfile::tempdir().unwrap();
    let run = collect(&fake, folder.path(), &["--dry-run", "--param", "plans=a"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for part in
        ["signs in:", "GET /v1.0/users?$select=id,", "GET /v1.0/planner/plans/{plannerPlan-id}", "--include"]
    {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    assert_eq!(fake.seen().len(), 0);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let run = collect(&fake, folder.path(), &["--dry-run", "--include", "planner.plans"]);
    assert!(run.stdout.contains("GET /v1.0/groups/{group-id}/planner/plans"), "{}", run.stdout);
}

#[test]
fn errors_say_what_to_do() {
    let fake = contoso(permitted());
    let folder = tempfile::tempdir().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&[], "--out"),
        (&["--out", "x", "--section", "users.acounts"], "did you mean `users.accounts`?"),
        (&["--out", "x", "--include", "registers.triage"], "not read from Microsoft Graph"),
        (&["--out", "x", "--days", "0"], "1..=3660"),
        (&["--into", "nothing-here"], "nothing-here"),
        (&["--out", "x", "--resume", "--force"], "cannot be used with"),
        (&["--out", "x", "--tenant", "99999999-0000-4000-8000-000000000000"], "but 99999999"),
    ];
    for (more, expected) in cases {
        let run = collect(&fake, folder.path(), more);
        assert_eq!(run.code, 2, "{more:?}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{more:?}: {}", run.stderr);
        assert!(!folder.path().join("x").exists());
    }
    for share in ["0", "-1", "x", "nan", "inf"] {
        let quota = format!("--quota={share}");
        let run = program::run(folder.path(), &["collect", "--out", "x", &quota], b"");
        assert_eq!(run.code, 2, "{share}");
        assert!(run.stderr.contains("expected a number"), "{}", run.stderr);
    }
    let mut command = program::program(folder.path(), &["collect", "--out", "x"]);
    command.args(["--graph-endpoint", "http://graph.example.com"]).env("LEVELMARK_TOKEN", "x");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("in the open"));
}

#[test]
fn without_a_network_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    // A port that nobody listens at.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let fake = contoso(permitted());
    let mut command = program::program(
        folder.path(),
        &["collect", "--out", "x", "--no-builtin", "--section", "tenant.domains"],
    );
    command.args(["--graph-endpoint", &format!("http://{free}")]).env("LEVELMARK_TOKEN", fake.token());
    let output = command.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("nothing could be read: no connection"), "{stderr}");
    assert!(!folder.path().join("x").exists());
}

#[cfg(unix)]
#[test]
fn interrupted_it_says_how_to_go_on() {
    let hang = Fault::on("/users", Trouble::Throttle(After::Seconds(300))).always();
    let fake = contoso(Settings { faults: vec![hang], ..permitted() });
    let folder = tempfile::tempdir().unwrap();
    let mut command =
        program::program(folder.path(), &["collect", "--out", "x", "--section", "users.accounts"]);
    command.args(["--graph-endpoint", &fake.address]).env("LEVELMARK_TOKEN", fake.token());
    let child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    while !fake.seen().iter().any(|seen| seen.path.ends_with("/users")) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("--resume"), "{stderr}");
    assert!(!folder.path().join("x").exists() && folder.path().join("x.collecting").exists());
}
