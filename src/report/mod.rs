//! The report: one value that says everything, and the formats made from it. A format sees the
//! report alone and never evaluates.

pub mod build;
mod competency;
pub mod escape;
pub mod html;
pub mod model;
pub mod text;
pub mod trend;
