//! Content, backup, communities and usage.

use super::super::Section;
use super::super::entry::{GLOBAL, GLOBAL_US, bulk, log, settings};

pub(super) const BACKUP: &[Section] = &[
    settings("backup.policies", "What Microsoft 365 Backup protects, and for how long")
        .get("/solutions/backupRestore/protectionPolicies", "BackupRestore-Configuration.Read.All")
        .licence("M365 Backup")
        .clouds(GLOBAL),
    log(
        "backup.restores",
        &["@odata.type", "id", "status", "restoreJobType", "createdDateTime", "completedDateTime", "error"],
        "Restores from Microsoft 365 Backup",
    )
    .get("/solutions/backupRestore/restoreSessions", "BackupRestore-Restore.Read.All")
    .licence("M365 Backup")
    .clouds(GLOBAL),
    settings("backup.status", "Whether Microsoft 365 Backup is on")
        .singleton()
        .get("/solutions/backupRestore", "BackupRestore-Control.Read.All")
        .licence("M365 Backup (PAYG)")
        .clouds(GLOBAL),
    bulk(
        "backup.units",
        &["@odata.type", "id", "policyId", "status", "error", "directoryObjectId", "siteId", "driveId"],
        "Mailboxes, sites and drives under protection",
    )
    .get("/solutions/backupRestore/protectionUnits", "BackupRestore-Configuration.Read.All")
    .licence("M365 Backup")
    .clouds(GLOBAL),
];

pub(super) const COMMUNITY: &[Section] = &[
    settings("community.communities", "Viva Engage communities")
        .get("/employeeExperience/communities", "Community.Read.All")
        .licence("Viva Engage")
        .clouds(GLOBAL),
    bulk("community.teams", &["id", "displayName", "visibility"], "Teams")
        .get("/teams", "Team.ReadBasic.All")
        .selected()
        .licence("Teams"),
];

pub(super) const CONTENT: &[Section] = &[
    settings("content.retentionLabels", "Retention labels")
        .get("/security/labels/retentionLabels", "RecordsManagement.Read.All")
        .delegated_only()
        .licence("E3/E5")
        .clouds(GLOBAL_US),
    settings("content.sensitivityLabels", "Sensitivity labels")
        .get("/security/dataSecurityAndGovernance/sensitivityLabels", "SensitivityLabel.Read")
        .licence("AIP/E3+")
        .clouds(GLOBAL),
    settings("content.sharepoint", "SharePoint and OneDrive: sharing, sites, storage")
        .singleton()
        .get("/admin/sharepoint/settings", "SharePointTenantSettings.Read.All")
        .licence("SPO"),
    bulk("content.sites", &["id", "webUrl", "createdDateTime", "isPersonalSite"], "SharePoint sites")
        .get("/sites/getAllSites()", "Sites.Read.All")
        .delegated("")
        .selected()
        .licence("SPO")
        .sensitive("the address of every site, personal ones too"),
    log(
        "content.storageUsage",
        &["reportRefreshDate", "siteType", "storageUsedInBytes", "reportDate"],
        "Storage in use, day by day",
    )
    .key(&["reportDate"])
    .get("/reports/getSharePointSiteUsageStorage(period='D90')", "Reports.Read.All")
    .report()
    .clouds(GLOBAL),
];

pub(super) const USAGE: &[Section] = &[
    log(
        "usage.activeUsers",
        &[
            "reportRefreshDate",
            "reportDate",
            "office365",
            "exchange",
            "oneDrive",
            "sharePoint",
            "yammer",
            "teams",
        ],
        "How many people used each service, day by day",
    )
    .key(&["reportDate"])
    .get("/reports/getOffice365ActiveUserCounts(period='D30')", "Reports.Read.All")
    .report()
    .clouds(GLOBAL),
    log(
        "usage.appUsers",
        &["reportRefreshDate", "reportDate", "outlook", "word", "excel", "powerPoint", "oneNote", "teams"],
        "How many people used each app, day by day",
    )
    .key(&["reportDate"])
    .get("/reports/getM365AppUserCounts(period='D30')", "Reports.Read.All")
    .report()
    .clouds(GLOBAL),
    settings("usage.reportSettings", "Whether reports hide names")
        .singleton()
        .get("/admin/reportSettings", "ReportSettings.Read.All")
        .clouds(GLOBAL),
];
