//! `action` as typed: by action.yml alone, so help does not show it. Its inputs are variables of the
//! environment (`commands::action`): nothing that somebody wrote is ever part of a command line.

use clap::{Args, ValueEnum};

/// `action`
#[derive(Debug, Args)]
pub struct Action {
    /// Which step.
    #[arg(value_enum)]
    pub step: ActionStep,
}

/// Steps of the GitHub Action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ActionStep {
    /// Collect if asked to, evaluate, write reports, outputs and the job summary.
    Gate,
    /// Write the comment of the pull request, or bring it up to date.
    Comment,
}
