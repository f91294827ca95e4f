//! Keys that are none, that are easy to guess, or that others can read; and words that policies of one's own would keep.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::program::{Run, program, run};
use super::{KEY, files, fixture};

fn look_up(folder: &Path, key: &str) -> Run {
    run(folder, &["redact", "--look-up", "Alex", "--key-file", key], b"")
}

#[test]
fn a_file_with_more_than_one_line_is_no_key() {
    let folder = TempDir::new().unwrap();
    let config = fixture("contoso").join("levelmark.yaml");
    fs::write(folder.path().join("two"), format!("{KEY}\n{KEY}\n")).unwrap();
    for key in ["two", config.to_str().unwrap()] {
        let done = look_up(folder.path(), key);
        assert!(done.code == 2 && done.stderr.contains("lines, and a key is one"), "{}", done.stderr);
    }
}

#[test]
fn a_key_that_can_be_guessed_or_read_draws_a_word() {
    let folder = TempDir::new().unwrap();
    assert_eq!(run(folder.path(), &["redact", "--new-key", "new"], b"").code, 0);
    let done = look_up(folder.path(), "new");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    fs::write(folder.path().join("weak"), "password1234password1234password").unwrap();
    let done = look_up(folder.path(), "weak");
    assert!(done.code == 0 && done.stderr.contains("128 random bits"), "{}", done.stderr);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder.path().join("new"), fs::Permissions::from_mode(0o644)).unwrap();
        let done = look_up(folder.path(), "new");
        assert!(done.code == 0 && done.stderr.contains("mode 644"), "{}", done.stderr);
    }
}

#[test]
fn absent_empty_and_no_text_are_told_apart() {
    let folder = TempDir::new().unwrap();
    let said = |value: Option<&std::ffi::OsStr>| {
        let mut command = program(folder.path(), &["redact", "--look-up", "Alex"]);
        if let Some(value) = value {
            command.env("LEVELMARK_REDACT_KEY", value);
        }
        let done = command.output().unwrap();
        assert_eq!(done.status.code(), Some(2));
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(!said.contains('{') && said.contains("LEVELMARK_REDACT_KEY"), "{said}");
        said
    };
    assert!(said(None).contains("none is given"));
    assert!(said(Some("".as_ref())).contains("is set, and empty"));
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        assert!(said(Some(std::ffi::OsStr::from_bytes(&[0xff; 40]))).contains("is not text"));
    }
}

#[test]
fn words_of_ones_own_policies_are_named_before_they_stay() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    assert_eq!(run(here, &["redact", "--new-key", "key"], b"").code, 0);
    fs::create_dir(here.join("own")).unwrap();
    // A literal id, an address as default of a parameter, a pattern that finds whole names, a word of the contract.
    let policy = "id: INF-300-P99\ntitle: t\ncompetency: infrastructure\nlevel: 300\ndimension: process\nabout: a\nwhy: b\nfix: c\n\
        params:\n  our_it: { about: a, type: strings, default: [it01@contoso.com] }\nchecks:\n  \
        - id: x\n    title: t\n    forbid: $.users.accounts[?@.id == '2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff' && in(@.userPrincipalName, $.params.our_it)]\n    empty: pass\n  \
        - id: y\n    title: t\n    forbid: \"$.conditionalAccess.policies[?search(@.displayName, 'CA - .*') && @.state == 'enabled']\"\n    empty: pass\n  \
        - id: z\n    title: t\n    forbid: $.applications.servicePrincipals[?@.customSecurityAttributes.ProjectFalcon == true]\n    empty: pass\n";
    fs::write(here.join("own/INF-300-P99.yaml"), policy).unwrap();
    let from = fixture("contoso");
    let arguments =
        ["redact", from.to_str().unwrap(), "--key-file", "key", "--out", "out", "--policies", "own"];
    let done = run(here, &arguments, b"");
    assert_eq!(done.code, 2, "{}", done.stderr);
    for word in [
        "it01@contoso.com",
        "2f8e465a-71de-5e00-9fcd-c9fdfaf0e8ff",
        "CA - .*",
        "ProjectFalcon",
        "--keep-words",
    ] {
        assert!(
            done.stderr.split_whitespace().collect::<Vec<_>>().join(" ").contains(word),
            "{word}: {}",
            done.stderr
        );
    }
    assert!(!done.stderr.contains("`enabled`") && !here.join("out").exists());
    let done = run(here, &[&arguments[..], &["--keep-words", "--no-verify"]].concat(), b"");
    assert_eq!(done.code, 0, "{}", done.stderr);
    let answers = String::from_utf8(files(&here.join("out")).remove("attestations.yaml").unwrap()).unwrap();
    assert!(answers.contains("it01@contoso.com"), "it was said that it stays");
}
