//! Levelmark: how mature is the operation of a Microsoft 365 tenant, and how do we know?
//!
//! The rooms, lowest first; a room only looks down (`tests/pure_rooms.rs` has the table):
//! `sections` (what a snapshot can hold) · `snapshot` (the evidence, with byte spans) · `query`
//! (JSONPath over it) · `yaml` (files that people write) · `policy` (criteria as data) · `config`
//! (parameters, targets, waivers, answers) · `derive` (joins) · `redact` (pseudonyms) · `engine` (outcomes and findings) ·
//! `verdict` (levels, gate) · `diff` (drift between two snapshots) · `effect` (what drift does to a verdict) · `report` (formats) · `messages` (Message
//! Center over tenants) · `import`, `declare`, `collect` (ways into a snapshot) · `attest` (asking people) ·
//! `bundle` (a result with all that it rests on) · `cli`, `run`, `terminal`, `commands`, `exit` (the program).

pub mod attest;
pub mod bundle;
pub mod cli;
#[cfg(feature = "collect")]
pub mod collect;
pub mod commands;
pub mod config;
pub mod declare;
pub mod derive;
pub mod diff;
pub mod effect;
pub mod engine;
pub mod exit;
pub mod import;
pub mod messages;
pub mod policy;
pub mod query;
pub mod redact;
pub mod report;
pub mod run;
pub mod sections;
pub mod snapshot;
pub mod terminal;
pub mod verdict;
pub mod yaml;
