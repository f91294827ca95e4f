//! `import`: reads another tool's files, merges them into a snapshot or writes a new one.

use std::collections::BTreeMap;
use std::path::Path;

use crate::cli::{Import, ImportSource, ImportTo, RegisterArgs};
use crate::commands::folder;
use crate::exit;
use crate::import::register::{Register, Written};
use crate::import::{self, Imported, Options};
use crate::report::escape;
use crate::run::{Result, Terminal};
use crate::snapshot::record::State;
use crate::snapshot::{Draft, Form, Snapshot, Wanted};

use super::inputs;

/// Imports.
///
/// # Errors
/// An unreadable or unknown file, another tenant's snapshot, a snapshot in the way.
pub fn run(args: &Import, terminal: &Terminal) -> Result<u8> {
    let to = match &args.source {
        ImportSource::Scubagear { to, .. }
        | ImportSource::Utcm { to, .. }
        | ImportSource::Maester { to, .. }
        | ImportSource::Portal { to, .. }
        | ImportSource::Csv { to, .. }
        | ImportSource::Json { to, .. }
        | ImportSource::Graph { to, .. } => to,
    };
    let into = to.into.as_deref().map(existing).transpose()?;
    let known = into.as_ref().map(|(draft, _)| draft.manifest.tenant.id.clone());
    let options = Options { tenant: to.tenant.clone().or(known), at: to.at };
    let imported = read(&args.source, &options, into.as_ref().map(|(draft, _)| draft), terminal)?;
    let told = summary(&imported);
    let (draft, notes, path, form) = match (into, &to.into, &to.out) {
        (Some((into, form)), Some(path), _) => {
            let merged = import::merge(into, imported.draft, "the import", to.force)?;
            (merged.draft, merged.notes, folder::snapshot_in(path)?, form)
        }
        (_, _, Some(path)) => {
            free(path, to)?;
            (imported.draft, Vec::new(), path.clone(), inputs::form_of(path))
        }
        (_, _, None) => return Err(miette::miette!("say where to: --into SNAPSHOT or --out PATH")),
    };
    draft.write(&path, form)?;
    terminal.tell(&told);
    for note in imported.notes.iter().chain(&notes) {
        terminal.tell(&format!("note: {}", escape::terminal(note)));
    }
    terminal.print(&format!("wrote {}\n", path.display()))?;
    Ok(exit::MET)
}

fn read(
    source: &ImportSource,
    options: &Options,
    into: Option<&Draft>,
    terminal: &Terminal,
) -> Result<Imported> {
    Ok(match source {
        ImportSource::Utcm { file, job, .. } => {
            let job = job.as_deref().map(|job| Ok((inputs::bytes(job)?, job.display().to_string())));
            let job: Option<(Vec<u8>, String)> = job.transpose().map_err(|error: miette::Report| error)?;
            let job = job.as_ref().map(|(bytes, name)| (bytes.as_slice(), name.as_str()));
            let beside = import::utcm::Beside { job, known: into };
            import::utcm(&inputs::bytes(file)?, &file.display().to_string(), &beside, options)?
        }
        ImportSource::Maester { file, .. } => {
            import::maester(&inputs::bytes(file)?, &file.display().to_string(), options)?
        }
        ImportSource::Scubagear { file, .. } => {
            import::scubagear(&inputs::bytes(file)?, &file.display().to_string(), options)?
        }
        ImportSource::Portal { files, .. } => {
            let read = |path: &std::path::PathBuf| Ok((path.display().to_string(), inputs::bytes(path)?));
            let read: Vec<(String, Vec<u8>)> = files.iter().map(read).collect::<Result<_>>()?;
            let files: Vec<(&str, &[u8])> =
                read.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
            import::portal(&files, options)?
        }
        ImportSource::Csv { file, register, .. } => {
            registered(file, register, Written::Csv, (options, terminal))?
        }
        ImportSource::Json { file, register, .. } => {
            registered(file, register, Written::Json, (options, terminal))?
        }
        ImportSource::Graph { path, section, .. } => import::graph(path, section.as_deref(), options)?,
    })
}

/// A register is as of now, unless said otherwise.
fn registered(
    file: &Path,
    args: &RegisterArgs,
    written: Written,
    (options, terminal): (&Options, &Terminal),
) -> Result<Imported> {
    let mut columns = BTreeMap::new();
    for map in &args.map {
        let Some((column, field)) = map.split_once('=') else {
            return Err(miette::miette!(
                code = "levelmark::import::map",
                help = "write --map COLUMN=FIELD, e.g. --map \"Assessed on=assessedAt\"",
                "`{}` maps nothing",
                escape::terminal(map)
            ));
        };
        columns.insert(field.trim().to_owned(), column.trim().to_owned());
    }
    let register = Register {
        section: super::sections::find(&args.section)?,
        columns: &columns,
        written,
        since: args.since,
    };
    let options = Options { at: options.at.or(Some(terminal.now)), ..options.clone() };
    Ok(import::register::register(&inputs::bytes(file)?, &file.display().to_string(), &register, &options)?)
}

/// The snapshot to merge into, and the form it has.
fn existing(path: &Path) -> Result<(Draft, Form)> {
    let path = folder::snapshot_in(path)?;
    let form = if path.is_dir() { Form::Directory } else { Form::File };
    let draft = Snapshot::open(&path, Wanted::All)?.to_draft()?;
    super::redact::not_redacted(&draft.manifest, &path, "what is imported would stand in it as it is")?;
    Ok((draft, form))
}

/// Refuses to write over something.
fn free(path: &Path, to: &ImportTo) -> Result<()> {
    if !path.exists() || to.force {
        return Ok(());
    }
    Err(miette::miette!(
        code = "levelmark::import::in-the-way",
        help = "merge with --into, or write over it with --force",
        "{} exists already",
        path.display()
    ))
}

/// One line per section.
fn summary(imported: &Imported) -> String {
    let line = |line: import::Line| {
        let state = match line.state {
            State::Read => "read",
            State::Partial => "in part",
            State::Denied => "denied",
            State::Unlicensed => "not licensed",
            State::Unavailable => "not available",
            State::Failed => "failed",
            State::NotAsked => "not asked",
        };
        let items = line.items.map(|items| format!("{items} items")).unwrap_or_default();
        let mut text = format!("{:<42} {state:<13} {items}", line.section);
        for missing in &line.missing {
            text.push_str(&format!("\n    {}", escape::terminal(missing)));
        }
        text.trim_end().to_owned()
    };
    imported.summary().into_iter().map(line).collect::<Vec<_>>().join("\n")
}
