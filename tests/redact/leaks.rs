//! Nothing of the original is found in what was redacted, by a search for each of its texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use aho_corasick::AhoCorasick;
use levelmark::policy::compiled::PolicySet;
use levelmark::policy::load::LoadOptions;
use levelmark::redact::{Key, Redactor, Terms};
use levelmark::sections::contract::Type;
use levelmark::sections::personal::{Care, Fields};
use levelmark::sections::{self, normal};
use serde_json::Value;

use super::{KEY, TENANTS, files, fixture, redacted};

/// Shorter texts come about by chance.
const SHORTEST: usize = 4;

/// What the fixtures say that Microsoft or this program says, too, looked at one by one: addresses of
/// Microsoft's, ids that it counts up, names of roles, steps of Graph's paths, competencies.
const EVERYBODYS: [&str; 22] = [
    "/beta/rolemanagement/directory/roledefinitions/62e90394-69f5-4237-9190-012177145e10",
    "/sites/",
    "/teams/",
    "/users",
    "00000002-0000-0ff1-ce00-000000000000",
    "00000006-0000-0ff1-ce00-000000000000",
    "administrator",
    "assignedby",
    "authenticationmethodspolicy",
    "authorizationpolicy",
    "conditional access",
    "deviceregistrationpolicy",
    "https://techcommunity.microsoft.com",
    "https://www.microsoft.com/microsoft-365/roadmap",
    "infrastructure",
    "installationoptions",
    "levelmark",
    "partners",
    "scoreinpercentage",
    // Of the hostile tenant: ids of Microsoft's with a number behind them, a name of Graph's.
    "ex1290012-2",
    "mc1190012-2",
    "alias",
];

/// What may be found: ids and words that are listed as everybody's, constants of the policies, names and
/// enums of the contracts.
fn published() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut words = BTreeSet::new();
    let mut add = |text: &str| words.extend([text.trim().to_lowercase()]);
    for line in fs::read_to_string(root.join("src/redact/known.txt")).unwrap().lines() {
        add(line);
        line.split_once(' ').into_iter().for_each(|(id, name)| {
            add(id);
            add(name);
        });
    }
    for (_, bytes) in files(&root.join("policies")) {
        let text = String::from_utf8(bytes).unwrap();
        let checks = text.split("\nexamples:").next().unwrap_or_default();
        checks.split('\'').for_each(&mut add);
        // Defaults of parameters.
        let items = checks.lines().filter_map(|line| line.trim().strip_prefix("- "));
        items.for_each(|item| add(item.split('#').next().unwrap_or_default()));
    }
    for place in ["contracts", "permissions.json", "personal.json"] {
        for (_, bytes) in files(&root.join("src/sections").join(place)) {
            let text = String::from_utf8(bytes).unwrap();
            text.split('"').for_each(|word| word.split([' ', '/']).for_each(&mut add));
        }
    }
    sections::all().for_each(|section| add(section.id));
    words
}

/// Texts of an item: those that are personal, and those that may be shown.
struct Texts<'t> {
    personal: &'t mut BTreeSet<String>,
    open: &'t mut BTreeSet<String>,
}

impl Texts<'_> {
    fn gather(&mut self, value: &Value, expected: Option<&Type>, fields: Option<&Fields>, care: Care) {
        match value {
            Value::String(text) if matches!(care, Care::Open | Care::Published) => {
                self.open.insert(text.to_lowercase());
            }
            Value::String(text) => drop(self.personal.insert(text.clone())),
            Value::Array(items) => {
                let inner = match expected {
                    Some(Type::Array(inner)) => Some(&**inner),
                    other => other,
                };
                items.iter().for_each(|item| self.gather(item, inner, fields, care));
            }
            Value::Object(members) => {
                for (name, value) in members {
                    let known = match expected {
                        Some(Type::Object(contract)) => contract.field(name),
                        _ => None,
                    };
                    let own = fields.and_then(|fields| fields.member(name));
                    let care = match known {
                        Some(_) => own.and_then(Fields::care).unwrap_or(care),
                        None => Care::Personal,
                    };
                    if known.is_none() {
                        self.personal.insert(name.clone());
                    }
                    self.gather(value, known, own, care);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// What a line of `levelmark.yaml` or `attestations.yaml` says of people and of the organisation.
fn values(line: &str) -> Vec<String> {
    let (line, comment) = line.split_once(" #").unwrap_or((line, ""));
    let line = line.trim().trim_start_matches("- ");
    let (name, value) = line.split_once(": ").unwrap_or(("", line));
    if ["check", "answer", "kind", "answers", "on", "expires"].contains(&name) || line.ends_with(':') {
        return Vec::new();
    }
    let pieces = value.split(['"', '[', ']', '{', '}', ',', '<', '>']).chain([value, comment]);
    let texts = pieces
        .map(|piece| piece.trim().to_owned())
        .filter(|piece| !piece.contains(": ") && !piece.ends_with(':'));
    texts.collect()
}

/// Texts of the fixture that must not be found, and those that may.
fn texts(name: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut personal, mut open) = (BTreeSet::new(), BTreeSet::new());
    for (file, bytes) in files(&fixture(name)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(section) =
            file.rsplit('/').next().and_then(|file| sections::find(file.strip_suffix(".json")?))
        {
            let contract = Type::Object(section.contract().clone());
            let mut texts = Texts { personal: &mut personal, open: &mut open };
            for item in serde_json::from_str::<Value>(&text).unwrap().as_array().unwrap() {
                texts.gather(item, Some(&contract), Some(section.personal()), Care::Personal);
            }
        } else if file.ends_with(".yaml") {
            personal.extend(text.lines().flat_map(values));
        } else if file.ends_with("manifest.json") {
            let manifest: Value = serde_json::from_str(&text).unwrap();
            let mut add = |value: &Value| personal.extend(value.as_str().map(str::to_owned));
            ["id", "displayName", "defaultDomain"].iter().for_each(|name| add(&manifest["tenant"][name]));
            add(&manifest["taken"]["as"]["app"]);
            for record in manifest["sections"].as_object().unwrap().values() {
                add(&record["declared"]["by"]);
                record["requests"].as_array().into_iter().flatten().for_each(&mut add);
            }
        }
    }
    // People are found by any of their names.
    let accounts =
        fs::read_to_string(fixture(name).join("snapshot/users.accounts.json")).unwrap_or("[]".into());
    for account in serde_json::from_str::<Value>(&accounts).unwrap().as_array().unwrap() {
        let words: Vec<&str> = account["displayName"].as_str().unwrap_or_default().split(' ').collect();
        let named = |word: &&str| word.chars().next().is_some_and(char::is_uppercase);
        if account["department"].is_string() && words.iter().all(named) {
            personal.extend(words.into_iter().map(str::to_owned));
        }
    }
    (personal, open)
}

/// What Microsoft adds to a tenant's name.
const PLAIN_WORDS: [&str; 1] = ["onmicrosoft"];

#[test]
fn what_policies_look_for_in_a_name_says_nothing_else_of_it() {
    let set = PolicySet::load(&LoadOptions::default()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let redactor = Redactor::new(Key::parse(KEY.as_bytes()).unwrap(), Terms::of(&set));
    for (text, says) in [
        ("Contoso-Guests", "Guest"),
        ("Contoso-PIM-Approvers", "PIM"),
        ("Kim-Demo", "Demo"),
        ("contoso_Social of Kim Okafor", "Social"),
        ("Okafor.MVP", "MVP"),
        ("Contoso-Copilot Roadmap of Kim", "Roadmap"),
        ("https://www.linkedin.com/company/contoso", "linkedin.com"),
    ] {
        let made = redactor.text(text);
        assert!(made.contains(says), "{text}: {made}");
        for name in ["contoso", "kim", "okafor", "approver"] {
            assert!(!made.to_lowercase().contains(name), "{text}: {made}");
        }
    }
    let [kim, alexander] = ["kim.okafor", "alexander.okafor"].map(|text| redactor.text(text).len());
    assert_eq!(kim, alexander, "the length of a name tells nothing");
}

/// Names of groups, policies, devices, apps, word by word: of `Contoso-Guests` both.
fn words_of_names(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| words_of_names(item, words)),
        Value::Object(members) => {
            for (name, value) in members {
                if let (Some(text), true) = (
                    value.as_str(),
                    ["displayName", "name", "title", "mailNickname"].contains(&name.as_str()),
                ) {
                    let found = text.split(|letter: char| !letter.is_alphabetic());
                    words.extend(found.filter(|word| word.len() >= SHORTEST).map(str::to_lowercase));
                }
                words_of_names(value, words);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn no_word_of_a_name_is_found_in_any_name() {
    let mut everybodys: BTreeSet<String> = BTreeSet::new();
    let mut add = |text: &str| {
        everybodys.extend(text.split(|letter: char| !letter.is_alphabetic()).map(str::to_lowercase));
    };
    published().iter().for_each(|text| add(text));
    EVERYBODYS.iter().chain(&PLAIN_WORDS).for_each(|text| add(text));
    for name in TENANTS {
        texts(name).1.iter().for_each(|text| add(text));
    }
    for name in TENANTS {
        let names = |folder: &Path| {
            let mut words = BTreeSet::new();
            for (file, bytes) in files(folder).iter().filter(|(file, _)| file.ends_with(".json")) {
                words_of_names(
                    &serde_json::from_slice(bytes).unwrap_or_else(|_| panic!("{file}")),
                    &mut words,
                );
            }
            words
        };
        let (_folder, out) = redacted(name);
        let before: BTreeSet<String> =
            names(&fixture(name)).into_iter().filter(|word| !everybodys.contains(word)).collect();
        assert!(
            name != "contoso" || before.len() > 100 && before.contains("contoso"),
            "{} words",
            before.len()
        );
        let left: BTreeSet<String> = names(&out).intersection(&before).cloned().collect();
        assert!(left.is_empty(), "{name}: {left:?}");
    }
}

/// Whether a text tells nothing by its form.
fn is_plain(text: &str) -> bool {
    text.starts_with("#microsoft.graph.")
        || normal::timestamp(text, true).is_some()
        || normal::date(text).is_some()
        || normal::is_duration(text)
        || text.bytes().all(|byte| byte.is_ascii_digit() || b".:/-".contains(&byte))
            && text.parse::<std::net::IpAddr>().is_err()
        || text.len() <= 11
            && text.get(2..).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

#[test]
fn no_text_of_a_tenant_is_found_anywhere() {
    let published = published();
    for name in TENANTS {
        let (personal, open) = texts(name);
        let terms: Vec<String> = personal
            .into_iter()
            .filter(|text| text.trim().len() >= SHORTEST && !is_plain(text))
            .map(|text| text.to_lowercase())
            .filter(|text| {
                !open.iter().any(|open| open.contains(text))
                    && !published.contains(text.trim())
                    && !EVERYBODYS.contains(&text.trim())
            })
            .collect();
        if name == "contoso" {
            assert!(terms.len() > 1_000, "{} texts are searched for", terms.len());
            for known in [
                "contoso",
                "alva thornmere",
                "it01@contoso.com",
                "change review",
                "xqqg5fs2lkcp935s-fifm2qafkhm",
            ] {
                assert!(terms.iter().any(|term| term == known), "{known}");
            }
        }
        let (_folder, out) = redacted(name);
        let search = AhoCorasick::builder().ascii_case_insensitive(true).build(&terms).unwrap();
        let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (file, bytes) in files(&out) {
            let text = String::from_utf8(bytes).unwrap().to_lowercase();
            for hit in search.find_overlapping_iter(&text) {
                // A word within another is another.
                let beside = [text[..hit.start()].chars().next_back(), text[hit.end()..].chars().next()];
                if beside.into_iter().flatten().any(char::is_alphanumeric) {
                    continue;
                }
                found.entry(&terms[hit.pattern().as_usize()]).or_default().insert(file.clone());
            }
        }
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn no_name_of_a_person_is_found_in_a_report() {
    let (folder, out) = redacted("contoso");
    let (personal, _) = texts("contoso");
    let ours = |text: &String| {
        !text.ends_with("microsoft.com") && text.to_lowercase().contains("contoso")
            || text.get(1..).is_some_and(|rest| rest.contains('@') && !rest.ends_with("microsoft.com"))
    };
    let names: Vec<String> = personal.into_iter().filter(ours).collect();
    assert!(names.len() > 50, "{}", names.len());
    let search = AhoCorasick::builder().ascii_case_insensitive(true).build(&names).unwrap();
    for format in ["text", "json", "html", "markdown", "csv", "sarif", "junit", "github"] {
        let done = super::run(
            folder.path(),
            &["check", out.to_str().unwrap(), "--format", format, "--detail", "full"],
            b"",
        );
        let hit = search.find(&done.stdout).map(|hit| &names[hit.pattern().as_usize()]);
        assert_eq!(hit, None, "{format}");
        let says = done.stdout.contains("redacted");
        assert!(says, "{format} does not say that it is redacted");
    }
}
