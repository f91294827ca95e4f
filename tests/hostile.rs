//! What others wrote, an attacker among them, never reaches the terminal as it stands: no command
//! prints a control character but the line break, nor one that turns the writing direction or is
//! invisible. Every command, every format, data and messages.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use std::path::{Path, PathBuf};

use program::{Run, run};

const HOSTILE: &str = "fixtures/tenants/hostile";
const SNAPSHOT: &str = "fixtures/tenants/hostile/snapshot";
/// Everything at once: colours, a title for the terminal, a bell, C1, both directions, a byte order
/// mark, invisible letters and tags.
const EVIL: &str = "a\u{1b}[31mred\u{1b}]0;title\u{7}\u{8}\u{7f}\u{9b}31m\u{85}\u{202e}gnp.exe\u{202c}\u{2066}\u{2069}\u{200b}\u{200f}\u{61c}\u{feff}\u{2028}\u{e0041}";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a character may reach a terminal.
fn harmless(c: char) -> bool {
    let turns_or_hides = matches!(u32::from(c),
        0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E
        | 0x2060..=0x206F | 0x3164 | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF);
    c == '\n' || !(c.is_control() || turns_or_hides)
}

fn clean(what: &str, run: &Run) {
    for (stream, text) in [("output", &run.stdout), ("messages", &run.stderr)] {
        for (n, line) in text.lines().enumerate() {
            let bad: Vec<String> =
                line.chars().filter(|c| !harmless(*c)).map(|c| format!("{:04x}", u32::from(c))).collect();
            assert!(bad.is_empty(), "{what}: {stream}, line {}: {bad:?} in {line:?}", n + 1);
        }
        assert!(!text.contains('\r'), "{what}: {stream} has a carriage return");
    }
}

fn clean_run(folder: &Path, arguments: &[&str]) -> Run {
    let run = run(folder, arguments, b"");
    clean(&arguments.join(" "), &run);
    run
}

#[test]
fn check_in_every_volume_and_format() {
    for more in [
        &[][..],
        &["--verbose"],
        &["--quiet"],
        &["--format", "json"],
        &["--format", "html"],
        &["--policy", "INF-400-G2"],
    ] {
        let run = clean_run(
            root(),
            &[&["check", HOSTILE, "--color", "never", "--today", "2026-11-21"], more].concat(),
        );
        assert!(matches!(run.code, 0 | 1 | 3), "{}", run.stderr);
        assert!(
            run.stdout.contains("u{202e}") || run.stdout.contains("u202e"),
            "{more:?}: it is shown, escaped"
        );
    }
    // The other formats, in full; that each is well-formed is in `formats.rs`.
    for format in ["sarif", "junit", "markdown", "csv", "github", "html"] {
        let more = ["--format", format, "--detail", "full", "--today", "2026-11-21"];
        clean_run(root(), &[&["check", HOSTILE], &more[..]].concat());
    }
    // Beside colours of our own there is nothing else.
    let run = run(root(), &["check", HOSTILE, "--color", "always", "--today", "2026-11-21"], b"");
    let mut plain = String::new();
    let mut rest = run.stdout.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        let (code, after) = after.split_once('m').unwrap();
        assert!(code.chars().all(|c| c.is_ascii_digit() || c == ';'), "{code:?}");
        plain += before;
        rest = after;
    }
    clean("check --color always", &Run { code: 0, stdout: plain + rest, stderr: run.stderr });
}

#[test]
fn queries_of_hostile_data() {
    for path in ["$.users.accounts[*]", "$.groups.groups[*].displayName", "$.messageCenter.messages[*]"] {
        for format in ["text", "json"] {
            let run = clean_run(root(), &["query", SNAPSHOT, path, "--format", format]);
            assert_eq!(run.code, 0, "{path}: {}", run.stderr);
            assert!(run.stdout.len() > 100, "{path}");
        }
    }
}

#[test]
fn messages_repeat_no_argument_as_it_stands() {
    for arguments in [
        vec!["check", EVIL],
        vec!["check", HOSTILE, "--policy", EVIL],
        vec!["check", HOSTILE, "--param", EVIL],
        vec!["check", HOSTILE, "--target", EVIL],
        vec!["check", HOSTILE, "--config", EVIL],
        vec!["check", HOSTILE, "--answers", EVIL],
        vec!["check", HOSTILE, "--policies", EVIL],
        vec!["check", HOSTILE, "--baseline", EVIL],
        vec!["check", HOSTILE, "--report", EVIL],
        vec!["check", HOSTILE, "--repository-root", EVIL],
        vec!["report", EVIL],
        vec!["trend", EVIL],
        vec!["explain", EVIL],
        vec!["sections", EVIL],
        vec!["query", SNAPSHOT, EVIL],
        vec!["query", EVIL, "$.users.accounts"],
        vec!["declare", SNAPSHOT, EVIL, "--by", "Ada <ada@contoso.com>"],
        vec!["import", "scubagear", EVIL, "--out", "x"],
        vec!["import", "portal", EVIL, "--out", "x"],
        vec!["import", "graph", EVIL, "--section", "users.accounts", "--out", "x"],
        vec!["import", "graph", SNAPSHOT, "--section", EVIL, "--out", "x"],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let here = |word: &&str| {
            if word.starts_with("fixtures") {
                root().join(word).display().to_string()
            } else {
                (*word).to_owned()
            }
        };
        let arguments: Vec<String> = arguments.iter().map(here).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        assert_eq!(clean_run(folder.path(), &arguments).code, 2, "{arguments:?}");
    }
}

/// A folder with one file of this content.
fn folder(name: &str, content: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

/// A text with everything in it, for JSON or a quoted YAML scalar.
fn quoted(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| if harmless(c) && c.is_ascii() { c.to_string() } else { format!("\\U{:08x}", u32::from(c)) })
        .collect();
    format!("\"{escaped}\"")
}

#[test]
fn policies_of_others() {
    let policy = |title: &str, about: &str| {
        format!(
            "id: INF-400-G2\ntitle: {title}\ncompetency: infrastructure\nlevel: 400\ndimension: governance\nclaims: [INF-400-GRC-04]\n\
             about: {about}\nwhy: {about}\nfix: {about}\nreferences: [{{ title: {about}, url: 'https://example.com' }}]\nchecks:\n\
             \x20 - id: c\n    title: {title}\n    attest: {about}\n"
        )
    };
    let evil = quoted(EVIL);
    let cases = [
        policy(&evil, &evil),
        policy("'x'", &evil),
        policy(EVIL, EVIL),
        format!("{EVIL}: 1\n"),
        policy("x", "x").replace("id: c", &format!("id: {evil}")),
    ];
    for content in cases {
        let (folder, _) = folder("p/INF-400-G2.yaml", &content);
        let options = ["--policies", "p", "--no-builtin"];
        for command in [
            vec!["explain", "INF-400-G2"],
            vec!["policy", "list"],
            vec!["policy", "list", "--format", "json"],
            vec!["policy", "lint"],
            vec!["policy", "test"],
        ] {
            clean_run(folder.path(), &[command.as_slice(), &options].concat());
        }
        let tenant = root().join(SNAPSHOT);
        for volume in ["--verbose", "--quiet"] {
            clean_run(folder.path(), &[&["check", tenant.to_str().unwrap(), volume], &options[..]].concat());
        }
    }
}

#[test]
fn configuration_of_others() {
    let evil = quoted(EVIL);
    let tenant = root().join(SNAPSHOT);
    for content in [
        format!("{EVIL}: 1\n"),
        format!("params: {{ {evil}: 1 }}\n"),
        format!("targets: {{ {evil}: 300 }}\n"),
        format!("answers: {evil}\n"),
        format!("waivers: [{{ check: {evil} }}]\n"),
        format!("tenant: {evil}\nanswers: []\n"),
    ] {
        let (folder, _) = folder("c.yaml", &content);
        let tenant = tenant.to_str().unwrap();
        assert_eq!(clean_run(folder.path(), &["check", tenant, "--config", "c.yaml"]).code, 2, "{content}");
        assert_eq!(clean_run(folder.path(), &["check", tenant, "--answers", "c.yaml"]).code, 2, "{content}");
    }
}

#[test]
fn imports_of_others() {
    let evil = serde_json::to_string(EVIL).unwrap();
    let tenant = "00000000-0000-4000-8000-000000000001";
    let to = ["--out", "new.json", "--tenant", tenant, "--at", "2026-06-30T00:00:00Z"];
    let body = format!("{{ \"value\": [{{ \"id\": {evil}, \"displayName\": {evil}, {evil}: 1 }}] }}");
    let refusal = format!("{{ \"error\": {{ \"code\": {evil}, \"message\": {evil} }} }}");
    for content in [body, refusal, format!("{{ {evil}: {evil} }}"), evil.clone(), EVIL.to_owned()] {
        let (folder, _) = folder("body.json", &content);
        clean_run(
            folder.path(),
            &[&["import", "graph", "body.json", "--section", "groups.groups"], &to[..]].concat(),
        );
        clean_run(folder.path(), &[&["import", "portal", "body.json"], &to[..]].concat());
        clean_run(folder.path(), &[&["import", "scubagear", "body.json"], &to[..]].concat());
        clean_run(folder.path(), &["check", "body.json"]);
        clean_run(folder.path(), &["query", "body.json", "$..*", "--raw"]);
    }
}

/// Names of files are not ours either.
#[test]
fn file_names_of_others() {
    let (folder, _) = folder(&format!("{}.json", EVIL.replace('\u{85}', "")), "[1");
    let name = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().file_name();
    let name = name.to_str().unwrap();
    for arguments in [
        vec!["check", name],
        vec!["query", name, "$..*", "--raw"],
        vec!["import", "scubagear", name, "--out", "x"],
        vec!["check", HOSTILE, "--policies", "."],
    ] {
        clean_run(folder.path(), &arguments);
    }
}
