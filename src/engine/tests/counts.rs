//! `forbid` and `require`: bounds, different values, sums, and what is left of them when a section
//! was read only in part.

use serde_json::json;

use super::Outcome::{Fail, Pass, Unknown};
use super::*;

const TICKETS: &str = "registers.tickets";

/// Open and closed tickets.
fn states(open: usize, closed: usize) -> Value {
    let of = |n, state: &str| times(n, &json!({ "state": state }));
    tickets(&[of(open, "open"), of(closed, "closed")].concat())
}

const FORBID: &str = "forbid: \"$.registers.tickets[?@.state == 'open']\"\nempty: pass";

fn require(count: &str) -> String {
    let empty = if count.contains("min") || count.is_empty() { "" } else { "\nempty: fail" };
    let count = if count.is_empty() { String::new() } else { format!("\ncount: {count}") };
    format!("require: \"$.registers.tickets[?@.state == 'open']\"{count}{empty}")
}

#[test]
fn each_match_of_what_is_forbidden_is_evidence() {
    let found = Bench::new(FORBID).with(TICKETS, states(2, 1)).judge();
    assert_eq!((found.outcome, found.evidence.total), (Fail, 2));
    let keys: Vec<Option<&str>> = found.evidence.shown.iter().map(|place| place.key.as_deref()).collect();
    assert_eq!(keys, [Some("k0"), Some("k1")]);
    assert_eq!(found.evidence.shown[0].pointer, "/0/state", "the value that decided");
    assert_eq!(found.evidence.shown[0].actual.as_deref(), Some("\"open\""));
    let held = Bench::new(FORBID).with(TICKETS, states(0, 3)).judge();
    assert_eq!((held.outcome, held.basis, held.evidence.total), (Pass, Some(Basis::Measured), 0));
}

#[test]
fn all_evidence_is_counted_and_the_first_is_shown() {
    let found = Bench::new(FORBID).with(TICKETS, states(7, 0)).max_evidence(3).judge();
    assert_eq!((found.evidence.total, found.evidence.shown.len()), (7, 3));
}

#[test]
fn bounds_include_their_ends() {
    for (count, table) in [
        ("", vec![(0, Fail), (1, Pass), (9, Pass)]),
        ("{ min: 2 }", vec![(0, Fail), (1, Fail), (2, Pass), (3, Pass)]),
        ("{ max: 2 }", vec![(0, Pass), (2, Pass), (3, Fail)]),
        ("{ max: 0 }", vec![(0, Pass), (1, Fail)]),
        ("{ min: 1, max: 2 }", vec![(0, Fail), (1, Pass), (2, Pass), (3, Fail)]),
    ] {
        for (open, expected) in table {
            let found = Bench::new(&require(count)).with(TICKETS, states(open, 1)).judge();
            assert_eq!(found.outcome, expected, "{open} with {count}: {}", found.reason);
        }
    }
}

#[test]
fn bounds_may_be_parameters() {
    let check = require("{ min: '${params.least}' }");
    let bench = || Bench::new(&check).with(TICKETS, states(2, 0));
    assert_eq!(bench().param("least", json!(2)).outcome(), Pass);
    assert_eq!(bench().param("least", json!(3)).outcome(), Fail);
    let undeclared = bench().judge();
    assert_eq!((undeclared.outcome, undeclared.remedy), (Unknown, Some(Remedy::Declare)));
    assert_eq!(undeclared.reason, "parameter `least` is not declared");
}

#[test]
fn different_values_are_counted_once_whatever_their_case() {
    let of = |services: &[Value]| {
        let of: Vec<Value> = services.iter().map(|service| json!({ "service": service })).collect();
        Bench::new("require: '$.registers.tickets[*]'\ncount: { min: 2, distinct: '@.service' }")
            .with(TICKETS, tickets(&of))
    };
    assert_eq!(of(&[json!("a"), json!("a"), json!("A")]).outcome(), Fail);
    assert_eq!(of(&[json!("a"), json!("b")]).outcome(), Pass);
    let absent = Bench::new("require: '$.registers.tickets[*]'\ncount: { min: 2, distinct: '@.service' }");
    assert_eq!(absent.with(TICKETS, tickets(&[json!({}), json!({ "service": "a" })])).outcome(), Fail);
}

#[test]
fn nothing_is_not_a_value_of_its_own() {
    for nothing in [Value::Null, json!("")] {
        let of = tickets(&[json!({ "service": nothing }), json!({ "service": "a" })]);
        let bench = Bench::new("require: '$.registers.tickets[*]'\ncount: { min: 2, distinct: '@.service' }");
        assert_eq!(bench.with(TICKETS, of).outcome(), Fail, "{nothing}");
    }
}

#[test]
fn sums_are_exact() {
    let of = |hours: &[Value], count: &str| {
        let of: Vec<Value> = hours.iter().map(|hours| json!({ "hours": hours })).collect();
        let empty = if count.contains("min") { "" } else { "\nempty: pass" };
        let check = format!("require: '$.registers.tickets[*]'\ncount: {{ {count}, sum: '@.hours' }}{empty}");
        Bench::new(&check).with(TICKETS, tickets(&of)).outcome()
    };
    assert_eq!(of(&[json!(1), json!(2)], "min: 3"), Pass);
    assert_eq!(of(&[json!(1), json!(1)], "min: 3"), Fail);
    assert_eq!(of(&times(10, &json!(0.1)), "min: 1"), Pass, "ten tenths are one");
    assert_eq!(of(&times(10, &json!(0.1)), "max: 1"), Pass);
    assert_eq!(of(&times(9, &json!(0.1)), "min: 1"), Fail);
    assert_eq!(of(&[json!(1.5), json!(1.5)], "max: 3"), Pass);
    assert_eq!(of(&[json!(1.5), json!(1.6)], "max: 3"), Fail);
    assert_eq!(of(&[], "max: 3"), Pass, "by `empty`");
}

#[test]
fn an_amount_that_is_missing_is_not_nought() {
    for hours in [json!({}), json!({ "hours": null }), json!({ "hours": "3" }), json!({ "hours": -1 })] {
        let bench = Bench::new("require: '$.registers.tickets[*]'\ncount: { min: 3, sum: '@.hours' }");
        let found = bench.with(TICKETS, tickets(&[hours.clone(), json!({ "hours": 5 })])).judge();
        assert_eq!(
            (found.outcome, found.remedy),
            (Unknown, Some(Remedy::Collect)),
            "{hours}: {}",
            found.reason
        );
    }
}

/// A section read in part: what it shows counts, what it does not show proves nothing.
#[test]
fn a_part_proves_what_it_shows() {
    let partial = |check: &str, open: usize| {
        let record = json!({ "state": "partial", "reason": "page 2 is missing" });
        Bench::new(check).recorded(TICKETS, record, states(open, 2)).judge()
    };
    for (check, table) in [
        (FORBID.to_owned(), vec![(0, Unknown), (1, Fail)]),
        (require("{ min: 2 }"), vec![(0, Unknown), (1, Unknown), (2, Pass)]),
        (require("{ max: 2 }"), vec![(0, Unknown), (2, Unknown), (3, Fail)]),
        (require("{ min: 1, max: 2 }"), vec![(0, Unknown), (1, Unknown), (3, Fail)]),
    ] {
        for (open, expected) in table {
            let found = partial(&check, open);
            assert_eq!(found.outcome, expected, "{open} with {check}: {}", found.reason);
            if expected == Unknown {
                assert_eq!(
                    found.reason,
                    "section registers.tickets was read only in part (page 2 is missing)"
                );
                assert_eq!(found.remedy, Some(Remedy::Collect));
            }
        }
    }
}

#[test]
fn none_where_some_are_needed_shows_the_section() {
    let found = Bench::new(&require("")).with(TICKETS, states(0, 2)).judge();
    assert_eq!((found.outcome, found.reason.as_str()), (Fail, "0 of 2 items found, at least 1 needed"));
    let place = &found.evidence.shown[0];
    assert_eq!((place.section.as_str(), place.pointer.as_str(), place.line), (TICKETS, "", 1));
    assert_eq!(place.expected.as_deref(), Some("at least 1 that match"));
}
