//! The key of `redact`: read from a file or the environment, made where none is. It is never printed.

use std::io::Write as _;
use std::path::Path;

use miette::miette;

use crate::redact::Key;
use crate::run::{Result, Terminal};

use super::super::inputs;

/// Where the environment has it.
pub const VARIABLE: &str = "LEVELMARK_REDACT_KEY";
/// Bytes of a new key.
const BYTES: usize = 32;
/// The longest file that may be one.
const MOST: usize = 4096;

/// The key: of the file if one is named, else of the environment.
///
/// # Errors
/// There is none, or it is too short.
pub fn read(file: Option<&Path>, terminal: &Terminal) -> Result<Key> {
    if let Some(path) = file {
        let bytes = inputs::bytes(path)?;
        if bytes.len() > MOST {
            return Err(miette!(code = "levelmark::redact::key", "{} is too long for a key", path.display()));
        }
        return Ok(Key::parse(&bytes)?);
    }
    let Some(text) = terminal.variable(VARIABLE) else {
        return Err(miette!(
            code = "levelmark::redact::key",
            help = "name a file with --key-file FILE, or set {VARIABLE}; `levelmark redact --new-key FILE` makes a key",
            "pseudonyms need a key"
        ));
    };
    Ok(Key::parse(text.as_bytes())?)
}

/// Makes a key and writes it into a new file that its owner alone may read.
///
/// # Errors
/// Something is there already, or the disk.
pub fn make(path: &Path) -> Result<()> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| miette!("the system gives no random numbers: {error}"))?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let told = |error: std::io::Error| {
        miette!(
            code = "levelmark::redact::key",
            help = "a key is never written over: what it redacted could not be compared any more",
            "{} can't be written: {error}",
            path.display()
        )
    };
    let mut file = options.open(path).map_err(told)?;
    writeln!(file, "{text}").and_then(|()| file.sync_all()).map_err(told)
}
