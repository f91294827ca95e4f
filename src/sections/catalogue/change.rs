//! Message Center, service health, and where the work on them is planned and discussed.

use super::super::entry::{GLOBAL_US, bulk, declared, log, per, settings};
use super::super::{Each, Section, Via};

pub(super) const MEETINGS: &[Section] = &[log(
    "meetings.occurrences",
    &[
        "id",
        "groupId",
        "seriesMasterId",
        "subject",
        "start",
        "end",
        "isCancelled",
        "attendees",
        "organizer",
        "type",
    ],
    "Meetings of declared groups, as they took place",
)
// Calendars of groups are open to people alone.
.get("/groups/{id}/calendarView", "Group.Read.All")
.delegated_only()
.selected()
.query_is("startDateTime={from}&endDateTime={to}")
.over(per(Each::Param("meeting_groups"), &[("id", "groupId")]))
.sensitive("calendars of the declared groups: subjects, organisers, attendees")];

pub(super) const MESSAGE_CENTER: &[Section] = &[
    log(
        "messageCenter.messages",
        &[
            "id",
            "title",
            "category",
            "severity",
            "isMajorChange",
            "actionRequiredByDateTime",
            "services",
            "tags",
            "startDateTime",
            "endDateTime",
            "lastModifiedDateTime",
            "body",
            "details",
            "viewPoint",
        ],
        "Announcements of changes to the service",
    )
    .via(&[Via::Graph, Via::Portal])
    .get("/admin/serviceAnnouncement/messages", "ServiceMessage.Read.All")
    .query_is("$filter=lastModifiedDateTime ge {from}")
    .comes_every(14)
    .person_only(&["viewPoint"]),
    declared("messageCenter.plannerSync", "Whether and how posts are synchronised to Planner").singleton(),
    declared("messageCenter.preferences", "What each administrator chose to see and to get by mail")
        .key(&["admin.id"]),
];

/// The permission opens every plan of the tenant; only those that are declared are read.
const PLANS: &str = "the permission opens every plan of the tenant, the collector reads the declared ones";

pub(super) const PLANNER: &[Section] = &[
    settings("planner.buckets", "Columns of the declared plans")
        .get("/planner/plans/{plannerPlan-id}/buckets", "Tasks.Read.All")
        .delegated("Tasks.Read")
        .over(per(Each::Item("planner.plans"), &[]))
        .clouds(GLOBAL_US)
        .sensitive(PLANS),
    settings("planner.plans", "Declared plans of Microsoft 365 groups")
        .get("/groups/{group-id}/planner/plans", "Tasks.Read.All")
        .delegated("Tasks.Read")
        .over(per(Each::Where("groups.groups", "groupTypes", "Unified"), &[]))
        .declared_by("plans", "/planner/plans/{plannerPlan-id}")
        .clouds(GLOBAL_US)
        .sensitive(PLANS),
    bulk(
        "planner.tasks",
        &[
            "id",
            "planId",
            "bucketId",
            "title",
            "percentComplete",
            "priority",
            "createdDateTime",
            "startDateTime",
            "dueDateTime",
            "completedDateTime",
            "assignments",
            "appliedCategories",
            "details",
        ],
        "Tasks of the declared plans, with their descriptions",
    )
    .get("/planner/plans/{plannerPlan-id}/tasks", "Tasks.Read.All")
    .delegated("Tasks.Read")
    .query_is("$expand=details")
    .over(per(Each::Item("planner.plans"), &[]))
    .clouds(GLOBAL_US)
    .sensitive(PLANS),
];

pub(super) const SERVICE_HEALTH: &[Section] = &[
    log(
        "serviceHealth.issues",
        &[
            "id",
            "title",
            "service",
            "feature",
            "featureGroup",
            "classification",
            "origin",
            "status",
            "isResolved",
            "impactDescription",
            "startDateTime",
            "endDateTime",
            "lastModifiedDateTime",
            "details",
            "posts",
        ],
        "Incidents and advisories",
    )
    .via(&[Via::Graph, Via::Portal])
    .get("/admin/serviceAnnouncement/issues", "ServiceHealth.Read.All")
    .query_is("$filter=lastModifiedDateTime ge {from}")
    .comes_every(14),
    declared("serviceHealth.notifications", "Which health mails each administrator gets").key(&["admin.id"]),
    settings("serviceHealth.overviews", "State of each service, with its issues")
        .via(&[Via::Graph, Via::Portal])
        .get("/admin/serviceAnnouncement/healthOverviews", "ServiceHealth.Read.All")
        .query_is("$expand=issues"),
];
