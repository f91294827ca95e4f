//! `sections` as typed.

use clap::{Args, ValueEnum};

/// `sections`
#[derive(Debug, Args)]
pub struct Sections {
    /// Print a script that fetches the Graph sections instead of the list.
    #[arg(long, value_enum)]
    pub script: Option<Script>,
    /// Only these sections.
    pub ids: Vec<String>,
    /// How to print the list.
    #[arg(long, value_enum, default_value_t = SectionsFormat::Text)]
    pub format: SectionsFormat,
}

/// Forms of the list of sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SectionsFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
    /// The page of the documentation, always with all sections.
    Markdown,
}

/// Script languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Script {
    /// Microsoft Graph PowerShell.
    Powershell,
}
