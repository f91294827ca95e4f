//! `explain` and `query` as typed: what a policy means, what a path matches.

use std::path::PathBuf;

use clap::Args;

use super::{Format, Policies};

/// `explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// Id of a policy, e.g. INF-400-G2; with --verdict a result (`check --format json`).
    #[arg(value_name = "POLICY|RESULT")]
    pub what: String,
    /// Say what holds each level of this competency up or back in a result.
    #[arg(long, value_name = "COMPETENCY")]
    pub verdict: Option<String>,
    /// Which policies.
    #[command(flatten)]
    pub policies: Policies,
}

/// `query`
#[derive(Debug, Args)]
pub struct Query {
    /// A snapshot, or `-` for standard input; with --raw any JSON file.
    pub snapshot: PathBuf,
    /// A JSONPath, e.g. `$.conditionalAccess.policies[*].displayName`.
    pub path: String,
    /// `$` is the root of the file, whatever it is.
    #[arg(long)]
    pub raw: bool,
    /// How to print the matches.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}
