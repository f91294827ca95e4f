//! The verdicts as the page shows them: per competency the level in words, what it rests on, what is
//! in the way, and the profile beside it. Comes in: the report. Goes out: texts for the template.

use crate::engine::finding::Remedy;
use crate::report::model::{Blocker, Competency, Range, Report, Verdict};

use super::ladder;
use super::words::{self, Mark};

/// The verdict in one competency.
#[derive(Debug)]
pub(super) struct Card {
    pub name: String,
    /// "200" or "gaps".
    pub headline: String,
    pub level_name: &'static str,
    /// ", up to 400" in words of its own.
    pub up_to: Option<u16>,
    pub undecided: Option<String>,
    /// Whether the target is reached.
    pub goal: Option<(Mark, String)>,
    pub readiness: Option<Mark>,
    pub in_the_way: String,
    pub rests_on: String,
    pub indicative: Option<String>,
    pub urgent: Option<String>,
    pub with_waivers: Option<String>,
    pub topics: Vec<(String, String)>,
    pub ladder: Option<String>,
    pub states: String,
    pub edition: String,
    pub proven: String,
    pub possible: String,
    pub target: String,
}

/// One card per competency that has a verdict.
pub(super) fn cards(report: &Report) -> Vec<Card> {
    report.competencies.iter().enumerate().filter_map(|(at, entry)| card(report, entry, at)).collect()
}

fn card(report: &Report, competency: &Competency, index: usize) -> Option<Card> {
    let verdict = competency.verdict.as_ref()?;
    let mut card = Card {
        name: words::clean(&competency.name),
        headline: String::new(),
        level_name: "",
        up_to: None,
        undecided: None,
        goal: None,
        readiness: None,
        in_the_way: in_the_way(&competency.blockers),
        rests_on: rests_on(competency),
        indicative: competency.profile.as_ref().map(|profile| words::span(profile.indicative)),
        urgent: competency.profile.as_ref().and_then(|profile| profile.urgent).map(words::range),
        with_waivers: with_waivers(competency),
        topics: topics(competency),
        ladder: ladder::ladder(competency, index),
        states: states(competency),
        edition: edition(report, competency),
        proven: "–".to_owned(),
        possible: "–".to_owned(),
        target: "–".to_owned(),
    };
    match verdict {
        Verdict::Level { proven, possible, target, undecided } => {
            card.headline = proven.to_string();
            card.level_name = words::level_name(*proven);
            card.up_to = (possible > proven).then_some(*possible);
            card.undecided = undecided.map(|undecided| {
                format!("Not yet decided: 100 to {possible}, {} of {} open", undecided.open, undecided.of)
            });
            // So little was seen that a single level would say too much.
            if undecided.is_some() {
                card.headline = format!("100 to {possible}");
                card.level_name = "not yet decided";
                card.up_to = None;
            }
            card.goal = target.map(|target| goal(Range { proven: *proven, possible: *possible }, target));
            card.proven = proven.to_string();
            card.possible = possible.to_string();
            card.target = target.map_or_else(|| "–".to_owned(), |target| target.to_string());
        }
        Verdict::Readiness(readiness) => {
            let mark = words::readiness(*readiness);
            card.headline = mark.word.to_owned();
            card.proven = mark.word.to_owned();
            card.readiness = Some(mark);
        }
    }
    Some(card)
}

/// Whether a target is reached, in words.
fn goal(range: Range, target: u16) -> (Mark, String) {
    let (sign, word, class) = match () {
        () if range.proven >= target => ("✓", "reached", "pass"),
        () if range.possible >= target => ("?", "not proven yet", "open"),
        () => ("✗", "not reached", "fail"),
    };
    (Mark { sign, word, class }, format!("Target {target} {word}"))
}

/// "2 to fix, 1 to collect, 4 questions"
pub(super) fn in_the_way(blockers: &[Blocker]) -> String {
    let parts: Vec<String> = [
        (Remedy::Fix, "to fix", "to fix"),
        (Remedy::Collect, "to collect", "to collect"),
        (Remedy::Declare, "parameter to declare", "parameters to declare"),
        (Remedy::Attest, "question", "questions"),
        (Remedy::Report, "defect of ours", "defects of ours"),
    ]
    .into_iter()
    .map(|(remedy, one, many)| {
        (blockers.iter().filter(|blocker| blocker.remedy == remedy).count(), one, many)
    })
    .filter(|(n, _, _)| *n > 0)
    .map(|(n, one, many)| words::many(n, one, many))
    .collect();
    let urgent = blockers.iter().filter(|blocker| blocker.urgent).count();
    match (parts.is_empty(), urgent) {
        (true, _) => String::new(),
        (false, 0) => parts.join(", "),
        (false, urgent) => format!("{}; {urgent} of them urgent", parts.join(", ")),
    }
}

fn rests_on(competency: &Competency) -> String {
    let parts: Vec<String> =
        competency.basis.iter().map(|(basis, n)| format!("{n} {}", words::basis(*basis))).collect();
    parts.join(", ")
}

/// Shown where accepted risks make a difference.
fn with_waivers(competency: &Competency) -> Option<String> {
    let gate = competency.gate?;
    match competency.verdict.as_ref()? {
        Verdict::Level { proven, possible, .. } if gate.proven != *proven || gate.possible != *possible => {
            Some(words::range(gate))
        }
        Verdict::Level { .. } | Verdict::Readiness(_) => None,
    }
}

fn topics(competency: &Competency) -> Vec<(String, String)> {
    let topics = competency.profile.iter().flat_map(|profile| &profile.topics);
    topics.map(|(topic, range)| (words::clean(topic), words::range(*range))).collect()
}

fn states(competency: &Competency) -> String {
    let shown: Vec<String> = competency
        .levels
        .iter()
        .filter(|level| level.level > 100)
        .map(|level| format!("{} {}", level.level, words::level_state(level.state).word))
        .collect();
    if shown.is_empty() { "no levels".to_owned() } else { shown.join(", ") }
}

fn edition(report: &Report, competency: &Competency) -> String {
    let document = report.model.documents.iter().find(|document| document.id == competency.document);
    document.map(|document| words::clean(&document.edition)).unwrap_or_default()
}
