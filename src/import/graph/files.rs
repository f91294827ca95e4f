//! Finds the bodies of a section on disk. Comes in: a file or a folder. Goes out: paths in page
//! order, by the object they were read for. Not here: reading them.

use std::cmp::Ordering;
use std::fs;
use std::path::{Path, PathBuf};

use crate::import::ImportError;

/// A folder may hold at most this many entries.
const MAX_ENTRIES: usize = 100_000;

/// The bodies of one request, page after page.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// The object that the request was made for, where a folder is named after it.
    pub(super) object: Option<String>,
    /// Pages in order of their names.
    pub(super) files: Vec<PathBuf>,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// JSON files in order of their names.
    pub(super) files: Vec<PathBuf>,
    /// Folders in order of their names.
    pub(super) folders: Vec<PathBuf>,
    /// Other files.
    pub(super) others: Vec<PathBuf>,
}

/// Lists a folder; links and special files are refused, hidden files are none.
pub(super) fn list(path: &Path) -> Result<Folder, ImportError> {
    let name = |path: &Path| path.display().to_string();
    let unread = |path: &Path, source| ImportError::Read { name: name(path), source };
    let mut folder = Folder::default();
    for (count, entry) in fs::read_dir(path).map_err(|source| unread(path, source))?.enumerate() {
        if count >= MAX_ENTRIES {
            return Err(ImportError::Limit {
                name: name(path),
                what: format!("more than {MAX_ENTRIES} files in one folder"),
            });
        }
        let entry = entry.map_err(|source| unread(path, source))?;
        let own = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let kind = entry.file_type().map_err(|source| unread(&own, source))?;
        let json = own.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        match (hidden, kind.is_dir(), kind.is_file(), json) {
            (true, ..) => {}
            (false, true, ..) => folder.folders.push(own),
            (false, false, true, true) => folder.files.push(own),
            (false, false, true, false) => folder.others.push(own),
            (false, false, false, _) => return Err(ImportError::NotRegular { name: name(&own) }),
        }
    }
    for list in [&mut folder.files, &mut folder.folders, &mut folder.others] {
        list.sort_by(|a, b| natural(&file_name(a), &file_name(b)));
    }
    Ok(folder)
}

/// The chains of a section: the files of the folder, then those of each folder in it.
pub(super) fn chains(path: &Path) -> Result<Vec<Chain>, ImportError> {
    let top = list(path)?;
    let mut chains = vec![Chain { object: None, files: top.files }];
    for folder in top.folders {
        let files = list(&folder)?.files;
        chains.push(Chain { object: Some(file_name(&folder)), files });
    }
    chains.retain(|chain| !chain.files.is_empty());
    Ok(chains)
}

/// The last part of a path.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Orders names so that `page-2` comes before `page-10`: numbers by value, the rest by letters.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (left, right) = (digits(a), digits(b));
        let step = match (left.is_empty(), right.is_empty()) {
            (false, false) => {
                let (x, y) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
                x.len().cmp(&y.len()).then_with(|| x.cmp(y)).then_with(|| left.len().cmp(&right.len()))
            }
            _ => a.chars().next().cmp(&b.chars().next()),
        };
        if step != Ordering::Equal {
            return step;
        }
        if a.is_empty() {
            return Ordering::Equal;
        }
        let taken =
            |text: &str, number: &str| number.len().max(text.chars().next().map_or(0, char::len_utf8));
        let (x, y) = (taken(a, left), taken(b, right));
        a = a.get(x..).unwrap_or_default();
        b = b.get(y..).unwrap_or_default();
    }
}

fn digits(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_ordered_by_their_numbers() {
        let mut names =
            ["page-10.json", "page-2.json", "b", "page-0001.json", "a", "page-1.json", "page-2a.json", ""];
        names.sort_by(|a, b| natural(a, b));
        let sorted =
            ["", "a", "b", "page-1.json", "page-0001.json", "page-2.json", "page-2a.json", "page-10.json"];
        assert_eq!(names, sorted);
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_folder_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("page-0001.json")).unwrap();
        assert!(matches!(list(dir.path()), Err(ImportError::NotRegular { .. })));
    }
}
