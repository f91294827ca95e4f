//! Conditional access policies of a UTCM snapshot in Graph's shape. Comes in: their flat properties.
//! Goes out: the section. Not here: how names become ids (`names`).
//!
//! A policy that looks wider than it is would pass checks by accident. So `conditions` is taken only if
//! every part of every policy is understood: every name resolved, no property that we don't know.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::names::{Names, Of};
use super::{Source, said};
use crate::import::harvest::{Harvest, Listed};
use crate::import::values::camel;

/// The resource type, lower case.
pub(super) const KIND: &str = "microsoft.entra.conditionalaccesspolicy";
/// The section that it fills.
pub(super) const SECTION: &str = "conditionalAccess.policies";

/// Properties that belong to the grant, to the session or to the policy itself.
const ELSEWHERE: &[&str] = &[
    "ApplicationEnforcedRestrictionsIsEnabled",
    "AuthenticationStrength",
    "BuiltInControls",
    "CloudAppSecurityIsEnabled",
    "CloudAppSecurityType",
    "CustomAuthenticationFactors",
    "DisableResilienceDefaultsIsEnabled",
    "DisplayName",
    "Ensure",
    "GrantControlOperator",
    "Id",
    "PersistentBrowserIsEnabled",
    "PersistentBrowserMode",
    "SecureSignInSessionIsEnabled",
    "SignInFrequencyInterval",
    "SignInFrequencyIsEnabled",
    "SignInFrequencyType",
    "SignInFrequencyValue",
    "State",
    "TermsOfUse",
];

/// Fills the section, if the snapshot has such policies.
pub(super) fn policies(source: &mut Source<'_>, names: &Names<'_>, harvest: &mut Harvest) {
    let Some(resources) = source.take(KIND) else { return };
    let mut lost: BTreeMap<&str, String> = BTreeMap::new();
    let mut listed = Listed::default();
    for properties in &resources {
        let policy = Policy { properties, names };
        let mut item = Map::new();
        for (theirs, ours) in [("Id", "id"), ("DisplayName", "displayName"), ("State", "state")] {
            item.insert(ours.into(), properties.get(theirs).cloned().unwrap_or(Value::Null));
        }
        let parts = [
            ("conditions", policy.conditions()),
            ("grantControls", policy.grant()),
            ("sessionControls", Ok(policy.session())),
        ];
        for (name, part) in parts {
            match part {
                Ok(value) => drop(item.insert(name.into(), value)),
                Err(why) => {
                    let of = properties.get("DisplayName").and_then(Value::as_str).unwrap_or("a policy");
                    lost.entry(name).or_insert_with(|| format!("\"{of}\" {why}"));
                }
            }
        }
        listed.items.push(Value::Object(item));
    }
    listed.fields = ["id", "displayName", "state", "conditions", "grantControls", "sessionControls"]
        .map(String::from)
        .into();
    for (name, why) in lost {
        listed.lose(name, &why);
    }
    let record = source.record(KIND, &listed, false);
    harvest.put(SECTION, listed.items, record);
}

struct Policy<'a> {
    properties: &'a Map<String, Value>,
    names: &'a Names<'a>,
}

impl Policy<'_> {
    fn said(&self, name: &str) -> bool {
        said(self.properties.get(name))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.properties.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A list; absent and null are no entries, since the service leaves out what is null.
    fn list(&self, name: &str) -> Result<Vec<&str>, String> {
        match self.properties.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().ok_or_else(|| format!("has something else than texts in {name}")))
                .collect(),
            Some(Value::String(text)) if text.is_empty() => Ok(Vec::new()),
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
                Err(format!("has no list in {name}"))
            }
        }
    }

    fn ids(&self, of: Of, name: &str) -> Result<Value, String> {
        let ids = self
            .list(name)?
            .into_iter()
            .map(|given| self.names.id(of, given).ok_or_else(|| format!("names in {name} {}", of.way())));
        Ok(Value::Array(ids.map(|id| id.map(Value::String)).collect::<Result<_, _>>()?))
    }

    /// The list under Graph's name for it.
    fn plain(&self, name: &str) -> Result<Value, String> {
        Ok(json!(self.list(name)?.into_iter().map(camel).collect::<Vec<_>>()))
    }

    fn conditions(&self) -> Result<Value, String> {
        if let Some(name) = self.properties.iter().find_map(|(name, value)| {
            let known = ELSEWHERE.contains(&name.as_str()) || CONDITIONS.contains(&name.as_str());
            (!known && !name.contains('@') && said(Some(value))).then_some(name)
        }) {
            return Err(format!("has the property {name}, which Levelmark does not know"));
        }
        if !self.properties.contains_key("InsiderRiskLevels") && self.names.insider_risk() != Some(false) {
            return Err(
                "may have a condition on insider risk, which the snapshot does not show; merge --into a \
                 snapshot whose tenant.licences shows that there is none"
                    .into(),
            );
        }
        let users = self.users()?;
        Ok(json!({
            "applications": self.applications()?,
            "authenticationFlows": self.text("TransferMethods").map(|methods| json!({"transferMethods": methods})),
            "clientAppTypes": self.plain("ClientAppTypes")?,
            "clientApplications": null,
            "devices": self.filter("DeviceFilter")?.map(|filter| json!({"deviceFilter": filter})),
            "insiderRiskLevels": self.text("InsiderRiskLevels"),
            "locations": self.pair("Locations", |name| self.ids(Of::Location, name))?,
            "platforms": self.pair("Platforms", |name| self.plain(name))?,
            "servicePrincipalRiskLevels": self.plain("ServicePrincipalRiskLevels")?,
            "signInRiskLevels": self.plain("SignInRiskLevels")?,
            "userRiskLevels": self.plain("UserRiskLevels")?,
            "users": users,
        }))
    }

    fn users(&self) -> Result<Value, String> {
        let included = self.list("IncludeUsers")?;
        let nobody = included.iter().all(|user| user.eq_ignore_ascii_case("None"));
        let others = ["IncludeGroups", "IncludeRoles", "IncludeGuestOrExternalUserTypes"];
        if nobody && !others.iter().any(|name| self.said(name)) {
            return Err("is for applications, which the snapshot does not show".into());
        }
        Ok(json!({
            "includeUsers": self.ids(Of::User, "IncludeUsers")?,
            "excludeUsers": self.ids(Of::User, "ExcludeUsers")?,
            "includeGroups": self.ids(Of::Group, "IncludeGroups")?,
            "excludeGroups": self.ids(Of::Group, "ExcludeGroups")?,
            "includeRoles": self.ids(Of::Role, "IncludeRoles")?,
            "excludeRoles": self.ids(Of::Role, "ExcludeRoles")?,
            "includeGuestsOrExternalUsers": self.guests("Include")?,
            "excludeGuestsOrExternalUsers": self.guests("Exclude")?,
        }))
    }

    fn guests(&self, side: &str) -> Result<Value, String> {
        let types = self.list(&format!("{side}GuestOrExternalUserTypes"))?;
        if types.is_empty() {
            return Ok(Value::Null);
        }
        let members = self.list(&format!("{side}ExternalTenantsMembers"))?;
        let tenants = match self.text(&format!("{side}ExternalTenantsMembershipKind")).map(camel).as_deref() {
            None => Value::Null,
            Some("all") => json!({"membershipKind": "all"}),
            Some("enumerated") => json!({"membershipKind": "enumerated", "members": members}),
            Some(other) => return Err(format!("names tenants of guests in a way unknown to us: {other}")),
        };
        Ok(json!({"guestOrExternalUserTypes": types.join(","), "externalTenants": tenants}))
    }

    fn applications(&self) -> Result<Value, String> {
        let contexts = self.list("AuthenticationContexts")?;
        if contexts.iter().any(|context| !is_context(context)) {
            return Err("names an authentication context that is not an id".into());
        }
        Ok(json!({
            "includeApplications": self.ids(Of::Application, "IncludeApplications")?,
            "excludeApplications": self.ids(Of::Application, "ExcludeApplications")?,
            "includeUserActions": self.list("IncludeUserActions")?,
            "includeAuthenticationContextClassReferences": contexts,
            "applicationFilter": self.filter("ApplicationsFilter")?,
        }))
    }

    /// A rule and its mode: `DeviceFilterRule` and `DeviceFilterMode`, but `ApplicationsFilter` alone.
    fn filter(&self, name: &str) -> Result<Option<Value>, String> {
        let rule = self.text(&format!("{name}Rule")).or_else(|| self.text(name));
        match (rule, self.text(&format!("{name}Mode"))) {
            (None, _) => Ok(None),
            (Some(rule), Some(mode)) => Ok(Some(json!({"mode": camel(mode), "rule": rule}))),
            (Some(_), None) => Err(format!("has a filter without {name}Mode")),
        }
    }

    /// Both sides of a condition, or null where neither says anything.
    fn pair(&self, of: &str, read: impl Fn(&str) -> Result<Value, String>) -> Result<Value, String> {
        let (include, exclude) = (format!("Include{of}"), format!("Exclude{of}"));
        if !self.said(&include) && !self.said(&exclude) {
            return Ok(Value::Null);
        }
        let both = [(camel(&include), read(&include)?), (camel(&exclude), read(&exclude)?)];
        Ok(Value::Object(Map::from_iter(both)))
    }

    fn grant(&self) -> Result<Value, String> {
        let controls = self.plain("BuiltInControls")?;
        let custom = self.list("CustomAuthenticationFactors")?;
        let strength = match self.text("AuthenticationStrength") {
            None => Value::Null,
            Some(name) => self.names.strength(name).cloned().ok_or(
                "names an authentication strength; merge --into a snapshot with \
                 conditionalAccess.authenticationStrengths",
            )?,
        };
        if self.said("TermsOfUse") {
            return Err("names terms of use, and not by their id".into());
        }
        if !said(Some(&controls)) && custom.is_empty() && strength.is_null() {
            return Ok(Value::Null);
        }
        Ok(json!({
            "operator": self.text("GrantControlOperator").unwrap_or("OR").to_ascii_uppercase(),
            "builtInControls": controls,
            "customAuthenticationFactors": custom,
            "termsOfUse": [],
            "authenticationStrength": strength,
        }))
    }

    fn session(&self) -> Value {
        let on = |name: &str, control: Value| if self.said(name) { control } else { Value::Null };
        let controls = json!({
            "applicationEnforcedRestrictions":
                on("ApplicationEnforcedRestrictionsIsEnabled", json!({"isEnabled": true})),
            "cloudAppSecurity": on("CloudAppSecurityIsEnabled", json!({
                "isEnabled": true, "cloudAppSecurityType": self.text("CloudAppSecurityType").map(camel),
            })),
            "persistentBrowser": on("PersistentBrowserIsEnabled", json!({
                "isEnabled": true, "mode": self.text("PersistentBrowserMode").map(camel),
            })),
            "secureSignInSession": on("SecureSignInSessionIsEnabled", json!({"isEnabled": true})),
            "signInFrequency": on("SignInFrequencyIsEnabled", json!({
                "isEnabled": true,
                "value": self.properties.get("SignInFrequencyValue"),
                "type": self.text("SignInFrequencyType").map(camel),
                "frequencyInterval": self.text("SignInFrequencyInterval").map(camel),
            })),
            "disableResilienceDefaults":
                on("DisableResilienceDefaultsIsEnabled", Value::Bool(true)),
        });
        let any = controls.as_object().is_some_and(|members| members.values().any(|value| !value.is_null()));
        if any { controls } else { Value::Null }
    }
}

/// Properties that `conditions` understands.
const CONDITIONS: &[&str] = &[
    "ApplicationsFilter",
    "ApplicationsFilterMode",
    "AuthenticationContexts",
    "ClientAppTypes",
    "DeviceFilterMode",
    "DeviceFilterRule",
    "ExcludeApplications",
    "ExcludeExternalTenantsMembers",
    "ExcludeExternalTenantsMembershipKind",
    "ExcludeGroups",
    "ExcludeGuestOrExternalUserTypes",
    "ExcludeLocations",
    "ExcludePlatforms",
    "ExcludeRoles",
    "ExcludeUsers",
    "IncludeApplications",
    "IncludeExternalTenantsMembers",
    "IncludeExternalTenantsMembershipKind",
    "IncludeGroups",
    "IncludeGuestOrExternalUserTypes",
    "IncludeLocations",
    "IncludePlatforms",
    "IncludeRoles",
    "IncludeUserActions",
    "IncludeUsers",
    "InsiderRiskLevels",
    "ServicePrincipalRiskLevels",
    "SignInRiskLevels",
    "TransferMethods",
    "UserRiskLevels",
];

/// Graph's ids of authentication contexts: `c1` to `c99`.
fn is_context(text: &str) -> bool {
    text.strip_prefix('c').is_some_and(|number| {
        (1..=2).contains(&number.len()) && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}
