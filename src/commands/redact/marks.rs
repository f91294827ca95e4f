//! Whether what is read together was redacted together. Comes in: what a snapshot, a configuration and answers say of
//! themselves. Goes out: an error where names would be compared with pseudonyms, notes where some may differ. Not here:
//! redacting.

use std::path::Path;

use miette::miette;

use crate::config::redacted::Mark;
use crate::config::{Attestations, Config};
use crate::report::model::Report;
use crate::run::Result;
use crate::snapshot::record::Redaction;

/// How a thing was redacted, for a sentence.
pub fn how(redaction: Option<&Redaction>) -> String {
    redaction
        .map_or("not redacted".to_owned(), |redaction| format!("redacted with the key {}", redaction.key))
}

/// Whether two things were redacted with one key, or neither was.
pub fn same_key(one: Option<&Redaction>, other: Option<&Redaction>) -> bool {
    one.map(|one| &one.key) == other.map(|other| &other.key)
}

/// Whether it is not sure that two redactions with one key left the same words.
pub fn other_words(one: Option<&Redaction>, other: Option<&Redaction>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.words.is_none() || one.words != other.words,
        (None, _) | (_, None) => false,
    }
}

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
    let mut files: Vec<(&str, Option<Redaction>)> =
        config.marks.iter().map(|mark| (configured, redaction(mark.as_ref()))).collect();
    if let Some(file) = answers.filter(|file| file.redacted.is_some() || !file.answers.is_empty()) {
        files.push((&file.source.name, redaction(file.redacted.as_ref())));
    }
    let mut notes = Vec::new();
    for (name, own) in &files {
        if !same_key(snapshot, own.as_ref()) {
            return Err(apart(name, own.as_ref(), snapshot));
        }
        if other_words(snapshot, own.as_ref()) {
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
    redaction(marks.or_else(|| config.marks.iter().flatten().next()))
}

/// What a result and its baseline differ in; outcomes and levels are compared, which no pseudonym changes.
pub fn baseline_note(baseline: &Report, snapshot: Option<&Redaction>) -> Option<String> {
    let own = baseline.snapshot.redacted.as_ref();
    (!same_key(own, snapshot)).then(|| {
        format!(
            "the baseline is of a snapshot that is {}, this one is {}: outcomes and levels are compared all the same, names can't be",
            how(own),
            how(snapshot)
        )
    })
}

fn redaction(mark: Option<&Mark>) -> Option<Redaction> {
    mark.map(|Mark { key, words }| Redaction { key: key.clone(), words: words.clone() })
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
        how(own),
        how(snapshot)
    )
}
