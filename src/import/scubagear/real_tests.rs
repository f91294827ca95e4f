//! Two real exports, where they are at hand: what comes in, and that nothing of PowerShell stays.

use super::*;
use crate::import::values::time;
use crate::sections::conform::{Severity, conforms};
use crate::snapshot::record::State;

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
    for (id, items) in &imported.draft.data {
        let section = crate::sections::find(id).unwrap();
        let mut problems = items.iter().flat_map(|item| conforms(section, item));
        assert_eq!(problems.find(|problem| problem.severity == Severity::Error), None, "{id}");
    }
    let session_only =
        imported.draft.data["conditionalAccess.policies"].iter().filter(|p| p["grantControls"].is_null());
    assert_eq!(session_only.count(), 3);
}
