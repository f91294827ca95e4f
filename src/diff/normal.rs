//! Scalars in normal form: what is written differently and means the same is the same. Comes in: a node
//! and what it is meant to be. Goes out: a value to compare and to hash. Not here: rewriting evidence
//! (`sections::normal` does that, when it comes in; other programs write snapshots, too).

use std::borrow::Cow;

use chrono::DateTime;

use crate::sections::normal::{date, is_guid};
use crate::snapshot::document::{Kind, NodeRef};
use crate::snapshot::number::NumberKey;

/// How a text is to be read. Texts that do not have the form are compared as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Exact,
    /// A GUID: the case of its letters means nothing.
    Guid,
    /// A time: offset and trailing zeros mean nothing.
    Time,
    /// A date; a time at midnight is one, too.
    Date,
    /// No contract says; what is shaped like a GUID or a time is one.
    Guess,
}

/// A scalar that equals others which mean the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Scalar<'d> {
    Null,
    Bool(bool),
    Number(NumberKey),
    Text(Cow<'d, str>),
    /// Seconds since 1970 and nanoseconds.
    Time(i64, u32),
}

impl<'d> Scalar<'d> {
    /// A scalar; None for lists and objects.
    pub fn of(node: NodeRef<'d>, form: Form) -> Option<Self> {
        Some(match node.kind() {
            Kind::Null => Self::Null,
            Kind::Bool => Self::Bool(node.as_bool()?),
            Kind::Number => Self::Number(node.as_number()?.key()),
            Kind::String => text(node.as_str()?, form),
            Kind::Array | Kind::Object => return None,
        })
    }
}

/// Whether two scalars mean the same.
pub(super) fn same(old: NodeRef<'_>, new: NodeRef<'_>, form: Form) -> bool {
    old.raw() == new.raw() || Scalar::of(old, form).is_some_and(|old| Some(old) == Scalar::of(new, form))
}

fn text(text: Cow<'_, str>, form: Form) -> Scalar<'_> {
    match form {
        Form::Exact => Scalar::Text(text),
        Form::Guid => Scalar::Text(guid(text)),
        Form::Time => time(text),
        Form::Date => Scalar::Text(date(&text).map_or(text, Cow::Owned)),
        Form::Guess if text.len() == 36 => Scalar::Text(guid(text)),
        Form::Guess => time(text),
    }
}

fn guid(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_guid(&text) && text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    text
}

/// `YYYY-MM-DDT…` of a plausible length is worth a try.
fn time(text: Cow<'_, str>) -> Scalar<'_> {
    let shaped = matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _, b'T' | b't', ..]);
    if shaped
        && text.len() <= 40
        && let Ok(time) = DateTime::parse_from_rfc3339(&text)
    {
        return Scalar::Time(time.timestamp(), time.timestamp_subsec_nanos());
    }
    Scalar::Text(text)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::snapshot::document::{Document, Text};

    fn alike(pair: &str, form: Form) -> bool {
        let document = Document::parse(Arc::new(Text::new("t.json", pair.to_owned()))).unwrap();
        same(document.root().at(0).unwrap(), document.root().at(1).unwrap(), form)
    }

    #[test]
    fn what_means_the_same() {
        const GUIDS: &str =
            r#"["0A1B2C3D-0000-4000-8000-000000000001", "0a1b2c3d-0000-4000-8000-000000000001"]"#;
        const TIMES: &str = r#"["2026-01-01T12:00:00Z", "2026-01-01T13:00:00.000+01:00"]"#;
        for (pair, form, expected) in [
            ("[1, 1.0]", Form::Exact, true),
            ("[10, 1e1]", Form::Exact, true),
            ("[0, -0.0]", Form::Exact, true),
            ("[9007199254740993, 9007199254740992]", Form::Exact, false),
            ("[1, \"1\"]", Form::Guess, false),
            ("[null, false]", Form::Guess, false),
            (r#"["A", "\u0041"]"#, Form::Exact, true),
            (r#"["A", "a"]"#, Form::Guess, false),
            (GUIDS, Form::Guid, true),
            (GUIDS, Form::Guess, true),
            (GUIDS, Form::Exact, false),
            (r#"["All", "all"]"#, Form::Guid, false),
            (TIMES, Form::Time, true),
            (TIMES, Form::Guess, true),
            (TIMES, Form::Exact, false),
            (r#"["2026-01-01T12:00:00Z", "2026-01-01T12:00:00.0000001Z"]"#, Form::Time, false),
            (r#"["2026-01-01T00:00:00Z", "2026-01-01"]"#, Form::Date, true),
            (r#"["2026-01-01T00:00:00Z", "2026-01-01"]"#, Form::Guess, false),
            (r#"["2026-99-01T00:00:00Z", "2026-99-01T00:00:00z"]"#, Form::Time, false),
        ] {
            assert_eq!(alike(pair, form), expected, "{pair} as {form:?}");
        }
    }
}
