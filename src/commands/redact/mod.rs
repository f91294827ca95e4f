//! `redact`: a snapshot or a tenant folder with pseudonyms in it. Comes in: arguments and a key. Goes out:
//! files that give the same results as the original, or none. Not here: pseudonyms (`redact`).

mod found;
pub mod key;
mod leftover;
pub mod marks;
mod stage;
mod verify;

use std::path::Path;

use miette::miette;

use crate::cli::Redact;
use crate::exit;
use crate::policy::compiled::PolicySet;
use crate::redact::{Redactor, Terms};
use crate::run::{Result, Terminal};
use crate::snapshot::record::{Manifest, Redaction};

use self::found::Found;
use self::stage::Stage;
use super::inputs;

/// Redacts.
///
/// # Errors
/// No key, what can't be read or is redacted already, something in the way, another result.
pub fn run(args: &Redact, terminal: &Terminal) -> Result<u8> {
    if let Some(path) = &args.new_key {
        key::make(path)?;
        terminal.print(&format!(
            "wrote {}: keep it as you keep passwords, and never beside what it redacts\n",
            path.display()
        ))?;
        return Ok(exit::MET);
    }
    let key = key::read(args.key_file.as_deref(), terminal)?;
    let set = PolicySet::load(&inputs::load_options(&args.policies))?;
    let redactor = Redactor::new(key, Terms::of(&set));
    if !args.look_up.is_empty() {
        let lines: String = args.look_up.iter().map(|text| redactor.text(text) + "\n").collect();
        terminal.print(&lines)?;
        return Ok(exit::MET);
    }
    let (Some(from), Some(out)) = (&args.from, &args.out) else {
        return Err(miette!("say what to redact, and where to: --out PATH"));
    };
    let found = Found::at(from)?;
    let stage = Stage::beside(out, args.force, (&found, &redactor.redaction()))?;
    stage.recovered.iter().for_each(|note| terminal.tell(&format!("note: {note}")));
    let told = found.redacted(&redactor, &stage)?;
    if !args.no_verify {
        terminal.tell(&verify::compare(&set, &found, &stage, terminal.now)?);
    }
    stage.publish()?;
    told.iter().for_each(|note| terminal.tell(&format!("note: {note}")));
    terminal.print(&format!("wrote {} (key {})\n", out.display(), redactor.fingerprint()))?;
    Ok(exit::MET)
}

/// Refuses what is redacted already: real names would stand beside pseudonyms, and none would be found.
///
/// # Errors
/// It is redacted.
pub fn not_redacted(manifest: &Manifest, path: &Path, why: &str) -> Result<()> {
    match &manifest.redacted {
        None => Ok(()),
        Some(redacted) => Err(already(redacted, path, why)),
    }
}

fn already(redacted: &Redaction, path: &Path, why: &str) -> miette::Report {
    miette!(
        code = "levelmark::redact::already",
        help = "work on the original, then redact it again with the same key",
        "{} is redacted (key {}): {why}",
        path.display(),
        redacted.key
    )
}
