//! Asks item by item. Comes in: differences as numbers, a reader of lines, a writer, a book that shows and keeps. Goes out:
//! what was accepted, each kept before the next is put. Not here: what a difference is, and the file.

use std::collections::VecDeque;
use std::io::{BufRead, Write};

use miette::IntoDiagnostic as _;

use crate::attest::usable;
use crate::declare::{Line, line};
use crate::report::escape;
use crate::run::Result;

const HELP: &str = "\
   a           accept: it is written at once, and is no drift as long as it stays as it is now
   a REASON    the same with another reason; the reason is kept for the next ones
   r           reject: it stays drift; nothing is written, and it is not asked again in this run
   s           skip: asked again at the end
   v           view: all of it, every element and every value whole
   A, A REASON accept all of this section but what you rejected
   e           each: its differences one by one
   q           quit: what was accepted is kept, the rest stays drift
";

/// Differences that are asked for together: those of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// The section.
    pub section: &'static str,
    /// The differences, as numbers.
    pub changes: Vec<usize>,
}

/// What shows differences and keeps what was accepted.
pub(super) trait Book {
    /// Differences as people read them; `title` adds what is to be said of their section.
    fn show(&self, question: &Question, title: bool) -> String;

    /// The same with nothing left out.
    fn whole(&self, question: &Question) -> String;

    /// Accepts differences; that is safe when this returns.
    ///
    /// # Errors
    /// It could not be kept.
    fn accept(&mut self, changes: &[usize], reason: &str) -> Result<()>;
}

/// What became of the differences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Done {
    /// Accepted.
    pub accepted: usize,
    /// Rejected.
    pub rejected: usize,
    /// Neither.
    pub left: usize,
}

/// What a line means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Accept,
    Section,
    Reject,
    Skip,
    Each,
    View,
    Quit,
}

/// Asks. What is accepted is kept before the next question is put.
///
/// # Errors
/// The terminal failed, or something could not be kept.
pub(super) fn ask(
    questions: Vec<Question>,
    reason: Option<String>,
    book: &mut impl Book,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> Result<Done> {
    let mut sitting = Sitting { queue: questions.into(), skipped: Vec::new(), reason, done: Done::default() };
    let (mut shown, mut again) = ("", false);
    if !sitting.queue.is_empty() {
        let text = format!("{} to look at; ? explains the letters\n", items(sitting.queue.len()));
        output.write_all(text.as_bytes()).into_diagnostic()?;
    }
    loop {
        if sitting.queue.is_empty() && !again && !sitting.skipped.is_empty() {
            again = true;
            sitting.queue = std::mem::take(&mut sitting.skipped).into();
            writeln!(output, "\n{} skipped, once more", items(sitting.queue.len())).into_diagnostic()?;
        }
        let Some(question) = sitting.queue.pop_front() else { break };
        let text = book.show(&question, shown != question.section);
        shown = question.section;
        write!(output, "\n{text}").into_diagnostic()?;
        match sitting.word((&question, book), input, output)? {
            (Word::Accept, Some(reason)) => sitting.accept(vec![question], &reason, book, output)?,
            (Word::Section, Some(reason)) => {
                let all = sitting.of_section(question);
                sitting.accept(all, &reason, book, output)?;
            }
            (Word::Reject, _) => sitting.done.rejected += question.changes.len(),
            (Word::Skip, _) => sitting.skipped.push(question),
            (Word::Each, _) => sitting.split(&question),
            // It was shown, and the question put again.
            (Word::View | Word::Quit, _) | (Word::Accept | Word::Section, None) => {
                sitting.queue.push_front(question);
                break;
            }
        }
    }
    Ok(sitting.end())
}

struct Sitting {
    queue: VecDeque<Question>,
    skipped: Vec<Question>,
    reason: Option<String>,
    done: Done,
}

impl Sitting {
    /// What is to be done, with a reason where it needs one; the end of the input is quitting.
    fn word(
        &mut self,
        (question, book): (&Question, &impl Book),
        input: &mut impl BufRead,
        output: &mut impl Write,
    ) -> Result<(Word, Option<String>)> {
        loop {
            let each = if question.changes.len() > 1 { ",e" } else { "" };
            let left = self.queue.len() + 1;
            let Some(text) = prompt(&format!("{left} left; accept? [a,r,s,v,A{each},q,?] "), input, output)?
            else {
                return Ok((Word::Quit, None));
            };
            let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((&text, ""));
            let word = match first {
                "a" | "accept" => Word::Accept,
                "A" => Word::Section,
                "r" | "reject" => Word::Reject,
                "s" | "skip" => Word::Skip,
                "e" | "each" if question.changes.len() > 1 => Word::Each,
                "v" | "view" => Word::View,
                "q" | "quit" => Word::Quit,
                _ => {
                    output.write_all(HELP.as_bytes()).into_diagnostic()?;
                    continue;
                }
            };
            match word {
                Word::View => write!(output, "{}", book.whole(question)).into_diagnostic()?,
                Word::Reject | Word::Skip | Word::Each | Word::Quit => return Ok((word, None)),
                Word::Accept | Word::Section => {
                    if let Some(reason) = self.reason(rest.trim(), input, output)? {
                        return Ok((word, Some(reason)));
                    }
                }
            }
        }
    }

    /// The reason: behind the letter, else the last one, else asked for; None goes back to the question.
    fn reason(
        &mut self,
        given: &str,
        input: &mut impl BufRead,
        output: &mut impl Write,
    ) -> Result<Option<String>> {
        let mut given = given.to_owned();
        if let (true, Some(known)) = (given.is_empty(), &self.reason) {
            return Ok(Some(known.clone()));
        }
        if given.is_empty() {
            given = prompt("Why is it accepted (kept for the next ones; empty goes back): ", input, output)?
                .unwrap_or_default();
        }
        if given.is_empty() {
            return Ok(None);
        }
        match usable(&given) {
            Ok(reason) => {
                self.reason = Some(reason.clone());
                Ok(Some(reason))
            }
            Err(why) => {
                writeln!(output, "   {why}").into_diagnostic()?;
                Ok(None)
            }
        }
    }

    fn accept(
        &mut self,
        questions: Vec<Question>,
        reason: &str,
        book: &mut impl Book,
        output: &mut impl Write,
    ) -> Result<()> {
        let changes: Vec<usize> = questions.into_iter().flat_map(|question| question.changes).collect();
        book.accept(&changes, reason)?;
        self.done.accepted += changes.len();
        writeln!(output, "   {} approved: {}", changes.len(), escape::terminal(reason)).into_diagnostic()
    }

    /// A question and all others of its section that are still open.
    fn of_section(&mut self, question: Question) -> Vec<Question> {
        let section = question.section;
        let (own, others) = self.queue.drain(..).partition(|other| other.section == section);
        self.queue = others;
        let (skipped, others) = self.skipped.drain(..).partition(|other| other.section == section);
        self.skipped = others;
        let own: VecDeque<Question> = own;
        let skipped: Vec<Question> = skipped;
        std::iter::once(question).chain(own).chain(skipped).collect()
    }

    fn split(&mut self, question: &Question) {
        for change in question.changes.iter().rev() {
            self.queue.push_front(Question { section: question.section, changes: vec![*change] });
        }
    }

    fn end(mut self) -> Done {
        let left = self.queue.iter().chain(&self.skipped).map(|question| question.changes.len());
        self.done.left = left.sum();
        self.done
    }
}

/// A line, without the blanks around it; None where the input ended.
fn prompt(text: &str, input: &mut impl BufRead, output: &mut impl Write) -> Result<Option<String>> {
    loop {
        write!(output, "   {text}").and_then(|()| output.flush()).into_diagnostic()?;
        match line(input).into_diagnostic()? {
            Line::Text(text) => return Ok(Some(text.trim().to_owned())),
            Line::Unusable(why) => writeln!(output, "   {why}").into_diagnostic()?,
            Line::End => {
                writeln!(output).into_diagnostic()?;
                return Ok(None);
            }
        }
    }
}

fn items(count: usize) -> String {
    if count == 1 { "1 item".to_owned() } else { format!("{count} items") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was accepted, in order, and what was shown.
    #[derive(Default)]
    struct Notes {
        kept: Vec<(Vec<usize>, String)>,
        fails: bool,
    }

    impl Book for Notes {
        fn show(&self, question: &Question, title: bool) -> String {
            let title = if title { question.section } else { "" };
            format!("{title}<{:?}>\n", question.changes)
        }

        fn whole(&self, question: &Question) -> String {
            format!("whole{:?}\n", question.changes)
        }

        fn accept(&mut self, changes: &[usize], reason: &str) -> Result<()> {
            if self.fails {
                return Err(miette::miette!("disk full"));
            }
            self.kept.push((changes.to_vec(), reason.to_owned()));
            Ok(())
        }
    }

    fn question(section: &'static str, changes: &[usize]) -> Question {
        Question { section, changes: changes.to_vec() }
    }

    /// Two items of one section, one of another, which has two differences, and one more of the first.
    fn four() -> Vec<Question> {
        vec![question("a", &[0]), question("a", &[1]), question("b", &[2, 3]), question("a", &[4])]
    }

    fn run(typed: &str, reason: Option<&str>) -> (Done, Vec<(Vec<usize>, String)>, String) {
        let (mut notes, mut shown) = (Notes::default(), Vec::new());
        let reason = reason.map(str::to_owned);
        let done = ask(four(), reason, &mut notes, &mut typed.as_bytes(), &mut shown).unwrap();
        (done, notes.kept, String::from_utf8(shown).unwrap())
    }

    fn kept(list: &[(&[usize], &str)]) -> Vec<(Vec<usize>, String)> {
        list.iter().map(|(changes, reason)| (changes.to_vec(), (*reason).to_owned())).collect()
    }

    #[test]
    fn each_is_kept_with_the_reason_that_was_asked_once() {
        let (done, found, shown) = run("a\nwindow\na\nr\na other reason\n", None);
        assert_eq!(found, kept(&[(&[0], "window"), (&[1], "window"), (&[4], "other reason")]));
        assert_eq!(done, Done { accepted: 3, rejected: 2, left: 0 });
        assert_eq!(shown.matches("Why is it accepted").count(), 1);
        assert_eq!(shown.matches("a<").count(), 2, "a section's title again after another: {shown}");
    }

    #[test]
    fn a_section_is_taken_whole_but_for_what_was_rejected() {
        let (done, found, shown) = run("r\nA\nq\n", Some("agreed"));
        assert_eq!(found, kept(&[(&[1, 4], "agreed")]));
        assert_eq!(done, Done { accepted: 2, rejected: 1, left: 2 });
        assert!(!shown.contains("Why is it"));
        let (done, found, _) = run("s\nA all of it\na\n", None);
        assert_eq!(found, kept(&[(&[1, 4, 0], "all of it"), (&[2, 3], "all of it")]));
        assert_eq!(done.left, 0);
    }

    #[test]
    fn what_is_skipped_comes_once_more() {
        let (done, found, shown) = run("s\nr\ns\nr\na late\ns\n", None);
        assert_eq!(found, kept(&[(&[0], "late")]));
        assert_eq!(done, Done { accepted: 1, rejected: 2, left: 2 });
        assert!(shown.contains("2 items skipped, once more"), "{shown}");
        assert_eq!(shown.matches("<[2, 3]>").count(), 2);
    }

    #[test]
    fn an_item_is_taken_apart() {
        let (done, found, shown) = run("r\nr\ne\na yes\nr\nq\n", None);
        assert_eq!(found, kept(&[(&[2], "yes")]));
        assert_eq!(done, Done { accepted: 1, rejected: 3, left: 1 });
        assert!(shown.contains("<[2]>") && shown.contains("<[3]>"));
        let (_, _, shown) = run("e\nq\n", None);
        assert!(shown.contains("each: its differences"), "one difference can't be taken apart: {shown}");
    }

    #[test]
    fn who_wants_to_see_all_is_asked_again() {
        let (done, found, shown) = run("v\nview\na yes\ne\nr\nv\nq\n", None);
        assert_eq!(found, kept(&[(&[0], "yes")]));
        assert_eq!(done.accepted, 1);
        assert_eq!(shown.matches("whole[0]").count(), 2, "{shown}");
        assert!(shown.matches("whole[").count() == 3, "{shown}");
        assert_eq!(shown.matches("<[0]>").count(), 1, "what is known is not shown again: {shown}");
    }

    #[test]
    fn quitting_and_the_end_of_input_keep_what_was_accepted() {
        for typed in ["a x\nq\n", "a x\n", "a x\na\n"] {
            let reason_known = typed.ends_with("a\n");
            let (done, found, _) = run(typed, None);
            assert_eq!(found.len(), if reason_known { 2 } else { 1 }, "{typed}");
            assert_eq!(done.accepted + done.left, 5);
        }
        let (done, found, _) = run("a\n", None);
        assert!(found.is_empty() && done.left == 5, "no reason was given");
    }

    #[test]
    fn what_can_not_be_kept_ends_it() {
        let mut notes = Notes { fails: true, ..Notes::default() };
        let failed = ask(four(), None, &mut notes, &mut "a x\n".as_bytes(), &mut Vec::new());
        assert!(failed.is_err());
    }

    #[test]
    fn anything_else_explains_and_asks_again() {
        let long = "x".repeat(2000);
        for typed in ["?\nq\n", "yes please\nq\n", "\nq\n"] {
            let (_, found, shown) = run(typed, None);
            assert!(
                found.is_empty() && shown.contains("reject: it stays drift; nothing is written"),
                "{shown}"
            );
            assert_eq!(shown.matches("<[0]>").count(), 1);
        }
        let (_, found, shown) = run(&format!("a {long}\na a\u{1b}[2Jb\nq\n"), None);
        assert!(
            found.is_empty() && shown.contains("at most") && shown.contains("control characters"),
            "{shown}"
        );
    }
}
