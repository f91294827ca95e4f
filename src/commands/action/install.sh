#!/usr/bin/env bash
# The first step of the GitHub Action: gets the program. It is of the version of the action's own code, never of
# another one. Comes in: variables of the runner and of action.yml. Goes out: the output `program`, and its folder on
# PATH for later steps of the job. Not here: everything that the program can do by itself.
#
# From the action's release: the archive of this platform, checked against SHA256SUMS, and its attestation. What does
# not match is an error. Only where a release or an archive of this platform does not exist is it built from source.
set -euo pipefail

failed() {
  echo "::error title=Levelmark::$*"
  # Whoever reads the outputs of the action learns it too.
  printf 'exit-code=2\nresult=error\n' >> "$GITHUB_OUTPUT"
  exit 2
}
notice() { echo "::notice title=Levelmark::$*"; }

# On Windows both come with backslashes.
action="${GITHUB_ACTION_PATH//\\//}" temp="${RUNNER_TEMP//\\//}"
repository="${LEVELMARK_ACTION_REPOSITORY:-}" ref="${LEVELMARK_ACTION_REF:-}"
attestation="${LEVELMARK_INPUT_ATTESTATION:-when-possible}"
case "$attestation" in
  required | when-possible) ;;
  *) failed "input attestation: one of required, when-possible is expected" ;;
esac

version="$(sed -n 's/^version = "\([0-9A-Za-z.+-]*\)".*/\1/p' "$action/Cargo.toml" | head -n 1)"
[ -n "$version" ] || failed "the action's own Cargo.toml says no version"
if [[ "$ref" =~ ^v[0-9]+\.[0-9]+\.[0-9]+ ]] && [ "$ref" != "v$version" ]; then
  failed "the action is of the tag $ref, but its code says version $version"
fi

suffix=""
case "${RUNNER_OS:-}/${RUNNER_ARCH:-}" in
  Linux/X64) triple=x86_64-unknown-linux-musl ;;
  Linux/ARM64) triple=aarch64-unknown-linux-musl ;;
  macOS/X64) triple=x86_64-apple-darwin ;;
  macOS/ARM64) triple=aarch64-apple-darwin ;;
  # Windows on ARM runs the other's programs.
  Windows/X64 | Windows/ARM64) triple=x86_64-pc-windows-msvc suffix=.exe ;;
  *) triple="" ;;
esac
stem="levelmark-v$version-$triple" archive="levelmark-v$version-$triple.tar.gz"
[ -z "$suffix" ] || archive="$stem.zip"

home="$temp/levelmark-program-$version"
program="$home/bin/levelmark$suffix"

# Writes what is at an address into a file and says the status of the answer.
get() {
  curl --silent --show-error --location --proto '=https' --tlsv1.2 --retry 3 \
    --output "$2" --write-out '%{http_code}' "$1"
}

digest() {
  if command -v sha256sum > /dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

attested() {
  if [ "${GITHUB_SERVER_URL:-https://github.com}" != https://github.com ]; then
    unattested "the token of this server can't ask github.com for attestations"
  elif ! gh attestation verify --help > /dev/null 2>&1; then
    unattested "gh is not here, or too old to verify attestations"
  elif ! gh attestation verify "$1" --repo "$repository" --deny-self-hosted-runners \
    --signer-workflow "$repository/.github/workflows/release.yml"; then
    failed "$archive has no valid attestation of $repository: it was not built by its release workflow, or gh could not ask"
  fi
}
unattested() {
  [ "$attestation" != required ] || failed "the attestation of $archive was not verified: $1"
  notice "the attestation of $archive was not verified ($1); its checksum was"
}

# Fails where there is nothing to download; ends the step where what there is can't be trusted.
download() {
  local from="https://github.com/$repository/releases/download/v$version" status expected
  [ -n "$triple" ] || { notice "there is no program for ${RUNNER_OS:-?} on ${RUNNER_ARCH:-?}"; return 1; }
  # `uses: ./` and forks that were never released have no release of their own.
  [[ "$repository" =~ ^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$ ]] || { notice "the action is a local one"; return 1; }
  status="$(get "$from/SHA256SUMS" "$temp/SHA256SUMS")" || failed "$from/SHA256SUMS can't be fetched"
  [ "$status" != 404 ] || { notice "$repository has no release v$version"; return 1; }
  [ "$status" = 200 ] || failed "$from/SHA256SUMS: the server answers $status"
  expected="$(tr -d '\r' < "$temp/SHA256SUMS" | awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }')"
  [ -n "$expected" ] || { notice "the release v$version has no $archive"; return 1; }
  status="$(get "$from/$archive" "$temp/$archive")" || failed "$from/$archive can't be fetched"
  [ "$status" = 200 ] || failed "$from/$archive: the server answers $status"
  [ "$(digest "$temp/$archive")" = "$expected" ] ||
    failed "$archive is not what SHA256SUMS of its release says: it is not used"
  attested "$temp/$archive"
  if ! { rm -rf "$home" && mkdir -p "$home/bin" && unpack "$temp/$archive" && mv "$home/$stem/levelmark$suffix" "$program"; }; then
    failed "$archive can't be unpacked, or has no $stem/levelmark$suffix in it"
  fi
}

unpack() {
  case "$1" in
    *.tar.gz) tar -xzf "$1" -C "$home" ;;
    *) if command -v unzip > /dev/null; then unzip -q "$1" -d "$home"; else 7z x -bso0 "-o$home" "$1"; fi ;;
  esac
}

build() {
  command -v cargo > /dev/null ||
    failed "there is no program to download, and no cargo to build one: set up Rust before, or use a released tag"
  notice "levelmark $version is built from the action's source; that takes some minutes"
  cargo install --locked --path "$action" --root "$home"
}

if [ ! -x "$program" ]; then download || build || failed "levelmark $version could not be built"; fi

found="$("$program" --version)" || failed "the program does not start"
[ "$found" = "levelmark $version" ] || failed "the program says it is $found, the action is of version $version"
echo "program=$program" >> "$GITHUB_OUTPUT"
echo "$home/bin" >> "$GITHUB_PATH"
echo "$found"
