//! `tenants.yaml`: the tenants of one collection of many, and who signs in to each. Comes in: a file's
//! name, bytes and folder. Goes out: entries, or all mistakes with their places. Not here: the variables
//! that it names (the program looks them up), collecting (`many`).
//!
//! The way: `raw` reads, `secrets` refuses what may not stand there, `signing` and `entry` understand.

mod entry;
mod raw;
mod secrets;
mod signing;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

pub use entry::Entry;
pub use raw::RawTenants;
pub use signing::SignIn;

use self::entry::Defaults;
use crate::yaml::file::{self, Limits};
use crate::yaml::suggest::{self, shown};
use crate::yaml::tree;
use crate::yaml::{Cx, Decode, Mistake, Mistakes, Source};

/// How large the file may be.
pub const LIMITS: Limits = Limits { bytes: 16 * 1024 * 1024, nodes: 1_000_000 };
/// How many tenants it may hold.
const MOST: usize = 10_000;

/// The tenants of a file.
#[derive(Debug, Clone)]
pub struct Tenants {
    /// In the order of the file.
    pub entries: Vec<Entry>,
}

/// A word of `--only` that means no tenant.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("no tenant of the file has the name, id or tag `{}`", shown(.word))]
#[diagnostic(code(levelmark::collect::only))]
pub struct NotThere {
    word: String,
    #[help]
    help: Option<String>,
}

impl Tenants {
    /// Reads a file; `folder` is where it lies, for the paths in it.
    ///
    /// # Errors
    /// All mistakes in it.
    pub fn read(name: &str, bytes: &[u8], folder: &Path) -> Result<Self, Mistakes> {
        let source = file::source_within(name, bytes, LIMITS).map_err(|mistake| Mistakes(vec![mistake]))?;
        let mut mistakes = Vec::new();
        let mut node = tree::parse_within(&source, 0..source.text.len(), LIMITS, &mut mistakes);
        let mut found = Vec::new();
        if let Some(node) = &mut node {
            secrets::take_out(node, &mut found);
        }
        // From here on nobody sees a secret that stands in the file all the same.
        let shown = secrets::hide(&source, &found);
        mistakes.iter_mut().for_each(|mistake| move_to(mistake, &shown));
        let mut cx = Cx { source: shown, mistakes: &mut mistakes };
        found.iter().for_each(|found| found.tell(&mut cx));
        let raw = node.and_then(|node| RawTenants::decode(&node, &mut cx));
        let entries = raw.map(|raw| entries(&raw, folder, &mut cx)).unwrap_or_default();
        Mistakes::check(mistakes)?;
        Ok(Self { entries })
    }

    /// Those that are meant by words: names, ids or tags. No words mean all.
    ///
    /// # Errors
    /// A word that means none.
    pub fn only(self, words: &[String]) -> Result<Self, NotThere> {
        if words.is_empty() {
            return Ok(self);
        }
        if let Some(word) = words.iter().find(|word| !self.entries.iter().any(|entry| entry.is_meant(word))) {
            let known: BTreeSet<&str> = self.entries.iter().flat_map(Entry::words).collect();
            return Err(NotThere { word: word.clone(), help: suggest::help(word, known) });
        }
        let meant = |entry: &Entry| words.iter().any(|word| entry.is_meant(word));
        Ok(Self { entries: self.entries.into_iter().filter(meant).collect() })
    }

    /// Names of the variables that hold secrets and tokens.
    #[must_use]
    pub fn variables(&self) -> BTreeSet<&str> {
        let ways = self.entries.iter().map(|entry| &entry.sign_in);
        ways.flat_map(|way| [way.secret_variable.as_deref(), way.token_variable.as_deref()])
            .flatten()
            .collect()
    }
}

/// The JSON Schema of the file.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(RawTenants)
}

/// Shows a mistake in another text of the same length.
fn move_to(mistake: &mut Mistake, source: &Arc<Source>) {
    let places = mistake.place.iter_mut().chain(mistake.other.iter_mut().map(|other| &mut other.0));
    places.for_each(|place| place.source = Arc::clone(source));
}

fn entries(raw: &RawTenants, folder: &Path, cx: &mut Cx<'_>) -> Vec<Entry> {
    let defaults = raw.defaults.as_ref().map(|raw| Defaults::of(raw, folder, cx)).unwrap_or_default();
    let Some(tenants) = raw.tenants.get() else { return Vec::new() };
    if tenants.is_empty() && !raw.broken {
        cx.mistake("tenants::none", "no tenant is listed", &raw.span);
    }
    if let Some(first) = tenants.get(MOST) {
        cx.mistake("tenants::many", format!("more than {MOST} tenants in one file"), &first.span).help =
            Some("split it: each run takes one file".to_owned());
        return Vec::new();
    }
    let (mut ids, mut names) = (BTreeMap::new(), BTreeMap::new());
    let mut entries = Vec::with_capacity(tenants.len());
    for raw in tenants {
        let entry = Entry::of(raw, &defaults, folder, cx);
        // Twice is told even where something else is wrong with it.
        let id = raw.id.get();
        let twice = id.is_some_and(|id| !first(&mut ids, "tenant", (&id.value, &id.at), cx));
        if let Some(name) = raw.name.as_ref().or(id).filter(|_| !twice) {
            first(&mut names, "folder", (&name.value, &name.at), cx);
        }
        entries.extend(entry);
    }
    entries
}

/// Whether it is the first of its kind; else a mistake. File systems do not all tell capitals apart.
fn first(
    seen: &mut BTreeMap<String, Range<usize>>,
    what: &str,
    (value, at): (&str, &Range<usize>),
    cx: &mut Cx<'_>,
) -> bool {
    match seen.get(&value.to_ascii_lowercase()) {
        None => {
            seen.insert(value.to_ascii_lowercase(), at.clone());
            true
        }
        Some(before) => {
            let place = Box::new((cx.place(before), "first here".to_owned()));
            let message = format!("the {what} `{}` is given twice", shown(value));
            let mistake = cx.mistake("tenants::twice", message, at);
            mistake.other = Some(place);
            mistake.label = Some("given again".into());
            false
        }
    }
}
