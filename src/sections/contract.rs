//! What the items of a section look like: names, types and enums, as facts from Graph's metadata
//! and from our own shapes. Comes in: the notation of `contracts/*.json`. Goes out: types, with
//! lookups by name. Not here: judging an item (`conform`), changing one (`normal`).

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use serde_json::value::RawValue;

/// The type of a value in a section. Every value may also be null or absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Free text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// RFC 3339 in UTC with `Z`.
    Timestamp,
    /// A calendar date, `YYYY-MM-DD`.
    Date,
    /// ISO 8601 duration.
    Duration,
    /// A GUID in lower case. Graph puts words of its own in some such places (`All`, `Office365`).
    Guid,
    /// One of these words in Graph's camelCase. Other members may appear as the service evolves.
    Enum(Vec<String>),
    /// An array of one type.
    Array(Box<Self>),
    /// An object with these members.
    Object(Object),
    /// Not described: anything goes, names are checked against the data.
    Any,
}

/// The members of an object type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Object {
    /// Known members.
    pub fields: BTreeMap<String, Type>,
    /// True where the service adds members of its own (an open type): other names are checked
    /// against the data, not refused.
    pub open: bool,
}

/// Where a path of names leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved<'c> {
    /// To a value of this type.
    Known(&'c Type),
    /// Into an open type, of which this contract says nothing.
    Open,
    /// Nowhere: the name at this position does not exist; perhaps another was meant.
    Unknown {
        /// Position of the name in the path, from 0.
        at: usize,
        /// The nearest name that exists.
        suggestion: Option<&'c str>,
    },
}

impl Object {
    /// Every member with its type, at any depth.
    pub fn each<'c>(&'c self, see: &mut impl FnMut(&'c str, &'c Type)) {
        for (name, kind) in &self.fields {
            see(name, kind);
            if let Type::Object(inner) = kind.element() {
                inner.each(see);
            }
        }
    }

    /// The type of a member.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Type> {
        self.fields.get(name)
    }

    /// True where names beyond `fields` may appear.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// The member that a mistyped name probably meant.
    #[must_use]
    pub fn suggest(&self, name: &str) -> Option<&str> {
        nearest(name, self.fields.keys().map(String::as_str))
    }

    /// Follows names from this object; arrays on the way are passed through.
    #[must_use]
    pub fn resolve(&self, names: &[&str]) -> Resolved<'_> {
        let mut object = self;
        let mut found = None;
        for (at, name) in names.iter().enumerate() {
            let Some(inner) = object.field(name) else {
                return if object.open {
                    Resolved::Open
                } else {
                    Resolved::Unknown { at, suggestion: object.suggest(name) }
                };
            };
            found = Some(inner);
            match inner.element() {
                Type::Object(next) => object = next,
                Type::Any => {
                    return if at + 1 == names.len() { Resolved::Known(inner) } else { Resolved::Open };
                }
                _ if at + 1 == names.len() => {}
                _ => return Resolved::Unknown { at: at + 1, suggestion: None },
            }
        }
        found.map_or(Resolved::Open, Resolved::Known)
    }
}

impl Type {
    /// The type itself, or of an array that of its innermost elements.
    #[must_use]
    pub fn element(&self) -> &Self {
        let mut inner = self;
        while let Self::Array(element) = inner {
            inner = element;
        }
        inner
    }

    /// Members of an enum, of an array's elements too; `None` for all other types.
    #[must_use]
    pub fn members(&self) -> Option<&[String]> {
        match self.element() {
            Self::Enum(members) => Some(members),
            _ => None,
        }
    }
}

/// In words that fit after "must be".
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => f.write_str("text"),
            Self::Boolean => f.write_str("true or false"),
            Self::Integer => f.write_str("a whole number"),
            Self::Number => f.write_str("a number"),
            Self::Timestamp => f.write_str("a time such as 2026-01-31T08:00:00Z"),
            Self::Date => f.write_str("a date such as 2026-01-31"),
            Self::Duration => f.write_str("a duration such as P30D"),
            Self::Guid => f.write_str("a GUID in lower case"),
            Self::Enum(members) => write!(f, "one of {}", members.join(", ")),
            Self::Array(element) => write!(f, "a list, each {element}"),
            Self::Object(_) => f.write_str("an object"),
            Self::Any => f.write_str("anything"),
        }
    }
}

/// Why a contract could not be read; for the tests of our own files.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{place}: {problem}")]
pub struct NotationError {
    place: String,
    problem: String,
}

/// Reads the contracts of an area: an object from section ids to object types.
///
/// # Errors
/// Names the place where the text is not in the notation.
pub fn parse_area(text: &str) -> Result<BTreeMap<String, Object>, NotationError> {
    split_area(text)?.into_iter().map(|(id, shape)| Ok((id.clone(), parse(&id, shape.get())?))).collect()
}

/// The contracts of an area as text, by section id: an area may have fifty, of which a run needs two.
pub(super) fn split_area(text: &str) -> Result<BTreeMap<String, &RawValue>, NotationError> {
    serde_json::from_str(text).map_err(|error| wrong("file", &error.to_string()))
}

/// Reads the contract of one section.
pub(super) fn parse(id: &str, text: &str) -> Result<Object, NotationError> {
    let shape = serde_json::from_str(text).map_err(|error| wrong(id, &error.to_string()))?;
    object(id, &shape)
}

fn wrong(place: &str, problem: &str) -> NotationError {
    NotationError { place: place.to_owned(), problem: problem.to_owned() }
}

fn object(place: &str, value: &Value) -> Result<Object, NotationError> {
    let Value::Object(members) = value else { return Err(wrong(place, "not an object")) };
    let mut out = Object::default();
    for (name, notation) in members {
        if name == "*" {
            out.open = true;
        } else {
            out.fields.insert(name.clone(), parse_type(&format!("{place}.{name}"), notation)?);
        }
    }
    Ok(out)
}

fn parse_type(place: &str, notation: &Value) -> Result<Type, NotationError> {
    match notation {
        Value::String(word) => scalar(place, word),
        Value::Array(elements) => match elements.as_slice() {
            [element] => Ok(Type::Array(Box::new(parse_type(place, element)?))),
            _ => Err(wrong(place, "an array names exactly one type")),
        },
        Value::Object(_) => Ok(Type::Object(object(place, notation)?)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Err(wrong(place, "not a type")),
    }
}

fn scalar(place: &str, word: &str) -> Result<Type, NotationError> {
    Ok(match word {
        "string" => Type::String,
        "boolean" => Type::Boolean,
        "integer" => Type::Integer,
        "number" => Type::Number,
        "timestamp" => Type::Timestamp,
        "date" => Type::Date,
        "duration" => Type::Duration,
        "guid" => Type::Guid,
        "any" => Type::Any,
        _ => match word.strip_prefix("enum ") {
            Some(members) => Type::Enum(members.split_whitespace().map(str::to_owned).collect()),
            None => return Err(wrong(place, &format!("no such type: {word}"))),
        },
    })
}

/// The candidate most like `word`, if any is like it at all: letters in another case count as
/// equal, and at most a third of the letters may differ.
pub(crate) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let allowed = (word.len() / 3).max(1);
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(&word, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract() -> Object {
        let text = r#"{"a.b": {
            "id": "guid", "state": "enum on off", "tags": ["string"], "free": {"known": "integer", "*": "any"},
            "parts": [{"name": "string"}], "what": "any"
        }}"#;
        parse_area(text).unwrap().remove("a.b").unwrap()
    }

    #[test]
    fn paths_of_names() {
        let object = contract();
        let guid = Type::Guid;
        let cases: [(&[&str], Resolved<'_>); 10] = [
            (&["id"], Resolved::Known(&guid)),
            (&["parts", "name"], Resolved::Known(&Type::String)),
            (&["free", "known"], Resolved::Known(&Type::Integer)),
            (&["free", "other"], Resolved::Open),
            (&["what", "ever"], Resolved::Open),
            (&["what"], Resolved::Known(&Type::Any)),
            (&["stat"], Resolved::Unknown { at: 0, suggestion: Some("state") }),
            (&["parts", "nam"], Resolved::Unknown { at: 1, suggestion: Some("name") }),
            (&["id", "x"], Resolved::Unknown { at: 1, suggestion: None }),
            (&["zzzzzz"], Resolved::Unknown { at: 0, suggestion: None }),
        ];
        for (names, expected) in cases {
            assert_eq!(object.resolve(names), expected, "{names:?}");
        }
    }

    #[test]
    fn mistakes_in_the_notation_name_their_place() {
        for (text, message) in [
            (r#"{"a.b": {"x": "strin"}}"#, "a.b.x: no such type: strin"),
            (r#"{"a.b": {"x": []}}"#, "a.b.x: an array names exactly one type"),
            (r#"{"a.b": {"x": 1}}"#, "a.b.x: not a type"),
            (r#"{"a.b": "string"}"#, "a.b: not an object"),
        ] {
            assert_eq!(parse_area(text).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn types_in_words() {
        let object = contract();
        assert_eq!(object.field("state").unwrap().to_string(), "one of on, off");
        assert_eq!(object.field("tags").unwrap().to_string(), "a list, each text");
        assert_eq!(object.field("state").unwrap().members().unwrap(), ["on", "off"]);
        assert_eq!(object.field("tags").unwrap().members(), None);
    }
}
