//! Approval of drift: which differences people have accepted, with the very value that they have. Comes in: drift,
//! approvals of a file. Goes out: every difference as approved, or approved with another value, or neither; approvals
//! that match nothing any more; and for a difference what an approval of it would say. Not here: the file (`config`),
//! asking people (the command `approve`).
//!
//! An approval is about drift alone, and about what was seen: it covers no section, property or item that is no longer
//! collected, and it changes no outcome of a check.

mod canonical;
mod pin;
mod subject;

use std::collections::BTreeMap;

use crate::config::approvals::{Accepted, Approval, Pin, Subject};
use crate::sections;
use crate::snapshot::record::State;

use super::model::{Change, Drift, Kind, SectionDrift, Standing};
use super::noise::Rule;

use self::subject::Names;

/// What kind of approval a difference needs; None where nothing is to be accepted, since it is no drift.
const fn accepted(kind: Kind) -> Option<Accepted> {
    match kind {
        Kind::Added => Some(Accepted::Added),
        Kind::Removed => Some(Accepted::Removed),
        Kind::Changed => Some(Accepted::Changed),
        Kind::Renamed => Some(Accepted::Renamed),
        Kind::Reordered => Some(Accepted::Reordered),
        Kind::AgedOut | Kind::NotSeen | Kind::NewlySeen => None,
    }
}

/// Says what approvals of the differences of a section would say.
#[derive(Debug)]
pub struct Subjects<'c, 's>(Names<'c, 's>);

impl<'c, 's> Subjects<'c, 's> {
    /// Of a section, with the rules that the comparison went by.
    #[must_use]
    pub fn of(section: &SectionDrift<'s>, rules: &'c [Rule]) -> Option<Self> {
        Some(Self(Names::of(sections::find(section.id)?, rules)))
    }

    /// Which difference it is, whatever its value; None where nothing is to be accepted.
    #[must_use]
    pub fn subject(&self, change: &Change<'s>) -> Option<Subject> {
        let accepted = accepted(change.kind)?;
        let section = self.0.section.id.to_owned();
        let Some(item) = change.new_item.or(change.old_item) else {
            // All items of a section, in another order.
            return Some(Subject { section, key: None, pointer: String::new(), change: accepted });
        };
        let pointer = self.0.place(change)?.pointer;
        Some(Subject { section, key: self.0.key(item), pointer, change: accepted })
    }

    /// The value that would be accepted.
    #[must_use]
    pub fn pin(&self, change: &Change<'s>) -> Option<Pin> {
        accepted(change.kind)?;
        pin::of(&self.0, change)
    }
}

/// Marks what is approved, and gives the places of approvals that match nothing any more. Of several approvals of one
/// difference the last one counts; where items are known by their value alone, each covers one of them.
pub fn apply(drift: &mut Drift<'_>, approvals: &[Approval]) -> Vec<usize> {
    let mut known: BTreeMap<&Subject, Vec<usize>> = BTreeMap::new();
    for (at, approval) in approvals.iter().enumerate() {
        known.entry(&approval.subject).or_default().push(at);
    }
    let mut used = vec![false; approvals.len()];
    let Drift { sections, rules } = drift;
    for section in sections.iter_mut() {
        if !known.keys().any(|subject| subject.section == section.id) {
            continue;
        }
        let Some(subjects) = Subjects::of(section, rules) else { continue };
        for change in &mut section.changes {
            let Some(subject) = subjects.subject(change) else { continue };
            let Some(places) = known.get(&subject) else { continue };
            change.standing = standing(&subjects, change, (places, approvals), &mut used);
        }
    }
    let last = |subject: &Subject| known.get(subject).and_then(|places| places.last().copied());
    let unused = approvals.iter().enumerate().filter(|(at, approval)| {
        // One that a later one replaced is history; one that covers a twin counts by itself.
        let counts = last(&approval.subject) == Some(*at) || is_of_value(&approval.subject);
        counts && used.get(*at) == Some(&false) && was_looked_at(drift, &approval.subject)
    });
    unused.map(|(at, _)| at).collect()
}

fn standing<'s>(
    subjects: &Subjects<'_, 's>,
    change: &Change<'s>,
    (places, approvals): (&[usize], &[Approval]),
    used: &mut [bool],
) -> Standing {
    let (Some(pin), Some(last)) = (subjects.pin(change), places.last().copied()) else {
        return Standing::Open;
    };
    let says = |at: usize| approvals.get(at).is_some_and(|approval| approval.value == pin);
    let several = approvals.get(last).is_some_and(|approval| is_of_value(&approval.subject));
    let free = match several {
        true => places.iter().copied().find(|at| says(*at) && used.get(*at) == Some(&false)),
        false => Some(last).filter(|at| says(*at)),
    };
    let at = free.unwrap_or(last);
    if free.is_none() && several {
        return Standing::Open;
    }
    if let Some(used) = used.get_mut(at) {
        *used = true;
    }
    if free.is_some() { Standing::Approved(at) } else { Standing::Otherwise(at) }
}

/// Whether the item is known by its value alone.
fn is_of_value(subject: &Subject) -> bool {
    subject.key.as_deref().is_some_and(|key| key.starts_with("sha256:"))
}

/// Whether the drift could have shown what an approval is about: what was not seen may be there as it was.
fn was_looked_at(drift: &Drift<'_>, subject: &Subject) -> bool {
    let Some(section) = drift.sections.iter().find(|section| section.id == subject.section) else {
        return false;
    };
    let whole = section.new.is_some_and(|record| record.state == State::Read);
    let field = subject.pointer.split('/').nth(1).unwrap_or_default();
    let lost =
        section.fields.get(&field.replace("~1", "/").replace("~0", "~")).is_some_and(|field| field.lost);
    section.has_both() && whole && !lost
}
