//! The report: one value that says everything, and the formats made from it. A format sees the
//! report alone and never evaluates.

pub mod model;
