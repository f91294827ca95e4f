//! The report: one value that says everything, and the formats made from it. A format sees the
//! report alone and never evaluates.

pub mod build;
mod competency;
mod csv;
pub mod detail;
pub mod drift;
pub mod escape;
pub mod format;
mod github;
pub mod html;
mod junit;
pub mod location;
pub mod markdown;
pub mod model;
mod sarif;
pub mod schema;
pub mod tenants;
pub mod text;
pub mod trend;
mod words;

pub(crate) use self::words::{
    cropped, gate as gate_word, outcome as outcome_word, pseudonyms, readiness as readiness_word,
};
