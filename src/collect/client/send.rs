//! One request and its answer, with all patience. Comes in: what to ask. Goes out: the body of a
//! success, or a failure after the last attempt. Not here: what the body says.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Response};
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::super::clock::Clock;
use super::super::cloud::{self, Endpoints};
use super::super::http;
use super::super::progress::Progress;
use super::super::sign_in::TokenSource;
use super::gate::Lane;
use super::limit::{Limiter, Tempo};
use super::retry::{self, HURRIED, LONGEST, PATIENT};
use super::{Failure, address};
use crate::import::graph::refusal::Refusal;
use crate::import::text;
use crate::sections::throttle::Throttle;

/// The largest body, unpacked. Graph's largest pages are a few megabytes.
const LARGEST: usize = 32 << 20;
/// From here on a body is large.
const LARGE: usize = 2 << 20;
/// Large answers at a time, from their first byte until their items are taken in: parsed they are many
/// times as long, so that this bounds the memory that a server can make us use.
const LARGE_AT_ONCE: usize = 3;
/// How many times the silence that is borne an answer may take from its first to its last byte.
const DRIP: u32 = 5;

/// What a client is made of.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where Graph is.
    pub endpoints: Endpoints,
    /// Who asks.
    pub tokens: Arc<dyn TokenSource>,
    /// What time it is.
    pub clock: Clock,
    /// How fast to go.
    pub tempo: Tempo,
    /// How long a server may be silent; `http::SILENCE`.
    pub silence: Duration,
    /// The most pages of one request; `page::MOST`.
    pub pages: usize,
    /// Who looks.
    pub progress: Arc<dyn Progress>,
}

/// Asks Graph, within its quotas.
#[derive(Debug)]
pub struct Client {
    pub(super) setup: Setup,
    http: reqwest::Client,
    /// Every request on a connection of its own: after a 503, as Microsoft advises, since the next one
    /// may reach another machine.
    afresh: reqwest::Client,
    pub(super) limiter: Limiter,
    large: Arc<Semaphore>,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Ask {
    /// `v1.0` or `beta`.
    pub version: &'static str,
    /// The whole address.
    pub url: Url,
    /// Whose quota it needs.
    pub class: Throttle,
    /// How much of it.
    pub cost: u32,
}

/// A success.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The body; of a redirect the address.
    pub body: Vec<u8>,
    /// Id of the request at the service, for its support.
    pub request: Option<String>,
    /// The service answered with another address.
    pub elsewhere: bool,
    /// The body is large.
    pub(super) room: Room,
}

/// Room for a large answer, held as long as this is kept.
pub(super) type Room = Option<Arc<OwnedSemaphorePermit>>;

/// What to send beside the address.
pub(super) struct Payload<'p> {
    pub body: Option<&'p Value>,
    /// Requests that it counts as.
    pub count: usize,
}

impl Client {
    /// A client that has asked nothing yet.
    ///
    /// # Errors
    /// As `http::client`.
    pub fn new(setup: Setup) -> reqwest::Result<Self> {
        let limiter = Limiter::new(setup.clock, setup.tempo, setup.progress.clone());
        let builder = || {
            let builder = http::builder().read_timeout(setup.silence);
            // What is on this machine is not asked for through a proxy.
            if cloud::here(&setup.endpoints.graph) { builder.no_proxy() } else { builder }
        };
        let (http, afresh) = (builder().build()?, builder().pool_max_idle_per_host(0).build()?);
        Ok(Self { http, afresh, limiter, setup, large: Arc::new(Semaphore::new(LARGE_AT_ONCE)) })
    }

    /// The quotas and what was used of them.
    pub const fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// What to send for a path of Graph; a tenant's values in it are encoded already.
    ///
    /// # Errors
    /// It would leave Graph.
    pub fn ask(&self, version: &'static str, path: &str, query: &str) -> Result<Ask, Failure> {
        let class = Throttle::of(path);
        let url = address::of(&self.setup.endpoints.graph, version, path, query)?;
        Ok(Ask { version, url, class, cost: class.cost(path, query) })
    }

    /// The body of an answer.
    ///
    /// # Errors
    /// Why there is none, after all attempts.
    pub async fn get(&self, ask: &Ask) -> Result<Answer, Failure> {
        self.exchange(ask, &Payload { body: None, count: 1 }).await
    }

    /// Sends until there is an answer or no hope.
    pub(super) async fn exchange(&self, ask: &Ask, payload: &Payload<'_>) -> Result<Answer, Failure> {
        let (mut attempt, mut waited, mut fresh, mut afresh) = (0, Duration::ZERO, false, false);
        loop {
            let outcome = self.once(ask, payload, fresh, afresh).await?;
            let (most, told, failure) = match outcome {
                Outcome::Answer(answer) => return Ok(answer),
                Outcome::Unknown(refusal) if fresh => return Err(Failure::Refused(refusal)),
                Outcome::Unknown(_) => {
                    fresh = true;
                    continue;
                }
                Outcome::Busy { told, throttled } => {
                    afresh |= !throttled;
                    (PATIENT, told, Failure::Throttled(attempt + 1))
                }
                Outcome::Broken(failure) => (HURRIED, None, failure),
            };
            attempt += 1;
            let wait = retry::wait(attempt, told, retry::chance());
            if attempt >= most {
                return Err(failure);
            }
            if waited + wait > LONGEST {
                return Err(Failure::Patience(wait.as_secs().div_ceil(60)));
            }
            waited += wait;
            let ours = self.setup.tempo.ours(wait);
            match failure {
                Failure::Throttled(_) => self.limiter.hold(ask.class, ours),
                _ => tokio::time::sleep(ours).await,
            }
        }
    }

    /// Sends once.
    async fn once(
        &self,
        ask: &Ask,
        payload: &Payload<'_>,
        fresh: bool,
        afresh: bool,
    ) -> Result<Outcome, Failure> {
        let token = self.setup.tokens.token(fresh).await.map_err(Failure::SignIn)?;
        let bearer = format!("Bearer {}", token.secret.secret());
        let mut bearer = HeaderValue::from_str(&bearer)
            .map_err(|_| Failure::Answer("the token holds what no header can".to_owned()))?;
        bearer.set_sensitive(true);
        let lane = if payload.body.is_some() { Lane::Batch } else { Lane::List };
        let permit = self.limiter.permit(ask.class, ask.cost, lane).await;
        self.limiter.sent(ask.class, payload.count);
        let http = if afresh { &self.afresh } else { &self.http };
        let method = if payload.body.is_some() { Method::POST } else { Method::GET };
        let mut request =
            http.request(method, ask.url.clone()).header(AUTHORIZATION, bearer).headers(headers());
        if let Some(body) = payload.body {
            request = request.json(body);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_builder() => return Err(error.into()),
            Err(error) => return Ok(Outcome::Broken(error.into())),
        };
        let outcome = self.judge(ask, response).await;
        drop(permit);
        outcome
    }

    async fn judge(&self, ask: &Ask, response: Response) -> Result<Outcome, Failure> {
        let status = response.status().as_u16();
        let head = response.headers();
        let text = |name: &str| head.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let request = text("request-id").map(|id| crate::yaml::suggest::shown(&id));
        if let Some(used) = text("x-ms-throttle-limit-percentage").and_then(|used| used.parse().ok()) {
            self.limiter.ease(ask.class, used);
        }
        let told =
            text(RETRY_AFTER.as_str()).and_then(|value| retry::retry_after(&value, self.setup.clock.now()));
        match status {
            200..=299 => {}
            301 | 302 | 303 | 307 | 308 => {
                let location = text(LOCATION.as_str()).unwrap_or_default();
                return Ok(Outcome::Answer(Answer {
                    body: location.into_bytes(),
                    request,
                    elsewhere: true,
                    room: None,
                }));
            }
            429 => return Ok(Outcome::Busy { told, throttled: true }),
            503 | 504 => return Ok(Outcome::Busy { told, throttled: false }),
            500 | 502 => {
                return Ok(Outcome::Broken(Failure::Network(format!(
                    "the service failed with status {status}"
                ))));
            }
            _ => {}
        }
        let (body, room) = match self.whole(response).await {
            Ok(body) => body,
            Err(failure @ Failure::Network(_)) => return Ok(Outcome::Broken(failure)),
            Err(failure) => return Err(failure),
        };
        if (200..=299).contains(&status) {
            return Ok(Outcome::Answer(Answer { body, request, elsewhere: false, room }));
        }
        let refusal = refusal(status, &body, request);
        if status == 401 { Ok(Outcome::Unknown(refusal)) } else { Err(Failure::Refused(refusal)) }
    }

    /// The body, up to a limit; what it unpacks to counts.
    pub(super) async fn whole(&self, mut response: Response) -> Result<(Vec<u8>, Room), Failure> {
        let too_large = || Failure::TooLarge(format!("more than {} MB", LARGEST >> 20));
        if response.content_length().is_some_and(|length| length > LARGEST as u64) {
            return Err(too_large());
        }
        let read = async {
            let (mut body, mut room) = (Vec::new(), None);
            while let Some(chunk) = response.chunk().await? {
                if body.len() + chunk.len() > LARGEST {
                    return Err(too_large());
                }
                if body.len() + chunk.len() > LARGE && room.is_none() {
                    // Never closed.
                    room = self.large.clone().acquire_owned().await.ok().map(Arc::new);
                }
                body.extend_from_slice(&chunk);
            }
            Ok((body, room))
        };
        match tokio::time::timeout(self.setup.silence * DRIP, read).await {
            Ok(body) => body,
            Err(_) => Err(Failure::Network("the answer did not end in time".to_owned())),
        }
    }
}

enum Outcome {
    Answer(Answer),
    /// The token is not accepted (any more).
    Unknown(Refusal),
    /// Too many requests, or the service is busy.
    Busy {
        told: Option<Duration>,
        throttled: bool,
    },
    /// No answer.
    Broken(Failure),
}

/// What every request says; Graph does not carry it over to the next page, so each says it anew.
fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    // Members of enums beyond those of the first version come by name, not as `unknownFutureValue`.
    headers.insert("prefer", HeaderValue::from_static("include-unknown-enum-members"));
    if let Ok(id) = HeaderValue::from_str(&super::super::ids::guid()) {
        headers.insert("client-request-id", id);
    }
    headers
}

/// What a service says of a refusal, whatever it wrote it in.
pub(super) fn refusal(status: u16, body: &[u8], request: Option<String>) -> Refusal {
    let parsed = text::parse(body, "the answer").ok();
    Refusal::of(status, parsed.as_ref(), request)
}
