//! Applications sign in over a sign-in service of our own.

use std::ffi::OsStr;
use std::io;
#[cfg(unix)]
use std::os::unix::process::ExitStatusExt;
#[cfg(windows)]
use std::os::windows::process::ExitStatusExt;
use std::process::{ExitStatus, Output};

use async_trait::async_trait;
use azure_identity::Executor;

use super::*;

pub(super) const SECRET: [(&str, &str); 1] = [("AZURE_CLIENT_SECRET", "hush~Secret-1")];

fn assert_is_ours(token: &Token) {
    assert_eq!(token.secret.secret(), app_token());
    assert_eq!(token.claims.tenant.as_deref(), Some(TENANT));
    assert_eq!(token.claims.roles, ["Policy.Read.All"]);
}

/// The last request, which must have asked for Graph in the right tenant.
fn exchanged(login: &Fake) -> Call {
    let call = login.calls().last().unwrap().clone();
    assert_eq!(
        (&call.verb, call.path.as_str()),
        (&Verb::POST, format!("/{TENANT}/oauth2/v2.0/token").as_str())
    );
    assert_eq!(call.form["client_id"], CLIENT);
    assert_eq!(call.form["grant_type"], "client_credentials");
    assert_eq!(call.form["scope"], "https://graph.microsoft.com/.default");
    assert!(call.header("user-agent").starts_with("levelmark/"), "{}", call.header("user-agent"));
    call
}

#[tokio::test]
async fn with_a_secret() {
    let login = Fake::generous().await;
    assert_is_ours(&sign_in(&asked(Way::Secret), &SECRET, &login.setting()).await.unwrap());
    assert_eq!(exchanged(&login).form["client_secret"], SECRETS[0]);
    assert_eq!(login.calls().len(), 1);
}

#[tokio::test]
async fn with_a_certificate() {
    let login = Fake::generous().await;
    let folder = tempfile::tempdir().unwrap();
    let pem = written(&folder, &format!("{}{}", PAIR.certificate.pem(), PAIR.key.serialize_pem()));
    let asked = Asked { certificate: Some(pem), ..asked(Way::Auto) };
    assert_is_ours(&sign_in(&asked, &[], &login.setting()).await.unwrap());
    let call = exchanged(&login);
    assert_eq!(call.form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    super::certificate::verified(
        &call.form["client_assertion"],
        &format!("{}/{TENANT}/oauth2/v2.0/token", login.url),
    );
}

#[tokio::test]
async fn with_a_federated_token_in_a_file() {
    let login = Fake::generous().await;
    let folder = tempfile::tempdir().unwrap();
    let file = written(&folder, "eyJ.of.pod\n");
    let values = [("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap())];
    assert_is_ours(&sign_in(&asked(Way::Auto), &values, &login.setting()).await.unwrap());
    assert_eq!(exchanged(&login).form["client_assertion"], "eyJ.of.pod");
}

async fn github(
    answer: impl Fn() -> Response<Body> + Send + Sync + 'static,
    login: &Fake,
) -> (Fake, Result<Arc<Token>, SignInError>) {
    let github = Fake::new(move |_, _| answer()).await;
    let url = format!("{}/token?api-version=2.0", github.url);
    let values =
        [("ACTIONS_ID_TOKEN_REQUEST_URL", url.as_str()), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", SECRETS[1])];
    let token = sign_in(&asked(Way::Auto), &values, &login.setting()).await;
    (github, token)
}

fn of_job() -> String {
    jwt(
        &json!({ "iss": "https://token.actions.example", "sub": "repo:contoso/audit:ref:refs/heads/main", "aud": "api://AzureADTokenExchange" }),
    )
}

#[tokio::test]
async fn from_github_actions() {
    let login = Fake::generous().await;
    let (github, token) = github(|| reply(200, &json!({ "value": of_job() })), &login).await;
    assert_is_ours(&token.unwrap());
    assert_eq!(exchanged(&login).form["client_assertion"], of_job());
    let call = &github.calls()[0];
    assert_eq!(call.header("authorization"), format!("Bearer {}", SECRETS[1]));
    assert_eq!(
        (call.query["api-version"].as_str(), call.query["audience"].as_str()),
        ("2.0", "api://AzureADTokenExchange")
    );
}

#[tokio::test]
async fn github_that_gives_no_token_is_named() {
    let login = Fake::generous().await;
    for (status, body, said) in [
        (403, json!({ "message": format!("no permission for {}", SECRETS[1]) }), "no permission for …"),
        (200, json!({ "count": 1 }), "holds none"),
    ] {
        let (_, token) = github(move || reply(status, &body), &login).await;
        let text = shown(&token.unwrap_err());
        assert!(text.contains("GitHub") && text.contains(said) && text.contains("id-token"), "{text}");
    }
    assert!(login.calls().is_empty());
}

#[tokio::test]
async fn a_federated_credential_that_is_missing_is_shown_with_all_it_needs() {
    let login = Fake::new(|_, _| refusal(700_213, "No matching federated identity record found.")).await;
    let (_, token) = github(|| reply(200, &json!({ "value": of_job() })), &login).await;
    let text = shown(&token.unwrap_err());
    for said in [
        "`https://token.actions.example`",
        "`repo:contoso/audit:ref:refs/heads/main`",
        "`api://AzureADTokenExchange`",
    ] {
        assert!(text.contains(said), "{text}");
    }
}

/// An `az` that answers so.
#[derive(Debug)]
struct Az(u8, String, &'static str);

#[async_trait]
impl Executor for Az {
    async fn run(&self, _: &OsStr, args: &[&OsStr]) -> io::Result<Output> {
        let command = args.last().unwrap().to_string_lossy();
        assert!(
            command
                .contains("az account get-access-token -o json --scope https://graph.microsoft.com/.default")
        );
        assert!(command.ends_with(&format!("--tenant {TENANT}")), "{command}");
        // A wait status has the exit code in its second byte.
        let status =
            ExitStatus::from_raw(if cfg!(unix) { i32::from(self.0) << 8 } else { i32::from(self.0) } as _);
        Ok(Output { status, stdout: self.1.clone().into_bytes(), stderr: self.2.as_bytes().to_vec() })
    }
}

async fn az(status: u8, out: String, err: &'static str) -> Result<Arc<Token>, SignInError> {
    let setting = setting("http://127.0.0.1:1").run_by(Arc::new(Az(status, out, err)));
    sign_in(&asked(Way::Cli), &[], &setting).await
}

#[tokio::test]
async fn from_the_azure_cli() {
    let expires = clock().now().timestamp() + 3600;
    let out = json!({ "accessToken": person_token(), "expires_on": expires, "tokenType": "Bearer", "expiresOn": "", "subscription": "", "tenant": TENANT });
    let token = az(0, out.to_string(), "").await.unwrap();
    assert_eq!(token.claims.account.as_deref(), Some("adele@contoso.example"));
    assert!(token.claims.person);
    for (status, err, said) in [
        (127, "sh: 1: az: not found", "install the Azure CLI"),
        (1, "ERROR: Please run 'az login' to setup account.", "az login --tenant 7e57a11a"),
        (1, "ERROR: AADSTS50076: Due to a configuration change", "multifactor"),
    ] {
        let text = shown(&az(status, String::new(), err).await.unwrap_err());
        assert!(text.contains(said) && !text.contains("aka.ms"), "{text}");
    }
    let text = shown(&az(0, format!("{{\"accessToken\": \"{}\"", app_token()), "").await.unwrap_err());
    assert!(text.contains("Azure CLI"), "{text}");
}
