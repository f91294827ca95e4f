//! A result with all that it rests on, in one file: what an auditor needs to evaluate it again. Comes in:
//! bytes and paths, or a file of somebody else. Goes out: an archive, or a folder whose every file is the
//! one that the manifest names. Not here: finding the files and evaluating them (`commands::bundle`).

pub mod compare;
pub mod evidence;
pub mod manifest;
pub mod pack;
pub mod paths;
pub mod unpack;

/// The manifest inside the archive, its first entry.
pub const MANIFEST: &str = "manifest.json";
/// The result.
pub const RESULT: &str = "result.json";
/// What this is, for people.
pub const README: &str = "README.txt";
/// The configuration, where it builds on no other.
pub const CONFIGURATION: &str = "levelmark.yaml";
/// Where configurations are that build on each other.
pub const CONFIGURATIONS: &str = "configuration";
/// The answers.
pub const ANSWERS: &str = "attestations.yaml";
/// The earlier result that was compared with.
pub const BASELINE: &str = "baseline.json";
/// A snapshot that is a directory.
pub const SNAPSHOT: &str = "snapshot";
/// A snapshot that is one file.
pub const SNAPSHOT_FILE: &str = "snapshot.json";
/// The policies that came with the program.
pub const BUILTIN: &str = "policies/builtin";
/// Local files that answers and waivers name.
pub const EVIDENCE: &str = "evidence";

/// Limits of what is packed and of what is unpacked: one never makes what the other refuses.
pub mod limits {
    /// Files in a bundle.
    pub const FILES: usize = 20_000;
    /// Bytes of all files, and of the archive: below what needs Zip64 (APPNOTE 4.3.9.2).
    pub const BYTES: u64 = (4 << 30) - (64 << 20);
    /// Bytes of the manifest.
    pub const MANIFEST: u64 = 16 << 20;
    /// Bytes of one file of evidence.
    pub const EVIDENCE: u64 = 64 << 20;
    /// Bytes that may always be unpacked.
    pub const FREE: u64 = 64 << 20;
    /// Beyond that, bytes unpacked for each byte of the archive. Deflate reaches 1032; JSON of a tenant 10 to 50.
    pub const RATIO: u64 = 300;
}

/// Why a file is no bundle, or why there can be none.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{message}")]
#[diagnostic(code(levelmark::bundle::invalid))]
pub struct Problem {
    message: String,
    #[help]
    help: Option<String>,
}

impl Problem {
    /// A sentence without a full stop.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// What the disk says.
    pub fn io(verb: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(format!("failed to {verb} {}: {error}", path.display()))
    }
}
