//! The evidence: a snapshot of a tenant, read from one file or a directory, with a byte span for
//! every value. Comes in: text. Goes out: sections with their states and documents. Not here:
//! what the sections mean (`sections`) and what follows from them (`engine`).

#[cfg(test)]
mod agreement_tests;
mod assemble;
mod digest;
pub mod document;
mod fault;
mod files;
mod indent;
pub mod item;
mod lex;
mod node;
pub mod number;
mod order;
mod parse;
pub mod problem;
#[cfg(test)]
mod reading_tests;
pub mod record;
mod skim;
pub mod stream;
mod tape;
mod text;
pub mod typed;
mod whole;
pub mod window;
pub mod write;
#[cfg(test)]
mod writing_tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use serde_json::Value;

use document::{Document, NodeRef, Text};
pub use files::listed;
pub use problem::SnapshotError;
use record::{Format, Manifest, SectionRecord, State, Taken, Tenant};
pub use write::{Draft, Form};

/// The version of the snapshot format that this program reads and writes.
pub const FORMAT: u32 = 1;

/// The most sections that a snapshot can have.
pub const SECTIONS: usize = 256;

/// A snapshot in memory.
#[derive(Debug)]
pub struct Snapshot {
    /// What it says of itself; `items` and `sha256` of every section with data are filled in.
    pub manifest: Manifest,
    /// Documents of the sections that have data, by section id; each root is an array. Only those
    /// that were asked for are parsed.
    pub documents: BTreeMap<String, Document>,
    /// SHA-256, hex, over the compact manifest, which has the SHA-256 of every section's values in
    /// it, asked for or not. It is the same for the file and the directory form, and does not depend
    /// on indentation, on line ends, on the order of sections, or on what was asked for.
    pub digest: String,
    /// What was put off with [`Wanted::Later`].
    pending: Vec<assemble::Found>,
}

/// Which sections to parse. The others are checked as far as `skim` goes, counted and digested.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// All that have data.
    All,
    /// These, as far as they have data.
    These(&'a BTreeSet<String>),
    /// None yet, but the texts stay: what is wanted is known when the digests are, see
    /// [`Snapshot::parse`].
    Later,
}

impl Wanted<'_> {
    fn has(self, id: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(ids) => ids.contains(id),
            Self::Later => false,
        }
    }
}

impl Snapshot {
    /// Reads a file, or a directory with a manifest.
    ///
    /// # Errors
    /// Whatever keeps it from being read, and every way in which manifest and data disagree.
    pub fn open(path: &Path, wanted: Wanted<'_>) -> Result<Self, SnapshotError> {
        let found = std::fs::metadata(path).map_err(|error| SnapshotError::io("read", path, &error))?;
        let parts = if found.is_dir() {
            files::parts(path, wanted)?
        } else {
            whole::parts(&files::text(path)?, wanted)?
        };
        assemble::assemble(parts)
    }

    /// Reads the form of a single file from a text, e.g. of standard input (see
    /// [`Text::from_bytes`]).
    ///
    /// # Errors
    /// As [`Snapshot::open`].
    pub fn from_text(text: Text, wanted: Wanted<'_>) -> Result<Self, SnapshotError> {
        assemble::assemble(whole::parts(&Arc::new(text), wanted)?)
    }

    /// A snapshot of values in memory, as the examples of policies have them. Each section is a
    /// document of its own, named like its file; `null` stands for no data.
    ///
    /// # Errors
    /// As [`Snapshot::open`], e.g. an unknown section, or a value that is not an array.
    pub fn from_sections(
        tenant: Tenant,
        taken_at: DateTime<Utc>,
        sections: BTreeMap<String, (SectionRecord, Value)>,
    ) -> Result<Self, SnapshotError> {
        let taken =
            Taken { at: taken_at, by: format!("levelmark {}", env!("CARGO_PKG_VERSION")), identity: None };
        let mut manifest = Manifest {
            levelmark: Format { snapshot: FORMAT },
            tenant,
            taken,
            redacted: None,
            sections: BTreeMap::new(),
        };
        let mut found = Vec::new();
        for (id, (record, value)) in sections {
            if !value.is_null() {
                found.push(assemble::Section::read(files::in_memory(&id, &value)?, Wanted::All));
            }
            manifest.sections.insert(id, record);
        }
        let page = files::page(&manifest)?;
        assemble::assemble(assemble::Parts { manifest: page, found, problems: Vec::new() })
    }

    /// Parses these of the sections that [`Wanted::Later`] put off, and lets go of the texts of the others.
    ///
    /// # Errors
    /// All of them that are no JSON.
    pub fn parse(&mut self, ids: &BTreeSet<String>) -> Result<(), SnapshotError> {
        let mut pending = std::mem::take(&mut self.pending);
        pending.retain(|found| ids.contains(&found.id));
        let parsed: Vec<_> = pending.into_par_iter().map(assemble::Found::parse).collect();
        let mut problems = Vec::new();
        for result in parsed {
            match result {
                Ok((id, document)) => drop(self.documents.insert(id, document)),
                Err(problem) => problems.push(problem),
            }
        }
        SnapshotError::all(problems)
    }

    /// What the snapshot says of a section; none where it was not asked.
    pub fn record(&self, id: &str) -> Option<&SectionRecord> {
        self.manifest.sections.get(id)
    }

    /// The state of a section. Whether a declared one has expired is not the snapshot's to say.
    pub fn state(&self, id: &str) -> State {
        self.record(id).map_or(State::NotAsked, |record| record.state)
    }

    /// The array of a section; none where it has no data, or was not asked for when opening.
    pub fn section(&self, id: &str) -> Option<NodeRef<'_>> {
        self.documents.get(id).map(Document::root)
    }

    /// The same as values, to change and write.
    ///
    /// # Errors
    /// A section has data that was not asked for when opening.
    pub fn to_draft(&self) -> Result<Draft, SnapshotError> {
        Draft::from_snapshot(self)
    }
}
