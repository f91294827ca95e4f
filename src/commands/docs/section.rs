//! The page of a section: how it comes in and with which permission, what it holds, who reads it.
//! Comes in: the catalogue and the relations. Goes out: Markdown. Not here: the catalogue.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::policy::compiled::CheckRef;
use crate::sections::contract::{Object, Type};
use crate::sections::{Graph, Kind, Section, Shape, Via, page as words, permission};

use super::cross::{Cross, derived_from};
use super::markup::{From, cell, code, counted, fact, line, part, table};

const HERE: From = From::Sections;

/// The page.
pub(super) fn page(section: &Section, cross: &Cross<'_>) -> String {
    let mut out = format!("# {}\n\n{}.\n\n", section.id, line(section.about));
    fact(&mut out, "Kind", kind(section));
    fact(&mut out, "Computed from", &linked(section.inputs.iter().copied()));
    fact(&mut out, "Key", &key(section));
    fact(&mut out, "Licence", &line(section.licence));
    fact(&mut out, "Read only on request", &line(section.sensitive));
    let derived: Vec<&str> = derived_from(section).map(|section| section.id).collect();
    fact(&mut out, "Goes into", &linked(derived.into_iter()));
    part(&mut out, "How it comes in", &ways(section));
    if let Some(graph) = &section.graph {
        part(&mut out, "Request and permissions", &request(section, graph));
        part(&mut out, "When it can't be read", &states(section, graph));
    }
    part(&mut out, "What it holds", &fields(section));
    part(&mut out, "Policies that read it", &readers(section, cross));
    out
}

const fn kind(section: &Section) -> &'static str {
    match (section.kind, section.shape, section.graph.is_some()) {
        (Kind::Derived, _, _) => "derived: computed when it is evaluated, never stored",
        (Kind::Settings, Shape::Singleton, _) => "settings, taken whole; a list of one",
        (Kind::Settings, Shape::List, _) => "settings, taken whole",
        (Kind::Bulk, _, true) => {
            "bulk: many objects, of which the properties below are taken, where a policy reads them"
        }
        (Kind::Log, _, true) => {
            "log: events over time, of which the properties below are taken, where a policy reads them"
        }
        (Kind::Bulk, _, false) => "bulk: many objects",
        (Kind::Log, _, false) => "log: events over time",
    }
}

fn key(section: &Section) -> String {
    section.key.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")
}

fn linked<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    ids.map(|id| HERE.section(id)).collect::<Vec<_>>().join(", ")
}

/// The commands that fill it.
fn ways(section: &Section) -> String {
    let id = section.id;
    let mut out = String::new();
    for via in section.via {
        let ask = if section.sensitive.is_empty() { String::new() } else { format!(" --include {id}") };
        let _ = writeln!(
            out,
            "- {}",
            match via {
                Via::Graph => format!(
                    "`levelmark collect{ask}` asks Microsoft Graph for it; `levelmark import graph` takes answers that \
                     you fetched yourself, e.g. with `levelmark sections {id} --script powershell`"
                ),
                Via::Export =>
                    "another tool's export: `levelmark import scubagear`, `levelmark import utcm`".to_owned(),
                Via::Portal =>
                    "`levelmark import portal` takes a saved response of the admin centre".to_owned(),
                Via::Import =>
                    format!("a register of your own: `levelmark import csv --section {id}`, or `import json`"),
                Via::Declared =>
                    format!("somebody copies it from the admin centre: `levelmark declare SNAPSHOT {id}`"),
            }
        );
    }
    if section.kind == Kind::Derived {
        out.push_str("- by itself, from the sections named above: its state is the worst of theirs\n");
    }
    out
}

fn request(section: &Section, graph: &Graph) -> String {
    let mut out = format!("{}\n\n", words::request(section, graph));
    fact(&mut out, "An application needs", &needs(graph, false));
    fact(&mut out, "A signed-in person needs", &needs(graph, true));
    let mut others: Vec<String> =
        permission::of_section(section).iter().map(|name| format!("`{name}`")).collect();
    let least: BTreeSet<&'static str> =
        graph.application.split_whitespace().chain(graph.delegated.split_whitespace()).collect();
    for name in least {
        let instead = permission::instead(name);
        if !instead.is_empty() {
            let names: Vec<String> = instead.iter().map(|name| format!("`{name}`")).collect();
            others.push(format!("{} in place of `{name}`", names.join(" or ")));
        }
    }
    fact(&mut out, "Suffices too", &others.join("; "));
    fact(&mut out, "Clouds", &graph.clouds.join(", "));
    if graph.reach > 0 {
        let free = if graph.reach_free > 0 {
            format!(", {} without Entra ID P1", counted(graph.reach_free as usize, "day", "days"))
        } else {
            String::new()
        };
        fact(&mut out, "Reaches back", &format!("{}{free}", counted(graph.reach as usize, "day", "days")));
    }
    let told: Vec<String> = graph.person_only.iter().map(|name| code(name)).collect();
    fact(&mut out, "Told to signed-in persons alone", &told.join(", "));
    out.push_str("\nWhat may write or manage the same may read it, too. `levelmark permissions` lists what your policies need.\n");
    out
}

fn needs(graph: &Graph, person: bool) -> String {
    match words::permissions(graph, person).as_str() {
        "-" if person => "no permission opens it; only an application sees it".to_owned(),
        "-" => "no permission opens it; only a signed-in person sees it".to_owned(),
        names => names.to_owned(),
    }
}

fn states(section: &Section, graph: &Graph) -> String {
    let mut rows = vec![vec![
        "the permission is lacking".to_owned(),
        "`denied`, and the permission is named".to_owned(),
    ]];
    if !section.licence.is_empty() {
        rows.push(vec!["the licence is lacking".to_owned(), "`unlicensed`".to_owned()]);
    }
    if graph.clouds.len() < 3 {
        rows.push(vec!["the cloud does not have it".to_owned(), "`unavailable`".to_owned()]);
    }
    if !section.sensitive.is_empty() {
        rows.push(vec!["nobody asked for it with `--include`".to_owned(), "`not-asked`".to_owned()]);
    }
    let table = table(&["what happened", "its state"], rows);
    format!(
        "{table}\nWhatever the state, the checks that need it are *unknown* then, never passed and never failed, unless \
         their policy says what a lacking licence means. [All states](../collecting.md#what-the-states-mean)."
    )
}

/// Properties with their types; those of inner objects with dots between.
fn fields(section: &Section) -> String {
    let contract = section.contract();
    let mut rows = Vec::new();
    let chosen =
        |name: &str| section.fields.is_none_or(|fields| fields.contains(&name)) || section.graph.is_none();
    for (name, of) in contract.fields.iter().filter(|(name, _)| chosen(name)) {
        flattened(name, of, &mut rows);
    }
    let mut out = table(&["property", "what it is"], rows);
    if contract.is_open() {
        out.push_str("\nThe service may add further properties.\n");
    }
    if !out.is_empty() {
        out.push_str(
            "\nEvery property may be null or absent; these are two things, and neither is an empty text.\n",
        );
    }
    out
}

fn flattened(name: &str, of: &Type, rows: &mut Vec<Vec<String>>) {
    rows.push(vec![cell(name), line(&of.to_string())]);
    if let Type::Object(Object { fields, open }) = of.element() {
        for (inner, of) in fields {
            flattened(&format!("{name}.{inner}"), of, rows);
        }
        if *open {
            rows.push(vec![cell(&format!("{name}.…")), "further properties of the service".to_owned()]);
        }
    }
}

/// The checks, by policy.
fn readers(section: &Section, cross: &Cross<'_>) -> String {
    let mut out = String::new();
    // A policy's checks follow each other.
    for checks in cross.readers(section.id).chunk_by(|a, b| a.policy == b.policy) {
        let Some(CheckRef { policy, .. }) = checks.first() else { continue };
        let link = |of: &CheckRef| format!("[{0}](../policy/{policy}.md#{0})", of.check);
        let checks: Vec<String> = checks.iter().map(link).collect();
        let _ = writeln!(out, "- {}: {}", HERE.policy(policy), checks.join(", "));
    }
    let through: Vec<&str> =
        derived_from(section).filter(|of| !cross.readers(of.id).is_empty()).map(|of| of.id).collect();
    if !through.is_empty() {
        let _ = writeln!(out, "- and those of {}", linked(through.into_iter()));
    }
    if out.is_empty() {
        out.push_str("None of the policies. Your own may: [The policy language](../policies.md).\n");
    }
    out
}
