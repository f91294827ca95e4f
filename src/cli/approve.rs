//! `approve` as typed.

use std::path::PathBuf;

use clap::Args;

use super::diff::Comparing;

/// `approve`
#[derive(Debug, Args)]
pub struct Approve {
    /// The snapshot whose drift is accepted: file, directory or tenant folder.
    #[arg(value_name = "SNAPSHOT|TENANT")]
    pub new: PathBuf,
    /// The snapshot that it drifted from; else `baseline` of the tenant folder.
    #[arg(long, value_name = "SNAPSHOT")]
    pub against: Option<PathBuf>,
    /// The file of approvals; else `approvals.yaml` of the tenant folder.
    #[arg(long, value_name = "FILE")]
    pub approvals: Option<PathBuf>,
    /// Accept this, without asking (may be repeated): SECTION, SECTION#KEY, SECTION#KEY/pointer or SECTION/pointer;
    /// a pointer means what lies in it, too.
    #[arg(long, value_name = "PATH")]
    pub only: Vec<String>,
    /// Accept everything, without asking.
    #[arg(long, conflicts_with = "only")]
    pub all: bool,
    /// Why; asked for where it is not given and a person sits there.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Who accepts: "Name <mail@contoso.com>".
    #[arg(long, value_name = "WHO")]
    pub by: String,
    /// Sections, configuration, policies.
    #[command(flatten)]
    pub comparing: Comparing,
}
