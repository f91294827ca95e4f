//! Message Center over one or several tenants: every post once, who has it, and where it is triaged. Comes in:
//! snapshots. Goes out: one `Messages`, what is overdue first, for text, CSV and JSON. Not here: what became
//! of a post in one tenant (`derive::messages`), reading snapshots.

mod csv;
mod merge;
mod read;
mod text;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use self::csv::render as csv;
pub use self::merge::merge;
pub use self::read::{INPUTS, OfTenant, read};
pub use self::text::render as text;

/// Version of the format.
pub const FORMAT: u32 = 1;

/// The posts of all tenants.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Messages {
    /// Format and version.
    pub levelmark: Format,
    /// The day that decides what is overdue.
    pub today: DateTime<Utc>,
    /// In the order in which they were named.
    pub tenants: Vec<Tenant>,
    /// What is overdue first, then what is due, then what is open; what is done last.
    pub posts: Vec<Post>,
}

/// `{ "messages": 1 }`
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Format {
    /// Version of the format.
    pub messages: u32,
}

/// A tenant, and how much of its Message Center could be seen.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// The name of its folder or file.
    pub name: String,
    /// Directory id.
    pub id: String,
    /// When the snapshot was taken.
    pub taken: DateTime<Utc>,
    /// How many posts it has; None where its Message Center could not be seen.
    pub posts: Option<usize>,
    /// What could not be seen, one sentence each.
    pub lacking: Vec<String>,
}

/// A post of the Message Center.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Post {
    /// E.g. `MC1180100`.
    pub id: String,
    /// Its title, as its latest edition has it; so is all that follows.
    pub title: Option<String>,
    /// Services that it is about.
    pub services: Vec<String>,
    /// `preventOrFixIssue`, `planForChange` or `stayInformed`.
    pub category: Option<String>,
    /// `normal`, `high` or `critical`.
    pub severity: Option<String>,
    /// A major change.
    pub is_major_change: Option<bool>,
    /// When it was published.
    pub published: Option<DateTime<Utc>>,
    /// When it was changed last.
    pub modified: Option<DateTime<Utc>>,
    /// Until when something has to be done.
    pub act_by: Option<DateTime<Utc>>,
    /// The same as it is written, where that is no date that we can read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act_by_unread: Option<String>,
    /// Whether this edition says until when, or that there is no such day.
    #[serde(skip)]
    pub says_act_by: bool,
    /// Until when it is shown.
    pub ends: Option<DateTime<Utc>>,
    /// It is too late, and some tenant is not done with it.
    pub overdue: bool,
    /// The tenants that have it, in their order.
    pub tenants: Vec<Held>,
}

impl Post {
    /// Whether some tenant is not done with it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tenants.iter().any(|held| held.state != Handled::Done)
    }
}

/// A post in one tenant.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// The tenant's name.
    pub tenant: String,
    /// What became of it.
    pub state: Handled,
    /// Its task in Planner.
    pub task: Option<Task>,
    /// When somebody assessed it first, by the triage register.
    pub triaged: Option<DateTime<Utc>>,
    /// The latest decision: `act`, `monitor` or `noAction`.
    pub decision: Option<String>,
    /// When people were told first.
    pub announced: Option<DateTime<Utc>>,
    /// Days since it was published, up to the snapshot.
    pub age_days: Option<i64>,
}

/// What became of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Handled {
    /// Neither a task nor an assessment: Planner and the triage register, or the one of them that was asked for, were
    /// read whole.
    Untriaged,
    /// None was found where not all could be seen.
    Unknown,
    /// Somebody assessed it.
    Triaged,
    /// It is decided that something is to be done, or watched.
    Decided,
    /// A task in Planner that nobody has begun.
    Planned,
    /// A task in Planner whose state could not be seen.
    Tracked,
    /// A task in Planner that is under way.
    InProgress,
    /// Its tasks are completed, or it is decided that nothing is to be done.
    Done,
}

impl Handled {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 8] = [
        Self::Untriaged,
        Self::Unknown,
        Self::Triaged,
        Self::Decided,
        Self::Planned,
        Self::Tracked,
        Self::InProgress,
        Self::Done,
    ];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Untriaged => "untriaged",
            Self::Unknown => "not seen",
            Self::Triaged => "triaged",
            Self::Decided => "decided",
            Self::Planned => "planned",
            Self::Tracked => "has a task",
            Self::InProgress => "in progress",
            Self::Done => "done",
        }
    }
}

/// The tasks of a post, as if they were one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Of the one that was created first.
    pub id: Option<String>,
    /// Titles of their plans; ids where the plans could not be seen.
    pub plans: Vec<String>,
    /// Names of their buckets; ids where the buckets could not be seen.
    pub buckets: Vec<String>,
    /// `notStarted`, `inProgress` or `completed`.
    pub state: Option<String>,
    /// Somebody has each of them.
    pub assigned: Option<bool>,
    /// When the first was created.
    pub created: Option<DateTime<Utc>>,
    /// When the last was completed.
    pub completed: Option<DateTime<Utc>>,
    /// Days since it was created, up to its end or the snapshot.
    pub age_days: Option<i64>,
}

#[cfg(test)]
mod tests;
