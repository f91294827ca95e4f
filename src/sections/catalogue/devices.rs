//! Devices: what they must meet, how they are updated, what is in use.

use super::super::Section;
use super::super::entry::{GLOBAL, bulk, settings};
use super::super::plans;

pub(super) const DEVICES: &[Section] = &[
    settings("devices.apps", "Applications that Intune assigns")
        .get("/deviceAppManagement/mobileApps", "DeviceManagementApps.Read.All")
        .query_is("$filter=isAssigned eq true")
        .licence("Intune")
        .plans(plans::INTUNE),
    bulk(
        "devices.autopilot",
        &["id", "groupTag", "enrollmentState", "lastContactedDateTime", "manufacturer", "model"],
        "Devices known to Windows Autopilot",
    )
    .get("/deviceManagement/windowsAutopilotDeviceIdentities", "DeviceManagementServiceConfig.Read.All")
    .licence("Intune")
    .plans(plans::INTUNE),
    settings("devices.compliancePolicies", "What a device must meet to count as compliant")
        .get("/deviceManagement/deviceCompliancePolicies", "DeviceManagementConfiguration.Read.All")
        .query_is("$expand=assignments")
        .licence("Intune")
        .plans(plans::INTUNE),
    settings("devices.configurations", "Configuration profiles and update rings")
        .get("/deviceManagement/deviceConfigurations", "DeviceManagementConfiguration.Read.All")
        .query_is("$expand=assignments")
        .licence("Intune")
        .plans(plans::INTUNE),
    bulk(
        "devices.directory",
        &[
            "id",
            "deviceId",
            "operatingSystem",
            "isManaged",
            "isCompliant",
            "accountEnabled",
            "registrationDateTime",
            "approximateLastSignInDateTime",
            "trustType",
        ],
        "Devices in the directory, managed or not",
    )
    .get("/devices", "Device.Read.All")
    .selected()
    .query_is("$top=999"),
    settings("devices.enrollment", "Who may enrol which devices")
        .get("/deviceManagement/deviceEnrollmentConfigurations", "DeviceManagementServiceConfig.Read.All")
        .licence("Intune")
        .plans(plans::INTUNE),
    settings("devices.featureUpdates", "Which Windows version devices are kept at")
        .get("/deviceManagement/windowsFeatureUpdateProfiles", "DeviceManagementConfiguration.Read.All")
        .beta()
        .licence("Intune + Win E3")
        .plans(plans::INTUNE)
        .clouds(GLOBAL),
    bulk(
        "devices.managed",
        &[
            "id",
            "operatingSystem",
            "osVersion",
            "complianceState",
            "isEncrypted",
            "lastSyncDateTime",
            "managedDeviceOwnerType",
            "manufacturer",
            "model",
        ],
        "Devices that Intune manages",
    )
    .get("/deviceManagement/managedDevices", "DeviceManagementManagedDevices.Read.All")
    .selected()
    .query_is("$top=1000")
    .licence("Intune")
    .plans(plans::INTUNE),
    settings("devices.officeInstallation", "Update channel of Microsoft 365 Apps")
        .singleton()
        .get("/admin/microsoft365Apps/installationOptions", "OrgSettings-Microsoft365Install.Read.All")
        .clouds(GLOBAL),
    settings("devices.overview", "How many devices are enrolled, by system")
        .singleton()
        .get("/deviceManagement/managedDeviceOverview", "DeviceManagementManagedDevices.Read.All")
        .licence("Intune")
        .plans(plans::INTUNE),
    settings("devices.qualityUpdates", "Expedited quality updates")
        .get("/deviceManagement/windowsQualityUpdateProfiles", "DeviceManagementConfiguration.Read.All")
        .beta()
        .licence("Intune + Win E3")
        .plans(plans::INTUNE)
        .clouds(GLOBAL),
    settings("devices.updatePolicies", "Update policies of Windows Update for Business")
        .get("/admin/windows/updates/updatePolicies", "WindowsUpdates.Read.All")
        .beta()
        .licence("Win E3 (WUfB DS)")
        .clouds(GLOBAL),
];
