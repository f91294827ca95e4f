//! How often Graph may be asked: throttling classes with the published limits. Comes in: a path of
//! Graph. Goes out: its class, and what a request of it costs. Not here: waiting (`collect`).
//!
//! Source: Microsoft Graph service-specific throttling limits (concepts/throttling-limits), 2026-08.
//! "Subject to change", says Microsoft; hence what a server says at run time counts for more.

use std::time::Duration;

/// Paths that share a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Throttle {
    /// Identity and access: resource units, by the number of users.
    Directory,
    /// Audit logs, sign-ins, reports of authentication methods, recommendations.
    IdentityReports,
    /// Conditional access and identity protection; refusals say not how long to wait.
    ConditionalAccess,
    /// Message Center and service health.
    ServiceCommunications,
    /// Usage reports; the limit is one of each report, this is the whole tenant's.
    UsageReports,
    /// Secure score and alerts.
    SecureScore,
    /// Message traces of Exchange.
    MessageTrace,
    /// Calendars: a limit of each mailbox.
    Outlook,
    /// Teams.
    Teams,
    /// No limit is published: a few requests at a time.
    Unpublished,
}

/// So many units in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests, or resource units of the directory.
    pub units: u32,
    /// In any span of this length.
    pub per: Duration,
}

const fn quota(units: u32, seconds: u64) -> Quota {
    Quota { units, per: Duration::from_secs(seconds) }
}

/// Resource units of the directory by size of the tenant: below 50 users, up to 500, more.
pub const DIRECTORY_SIZES: [(u64, u32); 3] = [(0, 3_500), (50, 5_000), (500, 8_000)];

/// Paths and their classes, the first that fits.
const PATHS: &[(&str, Throttle)] = &[
    ("/auditLogs/", Throttle::IdentityReports),
    ("/reports/authenticationMethods/", Throttle::IdentityReports),
    ("/directory/recommendations", Throttle::IdentityReports),
    ("/identity/conditionalAccess/", Throttle::ConditionalAccess),
    ("/identityProtection/", Throttle::ConditionalAccess),
    ("/admin/serviceAnnouncement/", Throttle::ServiceCommunications),
    ("/admin/exchange/tracing/", Throttle::MessageTrace),
    ("/reports/security/", Throttle::Unpublished),
    ("/reports/get", Throttle::UsageReports),
    ("/security/secureScore", Throttle::SecureScore),
    ("/teams", Throttle::Teams),
    ("/users", Throttle::Directory),
    ("/groups", Throttle::Directory),
    ("/groupLifecyclePolicies", Throttle::Directory),
    ("/groupSettings", Throttle::Directory),
    ("/devices", Throttle::Directory),
    ("/applications", Throttle::Directory),
    ("/servicePrincipals", Throttle::Directory),
    ("/oauth2PermissionGrants", Throttle::Directory),
    ("/organization", Throttle::Directory),
    ("/subscribedSkus", Throttle::Directory),
    ("/domains", Throttle::Directory),
    ("/directory", Throttle::Directory),
    ("/roleManagement/", Throttle::Directory),
    ("/policies/", Throttle::Directory),
    ("/identityGovernance/", Throttle::Directory),
    ("/tenantRelationships/", Throttle::Directory),
];

/// Segments in the middle of a path of groups that other services answer.
const INSIDE: &[(&str, Throttle)] =
    &[("/planner/", Throttle::Unpublished), ("/calendarView", Throttle::Outlook)];

impl Throttle {
    /// The class of a path below the version.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let inside = INSIDE.iter().find(|(part, _)| path.contains(part));
        let start = || PATHS.iter().find(|(start, _)| path.starts_with(start));
        inside.or_else(start).map_or(Self::Unpublished, |(_, class)| *class)
    }

    /// The published limits of an application in one tenant; of the directory those of the smallest
    /// tenants (see [`DIRECTORY_SIZES`]).
    #[must_use]
    pub const fn quotas(self) -> &'static [Quota] {
        match self {
            Self::Directory => const { &[quota(3_500, 10)] },
            Self::IdentityReports => const { &[quota(5, 10)] },
            Self::ConditionalAccess => const { &[quota(1, 1)] },
            Self::ServiceCommunications => const { &[quota(240, 60), quota(800, 3_600)] },
            Self::UsageReports => const { &[quota(40, 600)] },
            Self::SecureScore => const { &[quota(150, 60)] },
            Self::MessageTrace => const { &[quota(100, 300)] },
            Self::Outlook => const { &[quota(10_000, 600)] },
            Self::Teams => const { &[quota(30, 1)] },
            Self::Unpublished => &[],
        }
    }

    /// Requests at a time: published for Outlook and secure score; one where one a second is allowed;
    /// elsewhere what keeps a quota busy at the usual half second an answer.
    #[must_use]
    pub const fn at_once(self) -> usize {
        match self {
            Self::ConditionalAccess => 1,
            Self::Outlook | Self::SecureScore | Self::Unpublished => 4,
            Self::IdentityReports
            | Self::ServiceCommunications
            | Self::UsageReports
            | Self::MessageTrace
            | Self::Teams => 8,
            Self::Directory => 32,
        }
    }

    /// What a request costs, in units of the class's quota.
    #[must_use]
    pub fn cost(self, path: &str, query: &str) -> u32 {
        if self != Self::Directory {
            return 1;
        }
        let steps: Vec<&str> = path.trim_matches('/').split('/').collect();
        let base: i32 = match steps.as_slice() {
            ["users" | "applications"] => 2,
            ["groups", _, "members"] => 3,
            ["groups", _, "transitiveMembers"] => 5,
            ["servicePrincipals", _, "appRoleAssignedTo" | "appRoleAssignments"] => 2,
            [first, "appRoleAssignedTo"] if first.starts_with("servicePrincipals(") => 2,
            ["oauth2PermissionGrants"] => 2,
            ["subscribedSkus"] => 3,
            _ => 1,
        };
        let parts = || query.split('&');
        let has = |name: &str| parts().any(|part| part.starts_with(name));
        let few = parts()
            .filter_map(|part| part.strip_prefix("$top="))
            .any(|top| top.parse::<u32>().is_ok_and(|top| top < 20));
        let cost = base - i32::from(has("$select=")) + i32::from(has("$expand=")) - i32::from(few);
        cost.max(1).unsigned_abs()
    }

    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::IdentityReports => "audit logs and sign-in reports",
            Self::ConditionalAccess => "conditional access",
            Self::ServiceCommunications => "Message Center and service health",
            Self::UsageReports => "usage reports",
            Self::SecureScore => "secure score",
            Self::MessageTrace => "message traces",
            Self::Outlook => "calendars",
            Self::Teams => "Teams",
            Self::Unpublished => "other services",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::all;

    #[test]
    fn classes_of_paths() {
        for (path, expected) in [
            ("/users", Throttle::Directory),
            ("/auditLogs/signIns", Throttle::IdentityReports),
            ("/reports/authenticationMethods/userRegistrationDetails", Throttle::IdentityReports),
            ("/identity/conditionalAccess/policies", Throttle::ConditionalAccess),
            ("/policies/authenticationStrengthPolicies", Throttle::Directory),
            ("/admin/serviceAnnouncement/messages", Throttle::ServiceCommunications),
            ("/reports/getM365AppUserCounts(period='D30')", Throttle::UsageReports),
            ("/reports/security/getAttackSimulationTrainingUserCoverage()", Throttle::Unpublished),
            ("/security/secureScoreControlProfiles", Throttle::SecureScore),
            ("/groups/x/planner/plans", Throttle::Unpublished),
            ("/groups/x/calendarView", Throttle::Outlook),
            ("/groups/x/owners", Throttle::Directory),
            ("/planner/plans/x/tasks", Throttle::Unpublished),
            ("/teams", Throttle::Teams),
            ("/deviceManagement/managedDevices", Throttle::Unpublished),
        ] {
            assert_eq!(Throttle::of(path), expected, "{path}");
        }
        // Every class is somebody's, save those of which no section is collected.
        let used: std::collections::BTreeSet<_> =
            all().filter_map(|section| section.graph).map(|graph| Throttle::of(graph.path)).collect();
        assert_eq!(used.len(), 10);
    }

    #[test]
    fn costs_as_published() {
        for (path, query, expected) in [
            ("/users", "", 2),
            ("/users", "$select=id&$top=500", 1),
            ("/users", "$select=id&$expand=manager($select=id)&$top=500", 2),
            ("/users", "$top=5", 1),
            ("/groups/x/owners", "$select=id", 1),
            ("/groups/x/transitiveMembers", "$select=id", 4),
            ("/servicePrincipals(appId='x')/appRoleAssignedTo", "", 2),
            ("/subscribedSkus", "", 3),
            ("/roleManagement/directory/roleAssignments", "$expand=principal", 2),
        ] {
            assert_eq!(Throttle::Directory.cost(path, query), expected, "{path}?{query}");
        }
        assert_eq!(Throttle::Teams.cost("/teams", "$expand=x"), 1);
    }
}
