//! From bytes to JSON: byte order marks, UTF-16, limits, duplicate keys. Comes in: a file as it lies
//! on disk. Goes out: a value, or an error with line and column. Not here: what the value means.

use std::borrow::Cow;
use std::fmt;
use std::fs;
use std::path::Path;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use super::ImportError;

/// A file may not be larger (spans count in 32 bits).
const MAX_BYTES: u64 = u32::MAX as u64;

/// Reads a regular file whole; links are refused.
///
/// # Errors
/// It can't be read, is no regular file, or is larger than 4 GiB.
pub fn read(path: &Path) -> Result<Vec<u8>, ImportError> {
    let name = || path.display().to_string();
    let about = fs::symlink_metadata(path).map_err(|source| ImportError::Read { name: name(), source })?;
    if !about.is_file() {
        return Err(ImportError::NotRegular { name: name() });
    }
    if about.len() > MAX_BYTES {
        return Err(too_large(&name(), about.len()));
    }
    fs::read(path).map_err(|source| ImportError::Read { name: name(), source })
}

fn too_large(name: &str, bytes: u64) -> ImportError {
    ImportError::Limit {
        name: name.into(),
        what: format!("{bytes} bytes; a file may have at most {MAX_BYTES}"),
    }
}

/// Rows of a table that people write: with commas, or with semicolons where the first line has more of these, as
/// spreadsheets of half the world write them; rows may be shorter or longer than the first.
pub(crate) fn rows(text: &str) -> csv::Reader<&[u8]> {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |letter: char| header.matches(letter).count();
    let delimiter = if count(';') > count(',') { b';' } else { b',' };
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes())
}

/// The text of a file: UTF-8 with or without a byte order mark, or UTF-16. JSON opens with an ASCII
/// character, so UTF-16 without its mark still shows by the zero bytes.
pub(crate) fn decode<'b>(bytes: &'b [u8], name: &str) -> Result<Cow<'b, str>, ImportError> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_large(name, bytes.len() as u64));
    }
    let text = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest, name, 3)?,
        [0xFF, 0xFE, rest @ ..] => utf16(rest, name, u16::from_le_bytes, 2)?,
        [0xFE, 0xFF, rest @ ..] => utf16(rest, name, u16::from_be_bytes, 2)?,
        [first, 0, ..] if *first != 0 => utf16(bytes, name, u16::from_le_bytes, 0)?,
        [0, second, ..] if *second != 0 => utf16(bytes, name, u16::from_be_bytes, 0)?,
        rest => utf8(rest, name, 0)?,
    };
    if text.trim().is_empty() {
        return Err(ImportError::Empty { name: name.into() });
    }
    Ok(text)
}

fn utf8<'b>(bytes: &'b [u8], name: &str, skipped: usize) -> Result<Cow<'b, str>, ImportError> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| ImportError::Encoding {
        name: name.into(),
        offset: skipped + error.valid_up_to(),
        what: if error.error_len().is_none() { "the file ends inside a character" } else { "not UTF-8" },
    })
}

fn utf16<'b>(
    bytes: &'b [u8],
    name: &str,
    unit: fn([u8; 2]) -> u16,
    skipped: usize,
) -> Result<Cow<'b, str>, ImportError> {
    let fault = |offset, what| ImportError::Encoding { name: name.into(), offset: skipped + offset, what };
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(fault(bytes.len() - 1, "UTF-16 with half a character at the end"));
    }
    let units = pairs.filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(unit);
    let mut text = String::with_capacity(bytes.len() / 2);
    for decoded in char::decode_utf16(units) {
        // ASCII is one unit and one byte; elsewhere the offset is told in characters read so far.
        text.push(decoded.map_err(|_| fault(text.chars().count() * 2, "UTF-16 with half a surrogate pair"))?);
    }
    Ok(Cow::Owned(text))
}

/// Parses a whole file; equal keys in one object are an error, as in a snapshot.
pub(crate) fn parse(bytes: &[u8], name: &str) -> Result<Value, ImportError> {
    let Strict(value) = typed(bytes, name)?;
    Ok(value)
}

/// Parses a whole file into a type of ours.
pub(crate) fn typed<T: DeserializeOwned>(bytes: &[u8], name: &str) -> Result<T, ImportError> {
    let text = decode(bytes, name)?;
    serde_json::from_str(&text).map_err(|error| ImportError::Json {
        name: name.into(),
        line: error.line(),
        column: error.column(),
        what: message(&error),
        help: error.is_eof().then(|| "the file is cut off; export or copy it again".into()),
    })
}

/// serde_json's message without its place, which we tell ourselves.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) if error.is_eof() => format!("ends in the middle: {}", text.get(..end).unwrap_or(&text)),
        Some(end) => text.get(..end).unwrap_or(&text).to_string(),
        None => text,
    }
}

/// A JSON value in which no object has the same key twice. serde_json would keep the last silently.
pub(crate) struct Strict(pub(crate) Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a JSON value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_string()))
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let Strict(value) = access.next_value()?;
            match members.entry(key) {
                Entry::Vacant(place) => drop(place.insert(value)),
                Entry::Occupied(place) => {
                    let key = place.key();
                    return Err(A::Error::custom(format_args!("the key {key:?} occurs twice in one object")));
                }
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn utf16_of(text: &str, little: bool, mark: bool) -> Vec<u8> {
        let mark = if mark { "\u{FEFF}" } else { "" };
        let units: Vec<u16> = mark.encode_utf16().chain(text.encode_utf16()).collect();
        units
            .into_iter()
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    #[test]
    fn every_encoding_that_tools_write_is_read() {
        let text = "{\r\n \"name\": \"Zoë 🦀\"\r\n}";
        let mut marked = vec![0xEF, 0xBB, 0xBF];
        marked.extend_from_slice(text.as_bytes());
        let forms = [
            text.as_bytes().to_vec(),
            marked,
            utf16_of(text, true, true),
            utf16_of(text, false, true),
            utf16_of(text, true, false),
            utf16_of(text, false, false),
        ];
        for bytes in forms {
            assert_eq!(parse(&bytes, "f").unwrap(), json!({"name": "Zoë 🦀"}));
        }
    }

    #[test]
    fn faults_name_their_place() {
        let cases: [(&[u8], &str); 9] = [
            (b"", "f: the file is empty"),
            (b" \r\n", "f: the file is empty"),
            (b"\xEF\xBB\xBF", "f: the file is empty"),
            (b"{\"a\": 1,\n \"a\": 2}", "f:2:8: the key \"a\" occurs twice in one object"),
            (b"{\"a\":", "f:1:5: ends in the middle: EOF while parsing a value"),
            (b"[1] 2", "f:1:5: trailing characters"),
            (b"[\"\xFFx\"]", "f: not readable as text at byte 2: not UTF-8"),
            (b"[\"\xC3", "f: not readable as text at byte 2: the file ends inside a character"),
            (b"\xFF\xFE[", "f: not readable as text at byte 2: UTF-16 with half a character at the end"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(parse(bytes, "f").unwrap_err().to_string(), expected, "{bytes:?}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        let deep = "[".repeat(100_000);
        let error = parse(deep.as_bytes(), "f").unwrap_err().to_string();
        assert!(error.contains("recursion limit"), "{error}");
    }

    #[test]
    fn links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.json");
        std::fs::write(&file, "{}").unwrap();
        assert_eq!(read(&file).unwrap(), b"{}");
        #[cfg(unix)]
        {
            let link = dir.path().join("b.json");
            std::os::unix::fs::symlink(&file, &link).unwrap();
            assert!(matches!(read(&link), Err(ImportError::NotRegular { .. })));
        }
        assert!(matches!(read(dir.path()), Err(ImportError::NotRegular { .. })));
        assert!(matches!(read(&dir.path().join("none")), Err(ImportError::Read { .. })));
    }
}
