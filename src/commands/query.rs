//! `query`: what a JSONPath matches, and where.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use miette::{NamedSource, miette};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cli::{Format, Query};
use crate::commands::folder;
use crate::derive::{self, Derived};
use crate::exit;
use crate::policy::queries::Known;
use crate::query::ir::{Query as Compiled, Root};
use crate::query::{self, Budget, Evaluator, Mode, QueryError, Source, types, visit};
use crate::report::escape;
use crate::run::{Result, Terminal};
use crate::snapshot::document::{Document, NodeRef, Text};
use crate::snapshot::{Snapshot, SnapshotError, Wanted};

use super::inputs;

/// Longest value shown on a line, in characters.
const CROP: usize = 200;

/// Prints the matches.
///
/// # Errors
/// An unreadable file, an invalid query.
pub fn run(args: &Query, terminal: &Terminal) -> Result<u8> {
    let mode = if args.raw { Mode::Raw } else { Mode::Snapshot };
    let query = query::compile(&args.path, mode).map_err(|errors| report(&args.path, errors))?;
    let found = evidence(args, &query)?;
    let now = match &found {
        Evidence::Raw(_) => terminal.now,
        Evidence::Snapshot(snapshot, _) => {
            hints(&query, terminal);
            snapshot.manifest.taken.at
        }
    };
    let evaluator = Evaluator::new(&found, now, [&query]);
    let nodes = evaluator
        .select(&query, &mut Budget::new(crate::engine::BUDGET))
        .map_err(|error| miette!(help = "narrow its path", "the query costs too much: {error}"))?;
    match args.format {
        Format::Json => terminal.print_json(&Matches::of(&found, &nodes)?)?,
        Format::Text => terminal.print(&lines(&found, &nodes))?,
    }
    Ok(exit::MET)
}

/// What is queried.
enum Evidence {
    Raw(Document),
    Snapshot(Box<Snapshot>, BTreeMap<String, Derived>),
}

/// A snapshot with the derived sections that the query reads.
fn with_derived(snapshot: Snapshot, query: &Compiled) -> Evidence {
    let mut ids = BTreeSet::new();
    visit::queries(query, &mut |query| {
        if let Root::Sections(sections) = &query.root {
            ids.extend(sections.iter().filter(|id| derive::IDS.contains(&id.as_str())).cloned());
        }
    });
    let derived = ids.into_iter().filter_map(|id| {
        let derived = derive::compute(&id, &snapshot).ok()?;
        Some((id, derived))
    });
    let derived = derived.collect();
    Evidence::Snapshot(Box::new(snapshot), derived)
}

fn evidence(args: &Query, query: &Compiled) -> Result<Evidence> {
    let stdin = args.snapshot == Path::new("-");
    Ok(match (args.raw, stdin) {
        (true, _) => {
            let text = Arc::new(text(&args.snapshot)?);
            Evidence::Raw(
                Document::parse(Arc::clone(&text)).map_err(|error| SnapshotError::json(&error, &text))?,
            )
        }
        (false, true) => with_derived(Snapshot::from_text(text(&args.snapshot)?, Wanted::All)?, query),
        (false, false) => {
            with_derived(Snapshot::open(&folder::snapshot_in(&args.snapshot)?, Wanted::All)?, query)
        }
    })
}

fn text(path: &Path) -> Result<Text> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(miette::Report::from_err)?;
        return Ok(Text::from_bytes("<stdin>", bytes)?);
    }
    let bytes = std::fs::read(path).map_err(|error| inputs::unreadable(path, &error))?;
    Ok(Text::from_bytes(path.display().to_string(), bytes)?)
}

impl<'d> Source<'d> for &'d Evidence {
    fn section(&self, id: &str) -> Option<NodeRef<'d>> {
        match *self {
            Evidence::Raw(_) => None,
            Evidence::Snapshot(snapshot, derived) => {
                derived.get(id).map(|derived| derived.document.root()).or_else(|| snapshot.section(id))
            }
        }
    }

    fn param(&self, _: &str) -> Option<NodeRef<'d>> {
        None
    }

    fn document(&self) -> Option<NodeRef<'d>> {
        match *self {
            Evidence::Raw(document) => Some(document.root()),
            Evidence::Snapshot(..) => None,
        }
    }
}

impl Evidence {
    fn path(&self, node: NodeRef<'_>) -> String {
        match self {
            Evidence::Raw(_) => query::normalized_path(node),
            Evidence::Snapshot(snapshot, derived) => {
                let holds = |document: &Document| std::ptr::eq(document, node.document());
                let computed = derived.iter().map(|(id, derived)| (id, &derived.document));
                let section = snapshot.documents.iter().chain(computed).find(|(_, document)| holds(document));
                section.map_or_else(
                    || query::normalized_path(node),
                    |(id, _)| query::normalized_path_in(id, node),
                )
            }
        }
    }
}

/// What the contracts say of the query; it is walked all the same.
fn hints(query: &Compiled, terminal: &Terminal) {
    for hint in types::analyse(query, &Known(&|_| None)).errors {
        let help = hint.help.map(|help| format!("; {help}")).unwrap_or_default();
        terminal.tell(&format!("note: {}{}", escape::terminal(&hint.message), escape::terminal(&help)));
    }
}

/// `{"matches": […]}`
#[derive(Serialize)]
struct Matches {
    matches: Vec<Match>,
}

#[derive(Serialize)]
struct Match {
    /// Normalized path, RFC 9535 section 2.7.
    path: String,
    /// As it stands in the file.
    value: Box<RawValue>,
    /// First byte in the file.
    start: u32,
    /// Behind the last byte.
    end: u32,
}

impl Matches {
    fn of(found: &Evidence, nodes: &[NodeRef<'_>]) -> Result<Self> {
        let one = |node: &NodeRef<'_>| {
            let value = RawValue::from_string(node.raw().to_owned()).map_err(miette::Report::from_err)?;
            let span = node.span();
            Ok(Match { path: found.path(*node), value, start: span.start, end: span.end })
        };
        Ok(Self { matches: nodes.iter().map(one).collect::<Result<_>>()? })
    }
}

/// `file:line:column  path  value`, one line a match, and their number.
fn lines(found: &Evidence, nodes: &[NodeRef<'_>]) -> String {
    let mut out = String::new();
    for node in nodes {
        let text = node.document().text();
        let at = text.position(node.span().start);
        let value = node.raw().split_whitespace().collect::<Vec<_>>().join(" ");
        let cropped: String = value.chars().take(CROP).collect();
        let more = if cropped.len() < value.len() { "…" } else { "" };
        out.push_str(&format!(
            "{}:{}:{}  {}  {}{more}\n",
            escape::terminal(text.name()),
            at.line,
            at.column,
            escape::terminal(&found.path(*node)),
            escape::terminal(&cropped),
        ));
    }
    out.push_str(&match nodes.len() {
        1 => "1 match\n".to_owned(),
        n => format!("{n} matches\n"),
    });
    out
}

/// All mistakes of a query, at their places.
fn report(text: &str, errors: Vec<QueryError>) -> miette::Report {
    let shown = escape::terminal(text).into_owned();
    let same = shown == text;
    let labels: Vec<miette::LabeledSpan> = errors
        .iter()
        .map(|error| {
            let at = if same { error.at.clone() } else { 0..shown.len() };
            miette::LabeledSpan::new_with_span(Some(error.message.clone()), at)
        })
        .collect();
    let help: Vec<&str> = errors.iter().filter_map(|error| error.help.as_deref()).collect();
    let help = if help.is_empty() {
        "`levelmark sections` lists what a path may start with".to_owned()
    } else {
        help.join("; ")
    };
    miette::Report::new(
        miette::MietteDiagnostic::new("the query is invalid")
            .with_code("levelmark::query")
            .with_help(help)
            .with_labels(labels),
    )
    .with_source_code(NamedSource::new("query", shown))
}
