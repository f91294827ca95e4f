//! Policies: YAML files, validated all at once, compiled. Comes in: files and the built-in set.
//! Goes out: a `PolicySet`. Not here: evaluating (`engine`), levels (`verdict`).
//!
//! The way: `load` finds and reads files, `raw` is what an author wrote, `compile`, `check` and
//! `assertion` turn it into `compiled`, `relations` looks across files. Texts with a query go
//! through `queries` alone.

pub mod answer;
mod assertion;
pub mod bound;
mod check;
mod compile;
pub mod compiled;
pub mod coverage;
pub mod examples;
pub mod explain;
pub mod lint;
pub mod list;
pub mod load;
pub mod model;
pub mod params;
pub(crate) mod queries;
pub mod raw;
mod relations;
pub mod systems;
pub mod wording;

#[cfg(test)]
mod tests;
