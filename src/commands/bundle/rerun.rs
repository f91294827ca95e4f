//! Evaluates what is in the folder of a bundle, and nothing else. Comes in: the folder, its options. Goes
//! out: the report, its files named as `check` named them. Not here: comparing.

use std::collections::BTreeSet;
use std::path::{MAIN_SEPARATOR, Path};

use chrono::TimeDelta;

use super::super::inputs;
use crate::bundle::manifest::Options;
use crate::bundle::{Problem, SNAPSHOT};
use crate::cli::{Inputs, Policies};
use crate::config::Config;
use crate::report::model::Report;
use crate::run::{self, Result, Surroundings};

/// Evaluates.
pub(super) fn rerun(folder: &Path, options: &Options) -> Result<Report> {
    if let Some(path) = &options.configuration {
        inside(folder, path)?;
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

/// Whether a configuration builds on files of the bundle alone: `extends` may lead upward, and what it names
/// is read. Looked at before anything is evaluated.
fn inside(folder: &Path, first: &str) -> Result<()> {
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
                    return Err(Problem::new(format!("{path} builds on a file outside of the bundle")).into());
                }
            }
            open.push(steps.join("/"));
        }
    }
    Ok(())
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
