//! The maturity model as data: competencies, levels, documents with their editions, criteria and
//! claims. Comes in: `policies/model.yaml`, and what another directory's `model.yaml` adds. Goes
//! out: lookups. Not here: policies, and how criteria make a level (`verdict`).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};

use super::compiled::{Check, Policy};
use crate::yaml::{Cx, Decode, Json, Mistake, Place, Source, plain};

/// The model.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Level number -> its names.
    #[serde(default)]
    pub levels: BTreeMap<u16, Level>,
    /// In the order they are shown.
    #[serde(default)]
    pub competencies: Vec<Competency>,
    /// The documents it was drawn from.
    #[serde(default)]
    pub documents: Vec<Document>,
}

impl Model {
    /// The competency with this id.
    pub fn competency(&self, id: &str) -> Option<&Competency> {
        self.competencies.iter().find(|competency| competency.id == id)
    }

    /// The competency whose criteria begin with this prefix, e.g. `SHM`.
    pub fn by_prefix(&self, prefix: &str) -> Option<&Competency> {
        self.competencies.iter().find(|competency| competency.prefix == prefix)
    }

    /// The criterion with this id, and whose it is.
    pub fn criterion(&self, id: &str) -> Option<(&Competency, &Criterion)> {
        self.competencies.iter().find_map(|competency| {
            let criterion = competency.criteria.iter().find(|criterion| criterion.id == id)?;
            Some((competency, criterion))
        })
    }

    /// Ids of all criteria in the model's order.
    pub fn criteria(&self) -> impl Iterator<Item = &str> {
        self.competencies
            .iter()
            .flat_map(|competency| &competency.criteria)
            .map(|criterion| criterion.id.as_str())
    }

    /// The level that a check gates: its policy's own, or the next one up if it is a symptom. None where it
    /// only informs, and in competencies without levels.
    pub fn gates(&self, policy: &Policy, check: &Check) -> Option<u16> {
        let competency = self.competency(&policy.competency)?;
        competency.gated(policy.level, check.symptom, check.informs)
    }

    /// Reads a model file. What can't be right by itself is a mistake; `merge` says the rest.
    ///
    /// # Errors
    /// The first mistake of the file.
    pub fn read(source: &Arc<Source>) -> Result<Self, Mistake> {
        let options = serde_saphyr::options! {
            with_snippet: false,
            strict_booleans: true,
            reject_unsupported_tags: true,
            merge_keys: MergeKeyPolicy::Error,
            duplicate_keys: DuplicateKeyPolicy::Error,
            budget: serde_saphyr::budget! {
                max_depth: 16, max_nodes: 50_000, max_events: 200_000, max_aliases: 0, max_anchors: 0,
                max_documents: 1,
            },
        };
        serde_saphyr::from_str_with_options(&source.text, options).map_err(|error| {
            let span = error.location().map(|location| location.span());
            let start = span.and_then(|span| span.byte_offset()).unwrap_or_default();
            let length = span.and_then(|span| span.byte_len()).unwrap_or_default().max(1);
            let at = usize::try_from(start).unwrap_or_default()
                ..usize::try_from(start + length).unwrap_or_default();
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            let message = first.split(" at line ").next().unwrap_or(first).trim_start_matches("error: ");
            Mistake::new("model::read", message.to_owned(), Some(Place { source: source.clone(), at }))
        })
    }

    /// Reads the built-in model: plain YAML as a rule, whose quick reader saves a third of a policy set's
    /// time. What is not plain is read like any other file.
    ///
    /// # Errors
    /// The first mistake of the file.
    pub fn read_builtin(source: &Arc<Source>) -> Result<Self, Mistake> {
        Self::read_plain(source).map_or_else(|| Self::read(source), Ok)
    }

    fn read_plain(source: &Arc<Source>) -> Option<Self> {
        let node = plain::parse(&source.text, 0..source.text.len())?;
        let mut mistakes = Vec::new();
        let json = Json::decode(&node, &mut Cx { source: source.clone(), mistakes: &mut mistakes })?;
        serde_json::from_value(json.value).ok().filter(|_| mistakes.is_empty())
    }

    /// Adds what another file brings. Everything it names has to be new.
    pub fn merge(&mut self, other: Self, source: &Arc<Source>, mistakes: &mut Vec<Mistake>) {
        let mut say = |word: &str, message: String| {
            let place = Place { source: source.clone(), at: place_of(&source.text, word) };
            mistakes.push(Mistake::new("model::merge", message, Some(place)));
        };
        for document in other.documents {
            if self.documents.iter().any(|known| known.id == document.id) {
                say(&document.id, format!("the document `{}` is given twice", document.id));
            } else {
                self.documents.push(document);
            }
        }
        for (number, level) in other.levels {
            match self.levels.get(&number) {
                None => {
                    self.levels.insert(number, level);
                }
                Some(_) => say(&number.to_string(), format!("the level {number} is given twice")),
            }
        }
        let mut criteria: BTreeSet<String> = self.criteria().map(str::to_owned).collect();
        for competency in other.competencies {
            if self.competency(&competency.id).is_some() || self.by_prefix(&competency.prefix).is_some() {
                let message = format!(
                    "the competency `{}` or its prefix `{}` is given twice",
                    competency.id, competency.prefix
                );
                say(&competency.id, message);
                continue;
            }
            if !self.documents.iter().any(|document| document.id == competency.document) {
                let message = format!(
                    "`{}` names the document `{}`, which is not there",
                    competency.id, competency.document
                );
                say(&competency.document, message);
            }
            for level in competency.levels.iter().filter(|level| !self.levels.contains_key(level)) {
                say(
                    &level.to_string(),
                    format!("`{}` has the level {level}, which is not described", competency.id),
                );
            }
            if !competency.levels.is_sorted_by(|a, b| a < b) {
                say(&competency.id, format!("the levels of `{}` are not in order", competency.id));
            }
            for criterion in &competency.criteria {
                if !criteria.insert(criterion.id.clone()) {
                    say(&criterion.id, format!("the criterion `{}` is given twice", criterion.id));
                }
            }
            self.competencies.push(competency);
        }
    }
}

/// Where a word stands last in a text: a second mention is the one to change.
fn place_of(text: &str, word: &str) -> Range<usize> {
    text.rfind(word).map_or(0..0, |start| start..start + word.len())
}

/// One level.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The name shown.
    pub name: String,
    /// What documents call it besides.
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// One competency.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Competency {
    /// e.g. `service-health-management`.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// Prefix of its criteria, e.g. `SHM`.
    pub prefix: String,
    /// Id of its document.
    pub document: String,
    /// Levels that its edition defines; empty = decided as ready or gaps.
    pub levels: Vec<u16>,
    /// Criteria of the edition.
    pub criteria: Vec<Criterion>,
}

impl Competency {
    /// The next level up.
    pub fn next_level(&self, level: u16) -> Option<u16> {
        self.levels.iter().copied().filter(|other| *other > level).min()
    }

    /// The level that a check of this kind gates.
    pub fn gated(&self, level: Option<u16>, symptom: bool, informs: bool) -> Option<u16> {
        match (level, symptom, informs) {
            (None, _, _) | (Some(_), _, true) => None,
            (Some(level), true, false) => self.next_level(level),
            (Some(level), false, false) => Some(level),
        }
    }
}

/// One criterion of an edition.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Id, the same as its policy's.
    pub id: String,
    /// Claims in it.
    pub claims: Vec<String>,
    /// False for criteria that are reported only.
    #[serde(default = "yes")]
    pub gates: bool,
}

fn yes() -> bool {
    true
}

/// One document of the model.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Id used by competencies.
    pub id: String,
    /// Title in our words.
    pub title: String,
    /// Edition as we name it, e.g. `2023-10-09` or `draft`.
    pub edition: String,
    /// Where it is published.
    pub url: String,
    /// A newer edition that we know of.
    #[serde(default)]
    pub newer: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::file;

    #[test]
    fn the_quick_reader_of_the_builtin_model_reads_what_the_real_one_reads() {
        let source = file::source("model.yaml", include_bytes!("../../policies/model.yaml")).unwrap();
        let plain = Model::read_plain(&source).expect("the built-in model is plain");
        assert_eq!(format!("{plain:#?}"), format!("{:#?}", Model::read(&source).unwrap()));
    }
}
