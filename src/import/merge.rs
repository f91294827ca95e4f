//! Brings an import into a snapshot of the same tenant. Comes in: two drafts. Goes out: one. Not here:
//! reading and writing them.
//!
//! Section by section, the later one wins: it replaces the other whole, items are never mixed. Two
//! exceptions, both said in the notes: an older section does not replace a later one, and a section
//! that nobody could read does not replace one that has data. `force` lifts both.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::ImportError;
use super::values::rfc3339;
use crate::sections::Via;
use crate::snapshot::Draft;
use crate::snapshot::record::{SectionRecord, State};

/// A merged snapshot.
#[derive(Debug)]
pub struct Merged {
    /// The snapshot; its evidence time is that of the latest section.
    pub draft: Draft,
    /// What was replaced and what was kept, for people.
    pub notes: Vec<String>,
}

/// Merges `from`, which messages call `name`, into `into`.
///
/// # Errors
/// They are of different tenants.
pub fn merge(mut into: Draft, from: Draft, name: &str, force: bool) -> Result<Merged, ImportError> {
    let (expected, found) = (&into.manifest.tenant.id, &from.manifest.tenant.id);
    if !expected.eq_ignore_ascii_case(found) {
        return Err(ImportError::OtherTenant {
            name: name.into(),
            found: found.clone(),
            expected: expected.clone(),
        });
    }
    let mut notes = Vec::new();
    let (ours, theirs) = (into.manifest.taken.at, from.manifest.taken.at);
    let Draft { manifest: incoming, mut data } = from;
    for (id, record) in incoming.sections {
        let new = Side { record: &record, at: record.at.unwrap_or(theirs) };
        let old =
            into.manifest.sections.get(&id).map(|record| Side { record, at: record.at.unwrap_or(ours) });
        match decide(old.as_ref(), &new) {
            Step::Add => {}
            Step::Replace(note) => notes.extend(note.map(|note| format!("{id}: {note}"))),
            Step::Keep(note) if force => notes.push(format!("{id}: replaced, as forced, though {note}")),
            Step::Keep(note) => {
                notes.push(format!("{id}: not replaced, since {note}"));
                continue;
            }
        }
        let record = SectionRecord { at: Some(new.at), ..record.clone() };
        put(&mut into, id, record, &mut data);
    }
    let tenant = &mut into.manifest.tenant;
    tenant.display_name = tenant.display_name.take().or(incoming.tenant.display_name);
    tenant.default_domain = tenant.default_domain.take().or(incoming.tenant.default_domain);
    let taken = &mut into.manifest.taken;
    taken.identity = taken.identity.take().or(incoming.taken.identity);
    taken.by = incoming.taken.by;
    taken.at = latest(&into.manifest.sections, ours);
    Ok(Merged { draft: into, notes })
}

/// The time of the latest section. What a person declared counts from its date on, but is no
/// observation: it does not move the end of the periods that logs are judged by.
fn latest(sections: &BTreeMap<String, SectionRecord>, otherwise: DateTime<Utc>) -> DateTime<Utc> {
    let observed = sections.values().filter(|record| record.via != Some(Via::Declared));
    observed.map(|record| record.at.unwrap_or(otherwise)).max().unwrap_or(otherwise)
}

struct Side<'r> {
    record: &'r SectionRecord,
    at: DateTime<Utc>,
}

enum Step {
    Add,
    /// With something to say about it.
    Replace(Option<String>),
    /// Why the older one stays.
    Keep(String),
}

fn decide(old: Option<&Side>, new: &Side) -> Step {
    let Some(old) = old.filter(|old| old.record.state != State::NotAsked) else { return Step::Add };
    match (old.record.state.has_data(), new.record.state.has_data()) {
        (true, false) => return Step::Keep("the import could not read it and the snapshot has it".into()),
        (false, true) => return Step::Replace(None),
        (true, true) | (false, false) => {}
    }
    let (before, after) = (rfc3339(old.at), rfc3339(new.at));
    match new.at.cmp(&old.at) {
        Ordering::Less => Step::Keep(format!("the snapshot's is of {before} and the import's of {after}")),
        Ordering::Equal => Step::Replace(None),
        Ordering::Greater => Step::Replace(Some(format!("that of {before} is replaced by that of {after}"))),
    }
}

fn put(into: &mut Draft, id: String, record: SectionRecord, data: &mut BTreeMap<String, Vec<Value>>) {
    match data.remove(&id) {
        Some(items) => into.data.insert(id.clone(), items),
        None => into.data.remove(&id),
    };
    into.manifest.sections.insert(id, record);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::import::harvest::{Harvest, missing, record};
    use crate::import::values::time;
    use crate::snapshot::record::{Cloud, Tenant};

    const ID: &str = "aaaaaaaa-0000-0000-0000-000000000001";
    const SECTION: &str = "groups.settings";

    fn draft(id: &str, at: &str, name: Option<&str>) -> Draft {
        let tenant = Tenant { id: id.into(), display_name: None, default_domain: None, cloud: Cloud::Global };
        let mut harvest = Harvest::new(Via::Graph);
        match name {
            Some(name) => {
                harvest.put(SECTION, vec![json!({"id": "1", "displayName": name})], record(State::Read))
            }
            None => harvest.lack(SECTION, missing(State::Denied, "no")),
        }
        harvest.finish(tenant, time(at).unwrap()).draft
    }

    /// The name that the section holds after merging a second draft into a first.
    fn merged(
        first: (&str, Option<&str>),
        second: (&str, Option<&str>),
        force: bool,
    ) -> (Option<String>, Vec<String>) {
        let merged = merge(draft(ID, first.0, first.1), draft(ID, second.0, second.1), "b", force).unwrap();
        let has = merged.draft.manifest.sections[SECTION].state.has_data();
        assert_eq!(has, merged.draft.data.contains_key(SECTION));
        let name = merged.draft.data.get(SECTION).and_then(|items| items[0]["displayName"].as_str());
        (name.map(str::to_string), merged.notes)
    }

    #[test]
    fn the_later_one_wins_and_what_was_read_is_not_lost() {
        let (old, new) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
        for (first, second, force, expected, note) in [
            ((old, Some("a")), (new, Some("b")), false, Some("b"), "replaced by"),
            ((new, Some("a")), (old, Some("b")), false, Some("a"), "not replaced"),
            ((new, Some("a")), (old, Some("b")), true, Some("b"), "as forced"),
            ((old, Some("a")), (old, Some("b")), false, Some("b"), ""),
            ((old, Some("a")), (new, None), false, Some("a"), "could not read it"),
            ((old, Some("a")), (new, None), true, None, "as forced"),
            ((new, None), (old, Some("b")), false, Some("b"), ""),
        ] {
            let (name, notes) = merged(first, second, force);
            assert_eq!(name.as_deref(), expected, "{first:?} {second:?} {force}");
            assert_eq!(notes.iter().any(|said| said.contains(note)), !note.is_empty(), "{notes:?}");
        }
    }

    #[test]
    fn the_evidence_time_is_that_of_the_latest_section() {
        let (old, new) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
        let at = |first, second: (&str, Option<&str>)| {
            let merged =
                merge(draft(ID, first, Some("a")), draft(ID, second.0, second.1), "b", false).unwrap();
            rfc3339(merged.draft.manifest.taken.at)
        };
        assert_eq!(at(old, (new, Some("b"))), new);
        assert_eq!(at(new, (old, Some("b"))), new);
        assert_eq!(at(old, (new, None)), old, "nothing of the import was taken");
    }

    #[test]
    fn another_tenant_is_refused_with_both_ids() {
        let other = "ffffffff-0000-0000-0000-000000000001";
        let at = "2026-01-01T00:00:00Z";
        let error =
            merge(draft(ID, at, None), draft(other, at, None), "b.json", true).unwrap_err().to_string();
        assert!(error.contains("b.json") && error.contains(ID) && error.contains(other), "{error}");
        let same = merge(draft(ID, at, None), draft(&ID.to_uppercase(), at, None), "b", false);
        assert!(same.is_ok());
    }
}
