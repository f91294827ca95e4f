//! The comparisons: every engine in turn, several times, medians, side by side. Comes in: options.
//! Goes out: a table on standard output; an error where engines disagree on a count. Rounds go
//! around all engines, so that a slow minute of the machine hits them alike.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::measure::{self, Run};
use crate::peers::{JSONPATH, REGORUS, SONIC};
use crate::rules::{self, RULES};
use crate::{Failure, tenant};

const LEVELMARK: &str = "levelmark";

/// What the user asked for.
pub struct Options {
    size: usize,
    runs: usize,
    only: Vec<String>,
}

impl Options {
    pub fn size(&self) -> usize {
        self.size
    }

    pub fn runs(&self) -> usize {
        self.runs
    }

    pub fn parse(arguments: &[&str]) -> Result<Self, Failure> {
        let mut options = Self { size: 50, runs: 5, only: Vec::new() };
        for pair in arguments.chunks(2) {
            match pair {
                ["--size", megabytes] => options.size = megabytes.parse()?,
                ["--runs", runs] => options.runs = runs.parse::<usize>()?.max(1),
                ["--only", names] => options.only = names.split(',').map(str::to_owned).collect(),
                other => return Err(format!("unknown option `{}`", other.join(" ")).into()),
            }
        }
        Ok(options)
    }
}

/// One engine on one file.
struct Contender {
    name: &'static str,
    command: Vec<String>,
    runs: Vec<Run>,
}

impl Contender {
    fn new(name: &'static str, snapshot: &Path) -> Result<Self, Failure> {
        let own = std::env::current_exe()?.display().to_string();
        let file = snapshot.display().to_string();
        let policies = data()?.join("policies/levelmark").display().to_string();
        let command = match name {
            LEVELMARK => {
                build()?;
                rules::write(&data()?.join("policies"))?;
                vec![
                    binary().display().to_string(),
                    "check".into(),
                    file,
                    "--policies".into(),
                    policies,
                    "--no-builtin".into(),
                    "--format".into(),
                    "json".into(),
                ]
            }
            peer => vec![own, "peer".into(), peer.into(), file],
        };
        Ok(Self { name, command, runs: Vec::new() })
    }

    fn run(&mut self) -> Result<(), Failure> {
        let run = measure::run(&self.command.iter().map(String::as_str).collect::<Vec<_>>())?;
        // levelmark: met, not met, undetermined; the peers: 0
        if !matches!((self.name, run.code), (LEVELMARK, Some(0 | 1 | 3)) | (_, Some(0))) {
            return Err(format!("{} ended with {:?}: {}", self.name, run.code, self.command.join(" ")).into());
        }
        self.runs.push(run);
        Ok(())
    }

    fn seconds(&self) -> f64 {
        median(self.runs.iter().map(|r| r.seconds))
    }

    fn megabytes(&self) -> f64 {
        median(self.runs.iter().map(|r| r.megabytes))
    }

    /// How many nodes each rule found, where the engine evaluates rules.
    fn counts(&self) -> Result<Vec<u64>, Failure> {
        let Some(run) = self.runs.last() else { return Ok(Vec::new()) };
        let printed: Value = serde_json::from_slice(&run.stdout)?;
        if self.name != LEVELMARK {
            return Ok(serde_json::from_value(printed)?);
        }
        let total = |n: usize| {
            let findings = printed["findings"].as_array();
            let finding = findings.and_then(|all| all.iter().find(|f| f["policy"] == rules::id(n).as_str()));
            finding
                .and_then(|f| f["evidence"]["total"].as_u64())
                .ok_or_else(|| format!("no finding of {}", rules::id(n)).into())
        };
        (0..RULES.len()).map(total).collect()
    }
}

/// All engines on one tenant.
pub fn compare(options: &Options) -> Result<(), Failure> {
    let snapshot = snapshot(options.size)?;
    let wanted = |name: &&str| options.only.is_empty() || options.only.iter().any(|o| o == name);
    let names = [LEVELMARK, SONIC, REGORUS, JSONPATH].into_iter().filter(wanted);
    let mut contenders = names.map(|name| Contender::new(name, &snapshot)).collect::<Result<Vec<_>, _>>()?;
    rounds(&mut contenders, options.runs)?;
    agree(&contenders)?;
    let text = size(&snapshot)?;
    println!("{:.1} MB, {} rules, median of {} runs, whole processes", text, RULES.len(), options.runs);
    let first = contenders.first().map_or(1.0, Contender::seconds);
    let name = contenders.first().map_or("", |c| c.name);
    println!("{:<15}{:>10}{:>14}{:>12}{:>14}", "", "seconds", format!("× {name}"), "peak MB", "× the text");
    for c in &contenders {
        println!(
            "{:<15}{:>10.3}{:>14.2}{:>12.0}{:>14.2}",
            c.name,
            c.seconds(),
            c.seconds() / first,
            c.megabytes(),
            c.megabytes() / text
        );
    }
    Ok(())
}

/// How time and memory grow from 50 to 500 MB.
pub fn linear(options: &Options) -> Result<(), Failure> {
    let (small, large) = (snapshot(50)?, snapshot(500)?);
    let mut contenders = Vec::new();
    for name in [LEVELMARK, SONIC] {
        contenders.extend([Contender::new(name, &small)?, Contender::new(name, &large)?]);
    }
    rounds(&mut contenders, options.runs)?;
    let factor = size(&large)? / size(&small)?;
    println!(
        "from {:.1} to {:.1} MB, {factor:.2} times the text, median of {} runs",
        size(&small)?,
        size(&large)?,
        options.runs
    );
    for pair in contenders.chunks(2) {
        let [small, large] = pair else { continue };
        let (time, memory) = (large.seconds() / small.seconds(), large.megabytes() / small.megabytes());
        println!(
            "{:<15}{:>8.3} s{:>8.3} s{time:>8.2} times{:>8.0} MB{:>8.0} MB{memory:>8.2} times",
            small.name,
            small.seconds(),
            large.seconds(),
            small.megabytes(),
            large.megabytes()
        );
    }
    Ok(())
}

/// A tenant of 1 MB with the built-in policies.
pub fn builtin(options: &Options) -> Result<(), Failure> {
    let mut contender = Contender::new(LEVELMARK, &snapshot(1)?)?;
    contender.command.truncate(3);
    rounds(std::slice::from_mut(&mut contender), options.runs)?;
    let (seconds, memory) = (contender.seconds() * 1e3, contender.megabytes());
    println!(
        "1 MB, all built-in policies, whole process: {seconds:.1} ms, {memory:.0} MB (median of {} runs)",
        options.runs
    );
    Ok(())
}

/// One round unmeasured, to warm the file cache.
fn rounds(contenders: &mut [Contender], runs: usize) -> Result<(), Failure> {
    for round in 0..=runs {
        for contender in contenders.iter_mut() {
            contender.run()?;
            if round == 0 {
                contender.runs.clear();
            }
        }
    }
    Ok(())
}

/// Engines that do not find the same are not comparable.
fn agree(contenders: &[Contender]) -> Result<(), Failure> {
    let counts: Vec<_> =
        contenders.iter().map(|c| Ok((c.name, c.counts()?))).collect::<Result<_, Failure>>()?;
    let counts: Vec<_> = counts.iter().filter(|(_, counts)| !counts.is_empty()).collect();
    for pair in counts.windows(2) {
        let [(one, left), (other, right)] = pair else { continue };
        if let Some(n) = (0..RULES.len()).find(|n| left.get(*n) != right.get(*n)) {
            return Err(format!(
                "{}: {one} finds {:?}, {other} {:?}",
                rules::id(n),
                left.get(n),
                right.get(n)
            )
            .into());
        }
    }
    if let Some((_, all)) = counts.first() {
        let silent = all.iter().filter(|n| **n == 0).count();
        println!("{} nodes found, the same by all; {silent} rules find nothing", all.iter().sum::<u64>());
    }
    Ok(())
}

/// Generated once, beside this package.
pub fn snapshot(megabytes: usize) -> Result<PathBuf, Failure> {
    let file = data()?.join(format!("tenant-{megabytes}.json"));
    // the generator may have changed since
    if fs::metadata(&file).and_then(|m| m.modified()).ok()
        < fs::metadata(std::env::current_exe()?)?.modified().ok()
    {
        tenant::write(&file, megabytes)?;
    }
    Ok(file)
}

/// Levelmark as its users have it.
pub fn build() -> Result<(), Failure> {
    let manifest = root().join("Cargo.toml");
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--release", "--manifest-path"])
        .arg(manifest)
        .status()?;
    if status.success() { Ok(()) } else { Err("levelmark does not build".into()) }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub fn binary() -> PathBuf {
    root().join("target/release/levelmark")
}

pub fn data() -> Result<PathBuf, Failure> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    fs::create_dir_all(&directory)?;
    Ok(directory)
}

pub fn size(file: &Path) -> Result<f64, Failure> {
    Ok(fs::metadata(file)?.len() as f64 / 1e6)
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
