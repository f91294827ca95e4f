//! Posts for people at a terminal: a table, what is overdue first, then what could not be seen.

use chrono::{DateTime, Utc};

use super::{Handled, Held, Messages, Post, Tenant};
use crate::report::escape;
use crate::report::text::{Style, Volume};

/// Longest title in the table, in characters.
const TITLE: usize = 60;
/// Longest date that can't be read, in characters.
const DATE: usize = 25;
/// Posts that are shown unless everything is asked for.
const SHOWN: usize = 40;

/// Renders them.
#[must_use]
pub fn render(messages: &Messages, style: Style) -> String {
    let verbose = style.volume == Volume::Verbose;
    let shown = if verbose { messages.posts.len() } else { SHOWN };
    let several = messages.tenants.len() > 1;
    let mut out = String::new();
    if !messages.posts.is_empty() {
        let mut table = style.table();
        table.set_header(["act by", "post", "services", if several { "tenants" } else { "state" }]);
        for post in messages.posts.iter().take(shown) {
            table.add_row(cells(post, messages, verbose));
        }
        out.push_str(&format!("{table}\n"));
    }
    if messages.posts.len() > shown {
        out.push_str(&format!("and {} more (--verbose shows them)\n", messages.posts.len() - shown));
    }
    out.push_str(&counts(messages));
    for tenant in &messages.tenants {
        out.push_str(&lacking(tenant));
    }
    out
}

fn cells(post: &Post, messages: &Messages, verbose: bool) -> [String; 4] {
    let title = post.title.as_deref().unwrap_or("(no title)");
    let title = crate::report::cropped(&escape::terminal(title), TITLE);
    let major = if post.is_major_change == Some(true) { ", major" } else { "" };
    [
        due(post, messages.today),
        format!("{}{major}\n{title}", escape::terminal(&post.id)),
        escape::terminal(&post.services.join(", ")).into_owned(),
        match (post.tenants.as_slice(), messages.tenants.len(), verbose) {
            ([held], 1, _) => state(held),
            (held @ [_], ..) | (held, _, true) => {
                let line = |held: &Held| format!("{}: {}", escape::terminal(&held.tenant), state(held));
                held.iter().map(line).collect::<Vec<_>>().join("\n")
            }
            (held, of, false) => format!("{} of {of}: {}", held.len(), states(held)),
        },
    ]
}

/// "2026-11-02, 24 days ago"
fn due(post: &Post, today: DateTime<Utc>) -> String {
    let Some(by) = post.act_by else {
        let unread = post.act_by_unread.as_deref();
        return unread
            .map(|text| format!("unreadable:\n{}", crate::report::cropped(&escape::terminal(text), DATE)))
            .unwrap_or_default();
    };
    let days = (by.date_naive() - today.date_naive()).num_days();
    let noun = |days: i64| if days == 1 { "day" } else { "days" };
    match days {
        _ if !post.is_open() => by.format("%Y-%m-%d").to_string(),
        ..0 => format!("{}\n{} {} late", by.format("%Y-%m-%d"), -days, noun(-days)),
        0 => format!("{}\ntoday", by.format("%Y-%m-%d")),
        1.. => format!("{}\nin {days} {}", by.format("%Y-%m-%d"), noun(days)),
    }
}

/// "in progress, 12 days (Tenant changes / Doing)"
fn state(held: &Held) -> String {
    let mut text = held.state.word().to_owned();
    match (&held.task, held.state) {
        (Some(task), _) => {
            if let Some(days) = task.age_days {
                text.push_str(&format!(", {days} days"));
            }
            if task.assigned == Some(false) {
                text.push_str(", nobody's");
            }
            let place: Vec<&str> = task.plans.iter().chain(&task.buckets).map(String::as_str).collect();
            if !place.is_empty() {
                text.push_str(&format!(" ({})", escape::terminal(&place.join(" / "))));
            }
        }
        (None, Handled::Untriaged) => {
            if let Some(days) = held.age_days {
                text.push_str(&format!(", {days} days old"));
            }
        }
        (None, _) => {
            if let Some(decision) = &held.decision {
                text.push_str(&format!(": {}", escape::terminal(decision)));
            }
        }
    }
    text
}

/// "2 untriaged, 1 done"
fn states(held: &[Held]) -> String {
    let count = |state| held.iter().filter(|held| held.state == state).count();
    let parts = Handled::ALL.into_iter().map(|state| (count(state), state.word()));
    let parts: Vec<String> =
        parts.filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    parts.join(", ")
}

fn counts(messages: &Messages) -> String {
    let overdue = messages.posts.iter().filter(|post| post.overdue).count();
    let open = messages.posts.iter().filter(|post| post.is_open()).count();
    let tenants = match messages.tenants.as_slice() {
        [one] => escape::terminal(&one.name).into_owned(),
        many => format!("{} tenants", many.len()),
    };
    format!("{} posts in {tenants}: {overdue} overdue, {open} open\n", messages.posts.len())
}

fn lacking(tenant: &Tenant) -> String {
    let name = escape::terminal(&tenant.name);
    let line = |reason: &String| format!("{name}: {}\n", escape::terminal(reason));
    let lines: String = tenant.lacking.iter().map(line).collect();
    if tenant.posts.is_none() {
        format!("{name}: its Message Center could not be seen\n{lines}")
    } else {
        lines
    }
}
