//! The program: reads the command line, runs it, turns errors and defects into exit codes.

use std::process::ExitCode;

use clap::Parser;
use levelmark::cli::Cli;
use levelmark::{exit, run, terminal};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            terminal::complain_of_usage(&error);
            return ExitCode::from(exit::INVALID);
        }
        Err(help) => help.exit(),
    };
    let terminal = terminal::Terminal::new(&cli);
    std::panic::set_hook(Box::new(|info| terminal::complain_of_defect(&info.to_string())));
    match std::panic::catch_unwind(|| run::run(&cli, &terminal)) {
        Ok(code) => ExitCode::from(code),
        Err(_) => ExitCode::from(exit::DEFECT),
    }
}
