//! What the contract slice has: paths, and the query options of each. Comes in: the path and query of a
//! request below the version. Goes out: which path of the slice it is, and what Prism leaves unsaid. Not
//! here: schemas and headers, which are Prism's (`proxy`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

/// Changes of a letter up to which another path is taken for a misspelt one.
const CLOSE: usize = 2;

/// The paths with the names of their query options.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) file: PathBuf,
    paths: BTreeMap<String, BTreeSet<String>>,
}

/// How a path stands to the slice.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place<'s> {
    /// It is this one.
    In(&'s str),
    /// It is not in it, and would be this one with other letters.
    Misspelt(&'s str),
    /// Nothing like it is in it.
    Out,
}

impl Slice {
    /// The slice, where it lies beside the working tree.
    pub(crate) fn here() -> Option<Self> {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/graph/graph-slice.openapi.json");
        let text = fs::read(&file).ok()?;
        let document: Value = serde_json::from_slice(&text).unwrap();
        let named = |parameter: &Value| {
            let at = parameter["$ref"].as_str().map(|at| at.trim_start_matches('#').to_owned());
            let parameter = at.map_or(parameter, |at| document.pointer(&at).unwrap());
            (parameter["in"] == "query").then(|| parameter["name"].as_str().unwrap().to_owned())
        };
        let options = |item: &Value| {
            item["get"]["parameters"].as_array().into_iter().flatten().filter_map(named).collect()
        };
        let paths = document["paths"].as_object().unwrap().iter();
        let paths = paths.map(|(path, item)| (path.clone(), options(item))).collect();
        Some(Self { file, paths })
    }

    pub(crate) fn place(&self, path: &str) -> Place<'_> {
        if let Some(own) = self.paths.keys().find(|own| changes(own, path) == Some(0)) {
            return Place::In(own);
        }
        let asked = plain(path);
        let near = |own: &&String| changes(&plain(own), &asked).is_some_and(|changes| changes <= CLOSE);
        self.paths.keys().find(near).map_or(Place::Out, |own| Place::Misspelt(own))
    }

    /// Options of a query that a path of the slice does not have.
    pub(crate) fn unknown(&self, path: &str, query: &str) -> Vec<String> {
        let known = &self.paths[path];
        let names = url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned());
        names.filter(|name| !known.contains(name)).collect()
    }
}

/// A path without what two spellings of it may differ in: case, percent signs, slashes too many, empty
/// parentheses.
fn plain(path: &str) -> String {
    let decoded: String = url::form_urlencoded::parse(path.replace('+', "%2B").as_bytes())
        .map(|(name, value)| if value.is_empty() { name.into_owned() } else { format!("{name}={value}") })
        .collect();
    let segments = decoded.split('/').filter(|segment| !segment.is_empty());
    segments.map(|segment| format!("/{}", segment.trim_end_matches("()").to_lowercase())).collect()
}

/// How many letters apart a path is from one of the slice, in whose braces anything may stand.
pub(crate) fn changes(own: &str, asked: &str) -> Option<usize> {
    let (own, asked): (Vec<_>, Vec<_>) = (own.split('/').collect(), asked.split('/').collect());
    (own.len() == asked.len()).then(|| own.iter().zip(&asked).map(|(own, asked)| apart(own, asked)).sum())
}

fn apart(own: &str, asked: &str) -> usize {
    let Some((start, rest)) = own.split_once('{') else { return strsim::osa_distance(own, asked) };
    let end = rest.split_once('}').map_or("", |(_, end)| end);
    let held = asked.strip_prefix(start).and_then(|asked| asked.strip_suffix(end));
    if held.is_some_and(|held| !held.is_empty()) { 0 } else { strsim::osa_distance(own, asked) }
}

#[test]
fn other_spellings_are_not_other_paths() {
    let Some(slice) = Slice::here() else { return eprintln!("skipped: Graph's contract is not here") };
    for (path, place) in [
        ("/users", Place::In("/users")),
        ("/groups/0d03%2F1/owners", Place::In("/groups/{group-id}/owners")),
        ("/Users", Place::Misspelt("/users")),
        ("/users/", Place::Misspelt("/users")),
        ("/us%65rs", Place::Misspelt("/users")),
        ("/users()", Place::Misspelt("/users")),
        ("/user", Place::Misspelt("/users")),
        ("/groups/0d03/owner", Place::Misspelt("/groups/{group-id}/owners")),
        ("/subscribedSKUs", Place::Misspelt("/subscribedSkus")),
        ("/groups/0d03/calendarView", Place::Out),
        ("/sites/getAllSites()", Place::Out),
    ] {
        assert_eq!(slice.place(path), place, "{path}");
    }
    assert_eq!(slice.unknown("/users", "%24top=1&$filtre=x&top=1"), ["$filtre", "top"]);
}
