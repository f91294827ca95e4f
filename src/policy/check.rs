//! One check: its assertion and its modifiers, and which of them go together.
//! Comes in: a raw check. Goes out: a compiled one, its relations still open. Not here: relations
//! between checks (`relations`), the policy around it (`compile`).

use chrono::TimeDelta;

use super::assertion::{Compiler, holds_when_empty, questions};
use super::compiled::{Assertion, Check, Empty, Reads, Strength, Unlicensed};
use super::raw::RawCheck;
use crate::yaml::At;

/// How long an answer counts where the check says nothing.
const ANSWERS_COUNT: TimeDelta = TimeDelta::days(365);

/// Compiles a check. None: a mistake stands. A check with `same_as` comes out with the assertion
/// that says so, until `relations` puts the other's in its place.
pub(super) fn compile(raw: &RawCheck, compiler: &mut Compiler<'_, '_>) -> Option<Check> {
    let before = compiler.cx.mistakes.len();
    compiler.reads = Reads::default();
    id_shape(raw, compiler);
    let (assertion, when) = match &raw.same_as {
        Some(_) => {
            same_as_alone(raw, compiler);
            (Some(Assertion::All(Vec::new())), None)
        }
        None => {
            let when = raw.when.as_ref().and_then(|text| compiler.path(text));
            (compiler.assertion(&raw.assertion()), when)
        }
    };
    if raw.same_as.is_none()
        && let Some(assertion) = &assertion
    {
        emptiness(raw, assertion, compiler);
        answers(raw, assertion, compiler);
    }
    let valid_for = raw.valid_for.as_ref().map_or(ANSWERS_COUNT, |fixed| fixed.value);
    if valid_for <= TimeDelta::zero()
        && let Some(bound) = &raw.valid_for
    {
        compiler.cx.mistake("policy::threshold", "an answer counts for longer than nothing", &bound.at);
    }
    let assertion = assertion?;
    let question = questions(&assertion).first().map(|question| (*question).to_owned());
    let check = Check {
        id: raw.id.get()?.value.clone(),
        title: raw.title.get()?.value.clone(),
        when,
        symptom: on(raw.symptom.as_ref()),
        informs: on(raw.informs.as_ref()),
        empty: raw.empty.as_ref().map(|word| word.value),
        unlicensed: raw.unlicensed.as_ref().map_or(Unlicensed::Unknown, |word| word.value),
        measured_only: on(raw.measured_only.as_ref()),
        may_not_apply: on(raw.may_not_apply.as_ref()),
        strength: raw.strength.as_ref().map_or(Strength::Direct, |word| word.value),
        ask: question.or_else(|| raw.ask.as_ref().map(|text| text.value.clone())),
        valid_for,
        satisfied_by: Vec::new(),
        same_as: None,
        reads: std::mem::take(&mut compiler.reads),
        at: raw.span.clone(),
        assertion,
    };
    (compiler.cx.mistakes.len() == before && !raw.broken).then_some(check)
}

/// Whether a switch is on.
pub(super) fn on(switch: Option<&At<bool>>) -> bool {
    switch.is_some_and(|switch| switch.value)
}

fn id_shape(raw: &RawCheck, compiler: &mut Compiler<'_, '_>) {
    if let Some(id) = raw.id.get()
        && !is_kebab(&id.value)
    {
        let message = format!("`{}` is not the id of a check", crate::yaml::suggest::shown(&id.value));
        compiler.cx.mistake("policy::id", message, &id.at).help =
            Some("lower case letters and digits with single hyphens between, at most 60".to_owned());
    }
    if let Some(title) = raw.title.get()
        && title.value.contains('\n')
    {
        compiler.cx.mistake("policy::title", "a title is one line", &title.at);
    }
}

/// `lower-case-words`, at most 60 bytes.
pub(super) fn is_kebab(id: &str) -> bool {
    id.len() <= 60
        && id.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// `empty` stands where, and only where, zero items would satisfy the assertion.
fn emptiness(raw: &RawCheck, assertion: &Assertion, compiler: &mut Compiler<'_, '_>) {
    match (holds_when_empty(assertion), &raw.empty) {
        (true, None) if !raw.broken => {
            let mistake = compiler.cx.mistake(
                "policy::empty",
                "`empty` is missing: with nothing to look at, this would hold by itself",
                &raw.span,
            );
            mistake.label = Some("needs `empty`".into());
            mistake.help = Some(
                "say what it means that the path before its last filter selects nothing: \
                 empty: pass | fail | not-applicable | unknown"
                    .to_owned(),
            );
        }
        (false, Some(word)) => {
            compiler.cx.mistake("policy::empty", "`empty` has no meaning here", &word.at).help = Some(
                "zero items can't satisfy this assertion, so they need no meaning: leave it out. It belongs to \
                 forbid, share, and count with max alone"
                    .to_owned(),
            );
        }
        (true, Some(_) | None) | (false, None) => {}
    }
}

/// Which modifiers about people's answers go with this assertion.
fn answers(raw: &RawCheck, assertion: &Assertion, compiler: &mut Compiler<'_, '_>) {
    let asks = questions(assertion).len();
    let attest = matches!(assertion, Assertion::Attest(_));
    let proxy = raw.strength.as_ref().filter(|word| word.value == Strength::Proxy);
    let mut refuse = |what: Option<&std::ops::Range<usize>>, message: &str| {
        if let Some(at) = what {
            compiler.cx.mistake("policy::modifier", message, at);
        }
    };
    let ask = raw.ask.as_ref().map(|text| &text.at);
    if asks > 0 {
        refuse(ask, "`ask` beside `attest`: the question is asked already");
    }
    if asks > 1 {
        refuse(
            Some(&raw.span),
            "two questions in one check: an answer names the check, so it would be unclear which",
        );
    }
    if attest {
        refuse(
            raw.strength.as_ref().map(|word| &word.at),
            "`strength` is about measuring, and an answer measures nothing",
        );
        if raw.when.is_none() {
            refuse(
                raw.unlicensed.as_ref().map(|word| &word.at),
                "`unlicensed` has no meaning: no section is read",
            );
        }
    }
    if proxy.is_some() && ask.is_none() && asks == 0 {
        let at = proxy.map(|word| &word.at);
        refuse(at, "a proxy needs `ask`: the question whose answer has to confirm its pass");
    }
    let measured = raw.measured_only.as_ref().filter(|switch| switch.value);
    if let Some(switch) = measured {
        refuse(ask, "`ask` beside `measured_only`: nobody would be asked");
        refuse(
            raw.valid_for.as_ref().map(|bound| &bound.at),
            "`valid_for` beside `measured_only`: there are no answers",
        );
        let waved = raw.may_not_apply.as_ref().filter(|switch| switch.value);
        refuse(waved.map(|switch| &switch.at), "`may_not_apply` beside `measured_only`: nobody could say so");
        if asks > 0 {
            refuse(Some(&switch.at), "`measured_only` on a check that asks a person");
        }
        if proxy.is_some() {
            refuse(Some(&switch.at), "`measured_only` on a proxy, which needs an answer");
        }
    }
}

/// `same_as` takes the place of everything that says how to test.
fn same_as_alone(raw: &RawCheck, compiler: &mut Compiler<'_, '_>) {
    let others = [
        ("forbid", raw.forbid.as_ref().map(|t| &t.at)),
        ("require", raw.require.as_ref().map(|t| &t.at)),
        ("count", raw.count.as_ref().map(|t| &t.span)),
        ("share", raw.share.as_ref().map(|t| &t.span)),
        ("cadence", raw.cadence.as_ref().map(|t| &t.span)),
        ("attest", raw.attest.as_ref().map(|t| &t.at)),
        ("either", raw.either.as_ref().map(|_| &raw.span)),
        ("at_least", raw.at_least.as_ref().map(|t| &t.at)),
        ("all", raw.all.as_ref().map(|_| &raw.span)),
        ("when", raw.when.as_ref().map(|t| &t.at)),
        ("empty", raw.empty.as_ref().map(|t| &t.at)),
        ("unlicensed", raw.unlicensed.as_ref().map(|t| &t.at)),
        ("measured_only", raw.measured_only.as_ref().map(|t| &t.at)),
        ("may_not_apply", raw.may_not_apply.as_ref().map(|t| &t.at)),
        ("strength", raw.strength.as_ref().map(|t| &t.at)),
        ("ask", raw.ask.as_ref().map(|t| &t.at)),
        ("valid_for", raw.valid_for.as_ref().map(|t| &t.at)),
    ];
    for (name, at) in others {
        if let Some(at) = at {
            let message = format!("`{name}` beside `same_as`");
            compiler.cx.mistake("policy::same-as", message, at).help =
                Some("the other check says how this is tested; leave one of the two out".to_owned());
        }
    }
}

/// What `empty` may be, for texts.
pub(super) fn empty_word(empty: Empty) -> &'static str {
    match empty {
        Empty::Pass => "pass",
        Empty::Fail => "fail",
        Empty::NotApplicable => "not applicable",
        Empty::Unknown => "unknown",
    }
}
