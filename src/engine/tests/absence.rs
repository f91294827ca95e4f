//! Nothing there: absent, null, empty, denied and their kin are all different, and none of them
//! passes by accident.

use serde_json::{Value, json};

use super::Outcome::{Fail, NotApplicable, Pass, Unknown};
use super::*;

const OPEN: &str = "registers.tickets";

#[test]
fn absent_null_empty_and_a_value_are_four_cases() {
    // What a field holds; outcomes of: present, equal to null, equal to '', equal to [].
    let table = [
        (json!({}), [Fail, Fail, Fail, Fail]),
        (json!({ "subject": null }), [Pass, Pass, Fail, Fail]),
        (json!({ "subject": "" }), [Pass, Fail, Pass, Fail]),
        (json!({ "subject": "x" }), [Pass, Fail, Fail, Fail]),
    ];
    for (item, expected) in table {
        let filters = ["@.subject", "@.subject == null", "@.subject == ''", "@.subject == 'none'"];
        for (filter, expected) in filters.into_iter().zip(expected) {
            let bench = Bench::new(&format!("require: \"$.registers.tickets[?{filter}]\""));
            let outcome = bench.with(OPEN, tickets(std::slice::from_ref(&item))).outcome();
            assert_eq!(outcome, expected, "{filter} of {item}");
        }
    }
}

#[test]
fn an_empty_list_is_neither_absent_nor_null() {
    let table = [
        (json!({ "id": "m", "attendees": [] }), "@.attendees", Pass),
        (json!({ "id": "m", "attendees": [] }), "@.attendees == null", Fail),
        (json!({ "id": "m", "attendees": [] }), "length(@.attendees) == 0", Pass),
        (json!({ "id": "m", "attendees": null }), "length(@.attendees) == 0", Fail),
        (json!({ "id": "m", "attendees": null }), "@.attendees == null", Pass),
        (json!({ "id": "m" }), "length(@.attendees) == 0", Fail),
        (json!({ "id": "m" }), "@.attendees == null", Fail),
    ];
    for (item, filter, expected) in table {
        let bench = Bench::new(&format!("require: \"$.registers.meetings[?{filter}]\""));
        assert_eq!(bench.with("registers.meetings", json!([item])).outcome(), expected, "{filter} of {item}");
    }
}

#[test]
fn null_empty_and_absent_are_members_of_nothing() {
    for item in [json!({}), json!({ "service": null }), json!({ "service": "" })] {
        let require = |filter: &str| Bench::new(&format!("require: \"$.registers.tickets[?{filter}]\""));
        let judge = |filter: &str| require(filter).with(OPEN, tickets(std::slice::from_ref(&item))).outcome();
        assert_eq!(judge("in(@.service, 'Exchange Online')"), Fail, "{item}");
        assert_eq!(judge("any_of(@.service, 'Exchange Online')"), Fail, "{item}");
        assert_eq!(judge("none_of(@.service, 'Exchange Online')"), Pass, "{item}");
        assert_eq!(judge("subset_of(@.service, 'Exchange Online')"), Pass, "{item}");
    }
}

/// What each state of the section does to each assertion. Empty is not a state: it is read, with
/// nothing in it, and the policy says what that means.
#[test]
fn every_state_of_a_section_by_assertion() {
    let assertions = [
        "forbid: \"$.registers.tickets[?@.state == 'open']\"\nempty: not-applicable",
        "require: \"$.registers.tickets[?@.state == 'open']\"",
        "require: \"$.registers.tickets[?@.state == 'open']\"\ncount: { max: 3 }\nempty: not-applicable",
        "share: { among: '$.registers.tickets[*]', where: \"@.state == 'open'\", min: 0.5 }\nempty: not-applicable",
        "cadence: { of: '$.registers.tickets[*]', at: '@.openedAt', max_gap: P7D, for: P28D }",
        "either: [{ require: \"$.registers.tickets[?@.state == 'open']\" }]",
        "all: [{ require: \"$.registers.tickets[?@.state == 'open']\" }]",
    ];
    let states = [
        (State::Denied, Remedy::Collect),
        (State::Unlicensed, Remedy::Attest),
        (State::Unavailable, Remedy::Attest),
        (State::Failed, Remedy::Collect),
        (State::NotAsked, Remedy::Collect),
    ];
    for check in assertions {
        for (state, remedy) in states {
            let found = Bench::new(check).lost(OPEN, state).judge();
            assert_eq!((found.outcome, found.remedy), (Unknown, Some(remedy)), "{state:?}: {check}");
            assert!(found.reason.contains(OPEN), "{check}: {}", found.reason);
        }
        let not_listed = Bench::new(check).judge();
        assert_eq!((not_listed.outcome, not_listed.remedy), (Unknown, Some(Remedy::Collect)), "{check}");
    }
    let empty = [NotApplicable, Fail, NotApplicable, NotApplicable, Fail, Fail, Fail];
    for (check, expected) in assertions.into_iter().zip(empty) {
        assert_eq!(Bench::new(check).with(OPEN, json!([])).outcome(), expected, "empty: {check}");
    }
}

#[test]
fn states_are_told_apart_in_words() {
    let require = Bench::new("require: '$.registers.tickets[*]'");
    let record = |state: &str, more: Value| {
        let mut record = json!({ "state": state });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record
    };
    for (state, more, expected) in [
        ("denied", json!({ "needs": "Tickets.Read.All" }), "was denied (Tickets.Read.All)"),
        (
            "unlicensed",
            json!({ "needs": "Entra ID P2" }),
            "needs a licence that the tenant lacks (Entra ID P2)",
        ),
        (
            "unavailable",
            json!({ "reason": "not in GCC" }),
            "is not available in this tenant or cloud (not in GCC)",
        ),
        ("failed", json!({ "reason": "throttled" }), "could not be collected (throttled)"),
        ("not-asked", json!({}), "is not in the snapshot"),
    ] {
        let bench = Bench { sections: BTreeMap::new(), ..Bench::new("require: '$.registers.tickets[*]'") };
        let found = bench.recorded(OPEN, record(state, more), Value::Null).judge();
        assert!(found.reason.starts_with(&format!("section {OPEN} {expected}")), "{state}: {}", found.reason);
    }
    assert_eq!(require.with(OPEN, json!([])).outcome(), Fail, "read and empty is no gap");
}

#[test]
fn the_policy_says_what_empty_means() {
    for (empty, expected) in
        [("pass", Pass), ("fail", Fail), ("not-applicable", NotApplicable), ("unknown", Unknown)]
    {
        for check in [
            "forbid: \"$.registers.tickets[?@.state == 'open']\"",
            "require: \"$.registers.tickets[?@.state == 'open']\"\ncount: { max: 0 }",
            "share: { among: \"$.registers.tickets[?@.state == 'open']\", where: \"@.tier == 1\", max: 0.5 }",
        ] {
            let bench = Bench::new(&format!("{check}\nempty: {empty}"));
            let found = bench.with(OPEN, json!([])).judge();
            assert_eq!(found.outcome, expected, "{check}: {}", found.reason);
            assert_eq!(
                found.remedy,
                match expected {
                    Fail => Some(Remedy::Fix),
                    Unknown => Some(Remedy::Attest),
                    Pass | NotApplicable | Outcome::Error => None,
                }
            );
        }
    }
    // The population is the path before its last filter: closed tickets are something to look at.
    let forbid = "forbid: \"$.registers.tickets[?@.state == 'open']\"\nempty: fail";
    assert_eq!(Bench::new(forbid).with(OPEN, tickets(&[json!({ "state": "closed" })])).outcome(), Pass);
    // Of a share it is what `among` selects.
    let share = "share: { among: \"$.registers.tickets[?@.state == 'open']\", where: '@.tier == 1', max: 0.5 }\nempty: fail";
    assert_eq!(Bench::new(share).with(OPEN, tickets(&[json!({ "state": "closed" })])).outcome(), Fail);
}

#[test]
fn what_needs_no_licence_says_so_in_the_policy() {
    for (word, expected) in [("unknown", Unknown), ("fail", Fail), ("not-applicable", NotApplicable)] {
        let check = format!("require: '$.roles.eligibilities[*]'\nunlicensed: {word}");
        assert_eq!(Bench::new(&check).lost("roles.eligibilities", State::Unlicensed).outcome(), expected);
        // No other gap is mistaken for a missing licence.
        for state in [State::Denied, State::Failed, State::Unavailable, State::NotAsked] {
            assert_eq!(Bench::new(&check).lost("roles.eligibilities", state).outcome(), Unknown, "{state:?}");
        }
        let two = format!(
            "all: [{{ require: '$.roles.eligibilities[*]' }}, {{ require: '$.roles.assignments[*]' }}]\nunlicensed: {word}"
        );
        let bench = Bench::new(&two).lost("roles.eligibilities", State::Unlicensed);
        assert_eq!(
            bench.lost("roles.assignments", State::Denied).outcome(),
            Unknown,
            "{word}: one is denied"
        );
    }
}
