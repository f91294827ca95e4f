//! `report`: a stored result in another format. It was judged when it was made, so the exit code says
//! only whether it could be rendered.

use crate::cli::Report as Args;
use crate::commands::results;
use crate::exit;
use crate::report::text::Volume;
use crate::run::{Result, Terminal};

use super::reports;

/// Renders it.
///
/// # Errors
/// Not a result, of another version, or the place can't be written.
pub fn run(args: &Args, terminal: &Terminal) -> Result<u8> {
    let report = results::read(&args.result)?;
    let ground = reports::ground(&args.looks, None, None)?;
    let page = args.looks.page();
    let look = reports::look(&args.looks, (&ground, &page), terminal, Volume::Normal);
    match &args.out {
        Some(path) => reports::save(&report, args.format, look, path)?,
        None => reports::print(&report, args.format, look, terminal)?,
    }
    Ok(exit::MET)
}
