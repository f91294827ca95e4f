//! Whole snapshots as the service writes them.

use serde_json::json;

use super::*;

const TENANT: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const ALICE: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const OFFICE: &str = "dddddddd-0000-4000-8000-000000000001";

fn policy(more: Value) -> Value {
    let mut properties = json!({
        "IncludeExternalTenantsMembershipKind": "", "DeviceFilterRule": "", "Ensure": "Present", "TransferMethods": "",
        "ApplicationEnforcedRestrictionsIsEnabled": false, "SignInFrequencyIsEnabled": false, "SignInFrequencyType": "",
        "GrantControlOperator": "OR", "Id": "CCCCCCCC-0000-4000-8000-000000000001", "DisplayName": "MFA",
        "State": "enabled", "IncludeRoles": [], "IncludeLocations": [], "ExcludeLocations": [], "ProtocolFlows": [],
        "IncludeApplications": ["All"], "ExcludeApplications": [], "IncludeUsers": ["All"], "IncludeGroups": [],
        "ExcludeGroups": [], "ExcludeRoles": ["Directory Synchronization Accounts"], "AuthenticationContexts": [],
        "CustomAuthenticationFactors": [], "ClientAppTypes": ["all"], "BuiltInControls": ["mfa"], "UserRiskLevels": [],
        "ExcludeUsers": ["Alice@fabrikam.com"],
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        properties[name] = value.clone();
    }
    json!({"displayName": "x", "resourceType": access::KIND, "properties": properties})
}

fn snapshot(resources: &[Value]) -> Value {
    json!({"id": "EEEEEEEE-0000-4000-8000-000000000001", "displayName": "S", "parameters": [], "resources": resources})
}

fn known() -> Draft {
    let known = json!({
        "levelmark": {"snapshot": 1}, "tenant": {"id": TENANT}, "taken": {"at": "2026-11-01T00:00:00Z", "by": "x"},
        "sections": {},
    });
    let data = [
        ("users.accounts", json!([{"id": ALICE, "userPrincipalName": "alice@Fabrikam.com"}])),
        ("tenant.licences", json!([{"servicePlans": [{"servicePlanName": "AAD_PREMIUM"}]}])),
        (
            "groups.groups",
            json!([{"id": "g1", "displayName": "Twins"}, {"id": "g2", "displayName": "Twins"}]),
        ),
    ];
    let items = |value: Value| value.as_array().unwrap().clone();
    Draft {
        manifest: serde_json::from_value(known).unwrap(),
        data: data.into_iter().map(|(id, value)| (id.to_owned(), items(value))).collect(),
    }
}

fn given() -> Options {
    Options { tenant: Some(TENANT.into()), at: Some("2026-11-02T00:00:00Z".parse().unwrap()) }
}

fn import(snapshot: &Value, known: Option<&Draft>, job: Option<&Value>) -> Result<Imported, ImportError> {
    let job = job.map(Value::to_string);
    let beside = Beside { job: job.as_ref().map(|job| (job.as_bytes(), "job.json")), known };
    let options = if job.is_some() { Options::default() } else { given() };
    utcm(snapshot.to_string().as_bytes(), "s.json", &beside, &options)
}

#[test]
fn names_become_ids_with_the_snapshot_that_it_is_merged_into() {
    let known = known();
    let office = json!({"resourceType": "microsoft.entra.namedLocationPolicy", "properties": {
        "OdataType": "#microsoft.graph.ipNamedLocation", "Id": OFFICE, "DisplayName": "Office", "IsTrusted": true,
        "IpRanges": ["203.0.113.0/24", "2001:db8::/32"], "CountriesAndRegions": [], "Ensure": "Present"}});
    let policy = policy(json!({
        "ExcludeLocations": ["office"], "IncludeLocations": ["All"], "SignInFrequencyIsEnabled": true,
        "SignInFrequencyValue": 4, "SignInFrequencyType": "Hours"}));
    let imported = import(&snapshot(&[policy, office]), Some(&known), None).unwrap();
    let item = &imported.draft.data[access::SECTION][0];
    assert_eq!(item["id"], "cccccccc-0000-4000-8000-000000000001");
    assert_eq!(item["conditions"]["users"]["excludeUsers"], json!([ALICE]));
    assert_eq!(item["conditions"]["users"]["excludeRoles"], json!(["d29b2b05-8046-44ba-8758-1e26182fcf32"]));
    assert_eq!(item["conditions"]["users"]["includeUsers"], json!(["All"]));
    assert_eq!(
        item["conditions"]["locations"],
        json!({"includeLocations": ["All"], "excludeLocations": [OFFICE]})
    );
    assert_eq!(item["conditions"]["platforms"], Value::Null);
    assert_eq!(item["grantControls"]["builtInControls"], json!(["mfa"]));
    assert_eq!(item["sessionControls"]["signInFrequency"]["type"], "hours");
    let record = &imported.draft.manifest.sections[access::SECTION];
    assert_eq!((record.state, record.without.len()), (State::Partial, 0), "{:?}", record.without);
    let location = &imported.draft.data["conditionalAccess.namedLocations"][0];
    assert_eq!(location["ipRanges"][1]["cidrAddress"], "2001:db8::/32");
    assert_eq!(location.get("countriesAndRegions"), None);
}

#[test]
fn what_is_not_understood_takes_its_property_out() {
    let (known, alone) = (known(), None);
    let cases = [
        ("users by name", json!({}), alone, "conditions", "insider risk"),
        (
            "an unknown user",
            json!({"ExcludeUsers": ["bob@fabrikam.com"]}),
            Some(&known),
            "conditions",
            "users.accounts",
        ),
        (
            "two groups of a name",
            json!({"ExcludeGroups": ["Twins"]}),
            Some(&known),
            "conditions",
            "groups.groups",
        ),
        (
            "an unknown role",
            json!({"ExcludeRoles": ["Jester"]}),
            Some(&known),
            "conditions",
            "roles.definitions",
        ),
        (
            "a location",
            json!({"ExcludeLocations": ["Home"]}),
            Some(&known),
            "conditions",
            "a location by name",
        ),
        ("a new property", json!({"MoonPhases": ["full"]}), Some(&known), "conditions", "MoonPhases"),
        ("flows", json!({"ProtocolFlows": ["deviceCodeFlow"]}), Some(&known), "conditions", "ProtocolFlows"),
        ("an application", json!({"IncludeUsers": ["None"]}), Some(&known), "conditions", "for applications"),
        ("a filter", json!({"DeviceFilterRule": "x"}), Some(&known), "conditions", "DeviceFilterMode"),
        (
            "a strength",
            json!({"AuthenticationStrength": "Strong"}),
            Some(&known),
            "grantControls",
            "strength",
        ),
        ("terms", json!({"TermsOfUse": "Ours"}), Some(&known), "grantControls", "terms of use"),
    ];
    for (name, more, known, property, told) in cases {
        let imported = import(&snapshot(&[policy(json!({})), policy(more)]), known, None).unwrap();
        let record = &imported.draft.manifest.sections[access::SECTION];
        let why = record.without.get(property).unwrap_or_else(|| panic!("{name}: taken"));
        assert!(why.contains(told), "{name}: {why}");
        for item in &imported.draft.data[access::SECTION] {
            assert_eq!(item.get(property), None, "{name}");
        }
    }
}

#[test]
fn settings_are_taken_whole_or_not() {
    let full = json!({
        "IsSingleInstance": "Yes", "AllowInvitesFrom": "AdminsAndGuestInviters", "GuestUserRole": "RestrictedGuest",
        "DefaultUserRoleAllowedToCreateApps": false, "DefaultUserRoleAllowedToCreateSecurityGroups": false,
        "DefaultUserRoleAllowedToCreateTenants": false, "DefaultUserRoleAllowedToReadOtherUsers": true,
        "DefaultUserRoleAllowedToReadBitlockerKeysForOwnedDevice": true,
        "PermissionGrantPolicyIdsAssignedToDefaultUserRole": [],
    });
    let mut half = full.clone();
    half.as_object_mut().unwrap().remove("DefaultUserRoleAllowedToCreateTenants");
    half["GuestUserRole"] = json!("Stranger");
    let of = |properties: Value| {
        let resource =
            json!({"resourceType": "microsoft.entra.authorizationPolicy", "properties": properties});
        import(&snapshot(&[resource]), None, None).unwrap()
    };
    let imported = of(full);
    let (item, id) = (&imported.draft.data["identity.authorization"][0], "identity.authorization");
    assert_eq!(item["allowInvitesFrom"], "adminsAndGuestInviters");
    assert_eq!(item["guestUserRoleId"], "2af84b1e-32c8-42b7-82bc-daa82404023b");
    assert_eq!(item["defaultUserRolePermissions"]["permissionGrantPoliciesAssigned"], json!([]));
    let record = &imported.draft.manifest.sections[id];
    assert_eq!((record.state, record.without.len()), (State::Read, 0));
    assert!(!record.fields.as_ref().unwrap().contains(&"allowedToUseSSPR".to_owned()), "not in the file");
    let imported = of(half);
    let without = &imported.draft.manifest.sections[id].without;
    let lost: Vec<&str> = without.keys().map(String::as_str).collect();
    assert_eq!(lost, ["defaultUserRolePermissions", "guestUserRoleId"]);
}

#[test]
fn the_job_says_which_tenant_when_and_whether_it_is_whole() {
    let job = |status: &str| {
        json!({
            "tenantId": TENANT, "status": status, "createdDateTime": "2026-01-27T22:09:05.7819107Z",
            "completedDateTime": "2026-01-27T22:10:08.8365374Z",
            "resources": ["microsoft.entra.conditionalAccessPolicy", "microsoft.entra.securityDefaults"],
            "resourceLocation": "https://graph.microsoft.com/v1.0/x('eeeeeeee-0000-4000-8000-000000000001')",
        })
    };
    let teams =
        json!({"resourceType": "microsoft.teams.meetingPolicy", "properties": {"Identity": "Global"}});
    let resources = snapshot(&[policy(json!({})), teams]);
    let imported = import(&resources, None, Some(&job("succeeded"))).unwrap();
    assert_eq!(imported.draft.manifest.taken.at.to_rfc3339(), "2026-01-27T22:10:08+00:00");
    assert_eq!(imported.draft.manifest.sections[access::SECTION].state, State::Read);
    assert_eq!(imported.draft.manifest.sections.len(), 1, "nothing that was silent looks empty");
    assert!(imported.notes.iter().any(|note| note.contains("microsoft.teams.meetingpolicy (1)")));
    assert!(imported.notes.iter().any(|note| note.contains("microsoft.entra.securitydefaults;")));
    let imported = import(&resources, None, Some(&job("partiallySuccessful"))).unwrap();
    assert_eq!(imported.draft.manifest.sections[access::SECTION].state, State::Partial);
    let mut other = job("succeeded");
    other["resourceLocation"] = json!("https://graph.microsoft.com/v1.0/x('ffffffff')");
    assert!(matches!(import(&resources, None, Some(&other)), Err(ImportError::Kind { .. })));
}

#[test]
fn nothing_useful_is_said() {
    let teams =
        json!({"resourceType": "microsoft.teams.meetingpolicy", "properties": {"Identity": "Global"}});
    assert!(matches!(import(&snapshot(&[teams]), None, None), Err(ImportError::Kind { .. })));
    let bytes = snapshot(&[policy(json!({}))]).to_string();
    let none = Options::default();
    let error = utcm(bytes.as_bytes(), "s.json", &Beside::default(), &none).unwrap_err();
    assert!(matches!(error, ImportError::NoTenant { .. }));
    let timeless = Options { at: None, ..given() };
    let error = utcm(bytes.as_bytes(), "s.json", &Beside::default(), &timeless).unwrap_err();
    assert!(matches!(error, ImportError::NoTime { .. }));
}
