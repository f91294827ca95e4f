//! What came out of one check on one snapshot, and what became of answers and waivers.

use serde::{Deserialize, Serialize};

use crate::policy::compiled::CheckRef;

/// Outcome of a check. There is no default, and no match on it has a wildcard arm.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Good.
    Pass,
    /// We saw, and it is wrong.
    Fail,
    /// We could not see.
    Unknown,
    /// Does not apply to this tenant.
    NotApplicable,
    /// A defect of policy or program.
    Error,
}

/// What would settle a check that does not pass.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// Change the tenant.
    Fix,
    /// Collect or import a section.
    Collect,
    /// Declare a parameter.
    Declare,
    /// Answer a question.
    Attest,
    /// Report our defect.
    Report,
}

/// What a pass rests on.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Collected from Graph.
    Measured,
    /// Another tool's export, a saved admin-centre response, a register.
    Imported,
    /// A person copied what the admin centre shows.
    Declared,
    /// A person answered.
    Attested,
    /// Failed, but a compensating waiver stands.
    Compensated,
}

/// What became of a waiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverState {
    /// It covers a fail.
    Used,
    /// Its check did not fail.
    Unused,
    /// It has expired.
    Expired,
    /// The fail goes beyond what it accepts.
    Exceeded,
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AttestationState {
    /// It decided its check.
    Counts,
    /// A measurement already decided its check.
    NotNeeded,
    /// A measured fail beats it.
    Contradicted,
    /// It has expired, or is dated in the future.
    Expired,
    /// A newer answer replaced it.
    Superseded,
    /// Not allowed here (measured only, may not be not-applicable, no evidence).
    Refused,
    /// No such check in this policy set.
    NoSuchCheck,
}

/// The outcome of one check with its evidence.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Which check.
    pub check: CheckRef,
    /// What came out.
    pub outcome: Outcome,
    /// One sentence: why.
    pub reason: String,
    /// What would settle it; None for pass and not applicable.
    pub remedy: Option<Remedy>,
    /// What a pass rests on.
    pub basis: Option<Basis>,
    /// A human answer said "partly".
    pub partly: bool,
    /// A fail seen on a part of the evidence: there may be more of it than a waiver could cover.
    pub incomplete: bool,
    /// Waiver that covers this fail: index into the list of waivers.
    pub waived: Option<usize>,
    /// Places in the snapshot.
    pub evidence: Evidence,
}

/// Places that show a finding.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// How many there are.
    pub total: usize,
    /// The first of them, cropped.
    pub shown: Vec<Place>,
}

/// A place in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Section id.
    pub section: String,
    /// Key of the item, e.g. its id; parts joined with `,`.
    pub key: Option<String>,
    /// What people call the item.
    pub name: Option<String>,
    /// RFC 6901 pointer below the section's array: `/3/conditions/users`.
    pub pointer: String,
    /// Name of the file.
    pub file: String,
    /// Byte range in the file.
    pub start: u32,
    /// End of the byte range.
    pub end: u32,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was expected, in words.
    pub expected: Option<String>,
    /// The value found, cropped.
    pub actual: Option<String>,
    /// The text of the file around the place, cropped, as it stands there.
    pub excerpt: String,
    /// Where the excerpt starts in the file, in bytes.
    pub excerpt_start: u32,
}
