//! A person signs in, through `oauth2`. Comes in: a method, and the scopes to agree to. Goes out: a
//! token for Graph; later ones without asking again, as long as the service lets us. Not here: the two
//! ways of asking (`browser`, `device`). What renews a sign-in is kept in memory alone.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use azure_core::credentials::Secret;
use chrono::{DateTime, TimeDelta};
use futures::FutureExt;
use futures::future::BoxFuture;
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AuthUrl, ClientId, DeviceAuthorizationUrl, EndpointNotSet, EndpointSet, ErrorResponseType, RefreshToken,
    RequestTokenError, Scope, StandardErrorResponse, TokenResponse, TokenUrl,
};

use super::exchange::{Exchange, Trouble};
use super::method::Method;
use super::refusal::{Facts, clean, refused};
use super::source::{Fetch, Fetched, Setting};
use super::{SignInError, browser, device};

/// Lets a sign-in be renewed while a long collection runs.
const RENEWABLE: &str = "offline_access";

const NETWORK: &str =
    "check the network, the proxy variables (HTTPS_PROXY) and the state of the service, then try again";

/// The client of `oauth2` with the endpoints that we use.
pub(super) type Client = BasicClient<EndpointSet, EndpointSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// A person at a public client.
pub(super) struct Person {
    tenant: Option<String>,
    client: String,
    by_device: bool,
    pub(super) setting: Setting,
    pub(super) exchange: Exchange,
    renewal: Mutex<Option<RefreshToken>>,
}

impl Person {
    pub(super) fn new(method: &Method, setting: &Setting) -> Result<Self, SignInError> {
        let (tenant, client, by_device) = match method {
            Method::Browser { tenant, client } => (tenant, client, false),
            Method::Device { tenant, client } => (tenant, client, true),
            _ => return Err(SignInError { what: "no person".to_owned(), help: None }),
        };
        Ok(Self {
            tenant: tenant.clone(),
            client: client.clone(),
            by_device,
            setting: setting.clone(),
            exchange: Exchange::new(&setting.endpoints, &[])?,
            renewal: Mutex::default(),
        })
    }

    async fn sign_in(&self) -> Result<Fetched, SignInError> {
        self.exchange.take_seen();
        if let Some(renewal) = self.renewal() {
            match self.renew(&renewal).await {
                Ok(token) => return Ok(self.fetched(&token)),
                // The network is at fault, not the sign-in.
                Err(error @ RequestTokenError::Request(_)) => return Err(self.failed(error)),
                Err(error) => {
                    *self.renewal.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    let why = self.failed(error).what;
                    (self.setting.say)(&format!("the sign-in could not be renewed ({why}); sign in again"));
                }
            }
        }
        let token = if self.by_device { device::sign_in(self).await } else { browser::sign_in(self).await }?;
        Ok(self.fetched(&token))
    }

    async fn renew(
        &self,
        renewal: &RefreshToken,
    ) -> Result<BasicTokenResponse, RequestTokenError<Trouble, oauth2::basic::BasicErrorResponse>> {
        let client = self.client().map_err(|error| RequestTokenError::Other(error.what))?;
        client.exchange_refresh_token(renewal).add_scopes(self.scopes()).request_async(&self.exchange).await
    }

    fn renewal(&self) -> Option<RefreshToken> {
        self.renewal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what renews the sign-in; the service need not send a new one each time.
    fn fetched(&self, token: &BasicTokenResponse) -> Fetched {
        if let Some(renewal) = token.refresh_token() {
            *self.renewal.lock().unwrap_or_else(PoisonError::into_inner) = Some(renewal.clone());
        }
        let lasts = token.expires_in().unwrap_or(Duration::from_secs(1800));
        let expires = TimeDelta::from_std(lasts)
            .ok()
            .and_then(|lasts| self.setting.clock.now().checked_add_signed(lasts));
        Fetched {
            secret: Secret::new(token.access_token().secret().clone()),
            expires: expires.unwrap_or(DateTime::<chrono::Utc>::MAX_UTC),
        }
    }

    pub(super) fn client(&self) -> Result<Client, SignInError> {
        let tenant = self.tenant.as_deref().unwrap_or("organizations");
        let at = |path: &str| {
            self.setting.endpoints.login.join(&format!("{tenant}/oauth2/v2.0/{path}")).map_err(|_| {
                SignInError::new(
                    format!("`{tenant}` is no tenant"),
                    "give the directory id of the tenant with --tenant",
                )
            })
        };
        Ok(BasicClient::new(ClientId::new(self.client.clone()))
            .set_auth_uri(AuthUrl::from_url(at("authorize")?))
            .set_device_authorization_url(DeviceAuthorizationUrl::from_url(at("devicecode")?))
            .set_token_uri(TokenUrl::from_url(at("token")?)))
    }

    pub(super) fn scopes(&self) -> impl Iterator<Item = Scope> {
        let asked = self.setting.scopes.iter().map(String::as_str).filter(|scope| *scope != RENEWABLE);
        asked.chain([RENEWABLE]).map(|scope| Scope::new(scope.to_owned()))
    }

    pub(super) fn refused(&self, text: &str) -> SignInError {
        let facts = Facts {
            tenant: self.tenant.clone(),
            client: Some(self.client.clone()),
            presented: None,
            hidden: self.renewal().map(|renewal| Secret::new(renewal.secret().clone())).into_iter().collect(),
        };
        let refusal = refused(text, &facts);
        match refusal.help {
            Some(_) => refusal,
            None => SignInError::new(format!("the sign-in service: {}", refusal.what), NETWORK),
        }
    }

    pub(super) fn failed<T>(&self, error: RequestTokenError<Trouble, StandardErrorResponse<T>>) -> SignInError
    where
        T: ErrorResponseType + AsRef<str> + std::fmt::Display + 'static,
    {
        match error {
            RequestTokenError::ServerResponse(said) => {
                self.refused(said.error_description().map_or(said.error().as_ref(), String::as_str))
            }
            RequestTokenError::Request(trouble) => {
                SignInError::new(clean(&trouble.to_string(), &[]), NETWORK)
            }
            // Its body may hold a token: it is not shown.
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                match self.exchange.take_seen().refusal {
                    Some(text) => self.refused(&text),
                    None => SignInError::new(
                        "the answer of the sign-in service holds no token",
                        "is a proxy in between?",
                    ),
                }
            }
        }
    }
}

impl Fetch for Person {
    fn fetch(&self) -> BoxFuture<'_, Result<Fetched, SignInError>> {
        self.sign_in().boxed()
    }

    fn rests(&self) -> Option<TimeDelta> {
        self.renewal().map(|_| TimeDelta::seconds(10))
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Person")
            .field("tenant", &self.tenant)
            .field("client", &self.client)
            .field("by_device", &self.by_device)
            .finish_non_exhaustive()
    }
}
