//! What `levelmark init --github` and `--azure-devops` write: it is well-formed, pinned and careful, and its
//! scripts do what they say, on real git repositories with fakes of gh, az and curl. No network. The scripts are
//! for runners with Linux: they take GNU's date and jq, which are there.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may panic"
)]

#[path = "pipelines/azure.rs"]
mod azure;
#[path = "action/expression.rs"]
mod expression;
mod folders;
#[path = "pipelines/github.rs"]
mod github;
mod program;
#[path = "action/repository.rs"]
#[expect(dead_code, reason = "the pull requests of tests/action.rs are made otherwise")]
mod repository;
#[path = "action/runner.rs"]
#[expect(dead_code, reason = "a whole action is not run here")]
mod runner;

use std::path::Path;

use program::run;
use repository::{git, tenant};
use runner::{Machine, yaml};

/// The real program, whose `diff` says what a test wants where one wants something.
const LEVELMARK: &str = r#"
echo "$@" >> "$FAKES/levelmark.log"
if [ "$1" = diff ] && [ -e "$FAKES/diff.code" ]; then cat "$FAKES/diff.md"; exit "$(cat "$FAKES/diff.code")"; fi
exec "$PROGRAM" "$@"
"#;

const REPOSITORY: &str = "owner/levelmark";

/// `levelmark init` with a workflow, in a repository; gives the workflow's text.
fn written(flag: &str, file: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join(".git")).unwrap();
    // The folder of the tenant need not be there yet.
    let run = run(folder.path(), &["init", "tenants/contoso", flag, "--repository", REPOSITORY], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(folder.path().join("tenants/contoso/levelmark.yaml").is_file());
    std::fs::read_to_string(folder.path().join(file)).unwrap()
}

/// A machine with a repository on `main` that has contoso's folder, prepared, and its clone in the workspace.
fn machine(prepare: impl Fn(&Path)) -> Machine {
    let mut machine = Machine::new();
    let (remote, workspace) = (machine.home.path().join("files/remote.git"), machine.workspace.clone());
    git(machine.home.path(), &["init", "--quiet", "--bare", remote.to_str().unwrap()]);
    git(&workspace, &["init", "--quiet"]);
    git(&workspace, &["remote", "add", "origin", remote.to_str().unwrap()]);
    tenant("contoso", &workspace.join("contoso"));
    prepare(&workspace);
    git(&workspace, &["add", "--all"]);
    git(&workspace, &["commit", "--quiet", "--message", "first"]);
    git(&workspace, &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
    machine.fake("levelmark", LEVELMARK);
    machine.set("PROGRAM", env!("CARGO_BIN_EXE_levelmark"));
    machine.set("TENANT", "contoso");
    machine
}

/// What `levelmark diff` says.
fn diff(machine: &Machine, text: &str, code: i32) {
    let fakes = machine.home.path().join("fakes");
    std::fs::write(fakes.join("diff.md"), text).unwrap();
    std::fs::write(fakes.join("diff.code"), code.to_string()).unwrap();
}

/// The time that a committed snapshot says it was taken.
fn taken(folder: &Path, when: &str) {
    let path = folder.join("contoso/snapshot/manifest.json");
    let mut manifest = yaml(&std::fs::read_to_string(&path).unwrap());
    manifest["taken"]["at"] = when.into();
    std::fs::write(path, manifest.to_string()).unwrap();
}

/// The day of tomorrow, which is never older than two weeks.
fn lately() -> String {
    let done = std::process::Command::new("date").args(["-u", "+%FT%TZ"]).output().unwrap();
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Files of a branch of the remote; none if there is no such branch.
fn branch(machine: &Machine, name: &str) -> Vec<String> {
    let remote = machine.home.path().join("files/remote.git");
    let there = git(&remote, &["branch", "--list", name]);
    if there.is_empty() {
        return Vec::new();
    }
    git(&remote, &["ls-tree", "-r", "--name-only", name]).lines().map(str::to_owned).collect()
}

#[test]
fn nothing_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let init = |arguments: &[&str]| {
        run(folder.path(), &[&["init", "--repository", REPOSITORY], arguments].concat(), b"")
    };
    assert_eq!(init(&["--github", "--azure-devops"]).code, 0);
    let names = [".github/workflows/levelmark.yml", "azure-pipelines-levelmark.yml", "levelmark.yaml"];
    for name in names {
        std::fs::write(folder.path().join(name), "mine").unwrap();
    }
    for arguments in [&["--github"] as &[&str], &["--azure-devops"], &[]] {
        let run = init(arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.stderr.contains("exists already"), "{}", run.stderr);
    }
    for name in names {
        assert_eq!(std::fs::read_to_string(folder.path().join(name)).unwrap(), "mine");
    }
    // A configuration that is there stays, and is no obstacle to a workflow.
    std::fs::remove_file(folder.path().join(names[0])).unwrap();
    let run = init(&["--github"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "kept ./levelmark.yaml\nwrote ./.github/workflows/levelmark.yml\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_can_t_stand_in_a_workflow_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    for name in ["a\"b", "${{ github.token }}", "$(Build.SourceBranch)", "a\nb", "-rf"] {
        std::fs::create_dir_all(folder.path().join(name)).unwrap();
        let run = run(folder.path(), &["init", "--github", "--repository", REPOSITORY, "--", name], b"");
        assert_eq!(run.code, 2, "{name}: {}", run.stdout);
    }
    assert!(!folder.path().join(".github").exists());
    let run = run(folder.path(), &["init", "--github", "--repository", "owner/levelmark@main"], b"");
    assert_eq!(run.code, 2);
}

#[test]
fn what_can_t_be_written_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let run = run(folder.path(), &["init", "file/contoso"], b"");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("can't write file/contoso"), "{}", run.stderr);
}
