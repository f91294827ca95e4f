//! Human answers: what they may settle, when they count, and what became of each.

use serde_json::json;

use super::AttestationState::{Contradicted, Counts, Expired, NoSuchCheck, NotNeeded, Refused, Superseded};
use super::Outcome::{Fail, NotApplicable, Pass, Unknown};
use super::*;

const ASK: &str = "attest: Is it so?\nvalid_for: P90D";
const MEASURED: &str = "require: \"$.registers.tickets[?@.tier == 1]\"";

fn tier(check: &str, tier: i64) -> Bench {
    Bench::new(check).with("registers.tickets", tickets(&[json!({ "tier": tier })]))
}

#[test]
fn a_question_is_unknown_until_it_is_answered() {
    let found = Bench::new(ASK).judge();
    assert_eq!((found.outcome, found.remedy), (Unknown, Some(Remedy::Attest)));
    assert_eq!(found.reason, "not answered: Is it so?");
    for (answer, expected, partly) in [("yes", Pass, false), ("partly", Fail, true), ("no", Fail, false)] {
        let bench = Bench::new(ASK).answer(&format!("answer: {answer}, on: 2026-06-01"));
        let found = bench.judge();
        assert_eq!((found.outcome, found.partly), (expected, partly), "{answer}");
        assert_eq!(found.basis, (expected == Pass).then_some(Basis::Attested));
        assert_eq!(bench.answered(), [Counts]);
    }
}

#[test]
fn not_applicable_needs_a_reason_and_leave() {
    let answer = "answer: not-applicable, on: 2026-06-01, reason: no mailboxes";
    let refused = Bench::new(ASK).answer(answer);
    assert_eq!((refused.outcome(), refused.answered()), (Unknown, vec![Refused]));
    let allowed = Bench::new(&format!("{ASK}\nmay_not_apply: true")).answer(answer);
    assert_eq!((allowed.outcome(), allowed.answered()), (NotApplicable, vec![Counts]));
}

/// Answer, and the day of judgement; answers count for 90 days.
#[test]
fn an_answer_counts_from_its_day_until_it_expires() {
    for (keys, today, expected, state) in [
        ("answer: yes, on: 2026-06-01", "2026-05-31", Unknown, Expired),
        ("answer: yes, on: 2026-06-01", "2026-06-01", Pass, Counts),
        ("answer: yes, on: 2026-06-01", "2026-08-29", Pass, Counts),
        ("answer: yes, on: 2026-06-01", "2026-08-30", Unknown, Expired),
        ("answer: no, on: 2026-06-01", "2026-08-30", Unknown, Expired),
        ("answer: yes, on: 2026-06-01, expires: 2026-06-10", "2026-06-09", Pass, Counts),
        ("answer: yes, on: 2026-06-01, expires: 2026-06-10", "2026-06-10", Unknown, Expired),
        ("answer: yes, on: 2026-06-01, expires: 2027-06-01", "2026-12-31", Pass, Counts),
    ] {
        let bench = Bench::new(ASK).answer(keys).today(today);
        assert_eq!((bench.outcome(), bench.answered()), (expected, vec![state]), "{keys} on {today}");
    }
}

#[test]
fn the_latest_answer_counts_and_of_one_day_the_later_in_the_file() {
    let bench = Bench::new(ASK).answer("answer: yes, on: 2026-06-02").answer("answer: no, on: 2026-06-01");
    assert_eq!((bench.outcome(), bench.answered()), (Pass, vec![Counts, Superseded]));
    let bench = Bench::new(ASK).answer("answer: yes, on: 2026-06-01").answer("answer: no, on: 2026-06-01");
    assert_eq!((bench.outcome(), bench.answered()), (Fail, vec![Superseded, Counts]));
}

/// An older answer does not come back to life when the newer one has expired.
#[test]
fn what_was_superseded_stays_so() {
    let bench = Bench::new(ASK)
        .answer("answer: yes, on: 2026-05-20")
        .answer("answer: no, on: 2026-05-25, expires: 2026-06-10");
    assert_eq!((bench.outcome(), bench.answered()), (Unknown, vec![Superseded, Expired]));
}

#[test]
fn an_answer_to_nothing_is_reported() {
    let bench = Bench::new(ASK).answer("check: INF-300-1/d, answer: yes, on: 2026-06-01");
    assert_eq!(bench.answered(), [NoSuchCheck]);
}

/// What was measured, the answer, what comes out, and what becomes of the answer.
#[test]
fn answers_settle_the_unknown_and_never_the_seen() {
    let unseen = || Bench::new(MEASURED);
    for (bench, answer, expected, state) in [
        (unseen(), "yes", Pass, Counts),
        (unseen(), "partly", Fail, Counts),
        (unseen(), "no", Fail, Counts),
        (tier(MEASURED, 1), "yes", Pass, NotNeeded),
        (tier(MEASURED, 1), "no", Pass, NotNeeded),
        (tier(MEASURED, 2), "yes", Fail, Contradicted),
        (tier(MEASURED, 2), "partly", Fail, NotNeeded),
        (tier(MEASURED, 2), "no", Fail, NotNeeded),
    ] {
        let bench = bench.answer(&format!("answer: {answer}, on: 2026-06-01"));
        let found = bench.judge();
        assert_eq!((found.outcome, bench.answered()), (expected, vec![state]), "{answer}: {}", found.reason);
    }
    let attested = unseen().answer("answer: yes, on: 2026-06-01").judge();
    assert_eq!(attested.basis, Some(Basis::Attested));
    let measured = tier(MEASURED, 1).answer("answer: yes, on: 2026-06-01").judge();
    assert_eq!(measured.basis, Some(Basis::Measured));
    let wrong = tier(MEASURED, 2).answer("answer: yes, on: 2026-06-01").judge();
    assert_eq!((wrong.remedy, wrong.evidence.total), (Some(Remedy::Fix), 1), "its evidence stays");
}

#[test]
fn some_things_must_be_measured() {
    let check = format!("{MEASURED}\nmeasured_only: true");
    let bench = Bench::new(&check).answer("answer: yes, on: 2026-06-01");
    let found = bench.judge();
    assert_eq!((found.outcome, found.remedy), (Unknown, Some(Remedy::Collect)));
    assert_eq!(bench.answered(), [Refused]);
    // Nor is a person asked where the section can't be had.
    let unlicensed = Bench::new(&check).lost("registers.tickets", State::Unlicensed).judge();
    assert_eq!(unlicensed.remedy, Some(Remedy::Collect));
}

/// A proxy's pass is confirmed by a person; its fail stands.
#[test]
fn a_proxy_suggests_and_a_person_confirms() {
    let check = format!("{MEASURED}\nstrength: proxy\nask: Is it really so?");
    let answered = |bench: Bench, answer: &str| bench.answer(&format!("answer: {answer}, on: 2026-06-01"));
    let alone = tier(&check, 1).judge();
    assert_eq!((alone.outcome, alone.remedy), (Unknown, Some(Remedy::Attest)));
    assert!(alone.reason.ends_with("to be confirmed: Is it really so?"), "{}", alone.reason);
    let confirmed = answered(tier(&check, 1), "yes").judge();
    assert_eq!((confirmed.outcome, confirmed.basis), (Pass, Some(Basis::Attested)));
    assert_eq!(confirmed.evidence.total, 1, "with the activity that suggests it");
    assert_eq!(answered(tier(&check, 1), "no").outcome(), Fail);
    assert_eq!(answered(tier(&check, 1), "partly").outcome(), Fail);
    assert_eq!(tier(&check, 2).outcome(), Fail);
    assert_eq!(answered(tier(&check, 2), "yes").outcome(), Fail);
    assert_eq!(answered(tier(&check, 2), "yes").answered(), [Contradicted]);
    assert_eq!(Bench::new(&check).outcome(), Unknown);
    assert_eq!(answered(Bench::new(&check), "yes").outcome(), Pass, "an unknown may be answered");
}

/// A question as one of several ways.
#[test]
fn a_question_beside_a_measurement() {
    let either = "either: [{ require: \"$.registers.tickets[?@.tier == 1]\" }, { attest: Is it so? }]";
    let all = "all: [{ require: \"$.registers.tickets[?@.tier == 1]\" }, { attest: Is it so? }]";
    for (check, good, answer, expected, state) in [
        (either, 1, None, Pass, None),
        (either, 2, None, Unknown, None),
        (either, 2, Some("yes"), Pass, Some(Counts)),
        (either, 2, Some("no"), Fail, Some(Counts)),
        (either, 1, Some("no"), Pass, Some(NotNeeded)),
        (all, 1, None, Unknown, None),
        (all, 1, Some("yes"), Pass, Some(Counts)),
        (all, 2, None, Fail, None),
        (all, 2, Some("yes"), Fail, Some(NotNeeded)),
    ] {
        let mut bench = tier(check, good);
        if let Some(answer) = answer {
            bench = bench.answer(&format!("answer: {answer}, on: 2026-06-01"));
        }
        let state: Vec<AttestationState> = state.into_iter().collect();
        assert_eq!((bench.outcome(), bench.answered()), (expected, state), "{check} {good} {answer:?}");
    }
}

#[test]
fn the_weakest_basis_is_named() {
    let all = "all: [{ require: '$.registers.tickets[*]' }, { attest: Is it so? }]";
    assert_eq!(tier(all, 1).answer("answer: yes, on: 2026-06-01").judge().basis, Some(Basis::Attested));
    let of = |via: &str| {
        let record = json!({ "state": "read", "via": via });
        let bench = Bench::new("require: '$.registers.tickets[*]'");
        bench.recorded("registers.tickets", record, tickets(&[json!({})])).judge().basis
    };
    assert_eq!(of("graph"), Some(Basis::Measured));
    assert_eq!([of("export"), of("portal"), of("import")], [Some(Basis::Imported); 3]);
    assert_eq!(of("declared"), Some(Basis::Declared));
}

#[test]
fn the_same_check_is_evaluated_and_answered_once() {
    let bench = Bench::new(ASK).and("d", "same_as: INF-300-1/c").answer("answer: yes, on: 2026-06-01");
    let outcomes: Vec<Outcome> = bench.evaluate().findings.iter().map(|finding| finding.outcome).collect();
    assert_eq!((outcomes, bench.answered()), (vec![Pass, Pass], vec![Counts]));
}

#[test]
fn the_author_is_looked_up_among_the_users() {
    let of = |users: Value, mail: &str| {
        let bench = Bench::new(ASK).domain("contoso.com").with("users.accounts", users);
        let bench = bench.answer(&format!("answer: yes, on: 2026-06-01, by: \"Ada <{mail}>\""));
        let (state, note) = bench.evaluate().answers.remove(0);
        assert_eq!((bench.outcome(), state), (Pass, Counts), "it counts until it expires");
        note
    };
    let user = |enabled: bool| json!([{ "id": "u", "userPrincipalName": "Ada@contoso.com", "accountEnabled": enabled }]);
    assert_eq!(of(user(true), "ada@contoso.com"), None);
    assert_eq!(of(user(true), "ada@fabrikam.com"), None, "another domain is not ours to look up");
    assert!(of(user(false), "ada@contoso.com").unwrap().contains("disabled"));
    assert!(of(json!([]), "ada@contoso.com").unwrap().contains("owner left"));
    let unseen = Bench::new(ASK).domain("contoso.com").answer("answer: yes, on: 2026-06-01");
    assert_eq!(unseen.evaluate().answers[0].1, None, "without users nobody is said to have left");
}
