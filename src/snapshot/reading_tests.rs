//! Snapshots read from disk and from texts, good and bad: each way in which one can be wrong has its
//! own code and names its place.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use serde_json::json;
use tempfile::TempDir;

use super::document::Text;
use super::problem::Code;
use super::record::State;
use super::{Snapshot, SnapshotError, Wanted};

const MANIFEST: &str = r#"{
  "levelmark": { "snapshot": 1 },
  "tenant": { "id": "11111111-2222-3333-4444-555555555555", "displayName": "Contoso" },
  "taken": { "at": "2026-11-21T02:36:00Z", "by": "levelmark 0.1.0" },
  "sections": {
    "roles.assignments": { "state": "read", "via": "graph", "items": 2 },
    "roles.eligibilities": { "state": "unlicensed", "needs": "Entra ID P2" },
    "users.accounts": { "state": "partial", "reason": "page 2 is missing" }
  }
}"#;
const ASSIGNMENTS: &str = r#"[{ "id": "a", "n": 1.50 }, { "id": "b\u0041" }]"#;
const ACCOUNTS: &str = "[\r\n]";

fn whole() -> String {
    let manifest = MANIFEST.strip_suffix('}').unwrap();
    format!(
        "{manifest}, \"data\": {{\"roles\": {{\"assignments\": {ASSIGNMENTS}}}, \"users\": {{\"accounts\": {ACCOUNTS} }} }} }}"
    )
}

fn read(source: &str) -> Result<Snapshot, SnapshotError> {
    Snapshot::from_text(Text::from_bytes("t.json", source.into())?, Wanted::All)
}

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    for (name, content) in files {
        fs::write(directory.path().join(name), content).unwrap();
    }
    directory
}

const FILES: [(&str, &str); 3] =
    [("manifest.json", MANIFEST), ("roles.assignments.json", ASSIGNMENTS), ("users.accounts.json", ACCOUNTS)];

fn open(path: &Path) -> Result<Snapshot, SnapshotError> {
    Snapshot::open(path, Wanted::All)
}

/// The codes of all troubles, after drawing each of them as people would see it.
#[track_caller]
fn codes(result: Result<Snapshot, SnapshotError>) -> Vec<Code> {
    let error = result.unwrap_err();
    draw(&error);
    error.each().iter().map(|problem| problem.code).collect()
}

fn draw(error: &SnapshotError) -> String {
    let mut out = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .render_report(&mut out, error)
        .unwrap();
    assert!(!out.contains("Failed to read"), "{out}");
    out
}

#[test]
fn what_was_put_off_is_parsed_later() {
    let folder = directory(&FILES);
    for mut snapshot in [
        Snapshot::open(folder.path(), Wanted::Later).unwrap(),
        Snapshot::from_text(Text::from_bytes("t.json", whole().into()).unwrap(), Wanted::Later).unwrap(),
    ] {
        let all = read(&whole()).unwrap();
        assert_eq!((snapshot.digest.as_str(), snapshot.documents.len()), (all.digest.as_str(), 0));
        snapshot.parse(&BTreeSet::from(["roles.assignments".to_owned()])).unwrap();
        let value = |snapshot: &Snapshot| snapshot.section("roles.assignments").unwrap().to_value();
        assert_eq!(value(&snapshot), value(&all));
        // The texts of the others are gone.
        snapshot.parse(&BTreeSet::from(["users.accounts".to_owned()])).unwrap();
        assert_eq!(snapshot.documents.len(), 1);
    }
    let broken = whole().replace("1.50", "1.");
    let mut snapshot =
        Snapshot::from_text(Text::from_bytes("t.json", broken.into()).unwrap(), Wanted::Later).unwrap();
    let error = snapshot.parse(&BTreeSet::from(["roles.assignments".to_owned()])).unwrap_err();
    assert!(draw(&error).contains("t.json"), "{}", draw(&error));
}

#[test]
fn both_forms_are_the_same_snapshot() {
    let folder = directory(&FILES);
    let (file, folder) = (read(&whole()).unwrap(), open(folder.path()).unwrap());
    for snapshot in [&file, &folder] {
        let section = snapshot.section("roles.assignments").unwrap();
        assert_eq!(section.to_value(), json!([{ "id": "a", "n": 1.5 }, { "id": "bA" }]));
        assert!(snapshot.section("users.accounts").unwrap().is_empty());
        assert!(snapshot.section("roles.eligibilities").is_none());
        assert_eq!(snapshot.state("users.accounts"), State::Partial);
        assert_eq!(snapshot.state("roles.eligibilities"), State::Unlicensed);
        assert_eq!(snapshot.state("conditionalAccess.policies"), State::NotAsked);
        assert_eq!(snapshot.record("users.accounts").unwrap().items, Some(0));
    }
    assert_eq!(file.digest, folder.digest);
    let place = file.section("roles.assignments").unwrap().at(1).unwrap();
    assert_eq!(place.document().text().name(), "t.json");
    assert_eq!(place.document().text().position(place.span().start).line, 10);
    let place = folder.section("roles.assignments").unwrap().at(1).unwrap();
    assert!(place.document().text().name().ends_with("roles.assignments.json"));
    assert_eq!(place.document().text().position(place.span().start).column, 28);
}

#[test]
fn only_what_is_wanted_is_parsed_and_the_digest_stays() {
    let all = read(&whole()).unwrap();
    let ids = BTreeSet::from(["users.accounts".to_owned(), "roles.eligibilities".to_owned()]);
    let text = Text::new("t.json", whole());
    let some = Snapshot::from_text(text, Wanted::These(&ids)).unwrap();
    assert_eq!(some.documents.keys().collect::<Vec<_>>(), ["users.accounts"]);
    assert_eq!(some.record("roles.assignments").unwrap().items, Some(2));
    assert_eq!(some.digest, all.digest);
    assert_eq!(some.to_draft().unwrap_err().code, Code::NotParsed);
    // Grammar is checked where somebody wants it, brackets and strings everywhere.
    let read = |wrong: &str| {
        let text = Text::new("t.json", whole().replace("1.50", wrong));
        Snapshot::from_text(text, Wanted::These(&ids)).map(|_| ()).map_err(|error| error.code)
    };
    assert_eq!(read("tru"), Ok(()));
    assert_eq!(read("]"), Err(Code::Json));
    assert_eq!(read("\"\\x\""), Err(Code::Json));
    assert_eq!(codes(super::reading_tests::read(&whole().replace("1.50", "tru"))), [Code::Json]);
}

#[test]
fn order_and_layout_do_not_change_the_digest_but_content_does() {
    let digest = |source: &str| read(source).unwrap().digest;
    let original = digest(&whole());
    let value: serde_json::Value =
        serde_json::from_str(&whole().replace("\\u0041", "A").replace("1.50", "1.5")).unwrap();
    let sorted = digest(&serde_json::to_string(&value).unwrap());
    assert_eq!(digest(&serde_json::to_string_pretty(&value).unwrap().replace('\n', "\r\n")), sorted);
    assert_eq!(digest(&format!("\u{feff}{}", whole())), original);
    assert_ne!(digest(&whole().replace("\"a\"", "\"c\"")), original);
    assert_ne!(digest(&whole().replace("Contoso", "Fabrikam")), original);
    assert_ne!(digest(&whole().replace("partial", "read")), original);
}

#[test]
fn texts_that_are_no_snapshot() {
    let deep = "[".repeat(100_000);
    let manifest = MANIFEST.strip_suffix('}').unwrap();
    let with = |data: &str| format!("{manifest}, \"data\": {data}}}");
    let rows: Vec<(String, Code)> = vec![
        (String::new(), Code::Empty),
        (" \r\n".to_owned(), Code::Empty),
        ("\u{feff}".to_owned(), Code::Empty),
        ("\0\0\0".to_owned(), Code::Json),
        ("Not found".to_owned(), Code::Json),
        ("[]".to_owned(), Code::NotASnapshot),
        ("{}".to_owned(), Code::NotASnapshot),
        (r#"{"levelmark": {"report": 1}}"#.to_owned(), Code::NotASnapshot),
        (r#"{"MetaData": {"Tool": "other"}}"#.to_owned(), Code::NotASnapshot),
        (r#"{"levelmark": {"snapshot": 2, "new": true}, "more": 1}"#.to_owned(), Code::NewerFormat),
        (r#"{"levelmark": {"snapshot": "1"}}"#.to_owned(), Code::Manifest),
        (r#"{"levelmark": {"snapshot": 1}}"#.to_owned(), Code::Manifest),
        (whole().replace("unlicensed", "unlicenced"), Code::Manifest),
        (whole().replace("\"reason\"", "\"raeson\""), Code::Manifest),
        (whole() + "x", Code::Json),
        (whole() + &whole(), Code::Json),
        (whole()[..whole().len() / 2].to_owned(), Code::CutOff),
        (whole()[..whole().len() - 1].to_owned(), Code::CutOff),
        (whole().replace("\"data\"", "\"tenant\""), Code::DuplicateKey),
        (whole().replace("\"users\": {\"acc", "\"roles\": {\"acc"), Code::DuplicateKey),
        (whole().replace("\"n\"", "\"id\""), Code::DuplicateKey),
        (whole().replace("\"by\"", "\"at\""), Code::DuplicateKey),
        (whole().replace("1.50", &deep), Code::TooDeep),
        (whole().replace("\"by\": \"levelmark 0.1.0\"", &format!("\"by\": {deep}")), Code::TooDeep),
        (whole().replace("1.50", "1e999"), Code::Json),
        (whole().replace("1.50", "\"\u{0}\""), Code::Json),
        (with("[]"), Code::NotASnapshot),
        (with("{\"roles\": []}"), Code::NotASnapshot),
        (whole().replace("roles.eligibilities", "roles.eligibilites"), Code::UnknownSection),
        (whole().replace("\"items\": 2", "\"items\": 3"), Code::Items),
        (whole().replace("\"items\": 2", "\"items\": 2, \"sha256\": \"00\""), Code::Digest),
        (whole().replace("\"read\"", "\"denied\""), Code::DataUnexpected),
        (whole().replace("\"unlicensed\"", "\"read\""), Code::DataMissing),
        (whole().replace(ACCOUNTS, "{ \"id\": 1 }"), Code::NotAnArray),
        (whole().replace(ACCOUNTS, "null"), Code::NotAnArray),
    ];
    for (source, code) in rows {
        let start: String = source.chars().take(60).collect();
        assert!(codes(read(&source)).contains(&code), "{start}… is not {code:?}: {:?}", codes(read(&source)));
    }
}

#[test]
fn a_text_cut_anywhere_is_refused() {
    let whole = whole();
    for end in 0..whole.len() {
        assert!(read(&whole[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let source = whole()
        .replace("\"unlicensed\"", "\"read\"")
        .replace("\"items\": 2", "\"items\": 3")
        .replace("\"accounts\"", "\"acounts\"")
        .replace("1.50", "1.5.0");
    let mut found = codes(read(&source));
    found.sort();
    let expected = [Code::Json, Code::UnknownSection, Code::DataMissing, Code::DataMissing, Code::Items];
    assert_eq!(found, expected);
}

#[test]
fn what_people_see() {
    let shown = |source: &str| draw(&read(source).unwrap_err());
    insta::assert_snapshot!(shown(&whole().replace("\"n\"", "\"i\\u0064\"")), @r#"
    levelmark::snapshot::duplicate-key

      × t.json cannot be read: "i\u0064" stands twice in one object
        ╭─[t.json:10:51]
      9 │   }
     10 │ , "data": {"roles": {"assignments": [{ "id": "a", "i\u0064": 1.50 }, { "id": "b\u0041" }]}, "users": {"accounts": [
        ·                                        ──┬─       ────┬────
        ·                                          │            ╰── here
        ·                                          ╰── first here
     11 │ ] } } }
        ╰────
      help: readers disagree on which of the two counts: remove one
    "#);
    insta::assert_snapshot!(shown(&whole().replace("roles.eligibilities", "role.eligibilities")), @r#"
    levelmark::snapshot::unknown-section

      × there is no section `role.eligibilities`
       ╭─[t.json:7:5]
     6 │     "roles.assignments": { "state": "read", "via": "graph", "items": 2 },
     7 │     "role.eligibilities": { "state": "unlicensed", "needs": "Entra ID P2" },
       ·     ──────────┬─────────
       ·               ╰── not in the catalogue
       ╰────
      help: did you mean `roles.eligibilities`?
    "#);
    insta::assert_snapshot!(shown(&whole().replace("\"items\": 2", "\"items\": 3")), @r#"
    levelmark::snapshot::items

      × section roles.assignments has 2 items, but 3 are recorded
       ╭─[t.json:6:5]
     5 │   "sections": {
     6 │     "roles.assignments": { "state": "read", "via": "graph", "items": 3 },
       ·     ─────────┬─────────
       ·              ╰── recorded here
       ╰────
      help: items were added or lost after the snapshot was taken
    "#);
    insta::assert_snapshot!(shown(&whole()[..420]), @r#"
    levelmark::snapshot::cut-off

      × t.json cannot be read: the text ends inside a string
       ╭─[t.json:8:58]
     8 │     "users.accounts": { "state": "partial", "reason": "pag
       ·                                                       ┬  ┬
       ·                                                       │  ╰── here
       ·                                                       ╰── opened here
       ╰────
      help: the file was probably cut off: take or copy it again
    "#);
}

#[test]
fn directories_that_are_no_snapshot() {
    let with = |name: &str, content: &str| {
        let folder = directory(&FILES);
        fs::write(folder.path().join(name), content).unwrap();
        codes(open(folder.path()))
    };
    assert_eq!(with("manifest.json", ""), [Code::Empty]);
    assert_eq!(with("manifest.json", "{\"levelmark\": {\"snapshot\": 9}}"), [Code::NewerFormat]);
    assert_eq!(with("manifest.json", &whole()), [Code::Manifest]);
    assert_eq!(with("users.accounts.json", ""), [Code::Empty]);
    assert_eq!(with("users.accounts.json", "[{}"), [Code::CutOff]);
    assert_eq!(with("users.accounts.json", "[] []"), [Code::Json]);
    assert_eq!(with("users.accounts.json", "{}"), [Code::NotAnArray]);
    assert_eq!(with("users.acounts.json", "[]"), [Code::UnknownSection]);
    assert_eq!(with("roles.eligibilities.json", "[]"), [Code::DataUnexpected]);
    assert_eq!(with("tenant.organization.json", "[]"), [Code::DataUnexpected]);
    assert_eq!(with("roles.assignments.json", "[1]"), [Code::Items]);

    assert_eq!(codes(open(directory(&FILES[1..]).path())), [Code::NoManifest]);
    assert_eq!(codes(open(directory(&FILES[..2]).path())), [Code::DataMissing]);
    assert_eq!(codes(open(Path::new("/does/not/exist"))), [Code::Io]);
    let folder = directory(&FILES);
    fs::write(folder.path().join("notes.txt"), "ours").unwrap();
    fs::write(folder.path().join(".hidden.json"), "not ours").unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    assert!(open(folder.path()).is_ok());
    fs::write(folder.path().join("users.accounts.json"), b"[\"\xFF\"]").unwrap();
    assert_eq!(codes(open(folder.path())), [Code::Utf8]);
}

#[test]
fn a_tenant_folder_is_told_from_its_snapshot() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("snapshot.json"), whole()).unwrap();
    let shown = draw(&open(folder.path()).unwrap_err());
    assert!(shown.contains("did you mean") && shown.contains("snapshot.json"), "{shown}");
}

#[cfg(unix)]
#[test]
fn only_regular_files_within_the_directory() {
    use std::os::unix::fs::symlink;
    let elsewhere = directory(&[("a.json", ACCOUNTS)]);
    let replace = |make: &dyn Fn(&Path)| {
        let folder = directory(&FILES);
        let path = folder.path().join("users.accounts.json");
        fs::remove_file(&path).unwrap();
        make(&path);
        open(folder.path()).map(|_| ()).map_err(|error| error.code)
    };
    let fifo = |path: &Path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    assert_eq!(replace(&|path| symlink(elsewhere.path().join("a.json"), path).unwrap()), Err(Code::Outside));
    assert_eq!(replace(&|path| fs::create_dir(path).unwrap()), Err(Code::NotAFile));
    assert_eq!(replace(&fifo), Err(Code::NotAFile));
    assert_eq!(replace(&|path| symlink("/dev/null", path).unwrap()), Err(Code::Outside));
    assert_eq!(replace(&|path| symlink("nothing", path).unwrap()), Err(Code::Io));
    let within = |path: &Path| {
        fs::write(path.with_extension("data"), ACCOUNTS).unwrap();
        symlink("users.accounts.data", path).unwrap();
    };
    assert_eq!(replace(&within), Ok(()));
    // The user's own path may be a link, but not a pipe.
    let home = TempDir::new().unwrap();
    let (link, pipe) = (home.path().join("link"), home.path().join("pipe"));
    let folder = directory(&FILES);
    symlink(folder.path(), &link).unwrap();
    assert!(open(&link).is_ok());
    fifo(&pipe);
    assert_eq!(codes(open(&pipe)), [Code::NotAFile]);
    assert_eq!(codes(open(Path::new("/dev/null"))), [Code::NotAFile]);
}

#[test]
fn endless_and_hostile_names_stay_readable() {
    let long = "x".repeat(1_000_000);
    for name in [&long[..], "\u{1b}]0;evil\u{7}", "\u{202e}setaler", "a\u{9b}b"] {
        let name = name.replace('\u{1b}', "\\u001b").replace('\u{7}', "\\u0007");
        let source = whole().replace("\"accounts\"", &format!("\"{name}\""));
        let shown = draw(&read(&source).unwrap_err());
        assert!(shown.len() < 3000 && !shown.contains(super::window::is_armed), "{shown:?}");
        let source = whole().replace("\"n\"", &format!("\"{name}\": 0, \"{name}\""));
        let shown = draw(&read(&source).unwrap_err());
        assert!(shown.len() < 3000 && !shown.contains(super::window::is_armed), "{shown:?}");
    }
}

#[test]
fn too_many_sections() {
    let sections: Vec<String> =
        (0..257).map(|n| format!("\"a.s{n}\": {{\"state\": \"not-asked\"}}")).collect();
    let source = whole().replace("\"sections\": {", &format!("\"sections\": {{{},", sections.join(",")));
    assert_eq!(codes(read(&source)), [Code::TooMany]);
}

#[test]
fn threads_change_nothing() {
    let sections = |items: usize| {
        let items: Vec<String> =
            (0..items).map(|n| format!("{{\"id\":\"{n:08}\",\"x\":[1,2,{{}}]}}")).collect();
        format!("[{}]", items.join(","))
    };
    let source = whole().replace(ACCOUNTS, &sections(30_000));
    let read = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let snapshot = pool.install(|| read(&source).unwrap());
        let section = snapshot.section("users.accounts").unwrap();
        assert_eq!(section.len(), 30_000);
        let last = section.at(29_999).unwrap();
        assert_eq!(section.document().item_of(last.get("x").unwrap().at(2).unwrap()), Some(29_999));
        (snapshot.digest.clone(), last.index(), last.raw().to_owned())
    };
    assert_eq!(read(1), read(4));
    let wrong = source.replace("\"00000007\"", "tru").replace("\"00029999\"", "fals");
    for threads in [1, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let error = pool.install(|| super::reading_tests::read(&wrong).unwrap_err());
        assert!(draw(&error).contains("true"), "the first mistake is told");
        let label = error.labels().unwrap().next().unwrap();
        assert_eq!(label.offset(), wrong.find("tru,").unwrap());
    }
}
