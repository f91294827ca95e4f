//! The page of a policy: all that `levelmark explain` says, with links, and its examples. Comes in: a
//! policy, its set and the relations. Goes out: Markdown. Not here: the words of a check
//! (`policy::wording`).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::policy::compiled::{Check, CheckRef, Policy, PolicySet};
use crate::policy::examples::{self, Example, Expected};
use crate::policy::wording::{self, Line, Piece};
use crate::run::Result;
use crate::sections;
use crate::verdict::profile;

use super::cross::Cross;
use super::index;
use super::markup::{From, cell, code, counted, fact, line, outside, paragraphs, part, table};

const HERE: From = From::Policies;

/// The page.
///
/// # Errors
/// Mistakes in its examples.
pub(super) fn page(policy: &Policy, set: &PolicySet, cross: &Cross<'_>) -> Result<String> {
    let mut out = format!("# {}: {}\n\n", policy.id, line(&policy.title));
    facts(policy, set, &mut out);
    part(&mut out, "What it means", &paragraphs(&policy.about));
    part(&mut out, "Why it matters", &paragraphs(&policy.why));
    part(&mut out, "What to do", &paragraphs(&policy.fix));
    let _ = write!(out, "\n## Checks\n");
    for check in &policy.checks {
        explained(policy, check, set, cross, &mut out);
    }
    part(&mut out, "Sections read", &read(policy));
    part(&mut out, "Parameters", &parameters(policy, set));
    part(&mut out, "Examples", &tested(&examples::of(policy)?));
    let links = policy.references.iter().map(|link| format!("- {}\n", outside(&link.title, &link.url)));
    part(&mut out, "Read on", &links.collect::<String>());
    let _ = write!(
        out,
        "\n## On your own tenant\n\n```sh\nlevelmark explain {0}\nlevelmark check contoso --policy {0}\n```\n",
        policy.id
    );
    Ok(out)
}

fn facts(policy: &Policy, set: &PolicySet, out: &mut String) {
    let place = index::competency_page(policy, set);
    let mut standing = format!("[{}]({place})", line(index::competency_name(policy, set)));
    if let Some(level) = policy.level {
        let _ = write!(standing, ", level [{}]({place}#level-{level})", line(&wording::level(level, set)));
    }
    if policy.urgent {
        standing.push_str(", urgent");
    }
    fact(out, "Competency", &standing);
    fact(out, "Dimension", &profile::word(policy.dimension).replace('-', " "));
    fact(out, "Topics", &line(&policy.topics.join(", ")));
    fact(out, "Claims of the model", &line(&policy.claims.join(", ")));
    let others = wording::alternatives(policy, set);
    fact(out, "An alternative to", &links(others.iter().map(|id| HERE.policy(id))));
    let whose = if policy.builtin { " (built in)" } else { "" };
    fact(out, "File", &format!("{}{whose}", code(&policy.source.name)));
}

fn explained(policy: &Policy, check: &Check, set: &PolicySet, cross: &Cross<'_>, out: &mut String) {
    let _ = write!(out, "\n### {}\n\n**{}**\n\n", check.id, line(&check.title));
    for line in wording::lines(policy, check, set) {
        let _ = writeln!(out, "{}- {}", "  ".repeat(line.depth), linked(&line));
    }
    let me = CheckRef { policy: policy.id.clone(), check: check.id.clone() };
    let [twins, settled] = cross.twins_and_settled(&me);
    for (words, checks) in [("decides also", twins), ("settles also", settled)] {
        if !checks.is_empty() {
            let _ = writeln!(out, "- {words} {}", links(checks.into_iter().map(|check| HERE.check(check))));
        }
    }
}

fn linked(of: &Line) -> String {
    let mut text = String::new();
    for piece in &of.pieces {
        match piece {
            // The words keep the spaces at their ends, which part them from what follows.
            Piece::Words(words) => {
                let (start, end) = (words.starts_with(' '), words.ends_with(' '));
                let inner = line(words);
                text.push_str(if start { " " } else { "" });
                text.push_str(&inner);
                text.push_str(if end && !inner.is_empty() { " " } else { "" });
            }
            Piece::Code(path) => text.push_str(&code(path)),
            Piece::Check(check) => text.push_str(&HERE.check(check)),
        }
    }
    text
}

fn read(policy: &Policy) -> String {
    let row = |id: &str| {
        let section = sections::find(id)?;
        let by = policy.checks.iter().filter(|check| check.reads.sections.contains_key(id));
        let by = links(by.map(|check| here(&check.id)));
        Some(vec![HERE.section(id), line(section.about), line(section.licence), by])
    };
    let rows = wording::sections(policy).into_iter().filter_map(row);
    table(&["section", "what it is", "licence", "read by"], rows)
}

fn parameters(policy: &Policy, set: &PolicySet) -> String {
    let row = |name: &str| {
        let param = set.params.get(name)?;
        let (given, default) = wording::given(param);
        let given = default.map_or_else(|| given.to_owned(), |json| format!("{given} {}", cell(&json)));
        Some(vec![cell(name), line(&param.about), wording::kind(param.kind).to_owned(), given])
    };
    table(
        &["parameter", "what it is", "type", "declared"],
        wording::params(policy).into_iter().filter_map(row),
    )
}

/// What each example shows, and how its checks come out.
fn tested(examples: &[Example]) -> String {
    let mut out = String::new();
    for example in examples {
        let mut by: BTreeMap<Expected, Vec<&str>> = BTreeMap::new();
        for (check, outcome) in &example.expect {
            by.entry(*outcome).or_default().push(check);
        }
        let checks = |(outcome, checks): (Expected, Vec<&str>)| {
            let checks = links(checks.into_iter().map(here));
            format!("**{}:** {checks}", outcome_word(outcome))
        };
        let outcomes: Vec<String> = by.into_iter().map(checks).collect();
        let _ = writeln!(out, "- {}\\\n  {}", line(&example.name), outcomes.join("; "));
    }
    if !examples.is_empty() {
        let count = counted(examples.len(), "example stands", "examples stand");
        let _ = write!(out, "\n{count} in the file; `levelmark policy test` runs them.\n");
    }
    out
}

const fn outcome_word(outcome: Expected) -> &'static str {
    match outcome {
        Expected::Pass => "pass",
        Expected::Fail => "fail",
        Expected::Unknown => "unknown",
        Expected::NotApplicable => "not applicable",
    }
}

/// A check of this page.
fn here(check: &str) -> String {
    format!("[{check}](#{check})")
}

fn links(of: impl Iterator<Item = String>) -> String {
    of.collect::<Vec<_>>().join(", ")
}
