//! Users, groups and administrative units.

use super::super::entry::{bulk, per, settings};
use super::super::plans;
use super::super::{Child, Each, FieldNeed, Section, Via};

pub(super) const DIRECTORY: &[Section] = &[settings(
    "directory.administrativeUnits",
    "Administrative units, which limit the reach of administrators",
)
.get("/directory/administrativeUnits", "AdministrativeUnit.Read.All")
.licence("P1 (AU admins)")];

pub(super) const GROUPS: &[Section] = &[
    bulk(
        "groups.groups",
        &[
            "id",
            "displayName",
            "groupTypes",
            "membershipRule",
            "membershipRuleProcessingState",
            "securityEnabled",
            "mailEnabled",
            "isAssignableToRole",
            "createdDateTime",
            "expirationDateTime",
            "renewedDateTime",
            "visibility",
            "assignedLabels",
            "resourceProvisioningOptions",
            "owners",
        ],
        "Groups and teams, with their owners",
    )
    .get("/groups", "Group.Read.All")
    .selected()
    .query_is("$top=999")
    .children(&[Child {
        field: "owners",
        path: "/groups/{group-id}/owners",
        query: "$select=id",
        expand: "owners($select=id)",
        permission: "GroupMember.Read.All",
    }])
    .licence("dynamic P1"),
    settings("groups.lifecycle", "Expiry of Microsoft 365 groups")
        .get("/groupLifecyclePolicies", "Directory.Read.All")
        .licence("P1"),
    bulk(
        "groups.members",
        &["@odata.type", "id", "groupId", "accountEnabled"],
        "Members, nested ones included, of groups that policies and roles refer to",
    )
    .key(&["groupId", "id"])
    .get("/groups/{group-id}/transitiveMembers", "GroupMember.Read.All")
    .selected()
    .over(per(Each::ReferencedGroups, &[("id", "groupId")]))
    // Without it members come with their ids alone, everything else null.
    .field_needs(&[FieldNeed { field: "accountEnabled", permission: "User.Read.All", plans: &[] }]),
    settings("groups.settings", "Naming, creation and classification of Microsoft 365 groups")
        .via(&[Via::Graph, Via::Export])
        .get("/groupSettings", "GroupSettings.Read.All")
        .licence("naming policy P1"),
];

pub(super) const USERS: &[Section] = &[
    bulk(
        "users.accounts",
        &[
            "id",
            "displayName",
            "userPrincipalName",
            "mail",
            "userType",
            "accountEnabled",
            "createdDateTime",
            "department",
            "jobTitle",
            "assignedLicenses",
            "onPremisesSyncEnabled",
            "externalUserState",
            "employeeType",
            "signInActivity",
            "manager",
        ],
        "Accounts of members and guests, with their last sign-in",
    )
    .via(&[Via::Graph, Via::Export])
    .get("/users", "User.Read.All")
    .selected()
    .query_is("$expand=manager($select=id)&$top=500")
    .field_needs(&[FieldNeed { field: "signInActivity", permission: "AuditLog.Read.All", plans: plans::P1 }])
    .licence("signInActivity needs P1"),
    bulk(
        "users.registration",
        &[
            "id",
            "userPrincipalName",
            "userType",
            "isAdmin",
            "isMfaRegistered",
            "isMfaCapable",
            "isPasswordlessCapable",
            "methodsRegistered",
            "lastUpdatedDateTime",
        ],
        "Which sign-in methods each user has registered",
    )
    .get("/reports/authenticationMethods/userRegistrationDetails", "AuditLog.Read.All")
    .licence("P1")
    .plans(plans::P1),
];
