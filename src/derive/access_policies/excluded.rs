//! Who is excluded from a conditional access policy: by name, as a member of a group, as the
//! holder of a role. Comes in: a policy, group members, role assignments. Goes out: object ids,
//! or why they cannot be told. Not here: guests as a kind, which have no ids in a policy.

use std::collections::{BTreeMap, BTreeSet};

use super::{ASSIGNMENTS, MEMBERS};
use crate::derive::derived::{Cause, Origin};
use crate::derive::source::{Source, Sources, id, strings, text};
use crate::snapshot::document::NodeRef;

pub(super) struct Exclusions<'d> {
    memberships: Source<'d>,
    assignments: Source<'d>,
    members: BTreeMap<String, Vec<(String, Origin)>>,
    holders: BTreeMap<String, Vec<(NodeRef<'d>, String)>>,
}

impl<'d> Exclusions<'d> {
    pub(super) fn new(sources: &Sources<'d>) -> Self {
        let (memberships, assignments) = (sources.of(MEMBERS), sources.of(ASSIGNMENTS));
        let mut members: BTreeMap<String, Vec<(String, Origin)>> = BTreeMap::new();
        for row in memberships.items() {
            let nested = text(row, "@odata.type").is_some_and(|t| t.to_ascii_lowercase().ends_with(".group"));
            if let (Some(group), Some(member), false) = (id(row, "groupId"), id(row, "id"), nested) {
                members.entry(group).or_default().push((member, memberships.origin(row)));
            }
        }
        let mut holders: BTreeMap<String, Vec<(NodeRef<'d>, String)>> = BTreeMap::new();
        for row in assignments.items() {
            // conditional access counts roles that are held on the whole directory only
            let everywhere = text(row, "directoryScopeId").is_none_or(|scope| scope == "/");
            if let (Some(role), Some(holder), true) =
                (id(row, "roleDefinitionId"), id(row, "principalId"), everywhere)
            {
                holders.entry(role).or_default().push((row, holder));
            }
        }
        Self { memberships, assignments, members, holders }
    }

    /// Object ids of all who are excluded now. Adds the memberships and assignments that say so.
    pub(super) fn of(
        &self,
        policy: NodeRef<'d>,
        origins: &mut Vec<Origin>,
    ) -> Result<BTreeSet<String>, Cause> {
        let users = policy.get("conditions").and_then(|c| c.get("users"));
        let list = |name: &str| users.and_then(|u| strings(u, name)).unwrap_or_default();
        let mut all: BTreeSet<String> = BTreeSet::new();
        for user in list("excludeUsers") {
            if !["GuestsOrExternalUsers", "None"].iter().any(|word| user.eq_ignore_ascii_case(word)) {
                all.insert(user.to_ascii_lowercase());
            }
        }
        for group in list("excludeGroups") {
            self.add_members(&group.to_ascii_lowercase(), &mut all, origins)?;
        }
        let roles = list("excludeRoles");
        if !roles.is_empty() && !self.assignments.complete() {
            return Err(self.assignments.cause());
        }
        for role in roles {
            self.add_holders(&role.to_ascii_lowercase(), &mut all, origins)?;
        }
        Ok(all)
    }

    fn add_members(
        &self,
        group: &str,
        all: &mut BTreeSet<String>,
        origins: &mut Vec<Origin>,
    ) -> Result<(), Cause> {
        if !self.memberships.complete() {
            return Err(self.memberships.cause());
        }
        for (member, origin) in self.members.get(group).into_iter().flatten() {
            all.insert(member.clone());
            origins.push(*origin);
        }
        Ok(())
    }

    /// Holders of a role; of a group that holds it, its members. Only an application cannot be a
    /// group, nor a user: whatever else is not described may be one.
    fn add_holders(
        &self,
        role: &str,
        all: &mut BTreeSet<String>,
        origins: &mut Vec<Origin>,
    ) -> Result<(), Cause> {
        for (row, holder) in self.holders.get(role).into_iter().flatten() {
            let kind = row.get("principal").and_then(|p| text(p, "@odata.type")).unwrap_or_default();
            let kind = kind.to_ascii_lowercase();
            origins.push(self.assignments.origin(*row));
            if !kind.ends_with(".group") {
                all.insert(holder.clone());
            }
            if !kind.ends_with(".user") && !kind.ends_with(".serviceprincipal") {
                self.add_members(holder, all, origins)?;
            }
        }
        Ok(())
    }
}
