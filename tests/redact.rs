//! Redaction: the same verdicts and the same drift as the original, and nothing of it to be found.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod program;

#[path = "redact/apart.rs"]
mod apart;
#[path = "redact/drift.rs"]
mod drift;
#[path = "redact/errors.rs"]
mod errors;
#[path = "redact/keys.rs"]
mod keys;
#[path = "redact/leaks.rs"]
mod leaks;
#[path = "redact/place.rs"]
mod place;
#[path = "redact/reports.rs"]
mod reports;
#[path = "redact/verdicts.rs"]
mod verdicts;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use program::run;
use tempfile::TempDir;

const KEY: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "fedcba9876543210fedcba9876543210";
const TENANTS: [&str; 4] = ["contoso", "hostile", "no-permissions", "out-of-the-box"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tenants").join(name)
}

/// Redacts into `out` below a folder, which also holds the key.
#[track_caller]
fn redact(folder: &Path, from: &Path, out: &str, key: &str) {
    let file = folder.join(format!("key-{}", &key[..4]));
    fs::write(&file, key).unwrap();
    let done = run(
        folder,
        &["redact", from.to_str().unwrap(), "--out", out, "--key-file", file.to_str().unwrap()],
        b"",
    );
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(!(done.stderr.clone() + &done.stdout).contains(key), "the key is shown");
}

/// A redacted fixture in a folder of its own.
fn redacted(name: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    redact(folder.path(), &fixture(name), "out", KEY);
    let out = folder.path().join("out");
    (folder, out)
}

/// All files below a folder, by their names from there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(here) = open.pop() {
        if here.is_file() {
            let name = here.strip_prefix(folder).unwrap_or(&here).display().to_string();
            found.insert(name, fs::read(&here).unwrap());
            continue;
        }
        open.extend(fs::read_dir(&here).unwrap().map(|entry| entry.unwrap().path()));
    }
    found
}
