//! The HTML pages of the fixtures, of a large result and of a trend: their size, their time and that
//! nothing a tenant wrote becomes markup. The pages stay in `target/tmp/pages`, where the browser tests
//! (`tests/browser`) open them.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use std::path::{Path, PathBuf};

use levelmark::engine::finding::{Outcome, Remedy};
use levelmark::report::html::{self, Options};
use levelmark::report::model::{Range, Report, Verdict};
use levelmark::report::trend;
use program::run;

const LARGEST: usize = 5_000_000;

fn pages() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn keep(name: &str, page: &str) {
    std::fs::write(pages().join(name), page).unwrap();
}

fn check(tenant: &str, more: &[&str]) -> String {
    let folder = format!("fixtures/tenants/{tenant}");
    let arguments = [&["check", &folder, "--today", "2026-11-21"], more].concat();
    let run = run(Path::new(env!("CARGO_MANIFEST_DIR")), &arguments, b"");
    assert!(matches!(run.code, 0 | 1 | 3), "{}", run.stderr);
    run.stdout
}

fn result(tenant: &str) -> Report {
    serde_json::from_str(&check(tenant, &["--format", "json"])).unwrap()
}

/// What stands in the page beside our own style and script.
fn outside(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (body, rest) = rest.split_once("<script>").unwrap();
    let (_, tail) = rest.split_once("</script>").unwrap();
    format!("{head}{body}{tail}")
}

#[test]
fn every_tenant_has_its_page() {
    for tenant in ["contoso", "out-of-the-box", "no-permissions", "hostile"] {
        let page = check(tenant, &["--format", "html"]);
        assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"), "{tenant}");
        assert!(page.len() < LARGEST / 3, "{tenant}: {} bytes", page.len());
        let outside = outside(&page);
        for markup in ["<script", "<img", "<iframe", "<a href=\"javascript", "onerror=\"", "<style"] {
            assert!(!outside.contains(markup), "{tenant}: {markup}");
        }
        assert_eq!(
            page,
            html::render(&result(tenant), &Options::default()).unwrap(),
            "{tenant}: not the same"
        );
        keep(&format!("{tenant}.html"), &page);
    }
    let summary = check(
        "contoso",
        &["--format", "html", "--summary-only", "--client", "Contoso Group", "--scope", "Production tenant"],
    );
    assert!(summary.contains("Contoso Group") && !summary.contains("id=\"findings\""));
    keep("summary.html", &summary);
    keep("filtered.html", &check("contoso", &["--format", "html", "--policy", "INF-400-G2"]));
}

#[test]
fn five_thousand_findings_stay_below_five_megabytes() {
    let mut report = result("contoso");
    let (evidence, _) = report
        .findings
        .iter()
        .map(|found| (found.evidence.clone(), found.evidence.shown.len()))
        .max_by_key(|(_, shown)| *shown)
        .unwrap();
    let few = report.findings.clone();
    for round in 0.. {
        for found in &few {
            if report.findings.len() < 5_000 {
                let mut found = found.clone();
                found.check = format!("{}-{round}", found.check);
                (found.outcome, found.remedy) = (Outcome::Fail, Some(Remedy::Fix));
                found.evidence = evidence.clone();
                report.findings.push(found);
            }
        }
        if report.findings.len() >= 5_000 {
            break;
        }
    }
    let page = html::render(&report, &Options::default()).unwrap();
    assert!(page.len() < LARGEST, "{} bytes", page.len());
    keep("large.html", &page);
}

#[test]
fn a_trend_has_its_page() {
    let latest = result("contoso");
    let earlier = |days: i64, lower: bool, every: usize| {
        let mut report = latest.clone();
        report.evidence_time -= chrono::TimeDelta::days(days);
        report.today -= chrono::TimeDelta::days(days);
        for competency in &mut report.competencies {
            if let (Some(Verdict::Level { proven, possible, .. }), true) = (&mut competency.verdict, lower) {
                (*proven, *possible) = (*proven - 100, 300);
            }
            if let (Some(profile), true) = (&mut competency.profile, lower) {
                let Range { proven, possible } = &mut profile.indicative;
                (*proven, *possible) = (proven.saturating_sub(80).max(100), possible.saturating_sub(40));
            }
        }
        for found in report.findings.iter_mut().step_by(every) {
            (found.outcome, found.remedy) = match found.outcome {
                Outcome::Pass => (Outcome::Fail, Some(Remedy::Fix)),
                Outcome::Fail => (Outcome::Unknown, Some(Remedy::Attest)),
                other => (other, found.remedy),
            };
        }
        report
    };
    let results = [earlier(240, true, 3), earlier(150, true, 5), earlier(60, true, 9), latest.clone()];
    let mut trend = trend::of(&results);
    let page = html::trend::render(&trend, &Options::default()).unwrap();
    assert!(page.contains("class=\"chart\"") && page.contains("▲ up from"));
    keep("trend.html", &page);

    trend.name =
        Some("\"><img src=x onerror=alert(1)>\u{202e}</script><script>window.pwned=1</script>".into());
    for line in &mut trend.competencies {
        line.name = trend.name.clone().unwrap();
    }
    let page = html::trend::render(&trend, &Options::default()).unwrap();
    assert!(!outside(&page).contains("<img") && !page.contains('\u{202e}'));
    keep("trend-hostile.html", &page);
    for few in [&[][..], &[latest]] {
        assert!(html::trend::render(&trend::of(few), &Options::default()).unwrap().contains("</html>"));
    }
}
