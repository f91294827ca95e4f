//! Approvals from night to night: what is accepted stays accepted while it stays as it is, whatever moves around it.

use serde_json::{Value, json};

use super::*;
use crate::config::approvals::{Accepted, Approval, Pin};
use crate::config::drift::DriftRule;
use crate::diff::approval::{Subjects, apply};
use crate::diff::{Change, Standing};

const POLICIES: &str = "conditionalAccess.policies";
const APPS: &str = "applications.registrations";

/// The approvals of everything that differs.
fn approve(drift: &Drift<'_>) -> Vec<Approval> {
    let mut approvals = Vec::new();
    for section in &drift.sections {
        let subjects = Subjects::of(section, &drift.rules).unwrap();
        for change in section.changes.iter().filter(|change| change.is_drift()) {
            approvals.push(Approval {
                subject: subjects.subject(change).unwrap(),
                value: subjects.pin(change).unwrap(),
                shown: None,
                reason: "agreed".to_owned(),
                by: "Ada L <ada@contoso.com>".to_owned(),
                on: "2026-11-02T00:00:00Z".parse().unwrap(),
                line: 0,
            });
        }
    }
    approvals
}

/// A section over nights: a baseline, the night that is approved whole, and what the approvals say of a later one.
struct Story<'r> {
    id: &'static str,
    old: Snapshot,
    approvals: Vec<Approval>,
    options: Options<'r>,
}

impl<'r> Story<'r> {
    fn of(id: &'static str, old: Value, new: Value) -> Self {
        Self::by(USUAL, id, (old, new))
    }

    fn with_rules(rules: &'r [DriftRule], old: Value, new: Value) -> Self {
        Self::by(Options { rules, ..USUAL }, POLICIES, (old, new))
    }

    fn by(options: Options<'r>, id: &'static str, (old, new): (Value, Value)) -> Self {
        let of = |items: Value| snapshot(&[(id, SectionRecord::of(State::Read), items)]);
        let (old, new) = (of(old), of(new));
        let approvals = approve(&compare(&old, &new, &options));
        assert!(!approvals.is_empty());
        Self { id, old, approvals, options }
    }

    /// Approved, with another value, open; and how many approvals match nothing any more.
    fn later(&self, items: Value) -> [usize; 4] {
        self.with(SectionRecord::of(State::Read), items)
    }

    fn with(&self, record: SectionRecord, items: Value) -> [usize; 4] {
        let new = snapshot(&[(self.id, record, items)]);
        let mut drift = compare(&self.old, &new, &self.options);
        let unused = apply(&mut drift, &self.approvals).len();
        let of = |wanted: fn(&Standing) -> bool| {
            let changes = drift.sections.iter().flat_map(|section| &section.changes);
            changes.filter(|change: &&Change<'_>| wanted(&change.standing)).count()
        };
        let approved = of(|standing| matches!(standing, Standing::Approved(_)));
        assert_eq!(drift.counts().approved, approved as u64);
        let otherwise = of(|standing| matches!(standing, Standing::Otherwise(_)));
        [approved, otherwise, of(|standing| *standing == Standing::Open), unused]
    }

    fn pointers(&self) -> Vec<&str> {
        self.approvals.iter().map(|approval| approval.subject.pointer.as_str()).collect()
    }
}

#[test]
fn a_value_is_pinned_and_a_further_change_is_drift() {
    let policy = |state: &str| json!([{ "id": "P1", "state": state }, { "id": "p2" }]);
    let story = Story::of(POLICIES, policy("enabled"), policy("disabled"));
    assert_eq!(story.approvals[0].subject.change, Accepted::Changed);
    assert_eq!(story.later(policy("disabled")), [1, 0, 0, 0]);
    assert_eq!(story.later(policy("enabledForReportingButNotEnforced")), [0, 1, 0, 0]);
    assert_eq!(story.later(policy("enabled")), [0, 0, 0, 1], "back to what it was: nothing to cover");
    assert_eq!(story.later(json!([{ "id": "P1" }, { "id": "p2" }])), [0, 1, 0, 0], "gone is another value");
    assert_eq!(story.later(json!([{ "id": "p2" }])), [0, 0, 1, 1], "the item is gone: nobody accepted that");
}

#[test]
fn of_one_difference_the_last_approval_counts() {
    let policy = |state: &str| json!([{ "id": "p1", "state": state }]);
    let mut story = Story::of(POLICIES, policy("enabled"), policy("disabled"));
    story.approvals.extend(Story::of(POLICIES, policy("enabled"), policy("other")).approvals);
    assert_eq!(story.later(policy("other")), [1, 0, 0, 0], "the replaced one is history");
    assert_eq!(story.later(policy("disabled")), [0, 1, 0, 0]);
    assert_eq!(story.later(policy("enabled")), [0, 0, 0, 1]);
}

#[test]
fn what_means_the_same_is_the_same() {
    let guid = "ABCDEF00-0000-4000-8000-000000000001";
    let users = |users: Value| json!([{ "id": "p1", "conditions": { "users": { "excludeUsers": users } } }]);
    let story = Story::of(POLICIES, users(json!([])), users(json!(["a", guid, "b"])));
    assert_eq!(story.later(users(json!(["b", "a", guid.to_lowercase()]))), [1, 0, 0, 0]);
    assert_eq!(story.later(users(json!(["b", "a", guid, "c"]))), [0, 1, 0, 0]);
    assert_eq!(story.later(users(json!(["b", "a", "a", guid]))), [0, 1, 0, 0], "a list is a multiset");

    let time = |time: &str| json!([{ "id": "p1", "modifiedDateTime": time, "x": { "n": 1 } }]);
    let story = Story::of(POLICIES, time("2026-01-01T00:00:00Z"), time("2026-02-01T12:00:00Z"));
    assert_eq!(story.later(time("2026-02-01T13:00:00.000+01:00")), [1, 0, 0, 0]);
}

fn app(secrets: Value) -> Value {
    json!([{ "id": "a1", "appId": "x", "passwordCredentials": secrets }])
}

fn secret(key: &str, until: &str) -> Value {
    json!({ "keyId": key, "displayName": "same", "endDateTime": until })
}

const K1: &str = "00000000-0000-4000-8000-000000000001";
const K2: &str = "00000000-0000-4000-8000-000000000002";
const K3: &str = "00000000-0000-4000-8000-000000000003";
const SOON: &str = "2026-12-01T00:00:00Z";
const THEN: &str = "2028-12-01T00:00:00Z";
const LATE: &str = "2030-12-01T00:00:00Z";

#[test]
fn elements_are_known_by_their_identity_wherever_they_stand() {
    let (old, new) =
        (app(json!([secret(K1, SOON), secret(K2, SOON)])), app(json!([secret(K1, LATE), secret(K2, SOON)])));
    let story = Story::of(APPS, old, new);
    assert_eq!(story.pointers(), [format!("/passwordCredentials/[keyId={K1}]/endDateTime")]);
    assert_eq!(story.later(app(json!([secret(K2, SOON), secret(K1, LATE)]))), [1, 0, 0, 0], "it moved");
    let more = app(json!([secret(K3, SOON), secret(K2, SOON), secret(K1, LATE)]));
    assert_eq!(story.later(more), [1, 0, 1, 0], "another came before it: the list gained one");
    assert_eq!(story.later(app(json!([secret(K1, SOON), secret(K2, LATE)]))), [0, 0, 1, 1]);
}

#[test]
fn what_a_list_gained_is_one_thing_and_what_changed_in_its_elements_another() {
    let (old, new) = (app(json!([secret(K1, SOON)])), app(json!([secret(K1, SOON), secret(K2, THEN)])));
    let story = Story::of(APPS, old, new);
    assert_eq!(story.pointers(), ["/passwordCredentials"]);
    assert_eq!(story.later(app(json!([secret(K2, THEN), secret(K1, SOON)]))), [1, 0, 0, 0]);
    assert_eq!(
        story.later(app(json!([secret(K1, LATE), secret(K2, THEN)]))),
        [1, 0, 1, 0],
        "the old one changed"
    );
    assert_eq!(
        story.later(app(json!([secret(K1, SOON), secret(K2, LATE)]))),
        [0, 1, 0, 0],
        "the new one changed"
    );
    assert_eq!(story.later(app(json!([secret(K2, THEN)]))), [0, 1, 0, 0], "the old one went");
}

#[test]
fn elements_that_nothing_identifies_are_known_by_their_value() {
    let item = |things: Value| json!([{ "id": "p1", "things": things }]);
    let (a, b) = (json!({ "a": 1, "b": 2, "c": 3 }), json!({ "a": 7, "b": 8, "c": 9 }));
    let changed = json!({ "a": 1, "b": 2, "c": 4 });
    let story = Story::of(POLICIES, item(json!([a, b])), item(json!([changed, b])));
    assert!(story.pointers()[0].starts_with("/things/[sha256:"), "{:?}", story.pointers());
    assert_eq!(story.later(item(json!([b, { "c": 4.0, "b": 2, "a": 1 }]))), [1, 0, 0, 0]);
    assert_eq!(story.later(item(json!([{ "a": 1, "b": 2, "c": 5 }, b]))), [0, 0, 1, 1]);
    // Two of the same name are not told apart by it.
    let twins =
        |x: u32, y: u32| item(json!([{ "name": "n", "a": x, "b": 1 }, { "name": "n", "a": y, "b": 2 }]));
    let story = Story::of(POLICIES, twins(1, 2), twins(1, 3));
    assert!(story.pointers()[0].starts_with("/things/[sha256:"), "{:?}", story.pointers());
    // A property is never taken for an element.
    let odd = |x: u32| json!([{ "id": "p1", "things": { "[id=1]": { "a/b": x } } }]);
    assert_eq!(Story::of(POLICIES, odd(1), odd(2)).pointers(), ["/things/~2id=1]/a~1b"]);
}

#[test]
fn lists_with_an_order_go_by_it() {
    let stages = |stages: Value| json!([{ "id": "r1", "requestApprovalSettings": { "stages": stages } }]);
    let id = "governance.assignmentPolicies";
    let (a, b) = (json!({ "n": "P1D" }), json!({ "n": "P2D" }));
    let story = Story::of(id, stages(json!([a, b])), stages(json!([b, a])));
    assert_eq!(story.approvals[0].subject.change, Accepted::Reordered);
    assert_eq!(story.later(stages(json!([b, a]))), [1, 0, 0, 0]);
    let story = Story::of(id, stages(json!([a, b])), stages(json!([a, { "n": "P3D" }])));
    assert_eq!(story.pointers(), ["/requestApprovalSettings/stages/[1]/n"]);
}

#[test]
fn whole_items_come_without_what_differs_every_day() {
    let device = |name: &str, seen: &str| json!({ "id": "d1", "displayName": name, "approximateLastSignInDateTime": seen, "info": [{ "@odata.etag": seen }] });
    let id = "devices.directory";
    let story = Story::of(id, json!([]), json!([device("PC", SOON)]));
    let approval = &story.approvals[0];
    assert_eq!((approval.subject.key.as_deref(), approval.subject.change), (Some("d1"), Accepted::Added));
    assert_eq!(story.later(json!([device("PC", LATE)])), [1, 0, 0, 0]);
    assert_eq!(story.later(json!([device("Mac", SOON)])), [0, 1, 0, 0]);
    assert_eq!(story.later(json!([])), [0, 0, 0, 1]);

    let story = Story::of(id, json!([device("PC", SOON)]), json!([]));
    assert_eq!(
        (&story.approvals[0].value, story.approvals[0].subject.change),
        (&Pin::Absent, Accepted::Removed)
    );
    assert_eq!(story.later(json!([])), [1, 0, 0, 0]);
    assert_eq!(story.later(json!([device("Mac", SOON)])), [0, 0, 1, 1], "it is back, and another");
}

#[test]
fn twins_are_counted() {
    let twin = json!({ "id": "same", "displayName": "x" });
    let story = Story::of(POLICIES, json!([]), json!([twin, twin]));
    let keys = story.approvals.iter().map(|approval| approval.subject.key.as_deref().unwrap());
    assert!(keys.clone().all(|key| key.starts_with("sha256:")), "{:?}", keys.collect::<Vec<_>>());
    assert_eq!(story.later(json!([twin, twin])), [2, 0, 0, 0]);
    assert_eq!(story.later(json!([twin, twin, twin])), [2, 0, 1, 0], "a third was not accepted");
    let other = json!({ "id": "same", "displayName": "y" });
    assert_eq!(story.later(json!([twin, other])), [1, 0, 1, 1]);
    // Items without a key are no others.
    let story = Story::of(POLICIES, json!([]), json!([{ "displayName": "keyless" }]));
    assert_eq!(story.later(json!([{ "displayName": "keyless" }])), [1, 0, 0, 0]);
}

#[test]
fn nothing_of_a_sensitive_section_stands_in_a_pointer() {
    let plan =
        |x: u32| json!([{ "id": "plan", "things": [{ "name": "Secret", "x": x }, { "id": K1, "x": x }] }]);
    let story = Story::of("planner.plans", plan(1), plan(2));
    let pointers = story.pointers();
    assert!(pointers[0].starts_with("/things/[name=sha256:") && pointers[0].ends_with("]/x"), "{pointers:?}");
    assert_eq!(pointers[1], format!("/things/[id={K1}]/x"));
    assert_eq!(story.later(plan(2)), [2, 0, 0, 0]);
}

#[test]
fn what_was_not_seen_is_neither_approved_nor_unused() {
    let policy = |state: &str| json!([{ "id": "p1", "state": state, "displayName": "P" }]);
    let story = Story::of(POLICIES, policy("enabled"), policy("disabled"));
    for state in [State::Denied, State::Failed, State::NotAsked] {
        assert_eq!(story.with(SectionRecord::of(state), Value::Null), [0, 0, 0, 0], "{state:?}");
    }
    let mut lost = SectionRecord::of(State::Read);
    lost.without.insert("state".into(), "denied".into());
    assert_eq!(story.with(lost, json!([{ "id": "p1", "displayName": "P" }])), [0, 0, 0, 0]);
    let gone = Story::of(POLICIES, policy("enabled"), json!([]));
    assert_eq!(
        gone.with(SectionRecord::of(State::Partial), json!([])),
        [0, 0, 1, 0],
        "it may still be there"
    );
    assert_eq!(gone.with(SectionRecord::of(State::Denied), Value::Null), [0, 0, 0, 0]);
}

#[test]
fn kinds_of_nothing_are_one_as_far_as_a_rule_says() {
    let policy = |conditions: Value| json!([{ "id": "p1", "conditions": conditions }]);
    let types = |types: Value| policy(json!({ "clientAppTypes": types }));
    for (values, of_absent, of_null) in
        [("null, empty", 0, 1), ("absent, empty", 1, 0), ("absent, null, empty", 1, 1)]
    {
        let rule = format!(
            "drift:\n  alike: [{{ section: conditionalAccess.policies, path: /conditions/clientAppTypes, values: [{values}], reason: x }}]\n"
        );
        let rules = config(&rule).drift;
        let story = |old: Value, new: Value| Story::with_rules(&rules, old, new);
        let changed = story(types(json!(["all"])), types(json!([])));
        assert_eq!(changed.later(types(json!([]))), [1, 0, 0, 0], "{values}");
        assert_eq!(changed.later(types(json!(""))), [1, 0, 0, 0], "{values}");
        assert_eq!(changed.later(types(Value::Null))[0], of_null, "{values}: null");
        assert_eq!(changed.later(policy(json!({})))[0], of_absent, "{values}: absent");
        // The same in an item that was accepted whole.
        let added = story(json!([]), types(json!([])));
        assert_eq!(added.later(types(json!(""))), [1, 0, 0, 0], "{values}");
        assert_eq!(added.later(types(Value::Null))[0], of_null, "{values}: null");
        assert_eq!(added.later(policy(json!({})))[0], of_absent, "{values}: absent");
    }
}

#[test]
fn the_only_item_needs_no_key_and_long_names_become_digests() {
    let only = |x: &str| json!([{ "allowInvitesFrom": x }]);
    let id = sections::all().find(|section| section.key.is_empty() && section.inputs.is_empty()).unwrap().id;
    let story = Story::of(id, only("a"), only("b"));
    assert_eq!(story.approvals[0].subject.key, None);
    assert_eq!(story.later(only("b")), [1, 0, 0, 0]);
    let name = "n".repeat(2000);
    let long = |x: u32| json!([{ "id": name, &name: x }]);
    let story = Story::of(POLICIES, long(1), long(2));
    let subject = &story.approvals[0].subject;
    assert!(subject.pointer.len() < 100 && subject.key.as_ref().unwrap().len() < 100, "{subject:?}");
    assert_eq!(story.later(long(2)), [1, 0, 0, 0]);
    // What a file of YAML does not hold as it is.
    for id in ["  ", "a\n"] {
        let odd = |x: u32| json!([{ "id": id, "x\n": x }]);
        let story = Story::of(POLICIES, odd(1), odd(2));
        let subject = &story.approvals[0].subject;
        assert!(subject.key.as_ref().unwrap().starts_with("sha256:"), "{subject:?}");
        assert!(subject.pointer.starts_with("/sha256:"), "{subject:?}");
        assert_eq!(story.later(odd(2)), [1, 0, 0, 0]);
    }
}
