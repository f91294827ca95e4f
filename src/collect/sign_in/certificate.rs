//! A certificate with its key, and the assertion that it signs. Comes in: a PEM file. Goes out: a JWT
//! that says "I am this application", good for ten minutes. Not here: exchanging it for a token.

use std::fmt::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{SignInError, file};

/// How long an assertion is good: it is used at once, and clocks differ.
const LIFE: TimeDelta = TimeDelta::minutes(10);

const PEM_WANTED: &str = "the file holds the certificate and its key in PEM: a block BEGIN CERTIFICATE and a block \
BEGIN PRIVATE KEY; a PFX is turned into that by: openssl pkcs12 -in FILE.pfx -out FILE.pem -noenc";

/// A certificate with its key. `Debug` shows the thumbprint alone.
#[derive(Clone)]
pub struct Certificate {
    /// The file it came from.
    pub file: PathBuf,
    key: EncodingKey,
    thumbprint: [u8; 32],
}

/// What an assertion says: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>.
#[derive(Serialize)]
struct Statement<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: String,
    nbf: i64,
    iat: i64,
    exp: i64,
}

impl Certificate {
    /// Reads a PEM file.
    ///
    /// # Errors
    /// No readable file, no certificate, no key, a key that is encrypted, not RSA or not the certificate's.
    pub(super) fn read(path: &Path) -> Result<Self, SignInError> {
        let text = file::read(path, "certificate")?;
        let wrong =
            |why: &str, help: &str| SignInError::new(format!("certificate {}: {why}", path.display()), help);
        // The parser's own error could quote the text.
        let blocks = pem::parse_many(&text).map_err(|_| wrong("it is damaged PEM", PEM_WANTED))?;
        let key = blocks.iter().find(|block| block.tag().ends_with("PRIVATE KEY"));
        let key = key.ok_or_else(|| wrong("it holds no private key", PEM_WANTED))?;
        if key.tag() == "ENCRYPTED PRIVATE KEY" || key.headers().get("Proc-Type").is_some() {
            return Err(wrong(
                "its key is encrypted",
                "decrypt it with: openssl pkey -in FILE.pem -out KEY.pem, and put certificate and key into one file that only you can read",
            ));
        }
        let der = rsa_key(key.tag(), key.contents()).ok_or_else(|| {
            wrong(
                "its key is no RSA key",
                "Entra takes assertions that an RSA key has signed: make a certificate with one",
            )
        })?;
        let modulus = modulus(der).ok_or_else(|| wrong("its key is damaged", PEM_WANTED))?;
        let mut certificates = blocks.iter().filter(|block| block.tag() == "CERTIFICATE").peekable();
        if certificates.peek().is_none() {
            return Err(wrong("it holds no certificate", PEM_WANTED));
        }
        // A chain may come in any order; ours is the one with our public key in it.
        let own = certificates.find(|block| holds(block.contents(), modulus)).ok_or_else(|| {
            wrong(
                "its key belongs to another certificate",
                "put the certificate and the key that were made together into the file",
            )
        })?;
        Ok(Self {
            file: path.to_owned(),
            key: EncodingKey::from_rsa_der(der),
            thumbprint: Sha256::digest(own.contents()).into(),
        })
    }

    /// An assertion that `client` makes to the address `audience`.
    pub(super) fn assertion(
        &self,
        client: &str,
        audience: &str,
        now: DateTime<Utc>,
    ) -> Result<String, SignInError> {
        let header = Header {
            x5t_s256: Some(URL_SAFE_NO_PAD.encode(self.thumbprint)),
            ..Header::new(Algorithm::PS256)
        };
        let statement = Statement {
            aud: audience,
            iss: client,
            sub: client,
            jti: random_guid()?,
            nbf: now.timestamp(),
            iat: now.timestamp(),
            exp: now.checked_add_signed(LIFE).unwrap_or(now).timestamp(),
        };
        jsonwebtoken::encode(&header, &statement, &self.key).map_err(|_| {
            SignInError::new(
                format!("certificate {}: its key does not sign", self.file.display()),
                "Entra takes RSA keys of 2048 bits or more",
            )
        })
    }

    /// SHA-256 of the certificate, as portals and tools write it.
    pub(super) fn thumbprint_hex(&self) -> String {
        let mut hex = String::with_capacity(64);
        for byte in self.thumbprint {
            let _ = write!(hex, "{byte:02X}"); // a String takes everything
        }
        hex
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Certificate").field("sha256", &self.thumbprint_hex()).finish_non_exhaustive()
    }
}

/// 1.2.840.113549.1.1.1, rsaEncryption.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// The PKCS#1 key (RFC 8017, A.1.2) in a PEM block; PKCS#8 (RFC 5208) wraps it.
fn rsa_key<'d>(tag: &str, der: &'d [u8]) -> Option<&'d [u8]> {
    match tag {
        "RSA PRIVATE KEY" => Some(der),
        "PRIVATE KEY" => {
            let (_, info, _) = element(der)?;
            let (_, _version, rest) = element(info)?;
            let (_, algorithm, rest) = element(rest)?;
            let (_, oid, _) = element(algorithm)?;
            let (_, key, _) = element(rest)?;
            (oid == RSA).then_some(key)
        }
        _ => None,
    }
}

/// The modulus of a PKCS#1 key, as it is written in its certificate, too.
fn modulus(der: &[u8]) -> Option<&[u8]> {
    let (_, key, _) = element(der)?;
    let (_, _version, rest) = element(key)?;
    let (_, modulus, _) = element(rest)?;
    (modulus.len() >= 64).then_some(modulus)
}

fn holds(certificate: &[u8], modulus: &[u8]) -> bool {
    memchr::memmem::find(certificate, modulus).is_some()
}

/// One DER element: tag, content, what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x0f))?;
            (bytes.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// RFC 9562, version 4.
fn random_guid() -> Result<String, SignInError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        SignInError::new(format!("the system has no random numbers: {error}"), "try again")
    })?;
    let number = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{number:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    Ok([part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-"))
}
