//! `init` as typed.

use std::path::PathBuf;

use clap::Args;

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// The tenant folder to write into.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
}
