//! `diff` as typed.

use std::path::PathBuf;

use clap::Args;

use super::Format;

/// `diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// The earlier snapshot: file, directory, tenant folder, or `-` for standard input.
    #[arg(required_unless_present = "rules")]
    pub old: Option<PathBuf>,
    /// The later one.
    #[arg(required_unless_present = "rules")]
    pub new: Option<PathBuf>,
    /// Only this section (may be repeated).
    #[arg(long = "section", value_name = "ID")]
    pub sections: Vec<String>,
    /// Ignore nothing: show what the rules leave out, too, and count it as drift.
    #[arg(long)]
    pub no_ignore: bool,
    /// Configuration with rules of your own; else `levelmark.yaml` of the later tenant folder, else the nearest one upward.
    #[arg(long, value_name = "FILE", env = "LEVELMARK_CONFIG")]
    pub config: Option<PathBuf>,
    /// Compare snapshots of two tenants, e.g. with a model tenant. Other ids prove nothing then, names count.
    #[arg(long)]
    pub allow_other_tenant: bool,
    /// Show the values of this sensitive section, too (may be repeated).
    #[arg(long, value_name = "SECTION")]
    pub include: Vec<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// All elements of long lists, and each rule with how much it left out.
    #[arg(short, long)]
    pub verbose: bool,
    /// Print the rules that are built in, each with its reason, instead.
    #[arg(long, conflicts_with_all = ["old", "new"])]
    pub rules: bool,
}
