//! What is asked, in which order. Comes in: the input of an evaluation, targets, owners, a scope.
//! Goes out: questions, by topic, the rungs of a topic side by side, highest first. Not here: asking.
//!
//! A check is asked about only if a yes would settle it: the checks are judged once more as if all
//! had been answered with yes, and what is unknown even then is named instead of asked.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{AttestError, Owners, is_person};
use crate::config::{Answer, AnswerKind, Target, WaiverKind};
use crate::engine::finding::{Finding, Outcome};
use crate::engine::{self, Evaluation, Input};
use crate::policy::compiled::{Assertion, Check, CheckRef, Policy};
use crate::report::build::{self, Request};
use crate::report::model::{AttestationState, Report};
use crate::verdict::blockers;
use crate::verdict::gate::OnUnknown;
use crate::verdict::units::{self, Reading, Value};

/// Which questions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'a> {
    /// Every open question, not only what decides the next level up to the target.
    pub all: bool,
    /// Of this competency.
    pub competency: Option<&'a str>,
    /// Up to this level, whatever the target.
    pub level: Option<u16>,
    /// Also answers that expire within this time.
    pub expiring: Option<TimeDelta>,
    /// Of this owner: name, mail address, or both.
    pub owner: Option<&'a str>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The check that an answer is about.
    pub check: CheckRef,
    /// Checks that the answer settles: itself, and those that are the same.
    pub settles: BTreeSet<String>,
    /// Name of the competency.
    pub competency: String,
    /// The ladder it stands on.
    pub topic: Option<String>,
    /// The level that it helps to decide.
    pub level: Option<u16>,
    /// What holds if the answer is yes.
    pub claim: String,
    /// The question.
    pub text: String,
    /// What the criterion means.
    pub about: String,
    /// Why it matters.
    pub why: String,
    /// Why it is asked.
    pub reason: String,
    /// It may be answered with not-applicable.
    pub may_not_apply: bool,
    /// Who answers for it.
    pub owners: Vec<String>,
    /// Until when its answer counts, where it has one.
    pub until: Option<DateTime<Utc>>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// In the order of asking.
    pub questions: Vec<Question>,
    /// Open checks of the scope that no answer settles.
    pub beyond: Vec<String>,
}

impl Plan {
    /// For which competency, up to which level, how many questions.
    pub fn aims(&self) -> Vec<(&str, Option<u16>, usize)> {
        let mut aims: Vec<(&str, Option<u16>, usize)> = Vec::new();
        for question in &self.questions {
            match aims.iter_mut().find(|(name, _, _)| *name == question.competency) {
                Some((_, level, count)) => (*level, *count) = ((*level).max(question.level), *count + 1),
                None => aims.push((&question.competency, question.level, 1)),
            }
        }
        aims
    }
}

/// Plans.
///
/// # Errors
/// The owner of the scope owns nothing.
pub fn plan(
    input: &Input<'_>,
    targets: &BTreeMap<String, Target>,
    owners: Owners<'_>,
    scope: &Scope<'_>,
) -> Result<Plan, AttestError> {
    scope.owner.map_or(Ok(()), |owner| owners.known(owner))?;
    let evaluation = engine::evaluate(input);
    let report = report(input, &evaluation, &aimed(input, targets, scope.level));
    let wanted = wanted(&report, scope.all);
    let expiring = expiring(input, &report, scope.expiring);
    let settled = settled_by_yes(input, &evaluation);
    let (mut chosen, mut beyond): (Vec<(Place, Question)>, Vec<String>) = Default::default();
    for (place, found) in evaluation.findings.iter().enumerate() {
        let name = found.check.to_string();
        let open = found.outcome == Outcome::Unknown && wanted.contains(&name);
        let until = expiring.get(&name).copied();
        let Some(asked) = asked(input, found).filter(|asked| open || until.is_some() && asked.itself) else {
            continue;
        };
        let question = question(input, &asked, owners, found, until);
        if !scope.covers(asked.policy, &question) {
            continue;
        }
        if open && !settled.contains(&name) {
            beyond.push(name);
        } else if let Some((_, same)) = chosen.iter_mut().find(|(_, other)| other.check == question.check) {
            same.settles.extend(question.settles);
        } else {
            chosen.push((Place { policy: asked.policy, place }, question));
        }
    }
    Ok(Plan { questions: in_order(input, chosen), beyond })
}

impl Scope<'_> {
    fn covers(&self, policy: &Policy, question: &Question) -> bool {
        let up_to = |level| question.level.is_some_and(|own| own <= level);
        let owned = |owner| question.owners.iter().any(|person| is_person(person, owner));
        self.competency.is_none_or(|id| policy.competency == id)
            && self.level.is_none_or(up_to)
            && self.owner.is_none_or(owned)
    }
}

/// Names of the checks that an answer could still decide: undecided, and not made harmless by
/// something else.
pub fn open(input: &Input<'_>) -> BTreeSet<String> {
    let evaluation = engine::evaluate(input);
    let compensating: Vec<bool> =
        input.waivers.iter().map(|waiver| waiver.kind == WaiverKind::Compensating).collect();
    let units = units::units(input.policies, &evaluation.findings, Reading::Strict, &compensating);
    let findings = evaluation.findings.iter().map(|found| (&found.check, found)).collect();
    let undecided = units.iter().filter(|unit| unit.value == Value::Undecided);
    let undecided: BTreeSet<String> =
        undecided.map(|unit| format!("{}/{}", unit.policy.id, unit.check.id)).collect();
    let blocking = blockers::blockers(&units, &findings, None).into_iter().map(|blocker| blocker.check);
    let mut open: BTreeSet<String> = blocking.filter(|check| undecided.contains(check)).collect();
    let informing = evaluation.findings.iter().filter(|found| found.outcome == Outcome::Unknown);
    let informing = informing.filter(|found| asked(input, found).is_some_and(|asked| asked.informs));
    open.extend(informing.map(|found| found.check.to_string()));
    open
}

/// A finding with the check that is asked about: itself, or the one that it is the same as.
struct Asked<'a> {
    /// The finding's policy.
    policy: &'a Policy,
    /// The level that the finding's check gates, or that it belongs to.
    level: Option<u16>,
    /// The policy and check that are asked about.
    about: (&'a Policy, &'a Check),
    /// They are the finding's own.
    itself: bool,
    informs: bool,
}

fn asked<'a>(input: &Input<'a>, found: &Finding) -> Option<Asked<'a>> {
    let (policy, check) = input.policies.check(&found.check)?;
    let same = check.same_as.as_ref().and_then(|target| input.policies.check(target));
    Some(Asked {
        policy,
        level: units::gates(input.policies, policy, check).or(policy.level),
        about: same.unwrap_or((policy, check)),
        itself: same.is_none(),
        informs: check.informs,
    })
}

fn question(
    input: &Input<'_>,
    asked: &Asked<'_>,
    owners: Owners<'_>,
    found: &Finding,
    until: Option<DateTime<Utc>>,
) -> Question {
    let (policy, check) = asked.about;
    let competency = input.policies.model.competency(&asked.policy.competency);
    Question {
        check: CheckRef { policy: policy.id.clone(), check: check.id.clone() },
        settles: BTreeSet::from([found.check.to_string()]),
        competency: competency.map_or_else(|| policy.competency.clone(), |known| known.name.clone()),
        topic: asked.policy.topics.first().cloned(),
        level: asked.level,
        claim: check.title.clone(),
        text: text(check),
        about: policy.about.trim().to_owned(),
        why: policy.why.trim().to_owned(),
        reason: found.reason.clone(),
        may_not_apply: check.may_not_apply,
        owners: owners.of(asked.policy).into_iter().map(str::to_owned).collect(),
        until,
    }
}

/// The question of a check: its own, the ones inside its assertion, else its title.
fn text(check: &Check) -> String {
    let mut inside = Vec::new();
    questions(&check.assertion, &mut inside);
    match (&check.assertion, &check.ask) {
        (Assertion::Attest(question), _) | (_, Some(question)) => question.trim().to_owned(),
        (_, None) if !inside.is_empty() => inside.join(" "),
        (_, None) => format!("Is this so: {}?", check.title.trim_end_matches('.')),
    }
}

fn questions<'c>(assertion: &'c Assertion, found: &mut Vec<&'c str>) {
    match assertion {
        Assertion::Attest(question) => found.push(question.trim()),
        Assertion::Either { of, .. } | Assertion::All(of) => {
            of.iter().for_each(|part| questions(part, found))
        }
        Assertion::Forbid(_) | Assertion::Require { .. } | Assertion::Share(_) | Assertion::Cadence(_) => {}
    }
}

/// The targets, or the level that was asked for: in each competency the highest that it has up to it.
fn aimed(
    input: &Input<'_>,
    targets: &BTreeMap<String, Target>,
    level: Option<u16>,
) -> BTreeMap<String, Target> {
    let Some(aim) = level else { return targets.clone() };
    let competencies = input.policies.model.competencies.iter();
    let aims = competencies.filter_map(|competency| {
        let level = competency.levels.iter().copied().filter(|level| *level <= aim).max()?;
        Some((competency.id.clone(), Target { level, by: None }))
    });
    aims.collect()
}

fn report(input: &Input<'_>, evaluation: &Evaluation, targets: &BTreeMap<String, Target>) -> Report {
    let request = Request {
        fail_on: &[],
        on_unknown: OnUnknown::Report,
        urgent_only: false,
        targets,
        baseline: None,
        notes: Vec::new(),
    };
    build::build(input, evaluation, request)
}

/// Names of the checks that stand in the way, or of all.
fn wanted(report: &Report, all: bool) -> BTreeSet<String> {
    if all {
        return report.findings.iter().map(|found| format!("{}/{}", found.policy, found.check)).collect();
    }
    let blockers = report.competencies.iter().flat_map(|competency| &competency.blockers);
    blockers.map(|blocker| blocker.check.clone()).collect()
}

/// Answers that count today and not much longer, by check.
fn expiring(
    input: &Input<'_>,
    report: &Report,
    within: Option<TimeDelta>,
) -> BTreeMap<String, DateTime<Utc>> {
    let Some(within) = within else { return BTreeMap::new() };
    let limit = input.today.checked_add_signed(within).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let counting = report.attestations.iter().filter(|answer| answer.state == AttestationState::Counts);
    let soon = counting.filter(|answer| answer.expires <= limit);
    soon.map(|answer| (answer.check.clone(), answer.expires)).collect()
}

/// Names of the unknown checks that would be decided if each got a yes.
fn settled_by_yes(input: &Input<'_>, evaluation: &Evaluation) -> BTreeSet<String> {
    let unknown: Vec<&Finding> =
        evaluation.findings.iter().filter(|found| found.outcome == Outcome::Unknown).collect();
    let mut answers: Vec<Answer> = input.answers.to_vec();
    answers.extend(unknown.iter().filter_map(|found| asked(input, found)).map(|asked| Answer {
        check: CheckRef { policy: asked.about.0.id.clone(), check: asked.about.1.id.clone() },
        answer: AnswerKind::Yes,
        on: input.today,
        by: String::new(),
        evidence: Some(String::new()),
        reason: None,
        expires: None,
        at: 0..0,
    }));
    let supposed = engine::evaluate(&Input { answers: &answers, ..*input });
    let decided = supposed.findings.iter().filter(|found| found.outcome != Outcome::Unknown);
    let decided: BTreeSet<&CheckRef> = decided.map(|found| &found.check).collect();
    unknown
        .iter()
        .map(|found| &found.check)
        .filter(|check| decided.contains(check))
        .map(ToString::to_string)
        .collect()
}

/// Where a question comes from.
struct Place<'a> {
    policy: &'a Policy,
    /// Number of its finding.
    place: usize,
}

/// Competencies as the model lists them; in each the topics, those with something urgent first, then
/// those that begin lowest; in each the rungs, highest first. What has no topic comes last.
fn in_order(input: &Input<'_>, chosen: Vec<(Place<'_>, Question)>) -> Vec<Question> {
    let mut ranks: BTreeMap<(String, Option<String>), (bool, Option<u16>)> = BTreeMap::new();
    for (place, question) in &chosen {
        let key = (question.competency.clone(), question.topic.clone());
        let rank = ranks.entry(key).or_insert((true, question.level));
        *rank = (rank.0 && !place.policy.urgent, rank.1.min(question.level));
    }
    let competencies = &input.policies.model.competencies;
    let mut chosen = chosen;
    chosen.sort_by_cached_key(|(place, question)| {
        let topic = (question.competency.clone(), question.topic.clone());
        (
            competencies.iter().position(|competency| competency.id == place.policy.competency),
            question.topic.is_none(),
            ranks.get(&topic).copied(),
            question.topic.clone(),
            Reverse(question.level),
            place.place,
        )
    });
    chosen.into_iter().map(|(_, question)| question).collect()
}
