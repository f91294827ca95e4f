//! Questions as a sheet for people who are not at the terminal. Comes in: a plan. Goes out: an .xlsx
//! with drop-downs, or a .csv that no spreadsheet takes for formulas. Not here: reading one back
//! (`import`), writing files.

use chrono::{DateTime, Datelike, Utc};
use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format as Look, FormatAlign, Workbook, Worksheet, XlsxError,
};

use super::{AttestError, Plan, Question, WORDS};
use crate::config::AnswerKind;
use crate::report::escape;

/// The sheet's name in a workbook.
pub(super) const SHEET: &str = "Questions";

/// A column: its header, and its width in a workbook.
pub(super) struct Column {
    pub header: &'static str,
    width: f64,
    /// People fill it in.
    filled: bool,
}

const fn given(header: &'static str, width: f64) -> Column {
    Column { header, width, filled: false }
}

const fn filled(header: &'static str, width: f64) -> Column {
    Column { header, width, filled: true }
}

/// In order. Reading back goes by header.
pub(super) const COLUMNS: [Column; 15] = [
    given("check", 26.0),
    given("competency", 20.0),
    given("level", 7.0),
    given("topic", 18.0),
    given("question", 60.0),
    given("yes means", 45.0),
    given("help", 60.0),
    given("allowed", 16.0),
    filled("answer", 15.0),
    filled("evidence", 40.0),
    filled("reason", 40.0),
    filled("by", 32.0),
    filled("on", 12.0),
    given("owner", 32.0),
    given("tenant", 38.0),
];

/// File formats of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A workbook with drop-downs.
    Xlsx,
    /// Comma-separated, with a byte order mark: without it Excel takes UTF-8 for something else.
    Csv,
}

impl Format {
    /// By a file's ending.
    ///
    /// # Errors
    /// Another ending.
    pub fn of(path: &std::path::Path) -> Result<Self, AttestError> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        match ending.as_deref() {
            Some("xlsx") => Ok(Self::Xlsx),
            Some("csv") => Ok(Self::Csv),
            Some(_) | None => Err(AttestError::File {
                name: path.display().to_string(),
                message: "the ending says neither .xlsx nor .csv".to_owned(),
            }),
        }
    }
}

/// The bytes of the sheet. `today` is the workbook's date: with it the same plan gives the same bytes.
///
/// # Errors
/// More questions than a sheet holds.
pub fn export(
    plan: &Plan,
    tenant: &str,
    today: DateTime<Utc>,
    format: Format,
) -> Result<Vec<u8>, AttestError> {
    let told = |message: String| AttestError::File { name: "the sheet".to_owned(), message };
    match format {
        Format::Csv => table(plan, tenant).map_err(|error| told(error.to_string())),
        Format::Xlsx => workbook(plan, tenant, today).map_err(|error| told(error.to_string())),
    }
}

fn allowed(question: &Question) -> Vec<&'static str> {
    let may = |kind: &AnswerKind| *kind != AnswerKind::NotApplicable || question.may_not_apply;
    WORDS.iter().filter(|(kind, _)| may(kind)).map(|(_, word)| *word).collect()
}

/// The cells of a question, in the order of the columns.
fn cells(question: &Question, tenant: &str) -> [String; COLUMNS.len()] {
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let help = format!(
        "{} Evidence is the place of a record that somebody else could look at; a yes needs it{}.",
        line(&question.about),
        if question.may_not_apply { ", not-applicable needs a reason" } else { "" }
    );
    let empty = String::new;
    [
        question.check.to_string(),
        question.competency.clone(),
        question.level.map(|level| level.to_string()).unwrap_or_default(),
        question.topic.clone().unwrap_or_default(),
        line(&question.text),
        line(&question.claim),
        help.trim().to_owned(),
        allowed(question).join(", "),
        empty(),
        empty(),
        empty(),
        empty(),
        empty(),
        question.owners.join("; "),
        tenant.to_owned(),
    ]
}

fn table(plan: &Plan, tenant: &str) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut writer = csv::Writer::from_writer("\u{FEFF}".as_bytes().to_vec());
    writer.write_record(COLUMNS.iter().map(|column| column.header))?;
    for question in &plan.questions {
        writer.write_record(
            cells(question, tenant).iter().map(|cell| escape::spreadsheet(cell).into_owned()),
        )?;
    }
    Ok(writer.into_inner()?)
}

fn workbook(plan: &Plan, tenant: &str, today: DateTime<Utc>) -> Result<Vec<u8>, XlsxError> {
    let day = today.date_naive();
    let year = u16::try_from(day.year()).unwrap_or(1900);
    let created = ExcelDateTime::from_ymd(year, day.month() as u8, day.day() as u8)?;
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = book.add_worksheet();
    sheet.set_name(SHEET)?;
    headings(sheet)?;
    let text = Look::new().set_text_wrap().set_align(FormatAlign::Top);
    for (number, question) in plan.questions.iter().enumerate() {
        let row = u32::try_from(number + 1).unwrap_or(u32::MAX);
        for (column, cell) in (0u16..).zip(cells(question, tenant)) {
            // As a text, whatever it looks like: no cell of ours is a formula.
            let shown: String = cell.chars().take(30_000).collect();
            if !shown.is_empty() {
                sheet.write_string_with_format(row, column, shown, &text)?;
            }
        }
        let choice = DataValidation::new()
            .allow_list_strings(&allowed(question))?
            .set_error_title("Not an answer")?
            .set_error_message(format!("Choose one of: {}", allowed(question).join(", ")))?;
        let column = COLUMNS.iter().position(|column| column.header == "answer").unwrap_or_default();
        let column = u16::try_from(column).unwrap_or_default();
        sheet.add_data_validation(row, column, row, column, &choice)?;
    }
    book.save_to_buffer()
}

/// Header, widths, formats of the columns that people fill in.
fn headings(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let wrapped = Look::new().set_text_wrap().set_align(FormatAlign::Top);
    // Evidence such as 1-2 has to stay what was typed.
    let typed = wrapped.clone().set_num_format("@");
    let date = wrapped.clone().set_num_format("yyyy-mm-dd");
    for (number, column) in (0u16..).zip(&COLUMNS) {
        sheet.set_column_width(number, column.width)?;
        if column.filled {
            sheet.set_column_format(number, if column.header == "on" { &date } else { &typed })?;
        }
        let head = Look::new().set_bold().set_align(FormatAlign::Top);
        let head = if column.filled { head.set_background_color(0x00FF_F2CC) } else { head };
        sheet.write_string_with_format(0, number, column.header, &head)?;
    }
    sheet.set_freeze_panes(1, 1)?;
    Ok(())
}
