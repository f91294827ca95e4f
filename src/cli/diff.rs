//! `diff` as typed, and what `approve` has in common with it.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};

use super::Policies;
use super::inputs::day;
use super::report::{limit, most};
use crate::report::detail::Detail;
use crate::report::markdown;

/// `diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// The earlier snapshot: file, directory, tenant folder, or `-` for standard input.
    #[arg(required_unless_present = "rules")]
    pub old: Option<PathBuf>,
    /// The later one. Without it the first is a tenant folder, and its `baseline` is compared with its `snapshot`.
    pub new: Option<PathBuf>,
    /// Sections, configuration, policies.
    #[command(flatten)]
    pub comparing: Comparing,
    /// Ignore nothing: show what the rules leave out, too, and count it as drift.
    #[arg(long)]
    pub no_ignore: bool,
    /// Compare snapshots of two tenants, e.g. with a model tenant. Other ids prove nothing then, names count.
    #[arg(long)]
    pub allow_other_tenant: bool,
    /// Only what was not approved is drift. The approvals are in `approvals.yaml` of the later tenant folder, or in FILE.
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        require_equals = true,
        conflicts_with = "allow_other_tenant"
    )]
    pub approved: Option<Option<PathBuf>>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = DriftFormat::Text)]
    pub format: DriftFormat,
    /// How much of the tenant is shown; by default `place` for Markdown and GitHub, else `full`.
    #[arg(long, value_enum, value_name = "DETAIL")]
    pub detail: Option<Detail>,
    /// Bytes of Markdown at most, what does not fit is counted; 0 is no limit.
    #[arg(long, value_name = "BYTES", default_value_t = markdown::COMMENT, value_parser = limit)]
    pub markdown_limit: usize,
    /// GitHub annotations name files from here; else from the nearest folder upward with `.git` in it.
    #[arg(long, value_name = "DIR")]
    pub repository_root: Option<PathBuf>,
    /// All elements of long lists, each rule with how much it left out, and what was approved.
    #[arg(short, long)]
    pub verbose: bool,
    /// Print the rules that are built in, each with its reason, instead.
    #[arg(long, conflicts_with_all = ["old", "new"])]
    pub rules: bool,
}

impl Diff {
    /// Bytes of Markdown at most.
    #[must_use]
    pub const fn markdown_most(&self) -> usize {
        most(self.markdown_limit)
    }
}

/// What two snapshots are compared in, and by what.
#[derive(Debug, Args)]
pub struct Comparing {
    /// Only this section (may be repeated).
    #[arg(long = "section", value_name = "ID")]
    pub sections: Vec<String>,
    /// Configuration with rules of your own; else `levelmark.yaml` of the later tenant folder, else the nearest one upward.
    #[arg(long, value_name = "FILE", env = "LEVELMARK_CONFIG")]
    pub config: Option<PathBuf>,
    /// Show the values of this sensitive section, too (may be repeated).
    #[arg(long, value_name = "SECTION")]
    pub include: Vec<String>,
    /// Don't evaluate the snapshots: say what differs, not what it does to the verdict.
    #[arg(long)]
    pub no_effect: bool,
    /// Human answers for both evaluations; else those that `check` would take of the later tenant folder.
    #[arg(long, value_name = "FILE", conflicts_with = "no_effect")]
    pub answers: Option<PathBuf>,
    /// Declare a parameter for both evaluations (may be repeated; lists with commas).
    #[arg(long = "param", value_name = "NAME=VALUE", conflicts_with = "no_effect")]
    pub params: Vec<String>,
    /// The day that decides what has expired, for both evaluations; else today.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub today: Option<DateTime<Utc>>,
    /// Which policies.
    #[command(flatten)]
    pub policies: Policies,
}

/// Formats of drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DriftFormat {
    /// For people at a terminal.
    Text,
    /// For machines.
    Json,
    /// A comment or a pull request.
    Markdown,
    /// A page.
    Html,
    /// Annotations of a workflow.
    Github,
}
