//! Items of the synthetic tenant in Graph's shapes. Comes in: the number of an item and chance.
//! Goes out: one JSON object. What a rule looks for occurs in a few of a hundred items, as in a
//! tenant that is neither perfect nor hopeless.

use crate::random::{Random, id};
use crate::tenant::Sizes;

const USERS: u64 = 1;
const GROUPS: u64 = 2;
const ROLES: u64 = 3;
const RARE: &[&str] = &["retirement", "retiring", "PowerShell", "root cause", "postpone", "GDAP"];
const SERVICES: &[&str] = &[
    "Microsoft Teams",
    "Exchange Online",
    "SharePoint Online",
    "OneDrive for Business",
    "Microsoft Intune",
    "Microsoft Entra",
];
const COUNTRIES: &[&str] = &["DE", "AT", "CH", "US", "FR", "NL"];
const DEPARTMENTS: &[&str] = &["Sales", "Finance", "Operations", "Research", "Human Resources", "IT"];
const METHODS: &[&str] =
    &["mobilePhone", "microsoftAuthenticatorPush", "fido2", "softwareOneTimePasscode", "email"];

fn of_user(sizes: &Sizes, random: &mut Random) -> String {
    id(USERS, random.below(sizes.users), sizes.users)
}

fn list(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<_>>().join(","))
}

fn quoted(value: &str) -> String {
    format!("\"{value}\"")
}

/// A string, or null in so many of a hundred cases.
fn sometimes(random: &mut Random, null: usize, value: String) -> String {
    if random.percent(null) { "null".to_owned() } else { quoted(&value) }
}

pub fn user(n: usize, sizes: &Sizes, r: &mut Random) -> String {
    let (guest, enabled, domain) =
        (r.percent(12), !r.percent(9), if r.percent(3) { "contoso.onmicrosoft.com" } else { "contoso.com" });
    let licences = r.below(5);
    let licence = |r: &mut Random| {
        let plans = r.below(4);
        format!(
            r#"{{"disabledPlans":{},"skuId":"{}"}}"#,
            list((0..plans).map(|_| quoted(&r.guid()))),
            r.guid()
        )
    };
    let state = |r: &mut Random| {
        let state = if r.percent(2) { "Error" } else { "Active" };
        format!(
            r#"{{"assignedByGroup":"{}","disabledPlans":[],"error":"None","lastUpdatedDateTime":"{}","skuId":"{}","state":"{state}"}}"#,
            r.guid(),
            r.date(),
            r.guid()
        )
    };
    let country = r.pick(COUNTRIES);
    let usage = if r.percent(4) { "US" } else { country };
    let department = r.pick(DEPARTMENTS).to_owned();
    let manager = if r.percent(15) {
        "null".to_owned()
    } else {
        format!(r##"{{"@odata.type":"#microsoft.graph.user","id":"{}"}}"##, of_user(sizes, r))
    };
    format!(
        r#"{{"id":"{}","accountEnabled":{enabled},"assignedLicenses":{},"businessPhones":["+49 30 {:07}"],"city":"Berlin","companyName":"Contoso","country":"{country}","createdDateTime":"{}","department":{},"displayName":"Person {n}","employeeId":"{n:06}","employeeType":"Employee","externalUserState":{},"givenName":"Person","jobTitle":"Specialist","licenseAssignmentStates":{},"mail":"person{n}@contoso.com","mailNickname":"person{n}","manager":{manager},"officeLocation":"Berlin {}","onPremisesSyncEnabled":{},"preferredLanguage":"de-DE","proxyAddresses":["SMTP:person{n}@contoso.com","smtp:person{n}@contoso.onmicrosoft.com"],"signInActivity":{{"lastNonInteractiveSignInDateTime":"{}","lastSignInDateTime":"{}","lastSuccessfulSignInDateTime":"{}"}},"surname":"Number {n}","usageLocation":"{usage}","userPrincipalName":"person{n}@{domain}","userType":"{}"}}"#,
        id(USERS, n, sizes.users),
        list((0..licences).map(|_| licence(r))),
        r.below(10_000_000),
        r.date(),
        sometimes(r, 6, department),
        if guest {
            quoted(if r.percent(20) { "PendingAcceptance" } else { "Accepted" })
        } else {
            "null".to_owned()
        },
        list((0..licences).map(|_| state(r))),
        r.below(900),
        if r.percent(60) { "true" } else { "null" },
        r.date(),
        r.date(),
        r.date(),
        if guest { "Guest" } else { "Member" },
    )
}

pub fn registration(n: usize, sizes: &Sizes, r: &mut Random) -> String {
    let methods: Vec<&str> = METHODS.iter().copied().filter(|_| r.percent(35)).collect();
    let registered = !methods.is_empty();
    format!(
        r#"{{"id":"{}","isAdmin":{},"isMfaCapable":{registered},"isMfaRegistered":{registered},"isPasswordlessCapable":{},"isSsprCapable":{registered},"isSsprEnabled":true,"isSsprRegistered":{},"isSystemPreferredAuthenticationMethodEnabled":true,"lastUpdatedDateTime":"{}","methodsRegistered":{},"systemPreferredAuthenticationMethods":["PhoneAppNotification"],"userDisplayName":"Person {n}","userPreferredMethodForSecondaryAuthentication":"push","userPrincipalName":"person{n}@contoso.com","userType":"{}"}}"#,
        id(USERS, n, sizes.own),
        r.percent(3),
        r.percent(30),
        r.percent(80),
        r.date(),
        list(methods.iter().map(|m| quoted(m))),
        if r.percent(12) { "guest" } else { "member" },
    )
}

pub fn group(n: usize, sizes: &Sizes, r: &mut Random) -> String {
    let (unified, dynamic) = (r.percent(60), r.percent(15));
    let types = [("Unified", unified), ("DynamicMembership", dynamic)];
    let types = list(types.iter().filter(|(_, is)| *is).map(|(name, _)| quoted(name)));
    let rule = if r.percent(50) {
        "(user.department -eq \\\"Sales\\\") and (user.accountEnabled -eq true)"
    } else {
        "(user.country -eq \\\"DE\\\")"
    };
    let owners = r.below(4);
    let owner = |r: &mut Random| {
        format!(r##"{{"@odata.type":"#microsoft.graph.user","id":"{}"}}"##, of_user(sizes, r))
    };
    format!(
        r#"{{"id":"{}","assignedLabels":{},"classification":null,"createdDateTime":"{}","description":"{}","displayName":"Group {n}","expirationDateTime":null,"groupTypes":{types},"isAssignableToRole":{},"mail":"group{n}@contoso.com","mailEnabled":{unified},"mailNickname":"group{n}","membershipRule":{},"membershipRuleProcessingState":{},"owners":{},"proxyAddresses":["SMTP:group{n}@contoso.com"],"renewedDateTime":"{}","resourceProvisioningOptions":{},"securityEnabled":{},"securityIdentifier":"S-1-12-1-{}-{}-{}-{}","visibility":"{}"}}"#,
        id(GROUPS, n, sizes.groups),
        if r.percent(70) {
            format!(r#"[{{"displayName":"Internal","labelId":"{}"}}]"#, r.guid())
        } else {
            "[]".to_owned()
        },
        r.date(),
        r.prose(25, RARE),
        if r.percent(2) { "true" } else { "null" },
        if dynamic { quoted(rule) } else { "null".to_owned() },
        if dynamic { "\"On\"" } else { "null" },
        list((0..owners).map(|_| owner(r))),
        r.date(),
        if unified && r.percent(50) { "[\"Team\"]" } else { "[]" },
        !unified,
        r.below(1 << 31),
        r.below(1 << 31),
        r.below(1 << 31),
        r.below(1 << 31),
        if r.percent(20) { "Public" } else { "Private" },
    )
}

pub fn member(n: usize, sizes: &Sizes, r: &mut Random) -> String {
    let group = id(GROUPS, n * sizes.groups / sizes.own, sizes.groups);
    let kind = if r.percent(4) { "servicePrincipal" } else { "user" };
    format!(
        r##"{{"@odata.type":"#microsoft.graph.{kind}","accountEnabled":{},"groupId":"{group}","id":"{}"}}"##,
        !r.percent(7),
        id(USERS, n % sizes.users, sizes.users), // neighbours differ: nobody is in a group twice
    )
}

fn principal(user: &str, r: &mut Random) -> String {
    let kind = if r.percent(10) { "Guest" } else { "Member" };
    format!(
        r##"{{"@odata.type":"#microsoft.graph.user","accountEnabled":true,"displayName":"Admin","id":"{user}","mail":null,"userPrincipalName":"admin@contoso.com","userType":"{kind}"}}"##
    )
}

fn grant(n: usize, sizes: &Sizes, r: &mut Random, more: &str) -> String {
    let user = of_user(sizes, r);
    let role = id(ROLES, r.below(sizes.roles), sizes.roles);
    format!(
        r#"{{"id":"assignment-{n:08}","appScopeId":null,"directoryScopeId":"/","principal":{},"principalId":"{user}","roleDefinitionId":"{role}"{more}}}"#,
        principal(&user, r),
    )
}

pub fn assignment(n: usize, sizes: &Sizes, r: &mut Random) -> String {
    grant(n, sizes, r, "")
}

pub fn active_assignment(n: usize, sizes: &Sizes, r: &mut Random) -> String {
    let kind = if r.percent(70) { "Assigned" } else { "Activated" };
    let end = r.future();
    let more = format!(
        r#","assignmentType":"{kind}","endDateTime":{},"memberType":"Direct","roleAssignmentOriginId":"{}","roleAssignmentScheduleId":"{}","startDateTime":"{}""#,
        sometimes(r, 60, end),
        r.guid(),
        r.guid(),
        r.date(),
    );
    grant(n, sizes, r, &more)
}

pub fn eligibility(n: usize, sizes: &Sizes, r: &mut Random) -> String {
    let end = r.future();
    let more = format!(
        r#","endDateTime":{},"memberType":"Direct","roleEligibilityScheduleId":"{}","startDateTime":"{}""#,
        sometimes(r, 30, end),
        r.guid(),
        r.date(),
    );
    grant(n, sizes, r, &more)
}

pub fn role(n: usize, sizes: &Sizes, r: &mut Random) -> String {
    let own = id(ROLES, n, sizes.own);
    let actions = [
        "users/password/update",
        "applications/credentials/update",
        "groups/members/read",
        "policies/basic/update",
    ];
    let actions = list((0..8).map(|_| format!("\"microsoft.directory/{}\"", r.pick(&actions))));
    format!(
        r#"{{"id":"{own}","description":"{}","displayName":"Role {n}","isBuiltIn":{},"isEnabled":true,"rolePermissions":[{{"allowedResourceActions":{actions},"condition":null}}],"templateId":"{own}","version":"1"}}"#,
        r.prose(20, RARE),
        r.percent(80),
    )
}

pub fn access_policy(n: usize, sizes: &Sizes, r: &mut Random) -> String {
    let state = r.pick(&["enabled", "enabled", "enabled", "disabled", "enabledForReportingButNotEnforced"]);
    let users =
        if r.percent(60) { "[\"All\"]".to_owned() } else { list((0..6).map(|_| quoted(&of_user(sizes, r)))) };
    let guests = r.percent(20).then(|| quoted("GuestsOrExternalUsers"));
    let excluded: Vec<String> = (0..r.below(14)).map(|_| quoted(&of_user(sizes, r))).collect();
    let excluded = list(excluded.into_iter().chain(guests));
    let control = r.pick(&["mfa", "mfa", "block", "compliantDevice"]);
    format!(
        r#"{{"id":"{}","conditions":{{"applications":{{"applicationFilter":null,"excludeApplications":[],"includeApplications":["All"],"includeAuthenticationContextClassReferences":[],"includeUserActions":[]}},"authenticationFlows":null,"clientAppTypes":["all"],"clientApplications":null,"devices":null,"insiderRiskLevels":null,"locations":{{"excludeLocations":["AllTrusted"],"includeLocations":["All"]}},"platforms":null,"servicePrincipalRiskLevels":[],"signInRiskLevels":[],"userRiskLevels":[],"users":{{"excludeGroups":["{}"],"excludeGuestsOrExternalUsers":null,"excludeRoles":[],"excludeUsers":{excluded},"includeGroups":[],"includeGuestsOrExternalUsers":null,"includeRoles":[],"includeUsers":{users}}}}},"createdDateTime":"{}","displayName":"Policy {n}","grantControls":{{"authenticationStrength":null,"builtInControls":["{control}"],"customAuthenticationFactors":[],"operator":"OR","termsOfUse":[]}},"modifiedDateTime":"{}","sessionControls":null,"state":"{state}"}}"#,
        id(4, n, sizes.own),
        id(GROUPS, r.below(sizes.groups), sizes.groups),
        r.date(),
        r.date(),
    )
}

pub fn message(n: usize, _: &Sizes, r: &mut Random) -> String {
    let services = list((0..1 + r.below(2)).map(|_| quoted(r.pick(SERVICES))).collect::<Vec<_>>());
    let action = r.date();
    let words = 180 + r.below(420);
    format!(
        r#"{{"id":"MC{:06}","actionRequiredByDateTime":{},"attachmentsArchive":null,"body":{{"content":"<p>{}</p>","contentType":"html"}},"category":"{}","details":[{{"name":"RoadmapIds","value":"{}"}},{{"name":"Summary","value":"{}"}}],"endDateTime":"{}","hasAttachments":false,"isMajorChange":{},"lastModifiedDateTime":"{}","services":{services},"severity":"{}","startDateTime":"{}","tags":[{}],"title":"{}{}","viewPoint":{}}}"#,
        100_000 + n,
        sometimes(r, 85, action),
        r.prose(words, RARE),
        r.pick(&["planForChange", "stayInformed", "preventOrFixIssue"]),
        r.below(600_000),
        r.prose(20, RARE),
        r.future(),
        r.percent(25),
        r.date(),
        r.pick(&["normal", "normal", "normal", "high", "critical"]),
        r.date(),
        r.pick(&[
            "\"Admin impact\"",
            "\"User impact\",\"New feature\"",
            "\"Admin impact\",\"Retirement\"",
            "\"Updated message\""
        ]),
        if r.percent(25) { "(Updated) " } else { "" },
        r.prose(9, RARE),
        if r.percent(90) { "null" } else { r#"{"isArchived":false,"isFavorited":false,"isRead":true}"# },
    )
}

pub fn issue(n: usize, _: &Sizes, r: &mut Random) -> String {
    let (resolved, end, count) = (!r.percent(8), r.date(), 1 + r.below(7));
    let post = |r: &mut Random| {
        let words = 60 + r.below(80);
        format!(
            r#"{{"createdDateTime":"{}","description":{{"content":"Title: an issue\n\nUser impact: {}","contentType":"html"}},"postType":"{}"}}"#,
            r.date(),
            r.prose(words, RARE),
            r.pick(&["regular", "regular", "regular", "quick", "strategic"]),
        )
    };
    let posts = list((0..count).map(|_| post(r)));
    let status = if resolved {
        r.pick(&["serviceRestored", "postIncidentReviewPublished", "falsePositive"])
    } else {
        "serviceDegradation"
    };
    format!(
        r#"{{"id":"EX{:06}","classification":"{}","details":[{{"name":"NotifyInApp","value":"True"}}],"endDateTime":{},"feature":"E-Mail timely delivery","featureGroup":"E-Mail and calendar access","impactDescription":"{}","isResolved":{resolved},"lastModifiedDateTime":"{}","origin":"microsoft","posts":{posts},"service":"{}","startDateTime":"{}","status":"{status}","title":"{}"}}"#,
        100_000 + n,
        r.pick(&["incident", "advisory", "advisory"]),
        if resolved { quoted(&end) } else { "null".to_owned() },
        r.prose(18, RARE),
        r.date(),
        r.pick(SERVICES),
        r.date(),
        r.prose(9, RARE),
    )
}

pub fn task(n: usize, sizes: &Sizes, r: &mut Random) -> String {
    let message = 100_000 + r.below(sizes.messages);
    let percent = r.pick(&["0", "0", "50", "100"]);
    let (due, done) = (r.date(), r.date());
    let words = 40 + r.below(70);
    let assignment = format!(
        r##""{}":{{"@odata.type":"#microsoft.graph.plannerAssignment","assignedBy":{{"user":{{"displayName":null,"id":"{}"}}}},"assignedDateTime":"{}","orderHint":"8585"}}"##,
        of_user(sizes, r),
        of_user(sizes, r),
        r.date(),
    );
    format!(
        r#"{{"id":"task{n:08}","activeChecklistItemCount":0,"appliedCategories":{{"category1":true}},"assignments":{{{}}},"bucketId":"bucket{}","checklistItemCount":0,"completedDateTime":{},"createdDateTime":"{}","details":{{"checklist":{{}},"description":"{}","id":"task{n:08}","references":{{"https%3A//admin%2Emicrosoft%2Ecom/#/MessageCenter/:/messages/MC{message}":{{"alias":"MC{message}","type":"Other"}}}}}},"dueDateTime":{},"hasDescription":true,"orderHint":"8585{n}","percentComplete":{percent},"planId":"plan{}","priority":5,"referenceCount":1,"startDateTime":null,"title":"[{}] {}{}"}}"#,
        if r.percent(80) { assignment } else { String::new() },
        r.below(6),
        if percent == "100" { quoted(&done) } else { "null".to_owned() },
        r.date(),
        r.prose(words, RARE),
        sometimes(r, 30, due),
        r.below(3),
        r.pick(SERVICES),
        r.prose(8, RARE),
        if r.percent(30) { format!(" (MC{message})") } else { String::new() },
    )
}

pub fn application(n: usize, sizes: &Sizes, r: &mut Random) -> String {
    let secret = |r: &mut Random| {
        let end = if r.percent(60) { r.future() } else { r.date() };
        format!(
            r#"{{"customKeyIdentifier":null,"displayName":"secret","endDateTime":"{end}","hint":"abc","keyId":"{}","startDateTime":"{}"}}"#,
            r.guid(),
            r.date()
        )
    };
    let secrets = list((0..r.below(4)).map(|_| secret(r)).collect::<Vec<_>>());
    let access =
        |r: &mut Random| format!(r#"{{"id":"{}","type":"{}"}}"#, r.guid(), r.pick(&["Scope", "Role"]));
    let wanted = list((0..1 + r.below(7)).map(|_| access(r)).collect::<Vec<_>>());
    let scheme = if r.percent(5) { "http" } else { "https" };
    format!(
        r#"{{"id":"{}","api":{{"acceptMappedClaims":null,"knownClientApplications":[],"oauth2PermissionScopes":[],"preAuthorizedApplications":[],"requestedAccessTokenVersion":2}},"appId":"{}","appRoles":[],"createdDateTime":"{}","description":"{}","displayName":"App {n}","identifierUris":["api://{}"],"info":{{"logoUrl":null,"marketingUrl":null,"privacyStatementUrl":null,"supportUrl":null,"termsOfServiceUrl":null}},"keyCredentials":[],"passwordCredentials":{secrets},"publisherDomain":"contoso.com","requiredResourceAccess":[{{"resourceAccess":{wanted},"resourceAppId":"00000003-0000-0000-c000-000000000000"}}],"signInAudience":"{}","tags":[],"web":{{"homePageUrl":null,"implicitGrantSettings":{{"enableAccessTokenIssuance":false,"enableIdTokenIssuance":true}},"logoutUrl":null,"redirectUris":["{scheme}://app{n}.contoso.com/callback","https://localhost/callback"]}}}}"#,
        id(5, n, sizes.own),
        r.guid(),
        r.date(),
        r.prose(15, RARE),
        r.guid(),
        r.pick(&["AzureADMyOrg", "AzureADMyOrg", "AzureADMyOrg", "AzureADMultipleOrgs"]),
    )
}

pub fn device(n: usize, sizes: &Sizes, r: &mut Random) -> String {
    format!(
        r#"{{"id":"{}","azureADDeviceId":"{}","azureADRegistered":true,"complianceGracePeriodExpirationDateTime":"9999-12-31T23:59:59Z","complianceState":"{}","deviceEnrollmentType":"windowsAzureADJoin","deviceName":"DESKTOP-{n:07}","deviceRegistrationState":"registered","emailAddress":"person{n}@contoso.com","enrolledDateTime":"{}","freeStorageSpaceInBytes":{},"isEncrypted":{},"isSupervised":false,"jailBroken":"False","lastSyncDateTime":"{}","managedDeviceOwnerType":"{}","managementAgent":"mdm","manufacturer":"Contoso Devices","model":"Laptop {}","operatingSystem":"{}","osVersion":"10.0.22631.{}","serialNumber":"SN{:012}","totalStorageSpaceInBytes":512000000000,"userDisplayName":"Person {n}","userId":"{}","userPrincipalName":"person{n}@contoso.com","wiFiMacAddress":"{:012x}"}}"#,
        id(6, n, sizes.own),
        r.guid(),
        r.pick(&[
            "compliant",
            "compliant",
            "compliant",
            "compliant",
            "noncompliant",
            "inGracePeriod",
            "unknown"
        ]),
        r.date(),
        r.below(400_000_000_000),
        !r.percent(8),
        r.date(),
        r.pick(&["company", "company", "company", "personal"]),
        r.below(9),
        r.pick(&["Windows", "Windows", "iOS", "Android", "macOS"]),
        r.below(4000),
        r.below(1_000_000_000),
        of_user(sizes, r),
        r.next() >> 16,
    )
}

pub fn audit(n: usize, sizes: &Sizes, r: &mut Random) -> String {
    let by = if r.percent(60) {
        format!(
            r#"{{"app":null,"user":{{"displayName":null,"id":"{}","ipAddress":"192.0.2.{}","userPrincipalName":"admin@contoso.com"}}}}"#,
            of_user(sizes, r),
            r.below(255)
        )
    } else {
        format!(
            r#"{{"app":{{"appId":null,"displayName":"Pipeline","servicePrincipalId":"{}","servicePrincipalName":null}},"user":null}}"#,
            r.guid()
        )
    };
    let changed = |r: &mut Random| {
        let name = r.pick(&[
            "DisplayName",
            "Included Updated Properties",
            "ConditionalAccessPolicy",
            "Role.DisplayName",
            "AccountEnabled",
        ]);
        format!(
            r#"{{"displayName":"{name}","newValue":"\"{}\"","oldValue":"\"{}\""}}"#,
            r.prose(6, RARE),
            r.prose(6, RARE)
        )
    };
    let changes = list((0..1 + r.below(4)).map(|_| changed(r)).collect::<Vec<_>>());
    format!(
        r#"{{"id":"Directory_{n:010}_{}","activityDateTime":"{}","activityDisplayName":"Update {}","additionalDetails":[{{"key":"User-Agent","value":"Mozilla/5.0 (Windows NT 10.0; Win64; x64)"}}],"category":"{}","correlationId":"{}","initiatedBy":{by},"loggedByService":"Core Directory","operationType":"Update","result":"{}","resultReason":"","targetResources":[{{"displayName":"Object {n}","groupType":null,"id":"{}","modifiedProperties":{changes},"type":"User","userPrincipalName":null}}]}}"#,
        r.guid(),
        r.date(),
        r.pick(&["user", "policy", "group", "application"]),
        r.pick(&["Policy", "RoleManagement", "UserManagement", "GroupManagement", "ApplicationManagement"]),
        r.guid(),
        r.pick(&["success", "success", "success", "failure"]),
        of_user(sizes, r),
    )
}
