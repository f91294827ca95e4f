//! The same work for many tenants at once, with bounded memory. Comes in: tenants and what to do with each.
//! Goes out: what came of each, in their order. Not here: what is done.
//!
//! One thread of work per core, each with one tenant at a time: what is in memory does not grow with the
//! number of tenants. A shared pool would steal: a thread that waits for a section of one tenant would begin
//! the next one, and hold both.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::sync::{Condvar, Mutex, PoisonError};

use miette::miette;
use rayon::ThreadPoolBuilder;

use crate::run::Result;

/// So many results a worker may wait for their turn.
const AHEAD: usize = 8;

/// Runs `work` on each item and hands the results to `take`, in the order of the items.
///
/// # Errors
/// Those of `take`, after which nothing new is begun; no thread can be had.
pub fn in_order<'i, T: Sync, R: Send>(
    items: &'i [T],
    threads: usize,
    work: impl Fn(&'i T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<()>,
) -> Result<()> {
    let workers = threads.clamp(1, items.len().max(1));
    let pools: std::result::Result<Vec<_>, _> = (0..workers)
        .map(|_| ThreadPoolBuilder::new().num_threads((threads / workers).max(1)).build())
        .collect();
    let pools = pools.map_err(|error| miette!("no threads can be had: {error}"))?;
    let queue = Queue::new(workers * AHEAD);
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for pool in &pools {
            let (sender, queue, work) = (sender.clone(), &queue, &work);
            scope.spawn(move || {
                let _stop = Stop(queue);
                while let Some((index, item)) =
                    queue.next().and_then(|index| Some((index, items.get(index)?)))
                {
                    if sender.send((index, pool.install(|| work(item)))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let _stop = Stop(&queue);
        let mut early = BTreeMap::new();
        let mut turn = 0;
        for (index, result) in receiver {
            early.insert(index, result);
            while let Some(result) = early.remove(&turn) {
                take(result)?;
                turn += 1;
                queue.taken();
            }
        }
        Ok(())
    })
}

/// Which item is next, and how far ahead of what is taken.
struct Queue {
    state: Mutex<State>,
    moved: Condvar,
    ahead: usize,
}

struct State {
    next: usize,
    taken: usize,
    stopped: bool,
}

impl Queue {
    fn new(ahead: usize) -> Self {
        Self { state: Mutex::new(State { next: 0, taken: 0, stopped: false }), moved: Condvar::new(), ahead }
    }

    /// The next item; waits while too many results wait themselves. None once nothing new is to begin.
    fn next(&self) -> Option<usize> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |state: &mut State| !state.stopped && state.next >= state.taken + self.ahead;
        let mut state = self.moved.wait_while(state, full).unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            return None;
        }
        state.next += 1;
        Some(state.next - 1)
    }

    fn taken(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).taken += 1;
        self.moved.notify_all();
    }
}

/// Stops the queue at the end of its life: nobody waits for one who is gone, for an error or a panic.
struct Stop<'q>(&'q Queue);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).stopped = true;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_order_and_none_is_lost() {
        for threads in [1, 2, 7] {
            let items: Vec<usize> = (0..500).collect();
            let mut seen = Vec::new();
            let work = |item: &usize| {
                // The first of each ten is the slowest.
                if item.is_multiple_of(10) {
                    std::thread::yield_now();
                }
                *item
            };
            in_order(&items, threads, work, |item| {
                seen.push(item);
                Ok(())
            })
            .unwrap();
            assert_eq!(seen, items);
        }
    }

    #[test]
    fn nobody_runs_far_ahead_of_a_slow_first() {
        let items: Vec<usize> = (0..1_000).collect();
        let (started, seen) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |_: &usize| started.fetch_add(1, Ordering::SeqCst);
        in_order(&items, 2, work, |_| {
            let ahead = started.load(Ordering::SeqCst) - seen.fetch_add(1, Ordering::SeqCst);
            assert!(ahead <= 2 * AHEAD + 1, "{ahead} ahead");
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn an_error_ends_it_all() {
        let items: Vec<usize> = (0..10_000).collect();
        let begun = AtomicUsize::new(0);
        let work = |_: &usize| begun.fetch_add(1, Ordering::SeqCst);
        let result = in_order(&items, 2, work, |_| Err(miette!("closed")));
        assert!(result.is_err());
        assert!(begun.load(Ordering::SeqCst) < 100);
    }
}
