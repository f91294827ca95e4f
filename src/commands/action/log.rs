//! The log of a step, which a runner reads for commands. Comes in: a terminal. Goes out: lines between which
//! the runner obeys none, and notices. Not here: what is printed in between.
//!
//! A runner obeys `::` at the start of a line, and the older `##[` anywhere in it (`ActionCommand.TryParse` of
//! actions/runner), whoever wrote the line. So it is told to stop before anything of a tenant is shown, with
//! a word that nobody can know beforehand.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::report::escape;
use crate::run::Result;
use crate::terminal::Terminal;

/// How much a note weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Notice,
    Warning,
    Error,
}

/// Something to know about the run, in our own words.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub weight: Weight,
    pub text: String,
}

impl Note {
    pub(super) fn notice(text: impl Into<String>) -> Self {
        Self { weight: Weight::Notice, text: text.into() }
    }

    pub(super) fn warning(text: impl Into<String>) -> Self {
        Self { weight: Weight::Warning, text: text.into() }
    }

    pub(super) fn error(text: impl Into<String>) -> Self {
        Self { weight: Weight::Error, text: text.into() }
    }

    /// As a command that shows it above the log (`@actions/core`, `command.ts`).
    fn command(&self) -> String {
        let name = match self.weight {
            Weight::Notice => "notice",
            Weight::Warning => "warning",
            Weight::Error => "error",
        };
        format!("::{name} title=Levelmark::{}\n", escape::workflow_data(&self.text))
    }
}

/// A log in which the runner obeys nothing until it is closed.
#[derive(Debug)]
pub(super) struct Log<'t> {
    terminal: &'t Terminal,
    word: String,
}

impl<'t> Log<'t> {
    /// From here on nothing is obeyed.
    ///
    /// # Errors
    /// The log is closed.
    pub(super) fn open(terminal: &'t Terminal) -> Result<Self> {
        // The system's own randomness seeds each of them.
        let random = || RandomState::new().build_hasher().finish();
        let word = format!("levelmark-{:016x}{:016x}", random(), random());
        terminal.print(&format!("::stop-commands::{word}\n"))?;
        Ok(Self { terminal, word })
    }

    /// From here on commands are obeyed again: ours.
    ///
    /// # Errors
    /// The log is closed.
    pub(super) fn close(self, notes: &[Note]) -> Result<()> {
        let commands: String = notes.iter().map(Note::command).collect();
        self.terminal.print(&format!("::{}::\n{commands}", self.word))
    }
}

/// Shows a note where nothing else is printed.
///
/// # Errors
/// The log is closed.
pub(super) fn tell(terminal: &Terminal, note: &Note) -> Result<()> {
    terminal.print(&note.command())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_command() {
        let note = Note::warning("100%\n::set-output name=x::y\r\nz");
        assert_eq!(note.command(), "::warning title=Levelmark::100%25%0A::set-output name=x::y%0Az\n");
    }
}
