//! Staying below the quotas instead of running into them. Comes in: a class and what a request costs.
//! Goes out: a permit, when its turn has come. Not here: which path is of which class (`sections`),
//! what happens after a refusal (`retry`).
//!
//! For every published quota the starts of the requests of its last span are kept: exact for servers
//! that count in fixed and in sliding windows alike. The span is stretched a little, since requests
//! do not arrive as evenly as they are sent.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Queue, OwnedSemaphorePermit, Semaphore};

use super::super::clock::Clock;
use super::super::progress::{Event, Progress};
use crate::sections::throttle::{DIRECTORY_SIZES, Quota, Throttle};

/// How much longer a span is taken than published.
const STRETCH: f64 = 1.05;
/// Requests at a time, over all classes.
const AT_ONCE: usize = 48;
/// Waiting for less than this is not worth telling.
const WORTH_TELLING: Duration = Duration::from_secs(2);

/// How fast to go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tempo {
    /// Share of the published quotas to use: below 1 where other tools need some of them, above 1 where
    /// Microsoft has granted more.
    pub share: f64,
    /// How much faster time passes at the server than here, for simulations; 1 in real life. All waits
    /// are shorter by it.
    pub speed: f64,
}

impl Default for Tempo {
    fn default() -> Self {
        Self { share: 1.0, speed: 1.0 }
    }
}

impl Tempo {
    /// A time of the server's as one of ours.
    #[must_use]
    pub fn ours(&self, theirs: Duration) -> Duration {
        theirs.div_f64(self.speed)
    }
}

/// What was asked of a class so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Requests, those inside batches each.
    pub requests: u64,
    /// Units of the quota.
    pub units: u64,
    /// Requests that were answered 429.
    pub throttled: u64,
    /// Milliseconds that the requests waited for their turn, one after the other.
    pub waited: u64,
}

/// All classes of one tenant.
#[derive(Debug)]
pub struct Limiter {
    gates: BTreeMap<Throttle, Gate>,
    overall: Arc<Semaphore>,
    clock: Clock,
    tempo: Tempo,
    progress: Arc<dyn Progress>,
}

#[derive(Debug)]
struct Gate {
    slots: Arc<Semaphore>,
    /// Whoever waits for its turn waits here, in order.
    queue: Queue<()>,
    spans: Mutex<Spans>,
    /// Units of the first quota, which for the directory depend on the size of the tenant.
    units: AtomicU32,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU64,
    units: AtomicU64,
    throttled: AtomicU64,
    waited: AtomicU64,
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
    /// When requests of the span started, and their units.
    starts: VecDeque<(Duration, u32)>,
    used: u32,
}

/// A request that may be sent; it counts as under way until this is dropped.
#[derive(Debug)]
pub struct Permit {
    _class: OwnedSemaphorePermit,
    _overall: OwnedSemaphorePermit,
}

const CLASSES: [Throttle; 10] = [
    Throttle::Directory,
    Throttle::IdentityReports,
    Throttle::ConditionalAccess,
    Throttle::ServiceCommunications,
    Throttle::UsageReports,
    Throttle::SecureScore,
    Throttle::MessageTrace,
    Throttle::Outlook,
    Throttle::Teams,
    Throttle::Unpublished,
];

impl Limiter {
    /// A limiter that has seen nothing yet.
    pub fn new(clock: Clock, tempo: Tempo, progress: Arc<dyn Progress>) -> Self {
        let gates = CLASSES.into_iter().map(|class| (class, Gate::new(class, tempo))).collect();
        Self { gates, overall: Arc::new(Semaphore::new(AT_ONCE)), clock, tempo, progress }
    }

    /// Waits until a request of this class and cost may start.
    pub async fn permit(&self, class: Throttle, cost: u32) -> Option<Permit> {
        let gate = self.gates.get(&class)?;
        // Never closed.
        let slot = gate.slots.clone().acquire_owned().await.ok()?;
        let overall = {
            let _turn = gate.queue.lock().await;
            loop {
                let now = self.clock.passed();
                let start = gate.earliest(now, cost);
                if start <= now {
                    break;
                }
                let wait = start - now;
                if wait >= self.tempo.ours(WORTH_TELLING) {
                    self.progress.tell(Event::Waiting { class, wait });
                }
                gate.counts.waited.fetch_add(millis(wait), Ordering::Relaxed);
                tokio::time::sleep(wait).await;
            }
            let overall = self.overall.clone().acquire_owned().await.ok()?;
            gate.start(self.clock.passed(), cost);
            overall
        };
        gate.counts.units.fetch_add(cost.into(), Ordering::Relaxed);
        Some(Permit { _class: slot, _overall: overall })
    }

    /// Counts requests as sent; a batch is as many as it holds.
    pub fn sent(&self, class: Throttle, requests: usize) {
        if let Some(gate) = self.gates.get(&class) {
            gate.counts.requests.fetch_add(requests as u64, Ordering::Relaxed);
        }
    }

    /// Holds a class back after the server said that it was too much; in our time.
    pub fn hold(&self, class: Throttle, wait: Duration) {
        let Some(gate) = self.gates.get(&class) else { return };
        gate.counts.throttled.fetch_add(1, Ordering::Relaxed);
        gate.pause(self.clock.passed() + wait);
    }

    /// Holds a class back for a moment before it is too much: the server told how much of its limit is
    /// used (`x-ms-throttle-limit-percentage`, told from 0.8 on).
    pub fn ease(&self, class: Throttle, used: f64) {
        let Some(gate) = self.gates.get(&class) else { return };
        if used >= 0.8 && class != Throttle::ConditionalAccess {
            let wait = Duration::from_millis(if used >= 1.0 { 1_000 } else { 250 });
            gate.pause(self.clock.passed() + self.tempo.ours(wait));
        }
    }

    /// Sets the directory's quota by the number of users.
    pub fn users_are(&self, users: u64) {
        let units = DIRECTORY_SIZES.iter().rev().find(|(from, _)| users >= *from).map(|(_, units)| *units);
        if let (Some(gate), Some(units)) = (self.gates.get(&Throttle::Directory), units) {
            gate.units.fetch_max(units, Ordering::Relaxed);
        }
    }

    /// What was asked so far, class by class.
    pub fn counts(&self) -> BTreeMap<Throttle, Count> {
        self.gates.iter().map(|(class, gate)| (*class, gate.counts.read())).collect()
    }
}

impl Counts {
    fn read(&self) -> Count {
        Count {
            requests: self.requests.load(Ordering::Relaxed),
            units: self.units.load(Ordering::Relaxed),
            throttled: self.throttled.load(Ordering::Relaxed),
            waited: self.waited.load(Ordering::Relaxed),
        }
    }
}

impl Gate {
    fn new(class: Throttle, tempo: Tempo) -> Self {
        let span = |quota: &Quota| Span {
            quota: *quota,
            length: tempo.ours(quota.per.mul_f64(STRETCH).div_f64(tempo.share)),
            starts: VecDeque::new(),
            used: 0,
        };
        let quotas = class.quotas();
        Self {
            slots: Arc::new(Semaphore::new(class.at_once())),
            queue: Queue::new(()),
            spans: Mutex::new(Spans { spans: quotas.iter().map(span).collect(), paused: Duration::ZERO }),
            units: AtomicU32::new(quotas.first().map_or(u32::MAX, |quota| quota.units)),
            counts: Counts::default(),
        }
    }

    /// When a request of this cost may start.
    fn earliest(&self, now: Duration, cost: u32) -> Duration {
        let first = self.units.load(Ordering::Relaxed);
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        let mut start = spans.paused;
        for (at, span) in spans.spans.iter_mut().enumerate() {
            let units = if at == 0 { first } else { span.quota.units };
            start = start.max(span.earliest(now, cost, units));
        }
        start
    }

    fn start(&self, now: Duration, cost: u32) {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        for span in &mut spans.spans {
            span.starts.push_back((now, cost));
            span.used += cost;
        }
    }

    fn pause(&self, until: Duration) {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        spans.paused = spans.paused.max(until);
    }
}

impl Span {
    fn earliest(&mut self, now: Duration, cost: u32, units: u32) -> Duration {
        while let Some((start, used)) = self.starts.front().copied() {
            if start + self.length > now {
                break;
            }
            self.starts.pop_front();
            self.used -= used;
        }
        let mut used = self.used;
        for (start, one) in &self.starts {
            // What costs more than the whole quota starts alone.
            if used == 0 || used.saturating_add(cost) <= units {
                break;
            }
            used -= one;
            if used == 0 || used.saturating_add(cost) <= units {
                return *start + self.length;
            }
        }
        now
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use tokio::time::Instant;

    use super::*;
    use crate::collect::progress::Silent;

    fn limiter(tempo: Tempo) -> (Arc<Limiter>, Clock) {
        let clock = Clock::new(DateTime::UNIX_EPOCH, Instant::now());
        (Arc::new(Limiter::new(clock, tempo, Arc::new(Silent))), clock)
    }

    /// Starts of requests, in seconds.
    async fn starts(class: Throttle, costs: &[u32], tempo: Tempo) -> Vec<f64> {
        let (limiter, clock) = limiter(tempo);
        let mut starts = Vec::new();
        for cost in costs {
            drop(limiter.permit(class, *cost).await);
            starts.push((clock.passed().as_secs_f64() * 1_000.0).round() / 1_000.0);
        }
        starts
    }

    #[tokio::test(start_paused = true)]
    async fn no_span_holds_more_than_its_quota() {
        let now = Tempo::default();
        assert_eq!(
            starts(Throttle::IdentityReports, &[1; 12], now).await,
            [0.0, 0.0, 0.0, 0.0, 0.0, 10.5, 10.5, 10.5, 10.5, 10.5, 21.0, 21.0]
        );
        assert_eq!(starts(Throttle::ConditionalAccess, &[1; 3], now).await, [0.0, 1.05, 2.1]);
        assert_eq!(
            starts(Throttle::Directory, &[2_000, 2_000, 3_500, 9_000, 1], now).await,
            [0.0, 10.5, 21.0, 31.5, 42.0]
        );
        assert_eq!(starts(Throttle::Unpublished, &[1; 3], now).await, [0.0; 3]);
        // Half the quota takes twice as long; ten times the speed a tenth.
        let half = Tempo { share: 0.5, speed: 1.0 };
        assert_eq!(starts(Throttle::ConditionalAccess, &[1; 2], half).await, [0.0, 2.1]);
        let fast = Tempo { share: 1.0, speed: 10.0 };
        assert_eq!(starts(Throttle::ConditionalAccess, &[1; 2], fast).await, [0.0, 0.105]);
    }

    #[tokio::test(start_paused = true)]
    async fn two_quotas_of_one_class_both_hold() {
        let starts = starts(Throttle::ServiceCommunications, &[1; 900], Tempo::default()).await;
        assert_eq!(starts.iter().filter(|start| **start < 60.0).count(), 240);
        assert_eq!(starts.iter().filter(|start| **start < 3_600.0).count(), 800);
    }

    #[tokio::test(start_paused = true)]
    async fn a_class_is_held_back_and_the_others_go_on() {
        let (limiter, clock) = limiter(Tempo::default());
        limiter.hold(Throttle::Teams, Duration::from_secs(7));
        drop(limiter.permit(Throttle::Directory, 1).await);
        assert_eq!(clock.passed(), Duration::ZERO);
        drop(limiter.permit(Throttle::Teams, 1).await);
        assert_eq!(clock.passed(), Duration::from_secs(7));
        let count = limiter.counts()[&Throttle::Teams];
        assert_eq!((count.throttled, count.units, count.waited), (1, 1, 7_000));
    }

    #[tokio::test(start_paused = true)]
    async fn larger_tenants_may_ask_more() {
        let (limiter, clock) = limiter(Tempo::default());
        limiter.users_are(100_000);
        limiter.users_are(10);
        for _ in 0..8 {
            drop(limiter.permit(Throttle::Directory, 1_000).await);
        }
        assert_eq!(clock.passed(), Duration::ZERO);
        drop(limiter.permit(Throttle::Directory, 1).await);
        assert_eq!(clock.passed(), Duration::from_millis(10_500));
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_at_once_as_the_class_allows() {
        let (limiter, _) = limiter(Tempo::default());
        let held: Vec<_> = [limiter.permit(Throttle::ConditionalAccess, 1).await].into();
        let second =
            tokio::time::timeout(Duration::from_secs(60), limiter.permit(Throttle::ConditionalAccess, 1));
        assert!(second.await.is_err(), "one at a time");
        drop(held);
        assert!(limiter.permit(Throttle::ConditionalAccess, 1).await.is_some());
    }
}
