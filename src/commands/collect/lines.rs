//! What is going on, on standard error: a bar where a person looks, plain lines elsewhere. Comes in:
//! events. Not here: what happens.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use crate::collect::progress::{Event, Progress};
use crate::report::escape;
use crate::run::Terminal;
use crate::sections::throttle::Throttle;
use crate::snapshot::record::State;

/// Waits below this are no line of a log.
const LONG: Duration = Duration::from_secs(10);
/// Sections named in the bar.
const NAMED: usize = 3;

/// Shows progress.
#[derive(Debug)]
pub(super) struct Lines {
    bar: Option<ProgressBar>,
    now: Mutex<Now>,
}

#[derive(Debug, Default)]
struct Now {
    /// Items so far, of the sections that are being read.
    reading: BTreeMap<&'static str, u64>,
    ended: u64,
    items: u64,
    waiting: BTreeMap<Throttle, Duration>,
}

impl Lines {
    pub(super) fn new(terminal: &Terminal) -> Self {
        Self { bar: bar(terminal, "sections"), now: Mutex::new(Now::default()) }
    }

    /// The end of the bar.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// A line for a person, above the bar.
    pub(super) fn print(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| Self::bare(text)),
            None => Self::bare(text),
        }
    }

    /// A line on standard error.
    pub(super) fn bare(text: &str) {
        // Nobody is left to be told when this fails.
        let _ = writeln!(std::io::stderr().lock(), "{}", escape::terminal_lines(text));
    }
}

/// A bar that counts something, where a person looks.
pub(super) fn bar(terminal: &Terminal, counted: &str) -> Option<ProgressBar> {
    terminal.is_interactive().then(|| {
        let bar = ProgressBar::new(0);
        let template = format!("{{spinner}} {{pos}}/{{len}} {counted}, {{elapsed}} {{wide_msg}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            let ticks = if terminal.unicode() { "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ " } else { "|/-\\ " };
            bar.set_style(style.tick_chars(ticks));
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    })
}

/// What a log says of an event, if anything.
pub(super) fn line(event: &Event) -> Option<String> {
    match event {
        Event::Planned(0) | Event::Begun(_) | Event::Items(..) => None,
        Event::Planned(sections) => Some(format!("{sections} sections to ask for")),
        Event::Ended(id, state, items) => Some(format!("{id}: {}", outcome(*state, *items))),
        Event::Waiting { class, wait } => {
            (*wait >= LONG).then(|| format!("waiting {} s for the quota of {}", wait.as_secs(), class.name()))
        }
        Event::Note(text) => Some(text.clone()),
    }
}

impl Progress for Lines {
    fn tell(&self, event: Event) {
        let Some(bar) = &self.bar else {
            return line(&event).iter().for_each(|text| Self::bare(text));
        };
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Planned(sections) => bar.inc_length(sections as u64),
            Event::Begun(id) => {
                now.reading.insert(id, 0);
            }
            Event::Items(id, items) => {
                now.reading.insert(id, items);
            }
            Event::Ended(id, _, items) => {
                now.reading.remove(id);
                now.ended += 1;
                now.items += items;
                now.waiting.clear();
                bar.inc(1);
            }
            Event::Waiting { class, wait } => {
                now.waiting.insert(class, wait);
            }
            Event::Note(text) => bar.suspend(|| Self::bare(&text)),
        }
        bar.set_message(now.message(bar.elapsed()));
    }
}

impl Now {
    /// How many items, how fast, of what, and what is waited for.
    fn message(&self, elapsed: Duration) -> String {
        let items = self.items + self.reading.values().sum::<u64>();
        let rate = items.checked_div(elapsed.as_secs()).unwrap_or(items);
        let mut text = format!("{} items, {}/s", HumanCount(items), HumanCount(rate));
        let mut largest: Vec<_> = self.reading.iter().collect();
        largest.sort_by_key(|(_, items)| std::cmp::Reverse(**items));
        for (id, items) in largest.iter().take(NAMED) {
            text.push_str(&format!(" · {id} {}", HumanCount(**items)));
        }
        if let Some((class, wait)) = self.waiting.iter().max_by_key(|(_, wait)| **wait) {
            text.push_str(&format!(" · waiting {} s for {}", wait.as_secs().max(1), class.name()));
        }
        text
    }
}

/// A state with a count, in a few words.
pub(super) fn outcome(state: State, items: u64) -> String {
    match state {
        State::Read if items == 1 => "1 item".to_owned(),
        State::Read => format!("{} items", HumanCount(items)),
        State::Partial => format!("{}, not all of them", outcome(State::Read, items)),
        State::Denied => "denied".to_owned(),
        State::Unlicensed => "not licensed".to_owned(),
        State::Unavailable => "not available".to_owned(),
        State::Failed => "failed".to_owned(),
        State::NotAsked => "not asked".to_owned(),
    }
}
