//! The one source of tokens. Comes in: a method and what it needs of the program. Goes out: tokens,
//! kept until shortly before they expire; many may ask at once, one request goes out. Not here: how a
//! token is got (`application`, `person`).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use azure_core::credentials::Secret;
use azure_identity::Executor;
use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::Mutex;

use super::application::Application;
use super::claims::Payload;
use super::open::Open;
use super::person::Person;
use super::{Claims, Method, SignInError, Token, TokenSource};
use crate::collect::clock::Clock;
use crate::collect::cloud::Endpoints;

/// A token that is good for less than this is replaced: a page of Graph may take a while.
const MARGIN: TimeDelta = TimeDelta::minutes(5);
/// How often at most a token is replaced that had not expired.
const RENEWALS: TimeDelta = TimeDelta::minutes(1);

/// Tells a person something while signing in: a line of plain text for the terminal.
pub type Say = Arc<dyn Fn(&str) + Send + Sync>;

/// What signing in needs of the program.
#[derive(Clone)]
pub struct Setting {
    pub(super) endpoints: Endpoints,
    pub(super) clock: Clock,
    pub(super) scopes: Vec<String>,
    pub(super) say: Say,
    pub(super) open: Open,
    pub(super) executor: Option<Arc<dyn Executor>>,
}

impl Setting {
    /// Where and when. `scopes` is what a person is asked to agree to, whole, such as
    /// `https://graph.microsoft.com/Policy.Read.All`; applications have what they were granted.
    #[must_use]
    pub fn new(endpoints: Endpoints, clock: Clock, scopes: Vec<String>, say: Say) -> Self {
        Self { endpoints, clock, scopes, say, open: Open::program(), executor: None }
    }

    /// Opens addresses in another way than by the desktop's browser.
    #[must_use]
    pub fn opened_by(self, open: Open) -> Self {
        Self { open, ..self }
    }

    /// Runs `az` in another way than by the shell.
    #[must_use]
    pub fn run_by(self, executor: Arc<dyn Executor>) -> Self {
        Self { executor: Some(executor), ..self }
    }
}

/// A token as it was got.
#[derive(Debug)]
pub(super) struct Fetched {
    pub secret: Secret,
    pub expires: DateTime<Utc>,
}

/// A way to get a token.
pub(super) trait Fetch: Send + Sync + fmt::Debug {
    /// Gets a new one.
    fn fetch(&self) -> BoxFuture<'_, Result<Fetched, SignInError>>;

    /// How long a failure is repeated before it is tried again; none = for ever, so that a person is not
    /// asked once per request.
    fn rests(&self) -> Option<TimeDelta>;
}

/// A source of tokens.
#[derive(Debug)]
pub struct Source {
    from: Box<dyn Fetch>,
    clock: Clock,
    /// Locked while a token is being got: who comes meanwhile waits for it.
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    token: Option<(Arc<Token>, DateTime<Utc>)>,
    renewed: Option<DateTime<Utc>>,
    failed: Option<(SignInError, DateTime<Utc>)>,
}

impl Source {
    /// A source of tokens; nothing is asked yet.
    ///
    /// # Errors
    /// No HTTP client can be made: a broken proxy variable, no certificates.
    pub fn new(method: Method, setting: &Setting) -> Result<Self, SignInError> {
        let from: Box<dyn Fetch> = match method {
            Method::Token { token, from } => {
                Box::new(Ready { token, from, clock: setting.clock, given: AtomicBool::new(false) })
            }
            Method::Browser { .. } | Method::Device { .. } => Box::new(Person::new(&method, setting)?),
            Method::Secret { .. }
            | Method::Certificate { .. }
            | Method::Github { .. }
            | Method::Workload { .. }
            | Method::Pipelines { .. }
            | Method::Managed { .. }
            | Method::Cli { .. } => Box::new(Application::new(method, setting)?),
        };
        Ok(Self::from(from, setting.clock))
    }

    pub(super) fn from(from: Box<dyn Fetch>, clock: Clock) -> Self {
        Self { from, clock, kept: Mutex::default() }
    }

    async fn give(&self, fresh: bool) -> Result<Arc<Token>, SignInError> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        if let Some(token) = kept.good(now, fresh) {
            return Ok(token);
        }
        if let Some((error, at)) = &kept.failed
            && self.from.rests().is_none_or(|rest| now.signed_duration_since(at) < rest)
        {
            return kept.rest(now, fresh).ok_or_else(|| error.clone());
        }
        let fetched = self.from.fetch().await;
        let now = self.clock.now();
        match fetched {
            Ok(Fetched { secret, expires }) => {
                let renewed = kept.token.as_ref().map(|_| now);
                let token = Arc::new(Token { claims: Claims::of(secret.secret()), secret });
                *kept = Kept { token: Some((Arc::clone(&token), expires)), renewed, failed: None };
                Ok(token)
            }
            Err(error) => {
                kept.failed = Some((error.clone(), now));
                kept.rest(now, fresh).ok_or(error)
            }
        }
    }
}

impl Kept {
    /// The kept token, if it will do.
    fn good(&self, now: DateTime<Utc>, fresh: bool) -> Option<Arc<Token>> {
        let (token, expires) = self.token.as_ref()?;
        let lately = self.renewed.is_some_and(|at| now.signed_duration_since(at) < RENEWALS);
        let lasts = expires.signed_duration_since(now) > MARGIN;
        // One that was short-lived from the start is not asked for again with every request.
        let good = if lasts { !fresh || lately } else { lately && *expires > now };
        good.then(|| Arc::clone(token))
    }

    /// The rest of the kept token's time, when no other is to be had.
    fn rest(&self, now: DateTime<Utc>, fresh: bool) -> Option<Arc<Token>> {
        let (token, expires) = self.token.as_ref()?;
        (!fresh && *expires > now).then(|| Arc::clone(token))
    }
}

impl TokenSource for Source {
    fn token(&self, fresh: bool) -> BoxFuture<'_, Result<Arc<Token>, SignInError>> {
        self.give(fresh).boxed()
    }
}

/// A ready token of the environment.
#[derive(Debug)]
struct Ready {
    token: Secret,
    /// The variable that held it.
    from: String,
    clock: Clock,
    given: AtomicBool,
}

impl Ready {
    fn give(&self) -> Result<Fetched, SignInError> {
        let from = &self.from;
        let help =
            format!("it cannot be renewed here: set {from} to a new one, or sign in another way (--sign-in)");
        let expires = Payload::of(self.token.secret()).expires();
        if let Some(at) = expires.filter(|at| *at <= self.clock.now()) {
            let at = at.format("%Y-%m-%d %H:%M UTC");
            return Err(SignInError::new(format!("the token in {from} expired at {at}"), help));
        }
        if self.given.swap(true, Ordering::Relaxed) {
            return Err(SignInError::new(format!("the token in {from} was refused"), help));
        }
        // Kept to its end: there is no other.
        let expires = expires.and_then(|at| at.checked_add_signed(MARGIN));
        Ok(Fetched { secret: self.token.clone(), expires: expires.unwrap_or(DateTime::<Utc>::MAX_UTC) })
    }
}

impl Fetch for Ready {
    fn fetch(&self) -> BoxFuture<'_, Result<Fetched, SignInError>> {
        futures::future::ready(self.give()).boxed()
    }

    fn rests(&self) -> Option<TimeDelta> {
        None
    }
}
