//! A person signs in in the browser: authorization code with PKCE (RFC 7636), answered on this machine
//! (RFC 8252). Comes in: who. Goes out: a token. Not here: listening (`landing`), renewing (`person`).

use std::time::Duration;

use oauth2::basic::BasicTokenResponse;
use oauth2::{AuthorizationCode, CsrfToken, PkceCodeChallenge, RedirectUrl};

use super::SignInError;
use super::landing::Landing;
use super::person::Person;

/// How long somebody may take.
const LONGEST: Duration = Duration::from_secs(300);

const ELSEWHERE: &str = "where no browser is, use --sign-in device";

pub(super) async fn sign_in(person: &Person) -> Result<BasicTokenResponse, SignInError> {
    let landing = Landing::new().await.map_err(|error| {
        SignInError::new(format!("cannot listen for the browser on this machine: {error}"), ELSEWHERE)
    })?;
    let back = RedirectUrl::new(landing.address())
        .map_err(|_| SignInError::new("the address to come back to is none", ELSEWHERE))?;
    let client = person.client()?.set_redirect_uri(back);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = client
        .authorize_url(CsrfToken::new_random)
        .add_scopes(person.scopes())
        .set_pkce_challenge(challenge)
        // Who is signed in to the browser need not be the administrator of the tenant.
        .add_extra_param("prompt", "select_account")
        .url();
    (person.setting.say)(&format!(
        "sign in in the browser; if none opens, go to\n{url}\n(on another machine: stop and use --sign-in device)"
    ));
    person.setting.open.open(&url);
    let outcome = tokio::time::timeout(LONGEST, landing.outcome(state.secret())).await;
    let outcome = outcome.map_err(|_| SignInError::new("nobody signed in within 5 minutes", ELSEWHERE))?;
    let code = outcome.map_err(|text| person.refused(&text))?;
    let exchange = client.exchange_code(AuthorizationCode::new(code)).set_pkce_verifier(verifier);
    exchange.request_async(&person.exchange).await.map_err(|error| person.failed(error))
}
