//! Redaction: names, addresses, ids and free text become keyed pseudonyms, so that a snapshot can be shown
//! to others and still gives the same verdicts and the same drift. Comes in: a snapshot, a configuration,
//! answers, a key, and what policies look for. Goes out: the same with pseudonyms. Not here: files and
//! where the key is kept (`commands`), which properties are personal (`sections::personal`).
//!
//! The same text becomes the same pseudonym wherever it stands (section, parameter, waiver, answer) and
//! whenever, as long as the key and the policies are the same: it depends on the text alone, not on the
//! property. That is what keeps joins, parameters and diffs intact.

mod addresses;
mod files;
mod find;
mod forms;
mod hosts;
mod items;
mod key;
mod known;
mod names;
mod own;
mod permissions;
mod pseudonym;
mod record;
mod settle;
mod terms;
mod text;
mod version;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::Value;

pub use self::files::{attestations, configuration};
pub use self::key::{Key, KeyError, SHORTEST};
pub use self::terms::Terms;
use crate::sections::{self, Section};
use crate::snapshot::Draft;
use crate::snapshot::record::Redaction;

/// Makes pseudonyms with a key.
#[derive(Debug)]
pub struct Redactor {
    key: Key,
    terms: Terms,
    words: String,
}

/// A snapshot with pseudonyms.
#[derive(Debug)]
pub struct Redacted {
    /// What is written.
    pub draft: Draft,
    /// Keys of its items: before, in lower case, and after. Waivers name items by them.
    pub keys: BTreeMap<String, String>,
}

impl Redactor {
    /// With a key, and with what the policies look for that will judge the outcome.
    #[must_use]
    pub fn new(key: Key, terms: Terms) -> Self {
        let words = version::digest(&terms);
        Self { key, terms, words }
    }

    /// Tells its key from others.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.key.fingerprint()
    }

    /// What a redaction says of itself.
    #[must_use]
    pub fn redaction(&self) -> Redaction {
        Redaction { key: self.fingerprint(), words: Some(self.words.clone()) }
    }

    /// Replaces what is personal in a snapshot.
    #[must_use]
    pub fn snapshot(&self, mut draft: Draft) -> Redacted {
        let replaced = draft.data.par_iter_mut().map(|(id, items)| {
            let Some(section) = sections::find(id) else { return Vec::new() };
            let mut keys = Vec::with_capacity(items.len());
            for item in items {
                let before = key_of(section, item);
                self.item(section, item);
                keys.extend(before.map(|key| key.to_lowercase()).zip(key_of(section, item)));
            }
            keys
        });
        let keys = replaced.collect::<Vec<_>>().into_iter().flatten().collect();
        draft.manifest = self.manifest(draft.manifest);
        Redacted { draft, keys }
    }
}

/// The key of an item, as waivers name it: its parts with commas between.
fn key_of(section: &Section, item: &Value) -> Option<String> {
    let parts = section.key.iter().map(|path| {
        let value = path.split('.').try_fold(item, |value, name| value.get(name))?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    });
    let parts = parts.collect::<Option<Vec<String>>>()?;
    (!parts.is_empty()).then(|| parts.join(","))
}
