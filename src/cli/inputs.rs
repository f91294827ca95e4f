//! What decides a result, as typed: evidence, answers, parameters, targets, policies.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;

use crate::report::model::FailOn;
use crate::verdict::gate::OnUnknown;

/// Which policies.
#[derive(Debug, Args)]
pub struct Policies {
    /// Also take the policies of this folder (may be repeated).
    #[arg(long = "policies", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Leave the built-in policies out.
    #[arg(long)]
    pub no_builtin: bool,
    /// Let a file replace the built-in policy of this id (may be repeated).
    #[arg(long, value_name = "ID")]
    pub allow_override: Vec<String>,
}

/// What decides a result: the evidence, what the organisation says, and what is asked.
#[derive(Debug, Args)]
pub struct Inputs {
    /// A snapshot (file, directory, or `-` for standard input), or a tenant folder with a snapshot in it.
    #[arg(required_unless_present_any = ["demo", "no_snapshot"])]
    pub snapshot: Option<PathBuf>,
    /// Check the made-up tenant that comes with the program.
    #[arg(long, conflicts_with = "snapshot")]
    pub demo: bool,
    /// Judge by human answers alone: a tenant folder and what is in it, or --answers.
    #[arg(long, conflicts_with = "demo")]
    pub no_snapshot: bool,
    /// Directory id of the tenant, where neither snapshot nor answers say it.
    #[arg(long, value_name = "ID", requires = "no_snapshot")]
    pub tenant: Option<String>,
    /// Configuration; else `levelmark.yaml` of the tenant folder.
    #[arg(long, value_name = "FILE", env = "LEVELMARK_CONFIG")]
    pub config: Option<PathBuf>,
    /// Human answers; else what the configuration names, else `attestations.yaml` of the tenant folder.
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// Declare a parameter (may be repeated; lists with commas).
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<String>,
    /// Set a target level (may be repeated).
    #[arg(long = "target", value_name = "COMPETENCY=LEVEL")]
    pub targets: Vec<String>,
    /// What to fail on; by default `level` with a target, `regression` with a baseline.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    pub fail_on: Vec<FailOn>,
    /// Gate on the criteria alone that the model calls urgent.
    #[arg(long)]
    pub urgent_only: bool,
    /// Leave all waivers out: the naked truth.
    #[arg(long)]
    pub no_waivers: bool,
    /// What an undetermined result means.
    #[arg(long, value_enum, default_value_t = OnUnknown::Report, value_name = "WHAT")]
    pub on_unknown: OnUnknown,
    /// An earlier result (`--format json`) to compare with.
    #[arg(long, value_name = "RESULT")]
    pub baseline: Option<PathBuf>,
    /// The day that decides what has expired; else today.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub today: Option<DateTime<Utc>>,
    /// Sections collected longer ago than this are unknown, e.g. P30D.
    #[arg(long, value_name = "DURATION", value_parser = crate::query::duration::parse)]
    pub max_age: Option<chrono::TimeDelta>,
    /// Places shown for each check.
    #[arg(long, default_value_t = crate::engine::MAX_EVIDENCE, value_name = "N")]
    pub max_evidence: usize,
    /// Which policies.
    #[command(flatten)]
    pub policies: Policies,
    /// Evaluate only this policy (may be repeated): findings, but no verdict.
    #[arg(long = "policy", value_name = "ID")]
    pub only: Vec<String>,
}

/// A date, or a moment in RFC 3339.
pub(crate) fn day(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.with_timezone(&Utc));
    }
    let date: NaiveDate = text.parse().map_err(|_| "expected a date such as 2026-11-02".to_owned())?;
    Ok(date.and_time(chrono::NaiveTime::MIN).and_utc())
}
