//! `completions`: a script for a shell, made from the same arguments that the program reads.

use clap::CommandFactory;
use miette::IntoDiagnostic;

use crate::cli::{Cli, Completions};
use crate::exit;
use crate::run::{Result, Terminal};

/// Prints it.
///
/// # Errors
/// The pipe is closed.
pub fn run(args: &Completions, terminal: &Terminal) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "levelmark", &mut script);
    terminal.print(&String::from_utf8(script).into_diagnostic()?)?;
    Ok(exit::MET)
}
