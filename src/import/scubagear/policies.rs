//! Policies in a ScubaGear export: conditional access, authorisation, consent, authentication
//! methods, group settings, secure score. Comes in: the export. Goes out: sections in Graph v1.0's
//! shape. Not here: roles, SharePoint.

use serde_json::{Map, Value};

use super::export::Export;
use crate::import::harvest::{Harvest, Listed, missing};
use crate::import::values::{camel, unfold};
use crate::snapshot::record::{SectionRecord, State};

/// A list of the export that becomes a section as it is.
struct Table {
    section: &'static str,
    key: &'static str,
    commands: &'static [&'static str],
    /// Properties that are taken, in Graph's names.
    fields: &'static [&'static str],
    /// Every tenant has exactly one: an empty list is a failure.
    always: bool,
}

const TABLES: &[Table] = &[
    Table {
        section: "conditionalAccess.policies",
        key: "conditional_access_policies",
        commands: &["Get-MgBetaIdentityConditionalAccessPolicy"],
        fields: &[
            "conditions",
            "createdDateTime",
            "description",
            "displayName",
            "grantControls",
            "id",
            "modifiedDateTime",
            "sessionControls",
            "state",
            "templateId",
        ],
        always: false,
    },
    Table {
        section: "identity.authorization",
        key: "authorization_policies",
        commands: &["Get-MgBetaPolicyAuthorizationPolicy"],
        fields: &[
            "allowEmailVerifiedUsersToJoinOrganization",
            "allowInvitesFrom",
            "allowUserConsentForRiskyApps",
            "allowedToSignUpEmailBasedSubscriptions",
            "allowedToUseSSPR",
            "blockMsolPowerShell",
            "defaultUserRolePermissions",
            "description",
            "displayName",
            "guestUserRoleId",
            "id",
        ],
        always: true,
    },
    Table {
        section: "identity.adminConsent",
        key: "admin_consent_policies",
        commands: &["Get-MgBetaPolicyAdminConsentRequestPolicy"],
        fields: &[
            "isEnabled",
            "notifyReviewers",
            "remindersEnabled",
            "requestDurationInDays",
            "reviewers",
            "version",
        ],
        always: true,
    },
    Table {
        section: "identity.authenticationMethods",
        key: "authentication_method",
        commands: &["Get-MgBetaPolicyAuthenticationMethodPolicy"],
        fields: &[
            "authenticationMethodConfigurations",
            "description",
            "displayName",
            "id",
            "lastModifiedDateTime",
            "policyMigrationState",
            "policyVersion",
            "reconfirmationInDays",
            "registrationEnforcement",
        ],
        always: true,
    },
    Table {
        section: "groups.settings",
        key: "directory_settings",
        commands: &["Get-MgBetaDirectorySetting"],
        fields: &["displayName", "id", "templateId", "values"],
        always: false,
    },
];

/// All of them.
pub(super) fn sections(export: &Export, harvest: &mut Harvest) {
    for table in TABLES {
        let rows = export.rows(table.key).unwrap_or_default();
        if rows.is_empty() {
            absent(export, table, harvest);
            continue;
        }
        let rows: Vec<_> = rows.into_iter().map(|row| reshape(table.section, row)).collect();
        let narrowed = table.section == "conditionalAccess.policies" && rows.iter().any(narrowed_in_beta);
        let mut listed = Listed::take(rows, table.fields);
        if narrowed {
            listed.lose("conditions", "a policy has a device condition that only the beta endpoint knows");
        }
        let record = export.found(&listed, table.commands, None);
        harvest.put(table.section, listed.items, record);
    }
    secure_score(export, harvest);
}

fn absent(export: &Export, table: &Table, harvest: &mut Harvest) {
    let Some(record) = export.empty(table.key, table.commands) else { return };
    if table.always && record.state == State::Read {
        let why = missing(State::Failed, "nothing came back, though every tenant has this policy");
        harvest.lack(table.section, SectionRecord { source: record.source, ..why });
    } else if record.state == State::Read {
        harvest.put(table.section, Vec::new(), record);
    } else {
        harvest.lack(table.section, record);
    }
}

/// Where the beta endpoint, which the export comes from, differs from v1.0.
fn reshape(section: &str, mut row: Map<String, Value>) -> Map<String, Value> {
    match section {
        "conditionalAccess.policies" => {
            let devices = row.get_mut("conditions").and_then(|conditions| {
                let name = if conditions.get("Devices").is_some() { "Devices" } else { "devices" };
                conditions.get_mut(name)?.as_object_mut()
            });
            // Unset, they would keep `devices` from being null as in v1.0.
            if let Some(devices) = devices {
                devices.retain(|name, value| !(BETA_DEVICES.contains(&camel(name).as_str()) && unset(value)));
            }
        }
        "identity.authorization" => {
            move_member(&mut row, "allowedToUseSspr", "allowedToUseSSPR");
            let consent = row.remove("permissionGrantPolicyIdsAssignedToDefaultUserRole");
            let permissions = row.get_mut("defaultUserRolePermissions").and_then(Value::as_object_mut);
            if let (Some(consent), Some(permissions)) = (consent, permissions) {
                permissions.insert("permissionGrantPoliciesAssigned".into(), consent);
            }
        }
        "identity.authenticationMethods" => {
            // Newer exports keep the methods apart from the policy.
            if let Some(Value::Object(policy)) = row.remove("authentication_method_policy") {
                let methods = row.remove("authentication_method_feature_settings");
                row = unfold(policy);
                if let Some(methods) = methods {
                    row.insert("authenticationMethodConfigurations".into(), methods);
                }
            }
        }
        _ => {}
    }
    row
}

/// Device conditions of the beta endpoint.
const BETA_DEVICES: &[&str] =
    &["excludeDeviceStates", "excludeDevices", "includeDeviceStates", "includeDevices"];

/// Conditions that v1.0 does not have. One that is set narrows its policy: without it the policy would
/// look wider than it is. Unset ones are dropped by the contract.
fn narrowed_in_beta(policy: &Map<String, Value>) -> bool {
    let Some(conditions) = policy.get("conditions") else { return false };
    let states = member(conditions, "deviceStates");
    let devices = member(conditions, "devices");
    let below = BETA_DEVICES.iter().filter_map(|name| member(devices?, name));
    states.into_iter().chain(below).any(|value| !unset(value))
}

/// A member under Graph's name, whatever its case here.
fn member<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    object.as_object()?.iter().find(|(own, _)| camel(own) == name).map(|(_, value)| value)
}

fn unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(unset),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn move_member(row: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = row.remove(from) {
        row.insert(to.into(), value);
    }
}

/// The export keeps one control of the latest score, so there is neither a total nor a time.
fn secure_score(export: &Export, harvest: &mut Harvest) {
    const COMMANDS: &[&str] = &["Get-MgBetaSecuritySecureScore"];
    let rows = export.rows("secure_score").unwrap_or_default();
    if rows.is_empty() {
        if let Some(record) = export.empty("secure_score", COMMANDS) {
            let reason = record.reason.or_else(|| Some("the export holds no score".into()));
            harvest.lack("security.secureScores", SectionRecord { state: State::Failed, reason, ..record });
        }
        return;
    }
    const WHOLE: &[&str] =
        &["averageComparativeScores", "controlScores", "createdDateTime", "currentScore", "id", "maxScore"];
    if rows.iter().all(|row| row.contains_key("currentScore")) {
        let listed = Listed::take(rows, WHOLE);
        let record = export.found(&listed, COMMANDS, Some("only the latest score".into()));
        return harvest.put("security.secureScores", listed.items, record);
    }
    let controls = Listed::take(rows, &["controlCategory", "controlName", "description", "score"]);
    let names: Vec<&str> =
        controls.items.iter().filter_map(|item| item.get("controlName")?.as_str()).collect();
    let gap = format!("only the control {} of the latest score", names.join(", "));
    let item = Map::from_iter([("controlScores".to_string(), Value::Array(controls.items))]);
    let listed = Listed::take(vec![item], &["controlScores"]);
    let record = export.found(&listed, COMMANDS, Some(gap));
    harvest.put("security.secureScores", listed.items, record);
}
