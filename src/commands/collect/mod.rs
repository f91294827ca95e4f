//! `collect`: asks Microsoft Graph and writes a snapshot. Comes in: arguments. Goes out: a snapshot, and
//! a table of what could be read. Not here: asking (`collect`).

mod chosen;
mod crowd;
mod lines;
mod many;
mod shown;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{IntoDiagnostic, miette};
use tokio::time::Instant;

use self::chosen::Wanted;
use self::lines::Lines;
use crate::cli::Collect;
use crate::collect::client::Setup;
use crate::collect::client::limit::Tempo;
use crate::collect::client::page;
use crate::collect::clock::Clock;
use crate::collect::cloud::Endpoints;
use crate::collect::http;
use crate::collect::order::Order;
use crate::collect::progress::{Progress, Silent};
use crate::collect::sign_in::{self, Method, Say, Setting, Source};
use crate::collect::store::{Manners, Store};
use crate::commands::folder;
use crate::exit;
use crate::policy::compiled::PolicySet;
use crate::redact::{Redactor, Terms};
use crate::run::{Result, Terminal};
use crate::sections::least::least;
use crate::sections::normal::is_guid;
use crate::snapshot::Form;

use crate::yaml::suggest;

use super::inputs;

/// Collects.
///
/// # Errors
/// Usage, no sign-in, nothing to write to.
pub fn run(args: &Collect, terminal: &Terminal) -> Result<u8> {
    match &args.tenants {
        Some(file) => many::run(args, file, terminal),
        None => one(args, terminal),
    }
}

fn one(args: &Collect, terminal: &Terminal) -> Result<u8> {
    let endpoints =
        Endpoints::of(args.cloud.into(), args.graph_endpoint.as_deref(), args.login_endpoint.as_deref())?;
    let wanted = Wanted::of(args)?;
    let method = sign_in::choose(&args.sign_in.asked(terminal.is_interactive()), &terminal.environment())?;
    named_by_id(args, &method)?;
    if args.dry_run {
        terminal.print(&shown::dry_run(&method, &endpoints, &wanted, args.days))?;
        return Ok(exit::MET);
    }
    let redactor = redactor(args, terminal)?;
    let target = Target::of(args)?;
    // Made here, not in the room: the clock is set by the program.
    let clock = Clock::new(terminal.now, Instant::now());
    let lines = (!args.quiet).then(|| Arc::new(Lines::new(terminal)));
    let progress: Arc<dyn Progress> = match &lines {
        Some(lines) => lines.clone(),
        None => Arc::new(Silent),
    };
    let setting = Setting::new(endpoints.clone(), clock, scopes(&endpoints, &wanted), say(lines.clone()));
    let tenant = args.sign_in.tenant.clone();
    let left_out = wanted.left_out;
    let tokens = Arc::new(Source::new(method, &setting)?);
    let setup = setup(args, endpoints, tokens, clock, progress);
    let order = Order {
        setup,
        out: target.path.clone(),
        form: target.form,
        manners: Manners { resume: args.resume, force: args.force, into: args.into.is_some() },
        declared_only: wanted.declared_only,
        sections: wanted.sections,
        params: wanted.params,
        days: args.days,
        tenant,
        redactor,
    };
    let collected = interruptible(order.collect())?.transpose()?;
    if let Some(lines) = &lines {
        lines.clear();
    }
    let Some(collected) = collected else {
        terminal.tell(&format!(
            "interrupted; what was read is kept: go on with `levelmark collect … --resume`, or remove {}.collecting",
            target.path.display()
        ));
        return Ok(exit::INTERRUPTED);
    };
    if !args.quiet {
        terminal.tell(&shown::summary(&collected, &left_out));
    }
    shown::redacted(&collected).iter().for_each(|note| terminal.tell(&format!("note: {note}")));
    terminal.print(&format!("wrote {}\n", target.path.display()))?;
    Ok(exit::MET)
}

/// What makes pseudonyms, if they are wanted.
fn redactor(args: &Collect, terminal: &Terminal) -> Result<Option<Arc<Redactor>>> {
    if !args.redact {
        return Ok(None);
    }
    let key = super::redact::key::read(args.key_file.as_deref(), terminal)?;
    let set = PolicySet::load(&inputs::load_options(&args.policies))?;
    let terms = Terms::of(&set);
    super::redact::no_names(&terms, &args.policies, args.keep_words)?;
    Ok(Some(Arc::new(Redactor::new(key, terms))))
}

/// How Graph is asked.
fn setup(
    args: &Collect,
    endpoints: Endpoints,
    tokens: Arc<Source>,
    clock: Clock,
    progress: Arc<dyn Progress>,
) -> Setup {
    let tempo = Tempo { share: args.quota, speed: 1.0 };
    Setup { endpoints, tokens, clock, tempo, silence: http::SILENCE, pages: page::MOST, progress }
}

/// Runs it until its end, or until somebody presses Ctrl-C: then None, and nothing goes on behind.
fn interruptible<T>(work: impl Future<Output = T>) -> Result<Option<T>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().into_diagnostic()?;
    let ended = runtime.block_on(async {
        tokio::select! {
            done = work => Some(done),
            _ = tokio::signal::ctrl_c() => None,
        }
    });
    // A section that is being written is not waited for: it counts only once it is renamed.
    runtime.shutdown_background();
    Ok(ended)
}

/// Some ways of signing in take no notice of a tenant: then only its id can be compared with the token's.
fn named_by_id(args: &Collect, method: &Method) -> Result<()> {
    let deaf = matches!(method, Method::Token { .. } | Method::Managed { .. });
    match args.sign_in.tenant.as_deref() {
        Some(tenant) if deaf && !is_guid(tenant) => Err(miette!(
            code = "levelmark::collect::tenant_by_name",
            help = "give --tenant the directory id, or leave it out",
            "this way of signing in does not look at the tenant `{}`",
            suggest::shown(tenant)
        )),
        Some(_) | None => Ok(()),
    }
}

/// Where it goes.
struct Target {
    path: PathBuf,
    form: Form,
}

impl Target {
    fn of(args: &Collect) -> Result<Self> {
        match (&args.out, &args.into) {
            (Some(out), _) => Ok(Self { path: out.clone(), form: inputs::form_of(out) }),
            (None, Some(into)) => {
                for path in [into.clone(), into.join("snapshot")] {
                    Store::recover(&path)?;
                }
                let path = folder::snapshot_in(into)?;
                let form = if path.is_dir() { Form::Directory } else { Form::File };
                Ok(Self { path, form })
            }
            (None, None) => Err(miette!("say where to: --out PATH or --into SNAPSHOT")),
        }
    }
}

/// What a person is asked to agree to: the least that the sections need.
fn scopes(endpoints: &Endpoints, wanted: &Wanted) -> Vec<String> {
    let names = least(&wanted.sections, true).rows.into_iter().map(|row| row.name);
    names.map(|name| format!("{}{name}", endpoints.resource)).collect()
}

/// Tells a person how to sign in, whether bars are shown or not.
fn say(lines: Option<Arc<Lines>>) -> Say {
    Arc::new(move |text| match &lines {
        Some(lines) => lines.print(text),
        None => Lines::bare(text),
    })
}

/// The folder in which a tenant's configuration lies: that of the snapshot, or the one above it.
fn home(args: &Collect) -> Option<&Path> {
    let at = args.into.as_deref().or(args.out.as_deref())?;
    let has = |folder: &&Path| folder.join(super::configuration::NAME).is_file();
    Some(at).filter(has).or_else(|| at.parent().filter(has))
}
