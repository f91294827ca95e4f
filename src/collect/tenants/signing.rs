//! Who signs in to a tenant of the file. Comes in: `sign_in` of the tenant and of the defaults. Goes out: a
//! way with all that the file says of it. Not here: secrets (`secrets`), signing in (`sign_in`).

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use azure_core::credentials::Secret;

use super::raw::RawSignIn;
use crate::collect::sign_in::{Asked, Variable, Way};
use crate::sections::normal::is_guid;
use crate::yaml::suggest::shown;
use crate::yaml::{Cx, Text};

/// Who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// How.
    pub way: Way,
    /// Application id.
    pub client: Option<String>,
    /// Name of the variable that holds the client secret.
    pub secret_variable: Option<String>,
    /// File with the client secret.
    pub secret_file: Option<PathBuf>,
    /// PEM file with certificate and key.
    pub certificate: Option<PathBuf>,
    /// Id of the service connection in Azure Pipelines.
    pub service_connection: Option<String>,
    /// Name of the variable that holds a ready token.
    pub token_variable: Option<String>,
}

impl SignIn {
    /// Whether a person has to sit there.
    #[must_use]
    pub const fn is_personal(&self) -> bool {
        matches!(self.way, Way::Browser | Way::Device)
    }

    /// The same as if it had been typed; `variables`: those that the file names, as far as they are set.
    #[must_use]
    pub fn asked(&self, tenant: &str, variables: &BTreeMap<String, Secret>, terminal: bool) -> Asked {
        let variable =
            |name: &String| Variable { name: name.clone(), value: variables.get(name.as_str()).cloned() };
        Asked {
            way: self.way,
            tenant: Some(tenant.to_owned()),
            client: self.client.clone(),
            secret_file: self.secret_file.clone(),
            certificate: self.certificate.clone(),
            service_connection: self.service_connection.clone(),
            secret: self.secret_variable.as_ref().map(variable),
            token: self.token_variable.as_ref().map(variable),
            terminal,
        }
    }
}

/// What one `sign_in` of the file says.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    way: Option<Way>,
    client: Option<String>,
    secret_variable: Option<String>,
    secret_file: Option<PathBuf>,
    certificate: Option<PathBuf>,
    service_connection: Option<String>,
    token_variable: Option<String>,
    /// What only some ways need, in the order of the file format.
    keys: Vec<(&'static str, Range<usize>)>,
}

impl Said {
    pub(super) fn of(raw: &RawSignIn, folder: &Path, cx: &mut Cx<'_>) -> Self {
        let text = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone());
        let path = |text: &Option<Text>| text.as_ref().map(|text| folder.join(&text.value));
        if let (Some(_), Some(file)) = (&raw.client_secret_env, &raw.client_secret_file) {
            cx.mistake("tenants::sign_in", "the client secret is in two places", &file.at).help =
                Some("name one: `client_secret_env` or `client_secret_file`".to_owned());
        }
        let keys = [
            ("client_secret_env", &raw.client_secret_env),
            ("client_secret_file", &raw.client_secret_file),
            ("client_certificate", &raw.client_certificate),
            ("service_connection", &raw.service_connection),
            ("token_env", &raw.token_env),
        ];
        Self {
            way: raw.way.as_ref().map(|way| way.value.into()),
            client: raw.client_id.as_ref().and_then(|id| guid(id, cx)),
            secret_variable: text(&raw.client_secret_env),
            secret_file: path(&raw.client_secret_file),
            certificate: path(&raw.client_certificate),
            service_connection: text(&raw.service_connection),
            token_variable: text(&raw.token_env),
            keys: keys.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?.at.clone()))).collect(),
        }
    }

    /// What the keys say where nobody names a way.
    fn implied(&self) -> Option<Way> {
        self.keys.first().and_then(|(key, _)| needs(key))
    }

    /// This one, and what it does not say from the defaults. `tenant`: its id, and where it stands.
    pub(super) fn over(
        &self,
        base: &Self,
        (tenant, at): (&str, &Range<usize>),
        cx: &mut Cx<'_>,
    ) -> Option<SignIn> {
        let Some(way) = self.way.or(base.way).or_else(|| self.implied()).or_else(|| base.implied()) else {
            cx.mistake("tenants::sign_in", format!("nothing says how to sign in to `{tenant}`"), at).help =
                Some("e.g. `sign_in: { way: github }`, here or under `defaults`".to_owned());
            return None;
        };
        for (key, at) in self.keys.iter().filter(|(key, _)| needs(key) != Some(way)) {
            let (name, other) = (word(way), needs(key).map_or("", word));
            let message = format!("`{key}` is of no use with `way: {name}`");
            cx.mistake("tenants::sign_in", message, at).help =
                Some(format!("remove it, or say `way: {other}` beside it"));
        }
        let own_secret = self.secret_variable.is_some() || self.secret_file.is_some();
        let secrets = if own_secret { self } else { base };
        let only = |wanted: Way| way == wanted;
        let either =
            |own: &Option<PathBuf>, other: &Option<PathBuf>| own.as_ref().or(other.as_ref()).cloned();
        let word = |own: &Option<String>, other: &Option<String>| own.as_ref().or(other.as_ref()).cloned();
        let sign_in = SignIn {
            way,
            client: word(&self.client, &base.client),
            secret_variable: secrets.secret_variable.clone().filter(|_| only(Way::Secret)),
            secret_file: secrets.secret_file.clone().filter(|_| only(Way::Secret)),
            certificate: either(&self.certificate, &base.certificate).filter(|_| only(Way::Certificate)),
            service_connection: word(&self.service_connection, &base.service_connection)
                .filter(|_| only(Way::Pipelines)),
            token_variable: word(&self.token_variable, &base.token_variable).filter(|_| only(Way::Token)),
        };
        sign_in.holds(tenant, at, cx).then_some(sign_in)
    }
}

impl SignIn {
    /// Whether signing in so can only end in the tenant that is meant.
    fn holds(&self, tenant: &str, at: &Range<usize>, cx: &mut Cx<'_>) -> bool {
        if self.way == Way::Token && self.token_variable.is_none() {
            cx.mistake("tenants::sign_in", format!("nothing says where the token for `{tenant}` is"), at)
                .help = Some("`token_env: NAME`, a variable of its own for each tenant".to_owned());
            return false;
        }
        // Neither asks for a tenant: only its id tells afterwards whether it is the one.
        if matches!(self.way, Way::Token | Way::Managed) && !is_guid(tenant) {
            let message = format!("with `way: {}` the directory id is needed, not a domain", word(self.way));
            cx.mistake("tenants::id", message, at).help =
                Some("Entra admin centre, Overview, Tenant ID".to_owned());
            return false;
        }
        true
    }
}

/// The way that a key is for.
fn needs(key: &str) -> Option<Way> {
    match key {
        "client_secret_env" | "client_secret_file" => Some(Way::Secret),
        "client_certificate" => Some(Way::Certificate),
        "service_connection" => Some(Way::Pipelines),
        "token_env" => Some(Way::Token),
        _ => None,
    }
}

/// A way as the file names it.
const fn word(way: Way) -> &'static str {
    match way {
        Way::Auto => "auto",
        Way::Secret => "secret",
        Way::Certificate => "certificate",
        Way::Github => "github",
        Way::Workload => "workload",
        Way::Managed => "managed",
        Way::Cli => "cli",
        Way::Pipelines => "pipelines",
        Way::Browser => "browser",
        Way::Device => "device",
        Way::Token => "token",
    }
}

fn guid(text: &Text, cx: &mut Cx<'_>) -> Option<String> {
    if !is_guid(&text.value) {
        let message = format!("`{}` is no application id", shown(&text.value));
        cx.mistake("tenants::client_id", message, &text.at).help =
            Some("a GUID: Entra admin centre, App registrations, Application (client) ID".to_owned());
        return None;
    }
    Some(text.value.to_ascii_lowercase())
}
