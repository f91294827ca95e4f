//! Who gets in: conditional access, and the tenant's identity policies.

use super::super::entry::{GLOBAL_US, settings};
use super::super::plans;
use super::super::{Section, Via};

pub(super) const CONDITIONAL_ACCESS: &[Section] = &[
    settings(
        "conditionalAccess.authenticationContexts",
        "Labels that demand more of a sign-in for sensitive things",
    )
    .get("/identity/conditionalAccess/authenticationContextClassReferences", "AuthenticationContext.Read.All")
    .licence("P1")
    .plans(plans::P1),
    settings(
        "conditionalAccess.authenticationStrengths",
        "Which combinations of methods count as strong enough",
    )
    .get("/policies/authenticationStrengthPolicies", "Policy.Read.All")
    .licence("P1"),
    settings("conditionalAccess.namedLocations", "Countries and address ranges that policies refer to")
        .get("/identity/conditionalAccess/namedLocations", "Policy.Read.All")
        .licence("P1")
        .plans(plans::P1),
    settings("conditionalAccess.policies", "Conditional access policies")
        .via(&[Via::Graph, Via::Export])
        .get("/identity/conditionalAccess/policies", "Policy.Read.All")
        .licence("P1 to have any (a Free tenant answers 200 + [])")
        .plans(plans::P1),
];

pub(super) const IDENTITY: &[Section] = &[
    settings("identity.adminConsent", "How users ask an administrator to approve an application")
        .singleton()
        .via(&[Via::Graph, Via::Export])
        .get("/policies/adminConsentRequestPolicy", "Policy.Read.All"),
    settings("identity.appManagement", "Restrictions on secrets and certificates of applications")
        .singleton()
        .get("/policies/defaultAppManagementPolicy", "Policy.Read.All")
        .licence("Workload ID Premium for exceptions"),
    settings(
        "identity.authenticationMethods",
        "Which sign-in methods are allowed, and the registration campaign",
    )
    .singleton()
    .via(&[Via::Graph, Via::Export])
    .get("/policies/authenticationMethodsPolicy", "Policy.Read.All")
    .clouds(GLOBAL_US),
    settings("identity.authorization", "What users and guests may do by default")
        .singleton()
        .via(&[Via::Graph, Via::Export])
        .get("/policies/authorizationPolicy", "Policy.Read.All"),
    settings("identity.crossTenantDefault", "Collaboration with other tenants: the default")
        .singleton()
        .get("/policies/crossTenantAccessPolicy/default", "Policy.Read.All")
        .licence("P1 to customise"),
    settings("identity.crossTenantPartners", "Collaboration with other tenants: per partner")
        .key(&["tenantId"])
        .get("/policies/crossTenantAccessPolicy/partners", "Policy.Read.All")
        .licence("P1"),
    settings("identity.deviceRegistration", "Who may join or register devices")
        .singleton()
        .get("/policies/deviceRegistrationPolicy", "Policy.Read.DeviceConfiguration"),
    settings("identity.securityDefaults", "Security defaults: on or off")
        .singleton()
        .get("/policies/identitySecurityDefaultsEnforcementPolicy", "Policy.Read.All"),
];
