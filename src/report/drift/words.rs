//! Words about drift that all its formats share. Comes in: kinds, states. Goes out: words. Not here: layout.

use crate::diff::noise::Rule;
use crate::diff::{Comparison, How, Kind};
use crate::effect::Flip;
use crate::engine::finding::Outcome;
use crate::report::model::Verdict;
use crate::snapshot::record::{SectionRecord, State};

pub(in crate::report) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Added => "added",
        Kind::Removed => "removed",
        Kind::Changed => "changed",
        Kind::Renamed => "renamed",
        Kind::Reordered => "reordered",
        Kind::AgedOut => "aged-out",
        Kind::NotSeen => "not-seen",
        Kind::NewlySeen => "newly-seen",
    }
}

pub(super) const fn how(how: How) -> &'static str {
    match how {
        How::Key => "key",
        How::Only => "only",
        How::Name => "name",
        How::Rest => "rest",
        How::Equal => "equality",
        How::Likeness => "likeness",
        How::Position => "position",
    }
}

pub(super) const fn comparison(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Identical => "identical",
        Comparison::Compared => "compared",
        Comparison::NoLongerCollected => "no-longer-collected",
        Comparison::NewlyCollected => "newly-collected",
        Comparison::NeverCollected => "never-collected",
    }
}

pub(super) use super::super::words::state;

/// What would make a section comparable again; None where it has data.
pub(super) fn remedy(record: Option<&SectionRecord>) -> Option<String> {
    let needs = record.and_then(|record| record.needs.as_deref());
    let reason = record.and_then(|record| record.reason.as_deref());
    match record.map_or(State::NotAsked, |record| record.state) {
        State::Read | State::Partial => None,
        State::Denied => {
            Some(format!("grant {} and collect again", needs.unwrap_or("the permission that is lacking")))
        }
        State::Unlicensed => Some(match needs {
            Some(licence) => format!("the tenant lost the licence that shows it: {licence}"),
            None => "the tenant lost the licence that shows it".to_owned(),
        }),
        State::Unavailable => Some(reason.unwrap_or("the service does not serve it any more").to_owned()),
        State::Failed => Some(match reason {
            Some(reason) => format!("collect again ({reason})"),
            None => "collect again".to_owned(),
        }),
        State::NotAsked => Some("collect or import it again".to_owned()),
    }
}

/// "passed, now fails"
pub(super) fn turned(flip: &Flip) -> String {
    let was = match flip.before {
        Outcome::Pass => "passed",
        Outcome::Fail => "failed",
        Outcome::Unknown => "was unknown",
        Outcome::NotApplicable => "did not apply",
        Outcome::Error => "was broken",
    };
    let is = match flip.after {
        Outcome::Pass => "passes",
        Outcome::Fail => "fails",
        Outcome::Unknown => "is unknown",
        Outcome::NotApplicable => "does not apply",
        Outcome::Error => "is broken",
    };
    format!("{was}, now {is}")
}

/// "200, up to 400"
pub(in crate::report) fn verdict(verdict: Option<&Verdict>) -> String {
    match verdict {
        None => "no verdict".to_owned(),
        Some(Verdict::Readiness(readiness)) => super::super::words::readiness(*readiness).to_owned(),
        Some(Verdict::Level { proven, possible, .. }) if proven == possible => proven.to_string(),
        Some(Verdict::Level { proven, possible, .. }) => format!("{proven}, up to {possible}"),
    }
}

/// A rule in a few words, the same in every run.
pub(super) fn rule(rule: &Rule) -> String {
    let mut words = format!("{} {}", rule.scope, rule.on.word());
    let path = rule.path.to_string();
    if !path.is_empty() {
        words.extend([" ", &path]);
    }
    if let Some((name, value)) = rule.when {
        words.push_str(&format!(" where {name} is {value}"));
    }
    if let Some(key) = &rule.key {
        words.push_str(&format!(" of {key}"));
    }
    words
}

/// "1 item", "2 items"
pub(super) fn number(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// With a capital letter.
pub(in crate::report) fn sentence(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
