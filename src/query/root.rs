//! The first two names of a snapshot's path: `$.area.name`, `$.derived.name`, `$.params.name`.
//! Comes in: the segments of a path from `$`. Goes out: where it starts and what is left.

use super::error::QueryError;
use super::ir::{Root, Segment, Selector};
use super::layout::Layout;

const FORM: &str = "a path starts with a section, as in $.conditionalAccess.policies[*], \
                    or with a parameter, as in $.params.name";

/// Takes the leading names off. `first` is the token of `$`.
pub(super) fn split(
    layout: &Layout<'_>,
    first: usize,
    mut segments: Vec<Segment>,
    errors: &mut Vec<QueryError>,
) -> (Root, Vec<Segment>) {
    let places = layout.segments(first);
    let place =
        |n: usize| places.get(n).map_or_else(|| layout.at(first), |(from, end)| layout.span(*from, *end));
    let fallback = (Root::Sections(Vec::new()), Vec::new());
    let Some(leading) = segments.first() else {
        errors.push(QueryError::new(layout.at(first), "`$` alone is the whole snapshot").help(FORM));
        return fallback;
    };
    let area = match names(leading).as_deref() {
        Some([area]) => area.clone(),
        Some([]) | None => {
            errors.push(QueryError::new(place(0), "the first part must be one name").help(FORM));
            return fallback;
        }
        Some(_) => {
            errors.push(QueryError::new(place(0), "a path starts in one area").help(FORM));
            return fallback;
        }
    };
    let second = segments.get(1).map(names);
    let names = match second {
        Some(Some(names)) if !names.is_empty() => names,
        Some(_) => {
            let message = format!("behind `$.{area}` comes the name of a section");
            let message = if area == "params" {
                "behind `$.params` comes the name of a parameter".to_owned()
            } else {
                message
            };
            errors.push(QueryError::new(place(1), message).help(FORM));
            return fallback;
        }
        None => {
            let message = if area == "params" {
                "`$.params` lacks the name of a parameter".to_owned()
            } else {
                format!("`$.{area}` names an area, and a section's name must follow")
            };
            errors.push(QueryError::new(place(0), message).help(FORM));
            return fallback;
        }
    };
    let rest = segments.split_off(2);
    if area == "params" {
        if names.len() > 1 {
            errors.push(QueryError::new(place(1), "a path reads one parameter").help(FORM));
        }
        return (Root::Param(names.into_iter().next().unwrap_or_default()), rest);
    }
    (Root::Sections(names.iter().map(|name| format!("{area}.{name}")).collect()), rest)
}

/// The names that a segment selects, if it selects by name alone.
fn names(segment: &Segment) -> Option<Vec<String>> {
    match segment {
        Segment::Child(selectors) => selectors
            .iter()
            .map(|selector| match selector {
                Selector::Name(name) => Some(name.clone()),
                Selector::Wildcard | Selector::Index(_) | Selector::Slice { .. } | Selector::Filter(_) => {
                    None
                }
            })
            .collect(),
        Segment::Descendant(_) => None,
    }
}
