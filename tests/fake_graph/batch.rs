//! `$batch`: up to twenty requests in one. Comes in: the envelope, and a way to answer a request. Goes
//! out: the envelope of answers. Not here: the answers.
//!
//! <https://learn.microsoft.com/graph/json-batching>

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::refusals::Refusal;
use super::reply::{Ask, Payload, Reply};

/// More requests than this are refused.
pub(crate) const MOST: usize = 20;

/// Answers a batch; `outer` is its request, `answer` answers one of its items.
pub(crate) fn answer(
    outer: &Ask,
    shuffle: bool,
    mut answer: impl FnMut(&Ask) -> Reply,
) -> Result<Reply, Refusal> {
    let bad = |message: &str| Refusal::BadRequest(message.to_owned());
    let body: Value =
        serde_json::from_slice(&outer.body).map_err(|_| bad("Unable to read JSON request payload."))?;
    let requests =
        body.get("requests").and_then(Value::as_array).ok_or_else(|| bad("Missing 'requests'."))?;
    if requests.is_empty() || requests.len() > MOST {
        let message = format!("Number of batch request steps exceeds the maximum value of {MOST}.");
        return Err(Refusal::Other(400, "BadRequest".into(), message));
    }
    let mut seen = BTreeSet::new();
    for request in requests {
        let id = request
            .get("id")
            .and_then(Value::as_str)
            .ok_or_else(|| bad("Every request needs an 'id', a text."))?;
        if !seen.insert(id) {
            return Err(bad(&format!("Request id '{id}' is not unique.")));
        }
    }
    let mut statuses: BTreeMap<&str, u16> = BTreeMap::new();
    let mut responses = Vec::new();
    for request in requests {
        let id = request.get("id").and_then(Value::as_str).unwrap_or_default();
        let needs = request.get("dependsOn").and_then(Value::as_array);
        let failed = needs
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .any(|need| statuses.get(need).is_none_or(|status| *status >= 400));
        let reply = if failed {
            Refusal::Other(
                424,
                "FailedDependency".into(),
                "A request that this one depends on failed.".into(),
            )
            .reply("batch", "")
        } else {
            item(outer, request).map_or_else(|refusal| refusal.reply("batch", ""), |ask| answer(&ask))
        };
        statuses.insert(id, reply.status);
        responses.push(response(id, &reply));
    }
    if shuffle {
        responses.reverse();
        let middle = responses.len() / 3;
        responses.rotate_left(middle);
    }
    Ok(Reply::json(200, json!({ "responses": responses })))
}

/// An item as a request of its own; the token is the batch's.
fn item(outer: &Ask, request: &Value) -> Result<Ask, Refusal> {
    let bad = |message: &str| Refusal::BadRequest(message.to_owned());
    let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
    let url = text("url");
    if url.is_empty() || url.contains("://") {
        return Err(bad("Batch requests have relative urls."));
    }
    let version = outer.path.trim_end_matches("/$batch");
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut headers: BTreeMap<String, String> = request
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    headers.insert("authorization".into(), outer.header("authorization").to_owned());
    Ok(Ask {
        method: text("method").to_owned(),
        path: format!("{version}/{}", path.trim_start_matches('/')),
        query: query.to_owned(),
        headers,
        body: Vec::new(),
    })
}

fn response(id: &str, reply: &Reply) -> Value {
    let mut headers = Map::new();
    for (name, value) in &reply.headers {
        headers.insert((*name).to_owned(), json!(value));
    }
    let (kind, body) = match &reply.payload {
        Payload::Json(body) => ("application/json", body.clone()),
        Payload::Raw(kind, bytes) => (*kind, json!(STANDARD.encode(bytes))),
        Payload::Gzip(bytes) => ("application/gzip", json!(STANDARD.encode(bytes))),
        Payload::Nothing => ("", Value::Null),
    };
    if !kind.is_empty() {
        headers.insert("Content-Type".into(), json!(kind));
    }
    json!({ "id": id, "status": reply.status, "headers": headers, "body": body })
}
