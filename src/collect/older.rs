//! The snapshot that a collection adds to: which of its sections stay. Comes in: it, and what was collected.
//! Goes out: a manifest of both. Not here: reading Graph (`fetch`).

use super::order::{CollectError, Order};
use super::store::Store;
use crate::sections::{Section, Via, find};
use crate::snapshot::Snapshot;
use crate::snapshot::record::{Manifest, Redaction, SectionRecord};

/// Sections of the old snapshot that stay: what this collection did not ask for, and what came in
/// otherwise and Graph did not show. An old answer of Graph's never stands in for a new refusal.
pub(super) fn take_over(
    store: &Store,
    order: &Order,
    old: Option<&Snapshot>,
    manifest: &mut Manifest,
) -> Result<Vec<&'static str>, CollectError> {
    let Some(old) = old else { return Ok(Vec::new()) };
    let has_data = |record: &SectionRecord| record.state.has_data();
    let stays = |id: &str, record: &SectionRecord| match manifest.sections.get(id) {
        None => true,
        Some(new) => record.via != Some(Via::Graph) && has_data(record) && !has_data(new),
    };
    let staying: Vec<(&String, &SectionRecord)> =
        old.manifest.sections.iter().filter(|(id, record)| stays(id, record)).collect();
    let with_data: Vec<&'static Section> =
        staying.iter().filter(|(_, record)| has_data(record)).filter_map(|(id, _)| find(id)).collect();
    let mut taken = store.take_over(&order.out, &with_data)?;
    let ids = staying.iter().filter_map(|(id, _)| find(id)).map(|section| section.id).collect();
    let staying: Vec<(String, SectionRecord)> =
        staying.into_iter().map(|(id, record)| (id.clone(), record.clone())).collect();
    let at = old.manifest.taken.at;
    for (id, record) in staying {
        let record = taken.remove(id.as_str()).unwrap_or(record);
        manifest.sections.insert(id, SectionRecord { at: record.at.or(Some(at)), ..record });
    }
    let (new, known) = (&mut manifest.tenant, &old.manifest.tenant);
    new.display_name = new.display_name.take().or_else(|| known.display_name.clone());
    new.default_domain = new.default_domain.take().or_else(|| known.default_domain.clone());
    Ok(ids)
}

/// Whether what stays of an older snapshot was redacted with other words than what is new. Of both together it is not known
/// then with which.
pub(super) fn differ(old: Option<&Snapshot>, manifest: &mut Manifest) -> bool {
    let before = old.and_then(|old| old.manifest.redacted.as_ref());
    let differ = Redaction::other_words(before, manifest.redacted.as_ref());
    if let Some(own) = manifest.redacted.as_mut().filter(|_| differ) {
        own.words = None;
    }
    differ
}
