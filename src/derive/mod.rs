//! Derived sections: joins that a path cannot say, computed when a check asks and never stored.
//! Comes in: sections with their records. Goes out: a document of our own shape (contract
//! `derived.json`), for every item the places it came from, and what cannot be said because an
//! input is missing. They read no parameters and no clock. Not here: what follows (`engine`).

mod access_policies;
mod citations;
mod derived;
mod issues;
mod messages;
mod planner;
mod registers;
mod role_holders;
mod source;
mod text;

#[cfg(test)]
mod test_fixture;

pub use derived::{Cause, Derived, Lacking, Origin, Seen};
pub use source::{Input, Inputs};
pub(crate) use text::decoded;

use chrono::{DateTime, Utc};

use crate::snapshot::document::JsonError;

/// The derived sections that exist, in order.
pub const IDS: &[&str] =
    &[access_policies::NAME, citations::NAME, issues::NAME, messages::NAME, role_holders::NAME];

/// The sections that a derived section is made from; empty for an unknown name.
pub fn inputs(id: &str) -> &'static [Input] {
    match id {
        access_policies::NAME => access_policies::INPUTS,
        citations::NAME => citations::INPUTS,
        issues::NAME => issues::INPUTS,
        messages::NAME => messages::INPUTS,
        role_holders::NAME => role_holders::INPUTS,
        _ => &[],
    }
}

/// An instant as snapshots write it: RFC 3339, or a date (its first moment in UTC).
#[must_use]
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    text::instant(text)
}

/// A title as it can be compared: without the service before it, `(Updated)`, case and spaces.
#[must_use]
pub fn title(text: &str) -> String {
    text::Title::of(text).words
}

/// Computes a derived section, e.g. `derived.roleHolders`. The same inputs give the same bytes.
///
/// # Errors
/// An unknown name, and a result that is no document (larger than 4 GiB).
pub fn compute(id: &str, inputs: &dyn Inputs) -> Result<Derived, DeriveError> {
    match id {
        access_policies::NAME => access_policies::compute(inputs),
        citations::NAME => citations::compute(inputs),
        issues::NAME => issues::compute(inputs),
        messages::NAME => messages::compute(inputs),
        role_holders::NAME => role_holders::compute(inputs),
        _ => Err(DeriveError::Unknown(id.to_owned())),
    }
}

/// Why there is no derived section: a defect of ours, or a tenant beyond our limits.
#[derive(Debug, thiserror::Error)]
pub enum DeriveError {
    /// Policies are validated before, so this is a defect.
    #[error("no derived section is called `{0}`")]
    Unknown(String),
    /// An item cannot be written as JSON.
    #[error("write an item of a derived section: {0}")]
    Write(#[from] serde_json::Error),
    /// What was written cannot be read back.
    #[error("read a derived section: {0}")]
    Read(#[from] JsonError),
}
