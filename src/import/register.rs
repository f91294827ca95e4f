//! Registers that an organisation keeps elsewhere: triage, communications, tickets, meetings and so on,
//! from CSV or JSON. Comes in: bytes, a section, which column is which field. Goes out: a section typed
//! by its contract, or all mistakes at once. Not here: other tools' own formats.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, Utc};
use csv::StringRecord;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::error::RowMistake;
use super::harvest::{Harvest, record, tenant_id};
use super::text::{decode, parse, rows};
use super::{ImportError, Imported, Options};
use crate::sections::contract::{Object, nearest};
use crate::sections::normal::{from_text, timestamp};
use crate::sections::{Section, Via};
use crate::snapshot::record::{Cloud, SectionRecord, State, Tenant};

/// Rows of a register.
const ROWS: usize = 1_000_000;
/// Mistakes told one by one.
const TOLD: usize = 50;
/// Fields that say when an entry came about, for how far back a log goes.
const WHEN: [&str; 10] = [
    "assessedAt",
    "sentAt",
    "openedAt",
    "heldAt",
    "at",
    "date",
    "assignedAt",
    "completedAt",
    "approvedAt",
    "createdAt",
];

/// How a register is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Comma- or semicolon-separated, with a header.
    Csv,
    /// An array of objects, or an object with one in `value`.
    Json,
}

/// What is known of a register's file.
#[derive(Debug)]
pub struct Register<'a> {
    /// The section it fills, e.g. `registers.triage`.
    pub section: &'static Section,
    /// Its columns by the fields they fill, where the names differ.
    pub columns: &'a BTreeMap<String, String>,
    /// How it is written.
    pub written: Written,
    /// From when on it is complete; else from its oldest entry on.
    pub since: Option<DateTime<Utc>>,
}

/// Imports a register.
///
/// # Errors
/// A section that no register fills, an unreadable file, and every wrong value with its line.
pub fn register(
    bytes: &[u8],
    name: &str,
    register: &Register<'_>,
    options: &Options,
) -> Result<Imported, ImportError> {
    let section = register.section;
    if !section.via.contains(&Via::Import) {
        return Err(ImportError::Kind {
            name: name.into(),
            what: format!("{} is not filled from a register", section.id),
            help: Some("`levelmark sections` shows which are: from `import`".into()),
        });
    }
    let mut table =
        Table { contract: section.contract(), columns: Vec::new(), mistakes: Vec::new(), unused: Vec::new() };
    let items = match register.written {
        Written::Csv => table.csv(&decode(bytes, name)?, register)?,
        Written::Json => table.json(&parse(bytes, name)?, register),
    };
    if !table.mistakes.is_empty() {
        let fields = table.contract.fields.keys().cloned().collect::<Vec<_>>().join(", ");
        let more = table.mistakes.len().saturating_sub(TOLD);
        table.mistakes.truncate(TOLD);
        return Err(ImportError::Rows { name: name.into(), mistakes: table.mistakes, more, fields });
    }
    let oldest = items.iter().filter_map(when).min();
    let at = options.at.ok_or_else(|| ImportError::NoTime { name: name.into(), why: String::new() })?;
    let from = register.since.or(oldest);
    let mut harvest = Harvest::new(Via::Import);
    let of = SectionRecord { source: Some(name.into()), from, ..record(State::Read) };
    harvest.put(section.id, items, of);
    if !table.unused.is_empty() {
        harvest.notes.push(format!("not taken, since no field has their name: {}", table.unused.join(", ")));
    }
    if let (None, Some(from)) = (register.since, oldest) {
        harvest.notes.push(format!(
            "{} is taken to be complete since its oldest entry, {} (`--since` says it better)",
            section.id,
            from.date_naive()
        ));
    }
    let tenant = Tenant {
        id: tenant_id(None, options, name)?,
        display_name: None,
        default_domain: None,
        cloud: Cloud::Global,
    };
    Ok(harvest.finish(tenant, at))
}

/// When an entry came about.
fn when(item: &Value) -> Option<DateTime<Utc>> {
    let text = WHEN.iter().find_map(|field| item.get(field)?.as_str())?;
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc));
    }
    Some(text.parse::<chrono::NaiveDate>().ok()?.and_time(NaiveTime::MIN).and_utc())
}

struct Table<'c> {
    contract: &'c Object,
    /// Of each column the field it fills.
    columns: Vec<Option<String>>,
    mistakes: Vec<RowMistake>,
    unused: Vec<String>,
}

impl Table<'_> {
    fn mistake(&mut self, line: u64, column: &str, message: String) {
        self.mistakes.push(RowMistake { line, column: column.to_owned(), message });
    }

    fn csv(&mut self, text: &str, register: &Register<'_>) -> Result<Vec<Value>, ImportError> {
        let mut reader = rows(text);
        let mut items = Vec::new();
        for (number, row) in reader.records().enumerate() {
            match row {
                Ok(row) if number == 0 => self.header(row.iter(), register),
                Ok(row) => items.extend(self.row(&row)),
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    self.mistake(
                        line,
                        "",
                        "is not CSV: a quotation mark is missing, or it is not text".into(),
                    );
                }
            }
            if number > ROWS {
                return Err(ImportError::Limit {
                    name: "the register".into(),
                    what: format!("more than {ROWS} rows"),
                });
            }
        }
        Ok(items)
    }

    /// Which field each column fills: as mapped, else the field of the same name.
    fn header<'h>(&mut self, names: impl Iterator<Item = &'h str>, register: &Register<'_>) {
        let names: Vec<&str> = names.map(|name| name.trim_start_matches('\u{feff}')).collect();
        for (field, column) in register.columns {
            if !self.contract.fields.contains_key(field) {
                let known = self.contract.fields.keys().map(String::as_str);
                let near =
                    nearest(field, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                self.mistake(1, column, format!("there is no field `{field}`{near}"));
            } else if !names.contains(&column.as_str()) {
                let near = nearest(column, names.iter().copied());
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                self.mistake(1, column, format!("there is no such column{near}"));
            }
        }
        for name in names {
            let mapped =
                register.columns.iter().find(|(_, column)| *column == name).map(|(field, _)| field.clone());
            let same = || self.contract.fields.keys().find(|field| field.eq_ignore_ascii_case(name)).cloned();
            let field = mapped.or_else(same);
            if field.is_none() {
                self.unused.push(name.to_owned());
            }
            self.columns.push(field);
        }
        if self.columns.iter().all(Option::is_none) {
            self.mistake(1, "", "no column has the name of a field; map them: --map COLUMN=FIELD".into());
        }
    }

    fn row(&mut self, row: &StringRecord) -> Option<Value> {
        let line = row.position().map_or(0, csv::Position::line);
        if row.iter().all(str::is_empty) {
            return None;
        }
        let mut item = Map::new();
        for (index, cell) in row.iter().enumerate() {
            let Some(Some(field)) = self.columns.get(index).cloned() else { continue };
            self.cell(&mut item, &field, line, cell);
        }
        Some(Value::Object(with_id(item, self.contract)))
    }

    fn cell(&mut self, item: &mut Map<String, Value>, field: &str, line: u64, cell: &str) {
        let Some(kind) = self.contract.field(field) else { return };
        match from_text(cell, kind) {
            Ok(value) => {
                item.insert(field.to_owned(), value);
            }
            Err(message) => self.mistake(line, field, message),
        }
    }

    fn json(&mut self, value: &Value, register: &Register<'_>) -> Vec<Value> {
        let rows = value.get("value").unwrap_or(value).as_array();
        let Some(rows) = rows else {
            self.mistake(1, "", "an array of objects is expected, or an object with one in `value`".into());
            return Vec::new();
        };
        let mut names: Vec<&str> =
            rows.iter().filter_map(Value::as_object).flat_map(Map::keys).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        self.header(names.iter().copied(), register);
        let fields: BTreeMap<&str, String> = names
            .iter()
            .copied()
            .zip(self.columns.clone())
            .filter_map(|(name, field)| Some((name, field?)))
            .collect();
        let mut items = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let line = number as u64 + 1;
            let Some(members) = row.as_object() else {
                self.mistake(line, "", "must be an object".into());
                continue;
            };
            let mut item = Map::new();
            for (name, value) in members {
                if let Some(field) = fields.get(name.as_str()) {
                    self.value(&mut item, field, line, value);
                }
            }
            items.push(Value::Object(with_id(item, self.contract)));
        }
        items
    }

    /// Texts are read as in a table, so that `"3"` may stand for a number; lists are read by element.
    fn value(&mut self, item: &mut Map<String, Value>, field: &str, line: u64, value: &Value) {
        match value {
            Value::String(text) => self.cell(item, field, line, text),
            Value::Array(parts) => {
                let texts: Vec<String> = parts
                    .iter()
                    .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
                    .collect();
                self.cell(item, field, line, &texts.join(";"));
            }
            Value::Null => {
                item.insert(field.to_owned(), Value::Null);
            }
            Value::Bool(_) | Value::Number(_) => self.cell(item, field, line, &value.to_string()),
            Value::Object(_) => self.mistake(line, field, "must be a value, is an object".into()),
        }
    }
}

/// An entry without an id gets one from its content, so that the same entry has the same id next time.
fn with_id(mut item: Map<String, Value>, contract: &Object) -> Map<String, Value> {
    let has_id = item.get("id").and_then(Value::as_str).is_some_and(|id| !id.is_empty());
    if contract.fields.contains_key("id") && !has_id {
        let text = Value::Object(item.clone()).to_string();
        let digest = Sha256::digest(text.as_bytes());
        let id: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        item.insert("id".to_owned(), Value::String(id));
    }
    item
}

/// A time given on the command line, for `--since`.
pub fn since(text: &str) -> Result<DateTime<Utc>, String> {
    let date = || text.parse::<chrono::NaiveDate>().ok().map(|date| date.and_time(NaiveTime::MIN).and_utc());
    let time = || timestamp(text, true).and_then(|time| DateTime::parse_from_rfc3339(&time.text).ok());
    date()
        .or_else(|| time().map(|at| at.with_timezone(&Utc)))
        .ok_or_else(|| "expected a date such as 2026-01-31".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sections::find;

    fn import(text: &str, columns: &[(&str, &str)]) -> Result<Imported, ImportError> {
        let columns =
            columns.iter().map(|(field, column)| ((*field).to_owned(), (*column).to_owned())).collect();
        let of = Register {
            section: find("registers.triage").unwrap(),
            columns: &columns,
            written: if text.starts_with('[') { Written::Json } else { Written::Csv },
            since: None,
        };
        let options = Options {
            tenant: Some("8e2f1c44-0000-4000-8000-000000000000".into()),
            at: Some("2026-11-01T00:00:00Z".parse().unwrap()),
        };
        register(text.as_bytes(), "triage.csv", &of, &options)
    }

    #[test]
    fn columns_are_mapped_typed_and_split() {
        let text = "\u{feff}Post;Assessed;Services;Decision;Colour\r\nMC100001;2026-10-01 08:00;Exchange Online|x;ACT;red\r\n";
        let text = text.replace("Exchange Online|x", "\"Exchange Online;Teams\"");
        let imported = import(&text, &[("messageId", "Post"), ("assessedAt", "Assessed")]).unwrap();
        let item = &imported.draft.data["registers.triage"][0];
        assert_eq!(item["messageId"], "MC100001");
        assert_eq!(item["assessedAt"], "2026-10-01T08:00:00Z");
        assert_eq!(item["services"], serde_json::json!(["Exchange Online", "Teams"]));
        assert_eq!(item["decision"], "act");
        assert_eq!(item["id"].as_str().unwrap().len(), 16);
        assert!(imported.notes.iter().any(|note| note.contains("Colour")), "{:?}", imported.notes);
        let from = imported.draft.manifest.sections["registers.triage"].from.unwrap();
        assert_eq!(from.to_rfc3339(), "2026-10-01T08:00:00+00:00");
    }

    #[test]
    fn all_mistakes_are_told_with_their_lines() {
        let text =
            "messageId,assessedAt,decision,impact\nMC1,yesterday,act,high\nMC2,2026-10-01,maybe,huge\n";
        let Err(ImportError::Rows { mistakes, .. }) = import(text, &[("dueBy", "x")]) else {
            panic!("accepted")
        };
        let told: Vec<(u64, &str)> =
            mistakes.iter().map(|mistake| (mistake.line, mistake.column.as_str())).collect();
        assert_eq!(told, [(1, "x"), (2, "assessedAt"), (3, "decision"), (3, "impact")]);
    }

    #[test]
    fn json_is_read_alike() {
        let text = r#"[{"messageId": "MC100001", "assessedAt": "2026-10-01T08:00:00+02:00", "services": ["A", "B"], "impact": null}]"#;
        let imported = import(text, &[]).unwrap();
        let item = &imported.draft.data["registers.triage"][0];
        assert_eq!(item["assessedAt"], "2026-10-01T06:00:00Z");
        assert_eq!(item["services"], serde_json::json!(["A", "B"]));
        assert!(item["impact"].is_null());
    }

    #[test]
    fn a_section_of_graph_is_not_a_register() {
        let columns = BTreeMap::new();
        let of = Register {
            section: find("users.accounts").unwrap(),
            columns: &columns,
            written: Written::Csv,
            since: None,
        };
        assert!(register(b"id\n1\n", "x.csv", &of, &Options::default()).is_err());
    }
}
