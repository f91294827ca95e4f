//! Which way of signing in it is. Comes in: what was typed, and the environment. Goes out: a method
//! with all it needs, or what is missing and where it comes from. Not here: signing in.

use std::path::{Path, PathBuf};

use azure_core::credentials::Secret;
use url::{Host, Url};

use super::certificate::Certificate;
use super::method::{App, Asked, Method, Variable, Way};
use super::{Environment, SignInError, file};
use crate::collect::cloud::here;

/// "Microsoft Graph Command Line Tools": a public client of Microsoft's that every tenant knows, with
/// whatever its administrators consented to.
const COMMAND_LINE_TOOLS: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";

const WAYS: &str = "set AZURE_TENANT_ID, AZURE_CLIENT_ID and one of AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH; \
run in GitHub Actions (permissions: id-token: write), in Azure Pipelines or on an Azure resource with a managed identity; \
or name a way: --sign-in cli after az login, --sign-in device or browser for a person";

/// The way that was asked for; `auto` takes the first that what was typed or the environment offers.
///
/// # Errors
/// Nothing offers itself, or something is missing: it is named with the place it comes from.
pub fn choose(asked: &Asked, environment: &Environment) -> Result<Method, SignInError> {
    let given = Given { asked, environment };
    match asked.way {
        Way::Auto => given.auto(),
        Way::Secret => given.secret(),
        Way::Certificate => given.certificate(),
        Way::Github => given.github(),
        Way::Workload => given.workload(),
        Way::Managed => given.managed(),
        Way::Cli => Ok(Method::Cli { tenant: given.tenant_if_any()? }),
        Way::Pipelines => given.pipelines(),
        Way::Browser => given.person().map(|(tenant, client)| Method::Browser { tenant, client }),
        Way::Device => given.person().map(|(tenant, client)| Method::Device { tenant, client }),
        Way::Token => given.token(),
    }
}

struct Given<'a> {
    asked: &'a Asked,
    environment: &'a Environment,
}

impl Given<'_> {
    fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.environment.get(name).is_some())
    }

    /// What was typed goes before what the environment happens to hold.
    fn auto(&self) -> Result<Method, SignInError> {
        match (&self.asked.secret_file, &self.asked.certificate) {
            (Some(_), Some(_)) => Err(SignInError::new(
                "both --client-secret-file and --client-certificate are given",
                "give one of them, or say which with --sign-in",
            )),
            (Some(_), None) => self.secret(),
            (None, Some(_)) => self.certificate(),
            (None, None) if self.has(&["LEVELMARK_TOKEN"]) => self.token(),
            (None, None) if self.has(&["AZURE_CLIENT_SECRET"]) => self.secret(),
            (None, None) if self.has(&["AZURE_CLIENT_CERTIFICATE_PATH"]) => self.certificate(),
            (None, None) if self.has(&["AZURE_FEDERATED_TOKEN_FILE"]) => self.workload(),
            (None, None) if self.has(&["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"]) => {
                self.github()
            }
            (None, None) if self.has(&["SYSTEM_ACCESSTOKEN", "SYSTEM_OIDCREQUESTURI"]) => self.pipelines(),
            // Never the metadata service of a virtual machine: elsewhere nobody answers there, for minutes.
            (None, None) if self.has(&["IDENTITY_ENDPOINT", "IDENTITY_HEADER"]) => self.managed(),
            (None, None) if self.asked.terminal => {
                self.person().map(|(tenant, client)| Method::Browser { tenant, client })
            }
            (None, None) => {
                Err(SignInError::new("nothing says who signs in, and there is no terminal to ask at", WAYS))
            }
        }
    }

    fn token(&self) -> Result<Method, SignInError> {
        let help = "set it to an access token for Microsoft Graph";
        let (from, token) = self.held(self.asked.token.as_ref(), "LEVELMARK_TOKEN", "a ready token", help)?;
        let token = token.strip_prefix("Bearer ").unwrap_or(token).trim();
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SignInError::new(
                format!("{from} is no token: it holds blanks or other characters that no token has"),
                "set it to the access token alone, without quotes and line breaks",
            ));
        }
        Ok(Method::Token { token: Secret::new(token.to_owned()), from: from.to_owned() })
    }

    fn secret(&self) -> Result<Method, SignInError> {
        let (secret, from) = match &self.asked.secret_file {
            Some(path) => (file::read(path, "client secret")?, path.display().to_string()),
            None => {
                let named = self.asked.secret.as_ref();
                let help = match named {
                    Some(_) => "set it to the secret's value, in the environment of this program",
                    None => "set it to the secret's value, or name a file with --client-secret-file",
                };
                let (from, secret) = self.held(named, "AZURE_CLIENT_SECRET", "a client secret", help)?;
                (secret.to_owned(), from.to_owned())
            }
        };
        if secret.chars().any(char::is_control) {
            return Err(SignInError::new(
                format!("the client secret in {from} has more than one line"),
                "keep the secret's value alone in it",
            ));
        }
        Ok(Method::Secret { app: self.app("a client secret")?, secret: Secret::new(secret), from })
    }

    fn certificate(&self) -> Result<Method, SignInError> {
        let path = match &self.asked.certificate {
            Some(path) => path.as_path(),
            None => Path::new(self.needed(
                "AZURE_CLIENT_CERTIFICATE_PATH",
                "a certificate",
                "name a PEM file with certificate and key with --client-certificate",
            )?),
        };
        let certificate = Certificate::read(path)?;
        Ok(Method::Certificate { app: self.app("a certificate")?, certificate })
    }

    fn workload(&self) -> Result<Method, SignInError> {
        let help = "set it to the file with the token; in Kubernetes the workload identity webhook does so";
        let file = PathBuf::from(self.needed("AZURE_FEDERATED_TOKEN_FILE", "workload identity", help)?);
        file::read(&file, "federated token")?;
        Ok(Method::Workload { app: self.app("workload identity")?, file })
    }

    fn github(&self) -> Result<Method, SignInError> {
        let help = if self.has(&["GITHUB_ACTIONS"]) {
            "give the job `permissions: id-token: write`; forks' pull requests do not get it"
        } else {
            "it is set in GitHub Actions alone, for jobs with `permissions: id-token: write`"
        };
        let url = self.needed("ACTIONS_ID_TOKEN_REQUEST_URL", "GitHub Actions", help)?;
        let token = self.needed("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "GitHub Actions", help)?;
        Ok(Method::Github {
            app: self.app("GitHub Actions")?,
            url: address(url, "ACTIONS_ID_TOKEN_REQUEST_URL", false)?,
            token: Secret::new(token.to_owned()),
        })
    }

    fn pipelines(&self) -> Result<Method, SignInError> {
        let who = "Azure Pipelines";
        let url = self.needed("SYSTEM_OIDCREQUESTURI", who, "it is set in jobs of Azure Pipelines alone")?;
        let help = "hand it to the step: env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)";
        let token = self.needed("SYSTEM_ACCESSTOKEN", who, help)?;
        let typed = self.asked.service_connection.as_deref();
        let connection = typed.or_else(|| self.environment.get("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"));
        let connection = connection.ok_or_else(|| {
            SignInError::new(
                "Azure Pipelines needs the id of a service connection",
                "give --service-connection with the id in its address, or run in an AzureCLI task, which sets AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
            )
        })?;
        // The task's own variables go with the connection; the general ones may be of something else.
        let of_task = |typed: &Option<String>, name: &str| {
            typed.clone().or_else(|| self.environment.get(name).map(str::to_owned))
        };
        let asked = Asked {
            tenant: of_task(&self.asked.tenant, "AZURESUBSCRIPTION_TENANT_ID"),
            client: of_task(&self.asked.client, "AZURESUBSCRIPTION_CLIENT_ID"),
            ..Asked::default()
        };
        Ok(Method::Pipelines {
            app: Given { asked: &asked, environment: self.environment }.app(who)?,
            url: address(url, "SYSTEM_OIDCREQUESTURI", false)?,
            connection: connection.to_owned(),
            token: Secret::new(token.to_owned()),
        })
    }

    /// `azure_identity` decides by the same variables; what it would refuse is refused here with a way out.
    fn managed(&self) -> Result<Method, SignInError> {
        let client = self.client_if_any()?;
        let other = self.has(&["IDENTITY_SERVER_THUMBPRINT"]) || self.has(&["MSI_ENDPOINT"]);
        match self.environment.get("IDENTITY_ENDPOINT") {
            Some(url) if self.has(&["IDENTITY_HEADER"]) && !self.has(&["IDENTITY_SERVER_THUMBPRINT"]) => {
                let endpoint = Some(address(url, "IDENTITY_ENDPOINT", true)?);
                Ok(Method::Managed { client, endpoint })
            }
            None if !other => Ok(Method::Managed { client, endpoint: None }),
            _ => Err(SignInError::new(
                "the managed identities of Azure Arc, Cloud Shell, Machine Learning and Service Fabric cannot be used",
                "use --sign-in certificate; in Cloud Shell --sign-in cli",
            )),
        }
    }

    fn person(&self) -> Result<(Option<String>, String), SignInError> {
        let client = self.client_if_any()?.unwrap_or_else(|| COMMAND_LINE_TOOLS.to_owned());
        Ok((self.tenant_if_any()?, client))
    }

    fn app(&self, who: &str) -> Result<App, SignInError> {
        let missing = |what: &str, typed: &str, name: &str| {
            let blank =
                if self.environment.is_blank(name) { format!(" ({name} is empty)") } else { String::new() };
            SignInError::new(format!("{who} needs {what}{blank}"), format!("give {typed} or set {name}"))
        };
        let tenant = self.tenant_if_any()?;
        let tenant =
            tenant.ok_or_else(|| missing("a tenant", "--tenant with its directory id", "AZURE_TENANT_ID"))?;
        if ["common", "organizations", "consumers"].contains(&tenant.to_ascii_lowercase().as_str()) {
            return Err(SignInError::new(
                format!("an application signs in to one tenant, not to `{tenant}`"),
                "give the directory id of the tenant with --tenant",
            ));
        }
        let client = self.client_if_any()?;
        let client = client.ok_or_else(|| missing("an application", "--client-id", "AZURE_CLIENT_ID"))?;
        Ok(App { tenant, client })
    }

    fn tenant_if_any(&self) -> Result<Option<String>, SignInError> {
        self.id(self.asked.tenant.as_deref(), "AZURE_TENANT_ID", "tenant", "a directory id or a domain")
    }

    fn client_if_any(&self) -> Result<Option<String>, SignInError> {
        self.id(self.asked.client.as_deref(), "AZURE_CLIENT_ID", "application", "an application id (a GUID)")
    }

    /// An id that may stand in an address and on the command line of `az`.
    fn id(
        &self,
        typed: Option<&str>,
        name: &str,
        what: &str,
        wanted: &str,
    ) -> Result<Option<String>, SignInError> {
        let Some(id) = typed.map(str::trim).or_else(|| self.environment.get(name)) else {
            return Ok(None);
        };
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
        let good = (1..=255).contains(&id.len()) && id.bytes().all(fits) && !id.starts_with(['-', '.']);
        if !good {
            // Perhaps a secret in the wrong place: it is not shown.
            let place = if typed.is_some() { "the command line" } else { name };
            return Err(SignInError::new(
                format!("what {place} names is no {what}"),
                format!("give {wanted}"),
            ));
        }
        Ok(Some(id.to_owned()))
    }

    fn needed(&self, name: &str, who: &str, help: &str) -> Result<&str, SignInError> {
        self.environment.get(name).ok_or_else(|| lacking(name, self.environment.is_blank(name), who, help))
    }

    /// The variable that holds a secret, and what is in it: the one that was named, else the usual one.
    fn held<'g>(
        &'g self,
        named: Option<&'g Variable>,
        usual: &'g str,
        who: &str,
        help: &str,
    ) -> Result<(&'g str, &'g str), SignInError> {
        let Some(Variable { name, value }) = named else {
            return Ok((usual, self.needed(usual, who, help)?));
        };
        let held = value.as_ref().map(|value| value.secret().trim()).filter(|value| !value.is_empty());
        Ok((name, held.ok_or_else(|| lacking(name, value.is_some(), who, help))?))
    }
}

fn lacking(name: &str, blank: bool, who: &str, help: &str) -> SignInError {
    let state = if blank { "is empty" } else { "is not set" };
    SignInError::new(format!("{who} needs {name}, which {state}"), help)
}

/// An address of the environment that a secret is sent to: encrypted, or on this machine.
fn address(text: &str, name: &str, metadata: bool) -> Result<Url, SignInError> {
    let wrong = |why: &str| {
        SignInError::new(
            format!("{name} {why}"),
            "the platform sets it, to an address of its own: look who else does",
        )
    };
    let url = Url::parse(text).map_err(|_| wrong("is no address"))?;
    // App Service answers at 169.254.x.x, which never leaves the machine either (RFC 3927).
    let link_local = matches!(url.host(), Some(Host::Ipv4(ip)) if ip.is_link_local());
    match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => {
            Err(wrong("holds a name or a password"))
        }
        "https" => Ok(url),
        "http" if here(&url) || metadata && link_local => Ok(url),
        _ => Err(wrong("is not https: a secret would travel in the open")),
    }
}
