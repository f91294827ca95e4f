//! `init` as typed.

use std::path::PathBuf;

use clap::Args;

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// The tenant folder to write into.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Also a GitHub workflow: collects every night, proposes the snapshot, checks pull requests.
    #[arg(long)]
    pub github: bool,
    /// Also the same as an Azure DevOps pipeline.
    #[arg(long)]
    pub azure_devops: bool,
    /// The branch that pull requests go into, for Azure DevOps; else the one that the repository's origin calls its own.
    #[arg(long, value_name = "NAME", requires = "azure_devops")]
    pub branch: Option<String>,
    /// Where workflows take Levelmark from on GitHub; else where this program says it comes from.
    #[arg(long, value_name = "OWNER/NAME")]
    pub repository: Option<String>,
}
