//! Access reviews, access packages, lifecycle workflows, terms of use.

use super::super::entry::{log, per, settings};
use super::super::plans;
use super::super::{Each, Section};

pub(super) const GOVERNANCE: &[Section] = &[
    settings("governance.accessPackages", "Access packages that people can ask for")
        .get("/identityGovernance/entitlementManagement/accessPackages", "EntitlementManagement.Read.All")
        .query_is("$expand=catalog")
        .licence("P2 / Governance")
        .plans(plans::P2),
    settings("governance.accessReviews", "Access reviews: scope, reviewers, how often")
        .get("/identityGovernance/accessReviews/definitions", "AccessReview.Read.All")
        .query_is("$top=100")
        .licence("P2 / Governance")
        .plans(plans::P2),
    settings("governance.assignmentPolicies", "Who gets an access package, for how long, approved by whom")
        .get("/identityGovernance/entitlementManagement/assignmentPolicies", "EntitlementManagement.Read.All")
        .licence("P2 / Governance")
        .plans(plans::P2),
    settings("governance.lifecycleWorkflows", "What happens when people join, move and leave")
        .get("/identityGovernance/lifecycleWorkflows/workflows", "LifecycleWorkflows-Workflow.ReadBasic.All")
        .only(&["id", "displayName", "category", "isEnabled", "isSchedulingEnabled"])
        .licence("Entra ID Governance")
        .plans(plans::GOVERNANCE),
    log(
        "governance.reviewInstances",
        &["id", "definitionId", "status", "startDateTime", "endDateTime"],
        "Access reviews as they were held",
    )
    .get("/identityGovernance/accessReviews/definitions/{id}/instances", "AccessReview.Read.All")
    .over(per(Each::Item("governance.accessReviews"), &[("id", "definitionId")]))
    .licence("P2 / Governance")
    .plans(plans::P2),
    settings("governance.termsOfUse", "Terms of use that people must accept")
        .get("/identityGovernance/termsOfUse/agreements", "Agreement.Read.All")
        .delegated_only()
        .licence("P1"),
    log(
        "governance.workflowRuns",
        &[
            "id",
            "workflowId",
            "startedDateTime",
            "completedDateTime",
            "processingStatus",
            "workflowExecutionType",
            "totalUsersCount",
            "failedUsersCount",
        ],
        "Runs of lifecycle workflows",
    )
    .get("/identityGovernance/lifecycleWorkflows/workflows/{id}/runs", "LifecycleWorkflows-Reports.Read.All")
    .over(per(Each::Item("governance.lifecycleWorkflows"), &[("id", "workflowId")]))
    .licence("Entra ID Governance")
    .plans(plans::GOVERNANCE),
];
