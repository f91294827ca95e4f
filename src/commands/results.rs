//! Stored results (`check --format json`): what somebody else may have written. Comes in: a path. Goes out: a report,
//! or why it is none. Not here: what is done with it.

use std::io::Read;
use std::path::Path;

use miette::miette;

use crate::report::build::FORMAT;
use crate::report::model::Report;
use crate::run::Result;
use crate::yaml::suggest;

use super::inputs::{MOST, bytes};

/// Reads a result.
///
/// # Errors
/// Not a result, or of another version.
pub fn read(path: &Path) -> Result<Report> {
    let bytes = if path == Path::new("-") { piped()? } else { bytes(path)? };
    let told = |what: String, help: &str| {
        miette!(
            code = "levelmark::result::invalid",
            help = help,
            "{} is not a result: {what}",
            path.display()
        )
    };
    let of_ours = "a result is what `levelmark check --format json` prints";
    let head: Head = serde_json::from_slice(&bytes).map_err(|error| told(error.to_string(), of_ours))?;
    match head.levelmark {
        Version { report: Some(FORMAT), .. } => {}
        Version { report: Some(other), .. } => {
            let help =
                "check the snapshot again with this levelmark, or read the result with the one that wrote it";
            return Err(told(
                format!("it has version {other} of the format, this levelmark reads {FORMAT}"),
                help,
            ));
        }
        Version { snapshot: Some(_), .. } => {
            return Err(told("it is a snapshot".to_owned(), "`levelmark check` makes a result of it"));
        }
        Version { trend: Some(_), .. } => {
            return Err(told("it is a trend".to_owned(), "name the results that it was made from"));
        }
        Version { report: None, snapshot: None, trend: None } => {
            return Err(told("it says no version".to_owned(), of_ours));
        }
    }
    let report: Report = serde_json::from_slice(&bytes).map_err(|error| told(error.to_string(), of_ours))?;
    // Ids are printed as they are.
    let ids = report.findings.iter().flat_map(|found| [&found.policy, &found.check, &found.competency]);
    let ids =
        ids.chain(report.competencies.iter().map(|competency| &competency.id)).chain(report.sections.keys());
    let wrong = ids.into_iter().find(|id| !id.bytes().all(|byte| byte.is_ascii_graphic()));
    match wrong.map(|id| told(format!("`{}` is no id", suggest::shown(id)), of_ours)) {
        Some(error) => Err(error),
        None => Ok(report),
    }
}

/// What kind of file it is and which version.
#[derive(serde::Deserialize)]
struct Head {
    levelmark: Version,
}

#[derive(serde::Deserialize)]
struct Version {
    report: Option<u32>,
    snapshot: Option<u32>,
    trend: Option<u32>,
}

/// Standard input, up to the limit of files.
fn piped() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes).map_err(miette::Report::from_err)?;
    if bytes.len() as u64 > MOST {
        return Err(miette!(code = "levelmark::io::read", "standard input has more than 256 MiB"));
    }
    Ok(bytes)
}
