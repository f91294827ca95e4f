//! Where `levelmark.yaml` comes from, and the files it builds on. Comes in: a path, or the working
//! directory. Goes out: one configuration. Not here: what stands in it (`config`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use miette::miette;

use crate::config::Config;
use crate::run::Result;
use crate::yaml::{Mistake, Mistakes};

use super::inputs;

/// The name of the file.
pub const NAME: &str = "levelmark.yaml";
/// Files that build on each other.
const DEEPEST: usize = 8;

/// Reads a configuration with all that it builds on.
///
/// # Errors
/// A file that can't be read, mistakes in it, files that build on each other in a circle.
pub fn read(path: &Path) -> Result<Config> {
    chain(path, &mut Vec::new(), &mut |_, _, _| ())
}

/// What is done with each file: its path, its bytes, what it says by itself.
pub type Visit<'v> = dyn FnMut(&Path, &[u8], &Config) + 'v;

/// As [`read`], and shows every file on the way, the named one first.
///
/// # Errors
/// As [`read`].
pub fn visit(path: &Path, visit: &mut Visit<'_>) -> Result<Config> {
    chain(path, &mut Vec::new(), visit)
}

fn chain(path: &Path, above: &mut Vec<PathBuf>, visit: &mut Visit<'_>) -> Result<Config> {
    let bytes = inputs::bytes(path)?;
    let mut config = Config::read(&path.display().to_string(), &bytes)?;
    visit(path, &bytes, &config);
    let real = std::fs::canonicalize(path).map_err(|error| inputs::unreadable(path, &error))?;
    above.push(real);
    for (shared, place) in std::mem::take(&mut config.extends) {
        let shared = path.parent().unwrap_or(Path::new("")).join(shared);
        let told = |message: String| {
            miette::Report::new(Mistakes(vec![Mistake::new("config::extends", message, Some(place.clone()))]))
        };
        let real = std::fs::canonicalize(&shared)
            .map_err(|error| told(format!("{} can't be read: {error}", shared.display())))?;
        if above.contains(&real) {
            return Err(told(format!("{} builds on itself", shared.display())));
        }
        if above.len() >= DEEPEST {
            return Err(told(format!("more than {DEEPEST} files build on each other")));
        }
        config = config.over(chain(&shared, above, visit)?);
    }
    above.pop();
    Ok(config)
}

/// Whether a configuration builds on files of a folder alone: `extends` may lead upward, and what it names is
/// read. Looked at before any of it counts; links are not looked through. The inner error is the file that
/// leads out, from the folder.
///
/// # Errors
/// A file that can't be read, mistakes in it.
pub fn stays_inside(folder: &Path, first: &str) -> Result<std::result::Result<(), String>> {
    let (mut open, mut seen) = (vec![first.to_owned()], BTreeSet::new());
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let config = Config::read(&path, &inputs::bytes(&folder.join(&path))?)?;
        for (shared, _) in &config.extends {
            let mut steps: Vec<&str> = path.split('/').collect();
            steps.pop();
            let shared = shared.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
            for step in shared.split('/') {
                let inside = match step {
                    "" | "." => true,
                    ".." => steps.pop().is_some(),
                    step => {
                        steps.push(step);
                        !step.contains([':', '\\'])
                    }
                };
                if !inside {
                    return Ok(Err(path));
                }
            }
            open.push(steps.join("/"));
        }
    }
    Ok(Ok(()))
}

/// The nearest configuration, see [`nearest`]; an empty one where there is none.
///
/// # Errors
/// As [`read`].
pub fn upward() -> Result<Config> {
    nearest()?.map_or_else(|| Ok(Config::default()), |path| read(&path))
}

/// Where the nearest configuration is, from the working directory up to the root of its repository. Outside of a repository only the working directory counts, so that no
/// stranger's file further up is taken.
///
/// # Errors
/// The working directory can't be read.
pub fn nearest() -> Result<Option<PathBuf>> {
    let here =
        std::env::current_dir().map_err(|error| miette!("the working directory can't be read: {error}"))?;
    let repository = here.ancestors().position(|folder| folder.join(".git").exists());
    let found = here
        .ancestors()
        .take(repository.map_or(1, |depth| depth + 1))
        .find(|folder| folder.join(NAME).is_file());
    // Shown as people would write it.
    let path = |folder: &Path| if folder == here { PathBuf::from(NAME) } else { folder.join(NAME) };
    Ok(found.map(path))
}
