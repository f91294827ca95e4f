//! The scripts that a release is made by (`.ci/release/`), on Linux, where releases are packed: what is in an archive, that
//! the same files make the same bytes, checksums, notes. Not here: the workflow around them, which only runs at GitHub.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says what it skips")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use clap::CommandFactory;
use levelmark::cli::Cli;

const PROGRAM: &str = env!("CARGO_BIN_EXE_levelmark");
const VERSION: &str = env!("CARGO_PKG_VERSION");
const LINUX: &str = "x86_64-unknown-linux-gnu";
const WINDOWS: &str = "x86_64-pc-windows-msvc";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// Packs a program that may not run here; the one under test makes completions and pages.
fn package(triple: &str, binary: &Path, out: &Path) -> Command {
    let mut command = Command::new(root().join(".ci/release/package"));
    command.arg(triple).arg(binary).arg(out).arg(PROGRAM).env("SOURCE_DATE_EPOCH", "1700000000");
    command
}

/// A small file in place of a program.
fn stand_in(folder: &Path) -> PathBuf {
    let path = folder.join("built");
    fs::write(&path, "not a program\n".repeat(1000)).unwrap();
    path
}

fn installed(program: &str) -> bool {
    let found = Command::new(program).arg("-v").output().is_ok();
    if !found {
        eprintln!("skipped: the archive for Windows (no {program})");
    }
    found
}

/// Names of the pages of a command and of those below it.
fn pages(command: &clap::Command, name: &str) -> Vec<String> {
    let below = command.get_subcommands().filter(|below| !below.is_hide_set());
    let below = below.flat_map(|below| pages(below, &format!("{name}-{}", below.get_name())));
    std::iter::once(format!("man/{name}.1")).chain(below).collect()
}

/// All files of an archive, below its one folder.
fn wanted(triple: &str, program: &str) -> BTreeSet<String> {
    let completions = ["_levelmark", "_levelmark.ps1", "levelmark.bash", "levelmark.elv", "levelmark.fish"];
    let plain = [program, "README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"];
    plain
        .map(str::to_owned)
        .into_iter()
        .chain(completions.map(|name| format!("completions/{name}")))
        .chain(pages(&Cli::command(), "levelmark"))
        .map(|name| format!("levelmark-v{VERSION}-{triple}/{name}"))
        .collect()
}

fn files(listing: &str) -> BTreeSet<String> {
    listing.lines().filter(|line| !line.ends_with('/')).map(str::to_owned).collect()
}

#[test]
fn an_archive_holds_the_program_and_all_that_goes_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let archive = done(&mut package(LINUX, Path::new(PROGRAM), folder.path()));
    let archive = Path::new(archive.trim_end());
    let name = format!("levelmark-v{VERSION}-{LINUX}");
    assert_eq!(archive, folder.path().canonicalize().unwrap().join(format!("{name}.tar.gz")));
    assert_eq!(files(&done(Command::new("tar").arg("tzf").arg(archive))), wanted(LINUX, "levelmark"));
    let owners = done(Command::new("tar").arg("tvzf").arg(archive));
    assert!(owners.lines().all(|line| line.contains(" 0/0 ") && line.contains("2023-11-1")), "{owners}");

    done(Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(folder.path()));
    let unpacked = folder.path().join(name);
    let program = unpacked.join("levelmark");
    assert_eq!(fs::metadata(&program).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(done(Command::new(&program).arg("--version")), format!("levelmark {VERSION}\n"));
    let completions = done(Command::new(&program).args(["completions", "fish"]));
    assert_eq!(fs::read_to_string(unpacked.join("completions/levelmark.fish")).unwrap(), completions);
    for copied in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        assert_eq!(fs::read(unpacked.join(copied)).unwrap(), fs::read(root().join(copied)).unwrap());
    }
}

#[test]
fn an_archive_for_windows_is_a_zip() {
    if !(installed("zip") && installed("unzip")) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let archive = done(&mut package(WINDOWS, &stand_in(folder.path()), folder.path()));
    let listing = done(Command::new("unzip").arg("-Z1").arg(archive.trim_end()));
    assert_eq!(files(&listing), wanted(WINDOWS, "levelmark.exe"));
}

#[test]
fn the_same_files_make_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let zip = installed("zip") && installed("unzip");
    for triple in [LINUX, WINDOWS].into_iter().filter(|triple| *triple == LINUX || zip) {
        let binary = stand_in(folder.path());
        let bytes = |command: &mut Command| fs::read(done(command).trim_end()).unwrap();
        let first = bytes(&mut package(triple, &binary, &folder.path().join("a")));
        // Elsewhere, later, by somebody with other habits, over what was there.
        fs::write(&binary, fs::read(&binary).unwrap()).unwrap();
        fs::set_permissions(&binary, fs::Permissions::from_mode(0o600)).unwrap();
        let mut other = package(triple, &binary, &folder.path().join("a"));
        other.env("TZ", "Pacific/Auckland").env("LC_ALL", "C.UTF-8").env("TMPDIR", folder.path());
        assert!(first == bytes(&mut other), "{triple}");
        fs::write(&binary, "another program").unwrap();
        assert!(first != bytes(&mut other), "{triple}");
    }
}

#[test]
fn a_program_of_another_version_is_not_packed() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old");
    fs::write(&old, "#!/bin/sh\necho levelmark 0.0.1\n").unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(root().join(".ci/release/package"));
    let output = command.arg(LINUX).arg(&old).arg(folder.path().join("out")).output().unwrap();
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("is not version"), "{}", text(&output.stderr));
    assert_eq!(fs::read_dir(folder.path().join("out")).unwrap().count(), 0);
}

#[test]
fn checksums_are_those_of_all_files() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["levelmark-v1-b.tar.gz", "levelmark-v1-a.zip", "levelmark-v1.cdx.json"] {
        fs::write(folder.path().join(name), name).unwrap();
    }
    let make = || done(Command::new(root().join(".ci/release/checksums")).arg(folder.path()));
    let sums = || fs::read_to_string(folder.path().join("SHA256SUMS")).unwrap();
    make();
    let first = sums();
    let names: Vec<&str> = first.lines().filter_map(|line| line.split("  ").nth(1)).collect();
    assert_eq!(names, ["levelmark-v1-a.zip", "levelmark-v1-b.tar.gz", "levelmark-v1.cdx.json"]);
    make();
    assert_eq!(sums(), first, "the list is not in the list");
    let check =
        || Command::new("sha256sum").args(["-c", "SHA256SUMS"]).current_dir(&folder).output().unwrap();
    assert!(check().status.success());
    fs::write(folder.path().join("levelmark-v1-a.zip"), "something else").unwrap();
    assert!(!check().status.success());
}

/// Runs `notes` in a tree of its own.
fn notes(tag: &str, changelog: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join(".ci/release")).unwrap();
    let script = folder.path().join(".ci/release/notes");
    fs::copy(root().join(".ci/release/notes"), &script).unwrap();
    fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"levelmark\"\nversion = \"1.2.3\"\n")
        .unwrap();
    fs::write(folder.path().join("CHANGELOG.md"), changelog).unwrap();
    Command::new("bash").arg(script).arg(tag).output().unwrap()
}

#[test]
fn notes_are_the_section_of_the_version() {
    let changelog = "# Changelog\n\n## Unreleased\n- soon\n\n## 1.2.3 - 2027-01-31\n### Added\n- new\n\n## 1.2.2 - 2027-01-01\n- old\n";
    let good = notes("v1.2.3", changelog);
    assert_eq!((good.status.success(), text(&good.stdout).trim()), (true, "### Added\n- new"));
    for (tag, changelog, told) in [
        ("v1.2.4", changelog.to_owned(), "the tag must be v1.2.3"),
        ("1.2.3", changelog.to_owned(), "the tag must be v1.2.3"),
        ("v1.2.3", changelog.replace("1.2.3", "1.2.30"), "no section"),
        ("v1.2.3", changelog.replace(" - 2027-01-31", ""), "no section"),
        ("v1.2.3", changelog.replace("### Added\n- new\n", ""), "no section"),
    ] {
        let bad = notes(tag, &changelog);
        assert!(!bad.status.success() && bad.stdout.is_empty(), "{tag}: {changelog}");
        assert!(text(&bad.stderr).contains(told), "{}", text(&bad.stderr));
    }
}

/// The page tells of just the platforms that the workflow builds.
#[test]
fn the_docs_name_every_platform() {
    let workflow = fs::read_to_string(root().join(".github/workflows/release.yml")).unwrap();
    let docs = fs::read_to_string(root().join("docs/installing.md")).unwrap();
    let built = workflow.lines().filter_map(|line| line.trim().strip_prefix("- { triple: "));
    let built: BTreeSet<&str> = built.filter_map(|line| line.split(',').next()).collect();
    let told = docs.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let told: BTreeSet<&str> = told.filter(|name| name.matches('-').count() >= 2).collect();
    assert_eq!(built.len(), 5);
    assert_eq!(told, built);
}
