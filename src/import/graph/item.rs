//! What holds for every item of Graph, whatever the section: secrets are forgotten, a log's item knows
//! its time. Not here: names, types and normal forms (`sections`).

#[cfg(feature = "collect")]
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::import::values::time;

/// Names of properties that hold secrets where a service does not mask them.
const SECRETS: [&str; 9] = [
    "accessToken",
    "clientSecret",
    "password",
    "passwordProfile",
    "preSharedKey",
    "productKey",
    "refreshToken",
    "secretText",
    "sharedSecret",
];

/// Properties that tell when something of a log happened, the most telling first.
pub(crate) const MOMENTS: [&str; 9] = [
    "activityDateTime",
    "receivedDateTime",
    "createdDateTime",
    "lastModifiedDateTime",
    "startDateTime",
    "startedDateTime",
    "runInitiationDateTime",
    "firstReportedDateTime",
    "reportDate",
];

/// Takes secrets out, wherever they stand. The nesting of what was parsed is bounded.
pub(crate) fn forget_secrets(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !SECRETS.iter().any(|secret| secret.eq_ignore_ascii_case(name)));
            // A custom setting of Intune whose value is a secret says so beside it.
            if members.get("isEncrypted") == Some(&Value::Bool(true)) && members.contains_key("omaUri") {
                members.remove("value");
            }
            members.values_mut().for_each(forget_secrets);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_secrets),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Names of members, at any depth, that go on in pages that are not there (`owners@odata.nextLink`).
#[cfg(feature = "collect")]
pub(crate) fn cut(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(
                members.keys().filter_map(|name| name.strip_suffix("@odata.nextLink")).map(str::to_owned),
            );
            members.values().for_each(|member| cut(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| cut(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// When something of a log happened.
pub(crate) fn moment(item: &Value) -> Option<DateTime<Utc>> {
    MOMENTS.iter().find_map(|name| time(item.get(*name)?.as_str()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sections::{self, Kind};

    #[test]
    fn every_log_of_graph_knows_its_times() {
        for section in sections::all().filter(|section| section.kind == Kind::Log && section.graph.is_some())
        {
            let fields = section.fields.unwrap_or_default();
            let known = fields.iter().any(|field| MOMENTS.contains(field));
            // A meeting's start is an object; the request names the time.
            assert!(known || section.id == "meetings.occurrences", "{}", section.id);
        }
    }

    #[test]
    fn secrets_are_forgotten_however_they_are_written_and_wherever_they_stand() {
        let mut item = json!({"a": [{"SecretText": "x", "b": {"productKey": "x", "password": "x"}}],
            "omaSettings": [{"omaUri": "./x", "isEncrypted": true, "value": "x"}, {"omaUri": "./y", "isEncrypted": false, "value": "y"}]});
        forget_secrets(&mut item);
        assert_eq!(item.to_string().matches("\"x\"").count(), 0, "{item}");
        assert!(item.to_string().contains("\"y\""));
    }

    #[cfg(feature = "collect")]
    #[test]
    fn lists_that_go_on_are_seen_at_any_depth() {
        let mut found = BTreeSet::new();
        cut(
            &json!({"policy": {"rules@odata.nextLink": "x", "rules": [{"a@odata.nextLink": "y"}]}}),
            &mut found,
        );
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a", "rules"]);
    }
}
