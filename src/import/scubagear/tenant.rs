//! The tenant in a ScubaGear export: which one it is, its organisation, domains and licences. Comes
//! in: the export. Goes out: the tenant and its sections. Not here: Exchange's accepted domains, which
//! are not the directory's.

use serde_json::{Map, Value, json};

use super::export::Export;
use crate::import::harvest::{Harvest, Listed, missing, tenant_id};
use crate::import::values::unfold;
use crate::import::{ImportError, Options};
use crate::sections::normal::is_guid;
use crate::snapshot::record::{Cloud, SectionRecord, State, Tenant};

/// What is taken of the organisation.
const ORGANIZATION: &[&str] = &[
    "assignedPlans",
    "countryLetterCode",
    "createdDateTime",
    "displayName",
    "id",
    "mobileDeviceManagementAuthority",
    "onPremisesLastSyncDateTime",
    "onPremisesSyncEnabled",
    "preferredLanguage",
    "privacyProfile",
    "provisionedPlans",
    "securityComplianceNotificationMails",
    "technicalNotificationMails",
    "tenantType",
    "verifiedDomains",
];

/// What is taken of a domain, where the export has domains as Graph serves them.
const DOMAIN: &[&str] = &[
    "authenticationType",
    "id",
    "isAdminManaged",
    "isDefault",
    "isInitial",
    "isRoot",
    "isVerified",
    "passwordNotificationWindowInDays",
    "passwordValidityPeriodInDays",
    "supportedServices",
];

const ORGANIZATION_COMMANDS: &[&str] = &["Get-MgBetaOrganization"];
const DOMAIN_COMMANDS: &[&str] = &["Get-MgBetaDomain"];
const LICENCE_COMMANDS: &[&str] = &["Get-MgBetaSubscribedSku"];

/// The key of the item that holds service plans of which the export does not tell the licence.
const NO_SKU: &str = "00000000-0000-0000-0000-000000000000";

/// What `tenant_details` says.
#[derive(Debug, Default)]
pub(super) struct Details {
    name: Option<String>,
    domain: Option<String>,
    id: Option<String>,
    organization: Option<Map<String, Value>>,
}

/// Reads `tenant_details`. A collector that failed writes sentences in place of the values.
pub(super) fn details(export: &Export) -> Details {
    let mut row = export.rows("tenant_details").unwrap_or_default().into_iter().next().unwrap_or_default();
    let organization = match row.remove("aADAdditionalData") {
        Some(Value::Array(mut list)) if list.len() == 1 => list.pop(),
        other => other,
    };
    let organization = organization.and_then(|value| match value {
        Value::Object(members) => Some(unfold(members)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    });
    let text = |row: &Map<String, Value>, key: &str| row.get(key).and_then(Value::as_str).map(str::to_string);
    let inner = |key: &str| organization.as_ref().and_then(|members| text(members, key));
    let outer = export.fields().get("tenant_id").and_then(Value::as_str).map(str::to_string);
    let ids = [text(&row, "tenantId"), inner("id"), outer];
    let genuine = |value: &String| !value.starts_with("Error retrieving") && !value.contains("Unretrievable");
    Details {
        id: ids.into_iter().flatten().find(|id| is_guid(id)),
        name: text(&row, "displayName").filter(genuine),
        domain: default_domain(organization.as_ref()).or_else(|| text(&row, "domainName").filter(genuine)),
        organization,
    }
}

fn default_domain(organization: Option<&Map<String, Value>>) -> Option<String> {
    let mut domains = verified_domains(organization?);
    let default = domains.find(|domain| domain.get("isDefault") == Some(&Value::Bool(true)))?;
    default.get("name")?.as_str().map(str::to_string)
}

/// The organisation's verified domains; a single one may stand without its array.
fn verified_domains(organization: &Map<String, Value>) -> impl Iterator<Item = Map<String, Value>> {
    let domains = match organization.get("verifiedDomains") {
        Some(Value::Array(domains)) => domains.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    domains.iter().filter_map(Value::as_object).cloned().map(unfold)
}

/// The tenant, checked against the one that the user named.
pub(super) fn tenant(
    export: &Export,
    found: &Details,
    options: &Options,
    name: &str,
) -> Result<Tenant, ImportError> {
    let environment = export.fields().get("scuba_config").and_then(|config| config.get("M365Environment"));
    let cloud = match environment.and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
        Some("gcchigh") => Cloud::Usgov,
        Some("dod") => Cloud::Dod,
        Some(_) | None => Cloud::Global,
    };
    Ok(Tenant {
        id: tenant_id(found.id.as_deref(), options, name)?,
        display_name: found.name.clone(),
        default_domain: found.domain.clone(),
        cloud,
    })
}

/// Organisation, domains and licences.
pub(super) fn sections(export: &Export, found: Details, harvest: &mut Harvest) {
    match found.organization {
        Some(organization) => {
            domains(export, &organization, harvest);
            let listed = Listed::take(vec![organization], ORGANIZATION);
            let record = export.found(&listed, ORGANIZATION_COMMANDS, None);
            harvest.put("tenant.organization", listed.items, record);
        }
        None => {
            let source = Some(export.source(ORGANIZATION_COMMANDS));
            let record =
                missing(State::Failed, "the export has no details of the tenant; their retrieval failed");
            harvest.lack("tenant.organization", SectionRecord { source, ..record });
            domains(export, &Map::new(), harvest);
        }
    }
    licences(export, harvest);
}

/// Newer exports have the domains themselves; older ones only the verified ones of the organisation.
fn domains(export: &Export, organization: &Map<String, Value>, harvest: &mut Harvest) {
    let rows = export.rows("domain_settings").unwrap_or_default();
    if !rows.is_empty() {
        let listed = Listed::take(rows, DOMAIN);
        let record = export.found(&listed, DOMAIN_COMMANDS, None);
        return harvest.put("tenant.domains", listed.items, record);
    }
    let rows: Vec<_> = verified_domains(organization).filter_map(|domain| verified_domain(&domain)).collect();
    if rows.is_empty() {
        if let Some(record) = export.empty("domain_settings", DOMAIN_COMMANDS) {
            let reason =
                record.reason.or_else(|| Some("no domain came back, though every tenant has one".into()));
            harvest.lack("tenant.domains", SectionRecord { state: State::Failed, reason, ..record });
        }
        return;
    }
    let listed = Listed::take(rows, DOMAIN);
    let gap = "only verified domains, as the organisation lists them".into();
    let record = export.found(&listed, ORGANIZATION_COMMANDS, Some(gap));
    harvest.put("tenant.domains", listed.items, record);
}

fn verified_domain(domain: &Map<String, Value>) -> Option<Map<String, Value>> {
    let copied = [
        ("name", "id"),
        ("type", "authenticationType"),
        ("isDefault", "isDefault"),
        ("isInitial", "isInitial"),
    ];
    let mut row = Map::from_iter([("isVerified".to_string(), Value::Bool(true))]);
    for (theirs, ours) in copied {
        if let Some(value) = domain.get(theirs) {
            row.insert(ours.into(), value.clone());
        }
    }
    row.contains_key("id").then_some(row)
}

/// Licences and their service plans. The export lists the plans of all licences together, and only
/// those that are in place; with several licences they stand in an item of their own.
fn licences(export: &Export, harvest: &mut Harvest) {
    let plans = export.rows("service_plans").unwrap_or_default();
    let mut rows = export.rows("license_information").unwrap_or_default();
    if plans.is_empty() && rows.is_empty() {
        if let Some(record) = export.empty("service_plans", LICENCE_COMMANDS) {
            harvest.lack("tenant.licences", record);
        }
        return;
    }
    let mut gap = "only service plans that are in place".to_string();
    if !plans.is_empty() {
        let plans = Value::Array(plans.into_iter().map(Value::Object).collect());
        match rows.as_mut_slice() {
            [only] => {
                only.insert("servicePlans".into(), plans);
            }
            _ => {
                gap += ", of all licences together: they stand in one item whose skuId is zero";
                rows.push(Map::from_iter([("skuId".into(), json!(NO_SKU)), ("servicePlans".into(), plans)]));
            }
        }
    }
    let listed =
        Listed::take(rows, &["consumedUnits", "prepaidUnits", "servicePlans", "skuId", "skuPartNumber"]);
    let record = export.found(&listed, LICENCE_COMMANDS, Some(gap));
    harvest.put("tenant.licences", listed.items, record);
}
