//! What was not seen is not gone.

use serde_json::{Value, json};

use super::super::{Comparison, Extent, Options, Outcome, compare};
use super::{NAKED, USUAL, snapshot, with};
use crate::snapshot::record::{SectionRecord, State};

const USERS: &str = "users.accounts";

fn of(state: State) -> SectionRecord {
    SectionRecord::of(state)
}

#[test]
fn a_section_that_is_not_seen_any_more_is_not_removed() {
    let read = snapshot(&[(USERS, of(State::Read), json!([{ "id": "a" }]))]);
    for state in [State::Denied, State::Unlicensed, State::Unavailable, State::Failed, State::NotAsked] {
        let unseen = snapshot(&[(USERS, of(state), Value::Null)]);
        let drift = compare(&read, &unseen, &NAKED);
        assert_eq!(drift.sections[0].comparison, Comparison::NoLongerCollected, "{state:?}");
        assert_eq!((drift.sections[0].changes.len(), drift.outcome()), (0, Outcome::Undetermined));
        let back = compare(&unseen, &read, &NAKED);
        assert_eq!(back.sections[0].comparison, Comparison::NewlyCollected);
        assert_eq!(back.outcome(), Outcome::NothingCompared);
        assert_eq!(compare(&unseen, &unseen, &NAKED).sections[0].comparison, Comparison::NeverCollected);
    }
    assert_eq!(compare(&read, &snapshot(&[]), &NAKED).outcome(), Outcome::Undetermined);
    let empty = snapshot(&[(USERS, of(State::Read), json!([]))]);
    assert_eq!(compare(&read, &empty, &NAKED).counts().removed, 1, "empty is not denied");
}

#[test]
fn a_section_read_in_part_proves_no_absence() {
    let (one, two) = (json!([{ "id": "a" }]), json!([{ "id": "a" }, { "id": "b", "mail": "b@c" }]));
    let told = |old_state, old, new_state, new| with(USERS, of(old_state), old, of(new_state), new, &USUAL);
    assert_eq!(told(State::Read, &two, State::Partial, &one), ["NotSeen b "]);
    assert_eq!(told(State::Partial, &one, State::Read, &two), ["NewlySeen b "]);
    assert_eq!(told(State::Partial, &two, State::Read, &one), ["Removed b "]);
    assert_eq!(told(State::Read, &one, State::Partial, &two), ["Added b "]);
    let (old, new) =
        (snapshot(&[(USERS, of(State::Read), two)]), snapshot(&[(USERS, of(State::Partial), one)]));
    assert_eq!(compare(&old, &new, &USUAL).outcome(), Outcome::Undetermined);
}

#[test]
fn a_property_that_nobody_asked_for_is_not_removed() {
    let whole = json!([{ "id": "a", "mail": "a@c", "department": "x" }, { "id": "b", "mail": "b@c" }]);
    let bare = json!([{ "id": "a", "department": "y" }, { "id": "b" }]);
    let without =
        SectionRecord { without: [("mail".to_owned(), "denied".to_owned())].into(), ..of(State::Read) };
    let chosen = SectionRecord { fields: Some(vec!["id".into(), "department".into()]), ..of(State::Read) };
    for record in [without, chosen] {
        let old = snapshot(&[(USERS, of(State::Read), whole.clone())]);
        let new = snapshot(&[(USERS, record.clone(), bare.clone())]);
        let drift = compare(&old, &new, &USUAL);
        assert_eq!(super::lines(&drift), ["Changed a /department \"x\" -> \"y\""]);
        let field = &drift.sections[0].fields["mail"];
        assert_eq!((field.lost, field.items), (true, 2));
        assert_eq!(field.reason.as_deref(), record.without.get("mail").map(String::as_str));
        let back = compare(&new, &old, &USUAL);
        assert!(!back.sections[0].fields["mail"].lost);
    }
    // Where both ask for the same, what is not there is not there.
    let told = with(USERS, of(State::Read), &whole, of(State::Read), &bare, &USUAL);
    assert_eq!(told.len(), 3, "{told:?}");
}

fn blind(name: &str) -> SectionRecord {
    SectionRecord { without: [(name.to_owned(), "denied".to_owned())].into(), ..of(State::Read) }
}

/// A difference that is none by some rule; that it can't be seen any more is another matter.
#[test]
fn no_rule_covers_that_a_property_is_not_collected() {
    let own = super::config(
        "drift:\n  ignore: [{ section: '*', reason: x }, { section: users.accounts, path: /mail, reason: x }]\n",
    );
    let all = Options { rules: &own.drift, ..USUAL };
    for name in ["signInActivity", "mail"] {
        let old = snapshot(&[(USERS, of(State::Read), json!([{ "id": "a", name: "x" }]))]);
        let new = snapshot(&[(USERS, blind(name), json!([{ "id": "a" }]))]);
        for options in [&all, &USUAL, &NAKED] {
            let drift = compare(&old, &new, options);
            assert_eq!((drift.outcome(), drift.counts().suppressed), (Outcome::Undetermined, 0), "{name}");
            assert!(drift.sections[0].fields[name].lost);
        }
    }
    // How an answer was delivered is no property.
    let old = snapshot(&[(USERS, of(State::Read), json!([{ "id": "a", "@odata.etag": "x" }]))]);
    let chosen = SectionRecord { fields: Some(vec!["id".into()]), ..of(State::Read) };
    let new = snapshot(&[(USERS, chosen, json!([{ "id": "a" }]))]);
    assert!(!compare(&old, &new, &USUAL).sections[0].fields.contains_key("@odata.etag"));
}

#[test]
fn the_same_items_read_in_part_are_not_the_same() {
    let items = json!([{ "id": "a" }, { "id": "b" }]);
    let told = |old: SectionRecord, new: SectionRecord, digest: Option<&str>| {
        let with = |record| SectionRecord { sha256: digest.map(str::to_owned), ..record };
        let old = snapshot(&[(USERS, with(old), items.clone())]);
        let new = snapshot(&[(USERS, with(new), items.clone())]);
        let drift = compare(&old, &new, &USUAL);
        (drift.sections[0].extent(), drift.outcome())
    };
    for digest in [None, Some("e0c44d4eca74e0d274e4064584afa4cb07bafe23a6e9485328e765d9747e3c22")] {
        let part = told(of(State::Read), of(State::Partial), digest);
        assert_eq!(part, (Extent::NowInPart, Outcome::Undetermined), "{digest:?}");
        let back = told(of(State::Partial), of(State::Read), digest);
        assert_eq!(back, (Extent::NowWhole, Outcome::Same));
        assert_eq!(told(of(State::Partial), of(State::Partial), digest), (Extent::Alike, Outcome::Same));
    }
}

#[test]
fn a_property_is_lost_where_its_values_stay_and_where_it_never_had_any() {
    let chosen = |names: &[&str]| {
        let fields = names.iter().map(|name| (*name).to_owned()).collect();
        SectionRecord { fields: Some(fields), ..of(State::Read) }
    };
    let with = json!([{ "id": "a", "mail": "a@c" }, { "id": "b", "mail": null }]);
    let none = json!([{ "id": "a" }, { "id": "b" }]);
    for (old, new, items, name, count) in [
        (of(State::Read), blind("mail"), &with, "mail", 2),
        (of(State::Read), blind("mail"), &none, "mail", 0),
        (chosen(&["id", "mail"]), chosen(&["id"]), &with, "mail", 2),
        (chosen(&["id", "mail"]), chosen(&["id"]), &none, "mail", 0),
        // All that there is was asked for, and then less than the catalogue names.
        (of(State::Read), chosen(&["id"]), &none, "department", 0),
    ] {
        let (old, new) = (snapshot(&[(USERS, old, items.clone())]), snapshot(&[(USERS, new, items.clone())]));
        let drift = compare(&old, &new, &USUAL);
        let field = &drift.sections[0].fields[name];
        assert_eq!((field.lost, field.items), (true, count), "{name}");
        assert_eq!(drift.outcome(), Outcome::Undetermined);
        let back = compare(&new, &old, &USUAL);
        assert!(!back.sections[0].fields[name].lost);
        assert_eq!(back.outcome(), Outcome::Same);
    }
    let same = (snapshot(&[(USERS, blind("mail"), none.clone())]), snapshot(&[(USERS, blind("mail"), none)]));
    assert!(compare(&same.0, &same.1, &USUAL).sections[0].fields.is_empty());
}

#[test]
fn entries_of_a_log_come_and_age() {
    let entry =
        |id: &str, at: &str, result: &str| json!({ "id": id, "activityDateTime": at, "result": result });
    let old = json!([
        entry("1", "2026-10-01T00:00:00Z", "success"),
        entry("2", "2026-10-20T00:00:00Z", "success"),
        entry("3", "2026-10-21T00:00:00Z", "success")
    ]);
    let new =
        json!([entry("3", "2026-10-21T00:00:00Z", "failure"), entry("4", "2026-11-01T00:00:00Z", "success")]);
    let id = "logs.directoryAudits";
    let windowed = SectionRecord { from: Some("2026-10-10T00:00:00Z".parse().unwrap()), ..of(State::Read) };
    let usual = with(id, of(State::Read), &old, windowed.clone(), &new, &USUAL);
    // What was in the window and is gone, and what was altered, is no activity.
    assert_eq!(usual, ["Changed 3 /result \"success\" -> \"failure\"", "Removed 2 "]);
    let naked = with(id, of(State::Read), &old, windowed, &new, &NAKED);
    assert_eq!(naked, [usual[0].as_str(), "Added 4 ", "AgedOut 1 ", "Removed 2 "]);
    // Without a window the oldest entry tells how far back the log goes.
    let usual = with(id, of(State::Read), &old, of(State::Read), &new, &USUAL);
    assert_eq!(usual, ["Changed 3 /result \"success\" -> \"failure\""]);
}
