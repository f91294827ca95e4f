//! `derived.messages`: posts of the Message Center, each with what became of it: read, triaged,
//! decided, announced, turned into a task. Comes in: posts, triage and communication registers,
//! Planner tasks. Goes out: one item per post. Not here: what is too late (the policies say).
//!
//! A task belongs to a post if it names its id, or if its title is the post's (as Planner sync
//! writes it) and no other post's.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::DeriveError;
use super::derived::{Builder, Derived, Rest};
use super::planner::{assigned, cites, percent, unread_details};
use super::registers::{Handling, Register};
use super::source::{Input, Inputs, Source, Sources, flag, strings, text};
use super::text::{Title, instant, stamp};
use crate::snapshot::document::NodeRef;

pub(super) const NAME: &str = "derived.messages";

const MESSAGES: &str = "messageCenter.messages";
const TRIAGE: &str = "registers.triage";
const COMMUNICATIONS: &str = "registers.communications";
const TASKS: &str = "planner.tasks";

pub(super) const INPUTS: &[Input] = &[
    Input::required(MESSAGES),
    Input::optional(TRIAGE),
    Input::optional(COMMUNICATIONS),
    Input::optional(TASKS),
];

const RESTS: &[Rest] = &[
    Rest { field: "title", section: MESSAGES, fields: &["title"] },
    Rest { field: "services", section: MESSAGES, fields: &["services"] },
    Rest { field: "category", section: MESSAGES, fields: &["category"] },
    Rest { field: "severity", section: MESSAGES, fields: &["severity"] },
    Rest { field: "isMajorChange", section: MESSAGES, fields: &["isMajorChange"] },
    Rest { field: "tags", section: MESSAGES, fields: &["tags"] },
    Rest { field: "startDateTime", section: MESSAGES, fields: &["startDateTime"] },
    Rest { field: "endDateTime", section: MESSAGES, fields: &["endDateTime"] },
    Rest { field: "lastModifiedDateTime", section: MESSAGES, fields: &["lastModifiedDateTime"] },
    Rest { field: "actionRequiredByDateTime", section: MESSAGES, fields: &["actionRequiredByDateTime"] },
    Rest { field: "isRead", section: MESSAGES, fields: &["viewPoint"] },
    Rest { field: "triagedAt", section: TRIAGE, fields: &["messageId", "assessedAt"] },
    Rest { field: "decidedAt", section: TRIAGE, fields: &["messageId", "assessedAt", "decision"] },
    Rest { field: "decision", section: TRIAGE, fields: &["messageId", "assessedAt", "decision"] },
    Rest { field: "impact", section: TRIAGE, fields: &["messageId", "assessedAt", "impact"] },
    Rest { field: "announcedAt", section: COMMUNICATIONS, fields: &["messageId", "sentAt", "kind"] },
    Rest { field: "channels", section: COMMUNICATIONS, fields: &["messageId", "channel"] },
    Rest { field: "hasTask", section: TASKS, fields: &["title"] },
    Rest { field: "taskId", section: TASKS, fields: &["title", "createdDateTime"] },
    Rest { field: "taskPlanIds", section: TASKS, fields: &["title", "planId"] },
    Rest { field: "taskBucketIds", section: TASKS, fields: &["title", "bucketId"] },
    Rest { field: "taskState", section: TASKS, fields: &["title", "percentComplete"] },
    Rest { field: "taskAssigned", section: TASKS, fields: &["title", "assignments"] },
    Rest { field: "taskCreatedAt", section: TASKS, fields: &["title", "createdDateTime"] },
    Rest {
        field: "taskCompletedAt",
        section: TASKS,
        fields: &["title", "percentComplete", "completedDateTime"],
    },
];

/// One post.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'d> {
    id: Cow<'d, str>,
    title: Option<Cow<'d, str>>,
    services: Option<Vec<Cow<'d, str>>>,
    category: Option<Cow<'d, str>>,
    severity: Option<Cow<'d, str>>,
    is_major_change: Option<bool>,
    tags: Option<Vec<Cow<'d, str>>>,
    start_date_time: Option<Cow<'d, str>>,
    end_date_time: Option<Cow<'d, str>>,
    last_modified_date_time: Option<Cow<'d, str>>,
    action_required_by_date_time: Option<Cow<'d, str>>,
    /// By the administrator who collected; an application is not told.
    is_read: Option<bool>,
    #[serde(flatten)]
    handling: Handling<'d>,
    #[serde(flatten)]
    tasks: Tasks<'d>,
}

/// The tasks of a post, as if they were one.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Tasks<'d> {
    has_task: Option<bool>,
    /// Of the task that was created first.
    task_id: Option<Cow<'d, str>>,
    task_plan_ids: Option<BTreeSet<Cow<'d, str>>>,
    task_bucket_ids: Option<BTreeSet<Cow<'d, str>>>,
    /// `completed` when all are.
    task_state: Option<TaskState>,
    /// All of them have an assignee.
    task_assigned: Option<bool>,
    /// When the first was created.
    task_created_at: Option<String>,
    /// When the last was completed, if all are.
    task_completed_at: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum TaskState {
    NotStarted,
    InProgress,
    Completed,
}

pub(super) fn compute(inputs: &dyn Inputs) -> Result<Derived, DeriveError> {
    let sources = Sources::open(INPUTS, inputs);
    let mut out = Builder::new(NAME, INPUTS, RESTS, &sources);
    if out.blocked() {
        return out.finish();
    }
    let posts = sources.of(MESSAGES);
    let triage = Register::new(sources.of(TRIAGE));
    let communications = Register::new(sources.of(COMMUNICATIONS));
    let board = Board::new(posts, sources.of(TASKS));
    if let Some(cause) = unread_details(board.source) {
        RESTS.iter().filter(|r| r.section == TASKS).for_each(|r| out.distrust(r.field, cause.clone()));
    }
    for node in posts.items() {
        let id = text(node, "id").unwrap_or_default();
        let mut origins = vec![posts.origin(node)];
        let is_read = node.get("viewPoint").and_then(|v| flag(v, "isRead"));
        if is_read.is_none() {
            out.distrust(
                "isRead",
                posts.because("was collected as an application, which is not told who has read what"),
            );
        }
        let handling = Handling::of(&id, &triage, &communications, &mut origins, &mut out);
        let tasks = board.of(&id, node, &mut origins);
        let item = Message {
            title: text(node, "title"),
            services: strings(node, "services"),
            category: text(node, "category"),
            severity: text(node, "severity"),
            is_major_change: flag(node, "isMajorChange"),
            tags: strings(node, "tags"),
            start_date_time: text(node, "startDateTime"),
            end_date_time: text(node, "endDateTime"),
            last_modified_date_time: text(node, "lastModifiedDateTime"),
            action_required_by_date_time: text(node, "actionRequiredByDateTime"),
            is_read,
            handling,
            tasks,
            id,
        };
        out.push(item.id.clone().into_owned(), item, origins);
    }
    out.finish()
}

/// All tasks, by the ids they name and by their titles.
struct Board<'d> {
    source: Source<'d>,
    by_id: BTreeMap<String, Vec<NodeRef<'d>>>,
    by_title: BTreeMap<String, Vec<(Option<String>, NodeRef<'d>)>>,
    /// How many posts bear a title: in all, and with one service.
    titles: BTreeMap<(String, Option<String>), usize>,
}

impl<'d> Board<'d> {
    fn new(posts: Source<'d>, source: Source<'d>) -> Self {
        let mut titles = BTreeMap::new();
        for post in posts.items() {
            let Some(title) = text(post, "title").map(|t| Title::of(&t)) else { continue };
            for service in services(post).into_iter().map(Some).chain([None]) {
                *titles.entry((title.words.clone(), service)).or_default() += 1;
            }
        }
        let mut by_id: BTreeMap<String, Vec<NodeRef<'d>>> = BTreeMap::new();
        let mut by_title: BTreeMap<String, Vec<(Option<String>, NodeRef<'d>)>> = BTreeMap::new();
        for task in source.items() {
            let ids = cites(task);
            // a task that names an id belongs to that post, whatever its title
            if let (true, Some(title)) = (ids.is_empty(), text(task, "title").map(|t| Title::of(&t))) {
                by_title.entry(title.words).or_default().push((title.service, task));
            }
            ids.into_iter().for_each(|id| by_id.entry(id).or_default().push(task));
        }
        Self { source, by_id, by_title, titles }
    }

    fn of(&self, id: &str, post: NodeRef<'d>, origins: &mut Vec<super::Origin>) -> Tasks<'d> {
        if !self.source.seen() {
            return Tasks::default();
        }
        let mut tasks: Vec<NodeRef<'d>> =
            self.by_id.get(&id.to_ascii_uppercase()).cloned().unwrap_or_default();
        if let Some(title) = text(post, "title").map(|t| Title::of(&t)).filter(|t| !t.words.is_empty()) {
            let own = services(post);
            let same = self.by_title.get(&title.words).into_iter().flatten();
            let mine = same.filter(|(service, _)| self.is_only(&title.words, service, &own));
            tasks.extend(mine.map(|(_, task)| *task));
        }
        origins.extend(tasks.iter().map(|t| self.source.origin(*t)));
        together(&tasks)
    }

    /// Whether a task with this title and service can only mean the post with these services.
    fn is_only(&self, words: &str, service: &Option<String>, own: &BTreeSet<String>) -> bool {
        let posts = |service: Option<String>| self.titles.get(&(words.to_owned(), service)).copied();
        let by_service =
            service.as_ref().is_some_and(|s| own.contains(s)) && posts(service.clone()) == Some(1);
        by_service || posts(None) == Some(1)
    }
}

fn services(post: NodeRef<'_>) -> BTreeSet<String> {
    let names = strings(post, "services").unwrap_or_default();
    names.iter().map(|s| s.trim().to_lowercase()).collect()
}

fn together<'d>(tasks: &[NodeRef<'d>]) -> Tasks<'d> {
    let created = |t: &NodeRef<'d>| text(*t, "createdDateTime").and_then(|c| instant(&c));
    let completed = |t: &NodeRef<'d>| text(*t, "completedDateTime").and_then(|c| instant(&c));
    // a task without a date of creation is not the first
    let Some(first) = tasks.iter().min_by_key(|t| (created(t).is_none(), created(t))) else {
        let none = Some(BTreeSet::new());
        let lists = Tasks { task_plan_ids: none.clone(), task_bucket_ids: none, ..Tasks::default() };
        return Tasks { has_task: Some(false), ..lists };
    };
    let states: Vec<Option<TaskState>> = tasks.iter().map(|t| state(*t)).collect();
    let all = |state: TaskState| states.iter().all(|s| *s == Some(state));
    let task_state = match states.iter().all(Option::is_some) {
        false => None,
        true if all(TaskState::Completed) => Some(TaskState::Completed),
        true if all(TaskState::NotStarted) => Some(TaskState::NotStarted),
        true => Some(TaskState::InProgress),
    };
    let dates: Option<Vec<_>> = tasks.iter().map(completed).collect();
    let done = dates.filter(|_| task_state == Some(TaskState::Completed));
    Tasks {
        has_task: Some(true),
        task_id: text(*first, "id"),
        task_plan_ids: Some(tasks.iter().filter_map(|t| text(*t, "planId")).collect()),
        task_bucket_ids: Some(tasks.iter().filter_map(|t| text(*t, "bucketId")).collect()),
        task_state,
        task_assigned: Some(tasks.iter().all(|t| assigned(*t))),
        task_created_at: created(first).map(stamp),
        task_completed_at: done.and_then(|d| d.into_iter().max()).map(stamp),
    }
}

fn state(task: NodeRef<'_>) -> Option<TaskState> {
    match percent(task)? {
        ..=0 => Some(TaskState::NotStarted),
        1..=99 => Some(TaskState::InProgress),
        100.. => Some(TaskState::Completed),
    }
}

#[cfg(test)]
mod tests;
