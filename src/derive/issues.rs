//! `derived.issues`: issues of Service health, each with what became of it: triaged, announced,
//! closed, posted to the service desk, first ticket. Comes in: issues, triage, communications and
//! tickets. Goes out: one item per issue. Not here: what is too late (the policies say).

use std::borrow::Cow;

use serde::Serialize;

use super::DeriveError;
use super::derived::{Builder, Derived, Origin, Rest};
use super::registers::{Handling, Register};
use super::source::{Input, Inputs, Sources, flag, text};
use super::text::{instant, stamp};
use crate::snapshot::document::NodeRef;

pub(super) const NAME: &str = "derived.issues";

const ISSUES: &str = "serviceHealth.issues";
const TRIAGE: &str = "registers.triage";
const COMMUNICATIONS: &str = "registers.communications";
const TICKETS: &str = "registers.tickets";

pub(super) const INPUTS: &[Input] = &[
    Input::required(ISSUES),
    Input::optional(TRIAGE),
    Input::optional(COMMUNICATIONS),
    Input::optional(TICKETS),
];

const RESTS: &[Rest] = &[
    Rest { field: "title", section: ISSUES, fields: &["title"] },
    Rest { field: "service", section: ISSUES, fields: &["service"] },
    Rest { field: "classification", section: ISSUES, fields: &["classification"] },
    Rest { field: "origin", section: ISSUES, fields: &["origin"] },
    Rest { field: "status", section: ISSUES, fields: &["status"] },
    Rest { field: "isResolved", section: ISSUES, fields: &["isResolved"] },
    Rest { field: "startDateTime", section: ISSUES, fields: &["startDateTime"] },
    Rest { field: "endDateTime", section: ISSUES, fields: &["endDateTime"] },
    Rest { field: "lastModifiedDateTime", section: ISSUES, fields: &["lastModifiedDateTime"] },
    Rest { field: "posts", section: ISSUES, fields: &["posts"] },
    Rest { field: "firstPostAt", section: ISSUES, fields: &["posts"] },
    Rest { field: "lastPostAt", section: ISSUES, fields: &["posts"] },
    Rest { field: "postIncidentReview", section: ISSUES, fields: &["status"] },
    Rest { field: "triagedAt", section: TRIAGE, fields: &["issueId", "assessedAt"] },
    Rest { field: "decision", section: TRIAGE, fields: &["issueId", "assessedAt", "decision"] },
    Rest { field: "decidedAt", section: TRIAGE, fields: &["issueId", "assessedAt", "decision"] },
    Rest { field: "impact", section: TRIAGE, fields: &["issueId", "assessedAt", "impact"] },
    Rest { field: "announcedAt", section: COMMUNICATIONS, fields: &["issueId", "sentAt", "kind"] },
    Rest { field: "closureNoticeAt", section: COMMUNICATIONS, fields: &["issueId", "sentAt", "kind"] },
    Rest { field: "closureNoticeAt", section: ISSUES, fields: &["endDateTime"] },
    Rest { field: "deskPostAt", section: COMMUNICATIONS, fields: &["issueId", "sentAt", "audience"] },
    Rest { field: "channels", section: COMMUNICATIONS, fields: &["issueId", "channel"] },
    Rest { field: "firstTicketAt", section: TICKETS, fields: &["linkedIssueId", "openedAt"] },
    Rest { field: "tickets", section: TICKETS, fields: &["linkedIssueId"] },
];

/// One issue.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Issue<'d> {
    id: Cow<'d, str>,
    title: Option<Cow<'d, str>>,
    service: Option<Cow<'d, str>>,
    classification: Option<Cow<'d, str>>,
    origin: Option<Cow<'d, str>>,
    status: Option<Cow<'d, str>>,
    is_resolved: Option<bool>,
    start_date_time: Option<Cow<'d, str>>,
    end_date_time: Option<Cow<'d, str>>,
    last_modified_date_time: Option<Cow<'d, str>>,
    /// Microsoft's posts.
    posts: usize,
    first_post_at: Option<String>,
    last_post_at: Option<String>,
    /// Microsoft has published its review.
    post_incident_review: bool,
    #[serde(flatten)]
    handling: Handling<'d>,
    /// The first notice that it is over: one marked so, or an unmarked one of after the end.
    closure_notice_at: Option<String>,
    /// The first notice to the service desk.
    desk_post_at: Option<String>,
    first_ticket_at: Option<String>,
    tickets: Option<usize>,
}

pub(super) fn compute(inputs: &dyn Inputs) -> Result<Derived, DeriveError> {
    let sources = Sources::open(INPUTS, inputs);
    let mut out = Builder::new(NAME, INPUTS, RESTS, &sources);
    if out.blocked() {
        return out.finish();
    }
    let issues = sources.of(ISSUES);
    let triage = Register::new(sources.of(TRIAGE));
    let communications = Register::new(sources.of(COMMUNICATIONS));
    let tickets = Register::new(sources.of(TICKETS));
    for node in issues.items() {
        let id = text(node, "id").unwrap_or_default();
        let mut origins = vec![issues.origin(node)];
        let handling = Handling::of(&id, &triage, &communications, &mut origins, &mut out);
        let notices = communications.about(&id).iter().copied();
        let end = text(node, "endDateTime").and_then(|t| instant(&t));
        let closing = notices.clone().filter(|row| match text(*row, "kind").as_deref() {
            Some(kind) => kind == "closure",
            None => {
                end.zip(text(*row, "sentAt").and_then(|t| instant(&t))).is_some_and(|(end, sent)| sent >= end)
            }
        });
        let desk = notices.filter(|row| text(*row, "audience").as_deref() == Some("helpDesk"));
        let linked = tickets.about(&id);
        origins.extend(linked.iter().map(|row| tickets.source.origin(*row)));
        let (first_post_at, last_post_at) = posts(node);
        let item = Issue {
            title: text(node, "title"),
            service: text(node, "service"),
            classification: text(node, "classification"),
            origin: text(node, "origin"),
            status: text(node, "status"),
            is_resolved: flag(node, "isResolved"),
            start_date_time: text(node, "startDateTime"),
            end_date_time: text(node, "endDateTime"),
            last_modified_date_time: text(node, "lastModifiedDateTime"),
            posts: node.get("posts").map_or(0, NodeRef::len),
            first_post_at,
            last_post_at,
            post_incident_review: text(node, "status").is_some_and(|s| s == "postIncidentReviewPublished"),
            handling,
            closure_notice_at: communications.first_at(closing, "sentAt", "closureNoticeAt", &mut out),
            desk_post_at: communications.first_at(desk, "sentAt", "deskPostAt", &mut out),
            first_ticket_at: tickets.first_at(linked.iter().copied(), "openedAt", "firstTicketAt", &mut out),
            tickets: tickets.source.seen().then_some(linked.len()),
            id,
        };
        out.push(item.id.clone().into_owned(), item, dedup(origins));
    }
    out.finish()
}

/// First and last of Microsoft's posts.
fn posts(issue: NodeRef<'_>) -> (Option<String>, Option<String>) {
    let posts = issue.get("posts");
    let dates = posts.iter().flat_map(|p| p.elements()).filter_map(|p| text(p, "createdDateTime"));
    let dates: Vec<_> = dates.filter_map(|t| instant(&t)).collect();
    (dates.iter().min().copied().map(stamp), dates.iter().max().copied().map(stamp))
}

fn dedup(origins: Vec<Origin>) -> Vec<Origin> {
    let mut once = Vec::with_capacity(origins.len());
    for origin in origins {
        if !once.contains(&origin) {
            once.push(origin);
        }
    }
    once
}

#[cfg(test)]
mod tests;
