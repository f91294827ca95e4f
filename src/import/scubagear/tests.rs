//! Whole exports, made up for every trap that real ones showed, and the real ones where they are at
//! hand.

use serde_json::json;

use super::*;
use crate::import::values::time;
use crate::snapshot::record::{SectionRecord, State};

const TENANT: &str = "aaaaaaaa-0000-0000-0000-000000000001";
const ALICE: &str = "bbbbbbbb-0000-0000-0000-000000000001";
const GLOBAL_ADMIN: &str = "62e90394-69f5-4237-9190-012177145e10";

fn made_up() -> Value {
    json!({
        "baseline_version": "1", "module_version": "9.9.9", "date": "08/23/2023 12:23:24 Eastern Daylight Time",
        "tenant_details": {
            "TenantId": TENANT.to_uppercase(), "DisplayName": "Fabrikam", "DomainName": "fabrikam.onmicrosoft.com",
            "AADAdditionalData": {
                "Id": TENANT, "DisplayName": "Fabrikam", "CreatedDateTime": "/Date(1644483539000)/",
                "MobileDeviceManagementAuthority": {}, "OnPremisesSyncEnabled": null, "Street": "not listed",
                "TechnicalNotificationMails": "ops@fabrikam.com", "PrivacyProfile": {"ContactEmail": null, "StatementUrl": null},
                "VerifiedDomains": {"Name": "fabrikam.com", "IsDefault": true, "IsInitial": false, "Type": "Managed", "Capabilities": "None"},
                "AdditionalProperties": {"tenantType": "AAD"},
            },
        },
        "conditional_access_policies": {
            "Id": "CCCCCCCC-0000-0000-0000-000000000001", "DisplayName": "Everyone", "State": "enabled",
            "CreatedDateTime": "/Date(1656640539718)/", "ModifiedDateTime": null,
            "Conditions": {
                "Users": {"IncludeUsers": "All", "ExcludeUsers": [], "IncludeGuestsOrExternalUsers": {"GuestOrExternalUserTypes": null}},
                "DeviceStates": {"IncludeStates": null}, "Devices": {"DeviceFilter": {"Mode": null}, "IncludeDevices": []},
            },
            "GrantControls": {"BuiltInControls": ["mfa"], "Operator": "OR", "AuthenticationStrength": {"Id": null, "AllowedCombinations": null}},
            "SessionControls": {"SignInFrequency": {"Value": null}}, "AdditionalProperties": {},
        },
        "authorization_policies": [{
            "Id": "authorizationPolicy", "AllowedToUseSspr": true, "AllowInvitesFrom": "everyone", "EnabledPreviewFeatures": [],
            "DefaultUserRolePermissions": {"AllowedToCreateApps": false}, "PermissionGrantPolicyIdsAssignedToDefaultUserRole": [],
        }],
        "admin_consent_policies": [{"Id": null, "IsEnabled": true, "RequestDurationInDays": 30,
            "Reviewers": ["Microsoft.Graph.PowerShell.Models.MicrosoftGraphAccessReviewReviewerScope1"]}],
        "authentication_method": [{"Id": "authenticationMethodsPolicy", "PolicyMigrationState": "preMigration",
            "AuthenticationMethodConfigurations": ["Microsoft.Graph.PowerShell.Models.MicrosoftGraphAuthenticationMethodConfiguration"]}],
        "directory_settings": [],
        "privileged_users": {ALICE: {"DisplayName": "Alice", "roles": ["Global Administrator"], "OnPremisesImmutableId": null}},
        "privileged_roles": [
            {"DisplayName": "Global Administrator", "RoleTemplateId": GLOBAL_ADMIN,
             "Assignments": {"Id": "a1", "PrincipalId": ALICE, "RoleDefinitionId": GLOBAL_ADMIN, "AssignmentType": "Assigned",
                "StartDateTime": "/Date(1647533824543)/", "EndDateTime": null, "Principal": {"Id": null}},
             "Rules": [
                {"Id": "Expiration_EndUser_Assignment", "Target": {"Caller": "EndUser", "Operations": "All", "TargetObjects": null},
                 "AdditionalProperties": {"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule", "maximumDuration": "PT8H"}},
                {"Id": "Expiration_EndUser_Assignment", "RuleSource": "A group", "RuleSourceType": "PIM Group"}]},
            {"DisplayName": "User Administrator", "RoleTemplateId": "fe930be7-5e62-47db-91af-98c3a49a38b1", "Assignments": [], "Rules": []},
        ],
        "service_plans": [{"ServicePlanName": "AAD_PREMIUM_P2", "ServicePlanId": "x", "ProvisioningStatus": "Success"}],
        "license_information": [
            {"SkuId": "dddddddd-0000-0000-0000-000000000001", "SkuPartNumber": "E5", "ConsumedUnits": 3, "PrepaidUnits": {"Enabled": 25}},
            {"SkuId": "dddddddd-0000-0000-0000-000000000002", "SkuPartNumber": "FREE", "ConsumedUnits": 1, "PrepaidUnits": {"Enabled": 9}}],
        "secure_score": {"ControlName": "RoleOverlap", "ControlCategory": "Identity", "Score": 1},
        "SPO_tenant": [{"SharingCapability": 2, "SharingDomainRestrictionMode": 9, "LegacyAuthProtocolsEnabled": false,
            "PreventExternalUsersFromResharing": true, "SharingAllowedDomainList": "a.com b.com", "OneDriveStorageQuota": 1024}],
        "aad_successful_commands": ["Get-MgBetaIdentityConditionalAccessPolicy", "Get-MgBetaDirectorySetting", "Get-PrivilegedRole"],
        "aad_unsuccessful_commands": [],
    })
}

fn import(value: &Value) -> Imported {
    scubagear(value.to_string().as_bytes(), "e.json", &Options::default()).unwrap()
}

fn section<'i>(imported: &'i Imported, id: &str) -> (&'i SectionRecord, &'i [Value]) {
    let record = imported.draft.manifest.sections.get(id).unwrap_or_else(|| panic!("{id} is not listed"));
    (record, imported.draft.data.get(id).map_or(&[], Vec::as_slice))
}

#[test]
fn the_tenant_and_its_time_come_from_the_export() {
    let manifest = import(&made_up()).draft.manifest;
    assert_eq!(manifest.tenant.id, TENANT);
    assert_eq!(manifest.tenant.display_name.as_deref(), Some("Fabrikam"));
    assert_eq!(manifest.tenant.default_domain.as_deref(), Some("fabrikam.com"));
    assert_eq!(manifest.taken.at, time("2023-08-23T16:23:24Z").unwrap());
    assert!(manifest.sections.values().all(|record| record.via == Some(Via::Export)));
}

#[test]
fn organisation_and_domains_are_rewrapped_and_lost_values_are_named() {
    let imported = import(&made_up());
    let (record, items) = section(&imported, "tenant.organization");
    assert_eq!(
        items,
        [json!({
            "id": TENANT, "displayName": "Fabrikam", "createdDateTime": "2022-02-10T08:58:59Z", "onPremisesSyncEnabled": null,
            "technicalNotificationMails": ["ops@fabrikam.com"], "privacyProfile": null, "tenantType": "AAD",
            "verifiedDomains": [{"name": "fabrikam.com", "isDefault": true, "isInitial": false, "type": "Managed", "capabilities": "None"}],
        })]
    );
    assert_eq!(record.state, State::Read);
    assert!(record.without.contains_key("mobileDeviceManagementAuthority"));
    let (record, items) = section(&imported, "tenant.domains");
    let domain = json!({"id": "fabrikam.com", "authenticationType": "Managed", "isDefault": true, "isInitial": false, "isVerified": true});
    assert_eq!((record.state, items), (State::Partial, [domain].as_slice()));
}

#[test]
fn a_policy_collapsed_to_an_object_becomes_an_item_in_graphs_shape() {
    let imported = import(&made_up());
    let (record, items) = section(&imported, "conditionalAccess.policies");
    assert_eq!(record.state, State::Read);
    assert_eq!(
        items,
        [json!({
            "id": "cccccccc-0000-0000-0000-000000000001", "displayName": "Everyone", "state": "enabled",
            "createdDateTime": "2022-07-01T01:55:39Z", "modifiedDateTime": null,
            "conditions": {"users": {"includeUsers": ["All"], "excludeUsers": [], "includeGuestsOrExternalUsers": null},
                "devices": null},
            "grantControls": {"builtInControls": ["mfa"], "operator": "OR", "authenticationStrength": null},
            "sessionControls": null,
        })]
    );
    let fields = record.fields.as_deref().unwrap();
    assert!(fields.contains(&"conditions".to_string()) && !fields.contains(&"templateId".to_string()));
}

#[test]
fn a_policy_narrowed_by_what_only_beta_knows_does_not_look_wide() {
    let mut export = made_up();
    export["conditional_access_policies"]["Conditions"]["Devices"]["IncludeDevices"] = json!(["All"]);
    let imported = import(&export);
    let (record, items) = section(&imported, "conditionalAccess.policies");
    assert!(record.without.contains_key("conditions"));
    assert_eq!(items[0].get("conditions"), None);
    assert_eq!(items[0]["state"], "enabled");
}

#[test]
fn beta_names_become_those_of_v1() {
    let imported = import(&made_up());
    let (_, items) = section(&imported, "identity.authorization");
    assert_eq!(
        items,
        [json!({"id": "authorizationPolicy", "allowedToUseSSPR": true, "allowInvitesFrom": "everyone",
            "defaultUserRolePermissions": {"allowedToCreateApps": false, "permissionGrantPoliciesAssigned": []}})]
    );
}

#[test]
fn type_names_in_place_of_data_are_missing_properties() {
    let imported = import(&made_up());
    let (record, items) = section(&imported, "identity.adminConsent");
    assert_eq!(items, [json!({"isEnabled": true, "requestDurationInDays": 30})]);
    assert_eq!(record.without.keys().collect::<Vec<_>>(), ["reviewers"]);
    assert!(record.fields.as_ref().unwrap().contains(&"reviewers".to_string()));
    let (record, items) = section(&imported, "identity.authenticationMethods");
    assert_eq!(items, [json!({"id": "authenticationMethodsPolicy", "policyMigrationState": "preMigration"})]);
    assert!(record.without.contains_key("authenticationMethodConfigurations"));
}

#[test]
fn newer_exports_have_methods_and_domains_themselves() {
    let mut export = made_up();
    export["authentication_method"] = json!([{
        "authentication_method_policy": {"Id": "p", "PolicyMigrationState": "migrationComplete"},
        "authentication_method_feature_settings": [{"Id": "Fido2", "State": "enabled", "IncludeTargets": {"Id": "all_users"}}],
    }]);
    export["domain_settings"] =
        json!([{"Id": "fabrikam.com", "PasswordValidityPeriodInDays": 2147483647, "IsVerified": true}]);
    let imported = import(&export);
    let (_, items) = section(&imported, "identity.authenticationMethods");
    assert_eq!(
        items[0]["authenticationMethodConfigurations"],
        json!([{"id": "Fido2", "state": "enabled", "includeTargets": [{"id": "all_users"}]}])
    );
    let (record, items) = section(&imported, "tenant.domains");
    assert_eq!(
        (record.state, &items[0]["passwordValidityPeriodInDays"]),
        (State::Read, &json!(2_147_483_647))
    );
}

#[test]
fn privileged_roles_are_a_part_and_say_so() {
    let imported = import(&made_up());
    for id in ["roles.definitions", "roles.activeAssignments", "roles.policies", "users.accounts"] {
        let (record, items) = section(&imported, id);
        assert_eq!(record.state, State::Partial, "{id}");
        assert!(record.reason.as_ref().unwrap().starts_with("only "), "{id}");
        assert!(!items.is_empty(), "{id}");
    }
    let (record, items) = section(&imported, "roles.activeAssignments");
    assert_eq!(
        items,
        [
            json!({"id": "a1", "principalId": ALICE, "roleDefinitionId": GLOBAL_ADMIN, "assignmentType": "Assigned",
            "startDateTime": "2022-03-17T16:17:04Z", "endDateTime": null})
        ]
    );
    assert!(record.without.contains_key("principal"));
    let (_, items) = section(&imported, "roles.policies");
    assert_eq!(
        items[0],
        json!({"id": GLOBAL_ADMIN, "roleDefinitionId": GLOBAL_ADMIN, "scopeId": "/", "scopeType": "DirectoryRole",
            "policy": {"rules": [{"id": "Expiration_EndUser_Assignment",
                "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule", "maximumDuration": "PT8H",
                "target": {"caller": "EndUser", "operations": ["all"]}}]}})
    );
    assert!(!imported.draft.manifest.sections.contains_key("roles.eligibilities"));
}

#[test]
fn without_the_licence_there_are_no_assignments_rather_than_none() {
    let mut export = made_up();
    export["privileged_roles"] =
        json!([{"DisplayName": "Global Administrator", "RoleTemplateId": GLOBAL_ADMIN}]);
    export["service_plans"] = json!([{"ServicePlanName": "EXCHANGE_S_STANDARD"}]);
    let imported = import(&export);
    let (record, _) = section(&imported, "roles.activeAssignments");
    assert_eq!((record.state, record.needs.as_deref()), (State::Unlicensed, Some("Entra ID P2")));
    assert_eq!(section(&imported, "roles.definitions").0.state, State::Partial);
    export["service_plans"] = json!([{"ServicePlanName": "AAD_PREMIUM_P2"}]);
    assert_eq!(section(&import(&export), "roles.policies").0.state, State::Failed);
}

#[test]
fn service_plans_stand_with_their_licence_only_if_there_is_one() {
    let mut export = made_up();
    let imported = import(&export);
    let (record, items) = section(&imported, "tenant.licences");
    assert_eq!(record.state, State::Partial);
    let with_plans: Vec<&Value> = items.iter().filter(|item| item.get("servicePlans").is_some()).collect();
    assert_eq!(items.len(), 3);
    assert_eq!(with_plans.len(), 1);
    assert_eq!(with_plans[0]["skuId"], "00000000-0000-0000-0000-000000000000");
    export["license_information"].as_array_mut().unwrap().pop();
    let imported = import(&export);
    let (_, items) = section(&imported, "tenant.licences");
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["servicePlans"][0]["servicePlanName"], "AAD_PREMIUM_P2");
    export["license_information"][0]["ConsumedUnits"] = json!(-1);
    let imported = import(&export);
    assert!(section(&imported, "tenant.licences").0.without.contains_key("consumedUnits"));
}

#[test]
fn sharepoint_settings_with_a_certain_equivalent_are_taken() {
    let imported = import(&made_up());
    let (record, items) = section(&imported, "content.sharepoint");
    assert_eq!(
        items,
        [json!({"sharingCapability": "externalUserAndGuestSharing", "isLegacyAuthProtocolsEnabled": false,
            "isResharingByExternalUsersEnabled": false, "sharingAllowedDomainList": ["a.com", "b.com"],
            "personalSiteDefaultStorageLimitInMB": 1024})]
    );
    assert!(record.without.get("sharingDomainRestrictionMode").unwrap().ends_with(": 9"));
}

#[test]
fn one_control_of_the_latest_score_is_a_part_that_proves_nothing_of_the_past() {
    let imported = import(&made_up());
    let (record, items) = section(&imported, "security.secureScores");
    let control = json!({"controlName": "RoleOverlap", "controlCategory": "Identity", "score": 1});
    assert_eq!(items, [json!({"controlScores": [control]})]);
    assert_eq!((record.state, record.from), (State::Partial, record.at));
}

#[test]
fn a_failed_command_is_never_an_empty_list() {
    let mut export = made_up();
    assert_eq!(section(&import(&export), "groups.settings").0.state, State::Read);
    assert_eq!(section(&import(&export), "groups.settings").0.items, Some(0));
    export["aad_successful_commands"] = json!([]);
    assert_eq!(section(&import(&export), "groups.settings").0.state, State::Failed);
    export["aad_unsuccessful_commands"] = json!([
        "Get-MgBetaDirectorySetting",
        "Get-PrivilegedRole",
        "Get-PrivilegedUser",
        "Get-MgBetaIdentityConditionalAccessPolicy",
        "Get-MgBetaSubscribedSku",
        "Get-MgBetaPolicyAuthorizationPolicy",
        "Get-MgBetaSecuritySecureScore"
    ]);
    let lists = [
        ("groups.settings", "directory_settings"),
        ("conditionalAccess.policies", "conditional_access_policies"),
        ("roles.definitions", "privileged_roles"),
        ("roles.activeAssignments", "privileged_roles"),
        ("roles.policies", "privileged_roles"),
        ("users.accounts", "privileged_users"),
        ("identity.authorization", "authorization_policies"),
        ("tenant.licences", "service_plans"),
        ("security.secureScores", "secure_score"),
    ];
    export["license_information"] = json!([]);
    for (_, key) in lists {
        export[key] = json!([]);
    }
    let imported = import(&export);
    for (id, _) in lists {
        let (record, items) = section(&imported, id);
        assert_eq!((record.state, items.len()), (State::Failed, 0), "{id}");
        assert!(
            record.reason.as_ref().unwrap().contains("failed when the export was made"),
            "{id}: {record:?}"
        );
    }
}

#[test]
fn what_every_tenant_has_can_not_be_empty_even_if_its_command_worked() {
    let mut export = made_up();
    export["aad_successful_commands"] =
        json!(["Get-PrivilegedRole", "Get-PrivilegedUser", "Get-MgBetaPolicyAuthorizationPolicy"]);
    for key in ["privileged_roles", "privileged_users", "authorization_policies"] {
        export[key] = json!([]);
    }
    let imported = import(&export);
    for id in ["roles.definitions", "users.accounts", "identity.authorization"] {
        assert_eq!(section(&imported, id).0.state, State::Failed, "{id}");
    }
}

#[test]
fn data_of_a_command_that_failed_once_is_partial() {
    let mut export = made_up();
    export["aad_unsuccessful_commands"] = json!(["Get-MgBetaIdentityConditionalAccessPolicy"]);
    let imported = import(&export);
    let (record, items) = section(&imported, "conditionalAccess.policies");
    assert_eq!((record.state, items.len()), (State::Partial, 1));
}

#[test]
fn what_the_export_does_not_have_is_not_listed() {
    let mut export = made_up();
    export.as_object_mut().unwrap().retain(|key, _| !key.contains("consent") && !key.contains("secure"));
    let sections = import(&export).draft.manifest.sections;
    assert!(!sections.contains_key("identity.adminConsent"));
    assert!(!sections.contains_key("security.secureScores"));
}

#[test]
fn a_tenant_is_never_guessed() {
    let mut export = made_up();
    let bytes = export.to_string();
    let other = Options { tenant: Some("ffffffff-0000-0000-0000-000000000001".into()), at: None };
    let error = scubagear(bytes.as_bytes(), "e.json", &other).unwrap_err().to_string();
    assert!(error.contains(TENANT) && error.contains("ffffffff-"), "{error}");
    export["tenant_details"] = json!([{"TenantId": "Error retrieving Tenant ID", "DisplayName": "Error retrieving Display name",
        "DomainName": "Error retrieving Domain name", "AADAdditionalData": "Error retrieving additional data"}]);
    let bytes = export.to_string();
    let run = |options| scubagear(bytes.as_bytes(), "e.json", &options);
    assert!(matches!(run(Options::default()), Err(ImportError::NoTenant { .. })));
    assert!(matches!(
        run(Options { tenant: Some("fabrikam".into()), at: None }),
        Err(ImportError::TenantId { .. })
    ));
    let imported = run(Options { tenant: Some(TENANT.into()), at: None }).unwrap();
    assert_eq!(imported.draft.manifest.tenant.display_name, None);
    assert_eq!(section(&imported, "tenant.organization").0.state, State::Failed);
}

#[test]
fn other_kinds_are_named_with_the_way_out() {
    let run =
        |value: Value| scubagear(value.to_string().as_bytes(), "x.json", &Options::default()).unwrap_err();
    for (value, expected) in [
        (json!({"Tests": [], "TenantId": "x", "TotalCount": 1}), "a Maester test result"),
        (json!({"levelmark": {"snapshot": 1}}), "a Levelmark snapshot"),
        (json!({"Results": {}, "MetaData": {}}), "a ScubaGear result"),
        (json!([]), "a body of Microsoft Graph"),
    ] {
        let error = run(value).to_string();
        assert!(error.contains(expected) && error.contains("x.json"), "{error}");
    }
    let combined = json!({"MetaData": {}, "Results": {}, "Raw": made_up()});
    assert_eq!(import(&combined).draft.manifest.tenant.id, TENANT);
}

/// A real export, where the material is at hand.
fn real(file: &str) -> Option<Imported> {
    let path = format!("{}/../shared/data/scubagear/{file}", env!("CARGO_MANIFEST_DIR"));
    match std::fs::read(&path) {
        Ok(bytes) => Some(scubagear(&bytes, file, &Options::default()).unwrap()),
        Err(error) => {
            eprintln!("skipped: {path}: {error}");
            None
        }
    }
}

fn counts(imported: &Imported) -> Vec<(&str, State, Option<u64>)> {
    let sections = imported.draft.manifest.sections.iter();
    sections.map(|(id, record)| (id.as_str(), record.state, record.items)).collect()
}

#[test]
fn the_older_real_export() {
    let Some(imported) = real("ProviderSettingsExport-a.json") else { return };
    assert_eq!(imported.draft.manifest.taken.at, time("2022-12-09T18:26:11Z").unwrap());
    assert_eq!(
        counts(&imported),
        [
            ("conditionalAccess.policies", State::Read, Some(1)),
            ("content.sharepoint", State::Read, Some(1)),
            // Empty, and this export does not say whether the command worked.
            ("groups.settings", State::Failed, None),
            ("identity.adminConsent", State::Read, Some(1)),
            ("identity.authorization", State::Read, Some(1)),
            ("roles.activeAssignments", State::Partial, Some(1)),
            ("roles.definitions", State::Partial, Some(8)),
            ("roles.policies", State::Partial, Some(8)),
            ("tenant.domains", State::Partial, Some(1)),
            ("tenant.licences", State::Partial, Some(1)),
            ("tenant.organization", State::Read, Some(1)),
            ("users.accounts", State::Partial, Some(1)),
        ]
    );
}

#[test]
fn the_newer_real_export() {
    let Some(imported) = real("ProviderSettingsExport-b.json") else { return };
    assert_eq!(imported.draft.manifest.taken.at, time("2023-08-23T16:23:24Z").unwrap());
    assert_eq!(
        counts(&imported),
        [
            ("conditionalAccess.policies", State::Read, Some(20)),
            ("content.sharepoint", State::Read, Some(1)),
            ("groups.settings", State::Read, Some(2)),
            ("identity.adminConsent", State::Read, Some(1)),
            ("identity.authenticationMethods", State::Read, Some(1)),
            ("identity.authorization", State::Read, Some(1)),
            ("roles.activeAssignments", State::Partial, Some(38)),
            ("roles.definitions", State::Partial, Some(8)),
            ("roles.policies", State::Partial, Some(8)),
            ("security.secureScores", State::Partial, Some(1)),
            ("tenant.domains", State::Partial, Some(4)),
            ("tenant.licences", State::Partial, Some(3)),
            ("tenant.organization", State::Read, Some(1)),
            ("users.accounts", State::Partial, Some(30)),
        ]
    );
    let all = serde_json::to_string(&imported.draft.data).unwrap();
    for trace in ["PowerShell.Models", "System.Object", "/Date(", "AdditionalProperties", "\"Id\""] {
        assert!(!all.contains(trace), "{trace} is left");
    }
    let session_only =
        imported.draft.data["conditionalAccess.policies"].iter().filter(|p| p["grantControls"].is_null());
    assert_eq!(session_only.count(), 3);
}
