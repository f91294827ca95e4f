//! `import` as typed: where it comes from and where it goes. Not here: what it does (`commands`).

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

/// `import`
#[derive(Debug, Args)]
pub struct Import {
    /// Where it comes from.
    #[command(subcommand)]
    pub source: ImportSource,
}

/// Where an import comes from.
#[derive(Debug, Subcommand)]
pub enum ImportSource {
    /// A provider export of CISA ScubaGear.
    Scubagear {
        /// `ProviderSettingsExport.json`
        file: PathBuf,
        /// Where it goes.
        #[command(flatten)]
        to: ImportTo,
    },
    /// A snapshot of Tenant Configuration Management (UTCM).
    Utcm {
        /// What the job's `resourceLocation` points at.
        file: PathBuf,
        /// The job itself: it names the tenant, the time, and whether everything was captured.
        #[arg(long, value_name = "FILE")]
        job: Option<PathBuf>,
        /// Where it goes.
        #[command(flatten)]
        to: ImportTo,
    },
    /// Results of a Maester run.
    Maester {
        /// `TestResults-….json`
        file: PathBuf,
        /// Where it goes.
        #[command(flatten)]
        to: ImportTo,
    },
    /// Saved responses of the admin centre: Message Center, service health, preferences, or a HAR file.
    Portal {
        /// JSON bodies or HAR files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Where it goes.
        #[command(flatten)]
        to: ImportTo,
    },
    /// A register kept as CSV: triage, communications, tickets, meetings, trainings and so on.
    Csv {
        /// The file, with a header.
        file: PathBuf,
        /// Which register.
        #[command(flatten)]
        register: RegisterArgs,
        /// Where it goes.
        #[command(flatten)]
        to: ImportTo,
    },
    /// A register kept as JSON: an array of objects.
    Json {
        /// The file.
        file: PathBuf,
        /// Which register.
        #[command(flatten)]
        register: RegisterArgs,
        /// Where it goes.
        #[command(flatten)]
        to: ImportTo,
    },
    /// Raw Microsoft Graph bodies: pages and errors, as `levelmark sections --script` fetches them.
    Graph {
        /// A file, a folder of pages, or a folder with one sub-folder per section.
        path: PathBuf,
        /// The section; not needed where the sub-folders are named after theirs.
        #[arg(long)]
        section: Option<String>,
        /// Where it goes.
        #[command(flatten)]
        to: ImportTo,
    },
}

/// Which register a file is.
#[derive(Debug, Args)]
pub struct RegisterArgs {
    /// The section, e.g. registers.triage.
    #[arg(long)]
    pub section: String,
    /// Which column fills which field, where their names differ (may be repeated).
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    pub map: Vec<String>,
    /// From when on the register is complete; else from its oldest entry.
    #[arg(long, value_name = "DATE", value_parser = crate::import::register::since)]
    pub since: Option<DateTime<Utc>>,
}

/// Where an import goes.
#[derive(Debug, Args)]
pub struct ImportTo {
    /// Merge into this snapshot of the same tenant.
    #[arg(long, value_name = "SNAPSHOT", conflicts_with = "out", required_unless_present = "out")]
    pub into: Option<PathBuf>,
    /// Write a new snapshot: a `.json` file, or else a directory.
    #[arg(long, short, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Id of the tenant, where the source does not name it.
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// When the source was taken, where it does not say (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub at: Option<DateTime<Utc>>,
    /// Let sections of an older import replace newer ones.
    #[arg(long)]
    pub force: bool,
}
