//! Asks for a section, question by question, as the admin centre shows them. Comes in: a reader of
//! lines, a writer, what the snapshot knows. Goes out: items, or nothing if the input ended. Not
//! here: storing them.

use std::io::{self, BufRead, Read, Write};

use serde_json::{Map, Value};

use super::Known;
use super::answer::{
    applies, at, hint, neutral, read as read_answer, same_administrator, set, write as write_answer,
};
use super::form::{Form, Kind, Question};

/// A line may be at most this long, in bytes.
const LINE: u64 = 16 * 1024;

/// Administrators in one sitting.
const MOST: usize = 1000;

/// What a person typed.
pub(crate) enum Line {
    /// A line, its end included.
    Text(String),
    /// Not a line, and why.
    Unusable(&'static str),
    /// The input ended.
    End,
}

/// Asks. An empty answer keeps what stands in brackets, `<` goes back, `?` explains. `None`: the input
/// ended before the last answer, and nothing may be saved.
///
/// # Errors
/// Reading or writing failed.
pub fn ask(
    form: &Form,
    known: &Known,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> io::Result<Option<Vec<Value>>> {
    writeln!(output, "{}\n{}", form.title, form.place)?;
    writeln!(
        output,
        "An empty answer keeps what stands in brackets; < goes back, ? explains; if the input ends, nothing is saved."
    )?;
    let mut items: Vec<Value> = Vec::new();
    loop {
        let mut sitting = Sitting { form, known, item: Value::Object(Map::new()), asked: Vec::new() };
        let mut next = 0;
        loop {
            if !sitting.questions(next, input, output)? {
                return Ok(None);
            }
            if !form.per_administrator {
                return Ok(Some(vec![sitting.item]));
            }
            match another(input, output)? {
                Some(Answer::Back) => next = sitting.asked.pop().unwrap_or(0),
                Some(Answer::Yes) if items.len() + 1 < MOST => break,
                Some(Answer::Yes | Answer::No) => {
                    put(form, &mut items, sitting.item);
                    return Ok(Some(items));
                }
                None => return Ok(None),
            }
        }
        put(form, &mut items, sitting.item);
        writeln!(output)?;
    }
}

/// The later answers about the same administrator count.
fn put(form: &Form, items: &mut Vec<Value>, item: Value) {
    items.retain(|earlier| !same_administrator(form, earlier, &item));
    items.push(item);
}

/// The questions about one item.
struct Sitting<'s> {
    form: &'s Form,
    known: &'s Known,
    item: Value,
    /// Questions that were put, for going back.
    asked: Vec<usize>,
}

impl Sitting<'_> {
    /// Asks from question `next` to the last. False if the input ended.
    fn questions(
        &mut self,
        mut next: usize,
        input: &mut impl BufRead,
        output: &mut impl Write,
    ) -> io::Result<bool> {
        while let Some(question) = self.form.questions.get(next) {
            if !applies(question, &self.item) {
                set(&mut self.item, question.path, neutral(question.kind));
                next += 1;
                continue;
            }
            let standing = self.standing(question);
            prompt(output, next + 1, question, standing.as_ref())?;
            let text = match line(input)? {
                Line::Text(text) => text,
                Line::Unusable(why) => {
                    writeln!(output, "   {why}")?;
                    continue;
                }
                Line::End => return Ok(false),
            };
            match (text.trim(), standing) {
                ("<", _) => match self.asked.pop() {
                    Some(previous) => next = previous,
                    None => writeln!(output, "   this is the first question")?,
                },
                ("?", _) => writeln!(output, "   {}", question.help)?,
                ("", None) => writeln!(output, "   an answer is needed; ? explains")?,
                ("", Some(standing)) => next = self.take(next, question, standing),
                (text, _) => match read_answer(question.kind, text) {
                    Ok(answer) => next = self.take(next, question, answer),
                    Err(why) => writeln!(output, "   {}", plain(&why))?,
                },
            }
        }
        Ok(true)
    }

    fn take(&mut self, at: usize, question: &Question, answer: Value) -> usize {
        set(&mut self.item, question.path, answer);
        self.asked.push(at);
        at + 1
    }

    /// What an empty answer means: what was answered before, what the snapshot has, else nothing.
    fn standing(&self, question: &Question) -> Option<Value> {
        let usable = |value: &Value| {
            let text = write_answer(value)?;
            read_answer(question.kind, &text).ok()
        };
        let given = at(&self.item, question.path).and_then(usable);
        let name = at(&self.item, "admin.userPrincipalName").and_then(Value::as_str);
        let id = || {
            let id = self.known.id(name.filter(|_| question.path == "admin.id")?)?;
            Some(Value::String(id.clone()))
        };
        let before = || {
            let item = self.known.item(self.form, &self.item)?;
            at(item, question.path).and_then(usable)
        };
        given.filter(|_| !self.is_neutral(question)).or_else(before).or_else(id)
    }

    /// A no that was filled in because the question did not apply is not an answer.
    fn is_neutral(&self, question: &Question) -> bool {
        let place = self.form.questions.iter().position(|other| other.path == question.path);
        let answered = place.is_some_and(|place| self.asked.contains(&place));
        !answered
            && !question.when.is_empty()
            && at(&self.item, question.path) == Some(&neutral(question.kind))
    }
}

fn prompt(
    output: &mut impl Write,
    number: usize,
    question: &Question,
    standing: Option<&Value>,
) -> io::Result<()> {
    let standing =
        standing.and_then(write_answer).map(|text| format!(" [{}]", plain(&text))).unwrap_or_default();
    if matches!(question.kind, Kind::Choice(_)) {
        writeln!(output, "{number}. {}", question.label)?;
        write!(output, "   {}{standing}: ", hint(question.kind))?;
    } else {
        write!(output, "{number}. {} ({}){standing}: ", question.label, hint(question.kind))?;
    }
    output.flush()
}

enum Answer {
    Yes,
    No,
    Back,
}

fn another(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<Option<Answer>> {
    loop {
        write!(output, "Another administrator? (yes or no) [no]: ")?;
        output.flush()?;
        let text = match line(input)? {
            Line::Text(text) => text,
            Line::Unusable(why) => {
                writeln!(output, "   {why}")?;
                continue;
            }
            Line::End => return Ok(None),
        };
        match (text.trim(), read_answer(Kind::YesNo, &text)) {
            ("", _) | (_, Ok(Value::Bool(false))) => return Ok(Some(Answer::No)),
            ("<", _) => return Ok(Some(Answer::Back)),
            (_, Ok(_)) => return Ok(Some(Answer::Yes)),
            ("?", _) => writeln!(output, "   yes asks the same about one more; no saves what was answered")?,
            (_, Err(why)) => writeln!(output, "   {why}")?,
        }
    }
}

/// One line, bounded.
pub(crate) fn line(input: &mut impl BufRead) -> io::Result<Line> {
    let mut bytes = Vec::new();
    input.by_ref().take(LINE).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(Line::End);
    }
    if bytes.len() as u64 >= LINE && bytes.last() != Some(&b'\n') {
        skip_line(input)?;
        return Ok(Line::Unusable("that line is too long"));
    }
    Ok(String::from_utf8(bytes).map_or(Line::Unusable("that line is not readable as UTF-8 text"), Line::Text))
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (end, length) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (true, at + 1),
            None => (buffer.is_empty(), buffer.len()),
        };
        input.consume(length);
        if end {
            return Ok(());
        }
    }
}

/// Text from a snapshot, fit for a terminal: no control, no invisible reordering.
fn plain(text: &str) -> String {
    let hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|letter| if hidden(letter) { '\u{FFFD}' } else { letter }).collect()
}
