//! What stands in the way of the next level, or of the target: urgent first, lowest level first.

use std::collections::BTreeMap;

use crate::engine::finding::{Finding, Remedy};
use crate::policy::compiled::CheckRef;
use crate::report::model::Blocker;

use super::units::{Unit, Value, deciding};

/// Blockers up to and including the level `aim` (all, in a competency without levels).
pub fn blockers(
    units: &[Unit<'_>],
    findings: &BTreeMap<&CheckRef, &Finding>,
    aim: Option<u16>,
) -> Vec<Blocker> {
    let open = units.iter().filter(|unit| match unit.value {
        Value::False | Value::Undecided => unit.gates.is_none_or(|gates| aim.is_none_or(|aim| gates <= aim)),
        Value::True | Value::LeftOut => false,
    });
    let blocks = open.filter(|unit| !settled_by_alternative(units, unit));
    let mut blockers: Vec<Blocker> = blocks
        .map(|unit| {
            let id = CheckRef { policy: unit.policy.id.clone(), check: unit.check.id.clone() };
            let remedy = findings.get(&id).and_then(|finding| finding.remedy).unwrap_or(Remedy::Collect);
            Blocker { check: id.to_string(), level: unit.gates, remedy, urgent: unit.policy.urgent }
        })
        .collect();
    // Stable: within equals the order of the policies stays.
    blockers.sort_by_key(|blocker| (!blocker.urgent, blocker.level, blocker.remedy));
    blockers
}

/// An alternative that holds makes the others harmless.
fn settled_by_alternative(units: &[Unit<'_>], unit: &Unit<'_>) -> bool {
    let Some(name) = &unit.policy.one_of else { return false };
    let group = units.iter().filter(|other| {
        other.policy.one_of.as_ref() == Some(name)
            && other.policy.competency == unit.policy.competency
            && other.gates == unit.gates
    });
    deciding(group) == [Value::True]
}
