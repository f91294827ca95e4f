//! `diff` of several tenants: two folders of tenant folders, or one whose tenants keep a baseline. Comes in: arguments.
//! Goes out: one table, or a line of JSON for each. Not here: comparing two snapshots (`super`), the table
//! (`report::drift::tenants`).

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::miette;
use serde::Serialize;

use super::super::drift::{How, Two, known};
use super::super::inputs;
use super::super::tenants::{Found, failed, found, workers};
use super::{Setting, compared};
use crate::cli::{Diff as Args, DriftFormat};
use crate::exit;
use crate::policy::compiled::PolicySet;
use crate::report::drift;
use crate::report::drift::tenants::{Row, render};
use crate::report::tenants::Failure;
use crate::report::text::Volume;
use crate::run::{Result, Terminal};
use crate::terminal;

/// A tenant, and where it was before.
#[derive(Debug)]
pub(super) struct Pair {
    /// As it is now; as it was, where it is gone.
    tenant: Found,
    /// None where it keeps a baseline, or is new.
    old: Option<PathBuf>,
    /// Which of the two is lacking.
    lacks: Option<&'static str>,
}

/// The tenants that `diff` is asked about; None where it is one.
///
/// # Errors
/// A folder that can't be read; a folder of tenants and something else.
pub(super) fn asked(args: &Args) -> Result<Option<Vec<Pair>>> {
    let Some(first) = &args.old else { return Ok(None) };
    let first_found = found::several(&[first])?;
    let Some(second) = &args.new else {
        let own = |tenant: Found| Pair { tenant, old: None, lacks: None };
        return Ok(first_found.map(|tenants| tenants.into_iter().map(own).collect()));
    };
    match (first_found, found::several(&[second])?) {
        (None, None) => Ok(None),
        (Some(old), Some(new)) => Ok(Some(pairs(old, new))),
        (Some(_), None) => Err(uneven(first, second)),
        (None, Some(_)) => Err(uneven(second, first)),
    }
}

fn uneven(many: &Path, one: &Path) -> miette::Report {
    miette!(
        code = "levelmark::tenants::usage",
        help = "name two folders of tenant folders, or two tenants",
        "{} holds several tenants, {} does not",
        many.display(),
        one.display()
    )
}

/// By the names of their folders.
fn pairs(old: Vec<Found>, new: Vec<Found>) -> Vec<Pair> {
    let mut before: BTreeMap<String, Found> =
        old.into_iter().map(|tenant| (tenant.name.clone(), tenant)).collect();
    let mut pairs: Vec<Pair> = new
        .into_iter()
        .map(|tenant| {
            let old = before.remove(&tenant.name).map(|tenant| tenant.path);
            let lacks = old.is_none().then_some("there was no snapshot of it before");
            Pair { tenant, old, lacks }
        })
        .collect();
    let gone = before.into_values();
    pairs.extend(gone.map(|tenant| Pair {
        tenant,
        old: None,
        lacks: Some("there is no snapshot of it any more"),
    }));
    pairs.sort_by(|one, other| one.tenant.name.cmp(&other.tenant.name));
    pairs
}

/// Compares them all.
///
/// # Errors
/// Usage, mistakes in policies, standard output that can't be written. What is wrong with one tenant is told,
/// and in the exit code.
pub(super) fn run(args: &Args, pairs: &[Pair], terminal: &Terminal) -> Result<u8> {
    let lines = match args.format {
        DriftFormat::Text => false,
        DriftFormat::Json => true,
        DriftFormat::Markdown | DriftFormat::Html | DriftFormat::Github => {
            return Err(miette!(
                code = "levelmark::tenants::format",
                help = "several tenants are compared as text or json; compare one tenant for the others",
                "this format is of one tenant, and there are several"
            ));
        }
    };
    if let Some(Some(path)) = &args.approved
        && !path.to_string_lossy().contains(found::PLACEHOLDER)
    {
        return Err(miette!(
            code = "levelmark::tenants::usage",
            help = "write {{tenant}} where the tenant's name stands in the path, or --approved alone",
            "--approved names the file of one tenant, and there are several"
        ));
    }
    let policies = match args.comparing.no_effect {
        true => None,
        false => Some(Arc::new(PolicySet::load(&inputs::load_options(&args.comparing.policies))?)),
    };
    let named = args.comparing.config.as_deref();
    if let Some(note) = found::passed_over(pairs.iter().map(|pair| &pair.tenant), named) {
        terminal.tell(&note);
    }
    let office = Office { args, policies, terminal, lines };
    let mut rows = Vec::with_capacity(pairs.len());
    workers::in_order(
        pairs,
        rayon::current_num_threads(),
        |pair| office.pair(pair),
        |(row, line)| {
            if let Some(line) = line {
                terminal.print(&line)?;
            }
            rows.push(row);
            Ok(())
        },
    )?;
    let worst = exit::worst(rows.iter().map(Row::exit));
    if !lines {
        let volume = if args.verbose { Volume::Verbose } else { Volume::Normal };
        terminal.print(&render(rows, terminal.style(volume)))?;
    }
    Ok(worst)
}

/// The drift of a tenant, and which.
#[derive(Serialize)]
struct Line<'l, D> {
    tenant: &'l str,
    #[serde(flatten)]
    drift: D,
}

/// What all of them have in common.
struct Office<'o> {
    args: &'o Args,
    policies: Option<Arc<PolicySet>>,
    terminal: &'o Terminal,
    lines: bool,
}

impl Office<'_> {
    /// One tenant; nothing that happens here stops the others.
    fn pair(&self, pair: &Pair) -> (Row, Option<String>) {
        let name = &pair.tenant.name;
        let failure = match std::panic::catch_unwind(AssertUnwindSafe(|| self.compare(pair))) {
            Ok(Ok(done)) => return done,
            Ok(Err(error)) => {
                self.terminal.tell_of(&format!("{name}: not compared"), &error);
                Failure { why: terminal::one_line(&error), exit: exit::INVALID }
            }
            // The hook has told of it.
            Err(_) => Failure { why: "a defect of ours".to_owned(), exit: exit::DEFECT },
        };
        let line = self.lines.then(|| failed(&pair.tenant, &failure));
        (Row { name: name.clone(), result: Err(failure) }, line)
    }

    fn compare(&self, pair: &Pair) -> Result<(Row, Option<String>)> {
        let Pair { tenant, old, lacks } = pair;
        if let Some(why) = lacks {
            // Not wrong, and nothing is known.
            let failure = Failure { why: (*why).to_owned(), exit: exit::UNDETERMINED };
            self.terminal.tell(&format!("{}: not compared: {why}", tenant.name));
            let line = self.lines.then(|| failed(tenant, &failure));
            return Ok((Row { name: tenant.name.clone(), result: Err(failure) }, line));
        }
        let two = Two::of(tenant.path()?, old.as_deref(), "levelmark diff OLD NEW")?;
        let config = tenant.config(self.args.comparing.config.as_deref())?;
        let approved = self.args.approved.clone();
        let approved = approved.map(|named| named.map(|path| tenant.fill(&path)).transpose()).transpose()?;
        let how = How {
            ignore: !self.args.no_ignore,
            other_tenant: self.args.allow_other_tenant,
            now: self.terminal.now,
        };
        let setting = Setting {
            how,
            include: &known(&self.args.comparing.include)?,
            config: config.as_deref(),
            policies: self.policies.clone(),
            approved,
        };
        let show = |seen: &drift::Seen<'_>| {
            let line = Line { tenant: &tenant.name, drift: drift::json(seen) };
            let line = self.lines.then(|| terminal::json_line(&line)).transpose()?;
            Ok((Row::of(&tenant.name, seen), line))
        };
        compared(self.args, &two, &setting, show).map(|(done, _)| done)
    }
}
