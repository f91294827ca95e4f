//! Collecting as a step of the Action: what `levelmark collect` does, in the same process. Comes in: an order.
//! Goes out: a snapshot in its place. Not here: whether it may be collected at all (`gate`).

use super::inputs::{Collection, Order};
use super::said::Said;
use crate::run::Result;
use crate::terminal::Terminal;

/// Collects; gives the exit code of `collect`.
///
/// # Errors
/// As `collect`, and in a program that was built without it.
#[cfg(feature = "collect")]
pub(super) fn collect(
    order: &Order,
    collection: &Collection,
    said: &Said,
    quiet: bool,
    terminal: &Terminal,
) -> Result<u8> {
    use clap::Parser;

    use crate::cli::{Cli, Command};

    let mut arguments = vec!["levelmark".to_owned(), "collect".to_owned(), into(order)];
    let mut option = |name: &str, value: &Option<String>| {
        arguments.extend(value.iter().map(|value| format!("--{name}={value}")));
    };
    option("tenant", &collection.tenant);
    option("client-id", &collection.client);
    option("cloud", &collection.cloud);
    arguments.extend(collection.include.iter().map(|section| format!("--include={section}")));
    arguments.extend(said.policies.iter().map(|folder| format!("--policies={}", folder.display())));
    // A configuration that does not count must not say either whom is asked about: then an empty one does.
    let empty = tempfile::Builder::new().suffix(".yaml").tempfile().map_err(miette::Report::from_err)?;
    std::fs::write(empty.path(), "params: {}\n").map_err(miette::Report::from_err)?;
    let config = said.config.as_deref().unwrap_or(empty.path());
    arguments.push(format!("--config={}", config.display()));
    if quiet {
        arguments.push("--quiet".to_owned());
    }
    let parsed = Cli::try_parse_from(arguments).map_err(|error| {
        miette::miette!(code = "levelmark::action::collect", "{}", error.render().to_string().trim_end())
    })?;
    match parsed.command {
        Command::Collect(args) => crate::commands::collect::run(&args, terminal),
        _ => Err(miette::miette!("`collect` was not understood")),
    }
}

/// What is there is brought up to date, so that imported and declared sections stay; else it is new, and in
/// the tenant folder.
#[cfg(feature = "collect")]
fn into(order: &Order) -> String {
    let path = &order.snapshot;
    match crate::commands::folder::snapshot_in(path) {
        Ok(_) if path.exists() => format!("--into={}", path.display()),
        Ok(_) => format!("--out={}", path.display()),
        Err(_) => format!("--out={}", path.join("snapshot").display()),
    }
}

/// Without the collector there is none.
///
/// # Errors
/// Always.
#[cfg(not(feature = "collect"))]
pub(super) fn collect(_: &Order, _: &Collection, _: &Said, _: bool, _: &Terminal) -> Result<u8> {
    Err(miette::miette!(
        code = "levelmark::action::collect",
        help = "build it with the feature `collect`, which is on by default",
        "this program was built without the collector"
    ))
}
