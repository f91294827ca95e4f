//! Permissions of Microsoft Graph: their ids, and whether what somebody holds suffices for a
//! section. Comes in: sections, names as a token lists them (`roles`, `scp`). Goes out: a verdict.
//! Not here: which permissions are the least (`least`), asking Graph.
//!
//! A request that is refused says so honestly; one that was never made can't. So a permission that
//! we don't know counts as enough for everything of its family.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;

use super::{Child, FieldNeed, Section};

/// Microsoft Graph, as an application among the tenant's others.
pub const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// What is known of a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// Id of the role that an application is given.
    #[serde(borrow)]
    pub application: Option<&'static str>,
    /// Id of the scope in which an application acts for a signed-in person.
    #[serde(borrow)]
    pub delegated: Option<&'static str>,
    /// Who may consent to the scope; to a role always an administrator alone.
    #[serde(default)]
    pub consent: Consent,
}

/// Who may consent that an application acts for a signed-in person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Consent {
    /// An administrator, for everybody.
    #[default]
    Admin,
    /// The person, where the tenant lets people consent.
    User,
}

/// Whether what is held suffices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It does, or may: ask.
    Enough,
    /// It can't: the least permissions that are lacking.
    Missing(Vec<&'static str>),
    /// No permission of an application opens this; only a signed-in person sees it.
    NeverForApplications,
    /// No permission of a person opens this; only an application sees it.
    NeverForPeople,
}

/// `permissions.json`
#[derive(Debug, Default, Deserialize)]
struct Table {
    #[serde(borrow)]
    permissions: BTreeMap<&'static str, Permission>,
    /// Other permissions that open what this one opens.
    #[serde(borrow)]
    instead: BTreeMap<&'static str, Vec<&'static str>>,
    /// Other permissions that open one section alone.
    #[serde(borrow)]
    sections: BTreeMap<&'static str, Vec<&'static str>>,
    /// Permissions that are often held and open nothing but what their name says.
    #[serde(borrow)]
    known: Vec<&'static str>,
}

/// The table, read once. It is ours and a test reads it, so a mistake in it can't reach anybody.
fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| serde_json::from_str(include_str!("permissions.json")).unwrap_or_default())
}

/// The ids of a permission; none of a name that the catalogue does not use.
#[must_use]
pub fn find(name: &str) -> Permission {
    table().permissions.get(name).copied().unwrap_or_default()
}

/// All permissions of the table, in order of their names.
pub fn all() -> impl Iterator<Item = (&'static str, Permission)> {
    table().permissions.iter().map(|(name, permission)| (*name, *permission))
}

/// Other permissions that open what this one opens, for people: what covers one of them, such as the
/// right to write the same, opens it too.
#[must_use]
pub fn instead(name: &'static str) -> BTreeSet<&'static str> {
    let mut names = open(name);
    names.remove(name);
    names
}

/// Other permissions any one of which opens the section's own request.
#[must_use]
pub fn of_section(section: &Section) -> &'static [&'static str] {
    table().sections.get(section.id).map_or(&[], Vec::as_slice)
}

/// Whether the permissions held by an application, or by it on behalf of a person, suffice for the
/// section's own request. Children and single fields have verdicts of their own.
#[must_use]
pub fn suffices(section: &Section, held: &BTreeSet<String>, person: bool) -> Verdict {
    let Some(graph) = &section.graph else { return Verdict::Enough };
    let least = if person { graph.delegated } else { graph.application };
    if least.is_empty() {
        return if person { Verdict::NeverForPeople } else { Verdict::NeverForApplications };
    }
    if of_section(section).iter().any(|name| grants(held, name)) {
        return Verdict::Enough;
    }
    lacking(held, least)
}

/// The same for the request of a child.
#[must_use]
pub fn suffices_for_child(child: &Child, held: &BTreeSet<String>) -> Verdict {
    lacking(held, child.permission)
}

/// The same for a single field. Asked for without the permission it fails the whole request, so
/// here what is not known does not count.
#[must_use]
pub fn suffices_for_field(need: &FieldNeed, held: &BTreeSet<String>) -> bool {
    open(need.permission).iter().any(|name| held.iter().any(|held| covers(held, name)))
}

fn lacking(held: &BTreeSet<String>, least: &'static str) -> Verdict {
    let lacking: Vec<&str> = least.split_whitespace().filter(|name| !grants(held, name)).collect();
    if lacking.is_empty() { Verdict::Enough } else { Verdict::Missing(lacking) }
}

/// Whether anything held is this permission, a stronger one, another that opens the same, or one of
/// the same family that we don't know.
fn grants(held: &BTreeSet<String>, name: &'static str) -> bool {
    let open = open(name);
    held.iter().any(|held| {
        open.iter().any(|name| covers(held, name) || (!is_known(held) && family(held) == family(name)))
    })
}

/// This permission and, over any number of steps, those that open the same.
fn open(name: &'static str) -> BTreeSet<&'static str> {
    let mut seen = BTreeSet::new();
    let mut next = vec![name];
    while let Some(name) = next.pop() {
        if seen.insert(name) {
            next.extend(table().instead.get(name).into_iter().flatten());
        }
    }
    seen
}

/// `User.ReadWrite.All` covers `User.Read.All`: the same resource, at least as much may be done, in
/// at least the same reach. Names are compared as Entra does, without regard to case.
fn covers(held: &str, name: &str) -> bool {
    let (held, name) = (Parts::of(held), Parts::of(name));
    held.resource.eq_ignore_ascii_case(name.resource)
        && held.reads() >= name.reads()
        && (held.reach.eq_ignore_ascii_case(name.reach)
            || held.reach.eq_ignore_ascii_case("All")
            || name.reach.is_empty())
}

/// `resource.operation.reach`, the reach may be absent.
struct Parts<'a> {
    resource: &'a str,
    operation: &'a str,
    reach: &'a str,
}

impl<'a> Parts<'a> {
    fn of(name: &'a str) -> Self {
        let mut parts = name.splitn(3, '.').map(str::trim);
        let mut part = || parts.next().unwrap_or_default();
        Self { resource: part(), operation: part(), reach: part() }
    }

    /// How much the operation lets read: nothing, the basic properties, all.
    fn reads(&self) -> u8 {
        let operation = self.operation.to_ascii_lowercase();
        match operation.as_str() {
            "readbasic" => 1,
            "manage" | "fullcontrol" | "accessasuser" => 2,
            other if other.starts_with("read") && !other.starts_with("readbasic") => 2,
            _ => 0,
        }
    }
}

/// Whether we know what a permission opens: it, or the one that reads the same, is named somewhere.
fn is_known(held: &str) -> bool {
    static KNOWN: OnceLock<BTreeSet<String>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let table = table();
        let others = [&table.instead, &table.sections].into_iter().flat_map(|of| of.values().flatten());
        let names = table.permissions.keys().chain(others).chain(&table.known);
        names.map(|name| read_of(name)).collect()
    });
    known.contains(&read_of(held))
}

/// The permission that only reads what this one opens, in small letters.
fn read_of(name: &str) -> String {
    let Parts { resource, operation, reach } = Parts::of(name);
    let operation = operation.to_ascii_lowercase();
    let operation = if operation == "readwrite" { "read" } else { operation.as_str() };
    format!("{}.{operation}.{}", resource.to_ascii_lowercase(), reach.to_ascii_lowercase())
}

/// The first word of a resource: `Device` of `DeviceManagementApps.Read.All`.
fn family(name: &str) -> String {
    let resource = Parts::of(name).resource;
    let rest = resource.char_indices().skip(1).find(|(_, c)| !c.is_ascii_lowercase());
    let end = rest.map_or(resource.len(), |(at, _)| at);
    resource.get(..end).unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::find as section;
    use super::*;

    fn held(names: &str) -> BTreeSet<String> {
        names.split_whitespace().map(str::to_owned).collect()
    }

    fn is_guid(id: &str) -> bool {
        id.len() == 36 && crate::sections::normal::is_guid(id) && id == id.to_ascii_lowercase()
    }

    #[test]
    fn the_table_is_read_and_knows_every_permission_of_the_catalogue() {
        let read: Table = serde_json::from_str(include_str!("permissions.json")).unwrap();
        let mut used = BTreeSet::new();
        for section in crate::sections::all() {
            let Some(graph) = &section.graph else { continue };
            for person in [false, true] {
                for name in graph.least(person).into_iter().chain(graph.of_children()) {
                    used.insert(name);
                    let found = find(name);
                    let id = if person { found.delegated } else { found.application };
                    assert!(id.is_some_and(is_guid), "{}: no id of {name}, person: {person}", section.id);
                }
            }
        }
        let listed: BTreeSet<&str> = read.permissions.keys().copied().collect();
        // The application role of what only people may read exists too, e.g. of Agreement.Read.All.
        assert_eq!(listed, used);
        for name in read.instead.keys() {
            assert!(listed.contains(name), "{name}");
        }
        for id in read.sections.keys() {
            assert!(section(id).is_some(), "{id}");
        }
    }

    #[test]
    fn ids_are_unique() {
        let ids: Vec<&str> =
            all().flat_map(|(_, found)| [found.application, found.delegated]).flatten().collect();
        assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len());
        assert_eq!(find("ServiceHealth.Read.All").application, Some("79c261e0-fe76-4144-aad5-bdc68fbe4037"));
        assert_eq!(find("ServiceMessage.Read.All").application, Some("1b620472-6534-4fe6-9df2-4680e8aa28ec"));
        assert_eq!(find("No.Such.Thing"), Permission::default());
    }

    #[test]
    fn what_suffices() {
        use Verdict::{Enough, Missing, NeverForApplications, NeverForPeople};
        let missing = |name| Missing(vec![name]);
        let cases = [
            ("tenant.domains", false, "Domain.Read.All", Enough),
            ("tenant.domains", false, "domain.read.all", Enough),
            ("tenant.domains", false, "Domain.ReadWrite.All", Enough),
            ("tenant.domains", false, "Directory.Read.All", Enough),
            ("tenant.domains", false, "Directory.ReadWrite.All", Enough),
            ("tenant.domains", true, "Directory.AccessAsUser.All", Enough),
            ("tenant.domains", false, "", missing("Domain.Read.All")),
            ("tenant.domains", false, "User.Read.All", missing("Domain.Read.All")),
            ("users.accounts", false, "User.Read.All", Enough),
            ("users.accounts", false, "User.ReadWrite.All", Enough),
            ("users.accounts", true, "openid profile email User.Read", missing("User.Read.All")),
            ("users.accounts", false, "User.ReadBasic.All", missing("User.Read.All")),
            ("users.accounts", false, "User.SomethingNew.All", Enough),
            ("conditionalAccess.policies", false, "Policy.ReadWrite.ConditionalAccess", Enough),
            ("identity.authorization", false, "Policy.Read.ConditionalAccess", missing("Policy.Read.All")),
            ("identity.authorization", false, "Policy.SomethingNew", Enough),
            ("identity.deviceRegistration", false, "Policy.Read.All", Enough),
            ("roles.eligibilities", false, "RoleManagement.Read.All", Enough),
            ("roles.eligibilities", false, "RoleManagement.ReadWrite.Directory", Enough),
            (
                "roles.eligibilities",
                false,
                "RoleManagement.Read.Exchange",
                missing("RoleEligibilitySchedule.Read.Directory"),
            ),
            ("governance.lifecycleWorkflows", false, "LifecycleWorkflows-Workflow.Read.All", Enough),
            ("governance.lifecycleWorkflows", false, "LifecycleWorkflows.ReadWrite.All", Enough),
            ("logs.provisioning", false, "ProvisioningLog.Read.All", Enough),
            ("logs.provisioning", false, "", Missing(vec!["AuditLog.Read.All", "Directory.Read.All"])),
            ("planner.tasks", true, "Tasks.ReadWrite", Enough),
            ("planner.tasks", true, "Tasks.Read", Enough),
            ("planner.tasks", false, "Tasks.Read", missing("Tasks.Read.All")),
            (
                "devices.apps",
                false,
                "DeviceManagementConfiguration.ReadWrite.All",
                missing("DeviceManagementApps.Read.All"),
            ),
            ("devices.apps", false, "DeviceManagementNew.Read.All", Enough),
            ("backup.status", false, "BackupRestore-Monitor.Read.All", Enough),
            ("serviceHealth.issues", false, "ServiceMessage.Read.All", missing("ServiceHealth.Read.All")),
            ("governance.termsOfUse", false, "Agreement.Read.All", NeverForApplications),
            ("governance.termsOfUse", true, "Agreement.Read.All", Enough),
            ("content.sites", true, "Sites.FullControl.All", NeverForPeople),
            ("content.sites", false, "Sites.FullControl.All", Enough),
            ("content.sites", false, "Sites.Selected", missing("Sites.Read.All")),
            ("registers.triage", false, "", Enough),
        ];
        for (id, person, names, expected) in cases {
            let found = suffices(section(id).unwrap(), &held(names), person);
            assert_eq!(found, expected, "{id} with {names}, person: {person}");
        }
    }

    #[test]
    fn children_and_fields_are_judged_by_themselves() {
        let child = &section("groups.groups").unwrap().graph.unwrap().children[0];
        assert_eq!(suffices_for_child(child, &held("Group.Read.All")), Verdict::Enough);
        assert_eq!(
            suffices_for_child(child, &held("Reports.Read.All")),
            Verdict::Missing(vec!["GroupMember.Read.All"])
        );
        let field = &section("users.accounts").unwrap().graph.unwrap().field_needs[0];
        assert!(suffices_for_field(field, &held("AuditLog.Read.All")));
        assert!(!suffices_for_field(
            field,
            &held("User.Read.All Directory.Read.All AuditLogsQuery.Read.All")
        ));
    }
}
