//! Makes the report: findings, levels, gate and everything a reader needs beside them. Comes in:
//! what was evaluated and what came out. Goes out: one `Report`. Not here: any format.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{AnswerKind, Target, WaiverKind};
use crate::engine::finding::{self, Basis};
use crate::engine::{self, Evaluation, Input};
use crate::verdict::gate::{self, Asked, OnUnknown};
use crate::verdict::regression::{self, Regression};
use crate::verdict::units::{self, Reading};

use super::competency;
use super::model::{
    Attestation, Document, Evidence, FailOn, Finding, Format, ModelInfo, Place, PolicySetInfo, Range, Report,
    Section, SnapshotInfo, Verdict, Waiver,
};

/// Version of the report format.
pub const FORMAT: u32 = 1;

/// What the run was asked, beyond what the engine needs.
#[derive(Debug)]
pub struct Request<'a> {
    /// What to gate on.
    pub fail_on: &'a [FailOn],
    /// What an undetermined result means.
    pub on_unknown: OnUnknown,
    /// Gate on urgent criteria alone.
    pub urgent_only: bool,
    /// Targets by competency.
    pub targets: &'a BTreeMap<String, Target>,
    /// An earlier result.
    pub baseline: Option<&'a Report>,
    /// What was noticed on the way here.
    pub notes: Vec<String>,
}

/// Makes the report.
pub fn build(input: &Input<'_>, evaluation: &Evaluation, request: Request<'_>) -> Report {
    let set = input.policies;
    let filtered = input.only.is_some();
    let findings: Vec<Finding> =
        evaluation.findings.iter().filter_map(|found| finding(input, found)).collect();
    let compensating: Vec<bool> =
        input.waivers.iter().map(|waiver| waiver.kind == WaiverKind::Compensating).collect();
    let of = |reading| units::units(set, &evaluation.findings, reading, &compensating);
    let parts = competency::Parts {
        strict: of(Reading::Strict),
        gate: of(Reading::Gate),
        findings: evaluation.findings.iter().map(|found| (&found.check, found)).collect(),
        targets: request.targets,
        filtered,
        urgent_only: request.urgent_only,
    };
    let competencies: Vec<_> =
        set.model.competencies.iter().filter_map(|entry| competency::competency(&parts, entry)).collect();
    let regression: Option<Regression> =
        request.baseline.map(|baseline| regression::compare(baseline, &competencies, &findings, &set.digest));
    let gate = gate::gate(
        &Asked {
            fail_on: request.fail_on,
            on_unknown: request.on_unknown,
            targets: request.targets,
            regression: regression.as_ref(),
            filtered,
            urgent_only: request.urgent_only,
            today: input.today.date_naive(),
        },
        &competencies,
        &findings,
    );
    let mut notes = request.notes;
    notes.extend(uncovered(input));
    notes.extend(regression.into_iter().flat_map(|regression| regression.notes));
    Report {
        levelmark: Format { report: FORMAT },
        tool: concat!("levelmark ", env!("CARGO_PKG_VERSION")).to_owned(),
        model: ModelInfo { documents: set.model.documents.iter().map(document).collect() },
        policy_set: PolicySetInfo { digest: set.digest.clone(), overridden: set.overridden.clone() },
        snapshot: SnapshotInfo {
            digest: input.snapshot.digest.clone(),
            tenant: input.snapshot.manifest.tenant.clone(),
            taken: input.snapshot.manifest.taken.at,
            redacted: input.snapshot.manifest.redacted.clone(),
        },
        today: input.today,
        evidence_time: input.snapshot.manifest.taken.at,
        filtered,
        gate,
        tenant: lowest(competencies.iter().filter_map(|competency| competency.verdict.as_ref())),
        competencies,
        findings,
        waivers: waivers(input, evaluation),
        attestations: attestations(input, evaluation),
        sections: sections(input),
        notes,
    }
}

/// Criteria of the model that no policy decides: a verdict without them has to say so.
fn uncovered(input: &Input<'_>) -> Vec<String> {
    let policies: BTreeSet<&str> = input.policies.policies.iter().map(|policy| policy.id.as_str()).collect();
    let note = |competency: &crate::policy::model::Competency| {
        let gating = competency.criteria.iter().filter(|criterion| criterion.gates);
        let (with, without): (Vec<_>, Vec<_>) =
            gating.partition(|criterion| policies.contains(criterion.id.as_str()));
        (!with.is_empty() && !without.is_empty()).then(|| {
            format!(
                "{}: {} of {} criteria of the model have no policy; the verdict rests on the others",
                competency.name,
                without.len(),
                with.len() + without.len()
            )
        })
    };
    if input.only.is_some() {
        Vec::new()
    } else {
        input.policies.model.competencies.iter().filter_map(note).collect()
    }
}

/// The tenant's level is the lowest of its competencies.
fn lowest<'v>(verdicts: impl Iterator<Item = &'v Verdict>) -> Option<Range> {
    let ranges = verdicts.filter_map(|verdict| match verdict {
        Verdict::Level { proven, possible, .. } => Some(Range { proven: *proven, possible: *possible }),
        Verdict::Readiness(_) => None,
    });
    let lower =
        |a: Range, b: Range| Range { proven: a.proven.min(b.proven), possible: a.possible.min(b.possible) };
    ranges.reduce(lower)
}

fn document(entry: &crate::policy::model::Document) -> Document {
    Document { id: entry.id.clone(), edition: entry.edition.clone(), newer: entry.newer.clone() }
}

fn finding(input: &Input<'_>, found: &finding::Finding) -> Option<Finding> {
    let (policy, check) = input.policies.check(&found.check)?;
    let question = match &check.assertion {
        crate::policy::compiled::Assertion::Attest(question) => Some(question.clone()),
        _ if check.measured_only => None,
        _ => check.ask.clone(),
    };
    Some(Finding {
        policy: policy.id.clone(),
        check: check.id.clone(),
        title: policy.title.clone(),
        claim: check.title.clone(),
        competency: policy.competency.clone(),
        level: policy.level,
        gates: units::gates(input.policies, policy, check),
        symptom: check.symptom,
        informs: check.informs,
        urgent: policy.urgent,
        outcome: found.outcome,
        reason: found.reason.clone(),
        why: policy.why.clone(),
        fix: policy.fix.clone(),
        remedy: found.remedy,
        basis: basis(input, found),
        partly: found.partly,
        question,
        waived: found.waived,
        evidence: Evidence {
            total: found.evidence.total,
            shown: found.evidence.shown.iter().map(place).collect(),
        },
    })
}

/// What a pass rests on; a compensated fail counts as true, so it has a basis too.
fn basis(input: &Input<'_>, found: &finding::Finding) -> Option<Basis> {
    let waiver = found.waived.and_then(|index| input.waivers.get(index));
    match waiver.map(|waiver| waiver.kind) {
        Some(WaiverKind::Compensating) => Some(Basis::Compensated),
        Some(WaiverKind::AcceptedRisk) | None => found.basis,
    }
}

fn place(place: &finding::Place) -> Place {
    Place {
        section: place.section.clone(),
        key: place.key.clone(),
        name: place.name.clone(),
        pointer: place.pointer.clone(),
        file: place.file.clone(),
        start: place.start,
        end: place.end,
        line: place.line,
        column: place.column,
        end_line: Some(place.end_line),
        end_column: Some(place.end_column),
        expected: place.expected.clone(),
        actual: place.actual.clone(),
        excerpt: place.excerpt.clone(),
        excerpt_start: place.excerpt_start,
    }
}

fn waivers(input: &Input<'_>, evaluation: &Evaluation) -> Vec<Waiver> {
    let pairs = input.waivers.iter().zip(&evaluation.waivers);
    pairs
        .map(|(waiver, state)| Waiver {
            check: waiver.check.to_string(),
            kind: waiver_word(waiver.kind).to_owned(),
            owner: waiver.owner.clone(),
            reason: waiver.reason.clone(),
            expires: waiver.expires,
            state: *state,
        })
        .collect()
}

fn attestations(input: &Input<'_>, evaluation: &Evaluation) -> Vec<Attestation> {
    let pairs = input.answers.iter().zip(&evaluation.answers);
    pairs
        .map(|(answer, (state, note))| Attestation {
            check: answer.check.to_string(),
            answer: answer_word(answer.answer).to_owned(),
            by: answer.by.clone(),
            on: answer.on,
            expires: match input.policies.check(&answer.check) {
                Some((_, check)) => engine::expiry(answer, check),
                None => answer.expires.unwrap_or(answer.on),
            },
            state: *state,
            note: note.clone(),
        })
        .collect()
}

fn waiver_word(kind: WaiverKind) -> &'static str {
    match kind {
        WaiverKind::AcceptedRisk => "accepted-risk",
        WaiverKind::Compensating => "compensating",
    }
}

fn answer_word(kind: AnswerKind) -> &'static str {
    match kind {
        AnswerKind::Yes => "yes",
        AnswerKind::Partly => "partly",
        AnswerKind::No => "no",
        AnswerKind::NotApplicable => "not-applicable",
    }
}

/// Every section that the snapshot lists or a policy reads.
fn sections(input: &Input<'_>) -> BTreeMap<String, Section> {
    let mut readers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for policy in &input.policies.policies {
        for id in policy.checks.iter().flat_map(|check| check.reads.sections.keys()) {
            let inputs = crate::derive::inputs(id);
            for input in inputs.iter().map(|input| input.section) {
                readers.entry(input).or_default().insert(&policy.id);
            }
            if inputs.is_empty() {
                readers.entry(id).or_default().insert(&policy.id);
            }
        }
    }
    let listed = input.snapshot.manifest.sections.keys().map(String::as_str);
    let ids: BTreeSet<&str> = listed.chain(readers.keys().copied()).collect();
    let section = |id: &str| {
        let record = input.snapshot.record(id);
        Section {
            state: input.snapshot.state(id),
            via: record.and_then(|record| record.via),
            at: record.and_then(|record| record.at),
            items: record.and_then(|record| record.items),
            needs: record.and_then(|record| record.needs.clone().or_else(|| record.reason.clone())),
            policies: readers.get(id).into_iter().flatten().map(|policy| (*policy).to_owned()).collect(),
        }
    };
    ids.into_iter().map(|id| (id.to_owned(), section(id))).collect()
}
