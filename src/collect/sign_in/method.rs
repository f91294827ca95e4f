//! The ways of signing in. Comes in: what was typed. Goes out: one way with all it needs, and a line
//! that says who would sign in. Not here: which way it is (`choose`), doing it (`source`).

use std::fmt;
use std::path::PathBuf;

use azure_core::credentials::Secret;
use url::Url;

use super::Claims;
use super::certificate::Certificate;
use super::refusal::clean;
use crate::collect::cloud::Endpoints;
use crate::snapshot::record::Cloud;

/// What may be asked for with `--sign-in`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Way {
    /// The first that the environment offers; else a person, where a terminal is.
    #[default]
    Auto,
    /// Application with a client secret.
    Secret,
    /// Application with a certificate.
    Certificate,
    /// GitHub Actions, without a secret.
    Github,
    /// Workload identity: a federated token in a file.
    Workload,
    /// Managed identity of the Azure resource that this runs on.
    Managed,
    /// Whoever is signed in to the Azure CLI.
    Cli,
    /// Azure Pipelines service connection, without a secret.
    Pipelines,
    /// A person in the browser.
    Browser,
    /// A person with a code, on any device.
    Device,
    /// A ready token in LEVELMARK_TOKEN.
    Token,
}

/// What was typed.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The way.
    pub way: Way,
    /// Directory id or domain of the tenant.
    pub tenant: Option<String>,
    /// Application id.
    pub client: Option<String>,
    /// File with the client secret.
    pub secret_file: Option<PathBuf>,
    /// PEM file with certificate and key.
    pub certificate: Option<PathBuf>,
    /// Id of the service connection in Azure Pipelines.
    pub service_connection: Option<String>,
    /// A variable that holds the client secret, instead of AZURE_CLIENT_SECRET.
    pub secret: Option<Variable>,
    /// A variable that holds a ready token, instead of LEVELMARK_TOKEN.
    pub token: Option<Variable>,
    /// A person sits at a terminal.
    pub terminal: bool,
}

/// A variable of the environment that somebody named, and what the program found in it.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it holds; None where it is not set.
    pub value: Option<Secret>,
}

/// An application in a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Directory id or domain of the tenant.
    pub tenant: String,
    /// Application id.
    pub client: String,
}

/// A way with all it needs. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub enum Method {
    /// A client secret.
    Secret {
        /// Who.
        app: App,
        /// The secret.
        secret: Secret,
        /// Where it was found, for people.
        from: String,
    },
    /// A certificate with its key.
    Certificate {
        /// Who.
        app: App,
        /// The certificate.
        certificate: Certificate,
    },
    /// GitHub Actions.
    Github {
        /// Who.
        app: App,
        /// Where a token of the job is asked for.
        url: Url,
        /// What lets the job ask.
        token: Secret,
    },
    /// A federated token in a file, read again each time.
    Workload {
        /// Who.
        app: App,
        /// The file.
        file: PathBuf,
    },
    /// Azure Pipelines.
    Pipelines {
        /// Who.
        app: App,
        /// Where a token of the job is asked for.
        url: Url,
        /// Id of the service connection.
        connection: String,
        /// What lets the job ask.
        token: Secret,
    },
    /// A managed identity.
    Managed {
        /// Application id of a user-assigned one; else the system's.
        client: Option<String>,
        /// Where tokens are asked for; none = the metadata service of a virtual machine.
        endpoint: Option<Url>,
    },
    /// The Azure CLI.
    Cli {
        /// The tenant; else the CLI's own choice.
        tenant: Option<String>,
    },
    /// A person in the browser.
    Browser {
        /// The tenant; else the person's own.
        tenant: Option<String>,
        /// Application id of a public client.
        client: String,
    },
    /// A person with a code.
    Device {
        /// The tenant; else the person's own.
        tenant: Option<String>,
        /// Application id of a public client.
        client: String,
    },
    /// A ready token.
    Token {
        /// The token.
        token: Secret,
        /// The variable that held it, for people.
        from: String,
    },
}

impl Method {
    /// Whether a person signs in, with delegated permissions: the scopes must be asked for. Of a ready
    /// token and of the Azure CLI only the token itself tells.
    #[must_use]
    pub const fn is_interactive(&self) -> bool {
        matches!(self, Self::Browser { .. } | Self::Device { .. })
    }

    /// Who would sign in, how and where; no secret.
    #[must_use]
    pub fn describe(&self, endpoints: &Endpoints) -> String {
        let host = endpoints.login.host_str().unwrap_or_default();
        let port = endpoints.login.port().map(|port| format!(":{port}")).unwrap_or_default();
        let place = format!("{host}{port} ({})", cloud(endpoints.cloud));
        match self {
            Self::Secret { app, from, .. } => format!("{app} with the client secret in {from}, at {place}"),
            Self::Certificate { app, certificate } => format!(
                "{app} with the certificate in {} (SHA-256 {}), at {place}",
                certificate.file.display(),
                certificate.thumbprint_hex()
            ),
            Self::Github { app, .. } => format!("{app} with a token of this GitHub Actions job, at {place}"),
            Self::Workload { app, file } => {
                format!("{app} with the federated token in {}, at {place}", file.display())
            }
            Self::Pipelines { app, connection, .. } => {
                format!("{app} through the Azure Pipelines service connection {connection}, at {place}")
            }
            Self::Managed { client, endpoint } => format!(
                "managed identity {} of this Azure resource, from {} ({})",
                client.as_deref().unwrap_or("(system-assigned)"),
                endpoint.as_ref().and_then(Url::host_str).unwrap_or("the metadata service"),
                cloud(endpoints.cloud)
            ),
            Self::Cli { tenant } => format!(
                "whoever is signed in to the Azure CLI, in {} ({})",
                tenant.as_deref().map_or("its default tenant".to_owned(), |id| format!("tenant {id}")),
                cloud(endpoints.cloud)
            ),
            Self::Browser { tenant, client } => {
                format!("a person in the browser, {}, at {place}", person(tenant.as_deref(), client))
            }
            Self::Device { tenant, client } => {
                format!("a person with a device code, {}, at {place}", person(tenant.as_deref(), client))
            }
            Self::Token { token, from } => {
                let claims = Claims::of(token.secret());
                let who = claims.account.or(claims.app.map(|id| format!("application {id}")));
                let who = who.map_or("whoever it is of".to_owned(), |who| clean(&who, &[]));
                let tenant = claims.tenant.map(|id| format!(" in tenant {}", clean(&id, &[])));
                let (tenant, cloud) = (tenant.unwrap_or_default(), cloud(endpoints.cloud));
                format!("the ready token in {from}, {who}{tenant} ({cloud})")
            }
        }
    }
}

impl fmt::Display for App {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "application {} in tenant {}", self.client, self.tenant)
    }
}

fn person(tenant: Option<&str>, client: &str) -> String {
    let tenant = tenant.map_or("their own tenant".to_owned(), |id| format!("tenant {id}"));
    format!("through application {client} in {tenant}")
}

const fn cloud(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Global => "global cloud",
        Cloud::Usgov => "GCC High",
        Cloud::Dod => "DoD cloud",
        Cloud::China => "21Vianet cloud",
    }
}
