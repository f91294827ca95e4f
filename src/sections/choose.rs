//! Which sections are collected: one rule for the collector and for the permissions it is given.
//! Comes in: what the chosen policies read, and what was asked for on the command line. Goes out:
//! the sections, and why the others are left out. Not here: reading policies, asking Graph.
//!
//! Settings always; bulk and logs where a policy reads them; what is sensitive only on request;
//! and whatever the requests for these are made over.

use std::collections::BTreeSet;

use super::{Kind, Section, all, find};

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Ids of the sections that the policies read; derived ones count as what they come from.
    pub read: &'a BTreeSet<String>,
    /// Bulk and logs too that no policy reads.
    pub all: bool,
    /// Sections to take in any case.
    pub include: &'a [&'static Section],
    /// Whether the tenant declares plans: then Planner is asked for these.
    pub plans_declared: bool,
}

/// What is collected from Graph, and what is not.
#[derive(Debug)]
pub struct Chosen {
    /// In order of ids.
    pub sections: Vec<&'static Section>,
    /// The other sections that Graph serves, in order of ids.
    pub left_out: Vec<(&'static Section, Why)>,
}

/// Why a section is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No chosen policy reads it.
    NotRead,
    /// It is collected on request alone, for the reason that stands on its entry.
    Sensitive,
}

/// The sections that Graph is asked for. Those that it does not serve are never among them.
#[must_use]
pub fn choose(wish: &Wish<'_>) -> Chosen {
    let mut chosen: BTreeSet<&'static str> = BTreeSet::new();
    for section in served().filter(|section| wish.takes(section)) {
        with_parents(section, &mut chosen);
    }
    let left_out = served().filter(|section| !chosen.contains(section.id));
    Chosen {
        left_out: left_out.map(|section| (section, Why::of(section))).collect(),
        sections: served().filter(|section| chosen.contains(section.id)).collect(),
    }
}

/// These sections and what their requests are made over, in order of ids.
#[must_use]
pub fn with_parents_of(sections: &[&'static Section]) -> Vec<&'static Section> {
    let mut chosen = BTreeSet::new();
    for section in sections {
        with_parents(section, &mut chosen);
    }
    served().filter(|section| chosen.contains(section.id)).collect()
}

fn served() -> impl Iterator<Item = &'static Section> {
    all().filter(|section| section.graph.is_some())
}

impl Wish<'_> {
    fn takes(&self, section: &Section) -> bool {
        if self.include.iter().any(|included| included.id == section.id || of_planner(included, section)) {
            return true;
        }
        if !section.sensitive.is_empty() {
            return self.plans_declared && of_planner(section, section);
        }
        match section.kind {
            Kind::Settings => true,
            Kind::Bulk | Kind::Log => self.all || self.reads(section.id),
            Kind::Derived => false,
        }
    }

    fn reads(&self, id: &str) -> bool {
        let derived = |read: &String| find(read).is_some_and(|section| section.inputs.contains(&id));
        self.read.contains(id) || self.read.iter().any(derived)
    }
}

/// Plans, buckets and tasks are of use together alone.
fn of_planner(one: &Section, other: &Section) -> bool {
    one.area() == "planner" && other.area() == "planner"
}

/// No deeper than the catalogue's longest chain: groups, plans, tasks.
fn with_parents(section: &'static Section, chosen: &mut BTreeSet<&'static str>) {
    if chosen.insert(section.id) {
        for parent in section.parents().iter().filter_map(|id| find(id)) {
            with_parents(parent, chosen);
        }
    }
}

impl Why {
    const fn of(section: &Section) -> Self {
        if section.sensitive.is_empty() { Self::NotRead } else { Self::Sensitive }
    }

    /// The word as it stands in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotRead => "notRead",
            Self::Sensitive => "sensitive",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Wish<'static> =
        Wish { read: &BTreeSet::new(), all: false, include: &[], plans_declared: false };

    fn ids(wish: &Wish<'_>) -> BTreeSet<&'static str> {
        choose(wish).sections.iter().map(|section| section.id).collect()
    }

    fn read(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn settings_always_and_what_they_are_made_over() {
        let chosen = ids(&NOTHING);
        for section in served() {
            let expected = match section.id {
                // Objects that settings are asked for.
                "groups.groups" | "applications.servicePrincipals" => true,
                _ => section.kind == Kind::Settings && section.sensitive.is_empty(),
            };
            assert_eq!(chosen.contains(section.id), expected, "{}", section.id);
        }
    }

    #[test]
    fn bulk_and_logs_where_they_are_read() {
        let read_some = read(&["security.incidents", "derived.issues", "registers.triage"]);
        let chosen = ids(&Wish { read: &read_some, ..NOTHING });
        for (id, expected) in [
            ("security.incidents", true),
            ("serviceHealth.issues", true),
            ("messageCenter.messages", false),
            ("registers.triage", false),
            ("derived.issues", false),
        ] {
            assert_eq!(chosen.contains(id), expected, "{id}");
        }
        let everything = ids(&Wish { all: true, ..NOTHING });
        for section in served() {
            assert_eq!(everything.contains(section.id), section.sensitive.is_empty(), "{}", section.id);
        }
    }

    #[test]
    fn sensitive_ones_on_request_alone() {
        let sensitive: Vec<&str> =
            served().filter(|section| !section.sensitive.is_empty()).map(|section| section.id).collect();
        assert_eq!(
            sensitive,
            [
                "content.sites",
                "logs.messageTraces",
                "meetings.occurrences",
                "planner.buckets",
                "planner.plans",
                "planner.tasks",
                "training.userCoverage",
            ]
        );
        let read_all = read(&sensitive);
        let wish = Wish { read: &read_all, all: true, ..NOTHING };
        let chosen = choose(&wish);
        let left: Vec<&str> = chosen.left_out.iter().map(|(section, _)| section.id).collect();
        assert_eq!(left, sensitive);
        assert!(chosen.left_out.iter().all(|(_, why)| *why == Why::Sensitive));
        for id in sensitive {
            let include = [find(id).unwrap()];
            assert!(ids(&Wish { include: &include, ..NOTHING }).contains(id), "{id}");
        }
    }

    #[test]
    fn planner_comes_as_a_whole_and_with_its_groups() {
        let planner = ["groups.groups", "planner.buckets", "planner.plans", "planner.tasks"];
        for wish in [
            Wish { include: &[find("planner.buckets").unwrap()], ..NOTHING },
            Wish { plans_declared: true, ..NOTHING },
        ] {
            let chosen = ids(&wish);
            assert!(planner.iter().all(|id| chosen.contains(id)), "{chosen:?}");
            assert!(!chosen.contains("content.sites"));
        }
    }

    #[test]
    fn parents_come_along_and_nothing_is_lost() {
        let review = read(&["governance.reviewInstances", "groups.members"]);
        let chosen = choose(&Wish { read: &review, ..NOTHING });
        let ids: BTreeSet<&str> = chosen.sections.iter().map(|section| section.id).collect();
        for section in &chosen.sections {
            for parent in section.parents() {
                assert!(ids.contains(parent), "{}: {parent}", section.id);
            }
        }
        assert_eq!(chosen.sections.len() + chosen.left_out.len(), served().count());
        let left = chosen.left_out.iter().find(|(section, _)| section.id == "logs.signIns");
        assert_eq!(left.map(|(_, why)| *why), Some(Why::NotRead));
    }
}
