//! The service behind the socket: who may ask, what is wrong with the request, which answer it
//! is. Comes in: a request. Goes out: an answer. Not here: what stands in it (`answers`), bytes and
//! connections (`wire`).

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use levelmark::sections::{Answer, Section};
use serde_json::json;

use super::faults::{self, Fault};
use super::log::{Door, Log};
use super::login::{Login, Whose, Worth};
use super::paging;
use super::query::{self, Options};
use super::quota::{Class, Quota};
use super::refusals::Refusal;
use super::reply::{Ask, Payload, Reply};
use super::routes::{Target, find_target, version};
use super::settings::Settings;
use super::spoil::{Place, spoil};
use super::synthetic::mix;
use super::tenant::{Items, Tenant};
use super::{batch, reports};

/// The service.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) tenant: Tenant,
    pub(crate) settings: Settings,
    /// `http://127.0.0.1:PORT`
    pub(crate) address: String,
    /// The other listener's.
    pub(crate) elsewhere: String,
    pub(crate) login: Login,
    pub(crate) log: Log,
    pub(crate) quota: Mutex<Quota>,
    pub(crate) faults: Mutex<Vec<Fault>>,
    pub(crate) started: Instant,
    number: Mutex<u64>,
}

impl Service {
    pub(crate) fn new(
        tenant: Tenant,
        settings: Settings,
        (address, elsewhere): (String, String),
        now: Instant,
    ) -> Self {
        Self {
            quota: Mutex::new(Quota::new(tenant.users(), settings.speed, settings.quotas)),
            faults: Mutex::new(settings.faults.clone()),
            tenant,
            settings,
            address,
            elsewhere,
            login: Login::default(),
            log: Log::default(),
            started: now,
            number: Mutex::new(0),
        }
    }

    /// Answers at the address of Graph.
    pub(crate) fn graph(&self, ask: &Ask, now: Instant) -> Reply {
        if ask.path.ends_with("/$batch") && version(&ask.path).is_some_and(|(_, rest)| rest == "/$batch") {
            return self.watched(ask, || self.batch(ask, now));
        }
        self.one(ask, now)
    }

    /// Answers at the other address: files of reports to whoever knows their names.
    pub(crate) fn other(&self, ask: &Ask) -> Reply {
        let name = ask.path.strip_prefix("/data/download/").unwrap_or_default();
        let section = levelmark::sections::all().find(|section| file_name(section) == name);
        let rows = section.and_then(|section| Some((section, self.tenant.shelf(section.id).ok()?)));
        self.watched(ask, || match rows {
            Some((section, rows)) => {
                reports::file(section.id, rows, reports::period(section.graph.map_or("", |graph| graph.path)))
            }
            None => Reply::json(200, json!({ "value": [{ "id": "from-elsewhere" }] })),
        })
    }

    fn batch(&self, ask: &Ask, now: Instant) -> Reply {
        let id = self.next_id();
        if let Err(refusal) = self.admitted(ask, now) {
            return refusal.reply(&id, ask.header("client-request-id"));
        }
        let each = |item: &Ask| {
            let reply = self.one(item, now);
            self.log.note(Door::Batch, item, (reply.status, 0), self.started.elapsed(), self.settings.record);
            reply
        };
        let mut reply = batch::answer(ask, self.settings.shuffle, each)
            .unwrap_or_else(|refusal| refusal.reply(&id, ask.header("client-request-id")));
        reply.header("request-id", id);
        reply
    }

    /// Answers one request, of a batch or not.
    fn one(&self, ask: &Ask, now: Instant) -> Reply {
        self.watched(ask, || {
            if let Some(reply) = self.login.answer(ask, &self.tenant, &self.settings, now) {
                return reply;
            }
            let id = self.next_id();
            let client = ask.header("client-request-id").to_owned();
            let mut headers = Vec::new();
            let mut reply =
                self.resource(ask, now, &mut headers).unwrap_or_else(|refusal| refusal.reply(&id, &client));
            reply.headers.append(&mut headers);
            reply.header("request-id", id);
            if !client.is_empty() {
                reply.header("client-request-id", client);
            }
            reply
        })
    }

    /// Lets the rules of trouble spoil an answer.
    fn watched(&self, ask: &Ask, answer: impl FnOnce() -> Reply) -> Reply {
        let target = format!("{}?{}", ask.path, ask.query);
        let trouble = faults::hit(&mut self.faults.lock().unwrap_or_else(PoisonError::into_inner), &target);
        let reply = answer();
        match trouble {
            Some(trouble) => {
                let number = self.count();
                spoil(
                    reply,
                    trouble,
                    &Place { ask, address: &self.address, elsewhere: &self.elsewhere, number },
                )
            }
            None => reply,
        }
    }

    fn admitted(&self, ask: &Ask, now: Instant) -> Result<Whose, Refusal> {
        match self.login.worth(ask.header("authorization"), now) {
            Worth::Good(whose) => Ok(whose),
            Worth::Revoked => Err(Refusal::ClaimsChallenge),
            Worth::Nothing => Err(Refusal::InvalidToken),
        }
    }

    fn resource(
        &self,
        ask: &Ask,
        now: Instant,
        headers: &mut Vec<(&'static str, String)>,
    ) -> Result<Reply, Refusal> {
        let (version, path) = version(&ask.path).ok_or_else(|| Refusal::NoSegment404(ask.path.clone()))?;
        let whose = self.admitted(ask, now)?;
        let options = query::parse(&ask.query);
        self.within_quota(path, options.as_ref().unwrap_or(&Options::default()), now, headers)?;
        if ask.method != "GET" {
            return Err(Refusal::Other(405, "BadRequest".into(), "Only reading is offered here.".into()));
        }
        let target = find_target(version, path)?;
        self.permitted(target.section(), whose)?;
        let options = options?;
        match target {
            Target::Section(section, object) => {
                let items = match object {
                    Some(object) => self.tenant.items_of(section, &object)?,
                    None => self.tenant.items(section)?,
                };
                match section.graph.map(|graph| graph.answer) {
                    Some(Answer::Csv) => self.report(section, version, &options),
                    Some(Answer::Json) | None => self.section(section, &items, ask, &options),
                }
            }
            Target::Child(section, child, object) => {
                let held = self.held(section, child.field, &object, (ask, &options))?;
                let rest = Options { select: None, expand: Vec::new(), filter: Vec::new(), ..options };
                self.list(section, &Items::Some(held), ask, &rest)
            }
            Target::Object(section, id) => {
                let item = self.tenant.object(section, &id)?;
                options.check(section)?;
                Ok(Reply::json(200, self.with_context(section, self.shown(item, section, ask, &options))))
            }
            Target::Roles(section) => self.list(section, &self.tenant.directory_roles()?, ask, &options),
        }
    }

    fn within_quota(
        &self,
        path: &str,
        options: &Options,
        now: Instant,
        headers: &mut Vec<(&'static str, String)>,
    ) -> Result<(), Refusal> {
        let ruling = self.quota.lock().unwrap_or_else(PoisonError::into_inner).take(path, options, now);
        if ruling.class == Class::Directory {
            headers.push(("x-ms-resource-unit", ruling.units.to_string()));
        }
        if self.settings.quotas && ruling.used > 0.8 {
            headers.push(("x-ms-throttle-limit-percentage", format!("{:.1}", ruling.used)));
        }
        let Some(wait) = ruling.wait else { return Ok(()) };
        let Tenant { id, app, .. } = &self.tenant;
        headers.push(("x-ms-throttle-scope", format!("Tenant_Application/ReadWrite/{app}/{id}")));
        headers.push(("x-ms-throttle-information", "ResourceUnitLimitExceeded".into()));
        if ruling.class == Class::ConditionalAccess {
            return Err(Refusal::TooMany);
        }
        Err(Refusal::TooManyFor(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)))
    }

    /// Without its least permission a section is refused; some have none for applications, or for
    /// people.
    fn permitted(&self, section: &Section, whose: Whose) -> Result<(), Refusal> {
        let Some(graph) = section.graph.filter(|_| self.settings.enforce_roles) else { return Ok(()) };
        let needs = match whose {
            Whose::Application => graph.application,
            Whose::Person => graph.delegated,
        };
        let roles = self.settings.roles.as_ref().unwrap_or(&self.tenant.permissions);
        let held = |need: &str| roles.iter().any(|role| role == need);
        if needs.is_empty() || !needs.split_whitespace().all(held) {
            return Err(Refusal::RequestDenied);
        }
        Ok(())
    }

    fn count(&self) -> u64 {
        let mut number = self.number.lock().unwrap_or_else(PoisonError::into_inner);
        *number += 1;
        *number
    }

    fn next_id(&self) -> String {
        let number = self.count();
        let mixed = mix(number);
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{number:012x}",
            mixed >> 32,
            (mixed >> 16) & 0xffff,
            mixed & 0xfff,
            (mixed >> 12) & 0xfff
        )
    }
}

/// The name of a report's file, which nobody guesses.
pub(super) fn file_name(section: &Section) -> String {
    format!("JDFKdf2_{:x}", paging::fingerprint(section.id))
}

/// The media type of an answer.
pub(crate) fn kind(payload: &Payload) -> Option<&'static str> {
    match payload {
        Payload::Json(_) | Payload::Gzip(_) => Some(super::spoil::JSON),
        Payload::Raw(kind, _) => Some(kind),
        Payload::Nothing => None,
    }
}
