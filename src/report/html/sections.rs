//! What was looked at: every section with its state, those that could not be seen first. Comes in:
//! the report. Goes out: rows for the template.

use crate::report::model::Report;
use crate::snapshot::record::State;

use super::words::{self, Mark};

/// One section.
#[derive(Debug)]
pub(super) struct SectionRow {
    pub id: String,
    pub mark: Mark,
    pub items: String,
    pub via: &'static str,
    pub at: String,
    pub needs: String,
    pub policies: usize,
}

/// All sections.
pub(super) fn rows(report: &Report) -> Vec<SectionRow> {
    let mut sections: Vec<_> = report.sections.iter().collect();
    sections.sort_by_key(|(_, section)| section.state == State::Read);
    sections
        .into_iter()
        .map(|(id, section)| SectionRow {
            id: words::clean(id),
            mark: words::section(section.state),
            items: section
                .items
                .map(|items| words::number(usize::try_from(items).unwrap_or(usize::MAX)))
                .unwrap_or_default(),
            via: section.via.map(words::via).unwrap_or_default(),
            at: section.at.map(words::day).unwrap_or_default(),
            needs: section.needs.as_deref().map(words::clean).unwrap_or_default(),
            policies: section.policies.len(),
        })
        .collect()
}

/// "75 read, 4 denied, 3 not asked"
pub(super) fn summary(rows: &[SectionRow]) -> String {
    let mut words: Vec<(&str, usize)> = Vec::new();
    for row in rows {
        match words.iter_mut().find(|(word, _)| *word == row.mark.word) {
            Some((_, n)) => *n += 1,
            None => words.push((row.mark.word, 1)),
        }
    }
    words.iter().map(|(word, n)| format!("{n} {word}")).collect::<Vec<_>>().join(", ")
}
