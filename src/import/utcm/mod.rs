//! Snapshots of Microsoft's Tenant Configuration Management (UTCM). Comes in: the downloaded snapshot,
//! its job, the snapshot of ours that it is merged into. Goes out: a draft of the sections that its
//! resources map to. Not here: resources without a section; the notes name every one of them.
//!
//! The service writes what Microsoft365DSC writes: flat properties in Pascal case, and names in place
//! of ids (a user's sign-in name, a role's, group's or location's display name). Policies compare ids,
//! so a name that can't be resolved takes its property out of the section.

mod access;
mod job;
mod names;
mod plain;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use self::job::Job;
use self::names::Names;
use super::harvest::{Harvest, Listed, tenant_id};
use super::kind::{Kind, kind_of};
use super::text::parse;
use super::{ImportError, Imported, Options};
use crate::sections::Via;
use crate::snapshot::Draft;
use crate::snapshot::record::{Cloud, SectionRecord, State, Tenant};

/// Resource types named in one note.
const SHOWN: usize = 12;

/// What is known beside the snapshot's own file.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    /// The snapshot job as Graph answers it, and the name of its file.
    pub job: Option<(&'a [u8], &'a str)>,
    /// The snapshot that this one is merged into: it turns names into ids.
    pub known: Option<&'a Draft>,
}

/// Imports a snapshot of Tenant Configuration Management.
///
/// `name` is what messages and sources show. The file names neither tenant nor time: the job does, or
/// `options`.
///
/// # Errors
/// Unreadable, not JSON, another kind of file, another snapshot's job, no tenant, no time, nothing in
/// it that a section holds.
pub fn utcm(
    bytes: &[u8],
    name: &str,
    beside: &Beside<'_>,
    options: &Options,
) -> Result<Imported, ImportError> {
    let (id, resources) = resources(parse(bytes, name)?, name)?;
    let job = beside.job.map(|(bytes, name)| Job::read(bytes, name, &id)).transpose()?;
    let tenant = Tenant {
        id: tenant_id(job.as_ref().and_then(|job| job.tenant.as_deref()), options, name)?,
        display_name: None,
        default_domain: None,
        cloud: Cloud::Global,
    };
    let at = job.as_ref().and_then(|job| job.at).or(options.at);
    let at = at.ok_or_else(|| ImportError::NoTime { name: name.into(), why: String::new() })?;

    let mut harvest = Harvest::new(Via::Export);
    let mut source = Source { name, job: job.as_ref(), resources };
    let names = Names::new(beside.known, &source.resources);
    access::policies(&mut source, &names, &mut harvest);
    plain::sections(&mut source, &mut harvest);
    source.tell_rest(&mut harvest);
    if harvest.is_empty() {
        return Err(ImportError::Kind {
            name: name.into(),
            what: "the snapshot holds none of the resources that Levelmark looks at".into(),
            help: Some(format!("take one with at least `{}`", access::KIND)),
        });
    }
    Ok(harvest.finish(tenant, at))
}

/// The snapshot's id and the properties of its resources, by type in lower case.
fn resources(value: Value, name: &str) -> Result<(String, Resources), ImportError> {
    let kind = kind_of(&value);
    let (Kind::Utcm, Value::Object(mut members)) = (kind, value) else {
        return Err(kind.refused(name, "a snapshot of Tenant Configuration Management"));
    };
    let id = members.get("id").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let mut found = Resources::new();
    let Some(Value::Array(listed)) = members.remove("resources") else { return Ok((id, found)) };
    for resource in listed {
        let Value::Object(mut resource) = resource else { continue };
        let Some(kind) = resource.get("resourceType").and_then(Value::as_str).map(str::to_ascii_lowercase)
        else {
            continue;
        };
        if let Some(Value::Object(properties)) = resource.remove("properties") {
            found.entry(kind).or_default().push(properties);
        }
    }
    Ok((id, found))
}

/// Properties of resources, by their type in lower case.
type Resources = BTreeMap<String, Vec<Map<String, Value>>>;

/// A snapshot as it lies in the file.
struct Source<'a> {
    name: &'a str,
    job: Option<&'a Job>,
    resources: Resources,
}

impl Source<'_> {
    /// Takes the resources of a type; none = the file has none.
    fn take(&mut self, kind: &str) -> Option<Vec<Map<String, Value>>> {
        self.resources.remove(kind)
    }

    /// The record of a section. A list is whole only if the job says so; what every tenant has once is
    /// whole with its one item.
    fn record(&self, kind: &str, listed: &Listed, single: bool) -> SectionRecord {
        let gap = match self.job {
            _ if single => None,
            None => Some("the file does not say whether everything was captured; give its job with --job"),
            Some(job) if job.whole => None,
            Some(_) => Some("the job did not capture everything"),
        };
        let state = if gap.is_none() { State::Read } else { State::Partial };
        SectionRecord {
            source: Some(format!("{}: {kind}", self.name)),
            reason: gap.map(str::to_owned),
            ..listed.record(state)
        }
    }

    /// Says what was not taken: types without a section, and types asked for of which nothing came.
    fn tell_rest(&self, harvest: &mut Harvest) {
        let rest: Vec<String> =
            self.resources.iter().map(|(kind, items)| format!("{kind} ({})", items.len())).collect();
        if !rest.is_empty() {
            harvest.notes.push(format!("not taken, since no section holds them: {}", shortened(&rest)));
        }
        let mapped = plain::kinds().chain([access::KIND]);
        let silent: Vec<String> = mapped
            .filter(|kind| self.job.is_some_and(|job| job.asked.iter().any(|asked| asked == kind)))
            .filter(|kind| !harvest.has(section_of(kind)))
            .map(str::to_owned)
            .collect();
        if !silent.is_empty() {
            harvest.notes.push(format!(
                "asked for, but nothing came: {}; that may be a missing permission, so it is not taken \
                 as an empty list",
                shortened(&silent)
            ));
        }
    }
}

fn section_of(kind: &str) -> &'static str {
    if kind == access::KIND { access::SECTION } else { plain::section(kind) }
}

fn shortened(names: &[String]) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<&str> = names.iter().map(String::as_str).take(SHOWN).collect();
    let more = if more > 0 { format!(" and {more} more types") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// A property that says something: neither absent, null, empty nor `false`.
fn said(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(members)) => !members.is_empty(),
        Some(Value::Bool(true) | Value::Number(_)) => true,
    }
}
