//! Rows of the registers an organisation keeps, by the post or issue they are about. Comes in: a
//! register section. Goes out: for an id its rows, and the earliest of their dates. Not here:
//! what the dates mean for a post or an issue.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::derived::{Builder, Cause, Origin};
use super::source::{Source, text};
use super::text::{cited, instant, stamp};
use crate::snapshot::document::NodeRef;

/// Columns that say which post or issue a row is about. A text that merely mentions one is not
/// about it.
const ABOUT: &[&str] = &["messageId", "issueId", "linkedMessageId", "linkedIssueId"];

/// A register's rows by the ids they are about.
pub(super) struct Register<'d> {
    pub(super) source: Source<'d>,
    rows: BTreeMap<String, Vec<NodeRef<'d>>>,
}

impl<'d> Register<'d> {
    pub(super) fn new(source: Source<'d>) -> Self {
        let mut rows: BTreeMap<String, Vec<NodeRef<'d>>> = BTreeMap::new();
        for row in source.items() {
            let mut ids = BTreeSet::new();
            for value in ABOUT.iter().filter_map(|name| text(row, name)) {
                cited(&value, &mut ids);
                // A column of ids may hold one of a form we do not know.
                if !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    ids.insert(value.to_ascii_uppercase());
                }
            }
            for id in ids {
                rows.entry(id).or_default().push(row);
            }
        }
        Self { source, rows }
    }

    /// The rows about a post or an issue, as they stand in the register.
    pub(super) fn about(&self, id: &str) -> &[NodeRef<'d>] {
        self.rows.get(&id.to_ascii_uppercase()).map_or(&[], Vec::as_slice)
    }

    fn undated(&self, row: NodeRef<'d>, column: &str) -> Cause {
        let row = text(row, "id").unwrap_or_default();
        self.source.because(&format!("has no readable `{column}` in row `{row}`"))
    }

    /// The first of the rows by a date column. A row without a readable date may be the first
    /// one, so then nothing can be said.
    fn first(
        &self,
        rows: impl IntoIterator<Item = NodeRef<'d>>,
        column: &str,
    ) -> Result<Option<DateTime<Utc>>, Cause> {
        let mut first = None;
        for row in rows {
            let Some(at) = text(row, column).and_then(|t| instant(&t)) else {
                return Err(self.undated(row, column));
            };
            if first.is_none_or(|earliest| at < earliest) {
                first = Some(at);
            }
        }
        Ok(first)
    }
}

impl<'d> Register<'d> {
    /// Like [`Register::first`], as it stands in a derived item; a field of which nothing can be
    /// said is no longer trusted.
    pub(super) fn first_at<T: Serialize>(
        &self,
        rows: impl IntoIterator<Item = NodeRef<'d>>,
        column: &str,
        field: &str,
        out: &mut Builder<T>,
    ) -> Option<String> {
        self.first(rows, column)
            .unwrap_or_else(|cause| {
                out.distrust(field, cause);
                None
            })
            .map(stamp)
    }
}

/// What an organisation did about a post or an issue, as its registers say.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Handling<'d> {
    /// The first assessment.
    triaged_at: Option<String>,
    /// The first decision.
    decided_at: Option<String>,
    /// The latest decision.
    decision: Option<Cow<'d, str>>,
    /// The latest opinion.
    impact: Option<Cow<'d, str>>,
    /// The first notice, reminders and closing ones apart.
    announced_at: Option<String>,
    /// Ways in which notices went out.
    channels: Option<BTreeSet<Cow<'d, str>>>,
}

impl<'d> Handling<'d> {
    /// Looks a post or an issue up in the registers, and adds the rows to where it comes from.
    pub(super) fn of<T: Serialize>(
        id: &str,
        triage: &Register<'d>,
        communications: &Register<'d>,
        origins: &mut Vec<Origin>,
        out: &mut Builder<T>,
    ) -> Self {
        let (assessed, notices) = (triage.about(id), communications.about(id));
        origins.extend(assessed.iter().map(|row| triage.source.origin(*row)));
        origins.extend(notices.iter().map(|row| communications.source.origin(*row)));
        let assessed = assessed.iter().copied();
        let with = |column: &'static str| assessed.clone().filter(move |row| text(*row, column).is_some());
        let latest = |column: &'static str| {
            let dated = with(column).filter_map(|row| Some((instant(&text(row, "assessedAt")?)?, row)));
            // of equal dates the later row
            dated.max_by_key(|(at, _)| *at).and_then(|(_, row)| text(row, column))
        };
        let undated =
            assessed.clone().find(|row| text(*row, "assessedAt").and_then(|t| instant(&t)).is_none());
        if let Some(row) = undated {
            for field in ["decision", "impact"] {
                out.distrust(field, triage.undated(row, "assessedAt"));
            }
        }
        let announcing =
            |row: &NodeRef<'d>| text(*row, "kind").is_none_or(|kind| kind != "closure" && kind != "reminder");
        let announcing = notices.iter().copied().filter(announcing);
        let channels = notices.iter().filter_map(|row| text(*row, "channel")).collect();
        Self {
            triaged_at: triage.first_at(assessed.clone(), "assessedAt", "triagedAt", out),
            decided_at: triage.first_at(with("decision"), "assessedAt", "decidedAt", out),
            decision: latest("decision"),
            impact: latest("impact"),
            announced_at: communications.first_at(announcing, "sentAt", "announcedAt", out),
            channels: communications.source.seen().then_some(channels),
        }
    }
}
