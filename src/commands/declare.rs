//! `declare`: copies into a snapshot what only the admin centre shows, asked field by field or from
//! a table.

use miette::miette;

use crate::cli::Declare;
use crate::commands::folder;
use crate::declare::{self, Known};
use crate::exit;
use crate::report::escape;
use crate::run::{Result, Terminal};
use crate::snapshot::{Form, Snapshot, Wanted};

use super::inputs;

/// Declares.
///
/// # Errors
/// A section that can't be declared, mistakes in the table, nobody to ask.
pub fn run(args: &Declare, terminal: &Terminal) -> Result<u8> {
    let form = declare::form(&args.section)?;
    if args.template {
        terminal.print(&declare::template(form))?;
        return Ok(exit::MET);
    }
    let by = args.by.as_deref().unwrap_or_default();
    let path = folder::snapshot_in(&args.snapshot)?;
    let on = terminal.now;
    let declared = declare::declared(by, on, on.checked_add_signed(args.valid_for))?;
    let mut draft = Snapshot::open(&path, Wanted::All)?.to_draft()?;
    super::redact::not_redacted(&draft.manifest, &path, "what is declared would stand in it as it is")?;
    let known = Known::of(&draft, form);
    let items = match &args.from {
        Some(file) => declare::read(form, &inputs::bytes(file)?, &file.display().to_string(), &known)?,
        None => {
            // Asking works from a pipe too; it only has to come from somewhere.
            let asked =
                declare::ask(form, &known, &mut std::io::stdin().lock(), &mut std::io::stderr().lock());
            asked.map_err(miette::Report::from_err)?.ok_or_else(|| {
                miette!(
                    code = "levelmark::declare::ended",
                    help = "answer all questions, or give a table with --from FILE",
                    "the input ended before the last answer; nothing was saved"
                )
            })?
        }
    };
    let notes = declare::declare(&mut draft, form, items, declared);
    draft.write(&path, if path.is_dir() { Form::Directory } else { Form::File })?;
    for note in notes {
        terminal.tell(&format!("note: {}", escape::terminal(&note)));
    }
    terminal.print(&format!("wrote {} into {}\n", form.section, path.display()))?;
    Ok(exit::MET)
}
