//! Asking people what no interface answers, and keeping their answers. Comes in: an evaluation, a
//! person at a terminal or a sheet. Goes out: entries appended to `attestations.yaml`. Not here:
//! which answer counts (`engine`), reading the file (`config`).

mod ask;
mod cells;
mod entry;
mod import;
mod ledger;
mod owners;
mod plan;
mod sheet;
mod show;
mod store;

#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use miette::Diagnostic;
use thiserror::Error;

use crate::config::{Answer, AnswerKind};
use crate::policy::compiled::CheckRef;
use crate::yaml::{Mistakes, Text, file};

pub(crate) use ask::usable;
pub use ask::{Book, Done, Ended, Said, ask};
pub(crate) use entry::{moment, quoted};
pub use import::{About, Imported, import};
pub use ledger::Ledger;
pub use owners::{Owners, is_person};
pub use plan::{Plan, Question, Scope, open, plan};
pub use sheet::{Format, export};
pub use store::Store;

/// Why asking, or keeping an answer, can't work.
#[derive(Debug, Error, Diagnostic)]
pub enum AttestError {
    /// Not a name and mail address.
    #[error("`{given}` is not a name with a mail address")]
    #[diagnostic(code(attest::by), help("say who answers, e.g. --by \"Alex Miller <alex@contoso.com>\""))]
    By {
        /// What was given.
        given: String,
    },
    /// The file is about somebody else.
    #[error("the answers in {} are about tenant {theirs}, asked is about {ours}", .path.display())]
    #[diagnostic(
        code(attest::tenant),
        help("name another file with --answers; an answer about one tenant proves nothing of another")
    )]
    Tenant {
        /// The file.
        path: PathBuf,
        /// Its tenant.
        theirs: String,
        /// The one asked about.
        ours: String,
    },
    /// Nothing can be appended so that the file reads as before and one answer more.
    #[error("{} is written in a way that nothing can be appended to", .path.display())]
    #[diagnostic(code(attest::shape), help("nothing was changed. Add under `answers:`\n{entry}"))]
    Shape {
        /// The file.
        path: PathBuf,
        /// What should have been appended.
        entry: String,
    },
    /// Nobody holds this.
    #[error("`{given}` owns nothing")]
    #[diagnostic(code(attest::owner), help("{help}"))]
    Owner {
        /// What was given.
        given: String,
        /// Who does.
        help: String,
    },
    /// Mistakes in sheets, all of them.
    #[error("{}", list(.0))]
    #[diagnostic(code(attest::sheet), help("nothing was written; correct the cells and import again"))]
    Sheet(Vec<CellMistake>),
    /// A sheet that can't be read or written at all.
    #[error("{name}: {message}")]
    #[diagnostic(
        code(attest::file),
        help("a sheet is what `levelmark attest --export FILE.xlsx` wrote, as .xlsx or .csv")
    )]
    File {
        /// The file.
        name: String,
        /// Why.
        message: String,
    },
    /// Mistakes in the file of answers.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Mistakes(#[from] Mistakes),
    /// The system failed.
    #[error("failed to {doing} {}: {source}", .path.display())]
    #[diagnostic(code(attest::io))]
    Io {
        /// e.g. `write`.
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The terminal failed.
    #[error("failed to ask: {0}")]
    #[diagnostic(code(attest::terminal))]
    Terminal(#[from] io::Error),
}

impl AttestError {
    fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source }
    }
}

/// A mistake in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellMistake {
    /// The file.
    pub file: String,
    /// Row as the spreadsheet counts, from 1; 0 = the whole file.
    pub row: usize,
    /// Header of the column; empty = the whole row.
    pub column: String,
    /// What is wrong, lower case.
    pub message: String,
}

fn list(mistakes: &[CellMistake]) -> String {
    let line = |mistake: &CellMistake| {
        let CellMistake { file, row, column, message } = mistake;
        match (row, column.as_str()) {
            (0, _) => format!("\n  {file}: {message}"),
            (row, "") => format!("\n  {file}, row {row}: {message}"),
            (row, column) => format!("\n  {file}, row {row}, {column}: {message}"),
        }
    };
    let count = if mistakes.len() == 1 { "1 mistake".into() } else { format!("{} mistakes", mistakes.len()) };
    count + &mistakes.iter().map(line).collect::<String>()
}

/// Checks who answers: `Name <mail address>`.
///
/// # Errors
/// It is something else.
pub fn author(given: &str) -> Result<String, AttestError> {
    let wrong = || AttestError::By { given: crate::yaml::suggest::shown(given) };
    let source = file::source("--by", given.as_bytes()).map_err(|_| wrong())?;
    let mut mistakes = Vec::new();
    let mut cx = crate::yaml::Cx { source, mistakes: &mut mistakes };
    let text = Text { value: given.trim().to_owned(), at: 0..given.len(), exact: None };
    let person = crate::policy::answer::person(&text, &mut cx);
    person.filter(|person| person.len() <= LONGEST && !person.chars().any(char::is_control)).ok_or_else(wrong)
}

/// Bytes of a text that a person gives: escaped, it has to fit a line of a YAML file.
pub const LONGEST: usize = 1000;

/// An answer to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which check.
    pub check: CheckRef,
    /// What was answered.
    pub answer: AnswerKind,
    /// When.
    pub on: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// Where the proof is.
    pub evidence: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

impl Entry {
    /// Whether an answer of the file says the same.
    fn is(&self, answer: &Answer) -> bool {
        self.check == answer.check
            && self.answer == answer.answer
            && self.on == answer.on
            && self.by == answer.by
            && self.evidence == answer.evidence
            && self.reason == answer.reason
            && answer.expires.is_none()
    }

    /// The answer as the engine takes it.
    pub fn answer(&self) -> Answer {
        Answer {
            check: self.check.clone(),
            answer: self.answer,
            on: self.on,
            by: self.by.clone(),
            evidence: self.evidence.clone(),
            reason: self.reason.clone(),
            expires: None,
            at: 0..0,
        }
    }
}

/// When an answer given at `now` counts from: the day, as people write it; the moment where an
/// earlier answer of the same day would otherwise stay the latest.
pub fn dated(now: DateTime<Utc>, check: &CheckRef, answers: &[Answer]) -> DateTime<Utc> {
    let day = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    let later = answers.iter().any(|answer| answer.check == *check && answer.on > day);
    // Whole seconds: that is what a file holds.
    if later { chrono::SubsecRound::trunc_subsecs(now, 0) } else { day }
}

/// The words of the answers, as people and files write them.
pub const WORDS: [(AnswerKind, &str); 4] = [
    (AnswerKind::Yes, "yes"),
    (AnswerKind::Partly, "partly"),
    (AnswerKind::No, "no"),
    (AnswerKind::NotApplicable, "not-applicable"),
];

fn word(kind: AnswerKind) -> &'static str {
    WORDS.iter().find(|(other, _)| *other == kind).map_or("", |(_, word)| word)
}
