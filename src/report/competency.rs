//! The part of the report about one competency: verdict, levels, profile, blockers.

use std::collections::BTreeMap;

use crate::config::Target;
use crate::engine::finding::{Basis, Finding};
use crate::policy::compiled::CheckRef;
use crate::policy::model;
use crate::verdict::units::{Unit, Value};
use crate::verdict::{blockers, levels, profile};

use super::model::{Competency, Level, LevelState, Range, Undecided, Verdict};

/// What every competency's part is made from.
pub(super) struct Parts<'a> {
    /// Units as they are.
    pub strict: Vec<Unit<'a>>,
    /// Units with accepted risks counted as true.
    pub gate: Vec<Unit<'a>>,
    pub findings: BTreeMap<&'a CheckRef, &'a Finding>,
    pub targets: &'a BTreeMap<String, Target>,
    pub filtered: bool,
    /// The gate looks at urgent criteria alone.
    pub urgent_only: bool,
}

/// One competency; None if no policy of the set belongs to it.
pub(super) fn competency(parts: &Parts<'_>, entry: &model::Competency) -> Option<Competency> {
    let of = |units: &[Unit<'_>]| units.iter().filter(|unit| unit.policy.competency == entry.id).count();
    if of(&parts.strict) == 0 {
        return None;
    }
    let units: Vec<Unit<'_>> =
        parts.strict.iter().filter(|unit| unit.policy.competency == entry.id).cloned().collect();
    let relaxed: Vec<Unit<'_>> = parts
        .gate
        .iter()
        .filter(|unit| unit.policy.competency == entry.id && (unit.policy.urgent || !parts.urgent_only))
        .cloned()
        .collect();
    let states = levels::states(&entry.levels, units.iter());
    let gate =
        if parts.filtered { None } else { levels::range(&levels::states(&entry.levels, relaxed.iter())) };
    let target = parts.targets.get(&entry.id).map(|target| target.level);
    let verdict = if parts.filtered { None } else { verdict(entry, &units, &states, target) };
    let aim = match &verdict {
        Some(Verdict::Level { proven, .. }) => Some(target.unwrap_or(0).max(next(&states, *proven))),
        Some(Verdict::Readiness(_)) | None => None,
    };
    let level = |(level, state): &(u16, LevelState)| Level {
        level: *level,
        state: *state,
        counts: levels::counts(units.iter().filter(|unit| unit.gates == Some(*level))),
    };
    let shows_profile = verdict.is_some() && !entry.levels.is_empty();
    Some(Competency {
        id: entry.id.clone(),
        name: entry.name.clone(),
        document: entry.document.clone(),
        basis: basis(parts, &units),
        levels: states.iter().map(level).collect(),
        gate,
        profile: shows_profile.then(|| profile::profile(&entry.levels, &units)),
        blockers: if verdict.is_some() {
            blockers::blockers(&units, &parts.findings, aim)
        } else {
            Vec::new()
        },
        verdict,
    })
}

fn verdict(
    entry: &model::Competency,
    units: &[Unit<'_>],
    states: &[(u16, LevelState)],
    target: Option<u16>,
) -> Option<Verdict> {
    if entry.levels.is_empty() {
        return levels::readiness(units.iter().filter(|unit| !unit.check.informs)).map(Verdict::Readiness);
    }
    let Range { proven, possible } = levels::range(states)?;
    // A range of one level is decided, however little of it was seen.
    let undecided = if possible > proven { undecided(units, next(states, proven)) } else { None };
    Some(Verdict::Level { proven, possible, target, undecided })
}

/// The lowest level above the proven one that anything applies to.
fn next(states: &[(u16, LevelState)], proven: u16) -> u16 {
    let above = states.iter().find(|(level, state)| *level > proven && *state != LevelState::Transparent);
    above.map_or(proven, |(level, _)| *level)
}

/// Set when fewer than half of a level's criteria are decided.
fn undecided(units: &[Unit<'_>], level: u16) -> Option<Undecided> {
    let criteria = levels::criteria(units.iter().filter(|unit| unit.gates == Some(level)));
    let applies: Vec<Value> =
        criteria.values().map(|criterion| criterion.value).filter(|value| *value != Value::LeftOut).collect();
    let open = applies.iter().filter(|value| **value == Value::Undecided).count();
    (open * 2 > applies.len()).then_some(Undecided { open, of: applies.len() })
}

/// What the passes of a competency rest on.
fn basis(parts: &Parts<'_>, units: &[Unit<'_>]) -> BTreeMap<Basis, usize> {
    let mut basis = BTreeMap::new();
    for unit in units.iter().filter(|unit| unit.value == Value::True) {
        let id = CheckRef { policy: unit.policy.id.clone(), check: unit.check.id.clone() };
        if let Some(found) = parts.findings.get(&id) {
            // A check settled by a higher one rests on that one, which is counted there.
            if let Some(rests_on) = found.basis.or(found.waived.map(|_| Basis::Compensated)) {
                *basis.entry(rests_on).or_insert(0) += 1;
            }
        }
    }
    basis
}
