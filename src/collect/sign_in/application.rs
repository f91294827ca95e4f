//! An application signs in, through `azure_identity`. Comes in: a method. Goes out: a token for Graph,
//! asked for anew each time. Not here: keeping tokens (`source`), people (`person`).

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::cloud::CustomConfiguration;
use azure_core::credentials::{AccessToken, Secret, TokenCredential};
use azure_core::http::{ClientOptions, ExponentialRetryOptions, RetryOptions, Transport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzurePipelinesCredential, AzurePipelinesCredentialOptions,
    ClientAssertionCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, Executor, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId,
};
use chrono::{DateTime, TimeDelta};
use futures::FutureExt;
use futures::future::BoxFuture;
use url::Url;

use super::SignInError;
use super::assertion::Assertion;
use super::exchange::{Exchange, METADATA};
use super::method::{App, Method};
use super::refusal::{Facts, clean, refused};
use super::source::{Fetch, Fetched, Setting};
use crate::collect::clock::Clock;
use crate::collect::cloud::Endpoints;

/// The whole of it, retries included.
const LONGEST: Duration = Duration::from_secs(90);

/// An application, or an account that another program signed in.
pub(super) struct Application {
    method: Method,
    endpoints: Endpoints,
    clock: Clock,
    executor: Option<Arc<dyn Executor>>,
    exchange: Arc<Exchange>,
}

impl Application {
    pub(super) fn new(method: Method, setting: &Setting) -> Result<Self, SignInError> {
        let metadata = Url::parse(METADATA).ok();
        let other = match &method {
            Method::Github { url, .. } | Method::Pipelines { url, .. } => Some(url),
            Method::Managed { endpoint, .. } => endpoint.as_ref().or(metadata.as_ref()),
            _ => None,
        };
        let exchange = Arc::new(Exchange::new(&setting.endpoints, other.as_slice())?);
        Ok(Self {
            endpoints: setting.endpoints.clone(),
            clock: setting.clock,
            executor: setting.executor.clone(),
            exchange,
            method,
        })
    }

    async fn sign_in(&self) -> Result<Fetched, SignInError> {
        self.exchange.take_seen();
        let scope = self.endpoints.scope();
        // A new credential each time: those of the library keep tokens that nobody can make them forget.
        let asked = async { self.credential()?.get_token(&[&scope], None).await };
        match tokio::time::timeout(LONGEST, asked).await {
            Ok(Ok(AccessToken { token, expires_on, .. })) if !token.secret().is_empty() => Ok(Fetched {
                expires: DateTime::from_timestamp(expires_on.unix_timestamp(), 0)
                    .unwrap_or(DateTime::UNIX_EPOCH),
                secret: token,
            }),
            Ok(Ok(_)) => Err(self.failed("the answer holds no token")),
            Ok(Err(error)) => Err(self.refused(&error)),
            Err(_) => Err(self.failed("no answer came in time")),
        }
    }

    fn credential(&self) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let client_options = self.client_options();
        match self.method.clone() {
            Method::Secret { app, secret, .. } => {
                let options = ClientSecretCredentialOptions { client_options };
                Ok(ClientSecretCredential::new(&app.tenant, app.client, secret, Some(options))?)
            }
            Method::Certificate { app, certificate } => {
                let assertion = Assertion::Certificate {
                    certificate,
                    client: app.client.clone(),
                    audience: format!("{}{}/oauth2/v2.0/token", self.endpoints.login, app.tenant),
                    clock: self.clock,
                };
                with_assertion(app, assertion, client_options)
            }
            Method::Github { app, url, token } => {
                let (audience, exchange) = (self.endpoints.exchange, Arc::clone(&self.exchange));
                with_assertion(app, Assertion::Github { url, token, audience, exchange }, client_options)
            }
            Method::Workload { app, file } => with_assertion(app, Assertion::File(file), client_options),
            Method::Pipelines { app, connection, token, .. } => {
                let credential_options = ClientAssertionCredentialOptions { client_options };
                let options = AzurePipelinesCredentialOptions { credential_options };
                let App { tenant, client } = app;
                Ok(AzurePipelinesCredential::new(tenant, client, &connection, token, Some(options))?)
            }
            Method::Managed { client, .. } => {
                let user_assigned_id = client.map(UserAssignedId::ClientId);
                let options = ManagedIdentityCredentialOptions { user_assigned_id, client_options };
                Ok(ManagedIdentityCredential::new(Some(options))?)
            }
            Method::Cli { tenant } => {
                let options = AzureCliCredentialOptions {
                    tenant_id: tenant,
                    executor: self.executor.clone(),
                    ..AzureCliCredentialOptions::default()
                };
                Ok(AzureCliCredential::new(Some(options))?)
            }
            Method::Browser { .. } | Method::Device { .. } | Method::Token { .. } => {
                Err(azure_core::Error::with_message(azure_core::error::ErrorKind::Other, "no application"))
            }
        }
    }

    /// Our transport, our sign-in host, and few retries: their default is eight within a minute, and the
    /// service may ask for longer pauses.
    fn client_options(&self) -> ClientOptions {
        let mut cloud = CustomConfiguration::default();
        self.exchange.authority().as_str().clone_into(&mut cloud.authority_host);
        ClientOptions {
            transport: Some(Transport::new(Arc::clone(&self.exchange) as Arc<_>)),
            cloud: Some(Arc::new(cloud.into())),
            retry: RetryOptions::exponential(ExponentialRetryOptions {
                initial_delay: azure_core::time::Duration::milliseconds(300),
                max_retries: 2,
                max_total_elapsed: azure_core::time::Duration::seconds(30),
                max_delay: azure_core::time::Duration::seconds(5),
            }),
            ..ClientOptions::default()
        }
    }

    fn facts(&self) -> Facts {
        let app = match &self.method {
            Method::Secret { app, .. }
            | Method::Certificate { app, .. }
            | Method::Github { app, .. }
            | Method::Workload { app, .. }
            | Method::Pipelines { app, .. } => Some(app),
            Method::Managed { .. }
            | Method::Cli { .. }
            | Method::Browser { .. }
            | Method::Device { .. }
            | Method::Token { .. } => None,
        };
        let hidden: Vec<Secret> = match &self.method {
            Method::Secret { secret: hidden, .. }
            | Method::Github { token: hidden, .. }
            | Method::Pipelines { token: hidden, .. }
            | Method::Token { token: hidden, .. } => vec![hidden.clone()],
            Method::Certificate { .. }
            | Method::Workload { .. }
            | Method::Managed { .. }
            | Method::Cli { .. }
            | Method::Browser { .. }
            | Method::Device { .. } => Vec::new(),
        };
        Facts {
            tenant: app.map(|app| app.tenant.clone()),
            client: app.map(|app| app.client.clone()),
            presented: None,
            hidden,
        }
    }

    fn refused(&self, error: &azure_core::Error) -> SignInError {
        if let Some(own) = ours(error) {
            return own;
        }
        let seen = self.exchange.take_seen();
        let facts = Facts { presented: seen.presented, ..self.facts() };
        // What passed the door says more: the library drops a message that has an escape in it.
        let text = seen.refusal.unwrap_or_else(|| without_frame(&error.to_string()));
        let refusal = refused(&text, &facts);
        let help = refusal.help.clone().or_else(|| self.help(&text));
        let what = if code_of_ours(&text) { refusal.what } else { self.named(&refusal.what) };
        SignInError { what, help }
    }

    fn failed(&self, why: &str) -> SignInError {
        SignInError { what: self.named(why), help: self.help(why) }
    }

    fn named(&self, what: &str) -> String {
        let who = match &self.method {
            Method::Managed { .. } => "the managed identity service",
            Method::Cli { .. } => "the Azure CLI",
            Method::Pipelines { .. } => "Azure Pipelines or the sign-in service",
            _ => "the sign-in service",
        };
        format!("{who}: {what}")
    }

    /// What to do where no code says it.
    fn help(&self, text: &str) -> Option<String> {
        let help = match &self.method {
            Method::Cli { .. } if text.contains("not found on PATH") => {
                "install the Azure CLI (az), or choose another way with --sign-in"
            }
            Method::Cli { tenant } => {
                let tenant = tenant.as_deref().map(|id| format!(" --tenant {id}")).unwrap_or_default();
                let scope = self.endpoints.scope();
                return Some(format!(
                    "sign in first: az login{tenant} --allow-no-subscriptions --scope {scope}"
                ));
            }
            Method::Managed { endpoint: None, .. } => {
                "a metadata service answers on Azure virtual machines alone, and only if an identity is assigned to the machine; elsewhere choose another way with --sign-in"
            }
            Method::Managed { .. } => {
                "assign an identity to this resource (Identity), and name a user-assigned one with --client-id"
            }
            Method::Pipelines { .. } => {
                "check --service-connection, and that its tenant and application are those of --tenant and --client-id"
            }
            _ => {
                "check the network, the proxy variables (HTTPS_PROXY) and the state of the service, then try again"
            }
        };
        Some(help.to_owned())
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Application").field("method", &self.method).finish_non_exhaustive()
    }
}

impl Fetch for Application {
    fn fetch(&self) -> BoxFuture<'_, Result<Fetched, SignInError>> {
        self.sign_in().boxed()
    }

    fn rests(&self) -> Option<TimeDelta> {
        Some(TimeDelta::seconds(10))
    }
}

fn with_assertion(
    app: App,
    assertion: Assertion,
    client_options: ClientOptions,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let options = ClientAssertionCredentialOptions { client_options };
    Ok(ClientAssertionCredential::new(app.tenant, app.client, assertion, Some(options))?)
}

/// An error of our own that went through the library.
fn ours(error: &(dyn Error + 'static)) -> Option<SignInError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(own) = error.downcast_ref::<SignInError>() {
            return Some(own.clone());
        }
        next = match error.downcast_ref::<azure_core::Error>() {
            Some(of_library) => of_library.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

/// The library's message without its name of the credential and its link.
fn without_frame(text: &str) -> String {
    let text = text.split_once(" authentication failed.").map_or(text, |(_, rest)| rest);
    let text = text.split_once("\nTo troubleshoot, visit").map_or(text, |(text, _)| text);
    clean(text, &[])
}

fn code_of_ours(text: &str) -> bool {
    text.contains("AADSTS")
}
