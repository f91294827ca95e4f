//! What PowerShell did to a value before it was saved, undone: names, collapsed arrays, objects of
//! nulls, type names in place of data. Comes in: a value. Goes out: a value, or why it is none. Not
//! here: which properties a section takes; times, enums and GUIDs (`sections::normal`).

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};

use crate::sections::normal::timestamp;

/// Why a value in a file is not data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Loss {
    /// A type's name stands where its content should be.
    TypeName,
    /// An enum that its serialiser left as `{}`.
    EmptyObject,
    /// An array that was flattened into one text.
    Flattened,
    /// `-1` for a number that could not be counted.
    NotCounted,
}

impl fmt::Display for Loss {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(match self {
            Loss::TypeName => "the collector wrote a type name in place of the content",
            Loss::EmptyObject => "the collector wrote an empty object in place of the value",
            Loss::Flattened => "the collector flattened a list into one text",
            Loss::NotCounted => "the collector could not count it",
        })
    }
}

/// Properties that Graph serves as arrays, in the sections that other tools export.
const ARRAYS: &[&str] = &[
    "allowedCombinations",
    "allowedDomainGuidsForSyncApp",
    "approvalStages",
    "assignedPlans",
    "authenticationMethodConfigurations",
    "builtInControls",
    "clientAppTypes",
    "combinationConfigurations",
    "controlScores",
    "customAuthenticationFactors",
    "enabledRules",
    "enforcedSettings",
    "escalationApprovers",
    "excludeApplications",
    "excludeGroups",
    "excludeLocations",
    "excludePlatforms",
    "excludeRoles",
    "excludeServicePrincipals",
    "excludeTargets",
    "excludeUsers",
    "excludedFileExtensionsForSyncApp",
    "includeApplications",
    "includeAuthenticationContextClassReferences",
    "includeGroups",
    "includeLocations",
    "includePlatforms",
    "includeRoles",
    "includeServicePrincipals",
    "includeTargets",
    "includeUserActions",
    "includeUsers",
    "inheritableSettings",
    "marketingNotificationEmails",
    "notificationRecipients",
    "operations",
    "permissionGrantPoliciesAssigned",
    "permissionGrantPolicyIdsAssignedToDefaultUserRole",
    "primaryApprovers",
    "provisionedPlans",
    "reviewers",
    "rules",
    "securityComplianceNotificationMails",
    "servicePlans",
    "servicePrincipalRiskLevels",
    "signInRiskLevels",
    "supportedServices",
    "technicalNotificationMails",
    "termsOfUse",
    "userRiskLevels",
    "values",
    "verifiedDomains",
];

/// Numbers that are counts: never negative.
const COUNTS: &[&str] = &["consumedUnits", "enabled", "lockedOut", "suspended", "total", "used", "warning"];

/// Graph's name of a property: `DisplayName` -> `displayName`; annotations (`@odata.type`) stay.
pub(crate) fn camel(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// A value below the property `name` (already Graph's). Nesting is bounded by the parser.
pub(crate) fn tidy(name: &str, value: Value) -> Result<Value, Loss> {
    let is_array = ARRAYS.contains(&name);
    match value {
        Value::Array(items) => {
            items.into_iter().map(|item| tidy("", item)).collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        Value::Object(members) => {
            let object = tidy_object(members)?;
            Ok(if is_array && !object.is_null() { Value::Array(vec![object]) } else { object })
        }
        Value::String(text) => {
            let text = tidy_text(text)?;
            match text {
                // One element stands bare; several became one text with blanks, none an empty text.
                text if is_array && (text.is_empty() || text.contains(' ')) => Err(Loss::Flattened),
                text if is_array => Ok(Value::Array(vec![Value::String(text)])),
                text => Ok(Value::String(text)),
            }
        }
        Value::Number(number) if COUNTS.contains(&name) && number.as_i64().is_some_and(|n| n < 0) => {
            Err(Loss::NotCounted)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(value),
    }
}

/// An object of the PowerShell SDK. What it could not type stands in `AdditionalProperties`; an
/// absent object is one whose members are all null.
fn tidy_object(members: Map<String, Value>) -> Result<Value, Loss> {
    if members.is_empty() {
        return Err(Loss::EmptyObject);
    }
    let mut object = Map::new();
    for (name, value) in unfold(members) {
        let value = tidy(&name, value)?;
        object.insert(name, value);
    }
    let hollow = object.values().all(Value::is_null);
    Ok(if hollow { Value::Null } else { Value::Object(object) })
}

/// The members under Graph's names, `AdditionalProperties` among them; a typed member wins over an
/// additional one of the same name.
pub(crate) fn unfold(mut members: Map<String, Value>) -> Map<String, Value> {
    let additional = match members.remove("AdditionalProperties") {
        Some(Value::Object(additional)) => additional,
        _ => Map::new(),
    };
    let renamed = |(name, value): (String, Value)| (camel(&name), value);
    let mut object: Map<String, Value> =
        additional.into_iter().filter(|(name, _)| name != "@odata.context").map(renamed).collect();
    object.extend(members.into_iter().map(renamed));
    object
}

fn tidy_text(text: String) -> Result<String, Loss> {
    if is_type_name(&text) { Err(Loss::TypeName) } else { Ok(text) }
}

/// PowerShell writes a type's name, or `@{…}`, for what lies deeper than it was told to go.
pub(crate) fn is_type_name(text: &str) -> bool {
    let dotted = text.starts_with("Microsoft.") || text.starts_with("System.");
    let one_word = || !text.contains(' ') || text.contains("`");
    dotted
        && one_word()
        && (text.contains("Models.") || text.contains("Collections.") || text.ends_with("[]"))
        || text.starts_with("@{") && text.ends_with('}')
}

/// A time as any of the tools writes it, in whole seconds; without a zone it is UTC.
pub(crate) fn time(text: &str) -> Option<DateTime<Utc>> {
    let normal = timestamp(text, true)?;
    DateTime::parse_from_rfc3339(&normal.text).ok().map(|at| at.with_timezone(&Utc))
}

/// For people and sources: RFC 3339 in UTC.
pub(crate) fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_in_every_form_become_utc() {
        for (text, expected) in [
            ("/Date(1777406310050)/", Some("2026-04-28T19:58:30Z")),
            ("/Date(1777406310050+0200)/", Some("2026-04-28T19:58:30Z")),
            ("/Date(-1000)/", Some("1969-12-31T23:59:59Z")),
            ("2026-04-28T21:58:30+02:00", Some("2026-04-28T19:58:30Z")),
            ("2026-04-28T19:58:30", Some("2026-04-28T19:58:30Z")),
            ("9999-12-31T23:59:59.9999999Z", Some("9999-12-31T23:59:59Z")),
            ("/Date(99999999999999999999)/", None),
            ("/Date()/", None),
            ("next Tuesday", None),
        ] {
            assert_eq!(time(text).map(rfc3339).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn type_names_are_not_data() {
        for text in [
            "Microsoft.Graph.PowerShell.Models.MicrosoftGraphIncludeTarget",
            "Microsoft.Teams.ConfigAPI.Cmdlets.Generated.Models.CompanyPartnership",
            "System.Object[]",
            "System.Collections.Generic.Dictionary`2[System.String,System.Object]",
            "System.Collections.Hashtable",
            "@{Id=1; Name=x}",
        ] {
            assert_eq!(tidy("x", json!([{ "A": text }])), Err(Loss::TypeName), "{text}");
        }
        for text in ["Microsoft 365 Models. A list", "microsoft.graph", "Systems[]", "@{open", "Models.x"] {
            assert_eq!(tidy("x", json!(text)), Ok(json!(text)), "{text}");
        }
    }

    #[test]
    fn an_object_of_nulls_is_absent_and_an_empty_one_is_lost() {
        let filter = json!({"Mode": null, "Rule": {"A": null}});
        assert_eq!(tidy("applicationFilter", filter), Ok(Value::Null));
        assert_eq!(tidy("devices", json!({"Mode": null, "Ids": []})), Ok(json!({"mode": null, "ids": []})));
        assert_eq!(tidy("mobileDeviceManagementAuthority", json!({})), Err(Loss::EmptyObject));
    }

    #[test]
    fn collapsed_arrays_are_wrapped_again() {
        assert_eq!(tidy("includeUsers", json!("All")), Ok(json!(["All"])));
        assert_eq!(tidy("values", json!({"Name": "a"})), Ok(json!([{"name": "a"}])));
        assert_eq!(tidy("includeUsers", Value::Null), Ok(Value::Null));
        assert_eq!(tidy("includeUsers", json!([])), Ok(json!([])));
        assert_eq!(tidy("includeUsers", json!("")), Err(Loss::Flattened));
        assert_eq!(tidy("includeUsers", json!("a b")), Err(Loss::Flattened));
        assert_eq!(tidy("displayName", json!("a b")), Ok(json!("a b")));
    }

    #[test]
    fn counts_and_additional_properties() {
        let rule = json!({
            "Id": "R", "Owner": "x",
            "AdditionalProperties": {"@odata.type": "#x", "id": "other", "@odata.context": "https://…"},
        });
        let expected = json!({"id": "R", "owner": "x", "@odata.type": "#x"});
        assert_eq!(tidy("", rule), Ok(expected));
        assert_eq!(tidy("consumedUnits", json!(-1)), Err(Loss::NotCounted));
        assert_eq!(tidy("requestDurationInDays", json!(-1)), Ok(json!(-1)));
    }
}
