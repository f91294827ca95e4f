//! Whether the examples of the policies would notice a mistake in them. Every check is broken, one
//! place at a time: a leaf says the opposite, a comparison turns, a condition is left out, a bound
//! becomes the other one, another field or section is read, one becomes all. Some example of the
//! policy must then come out otherwise.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};

use levelmark::engine;
use levelmark::policy::compiled::{Policy, PolicySet};
use levelmark::policy::examples::{self, Example};
use levelmark::policy::load::LoadOptions;
use levelmark::sections::{self, Kind as SectionKind, contract::Type};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

/// Ways to break a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A leaf of the assertion says the opposite.
    Inversion,
    /// A comparison says the opposite.
    Comparison,
    /// A conjunct is left out.
    Conjunct,
    /// The least becomes the most.
    Bound,
    /// Another field of the same type is read.
    Field,
    /// Another section with the same fields is read.
    Section,
    /// One of several becomes all of them, or the other way round.
    Junction,
}

/// Checks whose examples may miss all mutants of a kind, each with a reason.
const EXCUSED: &[(&str, Kind, &str)] = &[];

/// A broken check.
struct Mutant {
    kind: Kind,
    /// What was done, for people.
    what: String,
    check: Value,
}

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

/// Bytes of a path that are inside quotes.
fn quoted(path: &str) -> Vec<bool> {
    let (mut inside, mut escaped) = (None, false);
    path.bytes()
        .map(|byte| match inside {
            None if byte == b'\'' || byte == b'"' => {
                inside = Some(byte);
                true
            }
            None => false,
            Some(quote) => {
                if byte == quote && !escaped {
                    inside = None;
                }
                escaped = byte == b'\\' && !escaped;
                true
            }
        })
        .collect()
}

/// The path with the bytes of a range replaced.
fn splice(path: &str, range: std::ops::Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &path[..range.start], &path[range.end..])
}

/// Every comparison turned, one at a time.
fn comparisons(path: &str) -> Vec<String> {
    const TURNED: &[(&str, &str)] =
        &[("==", "!="), ("!=", "=="), ("<=", ">"), (">=", "<"), ("<", ">="), (">", "<=")];
    let quoted = quoted(path);
    let mut mutants = Vec::new();
    let mut at = 0;
    while at < path.len() {
        let here =
            TURNED.iter().find(|(from, _)| !quoted[at] && path.as_bytes()[at..].starts_with(from.as_bytes()));
        match here {
            Some((from, to)) => {
                mutants.push(splice(path, at..at + from.len(), to));
                at += from.len();
            }
            None => at += 1,
        }
    }
    mutants
}

/// Where an operand ends, going right from `at`.
fn end_right(path: &str, quoted: &[bool], at: usize) -> usize {
    let mut depth = 0;
    for (index, byte) in path.bytes().enumerate().skip(at).filter(|(index, _)| !quoted[*index]) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' if depth == 0 => return index,
            b')' | b']' => depth -= 1,
            b'&' | b'|' if depth == 0 => return index,
            _ => {}
        }
    }
    path.len()
}

/// Where an operand begins, going left from `at`.
fn end_left(path: &str, quoted: &[bool], at: usize) -> usize {
    let mut depth = 0;
    for index in (0..at).rev().filter(|index| !quoted[*index]) {
        match path.as_bytes()[index] {
            b')' | b']' => depth += 1,
            b'(' | b'[' if depth == 0 => return index + 1,
            b'(' | b'[' => depth -= 1,
            b'&' | b'|' | b'?' if depth == 0 => return index + 1,
            _ => {}
        }
    }
    0
}

/// One operand of an `&&` left out.
fn conjuncts(path: &str) -> Vec<String> {
    let quoted = quoted(path);
    let ands = path.match_indices("&&").map(|(at, _)| at).filter(|at| !quoted[*at]);
    ands.flat_map(|at| {
        let (from, to) = (end_left(path, &quoted, at), end_right(path, &quoted, at + 2));
        [splice(path, at..to, " "), splice(path, from..at + 2, " ")]
    })
    .collect()
}

/// The section at the beginning of a path that begins here.
fn section_at(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("$.")?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let area = rest.bytes().take_while(|byte| is_name(*byte)).count();
    let name = rest.get(area + 1..)?.bytes().take_while(|byte| is_name(*byte)).count();
    (rest.as_bytes()[area] == b'.').then(|| &rest[..area + 1 + name])
}

/// First-level names that could stand for this one: of the same type in the same section.
fn like(section: &str, field: &str) -> Vec<String> {
    let Some(section) = sections::find(section) else { return Vec::new() };
    let fields = &section.contract().fields;
    let Some(of) = fields.get(field) else { return Vec::new() };
    let same = |other: &Type| other == of;
    let others = fields.iter().filter(|(name, other)| *name != field && same(other));
    others.map(|(name, _)| name.clone()).take(3).collect()
}

/// Names after `@.` of items of a section, each replaced by others of its type. `within` is what `@`
/// stands for at the beginning.
fn fields(path: &str, within: Option<&str>) -> Vec<String> {
    let quoted = quoted(path);
    let mut mutants = Vec::new();
    // What `@` stands for, per open bracket; and what it will stand for in the next one.
    let mut open: Vec<Option<&str>> = vec![within];
    let mut next: Option<&str> = None;
    let mut at = 0;
    while at < path.len() {
        let rest = &path[at..];
        if quoted[at] {
            at += 1;
        } else if let Some(section) = section_at(rest) {
            at += 2 + section.len();
            next = path[at..].starts_with('[').then_some(section);
        } else if let Some(rest) = rest.strip_prefix("@.") {
            let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let range = at + 2..at + 2 + name.len();
            if let Some(section) = open.last().copied().flatten() {
                mutants.extend(like(section, &name).iter().map(|other| splice(path, range.clone(), other)));
            }
            at = range.end;
            next = None;
        } else {
            match rest.as_bytes()[0] {
                b'[' => open.push(next.take()),
                b'(' => open.push(open.last().copied().flatten()),
                b']' | b')' => drop(open.pop()),
                _ => {}
            }
            at += 1;
        }
    }
    mutants
}

/// Another section that has the fields read of this one.
fn other_section(section: &str, read: &BTreeSet<String>) -> Option<&'static str> {
    let fits = |other: &&sections::Section| {
        let fields = &other.contract().fields;
        other.kind != SectionKind::Derived
            && other.id != section
            && read.iter().all(|field| field == "*" || fields.contains_key(field))
    };
    sections::all().find(fits).map(|other| other.id)
}

/// Every section read, replaced by another, one at a time.
fn sections_of(path: &str, reads: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let quoted = quoted(path);
    let mut mutants = Vec::new();
    for (at, _) in path.match_indices("$.").filter(|(at, _)| !quoted[*at]) {
        let Some(section) = section_at(&path[at..]) else { continue };
        let Some(other) = reads.get(section).and_then(|read| other_section(section, read)) else { continue };
        mutants.push(splice(path, at + 2..at + 2 + section.len(), other));
    }
    mutants
}

/// Something that is read: an assertion's path or condition, by its place in the check.
struct Place {
    /// JSON pointer in the check.
    pointer: String,
    /// The section whose items it looks at, where it is no path of its own.
    within: Option<String>,
    /// A name alone, not a path or condition.
    name: bool,
}

fn place(at: &str, key: &str, path: Option<&str>, name: bool) -> Place {
    let within = path.and_then(section_at).map(str::to_owned);
    Place { pointer: format!("{at}/{key}"), within, name }
}

/// All places of an assertion, the leaves' pointers, and those of `either` and `all`.
fn walk(
    node: &Value,
    at: &str,
    places: &mut Vec<Place>,
    leaves: &mut Vec<String>,
    junctions: &mut Vec<String>,
) {
    let text = |key: &str| node.get(key).and_then(Value::as_str);
    for key in ["forbid", "require"] {
        if let Some(path) = text(key) {
            leaves.push(at.to_owned());
            places.push(place(at, key, None, false));
            for field in ["distinct", "sum"] {
                if node.pointer(&format!("/count/{field}")).is_some() {
                    places.push(place(at, &format!("count/{field}"), Some(path), true));
                }
            }
        }
    }
    for (kind, path, names) in
        [("share", "among", &["elapsed/from", "elapsed/to"][..]), ("cadence", "of", &["at"][..])]
    {
        let Some(leaf) = node.get(kind) else { continue };
        leaves.push(at.to_owned());
        let path_text = leaf[path].as_str();
        places.push(place(at, &format!("{kind}/{path}"), None, false));
        if leaf.get("where").is_some() {
            places.push(place(at, &format!("{kind}/where"), path_text, false));
        }
        for name in names.iter().filter(|name| leaf.pointer(&format!("/{name}")).is_some()) {
            places.push(place(at, &format!("{kind}/{name}"), path_text, true));
        }
    }
    for key in ["either", "all"] {
        let Some(parts) = node.get(key).and_then(Value::as_array) else { continue };
        if parts.len() > 1 {
            junctions.push(at.to_owned());
        }
        for (index, part) in parts.iter().enumerate() {
            walk(part, &format!("{at}/{key}/{index}"), places, leaves, junctions);
        }
    }
}

/// The check with what stands at a pointer changed.
fn with(check: &Value, pointer: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut check = check.clone();
    change(check.pointer_mut(pointer).unwrap());
    check
}

fn rename(node: &mut Value, from: &str, to: &str) {
    let object = node.as_object_mut().unwrap();
    if let Some(value) = object.remove(from) {
        object.insert(to.to_owned(), value);
    }
}

/// `min` and `max` for each other. What would then hold always becomes what holds of nothing else.
fn turn_bounds(node: &mut Value) {
    rename(node, "min", "other");
    rename(node, "max", "min");
    rename(node, "other", "max");
    if node.get("max").is_some_and(|max| max.as_f64() == Some(1.0) && node.get("among").is_some()) {
        node["max"] = json!(0.99);
    }
    if node.get("min").is_some_and(|min| min.as_f64() == Some(0.0)) {
        node["min"] = if node.get("among").is_some() { json!(0.01) } else { json!(1) };
    }
}

/// A leaf that says the opposite: what was forbidden is required, the least is the most.
fn invert(leaf: &mut Value) {
    if leaf.get("forbid").is_some() {
        rename(leaf, "forbid", "require");
    } else if leaf.get("require").is_some() {
        match leaf.get_mut("count") {
            Some(count) => turn_bounds(count),
            None => rename(leaf, "require", "forbid"),
        }
        if leaf["count"] == Value::Null {
            leaf.as_object_mut().unwrap().remove("count");
        }
    } else if let Some(share) = leaf.get_mut("share") {
        turn_bounds(share);
    } else if let Some(of) = leaf.pointer("/cadence/of").cloned() {
        let object = leaf.as_object_mut().unwrap();
        object.remove("cadence");
        object.insert("forbid".into(), of);
    }
}

/// The same check with what an empty population means left out, or given: a leaf that was turned may
/// need the other.
fn loadable(check: Value) -> [Value; 3] {
    let (mut without, mut given) = (check.clone(), check.clone());
    without.as_object_mut().unwrap().remove("empty");
    given.as_object_mut().unwrap().insert("empty".into(), json!("unknown"));
    [check, without, given]
}

fn mutants(check: &Value, reads: &BTreeMap<String, BTreeSet<String>>) -> Vec<Mutant> {
    let (mut places, mut leaves, mut junctions) = (Vec::new(), Vec::new(), Vec::new());
    if check.get("when").is_some() {
        places.push(place("", "when", None, false));
    }
    walk(check, "", &mut places, &mut leaves, &mut junctions);
    let mut mutants = Vec::new();
    let mut add = |kind: Kind, what: String, check: Value| mutants.push(Mutant { kind, what, check });
    for leaf in &leaves {
        add(Kind::Inversion, format!("{leaf} inverted"), with(check, leaf, invert));
        for bounds in ["count", "share"] {
            let pointer = format!("{leaf}/{bounds}");
            if check.pointer(&pointer).is_some_and(Value::is_object) {
                add(Kind::Bound, format!("bounds of {pointer}"), with(check, &pointer, turn_bounds));
            }
        }
    }
    for junction in &junctions {
        let turned = with(check, junction, |node| {
            node.as_object_mut().unwrap().remove("at_least");
            rename(node, "either", "other");
            rename(node, "all", "either");
            rename(node, "other", "all");
        });
        add(Kind::Junction, format!("{junction} turned"), turned);
    }
    for place in &places {
        let text = check.pointer(&place.pointer).unwrap().as_str().unwrap();
        let within = place.within.as_deref();
        let texts = if place.name {
            let others = within.map(|section| like(section, text)).unwrap_or_default();
            vec![(Kind::Field, others)]
        } else {
            vec![
                (Kind::Comparison, comparisons(text)),
                (Kind::Conjunct, conjuncts(text)),
                (Kind::Field, fields(text, within)),
                (Kind::Section, sections_of(text, reads)),
            ]
        };
        for (kind, texts) in texts {
            for new in texts {
                let what = format!("{}: {new}", place.pointer);
                add(kind, what, with(check, &place.pointer, |node| *node = Value::String(new)));
            }
        }
    }
    mutants
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
