//! The one place where policies meet queries and the catalogue of sections. Comes in: the text of
//! a path, a condition, a field, a duration. Goes out: compiled queries with what they read, or
//! every mistake with its bytes in that text. Not here: the YAML around it.

use chrono::TimeDelta;

use super::compiled::{ParamKind, QueryReads};
pub use crate::query::QueryError;
use crate::query::ir::{Condition, Query};
use crate::query::types::{self, Analysis, Catalogue, ParamShape};
use crate::query::{self, Mode, duration};
use crate::sections;
use crate::sections::contract::Object;

/// The kind of a parameter, by its name; None if it is not declared.
pub type Kinds<'k> = &'k dyn Fn(&str) -> Option<ParamKind>;

/// The catalogue of sections and the parameters of a file.
struct Known<'k>(Kinds<'k>);

impl Catalogue for Known<'_> {
    fn contract(&self, section: &str) -> Option<&Object> {
        sections::find(section).map(sections::Section::contract)
    }

    fn sections(&self) -> Vec<&str> {
        sections::all().map(|section| section.id).collect()
    }

    fn param(&self, name: &str) -> Option<ParamShape> {
        // One that is not declared is reported once per file, by the compiler; here it may be anything.
        Some(match (self.0)(name) {
            Some(ParamKind::Ids | ParamKind::Strings) => ParamShape::List,
            Some(
                ParamKind::String
                | ParamKind::Integer
                | ParamKind::Share
                | ParamKind::Duration
                | ParamKind::Boolean,
            )
            | None => ParamShape::Scalar,
        })
    }

    fn params(&self) -> Vec<&str> {
        Vec::new()
    }
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
pub fn path(text: &str, kinds: Kinds<'_>) -> Result<Compiled, Vec<QueryError>> {
    let query = query::compile(text, Mode::Snapshot)?;
    let reads = sound(types::analyse(&query, &Known(kinds)))?;
    Ok(Compiled { population: query::population_of(&query), query, reads })
}

/// A condition on the items of `among`, e.g. `@.state == 'enabled'`.
///
/// # Errors
/// All mistakes in it.
pub fn condition(
    text: &str,
    among: &Query,
    kinds: Kinds<'_>,
) -> Result<(Condition, QueryReads), Vec<QueryError>> {
    let condition = query::compile_condition(text)?;
    let reads = sound(types::analyse_condition(&condition, text, among, &Known(kinds)))?;
    Ok((condition, reads))
}

/// A field of the items of `of`, e.g. `start.dateTime`.
///
/// # Errors
/// All mistakes in it.
pub fn field(text: &str, of: &Query, kinds: Kinds<'_>) -> Result<(Query, QueryReads), Vec<QueryError>> {
    let field = query::compile_relative(text)?;
    let reads = sound(types::analyse_relative(&field, text, of, &Known(kinds)))?;
    Ok((field, reads))
}

fn sound(analysis: Analysis) -> Result<QueryReads, Vec<QueryError>> {
    if analysis.errors.is_empty() { Ok(analysis.reads) } else { Err(analysis.errors) }
}

/// Presence tests that a path lacks, for the lint.
pub fn advice(path: &super::compiled::Path) -> Vec<QueryError> {
    types::analyse(&path.query, &Known(&|_| None)).warnings
}

/// An ISO 8601 duration.
///
/// # Errors
/// Why it is not one.
pub fn duration(text: &str) -> Result<TimeDelta, String> {
    duration::parse(text)
}

/// A duration as people say it.
pub fn duration_words(value: TimeDelta) -> String {
    duration::in_words(value)
}

/// What the catalogue says of a section: what it is, which permission it needs, which licence.
pub struct SectionFacts {
    /// One line.
    pub about: String,
    /// Least permission, or how else it comes in.
    pub needs: String,
    /// Licence; empty = none.
    pub licence: String,
}

/// Facts of a section; None if there is no such section.
pub fn section(id: &str) -> Option<SectionFacts> {
    let section = sections::find(id)?;
    Some(SectionFacts {
        about: section.about.to_owned(),
        needs: section.permission(),
        licence: section.licence.to_owned(),
    })
}

/// The section whose id is nearest.
pub fn nearest_section(id: &str) -> Option<&'static str> {
    sections::suggest(id)
}
