//! Where a command was told to look. Comes in: the arguments of `check`, `bundle` or `attest`. Goes out: one
//! shape for all three. Not here: looking (`inputs`).

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::cli::{Attest, Inputs};

use super::configuration;

/// The answers of a tenant folder.
pub const ANSWERS: &str = "attestations.yaml";
/// The approvals of a tenant folder.
pub const APPROVALS: &str = "approvals.yaml";
/// What a tenant folder's snapshot is compared with: a directory or a file.
pub const BASELINES: [&str; 2] = ["baseline", "baseline.json"];
/// The snapshot of a tenant folder: a directory or a file.
pub const SNAPSHOTS: [&str; 2] = ["snapshot", "snapshot.json"];

/// Where a command was told to look.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// A snapshot, a tenant folder, or `-`.
    pub snapshot: Option<&'a Path>,
    /// The tenant that comes with the program.
    pub demo: bool,
    /// Human answers alone; `snapshot` may name the tenant folder.
    pub no_snapshot: bool,
    /// Directory id, where nothing else says it.
    pub tenant: Option<&'a str>,
    /// The configuration.
    pub config: Option<&'a Path>,
    /// The answers.
    pub answers: Option<&'a Path>,
    /// The file of answers need not exist yet.
    pub fresh: bool,
    /// Parameters of the command line.
    pub params: &'a [String],
    /// Targets of the command line.
    pub targets: &'a [String],
    /// The time of a snapshot that has nothing in it.
    pub today: DateTime<Utc>,
    /// Nothing is looked for: only what is named counts, as in a bundle.
    pub sealed: bool,
}

impl<'a> Places<'a> {
    /// Of `check`.
    pub fn of_check(args: &'a Inputs, today: DateTime<Utc>) -> Self {
        Self {
            snapshot: args.snapshot.as_deref(),
            demo: args.demo,
            no_snapshot: args.no_snapshot,
            tenant: args.tenant.as_deref(),
            config: args.config.as_deref(),
            answers: args.answers.as_deref(),
            fresh: false,
            params: &args.params,
            targets: &args.targets,
            today,
            sealed: false,
        }
    }

    /// Of `attest`: nothing, or a folder with a tenant's other files in it, is an audit by answers alone.
    pub fn of_attest(args: &'a Attest, today: DateTime<Utc>) -> Self {
        let bare = |path: &Path| {
            let has = |name: &str| path.join(name).exists();
            let files = has(configuration::NAME) || has(ANSWERS);
            path.is_dir() && files && !has("manifest.json") && !SNAPSHOTS.into_iter().any(has)
        };
        Self {
            snapshot: args.snapshot.as_deref(),
            demo: false,
            no_snapshot: args.snapshot.as_deref().is_none_or(bare),
            tenant: args.tenant.as_deref(),
            config: args.config.as_deref(),
            answers: args.answers.as_deref(),
            fresh: true,
            params: &args.params,
            targets: &args.targets,
            today,
            sealed: false,
        }
    }
}
