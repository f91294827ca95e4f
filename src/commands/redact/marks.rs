//! Whether what is read together was redacted together. Comes in: what a snapshot, a configuration and answers say of
//! themselves. Goes out: an error where names would be compared with pseudonyms, notes where some may differ. Not here:
//! redacting.

use std::path::Path;

use miette::miette;

use crate::config::{Attestations, Config};
use crate::report::model::Report;
use crate::run::Result;
use crate::snapshot::record::Redaction;

/// Names beside pseudonyms find nothing, and that looks like a finding: configuration and answers have to be redacted as
/// the snapshot is. What names nothing of a tenant goes with every snapshot.
///
/// # Errors
/// A file that is not as the snapshot.
pub fn agree(
    snapshot: Option<&Redaction>,
    config: &Config,
    answers: Option<&Attestations>,
) -> Result<Vec<String>> {
    let configured = config.source.as_ref().map_or("the configuration", |source| source.name.as_str());
    let mut files: Vec<(&str, Option<&Redaction>)> =
        config.marks.iter().map(|mark| (configured, mark.as_ref())).collect();
    if let Some(file) = answers.filter(|file| file.redacted.is_some() || !file.answers.is_empty()) {
        files.push((&file.source.name, file.redacted.as_ref()));
    }
    let mut notes = Vec::new();
    for (name, own) in files {
        if !Redaction::same_key(snapshot, own) {
            return Err(apart(name, own, snapshot));
        }
        if Redaction::other_words(snapshot, own) {
            notes.push(format!(
                "{} was redacted with other policies or by another version than the snapshot: some of its texts may have other pseudonyms",
                Path::new(name).file_name().unwrap_or_default().display()
            ));
        }
    }
    Ok(notes)
}

/// What a tenant without a snapshot is redacted with, by its files.
pub fn of_files(config: &Config, answers: Option<&Attestations>) -> Option<Redaction> {
    let marks = answers.and_then(|file| file.redacted.as_ref());
    marks.or_else(|| config.marks.iter().flatten().next()).cloned()
}

/// What a result and its baseline differ in; outcomes and levels are compared, which no pseudonym changes.
pub fn baseline_note(baseline: &Report, snapshot: Option<&Redaction>) -> Option<String> {
    let own = baseline.snapshot.redacted.as_ref();
    (!Redaction::same_key(own, snapshot)).then(|| {
        format!(
            "the baseline is of a snapshot that is {}, this one is {}: outcomes and levels are compared all the same, names can't be",
            Redaction::how(own),
            Redaction::how(snapshot)
        )
    })
}

fn apart(name: &str, own: Option<&Redaction>, snapshot: Option<&Redaction>) -> miette::Report {
    let help = match (own, snapshot) {
        (None, _) => {
            "redact it with the snapshot's key: `levelmark redact FOLDER --out COPY --key-file FILE` takes a tenant folder, also one \
             without a snapshot in it; --config and --answers name the copies. A configuration without waivers, owners, keys and texts \
             in parameters needs none of that"
        }
        (Some(_), None) => "name the original with --config or --answers, or the redacted snapshot",
        (Some(_), Some(_)) => "redact both from the originals, with one key",
    };
    miette!(
        code = "levelmark::redact::apart",
        help = help,
        "{name} is {}, the snapshot is {}: names and ids in one are not those in the other",
        Redaction::how(own),
        Redaction::how(snapshot)
    )
}
