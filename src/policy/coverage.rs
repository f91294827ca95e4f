//! What of the model the policies cover, and by which kind of evidence. Comes in: a policy set.
//! Goes out: counts and lists. Not here: how they are printed (`commands`).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::compiled::{Check, PolicySet, Strength};
use super::list::{Decided, decided};
use crate::sections::{self, Kind};

/// How a check, and with it a claim or criterion, can be decided. The most direct comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// From the snapshot alone.
    Direct,
    /// From the snapshot, or else by a person.
    Mixed,
    /// Activity suggests it, and a person confirms.
    Proxy,
    /// By a person.
    Asked,
}

/// The kind of evidence of a check.
pub fn evidence(check: &Check) -> Evidence {
    match (check.strength, decided(&check.assertion)) {
        (Strength::Proxy, Decided::Measured | Decided::Mixed) => Evidence::Proxy,
        (Strength::Direct, Decided::Measured) => Evidence::Direct,
        (Strength::Direct, Decided::Mixed) => Evidence::Mixed,
        (Strength::Direct | Strength::Proxy, Decided::Asked) => Evidence::Asked,
    }
}

/// Counts of criteria or claims by the best evidence that decides them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// In the model.
    pub of: usize,
    /// By best kind of evidence.
    pub by: BTreeMap<Evidence, usize>,
    /// Ids that no policy decides.
    pub without: Vec<String>,
}

/// One competency and level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Competency id.
    pub competency: String,
    /// Level; None for criteria that have none.
    pub level: Option<u16>,
    /// Its criteria.
    pub criteria: Counts,
    /// Their claims.
    pub claims: Counts,
}

/// What the policies cover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// In the model's order.
    pub rows: Vec<Row>,
    /// Sections by policy, those behind derived ones included.
    pub sections: BTreeMap<String, Vec<String>>,
    /// Sections of the catalogue that no policy reads.
    pub unread: Vec<String>,
}

/// Counts what the policies cover.
pub fn coverage(set: &PolicySet) -> Coverage {
    let mut criteria: BTreeMap<&str, BTreeSet<Evidence>> = BTreeMap::new();
    let mut claims: BTreeMap<&str, BTreeSet<Evidence>> = BTreeMap::new();
    let mut levels: BTreeMap<&str, Option<u16>> = BTreeMap::new();
    for policy in &set.policies {
        let kinds: BTreeSet<Evidence> = policy.checks.iter().map(evidence).collect();
        levels.insert(&policy.id, policy.level);
        claims.extend(policy.claims.iter().map(|claim| (claim.as_str(), kinds.clone())));
        criteria.insert(&policy.id, kinds);
    }
    let mut rows: Vec<Row> = Vec::new();
    for competency in &set.model.competencies {
        for criterion in &competency.criteria {
            let level = levels.get(criterion.id.as_str()).copied().unwrap_or_else(|| level_of(&criterion.id));
            let index =
                match rows.iter().position(|row| row.competency == competency.id && row.level == level) {
                    Some(index) => index,
                    None => {
                        let (criteria, claims) = (Counts::default(), Counts::default());
                        rows.push(Row { competency: competency.id.clone(), level, criteria, claims });
                        rows.len() - 1
                    }
                };
            let Some(row) = rows.get_mut(index) else { continue };
            count(&mut row.criteria, &criterion.id, &criteria);
            for claim in &criterion.claims {
                count(&mut row.claims, claim, &claims);
            }
        }
    }
    let sections = sections(set);
    let read: BTreeSet<&str> = sections.values().flatten().map(String::as_str).collect();
    let unread =
        sections::all().filter(|section| section.kind != Kind::Derived && !read.contains(section.id));
    let unread = unread.map(|section| section.id);
    Coverage { rows, unread: unread.map(str::to_owned).collect(), sections }
}

/// The level that an id such as `INF-400-G2` names, for criteria without a policy.
fn level_of(id: &str) -> Option<u16> {
    id.split('-').nth(1)?.parse().ok().filter(|level| *level >= 100)
}

fn count(counts: &mut Counts, id: &str, found: &BTreeMap<&str, BTreeSet<Evidence>>) {
    counts.of += 1;
    match found.get(id).and_then(BTreeSet::first) {
        Some(best) => *counts.by.entry(*best).or_insert(0) += 1,
        None => counts.without.push(id.to_owned()),
    }
}

fn sections(set: &PolicySet) -> BTreeMap<String, Vec<String>> {
    let of = |policy: &super::compiled::Policy| {
        let mut read = BTreeSet::new();
        for id in policy.checks.iter().flat_map(|check| check.reads.sections.keys()) {
            let inputs = sections::find(id).map_or(&[][..], |section| section.inputs);
            read.extend(inputs.iter().map(|input| (*input).to_owned()));
            if inputs.is_empty() {
                read.insert(id.clone());
            }
        }
        (policy.id.clone(), read.into_iter().collect())
    };
    set.policies.iter().map(of).collect()
}
