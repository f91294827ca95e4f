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
    clap_complete::generate(args.shell, &mut shown(&Cli::command()), "levelmark", &mut script);
    terminal.print(&String::from_utf8(script).into_diagnostic()?)?;
    Ok(exit::MET)
}

/// Without hidden commands: `clap_complete` would offer them.
fn shown(program: &clap::Command) -> clap::Command {
    let commands = program.get_subcommands().filter(|command| !command.is_hide_set());
    clap::Command::new("levelmark")
        .version(env!("CARGO_PKG_VERSION"))
        .args(program.get_arguments())
        .subcommands(commands.cloned())
}
