//! Objects that are joined into the items of a page: owners of groups, federated credentials of
//! applications. Comes in: a page. Goes out: the same page, each item with its objects. Not here: pages.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::{StreamExt, stream};
use serde_json::{Map, Value};

use super::super::client::page::{Page, Walk};
use super::super::client::{Ask, Failure, batch};
use super::super::intake::Intake;
use super::{Shared, objects};
use crate::sections::{Child, Graph};

/// Batches of one page at a time.
const BATCHES: usize = 32;

/// What is joined into the items of one section.
pub(super) struct Children {
    shared: Arc<Shared>,
    graph: Graph,
    /// Properties that could not be read for every item: none keeps them.
    lost: Mutex<BTreeMap<&'static str, String>>,
}

impl Children {
    /// Joins what is not known beforehand to be out of reach.
    pub(super) fn new(shared: Arc<Shared>, graph: Graph, without: &BTreeMap<String, String>) -> Self {
        let lost = graph.children.iter().map(|child| child.field);
        let lost = lost.filter_map(|field| Some((field, without.get(field)?.clone()))).collect();
        Self { shared, graph, lost: Mutex::new(lost) }
    }

    /// Says in the record what was lost.
    pub(super) fn told(&self, intake: &mut Intake) {
        for (field, why) in self.lost.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            intake.without.entry((*field).to_owned()).or_insert_with(|| why.clone());
        }
    }

    /// Joins into each item of a page.
    pub(super) async fn join(&self, mut page: Page) -> Result<Page, Failure> {
        for child in self.graph.children {
            if self.is_lost(child) {
                continue;
            }
            page.items = self.child(page.items, child).await?;
        }
        Ok(page)
    }

    fn is_lost(&self, child: &Child) -> bool {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).contains_key(child.field)
    }

    fn lose(&self, child: &Child, why: String) {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).entry(child.field).or_insert(why);
    }

    async fn child(
        &self,
        items: Vec<Map<String, Value>>,
        child: &Child,
    ) -> Result<Vec<Map<String, Value>>, Failure> {
        let client = &self.shared.client;
        let mut asks = Vec::with_capacity(items.len());
        for item in &items {
            let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
            let ask = objects::ask(client, &self.graph, child.path, child.query, id).transpose()?;
            let Some(ask) = ask else {
                self.lose(child, "an item has no usable id".to_owned());
                return Ok(items);
            };
            asks.push(ask);
        }
        let parts: Vec<Vec<Ask>> = asks.chunks(batch::MOST).map(<[Ask]>::to_vec).collect();
        let lists = stream::iter(parts).map(|part| lists(self.shared.clone(), part)).buffered(BATCHES);
        let lists: Vec<Vec<Result<Vec<Value>, Failure>>> = lists.collect().await;
        let mut joined = Vec::with_capacity(items.len());
        for (mut item, list) in items.into_iter().zip(lists.into_iter().flatten()) {
            match list {
                Ok(mut list) => {
                    // Graph serves them in no order.
                    list.sort_by_cached_key(|object| object.get("id").map(Value::to_string));
                    item.insert(child.field.to_owned(), Value::Array(list));
                    joined.push(item);
                }
                Err(failure @ (Failure::SignIn(_) | Failure::Disk(_))) => return Err(failure),
                // Deleted since it was listed.
                Err(failure) if failure.is_gone() => {}
                Err(failure) => {
                    self.lose(child, format!("{failure} (needs {})", child.permission));
                    joined.push(item);
                }
            }
        }
        Ok(joined)
    }
}

/// The objects of some items.
async fn lists(shared: Arc<Shared>, asks: Vec<Ask>) -> Vec<Result<Vec<Value>, Failure>> {
    let answers = shared.client.batch(&asks).await;
    let mut lists = Vec::with_capacity(asks.len());
    for (ask, answer) in asks.iter().zip(answers) {
        lists.push(whole(&shared, ask, answer).await);
    }
    lists
}

/// The objects of one item, all pages of them.
async fn whole(shared: &Shared, ask: &Ask, answer: Result<Page, Failure>) -> Result<Vec<Value>, Failure> {
    let first = answer?;
    let mut walk = Walk::after(&first, ask, &shared.client)?;
    let mut objects: Vec<Value> = first.items.into_iter().map(Value::Object).collect();
    while let Some(page) = walk.next(&shared.client).await? {
        objects.extend(page.items.into_iter().map(Value::Object));
    }
    Ok(objects)
}
