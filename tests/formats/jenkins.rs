//! JUnit against the schema that Jenkins reads such files by (`tests/schemas/junit-10.xsd`), by libxml2's xmllint
//! where it is installed: another dialect than windyroad's, and our reports fit both.

use std::process::Command;

use levelmark::report::format::ReportFormat;

use super::{DETAILS, render, reports, root};

/// Whether a text fits the schema, and what xmllint says; None without xmllint.
fn fits(text: &str) -> Option<(bool, String)> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("junit.xml");
    std::fs::write(&file, text).unwrap();
    let mut xmllint = Command::new("xmllint");
    xmllint.args(["--noout", "--nonet", "--schema"]).arg(root().join("tests/schemas/junit-10.xsd")).arg(file);
    match xmllint.output() {
        Ok(output) => Some((output.status.success(), String::from_utf8(output.stderr).unwrap())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn junit_fits_what_jenkins_reads() {
    for (tenant, report) in reports() {
        for detail in DETAILS {
            let text = render(report, ReportFormat::Junit, Some(detail));
            let Some((fits_it, said)) = fits(&text) else {
                eprintln!("skipped: JUnit against Jenkins' schema (no xmllint)");
                return;
            };
            assert!(fits_it, "{tenant} at {detail:?}: {said}");
            let wrong = text.replace("</testsuites>", "<testsuite/></testsuites>");
            assert_eq!(fits(&wrong).map(|(fits_it, _)| fits_it), Some(false), "a suite without a name");
        }
    }
}
