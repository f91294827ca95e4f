//! What a made-up tenant says of itself: the texts that must not show up where little is to be shown.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// Every text of a tenant that says something of it: no GUID, no time, none that stands in our own files.
pub(crate) fn texts_of(tenant: &str) -> BTreeSet<String> {
    let mut ours = String::new();
    for folder in ["policies", "src/sections"] {
        read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut ours);
    }
    // Folded lines of YAML are one line in a report.
    let ours = ours.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tenants").join(tenant);
    for entry in std::fs::read_dir(folder.join("snapshot")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        strings(&serde_json::from_str(&text).unwrap(), &mut found);
    }
    found.retain(|text| {
        let says = text.chars().filter(|c| c.is_alphabetic()).count() >= 4;
        let guid = text.len() == 36 && text.matches('-').count() == 4;
        let time = text.starts_with(|c: char| c.is_ascii_digit()) && text.contains("-") && text.contains(':');
        let program = text.starts_with("levelmark ");
        says && !guid && !time && !program && !ours.contains(text.as_str())
    });
    found
}

fn read_all(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, text);
        } else {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

fn strings(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(members) => {
            for (name, value) in members {
                found.insert(name.clone());
                strings(value, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What a text says, without what escaping put between.
pub(crate) fn bare(text: &str) -> String {
    text.replace("&#8203;", "")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .replace('\\', "")
}

/// Texts of a tenant that stand in a text, escaped or not.
pub(crate) fn leaks(tenant: &str, text: &str) -> BTreeSet<String> {
    let texts = texts_of(tenant);
    assert!(texts.len() > 100, "{tenant}: {}", texts.len());
    let all = bare(text) + text;
    let search = aho_corasick::AhoCorasick::new(&texts).unwrap();
    search.find_overlapping_iter(&all).map(|found| all[found.range()].to_owned()).collect()
}
