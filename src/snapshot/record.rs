//! What a snapshot says of itself and of each section: states, sources, coverage. The shapes are
//! those of the manifest on disk.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::sections::Via;

/// The manifest: a snapshot without its data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format and version.
    pub levelmark: Format,
    /// Which tenant.
    pub tenant: Tenant,
    /// When, by whom.
    pub taken: Taken,
    /// Set where names, addresses, ids and texts are pseudonyms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<Redaction>,
    /// State of each section; a section that is not listed was not asked.
    pub sections: BTreeMap<String, SectionRecord>,
}

/// With what a snapshot, or a file that goes with it, was redacted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    /// Fingerprint of the key, eight hexadecimal digits: pseudonyms of different keys cannot be compared.
    pub key: String,
    /// Digest of the words that stayed, of policies and of this program; absent where they were not always the same. With
    /// others, some texts have other pseudonyms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

impl Redaction {
    /// Whether two things were redacted with one key, or neither was.
    #[must_use]
    pub fn same_key(one: Option<&Self>, other: Option<&Self>) -> bool {
        one.map(|one| &one.key) == other.map(|other| &other.key)
    }

    /// Whether it is not sure that two redactions left the same words.
    #[must_use]
    pub fn other_words(one: Option<&Self>, other: Option<&Self>) -> bool {
        one.zip(other).is_some_and(|(one, other)| one.words.is_none() || one.words != other.words)
    }

    /// How a thing was redacted, for a sentence.
    #[must_use]
    pub fn how(own: Option<&Self>) -> String {
        own.map_or_else(|| "not redacted".to_owned(), |own| format!("redacted with the key {}", own.key))
    }
}

/// `{ "snapshot": 1 }`
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// Version of the snapshot format.
    pub snapshot: u32,
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tenant {
    /// Directory id, a GUID in lower case.
    pub id: String,
    /// Name of the organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Default domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_domain: Option<String>,
    /// Which cloud.
    #[serde(default)]
    pub cloud: Cloud,
}

impl Tenant {
    /// What people call it: its name, else its default domain, else its id. Empty where a report withholds them all.
    #[must_use]
    pub fn called(&self) -> &str {
        self.display_name.as_deref().or(self.default_domain.as_deref()).unwrap_or(&self.id)
    }
}

/// Microsoft's clouds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cloud {
    /// Worldwide, GCC included.
    #[default]
    Global,
    /// GCC High.
    Usgov,
    /// Department of Defense.
    Dod,
    /// 21Vianet.
    China,
}

/// When a snapshot was taken, by which program, as whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Evidence time; of merged snapshots the latest section's.
    pub at: DateTime<Utc>,
    /// Program and version.
    pub by: String,
    /// The identity that asked, where there was one.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
}

/// Who asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Application id or account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Permissions it had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<String>,
}

/// Whether a section could be seen. None of these look alike; empty is `Read` with 0 items.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// All of it.
    Read,
    /// Some items or pages are missing.
    Partial,
    /// The identity lacks a permission.
    Denied,
    /// The tenant lacks a licence.
    Unlicensed,
    /// Not in this cloud, or not provisioned.
    Unavailable,
    /// Throttled out, network, bad answer.
    Failed,
    /// Nobody asked.
    NotAsked,
}

impl State {
    /// Whether a section in this state has items, none included.
    #[must_use]
    pub const fn has_data(self) -> bool {
        match self {
            Self::Read | Self::Partial => true,
            Self::Denied | Self::Unlicensed | Self::Unavailable | Self::Failed | Self::NotAsked => false,
        }
    }
}

/// What a snapshot says of one section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SectionRecord {
    /// Whether it could be seen.
    pub state: State,
    /// How it came in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
    /// Request or file it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When it was collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
    /// Number of items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<u64>,
    /// First-level properties that were asked for; None = all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
    /// Properties that are missing in every item, each with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub without: BTreeMap<String, String>,
    /// How far back a log goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// What is missing: the permission, licence, or what happened; for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
    /// Error code of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What exactly is missing of a partial section, or why another state came about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Request ids of the service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<String>,
    /// SHA-256, hex, of the section's array as written but without the blanks between its tokens:
    /// the same in both forms, whatever the indentation and the line ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Who copied it from the admin centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Declared>,
}

impl SectionRecord {
    /// A record that says nothing but the state.
    pub fn of(state: State) -> Self {
        Self {
            state,
            via: None,
            source: None,
            at: None,
            items: None,
            fields: None,
            without: BTreeMap::new(),
            from: None,
            needs: None,
            code: None,
            reason: None,
            requests: Vec::new(),
            sha256: None,
            declared: None,
        }
    }
}

/// Who declared a section, and until when it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Name and mail address.
    pub by: String,
    /// When.
    pub on: DateTime<Utc>,
    /// From then on the section is unknown.
    pub expires: DateTime<Utc>,
}
