//! Who a principal is: user, group or application, with name and state, and who is in a group.
//! Comes in: expanded principals of the role sections, group members, accounts. Goes out: facts,
//! and distrust of a field where a fact is missing because a section is. Not here: roles.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::source::{Source, Sources, flag, id, text};
use super::{ACTIVE, ASSIGNMENTS, ELIGIBLE, GROUP_ELIGIBLE, MEMBERS, USERS};
use crate::derive::derived::{Builder, Origin};
use crate::snapshot::document::NodeRef;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum PrincipalType {
    User,
    Group,
    ServicePrincipal,
}

/// Principals by id, from wherever they are described.
pub(super) struct Principals<'d> {
    /// Principals that a role section expanded.
    expanded: BTreeMap<String, NodeRef<'d>>,
    accounts: BTreeMap<String, NodeRef<'d>>,
    members: BTreeMap<String, Vec<Member<'d>>>,
    eligible: BTreeMap<String, Vec<Member<'d>>>,
    pub(super) users: Source<'d>,
    pub(super) memberships: Source<'d>,
    pub(super) group_eligibilities: Source<'d>,
}

/// Someone in a group, or who may be.
#[derive(Clone)]
pub(super) struct Member<'d> {
    pub(super) id: String,
    /// The row of `groups.members`, where it says something of the member.
    row: Option<NodeRef<'d>>,
    /// The row of `roles.groupEligibilities`, which has its own times.
    pub(super) schedule: Option<NodeRef<'d>>,
    pub(super) origin: Origin,
}

/// What is known of a principal.
#[derive(Default)]
pub(super) struct Facts<'d> {
    pub(super) kind: Option<PrincipalType>,
    pub(super) display_name: Option<Cow<'d, str>>,
    pub(super) user_principal_name: Option<Cow<'d, str>>,
    pub(super) account_enabled: Option<bool>,
}

impl<'d> Principals<'d> {
    pub(super) fn new(sources: &Sources<'d>) -> Self {
        let (users, memberships) = (sources.of(USERS), sources.of(MEMBERS));
        let group_eligibilities = sources.of(GROUP_ELIGIBLE);
        let mut expanded = BTreeMap::new();
        let mut wanted = BTreeSet::new();
        for node in [ASSIGNMENTS, ACTIVE, ELIGIBLE].iter().flat_map(|s| sources.of(s).items()) {
            let Some(principal) = id(node, "principalId") else { continue };
            if let Some(described) = node.get("principal").filter(|p| described(*p).is_some()) {
                expanded.entry(principal.clone()).or_insert(described);
            }
            wanted.insert(principal);
        }
        let mut members: BTreeMap<String, Vec<Member<'d>>> = BTreeMap::new();
        for row in memberships.items() {
            if let (Some(group), Some(member)) = (id(row, "groupId"), id(row, "id"))
                && is_holder(row)
            {
                let origin = memberships.origin(row);
                let member = Member { id: member, row: Some(row), schedule: None, origin };
                members.entry(group).or_default().push(member);
            }
        }
        let mut eligible: BTreeMap<String, Vec<Member<'d>>> = BTreeMap::new();
        for row in group_eligibilities.items() {
            let owner = text(row, "accessId").is_some_and(|a| a.eq_ignore_ascii_case("owner"));
            if let (Some(group), Some(principal), false) = (id(row, "groupId"), id(row, "principalId"), owner)
            {
                let origin = group_eligibilities.origin(row);
                let member = Member { id: principal, row: None, schedule: Some(row), origin };
                eligible.entry(group).or_default().push(member);
            }
        }
        // of the accounts, those that matter here: there may be a million others
        let in_groups = members.values().chain(eligible.values()).flatten().map(|m| m.id.clone());
        wanted.extend(in_groups);
        let accounts = users.items().filter_map(|n| Some((id(n, "id")?, n)));
        let accounts = accounts.filter(|(id, _)| wanted.contains(id)).collect();
        Self { expanded, accounts, members, eligible, users, memberships, group_eligibilities }
    }

    /// What a principal is. A group is also known by having members in the snapshot.
    pub(super) fn type_of(&self, principal: &str) -> Option<PrincipalType> {
        self.expanded
            .get(principal)
            .and_then(|p| described(*p))
            .or_else(|| self.accounts.get(principal).map(|_| PrincipalType::User))
            .or_else(|| self.members.get(principal).map(|_| PrincipalType::Group))
    }

    /// The members of a group, nested ones included, the nested groups themselves left out.
    pub(super) fn members(&self, group: &str) -> Vec<Member<'d>> {
        self.members.get(group).cloned().unwrap_or_default()
    }

    /// Who may activate a membership of the group; of a group that may, its members.
    pub(super) fn eligible_members(&self, group: &str) -> Vec<Member<'d>> {
        let mut all = Vec::new();
        for member in self.eligible.get(group).into_iter().flatten() {
            match self.members.get(&member.id) {
                Some(nested) => {
                    all.extend(nested.iter().map(|m| Member { schedule: member.schedule, ..m.clone() }))
                }
                None => all.push(member.clone()),
            }
        }
        all
    }

    /// What is known of a principal, and distrust of what should be and is not.
    pub(super) fn facts<T: Serialize>(
        &self,
        principal: &str,
        member: Option<&Member<'d>>,
        out: &mut Builder<T>,
    ) -> Facts<'d> {
        let row = member.and_then(|m| m.row);
        let places: Vec<NodeRef<'d>> =
            [self.expanded.get(principal).copied(), self.accounts.get(principal).copied(), row]
                .into_iter()
                .flatten()
                .collect();
        let first = |name: &str| places.iter().find_map(|p| text(*p, name));
        let kind = self.type_of(principal).or_else(|| row.and_then(described));
        let facts = Facts {
            kind,
            display_name: first("displayName"),
            user_principal_name: first("userPrincipalName"),
            account_enabled: places.iter().find_map(|p| flag(*p, "accountEnabled")),
        };
        if facts.kind.is_none() {
            out.distrust("principalType", self.users.because("cannot tell what a role holder is"));
        }
        // a group's members are described by the accounts alone, so that its mere presence counts
        let group = member.is_some() || facts.kind == Some(PrincipalType::Group);
        let not_group = facts.kind != Some(PrincipalType::Group);
        let user = facts.kind != Some(PrincipalType::ServicePrincipal) && not_group;
        let blind = !self.users.complete();
        for (field, missing) in [
            ("displayName", facts.display_name.is_none()),
            ("userPrincipalName", user && facts.user_principal_name.is_none()),
            ("accountEnabled", not_group && facts.account_enabled.is_none()),
        ] {
            if (blind && group) || missing {
                let cause = match blind {
                    true => self.users.cause(),
                    false => self.users.because(&format!("has no `{field}` of a role holder")),
                };
                out.distrust(field, cause);
            }
        }
        facts
    }
}

/// Groups in a list of transitive members are represented by their members; devices hold no roles.
fn is_holder(row: NodeRef<'_>) -> bool {
    let kind = text(row, "@odata.type").unwrap_or_default().to_ascii_lowercase();
    !kind.ends_with(".group") && !kind.ends_with(".device")
}

/// The type that an expanded directory object says it has.
fn described(object: NodeRef<'_>) -> Option<PrincipalType> {
    let kind = text(object, "@odata.type")?;
    match kind.rsplit('.').next()?.to_ascii_lowercase().as_str() {
        "user" => Some(PrincipalType::User),
        "group" => Some(PrincipalType::Group),
        "serviceprincipal" => Some(PrincipalType::ServicePrincipal),
        _ => None,
    }
}
