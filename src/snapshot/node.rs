//! Walking over a document: a node, its elements, its members. Comes in: an index on the tape. Goes
//! out: values that borrow from the text. Not here: queries (`query`), typed reading (`typed`).

use std::borrow::Cow;

use super::document::{Document, Kind, Span, Step};
use super::lex;
use super::number::Number;
use super::tape::{MANY, Node, Tag, name_hash};

/// A value in a [`Document`]. Two refs are equal when they are the same place.
#[derive(Debug, Clone, Copy)]
pub struct NodeRef<'d> {
    doc: &'d Document,
    index: u32,
}

impl PartialEq for NodeRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && std::ptr::eq(self.doc, other.doc)
    }
}

impl Eq for NodeRef<'_> {}

impl std::hash::Hash for NodeRef<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.index.hash(state);
        std::ptr::from_ref(self.doc).hash(state);
    }
}

impl<'d> NodeRef<'d> {
    #[inline(always)]
    pub(super) fn new(doc: &'d Document, index: u32) -> Self {
        Self { doc, index }
    }

    #[inline(always)]
    fn node(self) -> Node {
        self.doc.at(self.index)
    }

    /// What it is.
    #[inline]
    pub fn kind(self) -> Kind {
        match self.node().tag {
            Tag::Null => Kind::Null,
            Tag::False | Tag::True => Kind::Bool,
            Tag::Number => Kind::Number,
            // Names are never handed out as values.
            Tag::String | Tag::Name => Kind::String,
            Tag::Array => Kind::Array,
            Tag::Object => Kind::Object,
        }
    }

    /// Its bytes in the text; of a string with the quotes.
    #[inline]
    pub fn span(self) -> Span {
        let Node { start, end, .. } = self.node();
        Span { start, end }
    }

    /// Its text as written.
    #[inline]
    pub fn raw(self) -> &'d str {
        self.doc.text().slice(self.span())
    }

    /// The document it lies in.
    #[inline]
    pub fn document(self) -> &'d Document {
        self.doc
    }

    /// Its number in the document's pre-order, stable for one parse.
    #[inline]
    pub fn index(self) -> u32 {
        self.index
    }

    /// A boolean's value.
    #[inline]
    pub fn as_bool(self) -> Option<bool> {
        match self.node().tag {
            Tag::True => Some(true),
            Tag::False => Some(false),
            Tag::Null | Tag::Number | Tag::String | Tag::Array | Tag::Object | Tag::Name => None,
        }
    }

    /// A string's decoded value; borrowed unless it has escapes.
    #[inline]
    pub fn as_str(self) -> Option<Cow<'d, str>> {
        let node = self.node();
        (node.tag == Tag::String).then(|| self.content(node))
    }

    /// What a string or name says.
    #[inline]
    fn content(self, node: Node) -> Cow<'d, str> {
        lex::content(self.doc.text().slice(Span { start: node.start, end: node.end }), node.escaped)
    }

    /// Whether a name says this; bytes are compared, since looking for boundaries of characters costs
    /// more than that.
    #[inline]
    fn is_named(self, node: Node, name: &str) -> bool {
        let text = self.doc.text().as_str().as_bytes();
        if node.escaped {
            return self.content(node) == name;
        }
        text.get(node.start as usize + 1..(node.end as usize).saturating_sub(1)) == Some(name.as_bytes())
    }

    /// A number's value.
    pub fn as_number(self) -> Option<Number> {
        let node = self.node();
        (node.tag == Tag::Number).then(|| Number::from_checked(self.raw())).flatten()
    }

    /// An object's member.
    #[inline]
    pub fn get(self, name: &str) -> Option<NodeRef<'d>> {
        let object = self.node();
        if object.tag != Tag::Object {
            return None;
        }
        let hash = name_hash(name.as_bytes());
        let end = self.index + object.size;
        let mut at = self.index + 1;
        while at < end {
            let member = self.doc.at(at);
            if member.size == hash && self.is_named(member, name) {
                return Some(Self::new(self.doc, at + 1));
            }
            at += 1 + self.doc.at(at + 1).size;
        }
        None
    }

    /// An array's element. Quick at the start of an array, and anywhere in the root array.
    pub fn at(self, index: usize) -> Option<NodeRef<'d>> {
        if self.index == 0 && index > 16 {
            return self.doc.items().get(index).map(|item| Self::new(self.doc, *item));
        }
        self.elements().nth(index)
    }

    /// How many elements or members; 0 for scalars.
    #[inline]
    pub fn len(self) -> usize {
        let node = self.node();
        match node.tag {
            Tag::Array if node.count == MANY => Steps::new(self, 0).count(),
            Tag::Object if node.count == MANY => Steps::new(self, 1).count(),
            Tag::Array | Tag::Object => node.count as usize,
            Tag::Null | Tag::False | Tag::True | Tag::Number | Tag::String | Tag::Name => 0,
        }
    }

    /// Whether `len` is 0.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// An array's elements (none for other kinds).
    #[inline]
    pub fn elements(self) -> Elements<'d> {
        let array = self.node().tag == Tag::Array;
        Elements {
            steps: if array { Steps::new(self, 0) } else { Steps::none(self) },
            left: if array { self.len() } else { 0 },
        }
    }

    /// An object's members in file order: decoded name, span of the name with quotes, value (none
    /// for other kinds).
    #[inline]
    pub fn members(self) -> Members<'d> {
        let object = self.node().tag == Tag::Object;
        Members { steps: if object { Steps::new(self, 1) } else { Steps::none(self) } }
    }

    /// The child that is or contains the node with this index, and the step to it.
    pub(super) fn child_with(self, index: u32) -> Option<(Step<'d>, NodeRef<'d>)> {
        let inside = |child: NodeRef<'d>| (child.index..child.index + child.node().size).contains(&index);
        let element = self.elements().enumerate().find(|(_, child)| inside(*child));
        let element = element.map(|(at, child)| (Step::Index(at), child));
        element.or_else(|| {
            self.members()
                .find(|(_, _, child)| inside(*child))
                .map(|(name, _, child)| (Step::Name(name), child))
        })
    }

    /// The same value for serde_json. Recurses as deep as the text nests, which the parser limits.
    pub fn to_value(self) -> serde_json::Value {
        use serde_json::Value;
        match self.kind() {
            Kind::Null => Value::Null,
            Kind::Bool => Value::Bool(self.as_bool() == Some(true)),
            Kind::Number => self.as_number().map_or(Value::Null, |number| Value::Number(number.to_json())),
            Kind::String => Value::String(self.content(self.node()).into_owned()),
            Kind::Array => Value::Array(self.elements().map(NodeRef::to_value).collect()),
            Kind::Object => Value::Object(
                self.members().map(|(name, _, value)| (name.into_owned(), value.to_value())).collect(),
            ),
        }
    }
}

/// Steps from child to child: over the values of an array, or over the names of an object.
#[derive(Debug, Clone)]
struct Steps<'d> {
    doc: &'d Document,
    next: u32,
    end: u32,
    /// How many nodes stand before the value: 1 where a name does.
    lead: u32,
}

impl<'d> Steps<'d> {
    #[inline]
    fn new(of: NodeRef<'d>, lead: u32) -> Self {
        Self { doc: of.doc, next: of.index + 1, end: of.index + of.node().size, lead }
    }

    fn none(of: NodeRef<'d>) -> Self {
        Self { doc: of.doc, next: 0, end: 0, lead: 0 }
    }
}

impl Iterator for Steps<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        if self.next >= self.end {
            return None;
        }
        let here = self.next;
        // A value takes at least one node, so this always moves on.
        self.next = here + self.lead + self.doc.at(here + self.lead).size.max(1);
        Some(here)
    }
}

/// The elements of an array.
#[derive(Debug, Clone)]
pub struct Elements<'d> {
    steps: Steps<'d>,
    left: usize,
}

impl<'d> Iterator for Elements<'d> {
    type Item = NodeRef<'d>;

    #[inline]
    fn next(&mut self) -> Option<NodeRef<'d>> {
        let index = self.steps.next()?;
        self.left = self.left.saturating_sub(1);
        Some(NodeRef::new(self.steps.doc, index))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Elements<'_> {}

/// The members of an object in file order: decoded name, span of the name with quotes, value.
#[derive(Debug, Clone)]
pub struct Members<'d> {
    steps: Steps<'d>,
}

impl<'d> Iterator for Members<'d> {
    type Item = (Cow<'d, str>, Span, NodeRef<'d>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let index = self.steps.next()?;
        let name = self.steps.doc.at(index);
        let span = Span { start: name.start, end: name.end };
        let text = lex::content(self.steps.doc.text().slice(span), name.escaped);
        Some((text, span, NodeRef::new(self.steps.doc, index + 1)))
    }
}
