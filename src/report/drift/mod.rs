//! Drift as people and machines read it. Comes in: what a comparison came to (`diff`). Goes out: text, or a
//! value that serialises. Nodes become files, lines, columns and excerpts here, one at a time, so that a
//! hundred thousand differences need no memory beside what they are written to. Not here: comparing.

mod approved;
pub(in crate::report) mod entries;
mod github;
mod json;
mod markdown;
pub(in crate::report) mod ranked;
mod shown;
pub mod tenants;
mod text;
mod totals;
mod turned;
pub(in crate::report) mod unseen;
mod whole;
mod withheld;
mod words;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::diff::{Drift, Outcome};
use crate::effect::Effects;
use crate::report::detail::Detail;
use crate::snapshot::Snapshot;
use crate::snapshot::record::{Redaction, Tenant};

pub use self::approved::{Known, brief};
pub use self::github::render as github;
pub use self::json::json;
pub use self::markdown::render as markdown;
pub use self::text::{rules, single, text};
pub use self::whole::whole;
pub(in crate::report) use self::words::{kind, sentence, verdict};
pub use super::html::drift::render as html;

/// Version of the JSON form.
pub const FORMAT: u32 = 1;

/// Drift with what is to be said about it.
#[derive(Debug)]
pub struct Seen<'s> {
    /// What was found.
    pub drift: &'s Drift<'s>,
    /// Whose snapshots, of when.
    pub old: Head<'s>,
    /// The same of the new one.
    pub new: Head<'s>,
    /// What it does to the verdict; None where nothing was evaluated.
    pub effects: Option<&'s Effects>,
    /// The exit code that goes with it.
    pub exit: u8,
    /// Whether rules left anything out.
    pub ignored: bool,
    /// Sensitive sections whose values are shown.
    pub include: &'s BTreeSet<String>,
    /// How much of the tenant is shown; at `summary` no item at all.
    pub detail: Detail,
    /// Most bytes of Markdown.
    pub most: usize,
    /// What people accepted; None where nobody asked.
    pub approvals: Option<Known<'s>>,
    /// Things to know.
    pub notes: &'s [String],
}

/// A snapshot in short.
#[derive(Debug, Clone, Copy)]
pub struct Head<'s> {
    /// Where it was read from.
    pub path: &'s str,
    /// Whose.
    pub tenant: &'s Tenant,
    /// When it was taken.
    pub taken: DateTime<Utc>,
    /// SHA-256, hex.
    pub digest: &'s str,
    /// Set where names, addresses, ids and texts in it are pseudonyms.
    pub redacted: Option<&'s Redaction>,
}

impl<'s> Head<'s> {
    /// Of a snapshot.
    #[must_use]
    pub fn of(path: &'s str, snapshot: &'s Snapshot) -> Self {
        let manifest = &snapshot.manifest;
        Self {
            path,
            tenant: &manifest.tenant,
            taken: manifest.taken.at,
            digest: &snapshot.digest,
            redacted: manifest.redacted.as_ref(),
        }
    }
}

/// An outcome in a word or two.
#[must_use]
pub const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Same => "no drift",
        Outcome::NothingCompared => "nothing could be compared",
        Outcome::Undetermined => {
            "undetermined: nothing that was compared differs, and not all could be compared"
        }
        Outcome::Drift => "drift",
    }
}
