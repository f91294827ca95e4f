//! Applications, their credentials and what they may do.

use super::super::entry::{bulk, per, settings};
use super::super::{Child, Each, Section};

pub(super) const APPLICATIONS: &[Section] = &[
    bulk(
        "applications.delegatedGrants",
        &["id", "clientId", "consentType", "principalId", "resourceId", "scope"],
        "What applications may do on behalf of users",
    )
    .get("/oauth2PermissionGrants", "Directory.Read.All"),
    // The Graph service principal is addressed by its well-known application id, so that its
    // object id in the tenant need not be looked up first.
    settings("applications.graphGrants", "Applications that may read or write through Graph by themselves")
        .get(
            "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')/appRoleAssignedTo",
            "Application.Read.All",
        ),
    settings("applications.provisioningJobs", "Provisioning of accounts into and from applications")
        .get("/servicePrincipals/{id}/synchronization/jobs", "Synchronization.Read.All")
        .over(per(
            // Managed identities have none, and are the most.
            Each::Where("applications.servicePrincipals", "servicePrincipalType", "Application"),
            &[("id", "servicePrincipalId")],
        ))
        .licence("P1"),
    bulk(
        "applications.registrations",
        &[
            "id",
            "appId",
            "displayName",
            "signInAudience",
            "passwordCredentials",
            "keyCredentials",
            "requiredResourceAccess",
            "createdDateTime",
            "federatedIdentityCredentials",
        ],
        "Application registrations and when their credentials end",
    )
    .get("/applications", "Application.Read.All")
    .selected()
    .query_is("$top=999")
    .children(&[Child {
        field: "federatedIdentityCredentials",
        path: "/applications/{application-id}/federatedIdentityCredentials",
        query: "",
        expand: "federatedIdentityCredentials",
        permission: "Application.Read.All",
    }]),
    bulk(
        "applications.servicePrincipals",
        &[
            "id",
            "appId",
            "displayName",
            "servicePrincipalType",
            "appOwnerOrganizationId",
            "accountEnabled",
            "passwordCredentials",
            "keyCredentials",
        ],
        "Applications as they exist in this tenant, own and foreign",
    )
    .get("/servicePrincipals", "Application.Read.All")
    .selected()
    .query_is("$top=999"),
];
