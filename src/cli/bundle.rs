//! `bundle` and `verify` as typed.

use std::path::PathBuf;

use clap::Args;

use super::Inputs;

/// `bundle`
#[derive(Debug, Args)]
pub struct Bundle {
    /// What `check --format json` printed.
    #[arg(value_name = "RESULT")]
    pub result: PathBuf,
    /// The file to write.
    #[arg(long, value_name = "FILE.zip")]
    pub out: PathBuf,
    /// Leave out the local files that answers and waivers name as evidence.
    #[arg(long)]
    pub no_evidence: bool,
    /// What the check was given.
    #[command(flatten)]
    pub inputs: Inputs,
}

/// `verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// What `bundle` wrote.
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// Print what was found out as JSON.
    #[arg(long)]
    pub json: bool,
}
