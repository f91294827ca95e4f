//! What is redacted: a snapshot, and what else is in its tenant folder. Comes in: a path. Goes out: all of it, read, and
//! written with pseudonyms. Not here: where it is written (`stage`), whether it gives the same results (`verify`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use miette::miette;

use crate::commands::tenants::found;
use crate::commands::{configuration, drift, folder, inputs, places};
use crate::config::{Attestations, Config};
use crate::redact::{self, Redactor};
use crate::run::Result;
use crate::snapshot::record::Redaction;
use crate::snapshot::{Draft, Form, Snapshot, Wanted};

use super::not_redacted;
use super::stage::{Stage, Written};

/// What is redacted.
pub(super) struct Found {
    /// None where a folder holds the other files alone.
    pub snapshot: Option<PathBuf>,
    /// What the snapshot is compared with night by night.
    pub baseline: Option<PathBuf>,
    /// The tenant folder, where it is one.
    pub folder: Option<PathBuf>,
    pub config: Option<(PathBuf, Config)>,
    pub answers: Option<(PathBuf, Attestations)>,
    /// Approvals of drift, which are left out.
    approvals: usize,
}

impl Found {
    /// Looks.
    ///
    /// # Errors
    /// Nothing there, many tenants, a file with mistakes.
    pub(super) fn at(from: &Path) -> Result<Self> {
        let has = |name: &str| from.join(name).exists();
        let bare = from.is_dir() && !has("manifest.json") && !places::SNAPSHOTS.into_iter().any(has);
        let files = has(configuration::NAME) || has(places::ANSWERS);
        if bare && !files {
            one_tenant(from)?;
        }
        let snapshot = (!bare || !files).then(|| folder::snapshot_in(from)).transpose()?;
        let tenant = snapshot.as_deref() != Some(from);
        let mut found =
            Self { snapshot, baseline: None, folder: None, config: None, answers: None, approvals: 0 };
        if !tenant {
            return Ok(found);
        }
        found.folder = Some(from.to_owned());
        found.baseline = places::BASELINES.iter().map(|name| from.join(name)).find(|path| path.exists());
        let path = from.join(configuration::NAME);
        if path.exists() {
            found.config = Some((path.clone(), configuration::read(&path)?));
        }
        let configured = found.config.as_ref().and_then(|(_, config)| config.answers.as_ref());
        let path = from.join(configured.map_or(Path::new(places::ANSWERS), |path| path.as_path()));
        if configured.is_some() || path.exists() {
            let answers = Attestations::read(&path.display().to_string(), &inputs::bytes(&path)?)?;
            found.answers = Some((path, answers));
        }
        let path = from.join(places::APPROVALS);
        if let Some(snapshot) = found.snapshot.as_ref().filter(|_| path.exists()) {
            let tenant = folder::manifest(snapshot)?.tenant;
            let file = drift::approvals(&path, &tenant.id)?;
            found.approvals = file.map(|(_, file)| file.list.len()).unwrap_or_default();
        }
        Ok(found)
    }

    /// What will be written of it: names in a folder, or one snapshot.
    pub(super) fn written(&self, out: &Path) -> Written {
        let Some(_) = &self.folder else {
            return Written::Snapshot(inputs::form_of(out));
        };
        let form = |path: &Path| if path.is_dir() { Form::Directory } else { Form::File };
        let pick = |path: &Option<PathBuf>, [directory, file]: [&'static str; 2]| {
            path.as_deref().map(|path| if form(path) == Form::Directory { directory } else { file })
        };
        let names = [
            pick(&self.snapshot, places::SNAPSHOTS),
            pick(&self.baseline, places::BASELINES),
            self.config.as_ref().map(|_| configuration::NAME),
            self.answers.as_ref().map(|_| places::ANSWERS),
        ];
        let names = names.into_iter().flatten().collect();
        if self.snapshot.is_some() { Written::Tenant(names) } else { Written::Files(names) }
    }

    /// Writes all of it with pseudonyms; what to know of it.
    pub(super) fn redacted(&self, redactor: &Redactor, stage: &Stage) -> Result<Vec<String>> {
        let mut keys = BTreeMap::new();
        for path in [&self.baseline, &self.snapshot].into_iter().flatten() {
            let draft = Draft::from_snapshot(&Snapshot::open(path, Wanted::All)?)?;
            not_redacted(&draft.manifest, path, "it can't be redacted again")?;
            let made = redactor.snapshot(draft);
            let (form, name) = match (&self.folder, path.file_name()) {
                (Some(_), Some(name)) => {
                    (if path.is_dir() { Form::Directory } else { Form::File }, Some(Path::new(name)))
                }
                (Some(_), None) | (None, _) => (inputs::form_of(stage.out()), None),
            };
            made.draft.write(&stage.path(name), form)?;
            keys.extend(made.keys);
        }
        let mut notes = Vec::new();
        if let Some((path, config)) = &self.config {
            unmarked(path, config.marks.iter().flatten().next())?;
            stage.text(configuration::NAME, &redact::configuration(redactor, config, &keys))?;
            notes.push(
                "comments of the configuration are not carried over; all that it extends stands in one file"
                    .to_owned(),
            );
            if self.snapshot.is_none() && names_items(config) {
                notes.push(
                    "there is no snapshot beside the configuration: keys of items in waivers and rules of drift were redacted by how they are written; see with `levelmark check` that each waiver still counts"
                        .to_owned(),
                );
            }
        }
        if let Some((path, answers)) = &self.answers {
            unmarked(path, answers.redacted.as_ref())?;
            stage.text(places::ANSWERS, &redact::attestations(redactor, answers))?;
            notes.push("evidence that answers and waivers name is not copied".to_owned());
        }
        if self.approvals > 0 {
            let count = self.approvals;
            notes.push(format!(
                "{count} approvals of drift are left out: they quote values and pin them so that they could be guessed. What they accept is drift in the copy"
            ));
        }
        Ok(notes)
    }

    /// The files that it was read from, for whoever must not write into them.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Path> {
        self.snapshot.iter().chain(&self.baseline).map(PathBuf::as_path)
    }
}

/// Whether a configuration pins items by their keys.
fn names_items(config: &Config) -> bool {
    use crate::config::Accepts;
    let pins = |accepts: &Accepts| match accepts {
        Accepts::Keys(_) => true,
        Accepts::Count(_) | Accepts::Share { .. } | Accepts::Answer(_) => false,
    };
    config.waivers.iter().any(|waiver| pins(&waiver.accepts))
        || config.drift.iter().any(|rule| rule.key.is_some())
}

/// Refuses a file that is redacted already.
fn unmarked(path: &Path, mark: Option<&Redaction>) -> Result<()> {
    mark.map_or(Ok(()), |mark| Err(super::already(mark, path, "it can't be redacted again")))
}

/// Refuses a folder of tenants: each is redacted by itself.
fn one_tenant(from: &Path) -> Result<()> {
    let Some(tenants) = found::several(&[from])? else { return Ok(()) };
    let first = tenants.first().map_or(from, |tenant| &tenant.path).display();
    Err(miette!(
        code = "levelmark::redact::several",
        help = format!(
            "redact them one by one, with one key if they are to be compared: `levelmark redact {first} --out …`"
        ),
        "{} holds {} tenants, and one is redacted at a time",
        from.display(),
        tenants.len()
    ))
}
