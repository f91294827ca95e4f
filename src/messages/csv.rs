//! Posts for spreadsheets: a row for each tenant that has a post. No cell is a formula.

use super::{Held, Messages, Post};
use crate::report::escape::{spreadsheet, terminal};

const HEADER: [&str; 21] = [
    "post",
    "title",
    "services",
    "category",
    "severity",
    "major",
    "published",
    "modified",
    "act by",
    "overdue",
    "tenant",
    "state",
    "age in days",
    "plan",
    "bucket",
    "task",
    "task assigned",
    "task age in days",
    "triaged",
    "decision",
    "announced",
];

/// Renders them.
#[must_use]
pub fn render(messages: &Messages) -> String {
    let mut table = ::csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail, and every row has as many cells as the header.
    let _ = table.write_record(HEADER);
    for post in &messages.posts {
        for held in &post.tenants {
            let cells = row(post, held);
            let _ = table.write_record(cells.iter().map(|cell| spreadsheet(&terminal(cell)).into_owned()));
        }
    }
    String::from_utf8(table.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn row(post: &Post, held: &Held) -> [String; 21] {
    let date = |at: Option<chrono::DateTime<chrono::Utc>>| {
        at.map(|at| at.format("%Y-%m-%d").to_string()).unwrap_or_default()
    };
    let flag = |set: Option<bool>| set.map_or("", |set| if set { "yes" } else { "no" }).to_owned();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let days = |days: Option<i64>| days.map(|days| days.to_string()).unwrap_or_default();
    let task = held.task.clone().unwrap_or_default();
    [
        post.id.clone(),
        text(&post.title),
        post.services.join(", "),
        text(&post.category),
        text(&post.severity),
        flag(post.is_major_change),
        date(post.published),
        date(post.modified),
        post.act_by_unread.clone().unwrap_or_else(|| date(post.act_by)),
        flag(Some(post.overdue)),
        held.tenant.clone(),
        held.state.word().to_owned(),
        days(held.age_days),
        task.plans.join(", "),
        task.buckets.join(", "),
        text(&task.state),
        flag(task.assigned),
        days(task.age_days),
        date(held.triaged),
        text(&held.decision),
        date(held.announced),
    ]
}
