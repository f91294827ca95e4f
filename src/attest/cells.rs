//! Rows of a sheet as texts. Comes in: bytes of an .xlsx or .csv that anybody may have written. Goes
//! out: rows with their numbers, bounded. Not here: what a column means (`import`).
//!
//! An .xlsx is an archive: it is unpacked once into nothing, to know that it fits into memory, before
//! a reader gets it. Cells are streamed; a single cell far to the lower right costs nothing.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx};

use super::AttestError;
use super::sheet::SHEET;
use crate::import::text::{decode, rows};
use crate::report::escape;

/// Bytes of a sheet's file.
const MOST: usize = 8 << 20;
/// Bytes of an archive, unpacked.
const UNPACKED: u64 = 64 << 20;
/// Files in an archive.
const PARTS: usize = 1000;
/// Rows and columns that are looked at.
const ROWS: u32 = 20_000;
const COLUMNS: u32 = 100;
/// Bytes of a cell, and of all cells together.
const CELL: usize = 4 << 10;
const CELLS: usize = 32 << 20;

/// A row that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// As the spreadsheet counts, from 1.
    pub number: usize,
    /// By column, from 0; what is empty is missing.
    pub cells: BTreeMap<usize, Cell>,
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// A text, trimmed and not empty.
    Text(String),
    /// What can't be taken, and why.
    Wrong(String),
}

/// Reads the rows of a sheet.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Vec<Row>, AttestError> {
    let failed = |message: String| AttestError::File { name: name.to_owned(), message };
    if bytes.len() > MOST {
        return Err(failed(format!("it has more than {} MiB", MOST >> 20)));
    }
    let rows = if bytes.starts_with(b"PK") { workbook(bytes) } else { table(name, bytes) };
    rows.map_err(failed)
}

fn table(name: &str, bytes: &[u8]) -> Result<Vec<Row>, String> {
    let text = decode(bytes, name).map_err(|error| error.to_string())?;
    let mut reader = rows(&text);
    let mut rows = Rows::default();
    for record in reader.records() {
        let record = record.map_err(|_| "it is not CSV: a quotation mark is missing, or it is not text")?;
        let line = record.position().map_or(0, csv::Position::line);
        for (column, cell) in record.iter().enumerate() {
            rows.text(usize::try_from(line).unwrap_or_default(), column, &escape::from_spreadsheet(cell))?;
        }
    }
    Ok(rows.done())
}

fn workbook(bytes: &[u8]) -> Result<Vec<Row>, String> {
    let told = |error: &dyn std::fmt::Display| {
        format!("it is no workbook: {}", escape::terminal(&error.to_string()))
    };
    unpacks(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| told(&error))?;
    let names = book.sheet_names();
    let name = names.iter().find(|name| *name == SHEET).or(names.first()).ok_or("it has no sheet")?;
    let mut reader = book.worksheet_cells_reader(name).map_err(|error| told(&error))?;
    let mut rows = Rows::default();
    while let Some(cell) = reader.next_cell().map_err(|error| told(&error))? {
        let (row, column) = cell.get_position();
        if row >= ROWS {
            return Err(format!("it has more than {ROWS} rows"));
        }
        if column < COLUMNS {
            rows.cell(row as usize + 1, column as usize, cell.get_value())?;
        }
    }
    Ok(rows.done())
}

/// Whether all that is packed fits into memory.
fn unpacks(bytes: &[u8]) -> Result<(), String> {
    let damaged = |error: &dyn std::fmt::Display| format!("it can't be unpacked: {error}");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    if archive.len() > PARTS {
        return Err(format!("it has more than {PARTS} parts"));
    }
    let mut left = UNPACKED;
    for number in 0..archive.len() {
        let part = archive.by_index(number).map_err(|error| damaged(&error))?;
        let taken = std::io::copy(&mut part.take(left + 1), &mut std::io::sink());
        let taken = taken.map_err(|error| damaged(&error))?;
        left = left
            .checked_sub(taken)
            .ok_or_else(|| format!("unpacked it has more than {} MiB", UNPACKED >> 20))?;
    }
    Ok(())
}

/// Rows as they grow.
#[derive(Default)]
struct Rows {
    rows: BTreeMap<usize, BTreeMap<usize, Cell>>,
    bytes: usize,
}

impl Rows {
    fn cell(&mut self, row: usize, column: usize, value: &DataRef<'_>) -> Result<(), String> {
        match value {
            DataRef::Empty => Ok(()),
            DataRef::String(text) => self.text(row, column, text),
            DataRef::SharedString(text) => self.text(row, column, text),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => self.text(row, column, text),
            DataRef::Int(number) => self.text(row, column, &number.to_string()),
            DataRef::Float(number) => self.text(row, column, &number.to_string()),
            DataRef::Bool(truth) => self.text(row, column, if *truth { "yes" } else { "no" }),
            DataRef::DateTime(at) => {
                let (year, month, day, ..) = at.to_ymd_hms_milli();
                self.text(row, column, &format!("{year:04}-{month:02}-{day:02}"))
            }
            DataRef::Error(error) => {
                self.put(row, column, Cell::Wrong(format!("holds the error {error}")));
                Ok(())
            }
        }
    }

    fn text(&mut self, row: usize, column: usize, text: &str) -> Result<(), String> {
        // Line breaks and tabs of a cell are spaces in a line.
        let spaces = |letter: char| if matches!(letter, '\n' | '\r' | '\t') { ' ' } else { letter };
        if text.len() > CELL {
            self.put(row, column, Cell::Wrong(format!("has more than {CELL} bytes")));
            return Ok(());
        }
        let text: String = text.chars().map(spaces).collect();
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        self.bytes += text.len() + size_of::<Cell>();
        if self.bytes > CELLS {
            return Err(format!("its cells hold more than {} MiB", CELLS >> 20));
        }
        let cell = match text.chars().find(|letter| letter.is_control()) {
            Some(letter) => Cell::Wrong(format!("has the control character U+{:04X}", u32::from(letter))),
            None => Cell::Text(text.to_owned()),
        };
        self.put(row, column, cell);
        Ok(())
    }

    fn put(&mut self, row: usize, column: usize, cell: Cell) {
        self.rows.entry(row).or_default().insert(column, cell);
    }

    fn done(self) -> Vec<Row> {
        self.rows.into_iter().map(|(number, cells)| Row { number, cells }).collect()
    }
}
