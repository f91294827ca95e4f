//! Whether the snapshot holds what the tenant has: all of it, once, as the manifest says. Comes in: a
//! snapshot's folder, and the tenant. Goes out: a line, or what is wrong.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use levelmark::sections::Section;
use levelmark::snapshot::record::State;
use levelmark::snapshot::{Snapshot, Wanted};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Outcome, serve};
use crate::Failure;
use crate::fake_graph::tenant::Items;

/// Compares item by item; the reader has compared counts and digests before.
pub fn verify(outcome: &Outcome, out: &Path) -> Result<String, Failure> {
    let tenant = serve::tenant(&outcome.options)?;
    let snapshot = Snapshot::open(out, Wanted::All)?;
    let (mut items, mut bytes, mut read, mut refused) = (0, 0, 0, 0);
    for section in &outcome.options.sections {
        let record = snapshot.record(section.id).ok_or_else(|| format!("{} has no state", section.id))?;
        let asked_once = section.graph.is_some_and(|graph| graph.over.is_none());
        let there = tenant.items(section).ok().filter(|_| asked_once);
        let Some(found) = snapshot.section(section.id) else {
            if record.state == State::Read || there.is_some_and(|_| record.state == State::Failed) {
                return Err(format!("{} is {:?}: {:?}", section.id, record.state, record.reason).into());
            }
            refused += 1;
            continue;
        };
        if record.state != State::Read || !record.without.is_empty() {
            return Err(format!("{} is {:?}: {record:?}", section.id, record.state).into());
        }
        let found: Vec<Value> = found.elements().map(|item| item.to_value()).collect();
        if let Some(there) = &there {
            same(section, there, &found)?;
        }
        let path = out.join(format!("{}.json", section.id));
        let text = fs::read(&path)?;
        let digest: String =
            Sha256::digest(compact(&text)?).iter().map(|byte| format!("{byte:02x}")).collect();
        if record.sha256.as_ref() != Some(&digest) {
            return Err(format!("the digest of {} is {digest}, not {:?}", section.id, record.sha256).into());
        }
        (items, bytes, read) = (items + found.len(), bytes + text.len(), read + 1);
    }
    Ok(format!(
        "{items} items, {:.1} MB written in {read} sections: as many as the tenant has, each once, digests right; \
         {refused} sections refused, as recorded",
        bytes as f64 / 1e6
    ))
}

fn compact(text: &[u8]) -> Result<Vec<u8>, Failure> {
    Ok(serde_json::to_vec(&serde_json::from_slice::<Value>(text)?)?)
}

/// Keys are those of the tenant, each once, and what was joined into an item is the item's own.
fn same(section: &Section, there: &Items<'_>, found: &[Value]) -> Result<(), Failure> {
    let wrong = |what: String| Err(format!("{}: {what}", section.id).into());
    if there.len() != found.len() {
        return wrong(format!("{} items instead of {}", found.len(), there.len()));
    }
    let key = |item: &Value| section.key.iter().map(|key| text(item, key)).collect::<Vec<_>>();
    if section.key.is_empty() {
        return Ok(());
    }
    let by_key: BTreeMap<Vec<String>, &Value> = found.iter().map(|item| (key(item), item)).collect();
    if by_key.len() != found.len() {
        return wrong(format!("{} of {} items came twice", found.len() - by_key.len(), found.len()));
    }
    let children = section.graph.map_or(&[][..], |graph| graph.children);
    for item in (0..there.len()).filter_map(|at| there.get(at)) {
        let Some(known) = by_key.get(&key(&item)) else {
            return wrong(format!("{:?} is missing", key(&item)));
        };
        for child in children {
            let ids = |item: &Value| {
                let list = item.get(child.field).and_then(Value::as_array);
                let mut ids: Vec<String> = list.into_iter().flatten().map(|one| text(one, "id")).collect();
                ids.sort();
                ids
            };
            if ids(known) != ids(&item) {
                return wrong(format!("{} of {:?} differ", child.field, key(&item)));
            }
        }
    }
    Ok(())
}

/// A value as text, GUIDs in lower case.
fn text(item: &Value, path: &str) -> String {
    let value = path.split('.').try_fold(item, |value, name| value.get(name));
    value
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_ascii_lowercase))
        .unwrap_or_default()
}
