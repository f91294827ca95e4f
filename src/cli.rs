//! The command line as typed: commands, options, help. Not here: what they do (`run`).

mod bundle;
#[cfg(feature = "collect")]
mod collect;
mod diff;
mod import;
mod permissions;
mod report;
#[cfg(feature = "collect")]
mod sign_in;

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};

pub use self::bundle::{Bundle, Verify};
#[cfg(feature = "collect")]
pub use self::collect::{CloudName, Collect};
pub use self::diff::Diff;
pub use self::import::{Import, ImportSource, ImportTo, RegisterArgs};
pub use self::permissions::{Permissions, PermissionsFormat};
pub use self::report::{Looks, Report, Target, Trend, TrendFormat};
#[cfg(feature = "collect")]
pub use self::sign_in::SignInArgs;
use crate::report::format::ReportFormat;
use crate::report::model::FailOn;
use crate::verdict::gate::OnUnknown;

/// How mature is the operation of a Microsoft 365 tenant, how do we know, and is it sliding back?
#[derive(Debug, Parser)]
#[command(name = "levelmark", version, max_term_width = 100, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Cli {
    /// When to use colours; NO_COLOR and the terminal are honoured by `auto`.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Threads for parsing and evaluation; 0 = one per core. The result is the same with any number.
    #[arg(long, global = true, default_value_t = 0, value_name = "N")]
    pub threads: usize,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 met or nothing to gate, 1 not met, 2 usage, policy, configuration or input \
invalid, 3 undetermined, 4 nothing evaluated, 5 drift, 70 a defect of ours, 130 interrupted.";

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal that wants them.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Evaluate the policies on a snapshot and say which level is reached.
    Check(Check),
    /// Pack a result with all that it rests on, for an auditor.
    Bundle(Box<Bundle>),
    /// Evaluate a bundle again and compare the result byte for byte.
    Verify(Verify),
    /// Ask Microsoft Graph and write a snapshot.
    #[cfg(feature = "collect")]
    Collect(Box<Collect>),
    /// Turn what another tool exported into a snapshot.
    Import(Import),
    /// Copy into a snapshot what only the admin centre shows.
    Declare(Declare),
    /// Ask the open questions and keep the answers, or exchange them as a sheet.
    Attest(Attest),
    /// Say what a policy means, reads and asks; or what holds a level of a stored result up or back.
    Explain(Explain),
    /// Say what changed in a tenant between two snapshots.
    Diff(Diff),
    /// Render a stored result again, in any format.
    Report(Report),
    /// Say what became of a tenant over time, from its stored results.
    Trend(Trend),
    /// Write a commented starter configuration.
    Init(Init),
    /// Show what a JSONPath matches in a snapshot, and where.
    Query(Query),
    /// Say which permissions the chosen policies need, and register an application with them.
    Permissions(Permissions),
    /// List what a snapshot can hold, with permissions.
    Sections(Sections),
    /// List, lint, test or count policies.
    Policy(PolicyCommand),
    /// Print the JSON Schema of a file format.
    Schema(Schema),
}

/// Which policies.
#[derive(Debug, Args)]
pub struct Policies {
    /// Also take the policies of this folder (may be repeated).
    #[arg(long = "policies", value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Leave the built-in policies out.
    #[arg(long)]
    pub no_builtin: bool,
    /// Let a file replace the built-in policy of this id (may be repeated).
    #[arg(long, value_name = "ID")]
    pub allow_override: Vec<String>,
}

/// What decides a result: the evidence, what the organisation says, and what is asked.
#[derive(Debug, Args)]
pub struct Inputs {
    /// A snapshot (file, directory, or `-` for standard input), or a tenant folder with a snapshot in it.
    #[arg(required_unless_present_any = ["demo", "no_snapshot"])]
    pub snapshot: Option<PathBuf>,
    /// Check the made-up tenant that comes with the program.
    #[arg(long, conflicts_with = "snapshot")]
    pub demo: bool,
    /// Judge by human answers alone: a tenant folder and what is in it, or --answers.
    #[arg(long, conflicts_with = "demo")]
    pub no_snapshot: bool,
    /// Directory id of the tenant, where neither snapshot nor answers say it.
    #[arg(long, value_name = "ID", requires = "no_snapshot")]
    pub tenant: Option<String>,
    /// Configuration; else `levelmark.yaml` of the tenant folder.
    #[arg(long, value_name = "FILE", env = "LEVELMARK_CONFIG")]
    pub config: Option<PathBuf>,
    /// Human answers; else what the configuration names, else `attestations.yaml` of the tenant folder.
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// Declare a parameter (may be repeated; lists with commas).
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<String>,
    /// Set a target level (may be repeated).
    #[arg(long = "target", value_name = "COMPETENCY=LEVEL")]
    pub targets: Vec<String>,
    /// What to fail on; by default `level` with a target, `regression` with a baseline.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    pub fail_on: Vec<FailOn>,
    /// Gate on the criteria alone that the model calls urgent.
    #[arg(long)]
    pub urgent_only: bool,
    /// Leave all waivers out: the naked truth.
    #[arg(long)]
    pub no_waivers: bool,
    /// What an undetermined result means.
    #[arg(long, value_enum, default_value_t = OnUnknown::Report, value_name = "WHAT")]
    pub on_unknown: OnUnknown,
    /// An earlier result (`--format json`) to compare with.
    #[arg(long, value_name = "RESULT")]
    pub baseline: Option<PathBuf>,
    /// The day that decides what has expired; else today.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub today: Option<DateTime<Utc>>,
    /// Sections collected longer ago than this are unknown, e.g. P30D.
    #[arg(long, value_name = "DURATION", value_parser = crate::query::duration::parse)]
    pub max_age: Option<chrono::TimeDelta>,
    /// Places shown for each check.
    #[arg(long, default_value_t = crate::engine::MAX_EVIDENCE, value_name = "N")]
    pub max_evidence: usize,
    /// Which policies.
    #[command(flatten)]
    pub policies: Policies,
    /// Evaluate only this policy (may be repeated): findings, but no verdict.
    #[arg(long = "policy", value_name = "ID")]
    pub only: Vec<String>,
}

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// What decides the result.
    #[command(flatten)]
    pub inputs: Inputs,
    /// How to print the report on standard output; text if nothing else is asked for.
    #[arg(long, value_enum)]
    pub format: Option<ReportFormat>,
    /// Also write the report to a file (may be repeated; `-` once for standard output). Missing folders are made.
    #[arg(long = "report", value_name = "FORMAT=PATH", value_parser = report::target)]
    pub reports: Vec<Target>,
    /// How the reports are shown.
    #[command(flatten)]
    pub looks: Looks,
    /// Only the verdict and the gate.
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Everything: what holds, what is unknown, every place.
    #[arg(short, long)]
    pub verbose: bool,
}

/// Output formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// `declare`
#[derive(Debug, Args)]
pub struct Declare {
    /// The snapshot to write into.
    pub snapshot: PathBuf,
    /// messageCenter.preferences, messageCenter.plannerSync, serviceHealth.notifications or tenant.releasePreferences
    pub section: String,
    /// Read a CSV, one row per administrator, instead of asking.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Who declares: "Name <mail@contoso.com>".
    #[arg(long, value_name = "WHO", required_unless_present = "template")]
    pub by: Option<String>,
    /// Print the header of the CSV instead.
    #[arg(long, conflicts_with_all = ["from", "by"])]
    pub template: bool,
    /// How long it counts.
    #[arg(long, default_value = "P90D", value_name = "DURATION", value_parser = crate::query::duration::parse)]
    pub valid_for: chrono::TimeDelta,
}

/// `attest`
#[derive(Debug, Args)]
pub struct Attest {
    /// A snapshot or a tenant folder; without a snapshot everything is asked.
    #[arg(value_name = "SNAPSHOT|TENANT")]
    pub snapshot: Option<PathBuf>,
    /// Directory id of the tenant, where neither snapshot nor answers say it.
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// The file of answers; else what the configuration names, else `attestations.yaml` of the tenant folder.
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// Who answers: "Name <mail@contoso.com>". With --import for rows that do not say it.
    #[arg(long, value_name = "WHO", required_unless_present_any = ["export", "import"])]
    pub by: Option<String>,
    /// Every open question, not only what decides the next level up to the target.
    #[arg(long)]
    pub all: bool,
    /// Only this competency.
    #[arg(long, value_name = "ID")]
    pub competency: Option<String>,
    /// What decides the levels up to this one, whatever the target.
    #[arg(long, value_name = "N")]
    pub level: Option<u16>,
    /// Ask again what expires within this time, e.g. P30D.
    #[arg(long, value_name = "DURATION", value_parser = crate::query::duration::parse)]
    pub expiring: Option<chrono::TimeDelta>,
    /// Only what this person answers for, by `owners` of the configuration: name, mail address, or both.
    #[arg(long, value_name = "WHO")]
    pub owner: Option<String>,
    /// Write the questions as a sheet instead of asking: .xlsx or .csv.
    #[arg(long, value_name = "FILE", conflicts_with = "import")]
    pub export: Option<PathBuf>,
    /// Take the answers of filled-in sheets instead of asking.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["all", "competency", "level", "expiring", "owner"])]
    pub import: Vec<PathBuf>,
    /// Configuration; else `levelmark.yaml` of the tenant folder, else the nearest one upward.
    #[arg(long, value_name = "FILE", env = "LEVELMARK_CONFIG")]
    pub config: Option<PathBuf>,
    /// Declare a parameter (may be repeated; lists with commas).
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<String>,
    /// Set a target level (may be repeated).
    #[arg(long = "target", value_name = "COMPETENCY=LEVEL")]
    pub targets: Vec<String>,
    /// The day that decides what has expired, and from which answers count; else today.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub today: Option<DateTime<Utc>>,
    /// Which policies.
    #[command(flatten)]
    pub policies: Policies,
}

/// `explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// Id of a policy, e.g. INF-400-G2; with --verdict a result (`check --format json`).
    #[arg(value_name = "POLICY|RESULT")]
    pub what: String,
    /// Say what holds each level of this competency up or back in a result.
    #[arg(long, value_name = "COMPETENCY")]
    pub verdict: Option<String>,
    /// Which policies.
    #[command(flatten)]
    pub policies: Policies,
}

/// `init`
#[derive(Debug, Args)]
pub struct Init {
    /// The tenant folder to write into.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
}

/// `query`
#[derive(Debug, Args)]
pub struct Query {
    /// A snapshot, or `-` for standard input; with --raw any JSON file.
    pub snapshot: PathBuf,
    /// A JSONPath, e.g. `$.conditionalAccess.policies[*].displayName`.
    pub path: String,
    /// `$` is the root of the file, whatever it is.
    #[arg(long)]
    pub raw: bool,
    /// How to print the matches.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

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

/// `policy`
#[derive(Debug, Args)]
pub struct PolicyCommand {
    /// What to do.
    #[command(subcommand)]
    pub action: PolicyAction,
}

/// What to do with policies.
#[derive(Debug, Subcommand)]
pub enum PolicyAction {
    /// One line per policy.
    List {
        /// Which policies.
        #[command(flatten)]
        policies: Policies,
        /// How to print the list.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Look for what is legal but doubtful.
    Lint {
        /// Which policies.
        #[command(flatten)]
        policies: Policies,
    },
    /// Say which criteria and claims of the model have policies, by level and kind of evidence.
    Coverage {
        /// Which policies.
        #[command(flatten)]
        policies: Policies,
        /// List the sections that no policy reads instead.
        #[arg(long)]
        unread_sections: bool,
        /// List the systems that the model speaks of, and which policies use them, as Markdown.
        #[arg(long, conflicts_with = "unread_sections")]
        systems: bool,
        /// How to print it.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Run the examples of the policies.
    Test {
        /// Which policies.
        #[command(flatten)]
        policies: Policies,
        /// Only this policy (may be repeated).
        #[arg(long = "policy", value_name = "ID")]
        only: Vec<String>,
    },
}

/// `schema`
#[derive(Debug, Args)]
pub struct Schema {
    /// Which format.
    #[arg(value_enum)]
    pub what: SchemaOf,
}

/// Formats with a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A policy file.
    Policy,
    /// `levelmark.yaml`
    Config,
    /// `attestations.yaml`
    Attestations,
    /// The file of `collect --tenants`
    #[cfg(feature = "collect")]
    Tenants,
    /// A result (`check --format json`).
    Report,
    /// A trend (`trend --format json`).
    Trend,
}

/// A date, or a moment in RFC 3339.
fn day(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.with_timezone(&Utc));
    }
    let date: NaiveDate = text.parse().map_err(|_| "expected a date such as 2026-11-02".to_owned())?;
    Ok(date.and_time(chrono::NaiveTime::MIN).and_utc())
}
