//! Twenty objects at once. Comes in: requests of one class. Goes out: a body or a failure for each.
//! Those inside a batch that come too often are asked again alone, not the whole batch. Not here:
//! further pages of a body (`page`).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::address;
use super::retry::{self, HURRIED, LONGEST, PATIENT};
use super::send::{Ask, Client, Payload, Room};
use super::{Failure, page::Page};
use crate::import::graph::refusal::Refusal;
use crate::import::text;
use crate::yaml::suggest::shown;

/// The most requests of one batch, by Graph's own limit.
pub const MOST: usize = 20;

/// An item that has no answer yet.
struct Open<'a> {
    place: usize,
    ask: &'a Ask,
    attempt: u32,
}

impl Client {
    /// Asks all of these in one batch; at most [`MOST`], all of one version and class.
    pub async fn batch(&self, asks: &[Ask]) -> Vec<Result<Page, Failure>> {
        let mut answers: Vec<Option<Result<Page, Failure>>> = asks.iter().map(|_| None).collect();
        let mut open: Vec<Open<'_>> =
            asks.iter().enumerate().map(|(place, ask)| Open { place, ask, attempt: 0 }).collect();
        let mut waited = Duration::ZERO;
        while !open.is_empty() {
            let (mut responses, room) = match self.send(&open).await {
                Ok(answer) => answer,
                Err(failure) => {
                    for item in &open {
                        put(&mut answers, item.place, Err(failure.clone()));
                    }
                    break;
                }
            };
            let (mut again, mut told, mut throttled) = (Vec::new(), None, false);
            for item in open {
                let response = responses.remove(&item.place.to_string());
                match self.judge_item(response, &item) {
                    Verdict::Done(answer) => {
                        let answer = answer.map(|page| page.in_room(room.clone()));
                        put(&mut answers, item.place, answer);
                    }
                    Verdict::Again { wait, busy } => {
                        told = told.max(wait);
                        throttled |= busy;
                        again.push(Open { attempt: item.attempt + 1, ..item });
                    }
                }
            }
            open = again;
            let Some(most) = open.iter().map(|item| item.attempt).max() else { break };
            let wait = retry::wait(most, told, retry::chance());
            waited += wait;
            if waited > LONGEST {
                for item in &open {
                    put(&mut answers, item.place, Err(Failure::Patience(wait.as_secs().div_ceil(60))));
                }
                break;
            }
            let ours = self.setup.tempo.ours(wait);
            match open.first().filter(|_| throttled) {
                Some(item) => self.limiter.hold(item.ask.class, ours),
                None => tokio::time::sleep(ours).await,
            }
        }
        let lost = || Err(Failure::Answer("it was left out of a batch".to_owned()));
        answers.into_iter().map(|answer| answer.unwrap_or_else(lost)).collect()
    }

    /// Sends what is open; answers by id.
    async fn send(&self, open: &[Open<'_>]) -> Result<(BTreeMap<String, Value>, Room), Failure> {
        let Some(first) = open.first() else { return Ok((BTreeMap::new(), None)) };
        let root = &self.setup.endpoints.graph;
        let requests: Vec<Value> = open
            .iter()
            .map(|item| {
                let url = address::relative(root, item.ask.version, &item.ask.url);
                let headers = json!({"Prefer": "include-unknown-enum-members", "Accept": "application/json"});
                json!({"id": item.place.to_string(), "method": "GET", "url": url, "headers": headers})
            })
            .collect();
        let ask = Ask {
            url: address::of(root, first.ask.version, "/$batch", "")?,
            cost: open.iter().map(|item| item.ask.cost).sum(),
            ..first.ask.clone()
        };
        let payload = Payload { body: Some(&json!({ "requests": requests })), count: open.len() };
        let answer = self.exchange(&ask, &payload).await?;
        if answer.elsewhere {
            return Err(Failure::Elsewhere("a batch is answered with another address".to_owned()));
        }
        let unusable = |why: &str| Failure::Answer(shown(why));
        let mut value =
            text::parse(&answer.body, "the answer").map_err(|error| unusable(&error.to_string()))?;
        let Some(Value::Array(responses)) = value.get_mut("responses").map(Value::take) else {
            return Err(unusable("a batch without responses"));
        };
        let id = |response: &Value| response.get("id")?.as_str().map(str::to_owned);
        let by_id = responses.into_iter().filter_map(|response| Some((id(&response)?, response))).collect();
        Ok((by_id, answer.room))
    }

    fn judge_item(&self, response: Option<Value>, item: &Open<'_>) -> Verdict {
        let Some(mut response) = response else {
            // A batch that loses an item is asked for it again; the end of that is a failure.
            return match item.attempt + 1 >= HURRIED {
                true => Verdict::Done(Err(Failure::Answer("it was left out of a batch".to_owned()))),
                false => Verdict::Again { wait: None, busy: false },
            };
        };
        let status =
            response.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
        let body = response.get_mut("body").map(Value::take);
        let header = |name: &str| {
            let headers = response.get("headers")?.as_object()?;
            let (_, value) = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
            value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|value| value.to_string()))
        };
        let request = header("request-id").map(|id| shown(&id));
        match status {
            Some(200..=299) => Verdict::Done(Page::of(body.unwrap_or(Value::Null), request)),
            Some(429 | 503 | 504) if item.attempt + 1 < PATIENT => Verdict::Again {
                wait: header("retry-after")
                    .and_then(|value| retry::retry_after(&value, self.setup.clock.now())),
                busy: true,
            },
            Some(429 | 503 | 504) => Verdict::Done(Err(Failure::Throttled(PATIENT))),
            Some(500 | 502) if item.attempt + 1 < HURRIED => Verdict::Again { wait: None, busy: false },
            Some(status) => Verdict::Done(Err(Failure::Refused(Refusal::of(status, body.as_ref(), request)))),
            None => Verdict::Done(Err(Failure::Answer("a part of a batch has no status".to_owned()))),
        }
    }
}

enum Verdict {
    Done(Result<Page, Failure>),
    Again { wait: Option<Duration>, busy: bool },
}

fn put(answers: &mut [Option<Result<Page, Failure>>], place: usize, answer: Result<Page, Failure>) {
    if let Some(slot) = answers.get_mut(place) {
        *slot = Some(answer);
    }
}
