//! The profile beside a verdict: the same rule on parts of the criteria, and a position in tens.
//! It gates nothing and never appears alone.

use std::collections::BTreeMap;

use crate::report::model::{LevelState, Profile, Range};

use super::levels::{self, FLOOR};
use super::units::{Unit, Value};

/// The profile of one competency.
pub fn profile(levels: &[u16], units: &[Unit<'_>]) -> Profile {
    let mut dimensions = BTreeMap::new();
    let mut topics = BTreeMap::new();
    for unit in units {
        dimensions.entry(unit.dimension()).or_insert(());
        for topic in &unit.policy.topics {
            topics.entry(topic.clone()).or_insert(());
        }
    }
    let part = |chosen: &dyn Fn(&Unit<'_>) -> bool| {
        let chosen: Vec<&Unit<'_>> = units.iter().filter(|unit| chosen(unit)).collect();
        levels::range(&levels::states(levels, chosen.into_iter()))
    };
    let of_dimension = |dimension| Some((word(dimension), part(&|unit| unit.dimension() == dimension)?));
    let of_topic = |topic: String| {
        let range = part(&|unit| unit.policy.topics.contains(&topic))?;
        Some((topic, range))
    };
    Profile {
        dimensions: dimensions.into_keys().filter_map(of_dimension).collect(),
        topics: topics.into_keys().filter_map(of_topic).collect(),
        urgent: part(&|unit| unit.policy.urgent),
        indicative: indicative(levels, units),
    }
}

/// The dimension's word in data and reports.
pub fn word(dimension: crate::policy::compiled::Dimension) -> String {
    use crate::policy::compiled::Dimension;
    match dimension {
        Dimension::Process => "process",
        Dimension::Technology => "technology",
        Dimension::Storage => "storage",
        Dimension::Governance => "governance",
        Dimension::UserExperience => "user-experience",
        Dimension::General => "general",
    }
    .to_owned()
}

/// A position in tens, as workshops score, our own formula: 100, and for each level the product of
/// the shares of criteria that hold up to it. Open criteria count as failing, then as holding. A
/// level with nothing that applies takes part in the next one.
fn indicative(levels: &[u16], units: &[Unit<'_>]) -> Range {
    Range { proven: position(levels, units, false), possible: position(levels, units, true) }
}

fn position(levels: &[u16], units: &[Unit<'_>], open_holds: bool) -> u16 {
    let (mut position, mut product, mut below) = (f64::from(FLOOR), 1.0, FLOOR);
    for level in levels.iter().filter(|level| **level > FLOOR) {
        let at_level = || units.iter().filter(|unit| unit.gates == Some(*level));
        let states = levels::states(&[*level], at_level().collect::<Vec<_>>().into_iter());
        if states.iter().all(|(_, state)| *state == LevelState::Transparent) {
            continue;
        }
        let (mut holds, mut of) = (0.0, 0.0);
        for criterion in levels::criteria(at_level()).into_values() {
            match criterion.value {
                Value::LeftOut => continue,
                Value::True => holds += 1.0,
                Value::Undecided if open_holds => holds += 1.0,
                Value::Undecided | Value::False => {}
            }
            of += 1.0;
        }
        product *= if of > 0.0 { holds / of } else { 1.0 };
        position += f64::from(level - below) * product;
        below = *level;
    }
    // Whole tens, downwards; the small addend keeps 200 from becoming 199.999….
    ((position + 1e-6) / 10.0).floor() as u16 * 10
}
