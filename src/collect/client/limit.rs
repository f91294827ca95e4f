//! Staying below the quotas instead of running into them. Comes in: a class and what a request costs.
//! Goes out: a permit, when its turn has come. Not here: which path is of which class (`sections`),
//! what happens after a refusal (`retry`).
//!
//! Each class has a gate (`gate`), and in it two lanes: whoever asks for a page of a list does not wait
//! behind the batches, each of which could have been sent at any time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::super::clock::Clock;
use super::super::progress::{Event, Progress};
use super::gate::{Gate, Lane};
use crate::sections::throttle::{DIRECTORY_SIZES, Throttle};

/// Requests at a time, over all classes.
const AT_ONCE: usize = 48;
/// Waiting for less than this is not worth telling.
const WORTH_TELLING: Duration = Duration::from_secs(2);
/// A server that counts this much more than we do, as a share of the limit, counts others, too.
const NEWS: f64 = 0.05;

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

/// A request that may be sent; it counts as under way until this is dropped.
#[derive(Debug)]
pub struct Permit {
    _batch: Option<OwnedSemaphorePermit>,
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
    pub async fn permit(&self, class: Throttle, cost: u32, lane: Lane) -> Option<Permit> {
        let gate = self.gates.get(&class)?;
        let _turn = gate.queue(lane).lock().await;
        loop {
            let now = self.clock.passed();
            let start = gate.earliest(now, cost, lane);
            if start > now {
                let wait = start - now;
                if wait >= self.tempo.ours(WORTH_TELLING) {
                    self.progress.tell(Event::Waiting { class, wait });
                }
                gate.counts.waited.fetch_add(millis(wait), Ordering::Relaxed);
                tokio::time::sleep(wait).await;
                continue;
            }
            // Only now: who waits for the quota must not keep a place from the other lane. Never closed.
            let batch = match lane {
                Lane::List => None,
                Lane::Batch => Some(gate.batch_slots.clone().acquire_owned().await.ok()?),
            };
            let slot = gate.slots.clone().acquire_owned().await.ok()?;
            let overall = self.overall.clone().acquire_owned().await.ok()?;
            // The other lane may have been quicker.
            if gate.start(self.clock.passed(), cost, lane) {
                return Some(Permit { _batch: batch, _class: slot, _overall: overall });
            }
        }
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
    /// used (`x-ms-throttle-limit-percentage`, told from 0.8 on). What we have used ourselves is no news.
    pub fn ease(&self, class: Throttle, used: f64) {
        let Some(gate) = self.gates.get(&class) else { return };
        let ours = gate.used() * self.tempo.share.min(1.0);
        if used >= 0.8 && used > ours + NEWS && class != Throttle::ConditionalAccess {
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
            drop(limiter.permit(class, *cost, Lane::List).await);
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
        drop(limiter.permit(Throttle::Directory, 1, Lane::List).await);
        assert_eq!(clock.passed(), Duration::ZERO);
        drop(limiter.permit(Throttle::Teams, 1, Lane::List).await);
        assert_eq!(clock.passed(), Duration::from_secs(7));
        let count = limiter.counts()[&Throttle::Teams];
        assert_eq!((count.throttled, count.units, count.waited), (1, 1, 7_000));
    }

    #[tokio::test(start_paused = true)]
    async fn lists_do_not_wait_behind_batches() {
        let (limiter, clock) = limiter(Tempo::default());
        limiter.users_are(100_000);
        let batches = (0..800).map(|_| {
            let limiter = limiter.clone();
            async move {
                let permit = limiter.permit(Throttle::Directory, 20, Lane::Batch).await;
                tokio::time::sleep(Duration::from_millis(150)).await;
                drop(permit);
            }
        });
        let batches = async {
            futures::future::join_all(batches).await;
            clock.passed().as_secs_f64()
        };
        let list = async {
            for _ in 0..100 {
                let permit = limiter.permit(Throttle::Directory, 2, Lane::List).await;
                tokio::time::sleep(Duration::from_millis(150)).await;
                drop(permit);
            }
            clock.passed().as_secs_f64()
        };
        let (batches, list) = futures::join!(batches, list);
        // By itself the list takes 15 seconds, behind all batches 37; these begin their third span.
        assert!(list < 15.5, "{list}");
        assert!(batches < 22.0, "{batches}");
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_others_use_holds_us_back() {
        let (limiter, clock) = limiter(Tempo::default());
        let permit = limiter.permit(Throttle::SecureScore, 1, Lane::List).await;
        limiter.ease(Throttle::SecureScore, 0.9);
        drop((permit, limiter.permit(Throttle::SecureScore, 1, Lane::List).await));
        assert_eq!(clock.passed(), Duration::from_millis(250), "others use it");
        for _ in 0..140 {
            drop(limiter.permit(Throttle::SecureScore, 1, Lane::List).await);
        }
        limiter.ease(Throttle::SecureScore, 0.95);
        drop(limiter.permit(Throttle::SecureScore, 1, Lane::List).await);
        assert_eq!(clock.passed(), Duration::from_millis(250), "we know what we have used");
    }

    #[tokio::test(start_paused = true)]
    async fn larger_tenants_may_ask_more() {
        let (limiter, clock) = limiter(Tempo::default());
        limiter.users_are(100_000);
        limiter.users_are(10);
        for _ in 0..8 {
            drop(limiter.permit(Throttle::Directory, 1_000, Lane::List).await);
        }
        assert_eq!(clock.passed(), Duration::ZERO);
        drop(limiter.permit(Throttle::Directory, 1, Lane::List).await);
        assert_eq!(clock.passed(), Duration::from_millis(10_500));
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_at_once_as_the_class_allows() {
        let (limiter, _) = limiter(Tempo::default());
        let held: Vec<_> = [limiter.permit(Throttle::ConditionalAccess, 1, Lane::List).await].into();
        let second = tokio::time::timeout(
            Duration::from_secs(60),
            limiter.permit(Throttle::ConditionalAccess, 1, Lane::List),
        );
        assert!(second.await.is_err(), "one at a time");
        drop(held);
        assert!(limiter.permit(Throttle::ConditionalAccess, 1, Lane::List).await.is_some());
    }
}
