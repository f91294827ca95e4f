//! `levelmark diff` beside the parsing of both snapshots, in one run. Comes in: a size. Goes out: a table. The
//! later snapshot is the earlier one with something changed: in one item of a hundred, in every item, or in none
//! but in another order. Not here: what is generated (`tenant`).

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use levelmark::snapshot::{Snapshot, Wanted};

use crate::run::{Options, binary, build, median, size, snapshot};
use crate::{Failure, measure};

/// What became of the tenant.
const LATER: [(&str, Change); 4] = [
    ("nothing", Change::Nothing),
    ("1 item of 100", Change::Few),
    ("every item", Change::All),
    ("the order", Change::Order),
];

#[derive(Clone, Copy, PartialEq)]
enum Change {
    Nothing,
    Few,
    All,
    Order,
}

/// The table.
pub fn compare(options: &Options) -> Result<(), Failure> {
    let old = snapshot(options.size())?;
    build()?;
    let text = 2.0 * size(&old)?;
    println!("{:.1} MB in both together, median of {} runs, whole processes", text, options.runs());
    println!(
        "{:<15}{:>10}{:>10}{:>8}{:>10}{:>12}{:>10}",
        "what changed", "parse s", "diff s", "ratio", "peak MB", "× the text", "code"
    );
    for (name, change) in LATER {
        let new = later(&old, change)?;
        let both = [old.display().to_string(), new.display().to_string()];
        let own = std::env::current_exe()?.display().to_string();
        let parse = [&[own.as_str(), "parse-both"][..], &[&both[0], &both[1]]].concat();
        let program = binary().display().to_string();
        let diff = [&[program.as_str(), "diff"][..], &[&both[0], &both[1], "--format", "json"]].concat();
        let (mut parsed, mut diffed) = (Vec::new(), Vec::new());
        // One round unmeasured, to warm the file cache.
        for round in 0..=options.runs() {
            let (one, other) = (measure::run(&parse)?, measure::run(&diff)?);
            if one.code != Some(0) || !matches!(other.code, Some(0 | 5)) {
                return Err(format!("{name}: ended with {:?} and {:?}", one.code, other.code).into());
            }
            if round > 0 {
                parsed.push(one);
                diffed.push(other);
            }
        }
        let seconds = |runs: &[measure::Run]| median(runs.iter().map(|run| run.seconds));
        let memory = median(diffed.iter().map(|run| run.megabytes));
        println!(
            "{name:<15}{:>10.3}{:>10.3}{:>8.2}{memory:>10.0}{:>12.2}{:>10}",
            seconds(&parsed),
            seconds(&diffed),
            seconds(&diffed) / seconds(&parsed),
            memory / text,
            diffed.last().and_then(|run| run.code).unwrap_or(-1)
        );
    }
    Ok(())
}

/// A process of its own: parses two snapshots, as `levelmark diff` would if it had to see all of both.
pub fn parse_both(old: &Path, new: &Path) -> Result<(), Failure> {
    let open = |path: &Path| Snapshot::open(path, Wanted::All).map_err(|error| error.to_string());
    let (old, new) = rayon::join(|| open(old), || open(new));
    std::mem::forget((old?, new?));
    Ok(())
}

/// The same tenant later. Each item stands on a line of its own.
fn later(old: &Path, change: Change) -> Result<PathBuf, Failure> {
    if change == Change::Nothing {
        return Ok(old.to_owned());
    }
    let word = match change {
        Change::Nothing => "same",
        Change::Few => "few",
        Change::All => "all",
        Change::Order => "order",
    };
    let path = old.with_file_name(format!("later-{word}.json"));
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&path)?);
    let mut held: Option<String> = None;
    let mut items = 0_usize;
    for line in BufReader::new(File::open(old)?).lines() {
        let line = line?;
        let item = line.starts_with("{\"") && !line.starts_with("{\"levelmark\"") && line.ends_with("},");
        if !item {
            if let Some(held) = held.take() {
                writeln!(out, "{held}")?;
            }
            writeln!(out, "{line}")?;
            continue;
        }
        items += 1;
        match change {
            Change::Few if items % 100 != 0 => writeln!(out, "{line}")?,
            Change::Nothing | Change::Few | Change::All => writeln!(out, "{}", touched(&line))?,
            Change::Order => match held.take() {
                None => held = Some(line),
                Some(held) => writeln!(out, "{line}\n{held}")?,
            },
        }
    }
    out.flush()?;
    fs::metadata(&path)?;
    Ok(path)
}

/// An item with one property more and, where it has one, another truth value.
fn touched(line: &str) -> String {
    let line = line.replacen("true", "false", 1);
    format!("{{\"note\":\"seen again\",{}", line.trim_start_matches('{'))
}
