//! Gate values: what each check is worth for the level it gates, after waivers, supersession and
//! alternatives. Everything above this page works on these values alone.

use std::collections::BTreeMap;

use crate::engine::finding::{Finding, Outcome};
use crate::policy::compiled::{Check, CheckRef, Dimension, Policy, PolicySet};

/// What a check is worth for a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Unknown, an error, or filtered out.
    Undecided,
    /// Does not apply, or only informs.
    LeftOut,
}

impl Value {
    /// True if one of them is, false if all are that count.
    pub fn or(self, other: Value) -> Value {
        match (self, other) {
            (Value::True, _) | (_, Value::True) => Value::True,
            (Value::Undecided, _) | (_, Value::Undecided) => Value::Undecided,
            (Value::False, _) | (_, Value::False) => Value::False,
            (Value::LeftOut, Value::LeftOut) => Value::LeftOut,
        }
    }

    /// False if one of them is, true if all are that count.
    pub fn and(self, other: Value) -> Value {
        match (self, other) {
            (Value::False, _) | (_, Value::False) => Value::False,
            (Value::Undecided, _) | (_, Value::Undecided) => Value::Undecided,
            (Value::True, _) | (_, Value::True) => Value::True,
            (Value::LeftOut, Value::LeftOut) => Value::LeftOut,
        }
    }
}

/// Whether accepted risks count as true (the gate) or as what they are (the headline).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Only compensating waivers count.
    Strict,
    /// Accepted risks count too.
    Gate,
}

/// A check that gates a level of a competency.
#[derive(Debug, Clone)]
pub struct Unit<'a> {
    /// Its policy.
    pub policy: &'a Policy,
    /// The check.
    pub check: &'a Check,
    /// Level it gates; None in a competency without levels.
    pub gates: Option<u16>,
    /// What it is worth.
    pub value: Value,
    /// An answer said "partly".
    pub partly: bool,
}

impl Unit<'_> {
    /// The dimension of its policy.
    pub fn dimension(&self) -> Dimension {
        self.policy.dimension
    }
}

/// The level a check gates: its policy's, or for a symptom the next one up.
pub fn gates(set: &PolicySet, policy: &Policy, check: &Check) -> Option<u16> {
    set.model.gates(policy, check)
}

/// The value of each check by itself.
pub fn own_value(finding: &Finding, check: &Check, reading: Reading, compensating: &[bool]) -> Value {
    if check.informs {
        return Value::LeftOut;
    }
    match finding.outcome {
        Outcome::Pass => Value::True,
        Outcome::NotApplicable => Value::LeftOut,
        Outcome::Unknown | Outcome::Error => Value::Undecided,
        // What was seen is accepted; what was not seen would have to be accepted too.
        Outcome::Fail if finding.incomplete && covered(finding, reading, compensating) => Value::Undecided,
        Outcome::Fail if covered(finding, reading, compensating) => Value::True,
        Outcome::Fail => Value::False,
    }
}

/// Whether a waiver makes a fail count as true.
fn covered(finding: &Finding, reading: Reading, compensating: &[bool]) -> bool {
    match (finding.waived, reading) {
        (None, _) => false,
        (Some(_), Reading::Gate) => true,
        (Some(waiver), Reading::Strict) => compensating.get(waiver).copied().unwrap_or(false),
    }
}

/// All units of a run. `compensating` says of each waiver whether it is one.
pub fn units<'a>(
    set: &'a PolicySet,
    findings: &[Finding],
    reading: Reading,
    compensating: &[bool],
) -> Vec<Unit<'a>> {
    let found: BTreeMap<&CheckRef, &Finding> =
        findings.iter().map(|finding| (&finding.check, finding)).collect();
    let mut units = Vec::new();
    for policy in &set.policies {
        for check in &policy.checks {
            let id = CheckRef { policy: policy.id.clone(), check: check.id.clone() };
            let finding = found.get(&id);
            let value = match finding {
                Some(finding) => own_value(finding, check, reading, compensating),
                None if check.informs => Value::LeftOut,
                None => Value::Undecided,
            };
            let partly = finding.is_some_and(|finding| finding.partly);
            units.push(Unit { policy, check, gates: gates(set, policy, check), value, partly });
        }
    }
    settle(&mut units);
    units
}

/// A check settled by a higher one: its value or theirs. Higher levels first, so that what settles is
/// itself settled by then; ladders cannot turn in circles since targets are of a strictly higher level.
fn settle(units: &mut [Unit<'_>]) {
    let mut values: BTreeMap<CheckRef, Value> = BTreeMap::new();
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(units.get(*index).and_then(|unit| unit.policy.level)));
    for index in order {
        let Some(unit) = units.get_mut(index) else { continue };
        let theirs = unit.check.satisfied_by.iter().map(|group| {
            let values = group.iter().map(|target| values.get(target).copied().unwrap_or(Value::Undecided));
            values.fold(Value::LeftOut, Value::and)
        });
        unit.value = match unit.value {
            Value::LeftOut => Value::LeftOut,
            own => theirs.fold(own, or_left),
        };
        values.insert(CheckRef { policy: unit.policy.id.clone(), check: unit.check.id.clone() }, unit.value);
    }
}

fn or_left(own: Value, theirs: Value) -> Value {
    if theirs == Value::LeftOut { own } else { own.or(theirs) }
}

/// The values that decide a level, alternatives folded: of policies that the model offers as
/// alternatives one is enough.
pub fn deciding<'u, 'a: 'u>(units: impl Iterator<Item = &'u Unit<'a>>) -> Vec<Value> {
    let mut values = Vec::new();
    let mut alternatives: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
    for unit in units {
        match &unit.policy.one_of {
            None => values.push(unit.value),
            Some(name) => {
                let policies = alternatives.entry(name).or_default();
                let value = policies.entry(&unit.policy.id).or_insert(Value::LeftOut);
                *value = value.and(unit.value);
            }
        }
    }
    values.extend(
        alternatives.into_values().map(|policies| policies.into_values().fold(Value::LeftOut, Value::or)),
    );
    values
}
