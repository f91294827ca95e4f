//! `trend`: stored results of one tenant over time. Reads them, refuses strangers, prints.

use std::path::{Path, PathBuf};

use miette::miette;

use crate::cli::{Trend as Args, TrendFormat};
use crate::commands::results;
use crate::exit;
use crate::report::model::Report;
use crate::report::text::Volume;
use crate::report::{html, trend};
use crate::run::{Result, Terminal};

use super::inputs;

/// Prints it.
///
/// # Errors
/// Not a result, or results of several tenants.
pub fn run(args: &Args, terminal: &Terminal) -> Result<u8> {
    let mut read: Vec<(PathBuf, Report)> = Vec::new();
    for path in files(&args.results)? {
        let report = results::read(&path)?;
        read.push((path, report));
    }
    of_one_tenant(&read)?;
    let reports: Vec<Report> = read.into_iter().map(|(_, report)| report).collect();
    let trend = trend::of(&reports);
    match args.format {
        TrendFormat::Text => terminal.print(&trend::render(&trend, terminal.style(Volume::Normal)))?,
        TrendFormat::Json => terminal.print_json(&trend)?,
        TrendFormat::Html => {
            let options = html::Options { client: args.client.clone(), ..html::Options::default() };
            terminal.print(&html::trend::render(&trend, &options)?)?;
        }
    }
    Ok(exit::MET)
}

/// The files; of a folder those that end in `.json`, by name.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let told = |error: std::io::Error| inputs::unreadable(path, &error);
        let mut inside = Vec::new();
        for entry in std::fs::read_dir(path).map_err(told)? {
            let file = entry.map_err(told)?.path();
            if file.is_file() && file.extension().is_some_and(|ending| ending == "json") {
                inside.push(file);
            }
        }
        if inside.is_empty() {
            return Err(miette!(
                code = "levelmark::trend::nothing",
                help = "keep what `levelmark check --report json=results/DATE.json` writes in one folder",
                "{} holds no results",
                path.display()
            ));
        }
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

/// A result at `--detail summary` does not say whose it is.
fn of_one_tenant(read: &[(PathBuf, Report)]) -> Result<()> {
    let mut first: Option<(&Path, &str)> = None;
    for (path, report) in read {
        let id = report.snapshot.tenant.id.as_str();
        match first {
            _ if id.is_empty() => {}
            None => first = Some((path, id)),
            Some((_, of)) if of.eq_ignore_ascii_case(id) => {}
            Some((earlier, of)) => {
                return Err(miette!(
                    code = "levelmark::trend::tenant",
                    help = "a trend is of one tenant: give the results of each a folder of its own",
                    "{} is of tenant {of}, {} of tenant {id}",
                    earlier.display(),
                    path.display()
                ));
            }
        }
    }
    Ok(())
}
