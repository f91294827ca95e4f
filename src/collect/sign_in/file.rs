//! Files that hold a secret. Comes in: a path. Goes out: its text, or why it cannot be one. Not here:
//! what the text means. No error shows what a file holds.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use super::SignInError;

/// More than any secret, certificate chain with key or federated token has.
const LIMIT: u64 = 64 * 1024;

/// The text of a small regular file, without blanks and line ends around it. A link to one is fine:
/// that is how Kubernetes mounts secrets.
pub(super) fn read(path: &Path, what: &str) -> Result<String, SignInError> {
    let wrong = |why: &str, help: &str| SignInError::new(format!("{what} {}: {why}", path.display()), help);
    let known = fs::metadata(path)
        .map_err(|error| wrong(&error.to_string(), "check the path, and who may read the file"))?;
    if !known.is_file() {
        return Err(wrong(
            "it is no regular file",
            "write it to a file that only you can read, and name that",
        ));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes))
        .map_err(|error| wrong(&error.to_string(), "check who may read the file"))?;
    if bytes.len() as u64 > LIMIT {
        return Err(wrong("it is larger than 64 KiB", "name the file that holds nothing else"));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        wrong(
            "it is no text",
            "a PFX is turned into PEM by: openssl pkcs12 -in FILE.pfx -out FILE.pem -noenc",
        )
    })?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(wrong("it is empty", "was it written before the secret existed?"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_secret_file_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        };
        assert_eq!(read(&file("good", b"\xef\xbb\xbfhush\r\n"), "client secret").unwrap(), "hush");
        for (path, said) in [
            (folder.path().join("missing"), "missing: "),
            (folder.path().to_owned(), "no regular file"),
            (file("empty", b"\n"), "empty"),
            (file("large", &vec![b'a'; 65_537]), "larger than 64 KiB"),
            (file("pfx", &[0x30, 0x82, 0xff]), "no text"),
        ] {
            let error = read(&path, "client secret").unwrap_err();
            assert!(error.what.starts_with("client secret ") && error.what.contains(said), "{}", error.what);
        }
    }
}
