//! `man`: a page for the program and one per command, made from the same arguments that the program reads.
//! No page holds a date, so that the same version has the same pages.

use std::io::Write;
use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, bold, roman};
use miette::miette;

use crate::cli::{Cli, Man};
use crate::exit;
use crate::run::{Result, Terminal};

/// Writes them.
///
/// # Errors
/// The folder can't be written.
pub fn run(args: &Man, terminal: &Terminal) -> Result<u8> {
    // No page for `help`, and none for the pages of its own.
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let written = std::fs::create_dir_all(&args.folder).and_then(|()| write(&program, &args.folder));
    let count = written.map_err(|error| {
        miette!(
            code = "levelmark::man::write",
            help = "name a folder that can be written",
            "failed to write the man pages into {}: {error}",
            args.folder.display()
        )
    })?;
    terminal.tell(&format!("{count} man pages in {}", args.folder.display()));
    Ok(exit::MET)
}

/// The page of a command, then those of its own commands. Says how many.
fn write(command: &clap::Command, folder: &Path) -> std::io::Result<usize> {
    let page = Page::new(command.clone());
    let mut text = Vec::new();
    render(&page, command, &mut text)?;
    std::fs::write(folder.join(page.get_filename()), text)?;
    command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
        .try_fold(1, |count, below| Ok(count + write(below, folder)?))
}

/// Title and exit codes are written here: `clap_mangen` loses an empty date, and would call the codes "EXTRA".
fn render(page: &Page, command: &clap::Command, out: &mut dyn Write) -> std::io::Result<()> {
    let title = command.get_display_name().unwrap_or("levelmark");
    writeln!(out, ".TH {title} 1 \"\" \"levelmark {}\" Levelmark", env!("CARGO_PKG_VERSION"))?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    if command.has_subcommands() {
        page.render_subcommands_section(out)?;
    }
    let mut status = Roff::default();
    status.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in exit::MEANINGS {
        status.control("TP", []).text([bold(code.to_string())]).text([roman(meaning)]);
    }
    status.to_writer(out)
}
