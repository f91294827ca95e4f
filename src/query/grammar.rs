//! Mistakes that can be seen in the tokens, said in words that help, all at once. What is left to
//! say after these is the parser's (which stops at its first) and the type check's (`lower`).

use super::error::QueryError;
use super::layout::Layout;
use super::suggest;
use super::tokens::Kind;

/// Functions and how many arguments they take.
const FUNCTIONS: [(&str, usize); 9] = [
    ("length", 1),
    ("count", 1),
    ("value", 1),
    ("match", 2),
    ("search", 2),
    ("in", 2),
    ("none_of", 2),
    ("any_of", 2),
    ("subset_of", 2),
];

/// How deep calls may stand inside calls. The parser tries each call up to four times, so its work
/// grows with a power of this depth.
const DEEPEST_CALL: usize = 5;

/// How many segments a path may have; an evaluator's stack grows with them.
const MOST_SEGMENTS: usize = 64;

/// Largest index and slice bound (RFC 9535, 2.1: within I-JSON's exact integers).
const LARGEST_INDEX: i64 = (1 << 53) - 1;

/// Looks at every token.
pub(super) fn check(layout: &Layout<'_>, errors: &mut Vec<QueryError>) {
    for i in 0..layout.tokens.len() {
        let Some(kind) = layout.kind(i) else { break };
        neighbours(layout, i, kind, errors);
        match kind {
            Kind::Dot | Kind::DotDot => dot(layout, i, errors),
            Kind::Name if layout.is_call(i) => call(layout, i, errors),
            Kind::Name if !layout.is_member(i) => word(layout, i, errors),
            Kind::Number if layout.selects(i) => index(layout, i, errors),
            Kind::Root | Kind::Current => path(layout, i, errors),
            Kind::Not => negation(layout, i, errors),
            Kind::Colon => colon(layout, i, errors),
            _ => {}
        }
    }
}

/// Two things side by side with nothing between them.
fn neighbours(layout: &Layout<'_>, i: usize, kind: Kind, errors: &mut Vec<QueryError>) {
    let Some(before) = layout.before(i) else { return };
    let ends = match before {
        Kind::String | Kind::Number | Kind::Star | Kind::Close | Kind::ParenClose => true,
        // Of other words `word` speaks, and what follows them is not to blame.
        Kind::Name => layout.is_member(i - 1) || matches!(layout.slice(i - 1), "true" | "false" | "null"),
        _ => false,
    };
    let begins = matches!(
        kind,
        Kind::Name | Kind::String | Kind::Number | Kind::Root | Kind::Current | Kind::Question
    );
    // A root with nothing behind it ends a path as well; `$name` lacks its dot.
    let root = matches!(before, Kind::Root | Kind::Current);
    if !begins || !(ends || root) {
        return;
    }
    let (left, right) = (layout.slice(i - 1), layout.slice(i));
    let error = QueryError::new(layout.at(i), format!("`{right}` can't follow `{left}` directly"));
    errors.push(match (before, kind) {
        (_, Kind::Name) if right.eq_ignore_ascii_case("and") => {
            error.help("both conditions together are `&&`")
        }
        (_, Kind::Name) if right.eq_ignore_ascii_case("or") => {
            error.help("one condition or the other is `||`")
        }
        (Kind::Root | Kind::Current, Kind::Name) => {
            error.help(format!("put a dot between: `{left}.{right}`"))
        }
        (Kind::Name, Kind::Name | Kind::Number) if layout.is_member(i - 1) => {
            error.help(format!("a name with blanks or signs is quoted: ['{left} {right}']"))
        }
        (Kind::Close, Kind::Name) => error.help(format!("a member is reached with a dot: `.{right}`")),
        _ => error,
    });
}

/// A dot is followed by what it leads to, without a blank (RFC 9535, 2.5.1.1, 2.5.2.1).
fn dot(layout: &Layout<'_>, i: usize, errors: &mut Vec<QueryError>) {
    let (here, next) = (layout.at(i), layout.at(i + 1));
    let descends = layout.kind(i) == Some(Kind::DotDot);
    let expected = if descends { "a name, * or [" } else { "a name or *" };
    let fits = match layout.kind(i + 1) {
        Some(Kind::Name | Kind::Star) => true,
        Some(Kind::Open) => descends,
        _ => false,
    };
    if !fits {
        let message = format!("after `{}` comes {expected}", layout.slice(i));
        let error = QueryError::new(here, message);
        errors.push(match layout.kind(i + 1) {
            Some(Kind::Open) => error.help("brackets take no dot before them"),
            Some(Kind::Number) => error.help("an element is selected in brackets: [0]"),
            Some(Kind::String) => error.help("a quoted name stands in brackets: ['name']"),
            _ => error,
        });
    } else if next.start > here.end {
        errors.push(QueryError::new(
            here.start..next.end,
            format!("no blank may stand between `{}` and what follows", layout.slice(i)),
        ));
    }
}

/// A call: the function is one of ours, its arguments are as many as it takes.
fn call(layout: &Layout<'_>, i: usize, errors: &mut Vec<QueryError>) {
    let name = layout.slice(i);
    let open = i + 1;
    if layout.around(i).is_none() {
        let message = format!("`{name}(` stands outside a filter");
        errors.push(
            QueryError::new(layout.at(i), message)
                .help("functions are used in conditions: [?count(@.x) > 1]"),
        );
        return;
    }
    if layout.at(open).start > layout.at(i).end {
        errors.push(QueryError::new(
            layout.span(i, open + 1),
            format!("no blank may stand between `{name}` and its bracket"),
        ));
    }
    depth(layout, i, errors);
    let Some((_, arity)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
        let help = match name {
            "nin" | "not_in" | "notin" => Some("did you mean `none_of`?".to_owned()),
            "contains" | "has" => {
                Some("any_of(@.list, 'x') asks for an element, search(@.text, 'x') for a part".into())
            }
            "starts_with" | "startswith" => Some("use match(@.text, 'x.*')".to_owned()),
            "ends_with" | "endswith" => Some("use match(@.text, '.*x')".to_owned()),
            "size" | "len" => Some("did you mean `length`?".to_owned()),
            "exists" => Some("a path alone asks whether it selects anything: [?@.x]".to_owned()),
            "not" => Some("negation is `!`".to_owned()),
            _ => suggest::advice(name, "functions", FUNCTIONS.iter().map(|(known, _)| *known)),
        };
        errors.push(QueryError::new(layout.at(i), format!("there is no function `{name}`")).maybe_help(help));
        return;
    };
    let Some(close) = layout.partner(open) else { return };
    let arguments = arguments(layout, open, close);
    if arguments.len() != *arity {
        let takes = if *arity == 1 { "one argument" } else { "two arguments" };
        let message = format!("`{name}` takes {takes}, not {}", arguments.len());
        errors.push(QueryError::new(layout.span(i, close + 1), message));
        return;
    }
    let first = arguments.first().copied().unwrap_or((open, open));
    let path = matches!(layout.kind(first.0), Some(Kind::Root | Kind::Current));
    if matches!(name, "count" | "value") && !path {
        let message = format!("`{name}` takes a path, not a value");
        errors.push(QueryError::new(layout.span(first.0, first.1), message));
    }
    let before = layout.before(i) == Some(Kind::Compare);
    if *arity == 2 && (before || layout.kind(close + 1) == Some(Kind::Compare)) {
        let message = format!("`{name}` is true or false already and can't be compared");
        errors.push(
            QueryError::new(layout.span(i, close + 1), message)
                .help(format!("write {name}(…) or !{name}(…)")),
        );
    }
}

/// First token of each argument and the one behind its last; none for empty brackets.
fn arguments(layout: &Layout<'_>, open: usize, close: usize) -> Vec<(usize, usize)> {
    if close == open + 1 {
        return Vec::new();
    }
    let mut arguments = Vec::new();
    let mut from = open + 1;
    let mut i = from;
    while i < close {
        if layout.kind(i) == Some(Kind::Comma) {
            arguments.push((from, i));
            from = i + 1;
        }
        // Skips what stands in brackets of its own.
        i = layout.partner(i).filter(|partner| *partner > i).unwrap_or(i) + 1;
    }
    arguments.push((from, close));
    arguments
}

fn depth(layout: &Layout<'_>, i: usize, errors: &mut Vec<QueryError>) {
    let mut calls = 1;
    let mut at = i;
    while let Some(open) = layout.inside(at) {
        if open > 0 && layout.is_call(open - 1) {
            calls += 1;
        }
        at = open;
    }
    // Reported once, by the first that is too deep.
    if calls == DEEPEST_CALL + 1 {
        let message = format!("calls stand more than {DEEPEST_CALL} deep in each other");
        errors.push(QueryError::new(layout.at(i), message).help("say it in several checks"));
    }
}

/// A word that is neither member nor function: only `true`, `false` and `null` are literals.
fn word(layout: &Layout<'_>, i: usize, errors: &mut Vec<QueryError>) {
    let word = layout.slice(i);
    let at = layout.at(i);
    if layout.around(i).is_none() {
        // `neighbours` has said it already, unless the word begins the text.
        if i == 0 {
            errors.push(QueryError::new(at, "a path starts with `$`").help(format!("write `$.{word}`")));
        }
        return;
    }
    let selects = layout.selects(i);
    if !selects && matches!(word, "true" | "false" | "null") {
        return;
    }
    if matches!(
        layout.before(i),
        Some(
            Kind::Name
                | Kind::String
                | Kind::Number
                | Kind::Close
                | Kind::ParenClose
                | Kind::Root
                | Kind::Current
        )
    ) {
        return;
    }
    let error = QueryError::new(at, format!("`{word}` alone means nothing here"));
    let lower = word.to_ascii_lowercase();
    errors.push(if selects {
        error.help(format!("a name in brackets is quoted: ['{word}']"))
    } else if matches!(lower.as_str(), "true" | "false" | "null") {
        error.help(format!("it is written in lower case: {lower}"))
    } else if lower == "not" {
        error.help("negation is `!`")
    } else {
        error.help(format!("a field of the item is `@.{word}`, a text is '{word}'"))
    });
}

/// An index or a bound of a slice (RFC 9535, 2.3.3, 2.3.4).
fn index(layout: &Layout<'_>, i: usize, errors: &mut Vec<QueryError>) {
    let text = layout.slice(i);
    let small = text.parse::<i64>().is_ok_and(|n| (-LARGEST_INDEX..=LARGEST_INDEX).contains(&n));
    let message = if text == "-0" {
        "an index is never -0"
    } else if text.contains(['.', 'e', 'E']) {
        "an index is a whole number"
    } else if small {
        return;
    } else {
        "this index is larger than any array"
    };
    errors.push(QueryError::new(layout.at(i), message));
}

/// A slice has three parts and two colons (RFC 9535, 2.3.4.1).
fn colon(layout: &Layout<'_>, i: usize, errors: &mut Vec<QueryError>) {
    let colons = (0..i)
        .rev()
        .take_while(|before| matches!(layout.kind(*before), Some(Kind::Colon | Kind::Number)))
        .filter(|before| layout.kind(*before) == Some(Kind::Colon))
        .count();
    let message = if layout.around(i) != Some(Kind::Open) {
        "`:` means nothing outside the brackets of a slice"
    } else if colons == 2 {
        "a slice has three parts at most: [start:end:step]"
    } else {
        return;
    };
    errors.push(QueryError::new(layout.at(i), message));
}

/// `!` stands before a path, a call or brackets, never before a comparison (RFC 9535, 2.3.5.1).
fn negation(layout: &Layout<'_>, i: usize, errors: &mut Vec<QueryError>) {
    if !matches!(layout.kind(i + 1), Some(Kind::Root | Kind::Current)) {
        return;
    }
    let end = layout.end(i + 1);
    if layout.kind(end) == Some(Kind::Compare) {
        let error =
            QueryError::new(layout.span(i, end + 1), "`!` can't negate a comparison without brackets");
        errors.push(error.help("write !(… == …), or turn the comparison around: `!=`"));
    }
}

/// A path beside a comparison selects at most one node (RFC 9535, 2.3.5.1).
fn path(layout: &Layout<'_>, i: usize, errors: &mut Vec<QueryError>) {
    if i == 0 && layout.kind(i) == Some(Kind::Current) {
        let help = "`@` is the item that a filter looks at: $.area.name[?@.x]";
        errors.push(QueryError::new(layout.at(i), "a path starts with `$`").help(help));
        return;
    }
    if layout.selects(i) {
        let message = format!("`{}` can't stand in brackets without a `?`", layout.slice(i));
        errors.push(QueryError::new(layout.at(i), message).help("a filter is written [?@.x]"));
        return;
    }
    if let Some((from, to)) = layout.segments(i).get(MOST_SEGMENTS) {
        let message = format!("this path has more than {MOST_SEGMENTS} parts");
        errors.push(QueryError::new(layout.span(*from, *to), message));
    }
    let end = layout.end(i);
    let compared = layout.before(i) == Some(Kind::Compare) || layout.kind(end) == Some(Kind::Compare);
    let Some((from, to)) = layout.plural(i).filter(|_| compared) else { return };
    let path = layout.text.get(layout.span(i, end)).unwrap_or_default();
    let message = format!("`{path}` may select several values; a comparison takes one");
    errors.push(QueryError::new(layout.span(from, to), message).help(
        "any of them: put the condition in a filter, @.list[?@ == 'x'], or any_of(@.list, 'x'); how many: count(…)",
    ));
}

#[cfg(test)]
#[path = "grammar_tests.rs"]
mod tests;
