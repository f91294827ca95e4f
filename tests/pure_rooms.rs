//! What the compiler does not say of the rooms: the pure ones read no file, environment, clock or
//! chance, and every room only looks down. Read from the sources, comments and tests apart.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms whose results depend on their input alone. `policy`, `snapshot`, `import` and `declare`
/// read or write files; they too know no clock.
const PURE: [&str; 10] =
    ["engine", "derive", "redact", "verdict", "query", "sections", "diff", "effect", "report", "messages"];

/// What the pure rooms may not touch.
const IMPURE: [&str; 12] = [
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "Utc::now",
    "Local::now",
    "SystemTime",
    "Instant::now",
    "println!",
    "eprintln!",
    "stdin()",
    "thread_rng",
];

/// Below the program, no room knows what time it is, or talks to the outside behind a caller's back.
const TIMELESS: [&str; 6] =
    ["Utc::now", "Local::now", "SystemTime::now", "Instant::now", "std::env::var", "println!"];

/// Every room with the rooms that it may use, lowest first. Of `report` the verdict knows the words
/// alone: its levels, ranges and counts are the report's.
const ALLOWED: [(&str, &[&str]); 19] = [
    ("sections", &[]),
    ("snapshot", &["sections"]),
    ("query", &["sections", "snapshot"]),
    ("yaml", &[]),
    ("policy", &["sections", "snapshot", "query", "yaml", "record"]),
    ("config", &["sections", "snapshot", "policy", "yaml", "record"]),
    ("derive", &["sections", "snapshot", "query"]),
    ("redact", &["sections", "snapshot", "query", "policy", "config", "derive"]),
    ("engine", &["sections", "snapshot", "query", "yaml", "policy", "config", "derive"]),
    ("verdict", &["policy", "config", "engine", "exit", "report::model"]),
    ("diff", &["sections", "snapshot", "query", "config"]),
    ("effect", &["snapshot", "query", "policy", "derive", "engine", "diff", "report::model"]),
    (
        "report",
        &[
            "sections", "snapshot", "policy", "config", "derive", "engine", "verdict", "diff", "effect",
            "exit",
        ],
    ),
    ("messages", &["snapshot", "derive", "report"]),
    ("import", &["sections", "snapshot"]),
    ("declare", &["sections", "snapshot", "import"]),
    ("collect", &["sections", "snapshot", "yaml", "redact", "import", "record"]),
    (
        "attest",
        &[
            "snapshot", "query", "yaml", "policy", "config", "engine", "verdict", "report", "import",
            "declare",
        ],
    ),
    ("bundle", &["snapshot", "verdict", "report"]),
];

/// The program itself: it may use everything.
const PROGRAM: [&str; 7] = ["cli", "commands", "exit", "run", "terminal", "main", "build"];

/// A source without comments and tests.
struct Source {
    path: PathBuf,
    room: String,
    lines: Vec<(usize, String)>,
}

fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    collect(Path::new("src"), &mut files);
    let tests = test_modules(&files);
    files.retain(|path| {
        !tests.iter().any(|test| path.starts_with(test) || path == &test.with_extension("rs"))
    });
    files.into_iter().map(source).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
}

/// Modules that exist in tests alone, without the extension of their file.
fn test_modules(files: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for two in lines.windows(2).filter(|two| two[0] == "#[cfg(test)]") {
            let elsewhere = two[1].strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix(".rs\"]"));
            if let Some(path) = elsewhere {
                found.push(file.parent().unwrap().join(path));
            }
            let Some(name) = two[1].strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) else {
                continue;
            };
            let stem = file.file_stem().unwrap();
            let folder = if stem == "mod" || stem == "lib" || stem == "main" {
                file.parent().unwrap().to_owned()
            } else {
                file.with_extension("")
            };
            found.push(folder.join(name));
        }
    }
    found
}

fn source(path: PathBuf) -> Source {
    let text = fs::read_to_string(&path).unwrap();
    // Tests are last in a file.
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let code = |line: &str| line.split("//").next().unwrap().to_owned();
    let lines = text[..end].lines().map(code).enumerate().map(|(n, line)| (n + 1, line)).collect();
    let room =
        path.components().nth(1).unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
    Source { path, room, lines }
}

fn mentions(sources: &[Source], rooms: &[&str], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| rooms.contains(&source.room.as_str())) {
        for (n, line) in &source.lines {
            let words = words.iter().filter(|word| line.contains(*word));
            found.extend(words.map(|word| format!("{}:{n}: {word}", source.path.display())));
        }
    }
    found
}

#[test]
fn pure_rooms_touch_nothing_outside() {
    assert_eq!(mentions(&sources(), &PURE, &IMPURE), Vec::<String>::new());
}

#[test]
fn no_room_below_the_program_knows_the_time() {
    let rooms = ALLOWED.map(|(room, _)| room);
    assert_eq!(mentions(&sources(), &rooms, &TIMELESS), Vec::<String>::new());
}

#[test]
fn rooms_only_look_down() {
    let mut wrong = BTreeSet::new();
    for source in sources() {
        let Some((room, allowed)) = ALLOWED.iter().find(|(room, _)| *room == source.room) else {
            let known = PROGRAM.contains(&source.room.as_str()) || source.room == "lib";
            assert!(known, "{} is in no room: say where it stands", source.path.display());
            continue;
        };
        let text: Vec<&str> = source.lines.iter().map(|(_, line)| line.trim()).collect();
        for used in uses(&text.join(" ")) {
            let first = used.split("::").next().unwrap();
            let may = first == *room
                || allowed
                    .iter()
                    .any(|name| used == *name || first == *name || used.starts_with(&format!("{name}::")));
            if !may {
                wrong.insert(format!("{room} uses {used}: {}", source.path.display()));
            }
        }
    }
    assert_eq!(wrong, BTreeSet::new());
}

/// Names behind `crate::`, two steps of them; of a list each one.
fn uses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let end = list.find(|c| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                depth < 0
            });
            let list = &list[..end.unwrap()];
            let mut depth = 0;
            let parts = list.split(|c| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                c == ',' && depth == 0
            });
            found.extend(parts.map(str::trim).filter(|part| !part.is_empty()).map(name));
        } else {
            found.push(name(rest));
        }
    }
    found
}

fn name(path: &str) -> String {
    let end = path.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).unwrap_or(path.len());
    let steps: Vec<&str> = path[..end].split("::").filter(|step| !step.is_empty()).take(2).collect();
    steps.join("::")
}

#[test]
fn the_table_goes_downwards() {
    let mut below: Vec<&str> = vec!["record", "exit", "report::model"];
    for (room, allowed) in ALLOWED {
        let up: Vec<&&str> = allowed.iter().filter(|name| !below.contains(*name)).collect();
        assert!(up.is_empty(), "{room} is listed before {up:?}");
        below.push(room);
    }
}

#[test]
fn the_scan_sees_what_it_looks_for() {
    let sources = sources();
    assert!(sources.len() > 100, "{}", sources.len());
    assert!(!mentions(&sources, &["terminal"], &["Utc::now"]).is_empty(), "terminal.rs reads the clock");
    assert!(!mentions(&sources, &["snapshot"], &["std::fs"]).is_empty(), "snapshots are read from files");
    let used = uses("use crate::{ a::{b, c}, d }; use crate::e::f::G; crate::h(1)");
    assert_eq!(used, ["a", "d", "e::f", "h"]);
}
