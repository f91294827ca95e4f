//! `completions` and `man` as typed: what a shell and a package know of the program.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// `completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// For which shell; docs/installing.md says where its scripts lie.
    #[arg(value_enum)]
    pub shell: Shell,
}

/// `man`
#[derive(Debug, Args)]
pub struct Man {
    /// The folder to write into; made if it is missing.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}
