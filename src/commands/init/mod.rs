//! `init`: a commented starter configuration with the parameters that the policies ask for; on request a
//! workflow that collects, checks and proposes. Comes in: a folder. Goes out: new files, none in the place of
//! another. Not here: what the workflow's steps do (`action`).

mod pipeline;
mod starter;

use std::io::Write;
use std::path::{Path, PathBuf};

use miette::miette;

use crate::cli::Init;
use crate::exit;
use crate::policy::compiled::PolicySet;
use crate::policy::load::LoadOptions;
use crate::run::Result;
use crate::terminal::Terminal;

use super::configuration::NAME;

pub use self::starter::starter;

/// Writes it. With a workflow a configuration that is there already stays as it is.
///
/// # Errors
/// There is one already, or the folder can't be written.
pub fn run(args: &Init, terminal: &Terminal) -> Result<u8> {
    let set = PolicySet::load(&LoadOptions::default())?;
    let pipelines = pipeline::asked(args)?;
    if let Some(path) = pipelines.iter().map(|file| &file.path).find(|path| path.exists()) {
        return Err(in_the_way(path));
    }
    std::fs::create_dir_all(&args.folder).map_err(|error| unwritable(&args.folder, &error))?;
    let path = args.folder.join(NAME);
    if pipelines.is_empty() || !path.exists() {
        put(&path, &starter(&set), terminal)?;
    } else {
        terminal.print(&format!("kept {}\n", path.display()))?;
    }
    for file in &pipelines {
        let folder = file.path.parent().unwrap_or(Path::new(""));
        std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        put(&file.path, &file.text, terminal)?;
    }
    if let Some(next) = pipelines.first().map(|file| file.next) {
        terminal.tell(next);
    }
    Ok(exit::MET)
}

/// A new file.
fn put(path: &PathBuf, text: &str, terminal: &Terminal) -> Result<()> {
    let told = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => in_the_way(path),
        _ => unwritable(path, &error),
    };
    let mut file = std::fs::File::create_new(path).map_err(told)?;
    file.write_all(text.as_bytes()).map_err(told)?;
    terminal.print(&format!("wrote {}\n", path.display()))
}

fn unwritable(path: &Path, error: &std::io::Error) -> miette::Report {
    miette!(
        code = "levelmark::init::unwritable",
        help = "choose a folder that you may write in",
        "can't write {}: {error}",
        path.display()
    )
}

fn in_the_way(path: &Path) -> miette::Report {
    miette!(
        code = "levelmark::init::in-the-way",
        help = "edit it, or choose another folder",
        "{} exists already",
        path.display()
    )
}
