//! `derived.citations`: where an organisation's own records name posts of the Message Center and
//! issues of Service health. Comes in: Planner tasks and registers. Goes out: one item per record
//! that names at least one. Not here: whether such a post exists (`derived.messages`).
//!
//! A record that is missing is missing from one `kind` only, so each input that is not complete
//! lacks its own kind: a check that asks for tasks does not suffer from an absent register.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;

use super::DeriveError;
use super::derived::{Builder, Derived};
use super::planner::{assigned, cites, percent, unread_details};
use super::source::{Input, Inputs, Source, Sources, text};
use super::text::cited;
use crate::snapshot::document::NodeRef;

pub(super) const NAME: &str = "derived.citations";

const TASKS: &str = "planner.tasks";

pub(super) const INPUTS: &[Input] = &[
    Input::optional(TASKS),
    Input::optional("registers.triage"),
    Input::optional("registers.communications"),
    Input::optional("registers.tickets"),
    Input::optional("registers.meetings"),
];

/// One record that cites something.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Citation<'d> {
    id: Cow<'d, str>,
    kind: &'static str,
    cites: BTreeSet<String>,
    /// When the record was made: a task's creation, the date of a register's row.
    at: Option<Cow<'d, str>>,
    #[serde(flatten)]
    task: Task<'d>,
}

/// What only tasks have.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Task<'d> {
    plan_id: Option<Cow<'d, str>>,
    bucket_id: Option<Cow<'d, str>>,
    percent_complete: Option<i64>,
    created_date_time: Option<Cow<'d, str>>,
    completed_date_time: Option<Cow<'d, str>>,
    due_date_time: Option<Cow<'d, str>>,
    assigned: Option<bool>,
}

/// A register: the kind of its records, its date column, the columns that cite.
struct Register {
    section: &'static str,
    kind: &'static str,
    at: &'static str,
    columns: &'static [&'static str],
}

const REGISTERS: &[Register] = &[
    Register {
        section: "registers.triage",
        kind: "triage",
        at: "assessedAt",
        columns: &["messageId", "issueId", "notes"],
    },
    Register {
        section: "registers.communications",
        kind: "notice",
        at: "sentAt",
        columns: &["messageId", "issueId", "subject", "text"],
    },
    Register {
        section: "registers.tickets",
        kind: "ticket",
        at: "openedAt",
        columns: &["linkedMessageId", "linkedIssueId", "subject"],
    },
    Register {
        section: "registers.meetings",
        kind: "meeting",
        at: "heldAt",
        columns: &["agenda", "decisions", "subject", "minutes"],
    },
];

pub(super) fn compute(inputs: &dyn Inputs) -> Result<Derived, DeriveError> {
    let sources = Sources::open(INPUTS, inputs);
    let mut out = Builder::new(NAME, INPUTS, &[], &sources);
    let nothing = INPUTS.iter().all(|i| !sources.of(i.section).state.has_data());
    if nothing {
        // there is no record of any kind: the section is no better than the best of its inputs
        let best = INPUTS.iter().map(|i| sources.of(i.section)).min_by_key(|s| s.state);
        best.into_iter().for_each(|s| out.incomplete(s.cause()));
        return out.finish();
    }
    tasks(sources.of(TASKS), &mut out);
    for register in REGISTERS {
        rows(register, sources.of(register.section), &mut out);
    }
    out.finish()
}

fn tasks<'d>(source: Source<'d>, out: &mut Builder<Citation<'d>>) {
    let unread = unread_details(source);
    if let Some(cause) = (!source.complete()).then(|| source.cause()).or(unread) {
        out.lacking("kind", "task", cause);
    }
    for field in
        ["planId", "bucketId", "percentComplete", "createdDateTime", "completedDateTime", "dueDateTime"]
    {
        if let Some(cause) = source.lacks(field) {
            out.distrust(field, cause);
        }
    }
    for (field, property) in [("assigned", "assignments"), ("at", "createdDateTime")] {
        if let Some(cause) = source.lacks(property) {
            out.distrust(field, cause);
        }
    }
    for node in source.items() {
        let cites = cites(node);
        if cites.is_empty() {
            continue;
        }
        let task = Task {
            plan_id: text(node, "planId"),
            bucket_id: text(node, "bucketId"),
            percent_complete: percent(node),
            created_date_time: text(node, "createdDateTime"),
            completed_date_time: text(node, "completedDateTime"),
            due_date_time: text(node, "dueDateTime"),
            assigned: Some(assigned(node)),
        };
        let at = text(node, "createdDateTime");
        add(
            source,
            node,
            Citation { id: text(node, "id").unwrap_or_default(), kind: "task", cites, at, task },
            out,
        );
    }
}

fn rows<'d>(register: &Register, source: Source<'d>, out: &mut Builder<Citation<'d>>) {
    let left_out = register.columns.iter().find_map(|column| source.lacks(column));
    if let Some(from) = source.from() {
        out.lacking_before("kind", register.kind, source.because("goes back only so far"), from);
    }
    if let Some(cause) = (!source.complete()).then(|| source.cause()).or(left_out) {
        out.lacking("kind", register.kind, cause);
    }
    if let Some(cause) = source.lacks(register.at) {
        out.distrust("at", cause);
    }
    for node in source.items() {
        let mut cites = BTreeSet::new();
        for value in register.columns.iter().filter_map(|column| node.get(column)) {
            value.as_str().into_iter().for_each(|s| cited(&s, &mut cites));
            value.elements().filter_map(NodeRef::as_str).for_each(|s| cited(&s, &mut cites));
        }
        if !cites.is_empty() {
            let (id, at) = (text(node, "id").unwrap_or_default(), text(node, register.at));
            add(source, node, Citation { id, kind: register.kind, cites, at, task: Task::default() }, out);
        }
    }
}

fn add<'d>(source: Source<'d>, node: NodeRef<'d>, item: Citation<'d>, out: &mut Builder<Citation<'d>>) {
    out.push(format!("{} {}", item.kind, item.id), item, vec![source.origin(node)]);
}

#[cfg(test)]
mod tests;
