//! Declaring from keyboard and table, and what becomes of earlier declarations.

use std::io::Cursor;

use serde_json::json;

use super::*;
use crate::sections::conform::conforms;
use crate::snapshot::record::{Cloud, Format, Manifest, Taken, Tenant};

const ALEX: &str = "bbbbbbbb-0000-0000-0000-000000000001";
const KIM: &str = "bbbbbbbb-0000-0000-0000-000000000002";

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

fn draft() -> Draft {
    let tenant = Tenant {
        id: "aaaaaaaa-0000-0000-0000-000000000001".into(),
        display_name: None,
        default_domain: None,
        cloud: Cloud::Global,
    };
    let taken = Taken { at: at("2026-01-01T00:00:00Z"), by: "test".into(), identity: None };
    let manifest = Manifest {
        levelmark: Format { snapshot: 1 },
        tenant,
        taken,
        redacted: None,
        sections: BTreeMap::new(),
    };
    let accounts = vec![json!({"id": ALEX, "userPrincipalName": "Alex@contoso.com"})];
    Draft { manifest, data: BTreeMap::from([("users.accounts".to_string(), accounts)]) }
}

fn by_alex(on: &str) -> Declared {
    declared("Alex Miller <alex@contoso.com>", at(on), None).unwrap()
}

/// Types these lines; returns the items and what was shown.
fn typed(form: &Form, known: &Known, lines: &str) -> (Option<Vec<Value>>, String) {
    let mut output = Vec::new();
    let items = ask(form, known, &mut Cursor::new(lines.as_bytes()), &mut output).unwrap();
    (items, String::from_utf8(output).unwrap())
}

fn preferences() -> &'static Form {
    form("messageCenter.preferences").unwrap()
}

/// Alex, with the id that the snapshot knows, mail on, two services.
const ALEX_TYPED: &str = "alex@contoso.com\n\nyes\nyes\nalex@contoso.com; ops@contoso.com\ny\nn\ny\nno\nExchange Online; Microsoft Teams\n";

fn alex() -> Value {
    json!({
        "admin": {"userPrincipalName": "alex@contoso.com", "id": ALEX},
        "view": {"allServices": true, "services": []},
        "email": {"enabled": true, "addresses": ["alex@contoso.com", "ops@contoso.com"], "majorUpdates": true,
            "dataPrivacy": false, "weeklyDigest": true, "allServices": false,
            "services": ["Exchange Online", "Microsoft Teams"]},
    })
}

#[test]
fn the_questions_of_one_administrator_make_one_item() {
    let known = Known::of(&draft(), preferences());
    let (items, shown) = typed(preferences(), &known, &format!("{ALEX_TYPED}no\n"));
    assert_eq!(items, Some(vec![alex()]));
    assert!(shown.contains(&format!("2. Object id of that account (a GUID) [{ALEX}]: ")), "{shown}");
    assert!(!shown.contains("4. Services that the page shows"), "does not apply");
}

#[test]
fn every_form_makes_items_that_keep_their_contract() {
    let known = Known::default();
    let cases = [
        ("messageCenter.preferences", format!("a@b.example\n{ALEX}\nno\nExchange Online\nno\n\n")),
        ("messageCenter.plannerSync", "yes\nplan-1\nTo do\nno\nExchange Online\nyes\n".into()),
        ("messageCenter.plannerSync", "no\n".into()),
        (
            "serviceHealth.notifications",
            format!("a@b.example\n{ALEX}\nyes\nyes\na@b.example\nyes\nno\nyes\n\n"),
        ),
        ("tenant.releasePreferences", "3\na@b.example\n".into()),
        ("tenant.releasePreferences", "standard\n".into()),
    ];
    for (section, lines) in cases {
        let (items, shown) = typed(form(section).unwrap(), &known, &lines);
        let items = items.unwrap_or_else(|| panic!("{section} was not finished:\n{shown}"));
        for item in &items {
            assert_eq!(conforms(find(section).unwrap(), item), [], "{section}: {item}");
        }
        let questions: usize = form(section).unwrap().questions.len();
        let answers: usize =
            items[0].as_object().unwrap().values().map(|v| v.as_object().map_or(1, |o| o.len())).sum();
        assert_eq!(answers, questions, "{section}: every field has an answer");
    }
}

#[test]
fn not_configured_leaves_nothing_open() {
    let (items, _) = typed(form("messageCenter.plannerSync").unwrap(), &Known::default(), "no\n");
    let expected = json!({"configured": false, "planId": null, "bucket": null, "allServices": false, "services": [], "recurring": false});
    assert_eq!(items, Some(vec![expected]));
}

#[test]
fn wrong_answers_are_explained_and_asked_again() {
    let lines = format!("alex\n\n?\nalex@contoso.com\nx\n{ALEX}\nmaybe\nyes\nno\n\n");
    let (items, shown) = typed(preferences(), &Known::default(), &lines);
    assert_eq!(items.unwrap()[0]["view"]["allServices"], true);
    for part in [
        "must look like name@domain",
        "an answer is needed",
        "Write the name that this person",
        "must be a GUID",
        "must be yes or no",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn going_back_changes_an_answer_and_what_follows_from_it() {
    let form = form("messageCenter.plannerSync").unwrap();
    let (items, shown) = typed(form, &Known::default(), "<\nyes\nplan-1\n<\n<\nno\n");
    assert!(shown.contains("this is the first question"));
    assert_eq!(items.unwrap()[0]["planId"], Value::Null);
    // Back over a question that did not apply, then forward again.
    let (items, _) = typed(form, &Known::default(), "yes\nplan-1\nTo do\nyes\n<\nno\nTeams\nyes\n");
    let items = items.unwrap();
    assert_eq!((&items[0]["allServices"], &items[0]["services"]), (&json!(false), &json!(["Teams"])));
    // Back from the question for another administrator to the last one.
    let (items, _) = typed(
        preferences(),
        &Known::default(),
        &format!("a@b.example\n{ALEX}\nyes\nyes\na@b.example\nn\nn\nn\nyes\n<\nno\nTeams\n\n"),
    );
    assert_eq!(items.unwrap()[0]["email"]["services"], json!(["Teams"]));
}

#[test]
fn an_end_of_input_saves_nothing() {
    let whole = format!("{ALEX_TYPED}yes\nkim@contoso.com\n{KIM}\nyes\nno\nno\n");
    let known = Known::of(&draft(), preferences());
    let all: Vec<&str> = whole.split_inclusive('\n').collect();
    for count in 0..all.len() {
        let part: String = all[..count].concat();
        assert_eq!(typed(preferences(), &known, &part).0, None, "{part}");
    }
    let items = typed(preferences(), &known, &whole).0.unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(
        items[1]["email"],
        json!({"enabled": false, "addresses": [], "majorUpdates": false, "dataPrivacy": false,
        "weeklyDigest": false, "allServices": false, "services": []})
    );
}

#[test]
fn an_earlier_declaration_is_the_default_and_an_administrator_is_replaced_not_doubled() {
    let mut draft = draft();
    declare(&mut draft, preferences(), vec![alex()], by_alex("2026-01-10T00:00:00Z"));
    let known = Known::of(&draft, preferences());
    let (items, _) = typed(preferences(), &known, &format!("ALEX@contoso.com\n{}no\n", "\n".repeat(9)));
    let mut expected = alex();
    expected["admin"]["userPrincipalName"] = json!("ALEX@contoso.com");
    assert_eq!(items, Some(vec![expected]));
    let (items, _) = typed(preferences(), &known, &format!("{ALEX_TYPED}yes\n{ALEX_TYPED}no\n"));
    assert_eq!(items.unwrap().len(), 1);
}

#[test]
fn hostile_text_of_a_snapshot_reaches_the_terminal_harmless() {
    let mut draft = draft();
    let item = json!({"configured": true, "planId": "\u{202E}x\u{9b}31m", "bucket": "b"});
    draft.data.insert("messageCenter.plannerSync".into(), vec![item]);
    let form = form("messageCenter.plannerSync").unwrap();
    let (_, shown) = typed(form, &Known::of(&draft, form), "yes\n");
    assert!(!shown.contains(['\u{202E}', '\u{9b}']), "{shown}");
}

#[test]
fn long_and_unreadable_lines_are_refused_and_the_next_one_counts() {
    let mut input = vec![b'x'; 40_000];
    input.extend_from_slice(b"\n\xFF\xFE\nno\n");
    let mut output = Vec::new();
    let form = form("messageCenter.plannerSync").unwrap();
    let items = ask(form, &Known::default(), &mut Cursor::new(input), &mut output).unwrap();
    assert!(items.is_some());
    let shown = String::from_utf8(output).unwrap();
    assert!(shown.contains("too long") && shown.contains("not readable"), "{shown}");
}

#[test]
fn a_table_has_one_row_per_administrator() {
    let known = Known::of(&draft(), preferences());
    let csv = "\u{FEFF}admin.userPrincipalName,view.allServices,view.services,email.enabled,email.addresses,email.majorUpdates,email.dataPrivacy,email.weeklyDigest,email.allServices,email.services\r\n\
        alex@contoso.com,yes,,yes,alex@contoso.com; ops@contoso.com,yes,no,yes,no,\"Exchange Online; Microsoft Teams\"\r\n\r\n";
    assert_eq!(read(preferences(), csv.as_bytes(), "t.csv", &known).unwrap(), [alex()]);
    let semicolons = csv
        .replace(", ", "§")
        .replace(',', ";")
        .replace("alex@contoso.com; ops@contoso.com", "\"alex@contoso.com;ops@contoso.com\"");
    assert_eq!(read(preferences(), semicolons.as_bytes(), "t.csv", &known).unwrap(), [alex()]);
    let wide: Vec<u8> = csv.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(preferences(), &wide, "t.csv", &known).unwrap(), [alex()]);
    assert!(template(preferences()).starts_with("admin.userPrincipalName,admin.id,view.allServices,"));
    let filled = format!("{}no,,,,,\n", template(form("messageCenter.plannerSync").unwrap()));
    let items = read(form("messageCenter.plannerSync").unwrap(), filled.as_bytes(), "t.csv", &known).unwrap();
    assert_eq!(items[0]["configured"], false);
}

#[test]
fn all_mistakes_of_a_table_are_told_at_once_with_line_and_column() {
    let csv = format!(
        "admin.userPrincipalName,admin.id,view.allService,view.services,email.enabled,email.addresses,email.enabled\n\
         alex,,,,maybe,,\n\
         kim@contoso.com,{KIM},,,no,kim@contoso.com,\n\
         ,,,,,,\n\
         kim@contoso.com,{KIM},,,no,,,extra\n"
    );
    let error = read(preferences(), csv.as_bytes(), "t.csv", &Known::default()).unwrap_err();
    let DeclareError::Table { mistakes, .. } = &error else { panic!("{error}") };
    let told: Vec<(u64, &str, &str)> =
        mistakes.iter().map(|m| (m.line, m.column.as_str(), m.message.as_str())).collect();
    let needed = "an answer is needed; the column is missing";
    assert_eq!(
        told,
        [
            (1, "view.allService", "is not a column of this table; did you mean `view.allServices`?"),
            (1, "email.enabled", "stands twice in the header"),
            (2, "admin.userPrincipalName", "`alex` must look like name@domain.example"),
            (2, "admin.id", "an answer is needed"),
            (2, "view.allServices", needed),
            (2, "email.enabled", "must be yes or no"),
            (3, "view.allServices", needed),
            (3, "email.addresses", "must be empty unless email.enabled is yes"),
            (5, "", "has 8 cells, the header has 7"),
            (5, "view.allServices", needed),
        ]
    );
    assert!(error.to_string().contains("\n  line 2, admin.id: an answer is needed"), "{error}");
}

#[test]
fn doubles_and_empty_tables_are_mistakes() {
    let said = |section: &str, rows: &str| {
        let form = form(section).unwrap();
        let csv = template(form) + rows;
        read(form, csv.as_bytes(), "t.csv", &Known::default()).unwrap_err().to_string()
    };
    let row = format!("a@b.example,{ALEX},yes,,no,,,,,,\n");
    let twin = format!("c@d.example,{ALEX},yes,,no,,,,,,\n");
    assert!(
        said("messageCenter.preferences", &(row + &twin))
            .contains("line 3: is about the same administrator as line 2")
    );
    assert!(said("tenant.releasePreferences", "standard,\nstandard,\n").contains("line 3: is a second row"));
    assert!(said("tenant.releasePreferences", "").contains("has a header but no row"));
    let nothing = read(preferences(), b"", "t.csv", &Known::default()).unwrap_err();
    assert!(matches!(nothing, DeclareError::File(ImportError::Empty { .. })));
}

#[test]
fn the_section_is_as_fresh_as_its_oldest_item() {
    let mut draft = draft();
    let mut kim = alex();
    kim["admin"] = json!({"userPrincipalName": "kim@contoso.com", "id": KIM});
    let notes = declare(&mut draft, preferences(), vec![alex()], by_alex("2026-01-10T00:00:00Z"));
    assert!(notes.is_empty());
    let record = |draft: &Draft| draft.manifest.sections["messageCenter.preferences"].clone();
    let first = record(&draft);
    assert_eq!((first.state, first.via, first.items), (State::Read, Some(Via::Declared), Some(1)));
    assert_eq!(first.declared.as_ref().unwrap().expires, at("2026-04-10T00:00:00Z"));
    // A second administrator later: the earlier date and expiry count.
    let later = declared("Kim Lee <kim@contoso.com>", at("2026-03-01T00:00:00Z"), None).unwrap();
    let notes = declare(&mut draft, preferences(), vec![kim.clone()], later.clone());
    assert!(notes[0].contains("counts from 2026-01-10 to 2026-04-10"), "{notes:?}");
    let both = record(&draft).declared.unwrap();
    assert_eq!(
        (both.by, both.on, both.expires),
        (later.by.clone(), first.declared.unwrap().on, at("2026-04-10T00:00:00Z"))
    );
    assert_eq!(draft.data["messageCenter.preferences"], [alex(), kim.clone()]);
    // Everybody anew: the section is renewed.
    let notes = declare(&mut draft, preferences(), vec![kim, alex()], later.clone());
    assert!(notes.is_empty());
    assert_eq!(record(&draft).declared, Some(later));
    assert_eq!(draft.data["messageCenter.preferences"].len(), 2);
    assert_eq!(draft.manifest.taken.at, at("2026-01-01T00:00:00Z"), "a declaration is no observation");
}

#[test]
fn what_came_from_elsewhere_is_replaced_whole() {
    let mut draft = draft();
    let release = form("tenant.releasePreferences").unwrap();
    draft.data.insert(release.section.into(), vec![json!({"track": "standard"})]);
    let item = json!({"track": "targetedEveryone", "users": []});
    let notes = declare(&mut draft, release, vec![item.clone()], by_alex("2026-01-10T00:00:00Z"));
    assert_eq!(draft.data[release.section], [item]);
    assert!(notes[0].contains("from elsewhere"));
}

#[test]
fn who_and_until_when_must_make_sense() {
    let on = at("2026-01-10T00:00:00Z");
    for by in ["", "Alex", "alex@contoso.com", "<alex@contoso.com>", "Alex <alex>", "A\u{7} <a@b.example>"] {
        assert!(matches!(declared(by, on, None), Err(DeclareError::By { .. })), "{by}");
    }
    assert!(matches!(declared("A <a@b.example>", on, Some(on)), Err(DeclareError::Expires { .. })));
    let year = declared(" A <a@b.example> ", on, Some(at("2027-01-10T00:00:00Z"))).unwrap();
    assert_eq!(year.by, "A <a@b.example>");
    let error = form("conditionalAccess.policies").unwrap_err();
    assert!(miette::Diagnostic::help(&error).unwrap().to_string().contains("collected or imported"));
}
