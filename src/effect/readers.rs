//! Who reads what. Comes in: policies. Goes out: for a section and property the checks that read it. Derived
//! sections count as what they are made from.

use std::collections::{BTreeMap, BTreeSet};

use crate::derive;
use crate::policy::compiled::{Check, PolicySet};
use crate::query::reads::WHOLE;

/// Sections that a check reads, each with the first-level properties of its items.
pub(super) type Reads = BTreeMap<String, BTreeSet<String>>;

/// What all checks read.
#[derive(Debug)]
pub(super) struct Readers {
    by_check: BTreeMap<(String, String), Reads>,
    by_section: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Readers {
    pub fn of(set: &PolicySet) -> Self {
        let mut readers = Self { by_check: BTreeMap::new(), by_section: BTreeMap::new() };
        for policy in &set.policies {
            for check in &policy.checks {
                // One that stands for another reads what the other reads.
                let target = check.same_as.as_ref().and_then(|target| set.check(target));
                let reads = reads(target.map_or(check, |(_, target)| target));
                for (section, fields) in &reads {
                    let known = readers.by_section.entry(section.clone()).or_default();
                    for field in fields {
                        known.entry(field.clone()).or_default().insert(policy.id.clone());
                    }
                }
                readers.by_check.insert((policy.id.clone(), check.id.clone()), reads);
            }
        }
        readers
    }

    pub fn check(&self, policy: &str, check: &str) -> Reads {
        self.by_check.get(&(policy.to_owned(), check.to_owned())).cloned().unwrap_or_default()
    }

    pub fn any(&self, section: &str, field: Option<&str>) -> bool {
        self.by_section.get(section).is_some_and(|fields| match field {
            None => true,
            Some(field) => fields.contains_key(field) || fields.contains_key(WHOLE),
        })
    }

    pub fn policies(&self, section: &str, field: Option<&str>) -> BTreeSet<&str> {
        let Some(fields) = self.by_section.get(section) else { return BTreeSet::new() };
        let counts = |name: &String| field.is_none_or(|field| name == field || name == WHOLE);
        let policies = fields.iter().filter(|(name, _)| counts(name)).flat_map(|(_, policies)| policies);
        policies.map(String::as_str).collect()
    }
}

/// Whether a check reads a property of a section, or anything of it.
pub(super) fn touches(reads: &Reads, section: &str, field: Option<&str>) -> bool {
    reads.get(section).is_some_and(|fields| match field {
        None => true,
        // A query without names, as of a count, sees items come and go alone.
        Some(field) => fields.contains(field) || fields.contains(WHOLE),
    })
}

fn reads(check: &Check) -> Reads {
    let mut reads = Reads::new();
    for (section, fields) in &check.reads.sections {
        let inputs = derive::inputs(section);
        if inputs.is_empty() {
            reads.entry(section.clone()).or_default().extend(fields.iter().cloned());
        }
        for input in inputs {
            reads.entry(input.section.to_owned()).or_default().insert(WHOLE.to_owned());
        }
    }
    reads
}
