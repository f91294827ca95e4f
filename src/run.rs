//! The program: the way of the data through all rooms, and the only place that knows the clock, the
//! terminal and the environment. Other commands than `check` are in `commands`.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use miette::{MietteHandlerOpts, Report as Error};

use crate::cli::{Check, Cli, Color, Command, Inputs};
#[cfg(feature = "collect")]
use crate::collect::order::CollectError;
use crate::commands::places::Places;
use crate::commands::reports::{self, Plan};
use crate::commands::{self, inputs};
use crate::engine::{self, Input};
use crate::policy::compiled::PolicySet;
use crate::policy::load::LoadOptions;
use crate::report::build::{self, Request};
use crate::report::escape;
use crate::report::model::Report;
use crate::report::text::{Style, Volume};
use crate::yaml::Mistakes;
use crate::{config, exit};

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
            #[cfg(feature = "collect")]
            if let Some(CollectError::Defect(what)) = error.downcast_ref() {
                complain_of_defect(what);
                return exit::DEFECT;
            }
            match error.downcast::<Mistakes>() {
                Ok(mistakes) => terminal.complain_of(mistakes),
                Err(error) => terminal.complain(&format!("{error:?}")),
            }
            exit::INVALID
        }
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
        Command::Report(args) => commands::report::run(args, terminal),
        Command::Trend(args) => commands::trend::run(args, terminal),
        Command::Init(args) => commands::init::run(args, terminal),
        Command::Query(args) => commands::query::run(args, terminal),
        Command::Permissions(args) => commands::permissions::run(args, terminal),
        Command::Sections(args) => commands::sections::run(args, terminal),
        Command::Policy(args) => commands::policy::run(args, terminal),
        Command::Schema(args) => commands::schema::run(args, terminal),
    }
}

fn check(args: &Check, terminal: &Terminal) -> Result<u8> {
    let plan = Plan::of(args)?;
    let Evaluated { report, policies, config } = evaluate(&args.inputs, Surroundings::Program, terminal.now)?;
    let ground = reports::ground(&args.looks, Some(&policies), config.as_deref())?;
    let page = args.looks.page();
    let volume = match (args.quiet, args.verbose) {
        (true, _) => Volume::Quiet,
        (false, true) => Volume::Verbose,
        (false, false) => Volume::Normal,
    };
    let failed =
        plan.write(&report, reports::look(&args.looks, (&ground, &page), terminal, volume), terminal)?;
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
    /// A bundle: its built-in policies are in this folder, and nothing is looked for.
    Sealed(&'a Path),
}

/// What came of an evaluation.
#[derive(Debug)]
pub struct Evaluated {
    /// Everything that was found out.
    pub report: Report,
    /// What was judged by.
    pub policies: PolicySet,
    /// The configuration that counted, if there was one.
    pub config: Option<PathBuf>,
}

/// The seven hops. For one result a run: what it was made from is left for the system to take back.
///
/// # Errors
/// Whatever can't be read or is invalid.
pub fn evaluate(args: &Inputs, surroundings: Surroundings<'_>, now: DateTime<Utc>) -> Result<Evaluated> {
    let (builtin, sealed) = match surroundings {
        Surroundings::Program => (None, false),
        Surroundings::Sealed(folder) => (Some(folder), true),
    };
    let policies = PolicySet::load(&LoadOptions { builtin, ..inputs::load_options(&args.policies) })?;
    let only = inputs::only(&policies, &args.only)?;
    let today = args.today.unwrap_or(now);
    let tenant = inputs::tenant(&Places { sealed, ..Places::of_check(args, today) }, &policies)?;
    let params = config::resolve_params(&policies, &tenant.given)?;
    let input = Input {
        policies: &policies,
        snapshot: &tenant.snapshot,
        params: &params,
        answers: &tenant.answers,
        waivers: if args.no_waivers { &[] } else { &tenant.config.waivers },
        today,
        max_age: args.max_age,
        max_evidence: args.max_evidence,
        only: only.as_deref(),
    };
    let mut evaluation = engine::evaluate(&input);
    engine::supposed::suppose(&input, &mut evaluation);
    let baseline = args.baseline.as_deref().map(inputs::result).transpose()?;
    let report = build::build(
        &input,
        &evaluation,
        Request {
            fail_on: &args.fail_on,
            on_unknown: args.on_unknown,
            urgent_only: args.urgent_only,
            targets: &tenant.config.targets,
            baseline: baseline.as_ref(),
            notes: tenant.notes,
        },
    );
    let config = tenant.config.source.as_ref().map(|source| PathBuf::from(&source.name));
    // A large snapshot takes as long to give back as its report to write.
    rayon::spawn(move || drop(tenant.snapshot));
    std::mem::forget(evaluation);
    Ok(Evaluated { report, policies, config })
}

/// Nobody reads any more, e.g. `| head`: no error, and nothing more to say.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("standard output was closed")]
struct Closed;

/// What is known of the surroundings.
#[derive(Debug)]
pub struct Terminal {
    /// The time at the start.
    pub now: DateTime<Utc>,
    color: bool,
    color_of_errors: bool,
    unicode: bool,
    width: usize,
    /// A person sees what is told, and can answer.
    interactive: bool,
}

impl Terminal {
    /// Looks at the clock, the terminal and the environment, once.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads clock and environment")]
    pub fn new(cli: &Cli) -> Self {
        let color = |stream: anstream::ColorChoice| match cli.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stream != anstream::ColorChoice::Never,
        };
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| {
            let value = std::env::var(name).ok()?;
            (!value.is_empty()).then(|| value.to_ascii_lowercase())
        });
        let plain = std::env::var("TERM").is_ok_and(|term| term == "dumb" || term == "linux");
        let utf8 =
            locale.is_none_or(|locale| locale.contains("utf-8") || locale.contains("utf8") || locale == "c");
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let shown = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Self {
            now: Utc::now(),
            color: color(anstream::AutoStream::choice(&std::io::stdout())),
            color_of_errors: color(anstream::AutoStream::choice(&std::io::stderr())),
            unicode: utf8 && !plain && !set("LEVELMARK_ASCII"),
            interactive: std::io::stderr().is_terminal() && std::io::stdin().is_terminal() && !plain,
            width: shown.or(columns).unwrap_or(100).clamp(40, 160),
        }
    }

    /// Whether a person sits there.
    #[must_use]
    pub const fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Whether letters beyond ASCII can be shown.
    #[must_use]
    pub const fn unicode(&self) -> bool {
        self.unicode
    }

    /// What signing in finds in the environment.
    #[cfg(feature = "collect")]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads clock and environment")]
    #[must_use]
    pub fn environment(&self) -> crate::collect::sign_in::Environment {
        crate::collect::sign_in::Environment::of(|name| std::env::var(name).ok())
    }

    /// The variables of the environment with these names, as far as they are set: what a file of tenants
    /// says of secrets.
    #[cfg(feature = "collect")]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads clock and environment")]
    #[must_use]
    pub fn variables<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
    ) -> std::collections::BTreeMap<String, azure_core::credentials::Secret> {
        let found = |name: &str| Some((name.to_owned(), std::env::var(name).ok()?.into()));
        names.into_iter().filter_map(found).collect()
    }

    /// How text is shown on standard output.
    pub fn style(&self, volume: Volume) -> Style {
        Style { color: self.color, unicode: self.unicode, width: self.width, volume }
    }

    /// A plain table that fits the terminal.
    #[must_use]
    pub fn table(&self) -> comfy_table::Table {
        use comfy_table::presets::{ASCII_HORIZONTAL_ONLY, UTF8_HORIZONTAL_ONLY};
        let mut table = comfy_table::Table::new();
        table.load_style(if self.unicode { UTF8_HORIZONTAL_ONLY } else { ASCII_HORIZONTAL_ONLY });
        table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic);
        table.set_width(u16::try_from(self.width).unwrap_or(100));
        table
    }

    /// How errors are shown, for the whole program.
    fn hook(&self) {
        let (color, unicode, width) = (self.color_of_errors, self.unicode, self.width);
        // Fails only if a hook is set already.
        let _ = miette::set_hook(Box::new(move |_| {
            Box::new(
                MietteHandlerOpts::new()
                    .color(color)
                    .unicode(unicode)
                    .width(width)
                    .terminal_links(false)
                    .build(),
            )
        }));
    }

    /// Prints data.
    ///
    /// # Errors
    /// The pipe is closed or the disk full.
    pub fn print(&self, text: &str) -> Result<()> {
        let text = escape::printed(text, self.color);
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(not_printed)
    }

    /// Prints data as JSON, a line break at the end.
    ///
    /// # Errors
    /// The pipe is closed or the disk full.
    pub fn print_json(&self, value: &impl serde::Serialize) -> Result<()> {
        self.print(&json(value)?)
    }

    /// Prints data as JSON bit by bit, a line break at the end: for what is too long to be held as a text.
    ///
    /// # Errors
    /// The pipe is closed or the disk full.
    pub fn stream_json(&self, value: &impl serde::Serialize) -> Result<()> {
        let mut out = std::io::BufWriter::with_capacity(1 << 16, Escaping(std::io::stdout().lock()));
        let written = serde_json::to_writer_pretty(&mut out, value).map_err(std::io::Error::from);
        written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).map_err(not_printed)
    }

    /// Tells what is not data: on standard error.
    pub fn tell(&self, text: &str) {
        self.complain(text);
    }

    /// Each mistake at its place, and how many there are.
    pub fn complain_of(&self, mistakes: Mistakes) {
        let many = mistakes.0.len();
        for mistake in mistakes.0 {
            self.complain(&format!("{:?}", Error::new(mistake)));
        }
        if many > 1 {
            self.complain(&format!("{many} mistakes"));
        }
    }

    fn complain(&self, text: &str) {
        let text = escape::printed(text, self.color_of_errors);
        // Nobody is left to be told when this fails.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

/// Escapes JSON on its way out, see [`escape::json`].
struct Escaping<W>(W);

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // A buffer may end within a character: its first bytes wait for the rest.
        let whole = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
                std::str::from_utf8(valid).unwrap_or_default()
            }
        };
        self.0.write_all(escape::json(whole).as_bytes())?;
        Ok(whole.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// The very text that JSON is printed as.
///
/// # Errors
/// Values that JSON cannot say.
pub fn json(value: &impl serde::Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(value).map_err(Error::from_err)? + "\n";
    Ok(escape::json(&text).into_owned())
}

fn not_printed(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => Error::new(Closed),
        _ => Error::from_err(error),
    }
}

/// Tells what is wrong with the command line, which may quote what is hostile.
pub fn complain_of_usage(error: &clap::Error) {
    let colored = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let text = error.render();
    let text = if colored { text.ansi().to_string() } else { text.to_string() };
    // Nobody is left to be told when this fails.
    let _ = write!(std::io::stderr().lock(), "{}", escape::printed(&text, colored));
}

/// Tells of a defect of ours.
pub fn complain_of_defect(what: &str) {
    let text = format!(
        "levelmark broke, and that is a defect of ours: {what}\nPlease report it with the command you ran and this \
         message. Nothing was written."
    );
    // Nobody is left to be told when this fails.
    let _ = writeln!(std::io::stderr().lock(), "{}", escape::printed(&text, false));
}
