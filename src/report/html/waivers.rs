//! Accepted deviations and human answers with their expiry, the soonest first. Comes in: the report.
//! Goes out: rows for the template.

use crate::report::model::Report;

use super::words::{self, Mark};

/// An answer or a waiver that ends within so many days is pointed at.
const SOON: i64 = 30;

/// One waiver.
#[derive(Debug)]
pub(super) struct WaiverRow {
    pub check: String,
    pub policy: String,
    pub kind: String,
    pub mark: Mark,
    pub owner: String,
    pub reason: String,
    pub expires: String,
    pub distance: String,
    pub soon: bool,
}

/// One answer.
#[derive(Debug)]
pub(super) struct AnswerRow {
    pub check: String,
    pub policy: String,
    pub answer: String,
    pub mark: Mark,
    pub by: String,
    pub on: String,
    pub expires: String,
    pub distance: String,
    pub soon: bool,
    pub note: String,
}

/// All waivers.
pub(super) fn waivers(report: &Report) -> Vec<WaiverRow> {
    let mut waivers: Vec<_> = report.waivers.iter().collect();
    waivers.sort_by_key(|waiver| (waiver.expires, &waiver.check));
    let row = |waiver: &crate::report::model::Waiver| WaiverRow {
        check: words::clean(&waiver.check),
        policy: policy(&waiver.check),
        kind: words::plain(&waiver.kind),
        mark: words::waiver(waiver.state),
        owner: words::clean(&waiver.owner),
        reason: words::clean(&waiver.reason),
        expires: words::day(waiver.expires),
        distance: words::distance(report.today, waiver.expires),
        soon: soon(report, waiver.expires),
    };
    waivers.into_iter().map(row).collect()
}

/// All answers.
pub(super) fn answers(report: &Report) -> Vec<AnswerRow> {
    let mut answers: Vec<_> = report.attestations.iter().collect();
    answers.sort_by_key(|answer| (answer.expires, &answer.check));
    let row = |answer: &crate::report::model::Attestation| AnswerRow {
        check: words::clean(&answer.check),
        policy: policy(&answer.check),
        answer: words::plain(&answer.answer),
        mark: words::attestation(answer.state),
        by: words::clean(&answer.by),
        on: words::day(answer.on),
        expires: words::day(answer.expires),
        distance: words::distance(report.today, answer.expires),
        soon: soon(report, answer.expires),
        note: answer.note.as_deref().map(words::clean).unwrap_or_default(),
    };
    answers.into_iter().map(row).collect()
}

fn policy(check: &str) -> String {
    words::clean(check.split_once('/').map_or(check, |(policy, _)| policy))
}

fn soon(report: &Report, expires: chrono::DateTime<chrono::Utc>) -> bool {
    (expires - report.today).num_days() < SOON
}
