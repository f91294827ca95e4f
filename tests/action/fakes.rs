//! Programs that would need a network, and a release to download.

use std::path::Path;
use std::process::Command;

use super::runner::Machine;

/// Version of the program, and of the action.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Where the action comes from.
pub(crate) const REPOSITORY: &str = "levelmark/levelmark";
const TRIPLE: &str = "x86_64-unknown-linux-musl";

/// curl knows the files of the fake release and answers 404 to all else.
const CURL: &str = r#"
echo "$@" >> "$FAKES/curl.log"
for argument in "$@"; do
  [ "${previous:-}" != --output ] || output="$argument"
  previous="$argument" address="$argument"
done
for argument in "$@"; do case "$argument" in https://*) address="$argument" ;; esac; done
file="$FAKES/release/${address#https://github.com/}"
if [ -f "$file" ]; then cp "$file" "$output"; printf 200; else echo none > "$output"; printf 404; fi
"#;

/// gh verifies as a file says, and has the comments of another.
const GH: &str = r#"
echo "$@" >> "$FAKES/gh.log"
case "$*" in
  "attestation verify --help") exit 0 ;;
  "attestation verify "*) exit "$(cat "$FAKES/attestation" 2>/dev/null || echo 0)" ;;
  "api graphql "*) cat "$FAKES/comments.json" 2>/dev/null ||
    echo '{"data":{"repository":{"pullRequest":{"comments":{"nodes":[]}}}}}' ;;
  "api --silent --method "*) [ ! -f "$FAKES/forbidden" ] || { echo "gh: Resource not accessible (HTTP 403)" >&2; exit 1; }
    cat > "$FAKES/body.json" ;;
  *) echo "gh does not know: $*" >&2; exit 1 ;;
esac
"#;

/// cargo installs the program of this build.
const CARGO: &str = r#"
echo "$@" >> "$FAKES/cargo.log"
for argument in "$@"; do
  [ "${previous:-}" != --root ] || root="$argument"
  previous="$argument"
done
mkdir -p "$root/bin" && ln -s "$PROGRAM" "$root/bin/levelmark"
"#;

/// A machine with all fakes, and a release of this version.
pub(crate) fn machine() -> Machine {
    let mut machine = Machine::new();
    machine.set("PROGRAM", env!("CARGO_BIN_EXE_levelmark"));
    for (name, script) in [("curl", CURL), ("gh", GH), ("cargo", CARGO)] {
        machine.fake(name, script);
    }
    for (name, value) in [
        ("github.token", "token-of-the-job"),
        ("github.action_ref", &format!("v{VERSION}")),
        ("github.action_repository", REPOSITORY),
    ] {
        machine.contexts.insert(name.to_owned(), value.to_owned());
    }
    release(&machine, VERSION);
    machine.event(
        "push",
        &serde_json::json!({ "repository": { "private": true, "full_name": "contoso/audit" } }),
    );
    machine
}

/// Makes a release whose program is the one of this build.
pub(crate) fn release(machine: &Machine, version: &str) {
    let stem = format!("levelmark-v{version}-{TRIPLE}");
    let build = machine.home.path().join("files").join(&stem);
    std::fs::create_dir_all(&build).unwrap();
    let program = build.join("levelmark");
    std::fs::write(&program, format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_levelmark")))
        .unwrap();
    let folder = folder(machine, version);
    std::fs::create_dir_all(&folder).unwrap();
    let script = format!(
        "chmod +x {stem}/levelmark && tar -czf '{0}/{stem}.tar.gz' {stem} && cd '{0}' && (sha256sum {stem}.tar.gz || shasum -a 256 \
         {stem}.tar.gz) > SHA256SUMS",
        folder.display()
    );
    assert!(shell(&machine.home.path().join("files"), &script));
}

/// Where the files of a release are.
pub(crate) fn folder(machine: &Machine, version: &str) -> std::path::PathBuf {
    machine.home.path().join("fakes/release").join(REPOSITORY).join(format!("releases/download/v{version}"))
}

/// Adds a byte to the archive.
pub(crate) fn spoil(machine: &Machine) {
    let folder = folder(machine, VERSION);
    assert!(shell(&folder, "printf x >> levelmark-*.tar.gz"));
}

fn shell(folder: &Path, script: &str) -> bool {
    Command::new("bash").args(["-ec", script]).current_dir(folder).status().unwrap().success()
}
