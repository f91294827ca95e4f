//! A failing check as a diagnostic: what, where in the evidence, why it matters, what to do.

use std::collections::BTreeSet;
use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use crate::engine::finding::Outcome;
use crate::report::escape;
use crate::report::model::{Finding, Place, Report, WaiverState};

use super::{Style, Volume};

/// All fails: those in the way of the next level or the target as diagnostics, the others and waived
/// ones short, lowest level first.
pub(super) fn failures(report: &Report, style: Style) -> String {
    let mut out = String::new();
    let (mut waived, mut beyond) = (Vec::new(), Vec::new());
    let mut fails: Vec<&Finding> =
        report.findings.iter().filter(|found| found.outcome == Outcome::Fail).collect();
    fails.sort_by_key(|found| (found.informs, found.gates, !found.urgent));
    let blocking: BTreeSet<&str> = report
        .competencies
        .iter()
        .flat_map(|competency| &competency.blockers)
        .map(|blocker| blocker.check.as_str())
        .collect();
    let mut explained = BTreeSet::new();
    for finding in fails {
        let blocks =
            report.filtered || blocking.contains(format!("{}/{}", finding.policy, finding.check).as_str());
        if style.volume != Volume::Verbose && finding.waived.is_some() {
            waived.push(finding);
        } else if style.volume != Volume::Verbose && !blocks {
            beyond.push(finding);
        } else {
            let handler =
                GraphicalReportHandler::new_themed(theme(style)).with_width(style.width).with_links(false);
            let diagnostic = Failure::new(finding, style, explained.insert(finding.policy.as_str()));
            if handler.render_report(&mut out, &diagnostic).is_ok() {
                out.push('\n');
            }
        }
    }
    if !beyond.is_empty() {
        out.push_str(&format!("Also failing, but not in the way of the next level ({})\n", beyond.len()));
    }
    for finding in &beyond {
        let gates = finding.gates.map_or_else(|| "informs".to_owned(), |level| level.to_string());
        out.push_str(&format!(
            "  {}/{} [{gates}] {}: {}\n",
            finding.policy,
            finding.check,
            escape::terminal(&finding.claim),
            escape::terminal(&finding.reason)
        ));
    }
    for finding in waived {
        let waiver = finding.waived.and_then(|index| report.waivers.get(index));
        let Some(waiver) = waiver.filter(|waiver| waiver.state == WaiverState::Used) else { continue };
        out.push_str(&format!(
            "  waived: {}/{} ({}, until {}): {}\n",
            finding.policy,
            finding.check,
            waiver.kind,
            waiver.expires.date_naive(),
            escape::terminal(&waiver.reason)
        ));
    }
    out
}

fn theme(style: Style) -> GraphicalTheme {
    match (style.unicode, style.color) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => {
            GraphicalTheme { characters: miette::ThemeCharacters::ascii(), ..GraphicalTheme::unicode() }
        }
        (false, false) => GraphicalTheme::none(),
    }
}

/// How many places a diagnostic shows with their text, and how many as a line.
const WITH_TEXT: usize = 1;
const AS_LINE: usize = 4;

#[derive(Debug)]
struct Failure {
    code: String,
    message: String,
    help: String,
    window: Option<Window>,
}

impl Failure {
    /// `explains` says whether why and fix are told; they are the same for all checks of a policy.
    fn new(finding: &Finding, style: Style, explains: bool) -> Self {
        let gates = match finding.gates {
            _ if finding.informs => "informs".to_owned(),
            Some(level) if finding.urgent => format!("gates {level}, urgent"),
            Some(level) => format!("gates {level}"),
            None => "gates readiness".to_owned(),
        };
        Self {
            code: format!("{}/{} ({gates})", finding.policy, finding.check),
            message: format!("{}: {}", escape::terminal(&finding.claim), escape::terminal(&finding.reason)),
            help: help(finding, style, explains),
            window: finding.evidence.shown.first().filter(|place| !place.excerpt.is_empty()).map(Window::new),
        }
    }
}

/// Other places, why it matters, what to do.
fn help(finding: &Finding, style: Style, explains: bool) -> String {
    let mut help = String::new();
    let lines = if style.volume == Volume::Verbose { finding.evidence.shown.len() } else { AS_LINE };
    for place in finding.evidence.shown.iter().skip(WITH_TEXT).take(lines) {
        help.push_str(&format!("also {}\n", line(place)));
    }
    let shown = finding.evidence.total.min(WITH_TEXT + lines).min(finding.evidence.shown.len());
    if finding.evidence.total > shown {
        help.push_str(&format!("and {} more places\n", finding.evidence.total - shown));
    }
    if !explains {
        help.push_str(&format!("why and fix: see {} above", finding.policy));
        return help;
    }
    if !finding.why.is_empty() {
        help.push_str(&format!("why: {}\n", escape::terminal(&finding.why)));
    }
    help.push_str(&format!("fix: {}", escape::terminal(&finding.fix)));
    help
}

/// `file:line:column  "name": actual`
fn line(place: &Place) -> String {
    let name = place.name.as_deref().or(place.key.as_deref()).unwrap_or(&place.section);
    let actual = place.actual.as_deref().unwrap_or_default();
    format!(
        "{}:{}:{}  {}{}{}",
        escape::terminal(&place.file),
        place.line,
        place.column,
        escape::terminal(name),
        if actual.is_empty() || actual.starts_with('{') { "" } else { ": " },
        if actual.starts_with('{') { "".into() } else { escape::terminal(actual) },
    )
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl Diagnostic for Failure {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.window.as_ref().map(|window| window as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let window = self.window.as_ref()?;
        Some(Box::new(std::iter::once(LabeledSpan::new(
            Some(window.label.clone()),
            window.start,
            window.len,
        ))))
    }
}

/// The excerpt of a place as source text: made harmless, with the line numbers of its file.
#[derive(Debug)]
struct Window {
    name: String,
    text: String,
    /// Line of the first line of the text and its first column, from 0.
    first: (usize, usize),
    /// Line and column of the marked value, from 0.
    marked: (usize, usize),
    start: usize,
    len: usize,
    label: String,
}

impl Window {
    fn new(place: &Place) -> Self {
        let at = usize::try_from(place.start.saturating_sub(place.excerpt_start)).unwrap_or(0);
        let end = usize::try_from(place.end.saturating_sub(place.excerpt_start)).unwrap_or(0);
        let before = place.excerpt.get(..at).unwrap_or_default();
        let marked = place.excerpt.get(at..end.min(place.excerpt.len())).unwrap_or_default();
        // A container is marked by its opening alone; otherwise all its lines would be printed.
        let first_line = marked.split('\n').next().unwrap_or_default();
        let rest = place.excerpt.get(at + first_line.len()..).unwrap_or_default();
        let (safe_before, safe_marked) = (escape::terminal_lines(before), escape::terminal_lines(first_line));
        let name = place.name.as_deref().or(place.key.as_deref());
        let wanted = place.expected.as_deref().map(|expected| format!("expected: {expected}"));
        let label = match (name, wanted) {
            (Some(name), Some(wanted)) => format!("{} ({wanted})", escape::terminal(name)),
            (Some(name), None) => escape::terminal(name).into_owned(),
            (None, Some(wanted)) => wanted,
            (None, None) => "here".to_owned(),
        };
        Self {
            name: escape::terminal(&place.file).into_owned(),
            first: (
                place.line.saturating_sub(1 + before.matches('\n').count()),
                if before.contains('\n') {
                    0
                } else {
                    place.column.saturating_sub(1 + before.chars().count())
                },
            ),
            marked: (place.line.saturating_sub(1), place.column.saturating_sub(1)),
            start: safe_before.len(),
            len: safe_marked.trim_end().len().max(1),
            text: format!("{safe_before}{safe_marked}{}", escape::terminal_lines(rest)),
            label,
        }
    }
}

impl SourceCode for Window {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, miette::MietteError> {
        let end = span.offset() + span.len();
        let Some(marked) = self.text.get(span.offset()..end) else {
            return Err(miette::MietteError::OutOfBounds);
        };
        // Asked without context, miette wants to know where the value stands; else what is around it.
        let (text, range, (line, column)) = if (before, after) == (0, 0) {
            (marked, *span, self.marked)
        } else {
            (self.text.as_str(), (0, self.text.len()).into(), self.first)
        };
        let lines = text.lines().count();
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            text.as_bytes(),
            range,
            line,
            column,
            lines,
        )))
    }
}
