//! `diff`: what two snapshots of a tenant differ in. Reads them, refuses strangers, prints.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use miette::miette;

use crate::cli::{Diff as Args, DriftFormat, Inputs, Policies};
use crate::config::Config;
use crate::diff::{self, Options, Outcome};
use crate::effect::Effects;
use crate::engine;
use crate::exit;
use crate::report::detail::Detail;
use crate::report::drift::{self, Head, Seen};
use crate::report::model::Report;
use crate::report::text::Volume;
use crate::run::{Judge, Result, Surroundings, Terminal};
use crate::sections;
use crate::snapshot::{Snapshot, Wanted};
use crate::verdict::gate::OnUnknown;
use crate::yaml::suggest;

use super::places::Places;
use super::{inputs, reports};

/// Text is printed in pieces of so many bytes.
const PIECE: usize = 1 << 16;

/// Prints it.
///
/// # Errors
/// No snapshots, of two tenants, a section that does not exist, mistakes in the configuration.
pub fn run(args: &Args, terminal: &Terminal) -> Result<u8> {
    let (Some(old), Some(new)) = (&args.old, &args.new) else {
        terminal.print(&drift::rules(&diff::built_in()))?;
        return Ok(exit::MET);
    };
    let chosen = known(&args.sections)?;
    let include = known(&args.include)?;
    let config = inputs::config_of(new, args.config.as_deref())?;
    let (mut before, mut after) = open(old, new)?;
    let foreign = !of_one_tenant(args, (old, &before), (new, &after))?;
    let options = Options {
        sections: (!chosen.is_empty()).then_some(&chosen),
        rules: &config.drift,
        ignore: !args.no_ignore,
        foreign,
    };
    let arguments = arguments(args);
    let judge = match args.no_effect {
        true => None,
        false => Some(Judge::load(&arguments, Surroundings::Program, terminal.now)?),
    };
    let wanted = judge.as_ref().map(|judge| inputs::wanted(&judge.policies, None)).unwrap_or_default();
    diff::parse((&mut before, &mut after), &options, &wanted)?;
    let reports;
    (before, after, reports) = match &judge {
        None => (before, after, None),
        Some(judge) => judged(judge, (old, before), (new, after), foreign)?,
    };
    let found = diff::compare(&before, &after, &options);
    let effects = judge
        .as_ref()
        .zip(reports.as_ref())
        .map(|(judge, (old, new))| Effects::of(&found, (old, new), &judge.policies));
    let exit = code(found.outcome());
    let names = [old, new].map(|path| path.display().to_string());
    let [old, new] = &names;
    let notes = notes(&before, &after, &config);
    let seen = Seen {
        drift: &found,
        old: Head::of(old, &before),
        new: Head::of(new, &after),
        effects: effects.as_ref(),
        exit,
        ignored: options.ignore,
        include: &include,
        detail: args.detail.unwrap_or(match args.format {
            DriftFormat::Text | DriftFormat::Json | DriftFormat::Html => Detail::Full,
            DriftFormat::Markdown | DriftFormat::Github => Detail::Place,
        }),
        most: args.markdown_most(),
        notes: &notes,
    };
    print(&seen, args, terminal)?;
    // The program ends here: two large snapshots go back in one piece.
    std::mem::forget((before, after, reports));
    Ok(exit)
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

/// What `check` would have been told.
fn arguments(args: &Args) -> Inputs {
    Inputs {
        snapshot: args.new.clone(),
        demo: false,
        no_snapshot: false,
        tenant: None,
        config: args.config.clone(),
        answers: args.answers.clone(),
        params: args.params.clone(),
        targets: Vec::new(),
        fail_on: Vec::new(),
        urgent_only: false,
        no_waivers: false,
        on_unknown: OnUnknown::Report,
        baseline: None,
        today: args.today,
        max_age: None,
        max_evidence: engine::MAX_EVIDENCE,
        policies: Policies {
            dirs: args.policies.dirs.clone(),
            no_builtin: args.policies.no_builtin,
            allow_override: args.policies.allow_override.clone(),
        },
        only: Vec::new(),
    }
}

/// Both snapshots, and the report of each: by the configuration and the answers of the later one, so that only
/// the evidence differs. Another tenant has its own.
type Both = (Snapshot, Snapshot, Option<(Report, Report)>);

fn judged(
    judge: &Judge<'_>,
    (old, before): (&PathBuf, Snapshot),
    (new, after): (&PathBuf, Snapshot),
    foreign: bool,
) -> Result<Both> {
    let places = judge.places();
    let located = inputs::located(&places)?;
    let (config, answers) = located.map(|at| (at.config, at.answers)).unwrap_or_default();
    let of = |snapshot| Places { snapshot: Some(snapshot), ..places };
    let same = Places { config: config.as_deref(), answers: answers.as_deref(), ..of(old) };
    let (old, new) = rayon::join(
        || judge.judge_read(&if foreign { of(old) } else { same }, before),
        || judge.judge_read(&of(new), after),
    );
    let (old, new) = (old?, new?);
    Ok((old.snapshot, new.snapshot, Some((old.report, new.report))))
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

/// Both, side by side.
fn open(old: &Path, new: &Path) -> Result<(Snapshot, Snapshot)> {
    if [old, new].into_iter().all(|path| path == Path::new("-")) {
        return Err(miette!(
            code = "levelmark::diff::input",
            help = "give one of them as a file",
            "standard input holds one snapshot"
        ));
    }
    let (before, after) =
        rayon::join(|| inputs::snapshot(old, Wanted::Later), || inputs::snapshot(new, Wanted::Later));
    Ok((before?, after?))
}

/// Section ids that exist.
fn known(ids: &[String]) -> Result<BTreeSet<String>> {
    for id in ids {
        if sections::find(id).is_none_or(|section| section.kind == sections::Kind::Derived) {
            let help = sections::suggest(id).map_or_else(
                || "`levelmark sections` lists all of them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(miette!(
                code = "levelmark::diff::section",
                help = help,
                "there is no section `{}`",
                suggest::shown(id)
            ));
        }
    }
    Ok(ids.iter().cloned().collect())
}

/// Whether they are of one tenant; an error where that has to be so.
fn of_one_tenant(args: &Args, old: (&PathBuf, &Snapshot), new: (&PathBuf, &Snapshot)) -> Result<bool> {
    let id = |snapshot: &Snapshot| suggest::shown(&snapshot.manifest.tenant.id);
    let (before, after) = (id(old.1), id(new.1));
    let same = before.eq_ignore_ascii_case(&after);
    if same || args.allow_other_tenant {
        return Ok(same);
    }
    Err(miette!(
        code = "levelmark::diff::tenant",
        help = "name two snapshots of one tenant, or compare two tenants with --allow-other-tenant",
        "{} is of tenant {before}, {} of tenant {after}",
        old.0.display(),
        new.0.display()
    ))
}

fn notes(old: &Snapshot, new: &Snapshot, config: &Config) -> Vec<String> {
    let mut notes = Vec::new();
    if old.manifest.taken.at > new.manifest.taken.at {
        notes.push(
            "the first snapshot was taken after the second: what reads as added was removed".to_owned(),
        );
    }
    if let Some(source) = config.source.as_ref().filter(|_| !config.drift.is_empty()) {
        notes.push(format!("rules of {} count, too", source.name));
    }
    notes
}
