//! What holds for every item of Graph, whatever the section: secrets are forgotten, a log's item knows
//! its time. Not here: names, types and normal forms (`sections`).

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::import::values::time;

/// Names of properties that hold secrets where a service does not mask them.
const SECRETS: [&str; 7] = [
    "accessToken",
    "clientSecret",
    "passwordProfile",
    "preSharedKey",
    "refreshToken",
    "secretText",
    "sharedSecret",
];

/// Properties that tell when something of a log happened, the most telling first.
const MOMENTS: [&str; 6] = [
    "activityDateTime",
    "receivedDateTime",
    "createdDateTime",
    "lastModifiedDateTime",
    "startDateTime",
    "reportDate",
];

/// Takes secrets out, wherever they stand. The nesting of what was parsed is bounded.
pub(crate) fn forget_secrets(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !SECRETS.contains(&name.as_str()));
            members.values_mut().for_each(forget_secrets);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_secrets),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// When something of a log happened.
pub(crate) fn moment(item: &Value) -> Option<DateTime<Utc>> {
    MOMENTS.iter().find_map(|name| time(item.get(*name)?.as_str()?))
}
