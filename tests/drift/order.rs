//! Nothing differs from itself, however it is written: in another order of members, items and elements, with
//! other blanks, as one file or as many.

use levelmark::diff::shape::ORDERED;
use levelmark::diff::{self, Comparison, Outcome};
use levelmark::snapshot::Wanted;
use levelmark::snapshot::document::Text;
use serde_json::Value;

use super::{NAKED, Snapshot, TENANTS, USUAL, fixture, naked, sections_of, snapshot};

/// A small generator, the same in every run (Knuth's constants).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }

    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            all.swap(at, self.below(at + 1));
        }
    }
}

/// Writes a value with everything in another order that means nothing.
fn write(value: &Value, path: &mut Vec<String>, section: &str, dice: &mut Dice, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            dice.shuffle(&mut members);
            out.push('{');
            for (at, (name, member)) in members.into_iter().enumerate() {
                let comma = if at == 0 { "" } else { ",\n " };
                out.push_str(&format!("{comma}{} : ", Value::from(name.as_str())));
                path.push(name.clone());
                write(member, path, section, dice, out);
                path.pop();
            }
            out.push('}');
        }
        Value::Array(elements) => {
            let mut elements: Vec<_> = elements.iter().collect();
            let ordered = |one: &diff::shape::Ordered| one.section == section && one.path == path.as_slice();
            if !ORDERED.iter().any(ordered) {
                dice.shuffle(&mut elements);
            }
            out.push('[');
            for (at, element) in elements.into_iter().enumerate() {
                out.push_str(if at == 0 { "" } else { " ," });
                write(element, path, section, dice, out);
            }
            out.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string())
        }
    }
}

/// The same snapshot as one text in which everything stands elsewhere.
pub(crate) fn shuffled(original: &Snapshot, seed: u64) -> Snapshot {
    let mut dice = Dice::new(seed);
    let mut manifest = serde_json::to_value(&original.manifest).unwrap();
    for record in manifest["sections"].as_object_mut().unwrap().values_mut() {
        record.as_object_mut().unwrap().remove("sha256");
    }
    let mut areas: std::collections::BTreeMap<&str, Vec<(&str, String)>> = Default::default();
    for (id, document) in &original.documents {
        let (area, name) = id.split_once('.').unwrap();
        let mut text = String::new();
        write(&document.root().to_value(), &mut Vec::new(), id, &mut dice, &mut text);
        areas.entry(area).or_default().push((name, text));
    }
    let areas: Vec<String> = areas
        .into_iter()
        .map(|(area, sections)| {
            let sections: Vec<String> =
                sections.into_iter().map(|(name, text)| format!("{name:?}:{text}")).collect();
            format!("{area:?}:{{{}}}", sections.join(","))
        })
        .collect();
    let mut text = manifest.to_string();
    text.pop();
    text.push_str(&format!(",\"data\":{{{}}}}}", areas.join(",")));
    Snapshot::from_text(Text::new("shuffled.json", text), Wanted::All).unwrap()
}

#[test]
fn nothing_differs_from_itself() {
    for name in TENANTS {
        let (one, other) = (fixture(name), fixture(name));
        let drift = diff::compare(&one, &other, &NAKED);
        assert_eq!(super::lines(&drift), Vec::<String>::new(), "{name}");
        let compared = |comparison| drift.sections.iter().filter(|s| s.comparison == comparison).count();
        assert_eq!(compared(Comparison::Identical), one.documents.len(), "{name}");
        assert_eq!(compared(Comparison::Compared), 0, "{name}");
        let expected = if name == "no-permissions" { Outcome::NothingCompared } else { Outcome::Same };
        assert_eq!(drift.outcome(), expected, "{name}");
    }
}

#[test]
fn order_and_form_mean_nothing() {
    for name in TENANTS {
        let original = fixture(name);
        for seed in 1..=3 {
            let other = shuffled(&original, seed);
            let usual = diff::compare(&original, &other, &USUAL);
            assert_eq!(super::lines(&usual), Vec::<String>::new(), "{name}");
            // It is counted all the same, and shown if asked for.
            let shown = naked(&original, &other);
            assert_eq!(shown.len() as u64, usual.counts().suppressed, "{name}");
            assert!(shown.iter().all(|line| line.contains(" Reordered ")), "{name}: {shown:?}");
            assert_eq!(shown.is_empty(), original.documents.is_empty(), "{name}");
        }
    }
}

/// A change is found however the rest stands, and the shuffled side adds nothing but order.
#[test]
fn a_change_is_found_in_another_order() {
    let original = fixture("contoso");
    let mut sections = sections_of(&original);
    let policies = &mut sections.get_mut("conditionalAccess.policies").unwrap().1;
    policies[3]["grantControls"]["builtInControls"] = serde_json::json!(["block"]);
    policies[5]["displayName"] = "Another name".into();
    let changed = snapshot(sections);
    for seed in 1..=5 {
        let other = shuffled(&changed, seed);
        let mut found = super::lines(&diff::compare(&original, &other, &USUAL));
        found.sort();
        let expected = [
            "conditionalAccess.policies Changed /displayName",
            "conditionalAccess.policies Changed /grantControls/builtInControls",
        ];
        assert_eq!(found, expected);
    }
}
