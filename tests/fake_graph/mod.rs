//! A Microsoft Graph of our own: a real HTTP/1.1 server in this process, with pages, batches, quotas,
//! refusals and faults. Comes in: a tenant and settings. Goes out: an address, and what was asked.
//! Not here: the contract with the real one (`contract`, a test of its own).
//!
//! Data: `tenant`, `synthetic`. A request's way: `wire`, `service`, `routes`, `answers`, `query` (with `filter` and
//! `rules`), `paging`, `looks`, `batch`, `reports`, `login`. What goes wrong: `refusals`, `quota`, `faults`,
//! `spoil`. What is remembered: `log`. Nothing here panics, and nothing knows of the test harness.
//!
//! A test says `mod fake_graph;` and `FakeGraph::start(tenant, settings).await`; with parts left unused,
//! `#[expect(dead_code, reason = "…")]` stands on the `mod`. A benchmark says
//! `#[path = "../../tests/fake_graph/mod.rs"] mod fake_graph;` and `FakeGraph::spawn(tenant, settings)`.
//! It needs `axum`, `base64`, `chrono`, `flate2`, `futures`, `hyper`, `hyper-util`, `levelmark`, `serde_json`,
//! `tokio` and `url`.

pub(crate) mod answers;
pub(crate) mod batch;
pub(crate) mod faults;
pub(crate) mod filter;
pub(crate) mod log;
pub(crate) mod login;
pub(crate) mod looks;
pub(crate) mod paging;
pub(crate) mod query;
pub(crate) mod quota;
pub(crate) mod refusals;
pub(crate) mod reply;
pub(crate) mod reports;
pub(crate) mod routes;
pub(crate) mod rules;
pub(crate) mod service;
pub(crate) mod settings;
pub(crate) mod spoil;
pub(crate) mod synthetic;
pub(crate) mod tenant;
pub(crate) mod wire;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, PoisonError, mpsc};
use std::thread;
use std::time::Instant;

use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use self::faults::Fault;
use self::log::{Door, Seen, Sums};
use self::login::Whose;
use self::quota::{Class, Counts};
use self::service::Service;
use self::settings::Settings;
use self::tenant::Tenant;

/// A running fake; it stops when dropped.
#[derive(Debug)]
pub(crate) struct FakeGraph {
    /// Of Graph and of the sign-in service: `http://127.0.0.1:PORT`, without a slash at the end.
    pub(crate) address: String,
    /// Where files of reports are, and bad links lead: another port.
    pub(crate) elsewhere: String,
    service: Arc<Service>,
    running: Running,
}

#[derive(Debug)]
enum Running {
    /// On the caller's runtime.
    Tasks([JoinHandle<()>; 2]),
    /// On a thread with a runtime of its own.
    Thread(Option<oneshot::Sender<()>>, Option<thread::JoinHandle<()>>),
}

impl Drop for FakeGraph {
    fn drop(&mut self) {
        match &mut self.running {
            Running::Tasks(tasks) => tasks.iter().for_each(JoinHandle::abort),
            Running::Thread(stop, thread) => {
                drop(stop.take());
                // The thread has nothing to say: it ends with its runtime.
                let _ = thread.take().map(thread::JoinHandle::join);
            }
        }
    }
}

impl FakeGraph {
    /// Starts on the runtime of the caller.
    ///
    /// # Errors
    /// No free port.
    pub(crate) async fn start(tenant: Tenant, settings: Settings) -> io::Result<Self> {
        let (service, [graph, other]) = prepare(tenant, settings).await?;
        let tasks = [
            tokio::spawn(wire::serve(graph, Arc::clone(&service), Door::Graph)),
            tokio::spawn(wire::serve(other, Arc::clone(&service), Door::Elsewhere)),
        ];
        Ok(Self::with(service, Running::Tasks(tasks)))
    }

    /// Starts on a thread of its own, for benchmarks and tests of the binary.
    ///
    /// # Errors
    /// No free port, no thread.
    pub(crate) fn spawn(tenant: Tenant, settings: Settings) -> io::Result<Self> {
        let (ready, started) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let run = move || {
            let runtime = match Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(ready.send(Err(error))),
            };
            runtime.block_on(async {
                match prepare(tenant, settings).await {
                    Ok((service, [graph, other])) => {
                        let _ = ready.send(Ok(Arc::clone(&service)));
                        tokio::select! {
                            () = wire::serve(graph, Arc::clone(&service), Door::Graph) => {}
                            () = wire::serve(other, service, Door::Elsewhere) => {}
                            _ = stopped => {}
                        }
                    }
                    Err(error) => drop(ready.send(Err(error))),
                }
            });
        };
        let thread = thread::Builder::new().name("fake graph".into()).spawn(run)?;
        let service = started.recv().map_err(io::Error::other)??;
        Ok(Self::with(service, Running::Thread(Some(stop), Some(thread))))
    }

    fn with(service: Arc<Service>, running: Running) -> Self {
        Self { address: service.address.clone(), elsewhere: service.elsewhere.clone(), service, running }
    }

    /// A token of the application, without signing in.
    pub(crate) fn token(&self) -> String {
        self.give(Whose::Application)
    }

    /// A token of a person, with `scp` instead of `roles`.
    pub(crate) fn delegated_token(&self) -> String {
        self.give(Whose::Person)
    }

    fn give(&self, whose: Whose) -> String {
        self.service.login.token(&self.service.tenant, &self.service.settings, whose, Instant::now())
    }

    /// From now on, tokens given out so far are answered with a claims challenge.
    pub(crate) fn revoke(&self) {
        self.service.login.revoke();
    }

    /// How many tokens were given out.
    pub(crate) fn tokens(&self) -> u64 {
        self.service.login.issued()
    }

    /// Adds trouble while running.
    pub(crate) fn trouble(&self, fault: Fault) {
        self.service.faults.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// What was asked so far, items of batches included, in order of their answers.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.service.log.seen()
    }

    /// How many requests, bytes, leaked tokens.
    pub(crate) fn sums(&self) -> Sums {
        self.service.log.sums()
    }

    /// The most requests that were answered at the same time.
    pub(crate) fn peak(&self) -> usize {
        self.service.log.peak()
    }

    /// What was counted against each quota.
    pub(crate) fn quotas(&self) -> BTreeMap<Class, Counts> {
        self.service.quota.lock().unwrap_or_else(PoisonError::into_inner).counts()
    }

    /// The tenant that it serves.
    pub(crate) fn tenant(&self) -> &Tenant {
        &self.service.tenant
    }
}

async fn prepare(tenant: Tenant, settings: Settings) -> io::Result<(Arc<Service>, [TcpListener; 2])> {
    let graph = TcpListener::bind(("127.0.0.1", 0)).await?;
    let other = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = |listener: &TcpListener| listener.local_addr().map(|address| format!("http://{address}"));
    let addresses = (address(&graph)?, address(&other)?);
    let service = Service::new(tenant, settings, addresses, Instant::now());
    Ok((Arc::new(service), [graph, other]))
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "tokens and dates of retrying are in the time of this machine")]
fn epoch() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}
