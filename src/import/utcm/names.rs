//! From the names that a snapshot shows to the ids that policies compare. Comes in: the snapshot's own
//! named locations, and the sections of the snapshot that it is merged into. Goes out: an id, or
//! nothing. Not here: guesses; a name that two objects have is no name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::sections::normal::is_guid;
use crate::snapshot::Draft;

use super::plain::LOCATIONS;

/// Template ids of built-in roles that policies name often; the same in every tenant.
/// <https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>
const ROLES: &[(&str, &str)] = &[
    ("Application Administrator", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"),
    ("Authentication Administrator", "c4e39bd9-1100-46d3-8c65-fb160da0071f"),
    ("Billing Administrator", "b0f54661-2d74-4c50-afa3-1ec803f12efe"),
    ("Cloud Application Administrator", "158c047a-c907-4556-b7ef-446551a6b5f7"),
    ("Conditional Access Administrator", "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9"),
    ("Directory Synchronization Accounts", "d29b2b05-8046-44ba-8758-1e26182fcf32"),
    ("Exchange Administrator", "29232cdf-9323-42fd-ade2-1d097af3e4de"),
    ("Global Administrator", "62e90394-69f5-4237-9190-012177145e10"),
    ("Groups Administrator", "fdd7a751-b60b-444a-984c-02652fe8fa1c"),
    ("Helpdesk Administrator", "729827e3-9c14-49f7-bb1b-9608f156bbb8"),
    ("Hybrid Identity Administrator", "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"),
    ("Intune Administrator", "3a2c62db-5318-420d-8d74-23affee5d9d5"),
    ("Password Administrator", "966707d0-3269-4727-9be2-8c3a10f19b9d"),
    ("Privileged Authentication Administrator", "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"),
    ("Privileged Role Administrator", "e8611ab8-c189-46e8-94e1-60213ab1f814"),
    ("Security Administrator", "194ae4cb-b126-40b2-bd5b-6091b380977d"),
    ("Security Reader", "5d6b6bb7-de71-4623-b4af-96380a352509"),
    ("SharePoint Administrator", "f28a1f50-f6e7-4571-818b-6a12f2af6b6c"),
    ("Teams Administrator", "69091246-20e8-4a56-aa4d-066075b2a7a8"),
    ("User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1"),
];

/// What is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Of {
    /// A user by sign-in name.
    User,
    /// A group by display name.
    Group,
    /// A directory role by display name.
    Role,
    /// A named location by display name.
    Location,
    /// An application by its own id; nothing names it.
    Application,
}

impl Of {
    /// Words that stand for several or none, and are the same in a snapshot and in Graph.
    fn words(self) -> &'static [&'static str] {
        match self {
            Of::User => &["All", "None", "GuestsOrExternalUsers"],
            Of::Group | Of::Role => &[],
            Of::Location => &["All", "AllTrusted"],
            Of::Application => &["All", "None", "Office365", "MicrosoftAdminPortals"],
        }
    }

    /// What would resolve it, for people.
    pub(super) fn way(self) -> &'static str {
        match self {
            Of::User => "a user by sign-in name; merge --into a snapshot with users.accounts",
            Of::Group => "a group by name; merge --into a snapshot with groups.groups",
            Of::Role => "a role by name; merge --into a snapshot with roles.definitions",
            Of::Location => "a location by name; take the snapshot with named locations as well",
            Of::Application => "an application by name",
        }
    }
}

/// Names and their ids; a name of several objects has none.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    ids: BTreeMap<(Of, String), Option<String>>,
    known: Option<&'a Draft>,
}

impl<'a> Names<'a> {
    pub(super) fn new(
        known: Option<&'a Draft>,
        resources: &BTreeMap<String, Vec<Map<String, Value>>>,
    ) -> Self {
        let mut names = Self { known, ..Self::default() };
        for (role, id) in ROLES {
            names.add(Of::Role, role, id);
        }
        for location in resources.get(LOCATIONS).into_iter().flatten() {
            let text = |name: &str| location.get(name).and_then(Value::as_str);
            if let (Some(name), Some(id)) = (text("DisplayName"), text("Id")) {
                names.add(Of::Location, name, id);
            }
        }
        for (of, section, name, id) in [
            (Of::User, "users.accounts", "userPrincipalName", "id"),
            (Of::Group, "groups.groups", "displayName", "id"),
            (Of::Role, "roles.definitions", "displayName", "templateId"),
            (Of::Location, "conditionalAccess.namedLocations", "displayName", "id"),
        ] {
            for item in names.items(section) {
                let text = |name: &str| item.get(name).and_then(Value::as_str);
                if let (Some(name), Some(id)) = (text(name), text(id)) {
                    names.add(of, name, id);
                }
            }
        }
        names
    }

    fn items(&self, section: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.known.and_then(|draft| draft.data.get(section)).into_iter().flatten()
    }

    fn add(&mut self, of: Of, name: &str, id: &str) {
        let id = id.to_ascii_lowercase();
        self.ids
            .entry((of, name.to_ascii_lowercase()))
            .and_modify(|known| {
                if known.as_deref() != Some(id.as_str()) {
                    *known = None;
                }
            })
            .or_insert(Some(id));
    }

    /// The id of a name; ids and Graph's own words stay what they are.
    pub(super) fn id(&self, of: Of, name: &str) -> Option<String> {
        if is_guid(name) {
            return Some(name.to_ascii_lowercase());
        }
        if let Some(word) = of.words().iter().find(|word| word.eq_ignore_ascii_case(name)) {
            return Some((*word).to_owned());
        }
        self.ids.get(&(of, name.to_ascii_lowercase())).cloned().flatten()
    }

    /// An authentication strength by name, as Graph shows it.
    pub(super) fn strength(&self, name: &str) -> Option<&'a Value> {
        let named = |item: &&Value| {
            let text = |member: &str| item.get(member).and_then(Value::as_str);
            text("displayName") == Some(name) || text("id").is_some_and(|id| id.eq_ignore_ascii_case(name))
        };
        let mut found = self.items("conditionalAccess.authenticationStrengths").filter(named);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// Whether the tenant may use a condition on insider risk, which these snapshots don't show; none =
    /// its licences are not known.
    pub(super) fn insider_risk(&self) -> Option<bool> {
        let mut licences = self.items("tenant.licences").peekable();
        licences.peek()?;
        let plans = licences.filter_map(|item| item.get("servicePlans")?.as_array()).flatten();
        Some(
            plans
                .filter_map(|plan| plan.get("servicePlanName")?.as_str())
                .any(|plan| plan.to_ascii_uppercase().contains("INSIDER_RISK")),
        )
    }
}
