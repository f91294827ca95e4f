//! Human answers: which one counts for a check, and what became of the others. Comes in: the
//! answers of the file, the checks, today. Not here: reading the file (`config`).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::config::{Answer, AnswerKind};
use crate::policy::compiled::{Check, CheckRef};
use crate::snapshot::record::State;

use super::Input;
use super::assertion::Judgement;
use super::finding::{AttestationState, Basis, Outcome};

/// State of an answer and something to know about it.
pub(super) type Told = (AttestationState, Option<String>);

/// The answers sorted out.
pub(super) struct Answers<'a> {
    live: BTreeMap<CheckRef, Live<'a>>,
    settled: Vec<Option<Told>>,
    notes: Vec<Option<String>>,
}

/// An answer that counts today.
#[derive(Debug, Clone, Copy)]
pub(super) struct Live<'a> {
    /// Its number in the file.
    pub index: usize,
    pub answer: &'a Answer,
}

impl<'a> Answers<'a> {
    /// The answer that counts for a check.
    pub(super) fn of(&self, check: &CheckRef) -> Option<Live<'a>> {
        self.live.get(check).copied()
    }

    /// What became of each answer, in the order of the file. `used` is what the checks say of theirs.
    pub(super) fn states(self, mut used: BTreeMap<usize, Told>) -> Vec<Told> {
        let told = self.settled.into_iter().zip(self.notes).enumerate();
        let state = |(index, (settled, note)): (usize, (Option<Told>, Option<String>))| {
            let (state, more) =
                settled.or_else(|| used.remove(&index)).unwrap_or((AttestationState::NotNeeded, None));
            (state, more.or(note))
        };
        told.map(state).collect()
    }
}

/// Sorts the answers out: the latest of a check counts, if it has not expired and is allowed.
pub(super) fn resolve<'a>(input: &Input<'a>) -> Answers<'a> {
    let mut settled: Vec<Option<Told>> = vec![None; input.answers.len()];
    let mut latest: BTreeMap<&CheckRef, usize> = BTreeMap::new();
    for (index, answer) in input.answers.iter().enumerate() {
        if input.policies.check(&answer.check).is_none() {
            set(&mut settled, index, AttestationState::NoSuchCheck, None);
            continue;
        }
        let before = latest.get(&answer.check).copied();
        let newer =
            before.and_then(|before| input.answers.get(before)).is_none_or(|other| other.on <= answer.on);
        let loser = if newer { before } else { Some(index) };
        if newer {
            latest.insert(&answer.check, index);
        }
        if let Some(loser) = loser {
            set(&mut settled, loser, AttestationState::Superseded, None);
        }
    }
    let mut live = BTreeMap::new();
    for (check_ref, index) in latest {
        let (Some(answer), Some((_, check))) = (input.answers.get(index), input.policies.check(check_ref))
        else {
            continue;
        };
        match refusal(input, answer, check) {
            Some((state, why)) => set(&mut settled, index, state, Some(why)),
            None => {
                live.insert(check_ref.clone(), Live { index, answer });
            }
        }
    }
    let notes = input.answers.iter().map(|answer| left(input, answer)).collect();
    Answers { live, settled, notes }
}

fn set(settled: &mut [Option<Told>], index: usize, state: AttestationState, note: Option<String>) {
    if let Some(slot) = settled.get_mut(index) {
        *slot = Some((state, note));
    }
}

/// When an answer stops to count.
pub fn expiry(answer: &Answer, check: &Check) -> DateTime<Utc> {
    answer
        .expires
        .unwrap_or_else(|| answer.on.checked_add_signed(check.valid_for).unwrap_or(DateTime::<Utc>::MAX_UTC))
}

fn refusal(input: &Input<'_>, answer: &Answer, check: &Check) -> Option<(AttestationState, String)> {
    if answer.on > input.today {
        return Some((AttestationState::Expired, format!("dated {}, in the future", answer.on.date_naive())));
    }
    let expires = expiry(answer, check);
    if expires <= input.today {
        return Some((AttestationState::Expired, format!("expired on {}", expires.date_naive())));
    }
    let refused = |why: &str| Some((AttestationState::Refused, why.to_owned()));
    if check.measured_only {
        return refused("this check only counts when measured");
    }
    match answer.answer {
        AnswerKind::Yes if answer.evidence.is_none() => refused("a yes needs evidence"),
        AnswerKind::NotApplicable if !check.may_not_apply => refused("this check applies to every tenant"),
        AnswerKind::NotApplicable if answer.reason.is_none() => refused("not-applicable needs a reason"),
        AnswerKind::Yes | AnswerKind::Partly | AnswerKind::No | AnswerKind::NotApplicable => None,
    }
}

/// Whether the author of an answer is of this tenant and no longer there.
fn left(input: &Input<'_>, answer: &Answer) -> Option<String> {
    let mail = answer.mail()?.to_ascii_lowercase();
    let domain = input.snapshot.manifest.tenant.default_domain.as_ref()?.to_ascii_lowercase();
    if !mail.ends_with(&format!("@{domain}")) || input.snapshot.state("users.accounts") != State::Read {
        return None;
    }
    let users = input.snapshot.section("users.accounts")?;
    let is = |name: &str, user: crate::snapshot::document::NodeRef<'_>| {
        user.get(name).and_then(|value| value.as_str()).is_some_and(|text| text.eq_ignore_ascii_case(&mail))
    };
    let found = users.elements().find(|user| is("userPrincipalName", *user) || is("mail", *user));
    match found {
        None => Some("its author is not a user of this tenant: owner left, reassign".to_owned()),
        Some(user) if user.get("accountEnabled").and_then(|value| value.as_bool()) == Some(false) => {
            Some("its author's account is disabled: owner left, reassign".to_owned())
        }
        Some(_) => None,
    }
}

impl<'a> Live<'_> {
    /// What the answer makes of its check.
    pub(super) fn judgement(&self) -> Judgement<'a> {
        let by = format!("{} on {}", self.answer.by, self.answer.on.date_naive());
        let judged = match self.answer.answer {
            AnswerKind::Yes => {
                Judgement::new(Outcome::Pass, format!("attested by {by}")).resting_on(Some(Basis::Attested))
            }
            AnswerKind::Partly => {
                let mut judged = Judgement::new(Outcome::Fail, format!("only partly, says {by}"));
                judged.partly = true;
                judged
            }
            AnswerKind::No => Judgement::new(Outcome::Fail, format!("not so, says {by}")),
            AnswerKind::NotApplicable => {
                Judgement::new(Outcome::NotApplicable, format!("does not apply, says {by}"))
            }
        };
        Judgement { answered: true, ..judged }
    }
}
