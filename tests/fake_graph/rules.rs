//! What is particular to a path: page sizes, what can be expanded, what comes only when selected, which
//! filter is required. Comes in: a section. Goes out: facts of the documentation. Not here: applying
//! them.

use chrono::{DateTime, TimeDelta, Utc};

use levelmark::sections::Section;

use super::filter::{Literal, Operator, Term};
use super::query::Options;
use super::refusals::Refusal;

/// How long pages are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pages {
    /// Without `$top`; 0: never more than one page.
    pub(crate) usual: usize,
    /// The largest `$top`.
    pub(crate) most: usize,
    /// Links count (`$skip`) instead of carrying a token.
    pub(crate) counted: bool,
}

/// The pages of a section.
pub(crate) fn pages(section: &str) -> Pages {
    let (usual, most) = match section {
        "logs.signIns" | "logs.directoryAudits" | "logs.provisioning" | "devices.managed" => (1000, 1000),
        "logs.messageTraces" => (1000, 5000),
        "security.incidents" => (50, 50),
        "community.communities" => (20, 20),
        "governance.accessReviews"
        | "governance.reviewInstances"
        | "messageCenter.messages"
        | "serviceHealth.issues" => (100, 100),
        "tenant.licences"
        | "tenant.domains"
        | "tenant.organization"
        | "serviceHealth.overviews"
        | "groups.settings"
        | "groups.lifecycle"
        | "roles.policies"
        | "roles.members" => (0, 999),
        _ => (100, 999),
    };
    let counted = matches!(
        section,
        "governance.accessReviews" | "messageCenter.messages" | "serviceHealth.issues" | "security.incidents"
    );
    Pages { usual, most, counted }
}

/// Properties that come only with `$expand`.
pub(crate) fn expandable(section: &str) -> &'static [&'static str] {
    match section {
        "users.accounts" => &["manager"],
        "roles.assignments" | "roles.activeAssignments" | "roles.eligibilities" => {
            &["principal", "roleDefinition"]
        }
        "roles.policies" => &["policy"],
        "governance.accessPackages" => &["catalog"],
        "planner.tasks" => &["details"],
        "serviceHealth.overviews" => &["issues"],
        "devices.compliancePolicies" | "devices.configurations" => &["assignments"],
        "groups.groups" => &["owners", "members"],
        "applications.registrations" => &["federatedIdentityCredentials", "owners"],
        _ => &[],
    }
}

/// Whether a property comes without `$select`.
pub(crate) fn by_default(section: &str, name: &str) -> bool {
    match section {
        "users.accounts" => matches!(
            name,
            "id" | "businessPhones"
                | "displayName"
                | "givenName"
                | "jobTitle"
                | "mail"
                | "mobilePhone"
                | "officeLocation"
                | "preferredLanguage"
                | "surname"
                | "userPrincipalName"
        ),
        "groups.groups" => name != "isAssignableToRole",
        "configuration.drifts" => !matches!(name, "resourceInstanceIdentifier" | "driftedProperties"),
        _ => true,
    }
}

/// Properties that Graph knows beyond our contracts.
pub(crate) fn hidden(section: &str, name: &str) -> bool {
    match section {
        "devices.apps" => name == "isAssigned",
        "users.accounts" => name == "businessPhones",
        "groups.members" => matches!(name, "displayName" | "userPrincipalName" | "userType"),
        "roles.groupEligibilities" => matches!(name, "groupId" | "principalId"),
        _ => name == "id",
    }
}

/// Mail traces are asked for in windows of at most so many days.
const TRACE_DAYS: i64 = 10;
/// And are kept for so many.
const TRACES_KEPT: i64 = 90;

/// Refuses requests that lack what the service insists on.
pub(crate) fn insist(
    section: &Section,
    options: &Options,
    today: Option<DateTime<Utc>>,
) -> Result<(), Refusal> {
    let has =
        |name: &str| options.filter.iter().any(|term| term.field == name && term.operator == Operator::Equal);
    let bad = |message: &str| Err(Refusal::BadRequest(message.to_owned()));
    match section.id {
        "roles.policies" if !(has("scopeId") && has("scopeType")) => {
            bad("The request must filter by scopeId and scopeType.")
        }
        "roles.groupEligibilities" if !(has("groupId") || has("principalId")) => {
            bad("Required parameters are missing: filter by groupId or principalId.")
        }
        "meetings.occurrences" if options.start.is_none() || options.end.is_none() => bad(
            "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.",
        ),
        "logs.messageTraces" => traces(&options.filter, today),
        _ => Ok(()),
    }
}

fn traces(filter: &[Term], today: Option<DateTime<Utc>>) -> Result<(), Refusal> {
    let bound = |operators: [Operator; 2]| {
        filter.iter().find_map(|term| match (&term.literal, term.field.as_str()) {
            (Literal::Time(time), "receivedDateTime") if operators.contains(&term.operator) => Some(*time),
            _ => None,
        })
    };
    let from = bound([Operator::AtLeast, Operator::More]);
    let to = bound([Operator::AtMost, Operator::Less]);
    if let (Some(from), Some(today)) = (from, today)
        && today - from > TimeDelta::days(TRACES_KEPT)
    {
        return Err(Refusal::BadRequest("The start date must lie within the last 90 days.".into()));
    }
    match (from, to) {
        (None, None) => Ok(()),
        (Some(from), Some(to)) if to >= from && to - from <= TimeDelta::days(TRACE_DAYS) => Ok(()),
        (Some(_), Some(_)) => {
            Err(Refusal::BadRequest("The date range must not be longer than 10 days.".into()))
        }
        _ => Err(Refusal::BadRequest("Both start and end of receivedDateTime are required.".into())),
    }
}
