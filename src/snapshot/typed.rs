//! A node read into a type of ours. Comes in: a node and any type that serde can read. Goes out: a
//! value, or what is wrong with the exact place. Not here: the types (`record`).

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::document::{Elements, Kind, Members, NodeRef, Span};
use super::number::Number;

/// Reads a node into a type.
///
/// # Errors
/// What the type refuses, and where.
pub fn typed<T: de::DeserializeOwned>(node: NodeRef<'_>) -> Result<T, TypedError> {
    T::deserialize(node)
}

/// What a type refuses, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedError {
    /// What is wrong, lower case.
    pub message: String,
    /// The innermost place that it is about.
    pub span: Option<Span>,
}

impl TypedError {
    /// The innermost place is told first and stays.
    fn at(mut self, span: Span) -> Self {
        self.span = self.span.or(Some(span));
        self
    }
}

impl fmt::Display for TypedError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for TypedError {}

impl de::Error for TypedError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), span: None }
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        match found {
            // serde's word for it is "unit value", which JSON's readers don't know.
            de::Unexpected::Unit => Self::custom(format_args!("invalid type: null, expected {expected}")),
            _ => Self::custom(format_args!("invalid type: {found}, expected {expected}")),
        }
    }
}

impl<'de> Deserializer<'de> for NodeRef<'de> {
    type Error = TypedError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        let result = match self.kind() {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool => visitor.visit_bool(self.as_bool() == Some(true)),
            Kind::Number => number(self.as_number(), visitor),
            Kind::String => text(self.as_str().unwrap_or_default(), visitor),
            Kind::Array => visitor.visit_seq(Items(self.elements())),
            Kind::Object => visitor.visit_map(Fields { members: self.members(), value: None }),
        };
        result.map_err(|error| error.at(self.span()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.kind() {
            Kind::Null => visitor.visit_none(),
            Kind::Bool | Kind::Number | Kind::String | Kind::Array | Kind::Object => visitor.visit_some(self),
        }
        .map_err(|error| error.at(self.span()))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        visitor.visit_newtype_struct(self).map_err(|error| error.at(self.span()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        // Enums in our formats are words.
        let word = self
            .as_str()
            .ok_or_else(|| de::Error::custom(format!("expected one of {}", variants.join(", "))));
        let result = word.and_then(|word| {
            let word: de::value::CowStrDeserializer<'_, TypedError> = word.into_deserializer();
            word.deserialize_enum(name, variants, visitor)
        });
        result.map_err(|error: TypedError| error.at(self.span()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

fn number<'de, V: Visitor<'de>>(number: Option<Number>, visitor: V) -> Result<V::Value, TypedError> {
    match number {
        Some(Number::Int(int)) => match (u64::try_from(int), i64::try_from(int)) {
            (Ok(int), _) => visitor.visit_u64(int),
            (_, Ok(int)) => visitor.visit_i64(int),
            (Err(_), Err(_)) => visitor.visit_i128(int),
        },
        Some(Number::Float(float)) => visitor.visit_f64(float),
        None => visitor.visit_unit(),
    }
}

fn text<'de, V: Visitor<'de>>(text: Cow<'de, str>, visitor: V) -> Result<V::Value, TypedError> {
    match text {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

struct Items<'d>(Elements<'d>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = TypedError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, TypedError> {
        let Some(item) = self.0.next() else { return Ok(None) };
        seed.deserialize(item).map(Some).map_err(|error| error.at(item.span()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Fields<'d> {
    members: Members<'d>,
    value: Option<NodeRef<'d>>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = TypedError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, TypedError> {
        let Some((name, span, value)) = self.members.next() else { return Ok(None) };
        self.value = Some(value);
        let name: de::value::CowStrDeserializer<'_, TypedError> = name.into_deserializer();
        seed.deserialize(name).map(Some).map_err(|error| error.at(span))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, TypedError> {
        let value =
            self.value.take().ok_or_else(|| de::Error::custom("a value was asked for before its name"))?;
        seed.deserialize(value).map_err(|error| error.at(value.span()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::document::{Document, Text};
    use super::super::record::{Manifest, SectionRecord, State};
    use super::*;

    fn read<T: de::DeserializeOwned>(source: &str) -> Result<T, (String, String)> {
        let text = Arc::new(Text::new("t.json", source.to_owned()));
        let document = Document::parse(text.clone()).unwrap();
        typed(document.root()).map_err(|error| (error.message, text.slice(error.span.unwrap()).to_owned()))
    }

    #[test]
    fn a_record_is_read() {
        let record: SectionRecord = read(
            r#"{"state": "not-asked", "via": "graph", "at": "2026-11-21T02:36:00Z", "items": 3, "fields": null,
                "without": {"a\n": "b"}, "requests": ["x", "y"]}"#,
        )
        .unwrap();
        assert_eq!(record.state, State::NotAsked);
        assert_eq!((record.items, record.fields, record.requests.len()), (Some(3), None, 2));
        assert_eq!(record.without.keys().next().map(String::as_str), Some("a\n"));
    }

    #[test]
    fn mistakes_are_told_at_their_place() {
        let rows = [
            (r#"{"state": "raed"}"#, "unknown variant `raed`", r#""raed""#),
            (r#"{"state": 7}"#, "expected one of read", "7"),
            (r#"{"state": "read", "itmes": 3}"#, "unknown field `itmes`", r#""itmes""#),
            (r#"{"state": "read", "items": -3}"#, "invalid value", "-3"),
            (r#"{"state": "read", "items": 1.5}"#, "invalid type", "1.5"),
            (
                r#"{"state": "read", "at": "yesterday"}"#,
                "input contains invalid characters",
                r#""yesterday""#,
            ),
            (r#"{"state": "read", "requests": ["a", null]}"#, "invalid type: null", "null"),
            (r#"{"items": 3}"#, "missing field `state`", r#"{"items": 3}"#),
            (r#""read""#, "invalid type: string", r#""read""#),
        ];
        for (source, message, place) in rows {
            let (said, at) = read::<SectionRecord>(source).unwrap_err();
            assert!(said.contains(message), "{source}: {said}");
            assert_eq!(at, place, "{source}");
        }
        let (said, at) =
            read::<Manifest>(r#"{"levelmark": {"snapshot": 1}, "tenant": {"idd": 1}}"#).unwrap_err();
        assert!(said.contains("unknown field `idd`") && at == r#""idd""#, "{said} at {at}");
    }

    #[test]
    fn every_kind_arrives() {
        let value: serde_json::Value =
            read(r#"{"a": [null, true, -1, 1, 18446744073709551615, 1.5, "x"]}"#).unwrap();
        assert_eq!(value, serde_json::json!({"a": [null, true, -1, 1, 18446744073709551615u64, 1.5, "x"]}));
    }
}
