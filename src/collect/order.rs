//! The way of one collection: sign in, look at the tenant, plan, ask, publish. Comes in: an order. Goes
//! out: a snapshot, and what to know of it. Not here: how each of these is done.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::client::limit::Count;
use super::client::page::Walk;
use super::client::{Client, Failure, Setup};
use super::fetch::{self, Shared, Stop};
use super::older;
use super::plan::{Fate, Known, Plan};
use super::sign_in::{Claims, SignInError};
use super::store::{Journal, Manners, Store, StoreError};
use super::veil::{self, Veil};
use crate::redact::Redactor;
use crate::sections::normal::is_guid;
use crate::sections::throttle::Throttle;
use crate::sections::{Section, find, plans};
use crate::snapshot::record::{Format, Identity, Manifest, Redaction, SectionRecord, State, Taken, Tenant};
use crate::snapshot::{FORMAT, Form, Snapshot, SnapshotError, Wanted, stream};
use crate::yaml::suggest::shown;

/// The program, as snapshots name it.
const PROGRAM: &str = concat!("levelmark ", env!("CARGO_PKG_VERSION"));

/// What is to be collected, and where it goes.
#[derive(Debug, Clone)]
pub struct Order {
    /// How Graph is asked.
    pub setup: Setup,
    /// The snapshot.
    pub out: PathBuf,
    /// Its form.
    pub form: Form,
    /// What to do with what is there.
    pub manners: Manners,
    /// The sections, in order of ids.
    pub sections: Vec<&'static Section>,
    /// Parameters of the tenant.
    pub params: Map<String, Value>,
    /// How far back logs are read, in days.
    pub days: u32,
    /// Directory id of the tenant, if the user said it.
    pub tenant: Option<String>,
    /// Only objects that parameters name, where parameters may name them.
    pub declared_only: bool,
    /// Makes pseudonyms of what is personal, before it touches the disk.
    pub redactor: Option<Arc<Redactor>>,
}

/// What came of it.
#[derive(Debug)]
pub struct Collected {
    /// The snapshot without its data.
    pub manifest: Manifest,
    /// Sections that an interrupted run had read already.
    pub kept: usize,
    /// Sections of the snapshot that was added to, which stay as they are.
    pub taken_over: Vec<&'static str>,
    /// Whether what stays was redacted with the same key, but with other words that stay.
    pub other_words: bool,
    /// What was asked of each class.
    pub counts: BTreeMap<Throttle, Count>,
}

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum CollectError {
    /// No token.
    #[error(transparent)]
    #[diagnostic(transparent)]
    SignIn(#[from] SignInError),
    /// The output or the working folder.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Store(#[from] StoreError),
    /// The snapshot that is to be added to.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Snapshot(#[from] SnapshotError),
    /// Signed in elsewhere.
    #[error("signed in to tenant {found}, but {expected} was asked for")]
    #[diagnostic(
        code(levelmark::collect::other_tenant),
        help("sign in to the other one, or name this one with --tenant; a snapshot is of one tenant")
    )]
    OtherTenant {
        /// The token's.
        found: String,
        /// The one that was asked for.
        expected: String,
    },
    /// Pseudonyms and names would stand side by side.
    #[error("the snapshot that is to be brought up to date {0}")]
    #[diagnostic(
        code(levelmark::collect::other_key),
        help(
            "collect with --redact and the same key what is redacted, and without it what is not; or into a new snapshot with --out"
        )
    )]
    OtherKey(String),
    /// Nobody says which tenant it is.
    #[error("which tenant this is cannot be told: {0}")]
    #[diagnostic(code(levelmark::collect::no_tenant), help("name it with --tenant ID, its directory id"))]
    NoTenant(String),
    /// Nothing could be read, and nothing was refused either.
    #[error("nothing could be read: {0}")]
    #[diagnostic(
        code(levelmark::collect::nothing),
        help("look at the network and the proxy (HTTPS_PROXY), then try again with --resume")
    )]
    Nothing(String),
    /// The HTTP client.
    #[error("no HTTP client: {0}")]
    #[diagnostic(
        code(levelmark::collect::http),
        help("look at HTTPS_PROXY and at the system's certificates")
    )]
    Http(#[from] reqwest::Error),
    /// A task of ours broke.
    #[error("a defect of ours: {0}")]
    #[diagnostic(code(levelmark::collect::defect))]
    Defect(String),
}

impl From<Stop> for CollectError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::SignIn(error) => Self::SignIn(error),
            Stop::Store(error) => Self::Store(error),
            Stop::Defect(what) => Self::Defect(what),
        }
    }
}

impl Order {
    /// Collects.
    ///
    /// # Errors
    /// Why there is no snapshot. What was read until then is kept, to go on with.
    pub async fn collect(self) -> Result<Collected, CollectError> {
        let claims = self.setup.tokens.token(false).await?.claims.clone();
        let client = Client::new(self.setup.clone())?;
        let tenant = self.tenant(&claims, &client).await?;
        let old = self.old(&tenant)?;
        let store = self.open(&tenant, &claims)?;
        let shared = Arc::new(Shared {
            person: claims.person,
            client,
            store,
            clock: self.setup.clock,
            progress: self.setup.progress.clone(),
            params: self.params.clone(),
            days: self.days,
            declared_only: self.declared_only,
            veil: self.redactor.clone().map(|redactor| Arc::new(Veil::new(redactor))),
        });
        let (records, kept) = self.ask(&shared, &claims).await?;
        let identity = identity(&claims);
        let mut manifest = Manifest {
            levelmark: Format { snapshot: FORMAT },
            tenant: described(&shared, tenant, &self),
            taken: Taken {
                at: latest(&records, fetch::whole_seconds(self.setup.clock.now())),
                by: PROGRAM.to_owned(),
                identity,
            },
            redacted: None,
            sections: records,
        };
        if let Some(redactor) = &self.redactor {
            redactor.mark(&mut manifest);
        }
        let counts = shared.client.limiter().counts();
        // All tasks have ended.
        let Some(Shared { store, .. }) = Arc::into_inner(shared) else {
            return Err(CollectError::Defect("a task outlived the collection".to_owned()));
        };
        let taken_over = older::take_over(&store, &self, old.as_ref(), &mut manifest)?;
        let other_words = !taken_over.is_empty() && older::differ(old.as_ref(), &mut manifest);
        store.publish(&manifest)?;
        Ok(Collected { manifest, kept, taken_over, other_words, counts })
    }

    /// Signs in and says whose tenant that is: its directory id. Of a token that does not tell, Graph does:
    /// what was asked for is not believed.
    ///
    /// # Errors
    /// No sign-in, another tenant than the one that was meant.
    pub async fn whose(&self) -> Result<String, CollectError> {
        let mut claims = self.setup.tokens.token(false).await?.claims.clone();
        let client = Client::new(self.setup.clone())?;
        if claims.tenant.is_none() {
            let found = organization(&client).await;
            claims.tenant = Some(found.map_err(|failure| CollectError::NoTenant(failure.to_string()))?);
        }
        self.tenant(&claims, &client).await
    }

    /// Which tenant is asked, and whether it is the one that was meant.
    async fn tenant(&self, claims: &Claims, client: &Client) -> Result<String, CollectError> {
        let asked = self.tenant.as_deref().map(str::to_ascii_lowercase);
        let found = match &claims.tenant {
            Some(tenant) => tenant.to_ascii_lowercase(),
            None => match asked.clone().filter(|tenant| is_guid(tenant)) {
                Some(tenant) => tenant,
                None => organization(client)
                    .await
                    .map_err(|failure| CollectError::NoTenant(failure.to_string()))?,
            },
        };
        if !is_guid(&found) {
            return Err(CollectError::NoTenant(format!("`{}` is no directory id", shown(&found))));
        }
        match asked {
            // A domain name was enough to sign in with; the token says whose it is.
            Some(expected) if is_guid(&expected) && expected != found => {
                Err(CollectError::OtherTenant { found, expected })
            }
            Some(_) | None => Ok(found),
        }
    }

    /// The snapshot that is to be added to: of the same tenant.
    fn old(&self, tenant: &str) -> Result<Option<Snapshot>, CollectError> {
        if !self.manners.into {
            return Ok(None);
        }
        Store::recover(&self.out)?;
        let snapshot = Snapshot::open(&self.out, Wanted::These(&BTreeSet::new()))?;
        let (there, own) = (snapshot.manifest.redacted.as_ref(), self.redactor.as_ref());
        if !Redaction::same_key(there, own.map(|redactor| redactor.redaction()).as_ref()) {
            return Err(CollectError::OtherKey(format!("is {}", Redaction::how(there))));
        }
        let tenant = &self.hidden(tenant);
        let found = &snapshot.manifest.tenant.id;
        if !found.eq_ignore_ascii_case(tenant) {
            return Err(CollectError::OtherTenant { found: tenant.to_owned(), expected: found.clone() });
        }
        Ok(Some(snapshot))
    }

    /// A text as it may touch the disk: what is compared again is the same as a pseudonym.
    fn hidden(&self, text: &str) -> String {
        self.redactor.as_ref().map_or_else(|| text.to_owned(), |redactor| redactor.text(text))
    }

    fn open(&self, tenant: &str, claims: &Claims) -> Result<Store, CollectError> {
        let who = claims.account.as_ref().or(claims.app.as_ref()).cloned().unwrap_or_default();
        let kind = if claims.person { "person" } else { "application" };
        let journal = Journal {
            tenant: self.hidden(tenant),
            started: fetch::whole_seconds(self.setup.clock.now()),
            by: PROGRAM.to_owned(),
            who: self.hidden(&format!("{kind} {who}")),
            replaces: self.manners.into || self.manners.force,
            wish: self.hidden(&self.to_string()),
        };
        Ok(Store::open(&self.out, self.form, journal, self.manners)?)
    }

    /// Asks: first for what says which licences there are, then for all else.
    async fn ask(
        &self,
        shared: &Arc<Shared>,
        claims: &Claims,
    ) -> Result<(BTreeMap<String, SectionRecord>, usize), CollectError> {
        let mut kept = shared.store.kept()?;
        if self.redactor.is_some() {
            // What an earlier run redacted does not say any more what Graph calls it: it is asked again,
            // where requests are made for it.
            kept.retain(|id, _| find(id).is_some_and(|section| !veil::is_parent(section)));
        }
        let (first, rest): (Vec<_>, Vec<_>) =
            self.sections.iter().copied().partition(|section| FIRST.contains(&section.id));
        let known = Known { claims, live: None, kept: &kept };
        let begun = Plan::new(&first, &known);
        let mut records = fetch::all(shared, &begun).await?;
        let live = live(shared, &records);
        let known = Known { live: live.as_ref(), ..known };
        let plan = Plan::new(&rest, &known);
        records.extend(fetch::all(shared, &plan).await?);
        // What was settled without asking says nothing of the service.
        let asked = begun.sections.iter().chain(&plan.sections);
        let asked = asked.filter(|planned| !matches!(planned.fate, Fate::Settled(_)));
        let asked: Vec<_> = asked.filter_map(|planned| records.get(planned.section.id)).collect();
        if let Some(record) = asked.first().filter(|_| asked.iter().all(|record| hopeless(record))) {
            return Err(CollectError::Nothing(record.reason.clone().unwrap_or_default()));
        }
        let again = kept.keys().filter(|id| records.contains_key(**id)).count();
        Ok((records, again))
    }
}

/// Whether a section brought nothing and does not say why. What is read object by object ends in part, with
/// nothing, where the objects could not be listed.
fn hopeless(record: &SectionRecord) -> bool {
    match record.state {
        State::Failed => true,
        State::Partial => record.items.is_none_or(|items| items == 0),
        State::Read | State::Denied | State::Unlicensed | State::Unavailable | State::NotAsked => false,
    }
}

/// What is asked for, as one text: an interrupted collection is only gone on with if it is the same.
impl fmt::Display for Order {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.sections.iter().map(|section| section.id).collect::<Vec<_>>().join(" ");
        // What is asked about; thresholds and the like change no request.
        let lists = self.params.iter().filter(|(_, value)| value.is_array());
        let params: Map<String, Value> = lists.map(|(name, value)| (name.clone(), value.clone())).collect();
        let params = Value::Object(params);
        write!(
            out,
            "{} days={} declared={} params={params} sections={ids}",
            self.setup.endpoints.graph, self.days, self.declared_only
        )
    }
}

/// What has to be known before planning.
const FIRST: [&str; 2] = ["tenant.licences", "tenant.organization"];

async fn organization(client: &Client) -> Result<String, Failure> {
    let mut walk = Walk::new(client.ask("v1.0", "/organization", "$select=id")?);
    let page = walk.next(client).await?;
    let id = page.as_ref().and_then(|page| page.items.first()?.get("id")?.as_str());
    id.map(str::to_ascii_lowercase).ok_or_else(|| Failure::Answer("it names no organisation".to_owned()))
}

/// Names of the service plans that can be used, in capital letters.
fn live(shared: &Shared, records: &BTreeMap<String, SectionRecord>) -> Option<BTreeSet<String>> {
    records.get("tenant.licences").filter(|record| record.state == State::Read)?;
    let mut live = BTreeSet::new();
    each(shared, "tenant.licences", &mut |sku| {
        for plan in sku.get("servicePlans").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| plan.get(name).and_then(Value::as_str);
            if let (Some(name), Some(status)) = (text("servicePlanName"), text("provisioningStatus"))
                && plans::counts(status)
            {
                live.insert(name.to_ascii_uppercase());
            }
        }
    })?;
    Some(live)
}

/// The items of a section that was kept; None where they can't be read.
fn each(shared: &Shared, id: &str, visit: &mut dyn FnMut(&Value)) -> Option<()> {
    let path = shared.store.items_at(find(id)?);
    stream::items(&path, &mut |item| {
        visit(&item);
        ControlFlow::Continue(())
    })
    .ok()
}

/// The tenant as its organisation describes it, where that could be read.
fn described(shared: &Shared, id: String, order: &Order) -> Tenant {
    let cloud = order.setup.endpoints.cloud;
    let mut tenant = Tenant { id, display_name: None, default_domain: None, cloud };
    let text = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
    // Without it the id has to do.
    let _ = each(shared, "tenant.organization", &mut |item| {
        tenant.display_name = text(item, "displayName");
        let domains = item.get("verifiedDomains").and_then(Value::as_array);
        let default =
            domains.into_iter().flatten().find(|domain| domain.get("isDefault") == Some(&true.into()));
        tenant.default_domain = default.and_then(|domain| text(domain, "name"));
    });
    tenant
}

/// Who asked. A person's account is personal, and yet the first thing an auditor asks for.
fn identity(claims: &Claims) -> Option<Identity> {
    let app = claims.account.clone().or_else(|| claims.app.clone());
    let mut permissions = if claims.person { claims.scopes.clone() } else { claims.roles.clone() };
    permissions.sort();
    permissions.dedup();
    (app.is_some() || !permissions.is_empty()).then_some(Identity { app, permissions })
}

fn latest(records: &BTreeMap<String, SectionRecord>, otherwise: DateTime<Utc>) -> DateTime<Utc> {
    records.values().filter_map(|record| record.at).max().unwrap_or(otherwise)
}
