//! Whether evidence may be trusted: parameters, fields that were not asked for, logs that do not
//! reach back far enough, age, declarations, and names that only open types could have.

use serde_json::json;

use super::Outcome::{Fail, NotApplicable, Pass, Unknown};
use super::*;

const TICKETS: &str = "registers.tickets";

#[test]
fn a_parameter_that_is_not_declared_or_empty_is_to_be_declared() {
    let check = "forbid: '$.users.accounts[?in(@.id, $.params.people)]'\nempty: fail";
    let bench = || {
        Bench::new(check).with("users.accounts", json!([{ "id": "62e90394-69f5-4237-9190-012177145e10" }]))
    };
    for bench in [bench(), bench().param("people", json!([]))] {
        let found = bench.judge();
        assert_eq!((found.outcome, found.remedy), (Unknown, Some(Remedy::Declare)));
        assert_eq!(found.reason, "parameter `people` is not declared");
    }
    assert_eq!(bench().param("people", json!(["62E90394-69f5-4237-9190-012177145e10"])).outcome(), Fail);
    assert_eq!(bench().param("people", json!(["72e90394-69f5-4237-9190-012177145e10"])).outcome(), Pass);
    let service = "require: '$.registers.tickets[?@.service == $.params.service]'";
    let empty =
        Bench::new(service).with(TICKETS, tickets(&[json!({ "service": "" })])).param("service", json!(""));
    assert_eq!(empty.outcome(), Unknown);
    // A list that need not be declared is a set without members.
    let names = "forbid: '$.registers.tickets[?in(@.service, $.params.names)]'\nempty: fail";
    assert_eq!(Bench::new(names).with(TICKETS, tickets(&[json!({ "service": "x" })])).outcome(), Pass);
}

#[test]
fn what_to_declare_is_asked_before_what_to_collect() {
    let check = "forbid: '$.users.accounts[?in(@.id, $.params.people)]'\nempty: fail";
    assert_eq!(Bench::new(check).lost("users.accounts", State::Denied).judge().remedy, Some(Remedy::Declare));
}

/// Fields that a check names anywhere must have been asked for.
#[test]
fn a_field_that_was_not_asked_is_unknown() {
    let checks = [
        "forbid: \"$.registers.tickets[?@.service == 'x']\"\nempty: pass",
        "require: \"$.registers.tickets[?@.service]\"",
        "require: \"$.registers.tickets[?!@.service]\"",
        "require: '$.registers.tickets[*].service'",
        "require: '$.registers.tickets[*]'\ncount: { min: 1, distinct: '@.service' }",
        "require: '$.registers.tickets[*]'\ncount: { max: 9, sum: '@.service' }\nempty: pass",
        "share: { among: '$.registers.tickets[*]', where: \"@.service == 'x'\", min: 0.5 }\nempty: fail",
        "share: { among: \"$.registers.tickets[?@.service == 'x']\", where: '@.tier == 1', min: 0.5 }\nempty: fail",
        "share: { among: '$.registers.tickets[*]', min: 0.5, elapsed: { from: '@.service', to: '@.openedAt', max: P1D } }\nempty: fail",
        "share: { among: '$.registers.tickets[*]', min: 0.5, elapsed: { from: '@.openedAt', to: '@.service', max: P1D } }\nempty: fail",
        "cadence: { of: '$.registers.tickets[*]', at: '@.service', every: P7D, for: P7D }",
        "when: \"$.registers.tickets[?@.service == 'x']\"\nrequire: '$.registers.tickets[*]'",
        "require: \"$.registers.meetings[?in(@.subject, $.registers.tickets[*].service)]\"",
        "either: [{ require: \"$.registers.tickets[?@.service == 'x']\" }]",
    ];
    let records = [
        json!({ "state": "read", "fields": ["id", "openedAt", "tier"] }),
        json!({ "state": "read", "without": { "service": "the export has no such column" } }),
    ];
    for check in checks {
        for record in &records {
            let bench = Bench::new(check).with("registers.meetings", json!([{ "id": "m", "subject": "x" }]));
            let item = json!({ "tier": 1, "openedAt": "2026-06-29T00:00:00Z" });
            let found = bench.recorded(TICKETS, record.clone(), tickets(&[item])).judge();
            assert_eq!(
                (found.outcome, found.remedy),
                (Unknown, Some(Remedy::Collect)),
                "{check}: {}",
                found.reason
            );
            assert!(found.reason.contains("service"), "{check}: {}", found.reason);
        }
    }
    // What was asked for can be judged, and so can what names no field.
    let record = &records[0];
    for check in ["require: \"$.registers.tickets[?@.tier == 1]\"", "require: '$.registers.tickets[*]'"] {
        let bench = Bench::new(check).recorded(TICKETS, record.clone(), tickets(&[json!({ "tier": 1 })]));
        assert_eq!(bench.outcome(), Pass, "{check}");
    }
}

/// A log is only as good as it reaches back.
#[test]
fn a_log_that_starts_too_late_proves_no_absence() {
    let forbid =
        "forbid: \"$.registers.tickets[?@.openedAt >= '${ago:P20D}' && @.tier == 1]\"\nempty: not-applicable";
    let require = "require: \"$.registers.tickets[?@.openedAt >= '${ago:P20D}' && @.tier == 1]\"";
    let from = |at: &str| json!({ "state": "read", "from": at });
    let item = |tier: i64| tickets(&[json!({ "openedAt": "2026-06-29T00:00:00Z", "tier": tier })]);
    for (record, absent) in [
        (from("2026-06-10T00:00:00Z"), (Pass, Fail)),
        (from("2026-06-10T00:00:01Z"), (Unknown, Unknown)),
        (json!({ "state": "read" }), (Pass, Fail)),
    ] {
        let judge = |check: &str, tier: i64| {
            Bench::new(check).recorded(TICKETS, record.clone(), item(tier)).outcome()
        };
        assert_eq!((judge(forbid, 2), judge(require, 2)), absent, "nothing seen: {record}");
        assert_eq!((judge(forbid, 1), judge(require, 1)), (Fail, Pass), "something seen: {record}");
    }
    let found = Bench::new(forbid).recorded(TICKETS, from("2026-06-20T00:00:00Z"), item(2)).judge();
    assert_eq!(
        found.reason,
        "section registers.tickets reaches back only to 2026-06-20, asked is 2026-06-10"
    );
}

/// As the argument of a set function every gap makes everything unknown.
#[test]
fn gaps_in_an_argument_make_all_of_it_unknown() {
    let check =
        "forbid: \"$.registers.meetings[?in(@.subject, $.registers.tickets[*].subject)]\"\nempty: pass";
    for (record, seen, unseen) in [
        (json!({ "state": "read" }), Fail, Pass),
        (json!({ "state": "partial", "reason": "page 2" }), Unknown, Unknown),
        (json!({ "state": "denied" }), Unknown, Unknown),
    ] {
        for (subject, expected) in [("x", seen), ("y", unseen)] {
            let data = if record["state"] == "denied" {
                Value::Null
            } else {
                tickets(&[json!({ "subject": subject })])
            };
            let bench = Bench::new(check).with("registers.meetings", json!([{ "id": "m", "subject": "x" }]));
            let found = bench.recorded(TICKETS, record.clone(), data).judge();
            assert_eq!(found.outcome, expected, "{record} {subject}: {}", found.reason);
        }
    }
}

#[test]
fn evidence_grows_too_old() {
    let record = |at: &str| json!({ "state": "read", "at": at });
    let bench = |at: &str| {
        let bench = Bench::new("require: '$.registers.tickets[*]'");
        bench.recorded(TICKETS, record(at), tickets(&[json!({})]))
    };
    // Judged on the first of July.
    assert_eq!(bench("2020-01-01T00:00:00Z").outcome(), Pass, "no limit unless one is set");
    assert_eq!(bench("2026-06-21T00:00:00Z").max_age(10).outcome(), Pass, "at the limit");
    let old = bench("2026-06-20T23:59:59Z").max_age(10).judge();
    assert_eq!((old.outcome, old.remedy), (Unknown, Some(Remedy::Collect)));
    assert!(
        old.reason.contains(TICKETS) && old.reason.contains("collected 10 days 1 second ago"),
        "{}",
        old.reason
    );
    // Without a time of its own a section is as old as the snapshot.
    let own = Bench::new("require: '$.registers.tickets[*]'").with(TICKETS, tickets(&[json!({})]));
    assert_eq!(own.max_age(1).outcome(), Pass);
    let own = Bench::new("require: '$.registers.tickets[*]'").with(TICKETS, tickets(&[json!({})]));
    assert_eq!(own.max_age(1).today("2026-07-02").outcome(), Unknown);
}

#[test]
fn a_declaration_expires() {
    let judge = |today: &str| {
        let declared = json!({ "by": "Ada <ada@contoso.com>", "on": "2026-06-01T00:00:00Z", "expires": "2026-08-30T00:00:00Z" });
        let record = json!({ "state": "read", "via": "declared", "declared": declared });
        let bench =
            Bench::new("forbid: \"$.tenant.releasePreferences[?@.track == 'standard']\"\nempty: fail");
        bench
            .recorded("tenant.releasePreferences", record, json!([{ "track": "targeted", "users": [] }]))
            .today(today)
            .judge()
    };
    let fresh = judge("2026-08-29");
    assert_eq!((fresh.outcome, fresh.basis), (Pass, Some(Basis::Declared)), "{}", fresh.reason);
    let old = judge("2026-08-30");
    assert_eq!((old.outcome, old.remedy), (Unknown, Some(Remedy::Collect)));
    assert!(old.reason.contains("declared expired on 2026-08-30"), "{}", old.reason);
}

/// A derived section says of older items only what the logs behind it reach.
#[test]
fn what_is_derived_from_a_short_log_is_unknown_and_not_no() {
    let check = |window: &str| {
        format!("forbid: \"$.derived.issues[?{window}!(@.triagedAt > '')]\"\nempty: not-applicable")
    };
    let issue =
        json!([{ "id": "EX1", "service": "Exchange Online", "startDateTime": "2026-06-25T00:00:00Z" }]);
    let judge = |window: &str, triage: Value| {
        let bench = Bench::new(&check(window)).with("serviceHealth.issues", issue.clone());
        let bench = bench.with("registers.communications", json!([])).with(TICKETS, json!([]));
        bench.recorded("registers.triage", triage, json!([])).outcome()
    };
    let recent = "@.startDateTime >= '${ago:P10D}' && ";
    assert_eq!(judge(recent, json!({ "state": "read" })), Fail);
    assert_eq!(judge(recent, json!({ "state": "read", "from": "2026-06-20T00:00:00Z" })), Fail);
    assert_eq!(judge(recent, json!({ "state": "read", "from": "2026-06-29T00:00:00Z" })), Unknown);
    assert_eq!(judge("", json!({ "state": "read", "from": "2026-06-01T00:00:00Z" })), Unknown, "of any age");
    assert_eq!(judge(recent, json!({ "state": "partial", "reason": "x" })), Unknown);
    let none = Bench::new(&check(recent)).with("serviceHealth.issues", json!([]));
    let none = none.with("registers.communications", json!([])).with(TICKETS, json!([]));
    assert_eq!(none.with("registers.triage", json!([])).outcome(), NotApplicable);
}

/// Below an open type only the data knows the names: one that nothing has must not pass.
#[test]
fn a_name_that_no_item_has_does_not_pass() {
    let check = |name: &str| format!("forbid: \"$.tenant.multiTenant[?@.{name} == true]\"\nempty: pass");
    let judge =
        |name: &str, item: Value| Bench::new(&check(name)).with("tenant.multiTenant", json!([item])).judge();
    let item = || json!({ "id": "x", "passwordRequired": false });
    assert_eq!(judge("passwordRequired", item()).outcome, Pass);
    let typo = judge("passwordRequird", item());
    assert_eq!(typo.outcome, Unknown, "{}", typo.reason);
    assert!(typo.reason.contains("did you mean `passwordRequired`?"), "{}", typo.reason);
}
