//! Approvals, as JSON. Comes in: approvals, and how differences stand to them. Goes out: values that serialise. Not here:
//! which approval covers what (`diff::approval`).

use serde::Serialize;

use super::super::Seen;
use crate::config::approvals::Approval;
use crate::diff::{Change, Standing};

/// Whether a difference was accepted, or another value of it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfStanding<'s> {
    #[serde(skip_serializing_if = "Option::is_none")]
    approved: Option<OfApproval<'s>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_otherwise: Option<OfApproval<'s>>,
}

pub(super) fn of_standing<'s>(seen: &'s Seen<'_>, change: &Change<'_>) -> OfStanding<'s> {
    let of = |at: usize| Some(of_approval(seen, seen.approvals?.list.get(at)?));
    match change.standing {
        Standing::Open => OfStanding::default(),
        Standing::Approved(at) => OfStanding { approved: of(at), approved_otherwise: None },
        Standing::Otherwise(at) => OfStanding { approved: None, approved_otherwise: of(at) },
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfApproval<'s> {
    line: usize,
    section: &'s str,
    change: &'static str,
    on: String,
    value: String,
    #[serde(flatten)]
    text: Option<OfText<'s>>,
}

/// What names the tenant's things and people.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfText<'s> {
    key: Option<&'s str>,
    pointer: &'s str,
    shown: Option<&'s str>,
    reason: &'s str,
    by: &'s str,
}

pub(super) fn of_approval<'s>(seen: &Seen<'_>, approval: &'s Approval) -> OfApproval<'s> {
    let Approval { subject, value, shown, reason, by, on, line } = approval;
    OfApproval {
        line: *line,
        section: &subject.section,
        change: subject.change.word(),
        on: on.date_naive().to_string(),
        value: value.to_string(),
        text: seen.shows_text().then(|| OfText {
            key: subject.key.as_deref(),
            pointer: &subject.pointer,
            shown: shown.as_deref(),
            reason,
            by,
        }),
    }
}
