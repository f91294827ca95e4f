//! Files of the repository as they are at some place: in the working tree, or in a commit. Comes in: paths as
//! the workflow names them. Goes out: where they lie in that tree. Not here: which of them count (`said`).
//!
//! A commit's files are written into a folder of their own. Links that lead out of it are taken away, so that
//! no file of the proposal, and none of the machine, is read in the place of one of the commit.

use std::path::{Path, PathBuf};

use miette::miette;

use super::event::{Commit, Proposal};
use super::files::{self, Kind, Names};
use super::git::{Git, kind};
use crate::report::location::plain;
use crate::run::Result;

/// Files of the repository as they are at some place.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    /// Where paths start from, absolute.
    here: PathBuf,
    /// A commit of a repository; None = the working tree.
    commit: Option<Committed>,
}

/// The files of a commit.
#[derive(Debug, Clone)]
struct Committed {
    git: Git,
    folder: PathBuf,
    /// All that it has, also links that were taken away.
    names: Names,
}

impl Tree {
    /// The files that are there.
    pub(super) fn working(here: &Path) -> Self {
        Self { here: here.to_owned(), commit: None }
    }

    /// The files of a commit.
    ///
    /// # Errors
    /// git can't get or write them.
    pub(super) fn of_commit(here: &Path, git: &Git, commit: &Commit, into: PathBuf) -> Result<Self> {
        std::fs::create_dir(&into).map_err(miette::Report::from_err)?;
        let names = files::extract(git, commit, &into)?;
        let real = std::fs::canonicalize(&into).map_err(miette::Report::from_err)?;
        cut_links(&into, &real).map_err(miette::Report::from_err)?;
        Ok(Self { here: here.to_owned(), commit: Some(Committed { git: git.clone(), folder: into, names }) })
    }

    /// Whether it is the working tree.
    pub(super) fn is_working(&self) -> bool {
        self.commit.is_none()
    }

    /// The folder with a commit's files, and the folder of the repository that they stand for.
    pub(super) fn stands_for(&self) -> Option<(&Path, &Path)> {
        self.commit.as_ref().map(|commit| (commit.folder.as_path(), commit.git.root.as_path()))
    }

    /// Where a path of the workflow lies in this tree. What is not of this repository stays where it is:
    /// a place outside, or another checkout inside, which no proposal of this one can change.
    ///
    /// # Errors
    /// It lies in a submodule, whose files at that commit are not at hand; or only a link leads into the repository.
    pub(super) fn place(&self, path: &Path) -> Result<PathBuf> {
        let Some(commit) = &self.commit else { return Ok(path.to_owned()) };
        let Some(inside) = self.inside(path)? else { return Ok(path.to_owned()) };
        Ok(if commit.other(&inside, path)? { path.to_owned() } else { commit.folder.join(inside) })
    }

    /// Whether the commit has a file of that name, or a link that was taken away; or such results in a folder.
    pub(super) fn has(&self, path: &Path, results: bool) -> bool {
        let Some(commit) = &self.commit else { return false };
        let Ok(Some(inside)) = self.inside(path) else { return false };
        let result = |name: &Path| {
            results
                && name.parent() == Some(&inside)
                && name.extension().is_some_and(|ending| ending == "json")
        };
        commit.names.keys().any(|name| *name == inside || result(name))
            || inside.ancestors().any(|above| {
                commit.names.get(above) == Some(&Kind::Link) && kind(&commit.folder.join(above)).is_none()
            })
    }

    /// A path from the top of the repository, as the workflow writes it; None = it lies outside.
    fn inside(&self, path: &Path) -> Result<Option<PathBuf>> {
        let Some(commit) = &self.commit else { return Ok(None) };
        let (root, whole) = (&commit.git.root, plain(&self.here.join(path)));
        if let Ok(inside) = whole.strip_prefix(root) {
            return Ok(Some(inside.to_owned()));
        }
        // The repository may have several names: the workspace behind a link, or other letters for the same.
        let real = std::fs::canonicalize(root).map_err(miette::Report::from_err)?;
        let above: Vec<&Path> = whole.ancestors().collect();
        let same = |above: &&&Path| std::fs::canonicalize(above).is_ok_and(|above| above == real);
        // Its top first: below that a link is the proposal's.
        if let Some(top) = above.iter().rev().find(same) {
            return Ok(whole.strip_prefix(top).ok().map(Path::to_owned));
        }
        let there = above.iter().find_map(|above| std::fs::canonicalize(above).ok());
        if there.is_some_and(|there| there.starts_with(&real)) {
            return Err(out(path, "a link from outside leads into the repository"));
        }
        Ok(None)
    }

    /// The path inside the repository of a file of this tree, with forward slashes.
    pub(super) fn name(&self, path: &Path) -> Option<String> {
        let folder = &self.commit.as_ref()?.folder;
        let path = plain(path);
        let inside = path.strip_prefix(folder).ok()?;
        let steps: Option<Vec<&str>> = inside.components().map(|step| step.as_os_str().to_str()).collect();
        steps.map(|steps| steps.join("/"))
    }
}

impl Committed {
    /// Whether a path lies in another checkout below the repository. Only a folder of git's own tells, with real
    /// folders all the way: no commit can bring that.
    ///
    /// # Errors
    /// It lies in a submodule.
    fn other(&self, inside: &Path, path: &Path) -> Result<bool> {
        let (mut here, mut name) = (self.git.root.clone(), PathBuf::new());
        for step in inside.components() {
            here.push(step);
            name.push(step);
            if self.names.get(&name) == Some(&Kind::Submodule) {
                return Err(submodule(path, &here));
            }
            match kind(&here) {
                Some(kind) if kind.is_dir() => {}
                // A link, a file, or nothing.
                _ => return Ok(false),
            }
            match kind(&here.join(".git")) {
                // One that was checked out over files of the commit takes nothing from it.
                Some(kind) if kind.is_dir() => {
                    return Ok(!self.names.keys().any(|known| known.starts_with(&name)));
                }
                Some(_) => return Err(submodule(path, &here)),
                None => {}
            }
        }
        Ok(false)
    }
}

fn submodule(path: &Path, module: &Path) -> miette::Report {
    miette!(
        code = "levelmark::action::submodule",
        help = "check that repository out by a step of its own, at a commit that the workflow names; or say configuration-from: head",
        "{} lies in the submodule {}: which commit of it counts would be the branch's to say",
        path.display(),
        module.display()
    )
}

/// The commit that a proposal would change: the one that GitHub merged it with where that merge is checked
/// out, since the working tree has its files; else the one of the event. It is fetched if it is not there.
///
/// # Errors
/// It can't be had.
pub(super) fn base(git: &Git, proposal: &Proposal) -> Result<Commit> {
    let head = git.head()?;
    // `ref: ${{ github.event.pull_request.head.sha }}` checks out the branch itself.
    if proposal.merge.as_ref().is_some_and(|merge| ![merge, &proposal.head].contains(&&head)) {
        return Err(miette!(
            code = "levelmark::action::base",
            help = "let actions/checkout take what it takes by itself, into the folder that the action reads, and commit nothing before it",
            "{} is at {}, which is neither the pull request's merge nor its last commit",
            git.root.display(),
            head.as_str()
        ));
    }
    let parents = if proposal.merge.as_ref() == Some(&head) { git.parents(&head)? } else { Vec::new() };
    let base = match parents.as_slice() {
        // The second is the branch itself: the commit is GitHub's, and nobody chose the first.
        [base, branch] if *branch == proposal.head => base.clone(),
        _ => proposal.base.clone(),
    };
    if !git.has(&base) {
        git.fetch(&base).map_err(|error| {
            miette!(
                code = "levelmark::action::base",
                help = "let actions/checkout take `fetch-depth: 2`, which brings it along, or keep its credentials; or say \
                        configuration-from: head, and the branch is judged by what it says itself",
                "the commit {} of the base branch is not there and can't be fetched: {error}",
                base.as_str()
            )
        })?;
    }
    Ok(base)
}

/// Takes links away that lead out of a folder, or nowhere.
fn cut_links(folder: &Path, root: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let kind = std::fs::symlink_metadata(&path)?;
        if kind.is_symlink() {
            let inside = std::fs::canonicalize(&path).is_ok_and(|target| target.starts_with(root));
            if !inside {
                std::fs::remove_file(&path)?;
            }
        } else if kind.is_dir() {
            cut_links(&path, root)?;
        }
    }
    Ok(())
}

/// Refuses a path of a proposal that a link leads out of the folders where it may lie, or into git's own.
///
/// # Errors
/// It leads out.
pub(super) fn stays(path: &Path, folders: &[&Path]) -> Result<()> {
    let there = path.ancestors().find(|above| std::fs::symlink_metadata(above).is_ok()).unwrap_or(path);
    let real = std::fs::canonicalize(there).map_err(|error| out(path, &error.to_string()))?;
    let within = |folder: &&Path| std::fs::canonicalize(folder).is_ok_and(|folder| real.starts_with(folder));
    if !folders.iter().any(within) {
        return Err(out(path, "it leads out of the workspace"));
    }
    if real.components().any(|step| step.as_os_str() == ".git") {
        return Err(out(path, "it leads into git's own folder"));
    }
    Ok(())
}

fn out(path: &Path, why: &str) -> miette::Report {
    miette!(
        code = "levelmark::action::path",
        help = "on a pull request links that leave the repository are not followed",
        "{} can't be taken: {why}",
        path.display()
    )
}
