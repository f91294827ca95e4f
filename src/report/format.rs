//! The formats of a report: one list, one way in. Comes in: a whole report, a format, a look. Goes out:
//! a text. A format sees the report alone, already reduced to the detail asked for.

use super::detail::{self, Detail};
use super::escape;
use super::location::Ground;
use super::model::Report;
use super::text::{self, Style};
use super::{csv, github, html, junit, markdown, sarif};

/// Formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum ReportFormat {
    /// For people at a terminal.
    Text,
    /// The whole result, for machines, `levelmark report` and as a baseline.
    Json,
    /// SARIF 2.1.0, for GitHub code scanning and editors.
    Sarif,
    /// JUnit XML, for test dashboards.
    Junit,
    /// For a job summary or a comment.
    Markdown,
    /// One row per place, for spreadsheets.
    Csv,
    /// Annotations of a GitHub workflow.
    Github,
    /// A page for people, with everything in it.
    Html,
}

impl ReportFormat {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Text,
        Self::Json,
        Self::Sarif,
        Self::Junit,
        Self::Markdown,
        Self::Csv,
        Self::Github,
        Self::Html,
    ];

    /// The detail where none is asked for: formats that end up on GitHub show no text of the tenant.
    #[must_use]
    pub const fn detail(self) -> Detail {
        match self {
            Self::Text | Self::Json | Self::Junit | Self::Csv | Self::Html => Detail::Full,
            Self::Sarif | Self::Markdown | Self::Github => Detail::Place,
        }
    }
}

/// How a report is shown.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// For text.
    pub style: Style,
    /// How much of the tenant; None = the format's own.
    pub detail: Option<Detail>,
    /// Where files lie, for SARIF and GitHub.
    pub ground: &'a Ground,
    /// What the HTML report says beyond the result.
    pub page: &'a html::Options,
    /// Most bytes of a Markdown text; what does not fit is counted.
    pub most: usize,
}

/// A report can't be written as text: a defect of ours.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// As JSON.
    #[error("the report can't be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// As HTML.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Html(#[from] html::Error),
}

/// Renders a report.
///
/// # Errors
/// Only through a defect of ours.
pub fn render(report: &Report, format: ReportFormat, look: Look<'_>) -> Result<String, Error> {
    let detail = look.detail.unwrap_or(format.detail());
    let report = &*detail::at(report, detail);
    Ok(match format {
        ReportFormat::Text => text::render(report, look.style),
        ReportFormat::Json => json(report)?,
        ReportFormat::Sarif => json(&sarif::log(report, look.ground))?,
        ReportFormat::Junit => junit::render(report),
        ReportFormat::Markdown => markdown::render(report, look.most),
        ReportFormat::Csv => csv::render(report),
        ReportFormat::Github => github::render(report, look.ground),
        ReportFormat::Html => html::render(report, look.page)?,
    })
}

/// JSON with a line break at its end.
///
/// # Errors
/// The value can't be written as JSON.
pub fn json(value: &impl serde::Serialize) -> Result<String, serde_json::Error> {
    let text = serde_json::to_string_pretty(value)? + "\n";
    Ok(escape::json(&text).into_owned())
}
