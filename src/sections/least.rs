//! The least permissions for a choice of sections. Comes in: sections, and who reads them. Goes
//! out: permissions with what each is for. Not here: whether somebody's permissions suffice
//! (`permission`), how an application is registered with them (`registration`).

use std::collections::BTreeMap;

use super::Section;
use super::permission::{self, Consent, Permission};

/// What has to be granted.
#[derive(Debug)]
pub struct Least {
    /// Whether an application acts for a signed-in person, or by itself.
    pub person: bool,
    /// In order of names.
    pub rows: Vec<Row>,
    /// Sections that the other kind of sign-in alone can read, with the permissions for that.
    pub elsewhere: Vec<(&'static Section, Vec<&'static str>)>,
}

/// A permission and what it is for.
#[derive(Debug)]
pub struct Row {
    /// e.g. `Policy.Read.All`.
    pub name: &'static str,
    /// Its ids.
    pub permission: Permission,
    /// What it is for, in order of sections.
    pub uses: Vec<Use>,
}

/// What a permission is for.
#[derive(Debug, Clone, Copy)]
pub struct Use {
    /// The section.
    pub section: &'static Section,
    /// The one field that needs it, if the rest of the section does not.
    pub field: Option<&'static str>,
}

/// The least permissions for these sections.
#[must_use]
pub fn least(sections: &[&'static Section], person: bool) -> Least {
    let mut rows: BTreeMap<&'static str, Vec<Use>> = BTreeMap::new();
    let mut elsewhere = Vec::new();
    for section in sections {
        let Some(graph) = &section.graph else { continue };
        let own = if person { graph.delegated } else { graph.application };
        if own.is_empty() {
            elsewhere.push((*section, graph.least(!person)));
            continue;
        }
        let whole = own.split_whitespace().map(|name| (name, None));
        let fields = graph.field_needs.iter().map(|need| (need.permission, Some(need.field)));
        let children = graph.children.iter().map(|child| (child.permission, Some(child.field)));
        for (name, field) in whole.chain(fields).chain(children) {
            let uses = rows.entry(name).or_default();
            if !uses.iter().any(|known| known.section.id == section.id) {
                uses.push(Use { section, field });
            }
        }
    }
    let row = |(name, uses)| Row { name, permission: permission::find(name), uses };
    Least { person, rows: rows.into_iter().map(row).collect(), elsewhere }
}

impl Least {
    /// The word of an application manifest for this kind of permission.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        if self.person { "Scope" } else { "Role" }
    }

    /// The id to grant; none where the table has none.
    #[must_use]
    pub const fn id(&self, row: &Row) -> Option<&'static str> {
        if self.person { row.permission.delegated } else { row.permission.application }
    }

    /// Whether an administrator has to consent.
    #[must_use]
    pub const fn admin(&self, row: &Row) -> bool {
        match row.permission.consent {
            Consent::Admin => true,
            Consent::User => !self.person,
        }
    }

    /// Permissions without an id: to be added by name in the portal.
    pub fn by_name(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| self.id(row).is_none())
    }
}

impl Row {
    /// Whether nothing but sections that are collected on request needs it.
    #[must_use]
    pub fn sensitive(&self) -> bool {
        self.uses.iter().all(|used| !used.section.sensitive.is_empty())
    }
}

impl std::fmt::Display for Use {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.field {
            Some(field) => write!(f, "{} ({field})", self.section.id),
            None => f.write_str(self.section.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;

    fn shown(ids: &[&str], person: bool) -> Vec<String> {
        let sections: Vec<&Section> = ids.iter().map(|id| find(id).unwrap()).collect();
        let least = least(&sections, person);
        let row = |row: &Row| {
            let uses: Vec<String> = row.uses.iter().map(ToString::to_string).collect();
            format!("{}: {}", row.name, uses.join(", "))
        };
        least.rows.iter().map(row).collect()
    }

    #[test]
    fn sections_fields_and_children() {
        assert_eq!(
            shown(&["groups.groups", "groups.members", "users.accounts", "users.registration"], false),
            [
                "AuditLog.Read.All: users.accounts (signInActivity), users.registration",
                "Group.Read.All: groups.groups",
                "GroupMember.Read.All: groups.groups (owners), groups.members",
                "User.Read.All: groups.members (accountEnabled), users.accounts",
            ]
        );
        assert_eq!(shown(&["planner.tasks"], true), ["Tasks.Read: planner.tasks"]);
    }

    #[test]
    fn what_only_the_other_kind_reads() {
        let sections = [find("content.sites").unwrap(), find("governance.termsOfUse").unwrap()];
        for (person, left, name) in [
            (false, "governance.termsOfUse", "Agreement.Read.All"),
            (true, "content.sites", "Sites.Read.All"),
        ] {
            let least = least(&sections, person);
            assert_eq!(least.rows.len(), 1);
            assert_eq!(least.elsewhere.len(), 1);
            assert_eq!((least.elsewhere[0].0.id, least.elsewhere[0].1.as_slice()), (left, &[name][..]));
        }
    }

    #[test]
    fn consent() {
        let sections = [find("community.teams").unwrap()];
        assert!(least(&sections, false).admin(&least(&sections, false).rows[0]));
        assert!(!least(&sections, true).admin(&least(&sections, true).rows[0]));
    }
}
