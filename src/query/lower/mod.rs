//! The parser's syntax tree becomes ours: every expression is type-checked (RFC 9535, 2.4.3), every
//! literal read, every pattern built. Comes in: tree and tokens, side by side. Goes out: a `Query`
//! and all that is wrong with it. Not here: names and types of the evidence (`query::types`).

mod call;

use std::ops::Range;

use jsonpath_rust::parser::model as ast;

use super::error::QueryError;
use super::ir::{Comparison, Condition, Literal, Operand, Query, Root, Segment, Selector};
use super::layout::{Layout, Leaves};
use super::tokens::{self, Kind};
use super::{Mode, literals, root};

/// Walks tree and tokens together.
#[derive(Debug)]
pub(super) struct Lower<'l, 't> {
    layout: &'l Layout<'t>,
    leaves: Leaves<'l, 't>,
    mode: Mode,
    errors: Vec<QueryError>,
}

impl<'l, 't> Lower<'l, 't> {
    /// `layout` is of the very text that the tree was parsed from.
    pub(super) fn new(layout: &'l Layout<'t>, mode: Mode) -> Self {
        Self { layout, leaves: Leaves::new(layout), mode, errors: Vec::new() }
    }

    /// The whole query, or all that is wrong with it.
    pub(super) fn query(mut self, tree: &ast::JpQuery) -> Result<Query, Vec<QueryError>> {
        let query = self.absolute(&tree.segments);
        if self.errors.is_empty() && self.leaves.take().is_some() {
            self.disagree(0);
        }
        if self.errors.is_empty() { Ok(query) } else { Err(self.errors) }
    }

    /// The one condition of `$[?…]`, or all that is wrong with it.
    pub(super) fn condition(mut self, tree: &ast::Filter) -> Result<Condition, Vec<QueryError>> {
        self.leaves.take();
        let condition = self.filter(tree);
        if self.errors.is_empty() { Ok(condition) } else { Err(self.errors) }
    }

    fn absolute(&mut self, tree: &[ast::Segment]) -> Query {
        let first = self.leaf(&[Kind::Root], None);
        let segments = self.segments(tree);
        self.rooted(first, segments)
    }

    fn relative(&mut self, tree: &[ast::Segment]) -> Query {
        let first = self.leaf(&[Kind::Current], None);
        let segments = self.segments(tree);
        Query::new(Root::Current, segments, self.text(first))
    }

    fn singular(&mut self, tree: &ast::SingularQuery) -> Query {
        let (kind, tree) = match tree {
            ast::SingularQuery::Current(tree) => (Kind::Current, tree),
            ast::SingularQuery::Root(tree) => (Kind::Root, tree),
        };
        let first = self.leaf(&[kind], None);
        let mut segments = Vec::with_capacity(tree.len());
        for segment in tree {
            segments.push(Segment::Child(vec![match segment {
                ast::SingularQuerySegment::Index(index) => Selector::Index(*index),
                ast::SingularQuerySegment::Name(name) => self.name(name),
            }]));
        }
        if kind == Kind::Root {
            self.rooted(first, segments)
        } else {
            Query::new(Root::Current, segments, self.text(first))
        }
    }

    /// A query from `$`: of a document, or of a section or parameter.
    fn rooted(&mut self, first: usize, segments: Vec<Segment>) -> Query {
        let text = self.text(first);
        match self.mode {
            Mode::Raw => Query::new(Root::Document, segments, text),
            Mode::Snapshot => {
                let (root, rest) = root::split(self.layout, first, segments, &mut self.errors);
                Query::new(root, rest, text)
            }
        }
    }

    fn segments(&mut self, tree: &[ast::Segment]) -> Vec<Segment> {
        tree.iter().map(|segment| self.segment(segment)).collect()
    }

    fn segment(&mut self, tree: &ast::Segment) -> Segment {
        match tree {
            ast::Segment::Descendant(inner) => Segment::Descendant(self.selectors(inner)),
            ast::Segment::Selector(_) | ast::Segment::Selectors(_) => Segment::Child(self.selectors(tree)),
        }
    }

    fn selectors(&mut self, tree: &ast::Segment) -> Vec<Selector> {
        match tree {
            ast::Segment::Selector(one) => vec![self.selector(one)],
            ast::Segment::Selectors(many) => many.iter().map(|selector| self.selector(selector)).collect(),
            // The grammar has no descendant segment within another.
            ast::Segment::Descendant(_) => {
                self.disagree(0);
                Vec::new()
            }
        }
    }

    fn selector(&mut self, tree: &ast::Selector) -> Selector {
        match tree {
            ast::Selector::Name(name) => self.name(name),
            ast::Selector::Wildcard => Selector::Wildcard,
            ast::Selector::Index(index) => Selector::Index(*index),
            ast::Selector::Slice(start, end, step) => {
                Selector::Slice { start: *start, end: *end, step: step.unwrap_or(1) }
            }
            ast::Selector::Filter(filter) => Selector::Filter(self.filter(filter)),
        }
    }

    fn name(&mut self, name: &str) -> Selector {
        self.leaf(&[Kind::Name, Kind::String], Some(name));
        Selector::Name(name.to_owned())
    }

    fn filter(&mut self, tree: &ast::Filter) -> Condition {
        match tree {
            ast::Filter::Or(all) => Condition::Or(all.iter().map(|part| self.filter(part)).collect()),
            ast::Filter::And(all) => Condition::And(all.iter().map(|part| self.filter(part)).collect()),
            ast::Filter::Atom(ast::FilterAtom::Filter { expr, not }) => negated(self.filter(expr), *not),
            ast::Filter::Atom(ast::FilterAtom::Test { expr, not }) => negated(self.test(expr), *not),
            ast::Filter::Atom(ast::FilterAtom::Comparison(comparison)) => self.comparison(comparison),
        }
    }

    fn comparison(&mut self, tree: &ast::Comparison) -> Condition {
        let comparison = match tree {
            ast::Comparison::Eq(..) => Comparison::Equal,
            ast::Comparison::Ne(..) => Comparison::NotEqual,
            ast::Comparison::Lt(..) => Comparison::Less,
            ast::Comparison::Lte(..) => Comparison::LessOrEqual,
            ast::Comparison::Gt(..) => Comparison::Greater,
            ast::Comparison::Gte(..) => Comparison::GreaterOrEqual,
        };
        let (left, right) = tree.vals();
        let left = self.comparable(left);
        let right = self.comparable(right);
        Condition::Compare(left, comparison, right)
    }

    fn comparable(&mut self, tree: &ast::Comparable) -> Operand {
        match tree {
            ast::Comparable::Literal(literal) => Operand::Literal(self.literal(literal).0),
            ast::Comparable::SingularQuery(query) => Operand::Singular(self.singular(query)),
            ast::Comparable::Function(function) => self.value_function(function),
        }
    }

    /// A test of a filter: a path that selects something, or a function that is true or false.
    fn test(&mut self, tree: &ast::Test) -> Condition {
        match tree {
            ast::Test::RelQuery(segments) => Condition::Exists(self.relative(segments)),
            ast::Test::AbsQuery(query) => Condition::Exists(self.absolute(&query.segments)),
            ast::Test::Function(function) => self.logical_function(function),
        }
    }

    /// A literal and its bytes.
    fn literal(&mut self, tree: &ast::Literal) -> (Literal, Range<usize>) {
        let token = self.leaf(&[Kind::Name, Kind::String, Kind::Number], None);
        let (text, at) = (self.layout.slice(token), self.layout.at(token));
        let literal = match tree {
            ast::Literal::Null => Ok(Literal::Null),
            ast::Literal::Bool(truth) => Ok(Literal::Bool(*truth)),
            ast::Literal::Int(_) | ast::Literal::Float(_) => literals::number(text, at.clone()),
            ast::Literal::String(_) => match self.mode {
                Mode::Raw => Ok(Literal::String(tokens::decode(text).into_owned())),
                Mode::Snapshot => literals::string(text, at.clone()),
            },
        };
        match literal {
            Ok(literal) => (literal, at),
            Err(error) => {
                self.errors.push(error);
                (Literal::Null, at)
            }
        }
    }

    /// Takes the next token that stands for something; it must be what the tree says.
    fn leaf(&mut self, kinds: &[Kind], says: Option<&str>) -> usize {
        let Some(i) = self.leaves.take() else {
            self.disagree(self.layout.tokens.len());
            return 0;
        };
        let kind = self.layout.kind(i);
        let says = says.is_none_or(|says| match kind {
            Some(Kind::String) => tokens::decode(self.layout.slice(i)) == says,
            _ => self.layout.slice(i) == says,
        });
        if !says || !kind.is_some_and(|kind| kinds.contains(&kind)) {
            self.disagree(i);
        }
        i
    }

    /// Where the coming call stands, and its name.
    fn peek_call(&self) -> (Range<usize>, &'t str) {
        let i = self.peek();
        let end = self.layout.partner(i + 1).map_or(i + 1, |close| close + 1);
        (self.layout.span(i, end), self.layout.slice(i))
    }

    /// The path whose `$` or `@` is this token.
    fn text(&self, first: usize) -> &'t str {
        self.layout.text.get(self.layout.span(first, self.layout.end(first))).unwrap_or_default()
    }

    /// The next token that stands for something.
    fn peek(&self) -> usize {
        self.leaves.clone().take().unwrap_or(self.layout.tokens.len())
    }

    /// Tree and tokens must tell the same story; where not, the query is refused rather than guessed.
    fn disagree(&mut self, token: usize) {
        if self.errors.is_empty() {
            let message = "this path can be read in two ways from here on";
            self.errors.push(QueryError::new(self.layout.at(token), message).help("quote names: ['name']"));
        }
    }
}

fn negated(condition: Condition, not: bool) -> Condition {
    if not { Condition::Not(Box::new(condition)) } else { condition }
}
