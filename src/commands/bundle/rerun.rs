//! Evaluates what is in the folder of a bundle, and nothing else. Comes in: the folder, its options. Goes
//! out: the report, its files named as `check` named them. Not here: comparing.

use std::path::{MAIN_SEPARATOR, Path};

use chrono::TimeDelta;

use super::super::configuration;
use crate::bundle::manifest::Options;
use crate::bundle::{Problem, SNAPSHOT};
use crate::cli::{Inputs, Policies};
use crate::report::model::Report;
use crate::run::{self, Result, Surroundings};

/// Evaluates.
pub(super) fn rerun(folder: &Path, options: &Options) -> Result<Report> {
    if let Some(path) = &options.configuration {
        configuration::stays_inside(folder, path)?
            .map_err(|file| Problem::new(format!("{file} builds on a file outside of the bundle")))?;
    }
    let inputs = arguments(folder, options);
    let builtin = folder.join(&options.policies.builtin);
    let mut report = run::evaluate(&inputs, Surroundings::Sealed(&builtin), options.today)?.report;
    if let Some(snapshot) = &options.snapshot {
        let here = folder.join(&snapshot.path).display().to_string();
        let here = if snapshot.path == SNAPSHOT { format!("{here}{MAIN_SEPARATOR}") } else { here };
        for finding in &mut report.findings {
            for place in &mut finding.evidence.shown {
                if let Some(rest) = place.file.strip_prefix(&here) {
                    place.file = format!("{}{rest}", snapshot.named);
                }
            }
        }
    }
    Ok(report)
}

/// The command line that `check` would have had in this folder.
fn arguments(folder: &Path, options: &Options) -> Inputs {
    let inside = |path: &Option<String>| path.as_ref().map(|path| folder.join(path));
    Inputs {
        snapshot: options.snapshot.as_ref().map(|snapshot| folder.join(&snapshot.path)),
        demo: false,
        no_snapshot: options.snapshot.is_none(),
        tenant: options.tenant.clone(),
        config: inside(&options.configuration),
        answers: inside(&options.answers),
        params: options.params.clone(),
        targets: options.targets.clone(),
        fail_on: options.fail_on.clone(),
        urgent_only: options.urgent_only,
        no_waivers: options.no_waivers,
        on_unknown: options.on_unknown,
        baseline: inside(&options.baseline),
        today: Some(options.today),
        max_age: options.max_age_seconds.and_then(TimeDelta::try_seconds),
        max_evidence: options.max_evidence,
        policies: Policies {
            dirs: options.policies.folders.iter().map(|path| folder.join(path)).collect(),
            no_builtin: options.policies.no_builtin,
            allow_override: options.policies.allow_override.clone(),
        },
        only: options.only.clone(),
    }
}
