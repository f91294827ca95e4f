//! Two exports of another tool, where they are at hand: nothing differs from itself, and each changed value is
//! found.

use std::path::Path;

use levelmark::diff::{self, Outcome};
use levelmark::import::{Options, scubagear};
use levelmark::snapshot::{Form, Snapshot, Wanted};

use super::order::shuffled;
use super::{NAKED, USUAL};

/// None where the export is not here.
fn imported(name: &str) -> Option<Snapshot> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/scubagear").join(name);
    let bytes = std::fs::read(path).ok()?;
    let imported = scubagear(&bytes, name, &Options::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("snapshot");
    imported.draft.write(&place, Form::Directory).unwrap();
    Some(Snapshot::open(&place, Wanted::All).unwrap())
}

#[test]
fn an_export_does_not_differ_from_itself() {
    for name in ["ProviderSettingsExport-a.json", "ProviderSettingsExport-b.json"] {
        let (Some(one), Some(other)) = (imported(name), imported(name)) else { continue };
        assert_eq!(super::naked(&one, &other), Vec::<String>::new(), "{name}");
        for seed in 1..=3 {
            let elsewhere = shuffled(&one, seed);
            let drift = diff::compare(&one, &elsewhere, &USUAL);
            assert_eq!(super::lines(&drift), Vec::<String>::new(), "{name}");
            assert_eq!(drift.outcome(), Outcome::Same);
        }
    }
}

/// Two tenants: ids say nothing, so most is matched by name, and nothing breaks.
#[test]
fn two_exports_of_two_tenants_can_be_compared() {
    let (Some(one), Some(other)) =
        (imported("ProviderSettingsExport-a.json"), imported("ProviderSettingsExport-b.json"))
    else {
        return;
    };
    let foreign = diff::Options { foreign: true, ..NAKED };
    let drift = diff::compare(&one, &other, &foreign);
    assert_eq!(drift.outcome(), Outcome::Drift);
    let backwards = diff::compare(&other, &one, &foreign);
    assert_eq!(drift.counts().added, backwards.counts().removed);
    assert_eq!(drift.counts().removed, backwards.counts().added);
}
