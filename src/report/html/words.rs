//! Words, symbols and classes of the HTML report: one place, so that a thing is called the same on
//! every page. Comes in: a state. Goes out: text. A symbol always stands beside a colour.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::engine::finding::{Outcome, Remedy};
use crate::report::escape;
use crate::report::model::{AttestationState, LevelState, Range, Readiness, WaiverState};
use crate::sections::Via;
use crate::snapshot::record::{Cloud, State};

/// A state as it is shown: symbol, word, and the class that colours it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub sign: &'static str,
    pub word: &'static str,
    pub class: &'static str,
}

const fn mark(sign: &'static str, word: &'static str, class: &'static str) -> Mark {
    Mark { sign, word, class }
}

pub(super) const fn outcome(outcome: Outcome) -> Mark {
    match outcome {
        Outcome::Pass => mark("✓", "pass", "pass"),
        Outcome::Fail => mark("✗", "fail", "fail"),
        Outcome::Unknown => mark("?", "unknown", "open"),
        Outcome::NotApplicable => mark("–", "not applicable", "none"),
        Outcome::Error => mark("!", "error", "error"),
    }
}

pub(super) const fn level_state(state: LevelState) -> Mark {
    match state {
        LevelState::Met => mark("✓", "met", "pass"),
        LevelState::Broken => mark("✗", "broken", "fail"),
        LevelState::Open => mark("?", "open", "open"),
        LevelState::Transparent => mark("–", "transparent", "none"),
    }
}

pub(super) const fn readiness(readiness: Readiness) -> Mark {
    match readiness {
        Readiness::Ready => mark("✓", "ready", "pass"),
        Readiness::Gaps => mark("✗", "gaps", "fail"),
        Readiness::Unknown => mark("?", "unknown", "open"),
    }
}

pub(super) const fn section(state: State) -> Mark {
    match state {
        State::Read => mark("✓", "read", "pass"),
        State::Partial => mark("◐", "read in part", "open"),
        State::Denied => mark("✗", "denied", "fail"),
        State::Unlicensed => mark("–", "not licensed", "none"),
        State::Unavailable => mark("–", "not available", "none"),
        State::Failed => mark("!", "failed", "error"),
        State::NotAsked => mark("?", "not asked", "open"),
    }
}

pub(super) const fn waiver(state: WaiverState) -> Mark {
    match state {
        WaiverState::Used => mark("✓", "in use", "pass"),
        WaiverState::Unused => mark("–", "unused: its check does not fail", "none"),
        WaiverState::Expired => mark("✗", "expired", "fail"),
        WaiverState::Exceeded => mark("✗", "exceeded: the check fails beyond what was accepted", "fail"),
    }
}

pub(super) const fn attestation(state: AttestationState) -> Mark {
    match state {
        AttestationState::Counts => mark("✓", "counts", "pass"),
        AttestationState::NotNeeded => mark("–", "not needed: measured", "none"),
        AttestationState::Contradicted => mark("✗", "contradicted by what was measured", "fail"),
        AttestationState::Expired => mark("✗", "expired", "fail"),
        AttestationState::Superseded => mark("–", "superseded", "none"),
        AttestationState::Refused => mark("✗", "refused", "fail"),
        AttestationState::NoSuchCheck => mark("!", "no such check", "error"),
    }
}

/// The word of the data, which is also what the filters know.
pub(super) const fn remedy(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Fix => "fix",
        Remedy::Collect => "collect",
        Remedy::Declare => "declare",
        Remedy::Attest => "attest",
        Remedy::Report => "report",
    }
}

pub(super) use super::super::words::basis;

pub(super) const fn via(via: Via) -> &'static str {
    match via {
        Via::Graph => "Microsoft Graph",
        Via::Export => "another tool’s export",
        Via::Portal => "saved admin-centre response",
        Via::Import => "register",
        Via::Declared => "declared by a person",
    }
}

pub(super) const fn cloud(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Global => "worldwide",
        Cloud::Usgov => "US Government GCC High",
        Cloud::Dod => "US Department of Defense",
        Cloud::China => "China (21Vianet)",
    }
}

/// The model's name of a level; documents name 400 differently, the number is the key.
pub(super) const fn level_name(level: u16) -> &'static str {
    match level {
        100 => "Initial",
        200 => "Managed",
        300 => "Defined",
        400 => "Predictable",
        500 => "Optimizing",
        _ => "",
    }
}

/// `user-experience` as people read it.
pub(super) fn plain(word: &str) -> String {
    clean(&word.replace('-', " "))
}

/// A range of levels in words: "200", "200, up to 400".
pub(super) fn range(range: Range) -> String {
    if range.proven == range.possible {
        range.proven.to_string()
    } else {
        format!("{}, up to {}", range.proven, range.possible)
    }
}

/// A range of positions: "290", "290 to 370".
pub(super) fn span(range: Range) -> String {
    if range.proven == range.possible {
        range.proven.to_string()
    } else {
        format!("{} to {}", range.proven, range.possible)
    }
}

pub(super) fn day(time: DateTime<Utc>) -> String {
    time.format("%-d %b %Y").to_string()
}

pub(super) fn moment(time: DateTime<Utc>) -> String {
    time.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// "in 12 days", "today", "3 days ago".
pub(super) fn distance(today: DateTime<Utc>, then: DateTime<Utc>) -> String {
    let days = (then.date_naive() - today.date_naive()).num_days();
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2.. => format!("in {days} days"),
        _ => format!("{} days ago", -days),
    }
}

/// "1 question", "4 questions".
pub(super) fn many(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// 5000 as "5,000".
pub(super) fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What others wrote, on one line: what turns the writing direction or is invisible is shown as an
/// escape. Templates escape markup on top.
pub(super) fn clean(text: &str) -> String {
    escape::terminal(text).into_owned()
}

/// The same for several lines.
pub(super) fn clean_lines(text: &str) -> String {
    escape::terminal_lines(text)
}

/// The same for text that goes into a plot, which no template escapes.
pub(super) fn in_svg(text: &str) -> String {
    let clean = escape::terminal(text);
    match escape::html(&clean) {
        Cow::Borrowed(_) => clean.into_owned(),
        Cow::Owned(escaped) => escaped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_distances_read_well() {
        assert_eq!((number(0), number(999), number(5000)), ("0".into(), "999".into(), "5,000".into()));
        assert_eq!(number(1_234_567), "1,234,567");
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap_or_default();
        let today = at("2026-11-21T10:00:00Z");
        assert_eq!(distance(today, at("2026-11-21T00:00:00Z")), "today");
        assert_eq!(distance(today, at("2026-11-30T00:00:00Z")), "in 9 days");
        assert_eq!(distance(today, at("2026-11-18T00:00:00Z")), "3 days ago");
    }
}
