//! The documentation: every command in it is one, every session in it happens as it says, every link
//! leads somewhere, and what policies say is shown on their pages and does nothing.
#![cfg(feature = "collect")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "docs/blocks.rs"]
mod blocks;
#[path = "docs/book.rs"]
mod book;
#[path = "docs/commands.rs"]
mod commands;
mod folders;
#[path = "docs/hostile.rs"]
mod hostile;
#[path = "docs/links.rs"]
mod links;
mod program;
#[path = "docs/sessions.rs"]
mod sessions;

use std::path::{Path, PathBuf};

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The handwritten pages, by name, and README.
fn pages() -> Vec<(String, String)> {
    let listed = std::fs::read_dir(root().join("docs")).unwrap();
    let paths = listed.map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    paths.push(root().join("README.md"));
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn every_exit_code_is_in_the_tables_and_in_its_order() {
    let gate = std::fs::read_to_string(root().join("docs/gate.md")).unwrap();
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for (code, word) in levelmark::exit::MEANINGS {
        for text in [&gate, &readme] {
            assert!(text.contains(&format!("\n| {code} | ")), "{code} ({word}) has no row");
        }
    }
    let codes = levelmark::exit::MEANINGS.map(|(code, _)| code);
    let mut codes: Vec<u8> = codes.into_iter().filter(|code| *code != levelmark::exit::INTERRUPTED).collect();
    codes.sort_by_key(|code| std::cmp::Reverse(levelmark::exit::rank(*code)));
    let order = codes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    assert!(gate.contains(&format!("the first of these counts: {order}.")), "{order}");
}
