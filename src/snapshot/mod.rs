//! The evidence: a snapshot of a tenant, read from one file or a directory, with a byte span for
//! every value. Comes in: text. Goes out: sections with their states and documents. Not here:
//! what the sections mean (`sections`) and what follows from them (`engine`).

pub mod document;
pub mod number;
pub mod record;

use std::collections::BTreeMap;

/// A snapshot in memory. (worker A: read.rs builds it from a file, a directory or standard input.)
#[derive(Debug)]
pub struct Snapshot {
    /// What it says of itself.
    pub manifest: record::Manifest,
    /// Documents of the sections that have data, by section id; each root is an array. Only those
    /// that were asked for are parsed.
    pub documents: BTreeMap<String, document::Document>,
    /// SHA-256 over manifest and data, hex, the same for both forms? (worker A decides, documents it)
    pub digest: String,
}
// worker A:
// pub enum Wanted<'a> { All, These(&'a BTreeSet<String>) }
// impl Snapshot {
//   pub fn open(path: &Path, wanted: Wanted) -> Result<Snapshot, SnapshotError>     // file, directory, "-" = stdin is run.rs's: from_text
//   pub fn from_text(text: Text, wanted: Wanted) -> Result<Snapshot, SnapshotError>
//   pub fn record(&self, id) -> Option<&SectionRecord>; pub fn state(&self, id) -> State  // expiry of declarations is the engine's
// }
// write.rs: Draft::from_snapshot(&Snapshot), Draft::write(&self, path, Form::File|Form::Directory) -> Result<…>  // sorted by key, atomic, manifest last

/// A snapshot in the making: what import and declare fill and the writer puts on disk.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it says of itself and of each section.
    pub manifest: record::Manifest,
    /// Items of the sections that have data, by section id.
    pub data: BTreeMap<String, Vec<serde_json::Value>>,
}
