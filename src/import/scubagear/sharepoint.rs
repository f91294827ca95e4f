//! SharePoint's tenant settings in a ScubaGear export. They come from SharePoint's own interface,
//! under other names than Graph's: only those with a certain equivalent are taken. Comes in: the
//! export. Goes out: `content.sharepoint`. Not here: sites.

use serde_json::{Map, Value, json};

use super::export::Export;
use crate::import::harvest::{Harvest, Listed};
use crate::snapshot::record::{SectionRecord, State};

/// How a setting reads in Graph.
enum Form {
    Same,
    Negated,
    /// Members by their number.
    Member(&'static [&'static str]),
    /// One text with blanks between the entries; null is no entry.
    Words,
    /// A list of texts, empty ones left out.
    Texts,
}

/// SharePoint's name, Graph's name, how to read it.
type Setting = (&'static str, &'static str, Form);

const TENANT: &[Setting] = &[
    ("commentsOnSitePagesDisabled", "isCommentingOnSitePagesEnabled", Form::Negated),
    ("isLoopEnabled", "isLoopEnabled", Form::Same),
    ("legacyAuthProtocolsEnabled", "isLegacyAuthProtocolsEnabled", Form::Same),
    ("oneDriveStorageQuota", "personalSiteDefaultStorageLimitInMB", Form::Same),
    ("orphanedPersonalSitesRetentionPeriod", "deletedUserPersonalSiteRetentionPeriodInDays", Form::Same),
    ("preventExternalUsersFromResharing", "isResharingByExternalUsersEnabled", Form::Negated),
    (
        "requireAcceptingAccountMatchInvitedAccount",
        "isRequireAcceptingUserToMatchInvitedUserEnabled",
        Form::Same,
    ),
    ("sharingAllowedDomainList", "sharingAllowedDomainList", Form::Words),
    ("sharingBlockedDomainList", "sharingBlockedDomainList", Form::Words),
    (
        "sharingCapability",
        "sharingCapability",
        Form::Member(&[
            "disabled",
            "externalUserSharingOnly",
            "externalUserAndGuestSharing",
            "existingExternalUserSharingOnly",
        ]),
    ),
    (
        "sharingDomainRestrictionMode",
        "sharingDomainRestrictionMode",
        Form::Member(&["none", "allowList", "blockList"]),
    ),
];

const SYNC: &[Setting] = &[
    ("allowedDomainList", "allowedDomainGuidsForSyncApp", Form::Texts),
    ("blockMacSync", "isMacSyncAppEnabled", Form::Negated),
    ("excludedFileExtensions", "excludedFileExtensionsForSyncApp", Form::Texts),
    ("tenantRestrictionEnabled", "isUnmanagedSyncAppForTenantRestricted", Form::Same),
];

const COMMANDS: &[&str] = &["Get-SPOTenant", "Get-PnPTenant", "SharePoint REST API"];

pub(super) fn section(export: &Export, harvest: &mut Harvest) {
    let first = |key: &str| export.rows(key).unwrap_or_default().into_iter().next();
    // Older exports collect the same for OneDrive, under another key.
    let Some(tenant) = first("SPO_tenant").or_else(|| first("SPO_tenant_info")) else {
        if let Some(record) = export.empty("SPO_tenant", COMMANDS) {
            let reason =
                record.reason.or_else(|| Some("no settings came back, though every tenant has them".into()));
            harvest.lack("content.sharepoint", SectionRecord { state: State::Failed, reason, ..record });
        }
        return;
    };
    let mut item = Map::new();
    let mut unread = Vec::new();
    for (row, settings) in [(Some(tenant), TENANT), (first("Tenant_sync_info"), SYNC)] {
        let Some(row) = row else { continue };
        for (theirs, ours, form) in settings {
            let Some(value) = row.get(*theirs) else { continue };
            match read(value, form) {
                Some(value) => {
                    item.insert((*ours).into(), value);
                }
                None => unread.push((*ours, value.to_string())),
            }
        }
    }
    let names: Vec<String> = item.keys().cloned().collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut listed = Listed::take(vec![item], &names);
    for (name, value) in unread {
        listed.without.insert(name.into(), format!("the export has a value of unknown meaning: {value}"));
    }
    let record = export.found(&listed, COMMANDS, None);
    harvest.put("content.sharepoint", listed.items, record);
}

/// The value in Graph's form; `None` where its meaning is not certain.
fn read(value: &Value, form: &Form) -> Option<Value> {
    match form {
        Form::Same => (!value.is_null()).then(|| value.clone()),
        Form::Negated => value.as_bool().map(|set| json!(!set)),
        Form::Member(members) => match value {
            Value::Number(number) => {
                let index = usize::try_from(number.as_u64()?).ok()?;
                members.get(index).map(|member| json!(member))
            }
            Value::String(word) => {
                members.iter().find(|member| member.eq_ignore_ascii_case(word)).map(|m| json!(m))
            }
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        },
        Form::Words => match value {
            Value::Null => Some(json!([])),
            Value::String(text) => Some(text.split_whitespace().collect()),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        },
        Form::Texts => match value {
            Value::Null => Some(json!([])),
            Value::String(text) => {
                Some(Some(text).into_iter().filter(|text| !text.is_empty()).cloned().collect())
            }
            Value::Array(items) => {
                Some(items.iter().filter(|item| item.as_str() != Some("")).cloned().collect())
            }
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        },
    }
}
