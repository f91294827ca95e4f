//! `docs`: a page for each policy and section, as Markdown; with the folder of the handwritten pages
//! the whole source of the book. Comes in: policies, the catalogue, pages. Goes out: files. Not here:
//! HTML (mdBook makes it, `just docs`).

mod book;
mod cross;
mod index;
mod markup;
mod policy;
mod section;

use std::collections::BTreeMap;
use std::path::Path;

use miette::miette;

use crate::cli::Docs;
use crate::exit;
use crate::policy::compiled::PolicySet;
use crate::run::{Result, Terminal};
use crate::sections;

use self::cross::Cross;
use super::inputs;

/// Texts by their path below the folder.
type Pages = BTreeMap<String, String>;

/// Writes the pages.
///
/// # Errors
/// Invalid policies, a folder that can't be read or written.
pub fn run(args: &Docs, terminal: &Terminal) -> Result<u8> {
    let set = PolicySet::load(&inputs::load_options(&args.policies))?;
    let mut pages = generated(&set)?;
    if let Some(folder) = &args.book {
        book::add(folder, &set, &mut pages)?;
    }
    for (name, text) in &pages {
        write(&args.folder.join(name), text)?;
    }
    terminal.print(&format!("wrote {} pages to {}\n", pages.len(), args.folder.display()))?;
    Ok(exit::MET)
}

fn generated(set: &PolicySet) -> Result<Pages> {
    let cross = Cross::of(set);
    let mut pages = Pages::new();
    for policy in &set.policies {
        pages.insert(format!("policy/{}.md", policy.id), policy::page(policy, set, &cross)?);
    }
    for (name, text) in index::of_policies(set) {
        pages.insert(format!("policy/{name}"), text);
    }
    for section in sections::all() {
        pages.insert(format!("section/{}.md", section.id), section::page(section, &cross));
    }
    pages.insert("section/index.md".to_owned(), index::of_sections(&cross));
    Ok(pages)
}

fn write(path: &Path, text: &str) -> Result<()> {
    let failed = |error: std::io::Error| {
        miette!(
            code = "levelmark::docs::write",
            help = "name a folder that may be written, or one that is not there yet",
            "{} can't be written: {error}",
            path.display()
        )
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}
