//! Who asks. Comes in: what the command line and the environment say. Goes out: tokens for Graph.
//! Not here: what is asked with them.
//!
//! The way: [`Asked`] and [`Environment`] become a [`Method`] (`choose`), a method becomes a [`Source`]
//! of tokens. Applications sign in through `azure_identity` (`application`), people through `oauth2`
//! (`person`); both speak through one door, `exchange`, which sends nothing to a host it was not given.

mod answer;
mod application;
mod assertion;
mod browser;
mod certificate;
mod choose;
mod claims;
mod device;
mod environment;
mod exchange;
mod file;
mod landing;
mod method;
mod open;
mod person;
mod refusal;
mod source;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use azure_core::credentials::Secret;
use futures::future::BoxFuture;

pub use certificate::Certificate;
pub use choose::choose;
pub use environment::{Environment, NAMES};
pub use method::{App, Asked, Method, Variable, Way};
pub use open::Open;
pub use source::{Say, Setting, Source};

/// A token for Graph, with what it says of itself. Its text is never shown, logged or written.
#[derive(Clone)]
pub struct Token {
    /// The bearer token.
    pub secret: Secret,
    /// What it says of itself.
    pub claims: Claims,
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Token").field("claims", &self.claims).finish_non_exhaustive()
    }
}

/// What a token says of itself. Read without checking the signature: Graph checks it, we only want to
/// know beforehand what it will be refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// Directory id of the tenant (`tid`), in lower case.
    pub tenant: Option<String>,
    /// Application id (`appid`, or `azp`).
    pub app: Option<String>,
    /// Account of the signed-in person (`upn`, `preferred_username` or `unique_name`); none for an application.
    pub account: Option<String>,
    /// Application permissions (`roles`).
    pub roles: Vec<String>,
    /// Delegated permissions (`scp`), without those of OpenID Connect.
    pub scopes: Vec<String>,
    /// A person is signed in (the token has `scp`).
    pub person: bool,
}

/// Where tokens come from.
pub trait TokenSource: Send + Sync + fmt::Debug {
    /// A token that is good for some minutes still. `fresh`: the service refused the last one though
    /// it had not expired (revoked, or a claims challenge), so a kept one must not be given again.
    fn token(&self, fresh: bool) -> BoxFuture<'_, Result<Arc<Token>, SignInError>>;
}

/// Signing in failed.
#[derive(Debug, Clone, thiserror::Error, miette::Diagnostic)]
#[error("signing in failed: {what}")]
#[diagnostic(code(levelmark::collect::sign_in))]
pub struct SignInError {
    /// What happened, for people; no secret in it.
    pub what: String,
    /// What to do.
    #[help]
    pub help: Option<String>,
}

impl SignInError {
    /// What happened, and what to do.
    fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: Some(help.into()) }
    }
}
