//! What holds between policies: unique ids and parameters, alternatives, checks that settle or
//! stand for others. Comes in: all compiled files. Goes out: policies with their relations
//! filled in, or mistakes. Not here: anything that one file can show alone.

use std::collections::BTreeMap;
use std::ops::Range;

use super::check::on;
use super::compile::Unit;
use super::compiled::{Check, CheckRef, Param, Policy};
use super::model::Model;
use super::raw::{RawCheck, RawPolicy};
use crate::yaml::suggest::{self, shown};
use crate::yaml::{Mistake, Place, Text};

/// Relations of one check, resolved.
#[derive(Debug, Default)]
struct Related {
    satisfied_by: Vec<Vec<CheckRef>>,
    same_as: Option<CheckRef>,
}

/// All files by policy id.
struct Index<'u> {
    units: BTreeMap<&'u str, (&'u Unit, &'u RawPolicy)>,
    model: &'u Model,
    mistakes: Vec<Mistake>,
}

/// Checks all relations, then fills them in. With any mistake, here or in a file, no policy comes out.
pub(super) fn relate(
    units: Vec<Unit>,
    shared: &BTreeMap<String, Param>,
    model: &Model,
) -> (Vec<Policy>, Vec<Mistake>) {
    let mut index = Index { units: BTreeMap::new(), model, mistakes: Vec::new() };
    index.fill(&units);
    index.params(&units, shared);
    index.alternatives();
    let mut related: BTreeMap<CheckRef, Related> = BTreeMap::new();
    for unit in &units {
        index.checks(unit, &mut related);
    }
    let mut mistakes = index.mistakes;
    let (mut policies, mut wrong) = (Vec::with_capacity(units.len()), false);
    for mut unit in units {
        wrong |= unit.policy.is_none();
        mistakes.append(&mut unit.file.mistakes);
        policies.extend(unit.policy);
    }
    if wrong || !mistakes.is_empty() {
        return (Vec::new(), mistakes);
    }
    fill(&mut policies, related);
    (policies, mistakes)
}

fn mistake(unit: &Unit, code: &'static str, message: String, at: &Range<usize>) -> Mistake {
    Mistake::new(code, message, Some(place(unit, at)))
}

fn place(unit: &Unit, at: &Range<usize>) -> Place {
    Place { source: unit.file.source.clone(), at: at.clone() }
}

impl<'u> Index<'u> {
    fn fill(&mut self, units: &'u [Unit]) {
        for unit in units {
            let Some(raw) = &unit.file.raw else { continue };
            let Some(id) = raw.id.get() else { continue };
            if let Some((other, _)) = self.units.get(id.value.as_str()) {
                let message = format!("the policy `{}` is given twice", shown(&id.value));
                let help = if other.file.builtin && !unit.file.builtin {
                    format!(
                        "it is built in: choose another id, or replace it with --allow-override {}",
                        id.value
                    )
                } else {
                    format!("it also stands in {}", other.file.source.name)
                };
                self.mistakes.push(mistake(unit, "policy::duplicate", message, &id.at).help(help));
                continue;
            }
            self.units.insert(&id.value, (unit, raw));
        }
    }

    /// Parameter names are one namespace, because a tenant gives each a value once.
    fn params(&mut self, units: &[Unit], shared: &BTreeMap<String, Param>) {
        let mut owner: BTreeMap<&str, (&Unit, &Text)> = BTreeMap::new();
        for unit in units {
            for (name, _) in unit.file.raw.iter().flat_map(|raw| &raw.params.0) {
                let message = || format!("the parameter `{}` is declared twice", shown(&name.value));
                if shared.contains_key(&name.value) {
                    let help = "it is shared already (params.yaml): remove it here";
                    self.mistakes.push(mistake(unit, "policy::param", message(), &name.at).help(help));
                } else if let Some((other, _)) = owner.get(name.value.as_str()) {
                    let help =
                        format!("{} declares it too: move it to params.yaml, or rename it", other.file.stem);
                    self.mistakes.push(mistake(unit, "policy::param", message(), &name.at).help(help));
                } else {
                    owner.insert(&name.value, (unit, name));
                }
            }
        }
        for unit in units {
            let own = unit.file.raw.iter().flat_map(|raw| &raw.params.0).map(|(name, _)| name.value.as_str());
            let known: Vec<&str> = own.chain(shared.keys().map(String::as_str)).collect();
            for (name, at) in &unit.undeclared {
                let message = format!("the parameter `{}` is not declared", shown(name));
                let help = match (suggest::nearest(name, known.iter().copied()), owner.get(name.as_str())) {
                    (_, Some((other, _))) => {
                        format!(
                            "{} declares it for itself: move it to params.yaml to share it",
                            other.file.stem
                        )
                    }
                    (Some(near), None) => format!("did you mean `{near}`?"),
                    (None, None) => "declare it under `params:`, or in params.yaml".to_owned(),
                };
                self.mistakes.push(mistake(unit, "policy::param", message, at).help(help));
            }
        }
    }

    fn alternatives(&mut self) {
        let mut groups: BTreeMap<&str, Vec<(&Unit, &RawPolicy, &Text)>> = BTreeMap::new();
        for (unit, raw) in self.units.values() {
            if let Some(name) = &raw.one_of {
                groups.entry(&name.value).or_default().push((unit, raw, name));
            }
        }
        for (name, members) in groups {
            let [(unit, first, at), rest @ ..] = members.as_slice() else { continue };
            if rest.is_empty() {
                let message = format!("`{}` has one policy: there is nothing to choose", shown(name));
                let help = "give the alternatives the same `one_of`, or leave it out";
                self.mistakes.push(mistake(unit, "policy::one-of", message, &at.at).help(help));
            }
            let standing = |raw: &RawPolicy| {
                (raw.competency.get().map(|c| c.value.clone()), raw.level.as_ref().map(|level| level.value))
            };
            for (unit, raw, at) in rest {
                if standing(raw) != standing(first) {
                    let message =
                        format!("alternatives share competency and level, and {} does not", unit.file.stem);
                    let help =
                        format!("compare {}", members.first().map_or("", |(unit, ..)| &unit.file.stem));
                    self.mistakes.push(mistake(unit, "policy::one-of", message, &at.at).help(help));
                }
            }
        }
    }

    fn checks(&mut self, unit: &Unit, related: &mut BTreeMap<CheckRef, Related>) {
        let Some(raw) = &unit.file.raw else { return };
        let Some(id) = raw.id.get() else { return };
        let checks = raw.checks.get().map(Vec::as_slice).unwrap_or_default();
        let level = raw.level.as_ref().map(|level| level.value);
        for check in checks {
            let Some(name) = check.id.get() else { continue };
            let own = CheckRef { policy: id.value.clone(), check: name.value.clone() };
            let gates = self.gates(raw, check);
            let mut found = Related::default();
            for target in &check.satisfied_by {
                match gates.and(level) {
                    Some(level) => found.satisfied_by.extend(self.group(unit, target, level)),
                    None => {
                        let message = "what gates nothing can't be settled from above".to_owned();
                        self.mistakes.push(mistake(unit, "policy::satisfied-by", message, &target.at));
                    }
                }
            }
            if let Some(level) = gates.and(level) {
                for target in &raw.satisfied_by {
                    found.satisfied_by.extend(self.group(unit, target, level));
                }
            }
            found.same_as = check.same_as.as_ref().and_then(|target| self.twin(unit, &own, target));
            related.insert(own, found);
        }
        if !raw.satisfied_by.is_empty()
            && checks.iter().all(|check| self.gates(raw, check).is_none())
            && !raw.broken
        {
            let message = "what gates nothing can't be settled from above".to_owned();
            let at = raw.satisfied_by.first().map_or(&raw.span, |text| &text.at);
            self.mistakes.push(mistake(unit, "policy::satisfied-by", message, at));
        }
        // The same mistake of a policy's own list would repeat with each check.
        self.mistakes.dedup_by(|a, b| {
            a.message == b.message && a.place.as_ref().map(|p| &p.at) == b.place.as_ref().map(|p| &p.at)
        });
    }

    fn gates(&self, raw: &RawPolicy, check: &RawCheck) -> Option<u16> {
        let competency = self.model.competency(&raw.competency.get()?.value)?;
        let id = raw.id.get().map(|id| id.value.as_str());
        let reported_only = competency.criteria.iter().any(|c| !c.gates && Some(c.id.as_str()) == id);
        let level = raw.level.as_ref().map(|level| level.value);
        competency.gated(level, on(check.symptom.as_ref()), on(check.informs.as_ref()) || reported_only)
    }

    /// The checks that a target of `satisfied_by` stands for. Their policy is of a higher level than `above`, the
    /// level of the policy that is settled: a symptom may be settled by the practice that replaces it, which gates
    /// the same level, and no ladder can turn in a circle.
    fn group(&mut self, unit: &Unit, target: &Text, above: u16) -> Option<Vec<CheckRef>> {
        let (policy, check) = match target.value.split_once('/') {
            Some((policy, check)) => (policy, Some(check)),
            None => (target.value.as_str(), None),
        };
        let raw = self.policy(unit, target, policy)?;
        let checks = raw.checks.get()?;
        let chosen: Vec<&RawCheck> = match check {
            Some(check) => vec![self.check(unit, target, checks, check)?],
            None => checks.iter().filter(|check| self.gates(raw, check).is_some()).collect(),
        };
        let level = raw.level.as_ref().map_or(0, |level| level.value);
        let message = match chosen.iter().any(|check| self.gates(raw, check).is_none()) {
            _ if level <= above => {
                format!("{} is of level {level}, which is not above {above}", shown(&target.value))
            }
            true => format!("{} only informs and can't settle anything", shown(&target.value)),
            false if chosen.is_empty() => format!("{} gates nothing", shown(&target.value)),
            false => {
                let name = |check: &&RawCheck| check.id.get().map(|id| id.value.clone());
                let refs =
                    chosen.iter().filter_map(name).map(|check| CheckRef { policy: policy.to_owned(), check });
                return Some(refs.collect());
            }
        };
        let help = "only a policy of a strictly higher level settles this one";
        self.mistakes.push(mistake(unit, "policy::satisfied-by", message, &target.at).help(help));
        None
    }

    fn twin(&mut self, unit: &Unit, own: &CheckRef, target: &Text) -> Option<CheckRef> {
        let Some((policy, check)) = target.value.split_once('/') else {
            let message = format!("`{}` does not name a check", shown(&target.value));
            let wrong = mistake(unit, "policy::same-as", message, &target.at).help("write POLICY/CHECK");
            self.mistakes.push(wrong);
            return None;
        };
        let raw = self.policy(unit, target, policy)?;
        let found = self.check(unit, target, raw.checks.get()?, check)?;
        let twin = CheckRef { policy: policy.to_owned(), check: check.to_owned() };
        let message = if twin == *own {
            "a check can't stand for itself".to_owned()
        } else if let Some(further) = &found.same_as {
            format!("{twin} itself is the same as {}", shown(&further.value))
        } else {
            return Some(twin);
        };
        self.mistakes.push(
            mistake(unit, "policy::same-as", message, &target.at).help("name the check that is evaluated"),
        );
        None
    }

    fn policy(&mut self, unit: &Unit, target: &Text, id: &str) -> Option<&'u RawPolicy> {
        let found = self.units.get(id).map(|(_, raw)| *raw);
        if found.is_none() {
            let help = suggest::nearest(id, self.units.keys().copied())
                .map(|near| format!("did you mean `{near}`?"));
            let message = format!("there is no policy `{}`", shown(id));
            self.mistakes.push(mistake(unit, "policy::reference", message, &target.at).maybe_help(help));
        }
        found
    }

    fn check(
        &mut self,
        unit: &Unit,
        target: &Text,
        checks: &'u [RawCheck],
        id: &str,
    ) -> Option<&'u RawCheck> {
        let ids = || checks.iter().filter_map(|check| check.id.get().map(|id| id.value.as_str()));
        let found = checks.iter().find(|check| check.id.get().is_some_and(|known| known.value == id));
        if found.is_none() {
            let help = suggest::help(id, ids().collect::<Vec<_>>());
            let message = format!("there is no check `{}`", shown(&target.value));
            self.mistakes.push(mistake(unit, "policy::reference", message, &target.at).maybe_help(help));
        }
        found
    }
}

/// Puts the relations into the policies. A check that stands for another gets its test, so that whoever reads it
/// alone sees what is tested; byte ranges inside are those of the other's file.
fn fill(policies: &mut [Policy], mut related: BTreeMap<CheckRef, Related>) {
    let mut twins: BTreeMap<CheckRef, Twin> = BTreeMap::new();
    for target in related.values().filter_map(|found| found.same_as.as_ref()) {
        let policy = policies.iter().find(|policy| policy.id == target.policy);
        if let Some(check) =
            policy.and_then(|policy| policy.checks.iter().find(|check| check.id == target.check))
        {
            twins.insert(target.clone(), Twin::of(check));
        }
    }
    for policy in policies {
        for check in &mut policy.checks {
            let own = CheckRef { policy: policy.id.clone(), check: check.id.clone() };
            let Some(found) = related.remove(&own) else { continue };
            check.satisfied_by = found.satisfied_by;
            if let Some(twin) = found.same_as.as_ref().and_then(|target| twins.get(target)) {
                twin.clone().put(check);
            }
            check.same_as = found.same_as;
        }
    }
}

/// Everything that says how a check is tested.
#[derive(Clone)]
struct Twin {
    assertion: super::compiled::Assertion,
    when: Option<super::compiled::Path>,
    empty: Option<super::compiled::Empty>,
    unlicensed: super::compiled::Unlicensed,
    answers: (bool, bool, super::compiled::Strength, Option<String>, chrono::TimeDelta),
    reads: super::compiled::Reads,
}

impl Twin {
    fn of(check: &Check) -> Self {
        Self {
            assertion: check.assertion.clone(),
            when: check.when.clone(),
            empty: check.empty,
            unlicensed: check.unlicensed,
            answers: (
                check.measured_only,
                check.may_not_apply,
                check.strength,
                check.ask.clone(),
                check.valid_for,
            ),
            reads: check.reads.clone(),
        }
    }

    fn put(self, check: &mut Check) {
        check.assertion = self.assertion;
        check.when = self.when;
        check.empty = self.empty;
        check.unlicensed = self.unlicensed;
        (check.measured_only, check.may_not_apply, check.strength, check.ask, check.valid_for) = self.answers;
        check.reads = self.reads;
    }
}
