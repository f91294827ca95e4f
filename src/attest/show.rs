//! What is shown around the questions: how many and how long before the first, and what a question
//! mark explains. Comes in: a plan or a question. Goes out: lines. Not here: the questions (`ask`).

use std::io::Write;

use super::{AttestError, Plan, Question};
use crate::policy::compiled::CheckRef;
use crate::report::escape;

/// How many, how long, for which level.
pub(super) fn opening(plan: &Plan, output: &mut impl Write) -> Result<(), AttestError> {
    let count = plan.questions.len();
    let aims: Vec<String> = plan
        .aims()
        .into_iter()
        .map(|(name, level, count)| match level {
            Some(level) => format!("{} up to {level} ({count})", escape::terminal(name)),
            None => format!("{} ({count})", escape::terminal(name)),
        })
        .collect();
    let questions = if count == 1 { "question" } else { "questions" };
    writeln!(output, "{count} {questions}, about {}: {}.", duration(count), aims.join(", "))?;
    writeln!(
        output,
        "Answer yes, partly, no or not-applicable, with the evidence or reason behind it if you like; later puts it off, \
         ask PERSON notes whom to ask, < goes back, ? explains, q stops. Every answer is kept at once."
    )?;
    Ok(())
}

/// A minute each.
fn duration(questions: usize) -> String {
    match (questions / 60, questions % 60) {
        (0, 1) => "a minute".to_owned(),
        (0, minutes) => format!("{minutes} minutes"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

/// What it means, why it matters, why it is asked, what evidence would do.
pub(super) fn explain(question: &Question, output: &mut impl Write) -> Result<(), AttestError> {
    let paragraphs = [
        ("It means", question.about.as_str()),
        ("It matters", question.why.as_str()),
        ("It is asked", question.reason.as_str()),
        (
            "Evidence is",
            "the place of a record that somebody else could look at: a page, a document, a ticket, minutes",
        ),
    ];
    for (label, text) in paragraphs.into_iter().filter(|(_, text)| !text.is_empty()) {
        writeln!(
            output,
            "   {label}: {}",
            escape::terminal(&text.split_whitespace().collect::<Vec<_>>().join(" "))
        )?;
    }
    let may = if question.may_not_apply {
        "may be answered with not-applicable"
    } else {
        "applies to every tenant"
    };
    writeln!(output, "   It {may}.")?;
    Ok(())
}

/// A check's name, fit for a terminal.
pub(super) fn name(check: &CheckRef) -> String {
    escape::terminal(&check.to_string()).into_owned()
}
