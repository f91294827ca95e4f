//! What is refused, with a way out: build services, nobody to ask, paths that cover nothing, files of others.

use std::process::Stdio;

use super::program::{program, run};
use super::{BY, Contoso, some};

/// Without the line breaks of the terminal.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" │ ", " ")
}

#[test]
fn a_build_service_approves_nothing() {
    let contoso = Contoso::new(some);
    for (name, value, refused) in [
        ("CI", "true", true),
        ("CI", "1", true),
        ("CI", "woodpecker", true),
        ("CI", "false", false),
        ("CI", "0", false),
        ("CI", "", false),
        ("TF_BUILD", "True", true),
        ("GITHUB_ACTIONS", "true", true),
        ("GITLAB_CI", "true", true),
        ("JENKINS_URL", "https://ci.contoso.com/", true),
        ("TEAMCITY_VERSION", "2026.1", true),
        ("CODEBUILD_BUILD_ID", "nightly:1", true),
        ("BUILDKITE", "true", true),
        ("CIRCLECI", "true", true),
        ("BITBUCKET_BUILD_NUMBER", "7", true),
    ] {
        // Before anything is read: the snapshot does not even exist.
        let arguments = [&["approve", "nowhere", "--all"], &BY[..]].concat();
        let run = program(contoso.path(), &arguments).env(name, value).stdin(Stdio::null()).output().unwrap();
        let told = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(2));
        assert_eq!(told.contains("levelmark::approve::ci"), refused, "{name}={value}: {told}");
        assert_eq!(told.contains(&format!("and {name} is set")), refused, "{told}");
    }
    assert!(!contoso.path().join("contoso/approvals.yaml").exists());
    // It reads them.
    contoso.approve(&["--all"]);
    let arguments = ["diff", "contoso", "--approved", "--no-effect"];
    let diff = program(contoso.path(), &arguments).env("CI", "true").output().unwrap();
    assert_eq!(diff.status.code(), Some(0));
}

#[test]
fn what_can_not_be_done_is_said_with_a_way_out() {
    let contoso = Contoso::new(some);
    let folder = contoso.path();
    let by = &BY[..2];
    for (arguments, told) in [
        (&["approve", "contoso"][..], "nobody can be asked"),
        (&["approve", "contoso", "--all"], "needs a reason"),
        (&["approve", "contoso", "--all", "--reason", "  "], "the reason is empty"),
        (&["approve", "contoso", "--all", "--reason", "a\u{1b}[2Jb"], "control characters"),
        (&["approve", "contoso", "--all", "--only", "x", "--reason", "r"], "cannot be used with"),
        (&["approve", "contoso/snapshot", "--all", "--reason", "r"], "--against SNAPSHOT"),
        (
            &["approve", "contoso/snapshot", "--against", "contoso/baseline", "--all", "--reason", "r"],
            "--approvals FILE",
        ),
        (&["diff", "contoso/snapshot"], "levelmark diff OLD NEW"),
        (&["diff", "contoso/baseline", "contoso/snapshot", "--approved"], "--approved=FILE"),
        (&["diff", "contoso", "--approved=gone.yaml"], "gone.yaml"),
        (&["diff", "contoso", "--approved", "--allow-other-tenant"], "cannot be used with"),
    ] {
        let by = if arguments[0] == "approve" { by } else { &[] };
        let run = run(folder, &[arguments, by].concat(), b"");
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(flat(&run.stderr).contains(told), "{arguments:?}: {}", run.stderr);
    }
    let who = run(folder, &["approve", "contoso", "--all", "--reason", "r", "--by", "Ada"], b"");
    assert!(who.stderr.contains("is not a name with a mail address"), "{}", who.stderr);
    std::fs::rename(folder.join("contoso/baseline"), folder.join("elsewhere")).unwrap();
    let none = run(folder, &["diff", "contoso"], b"");
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("holds no baseline"), "{}", none.stderr);
    // Named, it may be anywhere; the file, too.
    let arguments =
        ["approve", "contoso/snapshot", "--against", "elsewhere", "--approvals", "a.yaml", "--all"];
    let named = run(folder, &[&arguments[..], &["--no-effect"], &BY[..]].concat(), b"");
    assert_eq!(named.code, 0, "{}", named.stderr);
    let arguments = ["diff", "elsewhere", "contoso/snapshot", "--approved=a.yaml", "--no-effect"];
    assert_eq!(run(folder, &arguments, b"").code, 0);
}

/// Who deletes the last entry leaves a key with nothing behind it.
#[test]
fn a_file_without_an_entry_is_a_file() {
    let contoso = Contoso::new(some);
    contoso.approve(&["--all"]);
    let text = contoso.text();
    let file = contoso.path().join("contoso/approvals.yaml");
    let end = text.find("approvals:\n").unwrap() + "approvals:\n".len();
    std::fs::write(&file, &text[..end]).unwrap();
    assert_eq!(contoso.diff(&[]).code, 5);
    let again = contoso.approve(&["--all"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(contoso.text(), text);
    // Elsewhere a list with nothing in it is written as one.
    std::fs::write(contoso.path().join("contoso/levelmark.yaml"), "drift:\n  ignore:\n").unwrap();
    let run = contoso.diff(&[]);
    assert!(flat(&run.stderr).contains("write it as a list: []"), "{}", run.stderr);
}

#[test]
fn a_path_that_covers_nothing_says_what_there_is() {
    let contoso = Contoso::new(some);
    for (path, told) in [
        ("users.acounts", "did you mean `users.accounts`?"),
        ("users.accounts", "is in applications.registrations, conditionalAccess.policies"),
        ("conditionalAccess.policies/stat", "conditionalAccess.policies#"),
        ("conditionalAccess.policies#nobody", "/state"),
        ("conditionalAccess.policies#nobody/state", "/displayName"),
        ("#x", "there is no section"),
    ] {
        let run = contoso.approve(&["--only", "conditionalAccess.policies", "--only", path]);
        assert_eq!(run.code, 2, "{path}");
        assert!(flat(&run.stderr).contains(told), "{path}: {}", run.stderr);
    }
    assert!(!contoso.path().join("contoso/approvals.yaml").exists(), "all or nothing");
}

#[test]
fn a_file_of_another_tenant_or_with_mistakes_is_left_alone() {
    let contoso = Contoso::new(some);
    let file = contoso.path().join("contoso/approvals.yaml");
    let tenant = "11111111-0000-4000-8000-000000000001";
    let rest = "reason: r, by: 'A B <a@contoso.com>', on: 2026-01-01";
    let ours = "tenant: 8e2f1c44-0000-4000-8000-000000000000";
    let mistakes = format!(
        "{ours}\napprovals:\n  - {{ section: users.acounts, change: added, value: absent, {rest} }}\n  - {{ section: users.accounts, change: gone, value: x, {rest} }}\n"
    );
    let cases = [
        (format!("tenant: {tenant}\n"), &["is about tenant", "are about tenant"][1..]),
        (mistakes, &["there is no section `users.acounts`", "`x` is neither", "3 mistakes"]),
    ];
    for (text, told) in cases {
        std::fs::write(&file, &text).unwrap();
        for run in [contoso.approve(&["--all"]), contoso.diff(&[])] {
            assert_eq!(run.code, 2);
            for told in told {
                assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
            }
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}
