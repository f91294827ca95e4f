//! `--sign-in` and its companions, as typed. Secrets are never among them: they come from files and the
//! environment. Not here: what is done with them (`collect::sign_in`).

use std::path::PathBuf;

use clap::Args;

use crate::collect::sign_in::{Asked, Way};

/// Who signs in.
#[derive(Debug, Args)]
#[command(next_help_heading = "Signing in")]
pub struct SignInArgs {
    /// How to sign in.
    #[arg(long, value_name = "WAY", value_enum, default_value_t = Way::Auto)]
    pub sign_in: Way,
    /// Directory id or domain of the tenant; else AZURE_TENANT_ID.
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Application id; else AZURE_CLIENT_ID. For a person else Microsoft Graph Command Line Tools.
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// File with the client secret; else AZURE_CLIENT_SECRET.
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,
    /// PEM file with certificate and unencrypted RSA key; else AZURE_CLIENT_CERTIFICATE_PATH.
    #[arg(long, value_name = "FILE")]
    pub client_certificate: Option<PathBuf>,
    /// Id of the service connection in Azure Pipelines; else AZURESUBSCRIPTION_SERVICE_CONNECTION_ID.
    #[arg(long, value_name = "ID")]
    pub service_connection: Option<String>,
}

impl SignInArgs {
    /// What was asked for; `terminal`: a person sits at one.
    #[must_use]
    pub fn asked(&self, terminal: bool) -> Asked {
        Asked {
            way: self.sign_in,
            tenant: self.tenant.clone(),
            client: self.client_id.clone(),
            secret_file: self.client_secret_file.clone(),
            certificate: self.client_certificate.clone(),
            service_connection: self.service_connection.clone(),
            secret: None,
            token: None,
            terminal,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        args: SignInArgs,
    }

    #[test]
    fn what_is_typed_is_asked() {
        let typed = ["x", "--sign-in", "device", "--tenant", "contoso.example", "--client-id", "a1"];
        let asked = Alone::parse_from(typed).args.asked(true);
        assert_eq!((asked.way, asked.tenant.as_deref()), (Way::Device, Some("contoso.example")));
        assert!(asked.terminal && asked.client.is_some());
        assert_eq!(Alone::parse_from(["x"]).args.asked(false).way, Way::Auto);
    }

    #[test]
    fn a_secret_cannot_be_typed() {
        assert!(Alone::try_parse_from(["x", "--client-secret", "hush"]).is_err());
    }
}
