//! The bodies of the admin centre that can be saved: which they are, and whether we know their shape.
//! Comes in: an address, or a parsed file. Goes out: a body's name. Not here: reading it.
//!
//! The addresses are undocumented. We never call them; a person saves what the browser received.

/// A body of the admin centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Body {
    /// Message Center posts.
    Messages,
    /// Incidents and advisories; whether resolved ones were asked for.
    Health {
        /// `showResolved=true`
        resolved: bool,
    },
    /// Release preferences.
    ReleaseTrack,
    /// Planner sync; its absence (404) is all that can be read.
    PlannerSync,
    /// What an administrator sees and is mailed of Message Center.
    MessagePreferences,
    /// What an administrator sees and is mailed of service health.
    HealthPreferences,
}

impl Body {
    /// The section that it fills.
    pub(super) fn section(self) -> &'static str {
        match self {
            Body::Messages => "messageCenter.messages",
            Body::Health { .. } => "serviceHealth.issues",
            Body::ReleaseTrack => "tenant.releasePreferences",
            Body::PlannerSync => "messageCenter.plannerSync",
            Body::MessagePreferences => "messageCenter.preferences",
            Body::HealthPreferences => "serviceHealth.notifications",
        }
    }

    /// Its name at the end of its address.
    pub(super) fn name(self) -> &'static str {
        match self {
            Body::Messages => "messagecenter",
            Body::Health { .. } => "servicehealth/status/activeCM",
            Body::ReleaseTrack => "Settings/company/releasetrack",
            Body::PlannerSync => "messagecenter/GetPlannerIntegrationPreferences",
            Body::MessagePreferences => "messagecenter/GetDisplayPreferences",
            Body::HealthPreferences => "servicehealth/getDisplayPreferences",
        }
    }

    /// Says that the shape of a body is not known, and what to do instead.
    pub(super) fn unknown(self) -> String {
        format!(
            "a body of {} is not known to us; declare it instead: `levelmark declare SNAPSHOT {}`",
            self.name(),
            self.section()
        )
    }
}

/// Hosts that serve the admin centre.
const HOSTS: [&str; 3] = ["admin.cloud.microsoft", "admin.microsoft.com", "portal.office.com"];

/// Which body an address asks for; any other address of the recording is none of ours.
pub(super) fn addressed(url: &str) -> Option<Body> {
    let rest = url.strip_prefix("https://")?;
    let (host, path) = rest.split_once('/')?;
    if !HOSTS.iter().any(|known| known.eq_ignore_ascii_case(host)) {
        return None;
    }
    let (path, query) = path.split_once(['?', '#']).unwrap_or((path, ""));
    let path = path.trim_end_matches('/').to_ascii_lowercase();
    let resolved = || query.to_ascii_lowercase().contains("showresolved=true");
    match path.strip_prefix("admin/api/")? {
        "messagecenter" => Some(Body::Messages),
        "servicehealth/status/activecm" => Some(Body::Health { resolved: resolved() }),
        "settings/company/releasetrack" => Some(Body::ReleaseTrack),
        "messagecenter/getplannerintegrationpreferences" => Some(Body::PlannerSync),
        "messagecenter/getdisplaypreferences" => Some(Body::MessagePreferences),
        "servicehealth/getdisplaypreferences" => Some(Body::HealthPreferences),
        _ => None,
    }
}

/// Which body a plain file's name stands for, where its shape tells nothing.
pub(super) fn named(file: &str) -> Option<Body> {
    let stem = file.rsplit(['/', '\\']).next().unwrap_or(file).to_ascii_lowercase();
    let health = stem.contains("health");
    if stem.contains("planner") {
        Some(Body::PlannerSync)
    } else if stem.contains("displaypreferences") || stem.contains("preferences") {
        Some(if health { Body::HealthPreferences } else { Body::MessagePreferences })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_bodies_of_the_admin_centre_are_ours() {
        for (url, expected) in [
            ("https://admin.microsoft.com/admin/api/messagecenter", Some(Body::Messages)),
            ("https://admin.cloud.microsoft/admin/api/MessageCenter/?x=1", Some(Body::Messages)),
            (
                "https://admin.microsoft.com/admin/api/servicehealth/status/activeCM?showResolved=true",
                Some(Body::Health { resolved: true }),
            ),
            (
                "https://admin.microsoft.com/admin/api/servicehealth/status/activeCM",
                Some(Body::Health { resolved: false }),
            ),
            ("https://admin.microsoft.com/admin/api/Settings/company/releasetrack", Some(Body::ReleaseTrack)),
            (
                "https://admin.microsoft.com/admin/api/messagecenter/GetDisplayPreferences",
                Some(Body::MessagePreferences),
            ),
            ("https://admin.microsoft.com.evil.example/admin/api/messagecenter", None),
            ("https://evil.example/admin.microsoft.com/admin/api/messagecenter", None),
            ("http://admin.microsoft.com/admin/api/messagecenter", None),
            ("https://admin.microsoft.com/admin/api/messagecenter/configuration", None),
            ("https://admin.microsoft.com/admin/api/users/list", None),
        ] {
            assert_eq!(addressed(url), expected, "{url}");
        }
    }
}
