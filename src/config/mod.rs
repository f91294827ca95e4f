//! What a tenant brings besides its snapshot: `levelmark.yaml` (parameters, targets, waivers, drift),
//! `attestations.yaml` (human answers) and `approvals.yaml` (accepted drift). Comes in: bytes. Goes out: typed
//! values, or all mistakes with places. Not here: whether a check named there exists (the engine says so), and time.

pub mod approvals;
pub mod attestations;
pub mod drift;
pub mod pattern;
pub mod redacted;
pub mod settings;

pub use crate::policy::answer::{Answer, AnswerKind};
pub use crate::policy::params::{Given, ResolvedParams, from_flag, resolve as resolve_params};
pub use attestations::{Attestations, schema as attestations_schema};
pub use settings::{AcceptedAnswer, Accepts, Config, Target, Waiver, WaiverKind, schema as config_schema};

#[cfg(test)]
mod tests;
