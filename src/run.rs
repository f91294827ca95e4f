//! The program: the way of the data through all rooms, and the only place that knows the clock, the
//! terminal and the environment. Other commands than `check` are in `commands`.

use std::io::{IsTerminal, Write};

use chrono::{DateTime, Utc};
use miette::{MietteHandlerOpts, Report as Error};

use crate::cli::{Check, Cli, Color, Command, ReportFormat};
use crate::commands::places::Places;
use crate::commands::{self, inputs};
use crate::engine::{self, Input};
use crate::policy::compiled::PolicySet;
use crate::report::build::{self, Request};
use crate::report::model::Report;
use crate::report::text::{self, Style, Volume};
use crate::report::{escape, html};
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
        #[cfg(feature = "collect")]
        Command::Collect(args) => commands::collect::run(args, terminal),
        Command::Import(args) => commands::import::run(args, terminal),
        Command::Declare(args) => commands::declare::run(args, terminal),
        Command::Attest(args) => commands::attest::run(args, terminal),
        Command::Explain(args) => commands::explain::run(args, terminal),
        Command::Init(args) => commands::init::run(args, terminal),
        Command::Query(args) => commands::query::run(args, terminal),
        Command::Permissions(args) => commands::permissions::run(args, terminal),
        Command::Sections(args) => commands::sections::run(args, terminal),
        Command::Policy(args) => commands::policy::run(args, terminal),
        Command::Schema(args) => commands::schema::run(args, terminal),
    }
}

/// The seven hops.
fn check(args: &Check, terminal: &Terminal) -> Result<u8> {
    let policies = PolicySet::load(&inputs::load_options(&args.policies))?;
    let only = inputs::only(&policies, &args.only)?;
    let today = args.today.unwrap_or(terminal.now);
    let tenant = inputs::tenant(&Places::of_check(args, today), &policies)?;
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
    let baseline = args.baseline.as_deref().map(inputs::baseline).transpose()?;
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
    // A large snapshot takes as long to give back as its report to write.
    rayon::spawn(move || drop(tenant.snapshot));
    write(&report, args, terminal)?;
    let exit = report.gate.exit;
    // The program ends here: the rest goes back in one piece, not in a hundred thousand.
    std::mem::forget((policies, evaluation, report));
    Ok(exit)
}

fn write(report: &Report, args: &Check, terminal: &Terminal) -> Result<()> {
    match args.format {
        ReportFormat::Json => terminal.print_json(report),
        ReportFormat::Html => terminal.print(&html::render(report, &html_options(args))?),
        ReportFormat::Text => {
            let volume = match (args.quiet, args.verbose) {
                (true, _) => Volume::Quiet,
                (false, true) => Volume::Verbose,
                (false, false) => Volume::Normal,
            };
            terminal.print(&text::render(report, terminal.style(volume)))
        }
    }
}

fn html_options(args: &Check) -> html::Options {
    html::Options { only_summary: args.summary_only, client: args.client.clone(), scope: args.scope.clone() }
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
        let text = serde_json::to_string_pretty(value).map_err(Error::from_err)? + "\n";
        self.print(&escape::json(&text))
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

fn not_printed(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => Error::new(Closed),
        _ => Error::from_err(error),
    }
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
