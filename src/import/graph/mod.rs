//! Raw bodies of Microsoft Graph, as Graph Explorer, `az rest`, PowerShell or our own script saved
//! them. Comes in: a file, a folder of pages, or a folder with one folder per section. Goes out: a
//! draft. Not here: asking Graph.
//!
//! Folders: `OUT/SECTION/page-0001.json`, `error.json` where Graph refused; what was read once per
//! object carries the object's id in `@levelmark.join`, or lies in `OUT/SECTION/OBJECT/`. `about.json`
//! beside the sections says of which tenant and when.

pub(crate) mod body;
mod files;
pub(crate) mod item;
pub(crate) mod refusal;
mod section;

#[cfg(test)]
mod examples_tests;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;

use self::body::Body;
use self::files::{Chain, chains, file_name, list};
use self::section::Gathered;
use super::harvest::{Harvest, tenant_id};
use super::text::{parse, read, typed};
use super::values::time;
use super::{ImportError, Imported, Options};
use crate::sections::{self, Section, Via};
use crate::snapshot::record::{Cloud, Identity, Tenant};

/// Imports raw bodies. `section` says what a file or a folder of pages holds; without it a folder
/// must have a folder per section, and a file must say so itself (`@odata.context`).
///
/// # Errors
/// Unreadable or foreign files, an unknown section, bodies of another section, no tenant (unless the
/// organisation is among the sections), no time.
pub fn graph(path: &Path, section: Option<&str>, options: &Options) -> Result<Imported, ImportError> {
    let name = path.display().to_string();
    let about =
        fs::symlink_metadata(path).map_err(|source| ImportError::Read { name: name.clone(), source })?;
    let section = section.map(|id| known(id, &name)).transpose()?;
    let mut work = Work { harvest: Harvest::new(Via::Graph), about: About::default() };
    if about.is_file() {
        work.file(path, section)?;
    } else if about.is_dir() {
        work.folder(path, section)?;
    } else {
        return Err(ImportError::NotRegular { name });
    }
    work.finish(&name, options)
}

fn known(id: &str, name: &str) -> Result<&'static Section, ImportError> {
    let fault = |what: String, help: Option<String>| ImportError::Kind { name: name.into(), what, help };
    let Some(section) = sections::find(id) else {
        let help = sections::suggest(id).map(|near| format!("did you mean `{near}`?"));
        return Err(fault(format!("there is no section `{id}`"), help));
    };
    if section.graph.is_none() {
        let help = Some(format!("try `levelmark import` or `levelmark declare` for {id}"));
        return Err(fault(format!("Graph does not serve {id}"), help));
    }
    Ok(section)
}

/// What the script says of its run, in the folder or beside it. Another tool's file of that name says
/// nothing to us.
fn about(folder: &Path) -> Result<About, ImportError> {
    let own = folder.join("about.json");
    if own.is_file() {
        let about: About = typed(&read(&own)?, &own.display().to_string())?;
        return Ok(if about.levelmark.is_some() { about } else { About::default() });
    }
    let Some(beside) = folder.parent().map(|parent| parent.join("about.json")).filter(|path| path.is_file())
    else {
        return Ok(About::default());
    };
    let about = read(&beside).and_then(|bytes| typed::<About>(&bytes, &beside.display().to_string()));
    Ok(about.ok().filter(|about| about.levelmark.is_some()).unwrap_or_default())
}

/// What is taken of `about.json`.
#[derive(Debug, Default, Deserialize)]
struct About {
    /// Our mark, `{"raw": 1}`.
    levelmark: Option<IgnoredAny>,
    tenant: Option<String>,
    at: Option<String>,
    account: Option<String>,
    app: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    days: Option<u32>,
}

struct Work {
    harvest: Harvest,
    about: About,
}

impl Work {
    fn file(&mut self, path: &Path, section: Option<&'static Section>) -> Result<(), ImportError> {
        let name = path.display().to_string();
        let section = match section {
            Some(section) => section,
            None => told(path)?.ok_or_else(|| ImportError::Kind {
                name: name.clone(),
                what: "it does not say which section it is of".into(),
                help: Some("say it with `--section SECTION`; `levelmark sections` lists them".into()),
            })?,
        };
        let chain = Chain { object: None, files: vec![path.to_path_buf()] };
        self.section(section, &[chain], &name)
    }

    fn folder(&mut self, path: &Path, section: Option<&'static Section>) -> Result<(), ImportError> {
        let name = path.display().to_string();
        let content = list(path)?;
        self.about = about(path)?;
        if let Some(section) = section {
            let own = content.folders.iter().find(|folder| file_name(folder) == section.id);
            let own = own.map_or(path, PathBuf::as_path);
            return self.section(section, &chains(own)?, &own.display().to_string());
        }
        let mut errors = Vec::new();
        for folder in &content.folders {
            let id = file_name(folder);
            match known(&id, &folder.display().to_string()) {
                Ok(section) => {
                    let result = chains(folder).and_then(|chains| self.section(section, &chains, &id));
                    errors.extend(result.err());
                }
                Err(error) => errors.push(error),
            }
        }
        if let Some(error) = ImportError::join(errors) {
            return Err(error);
        }
        if self.harvest.is_empty() {
            return Err(ImportError::Kind {
                name,
                what: "it has no folder named after a section".into(),
                help: Some("say which section its files are of with `--section SECTION`".into()),
            });
        }
        Ok(())
    }

    fn section(
        &mut self,
        section: &'static Section,
        chains: &[Chain],
        name: &str,
    ) -> Result<(), ImportError> {
        let mut gathered = Gathered::new(section);
        let (mut errors, mut bodies) = (Vec::new(), 0);
        for chain in chains {
            for file in chain.files.iter().filter(|file| file_name(file) != "about.json") {
                bodies += 1;
                errors.extend(add(&mut gathered, file, chain.object.as_deref()).err());
            }
            gathered.end_of_chain();
        }
        if let Some(error) = ImportError::join(errors) {
            return Err(error);
        }
        if bodies == 0 {
            return Err(ImportError::Kind {
                name: name.into(),
                what: "it holds no *.json file".into(),
                help: None,
            });
        }
        let (items, mut record, notes) = gathered.finish(name)?;
        self.harvest.notes.extend(notes);
        record.source = Some(source(section, name));
        if record.state.has_data() {
            self.harvest.put(section.id, items, record);
        } else {
            self.harvest.lack(section.id, record);
        }
        Ok(())
    }

    fn finish(mut self, name: &str, options: &Options) -> Result<Imported, ImportError> {
        let organization = self.harvest.items("tenant.organization").and_then(|items| items.first()).cloned();
        let text = |field: &str| organization.as_ref()?.get(field)?.as_str().map(str::to_string);
        let found = text("id").or_else(|| self.about.tenant.clone());
        let id = tenant_id(found.as_deref(), options, name)?;
        let stated = self.about.at.as_deref().and_then(time);
        let at =
            stated.or(options.at).ok_or(ImportError::NoTime { name: name.into(), why: String::new() })?;
        self.reach(at);
        let domains = organization.as_ref().and_then(|item| item.get("verifiedDomains")?.as_array());
        let default =
            domains.into_iter().flatten().find(|domain| domain.get("isDefault") == Some(&true.into()));
        let tenant = Tenant {
            id,
            display_name: text("displayName"),
            default_domain: default.and_then(|domain| domain.get("name")?.as_str()).map(str::to_string),
            cloud: Cloud::Global,
        };
        let mut imported = self.harvest.finish(tenant, at);
        let app = self.about.account.or(self.about.app);
        if app.is_some() || !self.about.scopes.is_empty() {
            imported.draft.manifest.taken.identity = Some(Identity { app, permissions: self.about.scopes });
        }
        Ok(imported)
    }

    /// How far back the logs go. The script says how many days it asked for; the service may keep
    /// fewer. Without the script a log goes back to its oldest entry, an empty one proves nothing.
    fn reach(&mut self, at: DateTime<Utc>) {
        for section in sections::all().filter(|section| section.kind == sections::Kind::Log) {
            let days = self.about.days.map(|days| match section.graph.map_or(0, |graph| graph.reach) {
                0 => days,
                reach => days.min(reach),
            });
            let asked = days.and_then(|days| at.checked_sub_signed(TimeDelta::days(days.into())));
            self.harvest.amend(section.id, |record| record.from = asked.or(record.from));
        }
    }
}

fn source(section: &Section, name: &str) -> String {
    match section.graph {
        Some(graph) => format!("GET /{}{} ({name})", graph.version, graph.path),
        None => name.to_string(),
    }
}

fn add(gathered: &mut Gathered, file: &Path, object: Option<&str>) -> Result<(), ImportError> {
    let name = file.display().to_string();
    for body in body::read(parse(&read(file)?, &name)?, &name)? {
        gathered.add(body, object, &name)?;
    }
    Ok(())
}

/// The section that a file names in its own metadata address.
fn told(path: &Path) -> Result<Option<&'static Section>, ImportError> {
    let name = path.display().to_string();
    let bodies = body::read(parse(&read(path)?, &name)?, &name)?;
    Ok(bodies.iter().find_map(|body| match body {
        Body::Page(page) => section::told(page),
        Body::Refusal(_) => None,
    }))
}
