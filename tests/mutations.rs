//! Whether the examples of the policies would notice a mistake in them. Every check is broken, one
//! place at a time: a leaf says the opposite, a comparison turns, a condition is left out, a bound
//! becomes the other one, another field or section is read, one becomes all. Some example of the
//! policy must then come out otherwise.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

#[path = "mutations/mutants.rs"]
mod mutants;
#[path = "mutations/paths.rs"]
mod paths;

use std::collections::{BTreeMap, BTreeSet};

use levelmark::engine;
use levelmark::policy::compiled::{Policy, PolicySet};
use levelmark::policy::examples::{self, Example};
use levelmark::policy::load::LoadOptions;
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use mutants::{Kind, loadable, mutants};
use paths::{comparisons, conjuncts, fields, section_at};

/// Checks whose examples may miss all mutants of a kind, each with a reason.
const EXCUSED: &[(&str, Kind, &str)] = &[];

/// The part of a policy file before its examples, and the model and parameters it needs.
struct Bench {
    name: String,
    policy: Map<String, Value>,
    model: String,
    shared: String,
    examples: Vec<Example>,
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

impl Bench {
    fn new(policy: &Policy, model: &Value) -> Self {
        let text = &policy.source.text;
        let head = text.split("\nexamples:").next().unwrap();
        let Value::Object(mut raw) = yaml(head) else { panic!("{} is no object", policy.id) };
        // Relations need other policies, and a mutant has none.
        for key in ["satisfied_by", "one_of"] {
            raw.remove(key);
        }
        let mut model = model.clone();
        let competencies = model["competencies"].as_array_mut().unwrap();
        competencies.retain(|competency| competency["id"] == policy.competency.as_str());
        for competency in competencies {
            competency["criteria"].as_array_mut().unwrap().retain(|one| one["id"] == policy.id.as_str());
        }
        Self {
            name: format!("policies/{}.yaml", policy.id),
            policy: raw,
            model: model.to_string(),
            shared: std::fs::read_to_string("policies/params.yaml").unwrap(),
            examples: examples::of(policy).unwrap(),
        }
    }

    fn checks(&self) -> Vec<Value> {
        let mut checks = self.policy["checks"].as_array().unwrap().clone();
        checks.retain(|check| check.get("same_as").is_none());
        for check in &mut checks {
            check.as_object_mut().unwrap().remove("satisfied_by");
        }
        checks
    }

    /// The policy with this check alone; None if it does not load.
    fn load(&self, check: &Value) -> Result<PolicySet, String> {
        let mut policy = self.policy.clone();
        let text = check.to_string();
        if let Some(params) = policy.get_mut("params").and_then(Value::as_object_mut) {
            params.retain(|name, _| text.contains(&format!("params.{name}")));
        }
        policy.insert("checks".into(), json!([check]));
        let policy = Value::Object(policy).to_string();
        let texts = [("model.yaml", &*self.model), ("params.yaml", &*self.shared), (&*self.name, &*policy)];
        PolicySet::from_texts(&texts).map_err(|mistakes| {
            mistakes.0.iter().map(|mistake| mistake.message.clone()).collect::<Vec<_>>().join("; ")
        })
    }

    /// What examples expect of a check and do not get.
    fn differences(&self, set: &PolicySet, id: &str) -> Vec<String> {
        let policy = set.policies.first().unwrap();
        let differ = |example: &&Example| example.expect.contains_key(id);
        let of = self.examples.iter().filter(differ).flat_map(|example| {
            let mut example = example.clone();
            example.expect.retain(|check, _| check == id);
            example.params.retain(|name, _| set.params.contains_key(name));
            let findings = engine::examples::run(set, policy, &example).unwrap();
            engine::examples::differences(&example, &findings)
        });
        of.collect()
    }
}

/// What became of the mutants of a check.
#[derive(Default)]
struct Outcome {
    tried: usize,
    /// Mutants that no example noticed, where one of their kind has to be, or all of them.
    survivors: Vec<String>,
}

fn outcome(bench: &Bench, check: &Value) -> Outcome {
    let id = check["id"].as_str().unwrap();
    let set = bench.load(check).unwrap_or_else(|mistakes| panic!("{}/{id}: {mistakes}", bench.name));
    let reads = &set.policies.first().unwrap().checks.first().unwrap().reads.sections;
    let differences = bench.differences(&set, id);
    assert!(differences.is_empty(), "{}/{id} unbroken: {differences:?}", bench.name);
    let mut outcome = Outcome::default();
    let mut missed: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    let mut caught: BTreeSet<Kind> = BTreeSet::new();
    for mutant in mutants(check, reads) {
        // One mutant of a kind that is noticed is enough, but every leaf must notice its opposite.
        if mutant.kind != Kind::Inversion && caught.contains(&mutant.kind) {
            continue;
        }
        outcome.tried += 1;
        let noticed = match mutant.kind {
            Kind::Inversion | Kind::Bound | Kind::Junction => {
                let loaded = loadable(mutant.check).into_iter().find_map(|check| bench.load(&check).ok());
                match loaded {
                    Some(set) => !bench.differences(&set, id).is_empty(),
                    None => mutant.kind != Kind::Inversion,
                }
            }
            Kind::Comparison | Kind::Conjunct | Kind::Field | Kind::Section => {
                bench.load(&mutant.check).map_or(true, |set| !bench.differences(&set, id).is_empty())
            }
        };
        if noticed {
            caught.insert(mutant.kind);
        } else {
            missed.entry(mutant.kind).or_default().push(mutant.what);
        }
    }
    let policy = bench.policy["id"].as_str().unwrap();
    let excused =
        |kind: Kind| EXCUSED.iter().any(|(check, of, _)| *check == format!("{policy}/{id}") && *of == kind);
    for (kind, what) in missed {
        if (kind == Kind::Inversion || !caught.contains(&kind)) && !excused(kind) {
            outcome.survivors.push(format!("{policy}/{id}: {kind:?}: {}", what.join("\n    ")));
        }
    }
    outcome
}

#[test]
fn examples_notice_every_kind_of_mistake() {
    let set = PolicySet::load(&LoadOptions::default()).unwrap();
    let model = yaml(&std::fs::read_to_string("policies/model.yaml").unwrap());
    let outcomes: Vec<Outcome> = set
        .policies
        .par_iter()
        .flat_map(|policy| {
            let bench = Bench::new(policy, &model);
            bench.checks().iter().map(|check| outcome(&bench, check)).collect::<Vec<_>>()
        })
        .collect();
    let tried: usize = outcomes.iter().map(|outcome| outcome.tried).sum();
    assert!(tried > 1_000, "{tried} mutants tried");
    let survivors: Vec<&String> = outcomes.iter().flat_map(|outcome| &outcome.survivors).collect();
    let list = survivors.iter().map(|text| text.as_str()).collect::<Vec<_>>().join("\n");
    assert!(survivors.is_empty(), "of {tried} mutants no example notices {}:\n{list}", survivors.len());
}

#[test]
fn paths_are_broken_in_one_place_at_a_time() {
    let path = "$.groups.groups[?@.displayName == 'a && b' && (in(@.id, $.users.accounts[?@.mail > ''].id) || @.x < 1)]";
    assert_eq!(comparisons(path).len(), 3);
    assert_eq!(
        conjuncts("$.a.b[?@.x == 'y && z' && (@.p || @.q)]"),
        ["$.a.b[?@.x == 'y && z'  ]", "$.a.b[?  (@.p || @.q)]"]
    );
    assert!(
        conjuncts(path).iter().all(|broken| broken.contains("'a && b'") || !broken.contains("displayName"))
    );
    let named = fields(path, None);
    assert!(named.iter().any(|broken| broken.contains("$.groups.groups[?@.description ==")), "{named:?}");
    assert!(named.iter().any(|broken| broken.contains("[?@.city > ''].id")), "{named:?}");
    assert_eq!(section_at("$.users.accounts[?@.id]"), Some("users.accounts"));
}
