//! Markdown for a job summary or a comment: verdict, gate, what fails, what to do. Comes in: a report and
//! how many bytes there may be. Goes out: a text of at most so many; what does not fit is counted.
//!
//! GitHub takes 65,536 characters in a comment and 1 MiB in a job summary.

use crate::engine::finding::Remedy;

use super::escape::{markdown, markdown_code};
use super::model::{Finding, Report, WaiverState};
use super::words::{self, cropped};

/// Most bytes that fit a comment.
pub const COMMENT: usize = 65_536;
/// The least limit: verdict, gate and the counts of what does not fit need it.
pub const LEAST: usize = 2 * RESERVE;
/// Longest text in a cell, in characters.
const CELL: usize = 300;
/// Bytes kept free for what comes after a list: heads and counts of the others.
const RESERVE: usize = 1_500;

/// Renders the report.
pub(super) fn render(report: &Report, most: usize) -> String {
    let mut page = Page::new(heading(report), most);
    verdict(report, &mut page);
    gate(report, &mut page);
    let fails: Vec<String> = words::fails(report).into_iter().map(fail).collect();
    let head = "| check | level | what should hold | what was seen | place |\n|---|---|---|---|---|\n";
    page.list("What fails", head, &fails);
    let waived: Vec<String> = words::waived(report)
        .into_iter()
        .map(|(finding, text)| {
            format!("| {} | {} | {} |\n", code(&words::id(finding)), cell(&finding.claim), cell(&text))
        })
        .collect();
    page.list("Waived", "| check | what should hold | waiver |\n|---|---|---|\n", &waived);
    for (remedy, title) in [
        (Remedy::Collect, "To collect"),
        (Remedy::Declare, "To declare in levelmark.yaml"),
        (Remedy::Attest, "To answer"),
        (Remedy::Report, "To report to us"),
    ] {
        page.list(title, "| check | level | |\n|---|---|---|\n", &blockers(report, remedy));
    }
    let unread: Vec<String> =
        words::unread_sections(report).iter().map(|(_, text)| format!("- {}\n", cell(text))).collect();
    page.list("Sections that could not be read", "", &unread);
    let stale = |waiver: &&super::model::Waiver| waiver.state != WaiverState::Used;
    let waivers: Vec<String> = report
        .waivers
        .iter()
        .filter(stale)
        .map(|waiver| format!("- {}: {}\n", code(&waiver.check), words::waiver(waiver.state)))
        .collect();
    page.list("Waivers to look at", "", &waivers);
    let notes: Vec<String> = report.notes.iter().map(|note| format!("- {}\n", cell(note))).collect();
    page.list("Notes", "", &notes);
    page.text
}

/// A text that grows up to a limit.
pub(super) struct Page {
    pub text: String,
    most: usize,
}

impl Page {
    /// Begins with a text. A limit below the least that is useful is that.
    pub fn new(text: String, most: usize) -> Self {
        Self { text, most: most.max(LEAST) }
    }

    /// A part with a title, a head and rows; as many as fit, then how many more there are.
    pub fn list(&mut self, title: &str, head: &str, rows: &[String]) {
        self.list_of(title, head, (rows, rows.len()));
    }

    /// The same of so many in all, of which only the first were made into rows.
    pub fn list_of(&mut self, title: &str, head: &str, (rows, total): (&[String], usize)) {
        if rows.is_empty() {
            return;
        }
        // No list takes all that is left, so that the shorter ones after it are seen too.
        let left = self.most.saturating_sub(RESERVE).saturating_sub(self.text.len());
        let room = self.text.len() + left / 4 * 3;
        let start = format!("\n### {title} ({total})\n\n{head}");
        let mut shown = 0;
        if self.text.len() + start.len() < room {
            self.text.push_str(&start);
            for row in rows {
                if self.text.len() + row.len() > room {
                    break;
                }
                self.text.push_str(row);
                shown += 1;
            }
        } else {
            self.text.push_str(&format!("\n### {title}\n"));
        }
        if shown < total {
            self.text.push_str(&format!("\nand {} more\n", total - shown));
        }
    }
}

fn cell(text: &str) -> String {
    markdown(&cropped(text, CELL))
}

fn code(text: &str) -> String {
    markdown_code(&cropped(text, CELL))
}

fn heading(report: &Report) -> String {
    let name = report.snapshot.tenant.called();
    let of = if name.is_empty() { String::new() } else { format!(": {}", code(name)) };
    format!(
        "## Levelmark{of}\n\nTaken {}, judged {}, {} checks.\n",
        report.snapshot.taken.format("%Y-%m-%d %H:%M UTC"),
        report.today.format("%Y-%m-%d"),
        report.findings.len()
    ) + &words::redacted(report).map_or_else(String::new, |text| format!("\n{}\n", cell(&text)))
}

fn verdict(report: &Report, page: &mut Page) {
    if report.filtered {
        page.text.push_str("\nA filtered run has findings but no verdict.\n");
        return;
    }
    let rows: Vec<String> = report
        .competencies
        .iter()
        .filter_map(|competency| {
            let [proven, possible, target] = words::verdict(competency)?;
            let levels = words::levels(competency);
            Some(format!("| {} | {proven} | {possible} | {target} | {levels} |\n", cell(&competency.name)))
        })
        .collect();
    page.list(
        "Verdict",
        "| competency | proven | possible | target | levels |\n|---|---|---|---|---|\n",
        &rows,
    );
}

fn gate(report: &Report, page: &mut Page) {
    page.text.push_str(&format!("\n**Gate: {}**\n", words::gate(report.gate.result)));
    let reasons: Vec<String> =
        report.gate.reasons.iter().map(|reason| format!("- {}\n", cell(reason))).collect();
    page.list("Why the gate says so", "", &reasons);
}

fn fail(finding: &Finding) -> String {
    let place = finding.evidence.shown.first().map(|place| {
        let name = place.name.as_deref().or(place.key.as_deref()).map(|name| format!(" {}", code(name)));
        let more = match finding.evidence.total {
            0 | 1 => String::new(),
            total => format!(" and {} more", total - 1),
        };
        format!("{}{}{more}", code(&format!("{}:{}", place.file, place.line)), name.unwrap_or_default())
    });
    let urgent = if finding.urgent { " urgent" } else { "" };
    let level = match finding.gates {
        _ if finding.informs => "informs".to_owned(),
        Some(level) => format!("{level}{urgent}"),
        None => format!("readiness{urgent}"),
    };
    format!(
        "| {} | {level} | {} | {} | {} |\n",
        code(&words::id(finding)),
        cell(&finding.claim),
        cell(&finding.reason),
        place.unwrap_or_default()
    )
}

/// What stands in the way and is settled by this, in the order of the report.
fn blockers(report: &Report, remedy: Remedy) -> Vec<String> {
    let blockers = report.competencies.iter().flat_map(|competency| &competency.blockers);
    let rows = blockers.filter(|blocker| blocker.remedy == remedy).filter_map(|blocker| {
        let finding = report.findings.iter().find(|finding| words::id(finding) == blocker.check)?;
        let level = blocker.level.map(|level| level.to_string()).unwrap_or_default();
        let what = match remedy {
            Remedy::Attest => finding.question.as_deref().unwrap_or(&finding.claim),
            Remedy::Fix | Remedy::Report => &finding.claim,
            Remedy::Collect | Remedy::Declare => &finding.reason,
        };
        Some(format!("| {} | {level} | {} |\n", code(&blocker.check), cell(what)))
    });
    rows.collect()
}
