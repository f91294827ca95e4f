//! A compiled query: the syntax tree after type checks, with regexes built and literals parsed.
//! Comes in: what `lower` makes of the parser's tree. Goes out: what `evaluate` and `analyse` walk.
//! Everything stands in the order of the text. Not here: positions (`layout` finds them again).

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::TimeDelta;

use crate::snapshot::number::Number;

/// A compiled query.
#[derive(Debug, Clone)]
pub struct Query {
    /// Where it starts.
    pub root: Root,
    /// What is selected from there, in order.
    pub segments: Vec<Segment>,
    /// Its text as written; equal texts with equal roots are walked once.
    pub text: String,
    /// Hash of root and text, so that an evaluator finds the shared walk without reading them.
    pub(super) key: u64,
}

impl Query {
    /// Puts a query together. `text` is how it is written.
    pub fn new(root: Root, segments: Vec<Segment>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut hasher = DefaultHasher::new();
        (&root, &text).hash(&mut hasher);
        Self { root, segments, key: hasher.finish(), text }
    }

    /// Whether it selects at most one node, whatever it is asked on (RFC 9535, 1.1). A root of
    /// several sections never does.
    pub fn is_singular(&self) -> bool {
        let one_root = match &self.root {
            Root::Current | Root::Document | Root::Param(_) => true,
            Root::Sections(ids) => ids.len() == 1,
        };
        one_root
            && self.segments.iter().all(|segment| match segment {
                Segment::Child(selectors) => {
                    matches!(selectors.as_slice(), [Selector::Name(_) | Selector::Index(_)])
                }
                Segment::Descendant(_) => false,
            })
    }
}

/// Where a query starts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Root {
    /// `@`, the node that a filter is tried on.
    Current,
    /// `$` of a single document (`query --raw`, the compliance suite).
    Document,
    /// `$.area.name` of a snapshot: the array of that section. Several where a path says
    /// `$.area['a','b']`. The two leading names are taken off `segments`.
    Sections(Vec<String>),
    /// `$.params.name`. The two leading names are taken off `segments`.
    Param(String),
}

/// One segment.
#[derive(Debug, Clone)]
pub enum Segment {
    /// Children of each node.
    Child(Vec<Selector>),
    /// Each node itself and everything below it, then their children.
    Descendant(Vec<Selector>),
}

/// One selector.
#[derive(Debug, Clone)]
pub enum Selector {
    /// A member by name.
    Name(String),
    /// Every child.
    Wildcard,
    /// An element; negative from the end.
    Index(i64),
    /// `start:end:step`.
    Slice {
        /// First, inclusive.
        start: Option<i64>,
        /// Last, exclusive.
        end: Option<i64>,
        /// Step, may be negative; 0 selects nothing.
        step: i64,
    },
    /// Children for which the condition holds.
    Filter(Condition),
}

/// A condition of a filter.
#[derive(Debug, Clone)]
pub enum Condition {
    /// At least one holds.
    Or(Vec<Condition>),
    /// All hold.
    And(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// The query selects at least one node.
    Exists(Query),
    /// Two values compared as RFC 9535 says.
    Compare(Operand, Comparison, Operand),
    /// `match` (whole) and `search` (anywhere).
    Regex {
        /// What is searched.
        subject: Operand,
        /// For what.
        pattern: Pattern,
        /// `match`: the whole string must match.
        whole: bool,
    },
    /// One of the four set functions.
    Set(SetTest, Argument, Argument),
}

/// `==` and its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A value to compare, or none.
#[derive(Debug, Clone)]
pub enum Operand {
    /// A constant.
    Literal(Literal),
    /// At most one node.
    Singular(Query),
    /// `length(…)`
    Length(Box<Operand>),
    /// `count(…)`
    Count(Query),
    /// `value(…)`
    Value(Query),
}

/// A constant.
#[derive(Debug, Clone)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// `'${now}'`, `'${ago:P90D}'`, `'${ahead:P30D}'`: evidence time plus this. Compared as an
    /// instant with whatever parses as RFC 3339 (or as a date); with anything else not comparable.
    Time(TimeDelta),
}

/// A regular expression.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// A constant, built at load.
    Constant(regex::Regex),
    /// Comes from the data; built when evaluated; an invalid one matches nothing.
    Dynamic(Operand),
}

/// The four set functions. A set has the strings, numbers and booleans of its argument (of a
/// selected array its elements); ASCII case is ignored; null, "", absent and objects are never
/// members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetTest {
    /// `in(a, b)`: the first has a member and every one is in the second (it is one value as a rule).
    In,
    /// `none_of(a, b)`: no member of the first is in the second.
    NoneOf,
    /// `any_of(a, b)`: some member of the first is in the second.
    AnyOf,
    /// `subset_of(a, b)`: every member of the first is in the second; the empty set is.
    SubsetOf,
}

/// An argument of a set function.
#[derive(Debug, Clone)]
pub enum Argument {
    /// A constant.
    Literal(Literal),
    /// The set that a query selects.
    Query(Query),
}
