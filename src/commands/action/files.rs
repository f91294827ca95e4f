//! The files of a commit, as they were committed. Comes in: a commit. Goes out: a folder with them, and what each
//! of them was. Not here: which commit counts (`tree`).
//!
//! Each file is the blob itself: a checkout would apply filters, encodings and line ends that `.gitattributes`
//! of the working tree ask for, and those are the proposal's.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use miette::miette;

use super::event::Commit;
use super::git::Git;
use crate::run::Result;

/// What a name stands for in a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Link,
    /// A commit of another repository.
    Submodule,
}

/// Names of a commit's files, from the top of the repository.
pub(super) type Names = BTreeMap<PathBuf, Kind>;

/// One that is to be written.
struct Entry {
    kind: Kind,
    blob: String,
    path: PathBuf,
}

/// Writes the files of a commit into an empty folder, and leaves index and working tree alone.
///
/// # Errors
/// git fails, or a name can't be one of a file.
pub(super) fn extract(git: &Git, commit: &Commit, into: &Path) -> Result<Names> {
    let listed = git.bytes(&["ls-tree", "-r", "-z", "--full-tree", commit.as_str()])?;
    let lines = listed.split(|byte| *byte == 0).filter(|line| !line.is_empty());
    let entries: Vec<Entry> = lines.map(entry).collect::<Result<_>>()?;
    let names = entries.iter().map(|entry| (entry.path.clone(), entry.kind)).collect();
    // Links last, so that no file is written through one.
    let (files, rest): (Vec<&Entry>, Vec<&Entry>) =
        entries.iter().partition(|entry| entry.kind == Kind::File);
    let links = rest.into_iter().filter(|entry| entry.kind == Kind::Link);
    let all: Vec<&Entry> = files.into_iter().chain(links).collect();
    write(git, &all, into)?;
    Ok(names)
}

/// `MODE TYPE ID<tab>NAME`
fn entry(line: &[u8]) -> Result<Entry> {
    let read = || {
        let tab = line.iter().position(|byte| *byte == b'\t')?;
        let (head, name) = line.split_at_checked(tab)?;
        let mut words = std::str::from_utf8(head).ok()?.split(' ');
        let (mode, _, blob) = (words.next()?, words.next()?, words.next()?);
        let kind = match mode {
            "120000" => Kind::Link,
            "160000" => Kind::Submodule,
            _ => Kind::File,
        };
        Some(Entry { kind, blob: Commit::of(blob)?.as_str().to_owned(), path: named(name.get(1..)?)? })
    };
    read().ok_or_else(|| {
        let line = String::from_utf8_lossy(line);
        miette!(
            code = "levelmark::action::git",
            "a commit has a file whose name can't be one here: {}",
            line.escape_debug()
        )
    })
}

/// A name that leads nowhere else: whoever makes a commit by hand can name files as they like.
fn named(name: &[u8]) -> Option<PathBuf> {
    let step = |step: &[u8]| {
        let odd = cfg!(windows) && step.iter().any(|byte| b"\\:".contains(byte));
        !odd && !step.is_empty() && step != b"." && step != b".." && !step.eq_ignore_ascii_case(b".git")
    };
    name.split(|byte| *byte == b'/').all(step).then(|| path(name))?
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere not all bytes are a name")]
fn path(name: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(name)))
}

#[cfg(not(unix))]
fn path(name: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(name).ok().map(PathBuf::from)
}

/// Asks one git for all of them.
fn write(git: &Git, entries: &[&Entry], into: &Path) -> Result<()> {
    let mut command = git.command();
    command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| broken(&error.to_string()))?;
    let (Some(mut questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(broken("it takes no questions"));
    };
    let mut answers = BufReader::new(answers);
    let done = std::thread::scope(|scope| {
        // Beside, since git waits until its answers are read. One that ended says so by what it does not answer.
        scope.spawn(move || {
            for entry in entries {
                if writeln!(questions, "{}", entry.blob).is_err() {
                    break;
                }
            }
        });
        let done = entries.iter().try_for_each(|entry| one(entry, &mut answers, into));
        // Whatever is left is not waited for.
        if done.is_err() {
            let _ = child.kill();
        }
        done
    });
    let ended = child.wait();
    done?;
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(broken(&status.to_string())),
        Err(error) => Err(broken(&error.to_string())),
    }
}

/// `ID blob SIZE`, the bytes, a line break.
fn one(entry: &Entry, answers: &mut impl BufRead, into: &Path) -> Result<()> {
    let told = |error: std::io::Error| broken(&format!("{}: {error}", entry.path.display()));
    let mut head = String::new();
    answers.read_line(&mut head).map_err(told)?;
    let size = head.trim_end().split_once(" blob ").and_then(|(_, size)| size.parse::<u64>().ok());
    let size = size.ok_or_else(|| broken(&format!("{} is not there", entry.path.display())))?;
    let path = into.join(&entry.path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(told)?;
    }
    let mut bytes = answers.take(size);
    match entry.kind {
        Kind::Link => {
            let mut target = Vec::new();
            bytes.read_to_end(&mut target).map_err(told)?;
            link(&target, &path).map_err(told)?;
        }
        Kind::File | Kind::Submodule => {
            let mut file = std::fs::File::create_new(&path).map_err(told)?;
            std::io::copy(&mut bytes, &mut file).map_err(told)?;
        }
    }
    if bytes.limit() > 0 {
        return Err(broken(&format!("{} ends too early", entry.path.display())));
    }
    answers.read_exact(&mut [0]).map_err(told)
}

#[cfg(unix)]
fn link(target: &[u8], path: &Path) -> std::io::Result<()> {
    use std::os::unix::ffi::OsStrExt;
    std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(target), path)
}

/// As git does it where links are not at hand.
#[cfg(not(unix))]
fn link(target: &[u8], path: &Path) -> std::io::Result<()> {
    std::fs::File::create_new(path)?.write_all(target)
}

fn broken(why: &str) -> miette::Report {
    miette!(code = "levelmark::action::git", "git can't give the files of a commit: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_files_are_taken() {
        for name in ["a", "a/b.json", "..a", "-rf", "ä b"] {
            assert_eq!(named(name.as_bytes()), Some(PathBuf::from(name)));
        }
        for name in ["", "/a", "a//b", "../a", "a/..", "./a", "a/.git/config", ".GIT"] {
            assert_eq!(named(name.as_bytes()), None, "{name}");
        }
        assert!(entry(b"100644 blob main\ta").is_err() && entry(b"100644").is_err());
    }

    #[test]
    fn an_answer_that_is_none_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let entry = Entry { kind: Kind::File, blob: "1".repeat(40), path: "a".into() };
        let write = |text: &str| one(&entry, &mut text.as_bytes(), folder.path());
        assert!(write("111 missing\n").is_err());
        assert!(write("").is_err());
        write("111 blob 2\nab\n").unwrap();
        assert_eq!(std::fs::read(folder.path().join("a")).unwrap(), b"ab");
        assert!(write("111 blob 2\nab\n").is_err(), "nothing is written over");
        std::fs::remove_file(folder.path().join("a")).unwrap();
        assert!(write("111 blob 9\nab\n").is_err());
    }
}
