//! The commands besides `check`: each reads its inputs, calls one room and prints. What several of them need to find
//! and read their inputs stands beside them: `configuration`, `drift` (of two snapshots), `folder`, `inputs`, `places`,
//! `reports`, `results`. Not here: what the rooms do.

pub mod action;
pub mod approve;
pub mod attest;
pub mod bundle;
#[cfg(feature = "collect")]
pub mod collect;
pub mod completions;
pub mod configuration;
pub mod declare;
pub mod diff;
pub mod docs;
mod drift;
pub mod explain;
pub mod folder;
pub mod import;
pub mod init;
pub mod inputs;
pub mod man;
pub mod messages;
pub mod permissions;
pub mod places;
pub mod policy;
pub mod query;
pub mod redact;
pub mod report;
pub mod reports;
pub mod results;
pub mod schema;
pub mod sections;
pub mod tenants;
pub mod trend;
