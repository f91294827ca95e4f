//! What a JSON file is, by its shape. Comes in: a parsed file. Goes out: its kind and what to do with
//! it. Not here: reading it.

use serde_json::{Map, Value};

use super::ImportError;

/// What a file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// ScubaGear's `ProviderSettingsExport.json`.
    ScubaGear,
    /// ScubaGear's verdicts, without the settings.
    ScubaGearResults,
    /// A Maester test result.
    Maester,
    /// A snapshot of Tenant Configuration Management.
    Utcm,
    /// The job that took one.
    UtcmJob,
    /// A snapshot of ours.
    Snapshot,
    /// A result of `check --format json`.
    Report,
    /// A browser's network recording.
    Har,
    /// Message Center posts of the admin portal.
    PortalMessages,
    /// Incidents and advisories of the admin portal.
    PortalHealth,
    /// The portal's release preferences.
    PortalReleaseTrack,
    /// An answer of Graph's `$batch`.
    GraphBatch,
    /// A refusal by Graph.
    GraphError,
    /// A collection or entity of Graph, as far as shape can tell.
    GraphBody,
    /// None of these.
    Other,
}

impl Kind {
    /// What the file is, in words that fit after "this looks like".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Kind::ScubaGear => "a ScubaGear settings export",
            Kind::ScubaGearResults => "a ScubaGear result, which has verdicts but not the settings",
            Kind::Maester => "a Maester test result",
            Kind::Utcm => "a snapshot of Tenant Configuration Management (UTCM)",
            Kind::UtcmJob => "a snapshot job of Tenant Configuration Management (UTCM), without its contents",
            Kind::Snapshot => "a Levelmark snapshot",
            Kind::Report => "a Levelmark result",
            Kind::Har => "a browser's network recording (HAR)",
            Kind::PortalMessages => "Message Center posts saved from the admin centre",
            Kind::PortalHealth => "service health saved from the admin centre",
            Kind::PortalReleaseTrack => "release preferences saved from the admin centre",
            Kind::GraphBatch => "an answer of Microsoft Graph's $batch",
            Kind::GraphError => "a refusal by Microsoft Graph",
            Kind::GraphBody => "a body of Microsoft Graph",
            Kind::Other => "nothing that Levelmark knows",
        }
    }

    /// The command that takes it, or where to get what we need.
    pub(crate) fn way(self) -> Option<&'static str> {
        match self {
            Kind::ScubaGear => Some("use `levelmark import scubagear FILE`"),
            Kind::ScubaGearResults => {
                Some("give `levelmark import scubagear` the ProviderSettingsExport.json of the same run")
            }
            Kind::Maester => Some("use `levelmark import maester FILE`"),
            Kind::Utcm => Some("use `levelmark import utcm FILE`"),
            Kind::UtcmJob => Some(
                "download what its `resourceLocation` points at, then `levelmark import utcm FILE --job JOB`",
            ),
            Kind::Snapshot => {
                Some("it needs no import; use `levelmark check FILE`, or `--into FILE` to add to it")
            }
            Kind::Report => Some("use it as `levelmark check … --baseline FILE`"),
            Kind::Har | Kind::PortalMessages | Kind::PortalHealth | Kind::PortalReleaseTrack => {
                Some("use `levelmark import portal FILE`")
            }
            Kind::GraphBatch => {
                Some("save each answer as a file of its own, then `levelmark import graph DIR`")
            }
            Kind::GraphError | Kind::GraphBody => Some("use `levelmark import graph FILE --section SECTION`"),
            Kind::Other => None,
        }
    }

    /// The error for a file of this kind where another was asked for.
    pub(crate) fn refused(self, name: &str, expected: &str) -> ImportError {
        ImportError::Kind {
            name: name.into(),
            what: format!("this looks like {}, not {expected}", self.words()),
            help: self.way().map(str::to_string),
        }
    }
}

/// Tells what a file looks like.
pub(crate) fn kind_of(value: &Value) -> Kind {
    match value {
        Value::Object(members) => object_kind(members),
        Value::Array(items) => match items.first() {
            Some(Value::Object(first)) => match item_kind(first) {
                Some(kind) => kind,
                None => Kind::GraphBody,
            },
            Some(_) => Kind::Other,
            None => Kind::GraphBody,
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Kind::Other,
    }
}

fn object_kind(members: &Map<String, Value>) -> Kind {
    let has = |name: &str| members.contains_key(name);
    let nested =
        |outer: &str, inner: &str| members.get(outer).is_some_and(|value| value.get(inner).is_some());
    if nested("levelmark", "snapshot") {
        Kind::Snapshot
    } else if nested("levelmark", "report") {
        Kind::Report
    } else if nested("log", "entries") {
        Kind::Har
    } else if has("tenant_details") && has("baseline_version") || nested("Raw", "tenant_details") {
        Kind::ScubaGear
    } else if has("Results") && has("MetaData") || has("ReportSummary") {
        Kind::ScubaGearResults
    } else if has("Tests") && has("TenantId") && has("TotalCount") {
        Kind::Maester
    } else if has("resourceLocation") && has("status") {
        Kind::UtcmJob
    } else if members.get("resources").is_some_and(is_resources) {
        Kind::Utcm
    } else if has("ReleaseTrack") {
        Kind::PortalReleaseTrack
    } else if has("ServiceStatus") {
        Kind::PortalHealth
    } else if has("Messages") && !has("MessageStatus") {
        Kind::PortalMessages
    } else if nested("error", "code") || nested("error", "message") {
        Kind::GraphError
    } else if has("responses") && !has("id") {
        Kind::GraphBatch
    } else {
        match item_kind(members) {
            Some(kind) => kind,
            None if has("value")
                || has("id")
                || has("Id")
                || members.keys().any(|key| key.starts_with("@odata.")) =>
            {
                Kind::GraphBody
            }
            None => Kind::Other,
        }
    }
}

/// Resources of Tenant Configuration Management, each with its type.
fn is_resources(value: &Value) -> bool {
    value.as_array().and_then(|all| all.first()).is_some_and(|first| first.get("resourceType").is_some())
}

/// What an element of a list shows.
fn item_kind(members: &Map<String, Value>) -> Option<Kind> {
    let has = |name: &str| members.contains_key(name);
    if has("AnnouncementId") || has("PublishedDate") && has("AffectedWorkloads") {
        Some(Kind::PortalMessages)
    } else if has("MessageStatus") && has("Messages") || has("MessagesByClassification") {
        Some(Kind::PortalHealth)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_is_told_apart() {
        let cases = [
            (json!({"baseline_version": "1", "tenant_details": []}), Kind::ScubaGear),
            (json!({"Raw": {"tenant_details": []}, "Results": {}, "MetaData": {}}), Kind::ScubaGear),
            (json!({"Results": {}, "MetaData": {}}), Kind::ScubaGearResults),
            (json!({"Tests": [], "TenantId": "x", "TotalCount": 0}), Kind::Maester),
            (json!({"id": "x", "resources": [{"resourceType": "microsoft.entra.user"}]}), Kind::Utcm),
            (
                json!({"id": "x", "resources": ["microsoft.entra.user"], "status": "succeeded", "resourceLocation": ""}),
                Kind::UtcmJob,
            ),
            (json!({"levelmark": {"snapshot": 1}}), Kind::Snapshot),
            (json!({"levelmark": {"report": 1}}), Kind::Report),
            (json!({"log": {"entries": []}}), Kind::Har),
            (json!({"Messages": []}), Kind::PortalMessages),
            (json!([{"AnnouncementId": "MC1"}]), Kind::PortalMessages),
            (json!({"ServiceStatus": []}), Kind::PortalHealth),
            (json!([{"MessageStatus": {}, "Messages": []}]), Kind::PortalHealth),
            (json!({"ReleaseTrack": "None"}), Kind::PortalReleaseTrack),
            (json!({"responses": []}), Kind::GraphBatch),
            (json!({"error": {"code": "x"}}), Kind::GraphError),
            (json!({"value": []}), Kind::GraphBody),
            (json!([{"id": "x"}]), Kind::GraphBody),
            (json!([]), Kind::GraphBody),
            (json!({"isEnabled": true}), Kind::Other),
            (json!([1]), Kind::Other),
            (json!("x"), Kind::Other),
        ];
        for (value, expected) in cases {
            assert_eq!(kind_of(&value), expected, "{value}");
        }
    }
}
