//! What will be asked, and what need not be, since the answer is known. Comes in: the chosen sections,
//! what the token says of itself, the tenant's service plans. Goes out: a fate for each section. Not
//! here: choosing sections (`sections::choose`), asking.

use std::collections::{BTreeMap, BTreeSet};

use super::sign_in::Claims;
use crate::sections::permission::{self, Verdict};
use crate::sections::{Graph, Section, plans};
use crate::snapshot::record::{SectionRecord, State};

/// A section and what becomes of it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The section.
    pub section: &'static Section,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a section.
#[derive(Debug, Clone)]
pub enum Fate {
    /// An earlier run has read it.
    Kept(SectionRecord),
    /// It can't work: no request is made.
    Settled(SectionRecord),
    /// It is asked for.
    Ask(How),
}

/// How a section is asked for.
#[derive(Debug, Clone, Default)]
pub struct How {
    /// Properties that can't be read, with the reason: they are not asked for.
    pub without: BTreeMap<String, String>,
    /// How many days back the service answers; 0 = no limit.
    pub reach: u32,
}

impl How {
    /// Whether there are fields that need more than the others and are still asked for.
    pub(super) fn can_do_with_less(&self, graph: &Graph) -> bool {
        graph.field_needs.iter().any(|need| !self.without.contains_key(need.field))
    }

    /// The same without these fields, since something was refused.
    pub(super) fn with_less(&self, graph: &Graph, why: &str) -> Self {
        let mut less = self.clone();
        for need in graph.field_needs {
            let why = format!("it was refused together with the rest, needs {}: {why}", need.permission);
            less.without.entry(need.field.to_owned()).or_insert(why);
        }
        less
    }
}

/// All sections.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// In order of ids.
    pub sections: Vec<Planned>,
}

/// What is known before asking.
#[derive(Debug, Clone, Copy)]
pub struct Known<'k> {
    /// What the token says of itself.
    pub claims: &'k Claims,
    /// Names of the service plans that can be used, in capital letters; None where they could not be
    /// read.
    pub live: Option<&'k BTreeSet<String>>,
    /// What an earlier run has read.
    pub kept: &'k BTreeMap<&'static str, SectionRecord>,
}

impl Plan {
    /// Decides on each section.
    #[must_use]
    pub fn new(chosen: &[&'static Section], known: &Known<'_>) -> Self {
        let planned = |section: &&'static Section| Planned { section, fate: known.fate(section) };
        Self { sections: chosen.iter().map(planned).collect() }
    }

    /// Number of sections that are asked for.
    #[must_use]
    pub fn to_ask(&self) -> usize {
        self.sections.iter().filter(|planned| matches!(planned.fate, Fate::Ask(_))).count()
    }
}

impl Known<'_> {
    fn fate(&self, section: &'static Section) -> Fate {
        if let Some(record) = self.kept.get(section.id) {
            return Fate::Kept(record.clone());
        }
        if let Some(needs) = self.lacking(section) {
            let reason = "the sign-in does not have this permission, so it was not asked";
            return Fate::Settled(settled(State::Denied, needs, reason));
        }
        if self.live.is_some_and(|live| !section.licensed(live)) {
            let reason = "none of the tenant's service plans brings it, so it was not asked";
            return Fate::Settled(settled(State::Unlicensed, section.licence.to_owned(), reason));
        }
        Fate::Ask(self.how(section))
    }

    /// What permission is lacking, if one certainly is.
    fn lacking(&self, section: &Section) -> Option<String> {
        match permission::suffices(section, &self.held()?, self.claims.person) {
            Verdict::Enough => None,
            Verdict::Missing(names) => Some(names.join(" ")),
            Verdict::NeverForApplications => Some(section.permission()),
            Verdict::NeverForPeople => Some(section.permission()),
        }
    }

    /// What the token holds; None where it says nothing of itself.
    fn held(&self) -> Option<BTreeSet<String>> {
        let names = if self.claims.person { &self.claims.scopes } else { &self.claims.roles };
        self.claims.tenant.as_ref().map(|_| names.iter().cloned().collect())
    }

    fn how(&self, section: &Section) -> How {
        let Some(graph) = section.graph else { return How::default() };
        let mut without = BTreeMap::new();
        let mut leave = |field: &str, why: String| {
            without.entry(field.to_owned()).or_insert(why);
        };
        let held = self.held();
        for need in graph.field_needs {
            if held.as_ref().is_some_and(|held| !permission::suffices_for_field(need, held)) {
                leave(need.field, format!("the sign-in does not have {}", need.permission));
            }
            if self.live.is_some_and(|live| !plans::any(need.plans, live)) {
                leave(
                    need.field,
                    format!("none of the tenant's service plans brings it ({})", section.licence),
                );
            }
        }
        for child in graph.children {
            let verdict = held.as_ref().map(|held| permission::suffices_for_child(child, held));
            if let Some(Verdict::Missing(names)) = verdict {
                leave(child.field, format!("the sign-in does not have {}", names.join(" ")));
            }
        }
        if !self.claims.person {
            for field in graph.person_only {
                leave(field, "only a signed-in person is told".to_owned());
            }
        }
        let premium = self.live.is_some_and(|live| plans::any(plans::P1, live));
        let reach = if premium || graph.reach_free == 0 { graph.reach } else { graph.reach_free };
        How { without, reach }
    }
}

fn settled(state: State, needs: String, reason: &str) -> SectionRecord {
    SectionRecord { needs: Some(needs), reason: Some(reason.to_owned()), ..SectionRecord::of(state) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::find;

    fn claims(roles: &str, person: bool) -> Claims {
        let names: Vec<String> = roles.split_whitespace().map(str::to_owned).collect();
        let (roles, scopes) = if person { (Vec::new(), names) } else { (names, Vec::new()) };
        Claims { tenant: Some("t".into()), roles, scopes, person, ..Claims::default() }
    }

    fn fate(id: &str, claims: &Claims, live: Option<&str>) -> Fate {
        let live = live.map(|names| names.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>());
        let known = Known { claims, live: live.as_ref(), kept: &BTreeMap::new() };
        Plan::new(&[find(id).unwrap()], &known).sections.remove(0).fate
    }

    #[track_caller]
    fn settled_as(fate: &Fate) -> (State, &str) {
        match fate {
            Fate::Settled(record) => (record.state, record.needs.as_deref().unwrap()),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn asked(fate: Fate) -> How {
        match fate {
            Fate::Ask(how) => how,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_cannot_work_is_not_asked() {
        let app = claims("Policy.Read.All RoleEligibilitySchedule.Read.Directory", false);
        assert_eq!(settled_as(&fate("tenant.domains", &app, None)), (State::Denied, "Domain.Read.All"));
        assert_eq!(
            settled_as(&fate("content.retentionLabels", &app, None)),
            (State::Denied, "RecordsManagement.Read.All (delegated only)")
        );
        let (state, _) = settled_as(&fate("conditionalAccess.policies", &app, Some("")));
        assert_eq!(state, State::Unlicensed);
        let fate_of_roles = fate("roles.eligibilities", &app, Some("AAD_PREMIUM"));
        let (state, needs) = settled_as(&fate_of_roles);
        assert_eq!((state, needs), (State::Unlicensed, "P2 / Governance"));
        asked(fate("roles.eligibilities", &app, Some("AAD_PREMIUM_P2")));
        // Plans that could not be read gate nothing.
        asked(fate("conditionalAccess.policies", &app, None));
    }

    #[test]
    fn a_token_that_says_nothing_is_asked_with() {
        asked(fate("tenant.domains", &Claims::default(), None));
    }

    #[test]
    fn fields_are_left_out_alone() {
        let users = claims("User.Read.All", false);
        let how = asked(fate("users.accounts", &users, Some("AAD_PREMIUM")));
        assert!(how.without["signInActivity"].contains("AuditLog.Read.All"));
        let both = claims("User.Read.All AuditLog.Read.All", false);
        assert_eq!(asked(fate("users.accounts", &both, Some("AAD_PREMIUM"))).without, BTreeMap::new());
        assert!(asked(fate("users.accounts", &both, Some(""))).without.contains_key("signInActivity"));
        let section = find("users.accounts").unwrap();
        assert!(section.query().contains("signInActivity"));
        assert!(!section.query_without(&how.without).contains("signInActivity"));
        let groups = claims("Group.ReadBasic.All", false);
        assert!(asked(fate("groups.groups", &groups, None)).without.len() <= 1);
    }

    #[test]
    fn what_only_a_person_is_told_is_unknown_to_an_application() {
        let id = "messageCenter.messages";
        let app = asked(fate(id, &claims("ServiceMessage.Read.All", false), None));
        assert!(app.without.contains_key("viewPoint"));
        assert!(asked(fate(id, &claims("ServiceMessage.Read.All", true), None)).without.is_empty());
    }

    #[test]
    fn logs_reach_as_far_as_the_licence() {
        let app = claims("AuditLog.Read.All", false);
        for (live, reach) in [(Some("AAD_PREMIUM"), 30), (Some(""), 7), (None, 7)] {
            assert_eq!(asked(fate("logs.directoryAudits", &app, live)).reach, reach);
        }
    }
}
