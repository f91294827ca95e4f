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
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    name: String,
    value: serde_json::Value, // scalars only
    kind: Kind,
    children: Vec<u32>,
    end: u32,
}

impl Document {
    fn push(&mut self, name: String, value: &serde_json::Value) -> u32 {
        use serde_json::Value as V;
        let index = self.nodes.len() as u32;
        let kind = match value {
            V::Null => Kind::Null,
            V::Bool(_) => Kind::Bool,
            V::Number(_) => Kind::Number,
            V::String(_) => Kind::String,
            V::Array(_) => Kind::Array,
            V::Object(_) => Kind::Object,
        };
        self.nodes.push(Node { name, value: V::Null, kind, children: vec![], end: 0 });
        let mut children = vec![];
        match value {
            V::Array(a) => a.iter().for_each(|v| children.push(self.push(String::new(), v))),
            V::Object(o) => o.iter().for_each(|(k, v)| children.push(self.push(k.clone(), v))),
            v => self.nodes[index as usize].value = v.clone(),
        }
        let end = self.nodes.len() as u32;
        let node = &mut self.nodes[index as usize];
        node.children = children;
        node.end = end;
        index
    }
}

impl Document {
    /// Parses a whole text.
    pub fn parse(text: Arc<Text>) -> Result<Self, JsonError> {
        let value: serde_json::Value = serde_json::from_str(text.as_str()).map_err(|e| JsonError {
            message: e.to_string(),
            span: Span { start: 0, end: 0 },
            other: None,
        })?;
        let mut doc = Self { text, nodes: vec![] };
        doc.push(String::new(), &value);
        Ok(doc)
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
        NodeRef { doc: self, index: 0 }
    }
    /// The node with this index (see [`NodeRef::index`]).
    pub fn node(&self, index: u32) -> NodeRef<'_> {
        NodeRef { doc: self, index }
    }
    /// Which element of the root array contains this node, if the root is an array (binary search).
    pub fn item_of(&self, node: NodeRef<'_>) -> Option<usize> {
        let items = &self.nodes[0].children;
        items.iter().position(|i| (*i..self.nodes[*i as usize].end).contains(&node.index))
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
    fn own(self) -> &'d Node {
        &self.doc.nodes[self.index as usize]
    }
    fn other(self, index: u32) -> NodeRef<'d> {
        NodeRef { doc: self.doc, index }
    }
    /// What it is.
    pub fn kind(self) -> Kind {
        self.own().kind
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
        self.own().value.as_bool()
    }
    /// A string's decoded value; borrowed unless it has escapes.
    pub fn as_str(self) -> Option<Cow<'d, str>> {
        self.own().value.as_str().map(Cow::Borrowed)
    }
    /// A number's value.
    pub fn as_number(self) -> Option<Number> {
        let value = &self.own().value;
        value.as_i64().map(|i| Number::Int(i.into())).or(value.as_f64().map(Number::Float))
    }
    /// An object's member.
    pub fn get(self, name: &str) -> Option<NodeRef<'d>> {
        self.members().find(|(n, _, _)| n == name).map(|(_, _, v)| v)
    }
    /// An array's element.
    pub fn at(self, index: usize) -> Option<NodeRef<'d>> {
        self.elements().nth(index)
    }
    /// How many elements or members; 0 for scalars.
    pub fn len(self) -> usize {
        self.own().children.len()
    }
    /// Whether `len` is 0.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
    /// An array's elements (none for other kinds).
    pub fn elements(self) -> impl Iterator<Item = NodeRef<'d>> {
        let array = self.kind() == Kind::Array;
        self.own().children.iter().filter(move |_| array).map(move |i| self.other(*i))
    }
    /// An object's members in file order: decoded name, span of the name with quotes, value.
    pub fn members(self) -> impl Iterator<Item = (Cow<'d, str>, Span, NodeRef<'d>)> {
        let object = self.kind() == Kind::Object;
        self.own().children.iter().filter(move |_| object).map(move |i| {
            let node = self.other(*i);
            (Cow::Borrowed(node.own().name.as_str()), Span { start: 0, end: 0 }, node)
        })
    }
    /// The same value for serde_json.
    pub fn to_value(self) -> serde_json::Value {
        match self.kind() {
            Kind::Array => self.elements().map(NodeRef::to_value).collect(),
            Kind::Object => self.members().map(|(n, _, v)| (n.into_owned(), v.to_value())).collect(),
            Kind::Null | Kind::Bool | Kind::Number | Kind::String => self.own().value.clone(),
        }
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
