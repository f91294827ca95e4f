//! What is around every page: the style sheet and the script, and the content security policy that
//! allows exactly these two. Comes in: nothing. Goes out: constants and hashes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Style, script and the policy that allows them.
#[derive(Debug)]
pub(super) struct Shell {
    pub style: String,
    pub script: String,
    /// Value of the `Content-Security-Policy` meta element.
    pub policy: String,
}

impl Shell {
    /// The report's.
    pub fn new() -> Self {
        let (style, script) = (inlined(include_str!("style.css")), inlined(include_str!("script.js")));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action \
             'none'",
            hash(&style),
            hash(&script)
        );
        Self { style, script, policy }
    }
}

/// As a browser will hash it: with plain line breaks, also when a checkout made them CRLF, and without
/// the indentation that only we read.
fn inlined(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Base64 of the SHA-256 (CSP level 3, section 2.3.1).
fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}
