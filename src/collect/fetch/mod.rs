//! All sections of a plan, side by side, each after those that its requests are made for. Comes in: a
//! plan. Goes out: a record for each section, its items in the store. Not here: what is planned
//! (`plan`), how one request is sent (`client`).

mod children;
mod groups;
mod objects;
mod section;
mod window;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::client::{Client, Failure};
use super::clock::Clock;
use super::plan::{Fate, Plan, Planned};
use super::progress::{Event, Progress};
use super::sign_in::SignInError;
use super::store::{Store, StoreError};
use super::veil::Veil;
use crate::sections::{Section, Via};
use crate::snapshot::record::{SectionRecord, State};
use crate::snapshot::stream::Staged;

/// What all sections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub client: Client,
    pub store: Store,
    pub clock: Clock,
    pub progress: Arc<dyn Progress>,
    /// Parameters of the tenant.
    pub params: Map<String, Value>,
    /// How far back logs are read, in days.
    pub days: u32,
    /// A person is signed in.
    pub person: bool,
    /// Objects that parameters name are asked for alone, see `Graph::declared`.
    pub declared_only: bool,
    /// Set where items are redacted before they touch the disk.
    pub veil: Option<Arc<Veil>>,
}

/// Why a collection ended without an output.
#[derive(Debug)]
pub(super) enum Stop {
    SignIn(SignInError),
    Store(StoreError),
    Defect(String),
}

/// States of the sections, as they come about.
type States = BTreeMap<&'static str, watch::Receiver<Option<SectionRecord>>>;

/// Collects what is planned.
pub(super) async fn all(shared: &Arc<Shared>, plan: &Plan) -> Result<BTreeMap<String, SectionRecord>, Stop> {
    let mut states: States = BTreeMap::new();
    let mut senders = BTreeMap::new();
    for planned in &plan.sections {
        let (sender, receiver) = watch::channel(None);
        states.insert(planned.section.id, receiver);
        senders.insert(planned.section.id, sender);
    }
    let states = Arc::new(states);
    shared.progress.tell(Event::Planned(plan.to_ask()));
    let mut tasks: JoinSet<Result<(&'static str, SectionRecord), Stop>> = JoinSet::new();
    for planned in &plan.sections {
        let Some(sender) = senders.remove(planned.section.id) else { continue };
        let (shared, states, planned) = (shared.clone(), states.clone(), planned.clone());
        tasks.spawn(async move {
            let record = one(&shared, &states, &planned).await?;
            // Nobody may be waiting.
            let _ = sender.send(Some(record.clone()));
            Ok((planned.section.id, record))
        });
    }
    let mut records = BTreeMap::new();
    while let Some(ended) = tasks.join_next().await {
        let (id, record) = ended.map_err(|error| Stop::Defect(error.to_string()))??;
        records.insert(id.to_owned(), record);
    }
    Ok(records)
}

/// One section, whatever becomes of it.
async fn one(shared: &Arc<Shared>, states: &States, planned: &Planned) -> Result<SectionRecord, Stop> {
    let section = planned.section;
    let (staged, record) = match &planned.fate {
        Fate::Kept(record) => return Ok(record.clone()),
        Fate::Settled(record) => (None, record.clone()),
        Fate::Ask(how) => {
            let parents = parents(states, section).await;
            shared.progress.tell(Event::Begun(section.id));
            let result = section::fetch(shared, section, &parents, how).await;
            match result {
                Ok(found) => found,
                Err(Failure::SignIn(error)) => return Err(Stop::SignIn(error)),
                Err(failure) => (None, failure.record(section)),
            }
        }
    };
    let record = SectionRecord {
        via: Some(Via::Graph),
        source: record
            .source
            .clone()
            .or_else(|| section.graph.map(|graph| format!("GET /{}{}", graph.version, graph.path))),
        at: record.at.or_else(|| Some(whole_seconds(shared.clock.now()))),
        ..record
    };
    let mut record = record;
    if let Some(veil) = &shared.veil {
        veil.redactor().record(&mut record);
    }
    let record = keep(shared, section, staged, record).await?;
    if matches!(planned.fate, Fate::Ask(_)) {
        shared.progress.tell(Event::Ended(section.id, record.state, record.items.unwrap_or(0)));
    }
    Ok(record)
}

/// Sorting and writing a large section takes a while: not on a thread that answers wait for.
async fn keep(
    shared: &Arc<Shared>,
    section: &'static Section,
    staged: Option<Staged>,
    record: SectionRecord,
) -> Result<SectionRecord, Stop> {
    let own = shared.clone();
    let kept = tokio::task::spawn_blocking(move || own.store.keep(section, staged, record)).await;
    kept.map_err(|error| Stop::Defect(error.to_string()))?.map_err(Stop::Store)
}

/// Waits for the sections that this one's requests are made for; what is not planned was not asked.
async fn parents(states: &States, section: &Section) -> BTreeMap<&'static str, SectionRecord> {
    let mut parents = BTreeMap::new();
    for need in section.parents() {
        let record = match states.get(need) {
            Some(state) => {
                let mut state = state.clone();
                // The sender is gone only when all ends.
                let found = state.wait_for(Option::is_some).await.ok().and_then(|record| record.clone());
                found.unwrap_or_else(|| SectionRecord::of(State::Failed))
            }
            None => SectionRecord::of(State::NotAsked),
        };
        parents.insert(*need, record);
    }
    parents
}

/// Snapshots know whole seconds.
pub(super) fn whole_seconds(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}
