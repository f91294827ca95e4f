//! The posts of one tenant. Comes in: its snapshot. Goes out: posts with what became of each, and what could
//! not be seen. Not here: other tenants (`merge`).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Handled, Held, Post, Task, Tenant};
use crate::derive::{self, DeriveError, Derived};
use crate::snapshot::Snapshot;
use crate::snapshot::document::NodeRef;
use crate::snapshot::record::State;

/// The sections that are read.
pub const INPUTS: [&str; 6] =
    [MESSAGES, TRIAGE, "registers.communications", TASKS, "planner.plans", "planner.buckets"];
const MESSAGES: &str = "messageCenter.messages";
const TRIAGE: &str = "registers.triage";
const TASKS: &str = "planner.tasks";
const ACT_BY: &str = "actionRequiredByDateTime";

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
        looked: looked(snapshot, &derived),
        open: items(snapshot, MESSAGES).filter(|item| item.get(ACT_BY).is_none()).filter_map(id).collect(),
    };
    let posts: Result<Vec<Post>, serde_json::Error> = derived
        .document
        .root()
        .elements()
        .map(|item| Ok(reader.post(serde_json::from_str::<Message>(item.raw())?)))
        .collect();
    let posts = posts?;
    let mut lacking = lacking(snapshot, &derived);
    let unread: Vec<&str> =
        posts.iter().filter(|post| post.act_by_unread.is_some()).map(|post| post.id.as_str()).collect();
    if let [first, ..] = unread.as_slice() {
        let noun = if unread.len() == 1 { "post says" } else { "posts say" };
        lacking.push(format!(
            "{} {noun} no date that can be read as the day to act by, e.g. {first}",
            unread.len()
        ));
    }
    let tenant = Tenant {
        name: name.to_owned(),
        id: snapshot.manifest.tenant.id.clone(),
        redacted: snapshot.manifest.redacted.as_ref().map(|redacted| redacted.key.clone()),
        taken: reader.taken,
        posts: snapshot.state(MESSAGES).has_data().then_some(posts.len()),
        lacking,
    };
    Ok(OfTenant { tenant, posts })
}

/// Whether a post that nobody is seen to have taken up was taken up by nobody: what was asked for of Planner and the
/// triage register was read whole, and one of them was.
fn looked(snapshot: &Snapshot, derived: &Derived) -> bool {
    let whole = |(section, field)| match snapshot.state(section) {
        State::NotAsked => None,
        State::Read => Some(!derived.without.contains_key(field)),
        State::Partial | State::Denied | State::Unlicensed | State::Unavailable | State::Failed => {
            Some(false)
        }
    };
    let places = [(TRIAGE, "triagedAt"), (TASKS, "hasTask")].map(whole);
    places.contains(&Some(true)) && !places.contains(&Some(false))
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
    items(snapshot, section).filter_map(|item| Some((id(item)?, text(item, field)?))).collect()
}

fn items<'s>(snapshot: &'s Snapshot, section: &str) -> impl Iterator<Item = NodeRef<'s>> {
    snapshot.section(section).into_iter().flat_map(|root| root.elements())
}

fn id(item: NodeRef<'_>) -> Option<String> {
    text(item, "id")
}

fn text(item: NodeRef<'_>, name: &str) -> Option<String> {
    item.get(name)?.as_str().map(std::borrow::Cow::into_owned)
}

struct Reader<'r> {
    name: &'r str,
    taken: DateTime<Utc>,
    plans: BTreeMap<String, String>,
    buckets: BTreeMap<String, String>,
    looked: bool,
    /// Posts that lack the property altogether: what only says no day says that there is none.
    open: BTreeSet<String>,
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
        let act_by = time(message.action_required_by_date_time.as_deref());
        Post {
            says_act_by: !self.open.contains(&message.id),
            id: message.id,
            title: message.title,
            services: message.services.unwrap_or_default(),
            category: message.category,
            severity: message.severity,
            is_major_change: message.is_major_change,
            published,
            modified: time(message.last_modified_date_time.as_deref()),
            act_by,
            act_by_unread: message.action_required_by_date_time.filter(|_| act_by.is_none()),
            ends: time(message.end_date_time.as_deref()),
            overdue: false,
            tenants: vec![held],
        }
    }

    fn state(&self, message: &Message) -> Handled {
        match (message.has_task, message.task_state.as_deref(), message.decision.as_deref()) {
            (Some(true), Some("completed"), _) | (Some(false) | None, _, Some("noAction")) => Handled::Done,
            (Some(true), Some("notStarted"), _) => Handled::Planned,
            (Some(true), Some(_), _) => Handled::InProgress,
            (Some(true), None, _) => Handled::Tracked,
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

/// Without an offset a time is UTC, as exports of the admin centre have it.
fn time(text: Option<&str>) -> Option<DateTime<Utc>> {
    let text = text?;
    derive::instant(text).or_else(|| derive::instant(&format!("{text}Z")))
}
