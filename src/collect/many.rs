//! Many tenants side by side, so many at a time, each with a client, a limiter and tokens of its own. Comes
//! in: a clerk who knows each tenant's order. Goes out: what became of each; none stops another. Not
//! here: one collection (`order`), the file of tenants (`tenants`), showing it (`commands`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use miette::Report;
use tokio::sync::Mutex as Turn;
use tokio::task::JoinSet;

use super::clock::Clock;
use super::order::{CollectError, Collected, Order};
use super::sign_in::{SignInError, Token, TokenSource};
use crate::sections::normal::is_guid;
use crate::snapshot::record::State;

/// A tenant that is to be collected.
#[derive(Debug, Clone)]
pub struct Job {
    /// What it is called, for people.
    pub name: String,
    /// Directory id or domain, as asked for.
    pub id: String,
    /// A person signs in.
    pub person: bool,
}

/// What became of it.
#[derive(Debug)]
pub struct Ended {
    /// How long it took.
    pub took: Duration,
    /// What is in its snapshot, or why there is none.
    pub result: Result<Sums, Report>,
}

/// A collection in numbers: snapshots are not kept in memory, nor are their manifests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// Directory id of the tenant.
    pub tenant: String,
    /// Sections read.
    pub read: usize,
    /// Sections read in part.
    pub partial: usize,
    /// Sections that the sign-in may not see.
    pub denied: usize,
    /// Sections that the tenant has not bought.
    pub unlicensed: usize,
    /// Sections that the cloud or the tenant does not have.
    pub unavailable: usize,
    /// Sections that the service did not answer.
    pub failed: usize,
    /// Items of all of them.
    pub items: u64,
}

/// Who knows the tenants.
pub trait Clerk: Sync {
    /// What is to be collected of a tenant. Asked only when its turn comes.
    ///
    /// # Errors
    /// Why it can't be: that tenant fails, and no other.
    fn order(&self, job: usize) -> Result<Order, Report>;

    /// A tenant's turn has come.
    fn begun(&self, job: usize);

    /// A tenant is done.
    fn ended(&self, job: usize, ended: &Ended);
}

/// Two names of one tenant.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("tenant {tenant} is that of `{other}` already")]
#[diagnostic(code(levelmark::collect::same_tenant), help("remove one of the two from the file of tenants"))]
pub struct SameTenant {
    /// Directory id.
    pub tenant: String,
    /// The name of the other one.
    pub other: String,
}

/// Collects all of them, at most `at_once` at a time; the results are in the order of the jobs.
///
/// People sign in before all else, one after the other, while somebody sits there.
pub async fn collect(clerk: &dyn Clerk, jobs: &[Job], at_once: usize, clock: Clock) -> Vec<Ended> {
    let run = Run {
        clerk,
        jobs,
        clock,
        whose: Mutex::new(known(jobs)),
        turn: Turn::new(()),
        door: Arc::new(Turn::new(())),
    };
    let mut ready = BTreeMap::new();
    for (job, _) in jobs.iter().enumerate().filter(|(_, job)| job.person) {
        ready.insert(job, run.signed_in(job).await);
    }
    let (run, mut ready) = (&run, ready);
    let ended = stream::iter(0..jobs.len()).map(|job| {
        let ready = ready.remove(&job);
        async move { (job, run.one(job, ready).await) }
    });
    ended.buffer_unordered(at_once.max(1)).collect::<BTreeMap<_, _>>().await.into_values().collect()
}

/// Whose tenants are known before signing in: an id counts before a domain that turns out to be the same.
fn known(jobs: &[Job]) -> BTreeMap<String, usize> {
    let mut known = BTreeMap::new();
    for (at, job) in jobs.iter().enumerate().filter(|(_, job)| is_guid(&job.id)) {
        known.entry(job.id.to_ascii_lowercase()).or_insert(at);
    }
    known
}

struct Run<'r> {
    clerk: &'r dyn Clerk,
    jobs: &'r [Job],
    clock: Clock,
    /// Tenants by directory id, and whose job they are.
    whose: Mutex<BTreeMap<String, usize>>,
    /// Domains sign in one after the other, so that of two that are one tenant always the same fails. The
    /// lock is fair, and the jobs of one stream come to it in their order.
    turn: Turn<()>,
    /// People are asked one after the other, also when a sign-in can't be renewed later on.
    door: Arc<Turn<()>>,
}

impl Run<'_> {
    async fn one(&self, job: usize, ready: Option<Result<Order, Report>>) -> Ended {
        let began = self.clock.passed();
        self.clerk.begun(job);
        let order = match ready {
            Some(order) => order,
            None => self.signed_in(job).await,
        };
        let result = match order {
            Ok(order) => alone(order).await.map(|collected| Sums::of(&collected)).map_err(Report::new),
            Err(error) => Err(error),
        };
        let ended = Ended { took: self.clock.passed().saturating_sub(began), result };
        self.clerk.ended(job, &ended);
        ended
    }

    /// The order of a tenant that was signed in to, and that nobody else has.
    async fn signed_in(&self, at: usize) -> Result<Order, Report> {
        let mut order = self.clerk.order(at)?;
        let Some(job) = self.jobs.get(at) else { return Ok(order) };
        let turn = if is_guid(&job.id) { None } else { Some(self.turn.lock().await) };
        let tenant = order.whose().await.map_err(Report::new)?;
        self.claim(at, &tenant)?;
        drop(turn);
        order.tenant = Some(tenant);
        if job.person {
            let (from, door) = (Arc::clone(&order.setup.tokens), Arc::clone(&self.door));
            order.setup.tokens = Arc::new(InTurn { from, door });
        }
        Ok(order)
    }

    fn claim(&self, at: usize, tenant: &str) -> Result<(), SameTenant> {
        let mut whose = self.whose.lock().unwrap_or_else(PoisonError::into_inner);
        let other = *whose.entry(tenant.to_owned()).or_insert(at);
        if other == at {
            return Ok(());
        }
        let other = self.jobs.get(other).map(|job| job.name.clone()).unwrap_or_default();
        Err(SameTenant { tenant: tenant.to_owned(), other })
    }
}

/// On a task of its own: files of one do not keep the others waiting. It ends with its set.
async fn alone(order: Order) -> Result<Collected, CollectError> {
    let mut task = JoinSet::new();
    task.spawn(order.collect());
    match task.join_next().await {
        Some(Ok(result)) => result,
        Some(Err(error)) => Err(CollectError::Defect(error.to_string())),
        None => Err(CollectError::Defect("a collection never began".to_owned())),
    }
}

impl Sums {
    /// Counts what this collection read; what the snapshot held before is not its doing.
    #[must_use]
    pub fn of(collected: &Collected) -> Self {
        let mut sums = Self { tenant: collected.manifest.tenant.id.clone(), ..Self::default() };
        let records = collected.manifest.sections.iter();
        for (_, record) in records.filter(|(id, _)| !collected.taken_over.contains(&id.as_str())) {
            sums.items += record.items.unwrap_or(0);
            match record.state {
                State::Read => sums.read += 1,
                State::Partial => sums.partial += 1,
                State::Denied => sums.denied += 1,
                State::Unlicensed => sums.unlicensed += 1,
                State::Unavailable => sums.unavailable += 1,
                State::Failed => sums.failed += 1,
                State::NotAsked => {}
            }
        }
        sums
    }
}

/// Tokens of a person, for whom there is one door.
#[derive(Debug)]
struct InTurn {
    from: Arc<dyn TokenSource>,
    door: Arc<Turn<()>>,
}

impl TokenSource for InTurn {
    fn token(&self, fresh: bool) -> BoxFuture<'_, Result<Arc<Token>, SignInError>> {
        async move {
            let _through = self.door.lock().await;
            self.from.token(fresh).await
        }
        .boxed()
    }
}
