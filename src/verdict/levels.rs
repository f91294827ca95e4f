//! Levels: met, broken, transparent or open, and what follows for proven and possible.

use std::collections::BTreeMap;

use crate::report::model::{Counts, LevelState, Range, Readiness};

use super::units::{Unit, Value, deciding};

/// The model's default state.
pub const FLOOR: u16 = 100;

/// The state of a level from the values that decide it.
pub fn state(values: &[Value]) -> LevelState {
    let has = |value| values.contains(&value);
    if has(Value::False) {
        LevelState::Broken
    } else if has(Value::Undecided) {
        LevelState::Open
    } else if has(Value::True) {
        LevelState::Met
    } else {
        LevelState::Transparent
    }
}

/// The states of all levels of an edition for a choice of units.
pub fn states<'u, 'a: 'u>(
    levels: &[u16],
    units: impl Iterator<Item = &'u Unit<'a>> + Clone,
) -> Vec<(u16, LevelState)> {
    let of = |level: u16| state(&deciding(units.clone().filter(|unit| unit.gates == Some(level))));
    levels.iter().map(|level| (*level, of(*level))).collect()
}

/// Proven and possible from the states of all levels, lowest first. None if nothing is left to decide.
pub fn range(states: &[(u16, LevelState)]) -> Option<Range> {
    if states.iter().all(|(_, state)| *state == LevelState::Transparent) {
        return None;
    }
    let (mut proven, mut possible) = (FLOOR, FLOOR);
    let (mut unbroken_proof, mut unbroken_hope) = (true, true);
    for (level, state) in states {
        match state {
            LevelState::Met => {
                if unbroken_proof {
                    proven = *level;
                }
                if unbroken_hope {
                    possible = *level;
                }
            }
            LevelState::Transparent => {}
            LevelState::Open => {
                unbroken_proof = false;
                if unbroken_hope {
                    possible = *level;
                }
            }
            LevelState::Broken => {
                unbroken_proof = false;
                unbroken_hope = false;
            }
        }
    }
    Some(Range { proven: proven.max(FLOOR), possible: possible.max(FLOOR) })
}

/// The verdict of a competency without levels. None if nothing is left to decide.
pub fn readiness<'u, 'a: 'u>(units: impl Iterator<Item = &'u Unit<'a>>) -> Option<Readiness> {
    match state(&deciding(units)) {
        LevelState::Met => Some(Readiness::Ready),
        LevelState::Broken => Some(Readiness::Gaps),
        LevelState::Open => Some(Readiness::Unknown),
        LevelState::Transparent => None,
    }
}

/// What became of each criterion among some units: the values of its checks taken together.
pub fn criteria<'u, 'a: 'u>(units: impl Iterator<Item = &'u Unit<'a>>) -> BTreeMap<&'a str, Criterion> {
    let mut criteria: BTreeMap<&'a str, Criterion> = BTreeMap::new();
    for unit in units {
        let criterion = criteria.entry(&unit.policy.id).or_insert(Criterion {
            value: Value::LeftOut,
            partly: false,
            held: false,
        });
        criterion.value = criterion.value.and(unit.value);
        criterion.partly |= unit.partly;
        criterion.held |= unit.value == Value::True;
    }
    criteria
}

/// What became of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Criterion {
    /// All its checks together.
    pub value: Value,
    /// An answer said "partly".
    pub partly: bool,
    /// Some check holds.
    pub held: bool,
}

/// Criteria by what became of them.
pub fn counts<'u, 'a: 'u>(units: impl Iterator<Item = &'u Unit<'a>>) -> Counts {
    let mut counts = Counts::default();
    for criterion in criteria(units).into_values() {
        match criterion.value {
            Value::True => counts.holds += 1,
            Value::Undecided => counts.open += 1,
            Value::LeftOut => counts.not_applicable += 1,
            Value::False => {
                counts.fails += 1;
                counts.partly += usize::from(criterion.partly || criterion.held);
            }
        }
    }
    counts
}
