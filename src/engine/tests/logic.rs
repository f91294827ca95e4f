//! `either`, `all` and `when`: three-valued, and what does not apply takes no part.

use serde_json::json;

use super::Outcome::{Fail, NotApplicable, Pass, Unknown};
use super::*;

const OUTCOMES: [Outcome; 4] = [Pass, Fail, Unknown, NotApplicable];

/// An assertion that comes out like this; needs [`evidence`].
fn part(outcome: Outcome) -> &'static str {
    match outcome {
        Pass => "{ require: \"$.registers.tickets[?@.tier == 1]\" }",
        Fail => "{ require: \"$.registers.tickets[?@.tier == 9]\" }",
        Unknown => "{ require: '$.roles.assignments[*]' }",
        NotApplicable => "{ forbid: \"$.registers.meetings[?@.series == 'x']\" }",
        Outcome::Error => unreachable!("no part is written to break"),
    }
}

/// `empty` belongs to the check, and must stand where a part forbids.
fn judge(kind: &str, at_least: Option<u32>, parts: &[Outcome]) -> Finding {
    let list: Vec<&str> = parts.iter().map(|outcome| part(*outcome)).collect();
    let mut check = format!("{kind}: [{}]", list.join(", "));
    if let Some(at_least) = at_least {
        check += &format!("\nat_least: {at_least}");
    }
    let holds_when_empty = match kind {
        "all" => parts.iter().all(|part| *part == NotApplicable),
        _ => parts.iter().filter(|part| **part == NotApplicable).count() >= at_least.unwrap_or(1) as usize,
    };
    let with_empty = Bench::new(&format!("{check}\nempty: not-applicable"));
    let bench =
        if holds_when_empty || parts.contains(&NotApplicable) { with_empty } else { Bench::new(&check) };
    bench
        .with("registers.tickets", tickets(&[json!({ "tier": 1 })]))
        .with("registers.meetings", json!([]))
        .judge()
}

#[test]
fn all_in_every_combination_of_two() {
    for a in OUTCOMES {
        for b in OUTCOMES {
            let expected = match (a, b) {
                (Fail, _) | (_, Fail) => Fail,
                (Unknown, _) | (_, Unknown) => Unknown,
                (Pass, _) | (_, Pass) => Pass,
                _ => NotApplicable,
            };
            assert_eq!(judge("all", None, &[a, b]).outcome, expected, "{a:?} and {b:?}");
        }
    }
}

#[test]
fn either_in_every_combination_of_two() {
    for a in OUTCOMES {
        for b in OUTCOMES {
            let expected = match (a, b) {
                (Pass, _) | (_, Pass) => Pass,
                (Unknown, _) | (_, Unknown) => Unknown,
                (Fail, _) | (_, Fail) => Fail,
                _ => NotApplicable,
            };
            assert_eq!(judge("either", None, &[a, b]).outcome, expected, "{a:?} or {b:?}");
        }
    }
}

/// Two of three: what does not apply is neither counted nor needed.
#[test]
fn two_of_three_in_every_combination() {
    for a in OUTCOMES {
        for b in OUTCOMES {
            for c in OUTCOMES {
                let count = |outcome| [a, b, c].iter().filter(|part| **part == outcome).count();
                let needed = 2.min(3 - count(NotApplicable));
                let expected = match (count(Pass), count(Unknown)) {
                    _ if needed == 0 => NotApplicable,
                    (passed, _) if passed >= needed => Pass,
                    (passed, open) if passed + open >= needed => Unknown,
                    _ => Fail,
                };
                let found = judge("either", Some(2), &[a, b, c]);
                assert_eq!(found.outcome, expected, "{a:?}, {b:?}, {c:?}: {}", found.reason);
            }
        }
    }
}

/// However an unknown part comes out later, it can't contradict what was said before.
#[test]
fn what_is_decided_stays_decided() {
    for kind in ["either", "all"] {
        for (a, b) in OUTCOMES.into_iter().flat_map(|a| OUTCOMES.map(|b| (a, b))) {
            let before = judge(kind, None, &[a, b, Unknown]).outcome;
            let after = [Pass, Fail, NotApplicable].map(|c| judge(kind, None, &[a, b, c]).outcome);
            if before != Unknown {
                assert_eq!(after, [before; 3], "{kind} of {a:?}, {b:?}");
            }
        }
    }
}

#[test]
fn parts_may_have_parts() {
    let check = "all:\n  - either: [{ require: \"$.registers.tickets[?@.tier == 9]\" }, { require: \"$.registers.tickets[?@.tier == 1]\" }]\n  - require: '$.registers.tickets[*]'";
    assert_eq!(Bench::new(check).with("registers.tickets", tickets(&[json!({ "tier": 1 })])).outcome(), Pass);
    assert_eq!(Bench::new(check).with("registers.tickets", tickets(&[json!({ "tier": 2 })])).outcome(), Fail);
}

#[test]
fn the_parts_that_came_out_like_the_whole_speak_for_it() {
    let found = judge("all", None, &[Pass, Fail, Unknown]);
    assert_eq!(found.reason, "0 of 1 item found, at least 1 needed");
    let found = judge("all", None, &[Pass, Unknown]);
    assert!(found.reason.starts_with("section roles.assignments is not in the snapshot"), "{}", found.reason);
    assert_eq!(found.remedy, Some(Remedy::Collect));
}

#[test]
fn a_guard_that_matches_nothing_leaves_the_check_out() {
    let check = "when: \"$.registers.tickets[?@.tier == 1]\"\nrequire: '$.registers.meetings[*]'";
    let meetings = || json!([{ "id": "m" }]);
    let tier = |tier: i64| tickets(&[json!({ "tier": tier })]);
    let partial = || json!({ "state": "partial", "reason": "page 2" });
    let bench = |tickets: Value| Bench::new(check).with("registers.tickets", tickets);
    assert_eq!(bench(tier(1)).with("registers.meetings", meetings()).outcome(), Pass);
    assert_eq!(bench(tier(1)).with("registers.meetings", json!([])).outcome(), Fail);
    assert_eq!(bench(tier(1)).outcome(), Unknown, "guard holds, section missing");
    assert_eq!(bench(tier(2)).with("registers.meetings", json!([])).outcome(), NotApplicable);
    assert_eq!(bench(tier(2)).outcome(), NotApplicable, "what the assertion reads does not matter then");
    assert_eq!(bench(json!([])).with("registers.meetings", meetings()).outcome(), NotApplicable);
    for state in [State::Denied, State::Unlicensed, State::Unavailable, State::Failed, State::NotAsked] {
        let bench = Bench::new(check).lost("registers.tickets", state).with("registers.meetings", meetings());
        assert_eq!(bench.outcome(), Unknown, "an unknown guard: {state:?}");
    }
    let in_part = |tickets: Value| Bench::new(check).recorded("registers.tickets", partial(), tickets);
    assert_eq!(in_part(tier(1)).with("registers.meetings", meetings()).outcome(), Pass, "seen in part");
    assert_eq!(
        in_part(tier(2)).with("registers.meetings", meetings()).outcome(),
        Unknown,
        "may be in the rest"
    );
}
