//! A person signs in with a code, on any device (RFC 8628). Comes in: who. Goes out: a token. Not here:
//! renewing it (`person`).

use std::time::Duration;

use oauth2::basic::BasicTokenResponse;
use oauth2::{DeviceCodeErrorResponseType as Said, RequestTokenError, StandardDeviceAuthorizationResponse};

use super::SignInError;
use super::person::Person;
use super::refusal::clean;

/// The service's codes are good for a quarter of an hour; whatever it says, so long and no longer.
const LONGEST: Duration = Duration::from_secs(900);

pub(super) async fn sign_in(person: &Person) -> Result<BasicTokenResponse, SignInError> {
    let late = || {
        SignInError::new(
            "nobody entered the code in time",
            "start again; the code is good for a quarter of an hour",
        )
    };
    let client = person.client()?;
    let asked =
        client.exchange_device_code().add_scopes(person.scopes()).request_async(&person.exchange).await;
    let code: StandardDeviceAuthorizationResponse = asked.map_err(|error| person.failed(error))?;
    let (address, user_code) = (clean(code.verification_uri(), &[]), clean(code.user_code().secret(), &[]));
    (person.setting.say)(&format!("to sign in, open {address} in a browser and enter the code {user_code}"));
    let clock = person.setting.clock;
    let polling = client.exchange_device_access_token(&code).set_time_fn(move || clock.now()).request_async(
        &person.exchange,
        tokio::time::sleep,
        None,
    );
    let token = tokio::time::timeout(LONGEST, polling).await.map_err(|_| late())?;
    token.map_err(|error| match &error {
        RequestTokenError::ServerResponse(said) => match said.error() {
            Said::ExpiredToken => late(),
            Said::AccessDenied => declined(),
            other if other.as_ref() == "authorization_declined" => declined(),
            _ => person.failed(error),
        },
        RequestTokenError::Request(_) | RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            person.failed(error)
        }
    })
}

fn declined() -> SignInError {
    SignInError::new(
        "the sign-in was declined",
        "start again, and agree to the permissions that the program asks for",
    )
}
