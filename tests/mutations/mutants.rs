//! Checks with one thing wrong. Comes in: a check. Goes out: every mutant of it. Not here: what the examples say of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::paths::{comparisons, conjuncts, fields, like, section_at, sections_of};

/// Ways to break a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
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

/// A broken check.
pub(crate) struct Mutant {
    pub(crate) kind: Kind,
    /// What was done, for people.
    pub(crate) what: String,
    pub(crate) check: Value,
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
pub(crate) fn loadable(check: Value) -> [Value; 3] {
    let (mut without, mut given) = (check.clone(), check.clone());
    without.as_object_mut().unwrap().remove("empty");
    given.as_object_mut().unwrap().insert("empty".into(), json!("unknown"));
    [check, without, given]
}

pub(crate) fn mutants(check: &Value, reads: &BTreeMap<String, BTreeSet<String>>) -> Vec<Mutant> {
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
