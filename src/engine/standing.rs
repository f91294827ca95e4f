//! Whether a section may be trusted for a query: all of it, only what it shows, or not at all, and
//! then why and what would help. Comes in: what a query reads. Goes out: a `Standing`. Not here:
//! what follows from it for an assertion (`assertion`).

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::derive::{self, Derived};
use crate::query::ir::{Condition, Query, Root};
use crate::query::reads::QueryReads;
use crate::query::{times, visit};
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
pub(super) fn of_query(
    world: &World<'_>,
    query: &Query,
    reads: &QueryReads,
    window: Option<TimeDelta>,
) -> Standing {
    let mut standing = of_shared(world, reads);
    for (id, fields) in &reads.population {
        standing.merge(of_section(world, &Asked { id, fields, queries: vec![query], window }));
    }
    let mut inside = Vec::new();
    visit::queries(query, &mut |query| inside.push(query));
    standing.merge(of_arguments(world, reads, &inside, window));
    standing
}

/// The standing of a filter that stands alone: what it names of its population's items, and the
/// queries inside it.
pub(super) fn of_condition(
    world: &World<'_>,
    condition: &Condition,
    reads: &QueryReads,
    population: &Query,
) -> Standing {
    let mut standing = of_shared(world, reads);
    let (mut inside, mut oldest) = (Vec::new(), None);
    visit::condition(condition, &mut |query| inside.push(query));
    times::of_condition(condition, &mut |offset| oldest = oldest.max(Some(-offset)));
    let window = oldest.filter(|oldest| *oldest > TimeDelta::zero());
    for (id, fields) in &reads.population {
        // It is asked of the items of the population, which go back as far as its query says.
        let window = window.max(looks_back(population));
        standing.merge(of_section(world, &Asked { id, fields, queries: vec![population], window }));
    }
    standing.merge(of_arguments(world, reads, &inside, window));
    standing
}

fn of_shared(world: &World<'_>, reads: &QueryReads) -> Standing {
    let mut standing = Standing { blind: missing_params(world, &reads.params), ..Standing::default() };
    standing.blind.extend(unseen_names(world, &reads.open));
    standing
}

/// Where a section is an argument, its gaps make everything unknown.
fn of_arguments(
    world: &World<'_>,
    reads: &QueryReads,
    inside: &[&Query],
    window: Option<TimeDelta>,
) -> Standing {
    let mut standing = Standing::default();
    for (id, fields) in &reads.arguments {
        let is_its = |query: &&&Query| matches!(&query.root, Root::Sections(ids) if ids.contains(id));
        let queries: Vec<&Query> = inside.iter().filter(is_its).copied().collect();
        let mut one = of_section(world, &Asked { id, fields, queries, window });
        one.blind.append(&mut one.gaps);
        standing.merge(one);
    }
    standing
}

/// A section that is asked for.
struct Asked<'q> {
    id: &'q str,
    /// First-level names that are used of its items.
    fields: &'q BTreeSet<String>,
    /// The queries that walk it.
    queries: Vec<&'q Query>,
    /// How far back they ask.
    window: Option<TimeDelta>,
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

fn of_section(world: &World<'_>, asked: &Asked<'_>) -> Standing {
    let id = asked.id;
    if let Some(derived) = world.derived(id) {
        return of_derived(world, asked, derived);
    }
    let Some(record) = world.record(id) else {
        return blind(unseen(id, State::NotAsked, None));
    };
    let mut standing = Standing { basis: Some(basis_of(record.via)), ..Standing::default() };
    match record.state {
        State::Read => {}
        State::Partial => standing.gaps.push(unseen(id, State::Partial, Some(record))),
        State::Denied | State::Unlicensed | State::Unavailable | State::Failed | State::NotAsked => {
            return blind(unseen(id, record.state, Some(record)));
        }
    }
    standing.blind.extend(asked.fields.iter().filter_map(|field| unasked(id, field, record)));
    if sections::find(id).is_none_or(|section| section.kind == Kind::Log) {
        standing.gaps.extend(short_log(world, asked, record.from));
    }
    standing.gaps.extend(old_log(world, id, record));
    standing
}

/// A derived section is as good as what it was made from, as far as the query looks.
fn of_derived(world: &World<'_>, asked: &Asked<'_>, derived: &Derived) -> Standing {
    let made_from = derive::inputs(asked.id).iter().filter_map(|input| world.record(input.section));
    let seen = made_from.filter(|record| record.state.has_data());
    let mut standing =
        Standing { basis: seen.map(|record| basis_of(record.via)).max(), ..Standing::default() };
    for query in &asked.queries {
        let seen = derived.seen_by(query, asked.fields);
        let causes = seen.causes.iter().map(|cause| derived_cause(asked.id, cause));
        match seen.state {
            State::Read => {}
            State::Partial => standing.gaps.extend(causes),
            State::Denied | State::Unlicensed | State::Unavailable | State::Failed | State::NotAsked => {
                standing.blind.extend(causes);
            }
        }
        standing.gaps.extend(short_log(world, asked, seen.from));
        standing.blind.extend(short_fields(world, asked, seen.reach));
    }
    for input in derive::inputs(asked.id) {
        let record = world.record(input.section);
        standing.gaps.extend(record.and_then(|record| old_log(world, input.section, record)));
    }
    let untrusted = derived
        .without
        .iter()
        .filter(|(field, _)| asked.fields.contains(*field) || asked.fields.contains("*"));
    standing.blind.extend(untrusted.map(|(field, cause)| {
        let text = format!("`{field}` of {} can't be told: {}", asked.id, cause.reason);
        Cause { text, ..derived_cause(asked.id, cause) }
    }));
    standing
}

fn derived_cause(id: &str, cause: &derive::Cause) -> Cause {
    let unseen = unseen(cause.section, cause.state, None);
    Cause { text: format!("{id} can't be told: {}", cause.reason), ..unseen }
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
        State::Unavailable => {
            with(format!("section {id} is not available in this tenant or cloud"), reason.or(needs))
        }
        State::Failed => with(format!("section {id} could not be collected"), reason.or(needs)),
        State::NotAsked => match way_in(id).filter(|_| reason.is_none()) {
            None if reason.is_some() => with(format!("section {id} no longer counts"), reason),
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
    let permission = graph.least(graph.application.is_empty()).join(" ");
    Some(format!("import it from Graph, permission {permission}"))
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
fn short_log(world: &World<'_>, asked: &Asked<'_>, from: Option<DateTime<Utc>>) -> Option<Cause> {
    let (window, from) = (asked.window?, from?);
    let asked_from = world.input.snapshot.manifest.taken.at - window;
    (asked_from < from).then(|| Cause {
        text: format!(
            "section {} reaches back only to {}, asked is {}",
            asked.id,
            from.date_naive(),
            asked_from.date_naive()
        ),
        remedy: Remedy::Collect,
        state: Some(State::Partial),
    })
}

/// A log ends when it was read. Where the rest of the snapshot is a day younger, what came since is not in
/// it: of the time up to the evidence's it does not tell all.
fn old_log(world: &World<'_>, id: &str, record: &SectionRecord) -> Option<Cause> {
    let is_log = sections::find(id).is_some_and(|section| section.kind == Kind::Log);
    // A register is as complete as its keeper says.
    let (taken, at) = (world.input.snapshot.manifest.taken.at, record.at?);
    let old = is_log && record.via == Some(Via::Graph) && taken - at > TimeDelta::days(1);
    old.then(|| Cause {
        text: format!("section {id} ends on {}, the snapshot on {}", at.date_naive(), taken.date_naive()),
        remedy: Remedy::Collect,
        state: Some(State::Partial),
    })
}

/// Of items older than the log behind them, fields of a derived section say nothing: neither that
/// something happened nor that it did not. A query without a period asks for items of any age.
fn short_fields(world: &World<'_>, asked: &Asked<'_>, reach: Option<DateTime<Utc>>) -> Option<Cause> {
    let reach = reach?;
    let asked_from = asked.window.map(|window| world.input.snapshot.manifest.taken.at - window);
    if asked_from.is_some_and(|from| from >= reach) {
        return None;
    }
    let asked_from = asked_from.map_or_else(|| "any age".to_owned(), |from| from.date_naive().to_string());
    let text = format!("{} can be told back to {} only, asked is {asked_from}", asked.id, reach.date_naive());
    Some(Cause { text, remedy: Remedy::Collect, state: Some(State::Partial) })
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
    let names: BTreeSet<String> = candidates
        .iter()
        .take(100)
        .flat_map(|node| node.members().map(|(name, _, _)| name.into_owned()))
        .collect();
    let scored = names.into_iter().map(|other| (strsim::jaro_winkler(name, &other), other));
    scored.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, other)| other)
}

/// How far back the time literals of a query ask; None if it has none that look back.
pub(super) fn looks_back(query: &Query) -> Option<TimeDelta> {
    let mut oldest: Option<TimeDelta> = None;
    times::of_query(query, &mut |offset| {
        if offset < TimeDelta::zero() {
            oldest = oldest.max(Some(-offset));
        }
    });
    oldest
}
