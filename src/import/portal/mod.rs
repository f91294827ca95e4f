//! What an administrator saved from the admin centre: Message Center posts, service health, release
//! preferences, or a browser's recording (HAR) that holds them. Comes in: files. Goes out: a draft.
//! Not here: asking the admin centre; its addresses are undocumented and we never call them.
//!
//! A recording tells by address which body is which; a plain file by its shape. A body whose shape we
//! don't know for certain is refused by name, never guessed.

mod base64;
mod body;
mod har;
mod health;
mod messages;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use self::body::{Body, named};
use super::harvest::{Harvest, missing, record, tenant_id};
use super::kind::{Kind, kind_of};
use super::text::parse;
use super::values::{rfc3339, time};
use super::{ImportError, Imported, Options};
use crate::sections::Via;
use crate::snapshot::record::{Cloud, SectionRecord, State, Tenant};

/// A file to import: the name to show, and its bytes.
pub type File<'f> = (&'f str, &'f [u8]);

/// Imports saved bodies of the admin centre. They name no tenant, so `options.tenant` must.
///
/// The time is that of the recording, else `options.at`, else the latest time that stands in the
/// posts, which is said in the notes.
///
/// # Errors
/// All that is wrong with any file: unreadable, of another kind, a body of unknown shape; no tenant;
/// no time.
pub fn portal(files: &[File<'_>], options: &Options) -> Result<Imported, ImportError> {
    let first = files.first().map_or("admin centre", |(name, _)| *name);
    let mut work = Work { harvest: Harvest::new(Via::Portal), given: options.at, guessed: None };
    let mut errors = Vec::new();
    for (name, bytes) in files {
        if let Err(error) = work.file(name, bytes) {
            errors.push(error);
        }
    }
    if let Some(error) = ImportError::join(errors) {
        return Err(error);
    }
    if work.harvest.is_empty() {
        let what = match work.harvest.notes.as_slice() {
            [] => "it holds no body of the admin centre that Levelmark reads".to_string(),
            notes => notes.join("; "),
        };
        return Err(ImportError::Kind { name: first.into(), what, help: None });
    }
    let id = tenant_id(None, options, first)?;
    let at = work.time(first)?;
    let tenant = Tenant { id, display_name: None, default_domain: None, cloud: Cloud::Global };
    Ok(work.harvest.finish(tenant, at))
}

/// A name as one word in lower case: `Post-incident report published` -> `postincidentreportpublished`.
fn word(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

struct Work {
    harvest: Harvest,
    given: Option<DateTime<Utc>>,
    /// The latest time seen in any item.
    guessed: Option<DateTime<Utc>>,
}

impl Work {
    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<(), ImportError> {
        if har::is_recording(bytes, name) {
            return self.recording(name, bytes);
        }
        let value = parse(bytes, name)?;
        let body = match kind_of(&value) {
            Kind::PortalMessages => Body::Messages,
            Kind::PortalHealth => Body::Health { resolved: false },
            Kind::PortalReleaseTrack => Body::ReleaseTrack,
            kind @ (Kind::ScubaGear
            | Kind::ScubaGearResults
            | Kind::Maester
            | Kind::Utcm
            | Kind::UtcmJob
            | Kind::Snapshot
            | Kind::Report
            | Kind::Har
            | Kind::GraphBatch
            | Kind::GraphError
            | Kind::GraphBody
            | Kind::Other) => {
                return Err(match named(name) {
                    Some(body) if matches!(kind, Kind::Other | Kind::GraphBody) => unknown(name, body),
                    Some(_) | None => kind.refused(name, "anything that is saved from the admin centre"),
                });
            }
        };
        self.body(body, &value, name, None)
    }

    /// Bodies of a recording. Some of unknown shape do not spoil the others.
    fn recording(&mut self, name: &str, bytes: &[u8]) -> Result<(), ImportError> {
        for answer in har::answers(bytes, name)? {
            let source = format!("{name}: {}", answer.body.name());
            match answer.status {
                200..=299 if answer.bytes.is_empty() => {
                    self.harvest.notes.push(format!("{source}: the recording holds no content"));
                }
                200..=299 => {
                    let value = parse(&answer.bytes, &source)?;
                    match self.body(answer.body, &value, &source, answer.at) {
                        Err(ImportError::Kind { what, .. }) => {
                            self.harvest.notes.push(format!("{name}: {what}"))
                        }
                        other => other?,
                    }
                }
                404 if answer.body == Body::PlannerSync => {
                    // The service answers so as long as nobody has set up the sync.
                    let record = SectionRecord {
                        source: Some(source),
                        at: answer.at,
                        fields: Some(vec!["configured".into()]),
                        ..record(State::Read)
                    };
                    self.harvest.put(answer.body.section(), vec![json!({ "configured": false })], record);
                }
                status => self.refusal(answer.body, status, &source, answer.at),
            }
        }
        Ok(())
    }

    fn refusal(&mut self, body: Body, status: i64, source: &str, at: Option<DateTime<Utc>>) {
        let state = if status == 403 { State::Denied } else { State::Failed };
        let needs = (status == 403).then(|| "an administrator's role that shows this page".to_string());
        let reason = format!("the admin centre answered with status {status}");
        let record = SectionRecord { source: Some(source.into()), at, needs, ..missing(state, reason) };
        if !self.harvest.has(body.section()) {
            self.harvest.lack(body.section(), record);
        }
    }

    fn body(
        &mut self,
        body: Body,
        value: &Value,
        source: &str,
        at: Option<DateTime<Utc>>,
    ) -> Result<(), ImportError> {
        match body {
            Body::Messages => self.messages(value, source, at),
            Body::Health { resolved } => self.health(value, resolved, source, at),
            Body::ReleaseTrack => return self.release_track(value, source, at),
            Body::PlannerSync | Body::MessagePreferences | Body::HealthPreferences => {
                return Err(unknown(source, body));
            }
        }
        Ok(())
    }

    fn messages(&mut self, value: &Value, source: &str, at: Option<DateTime<Utc>>) {
        let rows = value.get("Messages").unwrap_or(value);
        let rows = rows.as_array().map_or_else(|| std::slice::from_ref(rows), Vec::as_slice);
        let items = rows.iter().filter_map(Value::as_object).map(messages::message).collect();
        self.log("messageCenter.messages", items, source, at);
    }

    fn health(&mut self, value: &Value, resolved: bool, source: &str, at: Option<DateTime<Utc>>) {
        let found = health::found(value);
        let has_resolved =
            found.issues.iter().any(|issue| issue.get("isResolved") == Some(&Value::Bool(true)));
        let classless = found.issues.iter().any(|issue| !issue.contains_key("classification"));
        let id = "serviceHealth.issues";
        self.log(id, found.issues, source, at);
        let gap = (!resolved && !has_resolved)
            .then_some("only open issues, as it seems; save the page with resolved ones shown");
        self.harvest.amend(id, |record| {
            if let Some(gap) = gap {
                record.state = State::Partial;
                record.reason = Some(gap.into());
            }
            if classless {
                let why = "the admin centre writes a number there whose meaning is not known";
                record.without.insert("classification".into(), why.into());
            }
        });
        if !found.services.is_empty() {
            let why = "the saved page lists the services, not their status";
            let record = SectionRecord {
                source: Some(source.into()),
                at,
                fields: Some(vec!["id".into(), "service".into()]),
                without: [("status".to_string(), why.to_string())].into(),
                ..record(State::Read)
            };
            let services = found.services.into_iter().map(Value::Object).collect();
            self.harvest.put("serviceHealth.overviews", services, record);
        }
    }

    /// Adds a log. A saved page may be cut at some point of time, so the log goes back only as far as
    /// its least recently changed item.
    fn log(&mut self, id: &str, rows: Vec<Map<String, Value>>, source: &str, at: Option<DateTime<Utc>>) {
        let (rows, double) = unique(rows, self.harvest.items(id));
        if double > 0 {
            self.harvest
                .notes
                .push(format!("{source}: {double} items stand twice; the more recent one is kept"));
        }
        let changed = |item: &Map<String, Value>| item.get("lastModifiedDateTime")?.as_str().and_then(time);
        let from = rows.iter().filter_map(changed).min();
        self.guessed = self.guessed.max(rows.iter().filter_map(changed).max());
        let names: BTreeSet<String> = rows.iter().flat_map(|item| item.keys().cloned()).collect();
        let earlier = self.harvest.source_of(id);
        let source = earlier.map_or_else(|| source.to_string(), |earlier| format!("{earlier}, {source}"));
        let fields = (!rows.is_empty()).then(|| names.into_iter().collect());
        let record = SectionRecord { source: Some(source), at, from, fields, ..record(State::Read) };
        self.harvest.put(id, rows.into_iter().map(Value::Object).collect(), record);
    }

    fn release_track(
        &mut self,
        value: &Value,
        source: &str,
        at: Option<DateTime<Utc>>,
    ) -> Result<(), ImportError> {
        let track =
            match value.get("ReleaseTrack").and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
                Some("none") => "standard",
                Some("firstrelease") => "targetedEveryone",
                Some("stagedrollout") => "targetedSelected",
                Some(_) | None => return Err(unknown(source, Body::ReleaseTrack)),
            };
        let why = "the saved body does not list the people chosen for targeted release";
        let record = SectionRecord {
            source: Some(source.into()),
            at,
            fields: Some(vec!["track".into()]),
            without: [("users".to_string(), why.to_string())].into(),
            ..record(State::Read)
        };
        self.harvest.put("tenant.releasePreferences", vec![json!({ "track": track })], record);
        Ok(())
    }

    /// The time of what has none of its own.
    fn time(&mut self, name: &str) -> Result<DateTime<Utc>, ImportError> {
        if let Some(at) = self.given.or_else(|| self.harvest.latest()) {
            return Ok(at);
        }
        let Some(at) = self.guessed else {
            return Err(ImportError::NoTime { name: name.into(), why: String::new() });
        };
        self.harvest.notes.push(format!(
            "no file says when it was saved; the latest change in it, {}, is taken as the time (`--at` says it better)",
            rfc3339(at)
        ));
        Ok(at)
    }
}

/// Joins rows with those that are there already; of equal ids the more recently changed one stays.
fn unique(rows: Vec<Map<String, Value>>, earlier: Option<&Vec<Value>>) -> (Vec<Map<String, Value>>, usize) {
    let earlier = earlier.into_iter().flatten().filter_map(Value::as_object).cloned();
    let mut kept: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut double = 0;
    for row in earlier.chain(rows) {
        let key = row.get("id").map(Value::to_string).unwrap_or_default();
        let changed = |row: &Map<String, Value>| row.get("lastModifiedDateTime")?.as_str().and_then(time);
        match kept.get(&key) {
            Some(there) if changed(there) > changed(&row) => double += 1,
            Some(_) => {
                double += 1;
                kept.insert(key, row);
            }
            None => {
                kept.insert(key, row);
            }
        }
    }
    (kept.into_values().collect(), double)
}

fn unknown(name: &str, body: Body) -> ImportError {
    ImportError::Kind { name: name.into(), what: body.unknown(), help: None }
}
