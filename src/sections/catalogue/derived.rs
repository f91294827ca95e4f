//! Derived sections: joins that paths can't say, computed when evaluated.

use super::super::Section;
use super::super::entry::derived;

pub(super) const DERIVED: &[Section] = &[
    derived(
        "derived.accessPolicies",
        &["conditionalAccess.policies", "groups.members"],
        "Conditional access policies: whom and what they cover, what they demand, who is left out",
    ),
    derived(
        "derived.citations",
        &["planner.tasks", "registers.communications", "registers.tickets"],
        "Message and issue ids that tasks, notices and tickets cite",
    ),
    derived(
        "derived.issues",
        &[
            "serviceHealth.issues",
            "planner.tasks",
            "registers.triage",
            "registers.communications",
            "registers.tickets",
        ],
        "Service health issues with their timeline",
    ),
    derived(
        "derived.messages",
        &["messageCenter.messages", "planner.tasks", "registers.triage", "registers.communications"],
        "Message Center posts with their timeline",
    ),
    derived(
        "derived.roleHolders",
        &[
            "roles.definitions",
            "roles.assignments",
            "roles.activeAssignments",
            "roles.eligibilities",
            "groups.members",
        ],
        "Who holds which role, how, through which group, until when",
    ),
];
