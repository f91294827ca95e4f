//! Usage reports: a redirect to a file at another address, or JSON. Comes in: the rows of a section.
//! Goes out: Microsoft's columns. Not here: the other address's socket (`wire`).
//!
//! Columns: <https://learn.microsoft.com/graph/api/reportroot-getoffice365activeusercounts>,
//! `…-getsharepointsiteusagestorage`, `…-getm365appusercounts`. The last one has no columns for platforms
//! (those are in `getM365AppPlatformUserCounts`), and its JSON has the counts a level further down.

use serde_json::{Value, json};

use super::reply::Reply;

/// A column of a file, and the property of JSON that it is.
type Column = (&'static str, &'static str);

const ACTIVE_USERS: &[Column] = &[
    ("Report Refresh Date", "reportRefreshDate"),
    ("Office 365", "office365"),
    ("Exchange", "exchange"),
    ("OneDrive", "oneDrive"),
    ("SharePoint", "sharePoint"),
    ("Skype For Business", "skypeForBusiness"),
    ("Yammer", "yammer"),
    ("Teams", "teams"),
    ("Report Date", "reportDate"),
    ("Report Period", "reportPeriod"),
];
const STORAGE: &[Column] = &[
    ("Report Refresh Date", "reportRefreshDate"),
    ("Site Type", "siteType"),
    ("Storage Used (Byte)", "storageUsedInBytes"),
    ("Report Date", "reportDate"),
    ("Report Period", "reportPeriod"),
];
const APP_USERS: &[Column] = &[
    ("Report Refresh Date", "reportRefreshDate"),
    ("Report Period", "reportPeriod"),
    ("Report Date", "reportDate"),
    ("Outlook", "outlook"),
    ("Word", "word"),
    ("Excel", "excel"),
    ("PowerPoint", "powerPoint"),
    ("OneNote", "oneNote"),
    ("Teams", "teams"),
];

fn columns(section: &str) -> &'static [Column] {
    match section {
        "content.storageUsage" => STORAGE,
        "usage.appUsers" => APP_USERS,
        _ => ACTIVE_USERS,
    }
}

/// The days of a report, from its path: `…(period='D30')`.
pub(crate) fn period(path: &str) -> &str {
    let days = path.split("period='D").nth(1).unwrap_or_default();
    days.split('\'').next().unwrap_or_default()
}

/// The file, with the byte order mark that Microsoft's files start with.
pub(crate) fn file(section: &str, rows: &[Value], period: &str) -> Reply {
    let columns = columns(section);
    let head: Vec<&str> = columns.iter().map(|(column, _)| *column).collect();
    let mut text = format!("\u{feff}{}\n", head.join(","));
    for row in rows {
        let cells: Vec<String> = columns.iter().map(|(_, name)| cell(row, name, period)).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    let mut reply = Reply::raw(200, "application/octet-stream", text);
    reply.header("Content-Disposition", "attachment; filename=\"report.csv\"".into());
    reply
}

fn cell(row: &Value, name: &str, period: &str) -> String {
    match row.get(name) {
        _ if name == "reportPeriod" => period.to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// The rows as the beta endpoint shows them.
pub(crate) fn rows(section: &str, rows: &[Value], period: &str) -> Vec<Value> {
    let with_period = |row: &Value| {
        let mut row = row.clone();
        if let Some(members) = row.as_object_mut() {
            members.insert("reportPeriod".into(), json!(period));
        }
        row
    };
    if section != "usage.appUsers" {
        return rows.iter().map(with_period).collect();
    }
    let refreshed = rows.first().and_then(|row| row.get("reportRefreshDate")).cloned().unwrap_or_default();
    let without = |row: &Value| {
        let mut row = row.clone();
        if let Some(members) = row.as_object_mut() {
            members.remove("reportRefreshDate");
        }
        row
    };
    let counts: Vec<Value> = rows.iter().map(without).collect();
    vec![
        json!({ "reportRefreshDate": refreshed, "reportPeriod": period.parse::<u32>().unwrap_or(0), "userCounts": counts }),
    ]
}
