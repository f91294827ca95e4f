//! Incidents and advisories in the admin portal's shape. Comes in: the issues, by service or bare.
//! Goes out: items as Graph serves them. Not here: diagnostics, user counts, links.

use serde_json::{Map, Value, json};

use super::messages::copied;
use super::word;

/// The portal's status names without blanks, and Graph's members. The portal changed "post-incident
/// report" for what Graph calls a review.
const STATUSES: &[(&str, &str)] = &[
    ("confirmed", "confirmed"),
    ("extendedrecovery", "extendedRecovery"),
    ("falsepositive", "falsePositive"),
    ("investigating", "investigating"),
    ("investigationsuspended", "investigationSuspended"),
    ("mitigated", "mitigated"),
    ("mitigatedexternal", "mitigatedExternal"),
    ("normalservice", "serviceOperational"),
    ("postincidentreportpublished", "postIncidentReviewPublished"),
    ("postincidentreviewpublished", "postIncidentReviewPublished"),
    ("reported", "reported"),
    ("resolved", "resolved"),
    ("resolvedexternal", "resolvedExternal"),
    ("restoringservice", "restoringService"),
    ("servicedegradation", "serviceDegradation"),
    ("serviceinterruption", "serviceInterruption"),
    ("serviceoperational", "serviceOperational"),
    ("servicerestored", "serviceRestored"),
    ("verifyingservice", "verifyingService"),
];

/// Plain copies: the portal's name, Graph's.
const COPIED: &[(&str, &str)] = &[
    ("Id", "id"),
    ("Title", "title"),
    ("ServiceDisplayName", "service"),
    ("FeatureDisplayName", "featureGroup"),
    ("ImpactDescription", "impactDescription"),
    ("StartTime", "startDateTime"),
    ("EndTime", "endDateTime"),
    ("LastUpdatedTime", "lastModifiedDateTime"),
];

/// One issue. `class` is known only where the portal listed it among incidents or advisories; the
/// number in `Classification` is explained nowhere.
pub(super) fn issue(from: &Map<String, Value>, class: Option<&str>) -> Map<String, Value> {
    let mut item = copied(from, COPIED);
    if let Some(class) = class {
        item.insert("classification".into(), json!(class));
    }
    let status = from.get("MessageStatus");
    if let Some(name) = status.and_then(|status| status.get("DisplayName")).and_then(Value::as_str) {
        let known = STATUSES.iter().find(|(known, _)| *known == word(name));
        item.insert("status".into(), json!(known.map_or("unknownFutureValue", |(_, member)| member)));
    }
    if let Some(resolved) = status.and_then(|status| status.get("IsResolved")) {
        item.insert("isResolved".into(), resolved.clone());
    }
    if let Some(Value::Array(messages)) = from.get("Messages") {
        item.insert("posts".into(), messages.iter().filter_map(Value::as_object).map(post).collect());
    }
    if let Some(Value::Array(details)) = from.get("AdditionalDetails") {
        let pairs = details.iter().filter_map(Value::as_object);
        let pairs = pairs.map(|pair| copied(pair, &[("Name", "name"), ("Value", "value")]));
        item.insert("details".into(), pairs.map(Value::Object).collect());
    }
    item
}

fn post(message: &Map<String, Value>) -> Value {
    let mut post = copied(message, &[("PublishedTime", "createdDateTime"), ("PostType", "postType")]);
    if let Some(text) = message.get("MessageText").filter(|text| text.is_string()) {
        post.insert("description".into(), json!({ "contentType": "text", "content": text }));
    }
    Value::Object(post)
}

/// The issues of a saved body with their class, and the services if it names them.
pub(super) struct Found {
    /// Issues in Graph's shape.
    pub(super) issues: Vec<Map<String, Value>>,
    /// Services in Graph's shape, without their status.
    pub(super) services: Vec<Map<String, Value>>,
}

/// Reads `{ServiceStatus: [{ServiceId, Name, MessagesByClassification: {Incidents, Advisories}}]}`,
/// a list of such services, or a bare list of issues.
pub(super) fn found(body: &Value) -> Found {
    let rows = body.get("ServiceStatus").unwrap_or(body);
    let rows = rows.as_array().map_or_else(|| std::slice::from_ref(rows), Vec::as_slice);
    let mut found = Found { issues: Vec::new(), services: Vec::new() };
    for row in rows.iter().filter_map(Value::as_object) {
        let Some(classes) = row.get("MessagesByClassification") else {
            if row.contains_key("MessageStatus") {
                found.issues.push(issue(row, None));
            }
            continue;
        };
        let name = row.get("Name").or_else(|| row.get("ServiceDisplayName")).cloned();
        found.services.push(copied(row, &[("ServiceId", "id"), ("Id", "id"), ("Name", "service")]));
        for (list, class) in [("Incidents", "incident"), ("Advisories", "advisory")] {
            let issues = classes.get(list).and_then(Value::as_array).into_iter().flatten();
            for from in issues.filter_map(Value::as_object) {
                let mut item = issue(from, Some(class));
                if let Some(name) = &name {
                    item.entry("service").or_insert_with(|| name.clone());
                }
                found.issues.push(item);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Value {
        json!({
            "Id": "EX900001", "Title": "Made up", "ServiceDisplayName": "Exchange Online", "FeatureDisplayName": "Mail flow",
            "Classification": 0, "StartTime": "2026-01-05T09:00:00+00:00", "EndTime": null,
            "LastUpdatedTime": "2026-01-05T10:00:00.5+00:00", "ImpactDescription": "Mail may be late.",
            "MessageStatus": {"Id": 0, "DisplayName": "Post-incident report published", "IsResolved": true},
            "Messages": [{"PublishedTime": "2026-01-05T09:10:00+00:00", "PostType": "Regular", "MessageText": "We look into it."}],
            "AdditionalDetails": [{"Name": "NotifyInApp", "Value": "true"}],
        })
    }

    #[test]
    fn an_issue_reads_as_in_graph() {
        let found = found(&json!([sample()]));
        let expected = json!({
            "id": "EX900001", "title": "Made up", "service": "Exchange Online", "featureGroup": "Mail flow",
            "startDateTime": "2026-01-05T09:00:00+00:00", "endDateTime": null,
            "lastModifiedDateTime": "2026-01-05T10:00:00.5+00:00", "impactDescription": "Mail may be late.",
            "status": "postIncidentReviewPublished", "isResolved": true,
            "posts": [{"createdDateTime": "2026-01-05T09:10:00+00:00", "postType": "Regular",
                "description": {"contentType": "text", "content": "We look into it."}}],
            "details": [{"name": "NotifyInApp", "value": "true"}],
        });
        assert_eq!(found.issues.into_iter().map(Value::Object).collect::<Vec<_>>(), [expected]);
        assert!(found.services.is_empty());
    }

    #[test]
    fn the_class_is_known_only_from_the_list_it_stands_in() {
        let body = json!({"ServiceStatus": [
            {"Name": "Exchange Online", "ServiceId": "Exchange",
             "MessagesByClassification": {"Incidents": [sample()], "Advisories": []}},
            {"Name": "SharePoint Online", "ServiceId": "SharePoint", "MessagesByClassification": {}}]});
        let found = found(&body);
        assert_eq!(found.issues.len(), 1);
        assert_eq!(found.issues[0]["classification"], "incident");
        assert_eq!(found.services.len(), 2);
        assert_eq!(
            Value::Object(found.services[1].clone()),
            json!({"id": "SharePoint", "service": "SharePoint Online"})
        );
    }
}
