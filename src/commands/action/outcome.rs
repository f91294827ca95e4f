//! What came out, for later steps and other jobs. Comes in: a report and what was compared. Goes out: one
//! word, one exit code, lines of `name=value`. Not here: the gate (`verdict::gate`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::inputs::Order;
use super::said::Baseline;
use crate::exit;
use crate::report::model::{FailOn, GateResult, Readiness, Report, Verdict};
use crate::report::trend::Outcomes;
use crate::run::Result;

/// The gate's result as the Action sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Met,
    NotMet,
    Undetermined,
    /// Only what became worse was asked for, and there is nothing yet to compare with.
    FirstRun,
    /// Nothing that was asked for can fail.
    NothingToGate,
    NothingEvaluated,
    /// It did not come that far.
    Error,
}

impl Word {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::Undetermined => "undetermined",
            Self::FirstRun => "first-run",
            Self::NothingToGate => "nothing-to-gate",
            Self::NothingEvaluated => "nothing-evaluated",
            Self::Error => "error",
        }
    }
}

/// Word and exit code. A gate that can't fail is a mistake of the workflow, since whoever reads its green mark
/// believes that something was checked: only `fail-on: never` says that nothing should be.
pub(super) fn judge(report: &Report, order: &Order, baseline: &Baseline, targets: bool) -> (Word, u8) {
    let gate = &report.gate;
    match gate.result {
        GateResult::NotMet => (Word::NotMet, gate.exit),
        GateResult::Undetermined => (Word::Undetermined, gate.exit),
        GateResult::NothingEvaluated => (Word::NothingEvaluated, gate.exit),
        GateResult::Met | GateResult::NothingToGate => {
            let asked = |kind: FailOn| order.fail_on.is_empty() || order.fail_on.contains(&kind);
            let compares = asked(FailOn::Regression);
            let gates = order.fail_on.contains(&FailOn::Violation)
                || (asked(FailOn::Level) && targets)
                || (compares && matches!(baseline, Baseline::At(_)));
            let never = !order.fail_on.is_empty() && order.fail_on.iter().all(|kind| *kind == FailOn::Never);
            if gates {
                (Word::Met, exit::MET)
            } else if never {
                (Word::NothingToGate, exit::MET)
            } else if compares && *baseline == Baseline::First {
                (Word::FirstRun, exit::MET)
            } else {
                (Word::NothingToGate, exit::INVALID)
            }
        }
    }
}

/// What a step hands over.
#[derive(Debug)]
pub(super) struct Outcome {
    pub word: Word,
    pub exit: u8,
    pub figures: Option<Figures>,
    /// Reports that were written.
    pub reports: Vec<PathBuf>,
    pub sarif: Option<PathBuf>,
    /// Whether it may go to code scanning.
    pub upload_sarif: bool,
    /// The body of the comment, where there shall and may be one.
    pub comment: Option<PathBuf>,
    /// A folder with copies of the reports, where they shall be kept.
    pub artifact: Option<PathBuf>,
}

/// Figures of a report: nothing in them is a text of the tenant.
#[derive(Debug, Default)]
pub(super) struct Figures {
    counts: Outcomes,
    levels: BTreeMap<String, Standing>,
    lowest: Option<u16>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Standing {
    Level { proven: u16, possible: u16, target: Option<u16> },
    Readiness { readiness: Readiness },
}

impl Figures {
    pub(super) fn of(report: &Report) -> Self {
        let standing = |verdict: &Verdict| match verdict {
            Verdict::Level { proven, possible, target, .. } => {
                Standing::Level { proven: *proven, possible: *possible, target: *target }
            }
            Verdict::Readiness(readiness) => Standing::Readiness { readiness: *readiness },
        };
        let levels = report
            .competencies
            .iter()
            .filter_map(|competency| Some((competency.id.clone(), standing(competency.verdict.as_ref()?))));
        Self {
            counts: Outcomes::of(&report.findings),
            levels: levels.collect(),
            lowest: report.tenant.map(|tenant| tenant.proven),
        }
    }
}

impl Outcome {
    /// Nothing came out but why.
    pub(super) fn error(exit: u8) -> Self {
        Self {
            word: Word::Error,
            exit,
            figures: None,
            reports: Vec::new(),
            sarif: None,
            upload_sarif: false,
            comment: None,
            artifact: None,
        }
    }

    /// One line each: JSON has no line break inside, and inputs with one are refused, so that no value can
    /// set another output.
    ///
    /// # Errors
    /// Never in practice: all of it can be written as JSON.
    pub(super) fn lines(&self) -> Result<String> {
        let none = Figures::default();
        let figures = self.figures.as_ref();
        let shown = figures.unwrap_or(&none);
        let json = |value: String| if figures.is_some() { value } else { String::new() };
        let paths: Vec<String> = self.reports.iter().map(|path| forward(path)).collect();
        let path = |path: &Option<PathBuf>| path.as_deref().map(forward).unwrap_or_default();
        let values = [
            ("exit-code", self.exit.to_string()),
            ("result", self.word.as_str().to_owned()),
            ("counts", json(text(&shown.counts)?)),
            ("levels", json(text(&shown.levels)?)),
            ("lowest-level", shown.lowest.map(|level| level.to_string()).unwrap_or_default()),
            ("reports", text(&paths)?),
            ("sarif", path(&self.sarif)),
            ("upload-sarif", self.upload_sarif.to_string()),
            ("comment", path(&self.comment)),
            ("artifact", path(&self.artifact)),
        ];
        let line = |(name, value): &(&str, String)| format!("{name}={}\n", value.replace(['\n', '\r'], " "));
        Ok(values.iter().map(line).collect())
    }
}

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(miette::Report::from_err)
}

/// Actions take forward slashes on every system.
fn forward(path: &Path) -> String {
    path.display().to_string().replace(std::path::MAIN_SEPARATOR, "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_begins_another_line() {
        let mut outcome = Outcome::error(2);
        outcome.reports = vec![PathBuf::from("a\nresult=met")];
        outcome.sarif = Some(PathBuf::from("b\nexit-code=0\r"));
        let lines = outcome.lines().unwrap();
        let names: Vec<&str> = lines.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
        assert_eq!(
            names,
            [
                "exit-code",
                "result",
                "counts",
                "levels",
                "lowest-level",
                "reports",
                "sarif",
                "upload-sarif",
                "comment",
                "artifact"
            ]
        );
        assert!(lines.starts_with("exit-code=2\nresult=error\ncounts=\n"), "{lines}");
        assert!(lines.contains(r#"reports=["a\nresult=met"]"#), "{lines}");
    }
}
