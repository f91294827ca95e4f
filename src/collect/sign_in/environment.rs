//! The environment variables that signing in looks at. Comes in: a way to look them up, from the
//! program. Goes out: their values. Not here: reading the process's environment.

use std::collections::BTreeMap;
use std::fmt;

use azure_core::credentials::Secret;

/// The variables that signing in looks at; the program fills an [`Environment`] with them.
pub const NAMES: [&str; 20] = [
    "LEVELMARK_TOKEN",
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_FEDERATED_TOKEN_FILE",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "GITHUB_ACTIONS",
    "SYSTEM_ACCESSTOKEN",
    "SYSTEM_OIDCREQUESTURI",
    // What the tasks AzureCLI and AzurePowerShell tell their scripts of the service connection.
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    "AZURESUBSCRIPTION_TENANT_ID",
    "AZURESUBSCRIPTION_CLIENT_ID",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
];

/// The values of [`NAMES`], as far as they are set.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<&'static str, Secret>);

impl Environment {
    /// Looks every one of [`NAMES`] up.
    #[must_use]
    pub fn of(look_up: impl Fn(&str) -> Option<String>) -> Self {
        Self(NAMES.iter().filter_map(|name| Some((*name, Secret::new(look_up(name)?)))).collect())
    }

    /// A value without blanks around it. One that is empty counts as not set: that is what a pipeline
    /// makes of a secret that does not exist.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        Some(self.0.get(name)?.secret().trim()).filter(|value| !value.is_empty())
    }

    /// Whether a variable is set, to nothing.
    pub(super) fn is_blank(&self, name: &str) -> bool {
        self.0.contains_key(name) && self.get(name).is_none()
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_shown_and_blank_ones_do_not_count() {
        let values = |name: &str| match name {
            "AZURE_CLIENT_SECRET" => Some(" hush-hush\n".to_owned()),
            "AZURE_CLIENT_ID" => Some("  ".to_owned()),
            "HOME" => Some("/root".to_owned()),
            _ => None,
        };
        let environment = Environment::of(values);
        assert_eq!(environment.get("AZURE_CLIENT_SECRET"), Some("hush-hush"));
        assert_eq!(environment.get("AZURE_CLIENT_ID"), None);
        assert!(environment.is_blank("AZURE_CLIENT_ID") && !environment.is_blank("AZURE_TENANT_ID"));
        assert_eq!(environment.get("HOME"), None);
        assert_eq!(format!("{environment:?}"), r#"{"AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"}"#);
    }
}
