//! `bundle` and `verify`: a result with all that it rests on, and evaluating that again. Both evaluate what
//! is in the bundle and nothing else, so that what was packed is what will be verified. Not here: archives
//! (`bundle`).

mod gather;
mod rerun;
mod show;

use miette::miette;

use crate::bundle::compare::{self, Comparison};
use crate::bundle::unpack::Unpacked;
use crate::bundle::{RESULT, pack as packing};
use crate::cli::{Bundle, Verify};
use crate::exit;
use crate::report::model::Report;
use crate::run::{Result, Terminal};
use crate::terminal;

use super::inputs;

use gather::other_policies;

/// Packs a result that its inputs give again.
///
/// # Errors
/// Inputs that can't be read or packed.
pub fn pack(args: &Bundle, terminal: &Terminal) -> Result<u8> {
    let given = inputs::bytes(&args.result)?;
    let result = result(&given, &args.result.display().to_string())?;
    let gathered = gather::gather(args, &given, &result)?;
    let again = rerun::rerun(gathered.stage.folder(), &gathered.manifest.options)?;
    let comparison = compared(&given, &result.tool, &again)?;
    if !comparison.same {
        terminal.tell(&show::refused(args, (&result, &again), &comparison));
        return Ok(exit::NOT_MET);
    }
    let written = gathered.stage.write(&gathered.manifest, &args.out)?;
    for left in &gathered.manifest.left_out {
        terminal.tell(&format!("left out: {}: {}", show::short(&left.evidence), left.why));
    }
    terminal.print(&show::packed(args, &result, (&gathered.manifest, &written)))?;
    Ok(exit::MET)
}

/// Evaluates a bundle again.
///
/// # Errors
/// What is no bundle; contents that can't be evaluated.
pub fn verify(args: &Verify, terminal: &Terminal) -> Result<u8> {
    let unpacked = Unpacked::open(&args.bundle)?;
    let other = other_policies(&unpacked.manifest)?;
    let mut verified = show::Verified::of(&args.bundle, &unpacked, other);
    // What is not what the manifest says is not worth evaluating.
    if unpacked.faults.is_empty() {
        let given = inputs::bytes(&unpacked.folder().join(RESULT))?;
        let result = result(&given, RESULT)?;
        let again = rerun::rerun(unpacked.folder(), &unpacked.manifest.options)?;
        let comparison = compared(&given, &result.tool, &again)?;
        verified.evaluated(&result, comparison);
    }
    if args.json {
        terminal.print_json(&verified)?;
    } else {
        terminal.print(&verified.text(&unpacked.manifest))?;
    }
    Ok(if verified.verified { exit::MET } else { exit::NOT_MET })
}

/// The result, byte for byte; who made it stands apart, since another version may come to the same.
fn compared(given: &[u8], tool: &str, again: &Report) -> Result<Comparison> {
    let again = Report { tool: tool.to_owned(), ..again.clone() };
    Ok(compare::compare(given, terminal::json(&again)?.as_bytes()))
}

fn result(bytes: &[u8], name: &str) -> Result<Report> {
    serde_json::from_slice(bytes).map_err(|error| {
        miette!(
            code = "levelmark::bundle::result",
            help = "a result is what `levelmark check --format json` printed, in UTF-8",
            "{name} is not a result: {error}"
        )
    })
}

/// SHA-256, hex.
fn sha256(bytes: &[u8]) -> String {
    packing::sha256(bytes)
}
