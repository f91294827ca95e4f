//! What a snapshot is judged by, and of a proposal what it would be judged by once merged. Comes in: an order
//! and an event. Goes out: trees, arguments of `check`, differences. Not here: what comes of it (`gate`).

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use miette::miette;

use super::changes::{self, Changes, Statement};
use super::event::{Commit, Event, Origin};
use super::git::Git;
use super::inputs::{Judge, Order};
use super::log::Note;
use super::said::{self, Baseline, Said};
use super::tree::{self, Tree};
use crate::cli::{Inputs, Looks, Policies};
use crate::commands::reports;
use crate::report::location::Ground;
use crate::run::{self, Evaluated, Result, Surroundings};

/// What a snapshot is judged by.
pub(super) struct Bench {
    /// Where it comes from.
    tree: Tree,
    pub said: Said,
    proposed: Option<Proposed>,
}

/// A change that is judged by the commit that it wants to change.
struct Proposed {
    git: Git,
    base: Commit,
    /// Where paths start from, absolute.
    here: PathBuf,
    /// For files of commits.
    folder: PathBuf,
}

impl Bench {
    /// Looks for it: in the base branch of a proposal, else in the working tree.
    ///
    /// # Errors
    /// The base branch can't be had, or what counts is missing or invalid.
    pub(super) fn of(
        order: &Order,
        event: &Event,
        (here, folder): (&Path, &Path),
        notes: &mut Vec<Note>,
    ) -> Result<Self> {
        let proposal = match (&event.origin, order.judge) {
            (Origin::Proposal(proposal), Judge::Base) => proposal,
            (Origin::Proposal(_), Judge::Head) => {
                notes.push(Note::warning(
                    "configuration-from: head: the branch is judged by what it says itself, waivers and answers included",
                ));
                return Self::working(order, here);
            }
            (Origin::Own, Judge::Base | Judge::Head) => return Self::working(order, here),
        };
        let git = Git::of(here, &order.snapshot)?.ok_or_else(|| {
            miette!(
                code = "levelmark::action::base",
                help = "use actions/checkout before this action",
                "{} is in no repository, so the base branch of the pull request can't be read",
                order.snapshot.display()
            )
        })?;
        let base = tree::base(&git, proposal)?;
        let tree = Tree::of_commit(here, &git, &base, folder.join("base"))?;
        tree.place(&order.snapshot)?;
        let said = Said::of(order, &tree)?;
        said.misses_nothing(order, &tree)?;
        if said.config.is_none() {
            notes.push(Note::notice(
                "the base branch has no levelmark.yaml: it is judged without targets, waivers and parameters of a file",
            ));
        }
        let proposed = Proposed { git, base, here: here.to_owned(), folder: folder.to_owned() };
        Ok(Self { tree, said, proposed: Some(proposed) })
    }

    fn working(order: &Order, here: &Path) -> Result<Self> {
        let tree = Tree::working(here);
        let said = Said::of(order, &tree)?;
        Ok(Self { tree, said, proposed: None })
    }

    /// What the proposal would change, and what would come of it; None where it is judged by its own.
    ///
    /// # Errors
    /// git fails.
    pub(super) fn changes(
        &self,
        order: &Order,
        snapshot: &Path,
        now: DateTime<Utc>,
    ) -> Result<Option<Changes>> {
        let Some(Proposed { git, base, here, folder }) = &self.proposed else { return Ok(None) };
        let head = git.head()?;
        let tree = Tree::of_commit(here, git, &head, folder.join("head"))?;
        let own = Said::of(order, &tree);
        let mut names = said::candidates(order, &self.tree);
        names.extend(self.said.names(&self.tree));
        names.extend(own.iter().flat_map(|own| own.names(&tree)));
        names.sort();
        names.dedup();
        let files = git.changed((base, &head), &names)?;
        let mut changes = Changes { files, words: Vec::new(), own: None, invalid: None };
        if changes.files.is_empty() {
            return Ok(Some(changes));
        }
        let before = Statement::of(&self.said)?;
        let judged = own.and_then(|own| {
            // The baseline is the one that was compared with: the two shall differ by the rest alone.
            let own = Said { baseline: self.said.baseline.clone(), ..own };
            changes.words = changes::words(&before, &Statement::of(&own)?);
            Ok(run::evaluate(&inputs(order, &own, snapshot), Surroundings::Named, now)?.report)
        });
        match judged {
            Ok(report) => changes.own = Some(report),
            // Its words may quote whatever a file of the branch holds.
            Err(error) => {
                changes.invalid =
                    Some(format!("{}; `levelmark check` on the branch says where", run::code_of(&error)));
            }
        }
        Ok(Some(changes))
    }

    /// Where files lie for those who read the reports: files of the base branch where they stand in the
    /// repository, not in our folder.
    ///
    /// # Errors
    /// The root of the repository is no folder.
    pub(super) fn ground(&self, looks: &Looks, judged: &Evaluated) -> Result<Ground> {
        let mut ground = reports::ground(looks, Some(&judged.policies), judged.config.as_deref())?;
        if let Some((folder, root)) = self.tree.stands_for() {
            let moved = |path: &mut PathBuf| {
                if let Ok(inside) = path.strip_prefix(folder) {
                    *path = root.join(inside);
                }
            };
            ground.policies.values_mut().for_each(moved);
            ground.config.iter_mut().for_each(moved);
        }
        Ok(ground)
    }
}

/// What `levelmark check` would be told.
pub(super) fn inputs(order: &Order, said: &Said, snapshot: &Path) -> Inputs {
    Inputs {
        snapshot: Some(snapshot.to_owned()),
        demo: false,
        no_snapshot: false,
        tenant: None,
        config: said.config.clone(),
        answers: said.answers.clone(),
        params: Vec::new(),
        targets: order.targets.clone(),
        fail_on: order.fail_on.clone(),
        urgent_only: false,
        no_waivers: false,
        on_unknown: order.on_unknown,
        baseline: match &said.baseline {
            Baseline::At(path) => Some(path.clone()),
            Baseline::None | Baseline::First => None,
        },
        today: order.today,
        max_age: order.max_age,
        max_evidence: crate::engine::MAX_EVIDENCE,
        policies: Policies { dirs: said.policies.clone(), no_builtin: false, allow_override: Vec::new() },
        only: Vec::new(),
    }
}
