//! What is wrong with a query, where in its text, and the way out. Comes in: findings of the
//! compiler and of the analysis. Goes out: one type for both. Not here: how it is shown.

use std::fmt;
use std::ops::Range;

/// One mistake in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// What is wrong: a lower-case fragment without a full stop.
    pub message: String,
    /// The way out, where there is one.
    pub help: Option<String>,
    /// Bytes of the query's text.
    pub at: Range<usize>,
}

impl QueryError {
    /// A mistake without advice.
    pub fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, at }
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with advice, if there is any.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for QueryError {}

/// Puts mistakes in the order of the text and drops repetitions.
pub(super) fn in_order(mut errors: Vec<QueryError>) -> Vec<QueryError> {
    errors.sort_by(|a, b| (a.at.start, a.at.end, &a.message).cmp(&(b.at.start, b.at.end, &b.message)));
    errors.dedup();
    errors
}
