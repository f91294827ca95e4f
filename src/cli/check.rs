//! `check` as typed.

use clap::Args;

use super::report::target;
use super::{Inputs, Looks, Target};
use crate::report::format::ReportFormat;

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// What decides the result.
    #[command(flatten)]
    pub inputs: Inputs,
    /// How to print the report on standard output; text if nothing else is asked for.
    #[arg(long, value_enum)]
    pub format: Option<ReportFormat>,
    /// Also write the report to a file (may be repeated; `-` once for standard output). Missing folders are made.
    #[arg(long = "report", value_name = "FORMAT=PATH", value_parser = target)]
    pub reports: Vec<Target>,
    /// How the reports are shown.
    #[command(flatten)]
    pub looks: Looks,
    /// Only the verdict and the gate.
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Everything: what holds, what is unknown, every place.
    #[arg(short, long)]
    pub verbose: bool,
}
