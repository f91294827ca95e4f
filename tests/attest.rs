//! Asking through the program: what is typed into a pipe is kept at once, whoever ends it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use levelmark::config::Attestations;

const TENANT: &str = "e6229db7-cac6-5963-9c9b-e3bcf9e83679";

fn levelmark(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_levelmark"));
    command.current_dir(folder).env_remove("LEVELMARK_CONFIG").env("NO_COLOR", "1");
    command
}

fn asking(folder: &Path) -> Child {
    let args =
        ["attest", "--tenant", TENANT, "--answers", "a.yaml", "--all", "--by", "Ada L <ada@contoso.com>"];
    let mut command = levelmark(folder);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn answers(folder: &Path) -> usize {
    Attestations::read("a.yaml", &std::fs::read(folder.join("a.yaml")).unwrap()).unwrap().answers.len()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn who_is_killed_has_lost_nothing_that_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    for round in 1..=3usize {
        let mut child = asking(folder.path());
        let mut shown = BufReader::new(child.stderr.take().unwrap());
        let stdin = child.stdin.as_mut().unwrap();
        // Each answer is safe when the next question is put; the third is being typed.
        for _ in 0..2 {
            stdin.write_all(b"no because\n").unwrap();
        }
        stdin.flush().unwrap();
        let mut seen = String::new();
        while !seen.contains("\n3 of ") {
            assert!(shown.read_line(&mut seen).unwrap() > 0, "{seen}");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(answers(folder.path()), 2 * round);
    }
}

#[test]
fn a_second_sitting_goes_on_where_the_first_ended() {
    let folder = tempfile::tempdir().unwrap();
    let count = |typed: &[u8]| {
        let mut child = asking(folder.path());
        child.stdin.take().unwrap().write_all(typed).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let shown = text(&output);
        let line = shown.lines().find(|line| line.contains(" questions, about ")).unwrap().to_owned();
        line.split_whitespace().next().unwrap().parse::<usize>().unwrap()
    };
    let first = count(b"no\n\nno\n\n");
    assert_eq!(count(b"q\n"), first - 2);
}

#[test]
fn a_whole_audit_needs_no_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| levelmark(folder.path()).args(args).output().unwrap();
    let nobody = run(&["check", "--no-snapshot"]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(text(&nobody).contains("not known which tenant"));
    let empty = run(&["check", "--no-snapshot", "--tenant", TENANT]);
    assert_eq!(empty.status.code(), Some(0));
    assert!(
        text(&empty).contains("no snapshot was looked at") && text(&empty).contains("0 pass"),
        "{}",
        text(&empty)
    );
    let mut child = asking(folder.path());
    child.stdin.take().unwrap().write_all(b"yes wiki\n").unwrap();
    child.wait_with_output().unwrap();
    let answered = run(&["check", "--no-snapshot", "--answers", "a.yaml"]);
    assert!(!text(&answered).contains(" 0 pass"), "{}", text(&answered));
    let other = "00000000-0000-4000-8000-000000000001";
    let other = run(&["check", "--no-snapshot", "--answers", "a.yaml", "--tenant", other]);
    assert_eq!(other.status.code(), Some(2));
}

#[test]
fn a_sheet_is_not_written_over_one_that_may_hold_answers() {
    let folder = tempfile::tempdir().unwrap();
    let export = || {
        levelmark(folder.path()).args(["attest", "--tenant", TENANT, "--export", "s.xlsx"]).output().unwrap()
    };
    assert!(export().status.success());
    let again = export();
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again).contains("exists already"));
    let mut bytes = Vec::new();
    std::fs::File::open(folder.path().join("s.xlsx")).unwrap().read_to_end(&mut bytes).unwrap();
    assert!(bytes.starts_with(b"PK"));
}
