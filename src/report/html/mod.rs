//! The HTML report: one file that needs nothing else and asks nobody. Comes in: the report. Goes out:
//! a page whose content security policy allows its own style sheet and script and nothing more.
//!
//! Templates (askama) escape every text; what others wrote is also freed of characters that turn the
//! writing direction or are invisible. Plots are SVG made here, the tables beside them say the same.
//! Without JavaScript everything can be read; the filters are then not there.

mod cover;
pub mod drift;
mod findings;
mod heatmap;
mod ladder;
mod radar;
mod sections;
mod shell;
mod steps;
#[cfg(test)]
mod tests;
pub mod trend;
mod verdicts;
mod waivers;
mod words;

use askama::Template;

use super::model::Report;

/// What a page says beyond the report, and how much of it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// For a board: the cover, the verdicts, the first steps, waivers and the method.
    pub only_summary: bool,
    /// For whom, if not the tenant's own name.
    pub client: Option<String>,
    /// What was looked at, in the words of whoever ordered it.
    pub scope: Option<String>,
}

/// The page could not be made: a defect of ours.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("the HTML report could not be made")]
#[diagnostic(
    code(levelmark::report::html),
    help("this is a defect of ours; `--format json` has the same data")
)]
pub struct Error(#[source] askama::Error);

/// Makes the page.
///
/// # Errors
/// A template failed, which none of them should.
pub fn render(report: &Report, options: &Options) -> Result<String, Error> {
    let all = !options.only_summary;
    let sections = sections::rows(report);
    let page = Page {
        shell: shell::Shell::new(),
        all,
        filtered: report.filtered,
        cover: cover::cover(report, options),
        cards: verdicts::cards(report),
        radar: radar::radar(report),
        heat: heatmap::heat_maps(report),
        steps: steps::groups(report, options.only_summary),
        areas: if all { findings::areas(report) } else { Vec::new() },
        waivers: waivers::waivers(report),
        answers: if all { waivers::answers(report) } else { Vec::new() },
        section_summary: sections::summary(&sections),
        sections: if all { sections } else { Vec::new() },
        method: method(report),
    };
    page.render().map(|text| text.trim_end().to_owned() + "\n").map_err(Error)
}

/// The whole page.
#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    shell: shell::Shell,
    all: bool,
    filtered: bool,
    cover: cover::Cover,
    cards: Vec<verdicts::Card>,
    radar: Option<String>,
    heat: heatmap::HeatMaps,
    steps: Vec<steps::Group>,
    areas: Vec<findings::Area>,
    waivers: Vec<waivers::WaiverRow>,
    answers: Vec<waivers::AnswerRow>,
    section_summary: String,
    sections: Vec<sections::SectionRow>,
    method: Method,
}

/// How the levels were reached, with what can be repeated.
#[derive(Debug)]
struct Method {
    documents: Vec<(String, String, String)>,
    policies: String,
    overridden: Vec<String>,
    snapshot: String,
    tenant: String,
    notes: Vec<String>,
}

fn method(report: &Report) -> Method {
    Method {
        documents: report
            .model
            .documents
            .iter()
            .map(|document| {
                let newer = document.newer.as_deref().map(words::clean).unwrap_or_default();
                (words::plain(&document.id), words::clean(&document.edition), newer)
            })
            .collect(),
        policies: words::clean(&report.policy_set.digest),
        overridden: report.policy_set.overridden.iter().map(|id| words::clean(id)).collect(),
        snapshot: words::clean(&report.snapshot.digest),
        tenant: words::clean(&report.snapshot.tenant.id),
        notes: report.notes.iter().map(|note| words::clean(note)).collect(),
    }
}
