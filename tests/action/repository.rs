//! Repositories with a tenant in them, and pull requests: a branch, and GitHub's merge of it, checked out as
//! shallow as a runner does it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::folders::copy;
use super::runner::Machine;

/// A repository as GitHub has it, and a clone to write in.
pub(crate) struct Repository {
    remote: PathBuf,
    /// The clone.
    pub(crate) clone: PathBuf,
}

/// Runs git and gives what it prints.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    for (name, value) in [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_AUTHOR_NAME", "Kim"),
        ("GIT_AUTHOR_EMAIL", "kim@contoso.com"),
        ("GIT_COMMITTER_NAME", "Kim"),
        ("GIT_COMMITTER_EMAIL", "kim@contoso.com"),
    ] {
        command.env(name, value);
    }
    let done = command.args(["-c", "init.defaultBranch=main"]).args(arguments).output().unwrap();
    assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Copies a made-up tenant.
pub(crate) fn tenant(name: &str, to: &Path) {
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tenants").join(name), to);
}

impl Repository {
    /// One with contoso's folder, and what `prepare` makes of it, on `main`.
    pub(crate) fn new(machine: &Machine, prepare: impl Fn(&Path)) -> Self {
        let remote = machine.home.path().join("files/remote.git");
        let clone = machine.home.path().join("files/clone");
        std::fs::create_dir(&clone).unwrap();
        git(&clone, &["init", "--quiet"]);
        git(machine.home.path(), &["init", "--quiet", "--bare", remote.to_str().unwrap()]);
        git(&remote, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
        git(&clone, &["remote", "add", "origin", remote.to_str().unwrap()]);
        tenant("contoso", &clone.join("contoso"));
        prepare(&clone);
        let repository = Self { remote, clone };
        repository.commit("main");
        repository
    }

    fn commit(&self, branch: &str) -> String {
        git(&self.clone, &["add", "--all"]);
        git(&self.clone, &["commit", "--quiet", "--allow-empty", "--message", "a change"]);
        git(&self.clone, &["push", "--quiet", "--force", "origin", &format!("HEAD:refs/heads/{branch}")]);
        git(&self.clone, &["rev-parse", "HEAD"])
    }

    /// A pull request with what `change` makes of the branch, merged by GitHub and checked out that deep; gives
    /// the payload of its event.
    pub(crate) fn propose(&self, machine: &mut Machine, depth: u32, change: impl Fn(&Path)) -> Value {
        let base = git(&self.clone, &["rev-parse", "HEAD"]);
        git(&self.clone, &["switch", "--quiet", "--create", "proposal"]);
        change(&self.clone);
        let head = self.commit("proposal");
        let tree = git(&self.clone, &["rev-parse", "HEAD^{tree}"]);
        let merge =
            git(&self.clone, &["commit-tree", &tree, "-p", &base, "-p", &head, "-m", "GitHub's merge"]);
        git(&self.clone, &["push", "--quiet", "origin", &format!("{merge}:refs/pull/7/merge")]);
        self.take(machine, "refs/pull/7/merge", depth);
        machine.set("GITHUB_SHA", merge);
        machine.set("GITHUB_REF", "refs/pull/7/merge");
        json!({
            "repository": { "private": true, "full_name": "contoso/audit" },
            "pull_request": {
                "number": 7,
                "base": { "sha": base, "ref": "main" },
                "head": { "sha": head, "repo": { "full_name": "contoso/audit" } },
            },
        })
    }

    /// As actions/checkout does it: one reference, so deep, by an address that allows shallow clones.
    fn take(&self, machine: &Machine, reference: &str, depth: u32) {
        let folder = &machine.workspace;
        let address = format!("file://{}", self.remote.display());
        git(folder, &["init", "--quiet"]);
        git(folder, &["remote", "add", "origin", &address]);
        let depth = format!("--depth={depth}");
        git(
            folder,
            &[
                "fetch",
                "--quiet",
                "--no-tags",
                &depth,
                "origin",
                &format!("+{reference}:refs/remotes/pull/x"),
            ],
        );
        git(folder, &["checkout", "--quiet", "--detach", "refs/remotes/pull/x"]);
    }

    /// Takes the address away that the clone came from.
    pub(crate) fn vanish(&self) {
        std::fs::rename(&self.remote, self.remote.with_extension("gone")).unwrap();
    }
}
