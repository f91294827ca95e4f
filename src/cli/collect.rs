//! `collect` as typed: what is asked, who signs in, where it goes. Not here: what it does (`commands`).

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

use super::{Policies, SignInArgs};
use crate::snapshot::record::Cloud;

/// `collect`
#[derive(Debug, Args)]
pub struct Collect {
    /// The new snapshot: a directory, or a file that ends in .json. With --tenants the folder of all tenants' folders.
    #[arg(long, value_name = "PATH", required_unless_present_any = ["into", "dry_run"])]
    pub out: Option<PathBuf>,
    /// A snapshot, or a tenant folder with one in it, to be brought up to date; what came in otherwise stays.
    #[arg(long, value_name = "SNAPSHOT|TENANT", conflicts_with = "out")]
    pub into: Option<PathBuf>,
    /// Write over what is there, and begin an interrupted collection anew.
    #[arg(long)]
    pub force: bool,
    /// Go on with an interrupted collection; what it has read is kept.
    #[arg(long, conflicts_with = "force")]
    pub resume: bool,
    /// Say who would sign in and what would be asked, and ask nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Collect all tenants of this file, each into a folder of its own; it says who signs in to each.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["tenant", "sign_in", "client_id", "client_secret_file", "client_certificate", "service_connection"]
    )]
    pub tenants: Option<PathBuf>,
    /// Of the file of tenants only those with this name, id or tag (may be repeated).
    #[arg(long, value_name = "TENANT|TAG", requires = "tenants")]
    pub only: Vec<String>,
    /// Tenants at a time.
    #[arg(long, value_name = "N", default_value_t = 8, requires = "tenants", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub at_once: u8,
    /// Replace names, addresses, ids and texts by keyed pseudonyms before anything is written, see `redact`.
    #[arg(long)]
    pub redact: bool,
    /// A file with the key of --redact; else LEVELMARK_REDACT_KEY.
    #[arg(long, value_name = "FILE", requires = "redact")]
    pub key_file: Option<PathBuf>,
    /// With --redact: keep the words and patterns that policies of --policies look for, although they may name the tenant.
    #[arg(long, requires = "redact")]
    pub keep_words: bool,
    /// Large lists and logs, too, that no policy reads.
    #[arg(long)]
    pub all: bool,
    /// Take this sensitive or unread section, too (may be repeated).
    #[arg(long, value_name = "SECTION")]
    pub include: Vec<String>,
    /// Only this section and those that its requests are made for (may be repeated).
    #[arg(long = "section", value_name = "SECTION", conflicts_with_all = ["all", "include"])]
    pub sections: Vec<String>,
    /// How far back logs are read, in days; a service may keep fewer.
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub days: u32,
    /// Share of Microsoft's request limits to use: below 1 leaves room for other tools of the same
    /// application, above 1 is for whom Microsoft granted more.
    #[arg(long, value_name = "SHARE", default_value_t = 1.0, value_parser = share)]
    pub quota: f64,
    /// Which cloud of Microsoft's.
    #[arg(long, value_enum, default_value_t = CloudName::Global)]
    pub cloud: CloudName,
    /// Address of Graph, instead of the cloud's own.
    #[arg(long, value_name = "URL", env = "LEVELMARK_GRAPH_ENDPOINT")]
    pub graph_endpoint: Option<String>,
    /// Address of the sign-in service, instead of the cloud's own.
    #[arg(long, value_name = "URL", env = "LEVELMARK_LOGIN_ENDPOINT")]
    pub login_endpoint: Option<String>,
    /// Configuration, whose parameters say whom to ask about; else `levelmark.yaml` of the tenant folder, else
    /// the nearest one upward.
    #[arg(long, value_name = "FILE", env = "LEVELMARK_CONFIG")]
    pub config: Option<PathBuf>,
    /// Declare a parameter (may be repeated; lists with commas).
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<String>,
    /// Who signs in.
    #[command(flatten)]
    pub sign_in: SignInArgs,
    /// Which policies.
    #[command(flatten, next_help_heading = "Policies")]
    pub policies: Policies,
    /// Say nothing but errors.
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub quiet: bool,
}

/// Microsoft's clouds, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CloudName {
    /// Worldwide, GCC included.
    Global,
    /// GCC High.
    Usgov,
    /// Department of Defense.
    Dod,
    /// 21Vianet.
    China,
}

impl From<CloudName> for Cloud {
    fn from(name: CloudName) -> Self {
        match name {
            CloudName::Global => Self::Global,
            CloudName::Usgov => Self::Usgov,
            CloudName::Dod => Self::Dod,
            CloudName::China => Self::China,
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "expected a number such as 0.5".to_owned())?;
    if (0.01..=1_000.0).contains(&share) {
        Ok(share)
    } else {
        Err("expected a number from 0.01 to 1000".to_owned())
    }
}
