//! Where a finding is, as tools that show files want it: a path from the root of the repository, with
//! forward slashes, never empty. Comes in: what the program knows of the surroundings. Goes out: a location.
//! Not here: looking for anything on a disk; paths are compared as they are written.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::policy::load;

use super::model::{Finding, Place};

/// Where files lie. Empty where nothing is known, e.g. without a repository.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// Root of the repository, absolute.
    pub root: Option<PathBuf>,
    /// Where relative paths start, absolute.
    pub here: PathBuf,
    /// Files of the policies that came from outside, by id.
    pub policies: BTreeMap<String, PathBuf>,
    /// The configuration: where a tenant says what it aims at.
    pub config: Option<PathBuf>,
}

/// A file of the repository, and perhaps a place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// From the root of the repository, with forward slashes.
    pub path: String,
    /// The place in the snapshot, where the file is the snapshot's.
    pub region: Option<Region>,
}

/// Lines and columns in characters, from 1; the end is behind the last character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line and the column behind its last character.
    pub end: Option<(usize, usize)>,
}

impl Ground {
    /// A path from the root of the repository; None where it lies outside, or there is none.
    #[must_use]
    pub fn relative(&self, file: &Path) -> Option<String> {
        let root = self.root.as_deref()?;
        let file = plain(&self.here.join(file));
        let inside = file.strip_prefix(root).ok()?;
        let steps: Option<Vec<&str>> = inside.components().map(|step| step.as_os_str().to_str()).collect();
        steps.map(|steps| steps.join("/")).filter(|path| !path.is_empty())
    }

    /// The place in the snapshot if that lies in the repository, else the file of the policy, else the
    /// configuration, else where the policy stands in Levelmark's own repository.
    #[must_use]
    pub fn of(&self, finding: &Finding, place: Option<&Place>) -> Location {
        let seen = place.and_then(|place| {
            let path = self.relative(Path::new(&place.file))?;
            let end = place.end_line.zip(place.end_column);
            Some(Location { path, region: Some(Region { line: place.line, column: place.column, end }) })
        });
        let policy = || self.relative(self.policies.get(&finding.policy)?);
        seen.unwrap_or_else(|| Location {
            path: policy().or_else(|| self.config()).unwrap_or_else(|| of_ours(finding)),
            region: None,
        })
    }

    /// What concerns no policy: the configuration, else the list of sections in Levelmark's repository.
    #[must_use]
    pub fn of_section(&self) -> Location {
        Location { path: self.config().unwrap_or_else(|| "docs/sections.md".to_owned()), region: None }
    }

    fn config(&self) -> Option<String> {
        self.relative(self.config.as_deref()?)
    }
}

/// Where a built-in policy stands in Levelmark's own repository; where one's own would stand there.
fn of_ours(finding: &Finding) -> String {
    let own = || match finding.level {
        Some(level) => format!("policies/{}/{level}/{}.yaml", finding.competency, finding.policy),
        None => format!("policies/{}/{}.yaml", finding.competency, finding.policy),
    };
    load::builtin_file(&finding.policy).unwrap_or_else(own)
}

/// Without `.` and `..`, as written: what a link would make of it does not count.
#[must_use]
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for step in path.components() {
        match step {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(step),
        }
    }
    plain
}

/// A path as a relative URI (RFC 3986, sections 3.3 and 4.2): all but unreserved characters encoded.
#[must_use]
pub fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_the_root_of_the_repository() {
        let ground = Ground {
            root: Some(PathBuf::from("/repo")),
            here: PathBuf::from("/repo/tenants"),
            ..Ground::default()
        };
        for (file, path) in [
            ("a/users.json", Some("tenants/a/users.json")),
            ("./a/../b.json", Some("tenants/b.json")),
            ("../b.json", Some("b.json")),
            ("../../b.json", None),
            ("/repo/x.json", Some("x.json")),
            ("/repository/x.json", None),
            ("..", None),
        ] {
            assert_eq!(ground.relative(Path::new(file)).as_deref(), path, "{file}");
        }
        assert_eq!(Ground::default().relative(Path::new("x")), None);
    }

    #[test]
    fn a_uri_has_no_character_that_means_something() {
        assert_eq!(uri("a b/ü:?#%.json"), "a%20b/%C3%BC%3A%3F%23%25.json");
    }
}
