//! Which comparisons never hold (or always do), and why: a literal outside an enum, a list against
//! one value, words in an order they do not have.

use std::ops::Range;

use super::condition::{Side, What, all_fail, is_list};
use super::place::{Class, Place, Shape};
use crate::query::instant::Instant;
use crate::query::ir::{Comparison, Literal};
use crate::query::suggest;
use crate::sections::contract::Type;

/// What is wrong, and the way out.
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Problem {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// What is wrong with a comparison, and where.
pub(super) fn sides(
    left: &Side<'_, '_>,
    comparison: Comparison,
    right: &Side<'_, '_>,
) -> Option<(Range<usize>, Problem)> {
    let ordered = match comparison {
        Comparison::Equal | Comparison::NotEqual => false,
        Comparison::Less | Comparison::LessOrEqual | Comparison::Greater | Comparison::GreaterOrEqual => true,
    };
    let whole = left.at.start..right.at.end;
    match (&left.what, &right.what) {
        (What::Literal(_), What::Literal(_)) | (What::Number, What::Number) => None,
        (What::Literal(literal), What::Number) => number(literal).map(|p| (left.at.clone(), p)),
        (What::Number, What::Literal(literal)) => number(literal).map(|p| (right.at.clone(), p)),
        (What::Literal(literal), What::Path(_, places)) => {
            all_fail(places, |place| constant(place.shape, literal, ordered)).map(|p| (left.at.clone(), p))
        }
        (What::Path(_, places), What::Literal(literal)) => {
            all_fail(places, |place| constant(place.shape, literal, ordered)).map(|p| (right.at.clone(), p))
        }
        (What::Path(_, places), What::Number) | (What::Number, What::Path(_, places)) => {
            let failed = all_fail(places, |place| match place.shape.class() {
                Class::Number | Class::Any => None,
                Class::Text | Class::Time | Class::Boolean | Class::List | Class::Object => {
                    Some(place.shape.words())
                }
            });
            failed.map(|words| (whole, Problem::new(format!("a number is compared with what is {words}"))))
        }
        (What::Path(a, left), What::Path(b, right)) => {
            let problem = pair(left, right, ordered)?;
            let problem = match (left.as_slice(), right.as_slice()) {
                ([l], [r]) if is_list(r.shape) && !is_list(l.shape) => {
                    problem.help(format!("a value among those of a list: in({}, {})", a.text, b.text))
                }
                ([l], [r]) if is_list(l.shape) && !is_list(r.shape) => {
                    problem.help(format!("a value among those of a list: in({}, {})", b.text, a.text))
                }
                _ => problem,
            };
            Some((whole, problem))
        }
    }
}

/// A count or length against a literal.
fn number(literal: &Literal) -> Option<Problem> {
    match literal {
        Literal::Number(_) => None,
        Literal::Null | Literal::Bool(_) | Literal::String(_) | Literal::Time(_) => {
            Some(Problem::new(format!("a number is compared with {}", literal_words(literal))))
        }
    }
}

/// A value of this shape against a literal.
fn constant(shape: Shape<'_>, literal: &Literal, ordered: bool) -> Option<Problem> {
    match literal {
        Literal::Null | Literal::Bool(_) if ordered => {
            return Some(
                Problem::new(format!("{} has no order", literal_words(literal))).help("use == or !="),
            );
        }
        // Every value may be null.
        Literal::Null => return None,
        Literal::Bool(_) | Literal::Number(_) | Literal::String(_) | Literal::Time(_) => {}
    }
    let mismatch =
        || Problem::new(format!("{} is compared with {}", capital_free(shape), literal_words(literal)));
    match shape.class() {
        Class::List => {
            let help = "a value among those of a list: in('x', @.list) or @.list[?@ == 'x']; \
                        an empty one: length(@.list) == 0";
            return Some(mismatch().help(help));
        }
        Class::Object => return Some(mismatch().help("compare one of its fields")),
        Class::Text | Class::Time | Class::Number | Class::Boolean | Class::Any => {}
    }
    let Shape::Scalar(inner) = shape else { return None };
    match (inner, literal) {
        // `@.x > ''` is how a path says that a text is there and not empty, whatever the text means.
        (
            Type::String | Type::Guid | Type::Enum(_) | Type::Timestamp | Type::Date | Type::Duration,
            Literal::String(text),
        ) if text.is_empty() => None,
        (Type::Boolean, Literal::Bool(_)) | (Type::Integer | Type::Number, Literal::Number(_)) => None,
        (Type::Boolean, Literal::String(text))
            if matches!(text.to_ascii_lowercase().as_str(), "true" | "false") =>
        {
            Some(mismatch().help(format!("without quotes: {}", text.to_ascii_lowercase())))
        }
        (Type::Integer | Type::Number, Literal::String(text)) if text.parse::<f64>().is_ok() => {
            Some(mismatch().help(format!("without quotes: {text}")))
        }
        (Type::Enum(_), _) if ordered => Some(
            Problem::new("words are compared in the order of the alphabet")
                .help("name those that are meant: in(@.x, …) or == with ||"),
        ),
        (Type::Enum(words), Literal::String(text)) => not_a_word(words, text, false),
        (Type::Timestamp | Type::Date, Literal::Time(_)) => None,
        (Type::Timestamp | Type::Date, Literal::String(text)) => {
            (Instant::parse(text).is_none()).then(|| {
                Problem::new(format!("`{text}` is compared with {} and is none", shape.words()))
                    .help("times are written 2026-01-31T00:00:00Z, '${now}', '${ago:P90D}', '${ahead:P30D}'")
            })
        }
        (Type::Duration, Literal::String(_)) if ordered => {
            Some(Problem::new("durations are compared as text, where P10D comes before P9D"))
        }
        (Type::Guid, Literal::String(text)) if is_upper_guid(text) => Some(
            Problem::new("ids are in lower case in a snapshot, so this one is never found")
                .help(text.to_ascii_lowercase()),
        ),
        (Type::String | Type::Duration | Type::Guid, Literal::String(_)) => None,
        (Type::String, Literal::Time(_)) => Some(
            Problem::new("a time is compared with free text")
                .help("only fields that are times can be compared with one"),
        ),
        _ => Some(mismatch()),
    }
}

/// Two paths: wrong where no pair of what they lead to can be compared.
fn pair(left: &[Place<'_>], right: &[Place<'_>], ordered: bool) -> Option<Problem> {
    all_fail(left, |a| {
        all_fail(right, |b| {
            let (one, other) = (a.shape.class(), b.shape.class());
            if one == Class::Any || other == Class::Any {
                // A list can't be equal to a parameter's one value.
                let scalar = |s: Shape<'_>| matches!(s, Shape::Param(super::ParamShape::Scalar));
                let apart = (scalar(a.shape) && is_tree(other)) || (scalar(b.shape) && is_tree(one));
                return apart.then(|| apart_problem(a, b));
            }
            let unordered = |c: Class| matches!(c, Class::Boolean | Class::List | Class::Object);
            if ordered && (unordered(one) || unordered(other)) {
                let words = if unordered(one) { a.shape.words() } else { b.shape.words() };
                return Some(Problem::new(format!("what is {words} has no order")));
            }
            let text = |c: Class| if c == Class::Time { Class::Text } else { c };
            (text(one) != text(other)).then(|| apart_problem(a, b))
        })
    })
}

fn apart_problem(a: &Place<'_>, b: &Place<'_>) -> Problem {
    Problem::new(format!("what is {} is compared with what is {}", a.shape.words(), b.shape.words()))
}

fn is_tree(class: Class) -> bool {
    matches!(class, Class::List | Class::Object)
}

/// Arguments of a set function that have no member in common. The places are those of members.
pub(super) fn members(
    name: &str,
    first: &Side<'_, '_>,
    second: &Side<'_, '_>,
) -> Option<(Range<usize>, Problem)> {
    match (&first.what, &second.what) {
        (What::Literal(literal), What::Path(_, places)) => Some((first.at.clone(), member(places, literal)?)),
        (What::Path(_, places), What::Literal(literal)) => {
            Some((second.at.clone(), member(places, literal)?))
        }
        (What::Path(_, left), What::Path(_, right)) => {
            let problem = pair(left, right, false)?;
            let message = format!("`{name}` looks among what has another type: {}", problem.message);
            Some((first.at.start..second.at.end, Problem::new(message)))
        }
        (What::Literal(_) | What::Number, _) | (_, What::Number) => None,
    }
}

fn member(places: &[Place<'_>], literal: &Literal) -> Option<Problem> {
    all_fail(places, |place| match (place.shape, literal) {
        (Shape::Scalar(Type::Enum(words)), Literal::String(text)) => not_a_word(words, text, true),
        (shape, _) => {
            let fits = matches!(
                (shape.class(), literal),
                (Class::Any, _)
                    | (Class::Text | Class::Time, Literal::String(_))
                    | (Class::Number, Literal::Number(_))
                    | (Class::Boolean, Literal::Bool(_))
            );
            (!fits).then(|| {
                Problem::new(format!(
                    "{} is looked for among what is {}",
                    literal_words(literal),
                    shape.words()
                ))
            })
        }
    })
}

/// A literal that an enum does not have. Set functions ignore case.
fn not_a_word(words: &[String], text: &str, any_case: bool) -> Option<Problem> {
    let same = |word: &String| word == text || (any_case && word.eq_ignore_ascii_case(text));
    if words.iter().any(same) {
        return None;
    }
    let help = suggest::advice(text, "its words", words.iter().map(String::as_str));
    Some(Problem { message: format!("`{text}` is no word of this field"), help })
}

/// A GUID with capitals.
fn is_upper_guid(text: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(i, b)| if dashes.contains(&i) { b == b'-' } else { b.is_ascii_hexdigit() })
        && text.bytes().any(|b| b.is_ascii_uppercase())
}

fn capital_free(shape: Shape<'_>) -> String {
    format!("what is {}", shape.words())
}

fn literal_words(literal: &Literal) -> &'static str {
    match literal {
        Literal::Null => "null",
        Literal::Bool(_) => "true or false",
        Literal::Number(_) => "a number",
        Literal::String(_) => "a text",
        Literal::Time(_) => "a time",
    }
}
