//! Signing in against a sign-in service of our own, on this machine. Tests of one file alone stand in
//! that file.

mod application;
mod certificate;
mod child;
mod choose;
mod hostile;
mod person;
mod source;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method as Verb, Response, Uri};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};
use tokio::time::Instant;
use url::form_urlencoded;

use super::*;
use crate::collect::clock::Clock;
use crate::collect::cloud::Endpoints;
use crate::snapshot::record::Cloud;

/// Made up; no tenant and no application has them.
const TENANT: &str = "7e57a11a-0000-4000-8000-000000000001";
const CLIENT: &str = "c11e47a1-0000-4000-8000-000000000002";
/// What no text may show.
const SECRETS: [&str; 4] = ["hush~Secret-1", "job-Request-Token-2", "id-Header-3", "refresh-Me-4"];

fn assert_quiet(text: &str) {
    for secret in SECRETS.iter().copied().chain(["eyJ", "-----BEGIN"]) {
        assert!(!text.contains(secret), "{secret} is shown: {text}");
    }
}

/// All that an error shows, searched for secrets.
fn shown(error: &SignInError) -> String {
    let text = format!("{error}\n{}", error.help.as_deref().unwrap_or_default());
    assert_quiet(&format!("{text} {error:?}"));
    text
}

/// A request that arrived.
#[derive(Debug, Clone)]
struct Call {
    verb: Verb,
    path: String,
    query: BTreeMap<String, String>,
    headers: HeaderMap,
    form: BTreeMap<String, String>,
}

impl Call {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

/// A service that notes what it is asked.
struct Fake {
    url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Fake {
    async fn new(answer: impl Fn(&Call, usize) -> Response<Body> + Send + Sync + 'static) -> Self {
        let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
        let (noted, answer) = (Arc::clone(&calls), Arc::new(answer));
        let app =
            axum::Router::new().fallback(move |verb: Verb, uri: Uri, headers: HeaderMap, body: Bytes| {
                let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
                async move {
                    let pairs = |bytes: &[u8]| form_urlencoded::parse(bytes).into_owned().collect();
                    let query = pairs(uri.query().unwrap_or_default().as_bytes());
                    let call = Call { verb, path: uri.path().to_owned(), query, headers, form: pairs(&body) };
                    let before = noted.lock().unwrap().len();
                    noted.lock().unwrap().push(call.clone());
                    answer(&call, before)
                }
            });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, calls }
    }

    /// One that grants every request.
    async fn generous() -> Self {
        Self::new(|_, _| granted(&app_token())).await
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    fn setting(&self) -> Setting {
        setting(&self.url)
    }
}

fn reply(status: u16, body: &Value) -> Response<Body> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(Body::from(body.to_string())).unwrap()
}

fn granted(token: &str) -> Response<Body> {
    reply(
        200,
        &json!({ "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token }),
    )
}

fn refusal(code: u32, text: &str) -> Response<Body> {
    let description = format!("AADSTS{code}: {text} Trace ID: 7ace Correlation ID: c0");
    reply(401, &json!({ "error": "invalid_client", "error_description": description, "error_codes": [code] }))
}

fn jwt(payload: &Value) -> String {
    format!("eyJhbGciOiJub25lIn0.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(payload.to_string()))
}

fn app_token() -> String {
    jwt(&json!({ "tid": TENANT, "appid": CLIENT, "roles": ["Policy.Read.All"] }))
}

fn person_token() -> String {
    jwt(&json!({ "tid": TENANT, "upn": "adele@contoso.example", "scp": "Policy.Read.All openid" }))
}

#[expect(
    clippy::disallowed_methods,
    reason = "azure_identity reads the clock itself: ours must agree with it"
)]
fn clock() -> Clock {
    Clock::new(Utc::now(), Instant::now())
}

fn setting(login: &str) -> Setting {
    let endpoints = Endpoints::of(Cloud::Global, None, Some(login)).unwrap();
    let scopes = vec!["https://graph.microsoft.com/Policy.Read.All".to_owned()];
    Setting::new(endpoints, clock(), scopes, Arc::new(|_| ())).opened_by(Open::by(|_| ()))
}

fn environment(values: &[(&str, &str)]) -> Environment {
    let values: BTreeMap<&str, &str> = values.iter().copied().collect();
    Environment::of(|name| values.get(name).map(|value| (*value).to_owned()))
}

fn asked(way: Way) -> Asked {
    Asked { way, tenant: Some(TENANT.to_owned()), client: Some(CLIENT.to_owned()), ..Asked::default() }
}

/// Chooses, checks that nothing shows a secret, and asks for a token.
async fn sign_in(
    asked: &Asked,
    values: &[(&str, &str)],
    setting: &Setting,
) -> Result<Arc<Token>, SignInError> {
    let method = choose(asked, &environment(values))?;
    assert_quiet(&format!("{method:?} {}", method.describe(&setting.endpoints)));
    let source = Source::new(method, setting)?;
    let token = source.token(false).await;
    assert_quiet(&format!("{source:?} {token:?}"));
    token
}

/// A key of 2048 bits with its certificate, made once per run; nothing trusts it.
struct Pair {
    key: KeyPair,
    certificate: rcgen::Certificate,
}

static PAIR: LazyLock<Pair> = LazyLock::new(pair);

fn pair() -> Pair {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let certificate =
        CertificateParams::new(vec!["test.example".to_owned()]).unwrap().self_signed(&key).unwrap();
    Pair { key, certificate }
}

fn written(folder: &tempfile::TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("secret.pem");
    std::fs::write(&path, text).unwrap();
    path
}
