//! What the fake was asked, for assertions. Comes in: requests and answers. Goes out: records and
//! sums. Not here: tokens themselves, of which only the presence is kept.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::reply::Ask;

/// A request that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) door: Door,
    pub(crate) method: String,
    /// As sent.
    pub(crate) path: String,
    /// As sent, without `?`.
    pub(crate) query: String,
    /// Names in lower case, without `authorization`.
    pub(crate) headers: BTreeMap<String, String>,
    /// Whether there was an `authorization`.
    pub(crate) authorized: bool,
    /// Since the start of the fake.
    pub(crate) at: Duration,
    pub(crate) status: u16,
    /// Length of the answer's body as sent; 0 for an item of a batch.
    pub(crate) bytes: u64,
}

/// Where it came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// The address of Graph and of the sign-in service.
    Graph,
    /// As an item of a batch.
    Batch,
    /// The other address: files of reports, and what no token may be sent to.
    Elsewhere,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    seen: Mutex<Vec<Seen>>,
    sums: Mutex<Sums>,
    running: AtomicUsize,
    peak: AtomicUsize,
}

/// Sums, kept even if requests are not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    /// Requests over HTTP.
    pub(crate) requests: u64,
    /// Requests inside of batches.
    pub(crate) items: u64,
    /// Bytes of bodies sent.
    pub(crate) bytes: u64,
    /// Requests at the other address that came with a token.
    pub(crate) leaks: u64,
}

impl Log {
    /// Remembers a request.
    pub(crate) fn note(&self, door: Door, ask: &Ask, (status, bytes): (u16, u64), at: Duration, keep: bool) {
        let mut headers = ask.headers.clone();
        let authorized = headers.remove("authorization").is_some_and(|header| !header.is_empty());
        {
            let mut sums = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
            match door {
                Door::Batch => sums.items += 1,
                Door::Graph | Door::Elsewhere => sums.requests += 1,
            }
            sums.bytes += bytes;
            sums.leaks += u64::from(door == Door::Elsewhere && authorized);
        }
        if keep {
            let (method, path, query) = (ask.method.clone(), ask.path.clone(), ask.query.clone());
            let seen = Seen { door, method, path, query, headers, authorized, at, status, bytes };
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn sums(&self) -> Sums {
        *self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The most requests that were being answered at the same time.
    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    /// A request is being answered for as long as the guard lives.
    pub(crate) fn running(&self) -> Running<'_> {
        let now = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        self.peak.fetch_max(now, Ordering::Relaxed);
        Running(&self.running)
    }
}

/// See [`Log::running`].
#[derive(Debug)]
pub(crate) struct Running<'l>(&'l AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
