//! Where reports go: standard output and files, each written whole or not at all. Comes in: a report and
//! what the arguments ask for. Goes out: files. Not here: any format (`report`).

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use miette::miette;

use crate::cli::{Check, Looks, Target};
use crate::exit;
use crate::policy::compiled::PolicySet;
use crate::report::format::{self, Look, ReportFormat};
use crate::report::html;
use crate::report::location::Ground;
use crate::report::model::Report;
use crate::report::text::Volume;
use crate::run::{Result, Terminal};

/// What goes where.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The format of standard output.
    stdout: ReportFormat,
    /// The files.
    files: Vec<&'a Target>,
}

impl<'a> Plan<'a> {
    /// Looks at the arguments, before anything is evaluated.
    ///
    /// # Errors
    /// Two reports for one place.
    pub fn of(args: &'a Check) -> Result<Self> {
        let (streams, files): (Vec<&Target>, Vec<&Target>) =
            args.reports.iter().partition(|target| target.is_stdout());
        let stdout = match (args.format, streams.as_slice()) {
            (format, []) => format.unwrap_or(ReportFormat::Text),
            (None, [only]) => only.format,
            _ => return Err(twice("standard output")),
        };
        let mut places = BTreeSet::new();
        for target in &files {
            if !places.insert(&target.path) {
                return Err(twice(&target.path.display().to_string()));
            }
        }
        Ok(Self { stdout, files })
    }

    /// The format of standard output.
    #[must_use]
    pub const fn stdout(&self) -> ReportFormat {
        self.stdout
    }

    /// Writes all of them, files first. Gives [`exit::INVALID`] where a file can't be written, else None;
    /// the others are written all the same.
    ///
    /// # Errors
    /// Standard output can't be written.
    pub fn write(&self, report: &Report, look: Look<'_>, terminal: &Terminal) -> Result<Option<u8>> {
        let written = self.write_files(report, look, terminal, &|path| Ok(path.to_owned()))?;
        print(report, self.stdout, look, terminal)?;
        Ok((!written).then_some(exit::INVALID))
    }

    /// Writes the files, each where `place` says; whether all could be written. What could not be is told.
    ///
    /// # Errors
    /// A report that can't be rendered, a place that is none.
    pub fn write_files(
        &self,
        report: &Report,
        look: Look<'_>,
        terminal: &Terminal,
        place: &dyn Fn(&Path) -> Result<PathBuf>,
    ) -> Result<bool> {
        let mut written = true;
        for target in &self.files {
            let text = rendered(report, target.format, look)?;
            if let Err(error) = put(&place(&target.path)?, &text) {
                terminal.tell(&format!("{error:?}"));
                written = false;
            }
        }
        Ok(written)
    }
}

fn twice(place: &str) -> miette::Report {
    miette!(
        code = "levelmark::report::twice",
        help = "give each report a place of its own; `-` and --format are both standard output",
        "two reports would go to {place}"
    )
}

/// How to show it.
pub fn look<'g>(
    looks: &Looks,
    (ground, page): (&'g Ground, &'g html::Options),
    terminal: &Terminal,
    volume: Volume,
) -> Look<'g> {
    let (detail, most) = (looks.detail, looks.markdown_most());
    Look { style: terminal.style(volume), detail, ground, page, most }
}

/// In a file there are no colours, and lines are as wide as on a plain terminal.
fn rendered(report: &Report, format: ReportFormat, look: Look<'_>) -> Result<String> {
    let style = crate::report::text::Style { color: false, unicode: true, width: 100, ..look.style };
    format::render(report, format, Look { style, ..look }).map_err(miette::Report::new)
}

/// Prints a report to standard output.
///
/// # Errors
/// The pipe is closed or the disk full.
pub fn print(report: &Report, format: ReportFormat, look: Look<'_>, terminal: &Terminal) -> Result<()> {
    terminal.print(&format::render(report, format, look).map_err(miette::Report::new)?)
}

/// Renders a report into a file.
///
/// # Errors
/// It can't be written.
pub fn save(report: &Report, format: ReportFormat, look: Look<'_>, path: &Path) -> Result<()> {
    put(path, &rendered(report, format, look)?)
}

/// Writes a new file beside the place and renames it: whoever looks sees the old report or the new one.
/// Missing folders are made, since a fresh checkout has none.
fn put(path: &Path, text: &str) -> Result<()> {
    let failed = |error: std::io::Error| {
        miette!(
            code = "levelmark::report::write",
            help = "check the path and its permissions; the other reports are written",
            "failed to write {}: {error}",
            path.display()
        )
    };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(failed)?;
    if path.is_dir() {
        return Err(failed(std::io::ErrorKind::IsADirectory.into()));
    }
    let mut file = crate::snapshot::write::beside(parent).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// What is known of where files lie.
///
/// # Errors
/// The root that was named is no folder.
pub fn ground(looks: &Looks, set: Option<&PolicySet>, config: Option<&Path>) -> Result<Ground> {
    let ground = repository(looks.repository_root.as_deref())?;
    let own = set.into_iter().flat_map(|set| &set.policies).filter(|policy| !policy.builtin);
    let policies = own.map(|policy| (policy.id.clone(), PathBuf::from(&policy.source.name))).collect();
    Ok(Ground { policies, config: config.map(Path::to_owned), ..ground })
}

/// The repository that the files lie in, no more.
///
/// # Errors
/// The root that was named is no folder.
pub fn repository(named: Option<&Path>) -> Result<Ground> {
    let here = std::env::current_dir().unwrap_or_default();
    let root = match named {
        Some(named) => Some(named_root(named)?),
        None => here.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned),
    };
    Ok(Ground { root, here, ..Ground::default() })
}

fn named_root(named: &Path) -> Result<PathBuf> {
    let told = |why: String| {
        miette!(
            code = "levelmark::report::root",
            help = "name the folder that the repository was checked out to",
            "{} is no repository root: {why}",
            named.display()
        )
    };
    let root = std::fs::canonicalize(named).map_err(|error| told(error.to_string()))?;
    if root.is_dir() { Ok(root) } else { Err(told("it is not a folder".to_owned())) }
}
