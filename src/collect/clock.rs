//! What time it is. Comes in: the time at the start of the program, and the moment when that was.
//! Goes out: the time now. Not here: waiting.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// A clock that the program has set; it goes on by itself.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    set_to: DateTime<Utc>,
    set_at: Instant,
}

impl Clock {
    /// A clock that showed this time at that moment.
    #[must_use]
    pub const fn new(set_to: DateTime<Utc>, set_at: Instant) -> Self {
        Self { set_to, set_at }
    }

    /// How long the clock has been going.
    #[must_use]
    pub fn passed(&self) -> Duration {
        self.set_at.elapsed()
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.passed()).unwrap_or(TimeDelta::MAX);
        self.set_to.checked_add_signed(passed).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}
