//! Strict YAML: text that a person wrote -> a tree with byte places -> typed values, with *all*
//! mistakes collected on the way. Comes in: a file's name and bytes. Goes out: values and mistakes
//! that miette can show. Not here: what the values mean (`policy`, `config`).
//!
//! Built on the event parser that `serde-saphyr` re-exports and not on its serde face, because
//! that one stops at a file's first mistake.

pub mod append;
pub mod decode;
pub mod file;
pub mod mistake;
pub mod plain;
pub mod scalar;
pub mod suggest;
pub mod tree;

pub use decode::{Cx, Decode, Need};
pub use mistake::{Mistake, Mistakes, Place, Source};
pub use scalar::{At, Entries, Json, Text};
