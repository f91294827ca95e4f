//! Policies with one mistake each: what is said, and where.

use super::{changed, load, seen};
use crate::policy::compiled::PolicySet;
use crate::yaml::mistake::render;

/// What is changed in the good policy, the message, and the text that is underlined.
type Case = (&'static str, &'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    for (from, to, message, place) in cases {
        let mistakes = changed(from, to).map(|_| ()).expect_err(to);
        let found = seen(&mistakes.0);
        let expected = ((*message).to_owned(), (*place).to_owned());
        assert!(found.contains(&expected), "{to}\nexpected {expected:?}\nfound {found:#?}");
        assert_eq!(found.len(), 1, "one mistake, said once: {to}\n{found:#?}");
    }
}

#[test]
fn shapes_of_the_file() {
    check(&[
        ("title: Everyone", "titel: x\ntitle: Everyone", "unknown key `titel`", "titel"),
        ("title: Everyone is covered", "title: no", "expected a text, found a truth value, `no`", "no"),
        ("title: Everyone is covered", "title: 2026", "expected a text, found a number, `2026`", "2026"),
        ("title: Everyone is covered", "title: [a]", "expected a text, found a list", "[a]"),
        ("title: Everyone is covered", "title:", "expected a text, found nothing", ""),
        ("title: Everyone is covered", "title: ' '", "expected a text, found an empty one", "' '"),
        ("level: 300", "level: three", "expected a whole number, found the text `three`", "three"),
        ("level: 300", "level: '300'", "expected a whole number, found the text `300`", "'300'"),
        (
            "level: 300",
            "level: 300\nurgent: yes",
            "expected true or false, found a truth value, `yes`",
            "yes",
        ),
        ("level: 300", "level: 300\nlevel: 300", "`level` is given twice", "level"),
        (
            "dimension: governance",
            "dimension: govern",
            "`govern` is not one of the words that may stand here",
            "govern",
        ),
        (
            "topics: [conditional-access]",
            "topics: conditional-access",
            "expected a list, found the text `conditional-access`",
            "conditional-access",
        ),
        ("empty: pass", "empty: passes", "`passes` is not one of the words that may stand here", "passes"),
        ("    title: Nothing stands open\n", "", "`title` is missing", "id: first"),
        ("claims: [INF-300-GRC-02]", "claims: &c [INF-300-GRC-02]", "anchors (`&name`) are not allowed", "["),
        ("title: Everyone is covered", "title: !!str Everyone", "tags (`!name`) are not allowed", "Everyone"),
    ]);
}

#[test]
fn standing_in_the_model() {
    check(&[
        (
            "id: INF-300-G2",
            "id: INF-300-G9",
            "the id `INF-300-G9` and the name of the file differ",
            "INF-300-G9",
        ),
        ("id: INF-300-G2", "id: inf-300-g2", "`inf-300-g2` is not the id of a policy", "inf-300-g2"),
        (
            "competency: infrastructure",
            "competency: infrastucture",
            "there is no competency `infrastucture`",
            "infrastucture",
        ),
        ("level: 300", "level: 500", "the competency infrastructure has no level 500", "500"),
        ("level: 300", "level: 400", "level 400 does not fit the id", "400"),
        (
            "[INF-300-GRC-02]",
            "[INF-300-GRC-20]",
            "the criterion INF-300-G2 has no claim `INF-300-GRC-20`",
            "INF-300-GRC-20",
        ),
        (
            "[INF-300-GRC-02]",
            "[INF-300-GRC-02, INF-300-GRC-02]",
            "`INF-300-GRC-02` is listed twice",
            "INF-300-GRC-02",
        ),
        (
            "https://learn",
            "http://learn",
            "`http://learn.microsoft.com/entra` is not an https address",
            "http://learn.microsoft.com/entra",
        ),
        (
            "[conditional-access]",
            "[Conditional Access]",
            "`Conditional Access` is not a name",
            "Conditional Access",
        ),
        ("level: 300\n", "", "`level` is missing", "id: INF-300-G2"),
    ]);
}

#[test]
fn assertions() {
    const SHARE: &str = "share: { among: '$.users.accounts[*]', where: '@.accountEnabled == true', min: '${params.rate}' }\n    empty: not-applicable";
    const CADENCE: &str =
        "cadence: { of: '$.registers.meetings[*]', at: heldAt, every: P7D, for: P28D, min: 3 }";
    let with = |to: &str| {
        load(&super::POLICY.replacen(SHARE, to, 1).replacen(
            "  rate: { about: Least share, type: share, default: 0.9 }\n",
            "",
            1,
        ))
    };
    assert!(with(CADENCE).is_ok());
    for (to, message, place) in [
        ("informs: true", "nothing is asserted here", "id: second"),
        (
            "require: $.users.accounts[*]\n    attest: Is it?",
            "`require` and `attest` in one assertion",
            "Is it?",
        ),
        ("require: $.users.accounts[*]\n    empty: pass", "`empty` has no meaning here", "pass"),
        (
            "require: $.users.accounts[*]\n    count: { max: 4 }",
            "`empty` is missing: with nothing to look at, this would hold by itself",
            "id: second",
        ),
        (
            "require: $.users.accounts[*]\n    count: { distinct: id }",
            "`count` needs `min` or `max`",
            "distinct: id",
        ),
        ("require: $.users.accounts[*]\n    count: { min: 0 }", "`min: 0` always holds", "0"),
        ("require: $.users.accounts[*]\n    count: { min: 5, max: 4 }", "`max` is less than `min`", "4"),
        (
            "require: $.users.accounts[*]\n    count: { min: 1, distinct: id, sum: displayName }",
            "`distinct` and `sum` exclude each other",
            "displayName",
        ),
        (
            "require: $.users.accounts[*]\n    count: { min: 1.5 }",
            "expected a whole number, found `1.5`",
            "1.5",
        ),
        (
            "require: $.users.accounts[*]\n    at_least: 1",
            "`at_least` belongs to `either`, which is not here",
            "1",
        ),
        (
            "attest: Is it?\n    count: { min: 1 }",
            "`count` belongs to `require`, which is not here",
            "min: 1",
        ),
        (
            "either: [{ forbid: '$.users.accounts[*]' }, { attest: Is it? }]",
            "`empty` is missing: with nothing to look at, this would hold by itself",
            "id: second",
        ),
        ("either: []", "`either` has no alternatives", "id: second"),
        ("either: [{ attest: Is it? }]\n    at_least: 2", "at least 2 of 1 alternatives can't be meant", "2"),
        ("all: []", "`all` has no parts", "id: second"),
        (
            "all: [{ attest: Is it? }, { attest: Is that? }]",
            "two questions in one check: an answer names the check, so it would be unclear which",
            "id: second",
        ),
        (
            "all: [{ forbid: '$.users.accounts[*]', empty: pass }]\n    empty: pass",
            "unknown key `empty`",
            "empty",
        ),
        (
            "share: { among: '$.users.accounts[*]', min: 0.5 }\n    empty: pass",
            "the share of what? it needs `where` or `elapsed`",
            "among: '$.users.accounts[*]', min: 0.5",
        ),
        (
            "share: { among: '$.users.accounts[*]', where: '@.accountEnabled == true' }\n    empty: pass",
            "`share` needs `min` or `max`",
            "among: '$.users.accounts[*]', where: '@.accountEnabled == true'",
        ),
        (
            "share: { among: '$.users.accounts[*]', where: '@.accountEnabled == true', min: 95 }\n    empty: pass",
            "expected a share between 0 and 1, like 0.95, found `95`: more than 1; 95 % is written 0.95",
            "95",
        ),
        (
            "share: { among: '$.users.accounts[*]', where: '@.accountEnabled == true', min: 0 }\n    empty: pass",
            "this bound always holds",
            "0",
        ),
        (
            "share: { among: '$.users.accounts[*]', where: '@.accountEnabled == true', min: 0.5, population: 0 }\n    empty: pass",
            "a population is at least 1",
            "0",
        ),
        (
            "share: { where: '@.accountEnabled == true', min: 0.5 }\n    empty: pass",
            "`among` is missing",
            "where: '@.accountEnabled == true', min: 0.5",
        ),
        (
            "cadence: { of: '$.registers.meetings[*]', at: heldAt, for: P28D }",
            "how often? it needs `every` or `max_gap`",
            "of: '$.registers.meetings[*]', at: heldAt, for: P28D",
        ),
        (
            "cadence: { of: '$.registers.meetings[*]', at: heldAt, every: P7D, max_gap: P9D, for: P28D }",
            "`every` and `max_gap` exclude each other",
            "P9D",
        ),
        (
            "cadence: { of: '$.registers.meetings[*]', at: heldAt, every: P7D, for: P28D, min: 5 }",
            "the window has 4 periods, 5 of them can't be meant",
            "5",
        ),
        (
            "cadence: { of: '$.registers.meetings[*]', at: heldAt, every: P30D, for: P28D }",
            "the window is shorter than one period",
            "P28D",
        ),
        (
            "cadence: { of: '$.registers.meetings[*]', at: heldAt, every: PT0S, for: P28D }",
            "a period is longer than nothing",
            "PT0S",
        ),
        (
            "cadence: { of: '$.registers.meetings[*]', at: heldAt, max_gap: P9D, for: P28D, min: 2 }",
            "`min` counts periods and belongs to `every`",
            "2",
        ),
    ] {
        let mistakes = with(to).map(|_| ()).expect_err(to);
        let found = seen(&mistakes.0);
        // A flow map is underlined with its braces or without, as the parser has it.
        let same = |text: &str| {
            text.trim_start_matches("{ ").trim_end_matches(" }").trim_start_matches('{').to_owned()
        };
        let found: Vec<_> = found.iter().map(|(message, text)| (message.as_str(), same(text))).collect();
        assert_eq!(found, [(message, place.to_owned())], "{to}");
    }
}

#[test]
fn modifiers() {
    const ATTEST: &str = "attest: Is it so?\n    valid_for: P90D";
    check(&[
        (
            ATTEST,
            "attest: Is it so?\n    ask: Really?",
            "`ask` beside `attest`: the question is asked already",
            "Really?",
        ),
        (
            ATTEST,
            "attest: Is it so?\n    measured_only: true",
            "`measured_only` on a check that asks a person",
            "true",
        ),
        (
            ATTEST,
            "attest: Is it so?\n    strength: proxy",
            "`strength` is about measuring, and an answer measures nothing",
            "proxy",
        ),
        (
            ATTEST,
            "attest: Is it so?\n    unlicensed: fail",
            "`unlicensed` has no meaning: no section is read",
            "fail",
        ),
        (ATTEST, "attest: Is it so?\n    empty: pass", "`empty` has no meaning here", "pass"),
        (
            ATTEST,
            "attest: Is it so?\n    valid_for: 90 days",
            "expected an ISO 8601 duration, like P30D or PT4H, found `90 days`: it starts with a capital P",
            "90 days",
        ),
        (
            ATTEST,
            "attest: Is it so?\n    valid_for: PT0S",
            "an answer counts for longer than nothing",
            "PT0S",
        ),
        (
            "empty: pass\n",
            "empty: pass\n    strength: proxy\n",
            "a proxy needs `ask`: the question whose answer has to confirm its pass",
            "proxy",
        ),
        (
            "empty: pass\n",
            "empty: pass\n    measured_only: true\n    ask: Is it?\n",
            "`ask` beside `measured_only`: nobody would be asked",
            "Is it?",
        ),
        (
            "empty: pass\n",
            "empty: pass\n    measured_only: true\n    may_not_apply: true\n",
            "`may_not_apply` beside `measured_only`: nobody could say so",
            "true",
        ),
        (
            "    empty: pass\n",
            "",
            "`empty` is missing: with nothing to look at, this would hold by itself",
            "id: first",
        ),
        ("id: second", "id: first", "the check `first` is given twice", "first"),
        ("id: second", "id: Second_One", "`Second_One` is not the id of a check", "Second_One"),
    ]);
}

#[test]
fn parameters() {
    check(&[
        (
            "$.params.exempt)",
            "$.params.exemt) || in(@.id, $.params.exempt)",
            "the parameter `exemt` is not declared",
            "exemt",
        ),
        (
            "${params.rate}'",
            "${params.rates}', max: '${params.rate}'",
            "the parameter `rates` is not declared",
            "'${params.rates}'",
        ),
        (
            "  exempt:",
            "  extra: { about: A, type: ids }\n  exempt:",
            "the parameter `extra` is never used",
            "extra",
        ),
        (
            "type: share, default: 0.9",
            "type: integer, default: 3",
            "the parameter `rate` is not a share between 0 and 1, like 0.95",
            "'${params.rate}'",
        ),
        (
            "type: share, default: 0.9",
            "type: share",
            "`rate` is neither required nor has it a default",
            "rate",
        ),
        (
            "type: share, default: 0.9",
            "type: share, default: P9D",
            "expected a share between 0 and 1, like 0.95, found \"P9D\"",
            "P9D",
        ),
        (
            "type: share, default: 0.9",
            "type: share, required: true, default: 0.9",
            "a required parameter has no default",
            "0.9",
        ),
        (
            "type: share, default: 0.9",
            "type: shares, default: 0.9",
            "`shares` is not one of the words that may stand here",
            "shares",
        ),
    ]);
    // The shared one, used and declared again.
    let both = super::POLICY
        .replace("params:\n", "params:\n  tolerance: { about: A, type: share, default: 0.5 }\n")
        .replace("min: '${params.rate}'", "min: '${params.rate}', max: '${params.tolerance}'");
    let found = seen(&load(&both).unwrap_err().0);
    assert_eq!(found, [("the parameter `tolerance` is declared twice".to_owned(), "tolerance".to_owned())]);
}

#[test]
fn a_symptom_needs_a_level_above() {
    let text = super::POLICY
        .replace("INF-300-G2", "INF-400-G1")
        .replace("level: 300", "level: 400")
        .replace("INF-300-GRC-02", "INF-400-GRC-01")
        .replace("empty: pass", "empty: pass\n    symptom: true");
    let texts = [("model.yaml", super::MODEL), ("INF-400-G1.yaml", text.as_str())];
    let found = seen(&PolicySet::from_texts(&texts).unwrap_err().0);
    assert_eq!(found[0].0, "400 is the highest level of infrastructure: there is none above to gate");
    assert_eq!(found[0].1, "true");
}

#[test]
fn all_mistakes_at_once_in_order_of_place() {
    let text = super::POLICY
        .replace("title: Everyone is covered", "titel: Everyone")
        .replace("level: 300", "level: 700")
        .replace("empty: pass", "emtpy: pass")
        .replace("min: '${params.rate}'", "min: 95%")
        .replace("valid_for: P90D", "valid_for: 90");
    let mistakes = load(&text).unwrap_err();
    insta::assert_snapshot!(render(&mistakes.0, 100));
}

#[test]
fn hostile_files_end_in_an_error_with_a_place() {
    let laughs = {
        let mut text = String::from("a0: &a0 [x, x]\n");
        for n in 1..30 {
            let before = n - 1;
            text.push_str(&format!("a{n}: &a{n} [*a{before}, *a{before}]\n"));
        }
        text
    };
    let deep = format!("checks: {}{}", "[\n ".repeat(5000), "]\n ".repeat(5000));
    let deep_block = (0..400).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<String>();
    let either = format!("checks: [{}{}]", "{ either: [".repeat(40), "] }".repeat(40));
    let crlf = super::POLICY.replace("level: 300", "level: x").replace('\n', "\r\n");
    let bom = format!("\u{feff}{}", super::POLICY.replace("level: 300", "level: x"));
    for (name, text, message, line) in [
        ("nothing", "", "the file is empty", 1),
        ("blank lines", "\n\n", "the file is empty", 3),
        ("a comment", "# hello\n", "the file is empty", 2),
        ("a list", "- a\n", "expected a map, found a list", 1),
        ("a word", "hello", "expected a map, found the text `hello`", 1),
        ("a billion laughs", &laughs, "anchors (`&name`) are not allowed", 1),
        ("deep brackets", &deep, "nested more than 32 levels deep", 65),
        ("deep blocks", &deep_block, "nested more than 32 levels deep", 33),
        ("deep alternatives", &either, "nested more than 32 levels deep", 1),
        ("tabs", "id: A-1\n\ttitle: x\n", "this is not YAML: ", 2),
        ("an open quote", "id: 'A-1\ntitle: x\n", "this is not YAML: ", 2),
        ("two documents", "id: A-1\n---\nid: A-2\n", "a file holds one document", 2),
        ("CRLF", &crlf, "expected a whole number, found the text `x`", 4),
        ("BOM", &bom, "expected a whole number, found the text `x`", 4),
        ("merge keys", "id: A-1\n<<: { title: x }\n", "merge keys (`<<`) are not allowed", 2),
    ] {
        let mistakes = load(text).map(|_| ()).expect_err(name);
        let first = mistakes.0.iter().find(|m| m.message.starts_with(message));
        let first = first.unwrap_or_else(|| panic!("{name}: {:?}", seen(&mistakes.0)));
        assert_eq!(first.place.as_ref().map(crate::yaml::Place::line), Some(line), "{name}");
        // Rendering must not panic or run away either.
        assert!(render(&mistakes.0, 100).len() < 200_000, "{name}");
    }
}
