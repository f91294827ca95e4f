//! The collector's requests against Graph's contract, judged by somebody else's program: Prism.
//!
//! A collection from the fake is recorded as it comes off the wire; then every request, those inside of
//! batches included, is sent again, as it was and alone, through `prism proxy --errors` in front of the
//! same fake. So Prism sees each of them, while a violation neither stops the collection nor is retried,
//! next pages lead where they always do, and beta, `$batch` and what the slice lacks are told apart by
//! their paths instead of failing with 404.
//!
//! Prism checks the path, the method, types of query options and of headers, the presence of a token, and
//! the fake's answer against its schema. It ignores query options that a path does not have: those are
//! compared with the slice here. Neither knows what stands in `$filter`, `$select` and `$expand`; the fake
//! refuses what the sections' contracts don't have. Reports, beta and what else is not in the slice can't be
//! checked; it is listed.
#![cfg(feature = "collect")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[expect(dead_code, reason = "the tests of the collector use the rest")]
#[path = "collect/asking.rs"]
mod asking;
#[expect(dead_code, reason = "the fake can do more than this needs")]
mod fake_graph;
#[path = "prism/proxy.rs"]
mod proxy;
#[path = "prism/slice.rs"]
mod slice;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asking::{Asking, Brought, permitted};
use fake_graph::FakeGraph;
use fake_graph::faults::{Fault, Trouble};
use fake_graph::log::{Door, Seen};
use fake_graph::routes::{find_target, version};
use fake_graph::settings::Settings;
use fake_graph::tenant::Tenant;
use proxy::Prism;
use slice::{Place, Slice};

/// Headers of a connection, which the next client writes itself.
const OF_THE_CONNECTION: [&str; 5] =
    ["accept-encoding", "connection", "content-length", "host", "transfer-encoding"];

/// What a request is to the contract.
enum Ruling {
    Checked(Vec<String>),
    /// Not in the slice: the path, for the list.
    Unchecked(String),
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_what_the_contract_says() {
    #[expect(clippy::disallowed_methods, reason = "where the machine has Prism, no input knows")]
    let program = std::env::var("LEVELMARK_PRISM");
    let (Ok(program), Some(slice)) = (program, Slice::here()) else {
        eprintln!("skipped: no Prism (LEVELMARK_PRISM, see .ci/run), or Graph's contract is not here");
        return;
    };
    // Short pages, so that there are next ones.
    let settings = Settings { page: Some(5), ..permitted() };
    let fake = FakeGraph::start(Tenant::contoso().unwrap(), settings).await.unwrap();
    let upstream = format!("{}/v1.0", fake.address);
    let (prism, seen) = tokio::join!(Prism::start(&program, &slice.file, &upstream), collected(&fake));
    let check = Check { slice, prism, token: fake.token() };

    let (mut wrong, mut checked, mut unchecked) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    let (mut all, mut batched) = (0, 0);
    for asked in once(&seen) {
        match check.rule(asked).await {
            Ruling::Checked(problems) => {
                all += 1;
                batched += usize::from(asked.door == Door::Batch);
                checked.insert(section(asked));
                wrong.extend(problems.iter().map(|problem| describe(asked, problem)));
            }
            Ruling::Unchecked(path) => drop(unchecked.insert(path, section(asked))),
        }
    }
    let list: Vec<String> =
        unchecked.iter().map(|(path, section)| format!("\n  {section}: {path}")).collect();
    eprintln!("{all} requests of {} sections checked, {batched} of them of batches", checked.len());
    eprintln!("not in the slice:{}", list.concat());
    assert!(wrong.is_empty(), "against the contract:\n{}", Vec::from_iter(wrong).join("\n"));
    assert!(checked.len() >= 60 && batched >= 20, "too little was asked: {checked:?}, {batched}");

    check.notices(&fake, &seen).await;
}

/// What the collector asks as an application and as a person.
async fn collected(fake: &FakeGraph) -> Vec<Seen> {
    let application = Asking::of(fake);
    let mut person = Asking::of(fake);
    person.order.setup.tokens = Arc::new(Brought(fake.delegated_token()));
    for asking in [application, person] {
        asking.collect().await.unwrap();
    }
    let envelope = |seen: &Seen| version(&seen.path).is_some_and(|(_, path)| path == "/$batch");
    fake.seen().into_iter().filter(|seen| seen.door != Door::Elsewhere && !envelope(seen)).collect()
}

/// The same request once; every one of them has an id of its own.
fn once(seen: &[Seen]) -> impl Iterator<Item = &Seen> {
    let mut known = BTreeSet::new();
    let key = |seen: &Seen| {
        let mut headers = seen.headers.clone();
        let id = headers.remove("client-request-id").is_some();
        let door = seen.door == Door::Batch;
        (door, id, seen.authorized, seen.method.clone(), seen.path.clone(), seen.query.clone(), headers)
    };
    seen.iter().filter(move |seen| known.insert(key(seen)))
}

struct Check {
    slice: Slice,
    prism: Prism,
    token: String,
}

impl Check {
    async fn rule(&self, asked: &Seen) -> Ruling {
        let Some((version, path)) = version(&asked.path) else {
            return Ruling::Checked(vec!["no version of Graph".to_owned()]);
        };
        if version != "v1.0" {
            return Ruling::Unchecked(general(asked));
        }
        let own = match self.slice.place(path) {
            Place::In(own) => own,
            Place::Misspelt(own) => return Ruling::Checked(vec![format!("the slice spells it {own}")]),
            Place::Out => return Ruling::Unchecked(general(asked)),
        };
        let unknown = self.slice.unknown(own, &asked.query);
        let mut problems: Vec<String> =
            unknown.iter().map(|name| format!("query.{name}: the path has no such option")).collect();
        let mut headers: Vec<(String, String)> = asked.headers.clone().into_iter().collect();
        headers.retain(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()));
        if asked.authorized {
            headers.push(("authorization".to_owned(), format!("Bearer {}", self.token)));
        }
        let target = if asked.query.is_empty() { path.to_owned() } else { format!("{path}?{}", asked.query) };
        let (status, said) = self.prism.ask(&asked.method, &target, &headers).await;
        problems.extend(said);
        if problems.is_empty() && status != asked.status {
            problems.push(format!("answered {status} through Prism, {} without", asked.status));
        }
        Ruling::Checked(problems)
    }

    /// Mistakes that must be found: a check that can't fail checks nothing.
    async fn notices(&self, fake: &FakeGraph, seen: &[Seen]) {
        let good = seen.iter().find(|seen| seen.path == "/v1.0/teams" && seen.door == Door::Graph).unwrap();
        let with = |query: &str| Seen { query: query.to_owned(), ..good.clone() };
        let at = |path: &str| Seen { path: path.to_owned(), ..with("") };
        let headed = |name: &str, value: &str| {
            let mut seen = good.clone();
            seen.headers.insert(name.to_owned(), value.to_owned());
            seen
        };
        let post = Seen { method: "POST".to_owned(), ..good.clone() };
        let nobody = Seen { authorized: false, ..good.clone() };
        let policy = Seen { path: "/v1.0/policies/authorizationPolicy".to_owned(), ..with("$top=5") };
        for (asked, expected) in [
            // Prism finds these …
            (with("$top=many"), "query.$top: Request query parameter $top must be integer"),
            (with("%24top=-1"), "query.$top: Request query parameter $top must be >= 0"),
            (headed("client-request-id", "7"), "client-request-id must match format \"uuid\""),
            (headed("consistencylevel", "strong"), "one of the allowed values: eventual"),
            (nobody, "UNAUTHORIZED"),
            (post, "NO_METHOD_MATCHED_ERROR"),
            // … and these are beyond it.
            (with("$filtre=id"), "query.$filtre: the path has no such option"),
            (policy, "query.$top: the path has no such option"),
            (at("/v1.0/Teams"), "the slice spells it /teams"),
            (at("/v1.0/team"), "the slice spells it /teams"),
            (at("/v2.0/teams"), "no version of Graph"),
        ] {
            self.must_find(&asked, expected).await;
        }
        fake.trouble(Fault::on("/v1.0/teams", Trouble::NullValue).always());
        self.must_find(good, "response.body.value: Response body property value must be array").await;
    }

    async fn must_find(&self, asked: &Seen, expected: &str) {
        let Ruling::Checked(problems) = self.rule(asked).await else { panic!("not checked: {asked:?}") };
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{expected}: {problems:?}");
    }
}

/// The section that a request is made for.
fn section(asked: &Seen) -> &'static str {
    let target = version(&asked.path).and_then(|(version, path)| find_target(version, path).ok());
    target.map_or("(no section)", |target| target.section().id)
}

/// The path of a request as the catalogue writes it, so that the list names it once.
fn general(asked: &Seen) -> String {
    let (version, path) = version(&asked.path).unwrap();
    let graph = levelmark::sections::find(section(asked)).and_then(|section| section.graph);
    let own = graph.into_iter().flat_map(|graph| {
        [graph.path].into_iter().chain(graph.children.iter().map(|child| child.path)).collect::<Vec<_>>()
    });
    let own = own.into_iter().find(|own| slice::changes(own, path) == Some(0));
    format!("/{version}{}", own.unwrap_or(path))
}

fn describe(asked: &Seen, problem: &str) -> String {
    let door = if asked.door == Door::Batch { " (in a batch)" } else { "" };
    format!("  {}: {} {}?{}{door}: {problem}", section(asked), asked.method, asked.path, asked.query)
}
