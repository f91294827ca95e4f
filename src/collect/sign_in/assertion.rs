//! What an application shows instead of a secret. Comes in: a certificate, a file with a federated
//! token, or the address where a GitHub Actions job gets one. Goes out: an assertion, made anew for
//! every token. Not here: exchanging it (`application`).

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::Secret;
use azure_core::error::ErrorKind;
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde::Deserialize;
use url::Url;

use super::certificate::Certificate;
use super::exchange::Exchange;
use super::refusal::clean;
use super::{SignInError, file};
use crate::collect::clock::Clock;

/// What vouches for an application.
#[derive(Debug)]
pub(super) enum Assertion {
    /// Its own certificate.
    Certificate {
        certificate: Certificate,
        client: String,
        /// Address of the token endpoint.
        audience: String,
        clock: Clock,
    },
    /// A token in a file. `azure_identity` has a credential for that, too; it sends the line end of the
    /// file along and keeps what it read for ten minutes.
    File(PathBuf),
    /// GitHub: <https://docs.github.com/actions/reference/security/oidc>.
    Github { url: Url, token: Secret, audience: &'static str, exchange: Arc<Exchange> },
}

impl Assertion {
    async fn made(&self) -> Result<String, SignInError> {
        match self {
            Self::Certificate { certificate, client, audience, clock } => {
                certificate.assertion(client, audience, clock.now())
            }
            Self::File(path) => file::read(path, "federated token"),
            Self::Github { url, token, audience, exchange } => github(url, token, audience, exchange).await,
        }
    }
}

#[async_trait]
impl ClientAssertion for Assertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        self.made().await.map_err(|error| azure_core::Error::new(ErrorKind::Other, error))
    }
}

#[derive(Deserialize)]
struct OfJob {
    value: String,
}

async fn github(
    url: &Url,
    token: &Secret,
    audience: &str,
    exchange: &Exchange,
) -> Result<String, SignInError> {
    let failed = |why: &str| {
        SignInError::new(
            format!("GitHub gives this job no token: {}", clean(why, std::slice::from_ref(token))),
            "the job needs `permissions: id-token: write`; if it has it, run it again",
        )
    };
    let mut url = url.clone();
    url.query_pairs_mut().append_pair("audience", audience);
    let bearer = HeaderValue::try_from(format!("Bearer {}", token.secret()));
    let mut bearer = bearer.map_err(|_| failed("what lets it ask is damaged"))?;
    bearer.set_sensitive(true);
    let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer)]);
    let answer = exchange.send(Method::GET, &url, headers, Vec::new()).await;
    let answer = answer.map_err(|trouble| failed(&trouble.to_string()))?;
    if !answer.is_success() {
        return Err(failed(&answer.said()));
    }
    let given: OfJob = serde_json::from_slice(&answer.body).map_err(|_| failed("its answer holds none"))?;
    Ok(given.value)
}
