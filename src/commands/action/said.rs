//! What counts beside the snapshot: configuration, answers, policies, baseline. Comes in: an order and a tree.
//! Goes out: where each of them lies in that tree. Not here: what stands in them.

use std::path::{Path, PathBuf};

use miette::miette;

use super::inputs::Order;
use super::log::Note;
use super::tree::Tree;
use crate::commands::configuration;
use crate::commands::places::ANSWERS;
use crate::run::Result;

/// What counts beside the snapshot.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub config: Option<PathBuf>,
    pub answers: Option<PathBuf>,
    pub policies: Vec<PathBuf>,
    pub baseline: Baseline,
    /// All files that the configuration is made of, the first one named above.
    pub chain: Vec<PathBuf>,
    /// What is not in the base branch.
    pub notes: Vec<Note>,
}

/// What is compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Baseline {
    /// Nothing was named.
    #[default]
    None,
    /// It is named, and not there yet: the first run.
    First,
    At(PathBuf),
}

impl Said {
    /// Looks for it. In the working tree what is named has to be there; in a commit it need not, since
    /// a proposal may be the first to bring it.
    ///
    /// # Errors
    /// Something named is missing, or a configuration is invalid.
    pub(super) fn of(order: &Order, tree: &Tree) -> Result<Self> {
        let mut said = Self::default();
        said.config = match &order.config {
            Some(named) => said.there(tree, named, "configuration")?,
            None => nearest(order, tree)?,
        };
        let mut configured = None;
        if let Some(path) = &said.config {
            contained(tree, path)?;
            let chain = &mut said.chain;
            let config = configuration::visit(path, &mut |path, _, _| chain.push(path.to_owned()))?;
            let folder = path.parent().unwrap_or(Path::new(""));
            configured = config.answers.map(|answers| folder.join(answers));
        }
        said.answers = match &order.answers {
            Some(named) => said.there(tree, named, "answers")?,
            None => match configured {
                Some(path) => Some(path),
                None => Some(tree.place(&order.snapshot.join(ANSWERS))?).filter(|path| path.is_file()),
            },
        };
        for named in &order.policies {
            said.policies.extend(said_policies(&mut said.notes, tree, named)?);
        }
        said.baseline = baseline(order, tree)?;
        Ok(said)
    }

    /// Where something named lies; None where it is not in a commit.
    fn there(&mut self, tree: &Tree, named: &Path, what: &str) -> Result<Option<PathBuf>> {
        let path = tree.place(named)?;
        if tree.is_working() || path.is_file() {
            return Ok(Some(path));
        }
        self.notes.push(absent(what, named));
        Ok(None)
    }

    /// That what the base branch has was found there: a first run and a missing configuration are lenient.
    ///
    /// # Errors
    /// There is something that was not found, such as a link out of the repository.
    pub(super) fn misses_nothing(&self, order: &Order, tree: &Tree) -> Result<()> {
        let beside = order.snapshot.join(configuration::NAME);
        let inside = order.config.is_none() && tree.has(&order.snapshot.join("manifest.json"), false);
        let config = order.config.as_ref().unwrap_or(&beside);
        let missed = [
            (self.config.is_none() && !inside, Some(config), false),
            (self.baseline == Baseline::First, order.baseline.as_ref(), true),
        ];
        match missed
            .into_iter()
            .find_map(|(none, path, results)| path.filter(|path| none && tree.has(path, results)))
        {
            None => Ok(()),
            Some(path) => Err(miette!(
                code = "levelmark::action::base",
                help = "keep it in the repository as a file, not as a link to somewhere else",
                "the base branch has something at {} that can't be read",
                path.display()
            )),
        }
    }

    /// Paths inside the repository of all that counts, for comparing two commits.
    pub(super) fn names(&self, tree: &Tree) -> Vec<String> {
        let files = self.chain.iter().chain(&self.answers).chain(&self.policies);
        let baseline = match &self.baseline {
            Baseline::At(path) => Some(path),
            Baseline::None | Baseline::First => None,
        };
        files.chain(baseline).filter_map(|path| tree.name(path)).collect()
    }
}

/// Paths inside the repository where something that counts may stand, whether it can be read or not.
pub(super) fn candidates(order: &Order, tree: &Tree) -> Vec<String> {
    let beside = [configuration::NAME, ANSWERS].map(|name| order.snapshot.join(name));
    let top = Path::new(configuration::NAME).to_owned();
    let named = order.config.iter().chain(&order.answers).chain(&order.policies);
    let all = named.cloned().chain(beside).chain([top]);
    all.filter_map(|path| tree.name(&tree.place(&path).ok()?)).collect()
}

fn said_policies(notes: &mut Vec<Note>, tree: &Tree, named: &Path) -> Result<Option<PathBuf>> {
    let path = tree.place(named)?;
    if tree.is_working() || path.is_dir() {
        return Ok(Some(path));
    }
    notes.push(absent("policies", named));
    Ok(None)
}

fn absent(what: &str, named: &Path) -> Note {
    Note::warning(format!(
        "the base branch has no {what} at {}: it is judged without, until the pull request is merged",
        named.display()
    ))
}

/// The configuration of the tenant folder, else the one at the top. A file inside a snapshot is none.
fn nearest(order: &Order, tree: &Tree) -> Result<Option<PathBuf>> {
    let own = tree.place(&order.snapshot.join(configuration::NAME))?;
    if own.is_file() && !own.with_file_name("manifest.json").exists() {
        return Ok(Some(own));
    }
    Ok(Some(tree.place(Path::new(configuration::NAME))?).filter(|path| path.is_file()))
}

/// What a commit's configuration builds on has to be of that commit.
fn contained(tree: &Tree, path: &Path) -> Result<()> {
    let Some((folder, _)) = tree.stands_for() else { return Ok(()) };
    let Some(name) = tree.name(path) else { return Ok(()) };
    configuration::stays_inside(folder, &name)?.map_err(|file| {
        miette!(
            code = "levelmark::action::extends",
            help =
                "on a pull request only files of the base branch count; keep shared files in the repository",
            "{file} builds on a file outside of the repository"
        )
    })
}

/// Of a folder the result that is last by its name, as dates order themselves.
fn baseline(order: &Order, tree: &Tree) -> Result<Baseline> {
    let Some(named) = &order.baseline else { return Ok(Baseline::None) };
    let path = tree.place(named)?;
    if path.is_file() {
        return Ok(Baseline::At(path));
    }
    let Ok(entries) = std::fs::read_dir(&path) else { return Ok(Baseline::First) };
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let results =
        files.filter(|path| path.is_file() && path.extension().is_some_and(|ending| ending == "json"));
    Ok(results.max().map_or(Baseline::First, Baseline::At))
}
