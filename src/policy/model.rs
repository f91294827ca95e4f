//! The maturity model as data: competencies, levels, documents with their editions, criteria and
//! claims. Read from `policies/model.yaml`.

use std::collections::BTreeMap;

/// The model.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Level number -> its names.
    pub levels: BTreeMap<u16, Level>,
    /// In the order they are shown.
    pub competencies: Vec<Competency>,
    /// The documents it was drawn from.
    pub documents: Vec<Document>,
}

/// One level.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The name shown.
    pub name: String,
    /// What documents call it besides.
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// One competency.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Competency {
    /// e.g. `service-health-management`.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// Prefix of its criteria, e.g. `SHM`.
    pub prefix: String,
    /// Id of its document.
    pub document: String,
    /// Levels that its edition defines; empty = decided as ready or gaps.
    pub levels: Vec<u16>,
    /// Criteria of the edition.
    pub criteria: Vec<Criterion>,
}

/// One criterion of an edition.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Id, the same as its policy's.
    pub id: String,
    /// Claims in it.
    pub claims: Vec<String>,
    /// False for criteria that are reported only.
    #[serde(default = "yes")]
    pub gates: bool,
}

fn yes() -> bool {
    true
}

/// One document of the model.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Id used by competencies.
    pub id: String,
    /// Title in our words.
    pub title: String,
    /// Edition as we name it, e.g. `2023-10-09` or `draft`.
    pub edition: String,
    /// Where it is published.
    pub url: String,
    /// A newer edition that we know of.
    #[serde(default)]
    pub newer: Option<String>,
}
