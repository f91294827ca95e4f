//! The one door through which signing in speaks. Comes in: a request of `azure_identity`, `oauth2` or
//! our own. Goes out: an answer. Nothing is sent to a host that this was not made for. Not here: what
//! is asked.

use std::error::Error;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::headers::{Headers, RETRY_AFTER};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};
use futures::future::BoxFuture;
use reqwest::Method;
use reqwest::header::HeaderMap;
use url::{Host, Origin, Url, form_urlencoded};

use super::SignInError;
use super::answer::Answer;
use super::claims::Payload;
use super::refusal::Presented;
use crate::collect::cloud::{Endpoints, here};
use crate::collect::http;

/// One request and its answer; also one whose bytes come singly.
const LONGEST: Duration = Duration::from_secs(60);
/// The metadata service is on the machine, or there is none.
const LONGEST_METADATA: Duration = Duration::from_secs(5);
/// <https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service>
pub(super) const METADATA: &str = "http://169.254.169.254/";

/// A door to the sign-in service and to the other addresses it was made for.
pub(super) struct Exchange {
    client: reqwest::Client,
    direct: reqwest::Client,
    login: Url,
    /// `login` as https: `azure_identity` takes no other. Differs on this machine alone, in tests.
    stand_in: Url,
    others: Vec<Origin>,
    seen: Mutex<Seen>,
}

/// What passed by and explains a refusal.
#[derive(Debug, Default, Clone)]
pub(super) struct Seen {
    /// The federated token that was sent.
    pub presented: Option<Presented>,
    /// What the last refusal said, or why no answer came: the libraries lose both on the way.
    pub refusal: Option<String>,
}

/// No answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("{0} is not asked: it is not the sign-in service")]
    Stranger(String),
    #[error("cannot reach {host}: {why}")]
    Unreachable { host: String, why: String },
    #[error("{0} did not answer in time")]
    Slow(String),
}

impl Exchange {
    /// A door to `login` and `others`.
    ///
    /// # Errors
    /// No HTTP client can be made.
    pub(super) fn new(endpoints: &Endpoints, others: &[&Url]) -> Result<Self, SignInError> {
        let unable = |error: reqwest::Error| {
            SignInError::new(
                chain(&error),
                "check the proxy variables (HTTPS_PROXY) and the certificates of this machine",
            )
        };
        let login = endpoints.login.clone();
        let mut stand_in = login.clone();
        if here(&login) {
            // Cannot fail: both schemes are special.
            let _ = stand_in.set_scheme("https");
        }
        Ok(Self {
            client: http::client().map_err(unable)?,
            direct: http::direct().map_err(unable)?,
            login,
            stand_in,
            others: others.iter().map(|url| url.origin()).collect(),
            seen: Mutex::default(),
        })
    }

    /// The sign-in service as `azure_identity` is told of it.
    pub(super) const fn authority(&self) -> &Url {
        &self.stand_in
    }

    /// What passed by since the last call.
    pub(super) fn take_seen(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sends a request and reads the answer.
    pub(super) async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer, Trouble> {
        let answer = self.answer(method, url, headers, body).await;
        match &answer {
            Ok(answer) if answer.is_success() => {}
            Ok(answer) => self.note(|seen| seen.refusal = Some(answer.said())),
            Err(trouble) => self.note(|seen| seen.refusal = Some(trouble.to_string())),
        }
        answer
    }

    async fn answer(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer, Trouble> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let target = self.target(url).ok_or_else(|| Trouble::Stranger(host.clone()))?;
        self.note(|seen| seen.presented = presented(&body).or_else(|| seen.presented.take()));
        let link_local = matches!(target.host(), Some(Host::Ipv4(ip)) if ip.is_link_local());
        let client = if here(&target) || link_local { &self.direct } else { &self.client };
        let longest = if link_local { LONGEST_METADATA } else { LONGEST };
        let call = async {
            let response = client.request(method, target).headers(headers).body(body).send().await?;
            Answer::read(response).await
        };
        match tokio::time::timeout(longest, call).await {
            Err(_) => Err(Trouble::Slow(host)),
            Ok(Err(error)) => Err(Trouble::Unreachable { host, why: chain(&error.without_url()) }),
            Ok(Ok(answer)) => Ok(answer),
        }
    }

    /// Where a request really goes: `azure_identity` drops the path of an authority, and its scheme is
    /// https always.
    fn target(&self, url: &Url) -> Option<Url> {
        let origin = url.origin();
        if origin == self.login.origin() && url.path().starts_with(self.login.path()) {
            return Some(url.clone());
        }
        if origin == self.stand_in.origin() {
            let mut target = self.login.join(url.path().trim_start_matches('/')).ok()?;
            target.set_query(url.query());
            return (target.origin() == self.login.origin()).then_some(target);
        }
        self.others.contains(&origin).then(|| url.clone())
    }

    fn note(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Exchange").field("login", &self.login.as_str()).finish_non_exhaustive()
    }
}

/// Who vouches for us in a request, if somebody else does: an assertion of our own has no other issuer.
fn presented(body: &[u8]) -> Option<Presented> {
    let (_, assertion) = form_urlencoded::parse(body).find(|(name, _)| name == "client_assertion")?;
    let payload = Payload::of(&assertion);
    let text = |name| payload.text(name).unwrap_or_default();
    let said = Presented { issuer: text("iss"), subject: text("sub"), audience: text("aud") };
    (said.issuer != said.subject).then_some(said)
}

/// An error with its causes, each said once: the first words of `reqwest` never say why.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !said.iter().any(|before| before.contains(&text)) {
            said.push(text);
        }
        next = error.source();
    }
    said.join(": ")
}

#[async_trait]
impl HttpClient for Exchange {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        use azure_core::Error as AzureError;
        use azure_core::error::ErrorKind;
        let own = |why: String| AzureError::with_message(ErrorKind::Other, why);
        let Body::Bytes(body) = request.body() else {
            return Err(own("a request with an endless body".to_owned()));
        };
        let method = match request.method() {
            azure_core::http::Method::Get => Method::GET,
            azure_core::http::Method::Post => Method::POST,
            other => return Err(own(format!("a request of the kind {other:?}"))),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in request.headers().iter() {
            let name = reqwest::header::HeaderName::try_from(name.as_str());
            let mut value = reqwest::header::HeaderValue::try_from(value.as_str())
                .map_err(|_| own("a header with a character that no header has".to_owned()))?;
            value.set_sensitive(true);
            headers.insert(name.map_err(|_| own("a header without a name".to_owned()))?, value);
        }
        // Ours: the library's name of itself says nothing of us.
        headers.remove(reqwest::header::USER_AGENT);
        let metadata = request.url().as_str().starts_with(METADATA);
        let answer = self.send(method, request.url(), headers, body.to_vec()).await.map_err(|trouble| {
            // Only `Connection` and `Io` are tried again. A metadata service that does not answer is none.
            let again = matches!(trouble, Trouble::Unreachable { .. }) && !metadata;
            AzureError::with_message(
                if again { ErrorKind::Connection } else { ErrorKind::Other },
                trouble.to_string(),
            )
        })?;
        let mut headers = Headers::new();
        if let Some(seconds) = answer.pause {
            headers.insert(RETRY_AFTER, seconds.to_string());
        }
        Ok(AsyncRawResponse::from_bytes(answer.status.into(), headers, answer.body))
    }
}

impl<'c> oauth2::AsyncHttpClient<'c> for Exchange {
    type Error = Trouble;
    type Future = BoxFuture<'c, Result<oauth2::HttpResponse, Trouble>>;

    fn call(&'c self, request: oauth2::HttpRequest) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let url =
                Url::parse(&parts.uri.to_string()).map_err(|_| Trouble::Stranger(parts.uri.to_string()))?;
            let answer = self.send(parts.method, &url, parts.headers, body).await?;
            let mut response = oauth2::HttpResponse::new(answer.body);
            *response.status_mut() = oauth2::http::StatusCode::from_u16(answer.status).unwrap_or_default();
            Ok(response)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::record::Cloud;

    fn target(login: &str, url: &str) -> Option<String> {
        let endpoints = Endpoints::of(Cloud::Global, None, Some(login)).unwrap();
        let other = Url::parse("https://oidc.example/x").unwrap();
        let exchange = Exchange::new(&endpoints, &[&other]).unwrap();
        exchange.target(&Url::parse(url).unwrap()).map(String::from)
    }

    #[test]
    fn the_sign_in_service_is_reached_by_both_its_names() {
        let here = "http://127.0.0.1:9";
        for (login, url, to) in [
            (
                "https://login.example",
                "https://login.example/t/token?a=b",
                "https://login.example/t/token?a=b",
            ),
            (here, "https://127.0.0.1:9/t/token", "http://127.0.0.1:9/t/token"),
            (here, "http://127.0.0.1:9/t/token", "http://127.0.0.1:9/t/token"),
            (here, "https://oidc.example/y", "https://oidc.example/y"),
            (
                "https://login.example/via",
                "https://login.example/t/token",
                "https://login.example/via/t/token",
            ),
            (
                "https://login.example/via",
                "https://login.example/via/t/token",
                "https://login.example/via/t/token",
            ),
        ] {
            assert_eq!(target(login, url).as_deref(), Some(to));
        }
    }

    #[test]
    fn nobody_else_is_asked() {
        for (login, url) in [
            ("https://login.example", "http://login.example/t/token"),
            ("https://login.example", "https://login.example:444/t/token"),
            ("https://login.example", "https://login.example.evil.example/t/token"),
            ("https://login.example", "https://other.example/"),
            ("https://login.example", "http://oidc.example/x"),
            ("http://127.0.0.1:9", "https://127.0.0.1:10/t/token"),
            ("http://127.0.0.1:9", "https://localhost:9/t/token"),
            ("http://127.0.0.1:9", "http://169.254.169.254/metadata"),
        ] {
            assert_eq!(target(login, url), None, "{url}");
        }
    }

    #[test]
    fn only_who_vouches_for_another_is_presented() {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let body = |claims: &str| format!("a=b&client_assertion=e30.{}.x", URL_SAFE_NO_PAD.encode(claims));
        let said = presented(body(r#"{"iss":"i","sub":"s","aud":"a"}"#).as_bytes()).unwrap();
        assert_eq!((said.issuer.as_str(), said.subject.as_str(), said.audience.as_str()), ("i", "s", "a"));
        assert_eq!(presented(body(r#"{"iss":"s","sub":"s"}"#).as_bytes()), None);
        assert_eq!(presented(body("").as_bytes()), None);
        assert_eq!(presented(b"client_secret=x"), None);
    }
}
