//! Arguments about reports: `--report`, `--detail` and the commands `report` and `trend`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::report::detail::Detail;
use crate::report::format::ReportFormat;
use crate::report::{html, markdown};

/// A format and where its report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Which format.
    pub format: ReportFormat,
    /// A file; `-` is standard output.
    pub path: PathBuf,
}

impl Target {
    /// Whether it goes to standard output.
    #[must_use]
    pub fn is_stdout(&self) -> bool {
        self.path.as_os_str() == "-"
    }
}

/// How much is shown, and where files lie.
#[derive(Debug, Args)]
pub struct Looks {
    /// How much of the tenant the reports show; by default `place` for SARIF, Markdown and GitHub, else `full`.
    #[arg(long, value_enum, value_name = "DETAIL")]
    pub detail: Option<Detail>,
    /// SARIF and GitHub name files from here; else from the nearest folder upward with `.git` in it.
    #[arg(long, value_name = "DIR")]
    pub repository_root: Option<PathBuf>,
    /// Bytes of a Markdown report at most, what does not fit is counted: GitHub takes 65536 in a comment, 1048576
    /// in a job summary; 0 is no limit.
    #[arg(long, value_name = "BYTES", default_value_t = markdown::COMMENT, value_parser = limit)]
    pub markdown_limit: usize,
    /// HTML for a board: verdicts, the first steps, waivers and the method, without the findings.
    #[arg(long)]
    pub summary_only: bool,
    /// On the cover of the HTML report: for whom.
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    /// On the cover of the HTML report: what was looked at.
    #[arg(long, value_name = "TEXT")]
    pub scope: Option<String>,
}

impl Looks {
    /// Bytes of a Markdown report at most.
    #[must_use]
    pub const fn markdown_most(&self) -> usize {
        most(self.markdown_limit)
    }

    /// What the HTML report says beyond the result.
    #[must_use]
    pub fn page(&self) -> html::Options {
        html::Options {
            only_summary: self.summary_only,
            client: self.client.clone(),
            scope: self.scope.clone(),
        }
    }
}

/// `report`
#[derive(Debug, Args)]
pub struct Report {
    /// A result (`check --format json`), or `-` for standard input.
    #[arg(value_name = "RESULT")]
    pub result: PathBuf,
    /// How to render it.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
    /// Write it to this file instead of standard output; missing folders are made.
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// How.
    #[command(flatten)]
    pub looks: Looks,
}

/// `trend`
#[derive(Debug, Args)]
pub struct Trend {
    /// Results (`check --format json`) of one tenant, or folders with results in them.
    #[arg(value_name = "RESULT", required = true)]
    pub results: Vec<PathBuf>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = TrendFormat::Text)]
    pub format: TrendFormat,
    /// On the page: for whom, if not the tenant's own name.
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
}

/// Formats of a trend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TrendFormat {
    /// For people at a terminal.
    Text,
    /// For machines.
    Json,
    /// A page with charts.
    Html,
}

/// `FORMAT=PATH`
pub(crate) fn target(text: &str) -> Result<Target, String> {
    let names = || {
        let names = ReportFormat::ALL.iter().filter_map(ValueEnum::to_possible_value);
        names.map(|name| name.get_name().to_owned()).collect::<Vec<_>>().join(", ")
    };
    let (format, path) = text
        .split_once('=')
        .filter(|(_, path)| !path.is_empty())
        .ok_or_else(|| format!("expected FORMAT=PATH, e.g. sarif=levelmark.sarif; formats: {}", names()))?;
    let format = ReportFormat::from_str(format, false).map_err(|_| format!("formats: {}", names()))?;
    Ok(Target { format, path: PathBuf::from(path) })
}

/// A limit that leaves room for the verdict, or 0.
pub(super) fn limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(bytes) if bytes == 0 || bytes >= markdown::LEAST => Ok(bytes),
        _ => Err(format!("expected {} or more, or 0 for no limit", markdown::LEAST)),
    }
}

/// Bytes at most; 0 is no limit.
pub(super) const fn most(limit: usize) -> usize {
    match limit {
        0 => usize::MAX,
        limit => limit,
    }
}
