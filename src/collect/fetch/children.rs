//! Objects that are joined into the items of a page: owners of groups, federated credentials of
//! applications. Comes in: a page. Goes out: the same page, each item with its objects. Not here: pages.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::{StreamExt, stream};
use serde_json::{Map, Value};

use super::super::client::page::{Page, Walk};
use super::super::client::{Ask, Failure};
use super::super::intake::Intake;
use super::{Shared, objects};
use crate::sections::throttle::Throttle;
use crate::sections::{Child, Graph};

/// Batches of one page at a time.
const BATCHES: usize = 32;
/// The most objects of one item, and bytes of their pages: they are in memory until their page is kept.
const OBJECTS: usize = 20_000;
const BYTES: usize = 8 << 20;

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

    /// Whether the object itself is not there any more; its path is that of the child without the last
    /// step.
    async fn is_gone(&self, child: &Child, ask: &Ask, item: &Map<String, Value>) -> bool {
        let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
        let Some((own, _)) = child.path.rsplit_once('/') else { return false };
        match objects::ask(&self.shared.client, &self.graph, own, "$select=id", id) {
            Some(Ok(own)) => {
                self.shared.client.get(&Ask { class: ask.class, ..own }).await.is_err_and(|f| f.is_gone())
            }
            Some(Err(_)) | None => false,
        }
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
        let parts: Vec<Vec<Ask>> =
            asks.chunks(self.shared.client.at_once(Throttle::of(child.path))).map(<[Ask]>::to_vec).collect();
        let lists = stream::iter(parts).map(|part| lists(self.shared.clone(), part)).buffered(BATCHES);
        let lists: Vec<Vec<Result<Vec<Value>, Failure>>> = lists.collect().await;
        let mut joined = Vec::with_capacity(items.len());
        for ((mut item, list), ask) in items.into_iter().zip(lists.into_iter().flatten()).zip(&asks) {
            match list {
                Ok(mut list) => {
                    // Graph serves them in no order.
                    list.sort_by_cached_key(|object| object.get("id").map(Value::to_string));
                    item.insert(child.field.to_owned(), Value::Array(list));
                    joined.push(item);
                }
                Err(failure @ (Failure::SignIn(_) | Failure::Disk(_))) => return Err(failure),
                // Deleted since it was listed: only if the object itself is not there any more.
                Err(failure) if failure.is_gone() && self.is_gone(child, ask, &item).await => {}
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
    let mut page = answer?;
    let mut walk = Walk::after(&page, ask, &shared.client)?;
    let (mut objects, mut bytes) = (Vec::new(), 0);
    loop {
        if page.single {
            return Err(Failure::Answer("one object came where a list was expected".to_owned()));
        }
        bytes += page.bytes;
        objects.extend(page.items.into_iter().map(Value::Object));
        if objects.len() > OBJECTS || bytes > BYTES {
            return Err(Failure::TooLarge(format!("more than {OBJECTS} objects of one item")));
        }
        match walk.next(&shared.client).await? {
            Some(next) => page = next,
            None => return Ok(objects),
        }
    }
}
