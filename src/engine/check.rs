//! One check: its guard, its assertion, and what licences, proxies, answers and waivers make of the
//! result. Comes in: the world, the answers, a check. Goes out: its finding. Not here: assertions
//! themselves (`assertion`), levels (`verdict`).

use crate::policy::compiled::{Assertion, Check, CheckRef, Path, Policy, Strength, Unlicensed};
use crate::query::Budget;
use crate::snapshot::record::State;

use super::answers::{Answers, Live, Told};
use super::assertion::{self, Context, Judgement};
use super::finding::{AttestationState, Evidence, Finding, Outcome, Remedy, WaiverState};
use super::standing::Cause;
use super::world::World;
use super::{BUDGET, place, waivers};

/// A check to judge.
pub(super) struct Subject<'a> {
    pub policy: &'a Policy,
    pub check: &'a Check,
    /// The check that is evaluated: itself, or the one that `same_as` names.
    pub source: &'a Check,
}

/// A finding, and what it made of answers and waivers.
pub(super) struct Judged {
    pub finding: Finding,
    pub answer: Option<(usize, Told)>,
    pub waivers: Vec<(usize, WaiverState)>,
}

/// Judges a check.
pub(super) fn judge(world: &World<'_>, answers: &Answers<'_>, subject: &Subject<'_>) -> Judged {
    let id = CheckRef { policy: subject.policy.id.clone(), check: subject.check.id.clone() };
    let answer = answers.of(&id).or_else(|| answers.of(subject.check.same_as.as_ref()?));
    let check = subject.source;
    let answer_inside = has_question(&check.assertion);
    let measured = measure(world, check, answer.filter(|_| answer_inside));
    let (judged, told) = match answer {
        None => (proxied(measured, check, None), None),
        // The question inside was answered and the rest could not be seen: the answer is about the check.
        Some(live) if answer_inside && measured.outcome == Outcome::Unknown => {
            answered(measured, check, live)
        }
        Some(live) if answer_inside => {
            let without = measure(world, check, None);
            let state = if same(&without, &measured) {
                AttestationState::NotNeeded
            } else {
                AttestationState::Counts
            };
            (measured, Some((live.index, (state, None))))
        }
        Some(live) => answered(measured, check, live),
    };
    let finding = finding(world, id, check, &judged);
    let (waived, waivers) = waivers::apply(world, &finding, &judged);
    Judged { finding: Finding { waived, ..finding }, answer: told, waivers }
}

fn same(a: &Judgement<'_>, b: &Judgement<'_>) -> bool {
    a.outcome == b.outcome && a.basis == b.basis
}

/// Guard, assertion and licence rule.
fn measure<'a>(world: &World<'a>, check: &Check, answer: Option<Live<'_>>) -> Judgement<'a> {
    let mut context = Context { world, empty: check.empty, answer, budget: Budget::new(BUDGET) };
    let guard = check.when.as_ref().and_then(|when| guard(&mut context, when));
    let judged = guard.unwrap_or_else(|| assertion::judge(&mut context, &check.assertion));
    let only_licence = judged.outcome == Outcome::Unknown
        && !judged.causes.is_empty()
        && judged.causes.iter().all(|cause| cause.state == Some(State::Unlicensed));
    match check.unlicensed {
        Unlicensed::Fail if only_licence => Judgement::new(Outcome::Fail, judged.reason),
        Unlicensed::NotApplicable if only_licence => Judgement::new(Outcome::NotApplicable, judged.reason),
        Unlicensed::Unknown | Unlicensed::Fail | Unlicensed::NotApplicable => judged,
    }
}

/// None if the guard lets the assertion be judged.
fn guard<'a>(context: &mut Context<'a, '_>, when: &Path) -> Option<Judgement<'a>> {
    let standing = assertion::standing_of(context.world, when);
    if !standing.blind.is_empty() {
        return Some(Judgement::unknown(standing.blind));
    }
    match context.world.evaluator.select(&when.query, &mut context.budget) {
        Err(_) => Some(Judgement::new(
            Outcome::Error,
            "its `when` visits more values than a check may; narrow its path",
        )),
        Ok(matches) if !matches.is_empty() => None,
        Ok(_) if !standing.gaps.is_empty() => Some(Judgement::unknown(standing.gaps)),
        Ok(_) => Some(Judgement::new(Outcome::NotApplicable, "nothing in this tenant asks for it")),
    }
}

fn has_question(assertion: &Assertion) -> bool {
    match assertion {
        Assertion::Attest(_) => true,
        Assertion::Either { of, .. } | Assertion::All(of) => of.iter().any(has_question),
        Assertion::Forbid(_) | Assertion::Require { .. } | Assertion::Share(_) | Assertion::Cadence(_) => {
            false
        }
    }
}

/// A proxy's pass needs a yes; its fail stands.
fn proxied<'a>(measured: Judgement<'a>, check: &Check, answer: Option<Live<'_>>) -> Judgement<'a> {
    match (check.strength, measured.outcome) {
        (Strength::Proxy, Outcome::Pass) => match answer {
            Some(live) => live.judgement().at(measured.hits),
            None => {
                let question = check.ask.as_deref().unwrap_or(&check.title);
                let text = format!("activity suggests it ({}); to be confirmed: {question}", measured.reason);
                Judgement::unknown(vec![Cause { text, remedy: Remedy::Attest, state: None }])
            }
        },
        (Strength::Direct, _) => measured,
        (Strength::Proxy, Outcome::Fail | Outcome::Unknown | Outcome::NotApplicable | Outcome::Error) => {
            measured
        }
    }
}

/// An answer settles what was not measured; a measured fail beats it.
fn answered<'a>(
    measured: Judgement<'a>,
    check: &Check,
    live: Live<'_>,
) -> (Judgement<'a>, Option<(usize, Told)>) {
    let told = |state, note: Option<&str>| Some((live.index, (state, note.map(str::to_owned))));
    match measured.outcome {
        Outcome::Unknown => (live.judgement(), told(AttestationState::Counts, None)),
        Outcome::Pass if check.strength == Strength::Proxy => {
            (proxied(measured, check, Some(live)), told(AttestationState::Counts, None))
        }
        Outcome::Pass | Outcome::NotApplicable => (measured, told(AttestationState::NotNeeded, None)),
        Outcome::Fail if live.judgement().outcome == Outcome::Fail => {
            (measured, told(AttestationState::NotNeeded, None))
        }
        Outcome::Fail => {
            let note = "what was measured says otherwise";
            (measured, told(AttestationState::Contradicted, Some(note)))
        }
        Outcome::Error => (measured, told(AttestationState::NotNeeded, None)),
    }
}

fn finding<'a>(world: &World<'a>, id: CheckRef, check: &Check, judged: &Judgement<'a>) -> Finding {
    let remedy = remedy(judged, check);
    let shows = match judged.outcome {
        Outcome::Pass | Outcome::Fail => true,
        Outcome::Unknown | Outcome::NotApplicable | Outcome::Error => false,
    };
    let evidence = if shows { place::evidence(world, &judged.hits) } else { Evidence::default() };
    Finding {
        check: id,
        outcome: judged.outcome,
        reason: judged.reason.clone(),
        remedy,
        basis: judged.basis.filter(|_| judged.outcome == Outcome::Pass),
        partly: judged.partly,
        incomplete: judged.incomplete,
        waived: None,
        evidence,
    }
}

/// What would settle it: what is cheapest first, since each cause has to go.
fn remedy(judged: &Judgement<'_>, check: &Check) -> Option<Remedy> {
    match judged.outcome {
        Outcome::Pass | Outcome::NotApplicable => None,
        Outcome::Fail => Some(Remedy::Fix),
        Outcome::Error => Some(Remedy::Report),
        Outcome::Unknown => {
            let has = |remedy| judged.causes.iter().any(|cause| cause.remedy == remedy);
            let first = [Remedy::Declare, Remedy::Collect].into_iter().find(|remedy| has(*remedy));
            let last = if check.measured_only { Remedy::Collect } else { Remedy::Attest };
            Some(first.unwrap_or(last))
        }
    }
}
