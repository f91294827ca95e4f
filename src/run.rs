//! The program: the way of the data through all rooms. Other commands than `check` are in `commands`, the clock, the
//! terminal and the environment in `terminal`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use miette::Report as Error;

use crate::cli::{Check, Cli, Command, Inputs};
#[cfg(feature = "collect")]
use crate::collect::order::CollectError;
use crate::commands::inputs::Tenant;
use crate::commands::places::Places;
use crate::commands::redact::marks;
use crate::commands::reports::{self, Plan};
use crate::commands::results;
use crate::commands::{self, inputs};
use crate::engine::{self, Evaluation, Input};
use crate::policy::compiled::PolicySet;
use crate::policy::load::LoadOptions;
use crate::report::build::{self, Request};
use crate::report::model::Report;
use crate::snapshot::Snapshot;
use crate::terminal::Closed;
use crate::yaml::Mistakes;
use crate::{config, exit};

pub use crate::terminal::Terminal;

/// What a command may fail with: shown with its place and a way out, exit code 2.
pub type Result<T> = std::result::Result<T, Error>;

/// Runs a command and gives its exit code.
pub fn run(cli: &Cli, terminal: &Terminal) -> u8 {
    // This thread works, too, instead of waiting for as many others: fewer are woken, and its allocator
    // grows in larger steps than theirs. Fails only if a pool exists already; then that is as good.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(cli.threads).use_current_thread().build_global();
    terminal.hook();
    match command(cli, terminal) {
        Ok(code) => code,
        Err(error) => {
            if error.downcast_ref::<Closed>().is_some() {
                return exit::MET;
            }
            complain(error, terminal)
        }
    }
}

/// Tells of an error with its place and a way out; gives its exit code.
pub fn complain(error: Error, terminal: &Terminal) -> u8 {
    #[cfg(feature = "collect")]
    if let Some(CollectError::Defect(what)) = error.downcast_ref() {
        crate::terminal::complain_of_defect(what);
        return exit::DEFECT;
    }
    match error.downcast::<Mistakes>() {
        Ok(mistakes) => terminal.complain_of(mistakes),
        Err(error) => terminal.complain(&format!("{error:?}")),
    }
    exit::INVALID
}

/// Whether it is a defect of ours, or somebody's to mend.
pub fn exit_of(error: &Error) -> u8 {
    #[cfg(feature = "collect")]
    if matches!(error.downcast_ref(), Some(CollectError::Defect(_))) {
        return exit::DEFECT;
    }
    let _ = error;
    exit::INVALID
}

/// What kind of error it is, without a word of any file: `levelmark::yaml::syntax`.
pub fn code_of(error: &Error) -> String {
    let code = match error.downcast_ref::<Mistakes>().and_then(|mistakes| mistakes.0.first()) {
        Some(first) => miette::Diagnostic::code(first).map(|code| code.to_string()),
        None => error.code().map(|code| code.to_string()),
    };
    code.unwrap_or_else(|| "levelmark::error".to_owned())
}

/// An error in one sentence; of many mistakes the first.
pub fn message_of(error: &Error) -> String {
    match error.downcast_ref::<Mistakes>().map(|mistakes| mistakes.0.as_slice()) {
        Some([first, others @ ..]) => {
            let more =
                if others.is_empty() { String::new() } else { format!(" (and {} more)", others.len()) };
            format!("{first}{more}")
        }
        Some([]) | None => error.to_string(),
    }
}

fn command(cli: &Cli, terminal: &Terminal) -> Result<u8> {
    match &cli.command {
        Command::Check(args) => check(args, terminal),
        Command::Bundle(args) => commands::bundle::pack(args, terminal),
        Command::Verify(args) => commands::bundle::verify(args, terminal),
        #[cfg(feature = "collect")]
        Command::Collect(args) => commands::collect::run(args, terminal),
        Command::Import(args) => commands::import::run(args, terminal),
        Command::Declare(args) => commands::declare::run(args, terminal),
        Command::Attest(args) => commands::attest::run(args, terminal),
        Command::Explain(args) => commands::explain::run(args, terminal),
        Command::Diff(args) => commands::diff::run(args, terminal),
        Command::Approve(args) => commands::approve::run(args, terminal),
        Command::Report(args) => commands::report::run(args, terminal),
        Command::Trend(args) => commands::trend::run(args, terminal),
        Command::Messages(args) => commands::messages::run(args, terminal),
        Command::Init(args) => commands::init::run(args, terminal),
        Command::Query(args) => commands::query::run(args, terminal),
        Command::Redact(args) => commands::redact::run(args, terminal),
        Command::Permissions(args) => commands::permissions::run(args, terminal),
        Command::Sections(args) => commands::sections::run(args, terminal),
        Command::Policy(args) => commands::policy::run(args, terminal),
        Command::Schema(args) => commands::schema::run(args, terminal),
        Command::Completions(args) => commands::completions::run(args, terminal),
        Command::Man(args) => commands::man::run(args, terminal),
        Command::Docs(args) => commands::docs::run(args, terminal),
        Command::Action(args) => commands::action::run(args, terminal),
    }
}

fn check(args: &Check, terminal: &Terminal) -> Result<u8> {
    if let Some(tenants) = commands::tenants::asked(args)? {
        return commands::tenants::check(args, &tenants, terminal);
    }
    let plan = Plan::of(args)?;
    let Evaluated { report, policies, config, .. } =
        evaluate(&args.inputs, Surroundings::Program, terminal.now)?;
    let ground = reports::ground(&args.looks, Some(&policies), config.as_deref())?;
    let page = args.looks.page();
    let look = reports::look(&args.looks, (&ground, &page), terminal, args.volume());
    let failed = plan.write(&report, look, terminal)?;
    let exit = failed.unwrap_or(report.gate.exit);
    // The program ends here: the rest goes back in one piece, not in a hundred thousand.
    std::mem::forget((policies, report));
    Ok(exit)
}

/// Where that comes from which nobody names.
#[derive(Debug, Clone, Copy)]
pub enum Surroundings<'a> {
    /// The program's own policies, the nearest configuration upward.
    Program,
    /// The program's own policies, and nothing is looked for: only what is named counts.
    Named,
    /// A bundle: its built-in policies are in this folder, and nothing is looked for.
    Sealed(&'a Path),
}

/// What came of an evaluation.
#[derive(Debug)]
pub struct Evaluated {
    /// Everything that was found out.
    pub report: Report,
    /// What was judged by.
    pub policies: Arc<PolicySet>,
    /// The configuration that counted, if there was one.
    pub config: Option<PathBuf>,
    /// Whether anything was aimed at.
    pub targets: bool,
}

/// The way of one tenant. For one result a run: what it was made from is left for the system to take back.
///
/// # Errors
/// Whatever can't be read or is invalid.
pub fn evaluate(args: &Inputs, surroundings: Surroundings<'_>, now: DateTime<Utc>) -> Result<Evaluated> {
    let judge = Judge::load(args, surroundings, now)?;
    let Judged { report, config, targets, snapshot, evaluation } =
        judge.judge(&judge.places(), args.baseline.as_deref())?;
    // A large snapshot takes as long to give back as its report to write.
    rayon::spawn(move || drop(snapshot));
    std::mem::forget(evaluation);
    Ok(Evaluated { report, policies: judge.policies, config, targets })
}

/// All that judging one tenant and the next has in common.
#[derive(Debug)]
pub struct Judge<'a> {
    /// What is judged by.
    pub policies: Arc<PolicySet>,
    args: &'a Inputs,
    only: Option<Vec<String>>,
    today: DateTime<Utc>,
    /// Nothing is looked for that nobody named.
    sealed: bool,
}

/// What came of judging one tenant, and what it was made from.
#[derive(Debug)]
pub struct Judged {
    /// Everything that was found out.
    pub report: Report,
    /// The configuration that counted, if there was one.
    pub config: Option<PathBuf>,
    /// Whether anything was aimed at.
    pub targets: bool,
    /// The evidence.
    pub snapshot: Snapshot,
    evaluation: Evaluation,
}

impl<'a> Judge<'a> {
    /// Loads the policies.
    ///
    /// # Errors
    /// Mistakes in them, a policy that is asked for and does not exist.
    pub fn load(args: &'a Inputs, surroundings: Surroundings<'_>, now: DateTime<Utc>) -> Result<Self> {
        let builtin = match surroundings {
            Surroundings::Program | Surroundings::Named => None,
            Surroundings::Sealed(folder) => Some(folder),
        };
        let policies = PolicySet::load(&LoadOptions { builtin, ..inputs::load_options(&args.policies) })?;
        Self::with(Arc::new(policies), args, surroundings, now)
    }

    /// The same with policies that were loaded already.
    ///
    /// # Errors
    /// A policy that is asked for and does not exist.
    pub fn with(
        policies: Arc<PolicySet>,
        args: &'a Inputs,
        surroundings: Surroundings<'_>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let sealed = match surroundings {
            Surroundings::Program => false,
            Surroundings::Named | Surroundings::Sealed(_) => true,
        };
        let only = inputs::only(&policies, &args.only)?;
        Ok(Self { policies, args, only, today: args.today.unwrap_or(now), sealed })
    }

    /// Where the arguments say that the tenant is.
    #[must_use]
    pub fn places(&self) -> Places<'a> {
        Places { sealed: self.sealed, ..Places::of_check(self.args, self.today) }
    }

    /// The seven hops, for a tenant and the earlier result to compare it with.
    ///
    /// # Errors
    /// Whatever can't be read or is invalid.
    pub fn judge(&self, places: &Places<'_>, baseline: Option<&Path>) -> Result<Judged> {
        let tenant = inputs::tenant(places, &self.policies)?;
        self.evaluate(tenant, baseline)
    }

    /// The same of a snapshot that was read already.
    ///
    /// # Errors
    /// Whatever can't be read or is invalid.
    pub fn judge_read(&self, places: &Places<'_>, snapshot: Snapshot) -> Result<Judged> {
        self.evaluate(inputs::tenant_with(places, &self.policies, Some(snapshot))?, None)
    }

    fn evaluate(&self, mut tenant: Tenant, baseline: Option<&Path>) -> Result<Judged> {
        let (args, policies) = (self.args, &self.policies);
        let params = config::resolve_params(policies, &tenant.given)?;
        let baseline = baseline.map(results::read).transpose()?;
        let redacted = tenant.snapshot.manifest.redacted.as_ref();
        tenant.notes.extend(baseline.as_ref().and_then(|baseline| marks::baseline_note(baseline, redacted)));
        let input = Input {
            policies,
            snapshot: &tenant.snapshot,
            params: &params,
            answers: &tenant.answers,
            waivers: if args.no_waivers { &[] } else { &tenant.config.waivers },
            today: self.today,
            max_age: args.max_age,
            max_evidence: args.max_evidence,
            only: self.only.as_deref(),
        };
        let mut evaluation = engine::evaluate(&input);
        engine::supposed::suppose(&input, &mut evaluation);
        let request = Request {
            fail_on: &args.fail_on,
            on_unknown: args.on_unknown,
            urgent_only: args.urgent_only,
            targets: &tenant.config.targets,
            baseline: baseline.as_ref(),
            notes: tenant.notes,
        };
        let report = build::build(&input, &evaluation, request);
        let config = tenant.config.source.as_ref().map(|source| PathBuf::from(&source.name));
        let targets = !tenant.config.targets.is_empty();
        Ok(Judged { report, config, targets, snapshot: tenant.snapshot, evaluation })
    }
}
