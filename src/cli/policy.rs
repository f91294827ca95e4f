//! `policy` and what it does, as typed.

use clap::{Args, Subcommand};

use super::{Format, Policies};

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
