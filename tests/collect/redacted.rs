//! `collect --redact`: what comes in is what `redact` would make of it, and nothing real touches the disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use levelmark::collect::order::CollectError;
use levelmark::policy::compiled::PolicySet;
use levelmark::redact::{Key, Redactor, Terms};
use levelmark::snapshot::{Form, Snapshot, Wanted};

use crate::asking::{Asking, files, open};
use crate::contoso::permitted;
use crate::fake_graph::FakeGraph;
use crate::fake_graph::faults::{After, Fault, Trouble};
use crate::fake_graph::settings::Settings;
use crate::fake_graph::tenant::Tenant;

fn redactor(key: &str) -> Arc<Redactor> {
    let set = PolicySet::load(&Default::default()).unwrap();
    Arc::new(Redactor::new(Key::parse(key.as_bytes()).unwrap(), Terms::of(&set)))
}

const KEY: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "fedcba9876543210fedcba9876543210";

/// The files of the sections.
fn data(out: &Path) -> BTreeMap<String, String> {
    let mut all = files(out);
    all.remove("manifest.json");
    all
}

/// All text below a folder.
fn text(folder: &Path) -> String {
    let mut text = String::new();
    let mut open = vec![folder.to_owned()];
    while let Some(here) = open.pop() {
        if here.is_file() {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(&here).unwrap()).to_lowercase());
        } else {
            open.extend(std::fs::read_dir(&here).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    text
}

/// Somebody, something and the tenant itself.
const REAL: [&str; 6] = [
    "contoso",
    "thornmere",
    "it01@",
    "e6229db7-cac6-5963-9c9b-e3bcf9e83679",
    "2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff",
    "xqqg5fs2lkcp935s-fifm2qafkhm",
];

#[track_caller]
fn nothing_real(folder: &Path) {
    let text = text(folder);
    for real in REAL {
        let at =
            text.find(real).map(|at| text[at.saturating_sub(80)..].chars().take(160).collect::<String>());
        assert_eq!(at, None, "{real}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_the_redaction_of_what_would_have_been_collected() {
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), permitted()).await.unwrap();
    let plain = Asking::of(&fake);
    plain.collect().await.unwrap();
    assert!(text(plain.folder.path()).contains("contoso"));
    let mut asking = Asking::of(&fake);
    asking.order.redactor = Some(redactor(KEY));
    let collected = asking.collect().await.unwrap();
    nothing_real(asking.folder.path());
    let made = redactor(KEY).snapshot(Snapshot::open(&plain.out(), Wanted::All).unwrap().to_draft().unwrap());
    let expected = plain.folder.path().join("expected");
    made.draft.write(&expected, Form::Directory).unwrap();
    let (found, expected) = (data(&asking.out()), data(&expected));
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, text) in &found {
        assert_eq!(text, &expected[name], "{name}");
    }
    let (own, theirs) = (&open(&asking.out()).manifest, made.draft.manifest);
    assert_eq!((&own.tenant, &own.redacted), (&theirs.tenant, &theirs.redacted));
    for (id, record) in &theirs.sections {
        let own = &collected.manifest.sections[id];
        assert_eq!(
            (own.state, &own.reason, &own.source),
            (record.state, &record.reason, &record.source),
            "{id}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_one_leaves_nothing_real_and_goes_on_with_the_same_key() {
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), permitted()).await.unwrap();
    let mut reference = Asking::of(&fake);
    reference.order.redactor = Some(redactor(KEY));
    reference.collect().await.unwrap();
    let hang = Fault::on("/users", Trouble::Throttle(After::Seconds(600))).times(1);
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), Settings { faults: vec![hang], ..permitted() })
        .await
        .unwrap();
    let mut asking = Asking::of(&fake);
    asking.order.redactor = Some(redactor(KEY));
    asking.order.setup.tempo.speed = 100.0;
    assert!(
        tokio::time::timeout(Duration::from_secs(3), asking.collect()).await.is_err(),
        "it should have hung"
    );
    assert!(asking.folder.path().join("snapshot.collecting/journal.json").exists());
    nothing_real(asking.folder.path());
    asking.order.manners.resume = true;
    for other in [None, Some(redactor(OTHER))] {
        let mut other = Asking {
            folder: tempfile::tempdir().unwrap(),
            order: levelmark::collect::order::Order { redactor: other, ..asking.order.clone() },
        };
        other.order.manners.resume = true;
        let error = other.collect().await.unwrap_err();
        assert!(matches!(error, CollectError::Store(_)), "{error}");
    }
    let collected = asking.collect().await.unwrap();
    assert!(collected.kept > 20, "{}", collected.kept);
    assert_eq!(data(&asking.out()), data(&reference.out()));
    nothing_real(asking.folder.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_brought_up_to_date_with_its_own_key_alone() {
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), permitted()).await.unwrap();
    let mut asking = Asking::of(&fake).only(&["tenant.domains", "tenant.organization"]);
    asking.order.redactor = Some(redactor(KEY));
    asking.collect().await.unwrap();
    let before = files(&asking.out());
    asking.order.manners.into = true;
    for other in [None, Some(redactor(OTHER))] {
        asking.order.redactor = other;
        let error = asking.collect().await.unwrap_err();
        assert!(matches!(error, CollectError::OtherKey(_)), "{error}");
    }
    assert_eq!(files(&asking.out()), before);
    asking.order.redactor = Some(redactor(KEY));
    asking.collect().await.unwrap();
    let plain = Asking::of(&fake).only(&["tenant.domains"]);
    plain.collect().await.unwrap();
    asking.order.out = plain.out();
    assert!(
        matches!(asking.collect().await.unwrap_err(), CollectError::OtherKey(_)),
        "the snapshot is not redacted"
    );
}
