//! `docs` as typed.

use std::path::PathBuf;

use clap::Args;

use super::Policies;

/// `docs`
#[derive(Debug, Args)]
pub struct Docs {
    /// The folder to write into; pages of the same name are replaced.
    pub folder: PathBuf,
    /// Also take the pages of this folder and complete its SUMMARY.md: the source of the book.
    #[arg(long, value_name = "DIR")]
    pub book: Option<PathBuf>,
    /// Which policies.
    #[command(flatten)]
    pub policies: Policies,
}
