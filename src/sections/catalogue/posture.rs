//! Security posture, training, drift monitors and audit logs.

use super::super::entry::{GLOBAL, GLOBAL_US, bulk, log, per, settings};
use super::super::plans;
use super::super::{Each, FieldNeed, Section};

pub(super) const CONFIGURATION: &[Section] = &[
    log(
        "configuration.drifts",
        &[
            "id",
            "monitorId",
            "resourceType",
            "baselineResourceDisplayName",
            "status",
            "firstReportedDateTime",
            "resourceInstanceIdentifier",
            "driftedProperties",
        ],
        "Settings that moved away from a monitored baseline",
    )
    .get("/admin/configurationManagement/configurationDrifts", "ConfigurationMonitoring.Read.All")
    .selected()
    .query_is("$filter=status eq 'active'")
    .licence("needs UTCM SP")
    .clouds(GLOBAL),
    settings("configuration.monitors", "Monitors that compare the tenant with a baseline")
        .get("/admin/configurationManagement/configurationMonitors", "ConfigurationMonitoring.Read.All")
        .query_is("$top=999")
        .licence("needs UTCM SP")
        .clouds(GLOBAL),
    log(
        "configuration.results",
        &["id", "monitorId", "runStatus", "driftsCount", "runInitiationDateTime", "runCompletionDateTime"],
        "Runs of the monitors",
    )
    .get("/admin/configurationManagement/configurationMonitoringResults", "ConfigurationMonitoring.Read.All")
    .licence("needs UTCM SP")
    .clouds(GLOBAL),
];

pub(super) const LOGS: &[Section] = &[
    log(
        "logs.directoryAudits",
        &[
            "id",
            "activityDateTime",
            "activityDisplayName",
            "category",
            "operationType",
            "result",
            "resultReason",
            "initiatedBy",
            "targetResources",
        ],
        "Changes in the directory: what, by whom",
    )
    .get("/auditLogs/directoryAudits", "AuditLog.Read.All")
    .query_is("$filter=activityDateTime ge {from}")
    .keeps(30, 7)
    .licence("P1 (free: 7 days)"),
    log(
        "logs.messageTraces",
        &["id", "senderAddress", "recipientAddress", "subject", "receivedDateTime", "status"],
        "Who received the mails of Message Center and service health",
    )
    .get("/admin/exchange/tracing/messageTraces", "ExchangeMessageTrace.Read.All")
    .query_is(
        "$filter=senderAddress eq 'o365mc@microsoft.com' and receivedDateTime ge {from} and receivedDateTime le {to}",
    )
    .window(10, 90)
    .licence("EXO")
    .clouds(GLOBAL)
    .sensitive("mail metadata: who received which mail when"),
    log(
        "logs.provisioning",
        &[
            "id",
            "activityDateTime",
            "provisioningAction",
            "provisioningStatusInfo",
            "servicePrincipal",
            "sourceIdentity",
            "targetIdentity",
        ],
        "What provisioning did",
    )
    .get("/auditLogs/provisioning", "AuditLog.Read.All Directory.Read.All")
    .delegated("ProvisioningLog.Read.All")
    .query_is("$filter=activityDateTime ge {from}")
    .keeps(30, 0)
    .licence("P1")
    .plans(plans::P1),
    log(
        "logs.signIns",
        &[
            "id",
            "createdDateTime",
            "userId",
            "userPrincipalName",
            "appId",
            "appDisplayName",
            "clientAppUsed",
            "conditionalAccessStatus",
            "isInteractive",
            "status",
            "appliedConditionalAccessPolicies",
        ],
        "Sign-ins of the emergency accounts",
    )
    .get("/auditLogs/signIns", "AuditLog.Read.All")
    .query_is("$filter=createdDateTime ge {from} and userId eq '{id}'&$top=1000")
    .over(per(Each::Param("break_glass"), &[]))
    .keeps(30, 0)
    .field_needs(&[FieldNeed {
        field: "appliedConditionalAccessPolicies",
        permission: "Policy.Read.All",
        plans: &[],
    }])
    .licence("P1")
    .plans(plans::P1),
];

pub(super) const SECURITY: &[Section] = &[
    log(
        "security.incidents",
        &[
            "id",
            "displayName",
            "severity",
            "status",
            "assignedTo",
            "classification",
            "determination",
            "createdDateTime",
            "lastUpdateDateTime",
        ],
        "Security incidents and who works on them",
    )
    .get("/security/incidents", "SecurityIncident.Read.All")
    .query_is("$filter=createdDateTime ge {from}&$top=50")
    .keeps(180, 0)
    .licence("Defender")
    .clouds(GLOBAL_US),
    settings("security.recommendations", "What Entra recommends to improve")
        .get("/directory/recommendations", "DirectoryRecommendations.Read.All")
        .beta()
        .licence("P1/P2")
        .clouds(GLOBAL),
    settings("security.scoreControls", "Controls behind the secure score, and what was decided on each")
        .get("/security/secureScoreControlProfiles", "SecurityEvents.Read.All")
        .clouds(GLOBAL_US),
    log(
        "security.secureScores",
        &[
            "id",
            "createdDateTime",
            "currentScore",
            "maxScore",
            "controlScores",
            "averageComparativeScores",
            "enabledServices",
            "licensedUserCount",
            "activeUserCount",
        ],
        "Secure score, day by day",
    )
    .get("/security/secureScores", "SecurityEvents.Read.All")
    .query_is("$top=90")
    .clouds(GLOBAL_US),
];

pub(super) const TRAINING: &[Section] = &[
    settings("training.learningProviders", "Learning systems connected to Viva Learning")
        .get("/employeeExperience/learningProviders", "LearningProvider.Read")
        .delegated_only()
        .licence("Viva Learning")
        .clouds(GLOBAL),
    settings("training.simulations", "Attack simulations")
        .get("/security/attackSimulation/simulations", "AttackSimulation.Read.All")
        .licence("Defender O365 P2")
        .plans(plans::DEFENDER_P2)
        .clouds(GLOBAL),
    settings("training.trainings", "Trainings of attack simulation")
        .get("/security/attackSimulation/trainings", "AttackSimulation.Read.All")
        .licence("Defender O365 P2")
        .plans(plans::DEFENDER_P2)
        .clouds(GLOBAL),
    bulk(
        "training.userCoverage",
        &["attackSimulationUser", "userTrainings"],
        "Which trainings each user was given and completed",
    )
    .key(&["attackSimulationUser.userId"])
    .get("/reports/security/getAttackSimulationTrainingUserCoverage()", "AttackSimulation.Read.All")
    .licence("Defender O365 P2")
    .plans(plans::DEFENDER_P2)
    .clouds(GLOBAL)
    .sensitive("names of people, and what they did in training"),
];
