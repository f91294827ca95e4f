//! Bad input, through the real binary: a clear message with its place, exit code 2, and nothing
//! written. Each case is a folder of files and a command.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "bad_input/cases.rs"]
mod cases;
mod program;

use std::collections::BTreeMap;
use std::path::Path;

use cases::{Case, POLICY, TENANT, of_configuration, of_other_commands, of_policies, of_snapshots, snapshot};
use program::run;

/// All files below a folder.
fn listing(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            if path.is_dir() {
                found.insert(name, Vec::new());
                folders.push(path);
            } else {
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}

/// Runs a case in a folder of its own; gives the message.
fn message(case: &Case) -> String {
    let folder = tempfile::tempdir().unwrap();
    let good = [("s.json", snapshot().into_bytes()), ("p/INF-400-G2.yaml", POLICY.as_bytes().to_vec())];
    for (name, content) in good.iter().chain(&case.files) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let before = listing(folder.path());
    let run = run(folder.path(), &case.command, b"");
    assert_eq!(run.code, 2, "{}: {:?}\n{}{}", case.name, case.command, run.stdout, run.stderr);
    assert_eq!(run.stdout, "", "{}: no data comes out", case.name);
    assert!(before == listing(folder.path()), "{}: nothing is written", case.name);
    assert!(!run.stderr.contains("defect of ours"), "{}: {}", case.name, run.stderr);
    run.stderr
}

fn all_say(cases: &[Case]) {
    let mut silent = Vec::new();
    for case in cases {
        let message = message(case);
        // Long lines are broken where it suits the width.
        let flat = message.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        for expected in case.says.iter().filter(|expected| !flat.contains(*expected)) {
            silent.push(format!("{}: `{expected}` is not in\n{message}", case.name));
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn bad_snapshots() {
    all_say(&of_snapshots());
}

#[test]
fn bad_policies() {
    all_say(&of_policies());
}

#[test]
fn bad_configuration() {
    all_say(&of_configuration());
}

#[test]
fn bad_arguments_of_other_commands() {
    all_say(&of_other_commands());
}

/// The good files are good, else every case above would prove nothing.
#[test]
fn the_good_files_are_good() {
    for policy in [POLICY.to_owned(), POLICY.replace('\n', "\r\n"), format!("\u{feff}{POLICY}")] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("p")).unwrap();
        std::fs::write(folder.path().join("p/INF-400-G2.yaml"), policy).unwrap();
        for snapshot in [snapshot(), format!("\u{feff}{}", snapshot()), snapshot().replace('\n', "\r\n")] {
            std::fs::write(folder.path().join("s.json"), snapshot).unwrap();
            let run = run(folder.path(), &["check", "s.json", "--no-builtin", "--policies", "p"], b"");
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
            assert!(
                run.stdout.contains("1 checks: 1 pass") || run.stdout.contains("1 check: 1 pass"),
                "{}",
                run.stdout
            );
        }
    }
}

/// What people see, of a dozen of these.
#[test]
fn messages() {
    let cases: Vec<Case> =
        of_snapshots().into_iter().chain(of_policies()).chain(of_configuration()).collect();
    for name in [
        "a missing file",
        "an empty folder",
        "half a file",
        "UTF-16",
        "a name twice",
        "an unknown section",
        "a section that is no array",
        "an unknown key",
        "no for a text",
        "a typo in a field",
        "a broken regex",
        "a forgotten meaning of nothing",
        "two mistakes",
        "answers of another tenant",
        "an unknown parameter of the line",
        "an unknown level",
    ] {
        let case = cases.iter().find(|case| case.name == name).unwrap();
        insta::assert_snapshot!(name.replace(' ', "-"), message(case));
    }
}

/// A folder that cannot be written to, and a place where there can be none.
#[test]
fn nowhere_to_write() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("s.json"), snapshot()).unwrap();
    std::fs::write(
        folder.path().join("body.json"),
        r#"{ "value": [{ "id": "contoso.com", "isDefault": true }] }"#,
    )
    .unwrap();
    let import = |out: &str| {
        let arguments = [
            "import",
            "graph",
            "body.json",
            "--section",
            "tenant.domains",
            "--tenant",
            TENANT,
            "--out",
            out,
            "--at",
            "2026-06-30T00:00:00Z",
        ];
        run(folder.path(), &arguments, b"")
    };
    let below_a_file = import("s.json/new");
    assert_eq!(below_a_file.code, 2, "{}{}", below_a_file.stdout, below_a_file.stderr);
    assert!(below_a_file.stderr.contains("s.json/new"), "{}", below_a_file.stderr);
    let good = import("new.json");
    assert_eq!(good.code, 0, "{}", good.stderr);

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let closed = folder.path().join("closed");
        std::fs::create_dir(&closed).unwrap();
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o500)).unwrap();
        // Permissions do not hold the superuser back.
        if std::fs::write(closed.join("probe"), "").is_err() {
            let run = import("closed/new");
            assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
            assert!(run.stderr.contains("closed/new"), "{}", run.stderr);
        }
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
}
