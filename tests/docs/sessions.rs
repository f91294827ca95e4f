//! Every session in the documentation happens as it says. A `console` block has commands behind `$ `
//! and what they print; a line with an ellipsis alone stands for any number of lines. The sessions of a
//! page follow each other in a folder with two tenants, `contoso` and `locked`. A comment above a block:
//!
//! - `file: PATH`, `append: PATH`: the block is (the end of) that file
//! - `replace: PATH: WORDS`: the block stands for the last line with these words
//! - `setup: COMMAND`: happens before, and shows nothing

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;

use super::blocks::{Block, blocks};
use super::folders::copy;
use super::program::program;
use super::{pages, root};

/// The day on which they happen: the tenants of the fixtures were made for it.
const TODAY: &str = "2026-11-21";

#[test]
fn every_session_happens_as_it_says() {
    let mut seen = 0;
    for (page, text) in pages() {
        let folder = tempfile::tempdir().unwrap();
        for (from, to) in [("contoso", "contoso"), ("no-permissions", "locked")] {
            copy(&root().join("fixtures/tenants").join(from), &folder.path().join(to));
        }
        for block in blocks(&text) {
            write(folder.path(), &block);
            if block.language == "console" {
                seen += 1;
                session(folder.path(), &page, &block.text);
            }
        }
    }
    assert!(seen > 20, "only {seen} sessions were found");
}

fn write(folder: &Path, block: &Block) {
    let Some(comment) = &block.comment else { return };
    let (what, rest) = comment.split_once(": ").unwrap();
    match what {
        "file" => {
            fs::create_dir_all(folder.join(rest).parent().unwrap()).unwrap();
            fs::write(folder.join(rest), &block.text).unwrap();
        }
        "append" => {
            let before = fs::read_to_string(folder.join(rest)).unwrap();
            fs::write(folder.join(rest), before + &block.text).unwrap();
        }
        "replace" => {
            let (path, words) = rest.split_once(": ").unwrap();
            let before = fs::read_to_string(folder.join(path)).unwrap();
            let mut lines: Vec<&str> = before.lines().collect();
            let at = lines.iter().rposition(|line| line.contains(words)).unwrap();
            lines[at] = block.text.trim_end();
            fs::write(folder.join(path), lines.join("\n") + "\n").unwrap();
        }
        "setup" => assert_eq!(happens(folder, rest).1, 0, "{rest}"),
        other => panic!("no such comment: {other}"),
    }
}

fn session(folder: &Path, page: &str, text: &str) {
    let mut last = 0;
    for step in format!("\n{text}").split("\n$ ").skip(1) {
        let (command, expected) = step.split_once('\n').unwrap_or((step, ""));
        if command == "echo $?" {
            assert_eq!(expected.trim(), last.to_string(), "{page}: exit code");
            continue;
        }
        let (printed, code) = happens(folder, command);
        last = code;
        let expected: Vec<&str> = expected.trim_end().lines().collect();
        let lines: Vec<&str> = printed.trim_end().lines().collect();
        assert!(same(&expected, &lines), "{page}: {command}\nprints otherwise:\n\n{printed}");
    }
}

/// What a terminal would show, and the exit code.
fn happens(folder: &Path, command: &str) -> (String, i32) {
    let mut words = shlex::split(command).unwrap();
    assert_eq!(words.remove(0), "levelmark", "{command}");
    if matches!(words[0].as_str(), "check" | "attest" | "messages")
        && !words.iter().any(|word| word == "--today")
    {
        words.extend(["--today".to_owned(), TODAY.to_owned()]);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // Both streams into one pipe, as on a terminal.
    let (mut printed, to) = std::io::pipe().unwrap();
    let mut command = program(folder, &words);
    command.stdin(Stdio::piped()).stdout(to.try_clone().unwrap()).stderr(to);
    let mut child = command.spawn().unwrap();
    // The command keeps its ends of the pipe open.
    drop(command);
    // A program that asks nothing reads nothing; that is no failure of the test.
    let _ = child.stdin.take().unwrap().write_all(b"q\n");
    let mut text = String::new();
    printed.read_to_string(&mut text).unwrap();
    (text, child.wait().unwrap().code().unwrap_or(-1))
}

/// Whether the lines are those expected.
fn same(expected: &[&str], lines: &[&str]) -> bool {
    let mut parts = expected.split(|line| *line == "…");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = strip(lines, first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.len() >= part.len() && strip(&rest[rest.len() - part.len()..], part).is_some();
        }
        let Some(at) = (0..=rest.len()).find(|at| strip(&rest[*at..], part).is_some()) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

fn strip<'l>(lines: &'l [&'l str], start: &[&str]) -> Option<&'l [&'l str]> {
    let equal = |(a, b): (&&str, &&str)| a.trim_end() == b.trim_end();
    let fits = lines.len() >= start.len() && lines.iter().zip(start).all(equal);
    fits.then(|| &lines[start.len()..])
}

#[test]
fn an_ellipsis_stands_for_lines() {
    let lines = ["a", "b", "c", "d"];
    for (expected, fits) in [
        (&["a", "b", "c", "d"][..], true),
        (&["a", "b", "c"], false),
        (&["a", "…"], true),
        (&["…", "d"], true),
        (&["…", "c"], false),
        (&["a", "…", "c", "d"], true),
        (&["a", "…", "b", "…", "d"], true),
        (&["a", "…", "c", "…", "b", "…"], false),
        (&["…"], true),
        (&["b", "…"], false),
    ] {
        assert_eq!(same(expected, &lines), fits, "{expected:?}");
    }
}
