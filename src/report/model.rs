//! The report as data: versioned and frozen, written by `--format json` and read as a baseline.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::engine::finding::{AttestationState, WaiverState};
use crate::engine::finding::{Basis, Outcome, Remedy};
use crate::sections::Via;
use crate::snapshot::record::{Redaction, State, Tenant};

/// Everything a run found out.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Format and version.
    pub levelmark: Format,
    /// Program and version, e.g. `levelmark 0.1.0`.
    pub tool: String,
    /// Editions of the model's documents.
    pub model: ModelInfo,
    /// Which policies.
    pub policy_set: PolicySetInfo,
    /// Which evidence.
    pub snapshot: SnapshotInfo,
    /// The time against which expiry was decided.
    pub today: DateTime<Utc>,
    /// The time to which `${ago:…}` was bound.
    pub evidence_time: DateTime<Utc>,
    /// True when a filter left checks out: findings, but no verdict.
    pub filtered: bool,
    /// Pass or not, and why.
    pub gate: Gate,
    /// In the model's order.
    pub competencies: Vec<Competency>,
    /// The lowest of its competencies; None when filtered or nothing has levels.
    pub tenant: Option<Range>,
    /// In the order of policies and checks.
    pub findings: Vec<Finding>,
    /// Accepted deviations and what became of them.
    pub waivers: Vec<Waiver>,
    /// Human answers and what became of them.
    pub attestations: Vec<Attestation>,
    /// Every section that a policy reads or the snapshot has, by id.
    pub sections: BTreeMap<String, Section>,
    /// Things to know, for people.
    pub notes: Vec<String>,
}

/// `{ "report": 1 }`
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
pub struct Format {
    /// Version of the report format.
    pub report: u32,
}

/// Editions.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ModelInfo {
    /// One per document.
    pub documents: Vec<Document>,
}

/// Edition of a document.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// Id.
    pub id: String,
    /// Edition evaluated.
    pub edition: String,
    /// A newer edition that we know of.
    pub newer: Option<String>,
}

/// Which policies.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PolicySetInfo {
    /// SHA-256, hex.
    pub digest: String,
    /// Built-in ids that were replaced.
    pub overridden: Vec<String>,
}

/// Which evidence.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotInfo {
    /// SHA-256, hex.
    pub digest: String,
    /// Whose.
    pub tenant: Tenant,
    /// When it was taken.
    pub taken: DateTime<Utc>,
    /// Set where names, addresses, ids and texts in it are pseudonyms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<Redaction>,
}

/// Lowest level proven, highest level possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// Met with everything below.
    pub proven: u16,
    /// Not excluded by anything seen.
    pub possible: u16,
}

/// Result of the gate.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gate {
    /// What came out.
    pub result: GateResult,
    /// What it was asked to fail on.
    pub fail_on: Vec<FailOn>,
    /// Exit code.
    pub exit: u8,
    /// Why, one sentence each.
    pub reasons: Vec<String>,
}

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GateResult {
    /// Everything asked for holds.
    Met,
    /// Something asked for does not hold.
    NotMet,
    /// Could not be decided.
    Undetermined,
    /// No target, no baseline, nothing to fail on.
    NothingToGate,
    /// No check was evaluated.
    NothingEvaluated,
}

/// What makes the gate fail.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// A level below its target.
    Level,
    /// A fail that is not waived.
    Violation,
    /// Worse than the baseline.
    Regression,
    /// Nothing.
    Never,
}

/// The verdict in one competency.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Competency {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Id of the document that it was judged by.
    pub document: String,
    /// The verdict; None where nothing applies or the run is filtered.
    pub verdict: Option<Verdict>,
    /// What passes rest on.
    pub basis: BTreeMap<Basis, usize>,
    /// Each level the edition defines (none for competencies without levels).
    pub levels: Vec<Level>,
    /// With accepted risks counted as true.
    pub gate: Option<Range>,
    /// Beside the verdict, gates nothing.
    pub profile: Option<Profile>,
    /// What stands in the way of the target, or of the next level: urgent first.
    pub blockers: Vec<Blocker>,
}

/// Level or readiness.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A competency with levels.
    Level {
        /// Met with everything below.
        proven: u16,
        /// Not excluded by anything seen.
        possible: u16,
        /// What the organisation aims at.
        target: Option<u16>,
        /// Fewer than half of the next level's criteria are decided.
        undecided: Option<Undecided>,
    },
    /// A competency without levels.
    Readiness(Readiness),
}

/// How little of the next level is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Undecided {
    /// Criteria still open.
    pub open: usize,
    /// Of so many.
    pub of: usize,
}

/// Business continuity's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Readiness {
    /// All duties hold.
    Ready,
    /// Something does not.
    Gaps,
    /// Something is undecided.
    Unknown,
}

/// One level of one competency.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Level {
    /// 100 to 500.
    pub level: u16,
    /// Met or not.
    pub state: LevelState,
    /// Criteria that gate this level, by what became of them.
    pub counts: Counts,
}

/// State of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LevelState {
    /// All its values are true, and there is at least one.
    Met,
    /// At least one is false.
    Broken,
    /// Nothing is left that applies; blocks nothing, is never awarded.
    Transparent,
    /// Otherwise.
    Open,
}

/// Criteria of a level by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// All their checks that gate here hold.
    pub holds: usize,
    /// Some check fails.
    pub fails: usize,
    /// An answer says "partly", or some checks hold and some fail. Counted among `fails` too.
    pub partly: usize,
    /// Undecided.
    pub open: usize,
    /// Nothing of them applies.
    pub not_applicable: usize,
}

/// Stands beside a verdict, never alone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// The same rule per dimension.
    pub dimensions: BTreeMap<String, Range>,
    /// The same rule per topic.
    pub topics: BTreeMap<String, Range>,
    /// The same rule on urgent criteria alone.
    pub urgent: Option<Range>,
    /// Indicative position in tens, our formula: open counted as failing, then as holding.
    pub indicative: Range,
}

/// Something in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Blocker {
    /// `POLICY/CHECK`.
    pub check: String,
    /// The level it gates.
    pub level: Option<u16>,
    /// What would settle it.
    pub remedy: Remedy,
    /// The model marks it as urgent.
    pub urgent: bool,
}

/// One finding.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Policy id.
    pub policy: String,
    /// Check id.
    pub check: String,
    /// Title of the policy.
    pub title: String,
    /// Title of the check: what holds when it passes.
    pub claim: String,
    /// Competency id.
    pub competency: String,
    /// Level of the policy.
    pub level: Option<u16>,
    /// Level it gates; None for informing checks and competencies without levels.
    pub gates: Option<u16>,
    /// A symptom.
    pub symptom: bool,
    /// Reported only.
    pub informs: bool,
    /// The model marks it as urgent.
    pub urgent: bool,
    /// What came out.
    pub outcome: Outcome,
    /// Why, one sentence.
    pub reason: String,
    /// Why it matters (of the policy).
    pub why: String,
    /// What to do (of the policy).
    pub fix: String,
    /// What would settle it.
    pub remedy: Option<Remedy>,
    /// What a pass rests on.
    pub basis: Option<Basis>,
    /// An answer said "partly".
    pub partly: bool,
    /// The question a person could answer, where one may.
    pub question: Option<String>,
    /// Index into `waivers`.
    pub waived: Option<usize>,
    /// Places.
    pub evidence: Evidence,
}

/// Places that show a finding.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// How many there are.
    pub total: usize,
    /// The first of them.
    pub shown: Vec<Place>,
}

/// A place in the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Section id.
    pub section: String,
    /// Key of the item.
    pub key: Option<String>,
    /// What people call the item.
    pub name: Option<String>,
    /// RFC 6901 pointer below the section's array.
    pub pointer: String,
    /// File.
    pub file: String,
    /// First byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Line behind the last character, from 1; older results lack it.
    #[serde(default)]
    pub end_line: Option<usize>,
    /// Column behind the last character, from 1; as `endLine`.
    #[serde(default)]
    pub end_column: Option<usize>,
    /// Expected, in words.
    pub expected: Option<String>,
    /// Found, cropped.
    pub actual: Option<String>,
    /// The text of the file around the place, cropped, as it stands there.
    pub excerpt: String,
    /// Where the excerpt starts in the file, in bytes.
    pub excerpt_start: u32,
}

/// An accepted deviation and what became of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Waiver {
    /// `POLICY/CHECK`.
    pub check: String,
    /// `accepted-risk` or `compensating`.
    pub kind: String,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Until when.
    pub expires: DateTime<Utc>,
    /// Used, unused, expired, exceeded.
    pub state: WaiverState,
}

/// A human answer and what became of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Attestation {
    /// `POLICY/CHECK`.
    pub check: String,
    /// yes, partly, no, not-applicable.
    pub answer: String,
    /// Who.
    pub by: String,
    /// When.
    pub on: DateTime<Utc>,
    /// Until when.
    pub expires: DateTime<Utc>,
    /// Counts, expired, superseded, contradicted by a measurement, refused, unknown check.
    pub state: AttestationState,
    /// Something to know, e.g. that its author has left.
    pub note: Option<String>,
}

/// What the snapshot says of a section.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Section {
    /// Whether it could be seen.
    pub state: State,
    /// How it came in.
    pub via: Option<Via>,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// How many items.
    pub items: Option<u64>,
    /// What is missing and how to get it.
    pub needs: Option<String>,
    /// Policies that read it.
    pub policies: Vec<String>,
}
