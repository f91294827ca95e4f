//! What is going on, for whoever shows it. Comes in: events of a collection. Goes out: nothing. Not
//! here: bars and lines (`commands`).

use std::fmt::Debug;
use std::time::Duration;

use crate::sections::throttle::Throttle;
use crate::snapshot::record::State;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// So many sections are to be collected; those that can't work or are kept are none of them.
    Planned(usize),
    /// A section was begun.
    Begun(&'static str),
    /// So many items of a section have come in so far.
    Items(&'static str, u64),
    /// A section is there, or why not.
    Ended(&'static str, State, u64),
    /// A class waits for its quota.
    Waiting {
        /// Which class.
        class: Throttle,
        /// For how long.
        wait: Duration,
    },
    /// Anything else worth a line.
    Note(String),
}

/// Whoever shows it. Called from many tasks; must not block.
pub trait Progress: Debug + Send + Sync {
    /// Something happened.
    fn tell(&self, event: Event);
}

/// Nobody looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn tell(&self, _: Event) {}
}
