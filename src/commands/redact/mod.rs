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

use crate::cli::{Policies, Redact};
use crate::exit;
use crate::policy::compiled::PolicySet;
use crate::policy::load::LoadOptions;
use crate::redact::{Redactor, Terms};
use crate::run::{Result, Terminal};
use crate::snapshot::record::{Manifest, Redaction};

use crate::yaml::suggest;

use self::found::Found;
use self::stage::Stage;
use super::inputs;

/// The most words that are named.
const SHOWN: usize = 20;

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
    let terms = Terms::of(&set);
    if args.look_up.is_empty() {
        no_names(&terms, &args.policies, args.keep_words)?;
    }
    let redactor = Redactor::new(key, terms);
    if !args.look_up.is_empty() {
        let lines: String = args.look_up.iter().map(|text| redactor.text(text) + "\n").collect();
        terminal.print(&lines)?;
        return Ok(exit::MET);
    }
    let (Some(from), Some(out)) = (&args.from, &args.out) else {
        return Err(miette!("say what to redact, and where to: --out PATH"));
    };
    if out.as_os_str() == "-" {
        return Err(miette!(
            help = "name a file or a folder",
            "a redaction is not written to standard output"
        ));
    }
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

/// Refuses words of policies that are not built in, unless somebody says that they may stay.
///
/// # Errors
/// There are some.
pub fn no_names(terms: &Terms, policies: &Policies, keep: bool) -> Result<()> {
    if keep || policies.dirs.is_empty() {
        return Ok(());
    }
    let own = terms.beyond(&Terms::of(&PolicySet::load(&LoadOptions::default())?));
    if own.is_empty() {
        return Ok(());
    }
    let mut named: Vec<String> =
        own.iter().take(SHOWN).map(|word| format!("`{}`", suggest::shown(word))).collect();
    if own.len() > SHOWN {
        named.push(format!("{} more", own.len() - SHOWN));
    }
    Err(miette!(
        code = "levelmark::redact::words",
        help = "if none of them names people or the organisation, add --keep-words. Else give them to the policies as parameters in \
                levelmark.yaml, which is redacted, or leave --policies out",
        "policies of your own compare with words or search for patterns, and the copy would have these, or what they find, as they are: {}",
        named.join(", ")
    ))
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
