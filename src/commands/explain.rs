//! `explain`: one policy for people, or what holds the levels of a stored result up or back.

use std::path::Path;

use miette::miette;

use crate::cli::Explain;
use crate::commands::results;
use crate::engine::finding::Outcome;
use crate::exit;
use crate::policy::compiled::PolicySet;
use crate::report::escape;
use crate::report::model::{Competency, Finding, LevelState, Report};
use crate::run::{Result, Terminal};
use crate::yaml::suggest;

use super::inputs;

/// Prints it.
///
/// # Errors
/// An invalid policy, an unknown id, not a result.
pub fn run(args: &Explain, terminal: &Terminal) -> Result<u8> {
    if let Some(competency) = &args.verdict {
        let report = results::read(Path::new(&args.what))?;
        terminal.print(&verdict(&report, find(&report, competency)?))?;
        return Ok(exit::MET);
    }
    let set = PolicySet::load(&inputs::load_options(&args.policies))?;
    inputs::known(&set, &args.what)?;
    if let Some(policy) = set.policies.iter().find(|policy| policy.id == args.what) {
        terminal.print(&crate::policy::explain::explain(policy, &set))?;
    }
    Ok(exit::MET)
}

fn find<'r>(report: &'r Report, id: &str) -> Result<&'r Competency> {
    report.competencies.iter().find(|competency| competency.id == id).ok_or_else(|| {
        let ids = || report.competencies.iter().map(|competency| competency.id.as_str());
        let help = suggest::help(id, ids())
            .unwrap_or_else(|| format!("it has {}", ids().collect::<Vec<_>>().join(", ")));
        miette!(
            code = "levelmark::explain::competency",
            help = help,
            "the result has no competency `{}`",
            suggest::shown(id)
        )
    })
}

/// Level by level: what holds it up, what holds it back.
fn verdict(report: &Report, competency: &Competency) -> String {
    let mut out = format!("{}\n", escape::terminal(&competency.name));
    let mine: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.competency == competency.id && !finding.informs)
        .collect();
    if competency.levels.is_empty() {
        part(&mine, &mut out);
    }
    for level in &competency.levels {
        let state = match level.state {
            LevelState::Met => "met",
            LevelState::Broken => "broken",
            LevelState::Open => "open",
            LevelState::Transparent => "nothing of it applies",
        };
        let here: Vec<&Finding> =
            mine.iter().copied().filter(|finding| finding.gates == Some(level.level)).collect();
        if here.is_empty() && level.state == LevelState::Transparent {
            continue;
        }
        out.push_str(&format!("\n{}: {state}\n", level.level));
        part(&here, &mut out);
    }
    out
}

fn part(findings: &[&Finding], out: &mut String) {
    for (title, wanted) in [
        ("holds it back, fails", Outcome::Fail),
        ("holds it back, unknown", Outcome::Unknown),
        ("holds it back, broken", Outcome::Error),
        ("holds it up", Outcome::Pass),
        ("does not apply", Outcome::NotApplicable),
    ] {
        let chosen: Vec<&&Finding> = findings.iter().filter(|finding| finding.outcome == wanted).collect();
        if chosen.is_empty() {
            continue;
        }
        out.push_str(&format!("  {title} ({})\n", chosen.len()));
        for finding in chosen {
            out.push_str(&format!(
                "    {}/{} {}: {}\n",
                escape::terminal(&finding.policy),
                escape::terminal(&finding.check),
                escape::terminal(&finding.claim),
                escape::terminal(&finding.reason)
            ));
        }
    }
}
