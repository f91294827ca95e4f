//! Every policy with what came out: policies by competency and level, checks below their policy, so
//! that what a policy says about itself stands there once. Comes in: the report. Goes out: rows for the
//! template. Excerpts are rationed, so that a large report still opens at once.

use std::collections::BTreeMap;

use crate::engine::finding::Outcome;
use crate::report::model::{Finding, Place, Report, Waiver};

use super::words::{self, Mark};

/// How many excerpts and how many places each check shows; the next where the one before would make the
/// evidence larger than [`BUDGET`]. The rest is counted.
const RATIONS: [Ration; 6] = [(4, 12), (2, 8), (1, 6), (1, 3), (0, 3), (0, 1)];
/// Bytes of evidence in a page, so that 5,000 findings stay below 5 MB and open in a second.
const BUDGET: usize = 1_200_000;

/// Excerpts and places.
type Ration = (usize, usize);

/// The policies of one competency.
#[derive(Debug)]
pub(super) struct Area {
    pub id: String,
    pub name: String,
    pub levels: Vec<LevelGroup>,
}

/// The policies of one level.
#[derive(Debug)]
pub(super) struct LevelGroup {
    /// Level, 0 where there are none.
    pub level: u16,
    pub title: String,
    pub state: Option<Mark>,
    pub policies: Vec<Policy>,
}

/// One policy.
#[derive(Debug)]
pub(super) struct Policy {
    pub id: String,
    pub title: String,
    pub urgent: bool,
    /// The worst of its outcomes.
    pub mark: Mark,
    /// "2 of 3 pass"
    pub tally: String,
    pub why: String,
    pub fix: String,
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Debug)]
pub(super) struct Check {
    pub id: String,
    pub mark: Mark,
    pub claim: String,
    pub reason: String,
    /// Small print: what it gates, what it rests on, how to settle it.
    pub facts: String,
    pub remedy: &'static str,
    pub question: String,
    pub waived: String,
    pub total: usize,
    pub places: Vec<Spot>,
    pub unlisted: usize,
}

impl Check {
    /// Whether there is anything to unfold.
    pub fn has_more(&self) -> bool {
        !(self.places.is_empty() && self.question.is_empty() && self.waived.is_empty())
    }
}

/// One place in the evidence.
#[derive(Debug)]
pub(super) struct Spot {
    pub name: String,
    pub at: String,
    pub expected: String,
    pub actual: String,
    pub before: String,
    pub marked: String,
    pub after: String,
}

impl Spot {
    pub fn has_excerpt(&self) -> bool {
        !(self.before.is_empty() && self.marked.is_empty() && self.after.is_empty())
    }
}

/// All findings of a report.
pub(super) fn areas(report: &Report) -> Vec<Area> {
    let ration = ration(report);
    let mut names: Vec<(&str, &str)> = Vec::new();
    for competency in &report.competencies {
        names.push((&competency.id, &competency.name));
    }
    // A competency that the verdicts leave out still has its findings here.
    for found in &report.findings {
        if !names.iter().any(|(id, _)| *id == found.competency) {
            names.push((&found.competency, &found.competency));
        }
    }
    names
        .into_iter()
        .map(|(id, name)| area(report, id, name, ration))
        .filter(|area| !area.levels.is_empty())
        .collect()
}

/// The most generous ration that the report can afford.
fn ration(report: &Report) -> Ration {
    let affordable =
        |ration: &Ration| report.findings.iter().map(|found| size(found, *ration)).sum::<usize>() <= BUDGET;
    RATIONS.into_iter().find(affordable).unwrap_or((0, 1))
}

/// About how many bytes the evidence of a finding takes.
fn size(found: &Finding, (excerpts, listed): Ration) -> usize {
    let bytes = |text: &str| text.len() + 4 * text.matches(['"', '<', '>', '&', '\'']).count();
    let optional = |text: &Option<String>| text.as_deref().map_or(0, |text| bytes(text) + 30);
    let place = |(at, place): (usize, &Place)| {
        let excerpt = if at < excerpts { bytes(&place.excerpt) + 30 } else { 0 };
        let name = bytes(place.name.as_deref().or(place.key.as_deref()).unwrap_or(&place.section));
        90 + name + optional(&place.expected) + optional(&place.actual) + excerpt
    };
    found.evidence.shown.iter().take(listed).enumerate().map(place).sum()
}

fn area(report: &Report, id: &str, name: &str, ration: Ration) -> Area {
    let mut levels: BTreeMap<u16, BTreeMap<(usize, &str), Vec<&Finding>>> = BTreeMap::new();
    let mut order: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, found) in report.findings.iter().enumerate().filter(|(_, found)| found.competency == id) {
        let first = *order.entry(&found.policy).or_insert(at);
        let level = levels.entry(found.level.unwrap_or(0)).or_default();
        level.entry((first, &found.policy)).or_default().push(found);
    }
    let states = report.competencies.iter().find(|competency| competency.id == id);
    let group = |(level, policies): (u16, BTreeMap<(usize, &str), Vec<&Finding>>)| LevelGroup {
        level,
        title: match level {
            0 => "Without a level".to_owned(),
            level => format!("Level {level} {}", words::level_name(level)).trim_end().to_owned(),
        },
        state: states
            .and_then(|states| states.levels.iter().find(|entry| entry.level == level))
            .map(|entry| words::level_state(entry.state)),
        policies: policies.into_values().filter_map(|checks| policy(report, &checks, ration)).collect(),
    };
    Area { id: words::clean(id), name: words::clean(name), levels: levels.into_iter().map(group).collect() }
}

fn policy(report: &Report, findings: &[&Finding], ration: Ration) -> Option<Policy> {
    let first = findings.first()?;
    let worst = findings.iter().max_by_key(|found| badness(found.outcome))?;
    let passes = findings.iter().filter(|found| found.outcome == Outcome::Pass).count();
    Some(Policy {
        id: words::clean(&first.policy),
        title: words::clean(&first.title),
        urgent: first.urgent,
        mark: words::outcome(worst.outcome),
        tally: format!("{passes} of {} pass", findings.len()),
        why: words::clean(&first.why),
        fix: words::clean(&first.fix),
        checks: findings.iter().map(|found| check(report, found, ration)).collect(),
    })
}

/// What a reader must see first is worst.
fn badness(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::NotApplicable => 0,
        Outcome::Pass => 1,
        Outcome::Unknown => 2,
        Outcome::Fail => 3,
        Outcome::Error => 4,
    }
}

fn check(report: &Report, found: &Finding, (excerpts, listed): Ration) -> Check {
    let places = &found.evidence.shown;
    let waiver = found.waived.and_then(|index| report.waivers.get(index));
    Check {
        id: words::clean(&found.check),
        mark: words::outcome(found.outcome),
        claim: words::clean(&found.claim),
        reason: words::clean(&found.reason),
        facts: facts(found),
        remedy: found.remedy.map(words::remedy).unwrap_or_default(),
        question: question(found),
        waived: waiver.map(|waiver| waived(report, waiver)).unwrap_or_default(),
        total: found.evidence.total,
        places: places
            .iter()
            .take(listed)
            .enumerate()
            .map(|(at, place)| spot(place, at < excerpts))
            .collect(),
        unlisted: found.evidence.total.saturating_sub(places.len().min(listed)),
    }
}

fn facts(found: &Finding) -> String {
    let mut facts = Vec::new();
    match (found.informs, found.gates) {
        (true, _) => facts.push("informs only".to_owned()),
        (false, Some(level)) => facts.push(format!("gates {level}")),
        (false, None) => {}
    }
    if found.symptom {
        facts.push("symptom".to_owned());
    }
    if found.partly {
        facts.push("answered: partly".to_owned());
    }
    facts.extend(found.basis.map(|basis| words::basis(basis).to_owned()));
    facts.extend(found.remedy.map(|remedy| format!("remedy: {}", words::remedy(remedy))));
    facts.join(" · ")
}

/// The question is asked where an answer would settle something.
fn question(found: &Finding) -> String {
    match found.outcome {
        Outcome::Unknown | Outcome::Fail => found.question.as_deref().map(words::clean).unwrap_or_default(),
        Outcome::Pass | Outcome::NotApplicable | Outcome::Error => String::new(),
    }
}

fn waived(report: &Report, waiver: &Waiver) -> String {
    format!(
        "Waived as {} by {} until {} ({}): {}",
        words::plain(&waiver.kind),
        words::clean(&waiver.owner),
        words::day(waiver.expires),
        words::distance(report.today, waiver.expires),
        words::clean(&waiver.reason)
    )
}

fn spot(place: &Place, with_excerpt: bool) -> Spot {
    let name = match (&place.name, &place.key) {
        (Some(name), _) => words::clean(name),
        (None, Some(key)) => words::clean(key),
        (None, None) => words::clean(&place.section),
    };
    let file = place.file.rsplit(['/', '\\']).next().unwrap_or_default();
    let at = match file {
        "" => format!("{}{}", words::clean(&place.section), words::clean(&place.pointer)),
        file => format!("{}:{}:{}", words::clean(file), place.line, place.column),
    };
    let (before, marked, after) = if with_excerpt { cut(place) } else { ("", "", "") };
    Spot {
        name,
        at,
        expected: place.expected.as_deref().map(words::clean).unwrap_or_default(),
        actual: place.actual.as_deref().map(words::clean).unwrap_or_default(),
        before: words::clean_lines(before),
        marked: words::clean_lines(marked),
        after: words::clean_lines(after),
    }
}

/// The excerpt before, at and after the place; all of it before, where the place lies outside.
fn cut(place: &Place) -> (&str, &str, &str) {
    let text = place.excerpt.as_str();
    let inside = |byte: u32| (byte.saturating_sub(place.excerpt_start) as usize).min(text.len());
    let (start, end) = (inside(place.start), inside(place.end));
    match (text.get(..start), text.get(start..end), text.get(end..)) {
        (Some(before), Some(marked), Some(after)) => (before, marked, after),
        _ => (text, "", ""),
    }
}
