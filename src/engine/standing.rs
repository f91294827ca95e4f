//! Whether a section may be trusted for a query: all of it, only what it shows, or not at all, and
//! then why and what would help. Comes in: what a query reads. Goes out: a `Standing`. Not here:
//! what follows from it for an assertion (`assertion`).

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::query::duration;
use crate::query::ir::Query;
use crate::query::reads::QueryReads;
use crate::sections::{self, Kind, Via};
use crate::snapshot::document::{Kind as Json, NodeRef};
use crate::snapshot::record::{SectionRecord, State};

use super::finding::{Basis, Remedy};
use super::world::World;

/// Why something could not be seen, and what would help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cause {
    /// For people, fits after "unknown: ".
    pub text: String,
    /// What would settle it.
    pub remedy: Remedy,
    /// The section's state, where a section is the cause.
    pub state: Option<State>,
}

/// How far a query's sections may be trusted.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    /// Not at all: the assertion is unknown.
    pub blind: Vec<Cause>,
    /// The population has gaps: what it shows is true, absence proves nothing.
    pub gaps: Vec<Cause>,
    /// What a pass would rest on.
    pub basis: Option<Basis>,
}

impl Standing {
    /// Takes another query's standing in. The gaps of an argument make everything unknown.
    pub(super) fn merge(&mut self, other: Standing) {
        self.blind.extend(other.blind);
        self.gaps.extend(other.gaps);
        self.basis = self.basis.max(other.basis);
    }
}

/// The standing of a query. `window` is how far back its time literals, or its cadence, ask.
pub(super) fn of_query(world: &World<'_>, reads: &QueryReads, window: Option<TimeDelta>) -> Standing {
    let mut standing = Standing { blind: missing_params(world, &reads.params), ..Standing::default() };
    for (id, fields) in &reads.population {
        standing.merge(of_section(world, id, fields, window));
    }
    standing.merge(of_arguments(world, &reads.arguments, window));
    standing.blind.extend(unseen_names(world, &reads.open));
    standing
}

/// The standing of what a filter that stands alone reads besides its item: its population's fields
/// count as the population's, everything else as arguments.
pub(super) fn of_filter(world: &World<'_>, reads: &QueryReads, window: Option<TimeDelta>) -> Standing {
    of_query(world, reads, window)
}

fn of_arguments(
    world: &World<'_>,
    arguments: &BTreeMap<String, BTreeSet<String>>,
    window: Option<TimeDelta>,
) -> Standing {
    let mut standing = Standing::default();
    for (id, fields) in arguments {
        let mut one = of_section(world, id, fields, window);
        one.blind.append(&mut one.gaps);
        standing.merge(one);
    }
    standing
}

/// Parameters that the policy needs and the tenant has not declared.
pub(super) fn missing_params(world: &World<'_>, used: &BTreeSet<String>) -> Vec<Cause> {
    let missing = used.iter().filter(|name| world.input.params.missing.contains(*name));
    missing
        .map(|name| Cause {
            text: format!("parameter `{name}` is not declared"),
            remedy: Remedy::Declare,
            state: None,
        })
        .collect()
}

fn of_section(world: &World<'_>, id: &str, fields: &BTreeSet<String>, window: Option<TimeDelta>) -> Standing {
    let Some(record) = world.record(id) else {
        return blind(unseen(id, State::NotAsked, None));
    };
    let seen = match record.state {
        State::Read => true,
        State::Partial => false,
        State::Denied | State::Unlicensed | State::Unavailable | State::Failed | State::NotAsked => {
            return blind(unseen(id, record.state, Some(record)));
        }
    };
    if let Some(cause) = too_old(world, id, record) {
        return blind(cause);
    }
    let mut standing = Standing { basis: Some(basis_of(record.via)), ..Standing::default() };
    standing.blind.extend(fields.iter().filter_map(|field| unasked(id, field, record)));
    if !seen {
        standing.gaps.push(unseen(id, State::Partial, Some(record)));
    }
    standing.gaps.extend(short_log(world, id, record, window));
    standing
}

fn blind(cause: Cause) -> Standing {
    Standing { blind: vec![cause], ..Standing::default() }
}

/// What a pass rests on that read a section which came in this way.
fn basis_of(via: Option<Via>) -> Basis {
    match via {
        None | Some(Via::Graph) => Basis::Measured,
        Some(Via::Export | Via::Portal | Via::Import) => Basis::Imported,
        Some(Via::Declared) => Basis::Declared,
    }
}

fn unseen(id: &str, state: State, record: Option<&SectionRecord>) -> Cause {
    let needs = record.and_then(|record| record.needs.as_deref());
    let reason = record.and_then(|record| record.reason.as_deref());
    let section = sections::find(id);
    let text = match state {
        State::Read => format!("section {id} was read"),
        State::Partial => with(format!("section {id} was read only in part"), reason.or(needs)),
        State::Denied => with(format!("section {id} was denied"), needs.or(reason)),
        State::Unlicensed => {
            let licence = section.map(|section| section.licence).filter(|licence| !licence.is_empty());
            with(format!("section {id} needs a licence that the tenant lacks"), needs.or(licence))
        }
        State::Unavailable => with(format!("section {id} is not available in this tenant or cloud"), reason.or(needs)),
        State::Failed => with(format!("section {id} could not be collected"), reason.or(needs)),
        State::NotAsked => match way_in(id) {
            Some(way) => format!("section {id} is not in the snapshot: {way}"),
            None => format!("section {id} is not in the snapshot"),
        },
    };
    let remedy = match state {
        State::Unlicensed | State::Unavailable => Remedy::Attest,
        State::Read | State::Partial | State::Denied | State::Failed | State::NotAsked => Remedy::Collect,
    };
    Cause { text, remedy, state: Some(state) }
}

fn with(text: String, more: Option<&str>) -> String {
    match more {
        Some(more) => format!("{text} ({more})"),
        None => text,
    }
}

/// How a section that nobody asked for gets into a snapshot.
fn way_in(id: &str) -> Option<String> {
    let section = sections::find(id)?;
    if section.via.contains(&Via::Declared) {
        return Some(format!("levelmark declare SNAPSHOT {id}"));
    }
    let graph = section.graph.as_ref()?;
    let permission = if graph.application.is_empty() { graph.delegated } else { graph.application };
    Some(format!("levelmark import graph, permission {permission}"))
}

fn too_old(world: &World<'_>, id: &str, record: &SectionRecord) -> Option<Cause> {
    let today = world.input.today;
    if let Some(declared) = &record.declared
        && declared.expires <= today
    {
        let text = format!("the declaration of {id} by {} expired on {}", declared.by, declared.expires.date_naive());
        return Some(Cause { text, remedy: Remedy::Collect, state: None });
    }
    let (limit, at) = (world.input.max_age?, record.at.unwrap_or(world.input.snapshot.manifest.taken.at));
    let age = today - at;
    (age > limit).then(|| Cause {
        text: format!("section {id} was collected {} ago", duration::words(age)),
        remedy: Remedy::Collect,
        state: None,
    })
}

fn unasked(id: &str, field: &str, record: &SectionRecord) -> Option<Cause> {
    let cause = |text: String| Some(Cause { text, remedy: Remedy::Collect, state: None });
    if field == "*" {
        let (name, reason) = record.without.iter().next()?;
        return cause(format!("section {id} is without `{name}` ({reason})"));
    }
    if let Some(reason) = record.without.get(field) {
        return cause(format!("section {id} is without `{field}` ({reason})"));
    }
    let asked = record.fields.as_ref()?;
    if asked.iter().any(|name| name == field) {
        return None;
    }
    cause(format!("section {id} was collected without the property `{field}`"))
}

/// A log that does not reach back as far as the query asks has gaps.
fn short_log(world: &World<'_>, id: &str, record: &SectionRecord, window: Option<TimeDelta>) -> Option<Cause> {
    let (window, from) = (window?, record.from?);
    let is_log = sections::find(id).is_none_or(|section| match section.kind {
        Kind::Log | Kind::Derived => true,
        Kind::Settings | Kind::Bulk => false,
    });
    let asked_from = world.input.snapshot.manifest.taken.at - window;
    (is_log && asked_from < from).then(|| Cause {
        text: format!("section {id} reaches back only to {}, asked is {}", from.date_naive(), asked_from.date_naive()),
        remedy: Remedy::Collect,
        state: Some(State::Partial),
    })
}

/// Names below open types that no candidate in the data has: a typo must not pass.
fn unseen_names(world: &World<'_>, open: &[(String, Vec<String>)]) -> Vec<Cause> {
    open.iter().filter_map(|(id, path)| unseen_name(world, id, path)).collect()
}

fn unseen_name(world: &World<'_>, id: &str, path: &[String]) -> Option<Cause> {
    let (name, above) = path.split_last()?;
    let root = crate::query::Source::section(&world.roots, id)?;
    let mut level: Vec<NodeRef<'_>> = root.elements().collect();
    for step in above {
        level = level.into_iter().filter_map(|node| node.get(step)).flat_map(flat).collect();
    }
    let candidates: Vec<NodeRef<'_>> = level.into_iter().filter(|node| node.kind() == Json::Object).collect();
    if candidates.is_empty() || candidates.iter().any(|node| node.get(name).is_some()) {
        return None;
    }
    let near = nearest(name, &candidates);
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Some(Cause {
        text: format!("no item of {id} has a property `{name}`{hint}"),
        remedy: Remedy::Collect,
        state: None,
    })
}

fn flat(node: NodeRef<'_>) -> Vec<NodeRef<'_>> {
    match node.kind() {
        Json::Array => node.elements().collect(),
        Json::Null | Json::Bool | Json::Number | Json::String | Json::Object => vec![node],
    }
}

fn nearest(name: &str, candidates: &[NodeRef<'_>]) -> Option<String> {
    let names: BTreeSet<String> =
        candidates.iter().take(100).flat_map(|node| node.members().map(|(name, _, _)| name.into_owned())).collect();
    let scored = names.into_iter().map(|other| (strsim::jaro_winkler(name, &other), other));
    scored.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, other)| other)
}

/// How far back the time literals of a query ask; None if it has none that look back.
pub(super) fn looks_back(query: &Query) -> Option<TimeDelta> {
    let mut oldest: Option<TimeDelta> = None;
    query.visit_times(&mut |offset| {
        if offset < TimeDelta::zero() {
            oldest = oldest.max(Some(-offset));
        }
    });
    oldest
}
