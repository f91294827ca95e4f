//! Records: maps with known keys. Comes in: a tree. Goes out: structs whose every field knows its
//! place, with a mistake for each unknown key, missing key and wrong type, all of them. The same
//! macro gives each struct its JSON Schema, so that schema and reader can't drift apart.
//! Not here: rules between fields.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::mistake::{Mistake, Place, Source};
use super::scalar::kind_of;
use super::suggest;
use super::tree::{Entry, Kind, Node};

/// What a decoder needs: the source, and where mistakes go.
#[derive(Debug)]
pub struct Cx<'m> {
    /// The file.
    pub source: Arc<Source>,
    /// Grows.
    pub mistakes: &'m mut Vec<Mistake>,
}

impl Cx<'_> {
    /// Adds a mistake and hands it out for its help.
    #[expect(clippy::indexing_slicing, reason = "pushed one line above")]
    pub fn mistake(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        at: &Range<usize>,
    ) -> &mut Mistake {
        let place = Place { source: self.source.clone(), at: at.clone() };
        self.mistakes.push(Mistake::new(code, message, Some(place)));
        let last = self.mistakes.len() - 1;
        &mut self.mistakes[last]
    }

    /// A place in this file.
    pub fn place(&self, at: &Range<usize>) -> Place {
        Place { source: self.source.clone(), at: at.clone() }
    }

    /// "expected …, found …"; always None.
    pub fn wrong<T>(&mut self, node: &Node<'_>, expected: &str) -> Option<T> {
        if !matches!(node.kind, Kind::Broken) {
            let message = format!("expected {expected}, found {}", kind_of(node));
            self.mistake("yaml::type", message, &node.at);
        }
        None
    }

    /// The value of a scalar, and whether it stands without quotes.
    pub fn scalar<'n>(&mut self, node: &'n Node<'_>, expected: &str) -> Option<(&'n str, bool)> {
        match &node.kind {
            Kind::Scalar { value, plain } => Some((value, *plain)),
            Kind::List(_) | Kind::Map(_) | Kind::Broken => self.wrong(node, expected),
        }
    }
}

/// What can be read from a node. None: a mistake was added (or stands already).
pub trait Decode: Sized {
    /// Reads it.
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Self>;
}

/// What can be a record's field: it says what an absent key means.
pub trait Field: Sized {
    /// Whether its key has to be there.
    const REQUIRED: bool;

    /// Reads it; `parent` is the record's place.
    fn field(entry: Option<&Entry<'_>>, name: &str, parent: &Range<usize>, cx: &mut Cx<'_>) -> Self;
}

impl<T: Decode> Field for Option<T> {
    const REQUIRED: bool = false;

    fn field(entry: Option<&Entry<'_>>, _name: &str, _parent: &Range<usize>, cx: &mut Cx<'_>) -> Self {
        entry.and_then(|entry| T::decode(&entry.value, cx))
    }
}

impl<T: Decode> Field for Vec<T> {
    const REQUIRED: bool = false;

    fn field(entry: Option<&Entry<'_>>, _name: &str, _parent: &Range<usize>, cx: &mut Cx<'_>) -> Self {
        entry.and_then(|entry| Self::decode(&entry.value, cx)).unwrap_or_default()
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        match &node.kind {
            Kind::List(items) => Some(items.iter().filter_map(|item| T::decode(item, cx)).collect()),
            Kind::Scalar { .. } | Kind::Map(_) => {
                cx.wrong::<()>(node, "a list");
                if let (Kind::Scalar { value, .. }, Some(last)) = (&node.kind, cx.mistakes.last_mut()) {
                    let one = if node.is_nothing() { String::new() } else { suggest::shown(value) };
                    last.help = Some(format!("write it as a list: [{one}]"));
                }
                None
            }
            Kind::Broken => None,
        }
    }
}

/// A list that programs append to: a key with nothing behind it, since the last entry was deleted, is an empty one.
#[derive(Debug, Clone, schemars::JsonSchema)]
pub struct Listed<T>(Option<Vec<T>>);

impl<T> Listed<T> {
    /// Its entries.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }
}

impl<T: Decode> Field for Listed<T> {
    const REQUIRED: bool = false;

    fn field(entry: Option<&Entry<'_>>, _name: &str, _parent: &Range<usize>, cx: &mut Cx<'_>) -> Self {
        let entry = entry.filter(|entry| !entry.value.is_nothing());
        Self(entry.and_then(|entry| Vec::decode(&entry.value, cx)))
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(node: &Node<'_>, cx: &mut Cx<'_>) -> Option<Self> {
        T::decode(node, cx).map(Box::new)
    }
}

/// A field that must be there. None inside: it is not, or is wrong, and that was said.
#[derive(Debug, Clone)]
pub struct Need<T>(Option<T>);

impl<T> Need<T> {
    /// The value, unless a mistake stands for it.
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T> From<Option<T>> for Need<T> {
    fn from(value: Option<T>) -> Self {
        Self(value)
    }
}

impl<T: Decode> Field for Need<T> {
    const REQUIRED: bool = true;

    fn field(entry: Option<&Entry<'_>>, name: &str, parent: &Range<usize>, cx: &mut Cx<'_>) -> Self {
        match entry {
            Some(entry) => Need(T::decode(&entry.value, cx)),
            None => {
                cx.mistake("yaml::missing", format!("`{name}` is missing"), parent).label =
                    Some(format!("needs `{name}`").into());
                Need(None)
            }
        }
    }
}

impl<T: JsonSchema> JsonSchema for Need<T> {
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

/// The entries of a map; a mistake for each unknown key.
pub fn record<'n, 's>(node: &'n Node<'s>, known: &[&str], cx: &mut Cx<'_>) -> Option<&'n [Entry<'s>]> {
    let entries = match &node.kind {
        Kind::Map(entries) => entries,
        Kind::Scalar { .. } | Kind::List(_) => return cx.wrong(node, "a map"),
        Kind::Broken => return None,
    };
    for entry in entries {
        if !known.contains(&entry.key.as_ref()) {
            let message = format!("unknown key `{}`", suggest::shown(&entry.key));
            cx.mistake("yaml::unknown", message, &entry.key_at).help =
                suggest::help(&entry.key, known.iter().copied());
        }
    }
    Some(entries)
}

/// The entry with this key.
pub fn entry<'n, 's>(entries: &'n [Entry<'s>], key: &str) -> Option<&'n Entry<'s>> {
    entries.iter().find(|entry| entry.key == key)
}

/// A key as written: field names that Rust reserves lose their `r#`.
pub const fn key(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// Puts the keys that have to be there into a record's schema: schemars can't tell a list that may be left out.
pub fn require(schema: &mut Schema, keys: &[(&str, bool)]) {
    let required: Vec<&str> = keys.iter().filter(|(_, required)| *required).map(|(key, _)| *key).collect();
    match required.is_empty() {
        true => schema.remove("required"),
        false => schema.insert("required".to_owned(), required.into()),
    };
}

/// Declares a record: a struct with a reader and a JSON Schema. Keys are the field names. Every record knows
/// its place (`span`) and whether something in it was already reported (`broken`).
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields, transform = Self::require)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            /// Where it stands.
            #[schemars(skip)]
            pub span: std::ops::Range<usize>,
            /// Something in it was already reported.
            #[schemars(skip)]
            pub broken: bool,
        }

        impl $name {
            const KEYS: &'static [&'static str] = &[$($crate::yaml::decode::key(stringify!($field))),*];

            fn require(schema: &mut schemars::Schema) {
                let required = [$(<$type as $crate::yaml::decode::Field>::REQUIRED),*];
                let keys: Vec<(&str, bool)> = Self::KEYS.iter().copied().zip(required).collect();
                $crate::yaml::decode::require(schema, &keys);
            }
        }

        impl $crate::yaml::Decode for $name {
            fn decode(node: &$crate::yaml::tree::Node<'_>, cx: &mut $crate::yaml::Cx<'_>) -> Option<Self> {
                let before = cx.mistakes.len();
                let entries = $crate::yaml::decode::record(node, Self::KEYS, cx)?;
                $(let $field = <$type as $crate::yaml::decode::Field>::field(
                    $crate::yaml::decode::entry(entries, $crate::yaml::decode::key(stringify!($field))),
                    $crate::yaml::decode::key(stringify!($field)),
                    &node.at,
                    cx,
                );)*
                Some(Self { $($field,)* span: node.at.clone(), broken: cx.mistakes.len() > before })
            }
        }
    };
}
