//! Many tenants at once: `check` of a folder with 1,000 tenants of 1 MB and all built-in policies. Comes in:
//! options. Goes out: tenants a second with one thread and with all, memory of 100 and of 1,000 tenants.
//! Not here: one large tenant (`run`).

use std::fs;
use std::path::PathBuf;

use crate::measure::{self, Run};
use crate::{Failure, run};

/// Runs it.
pub fn compare(options: &[&str]) -> Result<(), Failure> {
    let (mut tenants, mut runs) = (1_000_usize, 3_usize);
    for pair in options.chunks(2) {
        match pair {
            ["--tenants", count] => tenants = count.parse()?,
            ["--runs", count] => runs = count.parse::<usize>()?.max(1),
            other => return Err(format!("unknown option `{}`", other.join(" ")).into()),
        }
    }
    run::build()?;
    let cores = std::thread::available_parallelism()?.get();
    let (few, many) = (folder(tenants.div_ceil(10))?, folder(tenants)?);
    let contenders = [
        ("a tenth, all cores", &few, cores),
        ("all, one thread", &many, 1),
        ("all, all cores", &many, cores),
    ];
    let mut found: Vec<Vec<Run>> = contenders.iter().map(|_| Vec::new()).collect();
    for _ in 0..runs {
        for ((_, folder, threads), found) in contenders.iter().zip(&mut found) {
            found.push(check(folder, *threads)?);
        }
    }
    println!("{tenants} tenants of 1 MB, {cores} cores, all built-in policies, medians of {runs} runs");
    for ((name, folder, _), runs) in contenders.iter().zip(&found) {
        let seconds = run::median(runs.iter().map(|run| run.seconds));
        let megabytes = run::median(runs.iter().map(|run| run.megabytes));
        let of = fs::read_dir(folder)?.count();
        println!(
            "{name:<20}{of:>6} tenants{seconds:>9.2} s{:>8.1} a second{megabytes:>8.0} MB",
            of as f64 / seconds
        );
    }
    Ok(())
}

fn check(folder: &std::path::Path, threads: usize) -> Result<Run, Failure> {
    let (binary, threads) = (run::binary().display().to_string(), threads.to_string());
    let folder = folder.display().to_string();
    let run = measure::run(&[&binary, "check", &folder, "--format", "json", "--threads", &threads])?;
    let lines = run.stdout.iter().filter(|byte| **byte == b'\n').count();
    if !matches!(run.code, Some(0 | 3)) || lines != fs::read_dir(&folder)?.count() {
        return Err(format!("{lines} results, ended with {:?}", run.code).into());
    }
    Ok(Run { stdout: Vec::new(), ..run })
}

/// Links to one file: the page cache holds it once, as it would hold what a loop reads again.
fn folder(tenants: usize) -> Result<PathBuf, Failure> {
    let snapshot = run::snapshot(1)?;
    let folder = run::data()?.join(format!("tenants-{tenants}"));
    for tenant in 0..tenants {
        let inside = folder.join(format!("tenant-{tenant:05}"));
        fs::create_dir_all(&inside)?;
        let link = inside.join("snapshot.json");
        if !link.exists() {
            fs::hard_link(&snapshot, link)?;
        }
    }
    Ok(folder)
}
