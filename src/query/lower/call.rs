//! Functions and the types of their arguments (RFC 9535, 2.4.3): which give a value and which are
//! true or false, which take a value and which a path.

use jsonpath_rust::parser::model as ast;

use super::Lower;
use crate::query::error::QueryError;
use crate::query::ir::{Argument, Condition, Literal, Operand, Pattern, Query, Root, SetTest};
use crate::query::tokens::Kind;
use crate::query::{Mode, literals};

impl Lower<'_, '_> {
    /// `match`, `search` and the set functions.
    pub(super) fn logical_function(&mut self, tree: &ast::TestFunction) -> Condition {
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
    pub(super) fn value_function(&mut self, tree: &ast::TestFunction) -> Operand {
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
}
