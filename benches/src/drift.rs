//! `levelmark diff` beside the parsing of both snapshots, in one run: what differs alone, and with what that does to
//! the verdict, for which both are evaluated. Comes in: a size. Goes out: a table. The later snapshot is the earlier one with something changed: in one item of a hundred, in every item, or in none
//! but in another order. Not here: what is generated (`tenant`).

use std::fs::File;
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
        "{:<15}{:>9}{:>9}{:>7}{:>9}{:>12}{:>12}{:>7}{:>9}",
        "what changed",
        "parse s",
        "diff s",
        "ratio",
        "peak MB",
        "× the text",
        "effects s",
        "ratio",
        "peak MB"
    );
    for (name, change) in LATER {
        let new = later(&old, change)?;
        let both = [old.display().to_string(), new.display().to_string()];
        let own = std::env::current_exe()?.display().to_string();
        let parse = [&[own.as_str(), "parse-both"][..], &[&both[0], &both[1]]].concat();
        let program = binary().display().to_string();
        let effects = [&[program.as_str(), "diff"][..], &[&both[0], &both[1], "--format", "json"]].concat();
        let diff = [effects.as_slice(), &["--no-effect"]].concat();
        let (mut parsed, mut diffed, mut judged) = (Vec::new(), Vec::new(), Vec::new());
        // One round unmeasured, to warm the file cache.
        for round in 0..=options.runs() {
            let (one, other, third) = (measure::run(&parse)?, measure::run(&diff)?, measure::run(&effects)?);
            let codes = (one.code, other.code, third.code);
            if !matches!(codes, (Some(0), Some(0 | 5), Some(0 | 5))) {
                return Err(format!("{name}: ended with {codes:?}").into());
            }
            if round > 0 {
                parsed.push(one);
                diffed.push(other);
                judged.push(third);
            }
        }
        let seconds = |runs: &[measure::Run]| median(runs.iter().map(|run| run.seconds));
        let memory = |runs: &[measure::Run]| median(runs.iter().map(|run| run.megabytes));
        let (parse, diff, effects) = (seconds(&parsed), seconds(&diffed), seconds(&judged));
        let peak = memory(&diffed);
        println!(
            "{name:<15}{parse:>9.3}{diff:>9.3}{:>7.2}{peak:>9.0}{:>12.2}{effects:>12.3}{:>7.2}{:>9.0}",
            diff / parse,
            peak / text,
            effects / parse,
            memory(&judged)
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
    let mut lines = BufReader::new(File::open(old)?).lines().collect::<Result<Vec<_>, _>>()?;
    let is_item = |line: &String| line.starts_with("{\"") && !line.starts_with("{\"levelmark\"");
    let items: Vec<usize> = (0..lines.len()).filter(|at| is_item(&lines[*at])).collect();
    match change {
        Change::Nothing => {}
        Change::Few => items.iter().step_by(100).for_each(|at| lines[*at] = touched(&lines[*at])),
        Change::All => items.iter().for_each(|at| lines[*at] = touched(&lines[*at])),
        // Two neighbours each; the last of a section closes it, and stays.
        Change::Order => {
            let mut at = 0;
            while at + 2 < lines.len() {
                match (at..at + 3).all(|at| is_item(&lines[at])) {
                    true => lines.swap(at, at + 1),
                    false => {}
                }
                at += 2;
            }
        }
    }
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&path)?);
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    out.flush()?;
    Ok(path)
}

/// An item with one property more and, where it has one, another truth value.
fn touched(line: &str) -> String {
    let line = line.replacen("true", "false", 1);
    format!("{{\"note\":\"seen again\",{}", line.trim_start_matches('{'))
}
