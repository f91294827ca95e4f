//! One class of requests: what was sent of late, and when the next may be. Comes in: costs and times. Goes
//! out: the earliest start. Not here: waiting for it (`limit`).
//!
//! For every published quota the starts of the requests of its last span are kept: exact for servers
//! that count in fixed and in sliding windows alike. The span is stretched a little, since requests
//! do not arrive as evenly as they are sent.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Queue, Semaphore};

use super::limit::{Count, Tempo};
use crate::sections::throttle::{Quota, Throttle};

/// How much longer a span is taken than published.
const STRETCH: f64 = 1.05;
/// And never by more than this: how unevenly requests arrive has nothing to do with the length of a span.
const MOST: Duration = Duration::from_secs(1);

/// Who waits behind whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// A page of a list, or one object: only its answer tells what to ask next.
    List,
    /// One of many batches, which could all be asked at once.
    Batch,
}

/// One class of one tenant.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) slots: Arc<Semaphore>,
    /// Fewer than there are slots: a list finds one free.
    pub(super) batch_slots: Arc<Semaphore>,
    /// Whoever waits for its turn waits here, in order.
    lists: Queue<()>,
    batches: Queue<()>,
    spans: Mutex<Spans>,
    /// Units of the first quota, which for the directory depend on the size of the tenant.
    pub(super) units: AtomicU32,
    pub(super) counts: Counts,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) requests: AtomicU64,
    units: AtomicU64,
    pub(super) throttled: AtomicU64,
    pub(super) waited: AtomicU64,
}

#[derive(Debug)]
struct Spans {
    spans: Vec<Span>,
    /// Nothing starts before; time since the start.
    paused: Duration,
}

#[derive(Debug)]
struct Span {
    quota: Quota,
    length: Duration,
    starts: VecDeque<Start>,
    used: u32,
    /// What lists used of it.
    lists: u32,
}

/// A request of a span.
#[derive(Debug, Clone, Copy)]
struct Start {
    at: Duration,
    cost: u32,
    lane: Lane,
}

impl Counts {
    pub(super) fn read(&self) -> Count {
        Count {
            requests: self.requests.load(Ordering::Relaxed),
            units: self.units.load(Ordering::Relaxed),
            throttled: self.throttled.load(Ordering::Relaxed),
            waited: self.waited.load(Ordering::Relaxed),
        }
    }
}

impl Gate {
    pub(super) fn new(class: Throttle, tempo: Tempo) -> Self {
        let stretched = |per: Duration| per.mul_f64(STRETCH).min(per + MOST);
        let span = |quota: &Quota| Span {
            quota: *quota,
            length: tempo.ours(stretched(quota.per).div_f64(tempo.share)),
            starts: VecDeque::new(),
            used: 0,
            lists: 0,
        };
        let quotas = class.quotas();
        Self {
            slots: Arc::new(Semaphore::new(class.at_once())),
            batch_slots: Arc::new(Semaphore::new(class.at_once() - class.at_once() / 8)),
            lists: Queue::new(()),
            batches: Queue::new(()),
            spans: Mutex::new(Spans { spans: quotas.iter().map(span).collect(), paused: Duration::ZERO }),
            units: AtomicU32::new(quotas.first().map_or(u32::MAX, |quota| quota.units)),
            counts: Counts::default(),
        }
    }

    pub(super) const fn queue(&self, lane: Lane) -> &Queue<()> {
        match lane {
            Lane::List => &self.lists,
            Lane::Batch => &self.batches,
        }
    }

    /// When a request of this cost may start.
    pub(super) fn earliest(&self, now: Duration, cost: u32, lane: Lane) -> Duration {
        let first = self.units.load(Ordering::Relaxed);
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).earliest(now, cost, lane, first)
    }

    /// Starts a request, if it may start now.
    pub(super) fn start(&self, now: Duration, cost: u32, lane: Lane) -> bool {
        let first = self.units.load(Ordering::Relaxed);
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        if spans.earliest(now, cost, lane, first) > now {
            return false;
        }
        for span in &mut spans.spans {
            span.add(Start { at: now, cost, lane });
        }
        self.counts.units.fetch_add(cost.into(), Ordering::Relaxed);
        true
    }

    /// Nothing starts before.
    pub(super) fn pause(&self, until: Duration) {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        spans.paused = spans.paused.max(until);
    }

    /// Share of the fullest quota that we have used ourselves.
    pub(super) fn used(&self) -> f64 {
        let first = self.units.load(Ordering::Relaxed);
        let spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        let share =
            |(at, span): (usize, &Span)| f64::from(span.used) / f64::from(span.units(at, first).max(1));
        spans.spans.iter().enumerate().map(share).fold(0.0, f64::max)
    }
}

impl Spans {
    fn earliest(&mut self, now: Duration, cost: u32, lane: Lane, first: u32) -> Duration {
        let mut start = self.paused;
        for (at, span) in self.spans.iter_mut().enumerate() {
            let units = span.units(at, first);
            span.forget(now);
            let units = match lane {
                Lane::List => units,
                Lane::Batch => units - span.reserved(units),
            };
            start = start.max(span.earliest(now, cost, units));
        }
        start
    }
}

impl Span {
    const fn units(&self, at: usize, first: u32) -> u32 {
        if at == 0 { first } else { self.quota.units }
    }

    /// What batches leave to lists as long as any is being read: twice what the last span's took, but some
    /// of the quota at least, since a list that just begins has not taken much.
    fn reserved(&self, units: u32) -> u32 {
        match self.lists {
            0 => 0,
            taken => taken.saturating_mul(2).clamp(units / 20, units / 4),
        }
    }

    fn add(&mut self, start: Start) {
        self.used += start.cost;
        self.lists += if start.lane == Lane::List { start.cost } else { 0 };
        self.starts.push_back(start);
    }

    fn forget(&mut self, now: Duration) {
        while let Some(start) = self.starts.pop_front_if(|start| start.at + self.length <= now) {
            self.used -= start.cost;
            self.lists -= if start.lane == Lane::List { start.cost } else { 0 };
        }
    }

    fn earliest(&self, now: Duration, cost: u32, units: u32) -> Duration {
        let mut used = self.used;
        for start in &self.starts {
            // What costs more than the whole quota starts alone.
            if used == 0 || used.saturating_add(cost) <= units {
                break;
            }
            used -= start.cost;
            if used == 0 || used.saturating_add(cost) <= units {
                return start.at + self.length;
            }
        }
        now
    }
}
