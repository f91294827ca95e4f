//! The objects that a section's requests are made for. Comes in: where they come from, and the sections
//! that were read before. Goes out: their ids, with what of them goes into the items. Not here: asking
//! for each.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::client::page::Walk;
use super::super::client::{Ask, Client, Failure, address};
use super::{Shared, groups};
use crate::sections::{self, Each, Graph, Over, Section};
use crate::snapshot::record::{SectionRecord, State};
use crate::snapshot::stream;

/// The most objects that are listed for their ids alone.
const OBJECTS: usize = 100_000;

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    /// What goes into the path or the query.
    pub by: String,
    /// What goes into the items: name and value.
    pub joins: Vec<(&'static str, Value)>,
}

/// All objects that are known.
#[derive(Debug)]
pub(super) struct List {
    pub all: Vec<Object>,
    /// Why there may be more.
    pub gap: Option<String>,
    /// A person named them: one that does not exist is a mistake, not a change.
    pub declared: bool,
    /// None of them need be there any more.
    pub may_be_gone: bool,
    /// The path that is asked.
    pub path: String,
}

/// Objects, or a state without any.
#[derive(Debug)]
pub(super) enum Objects {
    These(List),
    None(Box<SectionRecord>),
}

/// Finds them.
pub(super) async fn of(
    shared: &Arc<Shared>,
    section: &'static Section,
    graph: &Graph,
    parents: &BTreeMap<&'static str, SectionRecord>,
) -> Result<Objects, Failure> {
    let Some(over) = graph.over else {
        return Ok(Objects::None(Box::new(SectionRecord::of(State::NotAsked))));
    };
    if let Some(declared) = graph.declared.filter(|_| shared.declared_only) {
        let all = named(&shared.params, |name| declared.matches(name), &over);
        return Ok(if all.is_empty() { nobody(declared.param) } else { these(all, declared.path, true) });
    }
    if let Each::Param(name) = over.each {
        let all = named(&shared.params, |param| param == name, &over);
        return Ok(if all.is_empty() { nobody(name) } else { these(all, graph.path, true) });
    }
    if let Each::At(path) = over.each {
        let mut walk = Walk::new(shared.client.ask(graph.version, path, "")?);
        let mut all = Vec::new();
        while let Some(page) = walk.next(&shared.client).await? {
            all.extend(page.items.iter().filter_map(|item| object(item, &over)));
            if all.len() > OBJECTS {
                return Err(Failure::TooLarge(format!("more than {OBJECTS} objects at {path}")));
            }
        }
        return Ok(these(all, graph.path, false));
    }
    let indispensable = section.indispensable();
    let unseen = parents.iter().find(|(id, record)| indispensable.contains(id) && !record.state.has_data());
    if let (Some((id, record)), [_]) = (unseen, indispensable) {
        // There is one parent, and it says why.
        return Ok(Objects::None(Box::new(SectionRecord {
            at: None,
            source: None,
            requests: Vec::new(),
            reason: Some(match &record.reason {
                Some(reason) => format!("it is asked for each of {id}, which could not be read: {reason}"),
                None => format!("it is asked for each of {id}, which could not be read"),
            }),
            ..record.clone()
        })));
    }
    let naming =
        parents.iter().filter(|(id, _)| over.each != Each::ReferencedGroups || **id != groups::GROUPS);
    let gap = naming.into_iter().find_map(|(id, record)| gap(id, record, indispensable));
    let (own, records) = (shared.clone(), parents.clone());
    let all = tokio::task::spawn_blocking(move || match over.each {
        Each::Item(id) => Ok((matching(&own, id, &over, &|_| true)?, false)),
        Each::Where(id, property, value) => {
            Ok((matching(&own, id, &over, &|item| holds(item, property, value))?, false))
        }
        Each::ReferencedGroups => {
            let found = groups::referenced(&own, &records)?;
            Ok((of_ids(&found.ids, &over), found.untold))
        }
        Each::At(_) | Each::Param(_) => Ok((Vec::new(), false)),
    });
    let all = all.await.map_err(|error| Failure::Disk(error.to_string()))?;
    let all = all.map_err(|error: std::io::Error| {
        Failure::Disk(format!("{} cannot be read again: {error}", section.id))
    });
    let (all, untold) = all?;
    let untold = untold.then(|| "some role assignments do not say whom they are of".to_owned());
    Ok(Objects::These(List {
        all,
        gap: gap.or(untold),
        declared: false,
        may_be_gone: over.each == Each::ReferencedGroups,
        path: graph.path.to_owned(),
    }))
}

/// A parameter names no object: nothing was asked, which is not the same as nothing being there.
fn nobody(param: &str) -> Objects {
    Objects::None(Box::new(SectionRecord {
        needs: Some(format!("the parameter `{param}`")),
        reason: Some(format!("the parameter `{param}` names nothing to ask about")),
        ..SectionRecord::of(State::NotAsked)
    }))
}

fn these(all: Vec<Object>, path: &str, declared: bool) -> Objects {
    Objects::These(List { all, gap: None, declared, may_be_gone: false, path: path.to_owned() })
}

/// Why objects may be missing.
fn gap(id: &str, record: &SectionRecord, indispensable: &[&str]) -> Option<String> {
    match record.state {
        State::Read => None,
        State::Partial => Some(format!("it is asked for each of {id}, which was read only in part")),
        // Without the licence nothing can be there.
        State::Unlicensed | State::Unavailable if !indispensable.contains(&id) => None,
        State::Denied | State::Failed | State::NotAsked | State::Unlicensed | State::Unavailable => {
            Some(format!("{id} could not be read, and may name more"))
        }
    }
}

/// The request for one object; None where its id is no id.
pub(super) fn ask(
    client: &Client,
    graph: &Graph,
    path: &str,
    query: &str,
    id: &str,
) -> Option<Result<Ask, Failure>> {
    let in_path = address::encoded(id)?;
    // Inside a text of OData a quote is written twice.
    let in_query = address::encoded(&id.replace('\'', "''"))?;
    Some(client.ask(graph.version, &filled(path, &in_path), &filled(query, &in_query)))
}

/// Replaces what stands in braces.
fn filled(text: &str, value: &str) -> String {
    match text.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?.1))) {
        Some((before, after)) => format!("{before}{value}{after}"),
        None => text.to_owned(),
    }
}

/// Ids of the parameters whose names fit.
fn named(params: &Map<String, Value>, fits: impl Fn(&str) -> bool, over: &Over) -> Vec<Object> {
    let values = params.iter().filter(|(name, _)| fits(name)).flat_map(|(_, value)| match value {
        Value::Array(values) => values.clone(),
        Value::String(_) => vec![value.clone()],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    });
    of_ids(&values.filter_map(|value| value.as_str().map(str::to_owned)).collect(), over)
}

fn of_ids(ids: &BTreeSet<String>, over: &Over) -> Vec<Object> {
    let join = |id: &str| over.joins.iter().map(|(_, name)| (*name, Value::from(id))).collect();
    ids.iter().map(|id| Object { by: id.clone(), joins: join(id) }).collect()
}

fn object(item: &Map<String, Value>, over: &Over) -> Option<Object> {
    let text = |name: &str| item.get(name).cloned().unwrap_or(Value::Null);
    Some(Object {
        by: item.get(over.by)?.as_str()?.to_owned(),
        joins: over.joins.iter().map(|(from, name)| (*name, text(from))).collect(),
    })
}

/// Whether a property is, or holds, a value.
fn holds(item: &Map<String, Value>, property: &str, value: &str) -> bool {
    let is = |found: &Value| match found {
        Value::String(text) => text == value,
        Value::Bool(flag) => flag.to_string() == value,
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    };
    match item.get(property) {
        Some(Value::Array(values)) => values.iter().any(is),
        Some(found) => is(found),
        None => false,
    }
}

/// The items of a section that was kept, and that fit.
fn matching(
    shared: &Shared,
    id: &str,
    over: &Over,
    fits: &dyn Fn(&Map<String, Value>) -> bool,
) -> std::io::Result<Vec<Object>> {
    let mut all = Vec::new();
    each(shared, id, &mut |item| {
        if fits(item) {
            all.extend(object(item, over));
        }
    })?;
    Ok(all)
}

/// Visits the items of a section that was kept.
pub(super) fn each(
    shared: &Shared,
    id: &str,
    visit: &mut dyn FnMut(&Map<String, Value>),
) -> std::io::Result<()> {
    let Some(section) = sections::find(id) else { return Ok(()) };
    let path = shared.store.items_at(section);
    if !path.is_file() {
        return Ok(());
    }
    stream::items(&path, &mut |mut item| {
        if let Some(veil) = &shared.veil {
            veil.lift(&mut item);
        }
        if let Value::Object(item) = &item {
            visit(item);
        }
        ControlFlow::Continue(())
    })
}
