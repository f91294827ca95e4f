//! What the runner tells in variables, and the files through which a step hands something over. Comes in:
//! variables. Goes out: folders, the event, appended lines. Not here: what is handed over (`outcome`, `page`).

use std::io::Write;
use std::path::{Path, PathBuf};

use miette::miette;

use super::event::{Event, Told};
use crate::run::Result;

/// Looks a variable up; one that is empty counts as not set.
pub(super) type Variables<'v> = &'v dyn Fn(&str) -> Option<String>;

/// The surroundings of a step.
#[derive(Debug)]
pub(super) struct Runner {
    /// The folder that paths start from: the runner's workspace, since action.yml names no other.
    pub here: PathBuf,
    /// For files that end with the job.
    pub temp: PathBuf,
    output: Option<PathBuf>,
    summary: Option<PathBuf>,
}

impl Runner {
    /// Looks at the variables.
    ///
    /// # Errors
    /// There is no working directory.
    pub(super) fn of(variables: Variables<'_>) -> Result<Self> {
        let here = std::env::current_dir()
            .map_err(|error| miette!("the working directory can't be read: {error}"))?;
        let path = |name: &str| variables(name).map(PathBuf::from);
        Ok(Self {
            here,
            temp: path("RUNNER_TEMP").unwrap_or_else(std::env::temp_dir),
            output: path("GITHUB_OUTPUT"),
            summary: path("GITHUB_STEP_SUMMARY"),
        })
    }

    /// A new folder that stays until the job ends.
    ///
    /// # Errors
    /// It can't be made.
    pub(super) fn folder(&self) -> Result<PathBuf> {
        let made = tempfile::Builder::new().prefix("levelmark-").tempdir_in(&self.temp);
        made.map(tempfile::TempDir::keep).map_err(|error| failed("make a folder in", &self.temp, &error))
    }

    /// Hands lines of `name=value` over to later steps.
    ///
    /// # Errors
    /// The file can't be written.
    pub(super) fn put_out(&self, lines: &str) -> Result<()> {
        append(self.output.as_deref(), lines)
    }

    /// Adds to the summary of the job.
    ///
    /// # Errors
    /// The file can't be written.
    pub(super) fn sum_up(&self, markdown: &str) -> Result<()> {
        append(self.summary.as_deref(), markdown)
    }
}

/// What made the workflow run.
///
/// # Errors
/// As [`Event::of`], and a payload that can't be read.
pub(super) fn event(variables: Variables<'_>) -> Result<Event> {
    let payload = match variables("GITHUB_EVENT_PATH").map(PathBuf::from) {
        Some(path) => Some(std::fs::read(&path).map_err(|error| failed("read", &path, &error))?),
        None => None,
    };
    let [name, sha, reference, actor] = ["GITHUB_EVENT_NAME", "GITHUB_SHA", "GITHUB_REF", "GITHUB_ACTOR"]
        .map(|name| variables(name).unwrap_or_default());
    let told = Told { name: &name, sha: &sha, reference: &reference, actor: &actor };
    Event::of(told, payload.as_deref())
}

/// Outside of a runner there is nowhere to hand anything over to.
fn append(file: Option<&Path>, text: &str) -> Result<()> {
    let Some(path) = file else { return Ok(()) };
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(path);
    opened
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| failed("write to", path, &error))
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> miette::Report {
    miette!(code = "levelmark::action::runner", "failed to {what} {}: {error}", path.display())
}
