//! Many collections at once, on standard error: a bar that counts tenants and names those at work, or
//! lines that begin with the tenant's name. Comes in: events of each. Not here: what happens.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{HumanCount, ProgressBar};

use super::lines::{Lines, bar, line};
use crate::collect::progress::{Event, Progress};
use crate::run::Terminal;

/// Tenants named in the bar.
const NAMED: usize = 5;

/// Shows how far all of them are.
#[derive(Debug)]
pub(super) struct Crowd {
    bar: Option<ProgressBar>,
    now: Mutex<Now>,
}

#[derive(Debug, Default)]
struct Now {
    /// Names of those at work.
    at_work: BTreeSet<String>,
    /// Items of the sections that have ended.
    items: u64,
}

impl Crowd {
    pub(super) fn new(terminal: &Terminal, tenants: usize) -> Self {
        let bar = bar(terminal, "tenants");
        if let Some(bar) = &bar {
            bar.set_length(tenants as u64);
        }
        Self { bar, now: Mutex::default() }
    }

    pub(super) fn begun(&self, name: &str) {
        self.update(|now| {
            now.at_work.insert(name.to_owned());
        });
    }

    pub(super) fn ended(&self, name: &str) {
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
        self.update(|now| {
            now.at_work.remove(name);
        });
    }

    /// A line, above the bar.
    pub(super) fn print(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| Lines::bare(text)),
            None => Lines::bare(text),
        }
    }

    /// The end of the bar.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn update(&self, change: impl FnOnce(&mut Now)) {
        let Some(bar) = &self.bar else { return };
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut now);
        bar.set_message(now.message());
    }
}

impl Now {
    fn message(&self) -> String {
        let mut text = format!("{} items", HumanCount(self.items));
        for name in self.at_work.iter().take(NAMED) {
            text.push_str(&format!(" · {name}"));
        }
        match self.at_work.len().saturating_sub(NAMED) {
            0 => text,
            more => text + &format!(" and {more} more"),
        }
    }
}

/// The progress of one of them.
#[derive(Debug)]
pub(super) struct Member {
    pub name: String,
    pub crowd: Arc<Crowd>,
}

impl Progress for Member {
    fn tell(&self, event: Event) {
        match (&self.crowd.bar, event) {
            (None, event) => {
                line(&event).iter().for_each(|text| Lines::bare(&format!("{}: {text}", self.name)));
            }
            (Some(_), Event::Ended(_, _, items)) => self.crowd.update(|now| now.items += items),
            (Some(_), Event::Note(text)) => self.crowd.print(&format!("{}: {text}", self.name)),
            (Some(_), Event::Planned(_) | Event::Begun(_) | Event::Items(..) | Event::Waiting { .. }) => {}
        }
    }
}
