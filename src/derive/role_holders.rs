//! `derived.roleHolders`: who holds which directory role, how, until when. One item per principal,
//! role, scope and way; the members of a group that holds a role stand beside it. Comes in:
//! role assignments, PIM schedules, group members, accounts. Goes out: holders. Not here: which
//! roles are privileged, who a break-glass account is (parameters of the policies).

mod principals;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use self::principals::{Member, PrincipalType, Principals};
use super::derived::{Builder, Derived, Origin, Rest};
use super::source::{Input, Inputs, Source, Sources, id, text};
use super::{DeriveError, source};
use crate::snapshot::document::NodeRef;

pub(super) const NAME: &str = "derived.roleHolders";

const DEFINITIONS: &str = "roles.definitions";
const ASSIGNMENTS: &str = "roles.assignments";
const ACTIVE: &str = "roles.activeAssignments";
const ELIGIBLE: &str = "roles.eligibilities";
const GROUP_ELIGIBLE: &str = "roles.groupEligibilities";
const MEMBERS: &str = "groups.members";
const USERS: &str = "users.accounts";

pub(super) const INPUTS: &[Input] = &[
    Input::required(ASSIGNMENTS),
    Input::optional(DEFINITIONS),
    Input::optional(ACTIVE),
    Input::optional(ELIGIBLE),
    Input::optional(GROUP_ELIGIBLE),
    Input::optional(MEMBERS),
    Input::optional(USERS),
];

const RESTS: &[Rest] = &[
    Rest { field: "roleTemplateId", section: DEFINITIONS, fields: &["id", "templateId"] },
    Rest { field: "roleName", section: DEFINITIONS, fields: &["id", "displayName"] },
];

/// What only the schedules of PIM tell of an assignment. The plain list has activated roles too,
/// and says neither so nor until when.
const SCHEDULED: &[&str] = &["kind", "startDateTime", "endDateTime", "permanent"];

/// One principal holds one role in one way.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Holder<'d> {
    principal_id: String,
    principal_type: Option<PrincipalType>,
    display_name: Option<Cow<'d, str>>,
    user_principal_name: Option<Cow<'d, str>>,
    account_enabled: Option<bool>,
    role_definition_id: String,
    role_template_id: Option<Cow<'d, str>>,
    role_name: Option<Cow<'d, str>>,
    kind: Option<Kind>,
    member_type: MemberType,
    /// The group that the principal holds the role through.
    through_group: Option<String>,
    /// Of a group that holds a role: whether its members could be seen.
    members_known: Option<bool>,
    /// `/` or an administrative unit, application, …
    scope: Option<Cow<'d, str>>,
    start_date_time: Option<Cow<'d, str>>,
    end_date_time: Option<Cow<'d, str>>,
    /// It has no end.
    permanent: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    /// Active without activation.
    Assigned,
    /// May be activated.
    Eligible,
    /// Active now, because it was activated.
    Activated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
enum MemberType {
    Direct,
    Group,
    Inherited,
}

/// A role given to a principal, before groups are taken apart.
struct Grant<'d> {
    principal: String,
    role: String,
    scope: Option<Cow<'d, str>>,
    kind: Option<Kind>,
    member_type: MemberType,
    start: Option<Cow<'d, str>>,
    end: Option<Cow<'d, str>>,
    permanent: Option<bool>,
    origins: Vec<Origin>,
}

pub(super) fn compute(inputs: &dyn Inputs) -> Result<Derived, DeriveError> {
    let sources = Sources::open(INPUTS, inputs);
    let mut out = Builder::new(NAME, INPUTS, RESTS, &sources);
    if out.blocked() {
        return out.finish();
    }
    let licence = licence(&sources, &mut out);
    let mut grants = active(sources.of(ASSIGNMENTS), sources.of(ACTIVE), licence);
    let eligible = sources.of(ELIGIBLE);
    grants.extend(eligible.items().filter_map(|n| scheduled(n, eligible, Some(Kind::Eligible))));
    let roles = roles(sources.of(DEFINITIONS));
    let mut holders =
        Holders { out, roles, principals: Principals::new(&sources), licence, seen: BTreeMap::new() };
    for grant in &grants {
        holders.grant(grant);
    }
    holders.finish()
}

/// What the states of the two PIM sections say of the tenant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Licence {
    /// Both are unlicensed: there is no PIM, so every assignment is standing and none eligible.
    /// One alone is no proof: the other must not be merely missing.
    None,
    /// There may be schedules.
    Perhaps,
}

fn licence(sources: &Sources<'_>, out: &mut Builder<Holder<'_>>) -> Licence {
    let (active, eligible) = (sources.of(ACTIVE), sources.of(ELIGIBLE));
    if active.unlicensed() && eligible.unlicensed() {
        return Licence::None;
    }
    if !active.complete() {
        SCHEDULED.iter().for_each(|field| out.distrust(field, active.cause()));
    }
    if !eligible.complete() {
        out.lacking("kind", "eligible", eligible.cause());
    }
    for (field, property) in
        [("startDateTime", "startDateTime"), ("endDateTime", "endDateTime"), ("permanent", "endDateTime")]
    {
        for cause in [active, eligible].iter().filter_map(|s| s.lacks(property)) {
            out.distrust(field, cause);
        }
    }
    if let Some(cause) = active.lacks("assignmentType") {
        out.distrust("kind", cause);
    }
    Licence::Perhaps
}

/// Active grants: the plain list, told apart by the schedules, and what only the schedules have.
fn active<'d>(plain: Source<'d>, schedules: Source<'d>, licence: Licence) -> Vec<Grant<'d>> {
    let mut by_grant: BTreeMap<(String, String, String), Vec<Grant<'d>>> = BTreeMap::new();
    for node in schedules.items() {
        let kind = match text(node, "assignmentType").as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("assigned") => Some(Kind::Assigned),
            Some("activated") => Some(Kind::Activated),
            Some(_) | None => None,
        };
        if let Some(grant) = scheduled(node, schedules, kind) {
            by_grant.entry(grant.key()).or_default().push(grant);
        }
    }
    let mut standing = Vec::new();
    for node in plain.items() {
        let Some(mut grant) = scheduled(node, plain, Some(Kind::Assigned)) else { continue };
        match by_grant.get_mut(&grant.key()) {
            Some(same) => same.iter_mut().for_each(|s| s.origins.extend(&grant.origins)),
            None => {
                // no schedule has it: it stands, unless the schedules could not be seen
                let known = licence == Licence::None || schedules.complete();
                grant.kind = known.then_some(Kind::Assigned);
                grant.permanent = known.then_some(true);
                standing.push(grant);
            }
        }
    }
    by_grant.into_values().flatten().chain(standing).collect()
}

/// A grant as one row has it; None where it does not say whose or which role.
fn scheduled<'d>(node: NodeRef<'d>, source: Source<'d>, kind: Option<Kind>) -> Option<Grant<'d>> {
    let member_type = match text(node, "memberType").as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("group") => MemberType::Group,
        Some("inherited") => MemberType::Inherited,
        Some(_) | None => MemberType::Direct,
    };
    let end = text(node, "endDateTime");
    Some(Grant {
        principal: id(node, "principalId")?,
        role: id(node, "roleDefinitionId")?,
        scope: text(node, "directoryScopeId").or_else(|| text(node, "appScopeId")),
        kind,
        member_type,
        start: text(node, "startDateTime"),
        permanent: Some(end.is_none()),
        end,
        origins: vec![source.origin(node)],
    })
}

impl Grant<'_> {
    fn key(&self) -> (String, String, String) {
        (self.principal.clone(), self.role.clone(), self.scope.as_deref().unwrap_or_default().to_owned())
    }
}

/// What a role definition says of a role.
#[derive(Clone, Default)]
struct Role<'d> {
    template: Option<Cow<'d, str>>,
    name: Option<Cow<'d, str>>,
}

/// Role definitions by id.
fn roles<'d>(definitions: Source<'d>) -> BTreeMap<String, Role<'d>> {
    let role = |node| Role { template: text(node, "templateId"), name: text(node, "displayName") };
    definitions.items().filter_map(|node| Some((id(node, "id")?, role(node)))).collect()
}

struct Holders<'d> {
    out: Builder<Holder<'d>>,
    roles: BTreeMap<String, Role<'d>>,
    principals: Principals<'d>,
    licence: Licence,
    seen: BTreeMap<String, (Holder<'d>, Vec<Origin>)>,
}

impl<'d> Holders<'d> {
    /// One grant: to a user or application as it is, to a group by its members.
    fn grant(&mut self, grant: &Grant<'d>) {
        match self.principals.type_of(&grant.principal) {
            Some(PrincipalType::User | PrincipalType::ServicePrincipal) => {
                let holder = self.holder(grant, &grant.principal, None);
                self.add(holder, grant.origins.clone());
            }
            Some(PrincipalType::Group) => self.group(grant),
            // it may be one: then its members hold the role
            None => self.group(grant),
        }
    }

    fn group(&mut self, grant: &Grant<'d>) {
        let members = self.principals.members(&grant.principal);
        let known = self.principals.memberships.complete();
        if !known {
            let cause = self.principals.memberships.cause();
            self.out.distrust("membersKnown", cause.clone());
            self.out.distrust("throughGroup", cause.clone());
            self.out.partial(cause);
        }
        self.eligible_members(grant);
        // The group itself is an item whether or not its members are seen: one that appeared only
        // when they are not would be a witness that missing evidence brings about.
        let mut holder = self.holder(grant, &grant.principal, None);
        holder.members_known = (holder.principal_type == Some(PrincipalType::Group)).then_some(known);
        self.add(holder, grant.origins.clone());
        for member in members {
            self.member(grant, &member, grant.kind);
        }
    }

    /// PIM for groups: who may become a member of the group may hold its roles.
    fn eligible_members(&mut self, grant: &Grant<'d>) {
        if self.licence == Licence::None {
            return;
        }
        let eligible = self.principals.group_eligibilities;
        if !eligible.complete() {
            self.out.lacking("kind", "eligible", eligible.cause());
        }
        for member in self.principals.eligible_members(&grant.principal) {
            self.member(grant, &member, Some(Kind::Eligible));
        }
    }

    fn member(&mut self, grant: &Grant<'d>, member: &Member<'d>, kind: Option<Kind>) {
        let mut holder = self.holder(grant, &member.id, Some(member));
        holder.kind = kind;
        holder.member_type = MemberType::Group;
        holder.through_group = Some(grant.principal.clone());
        if let Some(node) = member.schedule {
            holder.start_date_time = text(node, "startDateTime");
            holder.end_date_time = text(node, "endDateTime");
            holder.permanent = Some(holder.end_date_time.is_none());
        }
        let mut origins = grant.origins.clone();
        origins.push(member.origin);
        self.add(holder, origins);
    }

    fn holder(&mut self, grant: &Grant<'d>, principal: &str, member: Option<&Member<'d>>) -> Holder<'d> {
        let facts = self.principals.facts(principal, member, &mut self.out);
        // the id of a role that Microsoft built in is its template id, so a definition that is
        // not listed changes nothing; whether all are listed is for `without` to say
        let Role { template, name } = self.roles.get(&grant.role).cloned().unwrap_or_default();
        Holder {
            principal_id: principal.to_owned(),
            principal_type: facts.kind,
            display_name: facts.display_name,
            user_principal_name: facts.user_principal_name,
            account_enabled: facts.account_enabled,
            role_definition_id: grant.role.clone(),
            role_template_id: template.or_else(|| Some(Cow::Owned(grant.role.clone()))),
            role_name: name,
            kind: grant.kind,
            member_type: grant.member_type,
            through_group: None,
            members_known: None,
            scope: grant.scope.clone(),
            start_date_time: grant.start.clone(),
            end_date_time: grant.end.clone(),
            permanent: grant.permanent,
        }
    }

    /// The same grant from two sections, or on two pages, is one item with both places.
    fn add(&mut self, holder: Holder<'d>, origins: Vec<Origin>) {
        let Holder { principal_id, role_definition_id, kind, through_group, .. } = &holder;
        let (scope, start, end) = (&holder.scope, &holder.start_date_time, &holder.end_date_time);
        let member_type = holder.member_type;
        let key = format!(
            "{principal_id} {role_definition_id} {scope:?} {kind:?} {member_type:?} {through_group:?} {start:?} {end:?}"
        );
        let (_, places) = self.seen.entry(key).or_insert_with(|| (holder, Vec::new()));
        for origin in origins {
            if !places.contains(&origin) {
                places.push(origin);
            }
        }
    }

    fn finish(mut self) -> Result<Derived, DeriveError> {
        // PIM may list a member of a group beside the group; where we took the same grant apart,
        // the item that names the group is the better one
        let way = |h: &Holder<'d>| {
            let times = (h.start_date_time.clone(), h.end_date_time.clone());
            (h.principal_id.clone(), h.role_definition_id.clone(), h.scope.clone(), h.kind, times)
        };
        let expanded: BTreeSet<_> =
            self.seen.values().filter(|(h, _)| h.through_group.is_some()).map(|(h, _)| way(h)).collect();
        for (key, (holder, origins)) in self.seen {
            let unnamed = holder.member_type == MemberType::Group && holder.through_group.is_none();
            if unnamed && expanded.contains(&way(&holder)) {
                continue;
            }
            if unnamed {
                let cause =
                    self.principals.memberships.because("does not say through which group a role is held");
                self.out.distrust("throughGroup", cause);
            }
            self.out.push(key, holder, origins);
        }
        self.out.finish()
    }
}
