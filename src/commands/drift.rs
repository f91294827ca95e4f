//! Two snapshots of a tenant, ready to be compared. Comes in: where they are, and arguments. Goes out: both, and by what
//! they are judged. Not here: comparing (`diff`), printing and writing (the commands `diff` and `approve`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use miette::miette;

use crate::cli::{Comparing, Inputs, Policies};
use crate::commands::folder;
use crate::config::Config;
use crate::config::approvals::{Approvals, LIMITS};
use crate::derive;
use crate::diff::{self, Drift, Options};
use crate::effect::Effects;
use crate::engine;
use crate::policy::compiled::PolicySet;
use crate::report::model::Report;
use crate::report::pseudonyms;
use crate::run::{Judge, Result, Surroundings};
use crate::sections;
use crate::snapshot::record::Redaction;
use crate::snapshot::{Snapshot, Wanted};
use crate::verdict::gate::OnUnknown;
use crate::yaml::file;
use crate::yaml::suggest;

use super::inputs;
use super::places::{APPROVALS, BASELINES, Places};
use super::redact::marks;

/// Which two snapshots.
#[derive(Debug)]
pub(super) struct Two {
    pub old: PathBuf,
    pub new: PathBuf,
}

impl Two {
    /// A snapshot and what it is compared with, if that was named; else what its tenant folder keeps.
    pub fn of(new: &Path, old: Option<&Path>, how: &str) -> Result<Self> {
        if let Some(old) = old {
            return Ok(Self { old: old.to_owned(), new: new.to_owned() });
        }
        let folder = folder::folder_at(new)?;
        let inside =
            |folder: &PathBuf| BASELINES.iter().map(|name| folder.join(name)).find(|path| path.exists());
        match folder.as_ref().map(inside) {
            Some(Some(old)) => Ok(Self { old, new: new.to_owned() }),
            Some(None) => Err(miette!(
                code = "levelmark::diff::baseline",
                help = format!(
                    "name the earlier snapshot: {how}; or keep it in the tenant folder, as baseline/ or baseline.json"
                ),
                "{} holds no baseline to compare its snapshot with",
                new.display()
            )),
            None => Err(miette!(
                code = "levelmark::diff::baseline",
                help = format!(
                    "name the earlier snapshot: {how}; or name a tenant folder with snapshot and baseline in it"
                ),
                "{} is a snapshot alone, and it is not known what to compare it with",
                new.display()
            )),
        }
    }
}

/// Both snapshots, and what was made of them.
pub(super) struct Loaded {
    pub before: Snapshot,
    pub after: Snapshot,
    pub config: Config,
    chosen: BTreeSet<String>,
    foreign: bool,
    ignore: bool,
    /// Both reports and the policies that they are made by; None without an evaluation.
    judged: Option<(Report, Report, Arc<PolicySet>)>,
}

/// How to compare, beside what `approve` can be told.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    /// Whether rules leave anything out.
    pub ignore: bool,
    /// Whether they may be of two tenants.
    pub other_tenant: bool,
    /// The time at the start.
    pub now: DateTime<Utc>,
}

impl Loaded {
    /// Reads, evaluates unless that is not wanted; by the configuration that is named, and by policies that were loaded
    /// already.
    ///
    /// # Errors
    /// No snapshots, of two tenants, a section that does not exist, mistakes in the configuration.
    pub fn of(
        two: &Two,
        args: &Comparing,
        how: How,
        (named, policies): (Option<&Path>, Option<Arc<PolicySet>>),
    ) -> Result<Self> {
        let chosen = known(&args.sections)?;
        let config = folder::config_of(&two.new, named)?;
        let (mut before, mut after) = open(&two.old, &two.new)?;
        let foreign = !of_one_tenant(how.other_tenant, (&two.old, &before), (&two.new, &after))?;
        marks::agree(after.manifest.redacted.as_ref(), &config, None)?;
        let arguments = arguments(&two.new, args, named);
        let judge = match (args.no_effect, policies) {
            (true, _) => None,
            (false, None) => Some(Judge::load(&arguments, Surroundings::Program, how.now)?),
            (false, Some(policies)) => {
                Some(Judge::with(policies, &arguments, Surroundings::Program, how.now)?)
            }
        };
        let wanted = judge.as_ref().map(|judge| inputs::wanted(&judge.policies, None)).unwrap_or_default();
        let mut loaded = {
            let options = Options {
                sections: (!chosen.is_empty()).then_some(&chosen),
                rules: &config.drift,
                ignore: how.ignore,
                foreign,
            };
            diff::parse((&mut before, &mut after), &options, &wanted)?;
            Self { before, after, config, chosen, foreign, ignore: how.ignore, judged: None }
        };
        if let Some(judge) = judge {
            let (old, new, before, after) = judged(&judge, two, (loaded.before, loaded.after), foreign)?;
            (loaded.before, loaded.after) = (before, after);
            loaded.judged = Some((old, new, judge.policies));
        }
        Ok(loaded)
    }

    /// What they differ in.
    pub fn compare(&self) -> Drift<'_> {
        let options = Options {
            sections: (!self.chosen.is_empty()).then_some(&self.chosen),
            rules: &self.config.drift,
            ignore: self.ignore,
            foreign: self.foreign,
        };
        diff::compare(&self.before, &self.after, &options)
    }

    /// What that does to the verdict; None where nothing was evaluated.
    pub fn effects(&self, drift: &Drift<'_>) -> Option<Effects> {
        let (old, new, policies) = self.judged.as_ref()?;
        Some(Effects::of(drift, (old, new), policies))
    }

    /// Directory id of the later snapshot's tenant.
    pub fn tenant(&self) -> &str {
        &self.after.manifest.tenant.id
    }

    /// That names are none, and whether they are the same ones in both.
    fn redacted(&self) -> Vec<String> {
        let before = self.before.manifest.redacted.as_ref();
        let after = self.after.manifest.redacted.as_ref();
        if !Redaction::same_key(before, after) {
            return vec![format!(
                "the first snapshot is {}, the second is {}: no name, address or id of one can match any of the other, so that nearly all of this is no drift",
                Redaction::how(before),
                Redaction::how(after)
            )];
        }
        let told = after.map(|redacted| pseudonyms(&redacted.key));
        let differ = Redaction::other_words(before, after).then(|| {
            "the two were redacted with other policies or by different versions of levelmark: a text may differ because its \
             pseudonym does. Redact both originals again to be sure"
                .to_owned()
        });
        told.into_iter().chain(differ).collect()
    }

    /// Things to know.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.before.manifest.taken.at > self.after.manifest.taken.at {
            notes.push(
                "the first snapshot was taken after the second: what reads as added was removed".to_owned(),
            );
        }
        notes.extend(self.redacted());
        if let Some(source) = self.config.source.as_ref().filter(|_| !self.config.drift.is_empty()) {
            let name = Path::new(&source.name).file_name().unwrap_or_default().display();
            notes.push(format!("rules of {name} count, too"));
        }
        notes
    }
}

/// Where the approvals of a snapshot are or would be: named, or in its tenant folder.
///
/// # Errors
/// It is a snapshot alone.
pub(super) fn approvals_at(new: &Path, named: Option<&Path>, how: &str) -> Result<PathBuf> {
    let own = || Ok::<_, miette::Report>(folder::folder_at(new)?.map(|folder| folder.join(APPROVALS)));
    match named.map_or_else(own, |path| Ok(Some(path.to_owned())))? {
        Some(path) => Ok(path),
        None => Err(miette!(
            code = "levelmark::approve::file",
            help = format!("name it with {how}, or name a tenant folder"),
            "{} is no tenant folder, and it is not known where its approvals are kept",
            new.display()
        )),
    }
}

/// The approvals of a file, of this tenant; None where there is no file.
///
/// # Errors
/// It can't be read, has mistakes, or is about another tenant.
pub(super) fn approvals(path: &Path, tenant: &str) -> Result<Option<(Vec<u8>, Approvals)>> {
    let bytes = match file::read_within(path, LIMITS) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(inputs::unreadable(path, &error)),
    };
    let file = Approvals::read(&path.display().to_string(), &bytes)?;
    if !file.tenant.eq_ignore_ascii_case(tenant) {
        return Err(miette!(
            code = "levelmark::approve::tenant",
            help = "name the approvals of this tenant; what was accepted in one says nothing of another",
            "the approvals in {} are about tenant {}, the snapshot is of {}",
            path.display(),
            file.tenant,
            suggest::shown(tenant)
        ));
    }
    Ok(Some((bytes, file)))
}

/// What `check` would have been told.
fn arguments(new: &Path, args: &Comparing, config: Option<&Path>) -> Inputs {
    Inputs {
        snapshot: Some(new.to_owned()),
        demo: false,
        no_snapshot: false,
        tenant: None,
        config: config.map(Path::to_owned),
        answers: args.answers.clone(),
        params: args.params.clone(),
        targets: Vec::new(),
        fail_on: Vec::new(),
        urgent_only: false,
        no_waivers: false,
        on_unknown: OnUnknown::Report,
        baseline: None,
        today: args.today,
        max_age: None,
        max_evidence: engine::MAX_EVIDENCE,
        policies: Policies {
            dirs: args.policies.dirs.clone(),
            no_builtin: args.policies.no_builtin,
            allow_override: args.policies.allow_override.clone(),
        },
        only: Vec::new(),
    }
}

/// The report of each, by the configuration and the answers of the later one, so that only the evidence differs;
/// another tenant has its own. And the snapshots back.
type Both = (Report, Report, Snapshot, Snapshot);

fn judged(
    judge: &Judge<'_>,
    two: &Two,
    (before, after): (Snapshot, Snapshot),
    foreign: bool,
) -> Result<Both> {
    let places = judge.places();
    let located = folder::located(&places)?;
    let (config, answers) = located.map(|at| (at.config, at.answers)).unwrap_or_default();
    let Two { old, new } = two;
    let of = |snapshot| Places { snapshot: Some(snapshot), ..places };
    let same = Places { config: config.as_deref(), answers: answers.as_deref(), ..of(old) };
    let (old, new) = rayon::join(
        || judge.judge_read(&if foreign { of(old) } else { same }, before),
        || judge.judge_read(&of(new), after),
    );
    let (old, new) = (old?, new?);
    Ok((old.report, new.report, old.snapshot, new.snapshot))
}

/// Both, side by side.
fn open(old: &Path, new: &Path) -> Result<(Snapshot, Snapshot)> {
    if [old, new].into_iter().all(|path| path == Path::new("-")) {
        return Err(miette!(
            code = "levelmark::diff::input",
            help = "give one of them as a file",
            "standard input holds one snapshot"
        ));
    }
    let (before, after) =
        rayon::join(|| folder::snapshot(old, Wanted::Later), || folder::snapshot(new, Wanted::Later));
    Ok((before?, after?))
}

/// Section ids that exist.
pub(super) fn known(ids: &[String]) -> Result<BTreeSet<String>> {
    for id in ids {
        let found = sections::find(id);
        if found.is_some_and(|section| section.kind == sections::Kind::Derived) {
            let inputs: Vec<String> =
                derive::inputs(id).iter().map(|input| format!("`{}`", input.section)).collect();
            return Err(miette!(
                code = "levelmark::diff::section",
                help = format!("name what it is computed from: {}", inputs.join(", ")),
                "`{id}` is computed, so no snapshot holds it"
            ));
        }
        if found.is_none() {
            let help = sections::suggest(id).map_or_else(
                || "`levelmark sections` lists all of them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(miette!(
                code = "levelmark::diff::section",
                help = help,
                "there is no section `{}`",
                suggest::shown(id)
            ));
        }
    }
    Ok(ids.iter().cloned().collect())
}

/// Whether they are of one tenant; an error where that has to be so. What was redacted otherwise is of no tenant that
/// could be the same, whatever its id says.
fn of_one_tenant(other: bool, old: (&PathBuf, &Snapshot), new: (&PathBuf, &Snapshot)) -> Result<bool> {
    let [one, two] = [old.1, new.1].map(|snapshot| snapshot.manifest.redacted.as_ref());
    if !Redaction::same_key(one, two) {
        if other {
            return Ok(false);
        }
        return Err(miette!(
            code = "levelmark::diff::redacted",
            help = "compare originals, or redactions with one key: other pseudonyms differ everywhere",
            "{} is {}, {} is {}",
            old.0.display(),
            Redaction::how(one),
            new.0.display(),
            Redaction::how(two)
        ));
    }
    let id = |snapshot: &Snapshot| suggest::shown(&snapshot.manifest.tenant.id);
    let (before, after) = (id(old.1), id(new.1));
    let same = before.eq_ignore_ascii_case(&after);
    if same || other {
        return Ok(same);
    }
    Err(miette!(
        code = "levelmark::diff::tenant",
        help = "name two snapshots of one tenant, or compare two tenants with `levelmark diff --allow-other-tenant`",
        "{} is of tenant {before}, {} of tenant {after}",
        old.0.display(),
        new.0.display()
    ))
}
