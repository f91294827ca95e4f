//! The manifest of a bundle: every file with its digest, and all that was asked. Comes in: JSON. Goes out:
//! a checked `Manifest`. Not here: the files themselves (`unpack`), and what the options do.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    ANSWERS, BASELINE, BUILTIN, CONFIGURATION, CONFIGURATIONS, Problem, README, RESULT, SNAPSHOT,
    SNAPSHOT_FILE, limits, paths,
};
use crate::report::model::FailOn;
use crate::verdict::gate::OnUnknown;

/// The version of the format that this program reads and writes.
pub const FORMAT: u32 = 1;

/// What a bundle says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// Format and version.
    pub levelmark: Format,
    /// What packed it, e.g. `levelmark 0.1.0`.
    pub tool: String,
    /// What was asked.
    pub options: Options,
    /// Evidence that answers and waivers name and that is not in here.
    pub left_out: Vec<LeftOut>,
    /// All other files, in order of their paths.
    pub files: Vec<File>,
}

/// `{ "bundle": 1 }`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// Version of the format.
    pub bundle: u32,
}

/// A file and what it has to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Below the bundle's root, with `/`.
    pub path: String,
    /// How long.
    pub bytes: u64,
    /// SHA-256, hex.
    pub sha256: String,
}

/// Named as evidence, and not packed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// As somebody wrote it.
    pub evidence: String,
    /// Why not.
    pub why: String,
}

/// All that decides a result, beside what stands in the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// What decided expiry.
    pub today: DateTime<Utc>,
    /// The evidence; null where it rests on answers alone.
    pub snapshot: Option<Snapshot>,
    /// Directory id of the tenant, where it was named.
    pub tenant: Option<String>,
    /// Path of the configuration.
    pub configuration: Option<String>,
    /// Path of the answers.
    pub answers: Option<String>,
    /// Path of the earlier result.
    pub baseline: Option<String>,
    /// Which policies.
    pub policies: Policies,
    /// `--param`
    pub params: Vec<String>,
    /// `--target`
    pub targets: Vec<String>,
    /// `--policy`
    pub only: Vec<String>,
    /// `--fail-on`
    pub fail_on: Vec<FailOn>,
    /// `--on-unknown`
    pub on_unknown: OnUnknown,
    /// `--urgent-only`
    pub urgent_only: bool,
    /// `--no-waivers`
    pub no_waivers: bool,
    /// `--max-age`, in seconds.
    pub max_age_seconds: Option<i64>,
    /// `--max-evidence`
    pub max_evidence: usize,
}

/// The evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// `snapshot` or `snapshot.json`.
    pub path: String,
    /// What stands before the names of its files in the result; of a single file its whole name.
    pub named: String,
}

/// Which policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Policies {
    /// Those that came with the program.
    pub builtin: String,
    /// The organisation's own, in the order of the command line.
    pub folders: Vec<String>,
    /// `--no-builtin`
    pub no_builtin: bool,
    /// `--allow-override`
    pub allow_override: Vec<String>,
}

/// As much of a manifest as says whether it is one.
#[derive(Deserialize)]
struct Head {
    levelmark: AnyFormat,
    #[serde(default)]
    tool: String,
}

#[derive(Deserialize)]
struct AnyFormat {
    bundle: u64,
}

impl Manifest {
    /// Reads it and checks all that can be checked without the files.
    ///
    /// # Errors
    /// No manifest of a bundle, another version, names and paths that no bundle has.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let wrong = |error: serde_json::Error| Problem::new(format!("its manifest can't be read: {error}"));
        let head: Head = serde_json::from_slice(bytes)
            .map_err(|error| wrong(error).help("a bundle is what `levelmark bundle` wrote"))?;
        if head.levelmark.bundle != u64::from(FORMAT) {
            return Err(Problem::new(format!(
                "it is a bundle of version {}, this program reads version {FORMAT}",
                head.levelmark.bundle
            ))
            .help(format!("verify it with the program that made it: {}", shown(&head.tool))));
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(wrong)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The files by path.
    pub fn by_path(&self) -> BTreeMap<&str, &File> {
        self.files.iter().map(|file| (file.path.as_str(), file)).collect()
    }

    /// Whether files and options are such as `levelmark bundle` writes.
    ///
    /// # Errors
    /// The first thing that is not.
    pub fn check(&self) -> Result<(), Problem> {
        let refuse =
            |what: &str, why: &str| Err(Problem::new(format!("its manifest names {}: {why}", shown(what))));
        if self.files.len() > limits::FILES {
            return Err(Problem::new(format!("it has more than {} files", limits::FILES)));
        }
        self.options.check()?;
        let mut seen = BTreeSet::new();
        let mut total: u64 = 0;
        for file in &self.files {
            if let Some(why) = paths::fault(&file.path) {
                return refuse(&file.path, why);
            }
            if !seen.insert(paths::folded(&file.path)) {
                return refuse(&file.path, "it is named twice");
            }
            if !paths::used(&file.path, &self.options) {
                return refuse(&file.path, "nothing in its options uses it");
            }
            if file.sha256.len() != 64 || !file.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            {
                return refuse(&file.path, "its digest is no SHA-256");
            }
            total = total.saturating_add(file.bytes);
        }
        if total > limits::BYTES {
            return Err(Problem::new(format!("it holds more than {} bytes", limits::BYTES)));
        }
        let files = self.by_path();
        let named = [&self.options.configuration, &self.options.answers, &self.options.baseline];
        let named = named.into_iter().flatten().map(String::as_str).chain([RESULT, README]);
        match named.into_iter().find(|path| !files.contains_key(path)) {
            Some(path) => refuse(path, "it is not among its files"),
            None => Ok(()),
        }
    }
}

impl Options {
    fn check(&self) -> Result<(), Problem> {
        let one_of = |path: Option<&str>, allowed: &[&str]| path.is_none_or(|path| allowed.contains(&path));
        let configuration = self.configuration.as_deref().is_none_or(|path| {
            path == CONFIGURATION
                || (path.strip_prefix(CONFIGURATIONS).is_some_and(|rest| rest.starts_with('/'))
                    && paths::fault(path).is_none())
        });
        let mut folders = self.policies.folders.iter().enumerate();
        let good = configuration
            && one_of(self.answers.as_deref(), &[ANSWERS])
            && one_of(self.baseline.as_deref(), &[BASELINE])
            && one_of(
                self.snapshot.as_ref().map(|snapshot| snapshot.path.as_str()),
                &[SNAPSHOT, SNAPSHOT_FILE],
            )
            && self.policies.builtin == BUILTIN
            && folders.all(|(n, folder)| *folder == own(n));
        if good { Ok(()) } else { Err(Problem::new("its manifest names files where no bundle has them")) }
    }
}

/// Where the n-th folder of own policies is.
pub fn own(number: usize) -> String {
    format!("policies/{}", number + 1)
}

fn shown(text: &str) -> String {
    let short: String = text.chars().take(120).collect();
    format!("`{}`", crate::report::escape::terminal(&short))
}
