//! A human answer as written, in an example or in `attestations.yaml`, and after validation.
//! Comes in: raw records. Goes out: `Answer`. Not here: whether it still counts (`engine`).

use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compiled::CheckRef;
use crate::record;
use crate::yaml::{Cx, Need, Text, scalar::Word, suggest::shown};

/// What a person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerKind {
    /// It holds; needs evidence.
    Yes,
    /// It holds in part: fails, and is shown as partly.
    Partly,
    /// It does not hold.
    No,
    /// It does not apply to this tenant; needs a reason.
    NotApplicable,
}

/// A validated answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Which check.
    pub check: CheckRef,
    /// What was answered.
    pub answer: AnswerKind,
    /// From when on it counts; a date without a time is its first moment in UTC.
    pub on: DateTime<Utc>,
    /// Who, `Name <mail>`; empty only in examples.
    pub by: String,
    /// Where the proof is, never opened.
    pub evidence: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// From when on it no longer counts; None = `on` and the check's `valid_for`.
    pub expires: Option<DateTime<Utc>>,
    /// Its bytes in the file.
    pub at: Range<usize>,
}

impl Answer {
    /// The mail address of its author.
    pub fn mail(&self) -> Option<&str> {
        self.by.split_once(" <")?.1.strip_suffix('>')
    }
}

/// Adds the keys of an answer to a record.
macro_rules! with_answer {
    ($(#[$meta:meta])* pub struct $name:ident { $($own:tt)* }) => {
        record! {
            $(#[$meta])*
            pub struct $name {
                $($own)*
                /// The answer.
                answer: Need<Word<AnswerKind>>,
                /// When it was given, e.g. 2026-01-31.
                on: Need<Text>,
                /// Who gave it: `Name <mail address>`.
                by: Option<Text>,
                /// Where the proof is: an address or a path. Needed for `yes`; it is recorded and never opened.
                evidence: Option<Text>,
                /// Why. Needed for `not-applicable`.
                reason: Option<Text>,
                /// When it stops to count; left out, that follows from the check.
                expires: Option<Text>,
            }
        }

        impl $name {
            pub(crate) fn parts(&self) -> AnswerParts<'_> {
                AnswerParts {
                    answer: &self.answer,
                    on: &self.on,
                    by: self.by.as_ref(),
                    evidence: self.evidence.as_ref(),
                    reason: self.reason.as_ref(),
                    expires: self.expires.as_ref(),
                    span: &self.span,
                }
            }
        }
    };
}

with_answer! {
    /// An answer in an example; here only `answer` and `on` are needed.
    pub struct RawAnswer {}
}

with_answer! {
    /// An answer in `attestations.yaml`.
    pub struct RawAttestation {
        /// Which check, `POLICY/CHECK`.
        check: Need<Text>,
    }
}

/// The keys of an answer.
pub(crate) struct AnswerParts<'r> {
    answer: &'r Need<Word<AnswerKind>>,
    on: &'r Need<Text>,
    by: Option<&'r Text>,
    evidence: Option<&'r Text>,
    reason: Option<&'r Text>,
    expires: Option<&'r Text>,
    span: &'r Range<usize>,
}

impl AnswerParts<'_> {
    /// Validates it. `strict` asks for author, evidence and reason, which examples may leave out.
    pub(crate) fn answer(&self, check: Option<CheckRef>, strict: bool, cx: &mut Cx<'_>) -> Option<Answer> {
        let on = self.on.get().and_then(|text| moment(text, cx));
        let expires = self.expires.and_then(|text| moment(text, cx));
        let answer = self.answer.get()?;
        if let (Some(on), Some(until), Some(text)) = (on, expires, self.expires)
            && until <= on
        {
            cx.mistake("answer::expires", "the answer expires before it was given", &text.at);
        }
        let by = self.author(strict, cx);
        // An example shows what an answer leads to; it need not invent the proof that one needs.
        let value = |text: Option<&Text>, needed: bool| match text {
            Some(text) => Some(text.value.clone()),
            None => (needed && !strict).then(|| "example".to_owned()),
        };
        if strict {
            self.needs_proof(answer, cx);
        }
        Some(Answer {
            check: check?,
            answer: answer.value,
            on: on?,
            by: by?,
            evidence: value(self.evidence, answer.value == AnswerKind::Yes),
            reason: value(self.reason, answer.value == AnswerKind::NotApplicable),
            expires,
            at: self.span.clone(),
        })
    }

    fn author(&self, strict: bool, cx: &mut Cx<'_>) -> Option<String> {
        match self.by {
            Some(by) => person(by, cx),
            None if strict => {
                cx.mistake("answer::by", "`by` is missing: an answer has an author", self.span).help =
                    Some("by: \"Name <mail@contoso.com>\"".to_owned());
                None
            }
            None => Some(String::new()),
        }
    }

    fn needs_proof(&self, answer: &Word<AnswerKind>, cx: &mut Cx<'_>) {
        let (missing, help) = match answer.value {
            AnswerKind::Yes => {
                (self.evidence.is_none(), "a yes needs `evidence`: an address or a path where the proof is")
            }
            AnswerKind::NotApplicable => (self.reason.is_none(), "not-applicable needs a `reason`"),
            AnswerKind::Partly | AnswerKind::No => (false, ""),
        };
        if missing {
            cx.mistake("answer::proof", help, &answer.at);
        }
    }
}

/// A date (`2026-01-31`, its first moment in UTC) or a timestamp (RFC 3339).
pub fn moment(text: &Text, cx: &mut Cx<'_>) -> Option<DateTime<Utc>> {
    let moment = parse_moment(&text.value);
    if moment.is_none() {
        let message = format!("`{}` is neither a date nor a time", shown(&text.value));
        cx.mistake("yaml::date", message, &text.at).help =
            Some("write 2026-01-31, or 2026-01-31T08:00:00Z".to_owned());
    }
    moment
}

fn parse_moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    let shaped = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| shaped)?;
    Some(date.and_time(chrono::NaiveTime::MIN).and_utc())
}

/// `Name <mail>`.
pub fn person(text: &Text, cx: &mut Cx<'_>) -> Option<String> {
    let is_person =
        text.value.strip_suffix('>').and_then(|rest| rest.split_once(" <")).is_some_and(|(name, mail)| {
            !name.trim().is_empty()
                && !mail.contains(['<', '>', ' ', ','])
                && mail.split_once('@').is_some_and(|(user, domain)| {
                    !user.is_empty()
                        && domain.contains('.')
                        && !domain.starts_with('.')
                        && !domain.ends_with('.')
                        && !domain.contains('@')
                })
        });
    if !is_person {
        let message = format!("`{}` is not a name with a mail address", shown(&text.value));
        cx.mistake("yaml::person", message, &text.at).help = Some("\"Name <mail@contoso.com>\"".to_owned());
    }
    is_person.then(|| text.value.clone())
}

/// `POLICY/CHECK`.
pub fn check_ref(text: &Text, cx: &mut Cx<'_>) -> Option<CheckRef> {
    match text.value.split_once('/') {
        Some((policy, check)) if !policy.is_empty() && !check.is_empty() && !check.contains('/') => {
            Some(CheckRef { policy: policy.to_owned(), check: check.to_owned() })
        }
        Some(_) | None => {
            let message = format!("`{}` does not name a check", shown(&text.value));
            cx.mistake("yaml::check", message, &text.at).help =
                Some("write POLICY/CHECK, e.g. INF-400-G2/mfa-everywhere".to_owned());
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times() {
        for (text, expected) in [
            ("2026-01-31", Some("2026-01-31T00:00:00+00:00")),
            ("2026-01-31T08:00:00+02:00", Some("2026-01-31T06:00:00+00:00")),
            ("2026-02-30", None),
            ("2026-1-3", None),
            ("31.01.2026", None),
            ("+2026-01-1", None),
        ] {
            assert_eq!(parse_moment(text).map(|m| m.to_rfc3339()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_person_has_a_name_and_an_address() {
        let source = crate::yaml::file::source("t", b"x").unwrap();
        for (text, good) in [
            ("Ada Lovelace <ada@contoso.com>", true),
            ("ada@contoso.com", false),
            ("Ada <ada>", false),
            ("<ada@contoso.com>", false),
            ("Ada <ada@contoso>", false),
            ("Ada <a@b@contoso.com>", false),
            ("Ada <@contoso.com>", false),
        ] {
            let mut mistakes = Vec::new();
            let mut cx = Cx { source: source.clone(), mistakes: &mut mistakes };
            let text = Text { value: text.to_owned(), at: 0..1, exact: None };
            assert_eq!(person(&text, &mut cx).is_some(), good, "{}", text.value);
            assert_eq!(mistakes.is_empty(), good);
        }
    }
}
