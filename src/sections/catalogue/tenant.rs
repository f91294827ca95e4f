//! The tenant itself: organisation, licences, domains, directory synchronisation.

use super::super::entry::{GLOBAL, declared, settings};
use super::super::{Section, Via};

pub(super) const TENANT: &[Section] = &[
    settings("tenant.directorySync", "Directory synchronisation: features, guard against mass deletion")
        .singleton()
        .get("/directory/onPremisesSynchronization", "OnPremDirectorySynchronization.Read.All")
        .delegated_only(),
    settings("tenant.domains", "Domain names and how their users sign in")
        .via(&[Via::Graph, Via::Export])
        .get("/domains", "Domain.Read.All"),
    settings("tenant.licences", "Licences bought, with their service plans and units in use")
        .key(&["skuId"])
        .via(&[Via::Graph, Via::Export])
        .get("/subscribedSkus", "Organization.Read.All"),
    settings("tenant.multiTenant", "Membership in a multitenant organisation")
        .singleton()
        .get("/tenantRelationships/multiTenantOrganization", "MultiTenantOrganization.Read.All")
        .delegated("MultiTenantOrganization.ReadBasic.All")
        .licence("P1")
        .clouds(GLOBAL),
    settings("tenant.organization", "The organisation: plans, domains, notification contacts")
        .via(&[Via::Graph, Via::Export])
        .get("/organization", "Organization.Read.All"),
    declared("tenant.releasePreferences", "Who gets new features early: standard or targeted release")
        .singleton(),
    settings("tenant.subscriptions", "Commercial subscriptions and when they end")
        .get("/directory/subscriptions", "Organization.Read.All"),
];
