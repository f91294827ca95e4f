//! `check` of several tenants: each evaluated by itself, one table for all. Comes in: the arguments of
//! `check`. Goes out: an overview, or a line of JSON a tenant, and the reports of each. Not here: the way of
//! one tenant (`run`), the overview (`report::tenants`).

pub(super) mod found;
pub(super) mod workers;

use std::panic::AssertUnwindSafe;
use std::path::Path;

use clap::ValueEnum;
use miette::miette;
use serde::Serialize;

use crate::cli::Check;
use crate::commands::places::Places;
use crate::commands::reports::{self, Plan};
use crate::exit;
use crate::report::detail::{self, Detail};
use crate::report::format::ReportFormat;
use crate::report::model::Report;
use crate::report::tenants::{self, Failure, Gathering, Row};
use crate::run::{Judge, Result, Surroundings, Terminal};
use crate::terminal;

pub use self::found::Found;
use self::found::PLACEHOLDER;

/// The tenants that `check` is asked about; None where it is one.
///
/// # Errors
/// A folder that can't be read.
pub fn asked(args: &Check) -> Result<Option<Vec<Found>>> {
    if args.inputs.no_snapshot || args.inputs.demo {
        return Ok(None);
    }
    let paths = args.inputs.snapshot.iter().chain(&args.more).map(std::path::PathBuf::as_path);
    found::several(&paths.collect::<Vec<_>>())
}

/// Checks them all.
///
/// # Errors
/// Usage, mistakes in policies, standard output that can't be written. What is wrong with one tenant is told,
/// and in the exit code.
pub fn check(args: &Check, tenants: &[Found], terminal: &Terminal) -> Result<u8> {
    fits(args)?;
    let plan = Plan::of(args)?;
    let form = match plan.stdout() {
        ReportFormat::Text => Form::Table,
        ReportFormat::Json => Form::Lines,
        other => return Err(no_table(other)),
    };
    let judge = Judge::load(&args.inputs, Surroundings::Program, terminal.now)?;
    if let Some(note) = found::passed_over(tenants.iter(), judge.places().config) {
        terminal.tell(&note);
    }
    let bench = Bench { args, plan: &plan, judge: &judge, terminal, form };
    let mut gathering = Gathering::default();
    workers::in_order(
        tenants,
        rayon::current_num_threads(),
        |tenant| bench.seat(tenant),
        |done: Done| {
            if let Some(line) = done.line {
                terminal.print(&line)?;
            }
            gathering.add(done.row);
            Ok(())
        },
    )?;
    let overview = gathering.overview();
    match form {
        Form::Table => terminal.print(&tenants::render(&overview, terminal.style(args.volume())))?,
        Form::Lines => {}
    }
    Ok(overview.exit())
}

/// How several tenants are shown on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// One table, at the end.
    Table,
    /// A line of JSON for each, in the order of the arguments.
    Lines,
}

/// What can't be said of several tenants at once.
fn fits(args: &Check) -> Result<()> {
    let told = |what: &str, help: String| miette!(code = "levelmark::tenants::usage", help = help, "{what}");
    let inputs = &args.inputs;
    if inputs.tenant.is_some() {
        let help = "leave --tenant out, or check the snapshot of that tenant alone".to_owned();
        return Err(told("--tenant names one tenant, and there are several", help));
    }
    let lacks = |path: &Path| path.as_os_str() != "-" && !path.to_string_lossy().contains(PLACEHOLDER);
    let named = [("--answers", &inputs.answers), ("--baseline", &inputs.baseline)];
    for (option, path) in named {
        if path.as_deref().is_some_and(lacks) {
            let help = format!("write {PLACEHOLDER} where the tenant's name stands in the path");
            return Err(told(&format!("{option} names the file of one tenant, and there are several"), help));
        }
    }
    if let Some(target) = args.reports.iter().find(|target| lacks(&target.path)) {
        let path = target.path.display();
        let help = format!("write {PLACEHOLDER} into it, e.g. --report json=results/{PLACEHOLDER}.json");
        return Err(told(&format!("the reports of several tenants would all go to {path}"), help));
    }
    Ok(())
}

fn no_table(format: ReportFormat) -> miette::Report {
    let name = format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    miette!(
        code = "levelmark::tenants::format",
        help = format!(
            "several tenants are shown as text or json; `--report {name}=PATH` with {PLACEHOLDER} in the path writes \
             a {name} report of each"
        ),
        "a {name} report is of one tenant, and there are several"
    )
}

/// All that the tenants have in common.
struct Bench<'b> {
    args: &'b Check,
    plan: &'b Plan<'b>,
    judge: &'b Judge<'b>,
    terminal: &'b Terminal,
    form: Form,
}

/// What is left of a tenant.
struct Done {
    row: Row,
    line: Option<String>,
}

impl Bench<'_> {
    /// One tenant; nothing that happens here stops the others.
    fn seat(&self, tenant: &Found) -> Done {
        let failure = match std::panic::catch_unwind(AssertUnwindSafe(|| self.evaluate(tenant))) {
            Ok(Ok(done)) => return done,
            Ok(Err(error)) => {
                self.terminal.tell_of(&format!("{}: not evaluated", tenant.name), &error);
                Failure { why: terminal::one_line(&error), exit: exit::INVALID }
            }
            // The hook has told of it.
            Err(_) => Failure { why: "a defect of ours".to_owned(), exit: exit::DEFECT },
        };
        let line = (self.form == Form::Lines).then(|| failed(tenant, &failure));
        Done { row: Row { name: tenant.name.clone(), result: Err(failure) }, line }
    }

    fn evaluate(&self, tenant: &Found) -> Result<Done> {
        let places = self.judge.places();
        let path = tenant.path()?;
        let config = tenant.config(places.config)?;
        let answers = places.answers.map(|path| tenant.fill(path)).transpose()?;
        let baseline = self.args.inputs.baseline.as_deref().map(|path| tenant.fill(path)).transpose()?;
        let places =
            Places { snapshot: Some(path), config: config.as_deref(), answers: answers.as_deref(), ..places };
        let judged = self.judge.judge(&places, baseline.as_deref())?;
        let mut row = Row::of(&tenant.name, &judged.report);
        if !self.write(tenant, &judged.report, judged.config.as_deref())? {
            let why = "a report of it could not be written".to_owned();
            row.result = Err(Failure { why, exit: exit::INVALID });
        }
        let line = match self.form {
            Form::Table => None,
            Form::Lines => {
                let level = self.args.looks.detail.unwrap_or(Detail::Full);
                Some(terminal::json_line(detail::at(&judged.report, level).as_ref())?)
            }
        };
        Ok(Done { row, line })
    }

    /// Whether all reports of the tenant were written.
    fn write(&self, tenant: &Found, report: &Report, config: Option<&Path>) -> Result<bool> {
        if self.args.reports.is_empty() {
            return Ok(true);
        }
        let looks = &self.args.looks;
        let ground = reports::ground(looks, Some(&self.judge.policies), config)?;
        let page = looks.page();
        let look = reports::look(looks, (&ground, &page), self.terminal, self.args.volume());
        self.plan.write_files(report, look, self.terminal, &|path| tenant.fill(path))
    }
}

/// The line of a tenant that has no result.
pub(super) fn failed(tenant: &Found, failure: &Failure) -> String {
    #[derive(Serialize)]
    struct Line<'l> {
        levelmark: Version,
        tenant: &'l str,
        path: std::borrow::Cow<'l, str>,
        exit: u8,
        why: &'l str,
    }
    #[derive(Serialize)]
    struct Version {
        failure: u32,
    }
    let line = Line {
        levelmark: Version { failure: 1 },
        tenant: &tenant.name,
        path: tenant.path.to_string_lossy(),
        exit: failure.exit,
        why: &failure.why,
    };
    // Strings and numbers: nothing in it that JSON could not say.
    terminal::json_line(&line).unwrap_or_default()
}
