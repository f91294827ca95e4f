//! Gathers sections into a draft, with their records. Comes in: items and states, section by section.
//! Goes out: a draft of one tenant. Not here: any source's format.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::values::{Loss, tidy};
use super::{ImportError, Imported, Options};
use crate::sections::conform::{Problem, Severity};
use crate::sections::normal::{Source, is_guid, normalise};
use crate::sections::{self, Via};
use crate::snapshot::Draft;
use crate::snapshot::record::{Format, Manifest, SectionRecord, State, Taken, Tenant};

/// The program, as snapshots name it.
const PROGRAM: &str = concat!("levelmark ", env!("CARGO_PKG_VERSION"));

/// Files of others: names in any case, times that mean UTC, members that we don't list.
const FOREIGN: Source = Source { zoneless_is_utc: true, names_in_any_case: true, drop_unknown: true };

/// Names shown in a note.
const SHOWN: usize = 8;

/// A JSON pointer into an item as people read it, without indexes: `/posts/3/createdDateTime` ->
/// `posts.createdDateTime`.
fn dotted(pointer: &str) -> String {
    let steps = pointer.split('/').filter(|step| !step.is_empty() && step.parse::<u64>().is_err());
    steps.collect::<Vec<_>>().join(".")
}

/// A record of which only the state is known.
pub(crate) fn record(state: State) -> SectionRecord {
    SectionRecord {
        state,
        via: None,
        source: None,
        at: None,
        items: None,
        fields: None,
        without: BTreeMap::new(),
        from: None,
        needs: None,
        code: None,
        reason: None,
        requests: Vec::new(),
        sha256: None,
        declared: None,
    }
}

/// A record of a section that has no data, and why.
pub(crate) fn missing(state: State, reason: impl Into<String>) -> SectionRecord {
    SectionRecord { reason: Some(reason.into()), ..record(state) }
}

/// Sections on their way into a draft.
#[derive(Debug)]
pub(crate) struct Harvest {
    via: Via,
    sections: BTreeMap<String, SectionRecord>,
    data: BTreeMap<String, Vec<Value>>,
    /// What a reader should know.
    pub(crate) notes: Vec<String>,
}

impl Harvest {
    /// An empty harvest; `via` is how every section of it comes in.
    pub(crate) fn new(via: Via) -> Self {
        Self { via, sections: BTreeMap::new(), data: BTreeMap::new(), notes: Vec::new() }
    }

    /// Adds a section with data, brought to the normal forms of a snapshot.
    pub(crate) fn put(&mut self, id: &str, mut items: Vec<Value>, mut record: SectionRecord) {
        self.normalise(id, &mut items, &mut record);
        record.items = Some(items.len() as u64);
        self.data.insert(id.into(), items);
        self.sections.insert(id.into(), record);
    }

    /// Normal forms by contract. A value without one takes its property out of the section: it would
    /// compare wrongly. What the contract does not know is dropped and noted.
    fn normalise(&mut self, id: &str, items: &mut [Value], record: &mut SectionRecord) {
        let Some(section) = sections::find(id) else { return };
        let contract = section.contract();
        let problems: Vec<Problem> =
            items.iter_mut().flat_map(|item| normalise(item, contract, FOREIGN)).collect();
        let mut notes: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for problem in &problems {
            let path = dotted(&problem.pointer);
            match problem.severity {
                // That a list was made of one is what every import of ours does; not worth a line.
                Severity::Note if problem.message.contains("list of one") => {}
                Severity::Note | Severity::Warning => {
                    notes.entry(&problem.message).or_default().insert(path);
                }
                Severity::Error => {
                    let field = path.split('.').next().unwrap_or_default();
                    record
                        .without
                        .entry(field.into())
                        .or_insert_with(|| format!("{path} {}", problem.message));
                }
            }
        }
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            item.retain(|name, _| !record.without.contains_key(name));
        }
        if let Some(fields) = &mut record.fields {
            fields.retain(|name| contract.is_open() || contract.field(name).is_some());
        }
        for (message, paths) in notes {
            let shown: Vec<&str> = paths.iter().map(String::as_str).take(SHOWN).collect();
            let more = paths.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let each = if paths.len() > 1 { "each of " } else { "" };
            self.notes.push(format!("in {id}, {each}{}{more} {message}", shown.join(", ")));
        }
    }

    /// Adds a section without data: its state says why.
    pub(crate) fn lack(&mut self, id: &str, record: SectionRecord) {
        self.data.remove(id);
        self.sections.insert(id.into(), record);
    }

    /// The items of a section, if it has data.
    pub(crate) fn items(&self, id: &str) -> Option<&Vec<Value>> {
        self.data.get(id)
    }

    /// Changes the record of a section, and takes out what its `without` names.
    pub(crate) fn amend(&mut self, id: &str, change: impl FnOnce(&mut SectionRecord)) {
        let Some(record) = self.sections.get_mut(id) else { return };
        change(record);
        for item in self.data.get_mut(id).into_iter().flatten().filter_map(Value::as_object_mut) {
            item.retain(|name, _| !record.without.contains_key(name));
        }
    }

    /// Where a section came from.
    pub(crate) fn source_of(&self, id: &str) -> Option<&str> {
        self.sections.get(id)?.source.as_deref()
    }

    /// The latest time of a section that has one.
    pub(crate) fn latest(&self) -> Option<DateTime<Utc>> {
        self.sections.values().filter_map(|record| record.at).max()
    }

    /// Whether a section is already there.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.sections.contains_key(id)
    }

    /// Whether nothing came in.
    pub(crate) fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// The draft. Sections without a time of their own get `at`; the evidence time is the latest. A log
    /// of which nobody knows how far it goes back proves nothing of the past.
    pub(crate) fn finish(mut self, tenant: Tenant, at: DateTime<Utc>) -> Imported {
        let mut latest = None;
        for (id, record) in &mut self.sections {
            record.via = Some(self.via);
            let own = *record.at.get_or_insert(at);
            let log = sections::find(id).is_some_and(|section| section.kind == sections::Kind::Log);
            if log && record.state.has_data() {
                record.from.get_or_insert(own);
            }
            latest = latest.max(Some(own));
        }
        let taken = Taken { at: latest.unwrap_or(at), by: PROGRAM.into(), identity: None };
        let manifest = Manifest {
            levelmark: Format { snapshot: 1 },
            tenant,
            taken,
            redacted: None,
            sections: self.sections,
        };
        Imported { draft: Draft { manifest, data: self.data }, notes: self.notes }
    }
}

/// The tenant's id: the source's, checked against the one that the user named.
pub(crate) fn tenant_id(found: Option<&str>, options: &Options, name: &str) -> Result<String, ImportError> {
    let given = match options.tenant.as_deref() {
        Some(given) if is_guid(given) => Some(given.to_ascii_lowercase()),
        Some(given) => return Err(ImportError::TenantId { given: given.into() }),
        None => None,
    };
    let found = found.filter(|found| is_guid(found)).map(str::to_ascii_lowercase);
    match (found, given) {
        (Some(found), Some(expected)) if found != expected => {
            Err(ImportError::OtherTenant { name: name.into(), found, expected })
        }
        (Some(id), _) | (None, Some(id)) => Ok(id),
        (None, None) => Err(ImportError::NoTenant { name: name.into() }),
    }
}

/// Items of which only listed properties were taken.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    /// The items.
    pub(crate) items: Vec<Value>,
    /// Properties that at least one item had, and those that were lost.
    pub(crate) fields: BTreeSet<String>,
    /// Properties that the file has, but not their content.
    pub(crate) without: BTreeMap<String, String>,
}

impl Listed {
    /// Takes `names` of each item. Where the content of a property is lost in one item, the property
    /// leaves them all: half a property would look like an answer.
    pub(crate) fn take(rows: Vec<Map<String, Value>>, names: &[&str]) -> Self {
        let mut listed = Self::default();
        let mut lost: BTreeMap<&str, Loss> = BTreeMap::new();
        let mut taken = Vec::with_capacity(rows.len());
        for mut row in rows {
            let mut item = Map::new();
            for &name in names {
                let Some(value) = row.remove(name) else { continue };
                listed.fields.insert(name.into());
                match tidy(name, value) {
                    Ok(value) => {
                        item.insert(name.into(), value);
                    }
                    Err(loss) => {
                        lost.entry(name).or_insert(loss);
                    }
                }
            }
            taken.push(item);
        }
        for item in &mut taken {
            item.retain(|name, _| !lost.contains_key(name.as_str()));
        }
        listed.items = taken.into_iter().map(Value::Object).collect();
        listed.without = lost.into_iter().map(|(name, loss)| (name.into(), loss.to_string())).collect();
        listed
    }

    /// Takes a property out of all items, and says why.
    pub(crate) fn lose(&mut self, name: &str, why: &str) {
        for item in self.items.iter_mut().filter_map(Value::as_object_mut) {
            item.remove(name);
        }
        self.without.insert(name.into(), why.into());
    }

    /// A record of these items.
    pub(crate) fn record(&self, state: State) -> SectionRecord {
        SectionRecord {
            fields: (!self.items.is_empty()).then(|| self.fields.iter().cloned().collect()),
            without: self.without.clone(),
            ..record(state)
        }
    }
}
