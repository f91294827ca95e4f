//! An answer of a service that signs in. Comes in: a response. Goes out: a status and JSON, whatever
//! came. Not here: what it means (`refusal`).

use serde_json::{Value, json};
use url::Url;

/// No token and no error is larger.
const LIMIT: usize = 1024 * 1024;
/// Longer pauses are not waited for here.
const LONGEST_PAUSE: u64 = 10;

/// A status with JSON.
#[derive(Debug)]
pub(super) struct Answer {
    /// HTTP status; that of an answer which cannot be used is one that nobody tries again.
    pub status: u16,
    /// Seconds that the service asks to wait.
    pub pause: Option<u64>,
    /// JSON: what came, or in our words why it cannot be used.
    pub body: Vec<u8>,
}

/// The status of an answer that cannot be used.
const UNUSABLE: u16 = 400;

impl Answer {
    /// Reads a response to its end, or until it is too large.
    pub(super) async fn read(mut response: reqwest::Response) -> reqwest::Result<Self> {
        let status = response.status();
        if status.is_redirection() {
            let to = response.headers().get(reqwest::header::LOCATION);
            let to = to.and_then(|to| to.to_str().ok()).and_then(|to| response.url().join(to).ok());
            let host = to.as_ref().and_then(Url::host_str).unwrap_or("nowhere").to_owned();
            return Ok(Self::unusable(&format!(
                "it redirects to {host}, which is not followed: is a proxy or a portal in between?"
            )));
        }
        let pause = response.headers().get(reqwest::header::RETRY_AFTER);
        let pause = pause.and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LIMIT {
                return Ok(Self::unusable("its answer is larger than 1 MiB"));
            }
            body.extend_from_slice(&chunk);
        }
        if serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_err() {
            let why = format!(
                "it answered {} with something that is not JSON: is a proxy in between?",
                status.as_u16()
            );
            let status = if status.is_success() { UNUSABLE } else { status.as_u16() };
            return Ok(Self { status, ..Self::unusable(&why) });
        }
        Ok(Self { status: status.as_u16(), pause: pause.map(|seconds| seconds.min(LONGEST_PAUSE)), body })
    }

    /// An error in the form of RFC 6749, section 5.2, so that both libraries understand it.
    fn unusable(why: &str) -> Self {
        let body = json!({ "error": "unusable_answer", "error_description": why, "error_codes": [] });
        Self { status: UNUSABLE, pause: None, body: body.to_string().into_bytes() }
    }

    /// Whether it grants what was asked.
    pub(super) const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// What an error says: Entra's, GitHub's, App Service's.
    pub(super) fn said(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let names = ["error_description", "message", "error"];
        let text = names.iter().find_map(|name| body.get(name)?.as_str()).filter(|text| !text.is_empty());
        text.map_or_else(|| format!("it answered {}", self.status), str::to_owned)
    }
}
