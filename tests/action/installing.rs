//! Where the program comes from, and what is refused.

use std::process::Command;

use super::fakes::{self, REPOSITORY, VERSION, folder, machine, release, spoil};
use super::repository::tenant;
use super::runner::{Machine, Ran};
use super::{action, came_out, with_contoso};

/// A step that fails, and no program of any kind.
#[track_caller]
fn refused(machine: &Machine, ran: &Ran, why: &str) {
    came_out(ran, "error", 2);
    assert!(ran.log.contains(why), "{why} in {}", ran.log);
    assert_eq!(ran.steps, ["Install levelmark", "Verdict"]);
    assert_eq!(machine.noted("cargo.log"), "", "what can't be trusted is not replaced by something else");
}

#[test]
fn the_release_of_the_action_s_tag_is_taken_and_checked() {
    let mut machine = with_contoso();
    came_out(&action(&mut machine, &[]), "met", 0);
    let asked = machine.noted("curl.log");
    let from = format!("https://github.com/{REPOSITORY}/releases/download/v{VERSION}/");
    assert!(asked.lines().all(|line| line.contains(&from) && line.contains("--proto =https")), "{asked}");
    assert!(
        machine.noted("gh.log").contains(&format!("-musl.tar.gz --repo {REPOSITORY}")),
        "{}",
        machine.noted("gh.log")
    );
    assert_eq!(machine.noted("cargo.log"), "");
}

#[test]
fn another_archive_than_the_release_says_is_refused() {
    let mut machine = with_contoso();
    spoil(&machine);
    let ran = action(&mut machine, &[]);
    refused(&machine, &ran, "is not what SHA256SUMS of its release says");
}

#[test]
fn an_attestation_that_does_not_hold_is_refused() {
    let mut machine = with_contoso();
    std::fs::write(machine.home.path().join("fakes/attestation"), "1").unwrap();
    let ran = action(&mut machine, &[]);
    refused(&machine, &ran, "has no valid attestation");
}

#[test]
fn without_gh_the_checksum_will_do_unless_more_is_required() {
    let mut machine = with_contoso();
    std::fs::remove_file(machine.home.path().join("fakes/gh")).unwrap();
    let ran = action(&mut machine, &[]);
    came_out(&ran, "met", 0);
    assert!(
        ran.commands.iter().any(|line| line.starts_with("::notice") && line.contains("attestation")),
        "{:?}",
        ran.commands
    );
    let mut machine = with_contoso();
    std::fs::remove_file(machine.home.path().join("fakes/gh")).unwrap();
    let ran = action(&mut machine, &[("attestation", "required")]);
    refused(&machine, &ran, "was not verified");
    let ran = action(&mut machine, &[("attestation", "never")]);
    refused(&machine, &ran, "input attestation");
}

#[test]
fn where_there_is_no_release_the_action_s_own_source_is_built() {
    for prepare in [
        |machine: &mut Machine| std::fs::remove_dir_all(folder(machine, VERSION)).unwrap(),
        |machine: &mut Machine| machine.set("RUNNER_ARCH", "RISCV64"),
        |machine: &mut Machine| machine.set("RUNNER_ARCH", "ARM64"),
        |machine: &mut Machine| {
            drop(machine.contexts.insert("github.action_repository".to_owned(), String::new()))
        },
    ] {
        let mut machine = with_contoso();
        prepare(&mut machine);
        let ran = action(&mut machine, &[]);
        came_out(&ran, "met", 0);
        let built = machine.noted("cargo.log");
        assert!(
            built.starts_with(&format!("install --locked --path {} --root ", env!("CARGO_MANIFEST_DIR"))),
            "{built}"
        );
    }
    let mut machine = with_contoso();
    std::fs::remove_dir_all(folder(&machine, VERSION)).unwrap();
    std::fs::remove_file(machine.home.path().join("fakes/cargo")).unwrap();
    let ran = action(&mut machine, &[]);
    refused(&machine, &ran, "no cargo to build one");
}

#[test]
fn a_server_that_errs_is_no_missing_release() {
    let mut machine = with_contoso();
    machine.fake("curl", "printf 503");
    let ran = action(&mut machine, &[]);
    refused(&machine, &ran, "the server answers 503");
    machine.fake("curl", "exit 6");
    let ran = action(&mut machine, &[]);
    refused(&machine, &ran, "can't be fetched");
}

#[test]
fn no_other_version_than_the_action_s_ever_runs() {
    let mut machine = with_contoso();
    release(&machine, "9.9.9");
    machine.contexts.insert("github.action_ref".to_owned(), "v9.9.9".to_owned());
    let ran = action(&mut machine, &[]);
    refused(&machine, &ran, "the action is of the tag v9.9.9, but its code says version");
    // A commit or a branch: what the code there says.
    for reference in ["main", "v0", "08c6903cd8c0fde910a37f88322edcfb5dd907a8"] {
        let mut machine = with_contoso();
        machine.contexts.insert("github.action_ref".to_owned(), reference.to_owned());
        came_out(&action(&mut machine, &[]), "met", 0);
        assert!(machine.noted("curl.log").contains(&format!("/v{VERSION}/")), "{reference}");
    }
    // A release that is not what it is called.
    let mut machine = with_contoso();
    let stem = format!("levelmark-v{VERSION}-x86_64-unknown-linux-musl");
    let script = format!(
        "printf '#!/bin/sh\\necho levelmark 0.0.1\\n' > {stem}/levelmark && tar -czf '{0}/{stem}.tar.gz' {stem} && cd '{0}' && \
         (sha256sum {stem}.tar.gz || shasum -a 256 {stem}.tar.gz) > SHA256SUMS",
        folder(&machine, VERSION).display()
    );
    let files = machine.home.path().join("files");
    assert!(Command::new("bash").args(["-ec", &script]).current_dir(files).status().unwrap().success());
    let ran = action(&mut machine, &[]);
    refused(&machine, &ran, "the program says it is levelmark 0.0.1");
}

#[test]
fn later_steps_of_the_job_find_the_program() {
    let mut machine = machine();
    tenant("contoso", &machine.workspace.join("contoso"));
    came_out(&action(&mut machine, &[]), "met", 0);
    let mut ran = Ran::default();
    let step = serde_json::json!({ "name": "after", "run": "levelmark --version", "shell": "bash" });
    machine.steps(&[step], &mut super::expression::Values::new(), &mut ran);
    assert_eq!(ran.log, format!("levelmark {}\n", fakes::VERSION));
}
