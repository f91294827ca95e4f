//! Text becomes a query. Comes in: what a policy's author or a user typed. Goes out: a compiled
//! query, or everything that is wrong with it. The syntax is `jsonpath-rust`'s (`quick` makes its tree
//! of plain texts); before it `grammar` finds the mistakes it would not explain, behind it `lower` those
//! it lets through.

use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::{model as ast, parse_json_path};

use super::error::{QueryError, in_order};
use super::ir::{Condition, Query};
use super::layout::Layout;
use super::lower::Lower;
use super::tokens::Kind;
use super::{Mode, grammar, quick};

/// Longest text of a query, in bytes.
const LONGEST: usize = 8192;

/// How many brackets may be open at once. The parser and the evaluator recurse this deep.
pub(super) const DEEPEST: usize = 32;

/// What a condition is wrapped in to be parsed as a path.
const WRAP: &str = "$[?";

/// Compiles a path.
///
/// # Errors
/// All mistakes that can be told apart, in the order of the text.
pub fn compile(text: &str, mode: Mode) -> Result<Query, Vec<QueryError>> {
    let layout = readable(text, "path")?;
    let tree = parse(&layout)?;
    Lower::new(&layout, mode).query(&tree).map_err(in_order)
}

/// Compiles a condition that stands alone, as in `where: @.state == 'enabled'`; `$` is the snapshot.
///
/// # Errors
/// All mistakes that can be told apart, in the order of the text.
pub fn compile_condition(text: &str) -> Result<Condition, Vec<QueryError>> {
    wrapped("", text, "condition")
}

/// Compiles the way from an item to one of its values: `start.dateTime`, `['odd name']`, `@.a[0]`.
///
/// # Errors
/// All mistakes that can be told apart, in the order of the text.
pub fn compile_relative(field: &str) -> Result<Query, Vec<QueryError>> {
    let prefix = match field.chars().next() {
        Some('@') => "",
        Some('[') => "@",
        _ => "@.",
    };
    let refuse = |message: &str| {
        let help = "a field is a name or names with dots, as in start.dateTime";
        Err(vec![QueryError::new(0..field.len(), message).help(help)])
    };
    if field.starts_with('$') {
        return refuse("a field is sought in each item and has no `$`");
    }
    match wrapped(prefix, field, "field")? {
        Condition::Exists(query) if query.is_singular() => Ok(query),
        Condition::Exists(_) => refuse("a field is one value, and this may select several"),
        Condition::Or(_)
        | Condition::And(_)
        | Condition::Not(_)
        | Condition::Compare(..)
        | Condition::Regex { .. }
        | Condition::Set(..) => refuse("a field is needed here, not a condition"),
    }
}

/// Compiles `prefix` and `text` as the one filter of a path; places are those of `text`.
fn wrapped(prefix: &str, text: &str, what: &str) -> Result<Condition, Vec<QueryError>> {
    let shift = |errors: Vec<QueryError>| {
        let back = |at: usize| at.saturating_sub(WRAP.len() + prefix.len()).min(text.len());
        let moved = errors.into_iter().map(|e| QueryError { at: back(e.at.start)..back(e.at.end), ..e });
        in_order(moved.collect())
    };
    if text.trim().is_empty() {
        return Err(vec![QueryError::new(0..text.len(), format!("the {what} is empty"))]);
    }
    let path = format!("{WRAP}{prefix}{text}]");
    // A text that closes the bracket itself could say more than one condition.
    let outline = Layout::new(&path, DEEPEST, &mut Vec::new());
    if let Some(close) = outline.partner(1).filter(|close| close + 1 < outline.tokens.len()) {
        return Err(shift(vec![QueryError::new(outline.at(close), "`]` closes nothing")]));
    }
    let layout = readable(&path, what).map_err(shift)?;
    let tree = parse(&layout).map_err(shift)?;
    let [ast::Segment::Selector(ast::Selector::Filter(filter))] = tree.segments.as_slice() else {
        let message = format!("one {what} is needed here, and this is a list");
        return Err(vec![QueryError::new(0..text.len(), message)]);
    };
    Lower::new(&layout, Mode::Snapshot).condition(filter).map_err(shift)
}

/// Tokens of a text that the parser can be asked to read.
pub(super) fn readable<'t>(text: &'t str, what: &str) -> Result<Layout<'t>, Vec<QueryError>> {
    if text.len() > LONGEST {
        let message = format!("this {what} is {} bytes long, and {LONGEST} are the most", text.len());
        return Err(vec![QueryError::new(0..text.len(), message).help("say it in several checks")]);
    }
    let mut errors = Vec::new();
    let layout = Layout::new(text, DEEPEST, &mut errors);
    grammar::check(&layout, &mut errors);
    let (start, end) = (layout.at(0).start, layout.tokens.last().map_or(0, |t| t.at.end));
    if layout.tokens.is_empty() && errors.is_empty() {
        errors.push(QueryError::new(0..text.len(), format!("the {what} is empty")));
    } else if errors.is_empty() {
        // RFC 9535, 2.1: no blanks around a path. Other characters there are reported already.
        if start > 0 {
            errors.push(QueryError::new(0..start, format!("a {what} has no blanks before it")));
        }
        if end < text.len() {
            errors.push(QueryError::new(end..text.len(), format!("a {what} has no blanks behind it")));
        }
        if layout.kind(0) != Some(Kind::Root) {
            errors.push(QueryError::new(layout.at(0), "a path starts with `$`"));
        }
    }
    if errors.is_empty() { Ok(layout) } else { Err(in_order(errors)) }
}

/// The parser's tree of a text whose tokens are in order.
fn parse(layout: &Layout<'_>) -> Result<ast::JpQuery, Vec<QueryError>> {
    if let Some(tree) = quick::parse(layout) {
        return Ok(tree);
    }
    parse_json_path(&with_small_numbers(layout)).map_err(|error| vec![refused(layout, &error)])
}

/// The text with the literals beyond 2^53 replaced by zeros of the same length: the parser refuses
/// them in comparisons too, where RFC 9535 does not. `lower` reads numbers from the tokens.
fn with_small_numbers(layout: &Layout<'_>) -> String {
    let mut text = layout.text.to_owned();
    for (i, token) in layout.tokens.iter().enumerate() {
        if token.kind == Kind::Number && token.at.len() > 15 && !layout.selects(i) {
            text.replace_range(token.at.clone(), &format!("{:<width$}", "0", width = token.at.len()));
        }
    }
    text
}

/// The parser's complaint in our words, at its place.
fn refused(layout: &Layout<'_>, error: &JsonPathError) -> QueryError {
    let JsonPathError::PestError(error) = error else {
        return QueryError::new(0..layout.text.len(), "this is not a path");
    };
    // The location's type belongs to a crate that is not ours; its text is `Pos(12)` or `Span((1, 2))`.
    let location = format!("{:?}", error.location);
    let digits: String =
        location.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let offset: usize = digits.parse().unwrap_or(0);
    let here = layout.tokens.iter().position(|t| t.at.end > offset);
    let before = match here {
        Some(i) => i.checked_sub(1),
        None => layout.tokens.len().checked_sub(1),
    };
    let last = before.map_or("", |i| layout.slice(i));
    let last_kind = before.and_then(|i| layout.kind(i));
    let Some(i) = here else {
        return QueryError::new(
            layout.at(layout.tokens.len()),
            format!("something is missing after `{last}`"),
        );
    };
    let (token, at) = (layout.slice(i), layout.at(i));
    let closes =
        matches!(layout.kind(i), Some(Kind::Close | Kind::ParenClose | Kind::Comma | Kind::And | Kind::Or));
    match last_kind {
        Some(Kind::String | Kind::Number | Kind::Name) if closes => {
            let place = before.map_or(at, |i| layout.at(i));
            QueryError::new(place, format!("`{last}` alone is no condition"))
                .help("compare it, as in @.x == 'a'")
        }
        Some(
            Kind::And
            | Kind::Or
            | Kind::Not
            | Kind::Compare
            | Kind::Question
            | Kind::Comma
            | Kind::Open
            | Kind::ParenOpen,
        ) => QueryError::new(at, format!("something is missing between `{last}` and `{token}`")),
        _ if layout.kind(i) == Some(Kind::Compare) => {
            QueryError::new(at, format!("`{token}` has nothing to compare here"))
                .help("a comparison has two sides, each a literal, a path or length(), count(), value()")
        }
        _ => QueryError::new(at, format!("`{token}` can't stand here")),
    }
}

#[cfg(test)]
#[path = "compile_tests.rs"]
mod tests;
