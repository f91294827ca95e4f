//! The rules that are built in: what differs every day in a tenant that nobody touched. Comes in: nothing.
//! Goes out: rules with their reasons, and the property by which entries of a log age. Not here:
//! applying them (`noise`).
//!
//! Every section of the catalogue was gone through. Those that have no rule here are configuration or
//! inventory: every difference counts. What is left out is (1) entries that come, and that leave by age;
//! (2) what the service itself or daily work writes into an entry; (3) counters and times of last use.
//! A rule leaves out a property that says nothing of the configuration, never one that a person sets
//! there: the times of the last modification of a policy stay, since they tell of a change that was undone.

use std::borrow::Cow;

use crate::config::drift::Scope;
use crate::config::pattern::Pattern;

use super::noise::{On, Rule, Source};

/// How an answer was delivered, not what it says.
pub(super) const DELIVERY: [&str; 4] = ["@odata.context", "@odata.etag", "@odata.nextLink", "@odata.count"];

/// A row of the table: sections, kinds of difference, paths, why.
type Row = (&'static [&'static str], &'static [K], &'static [&'static str], &'static str);

/// Kinds of difference, as the table writes them.
#[derive(Debug, Clone, Copy)]
enum K {
    Added,
    Gone,
    Changed,
}

use K::{Added, Changed, Gone};

/// All properties.
const ALL: &[&str] = &[""];

#[rustfmt::skip] // a table
const TABLE: &[Row] = &[
    // Everywhere.
    (&["*"], &[Changed], &["/**/@odata.context", "/**/@odata.etag", "/**/@odata.nextLink", "/**/@odata.count"],
        "how the answer was delivered, not what it says"),
    (&["*"], &[Changed], &["/**/onPremisesLastSyncDateTime"], "the directory synchronises every half hour"),
    (&["*"], &[Changed], &["/**/approximateLastSignInDateTime"], "time of last use"),
    // Applications.
    (&["applications.provisioningJobs"], &[Changed], &[
        "/status/countSuccessiveCompleteFailures", "/status/lastExecution", "/status/lastSuccessfulExecution",
        "/status/lastSuccessfulExecutionWithExports", "/status/progress", "/status/steadyStateFirstAchievedTime",
        "/status/steadyStateLastAchievedTime", "/status/synchronizedEntryCountByType"],
        "each run writes its times and counts; code and quarantine stay"),
    // Backup.
    (&["backup.policies"], &[Changed], &["/protectionPolicyArtifactCount"], "a counter; backup.units lists what is protected"),
    (&["backup.restores"], &[Added], ALL, "restores are activity"),
    (&["backup.restores"], &[Changed], &[
        "/status", "/completedDateTime", "/error", "/lastModifiedBy", "/lastModifiedDateTime", "/restoreSessionArtifactCount"],
        "a restore goes on after it was seen"),
    // Communities.
    (&["community.teams"], &[Changed], &["/summary"], "counters of members"),
    // Drift monitors of the tenant itself: an active drift is a finding, their runs are activity.
    (&["configuration.results"], &[Added], ALL, "runs of monitors are activity"),
    (&["configuration.results"], &[Changed], &["/runStatus", "/runCompletionDateTime", "/driftsCount", "/errorDetails"],
        "a run goes on after it was seen"),
    // Content.
    (&["content.sites"], &[Changed], &["/lastModifiedDateTime", "/lastModifiedBy"], "people work on their sites"),
    (&["content.storageUsage", "usage.activeUsers", "usage.appUsers"], &[Added, Changed], ALL,
        "a report of use, day by day, corrected by the service afterwards"),
    // Devices.
    (&["devices.autopilot"], &[Changed], &["/lastContactedDateTime"], "time of last use"),
    (&["devices.directory"], &[Changed], &["/operatingSystemVersion"], "devices install updates by themselves"),
    (&["devices.directory"], &[Changed], &["/complianceExpirationDateTime"], "moves on with each report of the device"),
    (&["devices.managed"], &[Changed], &["/osVersion", "/androidSecurityPatchLevel"], "devices install updates by themselves"),
    (&["devices.managed"], &[Changed], &[
        "/lastSyncDateTime", "/exchangeLastSuccessfulSyncDateTime", "/freeStorageSpaceInBytes",
        "/complianceGracePeriodExpirationDateTime", "/deviceActionResults",
        "/deviceHealthAttestationState/issuedDateTime", "/deviceHealthAttestationState/lastUpdateDateTime"],
        "each device reports several times a day"),
    (&["devices.overview"], &[Changed], ALL, "counters; devices.managed lists the devices"),
    // Governance.
    (&["governance.accessReviews"], &[Changed], &["/status"], "follows the calendar of the review"),
    (&["governance.lifecycleWorkflows"], &[Changed], &["/nextScheduleRunDateTime"], "moves on with each run"),
    (&["governance.reviewInstances"], &[Added], ALL, "reviews are held as their calendar says"),
    (&["governance.reviewInstances"], &[Changed], &["/status", "/endDateTime"], "a review goes on after it was seen"),
    (&["governance.workflowRuns"], &[Added, Changed], ALL, "runs of workflows are activity"),
    // Groups.
    (&["groups.groups"], &[Changed], &["/renewedDateTime", "/expirationDateTime"], "groups in use are renewed by themselves"),
    (&["groups.groups"], &[Changed], &["/unseenConversationsCount", "/unseenCount", "/unseenMessagesCount"], "counters of unread mail"),
    (&["groups.groups"], &[Changed], &["/licenseProcessingState"], "passes by while licences are assigned"),
    // Logs: an entry that changes after the fact counts, apart from what services add later on.
    (&["logs.directoryAudits", "logs.messageTraces", "logs.provisioning", "logs.signIns"], &[Added], ALL, "entries of a log"),
    (&["logs.messageTraces"], &[Changed], &["/status"], "mail is delivered after it was seen"),
    (&["logs.signIns"], &[Changed], &[
        "/riskDetail", "/riskState", "/riskLevelAggregated", "/riskLevelDuringSignIn", "/riskEventTypes", "/riskEventTypes_v2"],
        "risk is assessed after the sign-in"),
    (&["meetings.occurrences"], &[Added], ALL, "meetings are activity"),
    (&["meetings.occurrences"], &[Changed], &["/attendees/status", "/lastModifiedDateTime"], "people answer invitations"),
    // Microsoft's own announcements and incidents.
    (&["messageCenter.messages", "serviceHealth.issues"], &[Added, Gone, Changed], ALL, "Microsoft's announcements, not this tenant's configuration"),
    (&["serviceHealth.overviews"], &[Changed], &["/status", "/issues"], "the state of Microsoft's services"),
    // Work.
    (&["planner.tasks"], &[Added, Gone, Changed], ALL, "work on tasks"),
    (&["planner.buckets"], &[Changed], &["/orderHint"], "where a column stands on the board"),
    (&["registers.communications", "registers.requests", "registers.tickets", "registers.trainings", "registers.triage"],
        &[Added, Changed], ALL, "a register of work that goes on; an entry that is gone counts"),
    (&["registers.deployments", "registers.meetings", "registers.recoveryTests"], &[Added], ALL,
        "a register of what happened; an entry that is gone or altered counts"),
    (&["registers.sources"], &[Changed], &["/lastReviewedAt"], "time of last use"),
    (&["registers.tools"], &[Changed], &["/lastUsedAt"], "time of last use"),
    (&["registers.toolResults"], &[Changed], &["/at"], "when the tool ran; its result stays"),
    // Roles.
    (&["roles.alerts"], &[Changed], &["/lastScannedDateTime"], "the service scans every day"),
    // Security.
    (&["security.incidents"], &[Added, Gone, Changed], ALL, "incidents are activity, merged and closed by those who work on them"),
    (&["security.recommendations"], &[Changed], &[
        "/lastCheckedDateTime", "/lastModifiedDateTime", "/lastModifiedBy", "/currentScore", "/impactStartDateTime"],
        "the service checks every day; the status stays"),
    (&["security.scoreControls"], &[Changed], &["/rank"], "Microsoft weighs its controls anew"),
    (&["security.secureScores"], &[Added], ALL, "a score a day"),
    // Tenant.
    (&["tenant.licences"], &[Changed], &["/consumedUnits"], "a counter; users.accounts says who has which licence"),
    // Training.
    (&["training.simulations"], &[Changed], &["/report", "/status", "/completionDateTime"], "a simulation goes on after it was seen"),
    (&["training.userCoverage"], &[Added, Gone, Changed], ALL, "what people did in training"),
    // Users.
    (&["users.accounts"], &[Changed], &["/signInActivity"], "time of last use"),
    (&["users.accounts"], &[Changed], &["/licenseAssignmentStates/lastUpdatedDateTime"], "written whenever licences are processed"),
    (&["users.registration"], &[Changed], &["/lastUpdatedDateTime"], "the report is computed anew every day"),
];

/// Activated roles end by themselves: kind of difference, then which items.
const ACTIVATIONS: [K; 2] = [Added, Gone];
const ACTIVATED: (&str, &str) = ("assignmentType", "Activated");
const ACTIVATION: &str = "an activation ends by itself; who may activate a role, and how, stands in roles.eligibilities and roles.policies";

/// The property by which entries of a log age: what is older than the window of a snapshot is not gone.
const AGES: &[(&str, &str)] = &[
    ("backup.restores", "createdDateTime"),
    ("configuration.results", "runInitiationDateTime"),
    ("content.storageUsage", "reportDate"),
    ("governance.reviewInstances", "startDateTime"),
    ("governance.workflowRuns", "startedDateTime"),
    ("logs.directoryAudits", "activityDateTime"),
    ("logs.messageTraces", "receivedDateTime"),
    ("logs.provisioning", "activityDateTime"),
    ("logs.signIns", "createdDateTime"),
    ("meetings.occurrences", "start.dateTime"),
    ("messageCenter.messages", "lastModifiedDateTime"),
    ("security.incidents", "createdDateTime"),
    ("security.secureScores", "createdDateTime"),
    ("serviceHealth.issues", "lastModifiedDateTime"),
    ("usage.activeUsers", "reportDate"),
    ("usage.appUsers", "reportDate"),
];

/// The property by which a section's entries age.
pub(super) fn age_of(section: &str) -> Option<&'static str> {
    AGES.iter().find(|(id, _)| *id == section).map(|(_, path)| *path)
}

/// All rules that are built in; those for every section that say least come last.
pub(super) fn rules(foreign: bool) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (sections, kinds, paths, reason) in TABLE {
        for section in *sections {
            for kind in *kinds {
                let paths = if matches!(kind, Changed) { paths } else { ALL };
                rules.extend(paths.iter().map(|path| rule(section, *kind, path, reason)));
            }
        }
    }
    for kind in ACTIVATIONS {
        rules.push(Rule { when: Some(ACTIVATED), ..rule("roles.activeAssignments", kind, "", ACTIVATION) });
    }
    if foreign {
        rules.push(rule("*", Changed, "/id", "each tenant gives its own ids"));
    }
    let everywhere = |on, reason| Rule { on, ..rule("*", Changed, "", reason) };
    rules.push(everywhere(On::AgedOut, "older than the window that the snapshot was asked for"));
    rules.push(everywhere(On::Order, "the order of a set means nothing"));
    rules
}

fn rule(section: &str, kind: K, path: &str, reason: &'static str) -> Rule {
    Rule {
        scope: if section == "*" { Scope::Every } else { Scope::One(section.to_owned()) },
        on: match kind {
            Added => On::Added,
            Gone => On::Gone,
            Changed => On::Property,
        },
        // A test reads all of them; a path that is none would cover nothing but the whole item's root.
        path: Pattern::parse(path).unwrap_or_default(),
        key: None,
        when: None,
        reason: Cow::Borrowed(reason),
        source: Source::BuiltIn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::contract::{Resolved, Type};
    use crate::sections::{self, Kind};

    #[test]
    fn every_rule_is_about_something_that_exists() {
        for (ids, _, paths, reason) in TABLE {
            assert!(!reason.is_empty());
            for id in ids.iter().filter(|id| **id != "*") {
                let section = sections::find(id).unwrap_or_else(|| panic!("{id}"));
                for path in *paths {
                    let pattern = Pattern::parse(path).unwrap();
                    let found = section.contract().resolve(&pattern.head());
                    assert!(!matches!(found, Resolved::Unknown { .. }), "{id}{path}");
                }
            }
        }
    }

    #[test]
    fn what_ages_is_a_time_in_a_log() {
        for (id, path) in AGES {
            let section = sections::find(id).unwrap();
            assert_eq!(section.kind, Kind::Log, "{id}");
            let names: Vec<&str> = path.split('.').collect();
            let found = section.contract().resolve(&names);
            let is_time = matches!(
                found,
                Resolved::Known(Type::Timestamp | Type::Date | Type::String) | Resolved::Open
            );
            assert!(is_time, "{id} {path} {found:?}");
        }
    }

    /// A new log is activity, or somebody says here why it is not.
    #[test]
    fn every_log_was_decided_upon() {
        const CONFIGURATION: [&str; 1] = ["configuration.drifts"];
        for section in sections::all().filter(|section| section.kind == Kind::Log) {
            let activity = TABLE.iter().any(|(ids, kinds, ..)| {
                ids.contains(&section.id) && kinds.iter().any(|kind| matches!(kind, Added))
            });
            assert_ne!(activity, CONFIGURATION.contains(&section.id), "{}", section.id);
        }
    }
}
