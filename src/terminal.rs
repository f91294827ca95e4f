//! What is known of the surroundings, and the only place that knows the clock, the terminal and the environment:
//! data goes to standard output, all else to standard error. Comes in: the environment, once. Goes out: text that
//! does nothing to a terminal. Not here: what is printed (`report`, `commands`).

use std::io::{IsTerminal, Write};

use chrono::{DateTime, Utc};
use miette::{MietteHandlerOpts, Report as Error};

use crate::cli::{Cli, Color};
use crate::report::escape;
use crate::report::text::{Style, Volume};
use crate::run::Result;
use crate::yaml::Mistakes;

/// Nobody reads any more, e.g. `| head`: no error, and nothing more to say.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("standard output was closed")]
pub(crate) struct Closed;

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
    /// The variable that says that a build service runs this.
    ci: Option<&'static str>,
}

/// What build services set: nearly all of them the first.
const CI: [&str; 10] = [
    "CI",
    "GITHUB_ACTIONS",
    "TF_BUILD",
    "GITLAB_CI",
    "JENKINS_URL",
    "TEAMCITY_VERSION",
    "CODEBUILD_BUILD_ID",
    "BUILDKITE",
    "CIRCLECI",
    "BITBUCKET_BUILD_NUMBER",
];

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
            ci: CI.into_iter().find(|name| {
                let value = std::env::var_os(name).unwrap_or_default();
                let off = value.is_empty() || value == "0" || value.eq_ignore_ascii_case("false");
                !off
            }),
            width: shown.or(columns).unwrap_or(100).clamp(40, 160),
        }
    }

    /// Whether a person sits there.
    #[must_use]
    pub const fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// The variable of the environment that says that a build service runs this, not a person.
    #[must_use]
    pub const fn ci(&self) -> Option<&'static str> {
        self.ci
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

    /// A variable of the environment; one that is empty or no Unicode counts as not set.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads clock and environment")]
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// A variable of the environment as it is: absent, a text that may be empty, or no Unicode.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads clock and environment")]
    #[must_use]
    pub fn raw_variable(&self, name: &str) -> Option<std::result::Result<String, std::ffi::OsString>> {
        std::env::var_os(name).map(std::ffi::OsString::into_string)
    }

    /// How text is shown on standard output.
    pub fn style(&self, volume: Volume) -> Style {
        Style { color: self.color, unicode: self.unicode, width: self.width, volume }
    }

    /// How text is shown on standard error.
    #[must_use]
    pub fn style_beside(&self, volume: Volume) -> Style {
        Style { color: self.color_of_errors, ..self.style(volume) }
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
    pub(crate) fn hook(&self) {
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

    /// Tells what failed and why, while others go on: in one piece.
    pub fn tell_of(&self, what: &str, error: &Error) {
        let mistakes = error.downcast_ref::<Mistakes>();
        let why = mistakes.map_or_else(|| format!("{error:?}"), |_| one_line(error));
        self.complain(&format!("{what}\n{why}"));
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

    pub(crate) fn complain(&self, text: &str) {
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

/// The same on one line.
///
/// # Errors
/// Values that JSON cannot say.
pub fn json_line(value: &impl serde::Serialize) -> Result<String> {
    let text = serde_json::to_string(value).map_err(Error::from_err)? + "\n";
    Ok(escape::json(&text).into_owned())
}

/// An error on one line; of mistakes in a file the first, with its place.
#[must_use]
pub fn one_line(error: &Error) -> String {
    let text = match error.downcast_ref::<Mistakes>().map(|mistakes| mistakes.0.as_slice()) {
        Some([first, rest @ ..]) => {
            let place = first.place.as_ref().map(|place| format!("{}:{}: ", place.source.name, place.line()));
            let more = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
            format!("{}{}{more}", place.unwrap_or_default(), first.message)
        }
        Some([]) | None => error.to_string(),
    };
    escape::terminal(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
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
