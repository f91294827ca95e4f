//! `permissions` as typed. Not here: what it does (`commands`).

use clap::{Args, ValueEnum};

use super::Policies;

/// `permissions`
#[derive(Debug, Args)]
pub struct Permissions {
    /// Which policies.
    #[command(flatten)]
    pub policies: Policies,
    /// Only what this policy reads (may be repeated).
    #[arg(long = "policy", value_name = "ID")]
    pub only: Vec<String>,
    /// Bulk and log sections too that no chosen policy reads.
    #[arg(long)]
    pub all: bool,
    /// Also a section that is collected on request alone (may be repeated).
    #[arg(long, value_name = "SECTION")]
    pub include: Vec<String>,
    /// The tenant declares plans, so Planner is read.
    #[arg(long)]
    pub plans_declared: bool,
    /// For an application that acts for a signed-in person, instead of one that acts by itself.
    #[arg(long)]
    pub delegated: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = PermissionsFormat::Text)]
    pub format: PermissionsFormat,
}

/// Forms of the permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PermissionsFormat {
    /// For people: each permission and what it is for.
    Text,
    /// For machines.
    Json,
    /// `requiredResourceAccess` of an application manifest.
    Manifest,
    /// A command of the Azure CLI that registers an application with them.
    Az,
    /// The same with Microsoft Graph PowerShell.
    Powershell,
}
