//! Privileged roles of a ScubaGear export: definitions, active assignments, activation rules, and the
//! people who hold them. Comes in: the export. Goes out: sections, all of them partial. Not here:
//! eligibilities; the export mixes them with assignments and so can't tell who is merely eligible.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::export::Export;
use crate::import::harvest::{Harvest, Listed, missing};
use crate::import::values::{Loss, camel, tidy};
use crate::sections::normal::is_guid;
use crate::snapshot::record::{SectionRecord, State};

const ROLES: &[&str] = &["Get-PrivilegedRole"];
const USERS: &[&str] = &["Get-PrivilegedUser"];

/// What is taken of an active assignment. Principal and role are not expanded in the export.
const ASSIGNMENT: &[&str] = &[
    "appScopeId",
    "assignmentType",
    "directoryScopeId",
    "endDateTime",
    "id",
    "memberType",
    "principalId",
    "roleAssignmentOriginId",
    "roleAssignmentScheduleId",
    "roleDefinitionId",
    "startDateTime",
];

/// The service plan without which a tenant has no schedules and no activation rules.
const PREMIUM: &str = "AAD_PREMIUM_P2";

pub(super) fn roles(export: &Export, harvest: &mut Harvest) {
    let rows = export.rows("privileged_roles").unwrap_or_default();
    if rows.is_empty() {
        for id in ["roles.definitions", "roles.activeAssignments", "roles.policies"] {
            // No privileged role at all is no answer: every tenant has them.
            if let Some(record) = export.empty("privileged_roles", ROLES) {
                harvest.lack(
                    id,
                    SectionRecord { state: State::Failed, reason: record.reason.or(nothing()), ..record },
                );
            }
        }
        return;
    }
    let few = few(&rows);
    let definitions = rows.iter().filter_map(definition).collect();
    let listed = Listed::take(definitions, &["displayName", "id", "templateId"]);
    let record = export.found(&listed, ROLES, Some(few.clone()));
    harvest.put("roles.definitions", listed.items, record);
    assignments(export, &rows, &few, harvest);
    policies(export, &rows, &few, harvest);
}

fn nothing() -> Option<String> {
    Some("the export names no privileged role, though every tenant has them".into())
}

/// Which roles the export looked at.
fn few(rows: &[Map<String, Value>]) -> String {
    let names: Vec<&str> = rows.iter().filter_map(|row| row.get("displayName")?.as_str()).collect();
    format!("only the {} roles that ScubaGear looks at: {}", rows.len(), names.join(", "))
}

/// Built-in roles have the same id in every tenant: that of their template.
fn definition(row: &Map<String, Value>) -> Option<Map<String, Value>> {
    let id = row.get("roleTemplateId")?.as_str()?;
    let name = row.get("displayName")?.clone();
    Some(Map::from_iter([
        ("id".into(), json!(id)),
        ("templateId".into(), json!(id)),
        ("displayName".into(), name),
    ]))
}

/// Rows below a role, re-wrapped if there is one only. `None` if no role has any such list.
fn below(rows: &[Map<String, Value>], list: &str) -> Option<Vec<(String, Vec<Value>)>> {
    let lists = rows.iter().filter_map(|row| {
        let id = row.get("roleTemplateId")?.as_str()?.to_ascii_lowercase();
        match row.get(list)? {
            Value::Array(items) => Some((id, items.clone())),
            Value::Object(one) => Some((id, vec![Value::Object(one.clone())])),
            Value::Null => Some((id, Vec::new())),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        }
    });
    Some(lists.collect::<Vec<_>>()).filter(|lists| !lists.is_empty())
}

fn assignments(export: &Export, rows: &[Map<String, Value>], few: &str, harvest: &mut Harvest) {
    let Some(lists) = below(rows, "assignments") else {
        return harvest.lack("roles.activeAssignments", no_premium(export));
    };
    let mut seen = BTreeSet::new();
    let objects = lists.into_iter().flat_map(|(_, items)| items).filter_map(object);
    let fresh = objects.filter(|row| seen.insert(row.get("id").map(Value::to_string)));
    let mut listed = Listed::take(fresh.collect(), ASSIGNMENT);
    listed
        .without
        .insert("principal".into(), "the collector did not expand it; join principalId with users".into());
    let record = export.found(&listed, ROLES, Some(few.into()));
    harvest.put("roles.activeAssignments", listed.items, record);
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(members) => {
            Some(members.into_iter().map(|(name, value)| (camel(&name), value)).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    }
}

/// Activation rules by role. Graph keys them by the assignment of a policy to a role, whose id the
/// export does not have: the role's id stands in, one policy belongs to one role.
fn policies(export: &Export, rows: &[Map<String, Value>], few: &str, harvest: &mut Harvest) {
    let Some(lists) = below(rows, "rules") else {
        return harvest.lack("roles.policies", no_premium(export));
    };
    let mut lost: Option<Loss> = None;
    let mut items = Vec::new();
    for (role, rules) in lists {
        let rules: Result<Vec<Value>, Loss> = rules.into_iter().filter(of_role).map(rule).collect();
        let mut item = Map::from_iter([
            ("id".into(), json!(role)),
            ("roleDefinitionId".into(), json!(role)),
            ("scopeId".into(), json!("/")),
            ("scopeType".into(), json!("DirectoryRole")),
        ]);
        match rules {
            Ok(rules) => {
                item.insert("policy".into(), json!({ "rules": rules }));
            }
            Err(loss) => lost = Some(loss),
        }
        items.push(item);
    }
    let mut listed = Listed::default();
    if let Some(loss) = lost {
        for item in &mut items {
            item.remove("policy");
        }
        listed.without.insert("policy".into(), loss.to_string());
    }
    listed.fields = ["id", "policy", "roleDefinitionId", "scopeId", "scopeType"].map(String::from).into();
    listed.items = items.into_iter().map(Value::Object).collect();
    let record =
        export.found(&listed, ROLES, Some(format!("{few}; the role's id stands in for the assignment's")));
    harvest.put("roles.policies", listed.items, record);
}

/// Newer exports add the rules of groups that hold a role; those are policies of the group.
fn of_role(rule: &Value) -> bool {
    rule.get("RuleSourceType").and_then(Value::as_str).is_none_or(|source| source == "Directory Role")
}

/// A rule in Graph v1.0's form. The beta endpoint, which the export comes from, names an approver's
/// id `id`; v1.0 says whose id it is.
fn rule(value: Value) -> Result<Value, Loss> {
    let mut rule = tidy("", value)?;
    if let Some(members) = rule.as_object_mut() {
        members.retain(|name, _| name != "ruleSource" && name != "ruleSourceType");
    }
    let stages = rule.pointer_mut("/setting/approvalStages").and_then(Value::as_array_mut);
    for stage in stages.into_iter().flatten().filter_map(Value::as_object_mut) {
        for list in ["primaryApprovers", "escalationApprovers"] {
            let approvers = stage.get_mut(list).and_then(Value::as_array_mut);
            for approver in approvers.into_iter().flatten().filter_map(Value::as_object_mut) {
                name_approver(approver);
            }
        }
    }
    if let Some(target) = rule.get_mut("target").and_then(Value::as_object_mut) {
        target.retain(|name, value| name != "targetObjects" || !value.is_null());
    }
    Ok(rule)
}

fn name_approver(approver: &mut Map<String, Value>) {
    approver.remove("isBackup");
    let name = match approver.get("@odata.type").and_then(Value::as_str) {
        Some("#microsoft.graph.singleUser") => "userId",
        Some("#microsoft.graph.groupMembers") => "groupId",
        Some("#microsoft.graph.singleServicePrincipal") => "servicePrincipalId",
        Some(_) | None => return,
    };
    if let Some(id) = approver.remove("id") {
        approver.insert(name.into(), id);
    }
}

/// ScubaGear asks for schedules and rules only where the tenant has Entra ID P2.
fn no_premium(export: &Export) -> SectionRecord {
    let plans = export.rows("service_plans").unwrap_or_default();
    let premium =
        plans.iter().any(|plan| plan.get("servicePlanName").and_then(Value::as_str) == Some(PREMIUM));
    let source = Some(export.source(ROLES));
    if plans.is_empty() || premium {
        let why = "the export lists the roles, but not who holds them or how they are activated";
        SectionRecord { source, ..missing(State::Failed, why) }
    } else {
        let why = "the export was made without asking, since the tenant has no Entra ID P2";
        SectionRecord { source, needs: Some("Entra ID P2".into()), ..missing(State::Unlicensed, why) }
    }
}

/// Holders of those roles: all that the export knows of people.
pub(super) fn users(export: &Export, harvest: &mut Harvest) {
    let map = export.fields().get("privileged_users").and_then(Value::as_object);
    let rows: Vec<Map<String, Value>> = map
        .into_iter()
        .flatten()
        .filter(|(id, user)| is_guid(id) && user.is_object())
        .map(|(id, user)| {
            let name = user.get("DisplayName").cloned().unwrap_or(Value::Null);
            Map::from_iter([("id".into(), json!(id)), ("displayName".into(), name)])
        })
        .collect();
    if rows.is_empty() {
        // Somebody always holds a privileged role: an empty list is a failure in any case.
        if let Some(record) = export.empty("privileged_users", USERS) {
            let reason = record
                .reason
                .or_else(|| Some("the export names nobody, though somebody administers every tenant".into()));
            harvest.lack("users.accounts", SectionRecord { state: State::Failed, reason, ..record });
        }
        return;
    }
    let listed = Listed::take(rows, &["displayName", "id"]);
    let gap = "only holders of a privileged role, assigned or eligible, directly or through a group".into();
    let record = export.found(&listed, USERS, Some(gap));
    harvest.put("users.accounts", listed.items, record);
    harvest.notes.push(
        "roles.eligibilities is not taken: the export mixes eligible people with those who hold a role"
            .into(),
    );
}
