//! Fails that a declaration would end: a list that the tenant may declare and has not, such as allowed
//! exclusions. Each such list is supposed to name everything in the evidence; what passes then, could
//! be accepted by naming the right entries. Comes in: an evaluation. Goes out: sentences in the reasons
//! of its fails. Outcomes stay as they are.

use std::collections::BTreeSet;

use crate::config::ResolvedParams;
use crate::derive;
use crate::policy::compiled::{Check, ParamKind};
use crate::snapshot::Snapshot;
use crate::snapshot::document::{Kind, NodeRef};

use super::finding::Outcome;
use super::{Evaluation, Input, evaluate};

/// Strings of the evidence that a list is supposed to name at most. Beyond that nothing is supposed.
const MOST: usize = 50_000;

/// Says of each fail which undeclared list would end it.
pub fn suppose(input: &Input<'_>, evaluation: &mut Evaluation) {
    for finding in &mut evaluation.findings {
        if finding.outcome != Outcome::Fail {
            continue;
        }
        let Some((policy, check)) = input.policies.check(&finding.check) else { continue };
        let lists = check.reads.params.iter().filter(|name| is_undeclared_list(input, name));
        for name in lists {
            let Some(everything) = strings_of(input.snapshot, check) else { continue };
            let mut params =
                ResolvedParams { values: input.params.values.clone(), missing: input.params.missing.clone() };
            params.values.insert(name.clone(), everything.into_iter().collect());
            let only = [policy.id.clone()];
            let supposed = Input { params: &params, only: Some(&only), max_evidence: 0, ..*input };
            let ends = evaluate(&supposed)
                .findings
                .iter()
                .any(|other| other.check == finding.check && other.outcome == Outcome::Pass);
            if ends {
                finding.reason.push_str(&format!("; it could pass if the parameter `{name}` were declared"));
            }
        }
    }
}

/// A list with an empty default that nobody filled.
fn is_undeclared_list(input: &Input<'_>, name: &str) -> bool {
    let is_list = input.policies.params.get(name).is_some_and(|param| match param.kind {
        ParamKind::Ids | ParamKind::Strings => !param.required,
        ParamKind::String
        | ParamKind::Integer
        | ParamKind::Share
        | ParamKind::Duration
        | ParamKind::Boolean => false,
    });
    is_list && input.params.values.get(name).and_then(|value| value.as_array()).is_some_and(Vec::is_empty)
}

/// Every string in the sections that a check reads; None if there are too many.
fn strings_of(snapshot: &Snapshot, check: &Check) -> Option<BTreeSet<String>> {
    let mut strings = BTreeSet::new();
    for id in check.reads.sections.keys() {
        let inputs = derive::inputs(id);
        let behind = inputs.iter().map(|input| input.section);
        for id in behind.chain(inputs.is_empty().then_some(id.as_str())) {
            let mut left: Vec<NodeRef<'_>> = snapshot.section(id).into_iter().collect();
            while let Some(node) = left.pop() {
                match node.kind() {
                    Kind::String => {
                        strings.extend(node.as_str().map(|text| text.into_owned()));
                    }
                    Kind::Array => left.extend(node.elements()),
                    Kind::Object => left.extend(node.members().map(|(_, _, value)| value)),
                    Kind::Null | Kind::Bool | Kind::Number => {}
                }
                if strings.len() > MOST {
                    return None;
                }
            }
        }
    }
    Some(strings)
}
