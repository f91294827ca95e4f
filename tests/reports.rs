//! Where reports go, what is read back, and results over time: `--report`, `--detail`, `report`, `trend`,
//! the published schema and a stored result of the first version.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod program;

use std::path::Path;

use levelmark::report::schema;
use program::{Run, run};
use serde_json::Value;

const CONTOSO: &str = "fixtures/tenants/contoso";
const FORMATS: [&str; 8] = ["text", "json", "sarif", "junit", "markdown", "csv", "github", "html"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn levelmark(arguments: &[&str]) -> Run {
    run(root(), arguments, b"")
}

fn check(arguments: &[&str]) -> Run {
    levelmark(&[&["check", "--today", "2026-11-21"], arguments].concat())
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_exit_code_never_depends_on_the_format() {
    for (arguments, code) in [
        (vec![CONTOSO], 0),
        (vec![CONTOSO, "--target", "infrastructure=300"], 1),
        (vec!["fixtures/tenants/no-permissions"], 3),
        (vec!["fixtures/tenants/contoso/snapshot", "--no-builtin"], 4),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let place = |format: &str| format!("{format}={}", folder.path().join("made").join(format).display());
        let targets: Vec<String> = FORMATS.iter().map(|format| place(format)).collect();
        let reports: Vec<&str> = targets.iter().flat_map(|target| ["--report", target]).collect();
        let all = check(&[arguments.as_slice(), &["--quiet"], &reports].concat());
        assert_eq!((all.code, all.stderr.as_str()), (code, ""), "{arguments:?}");
        for format in FORMATS {
            let one = check(&[arguments.as_slice(), &["--format", format]].concat());
            assert_eq!((one.code, one.stderr.as_str()), (code, ""), "{arguments:?} as {format}");
            let file = std::fs::read_to_string(folder.path().join("made").join(format)).unwrap();
            assert!(format == "text" || one.stdout == file, "{arguments:?}: {format} is the same in a file");
        }
        assert_eq!(std::fs::read_dir(folder.path().join("made")).unwrap().count(), FORMATS.len());
    }
}

#[test]
fn a_report_that_cannot_be_written_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let bad = format!("json={}", folder.path().join("file/x.json").display());
    let taken = format!("csv={}", folder.path().display());
    let good = folder.path().join("x.sarif");
    let good_target = format!("sarif={}", good.display());
    let run = check(&[CONTOSO, "--report", &bad, "--report", &taken, "--report", &good_target]);
    assert_eq!(run.code, 2);
    assert_eq!(run.stderr.matches("failed to write").count(), 2, "{}", run.stderr);
    assert!(run.stdout.contains("gate: met"), "{}", run.stdout);
    assert_eq!(json(&std::fs::read_to_string(good).unwrap())["version"], "2.1.0");
}

#[test]
fn the_limit_of_markdown_is_settable() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = ["fixtures/tenants/hostile", "--detail", "full", "--format", "markdown"];
    // A tenant of three times its findings: too much for a comment.
    let mut large = json(&check(&[hostile[0], "--format", "json"]).stdout);
    let findings = large["findings"].as_array().unwrap().clone();
    large["findings"] = std::iter::repeat_n(findings, 3).flatten().collect();
    let path = folder.path().join("large.json");
    std::fs::write(&path, large.to_string()).unwrap();
    let of = |limit: &[&str]| {
        let run = levelmark(&[&["report", path.to_str().unwrap()], &hostile[1..], limit].concat());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{limit:?}");
        run.stdout
    };
    let (usual, all) = (of(&[]), of(&["--markdown-limit", "0"]));
    assert!(usual.len() <= 65_536 && usual.contains("more\n"), "{}", usual.len());
    assert!(all.len() > 65_536 && !all.contains("more\n"), "{}", all.len());
    assert_eq!(of(&["--markdown-limit", "1048576"]), all);
    for limit in ["3000", "8000"] {
        let limited = of(&["--markdown-limit", limit]);
        assert!(limited.len() <= limit.parse().unwrap() && limited.contains("Gate:"), "{}", limited.len());
        let checked = check(&[hostile.as_slice(), &["--markdown-limit", limit]].concat()).stdout;
        assert!(checked.len() <= limit.parse().unwrap() && checked.contains("more\n"), "{}", checked.len());
    }
    for wrong in ["2999", "-1", "many"] {
        let run = check(&[hostile.as_slice(), &[&format!("--markdown-limit={wrong}")]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{wrong}");
        assert!(run.stderr.contains("expected 3000 or more, or 0 for no limit"), "{}", run.stderr);
    }
}

#[test]
fn standard_output_takes_one_report() {
    let sarif = check(&[CONTOSO, "--report", "sarif=-"]);
    assert_eq!(json(&sarif.stdout)["version"], "2.1.0");
    for twice in [
        vec!["--report", "sarif=-", "--report", "csv=-"],
        vec!["--report", "sarif=-", "--format", "json"],
        vec!["--report", "sarif=x", "--report", "csv=x"],
    ] {
        let run = check(&[&[CONTOSO], twice.as_slice()].concat());
        assert_eq!(run.code, 2, "{twice:?}");
        assert!(run.stderr.contains("two reports would go to"), "{}", run.stderr);
    }
    for wrong in ["pdf=x", "sarif", "sarif="] {
        let run = check(&[CONTOSO, "--report", wrong]);
        assert!(run.code == 2 && run.stderr.contains("formats: text, json, sarif"), "{}", run.stderr);
    }
}

#[test]
fn a_stored_result_is_rendered_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let stored = folder.path().join("result.json");
    let target = format!("json={}", stored.display());
    check(&[CONTOSO, "--quiet", "--report", &target]);
    let stored = stored.to_str().unwrap();
    for detail in ["full", "place", "summary"] {
        let place = |format: &str| folder.path().join(detail).join(format);
        let targets: Vec<String> =
            FORMATS.iter().map(|format| format!("{format}={}", place(format).display())).collect();
        let reports: Vec<&str> = targets.iter().flat_map(|target| ["--report", target]).collect();
        check(&[&[CONTOSO, "--quiet", "--detail", detail], reports.as_slice()].concat());
        // Which files the configuration and the policies are is known to `check` alone, how much of the
        // text is wanted too.
        for format in FORMATS.into_iter().filter(|format| !["text", "sarif", "github"].contains(format)) {
            let again = levelmark(&["report", stored, "--format", format, "--detail", detail]);
            assert_eq!((again.code, again.stderr.as_str()), (0, ""));
            let fresh = std::fs::read_to_string(place(format)).unwrap();
            assert!(again.stdout == fresh, "{format} at {detail}");
        }
    }
    let out = folder.path().join("new/x.csv");
    let run = levelmark(&["report", stored, "--format", "csv", "--out", out.to_str().unwrap()]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    assert!(out.exists());
}

#[test]
fn what_is_no_result_is_refused() {
    let snapshot = format!("{CONTOSO}/snapshot/manifest.json");
    for (text, told) in [
        ("{\"levelmark\":{\"report\":2}}", "version 2"),
        ("{\"levelmark\":{\"snapshot\":1}}", "it is a snapshot"),
        ("{\"levelmark\":{\"trend\":1}}", "it is a trend"),
        ("{\"levelmark\":{}}", "no version"),
        ("{\n\n  \"levelmark\": 1 }", "line 3 column"),
        ("{\"levelmark\":{\"report\":1}}", "missing field"),
        ("", "line 1 column 0"),
    ] {
        let run = run(root(), &["report", "-"], text.as_bytes());
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{text}");
        assert!(run.stderr.contains(told), "{text}: {}", run.stderr);
    }
    for arguments in [["report", snapshot.as_str()], ["report", "nowhere.json"], ["trend", "nowhere"]] {
        assert_eq!(levelmark(&arguments).code, 2, "{arguments:?}");
    }
    let mut result = json(&check(&[CONTOSO, "--format", "json"]).stdout);
    result["findings"][0]["policy"] = Value::from("x\n::error::y");
    let run = run(root(), &["report", "-", "--format", "github"], result.to_string().as_bytes());
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("is no id"), "{}", run.stderr);
}

#[test]
fn the_published_schema_is_the_one_of_the_program() {
    let documented = json(&std::fs::read_to_string(root().join("docs/report.schema.json")).unwrap());
    assert_eq!(documented, schema::report(), "run `just generate`");
    assert_eq!(json(&levelmark(&["schema", "report"]).stdout), documented);
}

/// The format is frozen: a result that the first version wrote is read for ever.
#[test]
fn a_result_of_version_1_still_reads() {
    let old = "tests/reports/report-1.json";
    for format in FORMATS {
        let run = levelmark(&["report", old, "--format", format]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{format}");
    }
    let baseline = check(&[CONTOSO, "--baseline", old, "--fail-on", "never"]);
    assert_eq!(baseline.code, 0, "{}", baseline.stderr);
    let validator = jsonschema::validator_for(&schema::report()).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&json(&std::fs::read_to_string(root().join(old)).unwrap()))
        .map(|e| e.to_string())
        .collect();
    assert!(errors.is_empty(), "a reader of the schema could not read it any more: {errors:?}");
}

/// Results of one tenant: contoso, and a month later with one check better, one worse, one unseen.
fn results(folder: &Path) {
    let before = json(&check(&[CONTOSO, "--format", "json"]).stdout);
    let mut after = before.clone();
    after["evidenceTime"] = Value::from("2026-12-02T05:30:00Z");
    let findings = after["findings"].as_array_mut().unwrap();
    for (from, to) in [("fail", "pass"), ("pass", "fail"), ("pass", "unknown")] {
        let changed =
            |finding: &Value| finding["outcome"] == from && finding["competency"] == "infrastructure";
        let found = findings.iter_mut().rev().find(|finding| changed(finding)).unwrap();
        found["outcome"] = Value::from(to);
    }
    let infrastructure = after["competencies"].as_array_mut().unwrap().iter_mut();
    for competency in infrastructure.filter(|competency| competency["id"] == "infrastructure") {
        competency["verdict"]["level"]["proven"] = Value::from(100);
    }
    std::fs::write(folder.join("a-later.json"), after.to_string()).unwrap();
    std::fs::write(folder.join("b-earlier.json"), before.to_string()).unwrap();
    std::fs::write(folder.join("notes.txt"), "no result").unwrap();
}

#[test]
fn a_trend_shows_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    results(folder.path());
    let path = folder.path().to_str().unwrap();
    let text = levelmark(&["trend", path]);
    assert_eq!((text.code, text.stderr.as_str()), (0, ""));
    insta::assert_snapshot!("trend", text.stdout);
    let trend = json(&levelmark(&["trend", path, "--format", "json"]).stdout);
    assert_eq!(trend["levelmark"]["trend"], 1);
    assert!(jsonschema::validator_for(&schema::trend()).unwrap().is_valid(&trend));
    assert_eq!(trend["runs"].as_array().unwrap().len(), 2);
    let outcomes = trend["competencies"][0]["points"][1]["changes"]["outcomes"].as_array().unwrap();
    let mut ways: Vec<&str> = outcomes.iter().map(|change| change["way"].as_str().unwrap()).collect();
    ways.sort_unstable();
    assert_eq!(ways, ["better", "lost", "worse"]);
}

#[test]
fn a_trend_is_of_one_tenant() {
    let folder = tempfile::tempdir().unwrap();
    results(folder.path());
    let other = folder.path().join("z.json");
    std::fs::write(&other, check(&["fixtures/tenants/hostile", "--format", "json"]).stdout).unwrap();
    let run = levelmark(&["trend", folder.path().to_str().unwrap()]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr.contains("a trend is of one tenant") && run.stderr.contains("z.json"),
        "{}",
        run.stderr
    );
}

#[test]
fn detail_is_the_same_for_every_report() {
    let summary = check(&[CONTOSO, "--format", "json", "--detail", "summary"]);
    let report = json(&summary.stdout);
    assert_eq!(report["snapshot"]["tenant"]["id"], "");
    assert!(
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|found| found["evidence"]["shown"] == Value::from(Vec::<Value>::new()))
    );
    assert!(!summary.stdout.contains("contoso.com"));
}
