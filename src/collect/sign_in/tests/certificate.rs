//! Certificates: what is read, what is refused, what is signed.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use sha2::{Digest, Sha256};

use super::super::certificate::Certificate;
use super::*;

const AUDIENCE: &str = "https://login.example/t/oauth2/v2.0/token";

fn read(text: &str) -> Result<Certificate, SignInError> {
    let folder = tempfile::tempdir().unwrap();
    Certificate::read(&written(&folder, text))
}

/// PKCS#8 of a 2048-bit RSA key is 26 bytes longer than its PKCS#1.
fn pkcs1() -> String {
    pem::encode(&pem::Pem::new("RSA PRIVATE KEY", &PAIR.key.serialize_der()[26..]))
}

/// Checks the signature with the public key, and gives header and claims.
pub(super) fn verified(assertion: &str, audience: &str) -> (jsonwebtoken::Header, Value) {
    let mut validation = Validation::new(Algorithm::PS256);
    validation.set_audience(&[audience]);
    validation.validate_nbf = true;
    let key = DecodingKey::from_rsa_der(PAIR.key.public_key_raw());
    let token = jsonwebtoken::decode::<Value>(assertion, &key, &validation).unwrap();
    (token.header, token.claims)
}

#[test]
fn an_assertion_is_what_entra_asks_for() {
    let now = clock().now();
    for key in [PAIR.key.serialize_pem(), pkcs1()] {
        let other = pair().certificate.pem();
        let certificate = read(&format!("{other}\n{key}\n{}", PAIR.certificate.pem())).unwrap();
        let assertion = certificate.assertion(CLIENT, AUDIENCE, now).unwrap();
        let (header, claims) = verified(&assertion, AUDIENCE);
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(PAIR.certificate.der()));
        assert_eq!(header.typ.as_deref(), Some("JWT"));
        assert_eq!(header.x5t_s256, Some(thumbprint));
        assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some(CLIENT), Some(CLIENT)));
        let (nbf, iat, exp) = (claims["nbf"].as_i64(), claims["iat"].as_i64(), claims["exp"].as_i64());
        assert_eq!((nbf, iat, exp), (Some(now.timestamp()), nbf, nbf.map(|at| at + 600)));
        let id = claims["jti"].as_str().unwrap();
        assert!(id.len() == 36 && &id[14..15] == "4" && "89ab".contains(&id[19..20]), "{id}");
        let again = certificate.assertion(CLIENT, AUDIENCE, now).unwrap();
        assert_ne!(verified(&again, AUDIENCE).1["jti"], claims["jti"]);
    }
}

#[test]
fn what_cannot_sign_in_is_said() {
    let certificate = PAIR.certificate.pem();
    let encrypted = pem::encode(&pem::Pem::new("ENCRYPTED PRIVATE KEY", b"0".as_slice()));
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    let curve = KeyPair::generate().unwrap().serialize_pem();
    let sec1 = pem::encode(&pem::Pem::new("EC PRIVATE KEY", b"0".as_slice()));
    let damaged = pem::encode(&pem::Pem::new("RSA PRIVATE KEY", [0x30, 0x82, 0xff].as_slice()));
    for (text, said) in [
        (certificate.clone(), "no private key"),
        (PAIR.key.serialize_pem(), "no certificate"),
        (format!("{certificate}{encrypted}"), "encrypted"),
        (format!("{certificate}{old}"), "encrypted"),
        (format!("{certificate}{curve}"), "no RSA key"),
        (format!("{certificate}{sec1}"), "no RSA key"),
        (format!("{certificate}{damaged}"), "damaged"),
        (format!("{certificate}{}", pair().key.serialize_pem()), "another certificate"),
        ("no PEM".to_owned(), "no private key"),
        ("-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----".to_owned(), "PEM"),
    ] {
        let error = read(&text).unwrap_err();
        assert!(shown(&error).contains(said), "{error}");
        assert!(error.help.is_some());
    }
}

#[test]
fn a_certificate_shows_its_thumbprint_alone() {
    let certificate = read(&format!("{}{}", PAIR.key.serialize_pem(), PAIR.certificate.pem())).unwrap();
    let text = format!("{certificate:?}");
    assert!(text.contains(&certificate.thumbprint_hex()) && certificate.thumbprint_hex().len() == 64);
    assert_quiet(&text);
}
