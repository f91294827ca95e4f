//! Page after page. Comes in: a first request, or a first body. Goes out: items, page by page, until
//! the service names no next one. Not here: what is done with the items.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};
use url::Url;

use super::send::{Answer, Ask, Client, Room};
use super::{Failure, address};
use crate::import::graph::refusal::Refusal;
use crate::import::text;
use crate::yaml::suggest::shown;

/// The most pages of one request: five million items in pages of a hundred and more.
pub const MOST: usize = 50_000;
/// The most pages without an item in a row; some are legal.
const EMPTY: usize = 1_000;

/// Items of one answer.
#[derive(Debug, Default)]
pub struct Page {
    /// The items.
    pub items: Vec<Map<String, Value>>,
    /// It came as one object, not as a list.
    pub single: bool,
    /// Id of the request at the service.
    pub request: Option<String>,
    next: Option<String>,
    /// Held until the items are taken in.
    _room: Room,
}

impl Page {
    /// All items there are.
    pub(super) const fn alone(items: Vec<Map<String, Value>>, request: Option<String>) -> Self {
        Self { items, single: false, request, next: None, _room: None }
    }

    /// Reads an answer.
    pub(super) fn read(answer: &Answer) -> Result<Self, Failure> {
        if answer.elsewhere {
            return Err(Failure::Elsewhere("the answer is a redirect to another address".to_owned()));
        }
        let value = text::parse(&answer.body, "the answer").map_err(|error| unusable(&error.to_string()))?;
        Ok(Self::of(value, answer.request.clone())?.in_room(answer.room.clone()))
    }

    /// Reads a body: a page, an entity, or an entity in a wrapping that some documents show.
    pub fn of(value: Value, request: Option<String>) -> Result<Self, Failure> {
        if let Some(refusal) = Refusal::read(&value) {
            return Err(Failure::Refused(refusal));
        }
        let Value::Object(mut members) = value else { return Err(unusable("it is no object")) };
        let next = match members.remove("@odata.nextLink") {
            Some(Value::String(next)) => Some(next),
            Some(Value::Null) | None => None,
            Some(_) => return Err(unusable("its next page is no address")),
        };
        let page = Self { request, next, ..Self::default() };
        match members.remove("value") {
            Some(Value::Array(items)) => {
                let items = items.into_iter().map(|item| match item {
                    Value::Object(members) => Ok(members),
                    _ => Err(unusable("one of its items is no object")),
                });
                Ok(Self { items: items.collect::<Result<_, _>>()?, ..page })
            }
            Some(Value::Object(inner)) => Ok(Self { items: vec![inner], single: true, ..page }),
            Some(_) => Err(unusable("it holds no list")),
            None => Ok(Self { items: vec![members], single: true, ..page }),
        }
    }

    /// The same, keeping room for the answer that it came in.
    pub(super) fn in_room(self, room: Room) -> Self {
        Self { _room: room, ..self }
    }

    /// Whether the service names a next page.
    #[must_use]
    pub const fn has_next(&self) -> bool {
        self.next.is_some()
    }
}

fn unusable(why: &str) -> Failure {
    Failure::Answer(shown(why))
}

/// The way through the pages of one request.
#[derive(Debug)]
pub struct Walk {
    next: Option<Ask>,
    /// Hashes of the addresses that were asked: a circle is noticed. The addresses are long, and may be
    /// many.
    seen: HashSet<u64>,
    pages: usize,
    empty: usize,
}

impl Walk {
    /// Starts with a request.
    #[must_use]
    pub fn new(first: Ask) -> Self {
        Self { next: Some(first), seen: HashSet::new(), pages: 0, empty: 0 }
    }

    /// Goes on after a page that came otherwise, e.g. in a batch; `ask` is what it was asked with.
    ///
    /// # Errors
    /// Its next page is elsewhere.
    pub fn after(page: &Page, ask: &Ask, client: &Client) -> Result<Self, Failure> {
        let mut walk = Self { next: None, ..Self::new(ask.clone()) };
        walk.seen.insert(hashed(&ask.url));
        walk.follow(page, ask, client)?;
        Ok(walk)
    }

    /// The next page; none after the last.
    ///
    /// # Errors
    /// Why it can't be had. There is nothing more after that.
    pub async fn next(&mut self, client: &Client) -> Result<Option<Page>, Failure> {
        let Some(ask) = self.next.take() else { return Ok(None) };
        self.seen.insert(hashed(&ask.url));
        let page = Page::read(&client.get(&ask).await?)?;
        self.follow(&page, &ask, client)?;
        Ok(Some(page))
    }

    fn follow(&mut self, page: &Page, ask: &Ask, client: &Client) -> Result<(), Failure> {
        self.pages += 1;
        self.empty = if page.items.is_empty() { self.empty + 1 } else { 0 };
        let Some(next) = &page.next else { return Ok(()) };
        let url = address::next(&client.setup.endpoints.graph, ask.version, next)?;
        if self.seen.contains(&hashed(&url)) {
            return Err(Failure::Elsewhere("the pages go round in a circle".to_owned()));
        }
        if self.pages >= client.setup.pages || self.empty >= EMPTY {
            return Err(Failure::TooLarge(format!("no end after {} pages", self.pages)));
        }
        self.next = Some(Ask { url, ..ask.clone() });
        Ok(())
    }
}

fn hashed(url: &Url) -> u64 {
    let mut hasher = DefaultHasher::new();
    url.as_str().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_form_of_an_answer() {
        let one = json!({"id": "1"});
        for (body, items, single, next) in [
            (json!({"value": [one, one], "@odata.nextLink": "x"}), 2, false, true),
            (json!({"value": [], "@odata.nextLink": null}), 0, false, false),
            (json!({"value": one}), 1, true, false),
            (one.clone(), 1, true, false),
        ] {
            let page = Page::of(body.clone(), None).unwrap();
            assert_eq!((page.items.len(), page.single, page.has_next()), (items, single, next), "{body}");
        }
        for body in [
            json!([]),
            json!("x"),
            json!(null),
            json!({"value": null}),
            json!({"value": [1]}),
            json!({"value": [one], "@odata.nextLink": 1}),
        ] {
            assert!(matches!(Page::of(body, None), Err(Failure::Answer(_))));
        }
        let error = json!({"error": {"code": "Authorization_RequestDenied", "message": "no"}});
        assert!(matches!(Page::of(error, None), Err(Failure::Refused(_))));
    }
}
