//! The peers: each reads the whole file, does its work and prints one count per rule, as JSON, in
//! a process of its own. Nothing is freed at the end: the process exits, as levelmark's does.

use std::fs;
use std::path::Path;

use rayon::prelude::*;

use crate::Failure;
use crate::rules::{self, RULES};

/// The bare parse, into its own tree.
pub const SONIC: &str = "sonic-rs";
/// Rego, with one thread: an engine of regorus has no more.
pub const REGORUS: &str = "regorus";
/// jsonpath-rust's own evaluator on `serde_json::Value`, rules in parallel.
pub const JSONPATH: &str = "jsonpath-rust";

/// Runs one peer on a snapshot file.
pub fn evaluate(name: &str, file: &Path) -> Result<(), Failure> {
    let counts = match name {
        SONIC => sonic(file)?,
        REGORUS => regorus(file)?,
        JSONPATH => jsonpath(file)?,
        _ => return Err(format!("there is no peer `{name}`").into()),
    };
    println!("{}", serde_json::to_string(&counts)?);
    #[expect(
        clippy::disallowed_methods,
        reason = "a peer's measured time does not include its freeing of memory"
    )]
    std::process::exit(0);
}

fn sonic(file: &Path) -> Result<Vec<usize>, Failure> {
    let bytes = fs::read(file)?;
    let value: sonic_rs::Value = sonic_rs::from_slice(&bytes)?;
    std::hint::black_box(&value);
    std::mem::forget((value, bytes));
    Ok(Vec::new())
}

fn regorus(file: &Path) -> Result<Vec<usize>, Failure> {
    let mut engine = regorus::Engine::new();
    engine.add_policy("bench.rego".to_owned(), rules::rego())?;
    let text = fs::read_to_string(file)?;
    engine.set_input(regorus::Value::from_json_str(&text)?);
    drop(text); // it keeps no reference, so a user of it would let go as well
    let found = |n: usize| -> Result<usize, Failure> {
        Ok(engine.eval_rule(format!("data.bench.r{n:02}"))?.as_array()?.len())
    };
    let counts: Result<Vec<usize>, Failure> = (0..RULES.len()).map(found).collect();
    std::mem::forget(engine);
    counts
}

fn jsonpath(file: &Path) -> Result<Vec<usize>, Failure> {
    let bytes = fs::read(file)?;
    let value: serde_json::Value = serde_json::from_slice(&bytes)?;
    drop(bytes);
    let query = |rule: &rules::Rule| {
        let path = format!("$.data.{}{}", rule.section, rule.path);
        let query = jsonpath_rust::parser::parse_json_path(&path).map_err(|e| format!("{path}: {e}"))?;
        let found =
            jsonpath_rust::query::js_path_process(&query, &value).map_err(|e| format!("{path}: {e}"))?;
        Ok(found.len())
    };
    let counts: Result<Vec<usize>, String> = RULES.par_iter().map(query).collect();
    std::mem::forget(value);
    Ok(counts?)
}
