//! What a collection says of itself: beforehand what it would ask, afterwards what it could not see.
//! Comes in: a plan or a manifest. Goes out: text. Not here: progress (`lines`).

use std::collections::BTreeMap;

use super::chosen::Wanted;
use super::lines::outcome;
use crate::collect::cloud::Endpoints;
use crate::collect::order::Collected;
use crate::collect::sign_in::Method;
use crate::report::escape;
use crate::sections::choose::Why;
use crate::sections::{Graph, Section};
use crate::snapshot::record::{SectionRecord, State};

/// Who would sign in, what would be asked, what is left out.
pub(super) fn dry_run(method: &Method, endpoints: &Endpoints, wanted: &Wanted, days: u32) -> String {
    let who = format!("signs in: {}\n", escape::terminal(&method.describe(endpoints)));
    who + &format!("asks:     {}\n", endpoints.graph) + &what(wanted, days)
}

/// What would be asked, what is left out.
pub(super) fn what(wanted: &Wanted, days: u32) -> String {
    let mut out = format!("logs:     {days} days back, where the service keeps them\n\n");
    for section in &wanted.sections {
        let Some(graph) = &section.graph else { continue };
        out.push_str(&format!("{:<38} {}\n", section.id, request(section, graph, wanted.declared_only)));
        let licence =
            if section.licence.is_empty() { String::new() } else { format!("  [{}]", section.licence) };
        out.push_str(&format!("{:<38}   {}{licence}\n", "", section.permission()));
    }
    out.push_str(&format!("\n{} sections", wanted.sections.len()));
    for line in left(&wanted.left_out) {
        out.push_str(&format!("; {line}"));
    }
    out.push_str("\nNothing was asked. What the sign-in or the tenant's licences lack shows only then.\n");
    out
}

fn request(section: &Section, graph: &Graph, declared_only: bool) -> String {
    let path = match graph.declared.filter(|_| declared_only) {
        Some(declared) => declared.path,
        None => graph.path,
    };
    let query = section.query();
    let separator = if query.is_empty() { "" } else { "?" };
    format!("GET /{}{path}{separator}{query}", graph.version)
}

/// What is left out, and how to have it.
fn left(left_out: &[(&Section, Why)]) -> Vec<String> {
    let of = |wanted| left_out.iter().filter(move |(_, why)| *why == wanted).map(|(section, _)| section.id);
    let (unread, sensitive): (Vec<&str>, Vec<&str>) =
        (of(Why::NotRead).collect(), of(Why::Sensitive).collect());
    let mut lines = Vec::new();
    if !unread.is_empty() {
        lines.push(format!("{} that no policy reads are left out (--all)", unread.len()));
    }
    if !sensitive.is_empty() {
        lines.push(format!("sensitive, only with --include: {}", sensitive.join(", ")));
    }
    lines
}

/// What could be read, and for the rest why not, alike ones together.
pub(super) fn summary(collected: &Collected, left_out: &[(&'static Section, Why)]) -> String {
    let records = &collected.manifest.sections;
    let new = records.iter().filter(|(id, _)| !collected.taken_over.contains(&id.as_str()));
    let (mut read, mut items, mut rest) = (0, 0, BTreeMap::<State, Vec<(&String, &SectionRecord)>>::new());
    for (id, record) in new {
        items += record.items.unwrap_or(0);
        match record.state {
            State::Read => read += 1,
            state => rest.entry(state).or_default().push((id, record)),
        }
    }
    let mut out = String::new();
    for (state, sections) in &rest {
        out.push_str(&format!("{}:\n", heading(*state)));
        let mut alike: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (id, record) in sections {
            alike.entry(why(record)).or_default().push(id);
        }
        for (why, ids) in alike {
            out.push_str(&format!("  {why}{}\n", ids.join(", ")));
        }
    }
    let lost = records.iter().flat_map(|(id, record)| record.without.iter().map(move |lost| (id, lost)));
    for (id, (field, why)) in lost.filter(|(id, _)| !collected.taken_over.contains(&id.as_str())) {
        out.push_str(&format!("{id} without {field}: {}\n", escape::terminal(why)));
    }
    for line in left(left_out) {
        out.push_str(&format!("{line}\n"));
    }
    let kept = match collected.kept {
        0 => String::new(),
        kept => format!(", {kept} of them by the interrupted run"),
    };
    let stays = match collected.taken_over.len() {
        0 => String::new(),
        stays => format!("; {stays} stay as they were"),
    };
    let requests: u64 = collected.counts.values().map(|count| count.requests).sum();
    let throttled: u64 = collected.counts.values().map(|count| count.throttled).sum();
    out.push_str(&format!(
        "{} of tenant {}: {read} sections read{kept}{stays}; {requests} requests, {throttled} throttled",
        outcome(State::Read, items),
        escape::terminal(name(collected))
    ));
    out
}

/// What to know of a redacted collection: what stays may have other pseudonyms, and what goes with it is not redacted yet.
pub(super) fn redacted(collected: &Collected) -> Vec<String> {
    let Some(redaction) = &collected.manifest.redacted else { return Vec::new() };
    let mut notes = vec![format!(
        "configuration and answers are not redacted: `levelmark redact TENANT --out COPY` writes them anew with the same key ({}), also of a folder without a snapshot",
        redaction.key
    )];
    if collected.other_words {
        notes.push(
            "the sections that stay were redacted with other policies or by another version: a text in them may have another pseudonym than in the new ones; collect all of them again to be sure"
                .to_owned(),
        );
    }
    notes
}

fn name(collected: &Collected) -> &str {
    let tenant = &collected.manifest.tenant;
    tenant.display_name.as_deref().unwrap_or(&tenant.id)
}

fn heading(state: State) -> &'static str {
    match state {
        State::Read => "read",
        State::Partial => "read in part",
        State::Denied => "denied; grant the permission (see `levelmark permissions`), then collect again",
        State::Unlicensed => "not licensed",
        State::Unavailable => "not available",
        State::Failed => "failed; collect again with --into and --section",
        State::NotAsked => "not asked",
    }
}

fn why(record: &SectionRecord) -> String {
    let needs =
        record.needs.as_deref().filter(|needs| !needs.is_empty()).map(|needs| format!("needs {needs}"));
    // What is needed says all, whether it was asked or not.
    let reason = record.reason.clone().filter(|_| needs.is_none());
    let parts: Vec<String> =
        needs.into_iter().chain(reason).map(|part| part.trim_end_matches('.').to_owned()).collect();
    if parts.is_empty() { String::new() } else { format!("{}: ", escape::terminal(&parts.join("; "))) }
}
