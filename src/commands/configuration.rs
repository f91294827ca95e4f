//! Where `levelmark.yaml` comes from, and the files it builds on. Comes in: a path, or the working
//! directory. Goes out: one configuration. Not here: what stands in it (`config`).

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
    chain(path, &mut Vec::new())
}

fn chain(path: &Path, above: &mut Vec<PathBuf>) -> Result<Config> {
    let mut config = Config::read(&path.display().to_string(), &inputs::bytes(path)?)?;
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
        config = config.over(chain(&shared, above)?);
    }
    above.pop();
    Ok(config)
}

/// The nearest configuration from the working directory up to the root of its repository; an empty
/// one where there is none. Outside of a repository only the working directory counts, so that no
/// stranger's file further up is taken.
///
/// # Errors
/// As [`read`].
pub fn upward() -> Result<Config> {
    let here =
        std::env::current_dir().map_err(|error| miette!("the working directory can't be read: {error}"))?;
    let repository = here.ancestors().position(|folder| folder.join(".git").exists());
    let found = here
        .ancestors()
        .take(repository.map_or(1, |depth| depth + 1))
        .find(|folder| folder.join(NAME).is_file());
    match found {
        // Shown as people would write it.
        Some(folder) if folder == here => read(Path::new(NAME)),
        Some(folder) => read(&folder.join(NAME)),
        None => Ok(Config::default()),
    }
}
