//! Asks question by question. Comes in: a plan, a reader of lines, a writer, a book that keeps
//! answers. Goes out: answers, each kept before the next question, and who else is to be asked. Not
//! here: which questions, and where answers are kept.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};

use super::show::{explain, name, opening};
use super::{AttestError, LONGEST, Plan, Question, WORDS};
use crate::config::AnswerKind;
use crate::declare::{Line, line};
use crate::policy::compiled::CheckRef;
use crate::report::escape;

/// What a person said to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The answer.
    pub answer: AnswerKind,
    /// Where the proof is; always there with a yes.
    pub evidence: Option<String>,
    /// Why; always there with not-applicable.
    pub reason: Option<String>,
}

/// Where answers go, and what is still open after them.
pub trait Book {
    /// Keeps an answer; it is safe when this returns.
    ///
    /// # Errors
    /// It could not be kept.
    fn keep(&mut self, check: &CheckRef, said: Said) -> Result<(), AttestError>;

    /// Whether something that was answered meanwhile has settled a question.
    fn settled(&self, question: &Question) -> bool;
}

/// Why it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// No question is left.
    Through,
    /// Somebody stopped.
    Quit,
    /// The input ended.
    Input,
}

/// What became of the questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Answers kept, corrections included.
    pub kept: usize,
    /// Questions that other answers settled.
    pub settled: usize,
    /// Questions put off.
    pub later: usize,
    /// Who is to be asked what.
    pub others: BTreeMap<String, Vec<CheckRef>>,
    /// Why it ended.
    pub ended: Ended,
}

/// What became of one question.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    Waiting,
    Answered,
    Settled,
    Later,
    Other(String),
}

/// What a line means.
enum Word {
    Answer(AnswerKind),
    Later,
    Ask,
    Back,
    Explain,
    Quit,
}

/// What comes after a question.
enum Next {
    On(Fate),
    Same,
    Back,
    End(Ended),
}

/// What a line asked for besides came in: a text, or a way out.
enum Asked {
    Text(Option<String>),
    Back,
    End,
}

/// Asks. Each answer is kept before the next question is put.
///
/// # Errors
/// The terminal failed, or an answer could not be kept.
pub fn ask(
    plan: &Plan,
    book: &mut impl Book,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> Result<Done, AttestError> {
    opening(plan, output)?;
    let mut sitting =
        Sitting { plan, book, fates: vec![Fate::Waiting; plan.questions.len()], kept: 0, heading: None };
    let mut put: Vec<usize> = Vec::new();
    let mut next = 0;
    let mut again = false;
    let ended = loop {
        let Some(question) = plan.questions.get(next) else { break Ended::Through };
        // Who goes back wants the question, whatever was settled since.
        if !again && sitting.book.settled(question) {
            sitting.settle(next);
            next += 1;
            continue;
        }
        match sitting.question(next, question, input, output)? {
            Next::On(fate) => {
                sitting.set(next, fate);
                put.push(next);
                (next, again) = (next + 1, false);
            }
            Next::Same => again = true,
            Next::Back => match put.pop() {
                Some(before) => {
                    sitting.reopen(before);
                    (next, again) = (before, true);
                }
                None => {
                    writeln!(output, "   this is the first question")?;
                    again = true;
                }
            },
            Next::End(ended) => break ended,
        }
    };
    Ok(sitting.done(ended))
}

struct Sitting<'q, B> {
    plan: &'q Plan,
    book: &'q mut B,
    fates: Vec<Fate>,
    kept: usize,
    /// Competency and topic that stand above the questions.
    heading: Option<(&'q str, Option<&'q str>)>,
}

impl<'q, B: Book> Sitting<'q, B> {
    fn set(&mut self, at: usize, fate: Fate) {
        if let Some(slot) = self.fates.get_mut(at) {
            *slot = fate;
        }
    }

    /// Nothing is left to ask; what was said before stays what became of it.
    fn settle(&mut self, at: usize) {
        if let Some(slot) = self.fates.get_mut(at).filter(|fate| **fate != Fate::Answered) {
            *slot = Fate::Settled;
        }
    }

    /// What an answer that is asked for again had settled is looked at anew.
    fn reopen(&mut self, from: usize) {
        for fate in self.fates.iter_mut().skip(from).filter(|fate| **fate == Fate::Settled) {
            *fate = Fate::Waiting;
        }
    }

    fn question(
        &mut self,
        at: usize,
        question: &'q Question,
        input: &mut impl BufRead,
        output: &mut impl Write,
    ) -> Result<Next, AttestError> {
        self.put(at, question, output)?;
        let text = match line(input)? {
            Line::Text(text) => text,
            Line::Unusable(why) => {
                writeln!(output, "   {why}")?;
                return Ok(Next::Same);
            }
            Line::End => return Ok(Next::End(Ended::Input)),
        };
        let text = text.trim();
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = Some(rest.trim()).filter(|rest| !rest.is_empty());
        match word(first) {
            Some(Word::Answer(answer)) => self.answer(question, answer, rest, input, output),
            Some(Word::Later) => Ok(Next::On(Fate::Later)),
            Some(Word::Ask) => match rest.map(usable) {
                Some(Ok(person)) => Ok(Next::On(Fate::Other(person))),
                Some(Err(why)) => told(output, &why),
                None => told(output, "say whom, e.g. ask Kim Okafor"),
            },
            Some(Word::Back) => Ok(Next::Back),
            Some(Word::Explain) => {
                explain(question, output)?;
                Ok(Next::Same)
            }
            Some(Word::Quit) => Ok(Next::End(Ended::Quit)),
            None => told(output, "yes, partly, no, not-applicable, later, ask PERSON, <, ? or q"),
        }
    }

    /// Heading, claim, question, prompt.
    fn put(&mut self, at: usize, question: &'q Question, output: &mut impl Write) -> Result<(), AttestError> {
        let heading = (question.competency.as_str(), question.topic.as_deref());
        if self.heading != Some(heading) {
            self.heading = Some(heading);
            let topic = heading.1.unwrap_or("other questions");
            writeln!(output, "\n== {}: {}", escape::terminal(heading.0), escape::terminal(topic))?;
        }
        let level = question.level.map(|level| format!(", level {level}")).unwrap_or_default();
        writeln!(output, "\n{} of {}{level}, {}", at + 1, self.plan.questions.len(), name(&question.check))?;
        writeln!(output, "   {}", escape::terminal_lines(&question.text))?;
        // Without a question of its own the claim is in the question.
        if !question.text.contains(question.claim.trim_end_matches('.')) {
            writeln!(output, "   Yes means: {}", escape::terminal(&question.claim))?;
        }
        if let Some(until) = question.until {
            writeln!(output, "   The answer that is there expires on {}", until.date_naive())?;
        }
        if !question.owners.is_empty() {
            writeln!(output, "   For {}", escape::terminal(&question.owners.join(", ")))?;
        }
        write!(output, "   > ")?;
        output.flush()?;
        Ok(())
    }

    fn answer(
        &mut self,
        question: &Question,
        answer: AnswerKind,
        behind: Option<&str>,
        input: &mut impl BufRead,
        output: &mut impl Write,
    ) -> Result<Next, AttestError> {
        let (label, needed) = match answer {
            AnswerKind::Yes => ("Evidence, an address or a path (it is noted, never opened)", true),
            AnswerKind::NotApplicable if !question.may_not_apply => {
                return told(output, "this applies to every tenant: yes, partly or no");
            }
            AnswerKind::NotApplicable => ("Why does it not apply", true),
            AnswerKind::Partly => ("What is missing (may stay empty)", false),
            AnswerKind::No => ("Why (may stay empty)", false),
        };
        let text = match behind.map(usable) {
            Some(Ok(text)) => Asked::Text(Some(text)),
            Some(Err(why)) => return told(output, &why),
            None => more(label, needed, input, output)?,
        };
        let text = match text {
            Asked::Text(text) => text,
            Asked::Back => return Ok(Next::Same),
            Asked::End => return Ok(Next::End(Ended::Input)),
        };
        let said = match answer {
            AnswerKind::Yes => Said { answer, evidence: text, reason: None },
            AnswerKind::Partly | AnswerKind::No | AnswerKind::NotApplicable => {
                Said { answer, evidence: None, reason: text }
            }
        };
        self.book.keep(&question.check, said)?;
        self.kept += 1;
        Ok(Next::On(Fate::Answered))
    }

    fn done(self, ended: Ended) -> Done {
        let count = |fate: &Fate| self.fates.iter().filter(|other| *other == fate).count();
        let mut others: BTreeMap<String, Vec<CheckRef>> = BTreeMap::new();
        for (fate, question) in self.fates.iter().zip(&self.plan.questions) {
            if let Fate::Other(person) = fate {
                others.entry(person.clone()).or_default().push(question.check.clone());
            }
        }
        Done { kept: self.kept, settled: count(&Fate::Settled), later: count(&Fate::Later), others, ended }
    }
}

fn told(output: &mut impl Write, why: &str) -> Result<Next, AttestError> {
    writeln!(output, "   {}", escape::terminal(why))?;
    Ok(Next::Same)
}

fn word(text: &str) -> Option<Word> {
    let text = text.to_ascii_lowercase();
    if let Some((kind, _)) = WORDS.iter().find(|(_, word)| *word == text) {
        return Some(Word::Answer(*kind));
    }
    Some(match text.as_str() {
        "y" => Word::Answer(AnswerKind::Yes),
        "p" => Word::Answer(AnswerKind::Partly),
        "n" => Word::Answer(AnswerKind::No),
        "na" | "n/a" => Word::Answer(AnswerKind::NotApplicable),
        "later" | "l" => Word::Later,
        "ask" => Word::Ask,
        "<" => Word::Back,
        "?" => Word::Explain,
        "q" | "quit" => Word::Quit,
        _ => return None,
    })
}

/// A text that can be kept: not too long, and nothing in it that steers a terminal.
pub(crate) fn usable(text: &str) -> Result<String, String> {
    if text.len() > LONGEST {
        Err(format!("at most {LONGEST} bytes, please; name the place where the rest is"))
    } else if text.chars().any(char::is_control) {
        Err("that has control characters in it".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// Evidence or reason, asked for on a line of its own.
fn more(
    label: &str,
    needed: bool,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> Result<Asked, AttestError> {
    loop {
        write!(output, "   {label}: ")?;
        output.flush()?;
        let text = match line(input)? {
            Line::Text(text) => text,
            Line::Unusable(why) => {
                writeln!(output, "   {why}")?;
                continue;
            }
            Line::End => return Ok(Asked::End),
        };
        match text.trim() {
            "<" => return Ok(Asked::Back),
            "" if needed => writeln!(output, "   it does not count without; < goes back")?,
            "" => return Ok(Asked::Text(None)),
            text => match usable(text) {
                Ok(text) => return Ok(Asked::Text(Some(text))),
                Err(why) => writeln!(output, "   {why}")?,
            },
        }
    }
}
