//! A collection in a few words: from a fake, into a folder, as whom, how fast.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use levelmark::collect::client::Setup;
use levelmark::collect::client::limit::Tempo;
use levelmark::collect::clock::Clock;
use levelmark::collect::cloud::Endpoints;
use levelmark::collect::order::{CollectError, Collected, Order};
use levelmark::collect::progress::Silent;
use levelmark::collect::sign_in::{Claims, SignInError, Token, TokenSource};
use levelmark::collect::store::Manners;
use levelmark::config::{self, Config};
use levelmark::policy::compiled::PolicySet;
use levelmark::policy::load::LoadOptions;
use levelmark::sections::choose::{Wish, choose};
use levelmark::sections::{self, Section};
use levelmark::snapshot::record::Cloud;
use levelmark::snapshot::{Form, Snapshot, Wanted};
use serde_json::{Map, Value};

use crate::fake_graph::FakeGraph;
use crate::fake_graph::settings::Settings;

/// A token that somebody has brought.
#[derive(Debug)]
pub(crate) struct Brought(pub(crate) String);

impl TokenSource for Brought {
    fn token(&self, _: bool) -> futures::future::BoxFuture<'_, Result<Arc<Token>, SignInError>> {
        let token = Token { secret: self.0.clone().into(), claims: Claims::of(&self.0) };
        Box::pin(async move { Ok(Arc::new(token)) })
    }
}

/// When the made-up tenant's snapshot was taken.
pub(crate) fn taken() -> DateTime<Utc> {
    "2026-11-02T05:30:00Z".parse().unwrap()
}

/// A collection.
pub(crate) struct Asking {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) order: Order,
}

impl Asking {
    /// As an application, at a speed at which no test waits, for all that the built-in policies read and
    /// what is sensitive.
    pub(crate) fn of(fake: &FakeGraph) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let endpoints = Endpoints::of(Cloud::Global, Some(&fake.address), Some(&fake.address)).unwrap();
        let setup = Setup {
            endpoints,
            tokens: Arc::new(Brought(fake.token())),
            clock: Clock::new(taken(), tokio::time::Instant::now()),
            tempo: Tempo { share: 1.0, speed: 1_000.0 },
            pages: 500,
            silence: std::time::Duration::from_secs(30),
            progress: Arc::new(Silent),
        };
        let order = Order {
            setup,
            out: folder.path().join("snapshot"),
            form: Form::Directory,
            manners: Manners { resume: false, force: false, into: false },
            sections: everything(),
            params: params(),
            days: 180,
            tenant: None,
            declared_only: true,
            redactor: None,
        };
        Self { folder, order }
    }

    /// Only these sections, and what their requests are made for.
    pub(crate) fn only(mut self, ids: &[&str]) -> Self {
        let ids: Vec<&'static Section> = ids.iter().map(|id| sections::find(id).unwrap()).collect();
        self.order.sections = sections::choose::with_parents_of(&ids);
        self
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.order.out.clone()
    }

    pub(crate) async fn collect(&self) -> Result<Collected, CollectError> {
        self.order.clone().collect().await
    }
}

/// Every section that Graph serves, save calendars, which the made-up tenant does not declare.
fn everything() -> Vec<&'static Section> {
    let include: Vec<&'static Section> = sections::all()
        .filter(|section| section.graph.is_some() && section.id != "meetings.occurrences")
        .collect();
    let wish = Wish { read: &Default::default(), all: true, include: &include, plans_declared: true };
    choose(&wish).sections
}

/// All permissions there are: the fake refuses what the tenant's snapshot was refused.
pub(crate) fn permitted() -> Settings {
    let graphs = || sections::all().filter_map(|section| section.graph);
    let own = graphs().flat_map(|graph| graph.least(false).into_iter().chain(graph.least(true)));
    let roles = own.chain(graphs().flat_map(|graph| graph.of_children().collect::<Vec<_>>()));
    Settings { roles: Some(roles.map(str::to_owned).collect()), ..Settings::default() }
}

/// The parameters of the made-up tenant.
pub(crate) fn params() -> Map<String, Value> {
    let set = PolicySet::load(&LoadOptions::default()).unwrap();
    let path = contoso().join("levelmark.yaml");
    let config = Config::read("levelmark.yaml", &std::fs::read(path).unwrap()).unwrap();
    config::resolve_params(&set, &config.params).unwrap().values.into_iter().collect()
}

/// The folder of the made-up tenant.
pub(crate) fn contoso() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tenants/contoso")
}

/// All of a snapshot.
pub(crate) fn open(path: &Path) -> Snapshot {
    Snapshot::open(path, Wanted::All).unwrap()
}

/// The items of a section.
pub(crate) fn items(snapshot: &Snapshot, id: &str) -> Vec<Value> {
    snapshot.section(id).map(|list| list.elements().map(|item| item.to_value()).collect()).unwrap_or_default()
}

/// Every file of a folder with its content.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files
        .map(|file| (file.file_name().into_string().unwrap(), std::fs::read_to_string(file.path()).unwrap()))
        .collect()
}
