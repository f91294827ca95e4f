//! The posts of one tenant. Comes in: its snapshot. Goes out: posts with what became of each, and what could
//! not be seen. Not here: other tenants (`merge`).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Handled, Held, Post, Task, Tenant};
use crate::derive::{self, DeriveError, Derived};
use crate::snapshot::Snapshot;
use crate::snapshot::record::State;

/// The sections that are read.
pub const INPUTS: [&str; 6] =
    [MESSAGES, TRIAGE, "registers.communications", TASKS, "planner.plans", "planner.buckets"];
const MESSAGES: &str = "messageCenter.messages";
const TRIAGE: &str = "registers.triage";
const TASKS: &str = "planner.tasks";

/// What is known of one tenant.
#[derive(Debug)]
pub struct OfTenant {
    /// Whose.
    pub tenant: Tenant,
    /// Its posts, each held by it alone.
    pub posts: Vec<Post>,
}

/// One item of `derived.messages`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    id: String,
    title: Option<String>,
    services: Option<Vec<String>>,
    category: Option<String>,
    severity: Option<String>,
    is_major_change: Option<bool>,
    start_date_time: Option<String>,
    end_date_time: Option<String>,
    last_modified_date_time: Option<String>,
    action_required_by_date_time: Option<String>,
    triaged_at: Option<String>,
    decision: Option<String>,
    announced_at: Option<String>,
    has_task: Option<bool>,
    task_id: Option<String>,
    task_plan_ids: Option<Vec<String>>,
    task_bucket_ids: Option<Vec<String>>,
    task_state: Option<String>,
    task_assigned: Option<bool>,
    task_created_at: Option<String>,
    task_completed_at: Option<String>,
}

/// Reads the posts of a snapshot.
///
/// # Errors
/// Our defect, or a tenant beyond our limits.
pub fn read(name: &str, snapshot: &Snapshot) -> Result<OfTenant, DeriveError> {
    let derived = derive::compute("derived.messages", snapshot)?;
    let reader = Reader {
        name,
        taken: snapshot.manifest.taken.at,
        plans: names(snapshot, "planner.plans", "title"),
        buckets: names(snapshot, "planner.buckets", "name"),
        // Somebody could have triaged it where we see it.
        looked: [TRIAGE, TASKS].into_iter().any(|id| seen(snapshot.state(id))),
    };
    let posts: Result<Vec<Post>, serde_json::Error> = derived
        .document
        .root()
        .elements()
        .map(|item| Ok(reader.post(serde_json::from_str::<Message>(item.raw())?)))
        .collect();
    let posts = posts?;
    let lacking = lacking(snapshot, &derived);
    let tenant = Tenant {
        name: name.to_owned(),
        id: snapshot.manifest.tenant.id.clone(),
        taken: reader.taken,
        posts: seen(snapshot.state(MESSAGES)).then_some(posts.len()),
        lacking,
    };
    Ok(OfTenant { tenant, posts })
}

const fn seen(state: State) -> bool {
    match state {
        State::Read | State::Partial => true,
        State::Denied | State::Unlicensed | State::Unavailable | State::Failed | State::NotAsked => false,
    }
}

/// Why something is missing, each reason once.
fn lacking(snapshot: &Snapshot, derived: &Derived) -> Vec<String> {
    let mut reasons: Vec<String> = derived.causes.iter().map(|cause| cause.reason.clone()).collect();
    let fields = ["hasTask", "triagedAt"].into_iter().filter_map(|field| derived.without.get(field));
    reasons.extend(fields.map(|cause| cause.reason.clone()));
    if snapshot.state(MESSAGES) == State::Partial {
        reasons.push(format!("{MESSAGES} was read in part"));
    }
    reasons.sort();
    reasons.dedup();
    reasons
}

/// What people call the items of a section, by id.
fn names(snapshot: &Snapshot, section: &str, field: &str) -> BTreeMap<String, String> {
    let items = snapshot.section(section).into_iter().flat_map(|root| root.elements());
    let text = |item: crate::snapshot::document::NodeRef<'_>, name| {
        item.get(name).and_then(|value| value.as_str()).map(std::borrow::Cow::into_owned)
    };
    items.filter_map(|item| Some((text(item, "id")?, text(item, field)?))).collect()
}

struct Reader<'r> {
    name: &'r str,
    taken: DateTime<Utc>,
    plans: BTreeMap<String, String>,
    buckets: BTreeMap<String, String>,
    looked: bool,
}

impl Reader<'_> {
    fn post(&self, message: Message) -> Post {
        let published = time(message.start_date_time.as_deref());
        let held = Held {
            tenant: self.name.to_owned(),
            state: self.state(&message),
            task: message.has_task.unwrap_or(false).then(|| self.task(&message)),
            triaged: time(message.triaged_at.as_deref()),
            announced: time(message.announced_at.as_deref()),
            age_days: published.map(|at| (self.taken - at).num_days()),
            decision: message.decision,
        };
        Post {
            id: message.id,
            title: message.title,
            services: message.services.unwrap_or_default(),
            category: message.category,
            severity: message.severity,
            is_major_change: message.is_major_change,
            published,
            modified: time(message.last_modified_date_time.as_deref()),
            act_by: time(message.action_required_by_date_time.as_deref()),
            ends: time(message.end_date_time.as_deref()),
            overdue: false,
            tenants: vec![held],
        }
    }

    fn state(&self, message: &Message) -> Handled {
        match (message.has_task, message.task_state.as_deref(), message.decision.as_deref()) {
            (Some(true), Some("completed"), _) | (Some(false) | None, _, Some("noAction")) => Handled::Done,
            (Some(true), Some("notStarted"), _) => Handled::Planned,
            (Some(true), _, _) => Handled::InProgress,
            (Some(false) | None, _, Some(_)) => Handled::Decided,
            (Some(false) | None, _, None) if message.triaged_at.is_some() => Handled::Triaged,
            (Some(false) | None, _, None) if self.looked => Handled::Untriaged,
            (Some(false) | None, _, None) => Handled::Unknown,
        }
    }

    fn task(&self, message: &Message) -> Task {
        let called = |ids: &Option<Vec<String>>, names: &BTreeMap<String, String>| {
            let ids = ids.iter().flatten();
            ids.map(|id| names.get(id).unwrap_or(id).clone()).collect::<Vec<String>>()
        };
        let created = time(message.task_created_at.as_deref());
        let completed = time(message.task_completed_at.as_deref());
        Task {
            id: message.task_id.clone(),
            plans: called(&message.task_plan_ids, &self.plans),
            buckets: called(&message.task_bucket_ids, &self.buckets),
            state: message.task_state.clone(),
            assigned: message.task_assigned,
            created,
            completed,
            age_days: created.map(|at| (completed.unwrap_or(self.taken) - at).num_days()),
        }
    }
}

fn time(text: Option<&str>) -> Option<DateTime<Utc>> {
    derive::instant(text?)
}
