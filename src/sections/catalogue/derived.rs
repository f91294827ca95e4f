//! Derived sections: joins that paths can't say, computed when evaluated.

use super::super::Section;
use super::super::entry::derived;

pub(super) const DERIVED: &[Section] = &[
    derived(
        "derived.accessPolicies",
        &[
            "conditionalAccess.policies",
            "conditionalAccess.authenticationStrengths",
            "groups.members",
            "roles.assignments",
        ],
        "Conditional access policies: whom and what they cover, what they demand, who is left out",
    ),
    derived(
        "derived.citations",
        &[
            "planner.tasks",
            "registers.triage",
            "registers.communications",
            "registers.tickets",
            "registers.meetings",
        ],
        "Message and issue ids that tasks, notices, tickets and meetings cite",
    ),
    derived(
        "derived.issues",
        &["serviceHealth.issues", "registers.triage", "registers.communications", "registers.tickets"],
        "Service health issues with their timeline",
    ),
    derived(
        "derived.messages",
        &["messageCenter.messages", "registers.triage", "registers.communications", "planner.tasks"],
        "Message Center posts with their timeline",
    ),
    derived(
        "derived.roleHolders",
        &[
            "roles.assignments",
            "roles.definitions",
            "roles.activeAssignments",
            "roles.eligibilities",
            "roles.groupEligibilities",
            "groups.members",
            "users.accounts",
        ],
        "Who holds which role, how, through which group, until when",
    ),
];
