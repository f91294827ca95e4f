//! How the fake behaves: what is on, what is off. Comes in: nothing. Goes out: settings with defaults
//! that make it plain and fast. Not here: what the tenant holds (`tenant`).

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::faults::Fault;

/// Settings; the default is a quick, friendly service.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Application permissions in the token; `None`: those that the tenant's snapshot was taken with.
    pub(crate) roles: Option<Vec<String>>,
    /// Sections whose application permission is not among the roles are refused.
    pub(crate) enforce_roles: bool,
    /// The day of the tenant, for what is kept so many days only; `None`: everything is kept.
    pub(crate) today: Option<DateTime<Utc>>,
    /// `expires_in` of a token.
    pub(crate) expires_in: u64,
    /// When a token really ends; `None`: when it says.
    pub(crate) lifetime: Option<Duration>,
    /// How often a poll of a device code is answered `authorization_pending`.
    pub(crate) pending: u32,
    /// Windows of quotas and the latency are divided by it.
    pub(crate) speed: f64,
    /// How long every request takes, before `speed`.
    pub(crate) latency: Duration,
    /// Whether the published quotas hold.
    pub(crate) quotas: bool,
    /// No page is longer than this.
    pub(crate) page: Option<usize>,
    /// An empty page before every page but the first.
    pub(crate) empty_pages: bool,
    /// Links to next pages spell the path in another case.
    pub(crate) odd_case: bool,
    /// What stands around a single object.
    pub(crate) singletons: Singletons,
    /// Bodies are compressed for clients that accept it.
    pub(crate) gzip: bool,
    /// Answers of a batch come in another order.
    pub(crate) shuffle: bool,
    /// Spellings of values, and what is added to objects.
    pub(crate) looks: Looks,
    /// What goes wrong.
    pub(crate) faults: Vec<Fault>,
    /// Whether every request is remembered.
    pub(crate) record: bool,
}

/// What stands around a single object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Singletons {
    /// Nothing.
    Bare,
    /// `{"value": {…}}`, as the documentation of Intune and SharePoint shows.
    Wrapped,
    /// `{"value": [{…}]}`, as the beta endpoint does with the authorization policy.
    Listed,
}

/// Spellings that mean the same, and additions that mean nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Looks {
    /// Times have seven digits after the second.
    pub(crate) fractions: bool,
    /// Members of enums start with a capital.
    pub(crate) capital_enums: bool,
    /// GUIDs are in upper case.
    pub(crate) upper_guids: bool,
    /// `@odata.…` members are added.
    pub(crate) annotations: bool,
    /// A property that nobody described is added.
    pub(crate) unknown: bool,
}

impl Looks {
    /// All spellings and annotations, no unknown properties.
    pub(crate) const ODD: Self =
        Self { fractions: true, capital_enums: true, upper_guids: true, annotations: true, unknown: false };
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            roles: None,
            enforce_roles: false,
            today: None,
            expires_in: 3599,
            lifetime: None,
            pending: 0,
            speed: 1.0,
            latency: Duration::ZERO,
            quotas: false,
            page: None,
            empty_pages: false,
            odd_case: false,
            singletons: Singletons::Bare,
            gzip: false,
            shuffle: true,
            looks: Looks::default(),
            faults: Vec::new(),
            record: true,
        }
    }
}

impl Settings {
    /// A duration at the speed of the fake.
    pub(crate) fn scaled(&self, duration: Duration) -> Duration {
        duration.div_f64(self.speed.max(0.001))
    }
}
