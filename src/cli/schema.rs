//! `schema` as typed.

use clap::{Args, ValueEnum};

/// `schema`
#[derive(Debug, Args)]
pub struct Schema {
    /// Which format.
    #[arg(value_enum)]
    pub what: SchemaOf,
}

/// Formats with a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A policy file.
    Policy,
    /// `levelmark.yaml`
    Config,
    /// `attestations.yaml`
    Attestations,
    /// `approvals.yaml`
    Approvals,
    /// The file of `collect --tenants`
    #[cfg(feature = "collect")]
    Tenants,
    /// A result (`check --format json`).
    Report,
    /// A trend (`trend --format json`).
    Trend,
}
