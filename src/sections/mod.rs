//! The catalogue: what can be in a snapshot. One entry per section, with the contract of its
//! items. Comes in: nothing. Goes out: constants. Policy validation, import, collect, diff and
//! redaction share it. Not here: any data of a tenant.

pub mod contract;

/// One section that a snapshot can hold.
#[derive(Debug)]
pub struct Section {
    /// `area.name`, e.g. `conditionalAccess.policies`.
    pub id: &'static str,
    /// One line for people.
    pub about: &'static str,
    /// Whether Graph serves a collection or a single object (in a snapshot both are arrays).
    pub shape: Shape,
    /// Properties that identify an item, in order; a dotted path may go into nested objects.
    pub key: &'static [&'static str],
    /// How it is collected and compared.
    pub kind: Kind,
    /// Where it can come from.
    pub via: &'static [Via],
    /// How Graph serves it; none for registers and declared sections.
    pub graph: Option<Graph>,
    /// What the tenant must have licensed, in Microsoft's words; empty = nothing.
    pub licence: &'static str,
}

/// How Graph serves a section.
#[derive(Debug)]
pub struct Graph {
    /// Path below the version, e.g. `/identity/conditionalAccess/policies`.
    pub path: &'static str,
    /// `v1.0` or `beta`.
    pub version: &'static str,
    /// Query string without `?`; empty = none.
    pub query: &'static str,
    /// Least application permission; empty = delegated only.
    pub application: &'static str,
    /// Least delegated permission.
    pub delegated: &'static str,
}

/// Collection or single object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A collection.
    List,
    /// One object; an array of one in a snapshot.
    Singleton,
}

/// How a section is collected and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Configuration, taken whole.
    Settings,
    /// Many objects, a fixed set of fields.
    Bulk,
    /// Events over time, with a window.
    Log,
    /// Computed from others when evaluated; never stored.
    Derived,
}

/// A way into a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Via {
    /// Microsoft Graph.
    Graph,
    /// Another tool's file.
    Export,
    /// A saved admin-centre response.
    Portal,
    /// A register, CSV or JSON.
    Import,
    /// A person copied what the admin centre shows.
    Declared,
}

/// The section with this id.
pub fn find(id: &str) -> Option<&'static Section> {
    STUB.iter().find(|section| section.id == id)
}

/// All sections.
pub fn all() -> impl Iterator<Item = &'static Section> {
    STUB.iter()
}

const fn stub(id: &'static str, shape: Shape, key: &'static [&'static str]) -> Section {
    Section { id, about: "", shape, key, kind: Kind::Settings, via: &[Via::Graph], graph: None, licence: "" }
}

static STUB: &[Section] = &[
    stub("conditionalAccess.policies", Shape::List, &["id"]),
    stub("identity.securityDefaults", Shape::Singleton, &[]),
    stub("messageCenter.messages", Shape::List, &["id"]),
    stub("messageCenter.preferences", Shape::List, &["admin.id"]),
    stub("roles.assignments", Shape::List, &["id"]),
    stub("roles.eligibilities", Shape::List, &["id"]),
    stub("tenant.organization", Shape::List, &["id"]),
    stub("users.accounts", Shape::List, &["id"]),
];
