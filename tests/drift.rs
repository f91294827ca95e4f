//! What `levelmark diff` must hold: nothing differs from itself, order means nothing, and every single value
//! that is another is reported, once, at its place. Snapshots are changed in memory; the program itself is
//! run for what only it shows: exit codes, places in files, what it prints.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

#[path = "drift/detail.rs"]
mod detail;
#[path = "drift/effects.rs"]
mod effects;
#[path = "drift/exports.rs"]
mod exports;
mod folders;
#[path = "drift/mutate.rs"]
mod mutate;
#[path = "drift/mutations.rs"]
mod mutations;
#[path = "drift/order.rs"]
mod order;
mod program;
#[path = "drift/runs.rs"]
mod runs;
#[path = "drift/several.rs"]
mod several;
#[path = "drift/unseen.rs"]
mod unseen;

use std::collections::BTreeMap;
use std::path::Path;

use levelmark::diff::{self, Drift, Options};
use levelmark::snapshot::record::{SectionRecord, Tenant};
use levelmark::snapshot::{Snapshot, Wanted};
use serde_json::Value;

/// What a tenant's sections hold.
pub(crate) type Sections = BTreeMap<String, (SectionRecord, Value)>;

/// Everything is shown, nothing left out.
pub(crate) const NAKED: Options<'static> =
    Options { sections: None, rules: &[], ignore: false, foreign: false };
/// As by default.
pub(crate) const USUAL: Options<'static> = Options { ignore: true, ..NAKED };

pub(crate) const TENANTS: [&str; 4] = ["contoso", "hostile", "no-permissions", "out-of-the-box"];

pub(crate) fn fixture(name: &str) -> Snapshot {
    let path = Path::new("fixtures/tenants").join(name).join("snapshot");
    Snapshot::open(&path, Wanted::All).unwrap()
}

/// The sections that have data.
pub(crate) fn sections_of(snapshot: &Snapshot) -> Sections {
    let with_data = snapshot.documents.iter();
    let of = |(id, document): (&String, &levelmark::snapshot::document::Document)| {
        let mut record = snapshot.record(id).unwrap().clone();
        record.sha256 = None;
        record.items = None;
        (id.clone(), (record, document.root().to_value()))
    };
    with_data.map(of).collect()
}

pub(crate) fn tenant() -> Tenant {
    Tenant { id: "t".to_owned(), display_name: None, default_domain: None, cloud: Default::default() }
}

pub(crate) fn snapshot(sections: Sections) -> Snapshot {
    Snapshot::from_sections(tenant(), "2026-11-02T05:30:00Z".parse().unwrap(), sections).unwrap()
}

/// A snapshot of one section.
pub(crate) fn single(id: &str, record: &SectionRecord, items: Vec<Value>) -> Snapshot {
    snapshot(BTreeMap::from([(id.to_owned(), (record.clone(), Value::Array(items)))]))
}

/// What differs, as lines that are easy to compare.
pub(crate) fn lines(drift: &Drift<'_>) -> Vec<String> {
    let changes = drift.sections.iter().flat_map(|section| {
        section.changes.iter().map(|change| format!("{} {:?} {}", section.id, change.kind, change.pointer))
    });
    changes.collect()
}

/// What differs between two snapshots with nothing left out.
pub(crate) fn naked(old: &Snapshot, new: &Snapshot) -> Vec<String> {
    lines(&diff::compare(old, new, &NAKED))
}
