//! The catalogue: what can be in a snapshot. One entry per section, with the contract of its
//! items. Comes in: nothing. Goes out: constants. Policy validation, import, collect, diff and
//! redaction share it. Not here: any data of a tenant.
//!
//! Adding a section is one entry in `catalogue/` and one contract in `contracts/`.

pub mod catalogue;
pub mod choose;
pub mod conform;
pub mod contract;
mod entry;
pub mod least;
pub mod normal;
pub mod page;
pub mod permission;
pub mod personal;
pub mod plans;
pub mod registration;
pub mod script;
pub mod throttle;

use std::collections::{BTreeMap, BTreeSet};

use self::catalogue::AREAS;
use self::contract::Object;

/// One section that a snapshot can hold.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// `area.name`, e.g. `conditionalAccess.policies`.
    pub id: &'static str,
    /// One line for people.
    pub about: &'static str,
    /// Whether Graph serves a collection or a single object (in a snapshot both are arrays).
    pub shape: Shape,
    /// Properties that identify an item, in order; a dotted path may go into nested objects.
    /// Empty for a singleton and for derived sections, whose items point at what they came from.
    pub key: &'static [&'static str],
    /// How it is collected and compared.
    pub kind: Kind,
    /// Where it can come from.
    pub via: &'static [Via],
    /// How Graph serves it; none for registers, declared and derived sections.
    pub graph: Option<Graph>,
    /// What the tenant must have licensed, in Microsoft's words; empty = nothing.
    pub licence: &'static str,
    /// Names of service plans any one of which suffices; empty = no gate that we are sure of.
    pub plans: &'static [&'static str],
    /// Why it is collected only on request, for people; empty = collected like all others.
    pub sensitive: &'static str,
    /// First-level properties that are always asked for; `None` = the items are taken whole.
    pub fields: Option<&'static [&'static str]>,
    /// The sections that a derived section is computed from; empty for all others.
    pub inputs: &'static [&'static str],
}

/// How Graph serves a section.
#[derive(Debug, Clone, Copy)]
pub struct Graph {
    /// Path below the version, e.g. `/identity/conditionalAccess/policies`.
    pub path: &'static str,
    /// `v1.0` or `beta`.
    pub version: &'static str,
    /// Query string without `?` and without the `$select` that `select` asks for; empty = none.
    /// `{from}` and `{to}` stand for the ends of the window, RFC 3339.
    pub query: &'static str,
    /// True where the request names the section's `fields` in a `$select`.
    pub select: bool,
    /// Least application permissions, space-separated; empty = delegated only.
    pub application: &'static str,
    /// Least delegated permissions, space-separated; empty = application only.
    pub delegated: &'static str,
    /// Clouds whose schema has the path: a hint, not a promise of the service.
    pub clouds: &'static [&'static str],
    /// Set where one request answers for one object only, so that a request per object is needed.
    pub over: Option<Over>,
    /// Where parameters name the objects, these alone are asked for, each at a path of its own.
    pub declared: Option<Declared>,
    /// Further objects that are joined into every item.
    pub children: &'static [Child],
    /// First-level properties that only a signed-in person is told.
    pub person_only: &'static [&'static str],
    /// Fields that need more than the others.
    pub field_needs: &'static [FieldNeed],
    /// The longest window in days that one request may ask for; 0 = no limit.
    pub window: u32,
    /// How many days back the service answers; 0 = no limit of the request.
    pub reach: u32,
    /// The same for a tenant without Entra ID P1; 0 = no difference.
    pub reach_free: u32,
    /// Days in which an entry always comes, where nobody promises how long entries are kept; 0 = not
    /// known. What was longer silent before its oldest entry is gone.
    pub every: u32,
    /// What the service answers with.
    pub answer: Answer,
}

/// A request per object: where the objects come from, and what of them goes into the items.
#[derive(Debug, Clone, Copy)]
pub struct Over {
    /// Where the objects come from.
    pub each: Each,
    /// The object's property that replaces the `{…}` in path or query.
    pub by: &'static str,
    /// What is copied into every item: (property of the object, name in the item).
    pub joins: &'static [(&'static str, &'static str)],
}

/// Objects that parameters name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// A parameter of this name, or any whose name ends with it after a `_`, holds ids.
    pub param: &'static str,
    /// Path of one of them below the version, with the id in braces.
    pub path: &'static str,
}

impl Declared {
    /// Whether a parameter of this name holds ids.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        name == self.param || name.strip_suffix(self.param).is_some_and(|rest| rest.ends_with('_'))
    }
}

/// Where the objects of an [`Over`] come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Each {
    /// Every item of this section.
    Item(&'static str),
    /// The items of a section whose property is, or holds, this value: (section, property, value).
    Where(&'static str, &'static str, &'static str),
    /// The objects at another path of Graph.
    At(&'static str),
    /// Ids that the tenant declares in this parameter.
    Param(&'static str),
    /// Groups that role assignments, role policies or conditional access refer to.
    ReferencedGroups,
}

/// Objects that are joined into the items of their parent section.
#[derive(Debug, Clone, Copy)]
pub struct Child {
    /// The property that receives them, an array.
    pub field: &'static str,
    /// Path of their own below the version, with the parent's id in braces.
    pub path: &'static str,
    /// Query string of that path without `?`; empty = none.
    pub query: &'static str,
    /// The same as an `$expand` of the parent's request.
    pub expand: &'static str,
    /// Least permission, application and delegated.
    pub permission: &'static str,
}

/// A field that needs more than the others of its section; without it the section is read without
/// the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldNeed {
    /// The property.
    pub field: &'static str,
    /// The further permission, application and delegated.
    pub permission: &'static str,
    /// Names of service plans any one of which suffices; empty = no gate.
    pub plans: &'static [&'static str],
}

/// What a path of Graph answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// JSON, in pages.
    Json,
    /// A redirect to a CSV file; the beta endpoint serves JSON if asked with `$format`.
    Csv,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
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

impl Via {
    /// The word as it stands in a manifest.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Graph => "graph",
            Self::Export => "export",
            Self::Portal => "portal",
            Self::Import => "import",
            Self::Declared => "declared",
        }
    }
}

impl Section {
    /// The part of the id before the dot.
    #[must_use]
    pub fn area(&self) -> &'static str {
        self.id.split_once('.').map_or(self.id, |(area, _)| area)
    }

    /// The part of the id after the dot.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.id.split_once('.').map_or(self.id, |(_, name)| name)
    }

    /// What the items look like. The contracts of an area are parsed when first asked for.
    #[must_use]
    pub fn contract(&self) -> &'static Object {
        catalogue::contract_of(self)
    }

    /// The whole query string of the request, `$select` included; empty = none, or no Graph section.
    #[must_use]
    pub fn query(&self) -> String {
        self.query_without(&BTreeMap::new())
    }

    /// The same without some of the fields, which are the keys.
    #[must_use]
    pub fn query_without(&self, without: &BTreeMap<String, String>) -> String {
        let Some(graph) = &self.graph else { return String::new() };
        let mut parts = Vec::new();
        if let (true, Some(fields)) = (graph.select, self.fields) {
            let asked = fields.iter().copied();
            let asked = asked.filter(|field| !self.is_joined(field) && !without.contains_key(*field));
            parts.push(format!("$select={}", asked.collect::<Vec<_>>().join(",")));
        }
        if !graph.query.is_empty() {
            parts.push(graph.query.to_owned());
        }
        parts.join("&")
    }

    /// True for a property that is not part of Graph's answer but joined from elsewhere, by an
    /// `$expand`, a child request or the object that a request was made for.
    fn is_joined(&self, field: &str) -> bool {
        let Some(graph) = &self.graph else { return false };
        graph.children.iter().any(|child| child.field == field)
            || graph.over.is_some_and(|over| over.joins.iter().any(|(_, name)| *name == field))
            || graph.query.contains(&format!("$expand={field}"))
            || field == "@odata.type"
    }

    /// Permissions in one line for people: application, then delegated where it differs.
    #[must_use]
    pub fn permission(&self) -> String {
        let Some(graph) = &self.graph else { return String::new() };
        let (application, delegated) = (graph.least(false).join(" "), graph.least(true).join(" "));
        match (application.as_str(), delegated.as_str()) {
            ("", delegated) => format!("{delegated} (delegated only)"),
            (application, "") => format!("{application} (application only)"),
            (application, delegated) if application == delegated => application.to_owned(),
            (application, delegated) => format!("{application} (delegated: {delegated})"),
        }
    }

    /// The parameter whose ids its requests are made for.
    #[must_use]
    pub fn param(&self) -> Option<&'static str> {
        match self.graph?.over?.each {
            Each::Param(name) => Some(name),
            Each::Item(_) | Each::Where(..) | Each::At(_) | Each::ReferencedGroups => None,
        }
    }

    /// Whether the tenant has a service plan that the section needs. `live` holds the names of the
    /// plans that count (`plans::counts`), in capital letters.
    #[must_use]
    pub fn licensed(&self, live: &BTreeSet<String>) -> bool {
        plans::any(self.plans, live)
    }

    /// Sections whose items the requests are made for.
    #[must_use]
    pub fn parents(&self) -> &'static [&'static str] {
        match self.graph.and_then(|graph| graph.over).map(|over| over.each) {
            Some(Each::Item(id) | Each::Where(id, _, _)) => {
                find(id).map_or(&[], |section| std::slice::from_ref(&section.id))
            }
            Some(Each::ReferencedGroups) => &[
                "conditionalAccess.policies",
                "roles.assignments",
                "roles.activeAssignments",
                "roles.eligibilities",
                "roles.policies",
                // Which of the ids in parameters are groups.
                "groups.groups",
            ],
            Some(Each::At(_) | Each::Param(_)) | None => &[],
        }
    }

    /// Those of the parents without which the list of objects would be incomplete in every tenant.
    /// Eligibilities and activation rules need a licence; without it nothing can refer to a group there.
    #[must_use]
    pub fn indispensable(&self) -> &'static [&'static str] {
        match self.graph.and_then(|graph| graph.over).map(|over| over.each) {
            Some(Each::ReferencedGroups) => &["conditionalAccess.policies", "roles.assignments"],
            Some(Each::Item(_) | Each::Where(..) | Each::At(_) | Each::Param(_)) | None => self.parents(),
        }
    }
}

impl Graph {
    /// The least permissions for the section and all its fields, without those of its children;
    /// none where an application, or a person, can't read it at all.
    #[must_use]
    pub fn least(&self, person: bool) -> Vec<&'static str> {
        let own = if person { self.delegated } else { self.application };
        let mut names: Vec<&str> = own.split_whitespace().collect();
        if names.is_empty() {
            return names;
        }
        for need in self.field_needs {
            if !names.contains(&need.permission) {
                names.push(need.permission);
            }
        }
        names
    }

    /// The least permissions for the children.
    pub fn of_children(&self) -> impl Iterator<Item = &'static str> {
        self.children.iter().map(|child| child.permission)
    }
}

/// The section of this id; ids are exact.
#[must_use]
pub fn find(id: &str) -> Option<&'static Section> {
    let (area, _) = id.split_once('.')?;
    let area = AREAS.iter().find(|candidate| candidate.name == area)?;
    area.sections.iter().find(|section| section.id == id)
}

/// All sections, derived ones included, in order of their ids.
pub fn all() -> impl Iterator<Item = &'static Section> {
    AREAS.iter().flat_map(|area| area.sections.iter())
}

/// The id that a mistyped one probably meant.
#[must_use]
pub fn suggest(id: &str) -> Option<&'static str> {
    contract::nearest(id, all().map(|section| section.id))
}

/// A row of `levelmark sections`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Row {
    /// The section's id.
    pub id: &'static str,
    /// Ways into a snapshot, separated by commas; `derived` for derived sections.
    pub via: String,
    /// Permissions, for people.
    pub permission: String,
    /// Licence, in Microsoft's words.
    pub licence: &'static str,
    /// One line for people.
    pub about: &'static str,
}

/// The table of `levelmark sections`, in order of ids.
pub fn rows() -> impl Iterator<Item = Row> {
    all().map(|section| Row {
        id: section.id,
        via: if section.kind == Kind::Derived {
            "derived".to_owned()
        } else {
            section.via.iter().map(|via| via.word()).collect::<Vec<_>>().join(", ")
        },
        permission: section.permission(),
        licence: section.licence,
        about: section.about,
    })
}

#[cfg(test)]
mod tests;
