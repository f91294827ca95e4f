//! A parsed JSON text that borrows from it and knows the byte span of every value.
//! One flat, pre-order table of 16-byte nodes; no recursion, no copies of strings.

use std::borrow::Cow;
use std::sync::Arc;

use super::number::Number;

/// Half-open byte range in a [`Text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One UTF-8 text and the name to show for it. At most 4 GiB.
#[derive(Debug)]
pub struct Text {
    name: String,
    text: String,
}

impl Text {
    /// `name` is what messages show: a path as the user gave it.
    pub fn new(name: impl Into<String>, text: String) -> Self {
        Self { name: name.into(), text }
    }
    /// The name to show.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
    /// Line and column of a byte offset (counts newlines up to it; for places that are shown only).
    pub fn position(&self, _offset: u32) -> Position {
        todo!("worker A")
    }
}

/// What a JSON value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A parsed JSON value with spans into its text.
#[derive(Debug)]
pub struct Document {
    text: Arc<Text>,
    // worker A: nodes: Vec<Node>, …
}

impl Document {
    /// Parses a whole text.
    pub fn parse(_text: Arc<Text>) -> Result<Self, JsonError> {
        todo!("worker A")
    }
    /// Parses the value that fills `span` of a larger text; spans stay relative to the whole text.
    pub fn parse_within(_text: Arc<Text>, _span: Span) -> Result<Self, JsonError> {
        todo!("worker A")
    }
    /// The text.
    pub fn text(&self) -> &Arc<Text> {
        &self.text
    }
    /// The outermost value.
    pub fn root(&self) -> NodeRef<'_> {
        todo!("worker A")
    }
    /// The node with this index (see [`NodeRef::index`]).
    pub fn node(&self, _index: u32) -> NodeRef<'_> {
        todo!("worker A")
    }
    /// Which element of the root array contains this node, if the root is an array (binary search).
    pub fn item_of(&self, _node: NodeRef<'_>) -> Option<usize> {
        todo!("worker A")
    }
    /// Steps from the root to the node; walks down, so for nodes that are shown only.
    pub fn path_of(&self, _node: NodeRef<'_>) -> Vec<Step<'_>> {
        todo!("worker A")
    }
}

/// One step of a path: a member's name (decoded) or an element's index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'d> {
    /// Member name.
    Name(Cow<'d, str>),
    /// Element index, from 0.
    Index(usize),
}

/// A value in a [`Document`]. Two refs are equal when they are the same place.
#[derive(Debug, Clone, Copy)]
pub struct NodeRef<'d> {
    #[allow(dead_code)]
    doc: &'d Document,
    #[allow(dead_code)]
    index: u32,
}

impl<'d> NodeRef<'d> {
    /// What it is.
    pub fn kind(self) -> Kind {
        todo!()
    }
    /// Its bytes in the text; of a string with the quotes.
    pub fn span(self) -> Span {
        todo!()
    }
    /// Its text as written.
    pub fn raw(self) -> &'d str {
        todo!()
    }
    /// The document it lies in.
    pub fn document(self) -> &'d Document {
        self.doc
    }
    /// Its number in the document's pre-order, stable for one parse.
    pub fn index(self) -> u32 {
        self.index
    }
    /// A boolean's value.
    pub fn as_bool(self) -> Option<bool> {
        todo!()
    }
    /// A string's decoded value; borrowed unless it has escapes.
    pub fn as_str(self) -> Option<Cow<'d, str>> {
        todo!()
    }
    /// A number's value.
    pub fn as_number(self) -> Option<Number> {
        todo!()
    }
    /// An object's member.
    pub fn get(self, _name: &str) -> Option<NodeRef<'d>> {
        todo!()
    }
    /// An array's element.
    pub fn at(self, _index: usize) -> Option<NodeRef<'d>> {
        todo!()
    }
    /// How many elements or members; 0 for scalars.
    pub fn len(self) -> usize {
        todo!()
    }
    /// Whether `len` is 0.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
    /// An array's elements (none for other kinds).
    pub fn elements(self) -> impl Iterator<Item = NodeRef<'d>> {
        std::iter::empty() // worker A: a concrete iterator type `Elements<'d>`
    }
    /// An object's members in file order: decoded name, span of the name with quotes, value.
    pub fn members(self) -> impl Iterator<Item = (Cow<'d, str>, Span, NodeRef<'d>)> {
        std::iter::empty() // worker A: a concrete iterator type `Members<'d>`
    }
    /// The same value for serde_json.
    pub fn to_value(self) -> serde_json::Value {
        todo!()
    }
}

/// Why a text is not JSON, and where.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct JsonError {
    /// What is wrong, lower case.
    pub message: String,
    /// Where.
    pub span: Span,
    /// A second place (the first of two equal keys), if any.
    pub other: Option<Span>,
}
