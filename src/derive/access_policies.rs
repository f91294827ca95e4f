//! `derived.accessPolicies`: what each conditional access policy amounts to: whom and which apps
//! it covers, what it demands, what narrows it, who is excluded by name, group or role. Comes in:
//! policies, authentication strengths, group members, role assignments. Goes out: one item per
//! policy. Not here: who may be excluded (a parameter of the policies that ask).

mod excluded;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use self::excluded::Exclusions;
use super::DeriveError;
use super::derived::{Builder, Derived, Rest};
use super::source::{Input, Inputs, Source, Sources, id, strings, text};
use crate::snapshot::document::{Kind, NodeRef};

pub(super) const NAME: &str = "derived.accessPolicies";

const POLICIES: &str = "conditionalAccess.policies";
const STRENGTHS: &str = "conditionalAccess.authenticationStrengths";
const MEMBERS: &str = "groups.members";
const ASSIGNMENTS: &str = "roles.assignments";

pub(super) const INPUTS: &[Input] = &[
    Input::required(POLICIES),
    Input::optional(STRENGTHS),
    Input::optional(MEMBERS),
    Input::optional(ASSIGNMENTS),
];

/// Nothing rests on an optional input by itself: only a policy that excludes a group needs group
/// members, and so on.
const RESTS: &[Rest] = &[
    Rest { field: "state", section: POLICIES, fields: &["state"] },
    Rest { field: "displayName", section: POLICIES, fields: &["displayName"] },
    Rest { field: "createdDateTime", section: POLICIES, fields: &["createdDateTime"] },
    Rest { field: "modifiedDateTime", section: POLICIES, fields: &["modifiedDateTime"] },
    Rest { field: "mfa", section: POLICIES, fields: &["grantControls"] },
    Rest { field: "compliantDevice", section: POLICIES, fields: &["grantControls"] },
    Rest { field: "authenticationStrength", section: POLICIES, fields: &["grantControls"] },
    Rest { field: "blocks", section: POLICIES, fields: &["grantControls"] },
    Rest { field: "everyUser", section: POLICIES, fields: &["conditions"] },
    Rest { field: "everyMember", section: POLICIES, fields: &["conditions"] },
    Rest { field: "everyApp", section: POLICIES, fields: &["conditions"] },
    Rest { field: "roles", section: POLICIES, fields: &["conditions"] },
    Rest { field: "includedUsers", section: POLICIES, fields: &["conditions"] },
    Rest { field: "includedGroups", section: POLICIES, fields: &["conditions"] },
    Rest { field: "includedApps", section: POLICIES, fields: &["conditions"] },
    Rest { field: "userActions", section: POLICIES, fields: &["conditions"] },
    Rest { field: "clientAppTypes", section: POLICIES, fields: &["conditions"] },
    Rest { field: "conditional", section: POLICIES, fields: &["conditions"] },
    Rest { field: "conditionedBy", section: POLICIES, fields: &["conditions"] },
    Rest { field: "excludedUsers", section: POLICIES, fields: &["conditions"] },
    Rest { field: "excludesKnown", section: POLICIES, fields: &["conditions"] },
    Rest { field: "excludedGroups", section: POLICIES, fields: &["conditions"] },
    Rest { field: "excludedRoles", section: POLICIES, fields: &["conditions"] },
    Rest { field: "excludedGuests", section: POLICIES, fields: &["conditions"] },
    Rest { field: "excludedApps", section: POLICIES, fields: &["conditions"] },
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccessPolicy<'d> {
    id: Cow<'d, str>,
    display_name: Option<Cow<'d, str>>,
    state: Option<Cow<'d, str>>,
    created_date_time: Option<Cow<'d, str>>,
    modified_date_time: Option<Cow<'d, str>>,
    /// All users, guests too. Users, groups and roles that are excluded stand in fields of their own.
    every_user: bool,
    /// All users, guests perhaps excluded as a kind.
    every_member: bool,
    /// All apps and none excluded.
    every_app: bool,
    included_users: Vec<Cow<'d, str>>,
    included_groups: Vec<Cow<'d, str>>,
    /// Template ids of the roles whose holders are included.
    roles: Vec<Cow<'d, str>>,
    included_apps: Vec<Cow<'d, str>>,
    /// User actions in place of apps, such as the registration of a device.
    user_actions: Vec<Cow<'d, str>>,
    excluded_apps: Vec<Cow<'d, str>>,
    mfa: Option<Demand>,
    authentication_strength: Option<Cow<'d, str>>,
    compliant_device: Demand,
    blocks: bool,
    client_app_types: Vec<Cow<'d, str>>,
    /// Something narrows when it applies.
    conditional: bool,
    /// What: `locations`, `platforms`, `clientAppTypes`, …
    conditioned_by: BTreeSet<String>,
    /// Everyone who is excluded now, through groups and active roles too; None where that cannot
    /// be told.
    excluded_users: Option<BTreeSet<String>>,
    excludes_known: bool,
    excluded_groups: Vec<Cow<'d, str>>,
    excluded_roles: Vec<Cow<'d, str>>,
    /// Guests or external users of some kind are excluded.
    excluded_guests: bool,
}

/// What a policy demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Demand {
    /// Access is not granted without it.
    Required,
    /// Something else would do as well.
    Alternative,
    /// It does not ask for it.
    No,
}

pub(super) fn compute(inputs: &dyn Inputs) -> Result<Derived, DeriveError> {
    let sources = Sources::open(INPUTS, inputs);
    let mut out = Builder::new(NAME, INPUTS, RESTS, &sources);
    if out.blocked() {
        return out.finish();
    }
    let policies = sources.of(POLICIES);
    let strengths = sources.of(STRENGTHS);
    let exclusions = Exclusions::new(&sources);
    let listed: BTreeMap<String, NodeRef<'_>> =
        strengths.items().filter_map(|n| Some((id(n, "id")?, n))).collect();
    for node in policies.items() {
        let (mut policy, mut origins) = (describe(node), vec![policies.origin(node)]);
        match exclusions.of(node, &mut origins) {
            Ok(users) => policy.excluded_users = Some(users),
            Err(cause) => {
                policy.excludes_known = false;
                out.distrust("excludesKnown", cause.clone());
                out.distrust("excludedUsers", cause);
            }
        }
        let controls = node.get("grantControls");
        let satisfies =
            controls.and_then(|c| c.get("authenticationStrength")).map(|s| satisfies_mfa(s, &listed));
        policy.mfa = mfa(controls, satisfies.unwrap_or(Some(false)));
        if policy.mfa.is_none() {
            out.distrust("mfa", undescribed(strengths));
        }
        out.push(policy.id.clone().into_owned(), policy, origins);
    }
    out.finish()
}

fn undescribed(strengths: Source<'_>) -> super::Cause {
    match strengths.complete() {
        true => strengths.because("does not say whether a strength that a policy demands means MFA"),
        false => strengths.cause(),
    }
}

/// All that the policy says by itself.
fn describe(node: NodeRef<'_>) -> AccessPolicy<'_> {
    let conditions = node.get("conditions");
    let users = conditions.and_then(|c| c.get("users"));
    let apps = conditions.and_then(|c| c.get("applications"));
    let list = |of: Option<_>, name: &str| of.and_then(|n| strings(n, name)).unwrap_or_default();
    let has = |values: &[Cow<'_, str>], word: &str| values.iter().any(|v| v.eq_ignore_ascii_case(word));

    let (included_users, excluded) = (list(users, "includeUsers"), list(users, "excludeUsers"));
    let guest_types = users.and_then(|u| u.get("excludeGuestsOrExternalUsers"));
    let excluded_guests = has(&excluded, "GuestsOrExternalUsers") || guest_types.is_some_and(said);
    let every_member = has(&included_users, "All") && !has(&excluded, "All");
    let (included_apps, excluded_apps) =
        (list(apps, "includeApplications"), list(apps, "excludeApplications"));
    let filtered = apps.and_then(|a| a.get("applicationFilter")).is_some_and(said);
    let controls = node.get("grantControls");
    let strength = controls.and_then(|c| c.get("authenticationStrength"));
    let conditioned_by = conditions.map(narrowing).unwrap_or_default();

    AccessPolicy {
        id: text(node, "id").unwrap_or_default(),
        display_name: text(node, "displayName"),
        state: text(node, "state"),
        created_date_time: text(node, "createdDateTime"),
        modified_date_time: text(node, "modifiedDateTime"),
        every_user: every_member && !excluded_guests,
        every_member,
        every_app: has(&included_apps, "All") && excluded_apps.is_empty() && !filtered,
        included_users,
        included_groups: list(users, "includeGroups"),
        roles: list(users, "includeRoles"),
        included_apps,
        user_actions: list(apps, "includeUserActions"),
        excluded_apps,
        mfa: None,
        authentication_strength: strength.and_then(|s| text(s, "id")),
        compliant_device: demand(controls, |control| control.eq_ignore_ascii_case("compliantDevice")),
        blocks: controls.and_then(|c| strings(c, "builtInControls")).is_some_and(|c| has(&c, "block")),
        client_app_types: list(conditions, "clientAppTypes"),
        conditional: !conditioned_by.is_empty(),
        conditioned_by,
        excluded_users: None,
        excludes_known: true,
        excluded_groups: list(users, "excludeGroups"),
        excluded_roles: list(users, "excludeRoles"),
        excluded_guests,
    }
}

/// Whether a strength can only be met with more than one factor; None where nothing says so.
fn satisfies_mfa(strength: NodeRef<'_>, listed: &BTreeMap<String, NodeRef<'_>>) -> Option<bool> {
    if !said(strength) {
        return Some(false);
    }
    let own = text(strength, "requirementsSatisfied");
    let meant = own.or_else(|| text(*listed.get(&id(strength, "id")?)?, "requirementsSatisfied"));
    meant.map(|flags| flags.split(',').any(|flag| flag.trim().eq_ignore_ascii_case("mfa")))
}

fn mfa(controls: Option<NodeRef<'_>>, strength: Option<bool>) -> Option<Demand> {
    let with = |means: bool| {
        demand(controls, |control| control.eq_ignore_ascii_case("mfa") || (control == STRENGTH && means))
    };
    // an undescribed strength matters only where it would change the answer
    match strength {
        Some(means) => Some(with(means)),
        None => (with(true) == with(false)).then(|| with(true)),
    }
}

/// How an authentication strength stands among the names of the other controls.
const STRENGTH: &str = "authenticationStrength";

/// What the grant controls demand of one kind. Terms of use and custom controls are controls like
/// the others: with `OR`, agreeing to terms would do.
fn demand(controls: Option<NodeRef<'_>>, is: impl Fn(&str) -> bool) -> Demand {
    let Some(controls) = controls else { return Demand::No };
    let mut names: Vec<Cow<'_, str>> = Vec::new();
    for list in ["builtInControls", "customAuthenticationFactors", "termsOfUse"] {
        names.extend(strings(controls, list).unwrap_or_default());
    }
    if controls.get("authenticationStrength").is_some_and(said) {
        names.push(Cow::Borrowed(STRENGTH));
    }
    let found = names.iter().filter(|name| is(name)).count();
    // no operator, or one that we don't know, counts as the weaker one
    let all_needed = text(controls, "operator").is_some_and(|o| o.eq_ignore_ascii_case("AND"));
    match found {
        0 => Demand::No,
        n if all_needed || n == names.len() => Demand::Required,
        _ => Demand::Alternative,
    }
}

/// Conditions that keep a policy from applying always. One that we have never heard of counts.
fn narrowing(conditions: NodeRef<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (name, _, value) in conditions.members() {
        let narrows = match name.as_ref() {
            "users" | "applications" | "@odata.type" => false,
            "clientAppTypes" => narrows_clients(value),
            "locations" => narrows_from_all(value, "includeLocations", "excludeLocations", "All"),
            "platforms" => narrows_from_all(value, "includePlatforms", "excludePlatforms", "all"),
            _ => said(value),
        };
        if narrows {
            names.insert(name.into_owned());
        }
    }
    names
}

/// All four kinds of client are as good as `all`; so is an empty list.
fn narrows_clients(value: NodeRef<'_>) -> bool {
    let named: BTreeSet<String> =
        value.elements().filter_map(NodeRef::as_str).map(|c| c.to_ascii_lowercase()).collect();
    let every = ["browser", "mobileappsanddesktopclients", "exchangeactivesync", "other"];
    !(named.is_empty() || named.contains("all") || every.iter().all(|c| named.contains(*c)))
}

fn narrows_from_all(value: NodeRef<'_>, include: &str, exclude: &str, all: &str) -> bool {
    let included = strings(value, include).unwrap_or_default();
    let everything = included.is_empty() || included.iter().any(|i| i.eq_ignore_ascii_case(all));
    !everything || value.get(exclude).is_some_and(said)
}

/// Whether a value says anything: Graph writes null, [], and objects that hold only such.
fn said(value: NodeRef<'_>) -> bool {
    let mut open = vec![value];
    while let Some(node) = open.pop() {
        match node.kind() {
            Kind::Null => {}
            Kind::Bool | Kind::Number => return true,
            Kind::String => {
                if node.as_str().is_some_and(|s| !s.is_empty()) {
                    return true;
                }
            }
            Kind::Array => open.extend(node.elements()),
            Kind::Object => {
                let members = node.members().filter(|(name, _, _)| name != "@odata.type");
                open.extend(members.map(|(_, _, value)| value));
            }
        }
    }
    false
}
