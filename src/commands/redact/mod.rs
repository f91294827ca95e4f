//! `redact`: a snapshot or a tenant folder with pseudonyms in it. Comes in: arguments and a key. Goes out:
//! files that give the same results as the original, or none. Not here: pseudonyms (`redact`).

pub mod key;
pub mod marks;
mod stage;
mod verify;

use std::path::{Path, PathBuf};

use miette::miette;

use crate::cli::Redact;
use crate::commands::folder;
use crate::config::{Attestations, Config};
use crate::exit;
use crate::policy::compiled::PolicySet;
use crate::redact::{self, Redactor, Terms};
use crate::run::{Result, Terminal};
use crate::snapshot::record::Manifest;
use crate::snapshot::{Draft, Form, Snapshot, Wanted};

use self::stage::Stage;
use super::{configuration, inputs, places};

/// Redacts.
///
/// # Errors
/// No key, what can't be read or is redacted already, something in the way, another result.
pub fn run(args: &Redact, terminal: &Terminal) -> Result<u8> {
    if let Some(path) = &args.new_key {
        key::make(path)?;
        terminal.print(&format!(
            "wrote {}: keep it as you keep passwords, and never beside what it redacts\n",
            path.display()
        ))?;
        return Ok(exit::MET);
    }
    let key = key::read(args.key_file.as_deref(), terminal)?;
    let set = PolicySet::load(&inputs::load_options(&args.policies))?;
    let redactor = Redactor::new(key, Terms::of(&set));
    if !args.look_up.is_empty() {
        let lines: String = args.look_up.iter().map(|text| redactor.text(text) + "\n").collect();
        terminal.print(&lines)?;
        return Ok(exit::MET);
    }
    let (Some(from), Some(out)) = (&args.from, &args.out) else {
        return Err(miette!("say what to redact, and where to: --out PATH"));
    };
    let found = Found::at(from)?;
    let stage = Stage::beside(out, args.force)?;
    let told = found.redacted(&redactor, &stage)?;
    if !args.no_verify {
        let compared = verify::compare(&set, &found, &stage, terminal.now)?;
        terminal.tell(&format!("verified: {compared} checks give the same results"));
    }
    stage.publish()?;
    told.iter().for_each(|note| terminal.tell(&format!("note: {note}")));
    terminal.print(&format!("wrote {} (key {})\n", out.display(), redactor.fingerprint()))?;
    Ok(exit::MET)
}

/// What is redacted: a snapshot, and what else is in its tenant folder.
struct Found {
    snapshot: PathBuf,
    /// Set where it is a tenant folder.
    tenant: bool,
    config: Option<(PathBuf, Config)>,
    answers: Option<(PathBuf, Attestations)>,
}

impl Found {
    fn at(from: &Path) -> Result<Self> {
        let snapshot = folder::snapshot_in(from)?;
        let tenant = snapshot != from;
        let mut found = Self { snapshot, tenant, config: None, answers: None };
        if !tenant {
            return Ok(found);
        }
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
        Ok(found)
    }

    /// Where the tenant's other files are.
    fn folder(&self) -> &Path {
        self.snapshot.parent().unwrap_or(Path::new(""))
    }

    /// Writes all of it with pseudonyms; what to know of it.
    fn redacted(&self, redactor: &Redactor, stage: &Stage) -> Result<Vec<String>> {
        let draft = Draft::from_snapshot(&Snapshot::open(&self.snapshot, Wanted::All)?)?;
        not_redacted(&draft.manifest, &self.snapshot, "it can't be redacted again")?;
        let made = redactor.snapshot(draft);
        let (form, name) = match (self.tenant, self.snapshot.is_dir()) {
            (true, true) => (Form::Directory, Some("snapshot")),
            (true, false) => (Form::File, Some("snapshot.json")),
            (false, _) => (inputs::form_of(stage.out()), None),
        };
        made.draft.write(&stage.path(name), form)?;
        let mut notes = Vec::new();
        if let Some((_, config)) = &self.config {
            stage.text(configuration::NAME, &redact::configuration(redactor, config, &made.keys))?;
            notes.push(
                "comments of the configuration are not carried over; all that it extends stands in one file"
                    .to_owned(),
            );
        }
        let mut left = [places::APPROVALS].into_iter().chain(places::BASELINES);
        if self.tenant && left.any(|name| self.folder().join(name).exists()) {
            notes.push(
                "approvals of drift and baselines are not carried over: they are about the original"
                    .to_owned(),
            );
        }
        if let Some((_, answers)) = &self.answers {
            stage.text(places::ANSWERS, &redact::attestations(redactor, answers))?;
            notes.push("evidence that answers and waivers name is not copied".to_owned());
        }
        Ok(notes)
    }
}

/// Refuses what is redacted already: real names would stand beside pseudonyms, and none would be found.
///
/// # Errors
/// It is redacted.
pub fn not_redacted(manifest: &Manifest, path: &Path, why: &str) -> Result<()> {
    match &manifest.redacted {
        None => Ok(()),
        Some(redacted) => Err(miette!(
            code = "levelmark::redact::already",
            help = "work on the original, then redact it again with the same key",
            "{} is redacted (key {}): {why}",
            path.display(),
            redacted.key
        )),
    }
}
