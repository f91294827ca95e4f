//! `messages`: the posts of Message Center over one or several tenants. Reads the snapshots side by side,
//! prints one list. Not here: putting posts together (`messages`).

use miette::Report;

use super::tenants::{Found, found, workers};
use crate::cli::{Messages as Args, MessagesFormat};
use crate::commands::folder;
use crate::exit;
use crate::messages::{self, INPUTS, Messages, OfTenant};
use crate::report::text::Volume;
use crate::run::{Result, Terminal};
use crate::snapshot::{Snapshot, Wanted};

/// Prints the list.
///
/// # Errors
/// Standard output can't be written. A snapshot that can't be read is told, and in the exit code.
pub fn run(args: &Args, terminal: &Terminal) -> Result<u8> {
    let paths: Vec<_> = args.snapshots.iter().map(std::path::PathBuf::as_path).collect();
    let tenants = found::named(&paths)?;
    let (mut read, mut exits) = (Vec::new(), Vec::new());
    workers::in_order(&tenants, rayon::current_num_threads(), of, |came: (&Found, Result<OfTenant>)| {
        match came {
            (_, Ok(tenant)) => {
                // Nothing is known of what could not be seen.
                exits.push(if tenant.tenant.posts.is_some() { exit::MET } else { exit::UNDETERMINED });
                read.push(tenant);
            }
            (tenant, Err(error)) => {
                terminal.tell_of(&format!("{}: not read", tenant.name), &error);
                exits.push(exit::INVALID);
            }
        }
        Ok(())
    })?;
    let mut messages = messages::merge(read, args.today.unwrap_or(terminal.now));
    choose(&mut messages, args);
    match args.format {
        MessagesFormat::Text => {
            let volume = if args.verbose { Volume::Verbose } else { Volume::Normal };
            terminal.print(&messages::text(&messages, terminal.style(volume)))?;
        }
        MessagesFormat::Csv => terminal.print(&messages::csv(&messages))?,
        MessagesFormat::Json => terminal.print_json(&messages)?,
    }
    Ok(exit::worst(exits))
}

fn of(tenant: &Found) -> (&Found, Result<OfTenant>) {
    let read = || {
        let wanted = INPUTS.into_iter().map(str::to_owned).collect();
        let snapshot = Snapshot::open(&folder::snapshot_in(tenant.path()?)?, Wanted::These(&wanted))?;
        messages::read(&tenant.name, &snapshot).map_err(Report::from_err)
    };
    (tenant, read())
}

fn choose(messages: &mut Messages, args: &Args) {
    let about = |services: &[String]| {
        args.services.is_empty()
            || services
                .iter()
                .any(|service| args.services.iter().any(|asked| asked.eq_ignore_ascii_case(service)))
    };
    messages.posts.retain(|post| (!args.open || post.is_open()) && about(&post.services));
}
