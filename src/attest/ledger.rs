//! The book of a sitting: answers go to the file, and every check is judged anew. Comes in: what a
//! person said. Goes out: an entry on disk, and which questions are still open. Not here: asking.

use std::collections::BTreeSet;

use super::{AttestError, Book, Entry, Question, Said, Store, dated, open};
use crate::config::Answer;
use crate::engine::Input;
use crate::policy::compiled::CheckRef;

/// Keeps answers in a store.
#[derive(Debug)]
pub struct Ledger<'a> {
    store: &'a Store,
    input: &'a Input<'a>,
    by: &'a str,
    answers: Vec<Answer>,
    open: BTreeSet<String>,
    given: BTreeSet<CheckRef>,
}

impl<'a> Ledger<'a> {
    /// A book for a sitting; `by` is who answers.
    pub fn new(store: &'a Store, input: &'a Input<'a>, by: &'a str) -> Self {
        let answers = input.answers.to_vec();
        Self { store, input, by, answers, open: open(input), given: BTreeSet::new() }
    }
}

impl Book for Ledger<'_> {
    fn keep(&mut self, check: &CheckRef, said: Said) -> Result<(), AttestError> {
        let Said { answer, evidence, reason } = said;
        let on = dated(self.input.today, check, &self.answers);
        let entry = Entry { check: check.clone(), answer, on, by: self.by.to_owned(), evidence, reason };
        self.store.append(std::slice::from_ref(&entry))?;
        self.answers.push(entry.answer());
        self.given.insert(entry.check);
        self.open = open(&Input { answers: &self.answers, ..*self.input });
        Ok(())
    }

    fn settled(&self, question: &Question) -> bool {
        match question.until {
            // It is answered, and asked nevertheless.
            Some(_) => self.given.contains(&question.check),
            None => question.settles.is_disjoint(&self.open),
        }
    }
}
