//! Accepted deviations: what exactly each covers, and what became of it.

use serde_json::json;

use super::Outcome::{Fail, Pass, Unknown};
use super::WaiverState::{Exceeded, Expired, Unused, Used};
use super::*;

const FORBID: &str = "forbid: \"$.registers.tickets[?@.state == 'open']\"\nempty: pass";

fn open(check: &str, n: usize) -> Bench {
    Bench::new(check).with("registers.tickets", tickets(&times(n, &json!({ "state": "open" }))))
}

/// State of the waiver, and whether the finding is covered.
fn became(bench: Bench) -> (WaiverState, bool) {
    (bench.waived()[0], bench.judge().waived.is_some())
}

#[test]
fn a_waiver_covers_what_it_names_and_nothing_beyond() {
    for (accepts, n, expected) in [
        ("{ keys: [k0, k1] }", 2, Used),
        ("{ keys: [k0, K1, k7] }", 2, Used),
        ("{ keys: [k0] }", 2, Exceeded),
        ("{ count: 2 }", 2, Used),
        ("{ count: 3 }", 2, Used),
        ("{ count: 2 }", 3, Exceeded),
        ("{ share: { at_least: 0.5 } }", 2, Exceeded),
        ("{ answer: no }", 2, Exceeded),
        ("{ keys: [k0] }", 0, Unused),
        ("{ count: 9 }", 0, Unused),
    ] {
        let found = open(FORBID, n).waiver(accepts, "");
        assert_eq!(found.outcome(), if n == 0 { Pass } else { Fail }, "it hides nothing");
        assert_eq!(became(found), (expected, expected == Used), "{accepts} of {n}");
    }
}

#[test]
fn keys_are_counted_beyond_what_is_shown() {
    let bench = open(FORBID, 3).max_evidence(1).waiver("{ keys: [k0] }", "");
    assert_eq!(became(bench), (Exceeded, false));
}

#[test]
fn a_waiver_counts_from_its_day_until_it_expires() {
    for (today, expected) in
        [("2026-05-31", Expired), ("2026-06-01", Used), ("2026-11-30", Used), ("2026-12-01", Expired)]
    {
        let bench = open(FORBID, 1).waiver("{ count: 1 }", "").today(today);
        assert_eq!(became(bench), (expected, expected == Used), "{today}");
    }
}

#[test]
fn a_share_is_accepted_down_or_up_to_a_limit() {
    let check = |bound: &str| {
        format!("share: {{ among: '$.registers.tickets[*]', where: '@.tier == 1', {bound} }}\nempty: fail")
    };
    let bench = |bound: &str, good: usize| {
        let of = [times(good, &json!({ "tier": 1 })), times(10 - good, &json!({ "tier": 2 }))].concat();
        Bench::new(&check(bound)).with("registers.tickets", tickets(&of))
    };
    for (bound, good, accepts, expected) in [
        ("min: 0.9", 8, "{ share: { at_least: 0.8 } }", Used),
        ("min: 0.9", 7, "{ share: { at_least: 0.8 } }", Exceeded),
        ("min: 0.9", 9, "{ share: { at_least: 0.8 } }", Unused),
        ("max: 0.1", 2, "{ share: { at_most: 0.2 } }", Used),
        ("max: 0.1", 3, "{ share: { at_most: 0.2 } }", Exceeded),
        ("min: 0.9", 8, "{ keys: [k8, k9] }", Used),
        ("min: 0.9", 8, "{ keys: [k8] }", Exceeded),
        ("min: 0.9", 8, "{ count: 2 }", Used),
        ("min: 0.9", 8, "{ answer: no }", Exceeded),
    ] {
        assert_eq!(became(bench(bound, good).waiver(accepts, "")).0, expected, "{bound} {good} {accepts}");
    }
}

#[test]
fn an_answer_is_accepted_as_what_it_is() {
    for (answer, accepts, expected) in [
        ("no", "{ answer: no }", Used),
        ("partly", "{ answer: no }", Used),
        ("partly", "{ answer: partly }", Used),
        ("no", "{ answer: partly }", Exceeded),
        ("yes", "{ answer: no }", Unused),
        ("no", "{ count: 5 }", Exceeded),
        ("no", "{ keys: [k0] }", Exceeded),
    ] {
        let bench = Bench::new("attest: Is it so?").answer(&format!("answer: {answer}, on: 2026-06-01"));
        assert_eq!(became(bench.waiver(accepts, "")).0, expected, "{answer} {accepts}");
    }
    assert_eq!(
        became(Bench::new("attest: Is it so?").waiver("{ answer: no }", "")).0,
        Unused,
        "not answered"
    );
}

/// What is measured to be wrong is not what a person said, even where it shows no place.
#[test]
fn an_accepted_answer_covers_no_measured_fail() {
    let none = "cadence: { of: '$.registers.tickets[*]', at: '@.openedAt', max_gap: P7D, for: P28D }";
    assert_eq!(
        became(open(none, 0).waiver("{ answer: no }", "")),
        (Exceeded, false),
        "nothing ever happened"
    );
    let empty = "forbid: \"$.registers.tickets[?@.state == 'open']\"\nempty: fail";
    assert_eq!(became(open(empty, 0).waiver("{ answer: no }", "")), (Exceeded, false), "nothing to look at");
    let licence = "require: '$.roles.eligibilities[*]'\nunlicensed: fail";
    let bench = Bench::new(licence).lost("roles.eligibilities", State::Unlicensed);
    assert_eq!(became(bench.waiver("{ answer: no }", "")), (Exceeded, false), "no licence");
}

/// A proxy that a person denies fails by the answer, though it shows the activity.
#[test]
fn an_answer_to_a_proxy_is_an_answer() {
    let check = "require: '$.registers.tickets[*]'\nstrength: proxy\nask: Really?";
    let bench = || open(check, 1).answer("answer: no, on: 2026-06-01");
    assert_eq!(became(bench().waiver("{ answer: no }", "")), (Used, true));
    assert_eq!(became(bench().waiver("{ count: 1 }", "")), (Exceeded, false));
}

/// Of several parts that fail, each has to be accepted.
#[test]
fn every_part_that_fails_must_be_covered() {
    let check =
        "all: [{ forbid: \"$.registers.tickets[?@.state == 'open']\" }, { attest: Is it so? }]\nempty: pass";
    let bench = |answer: &str| open(check, 1).answer(&format!("answer: {answer}, on: 2026-06-01"));
    assert_eq!(became(bench("yes").waiver("{ keys: [k0] }", "")), (Used, true));
    assert_eq!(
        became(bench("no").waiver("{ keys: [k0] }", "")),
        (Exceeded, false),
        "the answer is not accepted"
    );
    assert_eq!(
        became(bench("no").waiver("{ answer: no }", "")),
        (Exceeded, false),
        "the ticket is not accepted"
    );
    let shares = "all: [{ share: { among: '$.registers.tickets[*]', where: '@.tier == 1', min: 0.9 } }, \
                  { forbid: \"$.registers.tickets[?@.state == 'open']\" }]\nempty: pass";
    assert_eq!(became(open(shares, 2).waiver("{ share: { at_least: 0.0 } }", "")), (Exceeded, false));
}

/// What was seen of a part is accepted; what was not seen can't be.
#[test]
fn an_accepted_part_leaves_the_rest_open() {
    let record = json!({ "state": "partial", "reason": "page 2" });
    let of = tickets(&[json!({ "state": "open" })]);
    for accepts in ["{ keys: [k0] }", "{ count: 1 }"] {
        let bench = Bench::new(FORBID).recorded("registers.tickets", record.clone(), of.clone());
        let found = bench.waiver(accepts, "").judge();
        assert_eq!((found.outcome, found.incomplete), (Fail, true), "{accepts}");
        assert!(found.waived.is_some());
    }
    let whole = open(FORBID, 1).waiver("{ count: 1 }", "").judge();
    assert!(!whole.incomplete);
}

/// What a covered fail is worth, strictly and for the gate; waivers by whether they compensate.
#[test]
fn a_covered_part_decides_nothing_in_the_verdict() {
    use crate::verdict::units::{Reading, Value, own_value};
    let record = json!({ "state": "partial", "reason": "page 2" });
    let of = tickets(&[json!({ "state": "open" })]);
    let part = Bench::new(FORBID).recorded("registers.tickets", record, of).waiver("{ count: 1 }", "");
    for (bench, compensates, strict, gate) in [
        (&part, false, Value::False, Value::Undecided),
        (&part, true, Value::Undecided, Value::Undecided),
        (&open(FORBID, 1).waiver("{ count: 1 }", ""), false, Value::False, Value::True),
        (&open(FORBID, 1).waiver("{ count: 1 }", ""), true, Value::True, Value::True),
        (&open(FORBID, 2).waiver("{ count: 1 }", ""), true, Value::False, Value::False),
    ] {
        let (policies, found) = (bench.policies(), bench.judge());
        let value = |reading| own_value(&found, &policies.policies[0].checks[0], reading, &[compensates]);
        assert_eq!((value(Reading::Strict), value(Reading::Gate)), (strict, gate), "{found:?}");
    }
}

#[test]
fn of_several_waivers_one_is_enough() {
    let bench = open(FORBID, 2).waiver("{ keys: [k0] }", "").waiver("{ count: 2 }", "");
    assert_eq!(bench.waived(), [Exceeded, Used]);
    assert_eq!(bench.judge().waived, Some(1));
}

#[test]
fn a_waiver_covers_no_unknown() {
    let bench = Bench::new(FORBID).waiver("{ count: 9 }", "");
    assert_eq!((bench.outcome(), became(bench)), (Unknown, (Unused, false)));
}
