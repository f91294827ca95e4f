//! Every report on a redacted snapshot says so, and no report on an original does.

use std::fs;

use tempfile::TempDir;

use super::program::run;
use super::{KEY, fixture, redact};

#[test]
fn every_report_says_that_it_is_redacted() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    for (name, out) in [("contoso", "red/one"), ("out-of-the-box", "red/two")] {
        redact(here, &fixture(name), out, KEY);
    }
    let tenants = fixture("contoso").parent().unwrap().to_path_buf();
    let prepare = |tenant: &str, results: &str| {
        fs::create_dir(here.join(results)).unwrap();
        let done = run(here, &["check", tenant, "--format", "json", "--today", "2026-11-26"], b"");
        fs::write(here.join(results).join("a.json"), done.stdout).unwrap();
    };
    let (contoso, bare) = (fixture("contoso"), tenants.join("out-of-the-box"));
    let [contoso, bare] = [&contoso, &bare].map(|path| path.to_str().unwrap());
    prepare("red/one", "results");
    prepare(contoso, "plain");
    let two = |one: &'static str, other: &'static str, format: &'static str| {
        ["diff", one, other, "--no-effect", "--format", format]
    };
    let pairs = [
        (vec!["trend", "results"], vec!["trend", "plain"]),
        (vec!["trend", "results", "--format", "json"], vec!["trend", "plain", "--format", "json"]),
        (vec!["trend", "results", "--format", "html"], vec!["trend", "plain", "--format", "html"]),
        (vec!["check", "red"], vec!["check", contoso, bare]),
        (vec!["check", "red/one", "--format", "csv"], vec!["check", contoso, "--format", "csv"]),
        (vec!["messages", "red"], vec!["messages", contoso, bare]),
        (vec!["messages", "red", "--format", "json"], vec!["messages", contoso, "--format", "json"]),
        (vec!["messages", "red", "--format", "csv"], vec!["messages", contoso, "--format", "csv"]),
        (
            two("red/one", "red/one", "github").to_vec(),
            vec!["diff", contoso, contoso, "--no-effect", "--format", "github"],
        ),
        (
            vec!["bundle", "results/a.json", "red/one", "--today", "2026-11-26", "--out", "red.zip"],
            vec!["bundle", "plain/a.json", contoso, "--today", "2026-11-26", "--out", "plain.zip"],
        ),
        (vec!["verify", "red.zip"], vec!["verify", "plain.zip"]),
    ];
    for (redacted, original) in pairs {
        let done = run(here, &redacted, b"");
        let says = |text: &str| {
            text.contains("redacted: names") || text.contains("key ") || text.contains("\"redacted\": ")
        };
        assert!(says(&done.stdout), "{redacted:?}: {}{}", done.stdout, done.stderr);
        let done = run(here, &original, b"");
        assert!(
            !done.stdout.contains("pseudonyms (key")
                && !done.stdout.contains("\"redacted\": ")
                && !done.stdout.contains(",key "),
            "{original:?}"
        );
    }
}
