//! Policies: YAML files, validated all at once, compiled. Comes in: files and the built-in set.
//! Goes out: a `PolicySet`. Not here: evaluating (`engine`), levels (`verdict`).

pub mod compiled;
pub mod model;
