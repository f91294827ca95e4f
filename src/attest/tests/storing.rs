//! The file of answers: what was there stays, whatever people type, whoever is stopped.

use proptest::prelude::*;

use super::*;
use crate::attest::entry::pairs;
use crate::attest::{AttestError, Entry, Store};
use crate::config::AnswerKind;
use crate::yaml::append::{Addition, flow};
use crate::yaml::file::Limits;

fn entry(name: &str, evidence: &str) -> Entry {
    Entry {
        check: check(name),
        answer: AnswerKind::Yes,
        on: "2026-11-02T00:00:00Z".parse().unwrap(),
        by: ADA.to_owned(),
        evidence: Some(evidence.to_owned()),
        reason: None,
    }
}

/// A folder with the file in it.
fn folder(text: Option<&str>) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("attestations.yaml");
    if let Some(text) = text {
        std::fs::write(&path, text).unwrap();
    }
    (folder, path)
}

const OLD: &str = "  - { check: BCR-4/duty, answer: no, on: 2026-01-01, by: 'A B <a@contoso.com>' }";
const BLOCK: &str = "- check: A-1/b\n  answer: yes\n  on: 2026-11-02\n  by: \"Ada Lovelace <ada@contoso.com>\"\n  evidence: \"x\"\n";

fn block(entry: &Entry) -> String {
    let entries = [pairs(entry)];
    Addition { list: "answers", entries: &entries, limits: Limits::ORDINARY }.blocks("  ", "\n")
}

fn indented(text: &str, by: &str) -> String {
    text.lines().map(|line| format!("{by}{line}\n")).collect()
}

#[test]
fn a_file_whose_answers_were_all_taken_out_takes_new_ones() {
    for emptied in ["answers:\n", "answers: []\n", "answers: # none yet\n"] {
        let (_folder, path) = folder(Some(&format!("tenant: {TENANT}\n{emptied}")));
        let store = Store::at(&path, TENANT).unwrap();
        assert!(store.answers().unwrap().is_empty(), "{emptied}");
        store.append(&[entry("A-1/b", "x")]).unwrap();
        assert_eq!(store.answers().unwrap().len(), 1, "{emptied}");
    }
}

#[test]
fn a_new_file_names_its_tenant() {
    let (_folder, path) = folder(None);
    let store = Store::at(&path, &TENANT.to_uppercase()).unwrap();
    assert!(store.answers().unwrap().is_empty());
    store.append(&[]).unwrap();
    assert!(!path.exists(), "nothing to keep, nothing written");
    store.append(&[entry("A-1/b", "x")]).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.ends_with(&format!("\ntenant: {TENANT}\nanswers:\n{}", indented(BLOCK, "  "))), "{text}");
}

#[test]
fn what_was_there_is_kept_byte_for_byte() {
    let two = indented(BLOCK, "  ");
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let head = format!("# ours\ntenant: {TENANT} # Contoso\n\n");
    let cases = [
        (format!("{head}answers:\n{OLD} # kept\n"), format!("{head}answers:\n{OLD} # kept\n{two}")),
        // No line end at the end.
        (format!("{head}answers:\n{OLD}"), format!("{head}answers:\n{OLD}\n{two}")),
        // Comments behind, other keys behind.
        (
            format!("answers:\n{OLD}\n\n# end of answers\n{head}"),
            format!("answers:\n{OLD}\n{two}\n# end of answers\n{head}"),
        ),
        // Another indentation.
        (
            format!("{head}answers:\n{}\n", OLD.trim_start()),
            format!("{head}answers:\n{}\n{BLOCK}", OLD.trim_start()),
        ),
        // Windows, with a byte order mark.
        (
            format!("\u{FEFF}{}", crlf(&format!("{head}answers:\n{OLD}\n"))),
            format!("\u{FEFF}{}", crlf(&format!("{head}answers:\n{OLD}\n{two}"))),
        ),
        // No list yet.
        (head.clone(), format!("{head}answers:\n{two}")),
        (format!("{head}answers: [] # none\n"), format!("{head}answers: # none\n{two}")),
        (
            format!("{head}answers: [\n{}\n]\n", OLD.trim_start_matches("  - ")),
            format!(
                "{head}answers: [\n{}\n, {{ check: A-1/b, answer: yes, on: 2026-11-02, by: \"{ADA}\", evidence: \"x\" }}]\n",
                OLD.trim_start_matches("  - ")
            ),
        ),
        // A block text at the end.
        (
            format!(
                "{head}answers:\n  - check: A-1/c\n    answer: no\n    on: 2026-01-01\n    by: {ADA}\n    reason: |\n      two\n      lines\n"
            ),
            format!(
                "{head}answers:\n  - check: A-1/c\n    answer: no\n    on: 2026-01-01\n    by: {ADA}\n    reason: |\n      two\n      lines\n{two}"
            ),
        ),
    ];
    for (before, after) in cases {
        let (_folder, path) = folder(Some(&before));
        Store::at(&path, TENANT)
            .unwrap()
            .append(&[entry("A-1/b", "x")])
            .unwrap_or_else(|error| panic!("{error} {before}"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), after);
    }
}

#[test]
fn a_file_with_no_place_for_it_is_left_alone_and_the_entry_is_shown() {
    let text = format!("{{ tenant: {TENANT} }}\n");
    let (_folder, path) = folder(Some(&text));
    let error = Store::at(&path, TENANT).unwrap().append(&[entry("A-1/b", "x")]).unwrap_err();
    assert!(matches!(&error, AttestError::Shape { entry, .. } if entry.contains("A-1/b")), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn the_file_of_another_tenant_is_refused() {
    let (_folder, path) = folder(Some(&format!("tenant: {OTHER}\n")));
    assert!(matches!(Store::at(&path, TENANT), Err(AttestError::Tenant { theirs, .. }) if theirs == OTHER));
    // Also when it became one in between.
    let (_folder, path) = folder(None);
    let store = Store::at(&path, TENANT).unwrap();
    std::fs::write(&path, format!("tenant: {OTHER}\n")).unwrap();
    assert!(matches!(store.append(&[entry("A-1/b", "x")]), Err(AttestError::Tenant { .. })));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("tenant: {OTHER}\n"));
}

#[test]
fn an_invalid_file_is_refused_with_its_mistakes() {
    let (_folder, path) = folder(Some(&format!("tenant: {TENANT}\nanswer: []\n")));
    assert!(matches!(Store::at(&path, TENANT), Err(AttestError::Mistakes(_))));
}

#[test]
fn who_is_stopped_before_the_rename_leaves_the_old_file() {
    let before = format!("tenant: {TENANT}\nanswers:\n{OLD}\n");
    let (folder, path) = folder(Some(&before));
    let store = Store::at(&path, TENANT).unwrap();
    let staged = store.append_and_stop(&[entry("A-1/b", "x")]).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    // What lies beside is whole already, and a later run is not disturbed by it.
    let beside = std::fs::read(staged.path()).unwrap();
    assert_eq!(Attestations::read("t", &beside).unwrap().answers.len(), 2);
    std::mem::forget(staged);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    store.append(&[entry("A-1/b", "x")]).unwrap();
    assert_eq!(store.answers().unwrap().len(), 2);
}

#[test]
fn what_somebody_else_added_in_between_is_kept() {
    let (_folder, path) = folder(None);
    let (ours, theirs) = (Store::at(&path, TENANT).unwrap(), Store::at(&path, TENANT).unwrap());
    ours.append(&[entry("A-1/a", "x")]).unwrap();
    theirs.append(&[entry("A-1/b", "y")]).unwrap();
    ours.append(&[entry("A-1/c", "z")]).unwrap();
    let checks: Vec<String> =
        ours.answers().unwrap().iter().map(|answer| answer.check.check.clone()).collect();
    assert_eq!(checks, ["a", "b", "c"]);
}

#[cfg(unix)]
#[test]
fn a_link_stays_one_and_rights_stay_as_they_are() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path) = folder(Some(&format!("tenant: {TENANT}\n")));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let link = folder.path().join("link.yaml");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    Store::at(&link, TENANT).unwrap().append(&[entry("A-1/b", "x")]).unwrap();
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(Store::at(&path, TENANT).unwrap().answers().unwrap().len(), 1);
}

fn round(text: &str) {
    let (_folder, path) = folder(None);
    let store = Store::at(&path, TENANT).unwrap();
    let mut one = entry("A-1/b", text);
    one.reason = Some(text.to_owned());
    store.append(&[one.clone()]).unwrap_or_else(|error| panic!("{error}: {text:?}"));
    store.append(&[one]).unwrap_or_else(|error| panic!("{error}: {text:?}"));
    let answers = store.answers().unwrap();
    assert_eq!(answers.len(), 2);
    assert!(answers.iter().all(|answer| answer.evidence.as_deref() == Some(text)));
    assert!(answers.iter().all(|answer| answer.reason.as_deref() == Some(text)));
}

#[test]
fn hostile_texts_read_back_as_they_were() {
    for text in [
        "no",
        "~",
        "1.0",
        "0x1f",
        "- a",
        "a: b",
        "a #b",
        "# a",
        "\"",
        "'",
        "\\",
        "\\n",
        "\\x41",
        "{{ }}",
        "[a]",
        "&a",
        "*a",
        "!tag",
        "%YAML",
        "---",
        "...",
        "| x",
        "> x",
        "? x",
        "@a",
        "`a`",
        "a\nb",
        "a\n- check: X-1/y",
        "a\tb",
        "a\u{1b}[31mb",
        "a\u{0}b",
        "a\u{7f}b",
        "a\u{85}b",
        "a\u{2028}b",
        "a\u{202e}b",
        "\u{feff}a",
        "a\u{fffe}b",
        "a\u{ffff}b",
        "a\u{10ffff}b",
        "a\u{e0041}b",
        "Zoë 東京 😀",
        "=1+1",
        "a\r\nb",
        "${now}",
    ] {
        round(text);
    }
    round(&"\u{e0041}".repeat(250));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]
    #[test]
    fn any_text_reads_back(text in "\\PC{0,20}[\\x00-\\x{2fff}]{0,20}") {
        let text = text.trim();
        let list = format!("answers:\n{}", block(&entry("A-1/b", text)));
        let flow = format!("answers: [{}]\n", flow(&pairs(&entry("A-1/b", text))));
        for list in [list, flow] {
            let file = Attestations::read("t", format!("tenant: {TENANT}\n{list}").as_bytes());
            // An empty text is none.
            prop_assert_eq!(file.is_ok(), !text.is_empty());
            if let Ok(file) = file {
                prop_assert_eq!(file.answers[0].evidence.as_deref(), Some(text));
            }
        }
    }
}
