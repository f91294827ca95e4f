//! The compliance suite of RFC 9535 (jsonpath-compliance-test-suite, BSD-2), where its file is at
//! hand: every valid selector gives the right nodes at the right places, every other is refused.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use chrono::DateTime;
use levelmark::query::{Budget, Evaluator, Mode, Source, compile, normalized_path};
use levelmark::snapshot::document::{Document, NodeRef, Text};
use serde_json::Value;

struct One<'d>(&'d Document);

impl<'d> Source<'d> for One<'d> {
    fn section(&self, _: &str) -> Option<NodeRef<'d>> {
        None
    }
    fn param(&self, _: &str) -> Option<NodeRef<'d>> {
        None
    }
    fn document(&self) -> Option<NodeRef<'d>> {
        Some(self.0.root())
    }
}

/// What a selector selects from a text: values and normalized paths.
fn select(selector: &str, json: &str, shared: bool) -> Result<(Vec<Value>, Vec<Value>), String> {
    let query = compile(selector, Mode::Raw)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let document =
        Document::parse(Arc::new(Text::new("test", json.to_owned()))).map_err(|e| e.to_string())?;
    let queries = if shared { vec![&query] } else { vec![] };
    let evaluator = Evaluator::new(One(&document), DateTime::UNIX_EPOCH, queries);
    let nodes = evaluator.select(&query, &mut Budget::new(100_000)).map_err(|e| e.to_string())?;
    let values = nodes.iter().map(|node| node.to_value()).collect();
    let paths = nodes.iter().map(|node| Value::String(normalized_path(*node))).collect();
    Ok((values, paths))
}

/// Each test runs twice: with the query shared by all who ask, and walked anew.
#[test]
fn compliance_suite() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/jsonpath-cts.json");
    let Ok(text) = std::fs::read_to_string(file) else {
        eprintln!("skipped: no compliance suite at {file}");
        return;
    };
    let suite: Value = serde_json::from_str(&text).unwrap();
    let tests = suite["tests"].as_array().unwrap();
    let (mut valid, mut invalid, mut wrong) = (0, 0, Vec::new());
    for test in tests {
        let name = test["name"].as_str().unwrap();
        let selector = test["selector"].as_str().unwrap();
        if test["invalid_selector"] == true {
            invalid += 1;
            if compile(selector, Mode::Raw).is_ok() {
                wrong.push(format!("{name}: `{selector}` is accepted"));
            }
            continue;
        }
        valid += 1;
        let json = test["document"].to_string();
        for shared in [true, false] {
            match select(selector, &json, shared) {
                Err(error) => wrong.push(format!("{name}: `{selector}`: {error}")),
                Ok((values, paths)) => {
                    if !expected(test, &values, &paths) {
                        wrong.push(format!("{name}: `{selector}` on {json}: {values:?} at {paths:?}"));
                    }
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(valid > 400 && invalid > 200, "only {valid} valid and {invalid} invalid selectors");
}

/// One result, or one of several where the order of members is free.
fn expected(test: &Value, values: &[Value], paths: &[Value]) -> bool {
    let one = |result: &Value, result_paths: &Value| {
        result.as_array().is_some_and(|r| r == values) && result_paths.as_array().is_some_and(|p| p == paths)
    };
    if test.get("result").is_some() {
        return one(&test["result"], &test["result_paths"]);
    }
    let (results, result_paths) =
        (test["results"].as_array().unwrap(), test["results_paths"].as_array().unwrap());
    results.iter().zip(result_paths).any(|(result, paths)| one(result, paths))
}
