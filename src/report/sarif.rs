//! SARIF 2.1.0, for GitHub code scanning and editors. Comes in: a report and where files lie. Goes out: a
//! log. Only fails are results, waived ones suppressed; an open question is no result. What could not be
//! read is one note per section. Not here: the shape (`sarif/shape.rs`).
//!
//! GitHub's limits and quirks (docs.github.com, "SARIF support for code scanning"): 25,000 results, tags
//! up to 20, descriptions up to 1024 characters; results without a location are refused; alerts are told
//! apart over runs by `partialFingerprints.primaryLocationLineHash` alone, and uploads of one tool by the
//! category in `automationDetails.id`.

mod shape;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::detail;
use super::escape;
use super::location::{self, Ground, Location};
use super::model::{Finding, Place, Report};
use super::words::{self, Weight, cropped};
use shape::{
    ArtifactLocation, AutomationDetails, Configuration, Driver, Fingerprints, Help, Invocation, Log,
    LogicalLocation, Message, Notification, PhysicalLocation, Properties, Region, Result, Rule, Run,
    SarifLocation, Suppression, Tool,
};

/// Most results that GitHub takes.
const MOST_RESULTS: usize = 25_000;
/// Longest description that GitHub takes, in characters.
const MOST_TEXT: usize = 1024;
/// Longest name that GitHub takes, in characters.
const MOST_NAME: usize = 255;
/// The rule of sections that could not be read.
const UNREAD: &str = "levelmark/unread-section";

/// The log.
pub(super) fn log(report: &Report, ground: &Ground) -> Log {
    let mut rules: Vec<Rule> = Vec::new();
    let mut results: Vec<Result> = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let suppressed = words::waived(report);
    let fails = words::fails(report).into_iter().map(|finding| (finding, None));
    for (finding, waiver) in fails.chain(suppressed.into_iter().map(|(finding, text)| (finding, Some(text))))
    {
        let index = rules.len();
        rules.push(rule(finding));
        let places: Vec<Option<&Place>> = match finding.evidence.shown.as_slice() {
            [] => vec![None],
            shown => shown.iter().map(Some).collect(),
        };
        for place in places {
            results.push(result(finding, place, index, ground, &mut seen, waiver.as_deref()));
        }
    }
    let unread = words::unread_sections(report);
    if !unread.is_empty() {
        let index = rules.len();
        rules.push(unread_rule());
        results.extend(unread.into_iter().map(|(id, text)| unread_result(id, &text, index, ground)));
    }
    let left_out = results.len().saturating_sub(MOST_RESULTS);
    results.truncate(MOST_RESULTS);
    Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: vec![Run {
            tool: Tool { driver: driver(report, rules) },
            automation_details: AutomationDetails { id: category(report) },
            invocations: vec![invocation(report, left_out)],
            // The columns of a report count characters.
            column_kind: "unicodeCodePoints",
            results,
        }],
    }
}

fn driver(report: &Report, rules: Vec<Rule>) -> Driver {
    Driver {
        name: "levelmark",
        semantic_version: report.tool.split(' ').nth(1).unwrap_or("0.0.0").to_owned(),
        rules,
    }
}

/// GitHub takes what stands before the last slash for the category: one per tenant, or the alerts of one
/// would close those of another.
fn category(report: &Report) -> String {
    let taken = report.evidence_time.format("%Y-%m-%dT%H:%M:%SZ");
    match report.snapshot.tenant.id.as_str() {
        "" => format!("levelmark/{taken}"),
        id => format!("levelmark/{}/{taken}", escape::terminal(id)),
    }
}

fn invocation(report: &Report, left_out: usize) -> Invocation {
    let mut notifications = Vec::new();
    let mut tell = |text: String| notifications.push(Notification { level: "note", message: message(&text) });
    words::redacted(report).into_iter().for_each(&mut tell);
    match words::not_asked(report) {
        0 => {}
        count => tell(format!("{count} sections that policies read are not in the snapshot")),
    }
    if left_out > 0 {
        tell(format!("{left_out} results more than the {MOST_RESULTS} that GitHub takes are left out"));
    }
    report.notes.iter().for_each(|note| tell(note.clone()));
    Invocation {
        execution_successful: true,
        exit_code: report.gate.exit,
        exit_code_description: format!("gate: {}", words::gate(report.gate.result)),
        tool_execution_notifications: notifications,
    }
}

const fn level(weight: Weight) -> &'static str {
    match weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Notice => "note",
    }
}

fn message(text: &str) -> Message {
    Message { text: cropped(&escape::sarif(text), MOST_TEXT) }
}

/// A text that may not be empty.
fn described(text: &str, else_this: &str) -> Message {
    message(if text.is_empty() { else_this } else { text })
}

fn rule(finding: &Finding) -> Rule {
    let id = words::id(finding);
    let weight = words::weight(finding);
    let mut tags = vec![finding.competency.clone()];
    tags.extend(finding.level.map(|level| format!("level-{level}")));
    tags.extend(finding.gates.map(|level| format!("gates-{level}")));
    for (applies, tag) in [(finding.urgent, "urgent"), (finding.symptom, "symptom")] {
        if applies {
            tags.push(tag.to_owned());
        }
    }
    let lines = |escape: fn(&str) -> String, strong: &str| {
        let mut text = escape(&finding.claim);
        for (head, body) in [("Why", &finding.why), ("Fix", &finding.fix)] {
            if !body.is_empty() {
                text.push_str(&format!("\n\n{strong}{head}:{strong} {}", escape(body)));
            }
        }
        format!("{text}\n\nlevelmark explain {}", escape(&finding.policy))
    };
    Rule {
        name: cropped(&escape::terminal(&finding.title), MOST_NAME),
        short_description: described(&finding.claim, &id),
        full_description: described(&finding.title, &id),
        help: Help { text: lines(escape::sarif, ""), markdown: lines(escape::markdown, "**") },
        default_configuration: Configuration { level: level(weight) },
        properties: Properties { tags, severity: severity(weight) },
        id,
    }
}

/// GitHub's `problem.severity`. A CVSS-like `security-severity` would be made up.
const fn severity(weight: Weight) -> &'static str {
    match weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Notice => "recommendation",
    }
}

fn unread_rule() -> Rule {
    let text = "A section could not be read, so what it would prove or disprove is unknown.";
    Rule {
        id: UNREAD.to_owned(),
        name: "Section that could not be read".to_owned(),
        short_description: message(text),
        full_description: message(text),
        help: Help { text: text.to_owned(), markdown: text.to_owned() },
        default_configuration: Configuration { level: "note" },
        properties: Properties { tags: vec!["evidence".to_owned()], severity: "recommendation" },
    }
}

fn result(
    finding: &Finding,
    place: Option<&Place>,
    rule_index: usize,
    ground: &Ground,
    seen: &mut BTreeMap<String, usize>,
    waiver: Option<&str>,
) -> Result {
    let id = words::id(finding);
    let identity = place.map_or_else(|| id.clone(), |place| detail::identity(&id, place));
    let occurrence = seen.entry(identity.clone()).or_default();
    *occurrence += 1;
    let name = place.and_then(|place| place.name.as_deref());
    let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
    Result {
        rule_id: id,
        rule_index,
        level: level(words::weight(finding)),
        message: message(&format!("{}: {}{name}", finding.claim, finding.reason)),
        locations: vec![at(&ground.of(finding, place), place)],
        partial_fingerprints: Fingerprints::of(fingerprint(&identity, *occurrence)),
        suppressions: waiver
            .map(|text| Suppression {
                kind: "external",
                status: "accepted",
                justification: escape::terminal(text).into_owned(),
            })
            .into_iter()
            .collect(),
    }
}

fn unread_result(id: &str, text: &str, rule_index: usize, ground: &Ground) -> Result {
    Result {
        rule_id: UNREAD.to_owned(),
        rule_index,
        level: "note",
        message: message(text),
        locations: vec![at(&ground.of_section(), None)],
        partial_fingerprints: Fingerprints::of(fingerprint(&format!("{UNREAD}\0{id}"), 1)),
        suppressions: Vec::new(),
    }
}

/// Digest and occurrence, in the form that GitHub's own `primaryLocationLineHash` has.
fn fingerprint(identity: &str, occurrence: usize) -> String {
    let digest = Sha256::digest(identity.as_bytes());
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}:{occurrence}")
}

fn at(location: &Location, place: Option<&Place>) -> SarifLocation {
    let logical = place.map(|place| LogicalLocation {
        kind: "object",
        fully_qualified_name: escape::terminal(&format!("{}{}", place.section, place.pointer)).into_owned(),
    });
    SarifLocation {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: location::uri(&location.path) },
            region: location.region.map(|region| Region {
                start_line: region.line.max(1),
                start_column: region.column.max(1),
                end_line: region.end.map(|end| end.0.max(1)),
                end_column: region.end.map(|end| end.1.max(1)),
            }),
        },
        logical_locations: logical.into_iter().collect(),
    }
}
