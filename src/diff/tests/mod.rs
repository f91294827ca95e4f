//! Comparing sections in memory: identities, lists, states, rules. Each is a table or a small story.

mod approvals;
mod identities;
mod lists;
mod rules;
mod states;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Drift, Options, compare};
use crate::config::Config;
use crate::sections;
use crate::snapshot::Snapshot;
use crate::snapshot::record::{Cloud, SectionRecord, State, Tenant};

const NAKED: Options<'static> = Options { sections: None, rules: &[], ignore: false, foreign: false };
const USUAL: Options<'static> = Options { ignore: true, ..NAKED };

fn snapshot(sections: &[(&str, SectionRecord, Value)]) -> Snapshot {
    let tenant = Tenant { id: "t".into(), display_name: None, default_domain: None, cloud: Cloud::Global };
    let of = |(id, record, items): &(&str, SectionRecord, Value)| {
        ((*id).to_owned(), (record.clone(), items.clone()))
    };
    let sections: BTreeMap<_, _> = sections.iter().map(of).collect();
    Snapshot::from_sections(tenant, "2026-11-02T00:00:00Z".parse().unwrap(), sections).unwrap()
}

/// One section on both sides, and what the comparison says, as lines.
fn section(id: &str, old: &Value, new: &Value) -> Vec<String> {
    with(id, SectionRecord::of(State::Read), old, SectionRecord::of(State::Read), new, &NAKED)
}

fn with(
    id: &str,
    old_record: SectionRecord,
    old: &Value,
    new_record: SectionRecord,
    new: &Value,
    options: &Options<'_>,
) -> Vec<String> {
    let old = snapshot(&[(id, old_record, old.clone())]);
    let new = snapshot(&[(id, new_record, new.clone())]);
    lines(&compare(&old, &new, options))
}

/// `Kind key pointer old -> new`, and notes.
fn lines(drift: &Drift<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for section in &drift.sections {
        for change in &section.changes {
            let raw = |node: crate::snapshot::document::NodeRef<'_>| node.to_value().to_string();
            let side = |side: super::Side<'_>| side.value().map_or_else(|| "absent".to_owned(), raw);
            let item = change.new_item.or(change.old_item);
            let key = item.and_then(|item| crate::snapshot::item::key(section.id, item)).unwrap_or_default();
            let mut line = format!("{:?} {key} {}", change.kind, change.pointer);
            if let Some(old) = &change.old_pointer {
                line.push_str(&format!(" (was {old})"));
            }
            if change.lost.is_empty() && change.gained.is_empty() {
                if !change.pointer.is_empty() {
                    line.push_str(&format!(" {} -> {}", side(change.old), side(change.new)));
                }
            } else {
                change.lost.iter().for_each(|node| line.push_str(&format!(" -{}", raw(*node))));
                change.gained.iter().for_each(|node| line.push_str(&format!(" +{}", raw(*node))));
            }
            lines.push(line);
        }
    }
    lines
}

fn config(text: &str) -> Config {
    Config::read("levelmark.yaml", text.as_bytes()).unwrap()
}
