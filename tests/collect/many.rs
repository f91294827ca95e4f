//! Many tenants: side by side, each by itself. What fails for one concerns no other, and no token meets
//! another tenant's service.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use levelmark::collect::clock::Clock;
use levelmark::collect::many::{self, Clerk, Ended, Job, SameTenant};
use levelmark::collect::order::{CollectError, Order};
use levelmark::collect::sign_in::{Asked, Environment, Setting, Source, Variable, Way, choose};
use levelmark::snapshot::record::State;

use crate::asking::{Asking, Brought, files, items, open, taken};
use crate::contoso::permitted;
use crate::fake_graph::FakeGraph;
use crate::fake_graph::settings::Settings;
use crate::fake_graph::tenant::Tenant;
use crate::program;

const IDS: [&str; 3] = [
    "11111111-0000-4000-8000-000000000001",
    "22222222-0000-4000-8000-000000000002",
    "33333333-0000-4000-8000-000000000003",
];
const SECTIONS: [&str; 3] = ["tenant.organization", "tenant.domains", "users.accounts"];

/// A service with a tenant of its own.
async fn service(id: &str, settings: Settings) -> FakeGraph {
    FakeGraph::start(tenant(id), settings).await.unwrap()
}

fn tenant(id: &str) -> Tenant {
    let mut tenant = Tenant::contoso().unwrap();
    tenant.id = id.to_owned();
    tenant
}

/// Somebody who wants these tenants, each from its own service.
struct Wishes {
    folder: tempfile::TempDir,
    jobs: Vec<Job>,
    orders: Vec<Order>,
    /// In the order in which they ended.
    ended: Mutex<Vec<usize>>,
    at_work: Mutex<(usize, usize)>,
}

impl Wishes {
    fn new() -> Self {
        let (jobs, orders) = Default::default();
        let folder = tempfile::tempdir().unwrap();
        Self { folder, jobs, orders, ended: Mutex::default(), at_work: Mutex::default() }
    }

    /// Signs in with this secret, at the service's own door.
    fn with(mut self, id: &str, fake: &FakeGraph, secret: &str) -> Self {
        let Asking { mut order, .. } = Asking::of(fake).only(&SECTIONS);
        let clock = Clock::new(taken(), tokio::time::Instant::now());
        let asked = Asked {
            way: Way::Secret,
            tenant: Some(id.to_owned()),
            client: Some(fake.tenant().app.clone()),
            secret: Some(Variable { name: "ITS_SECRET".into(), value: Some(secret.to_owned().into()) }),
            ..Asked::default()
        };
        let method = choose(&asked, &Environment::default()).unwrap();
        let setting = Setting::new(order.setup.endpoints.clone(), clock, Vec::new(), Arc::new(|_| {}));
        order.setup.tokens = Arc::new(Source::new(method, &setting).unwrap());
        self.push(id, order);
        self
    }

    fn push(&mut self, id: &str, mut order: Order) {
        order.tenant = Some(id.to_owned());
        order.out = self.folder.path().join(id).join("snapshot");
        self.orders.push(order);
        self.jobs.push(Job { name: id.to_owned(), id: id.to_owned(), person: false });
    }

    fn out(&self, job: usize) -> PathBuf {
        self.orders[job].out.clone()
    }

    async fn collect(&self, at_once: usize) -> Vec<Ended> {
        many::collect(self, &self.jobs, at_once, Clock::new(taken(), tokio::time::Instant::now())).await
    }
}

impl Clerk for Wishes {
    fn order(&self, job: usize) -> Result<Order, miette::Report> {
        let mut order = self.orders[job].clone();
        order.manners.into = order.out.exists();
        Ok(order)
    }

    fn begun(&self, _: usize) {
        let (now, most) = &mut *self.at_work.lock().unwrap();
        *now += 1;
        *most = (*most).max(*now);
    }

    fn ended(&self, job: usize, _: &Ended) {
        self.at_work.lock().unwrap().0 -= 1;
        self.ended.lock().unwrap().push(job);
    }
}

/// Every request with a token came with one that this service gave out.
fn only_its_own_tokens(fake: &FakeGraph) {
    let seen = fake.seen();
    let strange: Vec<_> = seen.iter().filter(|seen| seen.authorized && seen.status == 401).collect();
    assert!(strange.is_empty(), "{strange:?}");
    assert_eq!(fake.sums().leaks, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_and_one_that_is_slow_stop_no_other() {
    let slow = Settings { latency: Duration::from_millis(100), ..permitted() };
    let fakes =
        [service(IDS[0], slow).await, service(IDS[1], permitted()).await, service(IDS[2], permitted()).await];
    let wishes = Wishes::new()
        .with(IDS[0], &fakes[0], "s3cret-a")
        .with(IDS[1], &fakes[1], "wrong")
        .with(IDS[2], &fakes[2], "s3cret-c");
    let ended = wishes.collect(8).await;
    let refused = ended[1].result.as_ref().unwrap_err();
    assert!(matches!(refused.downcast_ref(), Some(CollectError::SignIn(_))), "{refused:?}");
    assert!(!wishes.out(1).exists());
    for job in [0, 2] {
        let sums = ended[job].result.as_ref().unwrap();
        let snapshot = open(&wishes.out(job));
        assert_eq!((sums.tenant.as_str(), snapshot.manifest.tenant.id.as_str()), (IDS[job], IDS[job]));
        assert_eq!(sums.read, snapshot.manifest.sections.len());
        assert_eq!(snapshot.manifest.sections["users.accounts"].state, State::Read);
        assert_eq!(fakes[job].tokens(), 2, "`Asking` has brought one, and one was signed in for");
        assert!(sums.items > 0);
    }
    assert_eq!(wishes.ended.lock().unwrap().last(), Some(&0), "the slow one keeps nobody waiting");
    assert!(ended[0].took > Duration::from_millis(100));
    fakes.iter().for_each(only_its_own_tokens);
    let graph = |fake: &FakeGraph| fake.seen().iter().filter(|seen| seen.authorized).count();
    assert_eq!(graph(&fakes[1]), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_brings_up_to_date() {
    let fakes = [service(IDS[0], permitted()).await, service(IDS[1], permitted()).await];
    let mut wishes = Wishes::new().with(IDS[0], &fakes[0], "s3cret-a").with(IDS[1], &fakes[1], "s3cret-b");
    assert!(wishes.collect(1).await.iter().all(|ended| ended.result.is_ok()));
    assert_eq!(wishes.at_work.lock().unwrap().1, 1, "one at a time");
    let before = open(&wishes.out(0));
    for order in &mut wishes.orders {
        order.sections.retain(|section| section.id != "users.accounts");
    }
    let ended = wishes.collect(2).await;
    let sums = ended[0].result.as_ref().unwrap();
    let after = open(&wishes.out(0));
    assert_eq!(sums.read, after.manifest.sections.len() - 1, "what was not asked for is not counted");
    assert_eq!(items(&after, "users.accounts"), items(&before, "users.accounts"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_interrupted_can_be_gone_on_with() {
    let slow = Settings { latency: Duration::from_millis(150), ..permitted() };
    let fakes = [service(IDS[0], slow).await, service(IDS[1], permitted()).await];
    let mut wishes = Wishes::new().with(IDS[0], &fakes[0], "s3cret-a").with(IDS[1], &fakes[1], "s3cret-b");
    let folder = wishes.out(0).with_extension("collecting");
    let mut job = Box::pin(wishes.collect(2));
    while !folder.join("records/tenant.organization.json").exists() {
        let early = tokio::time::timeout(Duration::from_millis(5), &mut job).await;
        assert!(early.is_err(), "it ended before it could be interrupted");
    }
    drop(job);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(files(&folder.join("records")).contains_key("tenant.organization.json"));
    let told = wishes.collect(2).await;
    let interrupted = told[0].result.as_ref().unwrap_err().downcast_ref();
    assert!(matches!(interrupted, Some(CollectError::Store(_))), "{interrupted:?}");
    wishes.orders.iter_mut().for_each(|order| order.manners.resume = true);
    let asked = |path: &str| fakes[0].seen().iter().filter(|seen| seen.path.ends_with(path)).count();
    let before = asked("/organization");
    assert!(wishes.collect(2).await.iter().all(|ended| ended.result.is_ok()));
    assert_eq!(asked("/organization"), before, "it was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_tenant_is_of_no_use() {
    let fakes = [service(IDS[0], permitted()).await, service(IDS[1], permitted()).await];
    let mut wishes = Wishes::new().with(IDS[0], &fakes[0], "s3cret-a");
    // Somebody has mixed up two variables.
    let Asking { mut order, .. } = Asking::of(&fakes[1]).only(&SECTIONS);
    order.setup.tokens = Arc::new(Brought(fakes[0].token()));
    wishes.push(IDS[1], order);
    let ended = wishes.collect(8).await;
    assert!(ended[0].result.is_ok());
    let other = ended[1].result.as_ref().unwrap_err().downcast_ref();
    assert!(matches!(other, Some(CollectError::OtherTenant { found, .. }) if found == IDS[0]), "{other:?}");
    assert!(fakes[1].seen().is_empty(), "the token was not even sent");
    assert!(!wishes.out(1).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_gone_spoils_no_snapshot() {
    let fake = service(IDS[0], permitted()).await;
    let Asking { mut order, folder: _ } = Asking::of(&fake);
    order.setup.tokens = Arc::new(Brought(fake.token()));
    let mut wishes = Wishes::new();
    wishes.push(IDS[0], order);
    assert!(wishes.collect(8).await[0].result.is_ok());
    let before = files(&wishes.out(0));
    drop(fake);
    let gone = wishes.collect(8).await;
    let nothing = gone[0].result.as_ref().unwrap_err().downcast_ref();
    assert!(matches!(nothing, Some(CollectError::Nothing(_))), "{nothing:?}");
    assert_eq!(files(&wishes.out(0)), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_names_of_one_tenant_are_told() {
    let fake = service(IDS[0], permitted()).await;
    let domain = fake.tenant().domain.clone();
    // The id counts, wherever it stands; of two domains the first.
    let wishes = Wishes::new().with(&domain, &fake, "s3cret-a").with(IDS[0], &fake, "s3cret-b");
    let ended = wishes.collect(8).await;
    let same = ended[0].result.as_ref().unwrap_err().downcast_ref::<SameTenant>().unwrap();
    assert_eq!((same.tenant.as_str(), same.other.as_str()), (IDS[0], IDS[0]));
    assert!(ended[1].result.is_ok());
    let wishes = Wishes::new().with(&domain, &fake, "s3cret-a").with(&domain, &fake, "s3cret-b");
    let ended = wishes.collect(8).await;
    assert!(ended[0].result.is_ok());
    assert!(ended[1].result.as_ref().unwrap_err().downcast_ref::<SameTenant>().is_some());
}

/// A file of tenants that are all the fake's, though not all say so.
fn file(folder: &Path, fake: &FakeGraph) {
    let (id, app, domain) = (&fake.tenant().id, &fake.tenant().app, &fake.tenant().domain);
    let text = format!(
        "defaults:
  sign_in: {{ client_id: {app} }}
tenants:
  - {{ id: {id}, name: contoso, sign_in: {{ client_secret_env: CONTOSO_SECRET }}, tags: [good] }}
  - {{ id: {domain}, name: again, sign_in: {{ client_secret_file: again.txt }} }}
  - {{ id: {}, name: other, sign_in: {{ token_env: OTHER_TOKEN }} }}
  - {{ id: {}, name: unset, sign_in: {{ client_secret_env: NOT_SET }} }}
  - {{ id: person.example, sign_in: {{ way: device }}, tags: [people] }}
  - {{ id: misconfigured.example, sign_in: {{ way: cli }}, config: broken.yaml }}
",
        IDS[1], IDS[2]
    );
    std::fs::write(folder.join("tenants.yaml"), text).unwrap();
    std::fs::write(folder.join("again.txt"), "s3cret-again\n").unwrap();
    std::fs::write(folder.join("broken.yaml"), "parms: {}\n").unwrap();
}

fn run(folder: &Path, fake: &FakeGraph, more: &[&str]) -> program::Run {
    let mut arguments = vec!["collect", "--tenants", "tenants.yaml", "--out", "fleet", "--color", "never"];
    arguments.extend(["--graph-endpoint", &fake.address, "--login-endpoint", &fake.address]);
    arguments.extend(SECTIONS.iter().flat_map(|id| ["--section", id]));
    arguments.extend(more);
    let mut command = program::program(folder, &arguments);
    let output = command.env("CONTOSO_SECRET", "s3cret-1").env("OTHER_TOKEN", fake.token()).output().unwrap();
    program::Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn the_program_tells_what_became_of_each() {
    let folder = tempfile::tempdir().unwrap();
    let fake = FakeGraph::spawn(tenant(IDS[0]), permitted()).unwrap();
    file(folder.path(), &fake);
    let first = run(folder.path(), &fake, &[]);
    assert_eq!((first.code, first.stdout.as_str()), (2, "wrote fleet/contoso/snapshot\nwrote 1 of 6\n"));
    // Lines of many at once have no order; the table has.
    let (lines, table) = first.stderr.split_at(first.stderr.find("\n tenant ").unwrap());
    assert!(lines.contains("contoso: users.accounts: 59 items\n"), "{lines}");
    assert!(lines.contains("contoso: wrote fleet/contoso/snapshot"), "{lines}");
    assert!(
        lines.contains("unset: not collected: signing in failed: a client secret needs NOT_SET"),
        "{lines}"
    );
    insta::with_settings!({ filters => vec![(r"\d+ s\b", "N s"), (" +", " ")] }, {
        insta::assert_snapshot!("table", table);
    });
    assert!(!first.stderr.contains("s3cret"), "{}", first.stderr);
    assert_eq!(open(&folder.path().join("fleet/contoso/snapshot")).manifest.tenant.id, IDS[0]);

    let again = run(folder.path(), &fake, &["--only", "GOOD", "--quiet"]);
    assert_eq!((again.code, again.stderr.as_str()), (0, ""));
    assert_eq!(again.stdout, "wrote fleet/contoso/snapshot\nwrote 1 of 1\n");
    let quiet = run(folder.path(), &fake, &["--only", "people", "--quiet"]);
    assert_eq!((quiet.code, quiet.stdout.as_str()), (2, "wrote 0 of 1\n"));
    assert_eq!(
        quiet.stderr,
        "person.example: not collected: a person signs in here, and there is no terminal; run it on a terminal, or \
         let an application sign in\n"
    );
    let unknown = run(folder.path(), &fake, &["--only", "contosso"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""));
    assert!(unknown.stderr.contains("did you mean `contoso`?"), "{}", unknown.stderr);
}

#[test]
fn the_program_says_beforehand_who_would_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let fake = FakeGraph::spawn(tenant(IDS[0]), permitted()).unwrap();
    file(folder.path(), &fake);
    let dry = run(folder.path(), &fake, &["--dry-run"]);
    assert_eq!((dry.code, dry.stderr.as_str()), (2, ""));
    insta::with_settings!({ filters => vec![(r"127\.0\.0\.1:\d+", "HERE")] }, {
        insta::assert_snapshot!("dry-run", dry.stdout);
    });
    assert!(fake.seen().is_empty());
    assert!(!folder.path().join("fleet").exists());
}

#[test]
fn one_way_of_saying_who_signs_in() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        vec!["--tenants", "t.yaml", "--out", "o", "--tenant", IDS[0]],
        vec!["--tenants", "t.yaml", "--out", "o", "--sign-in", "cli"],
        vec!["--tenants", "t.yaml"],
        vec!["--out", "o", "--only", "x"],
    ] {
        let run = program::run(folder.path(), &[&["collect"], arguments.as_slice()].concat(), b"");
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains("Usage: levelmark collect"), "{}", run.stderr);
    }
}
