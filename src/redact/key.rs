//! The key that pseudonyms depend on. Comes in: what an operator keeps secret. Goes out: keyed digests,
//! and a fingerprint that tells keys apart without telling them. Not here: where the key is kept.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Fewer characters are not taken.
pub const SHORTEST: usize = 32;
/// Fewer different characters are no secret.
const DIFFERENT: usize = 10;

/// A key. It is never shown, not even for debugging.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Key({})", self.fingerprint())
    }
}

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum KeyError {
    /// Too short.
    #[error("the key has {0} characters, at least {SHORTEST} are needed")]
    #[diagnostic(
        code(levelmark::redact::key),
        help("make one with `levelmark redact --new-key FILE` and keep it as you keep passwords")
    )]
    Short(usize),
    /// Always the same few characters.
    #[error("the key repeats {0} characters: whoever guesses it can undo every pseudonym")]
    #[diagnostic(
        code(levelmark::redact::key),
        help("make one with `levelmark redact --new-key FILE` and keep it as you keep passwords")
    )]
    Weak(usize),
    /// A file of another kind.
    #[error("the key has {0} lines, and a key is one")]
    #[diagnostic(
        code(levelmark::redact::key),
        help(
            "name the file that `levelmark redact --new-key FILE` made; a file with anything else in it is no key"
        )
    )]
    Lines(usize),
    /// No text.
    #[error("the key is not text")]
    #[diagnostic(
        code(levelmark::redact::key),
        help(
            "a key is a line of text, e.g. 64 hexadecimal digits; `levelmark redact --new-key FILE` makes one"
        )
    )]
    Bytes,
}

/// What a pseudonym is for: the same text as another kind of thing has another pseudonym.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Guid,
    Word,
    Address,
    Phone,
    Sid,
    Letters,
    Exact,
    Fingerprint,
}

impl Purpose {
    const fn tag(self) -> u8 {
        match self {
            Self::Guid => b'g',
            Self::Word => b'w',
            Self::Address => b'a',
            Self::Phone => b'p',
            Self::Sid => b's',
            Self::Letters => b'l',
            Self::Exact => b'x',
            Self::Fingerprint => b'f',
        }
    }
}

impl Key {
    /// Takes a key as a person keeps it: one line of text; blanks around it do not count.
    ///
    /// # Errors
    /// It is too short, too simple, or no text.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        let text = std::str::from_utf8(bytes).map_err(|_| KeyError::Bytes)?;
        let text = text.trim_start_matches('\u{feff}').trim();
        match text.lines().count() {
            0 | 1 => {}
            lines => return Err(KeyError::Lines(lines)),
        }
        let length = text.chars().count();
        if length < SHORTEST {
            return Err(KeyError::Short(length));
        }
        let different = text.chars().collect::<std::collections::BTreeSet<_>>().len();
        if different < DIFFERENT {
            return Err(KeyError::Weak(different));
        }
        // HMAC takes keys of any length.
        Hmac::new_from_slice(text.as_bytes()).map(Self).map_err(|_| KeyError::Bytes)
    }

    /// HMAC-SHA-256 of a text for a purpose.
    pub(super) fn digest(&self, purpose: Purpose, text: &str) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(&[b'1', purpose.tag()]);
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Eight hexadecimal digits that tell this key from others.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = self.digest(Purpose::Fingerprint, "");
        digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_long_and_not_simple() {
        let key = |text: &str| Key::parse(text.as_bytes()).map(|key| key.fingerprint());
        assert_eq!(key("0123456789abcdef"), Err(KeyError::Short(16)));
        assert_eq!(key(""), Err(KeyError::Short(0)));
        assert_eq!(key(&"ab".repeat(40)), Err(KeyError::Weak(2)));
        assert_eq!(key(&format!("{}\n{}", "0123456789abcdef".repeat(2), "x")), Err(KeyError::Lines(2)));
        assert_eq!(Key::parse(&[0xff; 64]).unwrap_err(), KeyError::Bytes);
        let one = key("0123456789abcdef0123456789abcdef").unwrap();
        assert_eq!(key(" 0123456789abcdef0123456789abcdef\r\n").unwrap(), one);
        assert_ne!(key("0123456789abcdef0123456789abcdeF").unwrap(), one);
        assert_eq!(one.len(), 8);
    }

    #[test]
    fn a_key_is_not_shown() {
        let text = "correct horse battery staple, twice over";
        let key = Key::parse(text.as_bytes()).unwrap();
        assert_eq!(format!("{key:?}"), format!("Key({})", key.fingerprint()));
    }

    /// HMAC-SHA-256 of `1walex`, as OpenSSL computes it: the same key and text give the same digest on every
    /// machine and in every version.
    #[test]
    fn digests_never_change() {
        let key = Key::parse(b"0123456789abcdef0123456789abcdef").unwrap();
        let hex: String =
            key.digest(Purpose::Word, "alex").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "da9212f13e450376bcb24da8bcc28784dcf1dd0e26ca8f206051952c561b1727");
        assert_ne!(key.digest(Purpose::Word, "alex"), key.digest(Purpose::Guid, "alex"));
    }
}
