//! From a path to what stands there. Comes in: version and path. Goes out: a section, a child of its
//! objects, one of its objects. Not here: the answer (`service`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use levelmark::sections::{Child, Section, Shape, all, find};

use super::refusals::Refusal;

/// What a path leads to.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// A list or single object, of one object where the path names it.
    Section(&'static Section, Option<String>),
    /// What an object of the section holds in a property.
    Child(&'static Section, &'static Child, String),
    /// One object of a section.
    Object(&'static Section, String),
    /// `/directoryRoles`
    Roles(&'static Section),
}

impl Target {
    /// The section whose rules apply.
    pub(crate) fn section(&self) -> &'static Section {
        match self {
            Self::Section(section, _)
            | Self::Child(section, _, _)
            | Self::Object(section, _)
            | Self::Roles(section) => section,
        }
    }
}

/// Splits `/v1.0/users` into version and path.
pub(crate) fn version(path: &str) -> Option<(&'static str, &str)> {
    [("v1.0", "/v1.0"), ("beta", "/beta")].iter().find_map(|(version, start)| {
        let rest = path.strip_prefix(start)?;
        rest.starts_with('/').then_some((*version, rest))
    })
}

/// A path of the catalogue, split once.
struct Route {
    pattern: Vec<String>,
    section: &'static Section,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Section,
    Child(&'static Child),
    Object,
    Roles,
}

/// All paths, by their first segment in lower case.
static ROUTES: LazyLock<BTreeMap<String, Vec<Route>>> = LazyLock::new(|| {
    let mut routes: BTreeMap<String, Vec<Route>> = BTreeMap::new();
    let mut add = |path: &str, section, kind| {
        let pattern: Vec<String> = path.split('/').skip(1).map(str::to_owned).collect();
        let first = pattern.first().map(|first| first.to_ascii_lowercase()).unwrap_or_default();
        routes.entry(first).or_default().push(Route { pattern, section, kind });
    };
    for section in all() {
        let Some(graph) = section.graph else { continue };
        add(graph.path, section, Kind::Section);
        for child in graph.children {
            add(child.path, section, Kind::Child(child));
        }
        if section.shape == Shape::List && graph.over.is_none() {
            add(&format!("{}/{{id}}", graph.path), section, Kind::Object);
        }
    }
    // Paths that no section has of its own.
    for (path, id, kind) in [
        ("/directoryRoles", "roles.members", Kind::Roles),
        ("/planner/plans/{id}", "planner.plans", Kind::Object),
        ("/groups/{id}/members", "groups.members", Kind::Section),
    ] {
        if let Some(section) = find(id) {
            add(path, section, kind);
        }
    }
    routes
});

/// Finds what a path below the version leads to.
pub(crate) fn find_target(version: &str, path: &str) -> Result<Target, Refusal> {
    let segments: Vec<String> = path.split('/').skip(1).map(decoded).collect();
    let first = segments.first().map(|first| first.to_ascii_lowercase()).unwrap_or_default();
    for Route { pattern, section, kind } in ROUTES.get(&first).into_iter().flatten() {
        let offered = section.graph.is_some_and(|graph| graph.version == "v1.0" || version == "beta");
        let Some(object) = matches(pattern, &segments).filter(|_| offered) else { continue };
        return Ok(match (kind, object) {
            (Kind::Roles, _) => Target::Roles(section),
            (Kind::Child(child), Some(object)) => Target::Child(section, child, object),
            (Kind::Object, Some(object)) => Target::Object(section, object),
            (Kind::Section | Kind::Child(_) | Kind::Object, object) => Target::Section(section, object),
        });
    }
    Err(Refusal::NoSegment(segments.first().cloned().unwrap_or_default()))
}

/// Compares a path with its pattern; inside is the segment that stands for the braces.
fn matches(pattern: &[String], segments: &[String]) -> Option<Option<String>> {
    if pattern.len() != segments.len() {
        return None;
    }
    let mut object = None;
    for (part, segment) in pattern.iter().zip(segments) {
        if part.starts_with('{') && !segment.is_empty() {
            object = Some(segment.clone());
        } else if !part.eq_ignore_ascii_case(segment) {
            return None;
        }
    }
    Some(object)
}

/// A segment without its percent signs; what is no text stays as it is.
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'%').then(|| after.get(..2)).flatten();
        let code = code.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| segment.to_owned())
}
