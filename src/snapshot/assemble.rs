//! From parts to a snapshot. Comes in: a manifest and where the sections lie, of either form. Goes
//! out: a snapshot whose manifest, states and data agree, or everything that does not. Not here:
//! files (`files`), the layout of the single text (`whole`).
//!
//! What holds for sections that nobody asked for: they are UTF-8 and skimmed (see `skim`), have as
//! many items as recorded and the digest that is recorded. Their grammar is not checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::digest;
use super::document::{Document, JsonError, NodeRef};
use super::number::Number;
use super::problem::{Code, SnapshotError};
use super::record::{Manifest, SectionRecord, State};
use super::skim::Outline;
use super::text::{Span, Text};
use super::typed::typed;
use super::{FORMAT, SECTIONS, Snapshot, Wanted};
use crate::sections;

/// What a snapshot is put together from.
pub(super) struct Parts {
    /// The manifest, without `data`.
    pub manifest: Document,
    /// The sections that have data, in an order that does not depend on threads.
    pub found: Vec<Section>,
    /// What was already found to be wrong.
    pub problems: Vec<SnapshotError>,
}

/// Data of a section, skimmed but not parsed.
#[derive(Debug)]
pub(super) struct Found {
    pub id: String,
    /// Where its name stands, in the form of a single text.
    pub name: Option<Span>,
    pub text: Arc<Text>,
    /// Where its value starts.
    pub start: usize,
    pub outline: Outline,
}

impl Found {
    /// Parses what was put off.
    pub fn parse(self) -> Result<(String, Document), SnapshotError> {
        match Document::of_outline(self.text.clone(), self.start, &self.outline) {
            Ok(document) => Ok((self.id, document)),
            Err(error) => Err(SnapshotError::json(&error, &self.text)),
        }
    }

    /// What a message points at: the name, or the start of the file.
    fn place(&self) -> Span {
        self.name.unwrap_or(Span::of(self.start, self.start + 1))
    }

    fn problem(&self, code: Code, message: String, words: &str) -> SnapshotError {
        SnapshotError::new(code, message).at(&self.text, &[(self.place(), words)])
    }
}

/// A section with what reading it has given.
pub(super) struct Section {
    found: Found,
    digest: String,
    /// None where nobody asked for it.
    document: Option<Result<Document, JsonError>>,
    /// Somebody may ask for it later.
    put_off: bool,
}

impl Section {
    /// Digests a section, and parses it if somebody wants it.
    pub fn read(found: Found, wanted: Wanted<'_>) -> Self {
        let Found { text, start, outline, .. } = &found;
        let parse = || wanted.has(&found.id).then(|| Document::of_outline(text.clone(), *start, outline));
        let (document, digest) =
            rayon::join(parse, || digest::of_text(text.as_str().as_bytes(), *start, outline));
        let put_off = matches!(wanted, Wanted::Later);
        Self { found, digest, document, put_off }
    }

    /// Where its value starts in its text.
    pub fn start(&self) -> usize {
        self.found.start
    }
}

/// Puts a snapshot together; tells everything that is wrong at once.
pub(super) fn assemble(parts: Parts) -> Result<Snapshot, SnapshotError> {
    let Parts { manifest: page, found, mut problems } = parts;
    let mut manifest = manifest(&page)?;
    problems.extend(unknown_sections(&page, &found));
    problems.extend(disagreements(&page, &manifest, &found));
    let (mut documents, mut pending) = (BTreeMap::new(), Vec::new());
    for Section { found, digest, document, put_off } in found {
        match document {
            Some(Ok(document)) => drop(documents.insert(found.id.clone(), document)),
            Some(Err(error)) => problems.push(SnapshotError::json(&error, &found.text)),
            None => {}
        }
        if let Some(record) = manifest.sections.get_mut(&found.id) {
            problems.extend(another_digest(&page, &found, record, &digest));
            record.items = Some(found.outline.items as u64);
            record.sha256 = Some(digest);
        }
        if put_off {
            pending.push(found);
        }
    }
    SnapshotError::all(problems)?;
    let digest = digest::of_value(&manifest).map_err(|error| {
        SnapshotError::new(Code::Manifest, format!("the manifest cannot be written: {error}"))
    })?;
    Ok(Snapshot { manifest, documents, digest, pending })
}

/// The manifest as a type of ours; a format that we do not know is named before anything else.
fn manifest(page: &Document) -> Result<Manifest, SnapshotError> {
    let (root, text) = (page.root(), page.text());
    let format = root.get("levelmark").and_then(|format| format.get("snapshot"));
    let Some(format) = format else {
        let result = root.get("levelmark").is_some_and(|format| format.get("report").is_some());
        let (what, help) = if result {
            (
                "is a result, not a snapshot",
                "a result is what `--baseline` takes; check needs the snapshot itself",
            )
        } else {
            (
                "is JSON, but not a snapshot",
                "exports of other tools are turned into one by `levelmark import`",
            )
        };
        return Err(SnapshotError::new(Code::NotASnapshot, format!("{} {what}", text.name())).help(help));
    };
    if format.as_number().is_some_and(|version| version > Number::from(i64::from(FORMAT))) {
        let message =
            format!("{} has format {}; this program reads format {FORMAT}", text.name(), format.raw());
        let problem = SnapshotError::new(Code::NewerFormat, message)
            .help("use the version of levelmark that wrote it, or a later one");
        return Err(problem.at(text, &[(format.span(), "newer than this program")]));
    }
    if format.as_number() != Some(Number::from(i64::from(FORMAT))) {
        let problem = SnapshotError::new(Code::Manifest, format!("{} has an unknown format", text.name()));
        return Err(problem.at(text, &[(format.span(), "expected 1")]));
    }
    typed(root).map_err(|error| {
        let problem = SnapshotError::new(Code::Manifest, format!("{}: {}", text.name(), error.message));
        problem.at(text, &[(error.span.unwrap_or(root.span()), "here")])
    })
}

/// Where the manifest speaks of a section.
fn entry<'d>(page: &'d Document, id: &str) -> Option<(Span, NodeRef<'d>)> {
    let (_, name, record) = page.root().get("sections")?.members().find(|(name, _, _)| name == id)?;
    Some((name, record))
}

/// Ids that the catalogue does not have, in the manifest and in the data; and too many of them.
fn unknown_sections(page: &Document, found: &[Section]) -> Vec<SnapshotError> {
    let mut problems = Vec::new();
    let records = page.root().get("sections");
    let listed = records.map_or(0, NodeRef::len);
    if listed.max(found.len()) > SECTIONS {
        let message = format!("{} has more than {SECTIONS} sections", page.text().name());
        return vec![SnapshotError::new(Code::TooMany, message)];
    }
    let mut told = BTreeSet::new();
    for (name, span, _) in records.into_iter().flat_map(NodeRef::members) {
        if let Some(problem) = unknown(&name) {
            problems.push(problem.at(page.text(), &[(span, "not in the catalogue")]));
            told.insert(name);
        }
    }
    for Section { found, .. } in found.iter().filter(|section| !told.contains(section.found.id.as_str())) {
        if let Some(problem) = unknown(&found.id) {
            problems.push(problem.at(&found.text, &[(found.place(), "not in the catalogue")]));
        }
    }
    problems
}

/// What is wrong with an id, if anything.
pub(super) fn unknown(id: &str) -> Option<SnapshotError> {
    match sections::find(id) {
        Some(section) if section.kind == sections::Kind::Derived => {
            Some(SnapshotError::new(Code::UnknownSection, format!("section {id} is computed, never stored")))
        }
        Some(_) => None,
        None => {
            let near = |known: &&'static sections::Section| strsim::jaro_winkler(known.id, id);
            let best =
                sections::all().max_by(|a, b| near(a).total_cmp(&near(b))).filter(|best| near(best) > 0.8);
            let help = match best {
                Some(best) => format!("did you mean `{}`?", best.id),
                None => "`levelmark sections` lists all of them".to_owned(),
            };
            Some(SnapshotError::new(Code::UnknownSection, format!("there is no section `{id}`")).help(help))
        }
    }
}

/// Where manifest and data disagree: data without a record, a record without its data, another shape,
/// another number of items.
fn disagreements(page: &Document, manifest: &Manifest, found: &[Section]) -> Vec<SnapshotError> {
    let mut problems = Vec::new();
    for Section { found, .. } in found {
        if sections::find(&found.id).is_none() {
            continue;
        }
        problems.extend(match manifest.sections.get(&found.id) {
            None => Some(unlisted(page, found)),
            Some(record) if !record.state.has_data() => Some(contradicted(page, found, record)),
            Some(record) => misshapen(found).or_else(|| miscounted(page, found, record)),
        });
    }
    let present: BTreeSet<&str> = found.iter().map(|section| section.found.id.as_str()).collect();
    for (id, record) in &manifest.sections {
        if record.state.has_data() && !present.contains(id.as_str()) && sections::find(id).is_some() {
            let message = format!("section {id} is `{}`, but its data is missing", word(record.state));
            let problem = SnapshotError::new(Code::DataMissing, message)
                .help("an empty section has the data `[]`; one that could not be read has another state");
            problems.push(pointing(problem, page, id, "without data"));
        }
    }
    problems
}

fn pointing(problem: SnapshotError, page: &Document, id: &str, words: &str) -> SnapshotError {
    match entry(page, id) {
        Some((name, _)) => problem.at(page.text(), &[(name, words)]),
        None => problem,
    }
}

fn unlisted(page: &Document, found: &Found) -> SnapshotError {
    let message = format!("section {} has data, but {} does not list it", found.id, page.text().name());
    found
        .problem(Code::DataUnexpected, message, "not in `sections`")
        .help("add it to `sections` with its state, or remove the data")
}

fn contradicted(page: &Document, found: &Found, record: &SectionRecord) -> SnapshotError {
    let (id, state) = (&found.id, word(record.state));
    let message = format!("section {id} has data ({}), but is `{state}`", found.text.name());
    pointing(SnapshotError::new(Code::DataUnexpected, message), page, id, "says that there is none")
        .help("data and state are of different snapshots: take it again, or remove the data")
}

fn misshapen(found: &Found) -> Option<SnapshotError> {
    let help = match found.text.as_str().as_bytes().get(found.start) {
        Some(b'[') => return None,
        Some(b'{') => "a single object is an array of one: `[ { … } ]`",
        _ => "its items stand in an array: `[ … ]`",
    };
    let message = format!("section {} is not an array", found.id);
    let place = Span::of(found.start, found.start + 1);
    Some(SnapshotError::new(Code::NotAnArray, message).help(help).at(&found.text, &[(place, "expected `[`")]))
}

fn miscounted(page: &Document, found: &Found, record: &SectionRecord) -> Option<SnapshotError> {
    let (recorded, items) = (record.items?, found.outline.items as u64);
    if recorded == items {
        return None;
    }
    let message = format!("section {} has {items} items, but {recorded} are recorded", found.id);
    let problem = SnapshotError::new(Code::Items, message)
        .help("items were added or lost after the snapshot was taken");
    Some(pointing(problem, page, &found.id, "recorded here"))
}

fn another_digest(
    page: &Document,
    found: &Found,
    record: &SectionRecord,
    digest: &str,
) -> Option<SnapshotError> {
    let recorded = record.sha256.as_deref()?;
    if recorded.eq_ignore_ascii_case(digest) {
        return None;
    }
    let message = format!(
        "section {} ({}) is not the one that was recorded: its digest differs",
        found.id,
        found.text.name()
    );
    let problem = SnapshotError::new(Code::Digest, message).help(format!(
        "it was changed, or is of another snapshot: restore or take it again (its digest is {digest})"
    ));
    let record = entry(page, &found.id).map(|(_, record)| record);
    match record.and_then(|record| record.get("sha256")) {
        Some(place) => Some(problem.at(page.text(), &[(place.span(), "recorded here")])),
        None => Some(problem),
    }
}

/// A state as the manifest writes it.
pub(super) fn word(state: State) -> &'static str {
    match state {
        State::Read => "read",
        State::Partial => "partial",
        State::Denied => "denied",
        State::Unlicensed => "unlicensed",
        State::Unavailable => "unavailable",
        State::Failed => "failed",
        State::NotAsked => "not-asked",
    }
}
