//! `attest` and `declare` as typed: what people say.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;

use super::{Policies, day};

/// `attest`
#[derive(Debug, Args)]
pub struct Attest {
    /// A snapshot or a tenant folder; without a snapshot everything is asked.
    #[arg(value_name = "SNAPSHOT|TENANT")]
    pub snapshot: Option<PathBuf>,
    /// Directory id of the tenant, where neither snapshot nor answers say it.
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// The file of answers; else what the configuration names, else `attestations.yaml` of the tenant folder.
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// Who answers: "Name <mail@contoso.com>". With --import for rows that do not say it.
    #[arg(long, value_name = "WHO", required_unless_present_any = ["export", "import"])]
    pub by: Option<String>,
    /// Every open question, not only what decides the next level up to the target.
    #[arg(long)]
    pub all: bool,
    /// Only this competency.
    #[arg(long, value_name = "ID")]
    pub competency: Option<String>,
    /// What decides the levels up to this one, whatever the target.
    #[arg(long, value_name = "N")]
    pub level: Option<u16>,
    /// Ask again what expires within this time, e.g. P30D.
    #[arg(long, value_name = "DURATION", value_parser = crate::query::duration::parse)]
    pub expiring: Option<chrono::TimeDelta>,
    /// Only what this person answers for, by `owners` of the configuration: name, mail address, or both.
    #[arg(long, value_name = "WHO")]
    pub owner: Option<String>,
    /// Write the questions as a sheet instead of asking: .xlsx or .csv.
    #[arg(long, value_name = "FILE", conflicts_with = "import")]
    pub export: Option<PathBuf>,
    /// Take the answers of filled-in sheets instead of asking.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["all", "competency", "level", "expiring", "owner"])]
    pub import: Vec<PathBuf>,
    /// Configuration; else `levelmark.yaml` of the tenant folder, else the nearest one upward.
    #[arg(long, value_name = "FILE", env = "LEVELMARK_CONFIG")]
    pub config: Option<PathBuf>,
    /// Declare a parameter (may be repeated; lists with commas).
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<String>,
    /// Set a target level (may be repeated).
    #[arg(long = "target", value_name = "COMPETENCY=LEVEL")]
    pub targets: Vec<String>,
    /// The day that decides what has expired, and from which answers count; else today.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub today: Option<DateTime<Utc>>,
    /// Which policies.
    #[command(flatten)]
    pub policies: Policies,
}

/// `declare`
#[derive(Debug, Args)]
pub struct Declare {
    /// The snapshot to write into.
    pub snapshot: PathBuf,
    /// messageCenter.preferences, messageCenter.plannerSync, serviceHealth.notifications or tenant.releasePreferences
    pub section: String,
    /// Read a CSV, one row per administrator, instead of asking.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Who declares: "Name <mail@contoso.com>".
    #[arg(long, value_name = "WHO", required_unless_present = "template")]
    pub by: Option<String>,
    /// Print the header of the CSV instead.
    #[arg(long, conflicts_with_all = ["from", "by"])]
    pub template: bool,
    /// How long it counts.
    #[arg(long, default_value = "P90D", value_name = "DURATION", value_parser = crate::query::duration::parse)]
    pub valid_for: chrono::TimeDelta,
}
