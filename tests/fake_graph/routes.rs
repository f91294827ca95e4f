//! From a path to what stands there. Comes in: version and path. Goes out: a section, a child of its
//! objects, one of its objects. Not here: the answer (`service`).

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

/// Finds what a path below the version leads to.
pub(crate) fn find_target(version: &str, path: &str) -> Result<Target, Refusal> {
    let segments: Vec<String> = path.split('/').skip(1).map(decoded).collect();
    let here = |section: &&'static Section| {
        section.graph.is_some_and(|graph| graph.version == "v1.0" || version == "beta")
    };
    for section in all().filter(here) {
        let Some(graph) = section.graph else { continue };
        if let Some(object) = matches(graph.path, &segments) {
            return Ok(Target::Section(section, object));
        }
        for child in graph.children {
            if let Some(Some(object)) = matches(child.path, &segments) {
                return Ok(Target::Child(section, child, object));
            }
        }
        if let (Shape::List, None) = (section.shape, graph.over)
            && let Some(Some(object)) = matches(&format!("{}/{{id}}", graph.path), &segments)
        {
            return Ok(Target::Object(section, object));
        }
    }
    beside(&segments).ok_or_else(|| Refusal::NoSegment(segments.first().cloned().unwrap_or_default()))
}

/// Paths that no section has of its own.
fn beside(segments: &[String]) -> Option<Target> {
    let at = |path: &str| matches(path, segments);
    if at("/directoryRoles").is_some() {
        return find("roles.members").map(Target::Roles);
    }
    if let Some(Some(plan)) = at("/planner/plans/{id}") {
        return find("planner.plans").map(|section| Target::Object(section, plan));
    }
    if let Some(Some(group)) = at("/groups/{id}/members") {
        return find("groups.members").map(|section| Target::Section(section, Some(group)));
    }
    None
}

/// Compares a path with its pattern; inside is the segment that stands for the braces.
fn matches(pattern: &str, segments: &[String]) -> Option<Option<String>> {
    let parts: Vec<&str> = pattern.split('/').skip(1).collect();
    if parts.len() != segments.len() {
        return None;
    }
    let mut object = None;
    for (part, segment) in parts.iter().zip(segments) {
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
