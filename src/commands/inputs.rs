//! What decides a result: policies, and a tenant's snapshot, configuration and answers together. Comes in: arguments.
//! Goes out: values of the rooms. Not here: where a tenant's files are (`folder`), parsing (each room does its own).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use miette::miette;

use crate::cli::Policies;
use crate::config::{self, Answer, Attestations, Config, Given};
use crate::policy::compiled::PolicySet;
use crate::policy::load::LoadOptions;
use crate::run::Result;
use crate::sections;
use crate::snapshot::record::{Cloud, Tenant as Identity};
use crate::snapshot::{Form, Snapshot, Wanted};
use crate::yaml::suggest;

use super::folder::Folder;
use super::places::Places;
use super::redact::marks;

/// Largest configuration or baseline.
pub(super) const MOST: u64 = 256 << 20;

/// Everything that belongs to a tenant.
#[derive(Debug)]
pub struct Tenant {
    /// Its evidence.
    pub snapshot: Snapshot,
    /// Targets and waivers.
    pub config: Config,
    /// Parameters of the file and of the command line.
    pub given: BTreeMap<String, Given>,
    /// Human answers.
    pub answers: Vec<Answer>,
    /// Where they are, or would be.
    pub answers_at: Option<PathBuf>,
    /// Things to know.
    pub notes: Vec<String>,
}

/// Which policies to load.
pub fn load_options(args: &Policies) -> LoadOptions<'_> {
    LoadOptions {
        no_builtin: args.no_builtin,
        directories: &args.dirs,
        allow_override: &args.allow_override,
        builtin: None,
    }
}

/// The ids of `--policy`, checked; None where there are none.
///
/// # Errors
/// A policy that does not exist.
pub fn only(set: &PolicySet, ids: &[String]) -> Result<Option<Vec<String>>> {
    for id in ids {
        known(set, id)?;
    }
    Ok((!ids.is_empty()).then(|| ids.to_vec()))
}

/// Refuses a policy id that does not exist.
///
/// # Errors
/// With the nearest id that does.
pub fn known(set: &PolicySet, id: &str) -> Result<()> {
    let ids = || set.policies.iter().map(|policy| policy.id.as_str());
    if ids().any(|known| known == id) {
        return Ok(());
    }
    let help =
        suggest::help(id, ids()).unwrap_or_else(|| "`levelmark policy list` names them all".to_owned());
    Err(miette!(
        code = "levelmark::policy::unknown",
        help = help,
        "there is no policy `{}`",
        suggest::shown(id)
    ))
}

/// The form of a new snapshot, by its name.
pub fn form_of(path: &Path) -> Form {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
        Form::File
    } else {
        Form::Directory
    }
}

/// The sections that the policies read, or these of them; those behind derived ones included.
pub fn wanted(set: &PolicySet, only: Option<&[String]>) -> BTreeSet<String> {
    let policies = set.policies.iter().filter(|policy| only.is_none_or(|ids| ids.contains(&policy.id)));
    let read = policies.flat_map(|policy| &policy.checks).flat_map(|check| check.reads.sections.keys());
    let mut wanted: BTreeSet<String> = read.cloned().collect();
    let derived: Vec<&str> = wanted
        .iter()
        .filter_map(|id| sections::find(id))
        .flat_map(|section| section.inputs.iter().copied())
        .collect();
    let derived: Vec<String> = derived.into_iter().map(str::to_owned).collect();
    wanted.extend(derived);
    // Whether the authors of answers are still there.
    wanted.insert("users.accounts".to_owned());
    wanted
}

/// Snapshot, configuration and answers, from where the arguments point.
///
/// # Errors
/// Whatever can't be read or is invalid.
pub fn tenant(places: &Places<'_>, set: &PolicySet) -> Result<Tenant> {
    tenant_with(places, set, None)
}

/// The same; of a snapshot that was read already, with all that the policies read.
///
/// # Errors
/// Whatever can't be read or is invalid.
pub fn tenant_with(places: &Places<'_>, set: &PolicySet, snapshot: Option<Snapshot>) -> Result<Tenant> {
    let folder = Folder::of(places)?;
    let config = folder.config(places)?;
    let config = with_targets(config, places.targets)?;
    config.targets_known(&set.model)?;
    let answers_at = folder.answers_at(places, &config);
    let file = folder.answers(places, answers_at.as_deref())?;
    let file = file.map(|(name, bytes)| Attestations::read(&name, &bytes)).transpose()?;
    let snapshot = match (snapshot, &folder) {
        (Some(snapshot), _) => snapshot,
        (None, Folder::Bare(_)) => {
            let mut snapshot = nothing_seen(places, file.as_ref())?;
            snapshot.manifest.redacted = marks::of_files(&config, file.as_ref());
            snapshot
        }
        (None, Folder::Demo | Folder::Stdin | Folder::Snapshot(_) | Folder::Tenant(..)) => {
            folder.snapshot(Wanted::These(&wanted(set, None)))?
        }
    };
    let mut notes = marks::agree(snapshot.manifest.redacted.as_ref(), &config, file.as_ref())?;
    asked_about(places, &snapshot)?;
    let answers = file.map(|file| of_this_tenant(file, &snapshot)).transpose()?.unwrap_or_default();
    let mut given = config.params.clone();
    for flag in places.params {
        let (name, value) = config::from_flag(set, flag)?;
        given.insert(name, value);
    }
    if folder.is_demo() {
        notes.push("this is the made-up tenant that comes with the program".to_owned());
    }
    if places.no_snapshot {
        notes.push("no snapshot was looked at: this rests on answers alone".to_owned());
    }
    Ok(Tenant { snapshot, config, given, answers, answers_at, notes })
}

/// A snapshot of which no section was asked.
fn nothing_seen(places: &Places<'_>, answers: Option<&Attestations>) -> Result<Snapshot> {
    let id = places.tenant.or_else(|| answers.map(|file| file.tenant.as_str()));
    let Some(id) = id.filter(|id| sections::normal::is_guid(id)) else {
        return Err(miette!(
            code = "levelmark::snapshot::tenant",
            help = "give its directory id with --tenant ID, or its answers with --answers FILE",
            "without a snapshot it is not known which tenant this is about"
        ));
    };
    let tenant = Identity {
        id: id.to_ascii_lowercase(),
        display_name: None,
        default_domain: None,
        cloud: Cloud::default(),
    };
    Ok(Snapshot::from_sections(tenant, places.today, BTreeMap::new())?)
}

/// Whether the snapshot is of the tenant that the command line names.
fn asked_about(places: &Places<'_>, snapshot: &Snapshot) -> Result<()> {
    let ours = &snapshot.manifest.tenant.id;
    match places.tenant {
        Some(asked) if !asked.eq_ignore_ascii_case(ours) => Err(miette!(
            code = "levelmark::snapshot::tenant",
            help = "leave --tenant out, or name the snapshot of that tenant",
            "the snapshot is of tenant {ours}, asked is about {}",
            suggest::shown(asked)
        )),
        Some(_) | None => Ok(()),
    }
}

/// Answers about another tenant prove nothing here.
fn of_this_tenant(file: Attestations, snapshot: &Snapshot) -> Result<Vec<Answer>> {
    let ours = &snapshot.manifest.tenant.id;
    if file.tenant.eq_ignore_ascii_case(ours) {
        return Ok(file.answers);
    }
    Err(miette!(
        code = "levelmark::config::tenant",
        help = "give the answers of this tenant with --answers, or correct `tenant` in the file",
        "the answers in {} are about tenant {}, the snapshot is of {ours}",
        file.source.name,
        file.tenant
    ))
}

fn with_targets(mut config: Config, flags: &[String]) -> Result<Config> {
    for flag in flags {
        let parsed = flag.split_once('=').and_then(|(id, level)| Some((id, level.parse().ok()?)));
        let Some((id, level)) = parsed else {
            return Err(miette!(
                code = "levelmark::config::target",
                help = "write --target COMPETENCY=LEVEL, e.g. --target infrastructure=300",
                "`{}` is not a target",
                suggest::shown(flag)
            ));
        };
        config.targets.insert(id.to_owned(), config::Target { level, by: None });
    }
    Ok(config)
}

/// Why a file can't be read.
pub fn unreadable(path: &Path, error: &std::io::Error) -> miette::Report {
    miette!(
        code = "levelmark::io::read",
        help = "check the path and its permissions",
        "failed to read {}: {error}",
        path.display()
    )
}

/// A file's bytes, up to a limit.
///
/// # Errors
/// It can't be read, is not a regular file, or is too large.
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    let told = |error: std::io::Error| unreadable(path, &error);
    let found = std::fs::metadata(path).map_err(told)?;
    if !found.is_file() || found.len() > MOST {
        return Err(miette!(
            code = "levelmark::io::read",
            help = "a regular file of at most 256 MiB is expected",
            "{} can't be read",
            path.display()
        ));
    }
    std::fs::read(path).map_err(told)
}
