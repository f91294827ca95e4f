//! A browser's network recording (HAR). Comes in: the file. Goes out: the named bodies, with status
//! and time. Not here: anything else of the recording. Headers, cookies and other requests are skipped
//! while parsing and never held.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::base64;
use super::body::{Body, addressed};
use crate::import::ImportError;
use crate::import::text::typed;
use crate::import::values::time;

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "startedDateTime")]
    started: Option<String>,
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: String,
}

#[derive(Deserialize)]
struct Response {
    status: i64,
    #[serde(default)]
    content: Content,
}

#[derive(Deserialize, Default)]
struct Content {
    text: Option<String>,
    encoding: Option<String>,
}

/// An answer of the admin centre.
#[derive(Debug)]
pub(super) struct Answer {
    /// What was asked for.
    pub(super) body: Body,
    /// HTTP status.
    pub(super) status: i64,
    /// When it was asked for.
    pub(super) at: Option<DateTime<Utc>>,
    /// What came back; empty if the recording does not hold it.
    pub(super) bytes: Vec<u8>,
}

/// Whether a file is a recording. Told without holding any of it.
pub(super) fn is_recording(bytes: &[u8], name: &str) -> bool {
    #[derive(Deserialize)]
    struct Probe {
        log: Inner,
    }
    #[derive(Deserialize)]
    struct Inner {
        #[serde(rename = "entries")]
        _entries: IgnoredAny,
    }
    typed::<Probe>(bytes, name).is_ok_and(|Probe { log: Inner { .. } }| true)
}

/// The named bodies; of equal requests the last.
pub(super) fn answers(bytes: &[u8], name: &str) -> Result<Vec<Answer>, ImportError> {
    let har: Har = typed(bytes, name)?;
    let mut answers: Vec<Answer> = Vec::new();
    for entry in har.log.entries {
        let Some(body) = addressed(&entry.request.url) else { continue };
        if !entry.request.method.eq_ignore_ascii_case("GET") {
            continue;
        }
        let answer = Answer {
            body,
            status: entry.response.status,
            at: entry.started.as_deref().and_then(time),
            bytes: content(entry.response.content, body, name)?,
        };
        answers.retain(|earlier| earlier.body.section() != body.section());
        answers.push(answer);
    }
    Ok(answers)
}

fn content(content: Content, body: Body, name: &str) -> Result<Vec<u8>, ImportError> {
    let text = content.text.unwrap_or_default();
    match content.encoding.as_deref() {
        None | Some("") => Ok(text.into_bytes()),
        Some(encoding) if encoding.eq_ignore_ascii_case("base64") => base64::decode(&text).ok_or_else(|| {
            refused(name, format!("the body of {} is not base64, though it says so", body.name()))
        }),
        Some(other) => Err(refused(name, format!("the body of {} is encoded as `{other}`", body.name()))),
    }
}

fn refused(name: &str, what: String) -> ImportError {
    ImportError::Kind {
        name: name.into(),
        what,
        help: Some("record it again, or save the body itself".into()),
    }
}
