//! Queries: RFC 9535 JSONPath with four set functions, compiled once and walked over documents.
//! Comes in: query text, documents. Goes out: nodes. Not here: what a match means (`engine`).
//! Parsing is `jsonpath-rust`'s; types, names, regexes and evaluation are ours.

mod budget;
mod compile;
mod condition;
pub mod duration;
mod error;
mod evaluate;
mod grammar;
mod instant;
pub mod ir;
mod layout;
mod literals;
mod lower;
mod place;
mod population;
mod quick;
pub mod reads;
mod root;
mod sets;
mod suggest;
pub(crate) mod times;
mod tokens;
pub mod types;
mod value;
pub(crate) mod visit;
mod walk;

pub use budget::{Budget, OutOfBudget};
pub use compile::{compile, compile_condition, compile_relative};
pub use error::QueryError;
pub use evaluate::{Evaluator, Source};
pub use instant::timestamp;
pub use place::{json_pointer, normalized_path, normalized_path_in};
pub use population::population_of;

/// What `$` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One document of any shape; strings are only strings.
    Raw,
    /// A snapshot: `$.area.name`, `$.derived.name`, `$.params.name`; `'${now}'` and its kind are times.
    Snapshot,
}
