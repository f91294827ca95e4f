//! A PowerShell script that fetches sections from Graph as raw bodies, for those who have no right
//! to register an application. Comes in: sections. Goes out: the script's text, whose folders
//! `levelmark import graph` reads. Not here: running anything.

use std::collections::BTreeSet;

use super::{Answer, Each, Graph, Section, all, find};

/// The part of the script that is the same for all sections. It is plain ASCII, since Windows
/// PowerShell reads a file without byte order mark in the system's code page.
const TEMPLATE: &str = include_str!("fetch.ps1");

/// The member that the script puts at the start of a body that was read for one object; its own
/// members belong into every item of the body. Named like an annotation, so that whoever does not
/// know it drops it.
pub const JOIN: &str = "@levelmark.join";

/// A script that fetches these sections, and those that their requests depend on; all of Graph's if
/// none are given. Sections that Graph does not serve are left out.
#[must_use]
pub fn powershell(sections: &[&Section]) -> String {
    let wanted: Vec<&'static str> = if sections.is_empty() {
        all().map(|section| section.id).collect()
    } else {
        sections.iter().map(|section| section.id).collect()
    };
    let ordered = in_order(&wanted);
    let scopes: BTreeSet<&str> = ordered.iter().flat_map(|(_, graph)| scopes(graph)).collect();
    let scopes: Vec<String> = scopes.iter().map(|scope| format!("            {}", quote(scope))).collect();
    let requests: Vec<String> = ordered.iter().map(|(section, graph)| request(section, graph)).collect();
    TEMPLATE
        .replace("<<scopes>>", &scopes.join(",\n"))
        .replace("<<notes>>", &notes(&ordered))
        .replace("<<requests>>", &requests.join("\n"))
}

/// The sections and what they depend on, each after what it depends on, else in order of ids.
fn in_order(wanted: &[&'static str]) -> Vec<(&'static Section, Graph)> {
    let mut ids = wanted.to_vec();
    ids.sort_unstable();
    let mut seen = BTreeSet::new();
    let mut ordered = Vec::new();
    for id in ids {
        visit(id, &mut seen, &mut ordered);
    }
    ordered
}

/// No deeper than the catalogue's longest chain: groups, plans, tasks.
fn visit(id: &'static str, seen: &mut BTreeSet<&'static str>, ordered: &mut Vec<(&'static Section, Graph)>) {
    if !seen.insert(id) {
        return;
    }
    let Some((section, graph)) = find(id).and_then(|section| Some((section, section.graph?))) else { return };
    for need in section.parents() {
        visit(need, seen, ordered);
    }
    ordered.push((section, graph));
}

fn scopes(graph: &Graph) -> impl Iterator<Item = &'static str> {
    graph.least(true).into_iter().chain(graph.of_children())
}

/// What the person who runs the script should know beforehand.
fn notes(ordered: &[(&Section, Graph)]) -> String {
    let application: Vec<&str> = ordered
        .iter()
        .filter(|(_, graph)| graph.delegated.is_empty())
        .map(|(section, _)| section.id)
        .collect();
    if application.is_empty() {
        return String::new();
    }
    format!(
        "\n    Not open to a signed-in person, only to an application (Connect-MgGraph -ClientId ...): {}.\n",
        application.join(", ")
    )
}

/// A line of the script's table of requests.
fn request(section: &Section, graph: &Graph) -> String {
    let mut entries = vec![("id", quote(section.id)), ("uri", quote(&uri(section, graph)))];
    if graph.window > 0 {
        entries.push(("window", graph.window.to_string()));
    }
    if graph.reach > 0 {
        entries.push(("reach", graph.reach.to_string()));
    }
    if let Some(over) = graph.over {
        match over.each {
            Each::Item(of) => entries.extend([("each", quote("item")), ("of", quote(of))]),
            Each::Where(of, property, value) => entries.extend([
                ("each", quote("where")),
                ("of", quote(of)),
                ("property", quote(property)),
                ("value", quote(value)),
            ]),
            Each::At(path) => {
                entries.extend([("each", quote("at")), ("of", quote(&format!("/{}{path}", graph.version)))]);
            }
            Each::Param(name) => entries.extend([("each", quote("param")), ("of", quote(name))]),
            Each::ReferencedGroups => entries.push(("each", quote("groups"))),
        }
        entries.push(("by", quote(over.by)));
        let joins = over.joins.iter().map(|(from, to)| format!("{} = {}", quote(from), quote(to)));
        entries.push(("join", format!("@{{ {} }}", joins.collect::<Vec<_>>().join("; "))));
        let parents = section.indispensable().iter().map(|id| quote(id));
        entries.push(("parents", format!("@({})", parents.collect::<Vec<_>>().join(", "))));
    }
    let entries: Vec<String> = entries.into_iter().map(|(name, value)| format!("{name} = {value}")).collect();
    format!("    @{{ {} }}", entries.join("; "))
}

/// The request below the service's root; `{object}` stands for the object's id.
fn uri(section: &Section, graph: &Graph) -> String {
    let mut query = section.query();
    let mut add = |part: &str| {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(part);
    };
    for child in graph.children {
        add(&format!("$expand={}", child.expand));
    }
    let version = match graph.answer {
        Answer::Json => graph.version,
        Answer::Csv => {
            add("$format=application/json");
            "beta"
        }
    };
    let separator = if query.is_empty() { "" } else { "?" };
    let uri = format!("/{version}{}{separator}{query}", graph.path);
    if graph.over.is_some() { with_object(&uri) } else { uri }
}

/// Replaces what stands in braces, save the ends of the window.
fn with_object(uri: &str) -> String {
    let mut out = String::new();
    for (index, piece) in uri.split('{').enumerate() {
        match (index, piece.split_once('}')) {
            (0, _) | (_, None) => out.push_str(piece),
            (_, Some((name @ ("from" | "to"), rest))) => {
                out.push('{');
                out.push_str(name);
                out.push('}');
                out.push_str(rest);
            }
            (_, Some((_, rest))) => {
                out.push_str("{object}");
                out.push_str(rest);
            }
        }
    }
    out
}

/// A literal: in single quotes PowerShell knows no escape but the doubled quote
/// (about_Quoting_Rules), so `$` and backticks are plain.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::Via;

    fn line<'s>(script: &'s str, id: &str) -> &'s str {
        let start = format!("    @{{ id = '{id}';");
        script.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no request for {id}"))
    }

    #[test]
    fn all_of_graphs_sections_are_fetched_after_what_they_need() {
        let script = powershell(&[]);
        for section in all() {
            assert_eq!(
                script.contains(&format!("    @{{ id = '{}';", section.id)),
                section.via.contains(&Via::Graph),
                "{}",
                section.id
            );
            for need in section.parents() {
                let position = |id: &str| script.find(&format!("@{{ id = '{id}';")).unwrap();
                assert!(position(need) < position(section.id), "{} before {need}", section.id);
            }
        }
    }

    #[test]
    fn requests() {
        let script = powershell(&[]);
        let cases = [
            ("tenant.domains", "    @{ id = 'tenant.domains'; uri = '/v1.0/domains' }"),
            (
                "roles.groupEligibilities",
                "    @{ id = 'roles.groupEligibilities'; uri = '/v1.0/identityGovernance/privilegedAccess/group/\
                 eligibilityScheduleInstances?$filter=groupId eq ''{object}'''; each = 'where'; \
                 of = 'groups.groups'; property = 'isAssignableToRole'; value = 'true'; by = 'id'; \
                 join = @{  }; parents = @('groups.groups') }",
            ),
            (
                "roles.members",
                "    @{ id = 'roles.members'; uri = '/v1.0/directoryRoles/{object}/members'; each = 'at'; \
                 of = '/v1.0/directoryRoles'; by = 'id'; join = @{ 'roleTemplateId' = 'roleTemplateId' }; \
                 parents = @() }",
            ),
            (
                "meetings.occurrences",
                "    @{ id = 'meetings.occurrences'; uri = '/v1.0/groups/{object}/calendarView?\
                 $select=id,seriesMasterId,subject,start,end,isCancelled,attendees,organizer,type&startDateTime={from}&endDateTime={to}'; each = 'param'; of = 'meeting_groups'; by = 'id'; \
                 join = @{ 'id' = 'groupId' }; parents = @() }",
            ),
            (
                "usage.activeUsers",
                "    @{ id = 'usage.activeUsers'; uri = '/beta/reports/getOffice365ActiveUserCounts\
                 (period=''D30'')?$format=application/json' }",
            ),
        ];
        for (id, expected) in cases {
            assert_eq!(line(&script, id), expected);
        }
        assert!(line(&script, "groups.groups").contains("&$top=999&$expand=owners($select=id)'"));
        assert!(line(&script, "logs.messageTraces").contains("; window = 10; reach = 90 }"));
    }

    #[test]
    fn a_few_sections_bring_what_they_need_and_their_scopes() {
        let script = powershell(&[find("planner.tasks").unwrap(), find("registers.triage").unwrap()]);
        let ids: Vec<&str> = script
            .lines()
            .filter_map(|line| line.strip_prefix("    @{ id = '")?.split('\'').next())
            .collect();
        assert_eq!(ids, ["groups.groups", "planner.plans", "planner.tasks"]);
        let scopes = "-Scopes @(\n            'Group.Read.All',\n            'GroupMember.Read.All',\n            'Tasks.Read'\n";
        assert!(script.contains(scopes), "{script}");
    }

    #[test]
    fn the_script_survives_windows_powershell() {
        let script = powershell(&[]);
        assert!(script.is_ascii());
        assert!(!script.contains("<<") && !script.contains(">>"));
        assert_eq!(script.matches("#>").count(), 1);
        for line in script.lines().filter(|line| line.starts_with("    @{ id = ")) {
            assert_eq!(line.matches('\'').count() % 2, 0, "{line}");
            assert!(!line.contains('"') && line.ends_with(" }"), "{line}");
        }
        assert!(script.contains(JOIN));
    }
}
