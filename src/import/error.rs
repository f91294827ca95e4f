//! Why an import can't work, with the place and the way out. Comes in: nothing. Goes out: one error
//! type, told in fragments that fit after "failed to import". Not here: evidence that a file says it
//! lacks; that is a section state, never an error.

use miette::Diagnostic;
use thiserror::Error;

/// Why an import can't work.
#[derive(Debug, Error, Diagnostic)]
pub enum ImportError {
    /// The file system refused.
    #[error("{name}: {source}")]
    #[diagnostic(code(levelmark::import::read))]
    Read {
        /// Path as the user gave it.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A link, device or pipe where a file or folder is expected.
    #[error("{name}: neither a regular file nor a folder")]
    #[diagnostic(code(levelmark::import::not_regular), help("links are not followed; give the file itself"))]
    NotRegular {
        /// Path as the user gave it.
        name: String,
    },
    /// Beyond a limit.
    #[error("{name}: {what}")]
    #[diagnostic(code(levelmark::import::limit))]
    Limit {
        /// File.
        name: String,
        /// Which limit, and by how much.
        what: String,
    },
    /// Nothing in it.
    #[error("{name}: the file is empty")]
    #[diagnostic(code(levelmark::import::empty), help("an empty file says nothing; export it again"))]
    Empty {
        /// File.
        name: String,
    },
    /// Not text in an encoding that we read.
    #[error("{name}: not readable as text at byte {offset}: {what}")]
    #[diagnostic(
        code(levelmark::import::encoding),
        help("save it as UTF-8; UTF-16 with a byte order mark is read too")
    )]
    Encoding {
        /// File.
        name: String,
        /// Offset of the first offending byte.
        offset: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// Not JSON.
    #[error("{name}:{line}:{column}: {what}")]
    #[diagnostic(code(levelmark::import::json))]
    Json {
        /// File.
        name: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong there.
        what: String,
        /// How to get a good one.
        #[help]
        help: Option<String>,
    },
    /// JSON, but of another kind.
    #[error("{name}: {what}")]
    #[diagnostic(code(levelmark::import::kind))]
    Kind {
        /// File.
        name: String,
        /// What it is, and what was expected.
        what: String,
        /// What to do with it.
        #[help]
        help: Option<String>,
    },
    /// The source names no tenant and nobody else did.
    #[error("{name}: it does not say which tenant it is of")]
    #[diagnostic(
        code(levelmark::import::tenant),
        help("name it with `--tenant ID`, the directory id of the tenant")
    )]
    NoTenant {
        /// File.
        name: String,
    },
    /// Not a directory id.
    #[error("`{given}` is not a directory id")]
    #[diagnostic(
        code(levelmark::import::tenant_id),
        help("a directory id is a GUID such as 00000000-0000-0000-0000-000000000000")
    )]
    TenantId {
        /// What was given.
        given: String,
    },
    /// Evidence of two tenants.
    #[error("{name}: it is of tenant {found}, not of {expected}")]
    #[diagnostic(code(levelmark::import::other_tenant), help("keep one snapshot for each tenant"))]
    OtherTenant {
        /// File or snapshot.
        name: String,
        /// The tenant it is of.
        found: String,
        /// The tenant that it should be of.
        expected: String,
    },
    /// The source does not say when it was taken.
    #[error("{name}: it does not say when it was taken{why}")]
    #[diagnostic(
        code(levelmark::import::time),
        help("say it with `--at TIME`, e.g. `--at 2026-01-31T08:00:00Z`")
    )]
    NoTime {
        /// File.
        name: String,
        /// What it says instead, opening with a comma; empty = nothing.
        why: String,
    },
    /// Wrong values in a register, each with its line.
    #[error("{name}: {}", list(.mistakes, *.more))]
    #[diagnostic(
        code(levelmark::import::register),
        help("the fields are: {fields}; map columns with --map COLUMN=FIELD")
    )]
    Rows {
        /// File.
        name: String,
        /// What is wrong, in order of lines.
        mistakes: Vec<RowMistake>,
        /// How many more there are.
        more: usize,
        /// Fields of the section.
        fields: String,
    },
    /// Several mistakes, all of them shown.
    #[error("{} files can't be imported", .0.len())]
    #[diagnostic(code(levelmark::import::several))]
    Several(#[related] Vec<ImportError>),
}

/// A wrong value in a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowMistake {
    /// Line of a CSV, or number of the object in JSON, from 1.
    pub line: u64,
    /// Field or column; empty = the whole row.
    pub column: String,
    /// What is wrong, lower case.
    pub message: String,
}

fn list(mistakes: &[RowMistake], more: usize) -> String {
    let lines = mistakes.iter().map(|mistake| match mistake.column.as_str() {
        "" => format!("\n  row {}: {}", mistake.line, mistake.message),
        column => format!("\n  row {}, {column}: {}", mistake.line, mistake.message),
    });
    let lines: String = lines.collect();
    let rest = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    format!("{} wrong values{lines}{rest}", mistakes.len() + more)
}

impl ImportError {
    /// All mistakes as one error; a single one stays itself.
    pub(crate) fn join(mut errors: Vec<ImportError>) -> Option<ImportError> {
        match errors.len() {
            0 => None,
            1 => errors.pop(),
            _ => Some(ImportError::Several(errors)),
        }
    }
}
