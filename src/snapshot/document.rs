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

/// One value.
#[derive(Debug, Clone, Copy)]
struct Node {
    kind: Kind,
    span: Span,
    /// Index behind the last node below this one.
    next: u32,
    /// Children.
    len: u32,
    /// Name, if a member.
    name: Option<Span>,
}

impl Document {
    /// Parses a whole text.
    pub fn parse(text: Arc<Text>) -> Result<Self, JsonError> {
        let span = Span { start: 0, end: text.as_str().len() as u32 };
        Self::parse_within(text, span)
    }
    /// Parses the value that fills `span` of a larger text; spans stay relative to the whole text.
    pub fn parse_within(text: Arc<Text>, span: Span) -> Result<Self, JsonError> {
        let slice = text.as_str().get(..span.end as usize).unwrap_or("");
        serde_json::from_str::<serde::de::IgnoredAny>(slice.get(span.start as usize..).unwrap_or(""))
            .map_err(|e| JsonError { message: e.to_string(), span, other: None })?;
        let mut nodes = Vec::new();
        let mut at = span.start as usize;
        value(slice.as_bytes(), &mut at, None, &mut nodes);
        Ok(Self { text, nodes })
    }
    /// The text.
    pub fn text(&self) -> &Arc<Text> {
        &self.text
    }
    /// The outermost value.
    pub fn root(&self) -> NodeRef<'_> {
        self.node(0)
    }
    /// The node with this index (see [`NodeRef::index`]).
    pub fn node(&self, index: u32) -> NodeRef<'_> {
        NodeRef { doc: self, index }
    }
    /// Which element of the root array contains this node, if the root is an array (binary search).
    pub fn item_of(&self, node: NodeRef<'_>) -> Option<usize> {
        match self.path_of(node).first() {
            Some(Step::Index(i)) => Some(*i),
            _ => None,
        }
    }
    /// Steps from the root to the node; walks down, so for nodes that are shown only.
    pub fn path_of(&self, node: NodeRef<'_>) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        let mut here = self.root();
        while here.index != node.index {
            let at = here.elements().position(|c| c.index <= node.index && node.index < c.node().next);
            if let Some(i) = at {
                steps.push(Step::Index(i));
                here = here.at(i).unwrap_or(here);
                continue;
            }
            match here.members().find(|(_, _, c)| c.index <= node.index && node.index < c.node().next) {
                Some((name, _, child)) => {
                    steps.push(Step::Name(name));
                    here = child;
                }
                None => break,
            }
        }
        steps
    }
}

fn blank(text: &[u8], at: &mut usize) {
    while matches!(text.get(*at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        *at += 1;
    }
}

fn string(text: &[u8], at: &mut usize) -> Span {
    let start = *at as u32;
    *at += 1;
    while text[*at] != b'"' {
        *at += if text[*at] == b'\\' { 2 } else { 1 };
    }
    *at += 1;
    Span { start, end: *at as u32 }
}

fn value(text: &[u8], at: &mut usize, name: Option<Span>, nodes: &mut Vec<Node>) {
    blank(text, at);
    let me = nodes.len();
    let start = *at as u32;
    let kind = match text[*at] {
        b'{' => Kind::Object,
        b'[' => Kind::Array,
        b'"' => Kind::String,
        b't' | b'f' => Kind::Bool,
        b'n' => Kind::Null,
        _ => Kind::Number,
    };
    nodes.push(Node { kind, span: Span { start, end: start }, next: 0, len: 0, name });
    match kind {
        Kind::Object | Kind::Array => {
            *at += 1;
            loop {
                blank(text, at);
                if matches!(text[*at], b'}' | b']') {
                    *at += 1;
                    break;
                }
                if text[*at] == b',' {
                    *at += 1;
                    blank(text, at);
                }
                let mut member = None;
                if kind == Kind::Object {
                    member = Some(string(text, at));
                    blank(text, at);
                    *at += 1;
                }
                value(text, at, member, nodes);
                nodes[me].len += 1;
            }
        }
        Kind::String => {
            string(text, at);
        }
        Kind::Null | Kind::Bool | Kind::Number => {
            while matches!(text.get(*at), Some(b'a'..=b'z' | b'0'..=b'9' | b'-' | b'+' | b'.' | b'E')) {
                *at += 1;
            }
        }
    }
    nodes[me].span.end = *at as u32;
    nodes[me].next = nodes.len() as u32;
}

fn decode(raw: &str) -> Cow<'_, str> {
    if raw.contains('\\') {
        Cow::Owned(serde_json::from_str(raw).unwrap_or_default())
    } else {
        Cow::Borrowed(&raw[1..raw.len() - 1])
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
    doc: &'d Document,
    index: u32,
}

impl PartialEq for NodeRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.doc, other.doc) && self.index == other.index
    }
}

impl<'d> NodeRef<'d> {
    fn node(self) -> Node {
        self.doc.nodes[self.index as usize]
    }
    fn slice(self, span: Span) -> &'d str {
        &self.doc.text.as_str()[span.start as usize..span.end as usize]
    }
    /// What it is.
    pub fn kind(self) -> Kind {
        self.node().kind
    }
    /// Its bytes in the text; of a string with the quotes.
    pub fn span(self) -> Span {
        self.node().span
    }
    /// Its text as written.
    pub fn raw(self) -> &'d str {
        self.slice(self.span())
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
        (self.kind() == Kind::Bool).then(|| self.raw() == "true")
    }
    /// A string's decoded value; borrowed unless it has escapes.
    pub fn as_str(self) -> Option<Cow<'d, str>> {
        (self.kind() == Kind::String).then(|| decode(self.raw()))
    }
    /// A number's value.
    pub fn as_number(self) -> Option<Number> {
        if self.kind() != Kind::Number {
            return None;
        }
        match self.raw().parse::<i128>() {
            Ok(n) if (i64::MIN as i128..=u64::MAX as i128).contains(&n) => Some(Number::Int(n)),
            _ => self.raw().parse().ok().map(Number::Float),
        }
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
        self.node().len as usize
    }
    /// Whether `len` is 0.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
    /// An array's elements (none for other kinds).
    pub fn elements(self) -> Elements<'d> {
        let end = if self.kind() == Kind::Array { self.node().next } else { 0 };
        Elements { doc: self.doc, index: self.index + 1, end }
    }
    /// An object's members in file order: decoded name, span of the name with quotes, value.
    pub fn members(self) -> Members<'d> {
        let end = if self.kind() == Kind::Object { self.node().next } else { 0 };
        Members(Elements { doc: self.doc, index: self.index + 1, end })
    }
    /// The same value for serde_json.
    pub fn to_value(self) -> serde_json::Value {
        serde_json::from_str(self.raw()).unwrap_or_default()
    }
}

/// Elements of an array.
#[derive(Debug, Clone)]
pub struct Elements<'d> {
    doc: &'d Document,
    index: u32,
    end: u32,
}

impl<'d> Iterator for Elements<'d> {
    type Item = NodeRef<'d>;
    fn next(&mut self) -> Option<Self::Item> {
        (self.index < self.end).then(|| {
            let here = NodeRef { doc: self.doc, index: self.index };
            self.index = here.node().next;
            here
        })
    }
}

/// Members of an object.
#[derive(Debug, Clone)]
pub struct Members<'d>(Elements<'d>);

impl<'d> Iterator for Members<'d> {
    type Item = (Cow<'d, str>, Span, NodeRef<'d>);
    fn next(&mut self) -> Option<Self::Item> {
        let value = self.0.next()?;
        let span = value.node().name?;
        Some((decode(value.slice(span)), span, value))
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
