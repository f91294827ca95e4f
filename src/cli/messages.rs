//! Arguments of `messages`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};

use super::day;

/// `messages`
#[derive(Debug, Args)]
pub struct Messages {
    /// Snapshots, tenant folders, or folders with tenant folders in them.
    #[arg(value_name = "SNAPSHOT", required = true)]
    pub snapshots: Vec<PathBuf>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = MessagesFormat::Text)]
    pub format: MessagesFormat,
    /// Only what some tenant is not done with.
    #[arg(long)]
    pub open: bool,
    /// Only posts about this service (may be repeated).
    #[arg(long = "service", value_name = "NAME")]
    pub services: Vec<String>,
    /// The day that decides what is overdue; else today.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub today: Option<DateTime<Utc>>,
    /// All posts, each with every tenant that has it.
    #[arg(short, long)]
    pub verbose: bool,
}

/// Formats of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MessagesFormat {
    /// For people at a terminal.
    Text,
    /// A row for each post in each tenant.
    Csv,
    /// For machines.
    Json,
}
