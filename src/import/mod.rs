//! Ways into a snapshot from files that others wrote: ScubaGear exports, raw Graph bodies, saved
//! admin-centre responses, Maester results, UTCM snapshots. Comes in: bytes or a path. Goes out: a draft with a state for each section
//! that the source holds, and notes on what was left out. Not here: asking Graph (`collect`),
//! asking people (`declare`), writing to disk (`snapshot`).
//!
//! A rule for all of them: what a source did not see is never an empty list. It becomes a state with
//! its reason, or a property in `without`.

mod error;
pub mod graph;
mod harvest;
mod kind;
pub mod maester;
mod merge;
pub mod portal;
pub mod register;
pub mod scubagear;
pub(crate) mod text;
pub mod utcm;
mod values;

use chrono::{DateTime, Utc};

use crate::snapshot::Draft;
use crate::snapshot::record::State;

pub use error::ImportError;
pub use graph::graph;
pub use maester::maester;
pub use merge::{Merged, merge};
pub use portal::portal;
pub use scubagear::scubagear;
pub use text::read;
pub use utcm::utcm;

/// What the user says where a source is silent.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Directory id of the tenant. Must agree with the source's, if that names one.
    pub tenant: Option<String>,
    /// When the source was taken. The source's own time wins, if it has one.
    pub at: Option<DateTime<Utc>>,
}

/// The result of an import.
#[derive(Debug)]
pub struct Imported {
    /// The sections found, ready to be written or merged.
    pub draft: Draft,
    /// What a reader should know: left out, guessed, refused; whole sentences without a full stop.
    pub notes: Vec<String>,
}

/// One section of an import, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Section id.
    pub section: String,
    /// Its state.
    pub state: State,
    /// Number of items, where there is data.
    pub items: Option<u64>,
    /// What is missing and why: reason, needs, properties left out.
    pub missing: Vec<String>,
}

impl Imported {
    /// What came in, section by section, in the order of their ids.
    pub fn summary(&self) -> Vec<Line> {
        let sections = self.draft.manifest.sections.iter();
        sections
            .map(|(id, record)| Line {
                section: id.clone(),
                state: record.state,
                items: record.items,
                missing: (record.reason.iter().cloned())
                    .chain(record.needs.iter().map(|needs| format!("needs {needs}")))
                    .chain(record.without.iter().map(|(field, why)| format!("without {field}: {why}")))
                    .collect(),
            })
            .collect()
    }
}
