//! Tokens with their brackets matched: which bracket a token stands in, where a path within the
//! text ends, which tokens name something. Shared by everything that points into a query's text.

use std::ops::Range;

use super::error::QueryError;
use super::tokens::{self, Kind, Token};

/// A text's tokens and their brackets.
#[derive(Debug)]
pub(super) struct Layout<'t> {
    /// The whole text.
    pub(super) text: &'t str,
    /// Its tokens.
    pub(super) tokens: Vec<Token>,
    /// Of a bracket its partner.
    partner: Vec<Option<usize>>,
    /// The innermost bracket that a token stands in.
    inside: Vec<Option<usize>>,
}

impl<'t> Layout<'t> {
    /// Cuts a text and matches its brackets; what fails is reported. `deepest` brackets may be open.
    pub(super) fn new(text: &'t str, deepest: usize, errors: &mut Vec<QueryError>) -> Self {
        let tokens = tokens::cut(text, errors);
        let mut layout =
            Self { text, partner: vec![None; tokens.len()], inside: vec![None; tokens.len()], tokens };
        layout.match_brackets(deepest, errors);
        layout
    }

    fn match_brackets(&mut self, deepest: usize, errors: &mut Vec<QueryError>) {
        let mut open: Vec<usize> = Vec::new();
        let mut too_deep = false;
        for i in 0..self.tokens.len() {
            if let Some(inside) = self.inside.get_mut(i) {
                *inside = open.last().copied();
            }
            match self.kind(i) {
                Some(Kind::Open | Kind::ParenOpen) => {
                    open.push(i);
                    if open.len() > deepest && !too_deep {
                        too_deep = true;
                        errors.push(
                            QueryError::new(
                                self.at(i),
                                format!("more than {deepest} brackets are open here"),
                            )
                            .help("say it in several checks"),
                        );
                    }
                }
                Some(close @ (Kind::Close | Kind::ParenClose)) => {
                    let fits = |o: &usize| (self.kind(*o) == Some(Kind::Open)) == (close == Kind::Close);
                    let Some(depth) = open.iter().rposition(fits) else {
                        let message = format!("`{}` closes nothing", self.slice(i));
                        errors.push(QueryError::new(self.at(i), message));
                        continue;
                    };
                    // What was opened since then was forgotten.
                    for o in open.drain(depth + 1..) {
                        errors.push(QueryError::new(
                            self.at(o),
                            format!("`{}` is never closed", self.slice(o)),
                        ));
                    }
                    if let Some(o) = open.pop() {
                        self.pair(o, i);
                    }
                }
                _ => {}
            }
        }
        for o in open {
            errors.push(QueryError::new(self.at(o), format!("`{}` is never closed", self.slice(o))));
        }
    }

    fn pair(&mut self, open: usize, close: usize) {
        for (from, to) in [(open, close), (close, open)] {
            if let Some(partner) = self.partner.get_mut(from) {
                *partner = Some(to);
            }
        }
        // A closing bracket stands where its partner stands.
        let around = self.inside.get(open).copied().flatten();
        if let Some(inside) = self.inside.get_mut(close) {
            *inside = around;
        }
    }

    /// What a token is; none behind the last.
    pub(super) fn kind(&self, i: usize) -> Option<Kind> {
        self.tokens.get(i).map(|t| t.kind)
    }

    /// What stands before a token.
    pub(super) fn before(&self, i: usize) -> Option<Kind> {
        self.kind(i.checked_sub(1)?)
    }

    /// A token's bytes; behind the last the end of the text.
    pub(super) fn at(&self, i: usize) -> Range<usize> {
        self.tokens.get(i).map_or(self.text.len()..self.text.len(), |t| t.at.clone())
    }

    /// A token's text.
    pub(super) fn slice(&self, i: usize) -> &'t str {
        self.text.get(self.at(i)).unwrap_or_default()
    }

    /// Bytes from one token to the one before `end`.
    pub(super) fn span(&self, from: usize, end: usize) -> Range<usize> {
        let start = self.at(from).start;
        start..end.checked_sub(1).map_or(start, |last| self.at(last).end).max(start)
    }

    /// A bracket's partner.
    pub(super) fn partner(&self, i: usize) -> Option<usize> {
        self.partner.get(i).copied().flatten()
    }

    /// The innermost bracket around a token.
    pub(super) fn inside(&self, i: usize) -> Option<usize> {
        self.inside.get(i).copied().flatten()
    }

    /// The kind of that bracket.
    pub(super) fn around(&self, i: usize) -> Option<Kind> {
        self.kind(self.inside(i)?)
    }

    /// Whether a string or number stands as a selector (`['a']`, `[1:2]`) and not as a value.
    pub(super) fn selects(&self, i: usize) -> bool {
        self.around(i) == Some(Kind::Open)
            && matches!(self.before(i), Some(Kind::Open | Kind::Comma | Kind::Colon))
    }

    /// Whether a name is a member's (`.name`).
    pub(super) fn is_member(&self, i: usize) -> bool {
        matches!(self.before(i), Some(Kind::Dot | Kind::DotDot))
    }

    /// Whether a name calls a function.
    pub(super) fn is_call(&self, i: usize) -> bool {
        self.kind(i) == Some(Kind::Name) && !self.is_member(i) && self.kind(i + 1) == Some(Kind::ParenOpen)
    }

    /// Segments of the path whose `$` or `@` is token `i`: first token and the one behind the last.
    pub(super) fn segments(&self, i: usize) -> Vec<(usize, usize)> {
        let mut segments = Vec::new();
        let mut from = i + 1;
        loop {
            let first = match self.kind(from) {
                Some(Kind::Dot | Kind::DotDot) => from + 1,
                Some(Kind::Open) => from,
                _ => break,
            };
            let end = match self.kind(first) {
                Some(Kind::Open) => self.partner(first).map(|close| close + 1),
                Some(Kind::Name | Kind::Star) => Some(first + 1),
                _ => None,
            };
            let Some(end) = end else { break };
            segments.push((from, end));
            from = end;
        }
        segments
    }

    /// The token behind the path whose `$` or `@` is token `i`.
    pub(super) fn end(&self, i: usize) -> usize {
        self.segments(i).last().map_or(i + 1, |(_, end)| *end)
    }

    /// Why the path at token `i` may select more than one node: the segment that does.
    pub(super) fn plural(&self, i: usize) -> Option<(usize, usize)> {
        self.segments(i).into_iter().find(|(from, end)| match self.kind(*from) {
            Some(Kind::Dot) => self.kind(from + 1) == Some(Kind::Star),
            Some(Kind::Open) => {
                end - from != 3 || !matches!(self.kind(from + 1), Some(Kind::String | Kind::Number))
            }
            _ => true,
        })
    }
}

/// Walks the tokens that stand for something in the syntax tree, in the order of the text: roots,
/// names, functions, strings, literals. Numbers and stars of selectors are passed over.
#[derive(Debug, Clone)]
pub(super) struct Leaves<'l, 't> {
    layout: &'l Layout<'t>,
    next: usize,
}

impl<'l, 't> Leaves<'l, 't> {
    /// From the first token on.
    pub(super) fn new(layout: &'l Layout<'t>) -> Self {
        Self { layout, next: 0 }
    }

    /// The next of them: its token.
    pub(super) fn take(&mut self) -> Option<usize> {
        loop {
            let i = self.next;
            let kind = self.layout.kind(i)?;
            self.next += 1;
            match kind {
                Kind::Root | Kind::Current | Kind::Name | Kind::String => return Some(i),
                Kind::Number if !self.layout.selects(i) => return Some(i),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(text: &str) -> (Layout<'_>, Vec<QueryError>) {
        let mut errors = Vec::new();
        (Layout::new(text, 8, &mut errors), errors)
    }

    #[test]
    fn brackets_that_do_not_match() {
        for (text, places) in [
            ("$[?(@.a]", vec![3]),
            ("$[?@.a)]", vec![6]),
            ("$]", vec![1]),
            ("$[[", vec![1, 2]),
            ("$['[']", vec![]),
            ("$[[[[[[[[[]]]]]]]]]", vec![9]),
        ] {
            let (_, errors) = layout(text);
            let mut found: Vec<usize> = errors.iter().map(|e| e.at.start).collect();
            found.sort_unstable();
            assert_eq!(found, places, "{text}: {errors:?}");
        }
    }

    #[test]
    fn a_path_ends_where_its_segments_end() {
        let text = "$.a[?@.b[0]['c'] == $..d[*] && count(@.*)>1].e";
        let (layout, errors) = layout(text);
        assert_eq!(errors, []);
        let path = |i: usize| &text[layout.span(i, layout.end(i))];
        let roots: Vec<&str> = (0..layout.tokens.len())
            .filter(|i| matches!(layout.kind(*i), Some(Kind::Root | Kind::Current)))
            .map(path)
            .collect();
        assert_eq!(roots, [text, "@.b[0]['c']", "$..d[*]", "@.*"]);
    }

    #[test]
    fn leaves_pass_over_selectors() {
        let text = "$.a[1:2]['b',3][?@.c[4] == 5 || length(@..*) < 'x'][*]";
        let (layout, _) = layout(text);
        let mut leaves = Leaves::new(&layout);
        let found: Vec<&str> = std::iter::from_fn(|| leaves.take()).map(|i| layout.slice(i)).collect();
        assert_eq!(found, ["$", "a", "'b'", "@", "c", "5", "length", "@", "'x'"]);
    }
}
