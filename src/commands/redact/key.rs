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
/// There is none, or it is no key.
pub fn read(file: Option<&Path>, terminal: &Terminal) -> Result<Key> {
    let (name, bytes) = match file {
        Some(path) => {
            let bytes = inputs::bytes(path)?;
            if bytes.len() > MOST {
                return Err(miette!(
                    code = "levelmark::redact::key",
                    "{} is too long for a key",
                    path.display()
                ));
            }
            (path.display().to_string(), bytes)
        }
        None => (VARIABLE.to_owned(), variable(terminal)?),
    };
    let key = Key::parse(&bytes)?;
    for note in file.and_then(open_to_others).into_iter().chain(weak(&name, &bytes)) {
        terminal.tell(&format!("note: {note}"));
    }
    Ok(key)
}

/// What the environment has.
fn variable(terminal: &Terminal) -> Result<Vec<u8>> {
    let wanted = format!(
        "name a file with --key-file FILE, or set {VARIABLE}; `levelmark redact --new-key FILE` makes a key"
    );
    let what = match terminal.raw_variable(VARIABLE) {
        Some(Ok(text)) if !text.is_empty() => return Ok(text.into_bytes()),
        Some(Ok(_)) => format!("{VARIABLE} is set, and empty"),
        Some(Err(_)) => format!("{VARIABLE} is set, and is not text"),
        None => "none is given".to_owned(),
    };
    Err(miette!(code = "levelmark::redact::key", help = wanted, "pseudonyms need a key: {what}"))
}

/// Whether others than its owner may read a key.
#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let name = path.display();
    (mode & 0o077 != 0).then(|| {
        format!(
            "others than its owner may use {name} (mode {mode:03o}): `chmod 600 {name}` keeps the key to you"
        )
    })
}

/// Elsewhere files have no mode.
#[cfg(not(unix))]
fn open_to_others(_path: &Path) -> Option<String> {
    None
}

/// Whether it is not as `--new-key` makes it: then nobody knows how hard it is to guess.
fn weak(name: &str, bytes: &[u8]) -> Option<String> {
    let digits = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
    let made = digits.len() == 2 * BYTES && digits.iter().all(u8::is_ascii_hexdigit);
    (!made).then(|| {
        format!(
            "the key of {name} is not 64 hexadecimal digits: one that can be guessed undoes every pseudonym. It needs 128 random bits at least; \
             `levelmark redact --new-key FILE` makes one of 256"
        )
    })
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
