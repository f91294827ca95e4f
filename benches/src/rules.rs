//! Fifty rules, each as a JSONPath and in Rego, that find the same nodes. Comes in: nothing. Goes
//! out: levelmark policies, a Rego module, queries for jsonpath-rust. They are plain RFC 9535, so
//! that every engine can run them, and stay clear of what jsonpath-rust gets wrong: `count` of
//! nothing, filters on `@` itself. Every section of the tenant is read by at least one.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::Failure;

/// A rule: where it looks, what it finds there, and the same as the body of a Rego comprehension
/// over `x`, an item of the section. Rego orders null below strings, JSONPath does not compare
/// them: hence the guards.
pub struct Rule {
    pub section: &'static str,
    pub path: &'static str,
    rego: &'static str,
}

const fn rule(section: &'static str, path: &'static str, rego: &'static str) -> Rule {
    Rule { section, path, rego }
}

const USERS: &str = "users.accounts";
const METHODS: &str = "users.registration";
const GROUPS: &str = "groups.groups";
const MEMBERS: &str = "groups.members";
const ACCESS: &str = "conditionalAccess.policies";
const MESSAGES: &str = "messageCenter.messages";
const ISSUES: &str = "serviceHealth.issues";
const TASKS: &str = "planner.tasks";
const APPS: &str = "applications.registrations";
const DEVICES: &str = "devices.managed";
const AUDITS: &str = "logs.directoryAudits";

#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    rule(USERS, "[?@.accountEnabled == false && @.assignedLicenses[0]]", "x.accountEnabled == false; count(x.assignedLicenses) > 0"),
    rule(USERS, "[?@.userType == 'Guest' && @.externalUserState == 'PendingAcceptance']", r#"x.userType == "Guest"; x.externalUserState == "PendingAcceptance""#),
    rule(USERS, "[?@.accountEnabled == true && @.userType == 'Member' && @.department == null]", r#"x.accountEnabled == true; x.userType == "Member"; x.department == null"#),
    rule(USERS, "[?@.accountEnabled == true && @.signInActivity.lastSuccessfulSignInDateTime < '2026-06-01T00:00:00Z']", r#"x.accountEnabled == true; x.signInActivity.lastSuccessfulSignInDateTime < "2026-06-01T00:00:00Z""#),
    rule(USERS, "[?@.accountEnabled == true && !@.manager.id]", "x.accountEnabled == true; not x.manager.id"),
    rule(USERS, "[?search(@.userPrincipalName, '[.]onmicrosoft[.]com$')]", r#"regex.match(`[.]onmicrosoft[.]com$`, x.userPrincipalName)"#),
    rule(USERS, "[?count(@.assignedLicenses[*]) > 3]", "count(x.assignedLicenses) > 3"),
    rule(USERS, "[?@.assignedLicenses[?@.disabledPlans[2]]]", "count([1 | some l in x.assignedLicenses; count(l.disabledPlans) > 2]) > 0"),
    rule(USERS, "[?@.usageLocation != @.country]", "x.usageLocation != x.country"),
    rule(USERS, "[*].licenseAssignmentStates[?@.state == 'Error']", r#"some y in x.licenseAssignmentStates; y.state == "Error""#),
    rule(METHODS, "[?@.isAdmin == true && @.isMfaRegistered == false]", "x.isAdmin == true; x.isMfaRegistered == false"),
    rule(METHODS, "[?@.isAdmin == true && !@.methodsRegistered[?@ == 'fido2']]", r#"x.isAdmin == true; not "fido2" in x.methodsRegistered"#),
    rule(METHODS, "[?@.methodsRegistered[?@ == 'mobilePhone'] && !@.methodsRegistered[1]]", r#""mobilePhone" in x.methodsRegistered; count(x.methodsRegistered) < 2"#),
    rule(METHODS, "[?@.userType == 'member' && @.isSsprRegistered == false]", r#"x.userType == "member"; x.isSsprRegistered == false"#),
    rule(GROUPS, "[?@.groupTypes[?@ == 'Unified'] && !@.owners[0]]", r#""Unified" in x.groupTypes; count(x.owners) == 0"#),
    rule(GROUPS, "[?@.owners[0] && !@.owners[1]]", "count(x.owners) == 1"),
    rule(GROUPS, "[?@.visibility == 'Public' && @.resourceProvisioningOptions[?@ == 'Team']]", r#"x.visibility == "Public"; "Team" in x.resourceProvisioningOptions"#),
    rule(GROUPS, "[?@.groupTypes[?@ == 'Unified'] && !@.assignedLabels[0]]", r#""Unified" in x.groupTypes; count(x.assignedLabels) == 0"#),
    rule(GROUPS, "[?@.groupTypes[?@ == 'DynamicMembership'] && !search(@.membershipRule, 'accountEnabled')]", r#""DynamicMembership" in x.groupTypes; not regex.match(`accountEnabled`, x.membershipRule)"#),
    rule(GROUPS, "[?@.renewedDateTime < '2025-06-01T00:00:00Z']", r#"x.renewedDateTime < "2025-06-01T00:00:00Z""#),
    rule(MEMBERS, "[?@.accountEnabled == false]", "x.accountEnabled == false"),
    rule(MEMBERS, "[?@['@odata.type'] == '#microsoft.graph.servicePrincipal']", r##"x["@odata.type"] == "#microsoft.graph.servicePrincipal""##),
    rule("roles.assignments", "[?@.principal.userType == 'Guest']", r#"x.principal.userType == "Guest""#),
    rule("roles.activeAssignments", "[?@.assignmentType == 'Assigned' && @.endDateTime == null]", r#"x.assignmentType == "Assigned"; x.endDateTime == null"#),
    rule("roles.eligibilities", "[?@.endDateTime == null]", "x.endDateTime == null"),
    rule("roles.definitions", "[?@.isBuiltIn == false && @.rolePermissions[?@.allowedResourceActions[?search(@, 'credentials')]]]", "x.isBuiltIn == false; count([1 | some p in x.rolePermissions; some a in p.allowedResourceActions; regex.match(`credentials`, a)]) > 0"),
    rule(ACCESS, "[?@.state == 'enabled' && @.conditions.users.includeUsers[?@ == 'All'] && !@.grantControls.builtInControls[?@ == 'mfa']]", r#"x.state == "enabled"; "All" in x.conditions.users.includeUsers; not "mfa" in x.grantControls.builtInControls"#),
    rule(ACCESS, "[?@.state == 'enabledForReportingButNotEnforced']", r#"x.state == "enabledForReportingButNotEnforced""#),
    rule(ACCESS, "[*].conditions.users.excludeUsers[?@ == 'GuestsOrExternalUsers']", r#"some y in x.conditions.users.excludeUsers; y == "GuestsOrExternalUsers""#),
    rule(MESSAGES, "[?search(@.body.content, 'retir(e|ed|ing|ement)')]", "regex.match(`retir(e|ed|ing|ement)`, x.body.content)"),
    rule(MESSAGES, "[?@.isMajorChange == true && @.severity == 'normal']", r#"x.isMajorChange == true; x.severity == "normal""#),
    rule(MESSAGES, "[?@.actionRequiredByDateTime < '2026-06-01T00:00:00Z']", r#"x.actionRequiredByDateTime != null; x.actionRequiredByDateTime < "2026-06-01T00:00:00Z""#),
    rule(MESSAGES, "[?@.services[?@ == 'Microsoft Teams'] && @.category == 'planForChange']", r#""Microsoft Teams" in x.services; x.category == "planForChange""#),
    rule(MESSAGES, "[?search(@.title, '^[(]Updated[)]') && @.tags[?@ == 'Admin impact']]", r#"regex.match(`^[(]Updated[)]`, x.title); "Admin impact" in x.tags"#),
    rule(MESSAGES, "[?@.viewPoint == null && search(@.body.content, 'PowerShell')]", "x.viewPoint == null; regex.match(`PowerShell`, x.body.content)"),
    rule(ISSUES, "[?@.classification == 'incident' && @.isResolved == false]", r#"x.classification == "incident"; x.isResolved == false"#),
    rule(ISSUES, "[*].posts[?search(@.description.content, 'root cause')]", "some y in x.posts; regex.match(`root cause`, y.description.content)"),
    rule(ISSUES, "[?@.status == 'serviceRestored' && !@.posts[1]]", r#"x.status == "serviceRestored"; count(x.posts) < 2"#),
    rule(ISSUES, "[*].posts[?@.postType == 'strategic']", r#"some y in x.posts; y.postType == "strategic""#),
    rule(TASKS, "[?@.percentComplete < 100 && @.dueDateTime < '2026-01-01T00:00:00Z']", r#"x.percentComplete < 100; x.dueDateTime != null; x.dueDateTime < "2026-01-01T00:00:00Z""#),
    rule(TASKS, "[?!@.assignments.*]", "count(x.assignments) == 0"),
    rule(TASKS, "[?@.percentComplete == 0 && search(@.title, 'MC[0-9]{6}')]", "x.percentComplete == 0; regex.match(`MC[0-9]{6}`, x.title)"),
    rule(TASKS, "[?search(@.details.description, 'postpone')]", "regex.match(`postpone`, x.details.description)"),
    rule(APPS, "[*].passwordCredentials[?@.endDateTime < '2026-11-21T00:00:00Z']", r#"some y in x.passwordCredentials; y.endDateTime < "2026-11-21T00:00:00Z""#),
    rule(APPS, "[?@.signInAudience == 'AzureADMultipleOrgs' && @.passwordCredentials[0]]", r#"x.signInAudience == "AzureADMultipleOrgs"; count(x.passwordCredentials) > 0"#),
    rule(APPS, "[?@.web.redirectUris[?search(@, '^http://')]]", "count([1 | some u in x.web.redirectUris; regex.match(`^http://`, u)]) > 0"),
    rule(DEVICES, "[?@.complianceState != 'compliant' && @.managedDeviceOwnerType == 'company']", r#"x.complianceState != "compliant"; x.managedDeviceOwnerType == "company""#),
    rule(DEVICES, "[?@.isEncrypted == false || @.lastSyncDateTime < '2025-06-01T00:00:00Z']", r#"true in [x.isEncrypted == false, x.lastSyncDateTime < "2025-06-01T00:00:00Z"]"#),
    rule(AUDITS, "[?@.category == 'Policy' && @.result == 'success' && @.initiatedBy.user.userPrincipalName]", r#"x.category == "Policy"; x.result == "success"; x.initiatedBy.user.userPrincipalName"#),
    rule(AUDITS, "[?@.targetResources[?@.modifiedProperties[?@.displayName == 'ConditionalAccessPolicy']]]", r#"count([1 | some t in x.targetResources; some m in t.modifiedProperties; m.displayName == "ConditionalAccessPolicy"]) > 0"#),
];

/// `BENCH-07`
pub fn id(n: usize) -> String {
    format!("BENCH-{:02}", n + 1)
}

/// All rules as one Rego module; each is the list of what it finds.
pub fn rego() -> String {
    let mut module = "package bench\n\nimport rego.v1\n".to_owned();
    for (n, Rule { section, rego, .. }) in RULES.iter().enumerate() {
        let _ = write!(module, "\n# {}\nr{n:02} := [x |\n\tsome x in input.data.{section}\n", id(n));
        for line in rego.split("; ").fold(Vec::new(), joined) {
            let _ = writeln!(module, "\t{line}");
        }
        module.push_str("]\n");
    }
    module
}

/// Statements on lines of their own; what stands in brackets stays together.
fn joined(mut lines: Vec<String>, part: &str) -> Vec<String> {
    let open = |line: &String| line.matches('[').count() > line.matches(']').count() && !line.contains('`');
    match lines.last_mut() {
        Some(last) if open(last) => {
            last.push_str("; ");
            last.push_str(part);
        }
        _ => lines.push(part.to_owned()),
    }
    lines
}

/// Writes `DIR/levelmark/BENCH-01.yaml` and so on, and `DIR/rego/bench.rego`.
pub fn write(directory: &Path) -> Result<(), Failure> {
    let (policies, module) = (directory.join("levelmark"), directory.join("rego"));
    fs::create_dir_all(&policies)?;
    fs::create_dir_all(&module)?;
    for (n, Rule { section, path, .. }) in RULES.iter().enumerate() {
        let (id, path) = (id(n), serde_json::to_string(&format!("$.{section}{path}"))?);
        let policy = format!(
            "id: {id}\ntitle: Nothing in {section} is found by rule {}\ncompetency: infrastructure\nlevel: 200\n\
             dimension: technology\nabout: A rule of the benchmark.\nwhy: It is measured.\nfix: Nothing is to be done.\n\
             checks:\n  - id: none\n    title: Nothing is found\n    forbid: {path}\n    empty: pass\n",
            n + 1
        );
        fs::write(policies.join(format!("{id}.yaml")), policy)?;
    }
    Ok(fs::write(module.join("bench.rego"), rego())?)
}
