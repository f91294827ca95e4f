//! `action`: the steps of the GitHub Action that action.yml at the root of the repository runs, the same on
//! Linux, macOS and Windows. Comes in: variables that the runner and action.yml set. Goes out: reports,
//! outputs, a job summary, a comment. Not here: evaluating (`run`), installing (`install.sh` beside this
//! file, before there is a program), uploading (steps of action.yml).
//!
//! Who proposes a change must not choose what it is judged by: on a pull request configuration, answers,
//! policies and baseline are those of the base branch (`tree`), and of the branch only the snapshot. What it
//! says of all that is read as well, and shown beside (`changes`), but decides nothing.

mod bench;
mod changes;
mod collect;
mod comment;
mod event;
mod files;
mod gate;
mod git;
mod inputs;
mod log;
mod outcome;
mod page;
mod runner;
mod said;
mod tree;

use crate::cli::{Action, ActionStep};
use crate::run::Result;
use crate::terminal::Terminal;

/// Runs a step.
///
/// # Errors
/// What the step found out can't be handed over. All else that goes wrong is part of its outputs.
pub fn run(args: &Action, terminal: &Terminal) -> Result<u8> {
    match args.step {
        ActionStep::Gate => gate::run(terminal),
        ActionStep::Comment => comment::run(terminal),
    }
}
