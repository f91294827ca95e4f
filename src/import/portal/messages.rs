//! Message Center posts in the admin portal's shape. Comes in: the posts. Goes out: items as Graph
//! serves them. Not here: attachments, roadmap, relevance (no policy of ours reads them).

use serde_json::{Map, Value, json};

use super::word;

/// The portal's category names, and Graph's.
const CATEGORIES: &[(&str, &str)] = &[
    ("planforchange", "planForChange"),
    ("preventorfixissue", "preventOrFixIssue"),
    ("preventorfixissues", "preventOrFixIssue"),
    ("stayinformed", "stayInformed"),
];

/// Plain copies: the portal's name, Graph's.
const COPIED: &[(&str, &str)] = &[
    ("AnnouncementId", "id"),
    ("Id", "id"),
    ("Title", "title"),
    ("PublishedDate", "startDateTime"),
    ("ExpirationDate", "endDateTime"),
    ("LastUpdatedTime", "lastModifiedDateTime"),
    ("ActionRequiredByDate", "actionRequiredByDateTime"),
    ("IsMajorChange", "isMajorChange"),
    ("Severity", "severity"),
];

/// The reader's own marks.
const MARKS: &[(&str, &str)] = &[
    ("IsRead", "isRead"),
    ("IsDismiss", "isArchived"),
    ("IsDismissed", "isArchived"),
    ("IsArchived", "isArchived"),
    ("IsFavorite", "isFavorited"),
    ("IsFavorited", "isFavorited"),
];

/// One post.
pub(super) fn message(post: &Map<String, Value>) -> Map<String, Value> {
    let mut item = copied(post, COPIED);
    if let Some(category) = post.get("Category").and_then(Value::as_str) {
        // Graph's own word for a member that a client does not know.
        let known = CATEGORIES.iter().find(|(name, _)| *name == word(category));
        item.insert("category".into(), json!(known.map_or("unknownFutureValue", |(_, member)| member)));
    }
    if let Some(services) = texts(post.get("AffectedWorkloads"), "DisplayName") {
        item.insert("services".into(), services);
    }
    if let Some(tags) = texts(post.get("Tags"), "Name") {
        item.insert("tags".into(), tags);
    }
    if let Some(text) = post.get("Description").filter(|text| text.is_string()) {
        item.insert("body".into(), json!({ "contentType": "html", "content": text }));
    }
    let marks = copied(post, MARKS);
    if !marks.is_empty() {
        item.insert("viewPoint".into(), Value::Object(marks));
    }
    item
}

/// Members under other names; the first of two that mean the same wins.
pub(super) fn copied(from: &Map<String, Value>, names: &[(&str, &str)]) -> Map<String, Value> {
    let mut item = Map::new();
    for (theirs, ours) in names {
        if let Some(value) = from.get(*theirs) {
            item.entry(*ours).or_insert_with(|| value.clone());
        }
    }
    item
}

/// One text of each element; elements may be texts themselves. `None` if it is no list.
fn texts(list: Option<&Value>, name: &str) -> Option<Value> {
    let items = match list? {
        Value::Array(items) => items.as_slice(),
        one @ Value::Object(_) => std::slice::from_ref(one),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    };
    Some(items.iter().filter_map(|item| item.as_str().or_else(|| item.get(name)?.as_str())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_reads_as_in_graph() {
        let post = json!({
            "AnnouncementId": "MC900001", "Title": "Made up", "Category": "Prevent or fix issues", "Severity": "High",
            "PublishedDate": "2026-01-05T09:00:00", "ExpirationDate": null, "LastUpdatedTime": "2026-01-06T09:00:00.12",
            "ActionRequiredByDate": "2026-02-01T00:00:00", "IsMajorChange": true, "Description": "<p>x</p>",
            "AffectedWorkloads": {"Id": "Exchange", "DisplayName": "Exchange Online"},
            "Tags": [{"Name": "Admin impact", "DisplayName": "Auswirkung"}, "Retirement"],
            "IsRead": true, "IsDismiss": false, "RelevanceScore": "High",
        });
        let expected = json!({
            "id": "MC900001", "title": "Made up", "category": "preventOrFixIssue", "severity": "High",
            "startDateTime": "2026-01-05T09:00:00", "endDateTime": null, "lastModifiedDateTime": "2026-01-06T09:00:00.12",
            "actionRequiredByDateTime": "2026-02-01T00:00:00", "isMajorChange": true,
            "body": {"contentType": "html", "content": "<p>x</p>"}, "services": ["Exchange Online"],
            "tags": ["Admin impact", "Retirement"], "viewPoint": {"isRead": true, "isArchived": false},
        });
        assert_eq!(Value::Object(message(post.as_object().unwrap())), expected);
    }

    #[test]
    fn what_a_post_lacks_stays_absent() {
        let post = json!({"Id": "MC900002", "Category": "Something new"});
        let expected = json!({"id": "MC900002", "category": "unknownFutureValue"});
        assert_eq!(Value::Object(message(post.as_object().unwrap())), expected);
    }
}
