//! `check` as typed.

use std::path::PathBuf;

use clap::Args;

use super::report::target;
use super::{Inputs, Looks, Target};
use crate::report::format::ReportFormat;
use crate::report::text::Volume;

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// What decides the result.
    #[command(flatten)]
    pub inputs: Inputs,
    /// More of them, for one table of all; a folder with tenant folders in it counts as these.
    #[arg(value_name = "SNAPSHOT", conflicts_with_all = ["demo", "no_snapshot"])]
    pub more: Vec<PathBuf>,
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

impl Check {
    /// How much text is shown.
    #[must_use]
    pub const fn volume(&self) -> Volume {
        match (self.quiet, self.verbose) {
            (true, _) => Volume::Quiet,
            (false, true) => Volume::Verbose,
            (false, false) => Volume::Normal,
        }
    }
}
