//! Results of a Maester run. Comes in: its JSON. Goes out: `registers.toolResults`, one entry per test.
//! Not here: what a result means for a check (`policies`).
//!
//! Maester's own words are not taken at face value: a test that was skipped, never ran, broke or asks
//! for a look is none that passed, and one that failed before it looked at anything did not fail.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::harvest::{Harvest, record, tenant_id};
use super::kind::{Kind, kind_of};
use super::text::parse;
use super::values::{rfc3339, time};
use super::{ImportError, Imported, Options};
use crate::sections::Via;
use crate::snapshot::record::{Cloud, SectionRecord, State, Tenant};

/// The section that is filled.
const SECTION: &str = "registers.toolResults";
/// How entries name the tool.
const TOOL: &str = "maester";
/// Levels of severity, as the section names them.
const SEVERITIES: [&str; 5] = ["info", "low", "medium", "high", "critical"];

/// What became of a test; of several runs of one test the last in this order counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Passed,
    Skipped,
    NotRun,
    Investigate,
    Error,
    Failed,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Skipped => "skipped",
            Outcome::NotRun => "notRun",
            Outcome::Investigate => "investigate",
            Outcome::Error => "error",
            Outcome::Failed => "failed",
        }
    }

    /// None = a word that Maester has not used so far.
    fn of(test: &Value) -> Option<Self> {
        let result = test.get("Result").and_then(Value::as_str)?;
        let detail = |name: &str| test.get("ResultDetail").and_then(|detail| detail.get(name));
        let skipped = detail("TestSkipped").and_then(Value::as_str).is_some_and(|why| !why.is_empty());
        Some(match result.to_ascii_lowercase().as_str() {
            "passed" | "failed" | "investigate" if skipped => Outcome::Skipped,
            "passed" => Outcome::Passed,
            // A test that fails by what it found says what it expected; one whose preparation broke
            // has nothing to say.
            "failed" if !has_record(test) => Outcome::Error,
            "failed" => Outcome::Failed,
            "skipped" => Outcome::Skipped,
            "notrun" => Outcome::NotRun,
            "inconclusive" | "investigate" => Outcome::Investigate,
            "error" => Outcome::Error,
            _ => return None,
        })
    }
}

fn has_record(test: &Value) -> bool {
    match test.get("ErrorRecord") {
        Some(Value::Array(records)) => !records.is_empty(),
        Some(Value::Object(record)) => !record.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_)) | None => false,
    }
}

/// Imports the results of a Maester run.
///
/// `name` is what messages and sources show. Tenant and time come from the results; `options` supplies
/// what they lack.
///
/// # Errors
/// Unreadable, not JSON, another kind of file, another tenant than `options` names, no tenant, no time.
pub fn maester(bytes: &[u8], name: &str, options: &Options) -> Result<Imported, ImportError> {
    let value = parse(bytes, name)?;
    let kind = kind_of(&value);
    if kind != Kind::Maester {
        return Err(kind.refused(name, "a Maester test result"));
    }
    let text = |member: &str| value.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    let tenant = Tenant {
        id: tenant_id(text("TenantId"), options, name)?,
        display_name: text("TenantName").map(str::to_owned),
        default_domain: None,
        cloud: Cloud::Global,
    };
    let at = text("ExecutedAt").and_then(time).or(options.at);
    let at = at.ok_or_else(|| ImportError::NoTime { name: name.into(), why: String::new() })?;

    let mut tests: BTreeMap<String, (Outcome, Map<String, Value>)> = BTreeMap::new();
    let mut unread: Vec<String> = Vec::new();
    for test in value.get("Tests").and_then(Value::as_array).into_iter().flatten() {
        let Some(id) = test_id(test) else {
            unread.push("a test without an id".into());
            continue;
        };
        let Some(outcome) = Outcome::of(test) else {
            unread.push(id);
            continue;
        };
        let entry = || (outcome, entry(test, &id));
        let known = tests.entry(id.clone()).or_insert_with(entry);
        if outcome > known.0 {
            known.0 = outcome;
        }
    }
    let total = tests.len();
    let items: Vec<Value> = tests
        .into_values()
        .map(|(outcome, mut entry)| {
            entry.insert("result".into(), json!(outcome.word()));
            entry.insert("at".into(), json!(rfc3339(at)));
            Value::Object(entry)
        })
        .collect();

    let mut harvest = Harvest::new(Via::Import);
    let version = text("CurrentVersion").unwrap_or("of unknown version");
    let source = Some(format!("Maester {version}, {name}"));
    harvest.put(SECTION, items, SectionRecord { source, ..record(State::Read) });
    if !unread.is_empty() {
        unread.dedup();
        harvest.notes.push(format!("not taken, since their result is not understood: {}", unread.join(", ")));
    }
    if total == 0 {
        harvest.notes.push("the run has no tests".into());
    }
    Ok(harvest.finish(tenant, at))
}

/// Newer results have the id apart, older ones only before the name.
fn test_id(test: &Value) -> Option<String> {
    let text = |member: &str| test.get(member).and_then(Value::as_str).map(str::trim);
    let id = text("Id").filter(|id| !id.is_empty()).or_else(|| {
        let (id, _) = text("Name")?.split_once(": ")?;
        (!id.contains(' ')).then_some(id)
    })?;
    Some(id.to_owned())
}

fn entry(test: &Value, id: &str) -> Map<String, Value> {
    let text = |value: Option<&Value>| {
        value.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let title = text(test.get("Title")).or_else(|| {
        let name = text(test.get("Name"))?;
        Some(name.strip_prefix(&format!("{id}: ")).unwrap_or(&name).to_owned())
    });
    let detail = test.get("ResultDetail").and_then(|detail| detail.get("Severity"));
    let severity = text(test.get("Severity")).or_else(|| text(detail));
    let severity = severity.map(|severity| severity.to_ascii_lowercase());
    let mut entry = Map::from_iter([
        ("id".to_owned(), json!(format!("{TOOL}/{id}"))),
        ("tool".to_owned(), json!(TOOL)),
        ("testId".to_owned(), json!(id)),
    ]);
    for (name, value) in [
        ("title", title),
        ("severity", severity.filter(|severity| SEVERITIES.contains(&severity.as_str()))),
        ("url", text(test.get("HelpUrl"))),
    ] {
        entry.insert(name.into(), value.map_or(Value::Null, Value::String));
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(value: &Value) -> Result<Imported, ImportError> {
        maester(value.to_string().as_bytes(), "run.json", &Options::default())
    }

    fn run(tests: &Value) -> Value {
        json!({
            "TenantId": "AAAAAAAA-0000-4000-8000-000000000001", "TenantName": "Fabrikam", "TotalCount": 9,
            "ExecutedAt": "2026-04-30T08:29:07.071475+10:00", "CurrentVersion": "1.0.0", "Tests": tests,
        })
    }

    fn results(imported: &Imported) -> Vec<(&str, &str)> {
        let items = imported.draft.data[SECTION].iter();
        items.map(|item| (item["testId"].as_str().unwrap(), item["result"].as_str().unwrap())).collect()
    }

    #[test]
    fn only_what_passed_passed() {
        let detail = json!({"TestSkipped": "NotLicensed"});
        let said = json!(["expected true"]);
        let imported = import(&run(&json!([
            {"Id": "A", "Result": "Passed"},
            {"Id": "B", "Result": "Failed", "ErrorRecord": said},
            {"Id": "C", "Result": "Failed", "ErrorRecord": [], "ResultDetail": null},
            {"Id": "D", "Result": "Skipped"},
            {"Id": "E", "Result": "Passed", "ResultDetail": detail},
            {"Id": "F", "Result": "NotRun"},
            {"Id": "G", "Result": "Error"},
            {"Id": "H", "Result": "Investigate"},
            {"Id": "I", "Result": "Splendid"},
            {"Name": "J.1: An older test", "Result": "Passed"},
            {"Result": "Passed"},
        ])))
        .unwrap();
        assert_eq!(
            results(&imported),
            [
                ("A", "passed"),
                ("B", "failed"),
                ("C", "error"),
                ("D", "skipped"),
                ("E", "skipped"),
                ("F", "notRun"),
                ("G", "error"),
                ("H", "investigate"),
                ("J.1", "passed"),
            ]
        );
        assert!(imported.notes[0].ends_with("I, a test without an id"), "{:?}", imported.notes);
        let last = &imported.draft.data[SECTION][8];
        assert_eq!(last["title"], "An older test");
        assert_eq!(last["at"], "2026-04-29T22:29:07Z");
        assert_eq!(imported.draft.manifest.tenant.id, "aaaaaaaa-0000-4000-8000-000000000001");
    }

    #[test]
    fn a_test_run_several_times_passed_only_if_it_always_did() {
        let imported = import(&run(&json!([
            {"Id": "A", "Result": "Passed"}, {"Id": "A", "Result": "Failed", "ErrorRecord": ["x"]},
            {"Id": "B", "Result": "NotRun"}, {"Id": "B", "Result": "Passed"},
            {"Id": "C", "Result": "Passed"}, {"Id": "C", "Result": "Passed"},
        ])))
        .unwrap();
        assert_eq!(results(&imported), [("A", "failed"), ("B", "notRun"), ("C", "passed")]);
    }

    #[test]
    fn other_files_and_gaps_are_told() {
        assert!(matches!(import(&json!({"id": "x"})), Err(ImportError::Kind { .. })));
        let mut timeless = run(&json!([]));
        timeless["ExecutedAt"] = json!("yesterday");
        assert!(matches!(import(&timeless), Err(ImportError::NoTime { .. })));
        let mut nobody = run(&json!([]));
        nobody["TenantId"] = json!("");
        assert!(matches!(import(&nobody), Err(ImportError::NoTenant { .. })));
        assert_eq!(import(&run(&json!([]))).unwrap().notes, ["the run has no tests"]);
    }

    #[test]
    fn a_real_run() {
        let path = format!("{}/../shared/data/maester/test-results.json", env!("CARGO_MANIFEST_DIR"));
        let Ok(bytes) = std::fs::read(&path) else { return eprintln!("skipped: {path} is not there") };
        let imported = maester(&bytes, "run.json", &Options::default()).unwrap();
        let results = results(&imported);
        let count = |word: &str| results.iter().filter(|(_, result)| *result == word).count();
        assert_eq!(
            ["passed", "failed", "error", "skipped", "notRun", "investigate"].map(count),
            [16, 16, 1, 2, 1, 0]
        );
        assert_eq!(imported.notes, Vec::<String>::new());
    }
}
