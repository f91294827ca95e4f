//! Items of one section on their way into the store. Comes in: items as Graph serves them. Goes out:
//! items in the normal forms of a snapshot, and a record that says what is missing. Not here: asking.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::client::Failure;
use super::store::{self, Store};
use super::veil::Veil;
use crate::import::graph::item::{cut, forget_secrets, moment};
use crate::sections::conform::Severity;
use crate::sections::normal::{Source, normalise};
use crate::sections::{Kind, Section, Shape, Via};
use crate::snapshot::record::{SectionRecord, State};
use crate::snapshot::stream::{self, Staged};

/// The most items of a section, and bytes of them: a reader takes files of 4 GiB.
const ITEMS: usize = 5_000_000;
const BYTES: u64 = 2 << 30;
/// Request ids that are kept of a section.
const REQUESTS: usize = 20;

/// Graph's own names are exact, and times without a zone are UTC. What the contract does not know is
/// kept: settings are taken whole, so that a change of something new is noticed.
const GRAPH: Source = Source { zoneless_is_utc: true, names_in_any_case: false, drop_unknown: false };

/// Items of one section.
#[derive(Debug)]
pub(super) struct Intake {
    section: &'static Section,
    staged: Staged,
    /// Set where items are redacted.
    veil: Option<Arc<Veil>>,
    /// Properties that no item keeps, and why.
    pub(super) without: BTreeMap<String, String>,
    /// What is missing of the section.
    pub(super) gaps: Vec<String>,
    /// Request ids, the first ones.
    requests: Vec<String>,
    oldest: Option<DateTime<Utc>>,
    cut: BTreeSet<String>,
}

impl Intake {
    /// Nothing yet.
    pub(super) fn new(
        section: &'static Section,
        store: &Store,
        veil: Option<Arc<Veil>>,
    ) -> Result<Self, Failure> {
        let staged = store.stage(section).map_err(|error| Failure::Disk(error.to_string()))?;
        Ok(Self {
            section,
            staged,
            veil,
            without: BTreeMap::new(),
            gaps: Vec::new(),
            requests: Vec::new(),
            oldest: None,
            cut: BTreeSet::new(),
        })
    }

    /// Number of items so far.
    pub(super) fn len(&self) -> u64 {
        self.staged.len() as u64
    }

    /// Notes the id of a request.
    pub(super) fn request(&mut self, id: Option<String>) {
        if self.requests.len() < REQUESTS {
            self.requests.extend(id);
        }
    }

    /// Adds an item.
    pub(super) fn add(&mut self, item: Map<String, Value>, store: &Store) -> Result<(), Failure> {
        if self.staged.len() >= ITEMS || self.staged.bytes() > BYTES {
            return Err(Failure::TooLarge(format!("more than {ITEMS} items or {} GB", BYTES >> 30)));
        }
        let mut item = Value::Object(item);
        cut(&item, &mut self.cut);
        if !stream::has_plain_key(self.section, &item) {
            self.gap("some items have keys longer than any id");
            return Ok(());
        }
        forget_secrets(&mut item);
        if let (Some(members), Some(fields)) = (item.as_object_mut(), self.section.fields) {
            members.retain(|name, _| fields.contains(&name.as_str()) || name == "@odata.type");
        }
        for problem in normalise(&mut item, self.section.contract(), GRAPH) {
            if problem.severity == Severity::Error {
                let mut steps = problem.pointer.split('/').skip(1);
                let field = steps.next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
                self.without.entry(field).or_insert_with(|| format!("a value {}", problem.message));
            }
        }
        if self.section.kind == Kind::Log {
            self.oldest = self.oldest.into_iter().chain(moment(&item)).min();
        }
        // From here on it may touch the disk.
        if let Some(veil) = &self.veil {
            veil.draw(self.section, &mut item);
        }
        let text = serde_json::to_vec(&item).map_err(|error| Failure::Disk(error.to_string()))?;
        if !store.has_room(text.len() as u64) {
            let most = store::MOST >> 30;
            return Err(Failure::TooLarge(format!("all sections together are more than {most} GB")));
        }
        self.staged.push_text(&item, &text).map_err(|error| Failure::Disk(error.to_string()))
    }

    /// Says once what is missing.
    pub(super) fn gap(&mut self, what: &str) {
        if !self.gaps.iter().any(|gap| gap == what) {
            self.gaps.push(what.to_owned());
        }
    }

    /// The section's record, and its items. `from`: how far back a log was asked for; none where it was
    /// not asked for a time.
    pub(super) fn finish(
        mut self,
        at: DateTime<Utc>,
        from: Option<DateTime<Utc>>,
    ) -> (Option<Staged>, SectionRecord) {
        if !self.cut.is_empty() {
            let names = self.cut.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            self.gaps.push(format!(
                "the expanded {names} of some items go on in pages that Graph names only there"
            ));
        }
        let base = SectionRecord {
            at: Some(at),
            via: Some(Via::Graph),
            requests: std::mem::take(&mut self.requests),
            ..SectionRecord::of(State::Read)
        };
        if self.section.shape == Shape::Singleton && self.staged.len() != 1 {
            let reason = match self.staged.len() {
                0 => "the answer held nothing, though there is always one".to_owned(),
                many => format!("one object was expected, {many} came"),
            };
            return (None, SectionRecord { state: State::Failed, reason: Some(reason), ..base });
        }
        let whole = self.gaps.is_empty();
        // Without a time in the request a log reaches to its oldest entry; empty, it proves nothing.
        let from = (self.section.kind == Kind::Log).then(|| self.reach(from, at));
        let record = SectionRecord {
            state: if whole { State::Read } else { State::Partial },
            fields: self.section.fields.map(|fields| fields.iter().map(|&field| field.to_owned()).collect()),
            without: self.without,
            from,
            reason: (!whole).then(|| self.gaps.join("; ")),
            ..base
        };
        (Some(self.staged), record)
    }

    /// How far back a log is known. Where the request named no time, to its oldest entry; empty, it proves
    /// nothing. Where nobody promises how long entries are kept, but some come all the time, silence for
    /// longer than that before the oldest means that older ones are gone.
    fn reach(&self, asked: Option<DateTime<Utc>>, at: DateTime<Utc>) -> DateTime<Utc> {
        let every = self.section.graph.map_or(0, |graph| graph.every);
        match (asked, self.oldest) {
            (Some(asked), _) if every == 0 => asked,
            (Some(asked), Some(oldest)) => asked.max(oldest - TimeDelta::days(every.into())),
            (None, Some(oldest)) => oldest,
            (Some(_) | None, None) => at,
        }
    }
}
