//! The same verdicts, outcomes and counts as before; for every tenant and every example of a policy.

use std::path::Path;

use levelmark::engine::examples;
use levelmark::policy::compiled::PolicySet;
use levelmark::policy::load::LoadOptions;
use levelmark::policy::{self};
use levelmark::redact::{Key, Redactor, Terms};
use levelmark::sections;
use rayon::prelude::*;
use serde_json::Value;

use super::program::run;
use super::{KEY, TENANTS, fixture, redacted};

/// The result of `check` without what may differ: digests, texts, places.
fn result(folder: &Path, tenant: &Path) -> Value {
    let done =
        run(folder, &["check", tenant.to_str().unwrap(), "--format", "json", "--today", "2026-11-26"], b"");
    assert!(done.code <= 3, "{}", done.stderr);
    serde_json::from_str(&done.stdout).unwrap()
}

#[test]
fn every_tenant_gives_the_same_verdict_and_outcomes() {
    for name in TENANTS {
        let (folder, out) = redacted(name);
        let (before, after) = (result(folder.path(), &fixture(name)), result(folder.path(), &out));
        for what in ["competencies", "tenant", "gate", "filtered", "policySet", "evidenceTime"] {
            assert_eq!(before[what], after[what], "{name}: {what}");
        }
        let findings = |report: &Value| -> Vec<Value> {
            let told = ["policy", "check", "outcome", "basis", "remedy", "waived", "gates"];
            let one = |finding: &Value| {
                let mut told: Vec<Value> = told.iter().map(|name| finding[name].clone()).collect();
                told.push(finding["evidence"]["total"].clone());
                Value::Array(told)
            };
            report["findings"].as_array().unwrap().iter().map(one).collect()
        };
        assert_eq!(findings(&before), findings(&after), "{name}");
        assert_eq!(before["snapshot"].get("redacted"), None);
        assert_eq!(after["snapshot"]["redacted"]["key"].as_str().unwrap().len(), 8);
    }
}

#[test]
fn every_example_of_every_policy_comes_out_as_before() {
    let set = PolicySet::load(&LoadOptions::default()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let redactor = Redactor::new(Key::parse(KEY.as_bytes()).unwrap(), Terms::of(&set));
    let wrong = |policy: &policy::compiled::Policy| -> Vec<String> {
        let mut wrong = Vec::new();
        for mut example in policy::examples::of(policy).unwrap_or_else(|mistakes| panic!("{mistakes}")) {
            let before = examples::run(&set, policy, &example).unwrap();
            for (id, items) in &mut example.data {
                items.iter_mut().for_each(|item| redactor.item(sections::find(id).unwrap(), item));
            }
            example
                .params
                .iter_mut()
                .for_each(|(name, given)| given.value = redactor.given(name, &given.value));
            let after = examples::run(&set, policy, &example).unwrap();
            for (before, after) in before.iter().zip(&after) {
                if (before.outcome, before.evidence.total) != (after.outcome, after.evidence.total) {
                    wrong.push(format!(
                        "{} ({}): {:?} {} became {:?} {}",
                        before.check,
                        example.name,
                        before.outcome,
                        before.evidence.total,
                        after.outcome,
                        after.evidence.total
                    ));
                }
            }
        }
        wrong
    };
    let wrong: Vec<String> = set.policies.par_iter().flat_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
