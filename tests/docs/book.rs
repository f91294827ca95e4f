//! The source of the book as the program writes it: pages by path, their headings and links, read as
//! mdBook reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::blocks::parser;
use super::program::run;
use super::root;

/// Texts by path.
pub(crate) type Book = BTreeMap<String, String>;

/// Writes pages into a new folder and reads them.
pub(crate) fn written(more: &[&str]) -> Book {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let run = run(root(), &[&["docs", out], more].concat(), b"");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{more:?}");
    let mut book = Book::new();
    read(folder.path(), "", &mut book);
    book
}

fn read(folder: &Path, below: &str, book: &mut Book) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            read(&path, &format!("{name}/"), book);
        } else {
            book.insert(name, fs::read_to_string(path).unwrap());
        }
    }
}

/// Where a page's links and images lead.
pub(crate) fn links(text: &str) -> Vec<String> {
    let link = |event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.to_string()),
        _ => None,
    };
    parser(text).filter_map(link).collect()
}

/// The texts of a page's headings.
pub(crate) fn headings(text: &str) -> Vec<String> {
    let (mut headings, mut open) = (Vec::new(), None::<String>);
    for event in parser(text) {
        match (event, &mut open) {
            (Event::Start(Tag::Heading { .. }), _) => open = Some(String::new()),
            (Event::End(TagEnd::Heading(_)), _) => headings.extend(open.take()),
            (Event::Text(text) | Event::Code(text), Some(heading)) => heading.push_str(&text),
            _ => {}
        }
    }
    headings
}

/// The ids that mdBook gives them (mdbook-html, `id_from_content` and `unique_id`).
pub(crate) fn ids(text: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for heading in headings(text) {
        let character = |c: char| match c {
            c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c),
            c if c.is_whitespace() => Some('-'),
            _ => None,
        };
        let id: String = heading.trim().to_lowercase().chars().filter_map(character).collect();
        let numbered = (1..).map(|number| format!("{id}-{number}"));
        let id = std::iter::once(id.clone()).chain(numbered).find(|id| !ids.contains(id)).unwrap();
        ids.insert(id);
    }
    ids
}

/// A path from a page, without `.` and `..`; None if it leaves the book.
pub(crate) fn resolved(page: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// What a page of each kind looks like.
#[test]
fn pages_as_people_read_them() {
    let book = written(&[]);
    for page in [
        "policy/INF-400-G2.md",
        "policy/STT.md",
        "section/identity.securityDefaults.md",
        "section/derived.citations.md",
    ] {
        let name = page.trim_end_matches(".md").replace(['/', '.'], "-");
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("docs__{name}"), book[page]);
        });
    }
}
