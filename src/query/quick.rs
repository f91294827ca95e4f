//! The parser's tree, made from the tokens in one pass. Comes in: tokens that `grammar` found nothing
//! wrong with. Goes out: the very tree that `jsonpath-rust` makes of such a text, or none where a text
//! is not plain; then `jsonpath-rust` reads it, and says what is wrong with it. Its grammar tries each
//! condition up to four ways, which with some hundred policies took most of a small check's time.

use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, FnArg, JpQuery, Literal, Segment, Selector, SingularQuery,
    SingularQuerySegment, Test, TestFunction,
};

use super::layout::Layout;
use super::tokens::{self, Kind};

/// Reads a whole path; none where it is not plain. Recurses as deep as the layout has brackets.
pub(super) fn parse(layout: &Layout<'_>) -> Option<JpQuery> {
    let mut reader = Reader { layout, at: 0 };
    reader.take(Kind::Root)?;
    let segments = reader.segments()?;
    (reader.at == layout.tokens.len()).then(|| JpQuery::new(segments))
}

struct Reader<'l, 't> {
    layout: &'l Layout<'t>,
    /// The next token.
    at: usize,
}

impl<'t> Reader<'_, 't> {
    fn kind(&self) -> Option<Kind> {
        self.layout.kind(self.at)
    }

    /// Takes the next token if it is of this kind.
    fn take(&mut self, kind: Kind) -> Option<&'t str> {
        if self.kind()? != kind {
            return None;
        }
        let text = self.layout.slice(self.at);
        self.at += 1;
        Some(text)
    }

    /// Whether no blank stands before the next token.
    fn touches(&self) -> bool {
        let before = self.at.checked_sub(1).map_or(0, |before| self.layout.at(before).end);
        before == self.layout.at(self.at).start
    }

    fn segments(&mut self) -> Option<Vec<Segment>> {
        let mut segments = Vec::new();
        while let Some(kind @ (Kind::Dot | Kind::DotDot | Kind::Open)) = self.kind() {
            if !self.touches() {
                return None;
            }
            segments.push(match kind {
                Kind::Open => self.brackets()?,
                _ => {
                    self.at += 1;
                    let after = self.after_dot(kind == Kind::DotDot)?;
                    if kind == Kind::DotDot { Segment::Descendant(Box::new(after)) } else { after }
                }
            });
        }
        Some(segments)
    }

    fn after_dot(&mut self, descends: bool) -> Option<Segment> {
        if !self.touches() {
            return None;
        }
        match self.kind()? {
            Kind::Star => {
                self.at += 1;
                Some(Segment::Selector(Selector::Wildcard))
            }
            // The parser trims names, which may end in blanks of other scripts.
            Kind::Name => self.take(Kind::Name).filter(|name| name.is_ascii()).map(Segment::name),
            Kind::Open if descends => self.brackets(),
            _ => None,
        }
    }

    fn brackets(&mut self) -> Option<Segment> {
        self.take(Kind::Open)?;
        let mut selectors = vec![self.selector()?];
        while self.take(Kind::Comma).is_some() {
            selectors.push(self.selector()?);
        }
        self.take(Kind::Close)?;
        match selectors.len() {
            1 => selectors.pop().map(Segment::Selector),
            _ => Some(Segment::Selectors(selectors)),
        }
    }

    fn selector(&mut self) -> Option<Selector> {
        match self.kind()? {
            Kind::String => self.string().map(Selector::Name),
            Kind::Star => {
                self.at += 1;
                Some(Selector::Wildcard)
            }
            Kind::Question => {
                self.at += 1;
                self.either().map(Selector::Filter)
            }
            Kind::Number | Kind::Colon => self.index_or_slice(),
            _ => None,
        }
    }

    fn index_or_slice(&mut self) -> Option<Selector> {
        let start = self.bound()?;
        if self.take(Kind::Colon).is_none() {
            return start.map(Selector::Index);
        }
        let end = self.bound()?;
        let step = if self.take(Kind::Colon).is_some() { self.bound()? } else { None };
        Some(Selector::Slice(start, end, step))
    }

    /// A whole number, if one stands here; the outer none is for what is not plain.
    fn bound(&mut self) -> Option<Option<i64>> {
        let Some(text) = self.take(Kind::Number) else { return Some(None) };
        let number = text.parse::<i64>().ok().filter(|_| text != "-0")?;
        Some(Some(number))
    }

    fn string(&mut self) -> Option<String> {
        self.take(Kind::String).map(|token| tokens::decode(token).into_owned())
    }

    fn either(&mut self) -> Option<Filter> {
        let mut parts = vec![self.both()?];
        while self.take(Kind::Or).is_some() {
            parts.push(self.both()?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Filter::Or(parts)) }
    }

    fn both(&mut self) -> Option<Filter> {
        let mut parts = vec![Filter::Atom(self.atom()?)];
        while self.take(Kind::And).is_some() {
            parts.push(Filter::Atom(self.atom()?));
        }
        if parts.len() == 1 { parts.pop() } else { Some(Filter::And(parts)) }
    }

    fn atom(&mut self) -> Option<FilterAtom> {
        let not = self.take(Kind::Not).is_some();
        match self.kind()? {
            Kind::ParenOpen => {
                self.at += 1;
                let inner = self.either()?;
                self.take(Kind::ParenClose)?;
                Some(FilterAtom::filter(inner, not))
            }
            Kind::Root | Kind::Current => {
                let test = self.path()?;
                if not || self.kind() != Some(Kind::Compare) {
                    return Some(FilterAtom::test(test, not));
                }
                self.compared(singular(test)?)
            }
            Kind::Name if self.layout.is_call(self.at) => {
                let function = self.call()?;
                if not || self.kind() != Some(Kind::Compare) {
                    return Some(FilterAtom::test(Test::Function(Box::new(function)), not));
                }
                self.compared(called(function)?)
            }
            Kind::Name | Kind::String | Kind::Number if !not => {
                let literal = self.literal()?;
                self.compared(Comparable::Literal(literal))
            }
            _ => None,
        }
    }

    fn compared(&mut self, left: Comparable) -> Option<FilterAtom> {
        let sign = self.take(Kind::Compare)?;
        let right = match self.kind()? {
            Kind::Root | Kind::Current => singular(self.path()?)?,
            Kind::Name if self.layout.is_call(self.at) => called(self.call()?)?,
            _ => Comparable::Literal(self.literal()?),
        };
        Comparison::try_new(sign, left, right).ok().map(|comparison| FilterAtom::cmp(Box::new(comparison)))
    }

    fn path(&mut self) -> Option<Test> {
        if self.take(Kind::Root).is_some() {
            return self.segments().map(|segments| Test::AbsQuery(JpQuery::new(segments)));
        }
        self.take(Kind::Current)?;
        self.segments().map(Test::RelQuery)
    }

    fn call(&mut self) -> Option<TestFunction> {
        let name = self.take(Kind::Name)?;
        if !self.touches() {
            return None;
        }
        self.take(Kind::ParenOpen)?;
        let mut arguments = vec![self.argument()?];
        while self.take(Kind::Comma).is_some() {
            arguments.push(self.argument()?);
        }
        self.take(Kind::ParenClose)?;
        TestFunction::try_new(name, arguments).ok()
    }

    fn argument(&mut self) -> Option<FnArg> {
        match self.kind()? {
            Kind::Root | Kind::Current => self.path().map(|path| FnArg::Test(Box::new(path))),
            Kind::Name if self.layout.is_call(self.at) => {
                self.call().map(|call| FnArg::Test(Box::new(Test::Function(Box::new(call)))))
            }
            _ => self.literal().map(FnArg::Literal),
        }
    }

    fn literal(&mut self) -> Option<Literal> {
        match self.kind()? {
            Kind::String => self.string().map(Literal::String),
            Kind::Number => self.take(Kind::Number).and_then(number),
            Kind::Name => match self.take(Kind::Name)? {
                "true" => Some(Literal::Bool(true)),
                "false" => Some(Literal::Bool(false)),
                "null" => Some(Literal::Null),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A number that the parser takes as it is written: beyond 2^53 it is another's to judge.
fn number(text: &str) -> Option<Literal> {
    const LARGEST: i64 = (1 << 53) - 1;
    if text.contains(['.', 'e', 'E']) {
        // Also what stands before the point must be small.
        return if text.len() <= 15 { text.parse().ok().map(Literal::Float) } else { None };
    }
    text.parse().ok().filter(|int: &i64| int.abs() <= LARGEST).map(Literal::Int)
}

/// A path to one node, as the two sides of a comparison are.
fn singular(path: Test) -> Option<Comparable> {
    let (segments, absolute) = match path {
        Test::RelQuery(segments) => (segments, false),
        Test::AbsQuery(query) => (query.segments, true),
        Test::Function(_) => return None,
    };
    let step = |segment: Segment| match segment {
        Segment::Selector(Selector::Name(name)) => Some(SingularQuerySegment::Name(name)),
        Segment::Selector(Selector::Index(index)) => Some(SingularQuerySegment::Index(index)),
        Segment::Selector(Selector::Wildcard | Selector::Slice(..) | Selector::Filter(_))
        | Segment::Selectors(_)
        | Segment::Descendant(_) => None,
    };
    let steps = segments.into_iter().map(step).collect::<Option<Vec<_>>>()?;
    let query = if absolute { SingularQuery::Root(steps) } else { SingularQuery::Current(steps) };
    Some(Comparable::SingularQuery(query))
}

fn called(function: TestFunction) -> Option<Comparable> {
    function.is_comparable().then_some(Comparable::Function(function))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jsonpath_rust::parser::parse_json_path;

    use super::*;
    use crate::query::compile::readable;

    /// Whatever is read here is read by `jsonpath-rust`, too, and alike. True: it was read here.
    fn agrees(text: &str) -> bool {
        let Ok(layout) = readable(text, "path") else { return false };
        let Some(tree) = parse(&layout) else { return false };
        assert_eq!(parse_json_path(text).ok(), Some(tree), "{text}");
        true
    }

    #[test]
    fn plain_paths_are_read_alike() {
        for text in [
            "$",
            "$.a.b",
            "$.a.b[*].c",
            "$['a']['b'].*",
            "$..a",
            "$..*",
            "$..[0, 'b', ?@]",
            "$.a[0]",
            "$.a[-1, 2]",
            "$[:]",
            "$[1:2, ::2, -3::-1]",
            "$.a[?@.x]",
            "$.a[?@.x == 'it\\'s' && !@.y || (@.z >= -1.5e3 && null != @[0]['k'])]",
            "$.a[?!(@.x == true || !@.y[?@ > 0])]",
            "$.a[?count(@.x[*]) > 2 && length(value(@..y)) <= length('abc')]",
            "$.a[?none_of(@.x[*], $.params.y) && subset_of($.b.c[?@.d].e, @.f) && in('x', @.g)]",
            "$.a[?match(@.x, '(?i).*\\\\d+\\u00e9') && 1 == @.y && @ == $.b[0]]",
            "$.a[?@.x==-0&&@.y!=9007199254740991]",
        ] {
            assert!(agrees(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_other() {
        for text in [
            "$ .a",
            "$[ 'a' ]",
            "$.a[?@.x == 12345678901234567890]",
            "$.a[?@['x' ] == 1]",
            "$[-0]",
            "$.a[?@..x == 1]",
            "$.a[?!@.x == 1]",
            "$.a[?(@.x) == 1]",
            "$.a[?'x']",
            "$.a[?true]",
            "$.a[?count(1) > 1]",
            "$.a[?length((@.x)) == 1]",
            "$.a[?in(@.x == 1, @.y)]",
            "$.a[?match(@.x, 'a') == true]",
            "$.a.\u{e9}\u{a0}",
        ] {
            agrees(text);
        }
    }

    /// All queries of the built-in policies and their relatives: cut up, glued together, mixed.
    #[test]
    fn policies_and_what_can_be_made_of_them_are_read_alike() {
        let mut texts = Vec::new();
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.extension() {
                    None => folders.push(path),
                    Some(_) => texts.push(std::fs::read_to_string(path).unwrap()),
                }
            }
        }
        let whole = texts.iter().flat_map(|text| text.lines()).filter_map(|line| line.split_once(": $."));
        let paths: Vec<String> = whole.map(|(_, path)| format!("$.{}", path.trim())).collect();
        let read = paths.iter().filter(|path| agrees(path)).count();
        assert!(read > 100 && read * 10 > paths.len() * 8, "{read} of {}", paths.len());
        for path in &paths {
            for (at, _) in path.char_indices().filter(|(_, c)| "[]()!&|=,. '".contains(*c)) {
                let (left, right) = path.split_at(at);
                for mutant in
                    [format!("{left}{}", &right[1..]), format!("{left} {right}"), format!("{left}]")]
                {
                    agrees(&mutant);
                }
            }
        }
    }
}
