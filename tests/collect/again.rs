//! The same again: an unchanged tenant gives the same snapshot, an interrupted collection goes on, and
//! at no moment is there half a snapshot.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use levelmark::collect::order::CollectError;
use levelmark::collect::store::StoreError;
use levelmark::snapshot::record::State;
use levelmark::snapshot::{Snapshot, Wanted};
use serde_json::Value;

use crate::asking::{Asking, files, open};
use crate::contoso::permitted;
use crate::fake_graph::FakeGraph;
use crate::fake_graph::faults::{After, Fault, Trouble};
use crate::fake_graph::settings::{Looks, Settings};
use crate::fake_graph::tenant::Tenant;
use crate::program;

/// A snapshot's files without times and request ids.
fn timeless(out: &Path) -> BTreeMap<String, String> {
    let mut all = files(out);
    let mut manifest: Value = serde_json::from_str(&all.remove("manifest.json").unwrap()).unwrap();
    manifest["taken"]["at"] = Value::Null;
    for (_, record) in manifest["sections"].as_object_mut().unwrap() {
        record
            .as_object_mut()
            .unwrap()
            .retain(|name, _| !["at", "from", "requests"].contains(&name.as_str()));
    }
    all.insert("manifest.json".into(), manifest.to_string());
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn two_collections_of_an_unchanged_tenant_are_identical() {
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), permitted()).await.unwrap();
    let first = Asking::of(&fake);
    first.collect().await.unwrap();
    // Another order of answers, other pages, other spellings.
    let settings =
        Settings { page: Some(2), looks: Looks::ODD, latency: Duration::from_millis(3), ..permitted() };
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), settings).await.unwrap();
    let second = Asking::of(&fake);
    second.collect().await.unwrap();
    let (first, second) = (timeless(&first.out()), timeless(&second.out()));
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (name, text) in &first {
        assert_eq!(text, &second[name], "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_collection_goes_on_with_what_it_has() {
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), permitted()).await.unwrap();
    let reference = Asking::of(&fake);
    reference.collect().await.unwrap();
    // Hangs at one section until it is given up.
    let hang = Fault::on("/users", Trouble::Throttle(After::Seconds(600))).times(1);
    let settings = Settings { faults: vec![hang], ..permitted() };
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), settings).await.unwrap();
    let mut asking = Asking::of(&fake);
    asking.order.setup.tempo.speed = 100.0;
    let given_up = tokio::time::timeout(Duration::from_secs(3), asking.collect()).await;
    assert!(given_up.is_err(), "it should have hung");
    assert!(!asking.out().exists());
    let seen = fake.seen().len();
    let again = asking.collect().await.unwrap_err();
    assert!(matches!(again, CollectError::Store(StoreError::Interrupted(_))), "{again}");
    asking.order.manners.resume = true;
    // Another wish is another collection.
    let mut other = Asking { folder: tempfile::tempdir().unwrap(), order: asking.order.clone() };
    other.order.days = 7;
    let error = other.collect().await.unwrap_err();
    assert!(matches!(error, CollectError::Store(StoreError::Another { .. })), "{error}");
    let collected = asking.collect().await.unwrap();
    assert!(collected.kept > 40, "{}", collected.kept);
    let asked: Vec<String> = fake.seen().split_off(seen).into_iter().map(|seen| seen.path).collect();
    assert!(!asked.iter().any(|path| path.contains("/domains")), "{asked:?}");
    assert_eq!(timeless(&asking.out()), timeless(&reference.out()));
    assert!(!asking.folder.path().join("snapshot.collecting").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_do_not_mix() {
    let settings = Settings { latency: Duration::from_millis(60), ..permitted() };
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), settings).await.unwrap();
    let asking = Asking::of(&fake);
    let mut other = asking.order.clone();
    other.manners.force = true;
    let (one, two) = tokio::join!(asking.collect(), other.collect());
    let results = [one.map(|_| ()), two.map(|_| ())];
    let in_use = |error: &CollectError| {
        matches!(error, CollectError::Store(StoreError::InUse(_) | StoreError::Interrupted(_)))
    };
    assert!(results.iter().any(|result| result.as_ref().is_err_and(in_use)), "{results:?}");
    assert!(results.iter().any(Result::is_ok), "{results:?}");
    open(&asking.out());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_only_written_over_when_told() {
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), permitted()).await.unwrap();
    let mut asking = Asking::of(&fake).only(&["tenant.domains", "tenant.organization"]);
    asking.collect().await.unwrap();
    std::fs::write(asking.out().join("README.md"), "ours").unwrap();
    std::fs::write(asking.out().join("notes.json"), "{}").unwrap();
    let error = asking.collect().await.unwrap_err();
    assert!(matches!(error, CollectError::Store(StoreError::InTheWay(_))), "{error}");
    let mut narrower = Asking { folder: tempfile::tempdir().unwrap(), order: asking.order.clone() }
        .only(&["tenant.domains"]);
    narrower.order.manners.force = true;
    narrower.collect().await.unwrap();
    let names: Vec<String> = files(&asking.out()).into_keys().collect();
    // Files of others stay, sections of the old snapshot do not.
    assert_eq!(names, ["README.md", "manifest.json", "notes.json", "tenant.domains.json"]);
    asking.order.manners.into = true;
    std::fs::remove_file(asking.out().join("notes.json")).unwrap();
    asking.collect().await.unwrap();
    assert_eq!(open(&asking.out()).manifest.sections.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_answer_never_stands_in_for_a_new_refusal() {
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), permitted()).await.unwrap();
    let mut asking = Asking::of(&fake).only(&["tenant.domains", "tenant.organization"]);
    asking.collect().await.unwrap();
    fake.trouble(
        Fault::on("/domains", Trouble::Refuse(crate::fake_graph::refusals::Refusal::RequestDenied)).always(),
    );
    asking.order.manners.into = true;
    let collected = asking.collect().await.unwrap();
    assert_eq!(collected.manifest.sections["tenant.domains"].state, State::Denied);
    assert_eq!(open(&asking.out()).state("tenant.domains"), State::Denied);
    assert!(!asking.out().join("tenant.domains.json").exists());
}

/// Kills the program at a hundred moments, half of them while it brings a snapshot up to date.
#[test]
fn killed_at_any_moment_there_is_nothing_something_to_go_on_with_or_all() {
    let settings = Settings { latency: Duration::from_millis(2), ..permitted() };
    let fake = FakeGraph::spawn(Tenant::contoso().unwrap(), settings).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let collect = |name: &str, more: &[&str]| {
        let mut command = program::program(
            folder.path(),
            &["collect", name, "contoso", "--quiet", "--quota", "1000", "--no-builtin"],
        );
        command.args(["--graph-endpoint", &fake.address, "--login-endpoint", &fake.address]).args(more);
        command.env("LEVELMARK_TOKEN", fake.token()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    };
    let began = Instant::now();
    let ended = collect("--out", &[]).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let whole = began.elapsed();
    let (out, working) = (folder.path().join("contoso"), folder.path().join("contoso.collecting"));
    let reference = timeless(&out);
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let (mut kills, mut finished, mut resumed) = (0, 0, 0);
    while kills < 100 {
        if !working.exists() && kills % 2 == 0 && out.exists() {
            std::fs::remove_dir_all(&out).unwrap();
        }
        let name = if out.exists() { "--into" } else { "--out" };
        resumed += usize::from(working.exists());
        let mut child = collect(name, &["--resume"]).spawn().unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Until a little after its usual end: some runs are to end by themselves.
        let after = whole.mul_f64((random >> 33) as f64 / f64::from(1_u32 << 31) * 1.1);
        let killed = Instant::now();
        let ended = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if killed.elapsed() >= after {
                child.kill().unwrap();
                child.wait().unwrap();
                break None;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        match ended {
            Some(status) => {
                assert!(status.success());
                finished += 1;
                assert_eq!(timeless(&out), reference);
                assert!(!working.exists());
            }
            None => kills += 1,
        }
        if out.exists() {
            Snapshot::open(&out, Wanted::All).unwrap_or_else(|error| panic!("half a snapshot: {error:?}"));
        }
    }
    println!("{kills} kills, {finished} ends, {resumed} resumed");
    assert!(
        collect(if out.exists() { "--into" } else { "--out" }, &["--resume"]).status().unwrap().success()
    );
    assert_eq!(timeless(&out), reference);
    assert!(resumed > 10, "{resumed}");
}
