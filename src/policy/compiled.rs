//! A policy after validation: no unparsed text is left in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;

use crate::query::ir::{Condition, Query};
pub use crate::query::reads::QueryReads;

/// All policies of a run, in order of their ids, with the model they belong to.
#[derive(Debug)]
pub struct PolicySet {
    /// Ordered by id (natural order: `SCM-400-2` before `SCM-400-10`).
    pub policies: Vec<Policy>,
    /// Declared parameters, shared and of single policies, by name.
    pub params: BTreeMap<String, Param>,
    /// Competencies, levels, documents.
    pub model: super::model::Model,
    /// SHA-256 over the files that make the set, in order.
    pub digest: String,
    /// Built-in ids that a file replaced.
    pub overridden: Vec<String>,
}

/// One criterion of the model.
#[derive(Debug)]
pub struct Policy {
    /// e.g. `INF-400-G2`.
    pub id: String,
    /// One line.
    pub title: String,
    /// Id of the competency.
    pub competency: String,
    /// 100 to 500; none in a competency without levels.
    pub level: Option<u16>,
    /// Which dimension of the competency.
    pub dimension: Dimension,
    /// The model marks it as urgent.
    pub urgent: bool,
    /// Ladders over the levels it belongs to.
    pub topics: Vec<String>,
    /// Claims of the model that it decides.
    pub claims: Vec<String>,
    /// What the criterion means.
    pub about: String,
    /// Why it matters.
    pub why: String,
    /// What to do, where.
    pub fix: String,
    /// Further reading.
    pub references: Vec<Reference>,
    /// Policies that the model offers as alternatives share this name.
    pub one_of: Option<String>,
    /// Names of the parameters declared in this file.
    pub params: Vec<String>,
    /// At least one.
    pub checks: Vec<Check>,
    /// The file it came from (for diagnostics and `examples`).
    pub source: Arc<Source>,
    /// Built in, or from `--policies`.
    pub builtin: bool,
}

pub use crate::yaml::Source;

/// Dimensions of the model's documents.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Dimension {
    /// Process.
    Process,
    /// Technology.
    Technology,
    /// Storage.
    Storage,
    /// Governance, risk, compliance and security.
    Governance,
    /// User experience.
    UserExperience,
    /// The document has no dimensions.
    General,
}

/// A link.
#[derive(Debug, Clone)]
pub struct Reference {
    /// Link text.
    pub title: String,
    /// https address.
    pub url: String,
}

/// A parameter: a fact about the organisation or a threshold, declared by the tenant.
#[derive(Debug, Clone)]
pub struct Param {
    /// What it is.
    pub about: String,
    /// Its type.
    pub kind: ParamKind,
    /// Undeclared or empty makes the checks that use it unknown.
    pub required: bool,
    /// Value when not declared.
    pub default: Option<serde_json::Value>,
}

/// Types of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ParamKind {
    /// A list of directory object ids (GUIDs, lower case).
    Ids,
    /// A list of strings.
    Strings,
    /// One string.
    String,
    /// A whole number.
    Integer,
    /// A share between 0 and 1.
    Share,
    /// An ISO 8601 duration.
    Duration,
    /// true or false.
    Boolean,
}

/// One claim that is tested by itself.
#[derive(Debug)]
pub struct Check {
    /// Unique in its policy; everywhere else `POLICY/CHECK`.
    pub id: String,
    /// What holds when it passes.
    pub title: String,
    /// What is tested.
    pub assertion: Assertion,
    /// Applies only if this selects something.
    pub when: Option<Path>,
    /// Gates the next level up instead of its own.
    pub symptom: bool,
    /// Reported, gates nothing.
    pub informs: bool,
    /// What zero items in the population mean; None where it cannot matter.
    pub empty: Option<Empty>,
    /// What an unlicensed section means.
    pub unlicensed: Unlicensed,
    /// An attestation may not answer it.
    pub measured_only: bool,
    /// An attestation may say that it does not apply.
    pub may_not_apply: bool,
    /// A proxy's pass needs its attestation too; its fail stands.
    pub strength: Strength,
    /// The question when it stays unknown, or that a proxy needs (for `Attest` its own question).
    pub ask: Option<String>,
    /// How long an answer counts.
    pub valid_for: TimeDelta,
    /// What settles this check too: one group is enough, all checks of the group must hold. A policy named in the
    /// file becomes one group of all its gating checks, `POLICY/CHECK` a group of one. All at a strictly higher level.
    pub satisfied_by: Vec<Vec<CheckRef>>,
    /// The check that is evaluated in place of this one.
    pub same_as: Option<CheckRef>,
    /// What it reads: found when compiled.
    pub reads: Reads,
    /// Byte range of the check in the policy's source.
    pub at: std::ops::Range<usize>,
}

/// `POLICY/CHECK`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckRef {
    /// Policy id.
    pub policy: String,
    /// Check id.
    pub check: String,
}

impl std::fmt::Display for CheckRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.policy, self.check)
    }
}

/// What an assertion reads. The paths of an assertion keep their own; this is
/// the union, for catalogue questions (which sections does a policy read, what must be collected).
#[derive(Debug, Clone, Default)]
pub struct Reads {
    /// Section id -> first-level fields of its items that are named anywhere. Derived sections appear as themselves.
    pub sections: BTreeMap<String, BTreeSet<String>>,
    /// Parameters used.
    pub params: BTreeSet<String>,
}

/// A query with what it reads.
#[derive(Debug, Clone)]
pub struct Path {
    /// The query.
    pub query: Query,
    /// The same query without its last filter (and what follows it): its population. None where it has no filter: then the query is its own population.
    pub population: Option<Query>,
    /// What it reads.
    pub reads: QueryReads,
    /// Byte range of its text in the policy's source, for diagnostics.
    pub at: std::ops::Range<usize>,
}

/// What is tested. Three-valued when evaluated.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there are a few hundred, and they are walked, not moved")]
pub enum Assertion {
    /// No node may match; each match is evidence.
    Forbid(Path),
    /// Nodes must match.
    Require {
        /// What must match.
        path: Path,
        /// How many.
        count: Count,
    },
    /// A share of a population.
    Share(Share),
    /// Events come often enough.
    Cadence(Cadence),
    /// A person answers. The question.
    Attest(String),
    /// At least so many hold.
    Either {
        /// How many; 1 as a rule.
        at_least: u32,
        /// The alternatives.
        of: Vec<Assertion>,
    },
    /// All hold.
    All(Vec<Assertion>),
}

/// A number that may come from a parameter.
#[derive(Debug, Clone)]
pub enum Threshold<T> {
    /// As written.
    Value(T),
    /// `${params.name}`; the parameter's kind was checked at load.
    Param(String),
}

/// Bounds on what `require` matches; at least one is set.
#[derive(Debug, Clone)]
pub struct Count {
    /// At least. `min: 1` where the policy says nothing.
    pub min: Option<Threshold<u64>>,
    /// At most.
    pub max: Option<Threshold<u64>>,
    /// Counted are the different values of this field.
    pub distinct: Option<Query>,
    /// Counted is the sum of this field.
    pub sum: Option<Query>,
}

/// An exact share: parts of a million (0.95 is 950,000), so that 19 of 20 is exactly 0.95.
pub type Millionths = u64;

/// A share of a population.
#[derive(Debug, Clone)]
pub struct Share {
    /// The population.
    pub among: Path,
    /// What a good one looks like.
    pub filter: Option<Condition>,
    /// The same as written, for people.
    pub filter_text: Option<String>,
    /// What `filter` reads, apart from the population's own reads.
    pub filter_reads: QueryReads,
    /// A good one was also quick enough.
    pub elapsed: Option<Elapsed>,
    /// At least this share is good.
    pub min: Option<Threshold<Millionths>>,
    /// At most this share is good.
    pub max: Option<Threshold<Millionths>>,
    /// Fewer items than this (but more than none) decide nothing.
    pub population: u64,
}

/// Time between two fields of an item.
#[derive(Debug, Clone)]
pub struct Elapsed {
    /// Start.
    pub from: Query,
    /// End; while absent the item is left out until it is late.
    pub to: Query,
    /// At most.
    pub max: Threshold<TimeDelta>,
}

/// Events come often enough.
#[derive(Debug, Clone)]
pub struct Cadence {
    /// The events.
    pub of: Path,
    /// When each was.
    pub at: Query,
    /// The window, back from evidence time.
    pub window: Threshold<TimeDelta>,
    /// The rule.
    pub rule: CadenceRule,
}

/// Rule of a cadence.
#[derive(Debug, Clone)]
pub enum CadenceRule {
    /// The window is cut into periods from its end; at least `min` of them have an event.
    Every {
        /// Length of a period.
        every: Threshold<TimeDelta>,
        /// How many; None = all.
        min: Option<Threshold<u64>>,
    },
    /// No gap in the window, its ends included, is longer.
    MaxGap(Threshold<TimeDelta>),
}

/// What an empty population means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Empty {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// The check does not apply.
    NotApplicable,
    /// Nothing can be said.
    Unknown,
}

/// What an unlicensed section means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unlicensed {
    /// Nothing can be said.
    Unknown,
    /// The check fails.
    Fail,
    /// The check does not apply.
    NotApplicable,
}

/// How much a measured pass proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// The configuration itself.
    Direct,
    /// Activity that suggests it.
    Proxy,
}
