//! What a proposal would change in what is judged by. Comes in: what counts in the base branch and in the
//! proposal, and the two reports. Goes out: Markdown, in words. Not here: deciding anything; the gate has
//! been decided by the base branch.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use super::git::Change;
use super::said::Said;
use crate::commands::{configuration, inputs};
use crate::config::{AnswerKind, Attestations, Config, Target, WaiverKind};
use crate::report::escape::{markdown, markdown_code};
use crate::report::model::{Competency, Report, Verdict};
use crate::report::{gate_word, outcome_word, readiness_word};
use crate::run::Result;

/// Most lines of each list.
const MOST: usize = 30;

/// What a proposal would change.
#[derive(Debug)]
pub(super) struct Changes {
    /// Files that differ.
    pub files: Vec<(Change, String)>,
    /// What that means, one sentence each, as Markdown.
    pub words: Vec<String>,
    /// What would come out by the proposal's own; None where nothing differs or it is invalid.
    pub own: Option<Report>,
    /// Why its own can't be read, in words that may be shown.
    pub invalid: Option<String>,
}

/// What somebody says, read.
#[derive(Debug, Default)]
pub(super) struct Statement {
    config: Config,
    answers: BTreeMap<String, String>,
}

impl Statement {
    /// Reads configuration and answers.
    ///
    /// # Errors
    /// Mistakes in them.
    pub(super) fn of(said: &Said) -> Result<Self> {
        let config = said.config.as_deref().map(configuration::read).transpose()?.unwrap_or_default();
        let answers = said.answers.as_deref().map(answers).transpose()?.unwrap_or_default();
        Ok(Self { config, answers })
    }
}

/// Each answer by all that it says, with the words for it.
fn answers(path: &Path) -> Result<BTreeMap<String, String>> {
    let file = Attestations::read(&path.display().to_string(), &inputs::bytes(path)?)?;
    let said = |answer: &crate::config::Answer| {
        let kind = match answer.answer {
            AnswerKind::Yes => "yes",
            AnswerKind::Partly => "partly",
            AnswerKind::No => "no",
            AnswerKind::NotApplicable => "not applicable",
        };
        let words = format!("{kind} to {}", code(&answer.check.to_string()));
        let whole = crate::config::Answer { at: 0..0, ..answer.clone() };
        (format!("{whole:?}"), words)
    };
    Ok(file.answers.iter().map(said).collect())
}

/// What differs between two statements, as sentences in Markdown.
pub(super) fn words(base: &Statement, own: &Statement) -> Vec<String> {
    let mut words = targets(&base.config.targets, &own.config.targets);
    let (before, after) = (waivers(&base.config), waivers(&own.config));
    words.extend(only_in(&after, &before).map(|words| format!("adds a waiver: {words}")));
    words.extend(only_in(&before, &after).map(|words| format!("takes a waiver away: {words}")));
    words.extend(params(&base.config, &own.config));
    words.extend(only_in(&own.answers, &base.answers).map(|words| format!("adds an answer: {words}")));
    words.extend(only_in(&base.answers, &own.answers).map(|words| format!("takes an answer away: {words}")));
    words
}

fn only_in<'a>(
    these: &'a BTreeMap<String, String>,
    those: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = &'a String> {
    these.iter().filter(|(key, _)| !those.contains_key(*key)).map(|(_, words)| words)
}

/// Each waiver by all that it says, with the words for it: never its reason or people.
fn waivers(config: &Config) -> BTreeMap<String, String> {
    let said = |waiver: &crate::config::Waiver| {
        let kind = match waiver.kind {
            WaiverKind::AcceptedRisk => "accepted risk",
            WaiverKind::Compensating => "compensating",
        };
        let check = code(&waiver.check.to_string());
        let words = format!("{check}, {kind}, until {}", waiver.expires.date_naive());
        let whole = crate::config::Waiver { at: 0..0, ..waiver.clone() };
        (format!("{whole:?}"), words)
    };
    config.waivers.iter().map(said).collect()
}

fn targets(base: &BTreeMap<String, Target>, own: &BTreeMap<String, Target>) -> Vec<String> {
    let level = |target: Option<&Target>| match target {
        None => "none".to_owned(),
        Some(Target { level, by: None }) => level.to_string(),
        Some(Target { level, by: Some(by) }) => format!("{level} from {by} on"),
    };
    let ids: BTreeSet<&String> = base.keys().chain(own.keys()).collect();
    let changed = ids.into_iter().filter(|id| base.get(*id) != own.get(*id));
    changed
        .map(|id| {
            format!("target of {}: {} instead of {}", code(id), level(own.get(id)), level(base.get(id)))
        })
        .collect()
}

/// Names alone: values are the tenant's.
fn params(base: &Config, own: &Config) -> Vec<String> {
    let value = |config: &Config, name: &str| config.params.get(name).map(|given| given.value.clone());
    let names: BTreeSet<&String> = base.params.keys().chain(own.params.keys()).collect();
    let changed = names.into_iter().filter(|name| value(base, name) != value(own, name));
    let word = |name: &str| match (base.params.contains_key(name), own.params.contains_key(name)) {
        (false, _) => "declares",
        (true, false) => "no longer declares",
        (true, true) => "changes",
    };
    changed.map(|name| format!("{} the parameter {}", word(name), code(name))).collect()
}

impl Changes {
    /// As a part of a page; `base` is the report that decided.
    pub(super) fn markdown(&self, base: &Report) -> String {
        if self.files.is_empty() {
            return "\nConfiguration, waivers, answers and policies are those of the base branch.\n"
                .to_owned();
        }
        let mut text = "\n### What this branch would change\n\nIt was judged by the base branch. Once merged, this would count \
                        instead:\n\n"
            .to_owned();
        let file = |(change, path): &(Change, String)| {
            let word = match change {
                Change::Added => "new",
                Change::Removed => "removed",
                Change::Changed => "changed",
            };
            format!("{}: {word}", code(path))
        };
        list(&mut text, self.files.iter().map(file));
        list(&mut text, self.words.iter().cloned());
        if let Some(why) = &self.invalid {
            let _ = writeln!(
                text,
                "\n**It can't be read, so the check would fail from then on:** {}",
                markdown(why)
            );
        }
        if let Some(own) = &self.own {
            text.push_str(&compared(base, own));
        }
        text
    }
}

fn list(text: &mut String, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    for line in lines.iter().take(MOST) {
        let _ = writeln!(text, "- {line}");
    }
    if lines.len() > MOST {
        let _ = writeln!(text, "- and {} more", lines.len() - MOST);
    }
}

/// What would come out.
fn compared(base: &Report, own: &Report) -> String {
    let mut text = format!("\nThe gate would be **{}**", gate_word(own.gate.result));
    let _ = match base.gate.result == own.gate.result {
        true => writeln!(text, ", as it is."),
        false => writeln!(text, " instead of {}.", gate_word(base.gate.result)),
    };
    let rows: Vec<String> = own
        .competencies
        .iter()
        .filter_map(|after| {
            let before = base.competencies.iter().find(|before| before.id == after.id);
            let (before, now) = (before.map_or_else(|| "-".to_owned(), standing), standing(after));
            (before != now).then(|| format!("| {} | {before} | {now} |\n", markdown(&after.name)))
        })
        .collect();
    if !rows.is_empty() {
        text.push_str("\n| competency | by the base branch | by this branch |\n|---|---|---|\n");
        text.extend(rows);
    }
    let outcome = |report: &Report| -> BTreeMap<String, String> {
        let of = |finding: &crate::report::model::Finding| {
            let waived = if finding.waived.is_some() { ", waived" } else { "" };
            (
                format!("{}/{}", finding.policy, finding.check),
                outcome_word(finding.outcome).to_owned() + waived,
            )
        };
        report.findings.iter().map(of).collect()
    };
    let (before, now) = (outcome(base), outcome(own));
    let ids: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let none = "not checked".to_owned();
    let differs = ids.into_iter().filter(|id| before.get(*id) != now.get(*id)).map(|id| {
        let [before, now] = [&before, &now].map(|outcomes| outcomes.get(id).unwrap_or(&none));
        format!("{}: {now} instead of {before}", code(id))
    });
    let differs: Vec<String> = differs.collect();
    if !differs.is_empty() {
        text.push('\n');
        list(&mut text, differs.into_iter());
    }
    text
}

fn standing(competency: &Competency) -> String {
    let gate = competency.gate.map(|gate| format!(", for the gate {} to {}", gate.proven, gate.possible));
    match &competency.verdict {
        Some(Verdict::Level { proven, possible, target, .. }) => {
            let target = target.map(|level| format!(", target {level}")).unwrap_or_default();
            format!("{proven} to {possible}{target}{}", gate.unwrap_or_default())
        }
        Some(Verdict::Readiness(readiness)) => readiness_word(*readiness).to_owned(),
        None => "-".to_owned(),
    }
}

/// Short enough that a page has room for the report.
fn code(text: &str) -> String {
    let short: String = text.chars().take(200).collect();
    markdown_code(&short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(config: &str) -> Statement {
        Statement {
            config: Config::read("levelmark.yaml", config.as_bytes()).unwrap(),
            ..Statement::default()
        }
    }

    const WAIVER: &str = "waivers:\n- check: INF-400-G2/no-stale-report-only\n  kind: accepted-risk\n  accepts: { count: 1 }\n  \
                          reason: Contoso's secret reason\n  owner: Alex Miller\n  approved_by: Kim Okafor <kim@contoso.com>\n  on: \
                          2026-01-01\n  expires: 2026-12-31\n";

    #[test]
    fn what_differs_is_said_without_what_is_the_tenants() {
        let base = statement(
            "targets: { infrastructure: 300, staff-and-training: 200 }\nparams: { break_glass: [a] }\n",
        );
        let own = statement(&format!(
            "targets: {{ infrastructure: {{ level: 200, by: 2027-01-01 }} }}\nparams: {{ break_glass: [Contoso], watchlist: [x] }}\n{WAIVER}"
        ));
        let text = words(&base, &own).join("\n");
        for part in [
            "target of `infrastructure`: 200 from 2027-01-01 on instead of 300",
            "target of `staff-and-training`: none instead of 200",
            "adds a waiver: `INF-400-G2/no-stale-report-only`, accepted risk, until 2026-12-31",
            "changes the parameter `break_glass`",
            "declares the parameter `watchlist`",
        ] {
            assert!(text.contains(part), "{part} in:\n{text}");
        }
        assert!(!text.to_lowercase().contains("contoso") && !text.contains("Alex"), "{text}");
        let back = words(&own, &base).join("\n");
        assert!(back.contains("takes a waiver away: `INF-400-G2/"), "{back}");
        assert!(words(&own, &own).is_empty());
    }
}
