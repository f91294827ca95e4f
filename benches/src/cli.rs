//! Benchmarks: levelmark beside its peers, in one run, as ratios. Comes in: a size. Goes out: a
//! table. The rooms: `tenant` writes synthetic snapshots, `rules` holds fifty rules in two
//! languages, `peers` evaluates them elsewhere, `measure` runs a process and sees what it took,
//! `run` does it all; `drift` compares two snapshots; `collect` has the collector at a fake Graph with quotas. Not here: absolute
//! claims; machines differ, ratios hardly.

mod collect;
mod drift;
#[allow(dead_code, reason = "the tests of levelmark use more of it")]
#[path = "../../tests/fake_graph/mod.rs"]
mod fake_graph;
mod items;
mod measure;
mod peers;
mod random;
mod rules;
mod run;
mod tenant;
mod tenants;

use std::path::Path;
use std::process::ExitCode;

/// Anything that stops a benchmark, as text.
type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "usage:
  run [--size MB] [--runs N] [--only PEER,…]   generate, measure, compare (default 50 MB, 5 runs)
  linear [--runs N]                            50 MB against 500 MB, levelmark and sonic-rs
  builtin [--runs N]                           1 MB with all built-in policies, whole process
  diff [--size MB] [--runs N]                  two snapshots, beside parsing both
  collect [--users N] [--service-principals N] [--groups N] [--applications N] [--speed N] [--latency-ms N]
          [--sections ID,…]                    the collector at a fake Graph with the published quotas
  tenants [--tenants N] [--runs N]             many tenants of 1 MB at once
  generate MB FILE                             write a synthetic snapshot
  policies DIR                                 write the fifty rules as levelmark policies and as Rego";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("levelmark-benches: {failure}");
            ExitCode::from(2)
        }
    }
}

fn dispatch(args: &[&str]) -> Result<ExitCode, Failure> {
    match args {
        ["run", options @ ..] => run::compare(&run::Options::parse(options)?)?,
        ["linear", options @ ..] => run::linear(&run::Options::parse(options)?)?,
        ["builtin", options @ ..] => run::builtin(&run::Options::parse(options)?)?,
        ["diff", options @ ..] => drift::compare(&run::Options::parse(options)?)?,
        ["collect", options @ ..] => return collect::compare(options),
        ["tenants", options @ ..] => tenants::compare(options)?,
        ["generate", megabytes, file] => tenant::write(Path::new(file), megabytes.parse()?)?,
        ["policies", directory] => rules::write(Path::new(directory))?,
        // those below are for this program itself, as processes of their own
        ["measure", command @ ..] => return measure::child(command),
        ["collect-serve", options @ ..] => collect::serve(options)?,
        ["collect-run", address, token, out, options @ ..] => {
            collect::ask(address, token, Path::new(out), options)?;
        }
        ["parse-both", old, new] => drift::parse_both(Path::new(old), Path::new(new))?,
        ["peer", name, file] => peers::evaluate(name, Path::new(file))?,
        _ => return Err(USAGE.into()),
    }
    Ok(ExitCode::SUCCESS)
}
