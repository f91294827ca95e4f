//! The HTTP client that signing in and asking share. Comes in: nothing. Goes out: a client that uses
//! the proxy of the environment, follows no redirect by itself and never waits for ever. Not here:
//! tokens, quotas, retries.

use std::time::Duration;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(20);
/// How long a server may be silent before and in the middle of an answer.
pub const SILENCE: Duration = Duration::from_secs(60);

/// How we introduce ourselves.
pub const USER_AGENT: &str = concat!("levelmark/", env!("CARGO_PKG_VERSION"));

/// Builds the client. Redirects are the caller's: a token must not follow one to another host.
///
/// # Errors
/// No certificate verifier, or a proxy of the environment that is no address.
pub fn client() -> reqwest::Result<reqwest::Client> {
    builder().build()
}

/// The same client without a proxy, for services of the machine itself: metadata services, loopback.
///
/// # Errors
/// No certificate verifier.
pub fn direct() -> reqwest::Result<reqwest::Client> {
    builder().no_proxy().build()
}

/// The client with our settings, to add to.
pub(super) fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
}
