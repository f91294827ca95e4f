//! The report for people at a terminal: what fails and where, the verdict, what to do next. Comes
//! in: a report. Goes out: one text. Not here: deciding whether colours are wanted (`terminal`).

mod diagnostic;
mod steps;
mod verdict;

use comfy_table::{ContentArrangement, Table, presets};

use crate::engine::finding::Outcome;

pub(super) use self::verdict::sentence;
use super::escape;
use super::model::{Finding, GateResult, Report};
use super::words;

/// How to show it.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Colours and bold type.
    pub color: bool,
    /// Line drawing characters; plain ASCII otherwise.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
    /// How much.
    pub volume: Volume,
}

impl Style {
    /// An empty table with borders, at most as wide as can be read.
    pub(crate) fn table(self) -> Table {
        let mut table = Table::new();
        table.load_style(if self.unicode {
            presets::UTF8_FULL_CONDENSED
        } else {
            presets::ASCII_FULL_CONDENSED
        });
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(self.width.min(120)).unwrap_or(120));
        table
    }
}

/// How much to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volume {
    /// The verdict and the gate.
    Quiet,
    /// What fails, the verdict, the next steps.
    Normal,
    /// Everything that was found.
    Verbose,
}

/// Renders the report.
pub fn render(report: &Report, style: Style) -> String {
    let mut out = String::new();
    let paint = Paint(style);
    if style.volume != Volume::Quiet {
        out.push_str(&diagnostic::failures(report, style));
        if style.volume == Volume::Verbose {
            out.push_str(&listing(report, paint));
        }
    }
    out.push_str(&heading(report, paint));
    out.push_str(&verdict::table(report, style));
    if style.volume != Volume::Quiet {
        out.push_str(&steps::steps(report, paint, style));
    }
    out.push_str(&gate(report, paint));
    out
}

/// Whose snapshot, of when, how much of it could be seen.
fn heading(report: &Report, paint: Paint) -> String {
    // At `summary` a report does not say whose it is.
    let name = Some(report.snapshot.tenant.called()).filter(|name| !name.is_empty()).unwrap_or("Tenant");
    let count = |outcome| report.findings.iter().filter(|finding| finding.outcome == outcome).count();
    format!(
        "{}  taken {}, judged {}\n{} checks: {} pass, {} fail, {} unknown, {} not applicable{}\n\n",
        paint.bold(&escape::opening(name)),
        report.snapshot.taken.format("%Y-%m-%d %H:%M UTC"),
        report.today.format("%Y-%m-%d"),
        report.findings.len(),
        count(Outcome::Pass),
        count(Outcome::Fail),
        count(Outcome::Unknown),
        count(Outcome::NotApplicable),
        match count(Outcome::Error) {
            0 => String::new(),
            errors => format!(", {errors} broken (our defect)"),
        }
    ) + &words::redacted(report).map_or_else(String::new, |text| format!("{}\n\n", escape::terminal(&text)))
}

/// Every other finding, one line each.
fn listing(report: &Report, paint: Paint) -> String {
    let mut out = String::new();
    for (outcome, title) in [
        (Outcome::Pass, "What holds"),
        (Outcome::Unknown, "What could not be seen"),
        (Outcome::NotApplicable, "What does not apply"),
        (Outcome::Error, "What broke (our defect)"),
    ] {
        let found: Vec<&Finding> =
            report.findings.iter().filter(|finding| finding.outcome == outcome).collect();
        if found.is_empty() {
            continue;
        }
        out.push_str(&format!("{}\n", paint.bold(title)));
        for finding in found {
            let basis = finding.basis.map(|basis| format!(" [{}]", words::basis(basis))).unwrap_or_default();
            out.push_str(&format!(
                "  {} {}/{}{}: {}\n      {}\n",
                paint.mark(finding.outcome),
                finding.policy,
                finding.check,
                basis,
                escape::terminal(&finding.claim),
                paint.dim(&escape::terminal(&finding.reason)),
            ));
        }
        out.push('\n');
    }
    out
}

fn gate(report: &Report, paint: Paint) -> String {
    let (word, mark) = match report.gate.result {
        GateResult::Met => ("gate: met", Outcome::Pass),
        GateResult::NotMet => ("gate: not met", Outcome::Fail),
        GateResult::Undetermined => ("gate: undetermined", Outcome::Unknown),
        GateResult::NothingToGate => {
            ("gate: nothing to gate (no target, no --fail-on)", Outcome::NotApplicable)
        }
        GateResult::NothingEvaluated => ("gate: nothing was evaluated", Outcome::Unknown),
    };
    let mut out = format!("{} {word}\n", paint.mark(mark));
    for reason in report.gate.reasons.iter().take(10) {
        out.push_str(&format!("  {}\n", escape::terminal(reason)));
    }
    if report.gate.reasons.len() > 10 {
        out.push_str(&format!("  and {} more\n", report.gate.reasons.len() - 10));
    }
    for note in &report.notes {
        out.push_str(&format!("{} {}\n", paint.dim("note:"), escape::terminal(note)));
    }
    out
}

/// Colours, or none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(Style);

impl Paint {
    pub(super) const fn new(style: Style) -> Self {
        Self(style)
    }

    pub(super) fn color(self, color: anstyle::AnsiColor, text: &str) -> String {
        self.with(anstyle::Style::new().fg_color(Some(color.into())), text)
    }

    fn with(self, style: anstyle::Style, text: &str) -> String {
        if self.0.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with(anstyle::Style::new().bold(), text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.with(anstyle::Style::new().dimmed(), text)
    }

    /// A sign for an outcome; the word stands beside it, so nothing depends on colour.
    pub(super) fn mark(self, outcome: Outcome) -> String {
        use anstyle::AnsiColor::{Cyan, Green, Magenta, Red, Yellow};
        let (sign, ascii, color) = match outcome {
            Outcome::Pass => ("✓", "+", Green),
            Outcome::Fail => ("✗", "x", Red),
            Outcome::Unknown => ("?", "?", Yellow),
            Outcome::NotApplicable => ("–", "-", Cyan),
            Outcome::Error => ("!", "!", Magenta),
        };
        self.with(
            anstyle::Style::new().fg_color(Some(color.into())).bold(),
            if self.0.unicode { sign } else { ascii },
        )
    }
}
