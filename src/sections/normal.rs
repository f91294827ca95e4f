//! Brings an item to the normal forms of a snapshot, by its contract, so that the engine can
//! compare exactly. Comes in: an item as some tool wrote it. Goes out: the same item changed in
//! place, and what was assumed, dropped or refused. Not here: reading files, free text (never touched).
//!
//! The forms: times are RFC 3339 in UTC with `Z` and whole seconds, the fraction cut off (so that
//! equal times are equal texts, and texts sort like times); enums are written as the contract
//! writes them; GUIDs are in lower case; arrays are arrays; of `@odata.` annotations only
//! `@odata.type` stays, with its `#`.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Map, Number, Value};

use super::conform::{Place, Problem, Severity, kind, quoted};
use super::contract::{Object, Type};

/// What is known of the file that an item comes from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Source {
    /// A time without a zone is UTC; otherwise it is refused.
    pub zoneless_is_utc: bool,
    /// Names may be written in another case (PowerShell writes `DisplayName`).
    pub names_in_any_case: bool,
    /// Members that the contract does not know are dropped; otherwise they stay.
    pub drop_unknown: bool,
}

/// Brings an item to its normal form in place. Plain rewriting (`Z` for an offset, the case of
/// enums and GUIDs, annotations) goes unmentioned. Reported as notes: arrays that had to be made,
/// zones that were assumed, members that were dropped. Reported as errors, and left as they were:
/// values that have no normal form.
pub fn normalise(item: &mut Value, contract: &Object, source: Source) -> Vec<Problem> {
    let mut work = Work { source, place: Place::default(), problems: Vec::new() };
    match item {
        Value::Object(members) => work.object(members, contract),
        _ => work.error(format!("must be an object, is {}", kind(item))),
    }
    work.problems
}

struct Work {
    source: Source,
    place: Place,
    problems: Vec<Problem>,
}

impl Work {
    fn note(&mut self, message: String) {
        self.problems.push(self.place.problem(Severity::Note, message));
    }

    fn error(&mut self, message: String) {
        self.problems.push(self.place.problem(Severity::Error, message));
    }

    fn object(&mut self, members: &mut Map<String, Value>, contract: &Object) {
        if self.source.names_in_any_case {
            self.rename(members, contract);
        }
        let mut too_deep = false;
        members.retain(|name, member| {
            let Some(back) = self.place.enter(name).filter(|_| !too_deep) else {
                too_deep = true;
                return true;
            };
            let stays = self.member(name, member, contract);
            self.place.leave(back);
            stays
        });
        if too_deep {
            self.error("is nested too deeply".to_owned());
        }
    }

    /// One member; false where it is to go.
    fn member(&mut self, name: &str, member: &mut Value, contract: &Object) -> bool {
        match contract.field(name) {
            Some(expected) => {
                self.value(member, expected);
                type_name(name, member);
                true
            }
            None if is_annotation(name) => false,
            None if contract.is_open() => {
                self.open(member);
                true
            }
            // Graph names the type of every object if asked for full metadata; where all
            // objects have the same type it says nothing.
            None if name == "@odata.type" => false,
            None if self.source.drop_unknown => {
                self.note("is not a field of this section and was dropped".to_owned());
                false
            }
            None => true,
        }
    }

    /// Gives members the contract's spelling of their names; exact names win over others.
    fn rename(&mut self, members: &mut Map<String, Value>, contract: &Object) {
        let strange: Vec<String> =
            members.keys().filter(|name| contract.field(name).is_none()).cloned().collect();
        for name in strange {
            let Some(known) = contract.fields.keys().find(|known| known.eq_ignore_ascii_case(&name)) else {
                continue;
            };
            if members.contains_key(known) {
                self.note(format!("has both `{known}` and {}; the first was kept", quoted(&name)));
                members.remove(&name);
            } else if let Some(member) = members.remove(&name) {
                members.insert(known.clone(), member);
            }
        }
    }

    fn value(&mut self, value: &mut Value, expected: &Type) {
        if value.is_null() {
            return;
        }
        match expected {
            Type::Array(element) => self.array(value, element),
            Type::Object(contract) => match value {
                Value::Object(members) => self.object(members, contract),
                _ => self.error(format!("must be {expected}, is {}", kind(value))),
            },
            Type::Any => self.open(value),
            Type::Timestamp => self.timestamp(value),
            Type::Date => {
                let date = value.as_str().and_then(date);
                self.replace(value, date, expected);
            }
            Type::Guid => {
                if let Value::String(text) = value
                    && is_guid(text)
                {
                    text.make_ascii_lowercase();
                }
            }
            Type::Enum(members) => {
                if let Value::String(text) = value
                    && let Some(member) = members.iter().find(|member| member.eq_ignore_ascii_case(text))
                {
                    text.clone_from(member);
                }
            }
            Type::Duration | Type::String | Type::Boolean | Type::Integer | Type::Number => {}
        }
    }

    /// PowerShell writes an array of one element as that element.
    fn array(&mut self, value: &mut Value, element: &Type) {
        if !value.is_array() {
            self.note("was made a list of one".to_owned());
            *value = Value::Array(vec![value.take()]);
        }
        let Value::Array(values) = value else { return };
        for (index, inner) in values.iter_mut().enumerate() {
            let Some(back) = self.place.enter(&index.to_string()) else { return };
            self.value(inner, element);
            self.place.leave(back);
        }
    }

    /// Inside open types only annotations are known.
    fn open(&mut self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|name, _| !is_annotation(name));
                for (name, member) in members {
                    let Some(back) = self.place.enter(name) else { return };
                    self.open(member);
                    type_name(name, member);
                    self.place.leave(back);
                }
            }
            Value::Array(values) => {
                for (index, inner) in values.iter_mut().enumerate() {
                    let Some(back) = self.place.enter(&index.to_string()) else { return };
                    self.open(inner);
                    self.place.leave(back);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn timestamp(&mut self, value: &mut Value) {
        let time = value.as_str().and_then(|text| timestamp(text, self.source.zoneless_is_utc));
        if time.as_ref().is_some_and(|time| time.assumed_utc) {
            self.note("names no time zone and was read as UTC".to_owned());
        }
        self.replace(value, time.map(|time| time.text), &Type::Timestamp);
    }

    fn replace(&mut self, value: &mut Value, normal: Option<String>, expected: &Type) {
        match (normal, &*value) {
            (Some(normal), _) => *value = Value::String(normal),
            (None, Value::String(text)) => {
                let message = format!("must be {expected}, is {}", quoted(text));
                self.error(message);
            }
            (None, other) => {
                let message = format!("must be {expected}, is {}", kind(other));
                self.error(message);
            }
        }
    }
}

/// Everything that OData adds to names or objects, save the type of a polymorphic object.
fn is_annotation(name: &str) -> bool {
    name.contains("@odata.") && name != "@odata.type"
}

/// `microsoft.graph.x` and `#microsoft.graph.x` are the same type.
fn type_name(name: &str, value: &mut Value) {
    if name == "@odata.type"
        && let Value::String(text) = value
        && !text.starts_with('#')
    {
        text.insert(0, '#');
    }
}

/// A time in its normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time {
    /// `2026-01-31T08:00:00Z`.
    pub text: String,
    /// The source named no zone.
    pub assumed_utc: bool,
}

/// Reads a time: RFC 3339 with any offset and fraction, `/Date(1777406310050)/` (milliseconds; an
/// offset in it is for display only), and where `zoneless_is_utc` also a time or date without zone.
#[must_use]
pub fn timestamp(text: &str, zoneless_is_utc: bool) -> Option<Time> {
    if is_normal(text) {
        return Some(Time { text: text.to_owned(), assumed_utc: false });
    }
    if let Some(time) = microsoft_date(text) {
        return Some(Time { text: utc_seconds(time)?, assumed_utc: false });
    }
    let zoned = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%:z"));
    if let Ok(time) = zoned {
        return Some(Time { text: utc_seconds(time.with_timezone(&Utc))?, assumed_utc: false });
    }
    if !zoneless_is_utc {
        return None;
    }
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    Some(Time { text: utc_seconds(naive.and_utc())?, assumed_utc: true })
}

/// Whether a time has its normal form already, as most of Graph's have.
fn is_normal(text: &str) -> bool {
    let shape = b"0000-00-00T00:00:00Z";
    let same = |(byte, shape): (u8, &u8)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == *shape };
    if text.len() != shape.len() || !text.bytes().zip(shape).all(same) {
        return false;
    }
    let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<u32>().ok());
    let part = |from: usize| number(from, from + 2).unwrap_or(u32::MAX);
    let year = number(0, 4).and_then(|year| i32::try_from(year).ok());
    year.and_then(|year| NaiveDate::from_ymd_opt(year, part(5), part(8))).is_some()
        && part(11) < 24
        && part(14) < 60
        && part(17) < 60
}

/// `/Date(ms)/` and `/Date(ms+hhmm)/`, as .NET serialises times.
fn microsoft_date(text: &str) -> Option<DateTime<Utc>> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let sign_at = inner.char_indices().skip(1).find(|(_, letter)| matches!(letter, '+' | '-'));
    let millis = sign_at.map_or(Some(inner), |(at, _)| inner.get(..at))?;
    DateTime::from_timestamp_millis(millis.parse().ok()?)
}

/// Years beyond 9999 only come from Microsoft's "never" in a zone west of Greenwich.
fn utc_seconds(time: DateTime<Utc>) -> Option<String> {
    match time.year() {
        0..=9999 => Some(time.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        10000 => Some("9999-12-31T23:59:59Z".to_owned()),
        _ => None,
    }
}

/// Reads a date; a time at midnight is its date.
#[must_use]
pub fn date(text: &str) -> Option<String> {
    let parsed = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().or_else(|| {
        let time = timestamp(text, true)?;
        let day = time.text.strip_suffix("T00:00:00Z")?;
        NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()
    })?;
    (0..=9999).contains(&parsed.year()).then(|| parsed.format("%Y-%m-%d").to_string())
}

/// True for eight, four, four, four and twelve hexadecimal digits with hyphens between.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// True for the form of an ISO 8601 duration: `P`, parts in order, `T` before hours.
#[must_use]
pub fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else { return false };
    let (days, time) = rest.split_once('T').map_or((rest, None), |(days, time)| (days, Some(time)));
    let parts = |text: &str, units: &str| {
        let mut units = units.chars();
        let mut digits = 0;
        for letter in text.chars() {
            if letter.is_ascii_digit() || (letter == '.' && digits > 0) {
                digits += 1;
            } else if digits == 0 || !units.any(|unit| unit == letter) {
                return None;
            } else {
                digits = 0;
            }
        }
        (digits == 0).then_some(!text.is_empty())
    };
    match (parts(days, "YMWD"), time.map(|time| parts(time, "HMS"))) {
        (Some(has_days), None) => has_days,
        (Some(_), Some(Some(has_time))) => has_time,
        _ => false,
    }
}

/// Reads a cell of a spreadsheet or an answer typed by a person as a value of this type: lists
/// split at `;`, `yes` and `no` are booleans, an empty cell is null.
///
/// # Errors
/// Says what the text must be.
pub fn from_text(text: &str, expected: &Type) -> Result<Value, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(match expected {
            Type::Array(_) => Value::Array(Vec::new()),
            _ => Value::Null,
        });
    }
    let read = match expected {
        Type::String | Type::Any => Some(Value::String(text.to_owned())),
        Type::Guid => {
            Some(Value::String(if is_guid(text) { text.to_ascii_lowercase() } else { text.to_owned() }))
        }
        Type::Boolean => boolean(text).map(Value::Bool),
        Type::Integer => text.parse::<i64>().ok().map(Value::from),
        Type::Number => text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number),
        Type::Timestamp => timestamp(text, true).map(|time| Value::String(time.text)),
        Type::Date => date(text).map(Value::String),
        Type::Duration => is_duration(text).then(|| Value::String(text.to_owned())),
        Type::Enum(members) => {
            members.iter().find(|member| member.eq_ignore_ascii_case(text)).cloned().map(Value::String)
        }
        Type::Array(element) => {
            let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
            return parts.map(|part| from_text(part, element)).collect::<Result<_, _>>().map(Value::Array);
        }
        Type::Object(_) => None,
    };
    read.ok_or_else(|| format!("must be {expected}, is {}", quoted(text)))
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
