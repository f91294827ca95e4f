//! What git is asked: commits, and files of a commit. Comes in: ids of commits, never names. Goes out:
//! its top folder, parents, lists of changed files. Not here: which commit counts (`tree`), its files (`files`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use miette::miette;

use super::event::Commit;
use crate::report::location::plain;
use crate::run::Result;

/// A repository with a working tree.
#[derive(Debug, Clone)]
pub(super) struct Git {
    /// Its top folder, absolute.
    pub root: PathBuf,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    Added,
    Removed,
    Changed,
}

impl Git {
    /// The repository that was checked out at the workspace, or below it on the way to a folder. It is looked
    /// for from above, since all that lies below its top is the proposal's: a link there, or a submodule, can't
    /// stand in its place.
    ///
    /// # Errors
    /// A link or a submodule is in the way.
    pub(super) fn of(workspace: &Path, folder: &Path) -> Result<Option<Self>> {
        let whole = plain(&workspace.join(folder));
        let inside = whole.strip_prefix(workspace).unwrap_or(Path::new(""));
        let mut here = workspace.to_owned();
        let mut steps = inside.components();
        loop {
            match kind(&here.join(".git")) {
                Some(kind) if kind.is_dir() => return Ok(Some(Self { root: here })),
                Some(_) => return Err(no_clone(&here)),
                None => {}
            }
            let Some(step) = steps.next() else { return Ok(None) };
            here.push(step);
            if kind(&here).is_some_and(|kind| kind.is_symlink()) {
                return Err(no_clone(&here));
            }
        }
    }

    /// The commit that is checked out.
    pub(super) fn head(&self) -> Result<Commit> {
        let text = self.ask(&["rev-parse", "--verify", "HEAD^{commit}"])?;
        Commit::of(text.trim()).ok_or_else(|| miette!("git does not say which commit is checked out"))
    }

    /// Its parents, as the commit itself names them: in a shallow clone they need not be there.
    pub(super) fn parents(&self, commit: &Commit) -> Result<Vec<Commit>> {
        let text = self.ask(&["cat-file", "commit", commit.as_str()])?;
        let head = text.split("\n\n").next().unwrap_or_default();
        Ok(head.lines().filter_map(|line| Commit::of(line.strip_prefix("parent ")?)).collect())
    }

    /// Whether a commit is there, with its files.
    pub(super) fn has(&self, commit: &Commit) -> bool {
        self.ask(&["cat-file", "-e", &format!("{}^{{tree}}", commit.as_str())]).is_ok()
    }

    /// Gets a commit from where the repository came from, with the credentials that the checkout left.
    pub(super) fn fetch(&self, commit: &Commit) -> Result<()> {
        let mut arguments = vec!["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"];
        // A depth would cut the history of a clone that has all of it.
        if self.ask(&["rev-parse", "--is-shallow-repository"])?.trim() == "true" {
            arguments.push("--depth=1");
        }
        arguments.extend(["origin", commit.as_str()]);
        self.ask(&arguments).map(drop)
    }

    /// Files of these paths that differ between two commits.
    pub(super) fn changed(
        &self,
        (from, to): (&Commit, &Commit),
        paths: &[String],
    ) -> Result<Vec<(Change, String)>> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let mut arguments = vec!["diff", "--name-status", "--no-renames", "--no-ext-diff", "-z"];
        arguments.extend([from.as_str(), to.as_str(), "--"]);
        let literal: Vec<String> = paths.iter().map(|path| format!(":(top,literal){path}")).collect();
        arguments.extend(literal.iter().map(String::as_str));
        let text = self.ask(&arguments)?;
        let mut words = text.split('\0');
        let mut found = Vec::new();
        while let (Some(status), Some(path)) = (words.next(), words.next()) {
            let change = match status {
                "A" => Change::Added,
                "D" => Change::Removed,
                _ => Change::Changed,
            };
            found.push((change, path.to_owned()));
        }
        found.sort();
        Ok(found)
    }

    /// What git prints, as it is.
    pub(super) fn bytes(&self, arguments: &[&str]) -> Result<Vec<u8>> {
        let mut command = self.command();
        command.args(arguments);
        answer(command)
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new("git");
        let mut trusted = OsString::from("safe.directory=");
        trusted.push(&self.root);
        // In a container the checkout may belong to another user.
        command.arg("-C").arg(&self.root).arg("-c").arg(trusted);
        command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        command
    }

    fn ask(&self, arguments: &[&str]) -> Result<String> {
        self.bytes(arguments).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// What lies there itself, not what it leads to.
pub(super) fn kind(path: &Path) -> Option<std::fs::FileType> {
    std::fs::symlink_metadata(path).ok().map(|there| there.file_type())
}

fn no_clone(folder: &Path) -> miette::Report {
    miette!(
        code = "levelmark::action::base",
        help = "use actions/checkout before this action, and name a folder of that repository",
        "{} is a link or a submodule, so the base branch of the pull request can't be read",
        folder.display()
    )
}

fn answer(mut command: Command) -> Result<Vec<u8>> {
    let done = command.output().map_err(|error| {
        miette!(
            code = "levelmark::action::git",
            help = "the action needs git on pull requests: for the files of the base branch",
            "git can't be run: {error}"
        )
    })?;
    if done.status.success() {
        return Ok(done.stdout);
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it says nothing");
    Err(miette!(code = "levelmark::action::git", "git failed: {last}"))
}
