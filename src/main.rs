//! The program: reads the command line, runs it, turns errors and defects into exit codes.

use std::process::ExitCode;

use clap::Parser;
use levelmark::cli::Cli;
use levelmark::{exit, run};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let terminal = run::Terminal::new(&cli);
    std::panic::set_hook(Box::new(|info| run::complain_of_defect(&info.to_string())));
    match std::panic::catch_unwind(|| run::run(&cli, &terminal)) {
        Ok(code) => ExitCode::from(code),
        Err(_) => ExitCode::from(exit::DEFECT),
    }
}
