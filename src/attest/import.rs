//! Filled-in sheets as entries. Comes in: sheets, the policies, the answers that are there. Goes out:
//! entries to append, never over a newer answer, or all mistakes at once. Not here: cells
//! (`cells`), the file of answers (`store`).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::cells::{self, Cell, Row};
use super::sheet::COLUMNS;
use super::{AttestError, CellMistake, Entry, LONGEST, WORDS, author};
use crate::config::{Answer, AnswerKind};
use crate::policy::compiled::{Check, CheckRef, PolicySet};
use crate::yaml::suggest::{self, shown};

/// What the rows are held against.
#[derive(Debug)]
pub struct About<'a> {
    /// The policies.
    pub policies: &'a PolicySet,
    /// Directory id.
    pub tenant: &'a str,
    /// The answers that are there.
    pub answers: &'a [Answer],
    /// The day of rows that name none.
    pub today: DateTime<Utc>,
    /// Who answered in rows that name nobody.
    pub by: Option<&'a str>,
}

/// What sheets brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// To be appended, in order of date.
    pub entries: Vec<Entry>,
    /// Rows that were left out, and why: one sentence each.
    pub skipped: Vec<String>,
    /// Rows without an answer.
    pub empty: usize,
}

/// Reads sheets, each with a name to show.
///
/// # Errors
/// A sheet that can't be read; all mistakes in all of them.
pub fn import(sheets: &[(String, Vec<u8>)], about: &About<'_>) -> Result<Imported, AttestError> {
    let mut work = Work { about, mistakes: Vec::new(), found: Vec::new(), empty: 0 };
    for (name, bytes) in sheets {
        let rows = cells::read(name, bytes)?;
        work.sheet(name, &rows);
    }
    work.twice();
    if !work.mistakes.is_empty() {
        return Err(AttestError::Sheet(work.mistakes));
    }
    Ok(work.done())
}

/// A row that became an entry.
struct Found {
    file: String,
    row: usize,
    entry: Entry,
}

struct Work<'a> {
    about: &'a About<'a>,
    mistakes: Vec<CellMistake>,
    found: Vec<Found>,
    empty: usize,
}

/// One row, its cells by header.
struct Fields<'r> {
    file: &'r str,
    row: &'r Row,
    columns: &'r BTreeMap<&'static str, usize>,
}

impl<'r> Fields<'r> {
    fn cell(&self, header: &str) -> Option<&'r Cell> {
        self.row.cells.get(self.columns.get(header)?)
    }
}

impl Work<'_> {
    fn mistake(&mut self, file: &str, row: usize, column: &str, message: impl Into<String>) {
        let (file, column, message) = (file.to_owned(), column.to_owned(), message.into());
        self.mistakes.push(CellMistake { file, row, column, message });
    }

    fn sheet(&mut self, file: &str, rows: &[Row]) {
        let Some((header, rows)) = rows.split_first() else {
            return self.mistake(file, 0, "", "it is empty");
        };
        let columns = self.header(file, header);
        for needed in ["check", "answer"] {
            if !columns.contains_key(needed) {
                self.mistake(file, header.number, needed, "this column is missing");
            }
        }
        if !["check", "answer"].iter().all(|needed| columns.contains_key(needed)) {
            return;
        }
        for row in rows {
            self.row(&Fields { file, row, columns: &columns });
        }
    }

    /// Columns by header. Others than ours are the sheet's own business, unless one is a slip.
    fn header(&mut self, file: &str, row: &Row) -> BTreeMap<&'static str, usize> {
        let mut columns = BTreeMap::new();
        for (place, cell) in &row.cells {
            let Cell::Text(text) = cell else { continue };
            let known = COLUMNS.iter().map(|column| column.header);
            match COLUMNS.iter().find(|column| column.header.eq_ignore_ascii_case(text)) {
                Some(column) if columns.contains_key(column.header) => {
                    self.mistake(file, row.number, column.header, "stands twice in the header");
                }
                Some(column) => {
                    columns.insert(column.header, *place);
                }
                None => {
                    let near = suggest::help(&text.to_lowercase(), known);
                    if let Some(near) = near.filter(|near| near.contains("did you mean")) {
                        self.mistake(file, row.number, &shown(text), format!("is not a column; {near}"));
                    }
                }
            }
        }
        columns
    }

    /// The text of a cell; None where it is empty, or wrong and that was said.
    fn text(&mut self, fields: &Fields<'_>, header: &str) -> Option<String> {
        match fields.cell(header)? {
            Cell::Text(text) => Some(text.clone()),
            Cell::Wrong(why) => {
                self.mistake(fields.file, fields.row.number, header, why.clone());
                None
            }
        }
    }

    fn row(&mut self, fields: &Fields<'_>) {
        let (file, row) = (fields.file, fields.row.number);
        if fields.cell("answer").is_none() {
            match ["evidence", "reason"].into_iter().find(|header| fields.cell(header).is_some()) {
                Some(header) => self.mistake(file, row, "answer", format!("is empty, but `{header}` is not")),
                None => self.empty += 1,
            }
            return;
        }
        let before = self.mistakes.len();
        let check = self.check(fields);
        let answer = self.text(fields, "answer").and_then(|text| self.answer(fields, &text));
        let evidence = self.long(fields, "evidence");
        let reason = self.long(fields, "reason");
        let by = self.by(fields);
        let on = self.on(fields);
        if let Some(tenant) = self.text(fields, "tenant")
            && !tenant.eq_ignore_ascii_case(self.about.tenant)
        {
            self.mistake(file, row, "tenant", format!("is {}, not this tenant", shown(&tenant)));
        }
        if let (Some((_, check)), Some(answer)) = (&check, answer) {
            self.proof(fields, check, answer, (evidence.is_some(), reason.is_some()));
        }
        if let (Some((check, _)), Some(answer), Some(by), Some(on)) = (check, answer, by, on)
            && before == self.mistakes.len()
        {
            let entry = Entry { check, answer, on, by, evidence, reason };
            self.found.push(Found { file: file.to_owned(), row, entry });
        }
    }

    fn check<'s>(&mut self, fields: &Fields<'_>) -> Option<(CheckRef, &'s Check)>
    where
        Self: 's,
    {
        let (file, row) = (fields.file, fields.row.number);
        if fields.cell("check").is_none() {
            self.mistake(file, row, "check", "is empty, so nobody knows what was answered");
        }
        let text = self.text(fields, "check")?;
        let policies = self.about.policies;
        let target = text
            .split_once('/')
            .map(|(policy, check)| CheckRef { policy: policy.to_owned(), check: check.to_owned() });
        let found = target.and_then(|target| Some((policies.check(&target)?.1, target)));
        if found.is_none() {
            let known: Vec<String> = policies
                .policies
                .iter()
                .flat_map(|policy| policy.checks.iter().map(|check| format!("{}/{}", policy.id, check.id)))
                .collect();
            let near = suggest::help(&text, known.iter().map(String::as_str));
            let near = near.map(|near| format!("; {near}")).unwrap_or_default();
            self.mistake(file, row, "check", format!("there is no check `{}`{near}", shown(&text)));
        }
        found.map(|(check, target)| (target, check))
    }

    fn answer(&mut self, fields: &Fields<'_>, text: &str) -> Option<AnswerKind> {
        let text = text.to_ascii_lowercase();
        let text = if matches!(text.as_str(), "n/a" | "na") { "not-applicable" } else { &text };
        let known = WORDS.iter().find(|(_, word)| *word == text).map(|(kind, _)| *kind);
        if known.is_none() {
            let message = format!("`{}` is none of yes, partly, no, not-applicable", shown(text));
            self.mistake(fields.file, fields.row.number, "answer", message);
        }
        known
    }

    fn long(&mut self, fields: &Fields<'_>, header: &str) -> Option<String> {
        let text = self.text(fields, header)?;
        if text.len() > LONGEST {
            let message = format!("has more than {LONGEST} bytes; name the place where the rest is");
            self.mistake(fields.file, fields.row.number, header, message);
        }
        Some(text)
    }

    fn by(&mut self, fields: &Fields<'_>) -> Option<String> {
        if fields.cell("by").is_none() {
            if self.about.by.is_none() {
                let message = "is empty: write who answers, or give --by for all such rows";
                self.mistake(fields.file, fields.row.number, "by", message);
            }
            return self.about.by.map(str::to_owned);
        }
        let by = self.text(fields, "by").map(|text| author(&text))?;
        by.map_err(|error| self.mistake(fields.file, fields.row.number, "by", error.to_string())).ok()
    }

    fn on(&mut self, fields: &Fields<'_>) -> Option<DateTime<Utc>> {
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        if fields.cell("on").is_none() {
            return Some(midnight(self.about.today.date_naive()));
        }
        let text = self.text(fields, "on")?;
        let on = text.parse::<NaiveDate>().ok().filter(|_| text.len() == 10).map(midnight);
        let wrong = match on {
            None => Some(format!("`{}` is not a date such as 2026-01-31", shown(&text))),
            Some(on) if on > self.about.today => Some(format!("{text} is in the future")),
            Some(_) => None,
        };
        if let Some(wrong) = wrong {
            self.mistake(fields.file, fields.row.number, "on", wrong);
            return None;
        }
        on
    }

    /// What the answer needs so that it counts.
    fn proof(&mut self, fields: &Fields<'_>, check: &Check, answer: AnswerKind, has: (bool, bool)) {
        let (evidence, reason) = has;
        let missing = match answer {
            _ if check.measured_only => Some(("answer", "this check only counts when measured")),
            AnswerKind::Yes if !evidence => Some(("evidence", "is empty, and a yes needs it")),
            AnswerKind::NotApplicable if !check.may_not_apply => {
                Some(("answer", "this check applies to every tenant"))
            }
            AnswerKind::NotApplicable if !reason => Some(("reason", "is empty, and not-applicable needs it")),
            AnswerKind::Yes | AnswerKind::Partly | AnswerKind::No | AnswerKind::NotApplicable => None,
        };
        if let Some((header, why)) = missing {
            self.mistake(fields.file, fields.row.number, header, why);
        }
    }

    /// Two answers of one day to one question: nobody but the people can say which counts.
    fn twice(&mut self) {
        let mut first: BTreeMap<(&CheckRef, DateTime<Utc>), &Found> = BTreeMap::new();
        let mut mistakes = Vec::new();
        for found in &self.found {
            let other = *first.entry((&found.entry.check, found.entry.on)).or_insert(found);
            if other.entry != found.entry {
                let message = format!(
                    "{} is answered otherwise in {}, row {}",
                    found.entry.check, other.file, other.row
                );
                mistakes.push(CellMistake {
                    file: found.file.clone(),
                    row: found.row,
                    column: "answer".to_owned(),
                    message,
                });
            }
        }
        self.mistakes.extend(mistakes);
    }

    fn done(mut self) -> Imported {
        self.found.sort_by_key(|found| found.entry.on);
        let mut latest: BTreeMap<CheckRef, DateTime<Utc>> = BTreeMap::new();
        for answer in self.about.answers {
            let on = latest.entry(answer.check.clone()).or_insert(answer.on);
            *on = answer.on.max(*on);
        }
        let (mut entries, mut skipped) = (Vec::new(), Vec::new());
        for Found { file, row, entry } in self.found {
            match latest.get(&entry.check).copied() {
                Some(on) if on >= entry.on => skipped.push(format!(
                    "{file}, row {row}: {} is left out, it has an answer of {} that is not older",
                    entry.check,
                    on.date_naive()
                )),
                Some(_) | None => {
                    latest.insert(entry.check.clone(), entry.on);
                    entries.push(entry);
                }
            }
        }
        Imported { entries, skipped, empty: self.empty }
    }
}
