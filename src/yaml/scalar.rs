//! Scalars and other small values: text, numbers, truth values, words of an enum, JSON-like data.
//! Comes in: nodes. Goes out: values with places. Not here: records (`decode`).
//!
//! Strict on purpose: `no` is neither `false` nor a text here, it has to be quoted; `1.0` is no text.

use std::borrow::Cow;
use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;

use super::decode::{Cx, Decode, Field};
use super::suggest;
use super::tree::{Entry, Kind, Node};

/// A value with its bytes.
#[derive(Debug, Clone)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub at: Range<usize>,
}

/// A text with its bytes.
#[derive(Debug, Clone, Default)]
pub struct Text {
    /// The text, unescaped and folded; never empty.
    pub value: String,
    /// Where it stands, quotes included.
    pub at: Range<usize>,
    /// First byte of the text itself, where the file has it letter by letter (plain or quoted, no escapes,
    /// one line). None: a place inside can't be told, label all of it.
    pub exact: Option<usize>,
}

impl Text {
    /// Bytes in the file of a range of the text; all of it where that can't be told.
    pub fn inside(&self, range: &Range<usize>) -> Range<usize> {
        match self.exact {
            Some(first) => {
                let end = first + self.value.len();
                let start = (first + range.start).min(end);
                // An empty range (something is missing here) still needs a byte to point at.
                start..(first + range.end).clamp(start, end).max(start + 1)
            }
            None => self.at.clone(),
        }
    }
}

/// One word of a fixed list, with its bytes.
#[derive(Debug, Clone)]
pub struct Word<T> {
    /// The word's meaning.
    pub value: T,
    /// Where it stands.
    pub at: Range<usize>,
}

/// Any JSON value, with its bytes.
#[derive(Debug, Clone)]
pub struct Json {
    /// The value.
    pub value: serde_json::Value,
    /// Where it stands.
    pub at: Range<usize>,
}

/// A map with free keys, in file order.
#[derive(Debug, Clone)]
pub struct Entries<T>(pub Vec<(Text, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Why a plain scalar is not taken as text: YAML's dialects disagree on it, or it is no text in any.
fn not_text(value: &str) -> Option<&'static str> {
    if is_nothing(value) {
        return Some("nothing");
    }
    if value.len() <= 5 {
        let lower = value.to_ascii_lowercase();
        if matches!(lower.as_str(), "true" | "false" | "yes" | "no" | "on" | "off") {
            return Some("a truth value");
        }
    }
    numeric(value).then_some("a number")
}

impl Node<'_> {
    /// Whether nothing stands there, or what YAML says for it.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        match &self.kind {
            Kind::Scalar { value, plain } => *plain && is_nothing(value),
            Kind::List(_) | Kind::Map(_) | Kind::Broken => false,
        }
    }
}

/// Whether a plain scalar says that there is no value.
fn is_nothing(value: &str) -> bool {
    value.is_empty() || matches!(value, "~" | "null" | "Null" | "NULL")
}

fn numeric(value: &str) -> bool {
    let digits = value.trim_start_matches(['+', '-']).trim_start_matches('.');
    digits.starts_with(|c: char| c.is_ascii_digit())
        && (value.parse::<f64>().is_ok()
            || digits.bytes().all(|b| b.is_ascii_digit() || b == b'_')
            || (digits.starts_with("0x") && digits.bytes().skip(2).all(|b| b.is_ascii_hexdigit()))
            || (digits.starts_with("0o") && digits.bytes().skip(2).all(|b| b.is_ascii_digit())))
}

/// The kind of a node, for "expected …, found …".
pub(super) fn kind_of(node: &Node<'_>) -> String {
    match &node.kind {
        Kind::List(_) => "a list".to_owned(),
        Kind::Map(_) => "a map".to_owned(),
        Kind::Broken => "something broken".to_owned(),
        Kind::Scalar { value, plain } => match not_text(value) {
            Some("nothing") if *plain => "nothing".to_owned(),
            Some(kind) if *plain => format!("{kind}, `{}`", suggest::shown(value)),
            Some(_) | None => format!("the text `{}`", suggest::shown(value)),
        },
    }
}

/// A key's or value's text with its exact place.
fn text(value: &str, at: &Range<usize>, cx: &Cx<'_>) -> Text {
    let raw = cx.source.text.get(at.clone()).unwrap_or_default();
    let exact = if raw.starts_with(value) {
        Some(at.start)
    } else {
        let inner = raw.get(1..).unwrap_or_default();
        (raw.starts_with(['"', '\'']) && inner.starts_with(value) && inner.len() == value.len() + 1)
            .then_some(at.start + 1)
    };
    Text { value: value.to_owned(), at: at.clone(), exact }
}

impl Decode for Text {
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let (value, plain) = cx.scalar(node, "a text")?;
        if plain && let Some(kind) = not_text(value) {
            let message = format!("expected a text, found {}", kind_of(node));
            let help = match kind {
                "nothing" => "write the text, or leave the key out".to_owned(),
                _ => format!("put it in quotes: '{}'", suggest::shown(value)),
            };
            cx.mistake("yaml::type", message, &node.at).help = Some(help);
            return None;
        }
        if value.trim().is_empty() {
            cx.mistake("yaml::type", "expected a text, found an empty one", &node.at).help =
                Some("write the text, or leave the key out".to_owned());
            return None;
        }
        Some(text(value.trim_end_matches('\n'), &node.at, cx))
    }
}

impl Decode for At<bool> {
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let (value, plain) = cx.scalar(node, "true or false")?;
        let value = match value {
            "true" if plain => true,
            "false" if plain => false,
            _ => return cx.wrong(node, "true or false"),
        };
        Some(At { value, at: node.at.clone() })
    }
}

impl Decode for At<u64> {
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let (value, plain) = cx.scalar(node, "a whole number")?;
        match value.parse::<u64>() {
            Ok(number) if plain && value.bytes().all(|b| b.is_ascii_digit()) => {
                Some(At { value: number, at: node.at.clone() })
            }
            Ok(_) | Err(_) => cx.wrong(node, "a whole number"),
        }
    }
}

impl Decode for At<u16> {
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let number = At::<u64>::decode(node, cx)?;
        match u16::try_from(number.value) {
            Ok(value) => Some(At { value, at: number.at }),
            Err(_) => cx.wrong(node, "a number up to 65535"),
        }
    }
}

impl<T: DeserializeOwned> Decode for Word<T> {
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        let (value, _) = cx.scalar(node, "a word")?;
        match T::deserialize(serde::de::value::StrDeserializer::<NotAWord>::new(value)) {
            Ok(meaning) => Some(Word { value: meaning, at: node.at.clone() }),
            Err(NotAWord(known)) => {
                let message =
                    format!("`{}` is not one of the words that may stand here", suggest::shown(value));
                cx.mistake("yaml::word", message, &node.at).help =
                    suggest::help(value, known.iter().copied());
                None
            }
        }
    }
}

/// The words that serde would have taken.
#[derive(Debug)]
struct NotAWord(&'static [&'static str]);

impl std::fmt::Display for NotAWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a known word")
    }
}

impl std::error::Error for NotAWord {}

impl serde::de::Error for NotAWord {
    fn custom<M: std::fmt::Display>(_message: M) -> Self {
        Self(&[])
    }

    fn unknown_variant(_word: &str, known: &'static [&'static str]) -> Self {
        Self(known)
    }
}

impl Decode for Json {
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        Some(Json { value: json(node, cx)?, at: node.at.clone() })
    }
}

/// Recursion is bounded by the tree's depth.
fn json(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<serde_json::Value> {
    use serde_json::Value;
    match &node.kind {
        Kind::Broken => None,
        Kind::List(items) => {
            let values: Vec<_> = items.iter().map(|item| json(item, cx)).collect();
            values.into_iter().collect::<Option<Vec<_>>>().map(Value::Array)
        }
        Kind::Map(entries) => {
            let mut object = serde_json::Map::new();
            for entry in entries {
                object.insert(entry.key.clone().into_owned(), json(&entry.value, cx)?);
            }
            Some(Value::Object(object))
        }
        Kind::Scalar { value, plain: false } => Some(Value::String(value.clone().into_owned())),
        Kind::Scalar { value, plain: true } => plain_json(value, node, cx),
    }
}

fn plain_json(value: &str, node: &Node<'_>, cx: &mut Cx<'_>) -> Option<serde_json::Value> {
    use serde_json::Value;
    match value {
        "null" => return Some(Value::Null),
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        _ => {}
    }
    let Some(kind) = not_text(value) else { return Some(Value::String(value.to_owned())) };
    if kind == "a number"
        && let Ok(number) = serde_json::from_str::<serde_json::Number>(value)
    {
        return Some(Value::Number(number));
    }
    let (message, help) = match kind {
        "nothing" => {
            ("a value is missing here".to_owned(), "write null, \"\" or [], which are three different things")
        }
        "a number" => (
            format!("`{}` is not a number that JSON knows", suggest::shown(value)),
            "write it in decimal, or in quotes",
        ),
        _ => (
            format!("`{}` means a text to some and a truth value to others", suggest::shown(value)),
            "write true or false, or put it in quotes",
        ),
    };
    cx.mistake("yaml::type", message, &node.at).help = Some(help.to_owned());
    None
}

impl<T: Decode> Decode for Entries<T> {
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        match &node.kind {
            Kind::Map(entries) => Some(Entries(entries.iter().filter_map(|entry| pair(entry, cx)).collect())),
            Kind::Scalar { .. } | Kind::List(_) => cx.wrong(node, "a map"),
            Kind::Broken => None,
        }
    }
}

fn pair<T: Decode>(entry: &Entry<'_>, cx: &mut Cx<'_>) -> Option<(Text, T)> {
    let key = text(&entry.key, &entry.key_at, cx);
    Some((key, T::decode(&entry.value, cx)?))
}

impl<T: Decode> Field for Entries<T> {
    const REQUIRED: bool = false;

    fn field(entry: Option<&Entry<'_>>, _name: &str, _parent: &Range<usize>, cx: &mut Cx<'_>) -> Self {
        entry.and_then(|entry| Self::decode(&entry.value, cx)).unwrap_or_default()
    }
}

macro_rules! schema_of_inner {
    ($($outer:ident),*) => {$(
        impl<T: JsonSchema> JsonSchema for $outer<T> {
            fn inline_schema() -> bool {
                T::inline_schema()
            }
            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }
            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                T::json_schema(generator)
            }
        }
    )*};
}
schema_of_inner!(At, Word);

impl JsonSchema for Text {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1 })
    }
}

impl JsonSchema for Json {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({})
    }
}

impl<T: JsonSchema> JsonSchema for Entries<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("MapOf{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": value })
    }
}
