//! A server that means harm: the token stays with Graph, nothing grows without bound, nothing is written
//! outside of the output.

use std::path::Path;
use std::time::Duration;

use levelmark::snapshot::record::State;

use crate::asking::{Asking, items, open};
use crate::contoso::permitted;
use crate::fake_graph::FakeGraph;
use crate::fake_graph::faults::{Fault, Link, Trouble, hostile_ids};
use crate::fake_graph::settings::Settings;
use crate::fake_graph::tenant::Tenant;

const PATH: &str = "/groupSettings";
const SECTION: &str = "groups.settings";

/// What harm, what becomes of the section, and a word of the reason.
fn harms() -> Vec<(Trouble, State, &'static str)> {
    use State::{Failed, Partial, Read};
    vec![
        (Trouble::Next(Link::OtherHost), Failed, "another host"),
        (Trouble::Next(Link::OtherScheme), Failed, "fetched over"),
        (Trouble::Next(Link::OtherVersion), Failed, "outside of the API"),
        (Trouble::Next(Link::UserInfo), Failed, "host"),
        (Trouble::Next(Link::Itself), Failed, "circle"),
        (Trouble::Next(Link::Verbatim("http://[::1".into())), Failed, "no readable address"),
        (Trouble::Next(Link::Verbatim("x".repeat(100_000))), Failed, "too long"),
        (Trouble::Huge(36 << 20), Failed, "too large"),
        (Trouble::GzipBomb(4 << 30), Failed, "too large"),
        (Trouble::Deep(100_000), Failed, "recursion limit"),
        (Trouble::DuplicateKeys, Failed, "occurs twice"),
        (Trouble::InvalidUtf8, Failed, "not UTF-8"),
        (Trouble::Html, Failed, "not usable"),
        (Trouble::Empty, Failed, "empty"),
        (Trouble::NullValue, Failed, "holds no list"),
        (Trouble::NotObjects, Failed, "no object"),
        (Trouble::Redirect(None), Failed, "redirect"),
        (Trouble::Cut, Failed, "broke"),
        (Trouble::Reset, Failed, "connection"),
        (Trouble::Slow(1, Duration::from_millis(100)), Failed, "in time"),
        (Trouble::WrongType, Read, ""),
        (Trouble::WithoutId, Read, ""),
        (Trouble::SameIdTwice, Read, ""),
        (Trouble::Ids(hostile_ids()), Read, ""),
        (Trouble::Body(b"[1, 2]".to_vec()), Failed, "no object"),
        (
            Trouble::Body(b"{\"value\": [{\"id\": \"1\"}], \"@odata.nextLink\": 7}".to_vec()),
            Failed,
            "no address",
        ),
        (Trouble::Endless, Partial, "no end"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_harm_is_a_state_and_the_token_stays() {
    for (trouble, state, word) in harms() {
        let told = format!("{trouble:?}").chars().take(60).collect::<String>();
        let settings = Settings { faults: vec![Fault::on(PATH, trouble).always()], ..permitted() };
        let fake = FakeGraph::start(Tenant::contoso().unwrap(), settings).await.unwrap();
        let mut asking = Asking::of(&fake).only(&[SECTION, "tenant.domains"]);
        if told.starts_with("Slow") {
            asking.order.setup.silence = Duration::from_millis(200);
        }
        let collected = asking.collect().await.unwrap_or_else(|error| panic!("{told}: {error}"));
        let record = &collected.manifest.sections[SECTION];
        assert_eq!(record.state, state, "{told}: {record:?}");
        let reason = record.reason.as_deref().unwrap_or_default();
        assert!(reason.contains(word), "{told}: {reason}");
        assert!(reason.len() < 500 && !reason.chars().any(char::is_control), "{told}: {reason}");
        assert_eq!(collected.manifest.sections["tenant.domains"].state, State::Read, "{told}");
        // A reader takes what was written.
        open(&asking.out());
        assert_eq!(fake.sums().leaks, 0, "{told}");
        let written: Vec<_> = walk(asking.folder.path());
        assert!(written.iter().all(|path| path.ends_with(".json")), "{told}: {written:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_a_tenant_lead_nowhere() {
    let trouble = Fault::on("*/groups?*", Trouble::Ids(hostile_ids())).always();
    let settings = Settings { faults: vec![trouble], ..permitted() };
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), settings).await.unwrap();
    let asking = Asking::of(&fake).only(&["groups.groups", "roles.groupEligibilities"]);
    let collected = asking.collect().await.unwrap();
    // Owners could not be asked for: the property is gone everywhere, and the record says why.
    let record = &collected.manifest.sections["groups.groups"];
    assert!(record.without.contains_key("owners"), "{record:?}");
    assert!(items(&open(&asking.out()), "groups.groups").iter().all(|group| group.get("owners").is_none()));
    for seen in fake.seen() {
        let path = &seen.path;
        assert!(!path.contains("..") && !path.contains("passwd"), "{path}");
    }
    assert_eq!(fake.sums().leaks, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_fetched_without_the_token() {
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), permitted()).await.unwrap();
    let asking = Asking::of(&fake).only(&["content.storageUsage", "usage.activeUsers"]);
    let collected = asking.collect().await.unwrap();
    assert_eq!(collected.manifest.sections["content.storageUsage"].items, Some(60));
    let elsewhere: Vec<_> =
        fake.seen().into_iter().filter(|seen| seen.door == crate::fake_graph::log::Door::Elsewhere).collect();
    assert!(elsewhere.len() >= 2);
    assert!(elsewhere.iter().all(|seen| !seen.authorized && !seen.headers.contains_key("authorization")));
}

/// All files below a folder, relative to it.
fn walk(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(walk(&entry.path()).into_iter().map(|inner| format!("{name}/{inner}")));
        } else {
            found.push(name);
        }
    }
    found
}
