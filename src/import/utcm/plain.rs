//! Resources of a UTCM snapshot that become sections property by property. Comes in: their flat
//! properties. Goes out: sections in Graph's shape. Not here: conditional access policies (`access`).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Source, said};
use crate::import::harvest::{Harvest, Listed};
use crate::import::values::camel;

/// The resource type of named locations.
pub(super) const LOCATIONS: &str = "microsoft.entra.namedlocationpolicy";

/// A resource type and the section that it becomes.
struct Table {
    kind: &'static str,
    section: &'static str,
    /// Their property and ours.
    fields: &'static [(&'static str, &'static str)],
    /// Every tenant has exactly one.
    single: bool,
    /// What differs otherwise; an error takes the property out of the section, and says why.
    shape: fn(&Map<String, Value>, &mut Map<String, Value>, &mut Lost),
}

/// Properties that can't be taken, and why.
type Lost = BTreeMap<&'static str, String>;

const TABLES: &[Table] = &[
    Table {
        kind: "microsoft.entra.authorizationpolicy",
        section: "identity.authorization",
        fields: &[
            ("AllowEmailVerifiedUsersToJoinOrganization", "allowEmailVerifiedUsersToJoinOrganization"),
            ("AllowInvitesFrom", "allowInvitesFrom"),
            ("AllowUserConsentForRiskyApps", "allowUserConsentForRiskyApps"),
            ("AllowedToSignUpEmailBasedSubscriptions", "allowedToSignUpEmailBasedSubscriptions"),
            ("AllowedToUseSSPR", "allowedToUseSSPR"),
            ("BlockMsolPowershell", "blockMsolPowerShell"),
            ("Description", "description"),
            ("DisplayName", "displayName"),
        ],
        single: true,
        shape: authorization,
    },
    Table {
        kind: "microsoft.entra.grouplifecyclepolicy",
        section: "groups.lifecycle",
        fields: &[("GroupLifetimeInDays", "groupLifetimeInDays"), ("ManagedGroupTypes", "managedGroupTypes")],
        single: false,
        shape: lifecycle,
    },
    Table {
        kind: LOCATIONS,
        section: "conditionalAccess.namedLocations",
        fields: &[
            ("CountryLookupMethod", "countryLookupMethod"),
            ("DisplayName", "displayName"),
            ("Id", "id"),
            ("IncludeUnknownCountriesAndRegions", "includeUnknownCountriesAndRegions"),
            ("IsTrusted", "isTrusted"),
        ],
        single: false,
        shape: location,
    },
    Table {
        kind: "microsoft.entra.securitydefaults",
        section: "identity.securityDefaults",
        fields: &[("Description", "description"), ("DisplayName", "displayName"), ("IsEnabled", "isEnabled")],
        single: true,
        shape: |_, _, _| {},
    },
];

/// The resource types that have a section here.
pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|table| table.kind)
}

/// The section of a resource type; empty = none.
pub(super) fn section(kind: &str) -> &'static str {
    TABLES.iter().find(|table| table.kind == kind).map_or("", |table| table.section)
}

/// Fills the sections whose resources the snapshot has.
pub(super) fn sections(source: &mut Source<'_>, harvest: &mut Harvest) {
    for table in TABLES {
        let Some(resources) = source.take(table.kind) else { continue };
        let (mut listed, mut lost) = (Listed::default(), Lost::new());
        for properties in &resources {
            let mut item = Map::new();
            for (theirs, ours) in table.fields {
                if let Some(value) = properties.get(*theirs) {
                    item.insert((*ours).into(), value.clone());
                }
            }
            (table.shape)(properties, &mut item, &mut lost);
            listed.fields.extend(item.keys().cloned());
            listed.items.push(Value::Object(item));
        }
        for (name, why) in lost {
            listed.lose(name, &why);
        }
        let record = source.record(table.kind, &listed, table.single);
        harvest.put(table.section, listed.items, record);
    }
}

/// What users may do, by our name; all of it or none, since half would look like an answer.
const ROLE: &[(&str, &str)] = &[
    ("DefaultUserRoleAllowedToCreateApps", "allowedToCreateApps"),
    ("DefaultUserRoleAllowedToCreateSecurityGroups", "allowedToCreateSecurityGroups"),
    ("DefaultUserRoleAllowedToCreateTenants", "allowedToCreateTenants"),
    ("DefaultUserRoleAllowedToReadBitlockerKeysForOwnedDevice", "allowedToReadBitlockerKeysForOwnedDevice"),
    ("DefaultUserRoleAllowedToReadOtherUsers", "allowedToReadOtherUsers"),
    ("PermissionGrantPolicyIdsAssignedToDefaultUserRole", "permissionGrantPoliciesAssigned"),
];

fn authorization(theirs: &Map<String, Value>, ours: &mut Map<String, Value>, lost: &mut Lost) {
    ours.insert("id".into(), json!("authorizationPolicy"));
    let mut role = Map::new();
    for (name, member) in ROLE {
        match theirs.get(*name) {
            Some(value) if !value.is_null() => drop(role.insert((*member).into(), value.clone())),
            Some(_) | None => {
                lost.entry("defaultUserRolePermissions")
                    .or_insert_with(|| format!("the snapshot does not show {name}"));
            }
        }
    }
    ours.insert("defaultUserRolePermissions".into(), Value::Object(role));
    // Fixed ids: https://learn.microsoft.com/entra/identity/users/users-restrict-guest-permissions
    let guests = match theirs.get("GuestUserRole").and_then(Value::as_str).map(camel).as_deref() {
        Some("user") => "a0b1b346-4d3e-4e8b-98f8-753987be4970",
        Some("guest") => "10dae51f-b6af-4016-8d66-8c2a99b929b3",
        Some("restrictedGuest") => "2af84b1e-32c8-42b7-82bc-daa82404023b",
        Some(_) | None => {
            lost.insert("guestUserRoleId", "the snapshot does not name the role of guests".into());
            return;
        }
    };
    ours.insert("guestUserRoleId".into(), json!(guests));
}

/// Graph has the addresses in one text.
fn lifecycle(theirs: &Map<String, Value>, ours: &mut Map<String, Value>, _: &mut Lost) {
    if let Some(Value::Array(mails)) = theirs.get("AlternateNotificationEmails") {
        let mails: Vec<&str> = mails.iter().filter_map(Value::as_str).collect();
        ours.insert("alternateNotificationEmails".into(), json!(mails.join(";")));
    }
}

/// Which of the three kinds a location is follows from what it has: the type's spelling varies.
fn location(theirs: &Map<String, Value>, ours: &mut Map<String, Value>, lost: &mut Lost) {
    let texts = |name: &str| {
        let items = theirs.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let (ranges, countries) = (texts("IpRanges"), texts("CountriesAndRegions"));
    let kind = theirs.get("OdataType").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let kind = match kind.rsplit('.').next() {
        Some("countrynamedlocation") => "countryNamedLocation",
        Some("ipnamedlocation") => "ipNamedLocation",
        Some("compliantnetworknamedlocation") => "compliantNetworkNamedLocation",
        Some(_) | None if !ranges.is_empty() => "ipNamedLocation",
        Some(_) | None if !countries.is_empty() => "countryNamedLocation",
        Some(_) | None => {
            lost.insert("@odata.type", "the snapshot does not say what kind a location is".into());
            ""
        }
    };
    if said(theirs.get("IpRanges")) && ranges.is_empty() {
        lost.insert("ipRanges", "the ranges are not texts".into());
    }
    ours.insert("@odata.type".into(), json!(format!("#microsoft.graph.{kind}")));
    let range = |cidr: String| {
        let family = if cidr.contains(':') { "iPv6CidrRange" } else { "iPv4CidrRange" };
        json!({"@odata.type": format!("#microsoft.graph.{family}"), "cidrAddress": cidr})
    };
    // An address range has no countries and the other way round; Graph leaves those members out.
    if kind == "ipNamedLocation" {
        ours.insert("ipRanges".into(), Value::Array(ranges.into_iter().map(range).collect()));
    } else if kind == "countryNamedLocation" {
        ours.insert("countriesAndRegions".into(), json!(countries));
        ours.remove("isTrusted");
    }
}
