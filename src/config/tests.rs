//! `levelmark.yaml` and `attestations.yaml`: what they become, and one mistake each time.

use super::{AcceptedAnswer, Accepts, AnswerKind, Attestations, Config, Target, WaiverKind};
use crate::policy::model::Model;
use crate::yaml::Mistakes;

const CONFIG: &str = "\
params:
  break_glass: [62e90394-69f5-4237-9190-012177145e10]
  rate: 0.9
targets:
  infrastructure: 300
  continuity: { level: 200, by: 2027-01-01 }
waivers:
  - check: INF-300-G2/first
    kind: accepted-risk
    accepts: { keys: [p1, p2] }
    reason: The supplier can't do better.
    owner: Platform team
    approved_by: Ada Lovelace <ada@contoso.com>
    on: 2026-01-01
    expires: 2027-01-01
  - check: INF-300-G2/second
    kind: compensating
    accepts: { share: { at_least: 0.8 } }
    reason: Watched by other means.
    owner: Platform team
    approved_by: Ada Lovelace <ada@contoso.com>
    on: 2026-01-01
    expires: 2026-06-01
    evidence: https://contoso.com/decisions/7
answers: attestations.yaml
";

const ATTESTATIONS: &str = "\
tenant: 11111111-2222-3333-4444-5555555555AB
answers:
  - check: INF-300-G2/third
    answer: no
    on: 2026-01-01
    by: Ada Lovelace <ada@contoso.com>
  - check: INF-300-G2/third
    answer: yes
    on: 2026-02-01T08:00:00Z
    by: Ada Lovelace <ada@contoso.com>
    evidence: https://contoso.com/records/1
    expires: 2026-03-01
";

fn seen(mistakes: &Mistakes) -> Vec<(String, String)> {
    let place = |m: &crate::yaml::Mistake| {
        let text = m
            .place
            .as_ref()
            .map(|p| p.source.text[p.at.clone()].lines().next().unwrap_or_default().to_owned());
        (m.message.clone(), text.unwrap_or_default())
    };
    mistakes.0.iter().map(place).collect()
}

#[test]
fn reads_what_an_organisation_declares() {
    let config = Config::read("levelmark.yaml", CONFIG.as_bytes()).unwrap();
    assert_eq!(config.params["rate"].value, serde_json::json!(0.9));
    assert_eq!(config.params["rate"].place.as_ref().unwrap().line(), 3);
    assert_eq!(config.targets["infrastructure"], Target { level: 300, by: None });
    assert_eq!(config.targets["continuity"].by.unwrap().to_string(), "2027-01-01");
    let [first, second] = config.waivers.as_slice() else { panic!("two waivers") };
    assert_eq!(first.kind, WaiverKind::AcceptedRisk);
    assert_eq!(first.accepts, Accepts::Keys(vec!["p1".into(), "p2".into()]));
    assert_eq!(second.accepts, Accepts::Share { at_least: Some(800_000), at_most: None });
    assert!(CONFIG[second.at.clone()].starts_with("check: INF-300-G2/second"));
    assert_eq!(config.answers.unwrap().to_str(), Some("attestations.yaml"));
}

#[test]
fn one_mistake_each_in_the_configuration() {
    for (from, to, message, place) in [
        ("targets:", "target:", "unknown key `target`", "target"),
        (
            "infrastructure: 300",
            "infrastructure: high",
            "expected a whole number, found the text `high`",
            "high",
        ),
        ("2027-01-01 }", "soon }", "`soon` is neither a date nor a time", "soon"),
        ("INF-300-G2/first", "INF-300-G2", "`INF-300-G2` does not name a check", "INF-300-G2"),
        (
            "kind: accepted-risk",
            "kind: accepted",
            "`accepted` is not one of the words that may stand here",
            "accepted",
        ),
        ("{ keys: [p1, p2] }", "{ keys: [] }", "a waiver says exactly what it accepts", ""),
        ("{ keys: [p1, p2] }", "{ keys: [p1], count: 2 }", "a waiver says exactly what it accepts", ""),
        ("{ keys: [p1, p2] }", "{ index: 3 }", "unknown key `index`", "index"),
        (
            "{ at_least: 0.8 }",
            "{ at_least: 0.8, at_most: 0.9 }",
            "a share needs `at_least` or `at_most`, and not both",
            "",
        ),
        (
            "{ at_least: 0.8 }",
            "{ at_least: 80 }",
            "expected a share between 0 and 1, like 0.95, found `80`: more than 1; 95 % is written 0.95",
            "80",
        ),
        ("Ada Lovelace <ada@contoso.com>", "Ada", "`Ada` is not a name with a mail address", "Ada"),
        ("expires: 2027-01-01", "expires: 2027-01-02", "a waiver lasts a year at most", "2027-01-02"),
        ("expires: 2027-01-01", "expires: 2025-01-01", "the waiver ends before it begins", "2025-01-01"),
        ("expires: 2027-01-01\n", "\n", "`expires` is missing", "check: INF-300-G2/first"),
        (
            "    evidence: https://contoso.com/decisions/7\n",
            "",
            "what compensates needs `evidence`",
            "compensating",
        ),
        (
            "answers: attestations.yaml",
            "answers: ../other/attestations.yaml",
            "the path leaves the directory of this file",
            "../other/attestations.yaml",
        ),
        (
            "answers: attestations.yaml",
            "answers: /etc/passwd",
            "the path leaves the directory of this file",
            "/etc/passwd",
        ),
        ("rate: 0.9", "rate: no", "`no` means a text to some and a truth value to others", "no"),
    ] {
        assert!(CONFIG.contains(from), "{from}");
        let mistakes = Config::read("levelmark.yaml", CONFIG.replacen(from, to, 1).as_bytes())
            .map(|_| ())
            .expect_err(to);
        let found = seen(&mistakes);
        assert_eq!(found.len(), 1, "{to}: {found:?}");
        assert_eq!(found[0].0, message, "{to}");
        // Flow maps and lists are compared by their message alone.
        assert!(place.is_empty() || found[0].1 == place, "{to}: {found:?}");
    }
}

#[test]
fn an_empty_file_is_a_mistake_and_all_mistakes_come_at_once() {
    assert_eq!(seen(&Config::read("levelmark.yaml", b"").unwrap_err())[0].0, "the file is empty");
    let text = CONFIG.replace("300\n", "high\n").replace("accepted-risk", "x").replace("2026-06-01", "x");
    assert_eq!(Config::read("levelmark.yaml", text.as_bytes()).unwrap_err().0.len(), 3);
}

#[test]
fn targets_are_compared_with_the_model() {
    let source = crate::yaml::file::source("model.yaml", MODEL.as_bytes()).unwrap();
    let model = Model::read(&source).unwrap();
    let found = |text: &str| {
        let config = Config::read("levelmark.yaml", text.as_bytes()).unwrap();
        config
            .targets_known(&model)
            .map_err(|mistakes| (mistakes.0[0].message.clone(), mistakes.0[0].help.clone()))
    };
    assert_eq!(found("targets: { infrastructure: 300 }"), Ok(()));
    let wrong = |message: &str, help: &str| Err((message.to_owned(), Some(help.to_owned())));
    assert_eq!(
        found("targets: { infrastucture: 300 }"),
        wrong("there is no competency `infrastucture`", "did you mean `infrastructure`?")
    );
    assert_eq!(
        found("targets: { infrastructure: 350 }"),
        wrong("`infrastructure` has no level 350", "it has 200, 300")
    );
    assert!(found("targets: { continuity: 200 }").unwrap_err().0.contains("no levels"));
}

const MODEL: &str = "\
levels: { 200: { name: Managed }, 300: { name: Defined } }
documents: []
competencies:
  - { id: infrastructure, name: I, prefix: INF, document: d, levels: [200, 300], criteria: [] }
  - { id: continuity, name: C, prefix: BCR, document: d, levels: [], criteria: [] }
";

#[test]
fn reads_answers_in_file_order() {
    let file = Attestations::read("attestations.yaml", ATTESTATIONS.as_bytes()).unwrap();
    assert_eq!(file.tenant, "11111111-2222-3333-4444-5555555555ab");
    let [no, yes] = file.answers.as_slice() else { panic!("two answers") };
    assert_eq!((no.answer, yes.answer), (AnswerKind::No, AnswerKind::Yes));
    assert_eq!(yes.mail(), Some("ada@contoso.com"));
    assert_eq!(yes.on.to_rfc3339(), "2026-02-01T08:00:00+00:00");
    assert_eq!(yes.expires.unwrap().to_rfc3339(), "2026-03-01T00:00:00+00:00");
    assert!(ATTESTATIONS[yes.at.clone()].starts_with("check: INF-300-G2/third\n    answer: yes"));
}

#[test]
fn one_mistake_each_in_the_answers() {
    for (from, to, message) in [
        (
            "tenant: 11111111-2222-3333-4444-5555555555AB",
            "tenant: contoso.com",
            "`contoso.com` is not a directory id (a GUID)",
        ),
        ("tenant: 11111111-2222-3333-4444-5555555555AB\n", "", "`tenant` is missing"),
        (
            "    evidence: https://contoso.com/records/1\n",
            "",
            "a yes needs `evidence`: an address or a path where the proof is",
        ),
        ("answer: no", "answer: not-applicable", "not-applicable needs a `reason`"),
        ("answer: no", "answer: nope", "`nope` is not one of the words that may stand here"),
        ("on: 2026-01-01", "on: 2026-02-30", "`2026-02-30` is neither a date nor a time"),
        ("expires: 2026-03-01", "expires: 2026-01-01", "the answer expires before it was given"),
        ("    by: Ada Lovelace <ada@contoso.com>\n  -", "  -", "`by` is missing: an answer has an author"),
        ("answers:", "answer:", "unknown key `answer`"),
    ] {
        assert!(ATTESTATIONS.contains(from), "{from}");
        let text = ATTESTATIONS.replacen(from, to, 1);
        let mistakes = Attestations::read("attestations.yaml", text.as_bytes()).map(|_| ()).expect_err(to);
        assert_eq!(seen(&mistakes).iter().map(|(m, _)| m.as_str()).collect::<Vec<_>>(), [message], "{to}");
    }
}

#[test]
fn an_accepted_no_covers_the_better_partly() {
    for (accepted, partly, covers) in [
        (AcceptedAnswer::No, false, true),
        (AcceptedAnswer::No, true, true),
        (AcceptedAnswer::Partly, true, true),
        (AcceptedAnswer::Partly, false, false),
    ] {
        assert_eq!(accepted.accepts(partly), covers);
    }
}

#[test]
fn the_schemas_take_what_we_take() {
    for (schema, text) in [(super::config_schema(), CONFIG), (super::attestations_schema(), ATTESTATIONS)] {
        let text = text.replace("answer: no", "answer: 'no'").replace("answer: yes", "answer: 'yes'");
        let value: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|e| format!("{} {e}", e.instance_path())).collect();
        assert_eq!(errors, [""; 0]);
        assert!(!validator.is_valid(&serde_json::json!({ "unknown": 1 })));
    }
}
