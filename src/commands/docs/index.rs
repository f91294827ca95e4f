//! The pages that lead to the others, and their lines in the book's table of contents. Comes in: the
//! set, the catalogue, the relations. Goes out: Markdown. Not here: the pages of single policies.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::policy::compiled::{Policy, PolicySet};
use crate::policy::model::Competency;
use crate::policy::wording;
use crate::sections::{self, Section, catalogue::AREAS, page as words};

use super::cross::Cross;
use super::markup::{From, counted, line, table};

/// The heading above what stands at no level.
const CRITERIA: &str = "Without a level";

/// The file of a competency, named by the prefix of its criteria: no policy's id is without a hyphen.
pub(super) fn competency_page(policy: &Policy, set: &PolicySet) -> String {
    let prefix = set.model.competency(&policy.competency).map_or("", |competency| &competency.prefix);
    format!("{}.md", file(prefix))
}

/// The name of a policy's competency.
pub(super) fn competency_name<'s>(policy: &'s Policy, set: &'s PolicySet) -> &'s str {
    set.model.competency(&policy.competency).map_or(&policy.competency, |competency| &competency.name)
}

/// A model file may say anything.
fn file(prefix: &str) -> String {
    prefix.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// A competency with its policies by level, lowest first.
struct Chapter<'s> {
    competency: &'s Competency,
    levels: BTreeMap<Option<u16>, Vec<&'s Policy>>,
}

impl Chapter<'_> {
    fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.levels.values().flatten().copied()
    }
}

fn chapters<'s>(set: &'s PolicySet) -> Vec<Chapter<'s>> {
    let of = |competency: &'s Competency| {
        let mut levels: BTreeMap<Option<u16>, Vec<&Policy>> = BTreeMap::new();
        for policy in set.policies.iter().filter(|policy| policy.competency == competency.id) {
            levels.entry(policy.level).or_default().push(policy);
        }
        (!levels.is_empty()).then_some(Chapter { competency, levels })
    };
    set.model.competencies.iter().filter_map(of).collect()
}

/// `policy/index.md` and a page for each competency, by the name of the file.
pub(super) fn of_policies(set: &PolicySet) -> Vec<(String, String)> {
    let chapters = chapters(set);
    let checks: usize = set.policies.iter().map(|policy| policy.checks.len()).sum();
    let mut index = format!(
        "# Policies\n\n{} with {}. A policy is one criterion of the maturity model; a check is one claim in it that is \
         tested by itself. [How a verdict is reached](../verdict.md) says how they make a level.\n",
        counted(set.policies.len(), "policy", "policies"),
        counted(checks, "check", "checks")
    );
    let mut pages = Vec::new();
    for chapter in &chapters {
        let page = format!("{}.md", file(&chapter.competency.prefix));
        let count = counted(chapter.policies().count(), "policy", "policies");
        let _ = write!(index, "\n## {}\n\n[{count}]({page})\n\n", line(&chapter.competency.name));
        let rows = chapter.levels.iter().map(|(level, policies)| {
            let urgent = policies.iter().filter(|policy| policy.urgent).count();
            let checks: usize = policies.iter().map(|policy| policy.checks.len()).sum();
            vec![
                format!("[{}]({page}#{})", title(*level, set), anchor(*level)),
                policies.len().to_string(),
                urgent.to_string(),
                checks.to_string(),
            ]
        });
        index.push_str(&table(&["level", "policies", "urgent", "checks"], rows));
        pages.push((page, competency(chapter, set)));
    }
    pages.push(("index.md".to_owned(), index));
    pages
}

fn title(level: Option<u16>, set: &PolicySet) -> String {
    level.map_or_else(|| CRITERIA.to_owned(), |level| line(&wording::level(level, set)))
}

fn anchor(level: Option<u16>) -> String {
    level.map_or_else(|| "without-a-level".to_owned(), |level| format!("level-{level}"))
}

fn competency(chapter: &Chapter<'_>, set: &PolicySet) -> String {
    let competency = chapter.competency;
    let mut out = format!("# {}\n", line(&competency.name));
    if let Some(document) = set.model.documents.iter().find(|document| document.id == competency.document) {
        let newer = document.newer.as_ref().map_or_else(String::new, |newer| format!("; newer: {newer}"));
        let edition = line(&format!("edition {}{newer}", document.edition));
        let _ =
            write!(out, "\nFrom {} ({edition}).\n", super::markup::outside(&document.title, &document.url));
    }
    for (level, policies) in &chapter.levels {
        let heading = level.map_or_else(|| CRITERIA.to_owned(), |level| format!("Level {level}"));
        let _ = write!(out, "\n## {heading}\n\n");
        match level.map(|level| set.model.levels.get(&level)) {
            Some(Some(name)) => out.push_str(&format!("{}.\n\n", line(&name.name))),
            Some(None) => {}
            None if competency.levels.is_empty() => out.push_str("Decided as ready or gaps.\n\n"),
            None => out.push_str("Reported beside the levels; they hold none back.\n\n"),
        }
        for policy in policies {
            let urgent = if policy.urgent { ", **urgent**" } else { "" };
            let checks = counted(policy.checks.len(), "check", "checks");
            let _ = writeln!(
                out,
                "- {}: {} ({checks}{urgent})",
                From::Policies.policy(&policy.id),
                line(&policy.title)
            );
        }
    }
    out
}

/// `section/index.md`
pub(super) fn of_sections(cross: &Cross<'_>) -> String {
    let mut out = format!(
        "# Sections\n\n{} that a snapshot can hold, by area. [All in one table](../sections.md) has the requests and \
         permissions side by side; [Collecting](../collecting.md) says how to read them.\n",
        sections::all().count()
    );
    for area in &AREAS {
        let _ = write!(out, "\n## {}\n\n", area.name);
        let row = |section: &Section| {
            vec![
                From::Sections.section(section.id),
                line(section.about),
                words::kind(section).to_owned(),
                cross.policies(section).to_string(),
            ]
        };
        out.push_str(&table(&["section", "what it is", "kind", "policies"], area.sections.iter().map(row)));
    }
    out
}

/// The lines of the table of contents for the policies, below that of their index.
pub(super) fn contents_of_policies(set: &PolicySet) -> String {
    let mut out = String::new();
    for chapter in chapters(set) {
        let competency = chapter.competency;
        let _ = writeln!(out, "  - [{}](policy/{}.md)", line(&competency.name), file(&competency.prefix));
        for policy in chapter.policies() {
            let _ = writeln!(out, "    - [{0}: {1}](policy/{0}.md)", policy.id, line(&policy.title));
        }
    }
    out
}

/// The same for the sections.
pub(super) fn contents_of_sections() -> String {
    sections::all().fold(String::new(), |mut out, section| {
        let _ = writeln!(out, "  - [{0}](section/{0}.md)", section.id);
        out
    })
}
