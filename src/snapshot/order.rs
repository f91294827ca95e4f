//! The stable order of a section's items. Comes in: an item and the paths of its section's key. Goes
//! out: a key that orders. Not here: which section has which key (`sections`).

use serde_json::Value;

use super::number::Number;

/// An item's key, part by part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(Box<[Part]>);

/// Numbers by value, then strings by their bytes, then everything else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(Option<Number>),
    Text(Box<str>),
    Other,
}

impl Key {
    /// Bytes of its longest text.
    pub(super) fn longest(&self) -> usize {
        let length = |part: &Part| match part {
            Part::Text(text) => text.len(),
            Part::Number(_) | Part::Other => 0,
        };
        self.0.iter().map(length).max().unwrap_or(0)
    }

    /// Whether every part is there, so that the key identifies its item.
    pub(super) fn is_whole(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|part| *part != Part::Other)
    }
}

/// The key of an item; a dotted path may go into nested objects.
pub(super) fn key_of(item: &Value, paths: &[&str]) -> Key {
    let part = |path: &&str| match path.split('.').try_fold(item, |value, name| value.get(name)) {
        Some(Value::Number(number)) => Part::Number(Number::from_json(&number.to_string())),
        Some(Value::String(text)) => Part::Text(text.as_str().into()),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => Part::Other,
    };
    Key(paths.iter().map(part).collect())
}
