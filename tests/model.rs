//! The policies against the model they cover: nothing is missing, nothing is claimed that is not
//! there, enough is decided by machine, and every check shows by example what it means. Where the
//! sources of the model lie beside the checkout, our data must agree with them, and our texts must
//! be our own; without them those tests pass.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may panic and speak"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use levelmark::engine::finding::Outcome;
use levelmark::engine::{self};
use levelmark::policy::compiled::{Check, Dimension, Policy, PolicySet};
use levelmark::policy::coverage::{self, Evidence};
use levelmark::policy::examples::{self, Expected};
use levelmark::policy::list::{Decided, decided};
use levelmark::policy::load::LoadOptions;
use rayon::prelude::*;

/// The folder with the sources; None where it is not there.
fn sources() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/model");
    if !folder.is_dir() {
        eprintln!("the sources of the model are not here: nothing compared");
        return None;
    }
    Some(folder)
}

fn set() -> PolicySet {
    PolicySet::load(&LoadOptions::default()).unwrap()
}

fn none(mistakes: Vec<String>) {
    assert!(mistakes.is_empty(), "{} mistakes:\n{}", mistakes.len(), mistakes.join("\n"));
}

#[test]
fn every_criterion_and_claim_has_a_policy() {
    let coverage = coverage::coverage(&set());
    let of: usize = coverage.rows.iter().map(|row| row.criteria.of).sum();
    assert_eq!(of, 251, "criteria of the model");
    let missing = coverage.rows.iter().flat_map(|row| [&row.criteria.without, &row.claims.without]);
    none(missing.flatten().map(|id| format!("{id} has no policy")).collect());
}

/// Policies name claims of their own criterion, and no claim twice.
#[test]
fn every_claim_of_a_policy_is_of_its_criterion() {
    let set = set();
    let mut mistakes = Vec::new();
    let criteria: BTreeMap<&str, &Vec<String>> = set
        .model
        .competencies
        .iter()
        .flat_map(|competency| competency.criteria.iter().map(|c| (c.id.as_str(), &c.claims)))
        .collect();
    for policy in &set.policies {
        let own: BTreeSet<&String> = policy.claims.iter().collect();
        let model: BTreeSet<&String> = criteria[policy.id.as_str()].iter().collect();
        if own != model || own.len() != policy.claims.len() {
            mistakes.push(format!("{}: {:?}", policy.id, own.symmetric_difference(&model)));
        }
    }
    none(mistakes);
}

#[test]
fn enough_is_decided_by_machine() {
    let set = set();
    let with = |kinds: &[Evidence]| {
        let has =
            |policy: &&Policy| policy.checks.iter().any(|check| kinds.contains(&coverage::evidence(check)));
        set.policies.iter().filter(has).count()
    };
    let direct = with(&[Evidence::Direct]);
    let any = with(&[Evidence::Direct, Evidence::Mixed, Evidence::Proxy]);
    assert!(direct >= 58, "{direct} criteria with a direct check");
    assert!(any >= 120, "{any} criteria with any check by machine");
}

/// What the sources say of a criterion.
struct Criterion {
    document: String,
    line: String,
    level: Option<u16>,
    dimension: Dimension,
    urgent: bool,
    gates: bool,
    symptoms: bool,
    claims: Vec<String>,
}

fn records(file: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

fn criteria(folder: &Path) -> BTreeMap<String, Criterion> {
    let criterion = |row: BTreeMap<String, String>| {
        let dimension = match row["section"].as_str() {
            "P" => Dimension::Process,
            "T" => Dimension::Technology,
            "S" => Dimension::Storage,
            "G" => Dimension::Governance,
            "U" => Dimension::UserExperience,
            "" => Dimension::General,
            other => panic!("an unknown section {other}"),
        };
        let criterion = Criterion {
            document: row["document"].clone(),
            line: row["line"].clone(),
            level: row["level"].parse().ok().filter(|level| *level >= 100),
            dimension,
            urgent: row["priority"] == "yes",
            gates: row["gates"] == "yes",
            symptoms: row["polarity"] == "anti-pattern",
            claims: row["claims"].split_whitespace().map(str::to_owned).collect(),
        };
        (row["id"].clone(), criterion)
    };
    records(&folder.join("criteria.csv")).into_iter().map(criterion).collect()
}

#[test]
fn the_model_agrees_with_its_sources() {
    let Some(folder) = sources() else { return };
    let (set, wanted) = (set(), criteria(&folder));
    let mut mistakes = Vec::new();
    let mut seen = BTreeSet::new();
    for competency in &set.model.competencies {
        for criterion in &competency.criteria {
            let id = &criterion.id;
            let Some(source) = wanted.get(id) else {
                mistakes.push(format!("{id} is no criterion"));
                continue;
            };
            seen.insert(id.clone());
            if criterion.claims != source.claims || criterion.gates != source.gates {
                mistakes.push(format!("{id}: {:?}, {}", criterion.claims, criterion.gates));
            }
        }
    }
    mistakes.extend(wanted.keys().filter(|id| !seen.contains(*id)).map(|id| format!("{id} is missing")));
    let ours: BTreeSet<&String> =
        set.model.competencies.iter().flat_map(|c| &c.criteria).flat_map(|c| &c.claims).collect();
    // Claims of lines that are no criterion describe a level as a whole or what follows from it.
    let lines: BTreeSet<(&str, &str)> =
        wanted.values().map(|source| (source.document.as_str(), source.line.as_str())).collect();
    let ledger = records(&folder.join("ledger.csv"));
    let of_criteria =
        ledger.iter().filter(|row| lines.contains(&(row["seed"].as_str(), row["line"].as_str())));
    let of_criteria: BTreeSet<&String> = of_criteria.map(|row| &row["id"]).collect();
    assert!(of_criteria.len() > 450, "{} claims of criteria", of_criteria.len());
    mistakes.extend(of_criteria.symmetric_difference(&ours).map(|id| format!("claim {id} is in one only")));
    none(mistakes);
}

#[test]
fn policies_agree_with_the_sources() {
    let Some(folder) = sources() else { return };
    let (set, wanted) = (set(), criteria(&folder));
    let mut mistakes = Vec::new();
    for policy in &set.policies {
        let source = &wanted[&policy.id];
        let own = (policy.level, policy.dimension, policy.urgent);
        let theirs = (source.level, source.dimension, source.urgent);
        if own != theirs {
            mistakes.push(format!("{}: {own:?}, should be {theirs:?}", policy.id));
        }
        let gates = policy.checks.iter().any(|check| !check.informs);
        if gates && !source.gates {
            mistakes.push(format!("{}: gates, and should only inform", policy.id));
        }
        if source.symptoms
            && source.gates
            && policy.checks.iter().any(|check| !check.symptom && !check.informs)
        {
            mistakes.push(format!("{}: is made of symptoms, and one check is none", policy.id));
        }
    }
    none(mistakes);
}

/// Words of a text in lower case; punctuation parts nothing, numbers are words.
fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’'));
    parts.map(|part| part.trim_matches(['\'', '’']).to_lowercase()).filter(|part| !part.is_empty()).collect()
}

/// Names that everybody writes the same way, as one word each.
const NAMES: &[&str] = &[
    "maturity model for microsoft 365",
    "microsoft 365 maturity model",
    "microsoft 365 admin center",
    "microsoft entra admin center",
    "microsoft power platform admin center",
    "service health dashboard",
    "microsoft defender for cloud apps",
    "microsoft defender for cloud",
    "microsoft defender for endpoint",
    "microsoft defender for identity",
    "microsoft defender for office 365",
    "privileged identity management",
    "data loss prevention",
    "service change management",
    "service health management",
    "staff and training",
    "business continuity",
    "message center",
];

/// As words, with addresses left out and each name as one.
fn text_of(text: &str) -> Vec<String> {
    let spoken: Vec<&str> = text.split_whitespace().filter(|word| !word.contains("://")).collect();
    let mut joined = format!(" {} ", words(&spoken.join(" ")).join(" "));
    for name in NAMES {
        joined = joined.replace(&format!(" {name} "), &format!(" {} ", name.replace(' ', "_")));
    }
    joined.split_whitespace().map(str::to_owned).collect()
}

/// Texts that people read, with where they stand.
fn our_texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let set = set();
    for policy in &set.policies {
        let mut add = |what: &str, text: &str| texts.push((format!("{} {what}", policy.id), text.to_owned()));
        add("title", &policy.title);
        add("about", &policy.about);
        add("why", &policy.why);
        add("fix", &policy.fix);
        for reference in &policy.references {
            add("reference", &reference.title);
        }
        for name in &policy.params {
            add(name, &set.params[name].about);
        }
        for check in &policy.checks {
            add(&check.id, &check.title);
            check.ask.iter().for_each(|ask| add(&check.id, ask));
            questions(&check.assertion).iter().for_each(|question| add(&check.id, question));
        }
    }
    // The rest as it is written: the model and the parameters, comments included, and the docs.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("policies/model.yaml"), root.join("policies/params.yaml")];
    for folder in [root.to_path_buf(), root.join("docs")] {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.extend(entries.filter(|path| path.extension().is_some_and(|e| e == "md" || e == "yaml")));
    }
    files.sort();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        texts.push((path.file_name().unwrap().to_string_lossy().into_owned(), text));
    }
    texts
}

fn questions(assertion: &levelmark::policy::compiled::Assertion) -> Vec<String> {
    use levelmark::policy::compiled::Assertion;
    match assertion {
        Assertion::Attest(question) => vec![question.clone()],
        Assertion::Either { of, .. } | Assertion::All(of) => of.iter().flat_map(questions).collect(),
        Assertion::Forbid(_) | Assertion::Require { .. } | Assertion::Share(_) | Assertion::Cadence(_) => {
            Vec::new()
        }
    }
}

/// Runs of words that a text shares with the sources.
const RUN: usize = 6;

fn shared_runs(theirs: &BTreeSet<Vec<String>>, text: &str) -> Vec<String> {
    let words = text_of(text);
    words.windows(RUN).filter(|run| theirs.contains(*run)).map(|run| run.join(" ")).collect()
}

#[test]
fn no_text_is_taken_from_the_sources() {
    let Some(folder) = sources() else { return };
    let mut theirs: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut documents = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            let text = std::fs::read_to_string(&path).unwrap();
            let words = text_of(&text);
            // Whoever copies is found: the document shares its own words.
            assert!(words.len() > 300, "{} is short", path.display());
            theirs.extend(words.windows(RUN).map(<[String]>::to_vec));
            documents += 1;
        }
    }
    assert_eq!(documents, 5, "documents in {}", folder.display());
    let texts = our_texts();
    assert!(texts.len() > 251 * 6, "{} texts", texts.len());
    let taken: Vec<String> = texts
        .par_iter()
        .flat_map_iter(|(place, text)| {
            shared_runs(&theirs, text).into_iter().map(move |run| format!("{place}: {run}"))
        })
        .collect();
    none(taken);
}

#[test]
fn words_are_compared_without_case_addresses_and_names() {
    let theirs = BTreeSet::from([text_of("Nobody ever asks what six words mean")[..RUN].to_vec()]);
    assert_eq!(shared_runs(&theirs, "so NOBODY ever, asks: what (six) words!").len(), 1);
    assert!(shared_runs(&theirs, "nobody ever asks what five words mean").is_empty());
    assert_eq!(text_of("see https://a.example/b, the Message Center"), ["see", "the", "message_center"]);
}

/// What the examples of a policy show of a check.
#[derive(Default)]
struct Shown {
    outcomes: BTreeSet<Expected>,
    /// An answer of it has expired in an example, and it is unknown there.
    expired: bool,
}

fn shown(set: &PolicySet, policy: &Policy) -> BTreeMap<String, Shown> {
    let mut shown: BTreeMap<String, Shown> = BTreeMap::new();
    for example in examples::of(policy).unwrap() {
        let findings = engine::examples::run(set, policy, &example).unwrap();
        none(engine::examples::differences(&example, &findings));
        for (id, expected) in &example.expect {
            let check = policy.checks.iter().find(|check| check.id == *id).unwrap();
            let entry = shown.entry(id.clone()).or_default();
            entry.outcomes.insert(*expected);
            let answers: Vec<_> = example.answers.iter().filter(|answer| answer.check.check == *id).collect();
            let expired =
                |answer: &&levelmark::config::Answer| engine::expiry(answer, check) <= example.today;
            entry.expired |=
                *expected == Expected::Unknown && !answers.is_empty() && answers.iter().all(expired);
        }
        assert!(findings.iter().all(|finding| finding.outcome != Outcome::Error), "{}", policy.id);
    }
    shown
}

/// Every check passes in one example and fails in another; a question too, by a yes and a no, and
/// each policy with questions shows that an answer expires.
#[test]
fn examples_show_both_sides_of_every_check() {
    let set = set();
    let mistakes = set.policies.par_iter().flat_map(|policy| {
        let shown = shown(&set, policy);
        let mut mistakes = Vec::new();
        for check in &policy.checks {
            let empty = Shown::default();
            let of = shown.get(&check.id).unwrap_or(&empty);
            for wanted in [Expected::Pass, Expected::Fail] {
                if !of.outcomes.contains(&wanted) {
                    mistakes.push(format!("{}/{}: no example expects {wanted:?}", policy.id, check.id));
                }
            }
        }
        let asks = |check: &&Check| decided(&check.assertion) == Decided::Asked;
        if policy.checks.iter().any(|check| asks(&check)) && !shown.values().any(|shown| shown.expired) {
            mistakes.push(format!("{}: no example of an answer that has expired", policy.id));
        }
        mistakes
    });
    none(mistakes.collect());
}
