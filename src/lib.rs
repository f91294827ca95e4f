//! Levelmark: how mature is the operation of a Microsoft 365 tenant, and how do we know?
//!
//! The rooms, lowest first; a room only looks down:
//! `sections` (what a snapshot can hold) · `snapshot` (the evidence, with byte spans) · `query`
//! (JSONPath over it) · `yaml` (files that people write) · `policy` (criteria as data) · `derive` (joins) · `engine` (outcomes and
//! findings) · `verdict` (levels, gate) · `report` (formats) · `import`, `declare` (ways into a
//! snapshot) · `cli`, `run`, `exit` (the program).

pub mod config;
pub mod engine;
pub mod policy;
pub mod query;
pub mod report;
pub mod sections;
pub mod snapshot;
pub mod yaml;
