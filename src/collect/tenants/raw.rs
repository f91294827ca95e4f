//! `tenants.yaml` as written, with its JSON Schema. Comes in: nodes of YAML. Goes out: texts with places.
//! Not here: what they mean (`entry`, `signing`).

use schemars::JsonSchema;
use serde::Deserialize;

use crate::collect::sign_in::Way;
use crate::record;
use crate::snapshot::record::Cloud;
use crate::yaml::scalar::Word;
use crate::yaml::{Need, Text};

record! {
    /// Many tenants, and who signs in to each. No secret stands here.
    pub struct RawTenants {
        /// What counts for every tenant that does not say it itself.
        defaults: Option<RawDefaults>,
        /// The tenants.
        tenants: Need<Vec<RawTenant>>,
    }
}

record! {
    /// What counts for every tenant that does not say it itself.
    pub struct RawDefaults {
        /// Which cloud of Microsoft's.
        cloud: Option<Word<Cloud>>,
        /// Who signs in; a tenant may replace single keys.
        sign_in: Option<RawSignIn>,
        /// Words to choose tenants by, with `--only`.
        tags: Option<Vec<Text>>,
        /// Path of a `levelmark.yaml`, from the directory of this file, for its parameters.
        config: Option<Text>,
        /// Sections that are taken on request alone.
        include: Option<Vec<Text>>,
    }
}

record! {
    /// A tenant.
    pub struct RawTenant {
        /// Directory id, or a domain of the tenant.
        id: Need<Text>,
        /// Name of its folder: letters, digits, `-`, `_` and `.`; by default the id.
        name: Option<Text>,
        /// Which cloud of Microsoft's.
        cloud: Option<Word<Cloud>>,
        /// Who signs in.
        sign_in: Option<RawSignIn>,
        /// Words to choose tenants by, with `--only`.
        tags: Option<Vec<Text>>,
        /// Path of a `levelmark.yaml`, from the directory of this file, for its parameters.
        config: Option<Text>,
        /// Sections that are taken on request alone.
        include: Option<Vec<Text>>,
    }
}

record! {
    /// Who signs in. Secrets are in files or in variables of the environment, which are named here.
    pub struct RawSignIn {
        /// How; may be left out where the other keys say it.
        way: Option<Word<RawWay>>,
        /// Application id; else AZURE_CLIENT_ID.
        client_id: Option<Text>,
        /// Name of the variable that holds the client secret; else AZURE_CLIENT_SECRET.
        client_secret_env: Option<Text>,
        /// Path of a file with the client secret, from the directory of this file.
        client_secret_file: Option<Text>,
        /// Path of a PEM file with certificate and key, from the directory of this file.
        client_certificate: Option<Text>,
        /// Id of the service connection in Azure Pipelines.
        service_connection: Option<Text>,
        /// Name of the variable that holds a ready token.
        token_env: Option<Text>,
    }
}

/// The ways of signing in that a file may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RawWay {
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
    /// A ready token in a variable of the environment.
    Token,
    /// A person in the browser.
    Browser,
    /// A person with a code, on any device.
    Device,
}

impl From<RawWay> for Way {
    fn from(way: RawWay) -> Self {
        match way {
            RawWay::Secret => Self::Secret,
            RawWay::Certificate => Self::Certificate,
            RawWay::Github => Self::Github,
            RawWay::Workload => Self::Workload,
            RawWay::Managed => Self::Managed,
            RawWay::Cli => Self::Cli,
            RawWay::Pipelines => Self::Pipelines,
            RawWay::Token => Self::Token,
            RawWay::Browser => Self::Browser,
            RawWay::Device => Self::Device,
        }
    }
}
