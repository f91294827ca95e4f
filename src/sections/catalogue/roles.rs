//! Directory roles: definitions, who holds them and how, the rules of activation.

use super::super::entry::{GLOBAL, per, settings};
use super::super::plans;
use super::super::{Each, Section, Via};

pub(super) const ROLES: &[Section] = &[
    settings("roles.activeAssignments", "Directory roles held right now, assigned or activated")
        .via(&[Via::Graph, Via::Export])
        .get(
            "/roleManagement/directory/roleAssignmentScheduleInstances",
            "RoleAssignmentSchedule.Read.Directory",
        )
        .query_is("$expand=principal")
        .licence("P2 / Governance")
        .plans(plans::P2),
    settings("roles.alerts", "Alerts of privileged identity management")
        .get("/identityGovernance/roleManagementAlerts/alerts", "RoleManagementAlert.Read.Directory")
        .beta()
        .licence("P2")
        .plans(plans::P2)
        .clouds(GLOBAL),
    settings("roles.assignments", "Directory roles and who holds them")
        .via(&[Via::Graph, Via::Export])
        .get("/roleManagement/directory/roleAssignments", "RoleManagement.Read.Directory")
        .query_is("$expand=principal"),
    settings("roles.definitions", "Directory roles, built in and custom")
        .via(&[Via::Graph, Via::Export])
        .get("/roleManagement/directory/roleDefinitions", "RoleManagement.Read.Directory")
        .licence("- (custom roles P1)"),
    settings("roles.eligibilities", "Directory roles that somebody may activate")
        .via(&[Via::Graph, Via::Export])
        .get(
            "/roleManagement/directory/roleEligibilityScheduleInstances",
            "RoleEligibilitySchedule.Read.Directory",
        )
        .query_is("$expand=principal")
        .licence("P2 / Governance")
        .plans(plans::P2),
    settings(
        "roles.groupEligibilities",
        "Who may activate membership or ownership of a role-assignable group",
    )
    .get(
        "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
        "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    )
    .query_is("$filter=groupId eq '{id}'")
    .over(per(Each::Where("groups.groups", "isAssignableToRole", "true"), &[]))
    .licence("P2 / Governance")
    .plans(plans::P2),
    // `/directoryRoles` is an older view of the same roles: a way to see holders where the newer
    // one is refused. The same account may hold several roles, so the role is part of the key.
    settings("roles.members", "Members of the roles in use (fallback)")
        .key(&["roleTemplateId", "id"])
        .get("/directoryRoles/{role-id}/members", "RoleManagement.Read.Directory")
        .over(per(Each::At("/directoryRoles"), &[("roleTemplateId", "roleTemplateId")])),
    settings("roles.policies", "Rules of activating each role: approval, MFA, duration, notification")
        .via(&[Via::Graph, Via::Export])
        .get("/policies/roleManagementPolicyAssignments", "RoleManagementPolicy.Read.Directory")
        .query_is("$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'&$expand=policy($expand=rules)")
        .licence("P2 / Governance")
        .plans(plans::P2),
];
