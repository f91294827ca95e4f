//! The next steps: what stands in the way of the targets or of the next levels, by remedy, urgent
//! first. Comes in: the report. Goes out: lists for the template. What is the same is said once.

use std::collections::BTreeMap;

use crate::engine::finding::Remedy;
use crate::report::model::{Blocker, Finding, Report};

use super::words;

/// Steps shown before the rest is folded away.
const SHOWN: usize = 8;

/// Everything of one remedy.
#[derive(Debug)]
pub(super) struct Group {
    pub title: &'static str,
    pub about: &'static str,
    pub total: usize,
    pub first: Vec<Step>,
    pub rest: Vec<Step>,
}

/// One step.
#[derive(Debug)]
pub(super) struct Step {
    /// What should hold, or what is asked; several where one way leads to all of them.
    pub texts: Vec<String>,
    pub more: String,
    pub urgent: bool,
    pub level: Option<u16>,
    /// The policies that wait for it.
    pub policies: Vec<String>,
}

/// The groups that are not empty. A board sees the first of each only.
pub(super) fn groups(report: &Report, only_summary: bool) -> Vec<Group> {
    let findings: BTreeMap<(&str, &str), &Finding> =
        report.findings.iter().map(|found| ((found.policy.as_str(), found.check.as_str()), found)).collect();
    let mut blockers: Vec<&Blocker> =
        report.competencies.iter().flat_map(|competency| &competency.blockers).collect();
    blockers.sort_by_key(|blocker| (!blocker.urgent, blocker.level));
    let group = |(remedy, title, about)| {
        let mut steps: Vec<Step> = Vec::new();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        let mut total = 0;
        for blocker in blockers.iter().filter(|blocker| blocker.remedy == remedy) {
            let found = blocker.check.split_once('/').and_then(|id| findings.get(&id));
            let Some(found) = found else { continue };
            total += 1;
            let step = step(found, blocker);
            // What the same way leads to is one step, and so is what is said with the same words.
            let same = if step.more.is_empty() { step.texts.concat() } else { step.more.clone() };
            match known.get(&same).and_then(|at| steps.get_mut(*at)) {
                Some(before) => {
                    before.level = before.level.min(step.level);
                    before.policies.extend(step.policies);
                    before.texts.extend(step.texts);
                }
                None => {
                    known.insert(same, steps.len());
                    steps.push(step);
                }
            }
        }
        for step in &mut steps {
            step.policies.dedup();
            step.texts.dedup();
        }
        let rest = steps.split_off(steps.len().min(SHOWN));
        let rest = if only_summary { Vec::new() } else { rest };
        Group { title, about, total, first: steps, rest }
    };
    [
        (
            Remedy::Fix,
            "Fix",
            "We saw it, and it is not as it should be. Change the tenant or the way it is run.",
        ),
        (
            Remedy::Collect,
            "Collect",
            "We could not see it. Grant the permission, or import what another tool saw.",
        ),
        (
            Remedy::Declare,
            "Declare",
            "We need to know what is meant. Declare the parameter in levelmark.yaml.",
        ),
        (
            Remedy::Attest,
            "Answer",
            "No API shows it. A person answers, with evidence; levelmark attest asks in turn.",
        ),
        (Remedy::Report, "Report to us", "A defect of a policy or of the program, not of the tenant."),
    ]
    .map(group)
    .into_iter()
    .filter(|group| group.total > 0)
    .collect()
}

fn step(found: &Finding, blocker: &Blocker) -> Step {
    let (text, more) = match blocker.remedy {
        Remedy::Fix => (&found.claim, found.fix.as_str()),
        Remedy::Report => (&found.claim, found.reason.as_str()),
        Remedy::Collect | Remedy::Declare => (&found.reason, ""),
        Remedy::Attest => (found.question.as_ref().unwrap_or(&found.claim), ""),
    };
    Step {
        texts: vec![words::clean(text)],
        more: words::clean(more),
        urgent: blocker.urgent,
        level: blocker.level,
        policies: vec![words::clean(&found.policy)],
    }
}
