//! A credible tenant and what is known of it, before and after something is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use levelmark::config::{Answer, Attestations, Config, Given, ResolvedParams, WaiverKind, resolve_params};
use levelmark::derive;
use levelmark::engine::finding::{Finding, Outcome};
use levelmark::engine::{Evaluation, Input, evaluate};
use levelmark::policy::compiled::{Check, CheckRef, ParamKind, Policy, PolicySet};
use levelmark::policy::load::LoadOptions;
use levelmark::report::model::{AttestationState, Range};
use levelmark::snapshot::{Snapshot, Wanted};
use levelmark::verdict::levels;
use levelmark::verdict::units::{self, Reading};
use serde_json::json;

/// Contoso with its answers left out, or with those that agree with what is measured.
pub(crate) struct Tenant {
    pub(crate) set: PolicySet,
    pub(crate) config: Config,
    pub(crate) params: ResolvedParams,
    pub(crate) answers: Vec<Answer>,
    pub(crate) today: DateTime<Utc>,
    pub(crate) before: Evaluation,
    /// Proven and possible before, strictly and for the gate.
    pub(crate) ranges: Vec<Range>,
}

/// What a check is compared by.
pub(crate) type Findings<'f> = BTreeMap<&'f CheckRef, &'f Finding>;

pub(crate) fn by_check(findings: &[Finding]) -> Findings<'_> {
    findings.iter().map(|finding| (&finding.check, finding)).collect()
}

pub(crate) fn snapshot() -> Snapshot {
    Snapshot::open(Path::new("fixtures/tenants/contoso/snapshot"), Wanted::All).unwrap()
}

/// Contoso's parameters. What it leaves open is declared too, so that every check looks at the evidence.
fn params(set: &PolicySet, config: &Config) -> ResolvedParams {
    let mut given = config.params.clone();
    for name in resolve_params(set, &given).unwrap().missing {
        let value = match set.params[&name].kind {
            ParamKind::Ids => json!(["2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff"]),
            ParamKind::Strings => json!(["it01@contoso.com"]),
            kind @ (ParamKind::String
            | ParamKind::Integer
            | ParamKind::Share
            | ParamKind::Duration
            | ParamKind::Boolean) => panic!("{name} is a required {kind:?} that contoso should declare"),
        };
        given.insert(name, Given { value, place: None });
    }
    let params = resolve_params(set, &given).unwrap();
    assert!(params.missing.is_empty(), "{:?}", params.missing);
    params
}

impl Tenant {
    pub(crate) fn new(with_answers: bool) -> Self {
        let set = PolicySet::load(&LoadOptions::default()).unwrap();
        let read = |name: &str| std::fs::read(format!("fixtures/tenants/contoso/{name}")).unwrap();
        let config = Config::read("levelmark.yaml", &read("levelmark.yaml")).unwrap();
        let params = params(&set, &config);
        let snapshot = snapshot();
        let mut tenant = Self {
            set,
            config,
            params,
            answers: Vec::new(),
            today: snapshot.manifest.taken.at + TimeDelta::days(1),
            before: Evaluation { findings: Vec::new(), answers: Vec::new(), waivers: Vec::new() },
            ranges: Vec::new(),
        };
        tenant.before = tenant.evaluate(&snapshot, None);
        if with_answers {
            let file = Attestations::read("attestations.yaml", &read("attestations.yaml")).unwrap();
            tenant.answers = tenant.agreeing(&snapshot, file.answers);
            tenant.before = tenant.evaluate(&snapshot, None);
        }
        tenant.ranges = tenant.ranges(&tenant.before.findings);
        tenant
    }

    pub(crate) fn evaluate(&self, snapshot: &Snapshot, only: Option<&[String]>) -> Evaluation {
        evaluate(&Input {
            policies: &self.set,
            snapshot,
            params: &self.params,
            answers: &self.answers,
            waivers: &self.config.waivers,
            today: self.today,
            max_age: None,
            max_evidence: 1,
            only,
        })
    }

    /// Answers that say nothing else than what is measured: a person who contradicts the evidence
    /// would be believed once it is gone, and that is a difference of opinion, not lost evidence.
    pub(crate) fn agreeing(&mut self, snapshot: &Snapshot, answers: Vec<Answer>) -> Vec<Answer> {
        let measured: BTreeMap<CheckRef, Outcome> =
            self.before.findings.iter().map(|found| (found.check.clone(), found.outcome)).collect();
        self.answers = answers;
        let with = self.evaluate(snapshot, None);
        let said: BTreeMap<&CheckRef, Outcome> =
            with.findings.iter().map(|found| (&found.check, found.outcome)).collect();
        let agrees = |(answer, (state, _)): &(&Answer, &(AttestationState, Option<String>))| match state {
            AttestationState::Counts => measured[&answer.check] == Outcome::Unknown,
            AttestationState::NotNeeded => answer.answer == word_of(said[&answer.check]),
            AttestationState::Contradicted
            | AttestationState::Expired
            | AttestationState::Superseded
            | AttestationState::Refused
            | AttestationState::NoSuchCheck => false,
        };
        let kept: Vec<Answer> =
            self.answers.iter().zip(&with.answers).filter(agrees).map(|(answer, _)| answer.clone()).collect();
        assert!(kept.len() * 2 > self.answers.len(), "most answers of contoso agree with the evidence");
        kept
    }

    /// Proven and possible of every competency, strictly and for the gate.
    pub(crate) fn ranges(&self, findings: &[Finding]) -> Vec<Range> {
        let compensating: Vec<bool> =
            self.config.waivers.iter().map(|waiver| waiver.kind == WaiverKind::Compensating).collect();
        let mut ranges = Vec::new();
        for reading in [Reading::Strict, Reading::Gate] {
            let units = units::units(&self.set, findings, reading, &compensating);
            for competency in &self.set.model.competencies {
                let of = units.iter().filter(|unit| unit.policy.competency == competency.id);
                // Nothing to decide can be anything.
                let range = levels::range(&levels::states(&competency.levels, of));
                ranges.push(range.unwrap_or(Range { proven: 0, possible: u16::MAX }));
            }
        }
        ranges
    }

    /// What is evaluated for a check: itself, or the one that it is the same as.
    pub(crate) fn source<'s>(&'s self, check: &'s Check) -> &'s Check {
        check.same_as.as_ref().and_then(|same| self.set.check(same)).map_or(check, |(_, check)| check)
    }

    /// Sections that a check reads, those behind derived ones too.
    pub(crate) fn reads<'s>(&'s self, check: &'s Check) -> BTreeSet<&'s str> {
        let read = self.source(check).reads.sections.keys();
        let stored = |id: &'_ str| derive::inputs(id).iter().map(|input| input.section).collect::<Vec<_>>();
        read.flat_map(|id| std::iter::once(id.as_str()).chain(stored(id))).collect::<BTreeSet<&str>>()
    }

    /// Policies with a check that reads a section.
    pub(crate) fn readers(&self, section: &str) -> Vec<String> {
        let reads = |policy: &&Policy| policy.checks.iter().any(|check| self.reads(check).contains(section));
        self.set.policies.iter().filter(reads).map(|policy| policy.id.clone()).collect()
    }

    /// Evaluates the policies that read a section, takes the rest from before, and compares.
    pub(crate) fn compare(&self, snapshot: &Snapshot, readers: &[String], how: &str) -> Vec<Finding> {
        let after = self.evaluate(snapshot, Some(readers)).findings;
        let found = by_check(&after);
        for old in &self.before.findings {
            let Some(new) = found.get(&old.check) else { continue };
            let gained = match new.outcome {
                Outcome::Pass | Outcome::NotApplicable => new.outcome != old.outcome,
                Outcome::Fail | Outcome::Unknown | Outcome::Error => false,
            };
            let (check, was, is) = (&new.check, old.outcome, new.outcome);
            assert!(!gained, "{how}: {check} was {was:?} and is {is:?}: {}", new.reason);
            assert_ne!(is, Outcome::Error, "{how}: {check}: {}", new.reason);
        }
        let all =
            self.before.findings.iter().map(|old| found.get(&old.check).copied().unwrap_or(old).clone());
        let all: Vec<Finding> = all.collect();
        for (before, after) in self.ranges.iter().zip(self.ranges(&all)) {
            let sound = after.proven <= before.proven && after.possible >= before.possible;
            assert!(sound, "{how}: {before:?} became {after:?}\n{}", self.changed(&all));
        }
        after
    }

    /// What came out otherwise than before, for people.
    pub(crate) fn changed(&self, after: &[Finding]) -> String {
        let pairs = self.before.findings.iter().zip(after).filter(|(old, new)| old.outcome != new.outcome);
        let line = |(old, new): (&Finding, &Finding)| {
            format!("{}: {:?} -> {:?}: {}", old.check, old.outcome, new.outcome, new.reason)
        };
        pairs.map(line).collect::<Vec<_>>().join("\n")
    }

    /// Whether nothing else can decide a check: it reads this section alone, or what is derived
    /// from it and nothing without it, and asks nobody.
    pub(crate) fn rests_on(&self, found: &Finding, section: &str) -> bool {
        let Some((_, check)) = self.set.check(&found.check) else { return false };
        let mut read = self.source(check).reads.sections.keys();
        let (Some(read), None) = (read.next(), read.next()) else { return false };
        let needed = derive::inputs(read).iter().filter(|input| input.required);
        let rests = read == section || needed.map(|input| input.section).any(|needed| needed == section);
        rests && !self.answers.iter().any(|answer| answer.check == found.check)
    }
}

fn word_of(outcome: Outcome) -> levelmark::config::AnswerKind {
    use levelmark::config::AnswerKind;
    match outcome {
        Outcome::Pass => AnswerKind::Yes,
        Outcome::NotApplicable => AnswerKind::NotApplicable,
        Outcome::Fail | Outcome::Unknown | Outcome::Error => AnswerKind::No,
    }
}
