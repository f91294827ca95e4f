//! Files that people write: they read back as the same with pseudonyms.

use std::collections::BTreeMap;

use super::super::{Key, Redactor, Terms};
use super::*;
use crate::config::Accepts;

const CONFIG: &str = "params:
  break_glass: [2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff, 2f8e465a-71de-5e00-9fcd-c9fdfaf0e8fe] # Kim's
  watchlist: [Exchange Online, Payroll of Kim]
  empty: []
  share: 0.95
  flag: true
targets:
  infrastructure: { level: 300, by: 2027-06-30 }
waivers:
  - check: A-1/b
    kind: compensating
    accepts: { keys: [Contoso-1, C-2] }
    reason: Because Kim says \"so\"
    owner: Kim
    approved_by: Kim Okafor <kim@contoso.com>
    on: 2026-11-01
    expires: 2027-02-01T08:00:00Z
    evidence: docs/kim.pdf
  - check: A-1/c
    kind: accepted-risk
    accepts: { share: { at_most: 0.125 } }
    reason: r
    owner: o
    approved_by: Kim Okafor <kim@contoso.com>
    on: 2026-11-01
    expires: 2027-02-01
  - check: A-1/d
    kind: accepted-risk
    accepts: { answer: partly }
    reason: r
    owner: o
    approved_by: Kim Okafor <kim@contoso.com>
    on: 2026-11-01
    expires: 2027-02-01
owners:
  infrastructure: [Kim Okafor <kim@contoso.com>]
drift:
  ignore:
    - section: users.accounts
      path: /signInActivity
      key: 2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff
      reason: Kim travels
    - section: 'devices.*'
      reason: many
  alike:
    - section: '*'
      path: /**/description
      values: [absent, 'null']
      reason: Kim
";

fn redactor() -> Redactor {
    Redactor::new(Key::parse(b"0123456789abcdef0123456789abcdef").unwrap(), Terms::default())
}

#[test]
fn a_configuration_reads_as_the_same() {
    let redactor = redactor();
    let before = Config::read("a", CONFIG.as_bytes()).unwrap();
    let keys = BTreeMap::from([("contoso-1".to_owned(), "new key".to_owned())]);
    let text = configuration(&redactor, &before, &keys);
    for real in ["Kim", "kim", "Contoso", "contoso", "2f8e465a"] {
        assert!(!text.contains(real), "{real}: {text}");
    }
    let after = Config::read("b", text.as_bytes()).unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"));
    let given = |config: &Config| {
        config.params.iter().map(|(name, given)| (name.clone(), given.value.clone())).collect::<Vec<_>>()
    };
    let expected: Vec<_> = given(&before)
        .into_iter()
        .map(|(name, value)| (name.clone(), redactor.given(&name, &value)))
        .collect();
    assert_eq!(given(&after), expected);
    assert_eq!(after.targets, before.targets);
    let facts = |config: &Config| {
        config
            .waivers
            .iter()
            .map(|one| (one.check.clone(), one.kind, one.on, one.expires))
            .collect::<Vec<_>>()
    };
    assert_eq!(facts(&after), facts(&before));
    assert_eq!(after.waivers[0].accepts, Accepts::Keys(vec!["new key".into(), redactor.text("C-2")]));
    assert_eq!(after.waivers[1].accepts, before.waivers[1].accepts);
    assert_eq!(after.waivers[2].accepts, before.waivers[2].accepts);
    assert_eq!(after.owners["infrastructure"], [redactor.text("Kim Okafor <kim@contoso.com>")]);
    let rules = |config: &Config| {
        config
            .drift
            .iter()
            .map(|rule| (rule.scope.clone(), rule.path.clone(), rule.alike.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(rules(&after), rules(&before));
    let open =
        "section: applications.servicePrincipals\n      path: /customSecurityAttributes/projectFalcon/*/id";
    let falcon = CONFIG.replace("section: users.accounts\n      path: /signInActivity", open);
    let text = configuration(&redactor, &Config::read("a", falcon.as_bytes()).unwrap(), &keys);
    let path = format!("/customSecurityAttributes/{}/*/id", redactor.text("projectFalcon"));
    assert!(text.contains(&path) && !text.contains("Falcon"), "as the property is called in items: {text}");
    assert!(Config::read("b", text.as_bytes()).is_ok(), "{text}");
    assert_eq!(after.drift[0].key, Some(redactor.text("2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff")));
}

#[test]
fn long_lists_stay_within_the_lines_of_a_file() {
    let ids: Vec<String> = (0..2_000).map(|n| format!("2f8e465a-71de-5e00-9fcd-{n:012}")).collect();
    let text = format!(
        "params:\n  reviewers:\n{}",
        ids.iter().map(|id| format!("    - {id}\n")).collect::<String>()
    );
    let before = Config::read("a", text.as_bytes()).unwrap();
    let text = configuration(&redactor(), &before, &BTreeMap::new());
    assert_eq!(
        Config::read("b", text.as_bytes()).unwrap().params["reviewers"].value.as_array().unwrap().len(),
        2_000
    );
}

#[test]
fn answers_read_as_the_same_even_hostile_ones() {
    let redactor = redactor();
    let text = "tenant: 2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff\nanswers:\n  - check: A-1/b\n    answer: not-applicable\n    on: 2026-11-01\n    \
        by: Kim Okafor <kim@contoso.com>\n    reason: \"a \\u202e b \\u2028 \\\" # : - \\U0001F980\"\n    expires: 2027-01-01\n";
    let before = Attestations::read("a", text.as_bytes()).unwrap();
    let made = attestations(&redactor, &before);
    let after =
        Attestations::read("b", made.as_bytes()).unwrap_or_else(|mistakes| panic!("{mistakes}\n{made}"));
    assert_eq!(after.tenant, redactor.text(&before.tenant));
    let (one, other) = (&before.answers[0], &after.answers[0]);
    assert_eq!(
        (&one.check, one.answer, one.on, one.expires),
        (&other.check, other.answer, other.on, other.expires)
    );
    assert_eq!(other.by, redactor.text(&one.by));
    assert_eq!(other.reason, one.reason.as_ref().map(|reason| redactor.text(reason)));
}
