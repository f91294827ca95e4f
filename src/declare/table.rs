//! A table with one row per administrator, instead of being asked. Comes in: CSV as a spreadsheet
//! saves it. Goes out: items, or all mistakes with line and column. Not here: storing them.
//!
//! The header of a column is the path of a question (`admin.userPrincipalName`, `email.weeklyDigest`),
//! see [`template`]; several values in a cell are separated by `;`. Columns of questions that never
//! apply may be missing. Comma or semicolon separate the columns, whichever the header has more of.

use csv::StringRecord;
use serde_json::{Map, Value};

use super::answer::{applies, at, neutral, read as read_answer, same_administrator, set};
use super::form::{Form, Question};
use super::{DeclareError, Known, Mistake};
use crate::import::text::{decode, rows};
use crate::sections::contract::nearest;

/// A table may have at most this many rows.
const ROWS: usize = 10_000;

/// The header line of a section's table, comma-separated, with a line end.
pub fn template(form: &Form) -> String {
    columns(form) + "\n"
}

fn columns(form: &Form) -> String {
    form.questions.iter().map(|question| question.path).collect::<Vec<_>>().join(",")
}

/// Reads a table. The account's id may be left out where the snapshot knows the sign-in name.
///
/// # Errors
/// Unreadable, or mistakes: all of them at once.
pub fn read(
    form: &'static Form,
    bytes: &[u8],
    name: &str,
    known: &Known,
) -> Result<Vec<Value>, DeclareError> {
    let text = decode(bytes, name)?;
    let mut reader = rows(&text);
    let mut work = Work { form, known, columns: Vec::new(), mistakes: Vec::new(), items: Vec::new() };
    for (number, record) in reader.records().enumerate() {
        match record {
            Ok(record) if number == 0 => work.header(&record),
            Ok(record) => work.row(&record),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                work.mistake(line, "", "is not CSV: a quotation mark is missing, or it is not text".into());
            }
        }
        if number > ROWS {
            work.mistake(number as u64, "", format!("has more than {ROWS} rows before it"));
            break;
        }
    }
    work.finish(name)
}

struct Work<'k> {
    form: &'static Form,
    known: &'k Known,
    /// The question of each column; none where its header is unknown.
    columns: Vec<Option<&'static Question>>,
    mistakes: Vec<Mistake>,
    items: Vec<(u64, Value)>,
}

impl Work<'_> {
    fn mistake(&mut self, line: u64, column: &str, message: String) {
        self.mistakes.push(Mistake { line, column: column.into(), message });
    }

    fn header(&mut self, record: &StringRecord) {
        for cell in record {
            let question =
                self.form.questions.iter().find(|question| question.path.eq_ignore_ascii_case(cell));
            match question {
                Some(question) if self.has(question) => {
                    self.mistake(1, question.path, "stands twice in the header".into());
                    self.columns.push(None);
                }
                Some(question) => self.columns.push(Some(question)),
                None => {
                    if !cell.is_empty() {
                        let paths = self.form.questions.iter().map(|question| question.path);
                        let near = nearest(cell, paths).map(|near| format!("; did you mean `{near}`?"));
                        self.mistake(
                            1,
                            cell,
                            format!("is not a column of this table{}", near.unwrap_or_default()),
                        );
                    }
                    self.columns.push(None);
                }
            }
        }
    }

    fn has(&self, question: &Question) -> bool {
        self.columns.iter().flatten().any(|column| column.path == question.path)
    }

    fn row(&mut self, record: &StringRecord) {
        if record.iter().all(str::is_empty) {
            return;
        }
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() > self.columns.len() {
            let message = format!("has {} cells, the header has {}", record.len(), self.columns.len());
            self.mistake(line, "", message);
        }
        let mut item = Value::Object(Map::new());
        let before = self.mistakes.len();
        for question in self.form.questions {
            let cell = self
                .columns
                .iter()
                .position(|column| column.is_some_and(|known| known.path == question.path));
            let text = cell.and_then(|cell| record.get(cell)).unwrap_or_default();
            match self.answer(question, text, &item) {
                Ok(answer) => set(&mut item, question.path, answer),
                Err(message) => {
                    let missing = cell.is_none();
                    let message = if missing { format!("{message}; the column is missing") } else { message };
                    self.mistake(line, question.path, message);
                }
            }
        }
        if self.mistakes.len() == before {
            self.keep(line, item);
        }
    }

    fn answer(&self, question: &Question, text: &str, item: &Value) -> Result<Value, String> {
        // An answer that is missing for a mistake of its own must not cause others.
        let undecided = question.when.iter().any(|(path, _)| at(item, path).is_none());
        if undecided || !applies(question, item) {
            let nothing = neutral(question.kind);
            let same =
                text.is_empty() || read_answer(question.kind, text).is_ok_and(|answer| answer == nothing);
            let because = || {
                let condition = question.when.iter().map(|(path, answer)| format!("{path} is {answer}"));
                format!("must be empty unless {}", condition.collect::<Vec<_>>().join(" and "))
            };
            return if same || undecided { Ok(nothing) } else { Err(because()) };
        }
        if !text.is_empty() {
            return read_answer(question.kind, text);
        }
        let name = at(item, "admin.userPrincipalName").and_then(Value::as_str);
        let id = name.filter(|_| question.path == "admin.id").and_then(|name| self.known.id(name));
        id.map(|id| Value::String(id.clone())).ok_or_else(|| "an answer is needed".into())
    }

    fn keep(&mut self, line: u64, item: Value) {
        let twin = self.items.iter().find(|(_, other)| same_administrator(self.form, other, &item));
        match twin.map(|(line, _)| *line) {
            Some(first) if self.form.per_administrator => {
                self.mistake(line, "", format!("is about the same administrator as line {first}"));
            }
            Some(first) => {
                self.mistake(line, "", format!("is a second row; the tenant's stands on line {first}"))
            }
            None => self.items.push((line, item)),
        }
    }

    fn finish(mut self, name: &str) -> Result<Vec<Value>, DeclareError> {
        if self.mistakes.is_empty() && self.items.is_empty() {
            self.mistake(1, "", "has a header but no row".into());
        }
        if self.mistakes.is_empty() {
            return Ok(self.items.into_iter().map(|(_, item)| item).collect());
        }
        self.mistakes.sort_by_key(|mistake| mistake.line);
        Err(DeclareError::Table { name: name.into(), mistakes: self.mistakes, columns: columns(self.form) })
    }
}
