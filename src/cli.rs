//! The command line as typed: its commands; their options are in the files below, one per command or group.
//! Not here: what they do (`run`).

mod action;
mod approve;
mod attest;
mod bundle;
mod check;
#[cfg(feature = "collect")]
mod collect;
mod diff;
mod docs;
mod explain;
mod import;
mod init;
mod inputs;
mod messages;
mod permissions;
mod policy;
mod redact;
mod report;
mod schema;
mod sections;
mod shell;
#[cfg(feature = "collect")]
mod sign_in;

use clap::{Parser, Subcommand, ValueEnum};

pub use self::action::{Action, ActionStep};
pub use self::approve::Approve;
pub use self::attest::{Attest, Declare};
pub use self::bundle::{Bundle, Verify};
pub use self::check::Check;
#[cfg(feature = "collect")]
pub use self::collect::{CloudName, Collect};
pub use self::diff::{Comparing, Diff, DriftFormat};
pub use self::docs::Docs;
pub use self::explain::{Explain, Query};
pub use self::import::{Import, ImportSource, ImportTo, RegisterArgs};
pub use self::init::Init;
pub(crate) use self::inputs::day;
pub use self::inputs::{Inputs, Policies};
pub use self::messages::{Messages, MessagesFormat};
pub use self::permissions::{Permissions, PermissionsFormat};
pub use self::policy::{PolicyAction, PolicyCommand};
pub use self::redact::Redact;
pub(crate) use self::report::target;
pub use self::report::{Looks, Report, Target, Trend, TrendFormat};
pub use self::schema::{Schema, SchemaOf};
pub use self::sections::{Script, Sections, SectionsFormat};
pub use self::shell::{Completions, Man};
#[cfg(feature = "collect")]
pub use self::sign_in::SignInArgs;
use crate::exit;

/// How mature is the operation of a Microsoft 365 tenant, how do we know, and is it sliding back?
#[derive(Debug, Parser)]
#[command(name = "levelmark", version, max_term_width = 100, after_help = exit_codes(), arg_required_else_help = true)]
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

/// The last line of the help.
fn exit_codes() -> String {
    let codes = exit::MEANINGS.map(|(code, meaning)| format!("{code} {meaning}"));
    format!("Exit codes: {}.", codes.join(", "))
}

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
    Diff(Box<Diff>),
    /// Accept what changed in a tenant, with a reason, so that `diff --approved` fails only on what is new.
    Approve(Box<Approve>),
    /// Render a stored result again, in any format.
    Report(Report),
    /// Say what became of a tenant over time, from its stored results.
    Trend(Trend),
    /// List the posts of Message Center over one or several tenants, and where each is triaged.
    Messages(Messages),
    /// Write a commented starter configuration, and a workflow for GitHub or Azure DevOps.
    Init(Init),
    /// Show what a JSONPath matches in a snapshot, and where.
    Query(Query),
    /// Replace names, addresses, ids and texts of a snapshot by keyed pseudonyms, so that it can be shared.
    Redact(Redact),
    /// Say which permissions the chosen policies need, and register an application with them.
    Permissions(Permissions),
    /// List what a snapshot can hold, with permissions.
    Sections(Sections),
    /// List, lint, test or count policies.
    Policy(PolicyCommand),
    /// Print the JSON Schema of a file format.
    Schema(Schema),
    /// Print a script that completes commands and options in a shell.
    Completions(Completions),
    /// Write the man pages, for packages.
    #[command(hide = true)]
    Man(Man),
    /// Write a page for each policy and section, as Markdown.
    #[command(hide = true)]
    Docs(Docs),
    /// A step of the GitHub Action: what action.yml runs, with its inputs in the environment.
    #[command(hide = true)]
    Action(Action),
}

/// Output formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}
