//! The part of SARIF 2.1.0 that we write, with its names (OASIS, sections 3.13 to 3.58). All of it is
//! data; what goes in is decided in the file above.

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(in crate::report) struct Log {
    #[serde(rename = "$schema")]
    pub schema: &'static str,
    pub version: &'static str,
    pub runs: Vec<Run>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct Run {
    pub tool: Tool,
    pub automation_details: AutomationDetails,
    pub invocations: Vec<Invocation>,
    pub column_kind: &'static str,
    pub results: Vec<Result>,
}

#[derive(Debug, Serialize)]
pub(in crate::report) struct Tool {
    pub driver: Driver,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct Driver {
    pub name: &'static str,
    pub semantic_version: String,
    pub rules: Vec<Rule>,
}

#[derive(Debug, Serialize)]
pub(in crate::report) struct AutomationDetails {
    pub id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct Invocation {
    pub execution_successful: bool,
    pub exit_code: u8,
    pub exit_code_description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_execution_notifications: Vec<Notification>,
}

#[derive(Debug, Serialize)]
pub(in crate::report) struct Notification {
    pub level: &'static str,
    pub message: Message,
}

#[derive(Debug, Serialize)]
pub(in crate::report) struct Message {
    pub text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct Rule {
    pub id: String,
    pub name: String,
    pub short_description: Message,
    pub full_description: Message,
    pub help: Help,
    pub default_configuration: Configuration,
    pub properties: Properties,
}

#[derive(Debug, Serialize)]
pub(in crate::report) struct Help {
    pub text: String,
    pub markdown: String,
}

#[derive(Debug, Serialize)]
pub(in crate::report) struct Configuration {
    pub level: &'static str,
}

#[derive(Debug, Serialize)]
pub(in crate::report) struct Properties {
    pub tags: Vec<String>,
    #[serde(rename = "problem.severity")]
    pub severity: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct Result {
    pub rule_id: String,
    pub rule_index: usize,
    pub level: &'static str,
    pub message: Message,
    pub locations: Vec<SarifLocation>,
    pub partial_fingerprints: Fingerprints,
    /// An empty list would say that suppression was looked for and not found; GitHub reads both alike.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suppressions: Vec<Suppression>,
}

/// The same value under our name and under the only one that GitHub looks at.
#[derive(Debug, Serialize)]
pub(in crate::report) struct Fingerprints {
    #[serde(rename = "levelmark/v1")]
    ours: String,
    #[serde(rename = "primaryLocationLineHash")]
    github: String,
}

impl Fingerprints {
    pub(super) fn of(value: String) -> Self {
        Self { ours: value.clone(), github: value }
    }
}

#[derive(Debug, Serialize)]
pub(in crate::report) struct Suppression {
    pub kind: &'static str,
    pub status: &'static str,
    pub justification: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct SarifLocation {
    pub physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logical_locations: Vec<LogicalLocation>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct PhysicalLocation {
    pub artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

#[derive(Debug, Serialize)]
pub(in crate::report) struct ArtifactLocation {
    pub uri: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct Region {
    pub start_line: usize,
    pub start_column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_column: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct LogicalLocation {
    pub kind: &'static str,
    pub fully_qualified_name: String,
}
