//! A parsed JSON text that borrows from it and knows the byte span of every value.
//! Comes in: a text. Goes out: nodes to walk over. One flat, pre-order table of 16-byte nodes; no
//! recursion, no copies of strings. Not here: how the table is filled (`skim`, `parse`).

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

pub use super::fault::{JsonError, What};
use super::lex::{self, Fault};
pub use super::node::{Elements, Members, NodeRef};
use super::parse::Parser;
use super::skim::{self, Outline, Run};
use super::tape::{Cell, Node, Tag};
pub use super::text::{Position, Span, Text};

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

/// One step of a path: a member's name (decoded) or an element's index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'d> {
    /// Member name.
    Name(Cow<'d, str>),
    /// Element index, from 0.
    Index(usize),
}

/// A parsed JSON value with spans into its text.
#[derive(Debug)]
pub struct Document {
    text: Arc<Text>,
    cells: Vec<Cell>,
    /// Nodes of the root array's elements; made when somebody first asks for one by its number.
    items: OnceLock<Vec<u32>>,
}

impl Document {
    /// Parses a whole text; a byte order mark before it is allowed.
    ///
    /// # Errors
    /// Whatever serde_json refuses, and two members of one object with the same name.
    pub fn parse(text: Arc<Text>) -> Result<Self, JsonError> {
        let body = text.body();
        Self::parse_within(text, body)
    }

    /// Parses the value that fills `span` of a larger text, but for blanks; spans stay relative to
    /// the whole text.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_within(text: Arc<Text>, span: Span) -> Result<Self, JsonError> {
        let bytes = text.as_str().as_bytes().get(..span.end as usize).unwrap_or(&[]);
        let start = lex::blanks(bytes, span.start as usize);
        let cells = match bytes.get(start) {
            None => lex::fault(lex::What::Empty, start, start),
            Some(_) => skim::skim(bytes, start).and_then(|outline| fill(bytes, start, &outline)),
        };
        Self::new(text, cells)
    }

    /// Parses the value that starts at `start` and has been skimmed already.
    pub(super) fn of_outline(text: Arc<Text>, start: usize, outline: &Outline) -> Result<Self, JsonError> {
        let bytes = text.as_str().as_bytes().get(..outline.end).unwrap_or(&[]);
        let cells = fill(bytes, start, outline);
        Self::new(text, cells)
    }

    /// From a tape that is known to be whole.
    pub(super) fn of_cells(text: Arc<Text>, cells: Vec<Cell>) -> Self {
        Self { text, cells, items: OnceLock::new() }
    }

    fn new(text: Arc<Text>, cells: Result<Vec<Cell>, Fault>) -> Result<Self, JsonError> {
        match cells {
            Ok(cells) => Ok(Self::of_cells(text, cells)),
            Err(fault) => Err(JsonError::new(fault, &text)),
        }
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
        NodeRef::new(self, index)
    }

    /// Which element of the root array contains this node, if the root is an array (binary search).
    pub fn item_of(&self, node: NodeRef<'_>) -> Option<usize> {
        if !std::ptr::eq(self, node.document()) {
            return None;
        }
        self.items().partition_point(|start| *start <= node.index()).checked_sub(1)
    }

    /// Steps from the root to the node; walks down, so for nodes that are shown only. Empty for the
    /// root, and for a node of another document.
    pub fn path_of(&self, node: NodeRef<'_>) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        if !std::ptr::eq(self, node.document()) {
            return steps;
        }
        let mut here = self.root();
        if let Some(item) = self.item_of(node) {
            steps.push(Step::Index(item));
            here = self.node(self.items().get(item).copied().unwrap_or_default());
        }
        while here.index() != node.index() {
            let Some((step, child)) = here.child_with(node.index()) else { break };
            steps.push(step);
            here = child;
        }
        steps
    }

    /// Nodes of the root array's elements.
    pub(super) fn items(&self) -> &[u32] {
        self.items.get_or_init(|| self.root().elements().map(NodeRef::index).collect())
    }

    #[inline(always)]
    pub(super) fn at(&self, index: u32) -> Node {
        // Indices come from the tape itself; a null stands in for one that does not.
        Node::of(self.cells.get(index as usize).copied().unwrap_or_default())
    }
}

/// A tape of exactly the size that the skimmer counted: in one go, or run by run in parallel, each
/// writing to its own part of the tape, so that nothing is copied together afterwards.
pub(super) fn fill(bytes: &[u8], start: usize, outline: &Outline) -> Result<Vec<Cell>, Fault> {
    let mut cells = vec![Cell::default(); outline.nodes];
    let Some((array, mut rest)) = cells.split_first_mut().filter(|_| outline.runs.len() > 1) else {
        Parser::new(bytes, start, &mut cells).whole()?;
        return Ok(cells);
    };
    let mut jobs: Vec<(&Run, &mut [Cell])> = Vec::with_capacity(outline.runs.len());
    for run in &outline.runs {
        let (part, after) = std::mem::take(&mut rest).split_at_mut_checked(run.nodes).unwrap_or_default();
        jobs.push((run, part));
        rest = after;
    }
    let faults: Vec<Option<Fault>> = jobs
        .into_par_iter()
        .map(|(run, part)| Parser::new(bytes.get(..run.end).unwrap_or(&[]), run.start, part).run().err())
        .collect();
    if let Some(fault) = faults.into_iter().flatten().next() {
        return Err(fault);
    }
    let span = Span::of(start, outline.end);
    let (size, count) = (super::text::offset(outline.nodes), super::text::offset(outline.items));
    *array = Node { start: span.start, end: span.end, size, tag: Tag::Array, escaped: false, count }.cell();
    match lex::blanks(bytes, outline.end) {
        end if end == bytes.len() => Ok(cells),
        end => lex::fault(lex::What::Trailing, end, end + 1),
    }
}
