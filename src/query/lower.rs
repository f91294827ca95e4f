//! The parser's syntax tree becomes ours: every expression is type-checked (RFC 9535, 2.4.3), every
//! literal read, every pattern built. Comes in: tree and tokens, side by side. Goes out: a `Query`
//! and all that is wrong with it. Not here: names and types of the evidence (`analyse`).

use std::ops::Range;

use jsonpath_rust::parser::model as ast;

use super::error::QueryError;
use super::ir::{
    Argument, Comparison, Condition, Literal, Operand, Pattern, Query, Root, Segment, Selector, SetTest,
};
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

    /// `match`, `search` and the set functions.
    fn logical_function(&mut self, tree: &ast::TestFunction) -> Condition {
        match tree {
            ast::TestFunction::Match(subject, pattern) => self.regex("match", subject, pattern),
            ast::TestFunction::Search(subject, pattern) => self.regex("search", subject, pattern),
            ast::TestFunction::Custom(name, arguments) => self.set(name, arguments),
            ast::TestFunction::Length(_) | ast::TestFunction::Count(_) | ast::TestFunction::Value(_) => {
                let (at, name) = self.peek_call();
                self.value_function(tree);
                let help = format!(
                    "compare it: {name}(…) > 0; whether a path selects anything is the path alone: [?@.x]"
                );
                self.errors.push(
                    QueryError::new(at, format!("`{name}` gives a value, and a condition is true or false"))
                        .help(help),
                );
                Condition::Or(Vec::new())
            }
        }
    }

    /// `length`, `count` and `value`.
    fn value_function(&mut self, tree: &ast::TestFunction) -> Operand {
        match tree {
            ast::TestFunction::Length(argument) => {
                self.leaf(&[Kind::Name], Some("length"));
                Operand::Length(Box::new(self.value("length", argument)))
            }
            ast::TestFunction::Count(argument) => {
                self.leaf(&[Kind::Name], Some("count"));
                Operand::Count(self.nodes("count", argument))
            }
            ast::TestFunction::Value(argument) => {
                self.leaf(&[Kind::Name], Some("value"));
                Operand::Value(self.nodes("value", argument))
            }
            ast::TestFunction::Match(..) | ast::TestFunction::Search(..) | ast::TestFunction::Custom(..) => {
                let (at, name) = self.peek_call();
                self.logical_function(tree);
                let message = format!("`{name}` is true or false, and a value is needed here");
                self.errors.push(QueryError::new(at, message));
                Operand::Literal(Literal::Null)
            }
        }
    }

    fn regex(&mut self, name: &str, subject: &ast::FnArg, pattern: &ast::FnArg) -> Condition {
        self.leaf(&[Kind::Name], Some(name));
        let whole = name == "match";
        let subject = self.value(name, subject);
        let pattern = match pattern {
            ast::FnArg::Literal(ast::Literal::String(_)) => {
                let token = self.leaf(&[Kind::String], None);
                let (text, at) = (self.layout.slice(token), self.layout.at(token));
                let built = match self.mode {
                    Mode::Snapshot if text.contains("${") => Err(QueryError::new(
                        at,
                        format!("`{name}` takes a pattern, and `${{` can't stand in one"),
                    )),
                    Mode::Snapshot | Mode::Raw => literals::pattern(text, whole, at),
                };
                match built {
                    Ok(regex) => Pattern::Constant(regex),
                    Err(error) => {
                        self.errors.push(error);
                        Pattern::Dynamic(Operand::Literal(Literal::Null))
                    }
                }
            }
            other => Pattern::Dynamic(self.value(name, other)),
        };
        Condition::Regex { subject, pattern, whole }
    }

    fn set(&mut self, name: &str, arguments: &[ast::FnArg]) -> Condition {
        let token = self.leaf(&[Kind::Name], Some(name));
        let test = match name {
            "in" => SetTest::In,
            "none_of" => SetTest::NoneOf,
            "any_of" => SetTest::AnyOf,
            "subset_of" => SetTest::SubsetOf,
            _ => {
                self.disagree(token);
                SetTest::In
            }
        };
        let [first, second] = arguments else {
            self.disagree(token);
            return Condition::Or(Vec::new());
        };
        let first = self.argument(name, first);
        let second = self.argument(name, second);
        Condition::Set(test, first, second)
    }

    /// An argument of a set function: a constant or the set that a path selects.
    fn argument(&mut self, name: &str, tree: &ast::FnArg) -> Argument {
        match tree {
            ast::FnArg::Literal(literal) => {
                let (literal, at) = self.literal(literal);
                let why = match &literal {
                    Literal::Time(_) => Some("a time"),
                    Literal::Null if self.mode == Mode::Snapshot => Some("null"),
                    Literal::String(text) if text.is_empty() && self.mode == Mode::Snapshot => {
                        Some("the empty string")
                    }
                    Literal::Null | Literal::Bool(_) | Literal::Number(_) | Literal::String(_) => None,
                };
                if let Some(what) = why {
                    let error = QueryError::new(at, format!("{what} is never a member of a set"));
                    self.errors.push(error.help("compare it: @.x == null, @.x == '', @.x < '${now}'"));
                }
                Argument::Literal(literal)
            }
            other => Argument::Query(self.nodes(name, other)),
        }
    }

    /// An argument that is a value: a literal, a path to one node, a function that gives a value.
    fn value(&mut self, name: &str, tree: &ast::FnArg) -> Operand {
        match tree {
            ast::FnArg::Literal(literal) => {
                let (literal, at) = self.literal(literal);
                if let Literal::Time(_) = literal {
                    let error = QueryError::new(at, format!("`{name}` takes a text, not a time"));
                    self.errors.push(error.help("times are compared: @.createdDateTime < '${ago:P90D}'"));
                }
                Operand::Literal(literal)
            }
            ast::FnArg::Test(test) => match test.as_ref() {
                ast::Test::Function(function) => self.value_function(function),
                ast::Test::RelQuery(segments) => {
                    let first = self.peek();
                    let query = self.relative(segments);
                    self.one_node(name, query, first)
                }
                ast::Test::AbsQuery(tree) => {
                    let first = self.peek();
                    let query = self.absolute(&tree.segments);
                    self.one_node(name, query, first)
                }
            },
            ast::FnArg::Filter(filter) => {
                self.condition_as_argument(name, filter);
                Operand::Literal(Literal::Null)
            }
        }
    }

    /// `first` is the token of its `$` or `@`.
    fn one_node(&mut self, name: &str, query: Query, first: usize) -> Operand {
        if !query.is_singular() {
            let message = format!("`{name}` takes one value, and `{}` may select several", query.text);
            let help = match name {
                "length" => "how many a path selects is count(…)".to_owned(),
                _ => format!("put it in a filter: @.list[?{name}(@, …)]"),
            };
            let at = self.layout.span(first, self.layout.end(first));
            self.errors.push(QueryError::new(at, message).help(help));
        }
        Operand::Singular(query)
    }

    /// An argument that is a path.
    fn nodes(&mut self, name: &str, tree: &ast::FnArg) -> Query {
        let fallback = Query::new(Root::Current, Vec::new(), "@");
        match tree {
            ast::FnArg::Test(test) => match test.as_ref() {
                ast::Test::RelQuery(segments) => self.relative(segments),
                ast::Test::AbsQuery(query) => self.absolute(&query.segments),
                ast::Test::Function(function) => {
                    let (at, inner) = self.peek_call();
                    match function.as_ref() {
                        ast::TestFunction::Length(_)
                        | ast::TestFunction::Count(_)
                        | ast::TestFunction::Value(_) => {
                            self.value_function(function);
                        }
                        ast::TestFunction::Custom(..)
                        | ast::TestFunction::Search(..)
                        | ast::TestFunction::Match(..) => {
                            self.logical_function(function);
                        }
                    }
                    let message = format!("`{name}` takes a path or a literal, not `{inner}(…)`");
                    self.errors.push(QueryError::new(at, message));
                    fallback
                }
            },
            ast::FnArg::Filter(filter) => {
                self.condition_as_argument(name, filter);
                fallback
            }
            // The grammar check has refused literals here.
            ast::FnArg::Literal(literal) => {
                let (_, at) = self.literal(literal);
                self.errors.push(QueryError::new(at, format!("`{name}` takes a path, not a value")));
                fallback
            }
        }
    }

    fn condition_as_argument(&mut self, name: &str, tree: &ast::Filter) {
        let at = self.layout.at(self.peek());
        self.filter(tree);
        let message = format!("`{name}` takes a path or a value, not a condition");
        self.errors.push(QueryError::new(at, message));
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
