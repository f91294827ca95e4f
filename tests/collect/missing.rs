//! Nothing passes by accident: what is missing never looks like what is empty.

use levelmark::collect::order::CollectError;
use levelmark::collect::store::StoreError;
use levelmark::snapshot::record::{SectionRecord, State};

use crate::asking::{Asking, Brought, items, open, permitted};
use crate::fake_graph::FakeGraph;
use crate::fake_graph::faults::{After, Fault, Trouble};
use crate::fake_graph::refusals::Refusal;
use crate::fake_graph::settings::Settings;
use crate::fake_graph::tenant::Tenant;

/// A section of the made-up tenant under some trouble, and its items.
async fn under(fault: Fault, id: &str) -> (SectionRecord, usize) {
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), Settings { faults: vec![fault], ..permitted() })
        .await
        .unwrap();
    let asking = Asking::of(&fake).only(&[id, "tenant.organization"]);
    asking.collect().await.unwrap();
    let snapshot = open(&asking.out());
    (snapshot.record(id).unwrap().clone(), items(&snapshot, id).len())
}

fn gone() -> Trouble {
    Trouble::Refuse(Refusal::NoObject("x".into()))
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_whose_owners_are_not_found_are_still_groups() {
    let (record, count) = under(Fault::on("/owners", gone()).always(), "groups.groups").await;
    assert_eq!((record.state, count), (State::Read, 14));
    assert!(record.without.contains_key("owners"), "{record:?}");
    // A group that itself is gone by now is none, and spoils nothing.
    let group = "/groups/0d030bc2-0ccc-5d98-ad87-ec7108527c3d";
    let (record, count) = under(Fault::on(group, gone()).always(), "groups.groups").await;
    assert_eq!((record.state, count), (State::Read, 13), "{record:?}");
    assert!(record.without.is_empty(), "{record:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_are_all_not_found_are_no_empty_list() {
    let (record, count) =
        under(Fault::on("/synchronization/jobs", gone()).always(), "applications.provisioningJobs").await;
    assert_eq!((record.state, count), (State::Unavailable, 0), "{record:?}");
    let unknown = Trouble::Refuse(Refusal::Other(404, "UnknownError".into(), String::new()));
    let (record, _) =
        under(Fault::on("/synchronization/jobs", unknown).always(), "applications.provisioningJobs").await;
    assert_eq!(record.state, State::Unavailable, "{record:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_object_is_no_list_of_owners() {
    let odd = Trouble::Body(br#"{"status": "ok"}"#.to_vec());
    let (record, _) = under(Fault::on("/owners", odd).always(), "groups.groups").await;
    assert!(record.without.contains_key("owners"), "{record:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_of_a_server_ends_the_program() {
    for after in [After::Seconds(u64::MAX), After::Seconds(0), After::Date(u64::from(u32::MAX))] {
        let (record, _) =
            under(Fault::on("/domains", Trouble::Throttle(after)).always(), "tenant.domains").await;
        assert_eq!(record.state, State::Failed, "{record:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_that_does_not_know_us_is_not_the_end() {
    let fault = Fault::on("/admin/sharepoint/settings", Trouble::Refuse(Refusal::InvalidToken)).always();
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), Settings { faults: vec![fault], ..permitted() })
        .await
        .unwrap();
    let collected =
        Asking::of(&fake).only(&["content.sharepoint", "tenant.domains"]).collect().await.unwrap();
    assert_eq!(collected.manifest.sections["content.sharepoint"].state, State::Failed);
    assert_eq!(collected.manifest.sections["tenant.domains"].state, State::Read);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_refused_does_not_take_the_rest_along() {
    let fault = Fault::on("signInActivity", Trouble::Refuse(Refusal::NonPremium)).always();
    let (record, count) = under(fault, "users.accounts").await;
    assert_eq!((record.state, count), (State::Read, 59), "{record:?}");
    assert!(record.without["signInActivity"].contains("AuditLog.Read.All"), "{record:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_does_not_go_on() {
    let hang = Fault::on("/domains", Trouble::Throttle(After::Seconds(600))).times(1);
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), Settings { faults: vec![hang], ..permitted() })
        .await
        .unwrap();
    let mut asking = Asking::of(&fake).only(&["tenant.domains", "tenant.organization"]);
    asking.order.setup.tempo.speed = 100.0;
    let given_up = tokio::time::timeout(std::time::Duration::from_secs(2), asking.collect()).await;
    assert!(given_up.is_err());
    asking.order.manners.resume = true;
    asking.order.setup.tokens = std::sync::Arc::new(Brought(fake.delegated_token()));
    let error = asking.collect().await.unwrap_err();
    assert!(matches!(error, CollectError::Store(StoreError::Another { .. })), "{error}");
    assert!(error.to_string().contains("somebody else"), "{error}");
}
