//! The file of tenants: what it says, every mistake at its place, secrets never shown.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Entry, MOST, Tenants};
use crate::collect::sign_in::Way;
use crate::snapshot::record::Cloud;
use crate::yaml::mistake::render;
use crate::yaml::{Mistakes, file};

const ID: &str = "0d1f7a37-3c5b-4bd6-9a4b-6a4f2e0d5c11";
const APP: &str = "9b2f1c1e-4c7d-4d44-8f0e-2d6f0f5b7a10";

fn read(text: &str) -> Result<Tenants, Mistakes> {
    Tenants::read("tenants.yaml", text.as_bytes(), Path::new("fleet"))
}

#[track_caller]
fn entries(text: &str) -> Vec<Entry> {
    read(text).unwrap_or_else(|mistakes| panic!("{}", render(&mistakes.0, 100))).entries
}

/// `LINE code: message`
#[track_caller]
fn mistakes(text: &str) -> Vec<String> {
    let line = |mistake: &crate::yaml::Mistake| mistake.place.as_ref().map_or(0, crate::yaml::Place::line);
    let found = read(text).unwrap_err().0;
    found.iter().map(|mistake| format!("{} {}: {}", line(mistake), mistake.code, mistake.message)).collect()
}

#[test]
fn defaults_fill_what_a_tenant_does_not_say() {
    let text = format!(
        "defaults:
  cloud: usgov
  sign_in: {{ way: certificate, client_id: {APP}, client_certificate: keys/app.pem }}
  tags: [nightly]
  config: shared/levelmark.yaml
  include: [content.sites]
tenants:
  - id: {}
  - id: Fabrikam.com
    name: Fabrikam
    cloud: global
    sign_in: {{ way: secret, client_secret_env: FABRIKAM_SECRET }}
    tags: []
    config: /etc/levelmark.yaml
    include: []
",
        ID.to_uppercase()
    );
    let [first, second] = entries(&text).try_into().unwrap();
    assert_eq!((first.id.as_str(), first.name.as_str(), first.cloud), (ID, ID, Some(Cloud::Usgov)));
    assert_eq!((first.sign_in.way, first.sign_in.client.as_deref()), (Way::Certificate, Some(APP)));
    assert_eq!(first.sign_in.certificate, Some(PathBuf::from("fleet/keys/app.pem")));
    assert_eq!((first.tags.len(), first.include.len()), (1, 1));
    assert_eq!(first.config, Some(PathBuf::from("fleet/shared/levelmark.yaml")));
    assert_eq!((second.id.as_str(), second.name.as_str()), ("fabrikam.com", "Fabrikam"));
    assert_eq!((second.cloud, second.tags.len(), second.include.len()), (Some(Cloud::Global), 0, 0));
    assert_eq!(second.config, Some(PathBuf::from("/etc/levelmark.yaml")));
    // The application is the default's; its certificate is of no use here.
    let sign_in = &second.sign_in;
    assert_eq!((sign_in.way, sign_in.client.as_deref()), (Way::Secret, Some(APP)));
    assert_eq!((sign_in.secret_variable.as_deref(), &sign_in.certificate), (Some("FABRIKAM_SECRET"), &None));
}

#[test]
fn a_variable_is_looked_up_under_its_own_name() {
    let text = format!("tenants: [{{ id: {ID}, sign_in: {{ token_env: A_TOKEN }} }}]");
    let tenants = read(&text).unwrap();
    assert_eq!(tenants.variables().into_iter().collect::<Vec<_>>(), ["A_TOKEN"]);
    let sign_in = &tenants.entries[0].sign_in;
    assert_eq!(sign_in.way, Way::Token);
    let asked = sign_in.asked(ID, &BTreeMap::from([("A_TOKEN".to_owned(), "abc".into())]), false);
    let token = asked.token.as_ref().unwrap();
    assert_eq!(
        (token.name.as_str(), token.value.as_ref().map(|value| value.secret())),
        ("A_TOKEN", Some("abc"))
    );
    let none = crate::collect::sign_in::Environment::of(|name| Some(format!("other {name}")));
    let method = crate::collect::sign_in::choose(&asked, &none).unwrap();
    assert!(
        matches!(method, crate::collect::sign_in::Method::Token { token, from } if token.secret() == "abc" && from == "A_TOKEN")
    );
    let unset = sign_in.asked(ID, &BTreeMap::new(), false);
    let error = crate::collect::sign_in::choose(&unset, &none).unwrap_err();
    assert_eq!(error.what, "a ready token needs A_TOKEN, which is not set");
}

#[test]
fn every_mistake_at_its_place() {
    let text = "defaults:
  sign_in: { way: githib }
  tag: [x]
tenants:
  - id: nowhere
    cloud: usgv
  - name: con
  - id: a.example
    name: ../up
    include: [content.site, messageCenter.preferences]
  - { id: b.example, sign_in: { way: cli, client_id: 7, tags: x } }
";
    assert_eq!(
        mistakes(text),
        [
            "2 yaml::word: `githib` is not one of the words that may stand here",
            "3 yaml::unknown: unknown key `tag`",
            "5 tenants::id: `nowhere` is neither a directory id nor a domain",
            "6 yaml::word: `usgv` is not one of the words that may stand here",
            "7 yaml::missing: `id` is missing",
            "7 tenants::name: `con` can't be the name of a folder",
            "9 tenants::name: `../up` can't be the name of a folder",
            "10 tenants::section: there is no section `content.site`",
            "10 tenants::section: the section `messageCenter.preferences` is not read from Microsoft Graph",
            "11 yaml::type: expected a text, found a number, `7`",
            "11 yaml::unknown: unknown key `tags`",
        ]
    );
    let help = |text: &str| read(text).unwrap_err().0.remove(0).help.unwrap();
    assert_eq!(help("defaults: { sign_in: { way: githib } }\ntenants: []"), "did you mean `github`?");
    assert_eq!(mistakes("tenants: []"), ["1 tenants::none: no tenant is listed"]);
    assert_eq!(mistakes("{}"), ["1 yaml::missing: `tenants` is missing"]);
}

#[test]
fn a_way_needs_what_it_needs() {
    let one = |sign_in: &str| mistakes(&format!("tenants: [{{ id: a.example, sign_in: {{ {sign_in} }} }}]"));
    assert_eq!(one(""), ["1 tenants::sign_in: nothing says how to sign in to `a.example`"]);
    assert_eq!(one("way: token"), ["1 tenants::sign_in: nothing says where the token for `a.example` is"]);
    let domain = |way: &str| {
        vec![format!("1 tenants::id: with `way: {way}` the directory id is needed, not a domain")]
    };
    assert_eq!(one("token_env: A"), domain("token"));
    assert_eq!(one("way: managed"), domain("managed"));
    assert_eq!(
        one("way: cli, token_env: A"),
        ["1 tenants::sign_in: `token_env` is of no use with `way: cli`"]
    );
    assert_eq!(
        one("client_secret_env: A, client_secret_file: a"),
        ["1 tenants::sign_in: the client secret is in two places"]
    );
}

#[test]
fn nobody_is_listed_twice() {
    let text = format!(
        "defaults: {{ sign_in: {{ way: cli }} }}
tenants:
  - id: {ID}
  - id: {}
  - {{ id: a.example, name: Contoso }}
  - {{ id: b.example, name: contoso }}
  - {{ id: c.example, name: A.example }}
  - {{ id: A.EXAMPLE }}
",
        ID.to_uppercase()
    );
    assert_eq!(
        mistakes(&text),
        [
            format!("4 tenants::twice: the tenant `{}` is given twice", ID.to_uppercase()),
            "6 tenants::twice: the folder `contoso` is given twice".to_owned(),
            "8 tenants::twice: the tenant `A.EXAMPLE` is given twice".to_owned(),
        ]
    );
}

#[test]
fn a_secret_is_refused_and_never_shown() {
    let secret = "Q8~hush-hush.Zw";
    for text in [
        format!("tenants:\n  - id: a.example\n    sign_in: {{ way: secret, client_secret: {secret} }}\n"),
        format!(
            "tenants:\n  - id: a.example\n    sign_in:\n      way: secret\n      client_secret_env: {secret}\n"
        ),
        format!("tenants:\n  - id: a.example\n    sign_in:\n      way: token\n      token: '{secret}'\n"),
        format!(
            "tenants:\n  - id: a.example\n    sign_in:\n      way: token\n      access-token: >\n        {secret}\n"
        ),
        format!(
            "defaults:\n  password: [{secret}]\ntenants:\n  - id: a.example\n    sign_in: {{ way: cli }}\n"
        ),
        // Given twice, and where the file can't be parsed at all.
        format!("tenants:\n  - id: a.example\n    client_secret: x\n    client_secret: {secret}\n"),
        format!("tenants:\n  - id: a.example\n    client_secret: {secret}\n   - broken: [\n"),
    ] {
        let mistakes = read(&text).unwrap_err();
        let shown = render(&mistakes.0, 200);
        assert!(!shown.contains("hush"), "{shown}");
        let told = format!("{mistakes:?}{mistakes}");
        assert!(!told.contains("hush"), "{told}");
    }
    let refused = mistakes("tenants:\n  - id: a.example\n    client_secret: x\n    sign_in: { way: cli }\n");
    assert_eq!(
        refused,
        ["3 tenants::secret: `client_secret` would be a secret, and none may stand in this file"]
    );
    insta::assert_snapshot!(render(
        &read("tenants:\n  - id: a.example\n    sign_in:\n      way: secret\n      client_secret: Q8~hush\n")
            .unwrap_err()
            .0,
        100
    ));
}

#[test]
fn words_choose_tenants() {
    let text = "defaults: { sign_in: { way: cli }, tags: [all] }
tenants:
  - { id: a.example, name: Contoso }
  - { id: b.example, tags: [health] }
";
    let only = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let chosen = read(text).unwrap().only(&words);
        chosen.map(|chosen| chosen.entries.into_iter().map(|entry| entry.id).collect::<Vec<_>>())
    };
    assert_eq!(only(&[]).unwrap(), ["a.example", "b.example"]);
    assert_eq!(only(&["contoso"]).unwrap(), ["a.example"]);
    assert_eq!(only(&["HEALTH", "a.example"]).unwrap(), ["a.example", "b.example"]);
    let unknown = only(&["contos"]).unwrap_err();
    assert_eq!(unknown.to_string(), "no tenant of the file has the name, id or tag `contos`");
    assert_eq!(unknown.help.as_deref(), Some("did you mean `Contoso`?"));
}

#[test]
fn there_are_limits() {
    let many = |tenants: usize| {
        let mut text = "defaults: { sign_in: { way: github } }\ntenants:\n".to_owned();
        (0..tenants).for_each(|n| text.push_str(&format!("  - {{ id: t{n}.example, name: tenant-{n} }}\n")));
        text
    };
    // More than an ordinary file may hold.
    assert!(many(MOST).len() > file::MAX_BYTES);
    assert_eq!(entries(&many(MOST)).len(), MOST);
    assert_eq!(mistakes(&many(MOST + 1)), ["10003 tenants::many: more than 10000 tenants in one file"]);
    let large = "#".repeat(16 * 1024 * 1024 + 1);
    assert_eq!(mistakes(&large), ["0 yaml::file: tenants.yaml: the file has more than 16384 KiB"]);
    assert_eq!(mistakes(&"[".repeat(10_000)).len(), 1);
}

#[test]
fn the_example_of_the_documentation_is_one() {
    let page = include_str!("../../../docs/collecting.md");
    let example = page.split("## Many tenants").nth(1).unwrap().split("```yaml\n").nth(1).unwrap();
    let found = entries(example.split("```").next().unwrap());
    assert_eq!(
        found.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(),
        ["contoso", "fabrikam.com"]
    );
    assert_eq!(found[1].sign_in.client, found[0].sign_in.client);
}

#[test]
fn the_schema_is_as_strict() {
    let schema = super::schema().to_value();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let good = serde_json::json!({ "tenants": [{ "id": "a.example", "sign_in": { "way": "github" } }] });
    assert!(validator.is_valid(&good));
    for key in ["client_secret", "token"] {
        let bad = serde_json::json!({ "tenants": [{ "id": "a.example", "sign_in": { key: "x" } }] });
        assert!(!validator.is_valid(&bad), "{key}");
    }
}
