//! Shares, times between two moments, and rhythms, up to their very edges.

use serde_json::json;

use super::Outcome::{Fail, NotApplicable, Pass, Unknown};
use super::*;

const TICKETS: &str = "registers.tickets";

/// A share of tickets of tier 1, so many good and bad.
fn share(bounds: &str, good: usize, bad: usize) -> Finding {
    let check = format!(
        "share: {{ among: '$.registers.tickets[*]', where: '@.tier == 1', {bounds} }}\nempty: not-applicable"
    );
    let of = [times(good, &json!({ "tier": 1 })), times(bad, &json!({ "tier": 2 }))].concat();
    Bench::new(&check).with(TICKETS, tickets(&of)).judge()
}

#[test]
fn bounds_of_a_share_are_exact() {
    for (bounds, table) in [
        (
            "min: 0.95",
            vec![
                (19, 1, Pass),
                (18, 1, Fail),
                (95, 5, Pass),
                (949, 51, Fail),
                (950, 50, Pass),
                (1, 0, Pass),
                (0, 1, Fail),
            ],
        ),
        ("max: 0.05", vec![(1, 19, Pass), (1, 18, Fail), (0, 9, Pass), (1, 0, Fail)]),
        ("min: 0.333333", vec![(1, 2, Pass)]),
        ("min: 0.333334", vec![(1, 2, Fail)]),
        ("min: 0.7", vec![(7, 3, Pass)]),
        ("min: 0.1, max: 0.3", vec![(1, 9, Pass), (3, 7, Pass), (4, 6, Fail), (0, 10, Fail)]),
        ("min: 1", vec![(1, 0, Pass), (999, 1, Fail)]),
        ("max: 0", vec![(0, 1, Pass), (1, 999, Fail)]),
    ] {
        for (good, bad, expected) in table {
            let found = share(bounds, good, bad);
            assert_eq!(found.outcome, expected, "{good} good, {bad} bad, {bounds}: {}", found.reason);
        }
    }
}

#[test]
fn the_rest_is_the_evidence_of_a_share() {
    let low = share("min: 0.9", 1, 2);
    assert_eq!((low.reason.as_str(), low.evidence.total), ("1 of 3 (33.3 %), at least 90 % needed", 2));
    assert_eq!(low.evidence.shown[0].actual.as_deref(), Some("2"), "the value that decided");
    let high = share("max: 0.1", 1, 2);
    assert_eq!((high.reason.as_str(), high.evidence.total), ("1 of 3 (33.3 %), at most 10 % allowed", 1));
}

#[test]
fn too_few_decide_nothing() {
    let table = [(0, 0, NotApplicable), (1, 0, Unknown), (0, 4, Unknown), (5, 0, Pass), (0, 5, Fail)];
    for (good, bad, expected) in table {
        assert_eq!(share("min: 0.5, population: 5", good, bad).outcome, expected, "{good} and {bad}");
    }
    assert_eq!(share("min: 0.5, population: 5", 1, 1).remedy, Some(Remedy::Attest));
}

#[test]
fn a_share_of_a_part_is_unknown_whatever_it_shows() {
    for (tier, bound) in [(1, "min: 0.5"), (2, "min: 0.5"), (1, "max: 0.5")] {
        let check = format!(
            "share: {{ among: '$.registers.tickets[*]', where: '@.tier == 1', {bound} }}\nempty: fail"
        );
        let record = json!({ "state": "partial", "reason": "page 2" });
        let of = tickets(&times(3, &json!({ "tier": tier })));
        let bench = Bench::new(&check).recorded(TICKETS, record, of);
        assert_eq!(bench.outcome(), Unknown, "{tier} {bound}");
    }
}

#[test]
fn bounds_of_a_share_may_be_parameters() {
    let check = "share: { among: '$.registers.tickets[*]', where: '@.tier == 1', min: '${params.rate}' }\nempty: fail";
    let of = tickets(&[times(19, &json!({ "tier": 1 })), times(1, &json!({ "tier": 2 }))].concat());
    for (rate, expected) in [(None, Pass), (Some(0.95), Pass), (Some(0.950001), Fail), (Some(0.1), Pass)] {
        let bench = Bench::new(check).with(TICKETS, of.clone());
        let bench = match rate {
            Some(rate) => bench.param("rate", json!(rate)),
            None => bench,
        };
        assert_eq!(bench.outcome(), expected, "{rate:?}");
    }
}

/// One ticket, to be solved within three days; evidence is of the 30th of June.
fn in_time(ticket: Value) -> Outcome {
    let check = "share: { among: '$.registers.tickets[*]', min: 1, \
                 elapsed: { from: '@.openedAt', to: '@.resolvedAt', max: P3D } }\nempty: not-applicable";
    Bench::new(check).with(TICKETS, tickets(&[ticket])).outcome()
}

#[test]
fn time_between_two_moments() {
    let opened = |at: &str, resolved: Value| json!({ "openedAt": at, "resolvedAt": resolved });
    for (ticket, expected, why) in [
        (opened("2026-06-01T00:00:00Z", json!("2026-06-03T00:00:00Z")), Pass, "in time"),
        (opened("2026-06-01T00:00:00Z", json!("2026-06-04T00:00:00Z")), Pass, "at the last moment"),
        (opened("2026-06-01T00:00:00Z", json!("2026-06-04T00:00:01Z")), Fail, "a second late"),
        (
            opened("2026-06-01T02:00:00+02:00", json!("2026-06-04T00:00:00Z")),
            Pass,
            "zones are compared as moments",
        ),
        (opened("2026-06-01", json!("2026-06-04")), Pass, "dates are their first moment"),
        (opened("2026-06-26T23:59:59Z", Value::Null), Fail, "no end yet, and late"),
        (opened("2026-06-27T00:00:00Z", Value::Null), NotApplicable, "no end yet, due just now"),
        (opened("2026-06-29T00:00:00Z", Value::Null), NotApplicable, "no end yet, not due"),
        (json!({ "openedAt": "2026-06-29T00:00:00Z" }), NotApplicable, "an absent end is none"),
        (opened("2026-06-29T00:00:00Z", json!("")), NotApplicable, "nor is an empty one an end"),
        (opened("2026-06-01T00:00:00Z", json!("soon")), Fail, "an end that is no time is none"),
        (json!({ "resolvedAt": "2026-06-01T00:00:00Z" }), Fail, "without a start nothing is proven"),
        (json!({ "openedAt": null, "resolvedAt": "2026-06-01T00:00:00Z" }), Fail, "null is no start"),
    ] {
        assert_eq!(in_time(ticket), expected, "{why}");
    }
}

#[test]
fn what_is_not_due_is_not_counted() {
    let check = "share: { among: '$.registers.tickets[*]', min: 1, \
                 elapsed: { from: '@.openedAt', to: '@.resolvedAt', max: '${params.days}' } }\nempty: fail";
    let of = tickets(&[
        json!({ "openedAt": "2026-06-01T00:00:00Z", "resolvedAt": "2026-06-02T00:00:00Z" }),
        json!({ "openedAt": "2026-06-29T00:00:00Z" }),
    ]);
    let bench = || Bench::new(check).with(TICKETS, of.clone());
    let found = bench().judge();
    assert_eq!((found.outcome, found.reason.as_str()), (Pass, "1 of 1 (100 %)"));
    assert_eq!(bench().param("days", json!("PT12H")).judge().reason, "0 of 2 (0 %), at least 100 % needed");
}

#[test]
fn good_and_in_time_are_both_asked() {
    let check = "share: { among: '$.registers.tickets[*]', where: '@.tier == 1', min: 1, \
                 elapsed: { from: '@.openedAt', to: '@.resolvedAt', max: P3D } }\nempty: fail";
    let quick = |tier: i64| json!({ "tier": tier, "openedAt": "2026-06-01T00:00:00Z", "resolvedAt": "2026-06-02T00:00:00Z" });
    assert_eq!(Bench::new(check).with(TICKETS, tickets(&[quick(1)])).outcome(), Pass);
    assert_eq!(Bench::new(check).with(TICKETS, tickets(&[quick(2)])).outcome(), Fail);
}

/// Meetings on these days of June.
fn meetings(days: &[&str]) -> Value {
    let of = |(n, day): (usize, &&str)| json!({ "id": format!("m{n}"), "heldAt": format!("2026-06-{day}Z") });
    days.iter().enumerate().map(of).collect()
}

fn cadence(rule: &str, days: &[&str]) -> Finding {
    let check = format!("cadence: {{ of: '$.registers.meetings[*]', at: '@.heldAt', {rule} }}");
    Bench::new(&check).with("registers.meetings", meetings(days)).judge()
}

#[test]
fn periods_are_cut_from_the_end_of_the_window() {
    // Four weeks back from the 30th: from the 2nd on, cut on the 9th, 16th and 23rd.
    for (days, min, expected) in [
        (vec!["03T10:00:00", "10T10:00:00", "17T10:00:00", "24T10:00:00"], 4, Pass),
        (vec!["03T10:00:00", "10T10:00:00", "24T10:00:00"], 4, Fail),
        (vec!["03T10:00:00", "10T10:00:00", "24T10:00:00"], 3, Pass),
        (vec!["24T10:00:00", "25T10:00:00", "26T10:00:00", "27T10:00:00"], 2, Fail),
        (vec!["23T00:00:00", "30T00:00:00"], 2, Pass),
        (vec!["23T00:00:00", "22T23:59:59"], 2, Fail),
        (vec!["23T00:00:01", "23T00:00:00"], 2, Pass),
        (vec![], 1, Fail),
        (vec!["01T23:59:59"], 1, Fail),
        (vec!["02T00:00:01"], 1, Pass),
    ] {
        let found = cadence(&format!("every: P7D, for: P28D, min: {min}"), &days);
        assert_eq!(found.outcome, expected, "{days:?}, {min}: {}", found.reason);
    }
    assert_eq!(
        cadence("every: P7D, for: P28D", &["24T10:00:00"]).outcome,
        Fail,
        "all are needed without `min`"
    );
}

#[test]
fn events_of_the_future_and_of_before_the_window_do_not_count() {
    let found = cadence("every: P7D, for: P7D", &["30T00:00:01"]);
    assert_eq!((found.outcome, found.evidence.total), (Fail, 0), "{}", found.reason);
    assert_eq!(cadence("every: P7D, for: P7D", &["22T23:59:59"]).outcome, Fail);
    assert_eq!(cadence("every: P7D, for: P7D", &["30T00:00:00"]).outcome, Pass);
}

#[test]
fn gaps_are_measured_with_the_ends_of_the_window() {
    for (days, expected) in [
        (vec!["09T00:00:00", "16T00:00:00", "23T00:00:00"], Pass),
        (vec!["09T00:00:01", "16T00:00:00", "23T00:00:00"], Fail),
        (vec!["09T00:00:00", "16T00:00:00", "22T23:59:59"], Fail),
        (vec!["09T00:00:00", "23T00:00:00"], Fail),
        (vec![], Fail),
    ] {
        let found = cadence("max_gap: P7D, for: P28D", &days);
        assert_eq!(found.outcome, expected, "{days:?}: {}", found.reason);
    }
}

#[test]
fn an_event_without_a_moment_is_none() {
    let check = "cadence: { of: '$.registers.meetings[*]', at: '@.heldAt', every: P7D, for: P7D }";
    for held in
        [json!({}), json!({ "heldAt": null }), json!({ "heldAt": "" }), json!({ "heldAt": "Tuesday" })]
    {
        let mut meeting = held.clone();
        meeting["id"] = json!("m");
        assert_eq!(Bench::new(check).with("registers.meetings", json!([meeting])).outcome(), Fail, "{held}");
    }
}

/// A log that does not reach back over the window: a rhythm seen in it holds, a missing one may only be unseen.
#[test]
fn a_rhythm_in_a_part_of_the_window() {
    let check = "cadence: { of: '$.registers.meetings[*]', at: '@.heldAt', every: P7D, for: P28D, min: 2 }";
    let judge = |record: Value, days: &[&str]| {
        Bench::new(check).recorded("registers.meetings", record, meetings(days)).outcome()
    };
    let short = || json!({ "state": "read", "from": "2026-06-10T00:00:00Z" });
    let long = || json!({ "state": "read", "from": "2026-06-02T00:00:00Z" });
    let partial = || json!({ "state": "partial", "reason": "page 2" });
    for (record, none, one, two) in
        [(short(), Unknown, Unknown, Pass), (long(), Fail, Fail, Pass), (partial(), Unknown, Unknown, Pass)]
    {
        assert_eq!(judge(record.clone(), &[]), none, "{record}");
        assert_eq!(judge(record.clone(), &["24T10:00:00"]), one, "{record}");
        assert_eq!(judge(record.clone(), &["24T10:00:00", "17T10:00:00"]), two, "{record}");
    }
}
