//! `diff`: what two snapshots of a tenant differ in, and which of it was approved. Not here: reading them (`drift`).

mod several;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::{Diff as Args, DriftFormat};
use crate::diff::{self, Outcome};
use crate::exit;
use crate::policy::compiled::PolicySet;
use crate::report::detail::Detail;
use crate::report::drift::{self, Head, Known, Seen};
use crate::report::text::Volume;
use crate::run::{Result, Terminal};

use super::drift::{How, Loaded, Two, approvals, approvals_at, known};
use super::reports;

/// Text is printed in pieces of so many bytes.
const PIECE: usize = 1 << 16;

/// Prints it.
///
/// # Errors
/// No snapshots, of two tenants, a section that does not exist, mistakes in the configuration or the approvals.
pub fn run(args: &Args, terminal: &Terminal) -> Result<u8> {
    let Some(first) = &args.old else {
        terminal.print(&drift::rules(&diff::built_in()))?;
        return Ok(exit::MET);
    };
    if let Some(pairs) = several::asked(args)? {
        return several::run(args, &pairs, terminal);
    }
    let two = match &args.new {
        Some(new) => Two::of(new, Some(first), "")?,
        None => Two::of(first, None, "levelmark diff OLD NEW")?,
    };
    let setting = Setting {
        how: How { ignore: !args.no_ignore, other_tenant: args.allow_other_tenant, now: terminal.now },
        include: &known(&args.comparing.include)?,
        config: args.comparing.config.as_deref(),
        policies: None,
        approved: args.approved.clone(),
    };
    let (exit, loaded) = compared(args, &two, &setting, |seen| {
        print(seen, args, terminal)?;
        Ok(seen.exit)
    })?;
    // The program ends here: two large snapshots go back in one piece.
    std::mem::forget(loaded);
    Ok(exit)
}

/// What a comparison needs beside arguments that all have in common.
struct Setting<'s> {
    how: How,
    /// Sensitive sections whose values are shown.
    include: &'s BTreeSet<String>,
    config: Option<&'s Path>,
    /// Policies that were loaded already.
    policies: Option<Arc<PolicySet>>,
    /// Whether approvals count, and their file if one is named.
    approved: Option<Option<PathBuf>>,
}

/// Compares two snapshots, and hands out what is to be seen.
fn compared<R>(
    args: &Args,
    two: &Two,
    setting: &Setting<'_>,
    show: impl FnOnce(&Seen<'_>) -> Result<R>,
) -> Result<(R, Loaded)> {
    let loaded = Loaded::of(two, &args.comparing, setting.how, (setting.config, setting.policies.clone()))?;
    let mut notes = loaded.notes();
    let approved = approved(setting.approved.as_ref(), two, &loaded, &mut notes)?;
    let mut found = loaded.compare();
    let unused =
        approved.as_ref().map(|(_, list)| diff::approval::apply(&mut found, list)).unwrap_or_default();
    let effects = loaded.effects(&found);
    let names = [&two.old, &two.new].map(|path| path.display().to_string());
    let [old, new] = &names;
    let seen = Seen {
        drift: &found,
        old: Head::of(old, &loaded.before),
        new: Head::of(new, &loaded.after),
        effects: effects.as_ref(),
        exit: code(found.outcome()),
        ignored: setting.how.ignore,
        include: setting.include,
        detail: args.detail.unwrap_or(match args.format {
            DriftFormat::Text | DriftFormat::Json | DriftFormat::Html => Detail::Full,
            DriftFormat::Markdown | DriftFormat::Github => Detail::Place,
        }),
        most: args.markdown_most(),
        approvals: approved.as_ref().map(|(file, list)| Known { file, list, unused: &unused }),
        notes: &notes,
    };
    let shown = show(&seen)?;
    drop(found);
    Ok((shown, loaded))
}

/// The approvals that count, and their file; None where nobody asked for them.
type Approved = (String, Vec<crate::config::approvals::Approval>);

fn approved(
    asked: Option<&Option<PathBuf>>,
    two: &Two,
    loaded: &Loaded,
    notes: &mut Vec<String>,
) -> Result<Option<Approved>> {
    let Some(named) = asked else { return Ok(None) };
    let path = approvals_at(&two.new, named.as_deref(), "--approved=FILE")?;
    let name = path.display().to_string();
    match (approvals(&path, loaded.tenant())?, named) {
        (Some((_, file)), _) => Ok(Some((name, file.list))),
        // What somebody names has to be there.
        (None, Some(path)) => {
            Err(super::inputs::unreadable(path, &std::io::Error::from(std::io::ErrorKind::NotFound)))
        }
        (None, None) => {
            notes.push(format!("nothing is approved yet: there is no {}", super::places::APPROVALS));
            Ok(Some((name, Vec::new())))
        }
    }
}

fn print(seen: &Seen<'_>, args: &Args, terminal: &Terminal) -> Result<()> {
    match args.format {
        DriftFormat::Json => terminal.stream_json(&drift::json(seen)),
        DriftFormat::Text => {
            let volume = if args.verbose { Volume::Verbose } else { Volume::Normal };
            // In large pieces, since each is written at once.
            let mut page = String::new();
            drift::text(seen, terminal.style(volume), &mut |piece| {
                page.push_str(piece);
                if page.len() < PIECE { Ok(()) } else { terminal.print(&std::mem::take(&mut page)) }
            })?;
            terminal.print(&page)
        }
        DriftFormat::Markdown => terminal.print(&drift::markdown(seen)),
        DriftFormat::Html => terminal.print(&drift::html(seen)?),
        DriftFormat::Github => {
            let ground = reports::repository(args.repository_root.as_deref())?;
            terminal.print(&drift::github(seen, &ground))
        }
    }
}

/// The codes, as `exit` orders them.
const fn code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Same => exit::MET,
        Outcome::NothingCompared => exit::NOTHING_EVALUATED,
        Outcome::Undetermined => exit::UNDETERMINED,
        Outcome::Drift => exit::DRIFT,
    }
}
