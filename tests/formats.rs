//! Every format on typical, empty, blind and hostile reports, at every detail: it parses, it fits its
//! schema, it steers nobody, and at lower details nothing of the tenant is in it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "formats/jenkins.rs"]
mod jenkins;
#[path = "formats/junit.rs"]
mod junit;
mod program;
mod tenant_texts;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use levelmark::report::detail::{self, Detail};
use levelmark::report::format::{self, Look, ReportFormat};
use levelmark::report::location::Ground;
use levelmark::report::model::Report;
use levelmark::report::text::{Style, Volume};
use levelmark::report::{markdown, schema};
use program::run;
use serde_json::Value;
use tenant_texts::leaks;

const TENANTS: [&str; 4] = ["contoso", "out-of-the-box", "no-permissions", "hostile"];
const DETAILS: [Detail; 3] = [Detail::Full, Detail::Place, Detail::Summary];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn result(arguments: &[&str]) -> Report {
    let run =
        run(root(), &[&["check", "--today", "2026-11-21", "--format", "json"], arguments].concat(), b"");
    assert_eq!((run.stderr.as_str(), run.code == 2), ("", false));
    serde_json::from_str(&run.stdout).unwrap()
}

/// The report of each tenant, and one of a snapshot in which nothing is.
fn reports() -> &'static [(String, Report)] {
    static REPORTS: OnceLock<Vec<(String, Report)>> = OnceLock::new();
    REPORTS.get_or_init(|| {
        let of = |name: &str| (name.to_owned(), result(&[&format!("fixtures/tenants/{name}")]));
        let mut reports: Vec<(String, Report)> = TENANTS.into_iter().map(of).collect();
        let nothing = ["--no-snapshot", "--tenant", "00000000-0000-4000-8000-000000000001"];
        reports.push(("nothing".to_owned(), result(&nothing)));
        reports
    })
}

fn of(name: &str) -> &'static Report {
    &reports().iter().find(|(tenant, _)| tenant == name).unwrap().1
}

fn ground() -> Ground {
    Ground { root: Some(root().to_owned()), here: root().to_owned(), ..Ground::default() }
}

fn render(report: &Report, format: ReportFormat, detail: Option<Detail>) -> String {
    let style = Style { color: false, unicode: true, width: 100, volume: Volume::Verbose };
    format::render(
        report,
        format,
        Look {
            style,
            detail,
            ground: &ground(),
            page: &levelmark::report::html::Options::default(),
            most: markdown::COMMENT,
        },
    )
    .unwrap()
}

/// Whether a character may reach a terminal, or a file that people open.
fn harmless(c: char) -> bool {
    let turns_or_hides = matches!(u32::from(c),
        0x00AD | 0x061C | 0x115F | 0x1160 | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E
        | 0x2060..=0x206F | 0x3164 | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF);
    c == '\n' || !(c.is_control() || turns_or_hides)
}

fn schema_of(file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(root().join(file)).unwrap()).unwrap()
}

#[test]
fn every_format_is_well_formed() {
    let mut sarif = schema_of("tests/schemas/sarif-2.1.0.json");
    // Two patterns of the official schema are regular expressions to JavaScript alone (a lone `]`).
    for definition in ["run", "toolComponent"] {
        sarif["definitions"][definition]["properties"]["language"]["pattern"] = Value::from("");
    }
    let sarif = jsonschema::validator_for(&sarif).unwrap();
    let json = jsonschema::validator_for(&schema::report()).unwrap();
    for (tenant, report) in reports() {
        for (format, detail) in ReportFormat::ALL.iter().flat_map(|f| DETAILS.map(|detail| (*f, detail))) {
            let text = render(report, format, Some(detail));
            let what = format!("{tenant} as {format:?} at {detail:?}");
            let bad: Vec<char> = text.chars().filter(|c| !harmless(*c)).collect();
            assert!(bad.is_empty() && text.ends_with('\n'), "{what}: {bad:?}");
            match format {
                ReportFormat::Json => valid(&json, &text, &what),
                ReportFormat::Sarif => {
                    valid(&sarif, &text, &what);
                    fits_github(&text, &what);
                }
                ReportFormat::Junit => junit::check(&text, &what),
                ReportFormat::Csv => no_formula(&text, &what),
                ReportFormat::Github => only_our_commands(&text, &what),
                ReportFormat::Markdown => assert!(text.len() <= markdown::COMMENT, "{what}: {}", text.len()),
                ReportFormat::Text | ReportFormat::Html => {}
            }
        }
    }
}

fn valid(schema: &jsonschema::Validator, text: &str, what: &str) {
    let value: Value = serde_json::from_str(text).unwrap();
    let errors: Vec<String> =
        schema.iter_errors(&value).take(3).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

fn fits_github(text: &str, what: &str) {
    let log: Value = serde_json::from_str(text).unwrap();
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 20, "{what}");
    }
    let mut prints = BTreeSet::new();
    for result in run["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"], "{what}");
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.is_empty() && !uri.starts_with('/') && !uri.contains(['\\', ' ', ':']), "{what}: {uri}");
        assert!(prints.insert(result["partialFingerprints"]["levelmark/v1"].to_string()), "{what}: {result}");
    }
}

fn no_formula(text: &str, what: &str) {
    let mut table = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    for row in table.records() {
        for cell in &row.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{what}: {cell}");
        }
    }
}

fn only_our_commands(text: &str, what: &str) {
    let mut counts = [0; 3];
    for line in text.lines() {
        let kinds = ["::error file=", "::warning file=", "::notice file="];
        match kinds.iter().position(|kind| line.starts_with(kind)) {
            Some(kind) => counts[kind] += 1,
            None => assert!(line.starts_with("levelmark: "), "{what}: {line}"),
        }
        assert!(!line.contains("##["), "{what}: {line}");
    }
    assert!(counts.iter().all(|count| *count <= 10), "{what}: {counts:?}");
}

#[test]
fn nothing_of_the_tenant_is_in_lower_details() {
    for tenant in ["contoso", "hostile"] {
        let full = render(of(tenant), ReportFormat::Json, Some(Detail::Full));
        assert!(!leaks(tenant, &full).is_empty(), "the search finds what is there");
        for detail in [Detail::Place, Detail::Summary] {
            let mut all = serde_json::to_string(&detail::at(of(tenant), detail)).unwrap();
            for format in ReportFormat::ALL {
                all += &render(of(tenant), format, Some(detail));
            }
            let leaks = leaks(tenant, &all);
            assert!(leaks.is_empty(), "{tenant} at {detail:?}: {leaks:#?}");
            assert!(!all.contains("@contoso"), "{tenant} at {detail:?}");
        }
    }
}

#[test]
fn formats_for_github_show_places_by_default() {
    let places = [ReportFormat::Sarif, ReportFormat::Markdown, ReportFormat::Github];
    for format in ReportFormat::ALL.into_iter().filter(|format| *format != ReportFormat::Html) {
        let wanted = if places.contains(&format) { Detail::Place } else { Detail::Full };
        let report = of("contoso");
        assert_eq!(render(report, format, None), render(report, format, Some(wanted)), "{format:?}");
    }
}

fn fingerprints(report: &Report, detail: Detail) -> BTreeSet<String> {
    let log: Value = serde_json::from_str(&render(report, ReportFormat::Sarif, Some(detail))).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    results.iter().map(|result| result["partialFingerprints"]["levelmark/v1"].to_string()).collect()
}

#[test]
fn fingerprints_stay_when_lines_and_items_shift() {
    let report = of("contoso");
    let before = fingerprints(report, Detail::Full);
    assert_eq!(before, fingerprints(report, Detail::Place), "the detail does not matter");
    let mut moved = report.clone();
    for place in moved.findings.iter_mut().flat_map(|finding| &mut finding.evidence.shown) {
        (place.line, place.start, place.end) = (place.line + 7, place.start + 99, place.end + 99);
        if place.key.is_some() {
            let inside = place.pointer[1..].split_once('/').map(|(_, inside)| format!("/{inside}"));
            place.pointer = format!("/4711{}", inside.unwrap_or_default());
        }
    }
    assert_eq!(before, fingerprints(&moved, Detail::Place));
}

#[test]
fn waived_fails_are_suppressed_and_open_questions_are_no_results() {
    let report = of("contoso");
    let log: Value = serde_json::from_str(&render(report, ReportFormat::Sarif, None)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let fails: BTreeSet<String> = report
        .findings
        .iter()
        .filter(|found| found.outcome == levelmark::engine::finding::Outcome::Fail)
        .map(|found| format!("{}/{}", found.policy, found.check))
        .collect();
    let rules = |wanted: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
        let chosen = results.iter().filter(|result| result["ruleId"] != "levelmark/unread-section");
        chosen
            .filter(|result| wanted(result))
            .map(|result| result["ruleId"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(rules(&|_| true), fails);
    let waived: BTreeSet<String> = report
        .findings
        .iter()
        .filter(|found| found.waived.is_some())
        .map(|found| format!("{}/{}", found.policy, found.check))
        .collect();
    assert!(!waived.is_empty());
    assert_eq!(rules(&|result| !result["suppressions"].is_null()), waived);
}

#[test]
fn a_section_that_could_not_be_read_is_one_note() {
    let log: Value = serde_json::from_str(&render(of("no-permissions"), ReportFormat::Sarif, None)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let notes: Vec<&Value> =
        results.iter().filter(|result| result["ruleId"] == "levelmark/unread-section").collect();
    let unread = of("no-permissions").sections.values().filter(|section| {
        use levelmark::snapshot::record::State;
        !matches!(section.state, State::Read | State::NotAsked) && !section.policies.is_empty()
    });
    assert_eq!(notes.len(), unread.count());
    assert!(!notes.is_empty() && notes.iter().all(|note| note["level"] == "note"));
}

#[test]
fn places_outside_of_the_repository_are_told_by_the_policy() {
    let style = Style { color: false, unicode: true, width: 100, volume: Volume::Normal };
    let uris = |ground: &Ground| -> BTreeSet<String> {
        let look = Look {
            style,
            detail: None,
            ground,
            page: &levelmark::report::html::Options::default(),
            most: markdown::COMMENT,
        };
        let log: Value =
            serde_json::from_str(&format::render(of("contoso"), ReportFormat::Sarif, look).unwrap()).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        let uri =
            |result: &Value| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone();
        results.iter().map(|result| uri(result).as_str().unwrap().to_owned()).collect()
    };
    let nowhere = uris(&Ground::default());
    assert!(nowhere.contains("policies/infrastructure/200/INF-200-P5.yaml"), "{nowhere:?}");
    assert!(nowhere.iter().all(|uri| root().join(uri).exists()), "{nowhere:?}");
    let elsewhere = Ground {
        root: Some(PathBuf::from("/repo")),
        here: PathBuf::from("/repo/x"),
        config: Some(PathBuf::from("../contoso/levelmark.yaml")),
        ..Ground::default()
    };
    let in_repo = Ground { here: PathBuf::from("/elsewhere"), ..elsewhere.clone() };
    assert!(uris(&in_repo).contains("policies/infrastructure/200/INF-200-P5.yaml"));
    let mut report_elsewhere = uris(&elsewhere);
    report_elsewhere.retain(|uri| !uri.starts_with("x/fixtures/"));
    assert_eq!(report_elsewhere, BTreeSet::from(["contoso/levelmark.yaml".to_owned()]));
}

#[test]
fn markdown_counts_what_does_not_fit() {
    let style = Style { color: false, unicode: true, width: 100, volume: Volume::Normal };
    for most in [0, 4_000, 10_000, 1 << 20] {
        let look = Look {
            style,
            detail: Some(Detail::Full),
            ground: &ground(),
            page: &levelmark::report::html::Options::default(),
            most,
        };
        let text = format::render(of("hostile"), ReportFormat::Markdown, look).unwrap();
        assert!(text.len() <= most.max(3_000), "{most}: {}", text.len());
        assert_eq!(text.contains("more\n"), most < 1 << 20, "{most}");
    }
}

/// What people read, under review.
#[test]
fn texts_under_review() {
    let report = of("contoso");
    let style = Style { color: false, unicode: true, width: 100, volume: Volume::Normal };
    let look = Look {
        style,
        detail: None,
        ground: &ground(),
        page: &levelmark::report::html::Options::default(),
        most: 8_000,
    };
    insta::assert_snapshot!("markdown", format::render(report, ReportFormat::Markdown, look).unwrap());
    insta::assert_snapshot!("github", render(report, ReportFormat::Github, None));
    let head = |text: &str, lines: usize| text.lines().take(lines).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!("csv", head(&render(report, ReportFormat::Csv, None), 6));
    let failures = |text: &str| -> String {
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| line.contains("<failure")).unwrap();
        lines[..14].iter().chain(&lines[at..at + 5]).map(|line| format!("{line}\n")).collect()
    };
    insta::assert_snapshot!("junit", failures(&render(report, ReportFormat::Junit, None)));
    let log: Value = serde_json::from_str(&render(report, ReportFormat::Sarif, None)).unwrap();
    let run = &log["runs"][0];
    insta::assert_json_snapshot!(
        "sarif",
        serde_json::json!({
            "rule": run["tool"]["driver"]["rules"][0],
            "result": run["results"][0],
            "invocations": run["invocations"],
            "automationDetails": run["automationDetails"],
        })
    );
}
